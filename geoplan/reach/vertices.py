"""Lines to numbered vertices and the straight pieces between them, each piece once.

Belongs here: coordinates, their rounding, and ends that touch another street. Does not belong
here: nodes and edges (``build.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

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
    ends, pieces, gap_m = _ends_near_pieces(drawing)
    on = gap_m <= TOUCH_M
    touching = np.unique(ends[on])
    near = np.setdiff1d(ends[~on], touching)
    return _break_pieces(drawing, ends[on], pieces[on]), len(touching), len(near)


def _ends_near_pieces(drawing: Drawing) -> tuple[Ids, Ids, Metres]:
    """Dead ends, pieces of other streets within a metre, and the metres between."""
    used = np.bincount(np.append(drawing.tail, drawing.head), minlength=len(drawing.xy))
    dead = np.flatnonzero(drawing.end & (used == 1))
    segments = shapely.linestrings(
        np.stack((drawing.xy[drawing.tail], drawing.xy[drawing.head]), axis=1)
    )
    points = shapely.points(drawing.xy[dead])
    at, piece = shapely.STRtree(segments).query(points, predicate="dwithin", distance=NEAR_M)
    own = (drawing.tail[piece] == dead[at]) | (drawing.head[piece] == dead[at])
    next_to = _share_a_vertex(drawing, dead[at], piece)
    at, piece = at[~own & ~next_to], piece[~own & ~next_to]
    return dead[at], piece, shapely.distance(points[at], segments[piece])


def _share_a_vertex(drawing: Drawing, ends: Ids, pieces: Ids) -> NDArray[np.bool_]:
    """Whether a piece begins where the dead end's own last piece does: a short spur, no miss."""
    other = np.full(len(drawing.xy), -1, dtype=np.int64)
    other[drawing.tail] = drawing.head
    other[drawing.head] = drawing.tail
    start = other[ends]
    shared: NDArray[np.bool_] = (drawing.tail[pieces] == start) | (drawing.head[pieces] == start)
    return shared


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
