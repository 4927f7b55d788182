"""CSV files and Excel workbooks, to grids of cells.

Belongs here: encodings, separators, sheets and merged cells. Does not belong here: finding the
heading (``grid.py``), or the meaning of a cell.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.dbf import python_encoding
from geoplan.layers.formats.grid import Merge, Row, find_heading, table_of_grid
from geoplan.layers.formats.parts import candidates, choose_part
from geoplan.layers.formats.vector import unreadable
from geoplan.layers.headings import count_hits
from geoplan.layers.raw import RawTable, listing, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_SEPARATORS = ",;\t|"
_MOST_UNPACKED = 500_000_000
_MOST_CELL = 10_000_000


def read_csv(file: LayerFile, where: str) -> RawTable:
    """Read a text table: UTF-8 with or without mark, UTF-16, GB18030; separators , ; tab |."""
    content = file.path.read_bytes()
    text, encoding, remarks = _decode(content, file, where)
    csv.field_size_limit(_MOST_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    except csv.Error as fault:
        raise unreadable(where, fault) from fault
    grid: list[Row] = [list(row) for row in rows]
    return table_of_grid(
        grid,
        (),
        layer=file.layer,
        override=file.columns,
        where=where,
        encoding=encoding,
        remarks=remarks,
    )


def _decode(content: bytes, file: LayerFile, where: str) -> tuple[str, str, tuple[Remark, ...]]:
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise unreadable(where, ValueError("binary data in a text table"))
    for codec in _codecs(content, file, where):
        try:
            text = content.decode(codec)
        except UnicodeError:
            continue
        name = codec.replace("_", "-").upper()
        return text.lstrip("\ufeff").replace("\0", ""), name, ()
    return content.decode("gb18030", errors="replace"), "GB18030", (_garbled(file.layer),)


def _codecs(content: bytes, file: LayerFile, where: str) -> list[str]:
    if file.encoding is not None:
        asked = python_encoding(file.encoding)
        if asked is None or not _decodes(content, asked):
            raise refuse(
                where,
                Words(
                    f"文件不是 study.toml 写的 {file.encoding} 编码",
                    f'the file is not encoded in "{file.encoding}" as study.toml says',
                ),
                Words(
                    "请删去 encoding 让 geoplan 自己判断，或改为 gb18030、utf-8。",
                    "Remove encoding and geoplan will tell by itself, or set gb18030 or utf-8.",
                ),
            )
        return [asked]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    return ["utf-8", "gb18030"]


def _decodes(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except UnicodeError:
        return False
    return True


def _garbled(layer: str) -> Remark:
    detail = Words(
        "有些字符按任何常见编码都读不出来，已用“�”代替",
        "some characters fit no usual encoding and were replaced by �",
    )
    return Remark("ENCODING_GUESSED", detail, layer)


def _separator(text: str) -> str:
    """The separator that splits the first lines into the most cells, most evenly."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    counts = {mark: sorted(line.count(mark) for line in lines) for mark in _SEPARATORS}
    return max(_SEPARATORS, key=lambda mark: counts[mark][len(lines) // 2] if lines else 0)


def read_workbook(file: LayerFile, where: str) -> RawTable:
    """Read one sheet of an Excel workbook: the one asked for, or the one that names the layer."""
    book = _open(file.path, where)
    try:
        sheet, grid, merges = _choose_sheet(book, file, where)
    finally:
        book.close()
    return table_of_grid(
        grid,
        merges,
        layer=file.layer,
        override=file.columns,
        where=where,
        encoding=None,
        remarks=_hidden(sheet, file.layer),
    )


def list_sheets(path: Path) -> list[str]:
    """The visible sheets of a workbook, in its order."""
    book = _open(path, str(path))
    try:
        return _visible(book)
    finally:
        book.close()


def _visible(book: Any) -> list[str]:
    return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _open(path: Path, where: str) -> Any:
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - heavy

    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(item.file_size for item in packed.infolist())
        if size > _MOST_UNPACKED:
            raise unreadable(where, ValueError(f"{size} bytes when unpacked"))
        return load_workbook(path, data_only=True)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        OSError,
        EOFError,
    ) as fault:
        raise unreadable(where, fault) from fault


def _choose_sheet(
    book: Any, file: LayerFile, where: str
) -> tuple[Worksheet, list[Row], list[Merge]]:
    names = [sheet.title for sheet in book.worksheets]
    if file.sheet is not None:
        part = choose_part(names, file.layer, asked=file.sheet, where=where)
        if not isinstance(part, str):
            raise DataError(part)
        return _grid_of(book[part])
    likely = [_grid_of(book[name]) for name in candidates(_visible(book) or names, file.layer)]
    scored = [(_hits(grid, merges, file), sheet, grid, merges) for sheet, grid, merges in likely]
    if not scored:
        part = choose_part([], file.layer, asked=None, where=where)
        raise DataError(part if not isinstance(part, str) else ())
    best = max(hits for hits, *_ in scored)
    fitting = [(sheet, grid, merges) for hits, sheet, grid, merges in scored if hits == best]
    named = [sheet.title for sheet, *_ in fitting]
    part = choose_part(named, file.layer, asked=None, where=where) if best else named[0]
    if not isinstance(part, str):
        raise DataError(part)
    return next(found for found in fitting if found[0].title == part)


def _hits(grid: Sequence[Row], merges: Sequence[Merge], file: LayerFile) -> int:
    heading = find_heading(grid, merges, layer=file.layer, override=file.columns)
    return count_hits(heading.names, file.layer, file.columns)


def _grid_of(sheet: Worksheet) -> tuple[Worksheet, list[Row], list[Merge]]:
    grid: list[Row] = [list(row) for row in sheet.iter_rows(values_only=True)]
    merges = [
        Merge(area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        for area in sheet.merged_cells.ranges
    ]
    return sheet, grid, merges


def _hidden(sheet: Worksheet, layer: str) -> tuple[Remark, ...]:
    rows = tuple(number for number, row in sheet.row_dimensions.items() if row.hidden)
    if not rows:
        return ()
    detail = Words(
        f"第 {listing(rows)} 行是隐藏行，也读入了",
        f"rows {listing(rows)} are hidden in the sheet; they were read too",
    )
    return (Remark("HIDDEN_ROWS", detail, layer, rows),)
