"""Homes × facilities along streets: the nearest one, and all within a distance.

Belongs here: a walk from door to door. Does not belong here: counting people (``assess``).

A walk is the gap from the home to its street, the way along the streets and the gap to the
facility; two doors on the same street need not pass its ends. Distances are compared at the
millimetre and *within* is inclusive. What cannot be reached is NaN with a reason, never a large
number; a facility at 0 m stays at 0 m.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.reach.join import Joins, Unreached
from geoplan.reach.network import Index, Metres, Network
from geoplan.reach.searches import compiled_search as fast
from geoplan.reach.searches import scipy_search as plain
from geoplan.reach.searches.walk_ends import same_street_pairs, seeds_of
from geoplan.reach.straight import Nearest

# From here on compiled code is quicker even when it must first be loaded.
COMPILED_NODES = 200_000
COMPILED_PAIRS = 50_000_000


@dataclass(frozen=True, slots=True)
class Catchment:
    """All pairs of a home and a facility within a distance, by facility, then by home.

    Parameters
    ----------
    home, facility : positions among the homes and the facilities.
    walk_m : from door to door.
    """

    home: Index
    facility: Index
    walk_m: Metres


def is_within(walk_m: Metres, limit_m: float) -> NDArray[np.bool_]:
    """Which walks are within a distance, compared at the millimetre, inclusive; NaN never is.

    Examples
    --------
    >>> is_within(np.array([500.0000000001, 500.001, np.nan]), 500).tolist()
    [True, False, False]
    """
    within: NDArray[np.bool_] = np.round(walk_m, 3) <= limit_m
    return within


def nearest(
    network: Network, homes: Joins, facilities: Joins, *, limit_m: float | None = None
) -> Nearest:
    """From each home the walk to the nearest facility, and which; of equals the first.

    Examples
    --------
    >>> import shapely
    >>> from geoplan.reach.building.network_build import build_network
    >>> from geoplan.reach.join import join_points
    >>> network, _ = build_network(shapely.from_wkt(
    ...     ["LINESTRING (0 0, 300 0)", "LINESTRING (300 0, 300 400)"]
    ... ))
    >>> homes = join_points(network, np.array([[0.0, 20.0], [100.0, 0.0]]), cap_m=50)
    >>> clinic = join_points(network, np.array([[310.0, 400.0]]), cap_m=50)
    >>> found = nearest(network, homes, clinic)
    >>> found.walk_m.tolist(), found.facility.tolist()
    ([730.0, 610.0], [0, 0])
    """
    search = fast.spread if len(network.xy) >= COMPILED_NODES else plain.spread
    walk_m, facility = search(network, seeds_of(network, facilities))
    found = nearest_from_nodes(network, homes, facilities, walk_m, facility)
    if limit_m is None:
        return found
    within = is_within(found.walk_m, limit_m)
    return Nearest(np.where(within, found.walk_m, np.nan), np.where(within, found.facility, -1))


def nearest_from_nodes(
    network: Network, homes: Joins, facilities: Joins, node_m: Metres, node_facility: Index
) -> Nearest:
    """The nearest of each home, given the nearest of each node."""
    walk_m = np.full(len(homes.edge), np.inf)
    facility = np.full(len(homes.edge), -1, dtype=np.int64)
    at = np.flatnonzero(homes.joined)
    nodes = network.edge_nodes[homes.edge[at]]
    for end, along_m in ((0, homes.along_m[at]), (1, homes.rest_m[at])):
        way_m = node_m[nodes[:, end]] + along_m + homes.gap_m[at]
        _keep_nearer(walk_m, facility, at, way_m, node_facility[nodes[:, end]])
    home, other, way_m = same_street_pairs(homes, facilities)
    _keep_nearest(walk_m, facility, home, way_m, other)
    return Nearest(np.where(np.isinf(walk_m), np.nan, walk_m), facility)


def _keep_nearer(
    walk_m: Metres, facility: NDArray[np.int64], at: NDArray[np.int64], way_m: Metres, other: Index
) -> None:
    """Take over the ways that are nearer, or as near with an earlier facility; ``at`` is unique."""
    better = (way_m < walk_m[at]) | (
        (way_m == walk_m[at]) & np.isfinite(way_m) & (other < facility[at])
    )
    walk_m[at[better]] = way_m[better]
    facility[at[better]] = other[better]


def _keep_nearest(
    walk_m: Metres, facility: NDArray[np.int64], at: Index, way_m: Metres, other: Index
) -> None:
    """The same where a home may stand several times in ``at``."""
    order = np.lexsort((other, way_m, at))
    at, way_m, other = at[order], way_m[order], other[order]
    first = np.ones(len(at), dtype=np.bool_)
    first[1:] = np.diff(at) != 0
    _keep_nearer(walk_m, facility, at[first].astype(np.int64), way_m[first], other[first])


def pairs(network: Network, homes: Joins, facilities: Joins, *, within_m: float) -> Catchment:
    """All homes and facilities at most ``within_m`` apart along the streets (inclusive).

    Examples
    --------
    >>> import shapely
    >>> from geoplan.reach.building.network_build import build_network
    >>> from geoplan.reach.join import join_points
    >>> network, _ = build_network(shapely.from_wkt(["LINESTRING (0 0, 1000 0)"]))
    >>> homes = join_points(network, np.array([[0.0, 0.0], [500.0, 0.0], [501.0, 0.0]]), cap_m=50)
    >>> clinic = join_points(network, np.array([[0.0, 0.0]]), cap_m=50)
    >>> found = pairs(network, homes, clinic, within_m=500)
    >>> found.home.tolist(), found.facility.tolist(), found.walk_m.tolist()
    ([0, 1], [0, 0], [0.0, 500.0])
    """
    work = len(network.xy) * int(facilities.joined.sum())
    search = fast.pairs_within if work >= COMPILED_PAIRS else plain.pairs_within
    return Catchment(*search(network, homes, facilities, within_m))


def why_unreached(homes: Joins, facilities: Joins, found: Nearest) -> NDArray[np.object_]:
    """Why a home reaches none of the facilities; ``None`` where it reaches one.

    ``WALK_OTHER_PART`` is a home on a part of the network where no facility stands;
    ``WALK_TOO_FAR`` a home whose nearest is beyond the limit.
    """
    reason = homes.reason
    without = np.isnan(found.walk_m) & homes.joined
    served = np.isin(homes.component, facilities.component[facilities.joined])
    reason[without & served] = Unreached.TOO_FAR
    reason[without & ~served] = Unreached.OTHER_PART
    return reason
