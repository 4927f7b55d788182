"""Homes and facilities on the same street, which need not walk to its ends.

Belongs here: pairs on one edge. Does not belong here: anything that passes a node.
"""

from __future__ import annotations

import numpy as np

from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres
from geoplan.reach.ranges import ranges


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
