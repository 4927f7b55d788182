"""Homes and facilities on the same street, which need not walk to its ends.

Belongs here: pairs on one edge. Does not belong here: anything that passes a node.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres


def same_street_pairs(homes: Joins, facilities: Joins) -> tuple[Index, Index, Metres]:
    """Every home and facility that joined the same edge, with the walk straight along it."""
    order = np.flatnonzero(facilities.joined)
    order = order[np.argsort(facilities.edge[order], kind="stable")]
    edges = facilities.edge[order]
    low = np.searchsorted(edges, homes.edge, side="left")
    count = np.searchsorted(edges, homes.edge, side="right") - low
    count[~homes.joined] = 0
    home = np.repeat(np.arange(len(homes.edge)), count)
    facility = order[_ranges(low, count)]
    walk_m = (
        facilities.gap_m[facility]
        + np.abs(homes.along_m[home] - facilities.along_m[facility])
        + homes.gap_m[home]
    )
    return home.astype(np.int32), facility.astype(np.int32), walk_m


def _ranges(low: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers ``low[i] … low[i] + count[i] - 1`` of every i, one after the other.

    Examples
    --------
    >>> _ranges(np.array([5, 0, 9]), np.array([2, 0, 1])).tolist()
    [5, 6, 9]
    """
    before = np.cumsum(count) - count
    return np.repeat(low - before, count) + np.arange(int(count.sum()))
