"""Outlines of what can be walked to from a facility, for drawing only.

Belongs here: polygons around the stretches of street within a distance. Does not belong here:
people, who are counted at their doors on the network (``catchment.py``) and never by a polygon: an
outline takes in gardens and ponds that nobody walks through.

Each stretch is widened by itself and the stretches are then united, which takes seconds where
widening them all at once takes minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.reach.catchment import COMPILED_NODES
from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres, Network
from geoplan.reach.searches import compiled_search as fast
from geoplan.reach.searches import scipy_search as plain
from geoplan.reach.searches.walk_ends import Seeds, ranges, seeds_of

_THREADS = 2
_QUADRANT_SEGMENTS = 2
_SLACK_M = 1e-6

Search = Callable[[Network, Seeds, float], tuple[Index, Metres]]


@dataclass(frozen=True, slots=True)
class _Ends:
    """The edges that end at each node: ``edge[indptr[node]:indptr[node + 1]]``."""

    indptr: NDArray[np.int64]
    edge: NDArray[np.int64]


def outlines(
    network: Network, facilities: Joins, *, within_m: float, width_m: float
) -> NDArray[np.object_]:
    """One valid polygon or multipolygon a facility; ``None`` where it is not joined or too far.

    Parameters
    ----------
    within_m : the longest walk, the gap from the facility to its street counted.
    width_m : how far the outline reaches to each side of a street.

    Examples
    --------
    >>> from geoplan.reach.building.network_build import build_network
    >>> from geoplan.reach.join import join_points
    >>> network, _ = build_network(shapely.from_wkt(["LINESTRING (0 0, 1000 0)"]))
    >>> clinic = join_points(network, np.array([[400.0, 0.0]]), cap_m=50)
    >>> outlines(network, clinic, within_m=300, width_m=10)[0].bounds
    (90.0, -10.0, 710.0, 10.0)
    """
    drawn = np.full(len(facilities.edge), None, dtype=object)
    seeds, ends = seeds_of(network, facilities), _ends_of(network)
    large = len(network.xy) >= COMPILED_NODES
    search: Search = fast.Searcher(network).reach if large else plain.reach
    stretches = [
        _stretches(network, facilities, ends, search(network, own, within_m), (at, within_m))
        for at, own in _each(seeds)
    ]
    with ThreadPoolExecutor(_THREADS) as pool:
        shapes = pool.map(lambda lines: _widen(lines, width_m), stretches)
        drawn[seeds.facility[::2]] = np.fromiter(shapes, dtype=object, count=len(stretches))
    return drawn


def _each(seeds: Seeds) -> list[tuple[int, Seeds]]:
    """The seeds of each joined facility by itself."""
    rows = [slice(at, at + 2) for at in range(0, len(seeds.node), 2)]
    return [
        (
            int(seeds.facility[row.start]),
            Seeds(seeds.node[row], seeds.walk_m[row], seeds.facility[row]),
        )
        for row in rows
    ]


def _ends_of(network: Network) -> _Ends:
    node = network.edge_nodes.T.ravel()
    order = np.argsort(node, kind="stable")
    counts = np.bincount(node, minlength=len(network.xy))
    return _Ends(np.append(0, np.cumsum(counts)), order % max(len(network.edge_nodes), 1))


def _stretches(
    network: Network,
    facilities: Joins,
    ends: _Ends,
    reached: tuple[Index, Metres],
    asked: tuple[int, float],
) -> NDArray[np.object_]:
    """The stretches of street that can be walked from one facility, as lines."""
    nodes, walk_m = reached
    facility, within_m = asked
    low = ends.indptr[nodes]
    edges = np.unique(ends.edge[ranges(low, ends.indptr[nodes + 1] - low)])
    order = np.argsort(nodes)
    nodes, left_m = nodes[order], within_m - walk_m[order]
    from_start_m, from_end_m = (
        _looked_up(nodes, left_m, network.edge_nodes[edges, end]) for end in (0, 1)
    )
    length_m = network.edge_length_m[edges]
    whole = from_start_m + from_end_m >= length_m - _SLACK_M
    parts = [
        _whole_lines(network, edges[whole]),
        _part_lines(network, edges[~whole], np.zeros((~whole).sum()), from_start_m[~whole]),
        _part_lines(network, edges[~whole], (length_m - from_end_m)[~whole], length_m[~whole]),
        _own_street(network, facilities, facility, within_m),
    ]
    return np.concatenate(parts)


def _looked_up(nodes: Index, left_m: Metres, asked: Index) -> Metres:
    """Metres still to walk from each node asked for; 0 where it is not reached."""
    if len(nodes) == 0:
        return np.zeros(len(asked))
    at = np.minimum(np.searchsorted(nodes, asked), len(nodes) - 1)
    return np.where(nodes[at] == asked, left_m[at], 0.0)


def _whole_lines(network: Network, edges: NDArray[np.int64]) -> NDArray[np.object_]:
    """Whole streets with their bends."""
    if len(edges) == 0:
        return np.empty(0, dtype=object)
    low = network.piece_indptr[edges]
    count = network.piece_indptr[edges + 1] - low
    pieces = network.pieces[ranges(low, count)]
    street = np.repeat(np.arange(len(edges)), count)
    last = np.cumsum(count)
    xy = np.insert(pieces[:, :2], last, pieces[last - 1, 2:], axis=0)
    lines: NDArray[np.object_] = shapely.linestrings(
        xy, indices=np.insert(street, last, street[last - 1])
    )
    return lines


def _part_lines(
    network: Network, edges: NDArray[np.int64], first_m: Metres, last_m: Metres
) -> NDArray[np.object_]:
    """Straight pieces of streets between two places along each."""
    low = network.piece_indptr[edges]
    count = network.piece_indptr[edges + 1] - low
    at = ranges(low, count)
    pieces, offset_m = network.pieces[at], network.piece_offset_m[at]
    step = pieces[:, 2:] - pieces[:, :2]
    length_m = np.hypot(step[:, 0], step[:, 1])
    first = np.clip((np.repeat(first_m, count) - offset_m) / length_m, 0, 1)
    last = np.clip((np.repeat(last_m, count) - offset_m) / length_m, 0, 1)
    some = last > first
    start, step, first, last = pieces[some, :2], step[some], first[some], last[some]
    both = np.stack((start + first[:, None] * step, start + last[:, None] * step), axis=1)
    lines: NDArray[np.object_] = np.asarray(shapely.linestrings(both), dtype=object)
    return lines


def _own_street(
    network: Network, facilities: Joins, facility: int, within_m: float
) -> NDArray[np.object_]:
    """The stretch to both sides of the facility on the street it joined."""
    left_m = within_m - facilities.gap_m[facility]
    along_m = facilities.along_m[facility : facility + 1]
    edge = facilities.edge[facility : facility + 1].astype(np.int64)
    return _part_lines(network, edge, along_m - left_m, along_m + left_m)


def _widen(lines: NDArray[np.object_], width_m: float) -> shapely.Geometry | None:
    """The lines widened one by one and united."""
    if len(lines) == 0:
        return None
    united = shapely.union_all(shapely.buffer(lines, width_m, quad_segs=_QUADRANT_SEGMENTS))
    return united if shapely.is_valid(united) else shapely.make_valid(united)
