"""Ends of streets on or near another street.

Belongs here: the search among vertices and pieces. What follows from it is in ``vertices.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.reach.nearest_piece import COMPILED_PIECES, feet, lay_cells
from geoplan.reach.network import Metres

Ids = NDArray[np.int64]

_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Meetings:
    """Ends and pieces of other streets within a distance, by end, then by piece."""

    end: Ids
    piece: Ids
    gap_m: Metres


def near_pieces(xy: Metres, ends: Ids, tail: Ids, head: Ids, within_m: float) -> Meetings:
    """The pieces within a distance of each end (inclusive) that do not begin or end there.

    Parameters
    ----------
    xy : of the vertices.
    ends : vertices to look around.
    tail, head : vertex at the start and the end of each piece.

    Examples
    --------
    >>> xy = np.array([[0.0, 0.0], [9.0, 0.0], [4.0, 0.5], [4.0, 5.0]])
    >>> found = near_pieces(xy, np.array([0, 2]), np.array([0, 2]), np.array([1, 3]), 1.0)
    >>> found.end.tolist(), found.piece.tolist(), found.gap_m.tolist()
    ([2], [0], [0.5])
    """
    pieces = np.hstack((xy[tail], xy[head]))
    search = _by_cells if len(tail) >= COMPILED_PIECES else _by_tree
    end, piece = search(pieces, xy[ends], within_m + _SLACK)
    end = ends[end]
    other = (tail[piece] != end) & (head[piece] != end)
    end, piece = end[other], piece[other]
    _, gap_m = feet(pieces[piece], xy[end])
    near = gap_m <= within_m
    end, piece, gap_m = end[near], piece[near], gap_m[near]
    order = np.lexsort((piece, end))
    return Meetings(end[order], piece[order], gap_m[order])


def _by_tree(pieces: Metres, points: Metres, within_m: float) -> tuple[Ids, Ids]:
    tree = shapely.STRtree(shapely.linestrings(pieces.reshape(-1, 2, 2)))
    at, piece = tree.query(shapely.points(points), predicate="dwithin", distance=within_m)
    return at, piece


def _by_cells(pieces: Metres, points: Metres, within_m: float) -> tuple[Ids, Ids]:
    from geoplan.reach.compiled import walk_kernels as kernels

    grid, cells = lay_cells(pieces)
    at, piece = kernels.pieces_around(pieces, grid, cells, points, within_m)
    pairs = np.unique(at * len(pieces) + piece)
    return pairs // len(pieces), pairs % len(pieces)
