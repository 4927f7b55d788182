"""Shapes inside shapes inside shapes: how deep a geometry is nested, before a library decodes it.

Belongs here: the depth of WKB and WKT. Does not belong here: decoding them (``shapely`` does).

GEOS goes down one call a level and falls off the end of its stack, with the whole program, where a
geometry of a few hundred kilobytes is nothing but collections of collections.
"""

from __future__ import annotations

import struct

_MOST_DEPTH = 32
_COLLECTION_BYTES = 9  # byte order, type, count: the least that a level takes
_POINT, _LINE, _POLYGON = 1, 2, 3
_LINES, _RINGED = frozenset({_LINE, 8}), frozenset({_POLYGON, 17})
_HOLDERS = frozenset({4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16})
_Z, _M, _SRID, _FLAGS = 0x80000000, 0x40000000, 0x20000000, 0xF0000000


def is_deep_wkb(encoded: object) -> bool:
    """Whether a WKB geometry is nested deeper than any drawing is.

    Examples
    --------
    >>> level, point = struct.pack("<BII", 1, 7, 1), struct.pack("<BIdd", 1, 1, 0.0, 0.0)
    >>> is_deep_wkb(level * 3 + point), is_deep_wkb(level * 300 + point)
    (False, True)
    """
    if not isinstance(encoded, bytes) or len(encoded) <= _MOST_DEPTH * _COLLECTION_BYTES:
        return False
    try:
        return _goes_deep(encoded)
    except struct.error:  # it ends too soon, which whoever decodes it will say
        return False


def is_deep_wkt(text: str) -> bool:
    """Whether a WKT geometry is nested deeper than any drawing is.

    Examples
    --------
    >>> is_deep_wkt("POINT (1 2)"), is_deep_wkt("GEOMETRYCOLLECTION (" * 99)
    (False, True)
    """
    return text.upper().count("COLLECTION") > _MOST_DEPTH


def _goes_deep(encoded: bytes) -> bool:
    """Walk the parts one after the other; ``left`` has what is still to come on each level."""
    at, left = 0, [1]
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        order = "<" if encoded[at : at + 1] == b"\x01" else ">"
        kind, size, at = _head(encoded, at, order)
        if kind == _POINT:
            at += size
        elif kind in _LINES:
            at += 4 + size * _count(encoded, at, order)
        elif kind in _RINGED:
            rings, at = _count(encoded, at, order), at + 4
            for _ in range(rings):
                at += 4 + size * _count(encoded, at, order)
        elif kind in _HOLDERS:
            left.append(_count(encoded, at, order))
            at += 4
        else:
            return False
        if len(left) > _MOST_DEPTH:
            return True
    return False


def _head(encoded: bytes, at: int, order: str) -> tuple[int, int, int]:
    """Kind of a part, bytes of one of its points, and where its content begins."""
    (code,) = struct.unpack_from(f"{order}I", encoded, at + 1)
    thousands, kind = divmod(code & ~_FLAGS, 1000)
    beyond = max(thousands in {1, 3}, bool(code & _Z)) + max(thousands in {2, 3}, bool(code & _M))
    return kind, 8 * (2 + beyond), at + 5 + (4 if code & _SRID else 0)


def _count(encoded: bytes, at: int, order: str) -> int:
    (count,) = struct.unpack_from(f"{order}I", encoded, at)
    return int(count)
