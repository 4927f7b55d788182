"""Opening and closing facilities one by one equals a search from scratch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.reach import Joins, Network, build_network, join_points, nearest
from geoplan.reach.what_if import NearestField, nearest_field
from tests.reach.streets import crooked_lines, grid_lines, some_points

SITES = 12
NETWORKS = {
    "grid": grid_lines(8, 8),
    "crooked": crooked_lines(14, 12, 1),
    "broken": crooked_lines(14, 12, 2, keep=0.5),
}


def town(name: str) -> tuple[Network, Joins, Joins]:
    network, _ = build_network(NETWORKS[name])
    homes = join_points(network, some_points(NETWORKS[name], 60, 1), cap_m=1e6)
    places = some_points(NETWORKS[name], SITES, 2)
    places[0] = np.nan
    places[1:4] = network.xy[[3, 3, 9]]
    return network, homes, join_points(network, places, cap_m=1e6)


def only(sites: Joins, is_open: np.ndarray) -> Joins:  # type: ignore[type-arg]
    edge = np.where(is_open, sites.edge, -1).astype(np.int32)
    return Joins(edge, sites.along_m, sites.rest_m, sites.gap_m, sites.xy, sites.component)


def check(field: NearestField, homes: Joins) -> None:
    fresh = nearest_field(field.network, field.sites, field.is_open, compiled_from=10**9).nodes()
    assert [one.tolist() for one in field.nodes()] == [one.tolist() for one in fresh]
    found = field.nearest(homes)
    wanted = nearest(field.network, homes, only(field.sites, field.is_open))
    assert np.array_equal(found.walk_m, wanted.walk_m, equal_nan=True)
    assert found.facility.tolist() == wanted.facility.tolist()


@pytest.mark.parametrize("compiled_from", [0, 10**9])
@pytest.mark.parametrize("name", NETWORKS)
@settings(max_examples=15, deadline=None)
@given(
    start=st.lists(st.booleans(), min_size=SITES, max_size=SITES),
    moves=st.lists(st.integers(0, SITES - 1), max_size=10),
)
def test_every_change_equals_a_search_from_scratch(
    name: str, compiled_from: int, start: list[bool], moves: list[int]
) -> None:
    network, homes, sites = town(name)
    field = nearest_field(network, sites, np.array(start), compiled_from=compiled_from)
    check(field, homes)
    for site in moves:
        (field.close_site if field.is_open[site] else field.open_site)(site)
        check(field, homes)


def test_closing_what_was_opened_gives_the_city_back() -> None:
    network, _, sites = town("crooked")
    is_open = np.arange(SITES) % 2 == 0
    field = nearest_field(network, sites, is_open, compiled_from=0)
    before = [one.tolist() for one in field.nodes()]
    for site in range(1, SITES, 2):
        field.open_site(site)
    for site in range(SITES - 1, 0, -2):
        field.close_site(site)
    assert [one.tolist() for one in field.nodes()] == before


def test_closing_the_last_leaves_nobody_served() -> None:
    network, homes, sites = town("crooked")
    field = nearest_field(network, sites, np.arange(SITES) == 5, compiled_from=0)
    field.close_site(5)
    field.close_site(5)
    assert np.isnan(field.nearest(homes).walk_m).all()
    field.open_site(0)
    assert np.isnan(field.nearest(homes).walk_m).all()
