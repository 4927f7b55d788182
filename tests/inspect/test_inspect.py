"""Inspecting a study: everything at once, also when it is refused, and effects that are recomputed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from geoplan.cli import main

BOUNDS = {
    "451402001": ("太平街道", 107.30),
    "451402002": ("江南街道", 107.32),
}


def polygon(west: float) -> list[list[list[float]]]:
    east = west + 0.02
    return [[[west, 22.38], [east, 22.38], [east, 22.42], [west, 22.42], [west, 22.38]]]


def write_study(folder: Path, facilities: str, *, extra: str = "") -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"division_code": code, "name": name},
            "geometry": {"type": "Polygon", "coordinates": polygon(west)},
        }
        for code, (name, west) in BOUNDS.items()
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (folder / "divisions.geojson").write_text(text, encoding="utf-8")
    (folder / "facilities.csv").write_text(facilities, encoding="utf-8")
    (folder / "study.toml").write_text(
        f"""
[study]
name = "检查"
policy = "chongzuo-2021-2023"
as_of = 2023-12-31

[layers]
divisions = "divisions.geojson"
facilities = {{ path = "facilities.csv", crs = "WGS84" }}
{extra}
""",
        encoding="utf-8",
    )
    return folder


HEAD = "设施编号,设施名称,设施类型,运营状态,街道,服务功能,护理型床位,床位,经度,纬度\n"
FULL = "全托、日托、上门服务、技术支撑"


def inspect(folder: Path, *args: str) -> tuple[int, Any]:
    done = CliRunner().invoke(main, ["inspect", str(folder), "--json", "-", "--quiet", *args])
    assert done.stdout, done.output
    return done.exit_code, json.loads(done.stdout)


def effect(document: Any, code: str) -> Any:
    (found,) = (each for each in document["effects"] if each["code"] == code)
    return found


def test_a_facility_written_twice_is_found_and_its_effect_recomputed(tmp_path: Path) -> None:
    rows = (
        "F1,福寿养老院,养老机构,运营,太平街道,,60,100,107.31,22.40\n"
        "F2,福寿养老院,养老机构,运营,太平街道,,60,100,107.31,22.40\n"
        "F3,康乐养老院,养老机构,运营,江南街道,,0,100,107.33,22.40\n"
    )
    code, document = inspect(write_study(tmp_path, HEAD + rows))
    assert code == 0
    assert {each["code"]: each["ids"] for each in document["defects"]} == {
        "SAME_PLACE": ["F1", "F2"],
        "SAME_NAME": ["F1", "F2"],
    }
    # 120 of 300 beds now, 60 of 200 without the second row.
    (move,) = effect(document, "SAME_NAME")["moves"]
    assert (move["indicator"], move["now"], move["low"], move["high"]) == (
        "nursing_bed_share", 40, 30, 30,
    )  # fmt: skip


def test_what_nobody_can_know_gives_a_range(tmp_path: Path) -> None:
    rows = (
        f"F1,太平中心,街道综合性养老服务中心,运营,太平街道,{FULL},,,107.31,22.40\n"
        f"F2,江南中心,街道综合性养老服务中心,,江南街道,{FULL},,,107.33,22.40\n"
    )
    _, document = inspect(write_study(tmp_path, HEAD + rows))
    found = effect(document, "STATUS_UNKNOWN")
    assert found["is_range"]
    moves = {each["indicator"]: each for each in found["moves"]}
    move = moves["jiedao_elder_center_coverage"]
    assert (move["low"], move["high"], move["verdicts"]) == (50, 100, ["FAIL", "PASS"])


def test_names_that_differ_by_a_letter_and_numbered_ones_that_do_not(tmp_path: Path) -> None:
    rows = (
        "F1,福寿康养老院,养老机构,运营,太平街道,,1,2,107.3100,22.40\n"
        "F2,福寿康养老苑,养老机构,运营,太平街道,,1,2,107.3105,22.40\n"
        "F3,一号驿站,养老驿站,运营,太平街道,,,,107.3110,22.40\n"
        "F4,二号驿站,养老驿站,运营,太平街道,,,,107.3115,22.40\n"
    )
    _, document = inspect(write_study(tmp_path, HEAD + rows))
    assert [each["ids"] for each in document["defects"] if each["code"] == "NEAR_NAME"] == [
        ["F1", "F2"]
    ]


def test_a_facility_outside_every_division_is_tried_in_the_nearest(tmp_path: Path) -> None:
    rows = (
        f"F1,太平中心,街道综合性养老服务中心,运营,太平街道,{FULL},,,107.31,22.40\n"
        f"F2,江南中心,街道综合性养老服务中心,运营,,{FULL},,,107.345,22.40\n"
    )
    _, document = inspect(write_study(tmp_path, HEAD + rows))
    (move,) = effect(document, "OUTSIDE_SCOPE")["moves"]
    assert (move["now"], move["low"], move["verdicts"]) == (50, 100, ["PASS"])


def test_when_one_layer_is_refused_the_others_are_still_looked_at(tmp_path: Path) -> None:
    rows = "F1,太平中心,街道综合性养老服务中心,运营,太平街道,,,,107.31,22.40\n"
    folder = write_study(
        tmp_path, HEAD + rows, extra='compounds = "compounds.csv"\nhomes = "homes.gpkg"'
    )
    (folder / "compounds.csv").write_text("名称,户数\n甲,10\n", encoding="utf-8")
    (folder / "homes.gpkg").write_bytes(b"cut off")
    code, document = inspect(folder)
    assert code == 2
    assert [each["where"] for each in document["problems"]] == [
        "compounds.csv (compounds)",
        "homes.gpkg (homes)",
    ]
    assert {each["layer"] for each in document["sources"]} == {"divisions", "facilities"}


def test_the_workbook_and_the_page_name_the_rows(tmp_path: Path) -> None:
    rows = (
        "F1,<script>alert(1)</script>,养老机构,运营,太平街道,,1,2,107.31,22.40\n"
        "F2,=1+1,养老机构,运营,火星街道,,1,2,107.33,22.40\n"
    )
    folder = write_study(tmp_path, HEAD + rows)
    assert inspect(folder)[0] == 0
    book = openpyxl.load_workbook(folder / "maps" / "inspect.xlsx")
    sheet = book["养老托育设施"]
    found = [row[:3] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert (3, "F2", "UNKNOWN_NAME") in found
    page = (folder / "maps" / "inspect.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_terminal_shows_one_page(tmp_path: Path, language: str) -> None:
    folder = write_study(tmp_path, HEAD + "F1,甲,养老机构,运营,太平街道,,1,2,107.31,22.40\n")
    done = CliRunner().invoke(main, ["inspect", str(folder), "--lang", language])
    assert done.exit_code == 0
    assert ("数据检查" if language == "zh" else "inspection") in done.output
    assert "facilities.csv" in done.output
