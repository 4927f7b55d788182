"""Searches along streets by scipy: for networks that would be searched before code is compiled.

Belongs here: the plain twin of ``kernels.py``, which gives the same answer to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres, Network
from geoplan.reach.searches.walk_ends import Seeds, same_street_pairs, seeds_of

_CELLS = 4_000_000
_SLACK_M = 0.001


def spread(network: Network, seeds: Seeds) -> tuple[Metres, Index]:
    """Metres from each node to the nearest facility, infinite without one, and which, else -1.

    Of facilities equally near, the first.
    """
    from scipy.sparse.csgraph import dijkstra

    nodes = len(network.xy)
    if len(seeds.node) == 0:
        return np.full(nodes, np.inf), np.full(nodes, -1, dtype=np.int32)
    starts = np.arange(nodes, nodes + len(seeds.node))
    walk_m, _, source = dijkstra(
        _with_starts(network, seeds), indices=starts, min_only=True, return_predecessors=True
    )
    reached = np.isfinite(walk_m[:nodes])
    found = np.full(nodes, -1, dtype=np.int32)
    found[reached] = seeds.facility[source[:nodes][reached] - nodes]
    return walk_m[:nodes], _first_of_equals(network, seeds, walk_m[:nodes], found)


def _with_starts(network: Network, seeds: Seeds) -> object:
    """The arcs with one further node a seed, from which one can only leave."""
    from scipy.sparse import csr_array

    first, nodes = len(network.indices), len(network.xy)
    indptr = np.append(network.indptr, first + 1 + np.arange(len(seeds.node), dtype=np.int32))
    return csr_array(
        (
            np.append(network.length_m, seeds.walk_m),
            np.append(network.indices, seeds.node),
            indptr.astype(np.int32),
        ),
        shape=(nodes + len(seeds.node), nodes + len(seeds.node)),
    )


def _first_of_equals(network: Network, seeds: Seeds, walk_m: Metres, found: Index) -> Index:
    """The first of the facilities that are equally near, handed on along shortest ways."""
    own = walk_m[seeds.node] == seeds.walk_m
    np.minimum.at(found, seeds.node[own], seeds.facility[own])
    tail = np.repeat(np.arange(len(network.xy)), np.diff(network.indptr))
    with np.errstate(invalid="ignore"):
        tight = np.isfinite(walk_m[tail]) & (
            walk_m[tail] + network.length_m == walk_m[network.indices]
        )
    tail, head = tail[tight], network.indices[tight]
    while (behind := found[tail] < found[head]).any():
        np.minimum.at(found, head[behind], found[tail[behind]])
    return found


def pairs_within(
    network: Network, homes: Joins, facilities: Joins, within_m: float
) -> tuple[Index, Index, Metres]:
    """Homes, facilities and walks within a distance, by facility, then by home."""
    over_nodes = _over_nodes(network, homes, facilities, within_m + _SLACK_M)
    parts = [*over_nodes, same_street_pairs(homes, facilities)]
    home, facility, walk_m = (np.concatenate(column) for column in zip(*parts, strict=True))
    within = np.round(walk_m, 3) <= within_m
    home, facility, walk_m = home[within], facility[within], walk_m[within]
    order = np.lexsort((walk_m, home, facility))
    home, facility, walk_m = home[order], facility[order], walk_m[order]
    first = np.ones(len(home), dtype=np.bool_)
    first[1:] = (np.diff(home) != 0) | (np.diff(facility) != 0)
    return home[first], facility[first], walk_m[first]


def _over_nodes(
    network: Network, homes: Joins, facilities: Joins, limit_m: float
) -> Iterator[tuple[Index, Index, Metres]]:
    """Walks that pass a node, of at most the limit, some facilities at a time."""
    from scipy.sparse.csgraph import dijkstra

    seeds = seeds_of(network, facilities)
    graph = _with_starts(network, seeds)
    nodes = len(network.xy)
    at = np.flatnonzero(homes.joined)
    many = 2 * max(_CELLS // (2 * max(nodes, len(at))), 1)
    for first in range(0, len(seeds.node), many):
        starts = np.arange(first, min(first + many, len(seeds.node)))
        node_m = dijkstra(graph, indices=nodes + starts, limit=limit_m)[:, :nodes]
        walk_m = _to_homes(network, homes, at, np.minimum(node_m[::2], node_m[1::2]))
        facility, home = np.nonzero(walk_m <= limit_m)
        yield (
            at[home].astype(np.int32),
            seeds.facility[starts[::2][facility]],
            walk_m[facility, home],
        )


def _to_homes(network: Network, homes: Joins, at: NDArray[np.int64], node_m: Metres) -> Metres:
    """Metres from facilities (rows) to the homes at the given positions, by the nearer end."""
    start, end = network.edge_nodes[homes.edge[at]].T
    walk_m: Metres = np.minimum(
        node_m[:, start] + homes.along_m[at] + homes.gap_m[at],
        node_m[:, end] + homes.rest_m[at] + homes.gap_m[at],
    )
    return walk_m


def reach(network: Network, seeds: Seeds, within_m: float) -> tuple[Index, Metres]:
    """The nodes within a distance of one facility (inclusive), and the metres to each."""
    from scipy.sparse.csgraph import dijkstra

    nodes = len(network.xy)
    starts = nodes + np.arange(len(seeds.node))
    found = dijkstra(_with_starts(network, seeds), indices=starts, min_only=True, limit=within_m)
    reached = np.flatnonzero(np.isfinite(found[:nodes])).astype(np.int32)
    return reached, found[reached]
