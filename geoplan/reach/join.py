"""Homes and facilities joined to the nearest point on a street.

Belongs here: which edge a point joins, where along it, and across which gap. Does not belong
here: walking on (``catchment.py``).

A point joins the nearest point of any edge, not the nearest node: the gap between counts into
every walk. What is farther than the cap from any street is not joined, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from geoplan.reach.nearest_piece import nearest_pieces
from geoplan.reach.network import Index, Metres, Network


class Unreached(StrEnum):
    """Why there is no walk; keys of ``terms.toml`` ``[code]``."""

    NO_PLACE = "WALK_NO_PLACE"
    NO_STREET = "WALK_NO_STREET"
    OTHER_PART = "WALK_OTHER_PART"
    TOO_FAR = "WALK_TOO_FAR"


@dataclass(frozen=True, slots=True)
class Joins:
    """Points joined to a network: parallel arrays, one element a point.

    Parameters
    ----------
    edge : the edge joined, -1 where none is.
    along_m : metres along the edge from its first node; NaN where not joined.
    rest_m : metres along the edge to its last node; NaN where not joined.
    gap_m : metres in a straight line to the street, also where it is too far to join; NaN
        without a place.
    xy : the joined points, shape (n, 2); NaN where not joined.
    component : of the network that was joined, -1 where none is.
    """

    edge: Index
    along_m: Metres
    rest_m: Metres
    gap_m: Metres
    xy: Metres
    component: Index

    @property
    def joined(self) -> NDArray[np.bool_]:
        """Which points stand on a street."""
        joined: NDArray[np.bool_] = self.edge >= 0
        return joined

    @property
    def reason(self) -> NDArray[np.object_]:
        """Why a point is not joined; ``None`` where it is."""
        reason = np.full(len(self.edge), None, dtype=object)
        reason[~self.joined] = Unreached.NO_STREET
        reason[np.isnan(self.gap_m)] = Unreached.NO_PLACE
        return reason

    def farthest(self, most: int = 10) -> NDArray[np.int64]:
        """The points farthest from any street, joined or not, the farthest first.

        Examples
        --------
        >>> nothing, gap_m = np.empty(0), np.array([3.0, np.nan, 80.0])
        >>> Joins(nothing, nothing, nothing, gap_m, nothing, nothing).farthest().tolist()
        [2, 0]
        """
        order = np.argsort(-self.gap_m, kind="stable")
        far: NDArray[np.int64] = order[np.isfinite(self.gap_m[order])][:most]
        return far


def join_points(network: Network, xy: Metres, *, cap_m: float) -> Joins:
    """Points joined to the nearest street within ``cap_m`` (inclusive, to the millimetre).

    Parameters
    ----------
    xy : metres in the network's CRS, shape (n, 2); NaN is no place.

    Examples
    --------
    >>> import shapely
    >>> from geoplan.reach.building.network_build import build_network
    >>> network, _ = build_network(shapely.from_wkt(["LINESTRING (0 0, 100 0)"]))
    >>> joins = join_points(network, np.array([[30.0, 40.0], [50.0, 5000.0]]), cap_m=300)
    >>> joins.edge.tolist(), joins.along_m.tolist(), joins.gap_m.tolist()
    ([0, -1], [30.0, nan], [40.0, 5000.0])
    """
    placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
    piece, t, gap = nearest_pieces(network, np.ascontiguousarray(xy[placed], dtype=np.float64))
    gap_m = np.full(len(xy), np.nan)
    gap_m[placed] = gap
    near = np.round(gap, 3) <= cap_m
    return _lay_on_edges(network, gap_m, placed[near], piece[near], t[near])


def _lay_on_edges(
    network: Network, gap_m: Metres, points: NDArray[np.int64], piece: Index, t: Metres
) -> Joins:
    """The joins of the given points, each at the share ``t`` of its piece."""
    start, end = network.pieces[piece, :2], network.pieces[piece, 2:]
    step = end - start
    edge = network.piece_edge[piece]
    along = network.piece_offset_m[piece] + t * np.hypot(step[:, 0], step[:, 1])
    along = np.minimum(along, network.edge_length_m[edge])
    joins = Joins(
        edge=np.full(len(gap_m), -1, dtype=np.int32),
        along_m=np.full(len(gap_m), np.nan),
        rest_m=np.full(len(gap_m), np.nan),
        gap_m=gap_m,
        xy=np.full((len(gap_m), 2), np.nan),
        component=np.full(len(gap_m), -1, dtype=np.int32),
    )
    joins.edge[points] = edge
    joins.along_m[points] = along
    joins.rest_m[points] = network.edge_length_m[edge] - along
    joins.xy[points] = start + t[:, None] * step
    joins.component[points] = network.component[network.edge_nodes[edge, 0]]
    return joins
