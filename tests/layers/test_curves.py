"""Curves and surfaces in every dress of WKB: straight pieces with the same length, area and ends."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geoplan.layers.formats.vectors.arrow import read_wkb
from geoplan.layers.formats.vectors.curves import is_curved, linearise

ISO = {"": 0, "Z": 1000, "M": 2000, "ZM": 3000}
EWKB = {"": 0, "Z": 0x80000000, "M": 0x40000000, "ZM": 0xC0000000}
CIRCLE = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 0)]  # two arcs of half a circle
Points = Sequence[tuple[float, float]]


class Dress:
    """One way to write WKB: byte order, heights and measures, ISO or EWKB."""

    def __init__(self, order: str, extra: str, codes: dict[str, int]) -> None:
        self.order, self.extra, self.code = order, extra, codes[extra]

    def head(self, kind: int) -> bytes:
        return struct.pack(self.order + "BI", self.order == "<", kind + self.code)

    def points(self, points: Points) -> bytes:
        more = [7.0] * len(self.extra)
        flat = [number for point in points for number in (*point, *more)]
        return struct.pack(f"{self.order}I{len(flat)}d", len(points), *flat)

    def line(self, points: Points) -> bytes:
        return self.head(2) + self.points(points)

    def arc(self, points: Points) -> bytes:
        return self.head(8) + self.points(points)

    def many(self, kind: int, parts: Sequence[bytes]) -> bytes:
        return self.head(kind) + struct.pack(self.order + "I", len(parts)) + b"".join(parts)


DRESSES = [Dress(order, extra, codes) for order in "<>" for extra in ISO for codes in (ISO, EWKB)]
dressed = pytest.mark.parametrize("dress", DRESSES, ids=lambda d: f"{d.order}{d.extra}{d.code:x}")


@dressed
def test_a_circle_has_its_area_and_length(dress: Dress) -> None:
    ring = dress.arc(CIRCLE)
    disc = linearise(dress.many(10, [ring]))
    assert disc is not None
    assert disc.is_valid
    assert disc.area == pytest.approx(math.pi, rel=2e-5)
    line = linearise(ring)
    assert line is not None
    assert line.length == pytest.approx(2 * math.pi, rel=2e-5)


@dressed
def test_a_half_disc_of_an_arc_and_a_line_with_a_hole(dress: Dress) -> None:
    outer = dress.many(9, [dress.arc(CIRCLE[:3]), dress.line([(-1, 0), (1, 0)])])
    hole = dress.line([(-0.1, 0.1), (0.1, 0.1), (0.1, 0.3), (-0.1, 0.3), (-0.1, 0.1)])
    expected = math.pi / 2 - 0.04
    for wkb in (
        dress.many(10, [outer, hole]),
        dress.many(12, [dress.many(10, [outer, hole])]),
        dress.many(7, [dress.many(10, [outer, hole])]),
    ):
        shape = linearise(wkb)
        assert shape is not None
        assert shape.area == pytest.approx(expected, rel=2e-5)


@dressed
def test_faces_of_a_surface_are_polygons(dress: Dress) -> None:
    def face(points: Points) -> bytes:
        return dress.head(17) + struct.pack(dress.order + "I", 1) + dress.points(points)

    faces = [face([(0, 0), (1, 0), (0, 1), (0, 0)]), face([(1, 0), (1, 1), (0, 1), (1, 0)])]
    shape = linearise(dress.many(16, faces))
    assert shape is not None
    assert shape.area == pytest.approx(1)


def test_arcs_turn_either_way_and_keep_large_coordinates() -> None:
    dress, base = Dress("<", "", ISO), np.array([36_433_000.0, 2_478_000.0])
    for middle in ((0, 1), (0, -1)):
        points = [tuple(base + 50 * np.array(each)) for each in ((1, 0), middle, (-1, 0))]
        line = linearise(dress.arc(points))
        assert line is not None
        assert line.length == pytest.approx(50 * math.pi, rel=2e-5)
        assert line.coords[0] == points[0]
        assert line.coords[-1] == points[-1]
        reach = np.hypot(*(shapely.get_coordinates(line) - base).T)
        assert np.abs(reach - 50).max() < 1e-6


def test_three_points_in_line_are_a_line() -> None:
    line = linearise(Dress("<", "", ISO).arc([(0, 0), (1, 1), (3, 3)]))
    assert line == shapely.LineString([(0, 0), (1, 1), (3, 3)])


def test_a_column_of_both_kinds_says_which_rows_were_cut() -> None:
    disc = Dress("<", "", ISO).many(10, [Dress("<", "", ISO).arc(CIRCLE)])
    nested = Dress("<", "", ISO).many(7, [disc])
    cells = [shapely.box(0, 0, 1, 1).wkb, disc, None, disc[:20], nested]
    column = pa.chunked_array([pa.array(cells, pa.binary())])
    shapes, remarks = read_wkb(column, "compounds")
    assert [shape is not None for shape in shapes] == [True, True, False, False, True]
    assert [remark.code for remark in remarks] == ["CURVE_CUT", "BAD_GEOMETRY"]
    assert [remark.rows for remark in remarks] == [(2, 4, 5), (4,)]


@pytest.mark.parametrize("size", [0, 1, 5, 9, 20])
def test_bytes_cut_short_are_no_shape(size: int) -> None:
    disc = Dress("<", "", ISO).many(10, [Dress("<", "", ISO).arc(CIRCLE)])[:size]
    assert linearise(disc) is None
    assert is_curved(disc) == (size >= 5)
