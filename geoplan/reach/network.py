"""Streets as nodes and edges in metres, and what building them found.

Belongs here: the shape of a network. Does not belong here: making one (``build.py``), joining
points to it (``join.py``) or walking on it (``catchment.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.errors import Remark

Metres = NDArray[np.float64]
Index = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Network:
    """Streets walked in both directions: ``n`` nodes, ``m`` edges, ``s`` straight pieces.

    An edge is a street between two nodes with all its bends; parallel edges and loops keep their
    own row, so that a point joins the street it stands on, while the arcs between two nodes carry
    only the shorter way. Nodes stand in the order of a space-filling curve.

    Parameters
    ----------
    xy : of the nodes, shape (n, 2), metres.
    indptr, indices, length_m : the arcs as a compressed sparse row matrix, both directions.
    component : of each node; 0 has the greatest length of streets, then 1, and so on.
    edge_nodes : first and last node of each edge, shape (m, 2); the same for a loop.
    edge_length_m : along the street, shape (m,).
    piece_indptr : the pieces of edge ``e`` are ``piece_indptr[e]:piece_indptr[e + 1]``, in order.
    pieces : x, y of the start and x, y of the end of each straight piece, shape (s, 4).
    piece_edge : the edge of each piece.
    piece_offset_m : metres along the edge before the piece begins.
    """

    xy: Metres
    indptr: Index
    indices: Index
    length_m: Metres
    component: Index
    edge_nodes: Index
    edge_length_m: Metres
    piece_indptr: Index
    pieces: Metres
    piece_edge: Index
    piece_offset_m: Metres

    @property
    def edge_component(self) -> Index:
        """The component of each edge."""
        return self.component[self.edge_nodes[:, 0]]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What building a network found, to be said before any result.

    Parameters
    ----------
    lines, nodes, edges : how many; ``length_m`` of all edges together.
    empty : lines without coordinates.
    zero_length : steps between two vertices at the same millimetre, dropped.
    duplicates : pieces drawn a second time between the same two vertices, dropped.
    touching : street ends that lie on another street between its vertices, joined there.
    near_misses : street ends that stop within a metre of another street, left apart.
    components : separate parts; ``largest_share`` of the length is in the largest.
    remarks : the same in words.
    """

    lines: int
    nodes: int
    edges: int
    length_m: float
    empty: int
    zero_length: int
    duplicates: int
    touching: int
    near_misses: int
    components: int
    largest_share: float
    remarks: tuple[Remark, ...]
