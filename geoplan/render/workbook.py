"""Tables as one Excel workbook: a sheet a table, headings in row 1, ready to filter and print.

Two runs write the same bytes. Text is always written as text, so nothing in it runs as a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.assess.model import Assessment
from geoplan.render.harmless import looks_like_formula
from geoplan.render.table import TWO_DECIMALS, Cell, Column, Kind, Table
from geoplan.terms import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

A3, A4 = 8, 9  # Excel's numbers for paper
_MOST_CHARACTERS = 32_767  # of one cell; Excel refuses a file with more
_MOST_IN_HEADER = 60
_WIDE = 190  # characters that an A4 sheet across can still show legibly
_FONT = "等线"
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
            sheet = book.add_worksheet(table.title.say(language))
            _fill(sheet, table.for_people(), styles, language)
            set_page(sheet, assessment, language, paper=_paper_for(table.for_people()))


class Styles:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

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

    def of(self, cell: Cell, kind: Kind, *, bold: bool = False) -> Any:
        """Of a cell in a column of a kind."""
        if isinstance(cell, bool) or kind is Kind.FLAG:
            asked: dict[str, object] = {"align": "center"}
        elif isinstance(cell, Decimal | int):
            asked = {"num_format": _number_format(cell, kind)}
        elif isinstance(cell, date):
            asked = {"num_format": "yyyy-mm-dd", "align": "center"}
        else:
            asked = {"text_wrap": True}
            if isinstance(cell, str) and looks_like_formula(cell):
                asked["quote_prefix"] = True
        return self.get(**asked, **({"bold": True} if bold else {}))


def _number_format(cell: Decimal | int, kind: Kind) -> str:
    if kind in TWO_DECIMALS:
        return "#,##0.00"
    decimals = -int(cell.as_tuple().exponent) if isinstance(cell, Decimal) else 0
    return "#,##0" + ("." + "0" * decimals if decimals > 0 else "")


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
    if len(text) <= _MOST_CHARACTERS:
        return text
    more = (
        "…（过长，全文见 CSV 与 JSON）" if language == "zh" else "… (cut; in full in CSV and JSON)"
    )
    return text[: _MOST_CHARACTERS - len(more)] + more


def _fill(sheet: Any, table: Table, styles: Styles, language: str) -> None:
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.heading.say(language), styles.heading())
        sheet.set_column(place, place, column.width)
    for line, row in enumerate(table.rows, start=1):
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            write_cell(sheet, (line, place), cell, styles.of(cell, column.kind), language)
    sheet.freeze_panes(1, _frozen(table.columns))
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    sheet.repeat_rows(0)


def _frozen(columns: Sequence[Column[Any]]) -> int:
    """The columns up to the name stay in sight."""
    keys = [column.key for column in columns]
    return keys.index("name") + 1 if "name" in keys else 1


def _paper_for(table: Table) -> int:
    return A3 if sum(column.width for column in table.columns) > _WIDE else A4


def set_page(
    sheet: Any, assessment: Assessment, language: str, *, paper: int, pages_wide: int = 1
) -> None:
    """Landscape, study and day above every page, rules and page number below."""
    policy = assessment.standard.policy
    day = f"{'截至' if language == 'zh' else 'as of'} {assessment.as_of.isoformat()}"
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(pages_wide, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_header(f"&L{_plain(assessment.study)}&R{day}")
    sheet.set_footer(f"&L{_plain(policy.title)}（{policy.id}）&R&P / &N")


def _plain(text: str) -> str:
    """Text for a header: an ampersand there begins a command, and 255 characters are the most."""
    return text[:_MOST_IN_HEADER].replace("&", "&&")
