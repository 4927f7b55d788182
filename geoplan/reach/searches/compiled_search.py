"""Searches along streets by compiled code, for large networks.

Belongs here: arrays made ready for ``kernels.py`` and shared among threads. Does not belong here:
the loops themselves. Each function has a twin in ``plain.py`` with the same answer.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres, Network
from geoplan.reach.order import curve_order
from geoplan.reach.searches.walk_ends import Seeds, same_street_pairs, seeds_of

if TYPE_CHECKING:
    from geoplan.reach.compiled.walk_kernels import Arcs, Doors, Field

_LOG = logging.getLogger(__name__)
Block = tuple[Index, Index, Metres, Index]

_THREADS = 2
_BLOCK = 64
_ARCS_A_BUCKET = 3.0
_SAMPLE = 4096


def buckets_a_metre(network: Network) -> float:
    """How many buckets of the queue a metre has: one for about three arcs of a sample."""
    some_m = network.length_m[:: 1 + len(network.length_m) // _SAMPLE]
    if len(some_m) == 0:
        return 1.0
    return float(1 / max(_ARCS_A_BUCKET * some_m.mean(), 0.001))


def _announce(file: str) -> None:
    """Say once why the first large network takes longer."""
    kept = Path(file).parent.glob("__pycache__/kernels.*.nbi")
    if next(kept, None) is None:
        _LOG.info(
            "compiling the street searches, once, some ten seconds / 首次运行，编译路网算法约十秒"
        )


def spread(network: Network, seeds: Seeds) -> tuple[Metres, Index]:
    """Metres from each node to the nearest facility, infinite without one, and which, else -1."""
    field = start_field(network, seeds)
    return field.walk_m, field.owner


def start_field(network: Network, seeds: Seeds) -> Field:
    """What is known of each node after walking out from all seeds."""
    from geoplan.reach.compiled import walk_kernels as kernels

    _announce(kernels.__file__)
    field = kernels.new_field(len(network.xy))
    walk_into(network, seeds, field)
    return field


class Searcher:
    """Searches from one facility after another with arrays that are used again."""

    def __init__(self, network: Network) -> None:
        from geoplan.reach.compiled import walk_kernels as kernels

        self._field = kernels.new_field(len(network.xy))

    def reach(self, network: Network, seeds: Seeds, within_m: float) -> tuple[Index, Metres]:
        """The nodes within a distance of one facility (inclusive), and the metres to each."""
        from geoplan.reach.compiled import walk_kernels as kernels

        starts = kernels.Starts(seeds.node, seeds.walk_m, seeds.facility)
        per_m = buckets_a_metre(network)
        count = kernels.walk_out(arcs_of(network), starts, self._field, per_m, float(within_m))
        nodes = np.sort(self._field.reached[:count])
        walk_m = self._field.walk_m[nodes]
        kernels.forget(self._field, count)
        return nodes, walk_m


def walk_into(network: Network, seeds: Seeds, field: Field) -> None:
    """Walk out from further seeds as far as they improve on what is known."""
    from geoplan.reach.compiled import walk_kernels as kernels

    starts = kernels.Starts(seeds.node, seeds.walk_m, seeds.facility)
    kernels.walk_out(arcs_of(network), starts, field, buckets_a_metre(network), np.inf)


def walk_without(network: Network, own: Seeds, others: Seeds, field: Field) -> None:
    """Forget the nodes of one facility, and walk into them from the others."""
    from geoplan.reach.compiled import walk_kernels as kernels

    arcs = arcs_of(network)
    count = kernels.forget_owner(arcs, own.node, own.facility[0], field)
    starts = kernels.Starts(others.node, others.walk_m, others.facility)
    around = kernels.starts_around(arcs, starts, field, count)
    kernels.walk_out(arcs, around, field, buckets_a_metre(network), np.inf)


def arcs_of(network: Network) -> Arcs:
    """The arcs as the compiled loops take them."""
    from geoplan.reach.compiled import walk_kernels as kernels

    return kernels.Arcs(network.indptr, network.indices, network.length_m)


def pairs_within(
    network: Network, homes: Joins, facilities: Joins, within_m: float
) -> tuple[Index, Index, Metres]:
    """Homes, facilities and walks within a distance, by facility, then by home."""
    seeds = seeds_of(network, facilities)
    joined = seeds.facility[::2]
    doors = _doors_of(network, homes, facilities, joined)
    # Neighbours one after the other find the streets they share still at hand in memory.
    turns = curve_order(facilities.xy[joined]).astype(np.int32) if len(joined) else joined
    blocks = [turns[at : at + _BLOCK] for at in range(0, len(turns), _BLOCK)]
    with ThreadPoolExecutor(_THREADS) as pool:
        shares = [blocks[thread::_THREADS] for thread in range(_THREADS)]
        found = pool.map(lambda share: _pair_blocks(network, seeds, doors, share, within_m), shares)
    home, walk_m, count = _in_order([part for share in found for part in share], len(joined))
    return home, np.repeat(joined, count), walk_m


def _pair_blocks(
    network: Network, seeds: Seeds, doors: Doors, blocks: list[Index], within_m: float
) -> list[Block]:
    """What one thread finds, with arrays that it uses again for each facility."""
    from geoplan.reach.compiled import walk_kernels as kernels

    homes = len(doors.position)
    field = kernels.new_field(len(network.xy))
    room = kernels.Room(field, np.full(homes, np.inf), np.empty(homes, dtype=np.int32))
    starts = kernels.Starts(seeds.node, seeds.walk_m, np.zeros_like(seeds.node))
    arcs, per_m = arcs_of(network), buckets_a_metre(network)
    tasks = (kernels.Task(block, per_m, float(within_m)) for block in blocks)
    return [(task.facilities, *kernels.pair_up(arcs, starts, doors, room, task)) for task in tasks]


def _in_order(blocks: list[Block], facilities: int) -> tuple[Index, Metres, Index]:
    """Homes and walks facility by facility, and how many each facility has."""
    sizes = np.zeros(facilities, dtype=np.int32)
    for turns, _, _, counts in blocks:
        sizes[turns] = counts
    into = np.append(0, np.cumsum(sizes, dtype=np.int64))
    home, walk_m = np.empty(into[-1], dtype=np.int32), np.empty(into[-1])
    for turns, homes, walks_m, counts in blocks:
        out = np.append(0, np.cumsum(counts, dtype=np.int64)).tolist()
        for at, turn in enumerate(turns.tolist()):
            home[into[turn] : into[turn + 1]] = homes[out[at] : out[at + 1]]
            walk_m[into[turn] : into[turn + 1]] = walks_m[out[at] : out[at + 1]]
    return home, walk_m, sizes


def _doors_of(network: Network, homes: Joins, facilities: Joins, joined: Index) -> Doors:
    from geoplan.reach.compiled import walk_kernels as kernels

    at = np.flatnonzero(homes.joined)
    at = at[np.argsort(network.edge_nodes[homes.edge[at], 0], kind="stable")]
    number = np.full(len(homes.edge), -1, dtype=np.int32)
    number[at] = np.arange(len(at), dtype=np.int32)
    node = network.edge_nodes[homes.edge[at]].T.ravel()
    order = np.argsort(node, kind="stable")
    home, facility, walk_m = same_street_pairs(homes, facilities)
    beside = np.argsort(facility, kind="stable")
    return kernels.Doors(
        position=at.astype(np.int32),
        indptr=_starts(node, len(network.xy)),
        home=number[np.append(at, at)[order]],
        along_m=np.append(homes.along_m[at], homes.rest_m[at])[order],
        gap_m=np.append(homes.gap_m[at], homes.gap_m[at])[order],
        beside_indptr=_starts(np.searchsorted(joined, facility).astype(np.int32), len(joined)),
        beside_home=number[home[beside]],
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
