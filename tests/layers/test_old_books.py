"""Workbooks of Excel 97 and WPS, converted by LibreOffice from one that openpyxl reads."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from geoplan.errors import DataError
from geoplan.layers.formats.texts.sheet import list_sheets, read_workbook
from geoplan.layers.raw_table import RawTable
from geoplan.study import LayerFile

DAY = datetime.fromisoformat("2021-12-25")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same workbook as .xlsx, .xls and .et: title, two-row merged headings, a hidden row."""
    folder = tmp_path_factory.mktemp("books")
    path = folder / "table.xlsx"
    with xlsxwriter.Workbook(path) as book:
        _write(book)
        book.add_worksheet("备用").hide()
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine: `make test` installs it where apt is allowed")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, "--headless", profile, "--convert-to", "xls", "--outdir", folder, path]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    old = folder / "table.xls"
    wps = folder / "table.et"
    shutil.copy(old, wps)
    return {".xlsx": path, ".xls": old, ".et": wps}


def _write(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("养老设施")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.merge_range("A1:F1", "设施一览表（2023年）")
    for cells, text in (("A2:A3", "设施编号"), ("B2:B3", "设施类型"), ("C2:D2", "面积(㎡)")):
        sheet.merge_range(cells, text)
    sheet.merge_range("E2:E3", "投用时间")
    sheet.merge_range("F2:F3", "街道")
    sheet.write_row("C3", ["建筑面积", "养老面积"])
    for at, row in enumerate((["F1", "养老院", 120.5, 100], ["F2", "养老驿站", 300, 300]), 4):
        sheet.write_row(f"A{at}", row)
        sheet.write_datetime(f"E{at}", DAY, day)
    sheet.merge_range("F4:F5", "太平街道")
    sheet.set_row(4, None, None, {"hidden": True})


def read(path: Path, **told: Any) -> RawTable:
    return read_workbook(LayerFile("facilities", path, **told), path.name)


def table(raw: RawTable) -> list[tuple[object, ...]]:
    return [tuple(column[at] for column in raw.columns) for at in range(len(raw.rows))]


@pytest.mark.parametrize("suffix", [".xls", ".et"])
def test_an_old_workbook_says_what_the_new_one_says(books: dict[str, Path], suffix: str) -> None:
    new, old = read(books[".xlsx"]), read(books[suffix])
    assert old.headings == new.headings
    assert "面积(㎡)/建筑面积" in old.headings
    assert table(old) == table(new)
    assert table(old)[1] == ("F2", "养老驿站", 300, 300, DAY, "太平街道")
    assert [(each.code, each.rows) for each in old.remarks] == [
        (each.code, each.rows) for each in new.remarks
    ]
    assert ("HIDDEN_ROWS", (5,)) in [(each.code, each.rows) for each in old.remarks]


@pytest.mark.parametrize("suffix", [".xls", ".et"])
def test_a_hidden_sheet_is_not_listed(books: dict[str, Path], suffix: str) -> None:
    assert list_sheets(books[suffix], "") == ["养老设施"]


@pytest.mark.parametrize(("content", "name"), [(".xls", "a.xlsx"), (".xlsx", "a.xls")])
def test_a_wrong_suffix_is_read_for_what_it_is_and_said(
    books: dict[str, Path], content: str, name: str, tmp_path: Path
) -> None:
    shutil.copy(books[content], tmp_path / name)
    raw = read(tmp_path / name)
    assert "SUFFIX_WRONG" in [each.code for each in raw.remarks]
    assert table(raw) == table(read(books[".xlsx"]))


def test_a_cut_old_workbook_is_refused(books: dict[str, Path], tmp_path: Path) -> None:
    content = books[".xls"].read_bytes()
    path = tmp_path / "cut.xls"
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError):
        read(path)


def test_a_sheet_a_street_is_read_together_and_rows_can_be_found(tmp_path: Path) -> None:
    path = tmp_path / "streets.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, ids in (("太平街道", ["F1", "F2"]), ("江南街道", ["F3"]), ("说明", [])):
            sheet = book.add_worksheet(name)
            if ids:
                sheet.write_row(
                    0, 0, ["设施编号", "设施类型", "床位数"][: 3 if ids[0] == "F1" else 2]
                )
            for at, key in enumerate(ids, 1):
                sheet.write_row(at, 0, [key, "养老院", 10][: 3 if key != "F3" else 2])
    left = read(path)
    assert [each.code for each in left.remarks] == ["SHEETS_LEFT"]
    assert "江南街道" in left.remarks[0].detail.zh
    raw = read(path, sheet="*")
    assert raw.columns == (["F1", "F2", "F3"], ["养老院"] * 3, [10, 10, None])
    assert raw.rows.tolist() == [2, 3, 100_002]
    assert "江南街道（行号加 100000）" in raw.remarks[0].detail.zh
