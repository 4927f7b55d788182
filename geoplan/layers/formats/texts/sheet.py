"""Text tables and Excel workbooks, to grids of cells.

Belongs here: the door to both, and which sheets of a workbook are read. Does not belong here:
encodings (``encodings.py``), separators (``text_table.py``), finding the heading (``grid.py``), or
the meaning of a cell.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.drawings.parcel_text import is_parcel_text, read_parcels
from geoplan.layers.formats.grid import Grid, find_heading, table_of_grid
from geoplan.layers.formats.parts import candidates, choose_part
from geoplan.layers.formats.texts.encodings import decode
from geoplan.layers.formats.texts.text_table import rows_of_text
from geoplan.layers.formats.workbooks.workbook import Book, open_book, renamed
from geoplan.layers.raw_table import RawTable
from geoplan.layers.tables.headings import count_hits
from geoplan.study import LayerFile
from geoplan.terms import Words

ALL_SHEETS = "*"
SHEET_ROWS = 100_000  # added to the row numbers of each further sheet
_MOST_HEAD = 100_000


def read_csv(file: LayerFile, where: str) -> RawTable:
    """Read a text table: UTF-8 with or without mark, UTF-16, GB18030; separators , ; tab |."""
    text, encoding, remarks = decode(file.path.read_bytes(), file, where)
    if is_parcel_text(text[:_MOST_HEAD]):
        return read_parcels(text, file, where, encoding=encoding)
    return table_of_grid(Grid(rows_of_text(text, file, where), (), encoding, remarks), file, where)


def read_workbook(file: LayerFile, where: str) -> RawTable:
    """Read one sheet of a workbook: the one asked for, or the one that names the layer.

    ``sheet = "*"`` reads all visible sheets that name a field of the layer, one after the other.
    """
    book = open_book(file.path, where)
    if file.sheet == ALL_SHEETS:
        return _read_together(book, file, where)
    _, grid = _choose_sheet(book, file, where)
    grid = replace(grid, remarks=(*grid.remarks, *renamed(file.path, file.layer)))
    return replace(table_of_grid(grid, file, where), day_zero=book.day_zero)


def _read_together(book: Book, file: LayerFile, where: str) -> RawTable:
    """Sheets of one kind, such as one a 街道, as one table; rows of later ones are numbered on."""
    grids = {name: book.grid(name, file.layer) for name in book.visible}
    used = [name for name, grid in grids.items() if _hits(grid, file)]
    if not used:
        used = book.visible[:1]  # no sheet names any field: the first will be refused in words
    tables = [table_of_grid(grids[name], file, where) for name in used]
    headings = tuple(dict.fromkeys(each for table in tables for each in table.headings))
    columns = tuple([cell for table in tables for cell in _cells(table, each)] for each in headings)
    rows = [table.rows + at * SHEET_ROWS for at, table in enumerate(tables)]
    starts = np.cumsum([0, *(len(table.rows) for table in tables)])
    banners = [
        at + int(start)
        for table, start in zip(tables, starts, strict=False)
        for at in table.banners
    ]
    said = [remark for table in tables for remark in table.remarks]
    together = _together_remark(used, file.layer)
    return RawTable(
        where,
        headings,
        columns,
        np.concatenate(rows),
        remarks=(*renamed(file.path, file.layer), together, *said),
        banners=tuple(banners),
        day_zero=book.day_zero,
    )


def _cells(table: RawTable, heading: str) -> list[object]:
    """A column of one sheet, blanks where the sheet does not have it."""
    if heading not in table.headings:
        return [None] * len(table.rows)
    return table.cells(table.headings.index(heading))


def _together_remark(names: list[str], layer: str) -> Remark:
    listed_zh = "、".join(
        f"{name}（行号加 {at * SHEET_ROWS}）" if at else name for at, name in enumerate(names)
    )
    listed_en = ", ".join(
        f"{name} (row numbers + {at * SHEET_ROWS})" if at else name for at, name in enumerate(names)
    )
    detail = Words(f"合并读入工作表：{listed_zh}", f"sheets read together: {listed_en}")
    return Remark("SHEETS_TOGETHER", detail, layer)


def list_sheets(path: Path, where: str) -> list[str]:
    """The visible sheets of a workbook, in its order."""
    return open_book(path, where, is_listing=True).visible


def _choose_sheet(book: Book, file: LayerFile, where: str) -> tuple[str, Grid]:
    """The sheet asked for, or the one whose headings name the most fields of the layer."""
    if file.sheet is not None:
        name = _one_of(book.names, file, where, asked=file.sheet)
        return name, book.grid(name, file.layer)
    names = candidates(book.visible, file.layer)
    grids = {name: book.grid(name, file.layer) for name in names}
    hits = {name: _hits(grid, file) for name, grid in grids.items()}
    best = [name for name in names if hits[name] == max(hits.values())]
    if len(best) > 1 and not hits[best[0]]:
        best = best[:1]  # no sheet names any field: the first one will be refused in words
    name = _one_of(best, file, where, asked=None)
    alike = [each for each in names if each != name and hits[each] * 2 >= hits[name] > 0]
    if not alike:
        return name, grids[name]
    remark = _left_remark(name, alike, file.layer)
    return name, replace(grids[name], remarks=(*grids[name].remarks, remark))


def _left_remark(name: str, alike: list[str], layer: str) -> Remark:
    listed = "、".join(alike)
    detail = Words(
        f'只读了工作表“{name}”；{listed} 的表头也像这个图层，要合并读入请写 sheet = "*"',
        f'only the sheet "{name}" was read; {", ".join(alike)} look like this layer too: '
        'write sheet = "*" to read them together',
    )
    return Remark("SHEETS_LEFT", detail, layer)


def _one_of(names: list[str], file: LayerFile, where: str, *, asked: str | None) -> str:
    part = choose_part(names, file.layer, asked=asked, where=where)
    if not isinstance(part, str):
        raise DataError(part)
    return part


def _hits(grid: Grid, file: LayerFile) -> int:
    heading = find_heading(grid.cells, grid.merges, layer=file.layer, override=file.columns)
    return count_hits(heading.names, file.layer, file.columns)
