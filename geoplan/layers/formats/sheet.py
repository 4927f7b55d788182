"""CSV files and Excel workbooks, to grids of cells.

Belongs here: encodings, separators, sheets and merged cells. Does not belong here: finding the
heading (``grid.py``), or the meaning of a cell.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.book import Book, open_book, renamed
from geoplan.layers.formats.dbf import python_encoding
from geoplan.layers.formats.grid import Grid, find_heading, table_of_grid
from geoplan.layers.formats.parcel_text import is_parcel_text, read_parcels
from geoplan.layers.formats.parts import candidates, choose_part
from geoplan.layers.formats.vector import unreadable
from geoplan.layers.headings import count_hits
from geoplan.layers.raw import RawTable, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

ALL_SHEETS = "*"
SHEET_ROWS = 100_000  # added to the row numbers of each further sheet
_SEPARATORS = ",;\t|；"
_MOST_CELL = 10_000_000
_MOST_HEAD = 100_000


def read_csv(file: LayerFile, where: str) -> RawTable:
    """Read a text table: UTF-8 with or without mark, UTF-16, GB18030; separators , ; tab |."""
    text, encoding, remarks = _decode(file.path.read_bytes(), file, where)
    if is_parcel_text(text[:_MOST_HEAD]):
        return read_parcels(text, file, where, encoding=encoding)
    csv.field_size_limit(_MOST_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    except csv.Error as fault:
        raise unreadable(where, fault) from fault
    if _is_cut(rows, text):
        raise _cut_off(where)
    return table_of_grid(Grid([list(row) for row in rows], (), encoding, remarks), file, where)


def _is_cut(rows: Sequence[Sequence[str]], text: str) -> bool:
    """Whether the last row stops short of the others, without an end of line."""
    return (
        len(rows) > 2  # noqa: PLR2004 - a heading and a row to compare with
        and not text.endswith(("\n", "\r"))
        and len(rows[-1]) < len(rows[-2])
        and len(rows[-1]) < max(map(len, rows))
    )


def _cut_off(where: str) -> DataError:
    return refuse(
        where,
        Words("文件在一行中间断了，不完整", "the file ends in the middle of a row: it is cut off"),
        Words("请重新导出或重新拷贝。", "Export or copy it again."),
    )


def _decode(content: bytes, file: LayerFile, where: str) -> tuple[str, str, tuple[Remark, ...]]:
    """The text, its encoding and what is to be said of it."""
    has_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in content[:4096] and not has_mark:
        raise unreadable(where, ValueError("binary data in a text table"))
    for codec in _codecs(content, file, where):
        decoder = codecs.getincrementaldecoder(codec)()
        try:
            text = decoder.decode(content)
        except UnicodeError:
            continue
        if decoder.getstate()[0]:
            raise _cut_off(where)
        return text.lstrip("\ufeff").replace("\0", ""), codec.upper(), ()
    return content.decode("gb18030", errors="replace"), "GB18030", (_garbled(file.layer),)


def _codecs(content: bytes, file: LayerFile, where: str) -> list[str]:
    """The encodings to try, in order."""
    if file.encoding is not None:
        asked = python_encoding(file.encoding)
        if asked is None or not _decodes(content, asked):
            raise _wrong_encoding(file.encoding, where)
        return [asked]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    return ["utf-8", "gb18030"]


def _decodes(content: bytes, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)().decode(content)
    except UnicodeError:
        return False
    return True


def _wrong_encoding(asked: str, where: str) -> DataError:
    return refuse(
        where,
        Words(
            f"文件不是 study.toml 写的 {asked} 编码",
            f'the file is not encoded in "{asked}" as study.toml says',
        ),
        Words(
            "请删去 encoding 让 geoplan 自己判断，或改为 gb18030、utf-8。",
            "Remove encoding and geoplan will tell by itself, or set gb18030 or utf-8.",
        ),
    )


def _garbled(layer: str) -> Remark:
    detail = Words(
        "有些字符按任何常见编码都读不出来，已用“�”代替",
        "some characters fit no usual encoding and were replaced by �",
    )
    return Remark("ENCODING_DAMAGED", detail, layer)


def _separator(text: str) -> str:
    """The separator that splits the first lines into the most cells, most evenly."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    counts = {mark: sorted(line.count(mark) for line in lines) for mark in _SEPARATORS}
    return max(_SEPARATORS, key=lambda mark: counts[mark][len(lines) // 2] if lines else 0)


def read_workbook(file: LayerFile, where: str) -> RawTable:
    """Read one sheet of a workbook: the one asked for, or the one that names the layer.

    ``sheet = "*"`` reads all visible sheets that name a field of the layer, one after the other.
    """
    book = open_book(file.path, where)
    if file.sheet == ALL_SHEETS:
        return _read_together(book, file, where)
    name, grid = _choose_sheet(book, file, where)
    said = (*renamed(file.path, file.layer), *book.uncounted(name, grid, file.layer))
    return table_of_grid(replace(grid, remarks=(*grid.remarks, *said)), file, where)


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
    said = [remark for table in tables for remark in table.remarks]
    together = _together_remark(used, file.layer)
    return RawTable(
        where,
        headings,
        columns,
        np.concatenate(rows),
        remarks=(*renamed(file.path, file.layer), together, *said),
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
