"""Workbooks of every age behind one door: sheets by name, each a grid of cells.

Belongs here: what openpyxl and xlrd read, told apart by content and not by suffix. Does not
belong here: which sheet is the layer's (``sheet.py``) or where its heading stands (``grid.py``).

WPS writes ``.et`` as either kind; a file renamed by hand is read for what it is.
"""

from __future__ import annotations

import io
import re
import zipfile
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.grid import Grid, Merge, Row
from geoplan.layers.formats.vector import unreadable
from geoplan.layers.raw import listing, refuse
from geoplan.terms import Words

OLD = b"\xd0\xcf\x11\xe0"
PACKED = b"PK"
# A sheet of a million rows unpacks to less; more is a bomb, or no table that people keep.
MOST_UNPACKED = 500_000_000
MOST_CELLS = 30_000_000
_SEALED = "EncryptedPackage".encode("utf-16-le")
_FORMULA = re.compile(rb"<f[ >]")
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

    @abstractmethod
    def uncounted(self, name: str, grid: Grid, layer: str) -> tuple[Remark, ...]:
        """What is to be said of formulas without a result."""


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

    content: bytes
    book: Any
    where: str

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
        cells = _cells(sheet, self.where)
        rows = [number for number, row in sheet.row_dimensions.items() if row.hidden]
        return Grid(cells, merges, None, hidden_rows(rows, layer))

    def uncounted(self, name: str, grid: Grid, layer: str) -> tuple[Remark, ...]:
        """Formulas that the program which wrote the workbook never worked out."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as packed:
            sheets = [part for part in packed.namelist() if part.startswith("xl/worksheets/sheet")]
            if not any(_FORMULA.search(packed.read(part)) for part in sheets):
                return ()
        from openpyxl import load_workbook

        written = _cells(load_workbook(io.BytesIO(self.content))[name], self.where)
        rows = tuple(
            number
            for number, (formulas, values) in enumerate(zip(written, grid.cells, strict=False), 1)
            if any(
                value is None and isinstance(formula, str) and formula.startswith("=")
                for formula, value in zip(formulas, values, strict=False)
            )
        )
        return _without_result(rows, layer) if rows else ()


def _open_packed(content: bytes, where: str, *, is_listing: bool) -> Book:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(item.file_size for item in packed.infolist())
        if size <= MOST_UNPACKED:
            book = load_workbook(io.BytesIO(content), data_only=True, read_only=is_listing)
            return _Packed(content, book, where)
    except Exception as fault:
        raise unreadable(where, fault) from fault
    raise unreadable(where, ValueError(f"{size} bytes when unpacked"))


def _cells(sheet: Any, where: str) -> list[Row]:
    """The values of a sheet as far as it holds any, not as far as it says or is formatted.

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
    if rows * columns > MOST_CELLS:
        raise unreadable(where, ValueError(f"{rows} x {columns} cells"))
    cells: list[Row] = [[None] * columns for _ in range(rows)]
    for (row, column), value in filled.items():
        cells[row - 1][column - 1] = value
    return cells


def hidden_rows(rows: Sequence[int], layer: str) -> tuple[Remark, ...]:
    """That hidden rows were read too, if there are any."""
    if not rows:
        return ()
    detail = Words(
        f"第 {listing(rows)} 行是隐藏行，也读入了",
        f"rows {listing(rows)} are hidden in the sheet; they were read too",
    )
    return (Remark("HIDDEN_ROWS", detail, layer, tuple(rows)),)


def _without_result(rows: tuple[int, ...], layer: str) -> tuple[Remark, ...]:
    detail = Words(
        f"第 {listing(rows)} 行有没算出结果的公式，按空白处理；请用 Excel 打开并保存一次",
        f"rows {listing(rows)} hold formulas without a result and count as blank; "
        "open the workbook in Excel and save it once",
    )
    return (Remark("FORMULA_WITHOUT_RESULT", detail, layer, rows),)


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
        cells: list[Row] = [
            [self._cell(cell) for cell in sheet.row(number)] for number in range(sheet.nrows)
        ]
        rows = sorted(number + 1 for number, row in sheet.rowinfo_map.items() if row.hidden)
        return Grid(cells, merges, None, hidden_rows(rows, layer))

    def uncounted(self, name: str, grid: Grid, layer: str) -> tuple[Remark, ...]:
        """Nothing: the old format keeps every result beside its formula."""
        del name, grid, layer
        return ()

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
        if cell.ctype == xlrd.XL_CELL_NUMBER and float(cell.value).is_integer():
            return int(cell.value)
        value: object = cell.value
        return value


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
