"""Tables: the same numbers in every format, the same bytes every time, no formula anywhere."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoplan.assess.judge import assess
from geoplan.layers.model import Layers
from geoplan.numbers import gap_text, number_text
from geoplan.render.documents.assessment import build_document
from geoplan.render.sheets.harmless import harmless, looks_like_formula, visible
from geoplan.render.sheets.table import NUMBERS, Kind, Table, settle_cell
from geoplan.render.sheets.workbook import fitted, row_points
from geoplan.render.tables.assessment import TABLES, write_tables
from geoplan.render.wording.view import view_of
from tests.assess.build import standard
from tests.render.town import NASTY, town

FORMATS = ("csv", "xlsx", "geojson", "gpkg")
MAPPED = ("coverage", "units", "facilities", "gaps", "projects")
SHEETS = [
    "指标", "覆盖情况", "小区与社区", "设施", "缺口", "新建项目", "步行可达（参考）", "步行距离与均衡（参考）",
    "备注", "数据来源", "口径说明",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables")
    write_tables(town(), path, FORMATS)
    return path


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    view = view_of(town(), "zh")
    return {name: build(view) for name, build in TABLES.items()}


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_files(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    expected = {f"{name}.csv" for name in TABLES} | {"测算结果.xlsx", "results.gpkg"}
    expected |= {f"{name}.geojson" for name in ("indicators", *MAPPED)}
    assert names == expected


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("geoplan.render.sheets.workbook.write_workbook", broken)
    with pytest.raises(MemoryError):
        write_tables(town(), tmp_path / "maps", FORMATS)
    assert list(tmp_path.iterdir()) == []


def test_the_files_written_are_named(tmp_path: Path) -> None:
    written = write_tables(town(), str(tmp_path / "maps"), ("csv",))
    assert written == sorted((tmp_path / "maps").iterdir())


def test_only_some_tables(tmp_path: Path) -> None:
    write_tables(town(), tmp_path, ("csv", "geojson", "gpkg"), only=("gaps",))
    assert {path.name for path in tmp_path.iterdir()} == {"gaps.csv", "gaps.geojson", "gaps.gpkg"}


# ----------------------------------------------------------------- the same in every format


@pytest.mark.parametrize("name", TABLES)
def test_csv_has_a_mark_windows_line_ends_and_english_keys(
    name: str, folder: Path, tables: dict[str, Table]
) -> None:
    content = (folder / f"{name}.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    rows = csv_rows(folder / f"{name}.csv")
    assert len(rows) == len(tables[name].rows)
    keys = [column.key for column in tables[name].columns]
    assert len(keys) == len(set(keys))
    assert all(key.isascii() for key in keys)


@pytest.mark.parametrize("name", ["indicators", *MAPPED])
def test_every_format_has_the_same_cells(name: str, folder: Path, tables: dict[str, Table]) -> None:
    table = tables[name]
    features = json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    meta, _, _, fields = pyogrio.raw.read(folder / "results.gpkg", layer=name)
    gpkg = dict(zip(meta["fields"], fields, strict=True))
    for number, row in enumerate(csv_rows(folder / f"{name}.csv")):
        for column, cell in zip(table.columns, table.rows[number], strict=True):
            text, plain = row[column.key], features[number]["properties"][column.key]
            if column.kind in NUMBERS and cell is not None:
                assert isinstance(cell, Decimal)
                assert Decimal(text) == cell
                assert Decimal(str(plain)) == cell
                assert float(gpkg[column.key][number]) == float(cell)
            elif cell is None:
                assert text == ""
                assert plain is None
            elif isinstance(cell, str):
                assert text == harmless(cell)
                assert plain == cell == gpkg[column.key][number]


def test_the_workbook_shows_the_same_cells(folder: Path, tables: dict[str, Table]) -> None:
    book = openpyxl.load_workbook(folder / "测算结果.xlsx")
    assert book.sheetnames == SHEETS
    for sheet, table in zip(book.worksheets, tables.values(), strict=True):
        shown = table.for_people()
        heading, *rows = sheet.iter_rows(values_only=True)
        assert list(heading) == [column.heading.zh for column in shown.columns]
        assert len(rows) == len(shown.rows)
        for row, cells in zip(rows, shown.rows, strict=True):
            for value, cell, column in zip(row, cells, shown.columns, strict=True):
                if isinstance(cell, Decimal):
                    assert Decimal(str(value)) == cell
                elif isinstance(cell, bool):
                    assert value == ("是" if cell else "否")
                elif isinstance(cell, date):
                    assert value == datetime.combine(cell, datetime.min.time())
                elif isinstance(cell, str) and cell:
                    assert value.replace("_x000D_", "\r") == cell
                elif column.kind is not Kind.LIST:
                    assert value in {None, cell}


def test_numbers_are_those_of_the_json(folder: Path) -> None:
    document = build_document(town())
    units = csv_rows(folder / "units.csv")
    assert len(units) == len(document["units"])
    for row, unit in zip(units, document["units"], strict=True):
        assert (row["unit_id"], row["kind"], row["verdict"]) == (
            unit["unit_id"], unit["kind"], unit["verdict"],
        )  # fmt: skip
        for key in ("required_m2", "provided_m2", "committed_m2", "planned_m2"):
            exact = unit[key]
            assert row[key] == ("" if exact is None else number_text(Fraction(str(exact))))
        for key in ("gap_m2", "gap_after_committed_m2"):
            exact = unit[key]
            assert row[key] == ("" if exact is None else gap_text(Fraction(str(exact))))
    for row, gap in zip(csv_rows(folder / "gaps.csv"), document["gaps"], strict=True):
        assert row["unit_id"] == gap["unit_id"]
        assert (row["gap"] == "") == (gap["gap"] is None)
        if gap["gap"] is not None:
            assert Decimal(row["gap"]) >= Decimal(str(gap["gap"]))
            assert Decimal(row["gap"]) - Decimal(str(gap["gap"])) < Decimal("0.01")
    for row, each in zip(csv_rows(folder / "indicators.csv"), document["indicators"], strict=True):
        assert (row["indicator_id"], row["display"]) == (each["id"], each["display"])
        assert (row["value"] == "") == (each["value"] is None)


def test_sums_of_rows_are_equal(folder: Path) -> None:
    document = build_document(town())
    for key in ("gap_m2", "provided_m2"):
        in_csv = sum(Decimal(row[key] or 0) for row in csv_rows(folder / "units.csv"))
        features = json.loads((folder / "units.geojson").read_text(encoding="utf-8"))["features"]
        in_geojson = sum(Decimal(str(each["properties"][key] or 0)) for each in features)
        in_json = sum(Fraction(str(each[key] or 0)) for each in document["units"])
        assert in_csv == in_geojson
        assert abs(in_json - Fraction(in_csv)) <= Fraction(len(features), 100)


def test_a_number_is_rounded_once() -> None:
    assert settle_cell(Fraction(295, 1000), Kind.PERCENT) == Decimal("0.30")
    assert settle_cell(Fraction(4, 1000), Kind.GAP) == Decimal("0.01")
    assert settle_cell(Fraction(1, 3), Kind.COUNT) == Decimal("0.33")
    assert settle_cell(None, Kind.AREA) is None


def test_rows_read_are_kept_or_set_aside(folder: Path) -> None:
    for row in csv_rows(folder / "sources.csv"):
        assert int(row["rows_read"]) == int(row["rows_kept"]) + int(row["rows_set_aside"])


def test_definitions_let_a_reader_derive_the_numbers(folder: Path) -> None:
    rows = csv_rows(folder / "definitions.csv")
    by_name = {row["name"]: row for row in rows}
    assert by_name["elder_rate_existing"]["value"] == "15"
    assert "每百户不低于15平方米" in by_name["elder_rate_existing"]["text"]
    assert by_name["elder_rate_new"]["note"].startswith("方案未给出")
    assert by_name["as_of"]["value"] == "2023-12-31"
    policy = town().standard.policy
    assert set(policy.parameters) <= set(by_name)
    assert set(policy.clauses) <= set(by_name)


# ----------------------------------------------------------------------------- no formula


@given(st.sampled_from(NASTY) | st.text())
def test_harmless_text_starts_no_formula(text: str) -> None:
    made = harmless(text)
    assert not looks_like_formula(made)
    assert made.endswith(visible(text))


def test_ordinary_words_are_left_alone() -> None:
    words = ("太平街道", "≥53", "/", "（江州区）", "2 / 3 × 100", "F1 太平中心", "'", "")
    assert [harmless(word) for word in words] == list(words)


def test_no_cell_of_the_csv_starts_a_formula(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        for row in csv_rows(path):
            assert not any(looks_like_formula(cell) for cell in row.values()), path
    names = {row["name"] for row in csv_rows(folder / "facilities.csv")}
    assert f"'{NASTY[3]}" in names


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "测算结果.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not any(cell.hyperlink for cell in cells)
    quoted = [cell for cell in cells if cell.value == NASTY[3]]
    assert quoted
    assert all(cell.quotePrefix for cell in quoted)


# ----------------------------------------------------------------------------- the sheets


def test_sheets_are_ready_to_read_and_print(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "测算结果.xlsx")
    for sheet in book:
        assert sheet.freeze_panes.endswith("2")
        assert sheet.auto_filter.ref is not None
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "截至 2023-12-31" in (sheet.oddHeader.right.text or "")
    assert book.properties.created == datetime(2023, 12, 31)  # noqa: DTZ001 - as Excel has it


def test_english_sheets(tmp_path: Path) -> None:
    write_tables(town(), tmp_path, ("xlsx", "csv"), language="en")
    book = openpyxl.load_workbook(tmp_path / "results.xlsx")
    assert book.sheetnames[0] == "indicators"
    words = {row["verdict"]: row["verdict_word"] for row in csv_rows(tmp_path / "units.csv")}
    assert words["FAIL"] == "fail"


def test_a_text_too_long_for_a_cell_says_so() -> None:
    assert fitted("甲" * 32_767, "zh") == "甲" * 32_767
    cut = fitted("甲" * 40_000, "zh")
    assert len(cut) == 32_767
    assert "CSV" in cut[-20:]


def test_a_row_is_as_high_as_its_text(tables: dict[str, Table]) -> None:
    columns = tables["remarks"].columns[:1]
    low, high = row_points(("短",), columns), row_points(("很长的说明" * 20,), columns)
    assert low < high <= 409


# -------------------------------------------------------------------------------- in a GIS


def test_geojson_is_in_degrees_with_rings_turned_right(folder: Path) -> None:
    for name in MAPPED:
        text = (folder / f"{name}.geojson").read_text(encoding="utf-8")
        for feature in json.loads(text)["features"]:
            if feature["geometry"] is None:
                continue
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            west, south, east, north = shape.bounds
            assert 107.3 < west <= east < 107.45
            assert 22.35 < south <= north < 22.45
            assert shapely.is_valid(shape)
            if shape.geom_type == "Polygon":
                assert shapely.is_ccw(shape.exterior)


def test_a_row_without_a_place_has_no_geometry(folder: Path) -> None:
    features = json.loads((folder / "facilities.geojson").read_text(encoding="utf-8"))["features"]
    by_id = {each["properties"]["facility_id"]: each["geometry"] for each in features}
    assert by_id["F8"] is None
    assert by_id["F1"]["type"] == "Point"


def test_the_geopackage_is_in_metres_with_every_table(folder: Path) -> None:
    path = folder / "results.gpkg"
    assert [name for name, _ in pyogrio.list_layers(path)] == list(TABLES)
    units = pyogrio.read_dataframe(path, layer="units")
    assert units.crs.to_epsg() == 4545
    x1 = units[units["unit_id"] == "X1"].iloc[0]
    assert (x1.gap_m2, x1.geometry.area) == (0.01, 10_000)
    facilities = pyogrio.read_dataframe(path, layer="facilities")
    assert str(facilities["open_date"].iloc[0])[:10] == "2020-05-01"
    assert facilities["open_date"].isna().any()
    assert facilities["counted_elder_m2"].isna().any()


def test_a_study_without_any_layer(tmp_path: Path) -> None:
    write_tables(assess(Layers(None), standard(), study="空"), tmp_path, FORMATS)
    assert csv_rows(tmp_path / "units.csv") == []
    assert len(csv_rows(tmp_path / "indicators.csv")) >= 16
    assert json.loads((tmp_path / "units.geojson").read_text(encoding="utf-8"))["features"] == []


# -------------------------------------------------------------------------- the same bytes


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


WRITE = """
import sys
from pathlib import Path
from tests.render.town import town
from geoplan.render.tables.assessment import write_tables
write_tables(town(), Path(sys.argv[1]), ("csv", "xlsx", "geojson", "gpkg"))
"""


def test_another_process_writes_the_same_bytes(
    repository: Path, folder: Path, tmp_path: Path
) -> None:
    env: dict[str, Any] = os.environ | {
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Shanghai",
        "PYTHONPATH": str(repository),
    }
    subprocess.run(
        [sys.executable, "-c", WRITE, tmp_path], env=env, cwd=tmp_path.parent, check=True
    )
    assert digests(tmp_path) == digests(folder)
