"""Curves and surfaces of WKB, which shapely does not know, as lines and polygons of straight pieces.

Belongs here: circular strings, compound curves, curve polygons, their collections, and the faces of
TINs and polyhedral surfaces, with heights and measures or without. Does not belong here: shapes
that are straight already.

An arc is cut so finely that the area below it is right to a hundred-thousandth.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
CIRCULAR, COMPOUND, CURVE_POLYGON, MULTICURVE, MULTISURFACE = range(8, 13)
POLYHEDRAL, TIN, TRIANGLE = 15, 16, 17
CURVED = frozenset({*range(CIRCULAR, MULTISURFACE + 1), POLYHEDRAL, TIN, TRIANGLE})
_Z, _M, _SRID, _FLAGS = 0x80000000, 0x40000000, 0x20000000, 0xE0000000
_STEP = np.radians(0.5)  # of the circle a straight piece spans
_MOST_DEPTH = 8
_BROKEN = (struct.error, ValueError, IndexError, shapely.errors.GEOSException)
_HEAD = 5  # bytes of the byte order and the type


@dataclass(slots=True)
class _Reader:
    """Where in the bytes the next shape begins."""

    data: bytes
    at: int = 0
    depth: int = 0
    kinds: list[int] = field(default_factory=list)

    def take(self, form: str) -> tuple[int, ...]:
        found = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return found


def is_curved(wkb: object) -> bool:
    """Whether the bytes are of a kind that has curves, or of faces that shapely does not know.

    Examples
    --------
    >>> is_curved(bytes.fromhex("010a00000000000000")), is_curved(shapely.Point(1, 2).wkb)
    (True, False)
    """
    if not isinstance(wkb, bytes) or len(wkb) < _HEAD:
        return False
    kind = _kind(struct.unpack_from(_order(wkb[0]) + "I", wkb, 1)[0])[0]
    if kind != COLLECTION:
        return kind in CURVED
    kinds: list[int] = []  # a collection can hide a curve further in
    try:
        _shape(_Reader(wkb, kinds=kinds))
    except _BROKEN:
        return False
    return not CURVED.isdisjoint(kinds)


def linearise(wkb: bytes) -> shapely.Geometry | None:
    """The shape in straight pieces; ``None`` where the bytes are no shape.

    Examples
    --------
    >>> half = bytes.fromhex("010800000003000000") + struct.pack("<6d", 0, 0, 1, 1, 2, 0)
    >>> round(linearise(half).length, 4)
    3.1416
    """
    try:
        return _shape(_Reader(wkb))
    except _BROKEN:
        return None


def _order(mark: int) -> str:
    return "<" if mark else ">"


def _kind(code: int) -> tuple[int, int, bool]:
    """Kind, numbers a point has, whether an SRID stands before; ISO and EWKB alike."""
    iso, kind = divmod(code & ~_FLAGS, 1000)
    has_z, has_m = bool(code & _Z) or iso in (1, 3), bool(code & _M) or iso in (2, 3)
    return kind, 2 + has_z + has_m, bool(code & _SRID)


def _shape(reader: _Reader) -> shapely.Geometry:
    if reader.depth > _MOST_DEPTH:
        raise ValueError(reader.depth)
    reader.depth += 1
    order = _order(reader.take("B")[0])
    kind, width, has_srid = _kind(reader.take(order + "I")[0])
    reader.kinds.append(kind)
    if has_srid:
        reader.take(order + "I")
    made = _made(reader, kind, width, order)
    reader.depth -= 1
    return made


def _made(reader: _Reader, kind: int, width: int, order: str) -> shapely.Geometry:
    if kind == POINT:
        return shapely.Point(_points(reader, width, order, count=1)[0])
    if kind in (LINE, CIRCULAR):
        points = _points(reader, width, order)
        return shapely.LineString(_arcs(points) if kind == CIRCULAR else points)
    if kind in (POLYGON, TRIANGLE):
        rings = [_points(reader, width, order) for _ in range(reader.take(order + "I")[0])]
        return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()
    parts = [_shape(reader) for _ in range(reader.take(order + "I")[0])]
    if kind == COMPOUND:
        return shapely.LineString(_joined(parts))
    if kind == CURVE_POLYGON:
        rings = [shapely.get_coordinates(part) for part in parts]
        return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()
    return _together(kind, parts)


def _together(kind: int, parts: list[shapely.Geometry]) -> shapely.Geometry:
    if kind == MULTIPOINT:
        return shapely.multipoints(parts)
    if kind in (MULTILINE, MULTICURVE):
        return shapely.multilinestrings(parts)
    if kind in (MULTIPOLYGON, MULTISURFACE, POLYHEDRAL, TIN):
        return shapely.multipolygons(parts)
    if kind == COLLECTION:
        return shapely.geometrycollections(parts)
    raise ValueError(kind)


def _points(reader: _Reader, width: int, order: str, *, count: int | None = None) -> Floats:
    """The points of a line or ring, heights and measures left."""
    number = reader.take(order + "I")[0] if count is None else count
    size = number * width * 8
    if reader.at + size > len(reader.data):
        raise ValueError(number)
    found = np.frombuffer(reader.data, order + "f8", number * width, reader.at)
    reader.at += size
    return found.reshape(-1, width)[:, :2].astype(np.float64)


def _joined(parts: list[shapely.Geometry]) -> Floats:
    """Pieces end to end, each meeting point once."""
    pieces = [shapely.get_coordinates(part) for part in parts]
    joined = np.concatenate(pieces)
    again = np.cumsum([len(piece) for piece in pieces])[:-1]
    return np.delete(joined, again, axis=0)


def _arcs(points: Floats) -> Floats:
    """Every three points an arc, the last of one being the first of the next."""
    pieces = [points[:1]]
    for first, last in pairwise(range(0, len(points), 2)):
        pieces.append(np.array(list(_arc(points[first], points[first + 1], points[last]))))
    return np.concatenate(pieces)


def _arc(start: Floats, middle: Floats, end: Floats) -> Iterator[Floats]:
    """Points after the start, the middle and the end among them; straight where they are in line."""
    if np.array_equal(start, end):  # by the standard a whole circle, the middle opposite
        centre, sweep = (start + middle) / 2, 2 * np.pi
    else:
        found = _centre(start, middle, end)
        if found is None:
            yield from (middle, end)
            return
        centre, sweep = found, _sweep(found, start, middle, end)
    reach = float(np.hypot(*(start - centre)))
    begin = float(np.arctan2(*(start - centre)[::-1]))
    for step in range(1, count := max(2, int(np.ceil(abs(sweep) / _STEP)))):
        angle = begin + sweep * step / count
        yield centre + reach * np.array([np.cos(angle), np.sin(angle)])
    yield end


def _centre(start: Floats, middle: Floats, end: Floats) -> Floats | None:
    """Of the circle through three points, reckoned from the first to keep all digits."""
    (bx, by), (cx, cy) = middle - start, end - start
    twice = 2 * (bx * cy - by * cx)
    if twice == 0:
        return None
    b, c = bx * bx + by * by, cx * cx + cy * cy
    found: Floats = start + np.array([(cy * b - by * c) / twice, (bx * c - cx * b) / twice])
    return found


def _sweep(centre: Floats, start: Floats, middle: Floats, end: Floats) -> float:
    """The angle from start over the middle to the end, positive against the clock."""
    first, over, last = (np.arctan2(*(each - centre)[::-1]) for each in (start, middle, end))
    forward = float((last - first) % (2 * np.pi))
    return forward if (over - first) % (2 * np.pi) <= forward else forward - 2 * np.pi
