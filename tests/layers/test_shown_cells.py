"""What a cell shows is part of what it says: formats, calendars, days in words, codes, the unseen."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely
import xlsxwriter

from geoplan.errors import DataError
from geoplan.layers.formats.workbooks.shown_numbers import shown_cell
from geoplan.layers.model import Layers
from geoplan.layers.read import read_layers
from geoplan.layers.tables.days import day_reader, read_day
from geoplan.layers.tables.invisible import visible
from geoplan.layers.tables.values import read_id
from geoplan.study import LayerFile
from tests.layers.small_town import study

HEADINGS = [
    "设施编号",
    "设施类型",
    "设施名称",
    "街道",
    "建筑面积",
    "托位数",
    "状态",
    "投用时间",
    "备案情况",
]
ROWS: list[list[object]] = [
    ["F001", "托育园", "太平托育园", "太平街道", 320.5, 60, "运营", "2021-12-25", "已备案"],
    ["F002", "养老驿站", "江南驿站", "江南街道", 1200, 0, "停业", "2019-03-01", "否"],
]


def facilities(folder: Path, name: str, **options: object) -> Layers:
    file = LayerFile("facilities", Path(name), **options)  # type: ignore[arg-type]
    return read_layers(study(folder, facilities=file))


def rows_of_facilities(layers: Layers) -> list[object]:
    assert layers.facilities is not None
    return [
        replace(
            row, flags=(), jiedao="".join((row.jiedao or "").split())
        )  # compared without spaces
        for row in layers.facilities.rows
    ]


def codes(layers: Layers) -> set[str]:
    return {remark.code for remark in layers.remarks}


def write_csv(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADINGS, *rows])


def write_book(path: Path, rows: list[list[object]], *, epoch_1904: bool = False) -> None:
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in [HEADINGS, *rows]:
        book.active.append(row)
    book.save(path)


# ------------------------------------------------------------------------ number formats


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.85, "0%", "85%"),
        (0.8512, "0.00%", "85.12%"),
        (0.851234, "0%", "85.1234%"),
        (1, "0%", "100%"),
        (0.6, '0.00"万人"', "0.6万人"),
        (0.6, "0.00万人", "0.6万人"),
        (12000, '0!.0,"万"', "1.2万"),
        (12000, '[>=10000]0!.0,"万";0', "1.2万"),
        (900, '[>=10000]0!.0,"万";0', 900),
        (12000, "#,##0,", "12"),
        (7, "000", "007"),
        (7, '"F"000', "F007"),
        (20211225, "0000-00-00", "2021-12-25"),
        (202112, '0000"年"00"月"', "2021年12月"),
        (2021.1, "0.00", "2021.10"),
        (2021.1, "General", 2021.1),
        (300, '0"户"', "300户"),
        (300, 'General"户"', "300户"),
        (0, '0;-0;"无"', "无"),
        (300, '"约"0', "约300"),
        # what adds nothing: thousands, money of our own, brackets, dashes, fractions, colours
        (1200.5, "#,##0.00", 1200.5),
        (1200, "¥#,##0.00", 1200),
        (1200, "[$¥-804]#,##0.00", 1200),
        (-5, r"0.00_);[Red]\(0.00\)", -5),
        (0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0),
        (0, ";;;", 0),
        (3.5, "# ?/?", 3.5),
        (451402001001, "0.00E+00", 451402001001),
        (12, "[DBNum1][$-804]General", 12),
        ("文字", '@"区"', "文字"),
        (True, "0%", True),
    ],
)
def test_what_a_format_shows(value: object, number_format: str, shown: object) -> None:
    assert shown_cell(value, number_format) == shown


@pytest.mark.parametrize("writer", ["openpyxl", "xlsxwriter"])
@pytest.mark.parametrize(
    ("stored", "number_format", "read"),
    [(0.6, '0.00"万"', 6000), (12000, '0!.0,"万"', 12000), (320.5, "#,##0.00", Decimal("320.5")), (320, '0"㎡"', 320), (0.5, "0%", None)],
)  # fmt: skip
def test_an_area_as_it_is_shown(
    tmp_path: Path, writer: str, stored: float, number_format: str, read: object
) -> None:
    path = tmp_path / "a.xlsx"
    if writer == "openpyxl":
        write_book(path, ROWS)
        book = openpyxl.load_workbook(path)
        book.active["E2"].value, book.active["E2"].number_format = stored, number_format
        book.save(path)
    else:
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet()
        for at, row in enumerate([HEADINGS, *ROWS]):
            sheet.write_row(at, 0, row)
        sheet.write_number(1, 4, stored, book.add_format({"num_format": number_format}))
        book.close()
    found = facilities(tmp_path, "a.xlsx")
    assert found.facilities is not None
    assert found.facilities.rows[0].floor_area_m2 == read
    assert ("SHOWN_AS" in codes(found)) == (number_format != "#,##0.00")


@pytest.mark.parametrize("days", [0, 366, 4000])
@pytest.mark.parametrize("as_number", [True, False])
@pytest.mark.parametrize("from_1904", [True, False])
def test_days_of_both_calendars(
    tmp_path: Path, *, days: int, as_number: bool, from_1904: bool
) -> None:
    day = date(2012, 2, 29) + timedelta(days=days)
    zero = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
    cell: object = (day - zero).days if as_number else day
    write_book(tmp_path / "a.xlsx", [[*ROWS[0][:7], cell, "是"]], epoch_1904=from_1904)
    found = facilities(tmp_path, "a.xlsx")
    assert found.facilities is not None
    assert found.facilities.rows[0].open_date == day


# --------------------------------------------------------------------------------- days

HAN = "〇一二三四五六七八九"


def han(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else HAN[tens]) + ("十" if tens else "") + (HAN[ones] if ones else "")


def by_figure(number: int) -> str:
    return "".join(HAN[int(figure)] for figure in str(number))


WRITINGS: dict[str, Callable[[date], str]] = {
    "figures": lambda d: f"{by_figure(d.year)}年{han(d.month)}月{han(d.day)}日",
    "ling": lambda d: f"{by_figure(d.year)}年{han(d.month)}月{han(d.day)}日".replace("〇", "零"),
    "circle": lambda d: f"{by_figure(d.year)}年{han(d.month)}月{han(d.day)}号".replace("〇", "○"),
    "morning": lambda d: f"{d.year}年{d.month}月{d.day}日上午",
    "clock": lambda d: f"{d.year}/{d.month}/{d.day} 0:00:00",
    "hour": lambda d: f"{d.year}年{d.month}月{d.day}日9时30分",
    "weekday": lambda d: f"{d.year}年{d.month}月{d.day}日（星期{'一二三四五六日'[d.weekday()]}）",
    "republic": lambda d: f"民国{d.year - 1911}年{d.month}月{d.day}日",
    "until": lambda d: f"至{d.year}年{d.month}月{d.day}日止",
    "spaces": lambda d: f"{d.year} 年 {d.month} 月 {d.day} 日",
    "compact": lambda d: f"{d:%Y%m%d}",
    "english": lambda d: f"{d.day:02d}-{d:%b}-{d:%y}",
    "american": lambda d: f"{d:%B} {d.day}, {d.year}",
    "british": lambda d: f"{d.day} {d:%B} {d.year}",
    "zone": lambda d: f"{d:%Y-%m-%d}T10:00:00+08:00",
    "utc": lambda d: f"{d - timedelta(days=1):%Y-%m-%d}T16:00:00Z",
}


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize(
    "day", [date(2020, 5, 1), date(2022, 6, 30), date(1998, 10, 31), date(2021, 12, 25), date(2019, 1, 2), date(2010, 11, 11), date(2024, 2, 29)]
)  # fmt: skip
def test_every_writing_of_a_day(writing: str, day: date) -> None:
    value, said = read_day(WRITINGS[writing](day))
    assert value == day
    assert set(said) <= {"TIME_ZONE"}


@pytest.mark.parametrize(
    "cell", [2021.1, "2021.1", "5/1/2020", "20-05-01", "01/05/20", "0000-00-00", "2021-00-00", "二〇二一年二月三十日", "10月1日", "民国", "May-20", "2021年5月1日前", 0, -5]
)  # fmt: skip
def test_a_day_that_is_none_or_two_is_unknown_and_said(cell: object) -> None:
    day, said = read_day(cell)
    assert day is None
    assert said in {("DAY_AMBIGUOUS",), ("BAD_DATE",)} or said == ("BAD_DATE",)


@pytest.mark.parametrize("hour", range(0, 24, 5))
@pytest.mark.parametrize("ahead", [-12, -5, 0, 8, 13])
def test_a_moment_is_its_day_in_china(hour: int, ahead: int) -> None:
    moment = datetime(2021, 12, 31, hour, tzinfo=timezone(timedelta(hours=ahead)))
    here = moment.astimezone(timezone(timedelta(hours=8))).date()
    for cell in (moment, moment.isoformat(), moment.astimezone(UTC).isoformat()):
        assert read_day(cell)[0] == here


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_as_shown(month: int) -> None:
    shown = shown_cell(float(f"2021.{month:02d}"), "0.00")
    day, said = read_day(shown)
    assert (day.month if day else None, said) == (month, ("DAY_ASSUMED",))
    assert day_reader(date(1904, 1, 1))(f"2021年{month}月")[0] == day


# ------------------------------------------------------------------------------ the unseen

UNSEEN = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\u2066\u2069\ufeff\u00ad\ufe0f\u034f\U000e0100"
)
ODD_SPACES = "\u00a0\u3000\u2003\u2009\u202f"
KEYED = (0, 1, 3, 4, 5, 6, 7, 8)


@pytest.mark.parametrize("column", KEYED)
@pytest.mark.parametrize("mark", [*UNSEEN, *ODD_SPACES], ids=lambda mark: f"U+{ord(mark):04X}")
def test_the_unseen_changes_nothing(tmp_path: Path, column: int, mark: str) -> None:
    write_csv(tmp_path / "clean.csv", ROWS)
    clean = rows_of_facilities(facilities(tmp_path, "clean.csv"))
    text = str(ROWS[0][column])
    for at in sorted({0, 1, len(text) // 2, len(text)}):
        odd = [list(row) for row in ROWS]
        odd[0][column] = text[:at] + mark + text[at:]
        write_csv(tmp_path / "odd.csv", odd)
        found = facilities(tmp_path, "odd.csv")
        assert rows_of_facilities(found) == clean, at
        is_plain_inside = mark in ODD_SPACES and 0 < at < len(text) and not text.isascii()
        assert "INVISIBLE" in codes(found) or is_plain_inside


@pytest.mark.parametrize("mark", UNSEEN)
def test_the_unseen_in_a_heading(tmp_path: Path, mark: str) -> None:
    write_csv(tmp_path / "a.csv", ROWS)
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    (tmp_path / "b.csv").write_text(text.replace("状态", f"状{mark}态", 1), encoding="utf-8")
    clean, odd = facilities(tmp_path, "a.csv"), facilities(tmp_path, "b.csv")
    assert rows_of_facilities(odd) == rows_of_facilities(clean)
    assert visible(f"{mark}太平{mark}街道{mark}") == "太平街道"


# --------------------------------------------------------------------------------- codes


@pytest.mark.parametrize("digits", [6, 9, 12, 18])
@pytest.mark.parametrize("kept", [1, 3, 6])
def test_scientific_codes_are_whole_or_refused(tmp_path: Path, digits: int, kept: int) -> None:
    code = "451402001001123456"[:digits]
    whole = f"{code[0]}.{code[1:]}E+{digits - 1:02d}"
    assert read_id(whole) == (code, ())
    cut = f"{code[0]}.{code[1:kept] or '0'}E+{digits - 1:02d}" if kept < digits else whole
    assert (read_id(cut)[0] is None) == (cut != whole)
    if cut != whole:
        write_csv(tmp_path / "a.csv", [[cut, *ROWS[0][1:]], [f"{digits}", *ROWS[1][1:]]])
        with pytest.raises(DataError) as error:
            facilities(tmp_path, "a.csv")
        (problem,) = error.value.problems
        assert "row 2" in problem.what.en
        assert "设施编号" in problem.what.zh
        assert "digits" in problem.remedy.en
        assert "Rename" not in problem.remedy.en


def test_zeros_that_were_lost_in_front(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [["00121", *ROWS[0][1:]], ["122", *ROWS[1][1:]]])
    found = facilities(tmp_path, "a.csv")
    (remark,) = [each for each in found.remarks if each.code == "CODE_SHORT"]
    assert remark.rows == (3,)
    write_csv(tmp_path / "a.csv", [["12", *ROWS[0][1:]], ["12", *ROWS[1][1:]]])
    with pytest.raises(DataError) as error:
        facilities(tmp_path, "a.csv")
    assert "zeros in front" in error.value.problems[0].remedy.en


def test_an_id_that_became_a_day(tmp_path: Path) -> None:
    write_book(tmp_path / "a.xlsx", [[date(2021, 3, 1), *ROWS[0][1:]], ROWS[1]])
    assert "CODE_IS_DATE" in codes(facilities(tmp_path, "a.xlsx"))


# ----------------------------------------------------------------------------- workbooks


def repacked(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(written, "w") as target:
        for name in packed.namelist():
            target.writestr(name, change(name, packed.read(name)))
    path.write_bytes(written.getvalue())


def breaking(part: str, old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, content: content.replace(old, new, 1) if name == part else content


STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}


def strict(_: str, content: bytes) -> bytes:
    for usual, own in STRICT.items():
        content = content.replace(usual, own)
    return content


DAMAGES = {
    "fill": breaking("xl/styles.xml", b"<patternFill/>", b""),
    "font": breaking("xl/styles.xml", b"<sz val=", b'<sz val="x" old='),
    "border": breaking("xl/styles.xml", b"<left/>", b'<left style="none of this"/>'),
    "core": breaking("docProps/core.xml", b"<dcterms:created", b"<dcterms:created>yesterday</dcterms:created><dcterms:created"),
    "validation": breaking("xl/worksheets/sheet1.xml", b"</sheetData>", b'</sheetData><dataValidations count="1"><dataValidation type="odd" sqref="A1"/></dataValidations>'),
    "strict": strict,
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_workbook_holds_its_cells(tmp_path: Path, damage: str) -> None:
    rows = [[*row[:7], date(2021, 12, 25), row[8]] for row in ROWS]
    write_book(tmp_path / "clean.xlsx", rows)
    write_book(tmp_path / "odd.xlsx", rows)
    for name in ("clean.xlsx", "odd.xlsx"):
        book = openpyxl.load_workbook(tmp_path / name)
        book.active["E2"].value, book.active["E2"].number_format = 0.03, '0.00"万"'
        book.active.row_dimensions[3].hidden = True
        book.save(tmp_path / name)
    repacked(tmp_path / "odd.xlsx", DAMAGES[damage])
    clean, odd = facilities(tmp_path, "clean.xlsx"), facilities(tmp_path, "odd.xlsx")
    assert rows_of_facilities(odd) == rows_of_facilities(clean)
    assert {"SHOWN_AS", "HIDDEN_ROWS"} <= codes(odd)
    assert codes(odd) - codes(clean) <= {"WORKBOOK_MENDED"}


@pytest.mark.parametrize(
    # #N/A is what people write for "no value": it is blank, as the table of values says.
    "error",
    ["#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"],
)
@pytest.mark.parametrize("column", [4, 5, 6, 7, 8])
def test_an_error_is_no_blank(tmp_path: Path, error: str, column: int) -> None:
    odd = [list(row) for row in ROWS]
    odd[0][column] = error
    write_book(tmp_path / "a.xlsx", odd)
    found = facilities(tmp_path, "a.xlsx")
    assert found.facilities is not None
    assert any(flag.startswith("CELL_ERROR:") for flag in found.facilities.rows[0].flags)
    assert [each.rows for each in found.remarks if each.code == "CELL_ERROR"] == [(2,)]


def test_a_formula_that_nobody_worked_out_is_no_blank(tmp_path: Path) -> None:
    odd = [[*row[:6], '=IF(1=1,"运营","")', *row[7:]] for row in ROWS]
    write_book(tmp_path / "a.xlsx", odd)
    found = facilities(tmp_path, "a.xlsx")
    assert {"FORMULA_WITHOUT_RESULT", "CELL_ERROR"} <= codes(found)
    # Excel writes an empty text as a result; that one is a blank
    repacked(
        tmp_path / "a.xlsx",
        lambda name, content: (
            re.sub(rb'<c r="G(\d)"([^>]*)>', rb'<c r="G\1" t="str">', content)
            if name.endswith("sheet1.xml")
            else content
        ),
    )
    assert "FORMULA_WITHOUT_RESULT" not in codes(facilities(tmp_path, "a.xlsx"))


def test_a_truth_in_a_column_of_numbers(tmp_path: Path) -> None:
    write_book(tmp_path / "a.xlsx", [[*ROWS[0][:4], True, *ROWS[0][5:]]])
    found = facilities(tmp_path, "a.xlsx")
    assert found.facilities is not None
    assert found.facilities.rows[0].floor_area_m2 is None
    assert "BAD_NUMBER" in codes(found)


# --------------------------------------------------------------------------- geodatabases


def write_coded(path: Path, statuses: list[int], fields: dict[str, tuple[str, str]]) -> None:
    frame = geopandas.GeoDataFrame(
        {
            "LX": ["托育机构"] * len(statuses),
            "ZT": statuses,
            "BA": ["Y", "N", "Q"][: len(statuses)],
        },
        geometry=[shapely.Point(107.3 + at / 100, 22.4) for at in range(len(statuses))],
        crs="EPSG:4490",
    )
    frame.to_file(path, layer="facilities", driver="GPKG")
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE gpkg_data_columns (table_name TEXT, column_name TEXT, name TEXT, title TEXT,"
            " description TEXT, mime_type TEXT, constraint_name TEXT, PRIMARY KEY (table_name, column_name));"
            "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT, constraint_type TEXT, value TEXT,"
            " min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT);"
            "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description)"
            " VALUES ('z','enum','1','运营'),('z','enum','2','停业'),('b','enum','Y','已备案'),('b','enum','N','未备案');"
        )
        for column, (name, title) in fields.items():
            constraint = {"ZT": "z", "BA": "b"}.get(column)
            base.execute(
                "INSERT INTO gpkg_data_columns VALUES ('facilities', ?, ?, ?, NULL, NULL, ?)",
                (column, name or None, title or None, constraint),
            )
    base.close()


@pytest.mark.parametrize("place", [0, 1])
def test_aliases_and_coded_values(tmp_path: Path, place: int) -> None:
    named = {"LX": "设施类型", "ZT": "运营状态", "BA": "是否备案"}
    fields = {own: (alias, "") if place == 0 else ("", alias) for own, alias in named.items()}
    write_coded(tmp_path / "a.gpkg", [1, 2, 9], fields)
    found = facilities(tmp_path, "a.gpkg")
    assert found.facilities is not None
    assert [row.facility_type for row in found.facilities.rows] == ["childcare_institution"] * 3
    assert [row.status for row in found.facilities.rows] == ["operating", "suspended", "unknown"]
    assert [row.filed for row in found.facilities.rows] == [True, False, None]
    assert {"FIELD_ALIAS", "CODE_WITHOUT_WORD", "UNKNOWN_STATUS"} <= codes(found)
    by_name = facilities(tmp_path, "a.gpkg", columns={"status": "ZT", "facility_type": "LX"})
    assert by_name.facilities is not None
    assert by_name.facilities.rows[0].status == "operating"
