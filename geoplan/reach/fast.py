"""Searches along streets by compiled code, for large networks.

Belongs here: arrays made ready for ``kernels.py`` and shared among threads. Does not belong here:
the loops themselves. Each function has a twin in ``plain.py`` with the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres, Network
from geoplan.reach.same_street import same_street_pairs
from geoplan.reach.seeds import Seeds, seeds_of

if TYPE_CHECKING:
    from geoplan.reach.kernels import Arcs, Doors

_THREADS = 2
_BLOCK = 32
_ARCS_A_BUCKET = 3.0


def buckets_a_metre(network: Network) -> float:
    """How many buckets of the queue a metre has: one for about three arcs."""
    if len(network.length_m) == 0:
        return 1.0
    return float(1 / max(_ARCS_A_BUCKET * network.length_m.mean(), 0.001))


def spread(network: Network, seeds: Seeds) -> tuple[Metres, Index]:
    """Metres from each node to the nearest facility, infinite without one, and which, else -1."""
    from geoplan.reach import kernels

    field = kernels.new_field(len(network.xy))
    starts = kernels.Starts(seeds.node, seeds.walk_m, seeds.facility)
    kernels.walk_out(arcs_of(network), starts, field, buckets_a_metre(network), np.inf)
    return field.walk_m, field.owner


def arcs_of(network: Network) -> Arcs:
    """The arcs as the compiled loops take them."""
    from geoplan.reach import kernels

    return kernels.Arcs(network.indptr, network.indices, network.length_m)


def pairs_within(
    network: Network, homes: Joins, facilities: Joins, within_m: float
) -> tuple[Index, Index, Metres]:
    """Homes, facilities and walks within a distance, by facility, then by home."""
    seeds = seeds_of(network, facilities)
    joined = seeds.facility[::2]
    doors = _doors_of(network, homes, facilities, joined)
    blocks = [(first, min(first + _BLOCK, len(joined))) for first in range(0, len(joined), _BLOCK)]
    if not blocks:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    shares = [blocks[thread::_THREADS] for thread in range(_THREADS)]
    with ThreadPoolExecutor(_THREADS) as pool:
        done = pool.map(
            lambda share: list(_pair_blocks(network, seeds, doors, share, within_m)), shares
        )
        parts = dict(part for share in done for part in share)
    found = [parts[block] for block in blocks]
    home, walk_m, count = (np.concatenate(column) for column in zip(*found, strict=True))
    return home, np.repeat(joined, count), walk_m


def _pair_blocks(
    network: Network, seeds: Seeds, doors: Doors, blocks: list[tuple[int, int]], within_m: float
) -> Iterator[tuple[tuple[int, int], tuple[Index, Metres, Index]]]:
    """What one thread finds, with arrays that it uses again for each facility."""
    from geoplan.reach import kernels

    homes = 1 + max(int(doors.home.max(initial=-1)), int(doors.beside_home.max(initial=-1)))
    field = kernels.new_field(len(network.xy))
    room = kernels.Room(field, np.full(homes, np.inf), np.empty(homes, dtype=np.int32))
    starts = kernels.Starts(seeds.node, seeds.walk_m, np.zeros_like(seeds.node))
    arcs, per_m = arcs_of(network), buckets_a_metre(network)
    for first, past in blocks:
        task = kernels.Task(first, past, per_m, float(within_m))
        yield (first, past), kernels.pair_up(arcs, starts, doors, room, task)


def _doors_of(network: Network, homes: Joins, facilities: Joins, joined: Index) -> Doors:
    from geoplan.reach import kernels

    at = np.flatnonzero(homes.joined)
    node = network.edge_nodes[homes.edge[at]].T.ravel()
    order = np.argsort(node, kind="stable")
    home, facility, walk_m = same_street_pairs(homes, facilities)
    beside = np.argsort(facility, kind="stable")
    return kernels.Doors(
        indptr=_starts(node, len(network.xy)),
        home=np.append(at, at)[order].astype(np.int32),
        along_m=np.append(homes.along_m[at], homes.rest_m[at])[order],
        gap_m=np.append(homes.gap_m[at], homes.gap_m[at])[order],
        beside_indptr=_starts(np.searchsorted(joined, facility).astype(np.int32), len(joined)),
        beside_home=home[beside],
        beside_m=walk_m[beside],
    )


def _starts(of: Index, groups: int) -> Index:
    """Where each group begins when rows are sorted by group.

    Examples
    --------
    >>> _starts(np.array([2, 0, 2], dtype=np.int32), 3).tolist()
    [0, 1, 1, 3]
    """
    return np.append(0, np.cumsum(np.bincount(of, minlength=groups))).astype(np.int32)
