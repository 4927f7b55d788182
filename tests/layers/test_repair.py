"""Broken shapes and overlaps, against slow and plain ways of telling them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoplan.layers.places.repair import (
    Shapes,
    drop_unfinished,
    find_overlaps,
    keep_kinds,
    mend_polygons,
    outside,
    single_lines,
)
from geoplan.layers.raw_table import POINTS, POLYGONS
from tests.pace import Stopwatch, slowness


def shapes_of(*shapes: shapely.Geometry | None) -> Shapes:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def test_a_bow_tie_is_mended_and_its_area_told() -> None:
    bow_tie = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    mended = mend_polygons(shapes_of(shapely.box(0, 0, 1, 1), bow_tie, None, shapely.Point(0, 0)))
    assert mended.at.tolist() == [1]
    assert mended.shapes[1].is_valid
    assert mended.shapes[1].geom_type == "MultiPolygon"
    assert mended.after_m2.tolist() == [8.0]


def test_a_polygon_that_is_only_a_line_has_no_place() -> None:
    flat = shapely.Polygon([(0, 0), (1, 0), (2, 0), (0, 0)])
    mended = mend_polygons(shapes_of(flat))
    assert mended.shapes[0] is None
    assert mended.after_m2.tolist() == [0.0]


def test_spikes_fall_off_when_mending() -> None:
    spike = shapely.Polygon([(0, 0), (2, 0), (2, 1), (2, 5), (2, 1), (2, 2), (0, 2)])
    mended = mend_polygons(shapes_of(spike))
    assert mended.shapes[0].equals(shapely.box(0, 0, 2, 2))


def test_unfinished_shapes() -> None:
    nan = shapely.from_wkt("POINT (nan 1)")
    endless = shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)])
    found, empty, unreadable = drop_unfinished(
        shapes_of(
            shapely.Point(1, 2, 3), shapely.Polygon(), None, endless, shapely.Point(np.nan, 1)
        )
    )
    assert nan is not None
    assert found[0].has_z is False
    assert [shape is None for shape in found] == [False, True, True, True, True]
    assert set(empty.tolist()) | set(unreadable.tolist()) == {1, 3, 4}


def test_only_fitting_kinds_stay() -> None:
    square = shapely.box(0, 0, 1, 1)
    mixed = shapely.GeometryCollection([square, shapely.LineString([(0, 0), (5, 5)])])
    lines = shapely.GeometryCollection([shapely.LineString([(0, 0), (5, 5)])])
    kept, wrong = keep_kinds(shapes_of(square, mixed, lines, shapely.Point(0, 0), None), POLYGONS)
    assert wrong.tolist() == [2, 3]
    assert kept[1].equals(square)
    assert keep_kinds(shapes_of(square, shapely.Point(0, 0)), POINTS)[1].tolist() == [0]


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 6), st.integers(1, 6)),
        max_size=12,
    )
)
def test_overlaps_are_those_of_all_pairs(boxes: list[tuple[int, int, int, int]]) -> None:
    shapes = shapes_of(*(shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes))
    expected = {
        (a, b): shapes[a].intersection(shapes[b]).area
        for a, b in combinations(range(len(shapes)), 2)
        if shapes[a].intersection(shapes[b]).area > 0
    }
    found = find_overlaps(shapes)
    assert {(pair.first, pair.second): pair.shared_m2 for pair in found} == pytest.approx(expected)
    assert [pair.shared_m2 for pair in found] == sorted(expected.values(), reverse=True)


def test_ten_thousand_neighbours_take_about_a_second() -> None:
    count = np.arange(10_000)
    x, y = (count % 100) * 10.0, (count // 100) * 10.0
    shapes = shapely.segmentize(shapely.box(x, y, x + 10.1, y + 10), 1)
    watch = Stopwatch()
    found = find_overlaps(shapes)
    assert watch.seconds < 5 * slowness()
    assert len(found) == 100 * 99


def test_lines_one_by_one() -> None:
    two = shapely.MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]])
    nowhere = shapely.LineString([(0, 0), (0, 0)])
    lines, without = single_lines(shapes_of(two, None, shapely.Point(0, 0), nowhere))
    assert len(lines) == 2
    assert {line.geom_type for line in lines} == {"LineString"}
    assert without.tolist() == [1, 2]


def test_outside_is_told_by_distance() -> None:
    town = [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)]
    shapes = shapes_of(
        shapely.Point(500, 500), shapely.Point(500, 1900), shapely.Point(500, 2100), None
    )
    assert outside(shapes, town, margin_m=1000).tolist() == [2]


def test_an_outline_that_crosses_itself_everywhere_is_not_mended() -> None:
    """Mending it would take memory without end."""
    ground = np.random.default_rng(1).uniform(0, 1000, (20_000, 2))
    sound = shapely.Point(0, 0).buffer(500, quad_segs=5_000)
    mended = mend_polygons(np.array([shapely.Polygon(ground), sound], dtype=object))
    assert mended.at.tolist() == [0]
    assert mended.shapes[0] is None
    assert mended.shapes[1] is sound
