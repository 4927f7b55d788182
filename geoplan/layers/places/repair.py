"""Broken shapes mended, each mending recorded; overlaps between neighbours reported.

Belongs here: what is done to a geometry before it is measured, in metres. Does not belong here:
where coordinates come from, or attributes.

Every function takes an array of shapely geometries (``None`` where a row has no place) and gives
a new array with what it has to say; nothing is changed without saying so but a dropped height.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.layers.raw_table import LINES, POINTS, POLYGONS, Rows

Shapes = NDArray[np.object_]

COLLECTION = 7
_LEAST_OVERLAP_M2 = 0.01

_FEW_EDGES, _LOOKED_AT, _MOST_CROSSINGS = 1_500, 256, 1_000_000


@dataclass(frozen=True, slots=True)
class Mended:
    """Which elements were mended, and their areas before and after in square metres."""

    shapes: Shapes
    at: Rows
    before_m2: NDArray[np.float64]
    after_m2: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two elements that share ground."""

    first: int
    second: int
    shared_m2: float


def drop_unfinished(shapes: Shapes) -> tuple[Shapes, Rows, Rows]:
    """Take away shapes that are empty and shapes with coordinates that are no numbers.

    Gives the shapes without height, the positions of empty ones and of unreadable ones.

    Examples
    --------
    >>> shapes = np.array([shapely.Point(1, 2, 3), shapely.Point(), None], dtype=object)
    >>> kept, empty, unreadable = drop_unfinished(shapes)
    >>> kept[0].has_z, empty.tolist(), unreadable.tolist()
    (False, [1], [])
    """
    kept = shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes.copy()
    unreadable = _unreadable(kept)
    empty = np.flatnonzero(shapely.is_empty(kept))
    kept[unreadable] = None
    kept[empty] = None
    return kept, empty, unreadable


def _unreadable(shapes: Shapes) -> Rows:
    """Positions of shapes with a coordinate that is no number; then neither is their length."""
    points = np.flatnonzero(np.isin(shapely.get_type_id(shapes), list(POINTS)))
    xy, owner = shapely.get_coordinates(shapes[points], return_index=True)
    among_points = points[owner[~np.isfinite(xy).all(axis=1)]]
    with np.errstate(over="ignore"):
        endless = ~np.isfinite(shapely.length(shapes)) & ~shapely.is_missing(shapes)
    return np.union1d(among_points, np.flatnonzero(endless))


def keep_kinds(shapes: Shapes, kinds: frozenset[int]) -> tuple[Shapes, Rows]:
    """Take away shapes that are not of the given kinds; of collections keep the fitting parts.

    Examples
    --------
    >>> square = shapely.box(0, 0, 1, 1)
    >>> mixed = np.array([square, shapely.Point(0, 0)], dtype=object)
    >>> keep_kinds(mixed, POLYGONS)[1].tolist()
    [1]
    """
    types = shapely.get_type_id(shapes)
    kept = shapes.copy()
    for at in np.flatnonzero(types == COLLECTION):
        kept[at] = _parts_of(shapes[at], kinds)
    fits = np.isin(shapely.get_type_id(kept), [*kinds, -1])
    kept[~fits] = None
    return kept, np.flatnonzero(~fits | ((types == COLLECTION) & shapely.is_missing(kept)))


def mend_polygons(shapes: Shapes) -> Mended:
    """Make invalid polygons valid, keeping their polygon parts.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> mended = mend_polygons(np.array([bow_tie], dtype=object))
    >>> mended.at.tolist(), float(mended.after_m2[0])
    ([0], 2.0)
    """
    types = shapely.get_type_id(shapes)
    areal = np.flatnonzero(np.isin(types, list(POLYGONS)))
    at = areal[~_is_valid(shapes[areal])]
    tangled = np.array([_is_tangled(shape) for shape in shapes[at]], dtype=np.bool_)
    sound = shapes[at].copy()
    sound[tangled] = None
    fixed = [_made_valid(shape) for shape in sound]
    kept = shapes.copy()
    for position, shape in zip(at, fixed, strict=True):
        kept[position] = _parts_of(shape, POLYGONS)
    with np.errstate(invalid="ignore"):  # an area beyond reckoning is told as none
        before, after = (np.nan_to_num(shapely.area(each[at])) for each in (shapes, kept))
    return Mended(kept, at, np.abs(before), after)


def _made_valid(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The shape made valid; nothing where its numbers are beyond what can be reckoned with."""
    try:
        return shapely.make_valid(shape)
    except shapely.GEOSException:
        return None


def _is_tangled(shape: shapely.Geometry) -> bool:
    """Whether an outline crosses itself so often that mending it takes memory without end.

    Told by the crossings of a few of its edges; a small outline cannot.
    """
    places, ring = shapely.get_coordinates(shapely.get_rings(shape), return_index=True)
    if len(places) < _FEW_EDGES:
        return False
    on = np.flatnonzero(ring[1:] == ring[:-1])
    edges = shapely.linestrings(np.stack([places[on], places[on + 1]], axis=1))
    some = edges[:: max(1, len(edges) // _LOOKED_AT)]
    tree, met = shapely.STRtree(edges), 0
    for edge in some:  # one by one, as each may meet all
        met += len(tree.query(edge, predicate="intersects"))
        if met * len(edges) > 2 * _MOST_CROSSINGS * len(some):
            return True
    return False


def _is_valid(shapes: Shapes) -> NDArray[np.bool_]:
    """Validity of many shapes, two threads at a time: GEOS works without the interpreter."""
    halves = np.array_split(shapes, 2)
    with ThreadPoolExecutor(2) as pool:
        return np.concatenate(list(pool.map(shapely.is_valid, halves)))


def _parts_of(shape: shapely.Geometry, kinds: frozenset[int]) -> shapely.Geometry | None:
    """The parts of a shape that are of the given kinds, as one shape; ``None`` without any."""
    if shapely.get_type_id(shape) in kinds:
        return shape
    singles = shapely.get_parts(shapely.get_parts([shape]))
    fitting = singles[np.isin(shapely.get_type_id(singles), list(kinds))]
    if not len(fitting):
        return None
    return shapely.union_all(fitting) if len(fitting) > 1 else fitting[0]


def find_overlaps(shapes: Shapes) -> list[Overlap]:
    """Pairs of polygons that share more than a hundredth of a square metre, largest first.

    Examples
    --------
    >>> row = [shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1), shapely.box(3, 0, 4, 1)]
    >>> find_overlaps(np.array(row, dtype=object))
    [Overlap(first=0, second=1, shared_m2=1.0)]
    """
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    real = np.flatnonzero(shared > _LEAST_OVERLAP_M2)
    order = real[np.lexsort((second[real], first[real], -shared[real]))]
    return [Overlap(int(first[at]), int(second[at]), float(shared[at])) for at in order]


def single_lines(shapes: Shapes) -> tuple[Shapes, Rows]:
    """Every line of the shapes one by one, and the positions of the shapes that have none.

    Examples
    --------
    >>> lines, without = single_lines(np.array([shapely.Point(0, 0), None], dtype=object))
    >>> len(lines), without.tolist()
    (0, [0, 1])
    """
    kept, _ = keep_kinds(shapes, LINES)
    without = np.flatnonzero(shapely.is_missing(kept) | shapely.is_empty(kept))
    parts = shapely.get_parts(shapely.get_parts(kept[~shapely.is_missing(kept)]))
    return parts[shapely.length(parts) > 0], without


def outside(shapes: Shapes, area: Sequence[shapely.Geometry], *, margin_m: float) -> Rows:
    """Positions of shapes whose middle lies farther than ``margin_m`` from every given polygon.

    Examples
    --------
    >>> town = [shapely.box(0, 0, 10, 10)]
    >>> outside(np.array([shapely.Point(12, 0), shapely.Point(90, 0)], dtype=object), town, margin_m=5)
    array([1])
    """
    ground = shapely.union_all(shapely.simplify(area, margin_m / 100)).buffer(margin_m)
    shapely.prepare(ground)
    box = shapely.bounds(shapes)
    x, y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    return np.flatnonzero(np.isfinite(x) & ~shapely.contains_xy(ground, x, y))
