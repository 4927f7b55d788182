"""Forms as bureaus keep them: title, header block, merged headings, rows, totals, notes, print setup.

Belongs here: how a form is laid out on an Excel sheet. Which columns a form has is in the module
of that form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoplan.assess.model import Assessment
from geoplan.render.table import Cell, Column, Kind, settle_cell
from geoplan.render.workbook import A3, Styles, set_page, write_cell
from geoplan.terms import Words

_TITLE_HEIGHT, _LINE_HEIGHT, _GROUP_HEIGHT, _HEADING_HEIGHT = 34, 18, 20, 44
_GROUP_BLUE = "#D6E3F0"
_CHINESE_FROM = "\u2e80"  # characters from here on are two columns wide


@dataclass(frozen=True, slots=True)
class Group:
    """Columns under one merged heading; without a heading each column stands for itself."""

    columns: tuple[Column[Any], ...]
    heading: Words | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet as a bureau files it.

    ``header`` are the lines above the table, ``unit`` the units of measurement at its right;
    ``totals`` are rows below the data, ``notes`` the lines under everything. ``frozen`` columns
    stay in sight and are repeated on every page; the form is ``pages_wide`` pages wide.
    """

    name: Words
    title: Words
    groups: tuple[Group, ...]
    rows: Sequence[Any]
    header: tuple[str, ...] = ()
    unit: str = ""
    totals: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[str, ...] = ()
    frozen: int = 2
    pages_wide: int = 1

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        """All columns, left to right."""
        return tuple(column for group in self.groups for column in group.columns)


def write_form(
    book: Any, form: Form, assessment: Assessment, *, styles: Styles, language: str
) -> None:
    """Add a form to an open workbook as a new sheet."""
    sheet = book.add_worksheet(form.name.say(language))
    first = _write_top(sheet, form, styles, language)
    line = _write_headings(sheet, first, form, styles, language)
    for row in form.rows:
        cells = [settle_cell(column.of(row), column.kind) for column in form.columns]
        _write_row(sheet, line, cells, form, styles=styles, language=language, bold=False)
        line += 1
    sheet.autofilter(first + 1, 0, max(line - 1, first + 2), len(form.columns) - 1)
    for cells_below in form.totals:
        _write_row(sheet, line, cells_below, form, styles=styles, language=language, bold=True)
        line += 1
    line = _write_notes(sheet, line, form, styles)
    _set_print(sheet, form, assessment, language=language, first=first, last=line - 1)


def _write_top(sheet: Any, form: Form, styles: Styles, language: str) -> int:
    """Title, header block and unit line; returns the row of the headings."""
    last = len(form.columns) - 1
    title = styles.get(bold=True, font_size=18, align="center", border=0)
    sheet.set_row(0, _TITLE_HEIGHT)
    _merge(sheet, (0, 0, 0, last), form.title.say(language), title)
    line = 1
    for text in form.header:
        _merge(sheet, (line, 0, line, last), text, styles.get(border=0, text_wrap=True))
        sheet.set_row(line, _height(text, form))
        line += 1
    if form.unit:
        _merge(sheet, (line, 0, line, last), form.unit, styles.get(border=0, align="right"))
        sheet.set_row(line, _LINE_HEIGHT)
        line += 1
    return line


def _write_headings(sheet: Any, line: int, form: Form, styles: Styles, language: str) -> int:
    """Two rows of headings; returns the row of the first data."""
    sheet.set_row(line, _GROUP_HEIGHT)
    sheet.set_row(line + 1, _HEADING_HEIGHT)
    over = styles.get(bold=True, text_wrap=True, align="center", bg_color=_GROUP_BLUE)
    place = 0
    for group in form.groups:
        if group.heading is not None:
            last = place + len(group.columns) - 1
            _merge(sheet, (line, place, line, last), group.heading.say(language), over)
        for column in group.columns:
            text = column.heading.say(language)
            if group.heading is None:
                _merge(sheet, (line, place, line + 1, place), text, styles.heading())
            else:
                sheet.write_string(line + 1, place, text, styles.heading())
            sheet.set_column(place, place, column.width)
            place += 1
    return line + 2


def _write_row(  # noqa: PLR0913 - where, what and how
    sheet: Any,
    line: int,
    cells: Sequence[Cell],
    form: Form,
    *,
    styles: Styles,
    language: str,
    bold: bool,
) -> None:
    for place, (cell, column) in enumerate(zip(cells, form.columns, strict=True)):
        style = styles.of(cell, column.kind, bold=bold)
        write_cell(sheet, (line, place), cell, style, language)


def _write_notes(sheet: Any, line: int, form: Form, styles: Styles) -> int:
    for text in form.notes:
        style = styles.get(border=0, text_wrap=True, font_size=9, valign="top")
        _merge(sheet, (line, 0, line, len(form.columns) - 1), text, style)
        sheet.set_row(line, _height(text, form))
        line += 1
    return line


def _set_print(  # noqa: PLR0913 - where, what and how
    sheet: Any, form: Form, assessment: Assessment, *, language: str, first: int, last: int
) -> None:
    set_page(sheet, assessment, language, paper=A3, pages_wide=form.pages_wide)
    sheet.freeze_panes(first + 2, form.frozen)
    sheet.repeat_rows(first, first + 1)
    if form.pages_wide > 1:
        sheet.repeat_columns(0, form.frozen - 1)
    sheet.print_area(0, 0, last, len(form.columns) - 1)
    sheet.center_horizontally()


def _merge(sheet: Any, area: tuple[int, int, int, int], text: str, style: Any) -> None:
    top, left, bottom, right = area
    if (top, left) == (bottom, right):
        sheet.write_string(top, left, text, style)
        return
    sheet.merge_range(*area, "", style)
    sheet.write_string(top, left, text, style)


def _height(text: str, form: Form) -> float:
    """Height of a line merged over the form: Excel does not grow merged cells by itself."""
    width = sum(column.width for column in form.columns) / form.pages_wide
    needed = sum(1 + (letter >= _CHINESE_FROM) for letter in text) * 1.1
    return _LINE_HEIGHT * max(1, -(-needed // width))


def number_column(key: str = "no") -> Column[Any]:
    """序号: rows carry their own number."""
    return Column(key, Words("序号", "No."), lambda each: each.number, Kind.INTEGER, width=6)
