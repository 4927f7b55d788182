"""The blocks of a drawing: how much there is to draw once each is drawn wherever it is inserted.

Belongs here: adding up a DXF's blocks before GDAL draws them. Does not belong here: its entities
(``dxf.py``).

Ten blocks that each insert the next one ten times are a page of text and ten thousand million
entities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_MOST_DEPTH = 50
_ENDLESS = 1 << 62
_NAME, _COLUMNS, _ROWS = b"2", b"70", b"71"


@dataclass(slots=True)
class _Part:
    """A block, or all that is in none: its own bytes, and how often it inserts which other."""

    own: int = 0
    inserts: dict[bytes, int] = field(default_factory=dict)


def drawn_size(content: bytes) -> int:
    r"""The bytes of a DXF's entities if every block were written out wherever it is inserted.

    Examples
    --------
    >>> block = b"0\nBLOCK\n2\nA\n0\nLINE\n10\n1\n0\nENDBLK\n"
    >>> drawn_size(block) < drawn_size(block + b"0\nINSERT\n2\nA\n70\n100\n71\n100\n")
    True
    """
    if b"INSERT" not in content:
        return len(content)
    parts = _parts(content)
    sizes: dict[bytes, int] = {}
    return _size(parts[b""], parts, sizes, 0)


def _parts(content: bytes) -> dict[bytes, _Part]:
    """The blocks by name; what is in none under no name."""
    parts = {b"": _Part()}
    part = parts[b""]
    kind, told, size = b"", {}, 0
    for code, value, length in (*_pairs(content), (b"0", b"EOF", 0)):
        if code != b"0":
            told[code] = value
            size += length
            continue
        if kind == b"BLOCK":
            part = parts.setdefault(told.get(_NAME, b"?").upper(), _Part())
        elif kind == b"ENDBLK":
            part = parts[b""]
        elif kind == b"INSERT":
            name = told.get(_NAME, b"").upper()
            times = _number(told.get(_COLUMNS)) * _number(told.get(_ROWS))
            part.inserts[name] = part.inserts.get(name, 0) + times
        part.own += size
        kind, told, size = value, {}, length
    return parts


def _pairs(content: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Group code and value, and the bytes that both take."""
    lines = iter(content.splitlines())
    for code, value in zip(lines, lines, strict=False):
        yield code.strip(), value.strip(), len(code) + len(value)


def _number(text: bytes | None) -> int:
    try:
        return min(max(int(text or b"1"), 1), _ENDLESS)
    except ValueError:
        return 1


def _size(part: _Part, parts: Mapping[bytes, _Part], sizes: dict[bytes, int], depth: int) -> int:
    """Own bytes and those of everything inserted; a circle of blocks is endless."""
    if depth > _MOST_DEPTH:
        return _ENDLESS
    total = part.own
    for name, times in part.inserts.items():
        if name not in sizes and name in parts:
            sizes[name] = _ENDLESS  # what it is while it is not known: it would be in itself
            sizes[name] = _size(parts[name], parts, sizes, depth + 1)
        total += times * sizes.get(name, 0)
    return min(total, _ENDLESS)
