"""A packed workbook on the scales, before openpyxl builds a cell of it.

Belongs here: counting what the parts of an .xlsx hold. Does not belong here: what the cells are
(``book.py``).

openpyxl makes an object of every cell, and of every cell that a merged area or a link covers: a
workbook of a few kilobytes can name seventeen thousand million of them.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from geoplan.layers.formats.bounds import megabytes, most_unpacked, too_much
from geoplan.terms import Words

_PIECE = 1 << 20
_HEAD = 200
_FREE_CELLS, _BYTES_A_CELL = 1_000_000, 4  # openpyxl takes half a kilobyte a cell
_MARKS_A_CELL = 6  # where the cell, its value and what holds the value begin and end
_COVERING = frozenset({"mergeCell", "hyperlink"})
_MAY_COVER = re.compile(rb"mergeCell\b|hyperlink\b")
_ROW = re.compile(rb"<(?:\w{1,20}:)?row\b")
_MOST_ROWS = 1_048_576  # of a sheet; openpyxl does not count them
_AREA = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7}):\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
# In which no other character has the bytes of a mark; what is in another cannot be counted.
_COUNTABLE = frozenset(
    {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"gbk", b"gb2312", b"gb18030"}
)


@dataclass(slots=True)
class _Scales:
    """What has been counted so far, and the most there may be of it."""

    most_bytes: int
    most_cells: int
    where: str
    sheets: int = 0
    unpacked: int = 0
    marks: int = 0
    rows: int = 0
    covered: int = 0

    def add(self, piece: bytes) -> None:
        """Count the bytes and the marks of a piece of XML."""
        self.unpacked += len(piece)
        self.marks += piece.count(b"<")
        self.rows += len(_ROW.findall(piece))
        if self.unpacked > self.most_bytes:
            raise too_much(self.where, megabytes(self.unpacked))
        self.check_cells()

    def cover(self, name: str, attributes: dict[str, str]) -> None:
        """Count the cells that an element covers."""
        if name.rpartition(":")[2] in _COVERING:
            self.covered += _area(attributes.get("ref", ""))
            self.check_cells()

    def check_cells(self) -> None:
        """Refuse when there are more than the size explains."""
        count = self.marks // _MARKS_A_CELL + self.covered
        if self.rows > _MOST_ROWS * max(1, self.sheets):
            raise too_much(self.where, Words(f"{self.rows:,} 行", f"{self.rows:,} rows"))
        if count > self.most_cells:
            raise too_much(self.where, Words(f"{count:,} 个单元格", f"{count:,} cells"))


def weigh_workbook(content: bytes, where: str, *, with_sheets: bool = True) -> None:
    """Refuse a packed workbook of which more would be built than its size explains.

    Raises
    ------
    DataError
        it would.
    ValueError, zipfile.BadZipFile, zlib.error and their like
        it is damaged, or in an encoding that workbooks are not in.
    """
    size = len(content)
    scales = _Scales(most_unpacked(size), max(_FREE_CELLS, size // _BYTES_A_CELL), where)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        stated = sum(item.file_size for item in packed.infolist())
        if stated > scales.most_bytes:
            raise too_much(where, megabytes(stated))
        for item in packed.infolist():
            is_sheet = item.filename.startswith("xl/worksheets/")
            scales.sheets += is_sheet and item.filename.endswith(".xml")
            if item.filename.endswith((".xml", ".rels")) and (with_sheets or not is_sheet):
                _weigh_part(packed, item, scales)


def _weigh_part(packed: zipfile.ZipFile, item: zipfile.ZipInfo, scales: _Scales) -> None:
    may_cover = False
    last = b""
    with packed.open(item) as stream:
        while piece := stream.read(_PIECE):
            if not last:
                _check_encoding(piece[:_HEAD])
            scales.add(piece)
            seam = last[-_HEAD:] + piece
            if b"\0" in piece or b"<!DOCTYPE" in seam:
                raise ValueError("a workbook is UTF-8 and defines no document type")
            may_cover = may_cover or _MAY_COVER.search(seam) is not None
            last = piece
    if may_cover:
        parser = expat.ParserCreate()
        parser.StartElementHandler = scales.cover
        with packed.open(item) as stream:
            parser.ParseFile(stream)


def _check_encoding(head: bytes) -> None:
    told = _ENCODING.search(head.partition(b"?>")[0])
    if told and told[1].strip().lower() not in _COUNTABLE:
        raise ValueError(f"a workbook is UTF-8 and not {told[1][:20]!r}")


def _area(text: str) -> int:
    """The cells of a range such as ``A1:C3``; one for anything else."""
    found = _AREA.fullmatch(text.strip())
    if found is None:
        return 1
    left, top, right, bottom = found.groups()
    width = abs(_column(right) - _column(left)) + 1
    return width * (abs(int(bottom) - int(top)) + 1)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
