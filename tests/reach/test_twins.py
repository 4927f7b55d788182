"""Compiled code and plain code give the same answer to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from geoplan.reach import Joins, Network, build_network, join_points
from geoplan.reach.building.touch import near_pieces
from geoplan.reach.building.vertices import number_vertices
from geoplan.reach.nearest_piece import search_grid, search_tree
from geoplan.reach.searches import compiled_search as fast
from geoplan.reach.searches import scipy_search as plain
from geoplan.reach.searches.walk_ends import seeds_of
from tests.reach.streets import crooked_lines, grid_lines, some_points, walks_by_heap

NETWORKS = {
    "grid": grid_lines(12, 11),
    "crooked": crooked_lines(30, 25, 1),
    "broken": crooked_lines(30, 25, 2, keep=0.5),
}


def joined(name: str, homes: int, facilities: int) -> tuple[Network, Joins, Joins]:
    network, _ = build_network(NETWORKS[name])
    points = [
        some_points(NETWORKS[name], count, seed) for count, seed in ((homes, 1), (facilities, 2))
    ]
    first, other = (join_points(network, each, cap_m=60) for each in points)
    return network, first, other


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("facilities", [0, 1, 40])
def test_the_nearest_of_every_node(name: str, facilities: int) -> None:
    network, _, there = joined(name, 1, facilities)
    seeds = seeds_of(network, there)
    walk_m, owner = fast.spread(network, seeds)
    plain_m, plain_owner = plain.spread(network, seeds)
    assert walk_m.tolist() == plain_m.tolist()
    assert owner.tolist() == plain_owner.tolist()
    by_heap: dict[int, float] = {}
    for node, metres in zip(seeds.node.tolist(), seeds.walk_m.tolist(), strict=True):
        by_heap[node] = min(metres, by_heap.get(node, np.inf))
    assert walk_m.tolist() == walks_by_heap(network, by_heap).tolist()


def test_ties_go_to_the_first_facility_however_many_there_are() -> None:
    network, _ = build_network(grid_lines(9, 9))
    crossings = np.array([[x * 200.0, y * 200.0] for x in range(5) for y in range(5)])
    for turn in (0, 7, 13):
        seeds = seeds_of(network, join_points(network, np.roll(crossings, turn, axis=0), cap_m=1))
        assert fast.spread(network, seeds)[1].tolist() == plain.spread(network, seeds)[1].tolist()


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("within_m", [0, 100, 650, 1e9])
@pytest.mark.parametrize(("homes", "facilities"), [(300, 90), (0, 9), (9, 0)])
def test_all_pairs(name: str, within_m: float, homes: int, facilities: int) -> None:
    network, here, there = joined(name, homes, facilities)
    found = fast.pairs_within(network, here, there, within_m)
    wanted = plain.pairs_within(network, here, there, within_m)
    for one, other in zip(found, wanted, strict=True):
        assert one.tolist() == other.tolist()
        assert one.dtype == other.dtype


@pytest.mark.parametrize("name", NETWORKS)
def test_the_nearest_piece_of_street(name: str) -> None:
    network, _ = build_network(NETWORKS[name])
    points = some_points(NETWORKS[name], 2000, 3)
    on_streets = network.pieces[:50, :2]
    middles = (network.pieces[:50, :2] + network.pieces[:50, 2:]) / 2
    far = np.array([[-9e5, 20.0], [4e4, 8e5], [100.0, -7e4], [1e7, 1e7]])
    asked: NDArray[np.float64] = np.concatenate((points, on_streets, middles, far))
    for one, other in zip(
        search_grid(network.pieces, asked), search_tree(network.pieces, asked), strict=True
    ):
        assert one.tolist() == other.tolist()


def test_a_long_street_among_short_ones_is_found() -> None:
    pieces = np.array(
        [[0.0, 0.0, 90000.0, 51234.5], *([x * 10.0, 0.0, x * 10.0 + 5, 1.0] for x in range(900))]
    )
    points = np.random.default_rng(4).uniform((0, 0), (90000, 52000), (500, 2))
    grid, tree = search_grid(pieces, points), search_tree(pieces, points)
    assert grid[0].tolist() == tree[0].tolist()
    assert grid[2].tolist() == tree[2].tolist()


def test_an_upright_street_alone_is_found() -> None:
    pieces = np.array([[5.0, 0.0, 5.0, 900.0]])
    points = np.array([[0.0, 450.0], [5.0, -10.0], [90.0, 2000.0]])
    assert search_grid(pieces, points)[2].tolist() == search_tree(pieces, points)[2].tolist()


def test_compiled_code_runs_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from geoplan.reach.compiled import walk_kernels as kernels

    def njit(*, cache: bool = False, **_: object) -> object:
        if cache:
            raise RuntimeError("no locator available")
        return lambda function: function

    monkeypatch.setattr(kernels.numba, "njit", njit)
    assert kernels.compiled(len)([1, 2]) == 2


@pytest.mark.parametrize("within_m", [0.001, 1.0, 40.0])
def test_the_pieces_around_an_end(within_m: float, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = number_vertices(NETWORKS["broken"])
    some = np.arange(0, len(drawing.xy), 3)
    xy = drawing.xy.copy()
    xy[some[:40]] = (xy[drawing.tail[200:240]] + xy[drawing.head[200:240]]) / 2
    found = []
    for least in (0, 10**9):
        monkeypatch.setattr("geoplan.reach.building.touch.COMPILED_PIECES", least)
        met = near_pieces(xy, some, drawing.tail, drawing.head, within_m)
        found.append((met.end.tolist(), met.piece.tolist(), met.gap_m.tolist()))
    assert found[0] == found[1]
    assert len(found[0][0]) >= 30
