"""Where walks begin and end: facilities at the ends of their edges, homes on the same street."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres, Network

Whole = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Seeds:
    """Two rows a joined facility, in the order of facilities.

    Parameters
    ----------
    node, walk_m : a node and the metres from the facility to it, its gap counted.
    facility : whose it is.
    """

    node: Index
    walk_m: Metres
    facility: Index


def seeds_of(network: Network, facilities: Joins) -> Seeds:
    """Two seeds for each joined facility."""
    at = np.flatnonzero(facilities.joined)
    nodes = network.edge_nodes[facilities.edge[at]]
    gap_m = facilities.gap_m[at]
    walk_m = np.column_stack((gap_m + facilities.along_m[at], gap_m + facilities.rest_m[at]))
    return Seeds(nodes.ravel(), walk_m.ravel(), np.repeat(at, 2).astype(np.int32))


def same_street_pairs(homes: Joins, facilities: Joins) -> tuple[Index, Index, Metres]:
    """Every home and facility that joined the same edge, with the walk straight along it."""
    order = np.flatnonzero(facilities.joined)
    order = order[np.argsort(facilities.edge[order], kind="stable")]
    edges = facilities.edge[order]
    low = np.searchsorted(edges, homes.edge, side="left")
    count = np.searchsorted(edges, homes.edge, side="right") - low
    count[~homes.joined] = 0
    home = np.repeat(np.arange(len(homes.edge)), count)
    facility = order[ranges(low, count)]
    walk_m = (
        facilities.gap_m[facility]
        + np.abs(homes.along_m[home] - facilities.along_m[facility])
        + homes.gap_m[home]
    )
    return home.astype(np.int32), facility.astype(np.int32), walk_m


def ranges(low: Whole, count: Whole) -> NDArray[np.int64]:
    """The numbers ``low[i] … low[i] + count[i] - 1`` of every i, one after the other.

    Examples
    --------
    >>> ranges(np.array([5, 0, 9]), np.array([2, 0, 1])).tolist()
    [5, 6, 9]
    """
    before = np.cumsum(count) - count
    return np.repeat(low - before, count) + np.arange(int(count.sum()))
