"""`geoplan init`: a study that can be filled in and is understood to the last column."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from geoplan.cli import main
from geoplan.layers.contracts import parser_of
from geoplan.layers.model import Layers
from geoplan.layers.read import read_layers
from geoplan.layers.tables.headings import canonical, match_headings
from geoplan.render.forms.new_study_columns import TABLES, template_columns
from geoplan.study import read_study

CHINESE = re.compile(r"[\u4e00-\u9fff]")
EVERY = (*TABLES, "phases")


def run(*args: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(each) for each in args])
    return done.exit_code, done.output


def new(folder: Path, *args: object) -> Path:
    code, told = run("init", folder, *args)
    assert code == 0, told
    return folder


@pytest.mark.parametrize("layer", EVERY)
def test_each_heading_means_its_field(layer: str) -> None:
    columns = template_columns(layer)
    matched = match_headings(
        [column.heading for column in columns], layer, where="", override={}, is_numeric=bool
    )
    assert not matched.problems
    assert not matched.remarks
    assert not matched.scale
    assert list(matched.columns) == [column.field for column in columns]
    assert [key for _, key in matched.headings] == [canonical(c.field, layer) for c in columns]


@pytest.mark.parametrize("layer", EVERY)
def test_each_word_to_choose_is_understood_and_means_something_else_than_the_others(
    layer: str,
) -> None:
    for column in template_columns(layer):
        read = [parser_of(column.field)(choice) for choice in column.choices]
        assert not [codes for _, codes in read if codes], column.heading
        assert len({str(value) for value, _ in read}) == len(read), column.heading


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_untouched_study_is_empty_and_sound(tmp_path: Path, language: str) -> None:
    folder = new(tmp_path / "新研究", "--lang", language)
    for command in ("inspect", "assess"):
        code, told = run(command, folder, "--format", "xlsx")
        assert code == 0, told
    layers = read_layers(read_study(folder))
    assert {source.rows_read for source in layers.sources} == {0}
    assert not [key for source in layers.sources for key in source.headings if not key[1]]
    text = (folder / "study.toml").read_text(encoding="utf-8")
    comments = [line for line in text.splitlines() if line.startswith("#")][:3]
    assert [bool(CHINESE.search(line)) for line in comments] == [language == "zh"] * 3


ROWS: dict[str, dict[str, Any]] = {
    "divisions": {"区划代码": "451402001", "街道名称": "太平街道", "类型": "街道"},
    "communities": {"社区编号": "451402001001", "社区名称": "壶兴社区", "城乡分类代码": "主城区"},
    "residential_communities": {"居住社区编号": "R1", "居住社区名称": "壶兴", "人口": 6000},
    "compounds": {"小区编号": "X1", "小区名称": "江景苑", "户数": 300, "建设类型": "新建"},
    "projects": {"项目编号": "P1", "项目名称": "江景二期", "规划户数": 800, "民政意见": "合格"},
    "phases": {"项目编号": "P1", "分期": "1", "户数": 400},
    "facilities": {
        "设施编号": "F1",
        "设施类型": "街道综合养老服务中心",
        "街道名称": "太平街道",
        "运营状态": "运营",
        "建筑面积": 812.35,
        "全托": "是",
        "开业时间": dt.datetime(2022, 5, 1),  # noqa: DTZ001 - Excel knows no zones
        "经度": 107.35,
        "纬度": 22.4,
    },
    "premises": {"房屋编号": "V1", "可用方式": "购置、租赁", "年租金": 12000},
    "homes": {"楼栋编号": "H1", "户数": 30, "常住人口": 90},
    "reported": {"指标编号": "nursing_bed_share", "截至日期": "2023-12-31", "数值": 55},
}


def fill(folder: Path, layer: str, row: dict[str, Any]) -> dict[str, Any]:
    """Write a row below the headings, each value under the heading that means the same."""
    path = folder / "data" / ("projects.xlsx" if layer == "phases" else f"{layer}.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1] if layer == "phases" else book.worksheets[0]
    columns = {column.field: at for at, column in enumerate(template_columns(layer), 1)}
    matched = match_headings(list(row), layer, where="", override={}, is_numeric=bool)
    for field, at in matched.columns.items():
        sheet.cell(2, columns[field], list(row.values())[at])
    book.save(path)
    return {field: list(row.values())[at] for field, at in matched.columns.items()}


def test_what_is_filled_in_is_read(tmp_path: Path) -> None:
    folder = new(tmp_path / "s", "--quiet")
    for layer, row in ROWS.items():
        assert len(fill(folder, layer, row)) == len(row), layer
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace('sheet = "养老托育设施"', 'sheet = "养老托育设施", crs = "EPSG:4490"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    layers: Layers = read_layers(read_study(folder))
    assert {source.layer for source in layers.sources} == set(EVERY)
    assert {(source.rows_read, source.rows_kept) for source in layers.sources} == {(1, 1)}
    assert not [key for source in layers.sources for key in source.headings if not key[1]]
    assert layers.facilities is not None
    (facility,) = layers.facilities.rows
    assert facility.facility_type == "jiedao_elder_center"
    assert facility.status == "operating"
    assert str(facility.floor_area_m2) == "812.35"
    assert facility.open_date == dt.date(2022, 5, 1)
    assert layers.divisions is not None
    assert layers.divisions.rows[0].kind == "jiedao"
    assert layers.communities is not None
    assert layers.communities.rows[0].urban_class == "111"
    assert layers.premises is not None
    assert set(layers.premises.rows[0].modes) == {"buy", "lease"}


def test_needed_columns_are_those_without_which_the_layer_is_refused() -> None:
    needed = {
        layer: [column.field for column in template_columns(layer) if column.is_needed]
        for layer in EVERY
    }
    assert needed["facilities"] == ["facility_type"]
    assert needed["divisions"] == ["division_code"]
    assert needed["reported"] == ["indicator_id", "as_of", "value"]
    assert needed["premises"] == []


def test_the_lists_stand_in_the_sheet_and_notes_beside_it(tmp_path: Path) -> None:
    folder = new(tmp_path / "s")
    book = openpyxl.load_workbook(folder / "data" / "facilities.xlsx")
    assert book.sheetnames == ["养老托育设施", "说明", "选项"]
    assert book["选项"].sheet_state == "hidden"
    columns = template_columns("facilities")
    rules = book.worksheets[0].data_validations.dataValidation
    assert len(rules) == len(columns)
    assert sum(rule.type == "list" for rule in rules) == sum(bool(c.choices) for c in columns) > 8
    for rule, column in zip(rules, columns, strict=True):
        assert rule.prompt, column.heading
        if column.choices:
            cells = book["选项"][rule.formula1.partition("!")[2].replace("$", "")]
            assert tuple(cell[0].value for cell in cells) == column.choices
    told = [row[0] for row in book["说明"].iter_rows(min_row=2, values_only=True)]
    assert told == [column.heading for column in columns]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "facilities.xlsx").write_bytes(b"mine")
    code, told = run("init", tmp_path, "--lang", "en")
    assert code == 2
    assert "facilities.xlsx" in told
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["facilities.xlsx"]
    folder = new(tmp_path / "s")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run("init", folder)[0] == 2
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_other_files_in_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.txt").write_text("mine", encoding="utf-8")
    new(tmp_path)
    assert (tmp_path / "data" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_a_file_and_a_policy_that_is_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("", encoding="utf-8")
    assert run("init", tmp_path / "s")[0] == 2
    assert run("init", tmp_path / "t", "--policy", "nowhere")[0] == 2
    assert not (tmp_path / "t").exists()


def test_the_same_bytes_twice_and_the_day_asked_for(tmp_path: Path) -> None:
    one = new(tmp_path / "a" / "s", "--as-of", "2022-06-30")
    other = new(tmp_path / "b" / "s", "--as-of", "2022-06-30")
    for path in one.rglob("*.*"):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes()
    assert read_study(one).as_of == dt.date(2022, 6, 30)
    assert read_study(new(tmp_path / "c")).as_of == dt.date(2023, 12, 31)
