"""What is not there is neither a gap nor a success: each layer of the sample missing or empty."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import geopandas
import jsonschema
import openpyxl
import pytest

from geoplan.assess.model import Assessment
from geoplan.render.documents.assessment import build_document
from geoplan.render.documents.json_values import dump_document, read_schema
from geoplan.render.outputs import write_gaps
from geoplan.render.paper.report import report_content
from geoplan.render.terminal.summary import gaps_text, summary_text
from geoplan.render.webmap.side_tables import headline
from geoplan.render.webmap.themes import list_measures
from geoplan.terms import terms
from geoplan.workflow import assess_study

REPOSITORY = Path(__file__).parents[2]
WALKED = ("homes", "roads", "gates")

# What each question of the sample needs, as a planner would say it.
NEEDS = {
    "nursing_bed_share": ["facilities"],
    "jiedao_elder_center_coverage": ["divisions", "facilities"],
    "childcare_places_per_1000": ["divisions", "facilities"],
    "rc_childcare_coverage": ["residential_communities", "facilities"],
    "county_infant_guidance_rate": ["divisions", "facilities"],
    "new_compound_compliance": ["projects"],
    "area_per_100_households": ["compounds", "facilities", "communities"],
}
LAYERS = sorted({layer for needed in NEEDS.values() for layer in needed})
# Where a layer is missing another may stand in for it (§9), or its question is asked elsewhere.
STANDS_IN = {("residential_communities", "missing"), ("communities", "missing")}
WAYS = ("missing", "headings only", "totals only")
RULE_OF = {
    "area_per_100_households": "area_per_100_households",
    "jiedao_elder_center": "jiedao_elder_center_coverage",
    "rc_childcare": "rc_childcare_coverage",
    "new_project_area": "new_compound_compliance",
}


def sample_without(layer: str, way: str, folder: Path) -> Path:
    """The sample study, walks left out, with one layer absent in some way."""
    shutil.copytree(REPOSITORY / "data", folder / "data")
    lines = (REPOSITORY / "study.toml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith((*WALKED, "reported"))]
    if way == "missing":
        kept = [line for line in kept if line.split("=")[0].strip() != layer]
    elif layer:
        _emptied(folder, layer, way)
    (folder / "study.toml").write_text("\n".join(kept), encoding="utf-8")
    return folder


def _emptied(folder: Path, layer: str, way: str) -> None:
    """Only the heading stays, or a row of totals that is no record."""
    path = next((folder / "data").rglob(f"{layer}.*"))
    if path.suffix == ".gpkg":
        frame = geopandas.read_file(path)
        rows = frame.iloc[:1].copy() if way == "totals only" else frame.iloc[:0]
        if len(rows):
            text = next(name for name in rows if rows[name].dtype.kind not in "ifb")
            rows[text] = "合计"
        path.unlink()
        rows.to_file(path, layer=layer, driver="GPKG")
    elif path.suffix == ".csv":
        heading = path.read_text(encoding="utf-8-sig").splitlines()[0]
        total = "合计" + "," * heading.count(",") if way == "totals only" else ""
        path.write_text(f"{heading}\n{total}\n", encoding="utf-8-sig")
    else:
        book = openpyxl.load_workbook(path)
        for sheet in book:
            sheet.delete_rows(2, sheet.max_row)
            if way == "totals only":
                sheet.cell(2, 1, "合计")
        book.save(path)


@cache
def judged(folder: Path) -> Assessment:
    return assess_study(folder)


def answer(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        dump_document(build_document(judged(folder), language="zh"))
    )
    return document


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return answer(sample_without("", "", tmp_path_factory.mktemp("whole") / "study"))


@cache
def _schema() -> Any:
    return json.loads(read_schema())


CASES = [(layer, way) for layer in LAYERS for way in WAYS if (layer, way) not in STANDS_IN]


@pytest.fixture(scope="module", params=CASES, ids=" ".join)
def absent(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str, dict[str, Any], Path]:
    layer, way = request.param
    folder = sample_without(layer, way, tmp_path_factory.mktemp("absent") / "study")
    return layer, way, answer(folder), folder


Absent = tuple[str, str, dict[str, Any], Path]


def test_what_needs_the_layer_has_no_verdict(absent: Absent) -> None:
    layer, way, document, _ = absent
    code = "LAYER_MISSING" if way == "missing" else "LAYER_EMPTY"
    for indicator in document["indicators"]:
        if layer in NEEDS.get(indicator["id"], ()):
            assert (indicator["verdict"], indicator["value"]) == ("NA", None), indicator["id"]
            assert code in indicator["codes"]
            assert indicator["reason"]
            for key in ("covered", "uncovered", "unknown", "variants"):
                assert not indicator[key], (indicator["id"], key)
            for key in ("numerator", "denominator", "need_more"):
                assert indicator[key] is None, (indicator["id"], key)
    if layer in NEEDS["area_per_100_households"]:
        judged_ = [each for each in document["units"] if each["codes"] != ["NOT_URBAN"]]
        assert {each["verdict"] for each in judged_} <= {"NA"}
        assert all(code in each["codes"] for each in judged_)
        for each in judged_:
            for key in ("provided_m2", "committed_m2", "planned_m2", "gap_m2"):
                assert each[key] is None, "a number of what is not there"
            assert layer != "compounds" or each["households"] is None


def test_no_gap_comes_of_what_is_not_there(absent: Absent, whole: dict[str, Any]) -> None:
    layer, _, document, _ = absent
    for gap in document["gaps"]:
        assert layer not in NEEDS[RULE_OF[gap["rule"]]], gap
    known = {(gap["unit_id"], gap["rule"], gap["kind"]) for gap in whole["gaps"]}
    official = [gap for gap in document["gaps"] if gap["official"]]
    assert {(gap["unit_id"], gap["rule"], gap["kind"]) for gap in official} <= known


def test_it_is_said_which_questions_are_left_open(absent: Absent) -> None:
    layer, way, document, _ = absent
    code = "LAYER_MISSING" if way == "missing" else "LAYER_EMPTY"
    open_ = {each["subject"] for each in document["not_judged"] if layer in each["layers"]}
    assert open_ == {subject for subject, needed in NEEDS.items() if layer in needed}
    remarks = [each for each in document["remarks"] if each["code"] == code]
    assert [each["layer"] for each in remarks] == [layer]
    assert "无法判断" in remarks[0]["detail"]
    jsonschema.validate(document, _schema())


def test_nothing_else_changes(absent: Absent, whole: dict[str, Any]) -> None:
    """Indicators that ask for other layers keep their value."""
    layer, _, document, _ = absent
    for now, before in zip(document["indicators"], whole["indicators"], strict=True):
        if layer not in NEEDS.get(now["id"], ()) and layer not in {"communities", "divisions"}:
            assert (now["value"], now["verdict"]) == (before["value"], before["verdict"])


def test_every_output_says_so(absent: Absent) -> None:
    """Text, map, Word and Excel name the layer and what it leaves open, and count nothing of it."""
    layer, _, _, folder = absent
    assessment = judged(folder)
    name = terms("layer")[layer].zh
    for text in (summary_text(assessment, "zh"), gaps_text(assessment, "zh"), _word(assessment)):
        assert any("无法判断" in line and name in line for line in text.splitlines())
    assert any("无法判断" in line and name in line for line in _excel(assessment, folder))
    tiles = {part["label"].partition("：")[0]: part for part in headline(assessment, "zh")}
    for subject, title in TILES.items():
        assert (tiles[title]["state"] == "open") == (layer in NEEDS[subject])
    if layer in NEEDS["area_per_100_households"]:
        assert "每百户面积：未判断" in summary_text(assessment, "zh")
        assert not [each for each in list_measures(assessment, "zh") if "ratio" in each["id"]]


TILES = {
    "jiedao_elder_center_coverage": "街道未覆盖",
    "rc_childcare_coverage": "居住社区缺托育",
    "area_per_100_households": "单元面积不足",
    "new_compound_compliance": "新建项目不达标",
}


def _word(assessment: Assessment) -> str:
    book = docx.Document(BytesIO(report_content(assessment)))
    cells = (cell.text for table in book.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(each.text for each in book.paragraphs), *cells])


def _excel(assessment: Assessment, folder: Path) -> list[str]:
    write_gaps(assessment, folder / "out", ("xlsx",), language="zh")
    book = openpyxl.load_workbook(folder / "out" / "gaps.xlsx", read_only=True)
    return [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    ]


def test_values_that_nobody_reported_name_their_layer(whole: dict[str, Any]) -> None:
    """The layer of reported values was left out of the sample here."""
    codes = [each["codes"] for each in whole["indicators"] if each["id"] not in NEEDS]
    assert codes
    assert all(each == ["LAYER_MISSING"] for each in codes)


def test_a_reported_total_stands_in_and_leaves_its_units_open(tmp_path: Path) -> None:
    folder = sample_without("facilities", "missing", tmp_path / "study")
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write('\nreported = "reported.csv"\n')
    (folder / "reported.csv").write_text(
        "indicator_id,as_of,value\n2,2023-12-31,100\n", encoding="utf-8"
    )
    document = answer(folder)
    (centers,) = (each for each in document["indicators"] if each["number"] == "2")
    assert (centers["value"], centers["verdict"]) == (100, "PASS")
    assert "REPORTED" in {each["code"] for each in document["remarks"]}
    (left,) = (each for each in document["not_judged"] if each["subject"] == centers["id"])
    assert "只有填报总值" in left["name"]


# ------------------------------------------------------------------------- the command line


def geoplan(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from geoplan.cli import main; main()", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``geoplan init`` makes, and nobody has filled in."""
    folder = tmp_path_factory.mktemp("init") / "study"
    assert geoplan("init", folder, cwd=REPOSITORY).returncode == 0
    return folder


@pytest.mark.parametrize("command", ["gaps", "comply"])
def test_an_untouched_study_is_not_judged(command: str, untouched: Path) -> None:
    done = geoplan(command, untouched, "--format", "csv", cwd=REPOSITORY)
    assert done.returncode == 4
    assert "无法判断" in done.stdout


def test_inspect_says_that_nothing_is_filled_in(untouched: Path) -> None:
    done = geoplan("inspect", untouched, cwd=REPOSITORY)
    assert done.returncode == 0
    assert "没有必须改正的问题" not in done.stdout
    assert "各图层都还没有填入数据" in done.stdout
    assert done.stdout.count("无法判断") >= len(LAYERS) - 1
    page = (untouched / "maps" / "inspect.html").read_text(encoding="utf-8")
    assert "没有必须改正的问题" not in page
    assert 'class="good"' not in page


def test_the_map_shows_no_green_nought(untouched: Path) -> None:
    assert geoplan("map", untouched, cwd=REPOSITORY).returncode == 0
    page = (untouched / "maps" / "map.html").read_text(encoding="utf-8")
    states = re.findall(r'"state": ?"(open|good|bad)"', page)
    assert states
    assert set(states) == {"open"}


def test_gaps_found_win_over_what_is_left_open(tmp_path: Path) -> None:
    folder = sample_without("compounds", "missing", tmp_path / "study")
    done = geoplan("gaps", folder, "--format", "csv", cwd=REPOSITORY)
    assert done.returncode == 3
    assert "无法判断" in done.stdout


STRICT = """project_id,planned_households,land_grant_date,land_clause,works_permit_date,\
permit_elder_m2,permit_childcare_m2,housing_start_date
P1,1000,2022-01-01,是,2022-05-01,150,150,2022-06-01
"""
PHASES = """project_id,phase,households,delivered_date
P1,1,400,2023-06-30
P1,2,600,
"""


def test_strict_makes_early_warnings_failures(tmp_path: Path) -> None:
    """400 of 1,000 homes are delivered and the rooms are not begun: no verdict yet, but a warning."""
    book = openpyxl.Workbook()
    for title, text in (("projects", STRICT), ("phases", PHASES)):
        sheet = book.create_sheet(title)
        for line in text.splitlines():
            sheet.append(line.split(","))
    book.remove(book.worksheets[0])
    book.save(tmp_path / "projects.xlsx")
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "新城"\npolicy = "chongzuo-2021-2023"\nas_of = 2023-12-31\n'
        '[layers]\nprojects = "projects.xlsx"\n',
        encoding="utf-8",
    )
    assert geoplan("comply", tmp_path, cwd=REPOSITORY).returncode == 0
    assert geoplan("comply", tmp_path, "--strict", cwd=REPOSITORY).returncode == 3
    one = ("comply", tmp_path, "--project", "P1")
    assert geoplan(*one, cwd=REPOSITORY).returncode == 0
    assert geoplan(*one, "--strict", cwd=REPOSITORY).returncode == 3
    assert geoplan("gaps", tmp_path, cwd=REPOSITORY).returncode == 4
    assert geoplan("gaps", tmp_path, "--strict", cwd=REPOSITORY).returncode == 3
