"""Where walks begin: facilities at the two ends of the edges they joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres, Network


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
