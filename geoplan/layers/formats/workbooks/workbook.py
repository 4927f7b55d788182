"""Workbooks of every age behind one door: sheets by name, each a grid of cells.

Belongs here: what openpyxl and xlrd read, told apart by content and not by suffix. Does not
belong here: which sheet is the layer's (``sheet.py``) or where its heading stands (``grid.py``).

WPS writes ``.et`` as either kind; a file renamed by hand is read for what it is.
"""

from __future__ import annotations

import io
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.bounds import MOST_CELL, check_table, check_unpacked_rows
from geoplan.layers.formats.grid import Grid, Merge, Row
from geoplan.layers.formats.vectors.vector import unreadable
from geoplan.layers.formats.workbooks.ooxml import (
    is_strict,
    uncounted_cells,
    with_usual_names,
    without_ornaments,
)
from geoplan.layers.formats.workbooks.shown_numbers import shown_cell
from geoplan.layers.formats.workbooks.workbook_remarks import (
    hidden_rows,
    mended_remark,
    shown_remarks,
    without_result,
)
from geoplan.layers.formats.workbooks.workbook_weight import weigh_workbook
from geoplan.layers.raw_table import DAY_ZERO, refuse
from geoplan.terms import Words

OLD = b"\xd0\xcf\x11\xe0"
PACKED = b"PK"
_CELLS_A_FILLED = 10  # a sheet with one cell in twenty filled is a table yet
_SEALED = "EncryptedPackage".encode("utf-16-le")
UNCOUNTED = "#FORMULA!"
XL_NUMBER = 2
_FROM_1904 = date(1904, 1, 1)
_PACKED_SUFFIXES = (".xlsx", ".xlsm")


class Book(Protocol):
    """An opened workbook."""

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """Of every sheet, in order."""

    @property
    @abstractmethod
    def visible(self) -> list[str]:
        """Of the sheets that are not hidden, in order."""

    @abstractmethod
    def grid(self, name: str, layer: str) -> Grid:
        """The cells of a sheet."""

    @property
    @abstractmethod
    def day_zero(self) -> date:
        """The day from which its days are counted."""


def open_book(path: Path, where: str, *, is_listing: bool = False) -> Book:
    """Open a workbook for what its first bytes say it is.

    Raises
    ------
    DataError
        it is damaged, protected by a password, no workbook, or absurdly large when unpacked.
    """
    content = path.read_bytes()
    if content.startswith(OLD):
        return _open_old(content, where)
    if content.startswith(PACKED):
        return _open_packed(content, where, is_listing=is_listing)
    raise refuse(
        where,
        Words("内容不是 Excel 或 WPS 表格", "the content is no Excel or WPS workbook"),
        Words(
            "请改正后缀，或用 Excel、WPS 另存为 .xlsx。", "Correct the suffix, or save it as .xlsx."
        ),
    )


def renamed(path: Path, layer: str) -> tuple[Remark, ...]:
    """That the suffix is that of the other kind, if it is; ``.et`` may be either."""
    with path.open("rb") as stream:
        is_old = stream.read(4) == OLD
    suffix = path.suffix.lower()
    if suffix == ".et" or is_old != (suffix in _PACKED_SUFFIXES):
        return ()
    kind = ".xls" if is_old else ".xlsx"
    detail = Words(
        f"后缀是 {suffix}，内容是 {kind}，按 {kind} 读取",
        f"named {suffix}, but it is {kind}; read as that",
    )
    return (Remark("SUFFIX_WRONG", detail, layer),)


# ------------------------------------------------------------------- .xlsx and its kin


@dataclass(frozen=True, slots=True)
class _Packed:
    """A zipped workbook, read by openpyxl."""

    book: Any
    where: str
    size: int
    uncounted: Mapping[str, Sequence[tuple[int, int]]]
    remarks: tuple[Remark, ...] = ()

    @property
    def names(self) -> list[str]:
        return [sheet.title for sheet in self.book.worksheets]

    @property
    def visible(self) -> list[str]:
        return [sheet.title for sheet in self.book.worksheets if sheet.sheet_state == "visible"]

    def grid(self, name: str, layer: str) -> Grid:
        sheet = self.book[name]
        merges = tuple(
            Merge(area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
            for area in sheet.merged_cells.ranges
        )
        cells, odd = _cells(sheet, self.where)
        filled = sum(any(cell is not None for cell in row) for row in cells)
        check_unpacked_rows(filled, self.where, size=self.size)
        rows = [number for number, row in sheet.row_dimensions.items() if row.hidden]
        said = (*self.remarks, *hidden_rows(rows, layer), *shown_remarks(odd, layer))
        said += _mark_uncounted(cells, self.uncounted.get(name, ()), layer)
        return Grid(cells, merges, None, tuple(replace(each, layer=layer) for each in said))

    @property
    def day_zero(self) -> date:
        return _FROM_1904 if self.book.epoch.year == _FROM_1904.year else DAY_ZERO


def _open_packed(content: bytes, where: str, *, is_listing: bool) -> Book:
    try:
        weigh_workbook(content, where, with_sheets=not is_listing)
        usual = with_usual_names(content) if is_strict(content) else content
        return _load(usual, where, size=len(content), is_listing=is_listing)
    except DataError:
        raise
    except Exception as fault:
        raise unreadable(where, fault) from fault


def _load(content: bytes, where: str, *, size: int, is_listing: bool) -> Book:
    """The workbook as it is; where openpyxl refuses it, as it is without styles and ornaments."""
    from openpyxl import load_workbook

    said: tuple[Remark, ...] = ()
    try:
        book = load_workbook(io.BytesIO(content), data_only=True, read_only=is_listing)
    except Exception:  # noqa: BLE001 - whatever it is, the cells may be sound
        content = without_ornaments(content)
        book = load_workbook(io.BytesIO(content), data_only=True, read_only=is_listing)
        said = (mended_remark(),)
    return _Packed(book, where, size, {} if is_listing else uncounted_cells(content), said)


def _cells(sheet: Any, where: str) -> tuple[list[Row], dict[int, tuple[object, object]]]:
    """The values of a sheet as far as it holds any, not as far as it says or is formatted.

    Gives too, by row, the numbers that count as they are shown: as stored, and as shown.

    Asking openpyxl for rows would make a cell of every blank: a sheet with a value in its last
    row, or with nothing but a format there, would take minutes.
    """
    filled = {
        place: cell.value
        for place, cell in sheet._cells.items()  # noqa: SLF001 - see above
        if cell.value is not None
    }
    areas = sheet.merged_cells.ranges
    rows = max([row for row, _ in filled] + [area.max_row for area in areas], default=0)
    columns = max([column for _, column in filled] + [area.max_col for area in areas], default=0)
    check_table(rows, columns, where, size=_CELLS_A_FILLED * len(filled))
    long = [
        place
        for place, value in filled.items()
        if isinstance(value, str) and len(value) > MOST_CELL
    ]
    if long:
        raise unreadable(where, ValueError(f"a text of {len(filled[long[0]]):,} characters"))
    cells: list[Row] = [[None] * columns for _ in range(rows)]
    odd: dict[int, tuple[object, object]] = {}
    for (row, column), value in filled.items():
        shown = _as_shown(sheet._cells[row, column], value)  # noqa: SLF001 - as above
        cells[row - 1][column - 1] = shown
        if shown is not value:
            odd.setdefault(row, (value, shown))
    return cells, dict(sorted(odd.items()))


def _as_shown(cell: Any, value: object) -> object:
    if not isinstance(value, (int, float)) or not cell.has_style:
        return value
    return shown_cell(value, cell.number_format)


def _mark_uncounted(
    cells: list[Row], places: Sequence[tuple[int, int]], layer: str
) -> tuple[Remark, ...]:
    """Formulas without a result become unknown, which a blank is not."""
    lost = [
        (row, column)
        for row, column in places
        if row <= len(cells)
        and column <= len(cells[row - 1])
        and cells[row - 1][column - 1] is None
    ]
    for row, column in lost:
        cells[row - 1][column - 1] = UNCOUNTED
    rows = tuple(dict.fromkeys(row for row, _ in lost))
    return without_result(rows, layer) if rows else ()


# ------------------------------------------------------------------------ .xls and its kin


@dataclass(frozen=True, slots=True)
class _Old:
    """A workbook of Excel 97–2003, read by xlrd."""

    book: Any

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.book.sheet_names()]

    @property
    def visible(self) -> list[str]:
        return [sheet.name for sheet in self.book.sheets() if not sheet.visibility]

    def grid(self, name: str, layer: str) -> Grid:
        sheet = self.book.sheet_by_name(name)
        merges = tuple(
            Merge(top, left, bottom - 1, right - 1)
            for top, bottom, left, right in sheet.merged_cells
        )
        cells: list[Row] = []
        odd: dict[int, tuple[object, object]] = {}
        for number in range(sheet.nrows):
            cells.append([self._cell(cell) for cell in sheet.row(number)])
            for cell, shown in zip(sheet.row(number), cells[-1], strict=True):
                if cell.ctype == XL_NUMBER and isinstance(shown, str):
                    odd.setdefault(number + 1, (cell.value, shown))
        rows = sorted(number + 1 for number, row in sheet.rowinfo_map.items() if row.hidden)
        said = (*hidden_rows(rows, layer), *shown_remarks(odd, layer))
        return Grid(cells, merges, None, said)

    @property
    def day_zero(self) -> date:
        return _FROM_1904 if self.book.datemode else DAY_ZERO

    def _cell(self, cell: Any) -> object:
        import xlrd

        if cell.ctype in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
            return None
        if cell.ctype == xlrd.XL_CELL_DATE:
            return _day(cell.value, self.book.datemode)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(cell.value, "#N/A")
        if cell.ctype != xlrd.XL_CELL_NUMBER:
            value: object = cell.value
            return value
        number = int(cell.value) if float(cell.value).is_integer() else cell.value
        style = self.book.xf_list[cell.xf_index] if cell.xf_index is not None else None
        found = self.book.format_map.get(style.format_key) if style is not None else None
        return number if found is None else shown_cell(number, found.format_str)


def _day(value: float, mode: int) -> object:
    """The day of a serial number; the number itself where the calendar has no such day."""
    import xlrd

    try:
        return xlrd.xldate_as_datetime(value, mode)
    except (ValueError, OverflowError):
        return value


def runs_in_circles(chain: Sequence[int]) -> bool:
    """Whether following a table of next sectors never ends; beyond the table it does.

    Examples
    --------
    >>> runs_in_circles([1, 2, -2]), runs_in_circles([1, 2, 1])
    (False, True)
    """
    end = len(chain)
    follow = np.array([*chain, end], dtype=np.int64)
    follow[(follow < 0) | (follow > end)] = end
    for _ in range(end.bit_length()):  # each round doubles the steps that are taken
        follow = follow[follow]
    return bool((follow != end).any())


def _open_old(content: bytes, where: str) -> Book:
    import xlrd
    from xlrd.compdoc import CompDoc

    try:
        # xlrd itself watches for circles everywhere but in the table of short sectors.
        is_endless = runs_in_circles(CompDoc(content, logfile=io.StringIO()).SSAT)
        # What xlrd has to say of odd files goes nowhere: it would mix with our own messages.
        book = (
            None
            if is_endless
            else xlrd.open_workbook(
                file_contents=content, formatting_info=True, logfile=io.StringIO()
            )
        )
    except Exception as fault:
        if "encrypt" in str(fault).lower() or _SEALED in content:
            raise _protected(where) from fault
        raise unreadable(where, fault) from fault
    if book is None:
        raise unreadable(where, ValueError("a chain of sectors runs in a circle"))
    return _Old(book)


def _protected(where: str) -> DataError:
    return refuse(
        where,
        Words("工作簿设有打开密码", "the workbook is protected by a password"),
        Words("请取消密码后重新保存。", "Remove the password and save it again."),
    )
