"""Forms as bureaus keep them: title, header block, merged headings, rows, totals, notes, print setup.

Belongs here: how a form is laid out on an Excel sheet. Which columns a form has is in the module
of that form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from geoplan.assess.model import Assessment
from geoplan.render.sheets.table import Cell, Column, Kind, settle_cell
from geoplan.render.sheets.workbook import (
    SHORT,
    Styles,
    row_points,
    set_page,
    text_units,
    write_cell,
)
from geoplan.terms import Words

_TITLE_HEIGHT, _LINE_HEIGHT, _GROUP_HEIGHT, _HEADING_HEIGHT = 34, 18, 20, 48
_GROUP_BLUE = "#D6E3F0"
_PAGE_MM = 398.0  # across an A3 sheet inside its margins
_MM_PER_UNIT = 2.65  # of column width, with the widest font a program may fall back to


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
    stay in sight. A form is one page wide; with a ``scale`` (in per cent) it is as many pages wide
    as it needs, broken between groups, with the frozen columns on each.
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
    scale: int | None = None

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        """All columns, left to right."""
        return tuple(column for group in self.groups for column in group.columns)


def write_form(
    book: Any, form: Form, assessment: Assessment, *, styles: Styles, language: str
) -> None:
    """Add a form to an open workbook as a new sheet."""
    sheet = book.add_worksheet(form.name.say(language))
    breaks = page_breaks(form)
    # Lines over the table stand on the first page, and not in the columns every page repeats.
    over = (form.frozen, breaks[0] - 1) if breaks else (0, len(form.columns) - 1)
    first = _write_top(sheet, form, over, styles, language)
    line = _write_headings(sheet, first, form, styles, language)
    for row in form.rows:
        cells = [settle_cell(column.of(row), column.kind) for column in form.columns]
        _write_row(sheet, line, cells, form, styles=styles, language=language, bold=False)
        line += 1
    sheet.autofilter(first + 1, 0, max(line - 1, first + 2), len(form.columns) - 1)
    for cells_below in form.totals:
        _write_row(sheet, line, cells_below, form, styles=styles, language=language, bold=True)
        line += 1
    style = styles.get(border=0, text_wrap=True, font_size=9, valign="top")
    for text in form.notes:
        _write_line(sheet, (line, *over), text, form, style)
        line += 1
    set_page(sheet, assessment, language)
    _set_print(sheet, form, breaks, first=first, last=line - 1)


def page_breaks(form: Form) -> list[int]:
    """The columns before which a new page begins: at groups, so that none is cut."""
    if form.scale is None:
        return []
    room_mm = _PAGE_MM * 100 / form.scale
    repeated_mm = _width_mm(form.columns[: form.frozen])
    breaks: list[int] = []
    used_mm, place = 0.0, 0
    for group in form.groups:
        needed_mm = _width_mm(group.columns)
        if place and used_mm + needed_mm > room_mm:
            breaks.append(place)
            used_mm = repeated_mm
        used_mm += needed_mm
        place += len(group.columns)
    return breaks


def _width_mm(columns: Sequence[Column[Any]]) -> float:
    return sum(column.width for column in columns) * _MM_PER_UNIT


def _write_top(sheet: Any, form: Form, over: tuple[int, int], styles: Styles, language: str) -> int:
    """Title, header block and unit line; returns the row of the headings."""
    left, right = over
    title = styles.get(bold=True, font_size=18, align="center", border=0)
    sheet.set_row(0, _TITLE_HEIGHT)
    _merge(sheet, (0, left, 0, right), form.title.say(language), title)
    line = 1
    for text in form.header:
        _write_line(sheet, (line, *over), text, form, styles.get(border=0, text_wrap=True))
        line += 1
    if form.unit:
        aside = styles.get(border=0, align="right")
        _merge(sheet, (line, left, line, right), form.unit, aside)
        sheet.set_row(line, _LINE_HEIGHT)
        line += 1
    return line


def _write_line(sheet: Any, place: tuple[int, int, int], text: str, form: Form, style: Any) -> None:
    """Text over many columns; Excel does not grow merged cells by itself."""
    line, left, right = place
    _merge(sheet, (line, left, line, right), text, style)
    width = sum(column.width for column in form.columns[left : right + 1])
    sheet.set_row(line, _LINE_HEIGHT * max(1, ceil(text_units(text) / width)))


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
    sheet.set_row(line, row_points(cells, form.columns))
    for place, (cell, column) in enumerate(zip(cells, form.columns, strict=True)):
        style = styles.of(cell, column.kind, bold=bold, is_short=column.width < SHORT)
        write_cell(sheet, (line, place), cell, style, language)


def _set_print(sheet: Any, form: Form, breaks: Sequence[int], *, first: int, last: int) -> None:
    sheet.freeze_panes(first + 2, form.frozen)
    sheet.repeat_rows(first, first + 1)
    sheet.print_area(0, 0, last, len(form.columns) - 1)
    if form.scale is not None:
        sheet.set_print_scale(form.scale)  # takes the place of fitting to one page
        sheet.repeat_columns(0, form.frozen - 1)
        sheet.set_v_pagebreaks(list(breaks))


def _merge(sheet: Any, area: tuple[int, int, int, int], text: str, style: Any) -> None:
    top, left, bottom, right = area
    if (top, left) == (bottom, right):
        sheet.write_string(top, left, text, style)
        return
    sheet.merge_range(*area, "", style)
    sheet.write_string(top, left, text, style)


def number_column(key: str = "no") -> Column[Any]:
    """序号: rows carry their own number."""
    return Column(key, Words("序号", "No."), lambda each: each.number, Kind.INTEGER, width=6)
