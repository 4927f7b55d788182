"""Joining, the nearest and all pairs, against slow searches and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoplan.reach import (
    Network,
    Unreached,
    build_network,
    is_within,
    join_points,
    nearest,
    pairs,
    why_unreached,
)
from geoplan.terms import terms
from tests.reach.streets import (
    crooked_lines,
    grid_lines,
    nearest_pieces_by_hand,
    some_points,
    walks_by_networkx,
)

NETWORKS = {
    "grid": grid_lines(7, 6),
    "crooked": crooked_lines(9, 8, 1),
    "broken": crooked_lines(9, 8, 2, keep=0.5),
}


def built(name: str) -> Network:
    return build_network(NETWORKS[name])[0]


def at(*places: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(places, dtype=np.float64).reshape(-1, 2)


@pytest.mark.parametrize("name", NETWORKS)
def test_points_join_the_nearest_street_exactly(name: str) -> None:
    network = built(name)
    points = some_points(NETWORKS[name], 300, 5)
    joins = join_points(network, points, cap_m=1e6)
    assert joins.gap_m.tolist() == pytest.approx(
        nearest_pieces_by_hand(network, points).tolist(), abs=1e-9
    )
    assert np.hypot(*(points - joins.xy).T).tolist() == pytest.approx(joins.gap_m.tolist())
    whole = joins.along_m + joins.rest_m
    assert whole.tolist() == pytest.approx(network.edge_length_m[joins.edge].tolist())


def test_a_point_joins_the_street_and_not_its_end() -> None:
    network, _ = build_network(np.array([shapely.from_wkt("LINESTRING (0 0, 60 0, 60 400)")]))
    joins = join_points(network, at((65, 100)), cap_m=10)
    assert joins.xy.tolist() == [[60, 100]]
    assert {joins.along_m[0], joins.rest_m[0]} == {160, 300}
    assert joins.gap_m.tolist() == [5]


def test_the_cap_is_inclusive_and_what_is_beyond_says_so() -> None:
    network, _ = build_network(grid_lines(3, 3))
    joins = join_points(network, at((50, -300), (50, -300.001), (np.nan, 0), (0, -5000)), cap_m=300)
    assert joins.joined.tolist() == [True, False, False, False]
    assert joins.reason.tolist() == [
        None,
        Unreached.NO_STREET,
        Unreached.NO_PLACE,
        Unreached.NO_STREET,
    ]
    assert joins.farthest(2).tolist() == [3, 1]
    assert joins.gap_m[3] == 5000
    assert np.isnan(joins.along_m[3])
    assert joins.component[3] == -1


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("cap_m", [1e6, 30.0])
def test_every_walk_is_what_networkx_finds(name: str, cap_m: float) -> None:
    network = built(name)
    homes = join_points(network, some_points(NETWORKS[name], 120, 1), cap_m=cap_m)
    facilities = join_points(network, some_points(NETWORKS[name], 15, 2), cap_m=cap_m)
    walks = walks_by_networkx(network, homes, facilities)
    found = nearest(network, homes, facilities)
    least = np.where(np.isfinite(walks.min(axis=1)), walks.min(axis=1), np.nan)
    assert found.walk_m.tolist() == pytest.approx(least.tolist(), abs=1e-6, nan_ok=True)
    for within_m in (0, 150, 400, 1e9):
        close = pairs(network, homes, facilities, within_m=within_m)
        table = np.full(walks.shape, np.inf)
        table[close.home, close.facility] = close.walk_m
        wanted = np.where(walks <= within_m + 1e-7, walks, np.inf)
        assert len(close.home) == np.isfinite(wanted).sum()
        assert np.allclose(table[np.isfinite(wanted)], wanted[np.isfinite(wanted)], atol=1e-6)


def test_two_doors_on_one_street_need_not_pass_its_ends() -> None:
    network, _ = build_network(np.array([shapely.from_wkt("LINESTRING (0 0, 1000 0)")]))
    homes = join_points(network, at((400, 3), (600, -4)), cap_m=10)
    clinic = join_points(network, at((500, 1)), cap_m=10)
    assert nearest(network, homes, clinic).walk_m.tolist() == [104, 105]
    assert pairs(network, homes, clinic, within_m=104).home.tolist() == [0]


def test_on_a_ring_the_walk_takes_the_shorter_way_round() -> None:
    ring = shapely.from_wkt("LINESTRING (0 0, 100 0, 100 100, 0 100, 0 0)")
    network, _ = build_network(np.array([ring]))
    homes = join_points(network, at((10, 0)), cap_m=1)
    clinics = join_points(network, at((0, 10), (60, 100)), cap_m=1)
    assert pairs(network, homes, clinics, within_m=400).walk_m.tolist() == [20, 170]


def test_nought_metres_is_a_walk() -> None:
    network, _ = build_network(grid_lines(3, 3))
    here = join_points(network, at((100, 100), (50, 0)), cap_m=1)
    assert nearest(network, here, here).walk_m.tolist() == [0, 0]
    same = pairs(network, here, here, within_m=0)
    assert same.walk_m.tolist() == [0, 0]
    assert same.home.tolist() == same.facility.tolist() == [0, 1]


def test_exactly_the_distance_is_within_it_whatever_the_noise() -> None:
    lines = [shapely.LineString([(0.1 * k, 0), (0.1 * (k + 1), 0)]) for k in range(5000)]
    network, _ = build_network(np.array(lines))
    homes = join_points(network, at((0, 0)), cap_m=1)
    clinic = join_points(network, at((500, 0)), cap_m=1)
    assert nearest(network, homes, clinic).walk_m[0] != 500
    assert nearest(network, homes, clinic, limit_m=500).facility.tolist() == [0]
    assert len(pairs(network, homes, clinic, within_m=500).home) == 1
    assert len(pairs(network, homes, clinic, within_m=499.999).home) == 0
    assert is_within(np.array([500.0005001]), 500).tolist() == [False]


def test_of_facilities_equally_near_the_first_counts() -> None:
    network, _ = build_network(grid_lines(5, 5))
    homes = join_points(network, at((200, 200)), cap_m=1)
    around = at((300, 200), (100, 200), (200, 100), (200, 300))
    for turn in range(4):
        clinics = join_points(network, np.roll(around, turn, axis=0), cap_m=1)
        found = nearest(network, homes, clinics)
        assert (found.walk_m.tolist(), found.facility.tolist()) == ([100], [0])


def test_what_cannot_be_reached_is_absent_with_its_reason() -> None:
    lines = ["LINESTRING (0 0, 900 0)", "LINESTRING (0 500, 90 500)"]
    network, _ = build_network(np.array(shapely.from_wkt(lines)))
    homes = join_points(
        network, at((0, 0), (800, 0), (50, 500), (0, 250), (np.nan, np.nan)), cap_m=100
    )
    clinic = join_points(network, at((100, 0)), cap_m=100)
    found = nearest(network, homes, clinic, limit_m=500)
    assert found.facility.tolist() == [0, -1, -1, -1, -1]
    assert np.isnan(found.walk_m[1:]).all()
    reasons = why_unreached(homes, clinic, found).tolist()
    assert reasons == [
        None,
        Unreached.TOO_FAR,
        Unreached.OTHER_PART,
        Unreached.NO_STREET,
        Unreached.NO_PLACE,
    ]
    assert set(Unreached) <= set(terms("code"))


def test_a_facility_that_joins_nothing_serves_nobody() -> None:
    network, _ = build_network(grid_lines(3, 3))
    homes = join_points(network, at((0, 0)), cap_m=100)
    far = join_points(network, at((0, 5000)), cap_m=100)
    assert nearest(network, homes, far).facility.tolist() == [-1]
    assert len(pairs(network, homes, far, within_m=1e9).home) == 0


@pytest.mark.parametrize("homes_there", [True, False])
def test_no_homes_and_no_facilities_are_no_walks(homes_there: bool) -> None:  # noqa: FBT001
    network, _ = build_network(grid_lines(3, 3))
    some, none = at((0, 0)), at()
    homes = join_points(network, some if homes_there else none, cap_m=100)
    facilities = join_points(network, none if homes_there else some, cap_m=100)
    assert len(nearest(network, homes, facilities).walk_m) == len(homes.edge)
    assert len(pairs(network, homes, facilities, within_m=500).home) == 0


Place = st.tuples(st.integers(-50, 850), st.integers(-50, 750))


@settings(max_examples=40, deadline=None)
@given(st.lists(Place, min_size=1, max_size=8), st.lists(Place, min_size=1, max_size=8))
def test_walks_keep_their_promises(there: list[Place], here: list[Place]) -> None:
    network = built("crooked")
    homes = join_points(network, at(*here), cap_m=1e6)
    facilities = join_points(network, at(*there), cap_m=1e6)
    found = nearest(network, homes, facilities)
    fewer = nearest(network, homes, join_points(network, at(*there[:-1]), cap_m=1e6))
    assert not (found.walk_m > fewer.walk_m).any()
    assert not (np.isnan(found.walk_m) & ~np.isnan(fewer.walk_m)).any()
    near, far = (pairs(network, homes, facilities, within_m=within) for within in (300, 600))
    pairs_of = [set(zip(some.home, some.facility, strict=True)) for some in (near, far)]
    assert pairs_of[0] <= pairs_of[1]
    every = pairs(network, homes, facilities, within_m=1e9)
    apart = homes.xy[every.home] - facilities.xy[every.facility]
    gaps = homes.gap_m[every.home] + facilities.gap_m[every.facility]
    assert (every.walk_m >= np.hypot(*apart.T) + gaps - 1e-6).all()
    for home, walk_m in enumerate(found.walk_m):
        walks = every.walk_m[every.home == home]
        assert walks.min() == walk_m if len(walks) else np.isnan(walk_m)
