"""The nearest straight piece of street to each point, exactly.

Belongs here: the search. Of two pieces equally near, the one that comes first in the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.reach.network import Index, Metres, Network
from geoplan.reach.order import curve_order

if TYPE_CHECKING:
    from geoplan.reach.compiled.walk_kernels import Cells, Grid

_SLACK = 1e-9
COMPILED_POINTS = 50_000
COMPILED_PIECES = 500_000


def nearest_pieces(network: Network, points: Metres) -> tuple[Index, Metres, Metres]:
    """For each point its piece, the share of the piece before the foot, and the gap in metres."""
    if len(points) == 0:
        return np.empty(0, dtype=np.int32), np.empty(0), np.empty(0)
    large = len(points) >= COMPILED_POINTS or len(network.pieces) >= COMPILED_PIECES
    return (search_grid if large else search_tree)(network.pieces, points)


def search_grid(pieces: Metres, points: Metres) -> tuple[Index, Metres, Metres]:
    """By a grid of square cells, about one a piece, each listing the pieces that pass it."""
    from geoplan.reach.compiled import walk_kernels as kernels

    grid, cells = lay_cells(pieces)
    order = curve_order(points)
    size = len(points)
    feet = kernels.Feet(np.empty(size, dtype=np.int32), np.empty(size), np.empty(size))
    kernels.search_cells(pieces, grid, cells, points[order], feet)
    back = np.empty(size, dtype=np.int64)
    back[order] = np.arange(size)
    return feet.piece[back], feet.share[back], feet.gap_m[back]


def lay_cells(pieces: Metres) -> tuple[Grid, Cells]:
    """Square cells over the pieces, about one a piece, and the pieces that pass each."""
    from geoplan.reach.compiled import walk_kernels as kernels

    grid = kernels.Grid(*_lay_grid(pieces))
    counts = np.zeros(grid.columns * grid.rows + 1, dtype=np.int64)
    kernels.fill_cells(pieces, grid, kernels.Cells(counts, np.empty(0, dtype=np.int32)))
    ends = np.cumsum(counts)
    cells = kernels.Cells(ends, np.empty(ends[-1], dtype=np.int32))
    kernels.fill_cells(pieces, grid, cells)
    return grid, cells


def _lay_grid(pieces: Metres) -> tuple[float, float, float, int, int]:
    """Left, low, width of a cell in metres, columns and rows."""
    xs, ys = pieces[:, ::2], pieces[:, 1::2]
    left, low = float(xs.min()), float(ys.min())
    width, height = float(xs.max()) - left, float(ys.max()) - low
    cell_m = max(float(np.sqrt((width + 1) * (height + 1) / len(pieces))), 1.0)
    return left, low, cell_m, int(width / cell_m) + 1, int(height / cell_m) + 1


def search_tree(pieces: Metres, points: Metres) -> tuple[Index, Metres, Metres]:
    """By a tree of rectangles: for few points, when compiling would cost more than searching."""
    tree = shapely.STRtree(shapely.linestrings(pieces.reshape(-1, 2, 2)))
    shapes = shapely.points(points)
    (at, _), distance = tree.query_nearest(shapes, return_distance=True, all_matches=False)
    reach = np.empty(len(points))
    reach[at] = distance * (1 + _SLACK) + _SLACK
    at, piece = tree.query(shapes, predicate="dwithin", distance=reach)
    t, gap_m = feet(pieces[piece], points[at])
    order = np.lexsort((piece, gap_m, at))
    first = order[np.append(True, np.diff(at[order]) != 0)]
    return piece[first].astype(np.int32), t[first], gap_m[first]


def feet(pieces: Metres, points: Metres) -> tuple[Metres, Metres]:
    """Where on its piece each point is nearest, as a share of the piece, and how far that is.

    Examples
    --------
    >>> t, gap_m = feet(np.array([[0.0, 0.0, 10.0, 0.0]]), np.array([[5.0, 3.0]]))
    >>> t.tolist(), gap_m.tolist()
    ([0.5], [3.0])
    """
    start_x, start_y, end_x, end_y = pieces.T
    step_x, step_y = end_x - start_x, end_y - start_y
    off_x, off_y = points[:, 0] - start_x, points[:, 1] - start_y
    t = (off_x * step_x + off_y * step_y) / (step_x * step_x + step_y * step_y)
    t = np.clip(t, 0.0, 1.0)
    away_x, away_y = off_x - t * step_x, off_y - t * step_y
    gap_m: NDArray[np.float64] = np.sqrt(away_x * away_x + away_y * away_y)
    return t, gap_m
