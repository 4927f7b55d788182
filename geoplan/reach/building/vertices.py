"""Lines to numbered vertices and the straight pieces between them, each piece once.

Belongs here: coordinates, their rounding, and ends that touch another street. Does not belong
here: nodes and edges (``build.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.reach.building.touch import near_pieces

Ids = NDArray[np.int64]
Metres = NDArray[np.float64]

_MM = 1000.0
TOUCH_M = 0.001
NEAR_M = 1.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Vertices and the pieces between them, a street's pieces one after the other.

    Parameters
    ----------
    xy : of the vertices, rounded to the millimetre.
    tail, head : vertex at the start and the end of each piece.
    street : the line of each piece.
    end : whether a vertex is the first or last of a line.
    """

    xy: Metres
    tail: Ids
    head: Ids
    street: Ids
    end: NDArray[np.bool_]

    @property
    def length_m(self) -> Metres:
        """Of each piece."""
        step = self.xy[self.head] - self.xy[self.tail]
        return np.hypot(step[:, 0], step[:, 1])

    def take(self, pieces: NDArray[np.bool_]) -> Drawing:
        """The drawing with only some pieces."""
        return Drawing(self.xy, self.tail[pieces], self.head[pieces], self.street[pieces], self.end)


def number_vertices(lines: NDArray[np.object_]) -> Drawing:
    """Vertices at the same millimetre are one: there, and only there, streets join."""
    coordinates, street = shapely.get_coordinates(lines, return_index=True)
    steps = np.round(coordinates * _MM).astype(np.int64)
    low = steps.min(axis=0)
    height = int(steps[:, 1].max() - low[1]) + 1
    key = (steps[:, 0] - low[0]) * height + (steps[:, 1] - low[1])
    _, first, vertex = np.unique(key, return_index=True, return_inverse=True)
    new = np.append(True, street[1:] != street[:-1])
    last = np.append(new[1:], True)
    end = np.zeros(len(first), dtype=np.bool_)
    end[vertex[new | last]] = True
    inside = np.flatnonzero(~last)
    return Drawing(
        steps[first] / _MM, vertex[inside], vertex[inside + 1], street[inside].astype(np.int64), end
    )


def drop_repeats(drawing: Drawing) -> tuple[Drawing, int, int]:
    """Without pieces of no length and pieces drawn before; how many of each there were."""
    moving = drawing.tail != drawing.head
    lasting = drawing.take(moving)
    low = np.minimum(lasting.tail, lasting.head)
    high = np.maximum(lasting.tail, lasting.head)
    _, first = np.unique(low * len(drawing.xy) + high, return_index=True)
    keep = np.zeros(len(low), dtype=np.bool_)
    keep[first] = True
    return lasting.take(keep), int((~moving).sum()), int((~keep).sum())


def join_touching(drawing: Drawing) -> tuple[Drawing, int, int]:
    """Pieces broken where a street ends on them within a millimetre.

    Returns
    -------
    The drawing, how many ends were joined and how many others stop within a metre of a street.
    """
    met = near_pieces(drawing.xy, np.flatnonzero(drawing.end), drawing.tail, drawing.head, NEAR_M)
    on = met.gap_m <= TOUCH_M
    touching = np.unique(met.end[on])
    missed = np.setdiff1d(_missed(drawing, met.end[~on], met.piece[~on]), touching)
    return _break_pieces(drawing, met.end[on], met.piece[on]), len(touching), len(missed)


def _missed(drawing: Drawing, ends: Ids, pieces: Ids) -> Ids:
    """Dead ends near a piece that does not begin where their own does, as a short spur would."""
    meeting = np.bincount(np.append(drawing.tail, drawing.head), minlength=len(drawing.xy))
    start = np.full(len(drawing.xy), -1, dtype=np.int64)
    start[drawing.tail] = drawing.head
    start[drawing.head] = drawing.tail
    beside = (drawing.tail[pieces] == start[ends]) | (drawing.head[pieces] == start[ends])
    return np.unique(ends[(meeting[ends] == 1) & ~beside])


def _break_pieces(drawing: Drawing, vertices: Ids, pieces: Ids) -> Drawing:
    """Each piece broken at its vertices, in their order along it."""
    if len(pieces) == 0:
        return drawing
    origin = drawing.xy[drawing.tail[pieces]]
    step = drawing.xy[vertices] - origin
    order = np.lexsort((np.hypot(step[:, 0], step[:, 1]), pieces))
    vertices, pieces = vertices[order], pieces[order]
    tail = np.insert(drawing.tail, pieces + 1, vertices)
    head = np.insert(drawing.head, pieces, vertices)
    street = np.insert(drawing.street, pieces, drawing.street[pieces])
    end = drawing.end.copy()
    end[vertices] = True
    return Drawing(drawing.xy, tail, head, street, end)
