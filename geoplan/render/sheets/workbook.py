"""Tables as one Excel workbook: a sheet a table, headings in row 1, ready to filter and print.

Two runs write the same bytes. Text is always written as text, so nothing in it runs as a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from math import ceil
from pathlib import Path
from typing import Any

from geoplan.assess.model import Assessment
from geoplan.render.sheets.harmless import looks_like_formula, visible
from geoplan.render.sheets.table import TWO_DECIMALS, Cell, Column, Kind, Table
from geoplan.terms import Words, terms

_A3 = 8  # Excel's number for this paper
_A3_UNITS = 250  # of column width that an A3 sheet across still shows legibly
_MOST_CHARACTERS = 32_767  # of one cell; Excel refuses a file with more
_MOST_IN_HEADER = 60
_HEADING_POINTS = 32
SHORT = 15  # the texts of narrower columns stand in the middle
_FONT = "宋体"  # on every Chinese Windows, and what bureaus print with
_LINE_POINTS, _MOST_POINTS = 14.5, 409.0  # of a row of text; Excel allows no higher row
_MOST_LINES = 6  # of a cell in a table; a longer one is cut by its row, not lost
_HEADING_GREY, _LINE_GREY = "#E7ECF2", "#B8C0CA"


@contextmanager
def workbook_for(path: Path, assessment: Assessment) -> Iterator[Any]:
    """An open workbook whose bytes depend on the assessment alone."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        day = datetime.combine(assessment.as_of, time())
        book.set_properties({"title": assessment.study, "created": day})
        yield book


def write_workbook(
    tables: Sequence[Table], assessment: Assessment, path: Path, *, language: str
) -> None:
    """Every table on a sheet of its own."""
    with workbook_for(path, assessment) as book:
        styles = Styles(book)
        for table in tables:
            shown = table.for_people()
            sheet = book.add_worksheet(table.title.say(language))
            _fill(sheet, shown, styles, language)
            width = sum(column.width for column in shown.columns)
            set_page(sheet, assessment, language, pages_wide=ceil(width / _A3_UNITS))


class Styles:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}
        self._settled: dict[tuple[str | int, Kind, bool, bool], Any] = {}

    def get(self, **asked: object) -> Any:
        """The format with these properties on top of those that all cells share."""
        properties = {
            "font_name": _FONT,
            "font_size": 10,
            "valign": "vcenter",
            "border": 1,
            "border_color": _LINE_GREY,
            **asked,
        }
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def heading(self) -> Any:
        """Of a column's heading."""
        return self.get(bold=True, text_wrap=True, align="center", bg_color=_HEADING_GREY)

    def of(self, cell: Cell, kind: Kind, *, bold: bool = False, is_short: bool = False) -> Any:
        """Of a cell in a column of a kind; short texts stand in the middle."""
        look = _look(cell, kind)
        key = (look, kind, bold, is_short)
        if key not in self._settled:
            asked = _properties(look, kind, is_short=is_short)
            self._settled[key] = self.get(**asked, **({"bold": True} if bold else {}))
        return self._settled[key]


def _look(cell: Cell, kind: Kind) -> str | int:
    """What about a cell decides its format: decimals of a number, or a word."""
    if isinstance(cell, str):
        if kind is Kind.VERDICT:
            return cell
        return "formula" if looks_like_formula(cell) else "text"
    if isinstance(cell, bool) or kind is Kind.FLAG:
        return "flag"
    if isinstance(cell, Decimal):
        return max(0, -int(cell.as_tuple().exponent))
    if isinstance(cell, int):
        return 0
    return "day" if isinstance(cell, date) else "text"


def _properties(look: str | int, kind: Kind, *, is_short: bool) -> dict[str, object]:
    if isinstance(look, int):
        decimals = 2 if kind in TWO_DECIMALS else look
        shown = "#,##0" + ("." + "0" * decimals if decimals else "")
        centred = {"align": "center"} if kind is Kind.INTEGER else {}
        return {"num_format": shown, **centred}
    if look == "flag":
        return {"align": "center"}
    if look == "day":
        return {"num_format": "yyyy-mm-dd", "align": "center"}
    if kind is Kind.VERDICT:
        colour = _verdict_colours().get(look, "#000000")
        return {"text_wrap": True, "align": "center", "font_color": colour}
    placed: dict[str, object] = {"align": "center"} if is_short else {"indent": 1}
    quoted = {"quote_prefix": True} if look == "formula" else {}
    return {"text_wrap": True, **placed, **quoted}


@cache
def _verdict_colours() -> dict[str, str]:
    """The colour of each verdict's word; the word says it, the colour helps."""
    colours = {"PASS": "#1A7F37", "FAIL": "#C00000", "PENDING": "#9A6700", "UNKNOWN": "#595959"}
    return {
        word: colours[key]
        for key, term in terms("verdict").items()
        if key in colours
        for word in (term.zh, term.en)
    }


def write_cell(sheet: Any, place: tuple[int, int], cell: Cell, style: Any, language: str) -> None:
    """One cell: numbers as numbers, days as days, everything else as text."""
    line, column = place
    if cell is None or cell == "":
        sheet.write_blank(line, column, None, style)
    elif isinstance(cell, bool):
        sheet.write_string(line, column, _YES_NO[cell].say(language), style)
    elif isinstance(cell, Decimal | int):
        sheet.write_number(line, column, float(cell), style)
    elif isinstance(cell, date):
        sheet.write_datetime(line, column, datetime.combine(cell, time()), style)
    else:
        text = ("、" if language == "zh" else ", ").join(cell) if isinstance(cell, tuple) else cell
        sheet.write_string(line, column, fitted(text, language), style)


_YES_NO = {True: Words("是", "yes"), False: Words("否", "no")}


def fitted(text: str, language: str) -> str:
    """Text that one cell can hold; the end of a longer one says where the rest is."""
    text = visible(text)
    if len(text) <= _MOST_CHARACTERS:
        return text
    more = (
        "…（过长，全文见 CSV 与 JSON）" if language == "zh" else "… (cut; in full in CSV and JSON)"
    )
    return text[: _MOST_CHARACTERS - len(more)] + more


def row_points(
    cells: Sequence[Cell], columns: Sequence[Column[Any]], most_points: float = _MOST_POINTS
) -> float:
    """The height of a row in points, so that wrapped text is seen whole where that is allowed."""
    lines = max(
        (
            _lines(each, column.width)
            for each, column in zip(cells, columns, strict=True)
            if isinstance(each, str | tuple)
        ),
        default=1,
    )
    return min(most_points, max(1, lines) * _LINE_POINTS + 2)


@lru_cache(maxsize=1 << 16)
def _lines(cell: str | tuple[str, ...], width: float) -> int:
    text = cell if isinstance(cell, str) else "、".join(cell)
    return sum(ceil(max(1.0, text_units(line)) / (width - 1)) for line in text.split("\n"))


def text_units(text: str) -> float:
    """The width of a text in the unit of column widths, a little on the safe side.

    Examples
    --------
    >>> text_units("ab"), text_units("街道")
    (2.2, 4.2)
    """
    wide = (len(text.encode("utf-8", "replace")) - len(text)) / 2  # a Chinese character has 3 bytes
    return round(wide * 2.1 + (len(text) - wide) * 1.1, 1)


def _fill(sheet: Any, table: Table, styles: Styles, language: str) -> None:
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.heading.say(language), styles.heading())
        sheet.set_column(place, place, column.width)
    sheet.set_row(0, _HEADING_POINTS)
    most = _MOST_LINES * _LINE_POINTS + 2
    for line, row in enumerate(table.rows, start=1):
        sheet.set_row(line, row_points(row, table.columns, most))
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            style = styles.of(cell, column.kind, is_short=column.width < SHORT)
            write_cell(sheet, (line, place), cell, style, language)
    frozen = _frozen(table.columns)
    sheet.freeze_panes(1, frozen)
    sheet.repeat_columns(0, frozen - 1)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    sheet.repeat_rows(0)


def _frozen(columns: Sequence[Column[Any]]) -> int:
    """The columns up to the name stay in sight."""
    keys = [column.key for column in columns]
    return keys.index("name") + 1 if "name" in keys else 1


def set_page(sheet: Any, assessment: Assessment, language: str, *, pages_wide: int = 1) -> None:
    """A3 across, study and day above every page, rules and page number below."""
    policy = assessment.standard.policy
    day = f"{'截至' if language == 'zh' else 'as of'} {assessment.as_of.isoformat()}"
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.fit_to_pages(pages_wide, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_header(f"&L{_plain(assessment.study)}&R{day}")
    sheet.set_footer(f"&L{_plain(policy.title)}（{policy.id}）&R&P / &N")


def _plain(text: str) -> str:
    """Text for a header: an ampersand there begins a command, and 255 characters are the most."""
    return text[:_MOST_IN_HEADER].replace("&", "&&")
