"""People's particulars never get past reading, wherever they stand."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from geoplan.cli import main
from geoplan.errors import DataError
from geoplan.layers.raw_table import Column, RawTable
from geoplan.layers.read import read_layers
from geoplan.layers.records.personal_particulars import (
    hide,
    is_identity_number,
    without_particulars,
)
from geoplan.layers.tables.headings import match_headings
from geoplan.study import read_study

CITIZEN = "11010519491231002X"  # the example of GB 11643-1999
MOBILE = "13912345678"
NAME = "欧阳小明"

STUDY = """
[study]
name = "个人信息"
policy = "chongzuo-2021-2023"
as_of = 2023-12-31

[layers]
facilities = {facilities}
"""


def study(folder: Path, rows: str, *, layer: str = '"f.csv"') -> Path:
    (folder / "study.toml").write_text(STUDY.format(facilities=layer), encoding="utf-8")
    (folder / "f.csv").write_text(rows, encoding="utf-8")
    return folder


ROWS = f"""设施编号,设施名称,设施类型,运营状态,护理型床位,服务社区,负责人,备用
F1,幸福院（联系人：{NAME} {MOBILE}）,elder_day_care_center,operating,{MOBILE}张,一社区,{NAME},{CITIZEN}
{CITIZEN},安康站,elder_service_station,请问{CITIZEN},x{MOBILE},{CITIZEN},{NAME},{MOBILE}
F3,１３９１２３４５６７８,{MOBILE},139 1234 5678,,,{NAME},
"""


@pytest.mark.parametrize("digit", "0123456789X")
def test_only_the_right_check_digit_makes_an_identity_number(digit: str) -> None:
    assert is_identity_number(CITIZEN[:17] + digit) == (digit == "X")


def test_a_number_without_a_day_of_birth_is_no_identity_number() -> None:
    assert not is_identity_number("110105194913310021")


@given(st.dates(), st.integers(0, 999), st.integers(110000, 659999))
def test_every_identity_number_is_hidden_and_its_neighbours_are_not(
    born: object, order: int, county: int
) -> None:
    if str(born) < "1000":
        return
    stem = f"{county}{str(born).replace('-', '')}{order:03}"
    # The congruence of ISO 7064 MOD 11-2, which the standard's weights stand for.
    total = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(stem))
    check = "0123456789X"[(1 - total) % 11]
    assert hide(f"证件{stem}{check}。") == "证件***。"
    wrong = "0123456789X"[(2 - total) % 11]
    assert hide(f"{stem}{wrong}") == f"{stem}{wrong}"
    assert hide(f"9{stem}{check}") == f"9{stem}{check}"


@pytest.mark.parametrize(
    "text",
    ["451402001001", "桂(2021)崇左市不动产权第0012345号", "12912345678", "2021-12-31", "1391234567",
     "139123456789", "联系人", "服务对象：老年人", "0771-7821234", "13912345678.5"],
)  # fmt: skip
def test_other_numbers_and_words_stay(text: str) -> None:
    assert hide(text) == text


@pytest.mark.parametrize(
    "text", [MOBILE, f"+86{MOBILE}", f"+86 {MOBILE}", "139-1234-5678", "139 1234 5678"]
)
def test_mobile_numbers_are_hidden_however_they_are_written(text: str) -> None:
    assert hide(f"电话{text}，张院长") == "电话***，张院长"


def test_nothing_written_holds_a_particular(tmp_path: Path) -> None:
    folder = study(tmp_path, ROWS)
    told = []
    for command in ("assess", "inspect", "gaps", "map"):
        out = tmp_path / command
        done = CliRunner().invoke(
            main, [command, str(folder), "--out", str(out), "--json", str(out) + ".json"]
        )
        assert done.exit_code in {0, 2, 3, 4}, done.output
        told.append(done.output)
    told += [contents(path) for path in tmp_path.rglob("*/*") if path.is_file()]
    told += [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.json")]
    assert len(told) > 8
    whole = "\n".join(told)
    for particular in (CITIZEN, MOBILE, NAME, "139 1234 5678", "１３９１２３４５６７８"):
        assert particular not in whole
    assert "PERSONAL_CELL" in whole
    assert "PERSONAL_COLUMN" in whole
    assert "安康站" in whole


def contents(path: Path) -> str:
    """Everything that a file holds, unpacked."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes().decode("utf-8", errors="replace")
    with zipfile.ZipFile(path) as pack:
        return "\n".join(
            pack.read(name).decode("utf-8", errors="replace") for name in pack.namelist()
        )


def test_rows_are_named_and_kept(tmp_path: Path) -> None:
    layers = read_layers(read_study(study(tmp_path, ROWS)))
    assert layers.facilities is not None
    assert [row.name for row in layers.facilities.rows] == [
        "幸福院(联系人:*** ***)", "安康站", "F3",
    ]  # fmt: skip
    assert [row.id for row in layers.facilities.rows] == ["F1", "Frow3", "F3"]
    said = [each for each in layers.remarks if each.code == "PERSONAL_CELL"]
    assert {row for each in said for row in each.rows} == {2, 3, 4}
    assert layers.sources[0].rows_read == layers.sources[0].rows_kept == 3


def test_a_file_without_headings_does_not_show_its_first_row(tmp_path: Path) -> None:
    rows = f"facility_type,F1 {NAME}{MOBILE}\nelder_day_care_center,x\n"
    layers = read_layers(read_study(study(tmp_path, rows)))
    assert MOBILE not in json.dumps(layers.sources[0].headings)
    assert "PERSONAL_CELL" in {each.code for each in layers.remarks}


def test_a_column_of_particulars_cannot_be_forced(tmp_path: Path) -> None:
    forced = '{ path = "f.csv", columns = { name = "负责人" } }'
    with pytest.raises(DataError) as refused:
        read_layers(read_study(study(tmp_path, ROWS, layer=forced)))
    assert ["负责人" in str(each) for each in refused.value.problems] == [True]


def test_numbers_in_workbooks_are_looked_at(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["设施编号", "设施名称", "设施类型"])
    sheet.append(["F1", int(MOBILE), "elder_day_care_center"])
    book.save(tmp_path / "f.xlsx")
    layers = read_layers(read_study(study(tmp_path, ROWS, layer='"f.xlsx"')))
    assert layers.facilities is not None
    assert layers.facilities.rows[0].name == "F1"


HEADINGS = ("项目编号", "建设工程规划许可证号", "规划户数", "项目名称")


def hidden(*columns: Column) -> RawTable:
    raw = RawTable("p", HEADINGS, columns, np.array([2]))
    matched = match_headings(HEADINGS, "projects", where="p", override={}, is_numeric=bool)
    return without_particulars(raw, matched, "projects")


def test_ids_of_eleven_digits_and_numbers_stay() -> None:
    columns: tuple[Column, ...] = (
        np.array([int(MOBILE)]),
        ["1391234567"],
        np.array([np.nan]),
        ["7"],
    )
    assert hidden(*columns).columns == columns


def test_evidence_stays_evidence() -> None:
    assert hidden(["P1"], [MOBILE], [300], ["一期"]).columns[1] == ["***"]
