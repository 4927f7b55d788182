"""Which unit each row is credited to: 街道, community, residential community, compound.

Declared beats located (``domain.md`` §2.3 and the ruling on belonging); a declared unit implies
the units it lies in when nothing nearer is declared; points on a border go to the lowest id, and
whatever is doubtful is noted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.model import Belonging, Place, PlaceNote, Serving
from geoplan.layers.model import Facility, Layer, Layers
from geoplan.layers.names import normal_name
from geoplan.policy.model import Standard
from geoplan.terms import Words, label

# From the smallest unit to the largest; the attribute of a row in which it is declared.
UNITS = ("compound", "rc", "community", "division")
_DECLARED_IN = {
    "compound": "compound",
    "rc": "rc",
    "community": "community",
    "division": "jiedao",
}
_LAYER_OF = {
    "compound": "compounds",
    "rc": "residential_communities",
    "community": "communities",
    "division": "divisions",
}


class _Row(Protocol):
    @property
    def id(self) -> str: ...


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


@dataclass(frozen=True, slots=True)
class Located:
    """Where a geometry lies in a layer: candidate ids in order, and whether that is doubtful."""

    candidates: tuple[str, ...] = ()
    doubtful: bool = False


def settle_places(layers: Layers, standard: Standard) -> Belonging:
    """Settle the place of every row, from the largest units down to the facilities."""
    tolerance_m = float(standard.number("boundary_tol_m"))
    registers: dict[str, Register] = {}
    notes: list[PlaceNote] = []
    for unit in reversed(UNITS):
        layer = getattr(layers, _LAYER_OF[unit])
        if layer is None:
            continue
        places, found = _place_rows(layer, _LAYER_OF[unit], registers, tolerance_m)
        own = {key: replace(place, **{unit: key}) for key, place in places.items()}
        registers[unit] = _register(unit, layer, own)
        notes += found
    settled: dict[str, Mapping[str, Place]] = {}
    for name in ("facilities", "projects", "premises"):
        layer = getattr(layers, name)
        settled[name], found = (
            ({}, []) if layer is None else _place_rows(layer, name, registers, tolerance_m)
        )
        notes += found
    serving, found = _serving(layers.facilities, settled["facilities"], registers)
    return Belonging(
        facilities=settled["facilities"],
        compounds=_places(registers, "compound"),
        rcs=_places(registers, "rc"),
        communities=_places(registers, "community"),
        projects=settled["projects"],
        premises=settled["premises"],
        serving=serving,
        notes=tuple(notes + found),
    )


def _places(registers: Mapping[str, Register], unit: str) -> Mapping[str, Place]:
    return registers[unit].places if unit in registers else {}


def _register(unit: str, layer: Layer[_Row], places: Mapping[str, Place]) -> Register:  # type: ignore[type-var]
    order = sorted(range(len(layer.rows)), key=lambda index: layer.rows[index].id)
    by_name: dict[str, list[str]] = defaultdict(list)
    for index in order:
        row = layer.rows[index]
        by_name[normal_name(row.name)].append(row.id)  # type: ignore[attr-defined]
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


def _place_rows(
    layer: Layer[_Row],  # type: ignore[type-var]
    name: str,
    registers: Mapping[str, Register],
    tolerance_m: float,
) -> tuple[dict[str, Place], list[PlaceNote]]:
    located = {
        unit: _locate(layer.geometry, register, len(layer.rows), tolerance_m)
        for unit, register in registers.items()
    }
    places: dict[str, Place] = {}
    notes: list[PlaceNote] = []
    for index, row in enumerate(layer.rows):
        here = {unit: found[index] for unit, found in located.items()}
        has_place = layer.geometry is not None and layer.geometry[index] is not None
        places[row.id], found_notes = _settle_row(row, name, here, registers, has_place=has_place)
        notes += found_notes
    return places, notes


def _settle_row(
    row: _Row,
    layer: str,
    here: Mapping[str, Located],
    registers: Mapping[str, Register],
    *,
    has_place: bool,
) -> tuple[Place, list[PlaceNote]]:
    """One row's place: at each unit declared, else implied by the nearest declared, else located."""
    notes: list[PlaceNote] = []
    chosen: dict[str, str | None] = {}
    declared: dict[str, str] = {}
    for unit in (unit for unit in UNITS if unit in registers):
        text = getattr(row, _DECLARED_IN[unit], None)
        if text:
            known, note = _declared(row.id, layer, str(text), registers[unit], here[unit])
            notes += note
            if known is not None:
                declared[unit] = known
    for unit in (unit for unit in UNITS if unit in registers):
        implied = _implied(unit, declared, registers)
        located = here[unit]
        chosen[unit] = implied or (located.candidates[0] if located.candidates else None)
        notes += _doubts(row.id, layer, unit, implied, located, has_place=has_place)
    return Place(**chosen), notes


def _declared(
    row_id: str, layer: str, text: str, register: Register, located: Located
) -> tuple[str | None, list[PlaceNote]]:
    """The one unit a declared name or id means, if it means one."""
    found = register.find(text)
    if len(found) > 1:
        found = tuple(key for key in found if key in located.candidates) or found
    if len(found) == 1:
        return found[0], []
    unit = label("level", "jiedao" if register.unit == "division" else register.unit, "zh")
    if found:
        return None, [
            PlaceNote(
                layer,
                row_id,
                register.unit,
                "AMBIGUOUS_NAME",
                Words(
                    f"{row_id} 所填{unit}“{text}”有 {len(found)} 处同名（{'、'.join(found)}），按位置判断",
                    f'{row_id}: "{text}" names {len(found)} units ({", ".join(found)}); its location is used',
                ),
            )
        ]
    return None, [
        PlaceNote(
            layer,
            row_id,
            register.unit,
            "UNKNOWN_NAME",
            Words(
                f"{row_id} 所填{unit}“{text}”在图层中查不到，按位置判断",
                f'{row_id}: "{text}" is not in the {register.unit} layer; its location is used',
            ),
        )
    ]


def _implied(
    unit: str, declared: Mapping[str, str], registers: Mapping[str, Register]
) -> str | None:
    """The declared unit, or the one in which the nearest smaller declared unit lies."""
    for smaller in reversed(UNITS[: UNITS.index(unit) + 1]):
        if smaller in declared:
            found: str | None = getattr(registers[smaller].places[declared[smaller]], unit)
            if found is not None:
                return found
    return None


def _doubts(  # noqa: PLR0913 - what is known of one place
    row_id: str,
    layer: str,
    unit: str,
    implied: str | None,
    located: Located,
    *,
    has_place: bool,
) -> list[PlaceNote]:
    """What a reader should know about how this place was settled."""
    if implied is not None:
        outside_all = unit == "division" and has_place and not located.candidates
        if implied in located.candidates or not (located.candidates or outside_all):
            return []
        there = located.candidates[0] if located.candidates else None
        return [
            PlaceNote(
                layer,
                row_id,
                unit,
                "LOC_MISMATCH",
                Words(
                    f"{row_id} 申报属于 {implied}，坐标位于 {there or '所有街道与乡镇之外'}，按申报计",
                    f"{row_id} is declared in {implied} but stands in {there or 'no division'}; the declaration counts",
                ),
            )
        ]
    if located.doubtful:
        return [
            PlaceNote(
                layer,
                row_id,
                unit,
                "ON_BOUNDARY",
                Words(
                    f"{row_id} 位于 {'、'.join(located.candidates)} 边界上，计入编号最小的 {located.candidates[0]}",
                    f"{row_id} stands on the border of {', '.join(located.candidates)}; the lowest id {located.candidates[0]} is credited",
                ),
            )
        ]
    if unit == "division" and not located.candidates:
        return [_nowhere(row_id, layer, has_place=has_place)]
    return []


def _nowhere(row_id: str, layer: str, *, has_place: bool) -> PlaceNote:
    if has_place:
        return PlaceNote(
            layer,
            row_id,
            "division",
            "OUTSIDE_SCOPE",
            Words(
                f"{row_id} 未申报街道，坐标也不在任何街道或乡镇内，不计入",
                f"{row_id} declares no sub-district and stands in none; it is not counted for any",
            ),
        )
    return PlaceNote(
        layer,
        row_id,
        "division",
        "NO_PLACE",
        Words(
            f"{row_id} 既无坐标也未申报所属单元，无法计入任何街道",
            f"{row_id} has neither coordinates nor a declared unit; it is counted for no sub-district",
        ),
    )


def _locate(
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


def _serving(
    facilities: Layer[Facility] | None,
    places: Mapping[str, Place],
    registers: Mapping[str, Register],
) -> tuple[dict[str, tuple[Serving, ...]], list[PlaceNote]]:
    """The units in each facility's ``serves`` list and ``allocations``, names resolved."""
    serving: dict[str, tuple[Serving, ...]] = {}
    notes: list[PlaceNote] = []
    for facility in facilities.rows if facilities is not None else ():
        explicit = dict(facility.allocations or ())
        units: list[Serving] = []
        for text in dict.fromkeys([*(facility.serves or ()), *explicit]):
            unit = _served_unit(text, places[facility.id], registers)
            if unit is None:
                notes.append(_unknown_served(facility.id, text))
            else:
                units.append(Serving(*unit, explicit.get(text), text in (facility.serves or ())))
        if units:
            serving[facility.id] = tuple(units)
    return serving, notes


def _served_unit(
    text: str, home: Place, registers: Mapping[str, Register]
) -> tuple[str, str] | None:
    """(unit, id) that an entry of a serves list means: an id anywhere beats a name."""
    searched = [unit for unit in ("rc", "community", "compound") if unit in registers]
    for unit in searched:
        if text.strip() in registers[unit].places:
            return unit, text.strip()
    for unit in searched:
        found = registers[unit].find(text)
        if len(found) > 1:
            found = tuple(
                key for key in found if registers[unit].places[key].community == home.community
            )
        if len(found) == 1:
            return unit, found[0]
    return None


def _unknown_served(facility_id: str, text: str) -> PlaceNote:
    return PlaceNote(
        "facilities",
        facility_id,
        "serves",
        "UNKNOWN_NAME",
        Words(
            f"{facility_id} 服务范围中的“{text}”查不到，或有多处同名",
            f'{facility_id}: "{text}" in its serves list or allocations is no known unit, or several',
        ),
    )
