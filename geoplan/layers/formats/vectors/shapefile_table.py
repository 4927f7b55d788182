"""The text encoding of a shapefile's table, and what its bytes say of its records.

Belongs here: what .cpg, the language byte and the bytes themselves say. Does not belong here:
reading the table. Order of belief: the user, the .cpg, the language byte, UTF-8 if every value is
valid UTF-8, else GB18030 (``docs/method.md`` §4.1). A stated encoding that the bytes contradict is not
believed.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoplan.layers.tables.values import plain

_GBK_BYTE = 0x4D
_DELETED = ord("*")
_UTF8, _GB = "UTF-8", "GB18030"
_GB_NAMES = frozenset(
    {"936", "cp936", "ansi936", "oem936", "gbk", "gb2312", "gb18030", "ms936", "oem", "54936"}
)
_MOST_BYTES, _MOST_TEXTS = 8_000_000, 1_000_000
_FIELD = struct.Struct("<11sc4xBB14x")


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding chosen and why: ``asked``, ``cpg``, ``language``, ``bytes`` or ``doubted``."""

    name: str
    reason: str


def find_encoding(shp: Path, asked: str | None) -> Encoding | None:
    """The encoding of the .dbf beside a .shp; ``None`` when the one asked for does not fit."""
    dbf, cpg = beside(shp, ".dbf"), beside(shp, ".cpg")
    if dbf is None:
        return Encoding(_UTF8, "bytes")
    head, texts = _read_texts(dbf)
    if asked is not None:
        name = python_encoding(asked)
        return Encoding(_gdal_name(name), "asked") if name and _fits(texts, name) else None
    stated = python_encoding(cpg.read_text("latin-1").strip()) if cpg is not None else None
    if stated and _fits(texts, stated):
        return Encoding(_gdal_name(stated), "cpg")
    if not stated and head == _GBK_BYTE and _fits(texts, "gb18030"):
        return Encoding(_GB, "language")
    found = _UTF8 if _fits(texts, "utf-8") else _GB
    return Encoding(found, "doubted" if stated else "bytes")


def beside(shp: Path, suffix: str) -> Path | None:
    """A part of a shapefile, whatever the case of its suffix."""
    for name in (suffix, suffix.upper()):
        part = shp.with_suffix(name)
        if part.exists():
            return part
    return None


def cut_parts(shp: Path) -> list[str]:
    """The parts of a shapefile that are shorter than their own heads say."""
    found = []
    for suffix in (".shp", ".shx", ".dbf"):
        part = beside(shp, suffix)
        if part is not None and part.stat().st_size < _stated_size(part, suffix):
            found.append(suffix)
    return found


def shares_records(shp: Path) -> bool:
    """Whether the index of a shapefile leads to the same shapes more than once."""
    index = beside(shp, ".shx")
    if index is None:
        return False
    records = np.frombuffer(index.read_bytes()[100:], dtype=">i4")
    lengths = records[1::2].astype(np.int64)
    return int(2 * lengths.sum()) > shp.stat().st_size or bool((lengths < 0).any())


def _stated_size(part: Path, suffix: str) -> int:
    with part.open("rb") as stream:
        head = stream.read(32)
    if len(head) < 32:  # noqa: PLR2004 - every part has a longer head
        return len(head) + 1
    if suffix == ".dbf":
        records, start, size = struct.unpack_from("<IHH", head, 4)
        return int(start + records * size)
    return int(struct.unpack_from(">i", head, 24)[0]) * 2


def count_deleted(shp: Path) -> int:
    """How many records of the table are marked as deleted; their program no longer shows them."""
    dbf = beside(shp, ".dbf")
    if dbf is None or dbf.stat().st_size < 32:  # noqa: PLR2004 - the fixed head of a DBF
        return 0
    content = np.fromfile(dbf, dtype=np.uint8)
    records, start, size = struct.unpack("<IHH", content[4:12].tobytes())
    return int((content[start::size][:records] == _DELETED).sum()) if size else 0


def python_encoding(name: str) -> str | None:
    """The codec of an encoding's name in a .cpg or in study.toml; ``None`` for an unknown one.

    Examples
    --------
    >>> python_encoding("ANSI 936"), python_encoding("utf8"), python_encoding("klingon")
    ('gb18030', 'utf-8', None)
    """
    word = plain(name).replace("-", "").replace("_", "")
    if word in _GB_NAMES:
        return "gb18030"
    if word in {"utf8", "65001", "utf8sig"}:
        return "utf-8"
    word = f"iso8859-{word[5:]}" if word.startswith("88591") and len(word) > len("88591") else word
    for guess in (name.strip(), word, f"cp{word}"):
        try:
            "".encode(guess)  # a codec that is no encoding of text (uu, zlib) is unknown here
            return codecs.lookup(guess).name
        except (LookupError, ValueError):
            continue
    return None


def _gdal_name(codec: str) -> str:
    return {"utf-8": _UTF8, "gb18030": _GB}.get(codec, codec.upper())


def _read_texts(dbf: Path) -> tuple[int, list[tuple[bytes, int]]]:
    """The language byte, and the text of the headings and of the first records."""
    with dbf.open("rb") as stream:
        content = stream.read(_MOST_BYTES)
    if len(content) < 32:  # noqa: PLR2004 - the fixed head of a DBF
        return 0, []
    _, start, size = struct.unpack_from("<IHH", content, 4)
    fields = list(_fields(content, start))
    texts = [(name, 11) for name, *_ in fields]
    for record in range(start, len(content) - size + 1, max(size, 1)):
        if len(texts) > _MOST_TEXTS:
            break
        texts += [
            (content[record + at : record + at + width].rstrip(b" \0"), width)
            for _, kind, at, width in fields
            if kind == b"C" and width > 0 and at + width <= size
        ]
    return content[29], texts


def _fields(content: bytes, start: int) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Name, type, offset in a record and width of every field."""
    offset = 1
    for at in range(32, min(start, len(content)) - 32, 32):
        if content[at] == 0x0D:  # noqa: PLR2004 - end of the field list
            return
        name, kind, width, decimals = _FIELD.unpack_from(content, at)
        wide = width + 256 * decimals if kind == b"C" else width
        yield name.split(b"\0")[0], kind, offset, wide
        offset += wide


def _fits(texts: list[tuple[bytes, int]], codec: str) -> bool:
    """Whether every text decodes; one that fills its field may end in half a character."""
    decoder = codecs.getincrementaldecoder(codec)
    try:
        for text, width in texts:
            decoder().decode(text, final=len(text) < width - 1)
    except UnicodeDecodeError:
        return False
    return True
