"""Outlines follow the streets that can be walked, end where the walk ends, and are valid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoplan.reach import Network, build_network, join_points, nearest, outlines
from tests.reach.streets import crooked_lines, grid_lines, some_points


@pytest.fixture(params=["plain", "compiled"])
def twin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    nodes = 0 if request.param == "compiled" else 10**9
    monkeypatch.setattr("geoplan.reach.outline.COMPILED_NODES", nodes)
    return str(request.param)


def built(name: str) -> tuple[Network, np.ndarray]:  # type: ignore[type-arg]
    lines = {"grid": grid_lines(8, 8), "crooked": crooked_lines(14, 12, 4, keep=0.7)}[name]
    return build_network(lines)[0], lines


@pytest.mark.usefixtures("twin")
@pytest.mark.parametrize("name", ["grid", "crooked"])
@pytest.mark.parametrize("within_m", [40, 180, 425, 5000])
def test_a_street_is_inside_just_as_far_as_one_can_walk(name: str, within_m: float) -> None:
    network, lines = built(name)
    clinics = join_points(network, some_points(lines, 6, 3), cap_m=35)
    drawn = outlines(network, clinics, within_m=within_m, width_m=0.5)
    along = shapely.line_interpolate_point(
        np.repeat(lines, 9), np.tile(np.linspace(0.05, 0.95, 9), len(lines)), normalized=True
    )
    asked = np.column_stack((shapely.get_x(along), shapely.get_y(along)))
    homes = join_points(network, asked, cap_m=1)
    for at, shape in enumerate(drawn):
        if not clinics.joined[at]:
            assert shape is None
            continue
        only = join_points(network, np.array([clinics.xy[at]]), cap_m=1)
        walk_m = nearest(network, homes, only).walk_m + clinics.gap_m[at]
        inside = shapely.intersects(shape, along) if shape is not None else np.zeros(len(along))
        sure = ~(np.abs(walk_m - within_m) < 0.6)
        assert (walk_m <= within_m)[sure].tolist() == inside[sure].astype(bool).tolist()


@pytest.mark.usefixtures("twin")
def test_outlines_are_valid_and_grow_with_the_walk() -> None:
    network, lines = built("crooked")
    clinics = join_points(network, some_points(lines, 20, 5), cap_m=1e6)
    near, far = (outlines(network, clinics, within_m=metres, width_m=25) for metres in (300, 600))
    assert shapely.is_valid(near).all()
    assert shapely.is_valid(far).all()
    assert shapely.covers(shapely.buffer(far, 5.0), near).all()  # corners are cut short


def test_the_stretch_stops_at_the_metre() -> None:
    network, _ = build_network(np.array([shapely.LineString([(0, 0), (500, 0), (500, 500)])]))
    clinic = join_points(network, np.array([[400.0, 20.0]]), cap_m=50)
    (shape,) = outlines(network, clinic, within_m=220, width_m=1)
    assert shape.bounds == pytest.approx((199, -1, 501, 101), abs=0.01)


def test_a_facility_farther_from_its_street_than_the_walk_has_no_outline() -> None:
    network, _ = build_network(grid_lines(3, 3))
    clinics = join_points(network, np.array([[50.0, -40.0], [0.0, 9000.0]]), cap_m=50)
    assert outlines(network, clinics, within_m=30, width_m=10).tolist() == [None, None]


def test_a_ring_is_walked_from_both_sides() -> None:
    ring = shapely.from_wkt("LINESTRING (0 0, 100 0, 100 100, 0 100, 0 0)")
    network, _ = build_network(np.array([ring]))
    clinic = join_points(network, np.array([[10.0, 0.0]]), cap_m=1)
    (half,) = outlines(network, clinic, within_m=150, width_m=1)
    (whole,) = outlines(network, clinic, within_m=200, width_m=1)
    assert not shapely.intersects(half, shapely.Point(90, 100))
    assert shapely.intersects(half, shapely.Point(30, 100))
    assert shapely.covers(whole, ring)
