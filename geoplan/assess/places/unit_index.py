"""The units of one layer, findable by id, by name and by place.

Belongs here: looking a unit up. Which answer counts is settled in ``belong.py``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.model import Place
from geoplan.layers.model import Layer
from geoplan.layers.rows.row_order import natural_key
from geoplan.layers.tables.place_names import normal_name


class Row(Protocol):
    """A row of any layer of units."""

    @property
    def id(self) -> str:
        """Its id."""


_ALIKE = 0.5  # of the letters of both names: 大平 is like 太平
_KIND = re.compile(r"\(.*?\)|街道|[镇乡村]$|居住社区|社区|住宅小区|小区")


@cache
def _own_part(name: str) -> str:
    """A name without the word for its kind, which all names of a layer share.

    Examples
    --------
    >>> _own_part("太平街道"), _own_part("龙峡小区(一期)")
    ('太平', '龙峡')
    """
    return _KIND.sub("", name)


@dataclass(frozen=True, slots=True)
class Register:
    """The units of one layer, findable by id, by name and by place.

    ``ids`` is sorted; ``geometry`` is aligned with it (``None`` where a unit has no polygon).
    """

    unit: str
    ids: tuple[str, ...]
    by_name: Mapping[str, tuple[str, ...]]
    geometry: NDArray[np.object_]
    places: Mapping[str, Place]

    def find(self, text: str) -> tuple[str, ...]:
        """Ids that ``text`` can mean: the id itself, else every unit of that name."""
        stripped = text.strip()
        if stripped in self.places:
            return (stripped,)
        return self.by_name.get(normal_name(stripped), ())

    def nearest(self, text: str) -> str | None:
        """The known name that looks most like ``text``, if any does."""
        own = _own_part(normal_name(text))
        likely = {
            part: known
            for known in reversed(tuple(self.by_name))
            if not set(own).isdisjoint(part := _own_part(known))
        }
        near = get_close_matches(own, likely, n=1, cutoff=_ALIKE)
        return likely[near[0]] if near else None


@dataclass(frozen=True, slots=True)
class Located:
    """Where a geometry lies in a layer: candidate ids in order, and whether that is doubtful."""

    candidates: tuple[str, ...] = ()
    doubtful: bool = False


def build_register(
    unit: str,
    layer: Layer[Row],  # type: ignore[type-var]
    places: Mapping[str, Place],
    aliases: Mapping[str, str],
) -> Register:
    """The register of a layer, its units in order of id; a unit's own name beats an alias."""
    order = sorted(range(len(layer.rows)), key=lambda index: natural_key(layer.rows[index].id))
    by_name: dict[str, list[str]] = defaultdict(list)
    for index in order:
        row = layer.rows[index]
        by_name[normal_name(row.name)].append(row.id)  # type: ignore[attr-defined]
    for alias, meant in aliases.items():
        found = [meant.strip()] if meant.strip() in places else by_name.get(normal_name(meant))
        if found and alias.strip() not in places:
            by_name.setdefault(normal_name(alias), found)
    geometry = np.full(len(order), None, dtype=object)
    if layer.geometry is not None:
        geometry[:] = layer.geometry[order]
    return Register(
        unit,
        tuple(layer.rows[index].id for index in order),
        {name: tuple(ids) for name, ids in by_name.items()},
        geometry,
        places,
    )


def locate(
    geometry: NDArray[np.object_] | None, register: Register, count: int, tolerance_m: float
) -> list[Located]:
    """Locate every geometry in the polygons of a register: points by distance, areas by overlap."""
    nowhere = [Located()] * count
    if geometry is None or not len(register.ids):
        return nowhere
    polygon_rows = np.flatnonzero(shapely.get_dimensions(register.geometry) == 2)  # noqa: PLR2004 - areas
    if not len(polygon_rows):
        return nowhere
    polygons = register.geometry[polygon_rows]
    tree = shapely.STRtree(polygons)
    is_area = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 - areas
    ids = [register.ids[row] for row in polygon_rows]
    found = nowhere
    for index, place in _locate_points(geometry, ~is_area, tree, ids, tolerance_m):
        found[index] = place
    for index, place in _locate_areas(geometry, is_area, tree, ids):
        found[index] = place
    return found


def _locate_points(
    geometry: NDArray[np.object_],
    chosen: NDArray[np.bool_],
    tree: shapely.STRtree,
    ids: Sequence[str],
    tolerance_m: float,
) -> Iterable[tuple[int, Located]]:
    """Every polygon within the tolerance is a candidate; a border within it makes doubt."""
    rows = np.flatnonzero(chosen & (geometry != None))  # noqa: E711 - elementwise
    if not len(rows):
        return
    points = geometry[rows]
    which, polygon = tree.query(points, predicate="dwithin", distance=tolerance_m)
    borders = shapely.boundary(tree.geometries[polygon])
    near_border = shapely.dwithin(points[which], borders, tolerance_m)
    candidates: dict[int, list[int]] = defaultdict(list)
    doubtful: dict[int, bool] = defaultdict(bool)
    for point, area, near in zip(which.tolist(), polygon.tolist(), near_border, strict=True):
        candidates[point].append(area)
        doubtful[point] |= bool(near)
    for point, areas in candidates.items():
        names = tuple(ids[area] for area in sorted(areas))
        yield int(rows[point]), Located(names, doubtful[point] or len(names) > 1)


def _locate_areas(
    geometry: NDArray[np.object_],
    chosen: NDArray[np.bool_],
    tree: shapely.STRtree,
    ids: Sequence[str],
) -> Iterable[tuple[int, Located]]:
    """The polygon with the largest overlap comes first; equal overlaps make doubt."""
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return
    areas = geometry[rows]
    which, polygon = tree.query(areas, predicate="intersects")
    overlap_m2 = shapely.area(shapely.intersection(areas[which], tree.geometries[polygon]))
    overlaps: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for area, other, size in zip(which.tolist(), polygon.tolist(), overlap_m2, strict=True):
        if size > 0:
            # Rounded to the square decimetre so that halves are equal whatever the float noise.
            overlaps[area].append((-round(float(size), 2), other))
    for area, sizes in overlaps.items():
        ordered = sorted(sizes)
        tied = [other for size, other in ordered if size == ordered[0][0]]
        names = [ids[other] for _, other in ordered]
        yield int(rows[area]), Located(tuple(names), len(tied) > 1)
