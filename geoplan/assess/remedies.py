"""What could close a gap: instruments, vacant premises near by, the nearest facility.

Only what may be looked at, never a verdict: distances are straight lines in metres.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geoplan.assess.model import Assessment, Gap, Place
from geoplan.assess.status import Qualifies, qualifies_as_childcare
from geoplan.layers.model import Layer, rows_of

_LAYER_OF_LEVEL = {
    "jiedao": "divisions",
    "community": "communities",
    "rc": "residential_communities",
    "compound": "compounds",
}
# The plan asks for elder-care rooms made from idle buildings and for childcare rooms bought,
# swapped or leased (附件1-8); a new project builds its own (附件1-7).
_INSTRUMENTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("area_per_100_households", "elder"): ("convert", "buy", "swap", "lease"),
    ("area_per_100_households", "childcare"): ("buy", "swap", "lease"),
    ("new_project_area", "elder"): ("build",),
    ("new_project_area", "childcare"): ("build",),
    ("jiedao_elder_center", "elder"): ("build", "convert"),
    ("rc_childcare", "childcare"): ("buy", "swap", "lease", "convert"),
}
_BUILD, _POOL = "build", "pool"


@dataclass(frozen=True, slots=True)
class NearPremises:
    """Vacant premises near a gap; ``distance_m`` is ``None`` when they have no place."""

    id: str
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class Remedy:
    """What could close one gap: instruments of ``terms.toml``, premises the nearest first."""

    instruments: tuple[str, ...]
    premises: tuple[NearPremises, ...]


def list_remedies(assessment: Assessment) -> tuple[Remedy, ...]:
    """One remedy a gap, in the order of ``assessment.gaps``.

    Premises are near when they belong to the unit (to a compound's community, else residential
    community) or lie within ``radius_m`` of it. What a new project owes it builds itself.
    """
    stock = {row.id: row.stock for row in rows_of(assessment.layers.compounds)}
    search = _Search(assessment)
    remedies: list[Remedy] = []
    for gap in assessment.gaps:
        instruments = _instruments(gap, stock.get(gap.unit_id, "existing"))
        near = () if instruments == (_BUILD,) else search.near(gap)
        remedies.append(Remedy(instruments, near))
    return tuple(remedies)


def nearest_childcare_m(assessment: Assessment) -> dict[str, float | None]:
    """Of each unit of indicator 9 the straight way from its middle to the nearest childcare.

    Only qualifying facilities count; ``None`` where the unit or every facility has no place.
    """
    points = [
        shape
        for row, shape in _with_shapes(assessment.layers.facilities)
        if shape is not None and _qualifies(row, assessment)
    ]
    units = assessment.layers.residential_communities or assessment.layers.communities
    tree = shapely.STRtree(points)
    found: dict[str, float | None] = {}
    for row, shape in _with_shapes(units):
        found[row.id] = None
        if shape is not None and points:
            middle = shapely.point_on_surface(shape)
            found[row.id] = float(middle.distance(points[tree.nearest(middle)]))
    return found


def _qualifies(row: Any, assessment: Assessment) -> bool:
    state = assessment.facilities[row.id].state
    return qualifies_as_childcare(row, state, assessment.standard)[0] is Qualifies.YES


def _instruments(gap: Gap, stock: str) -> tuple[str, ...]:
    if gap.level == "compound" and stock != "existing":
        return (_BUILD,)
    found = _INSTRUMENTS[gap.rule, gap.kind]
    return (*found, _POOL) if gap.level == "compound" else found


def _with_shapes(layer: Layer[Any] | None) -> Iterable[tuple[Any, Any]]:
    if layer is None:
        return ()
    shapes = [None] * len(layer.rows) if layer.geometry is None else list(layer.geometry)
    return zip(layer.rows, shapes, strict=True)


def _units_of(place: Place) -> Iterable[tuple[str, str | None]]:
    yield from (
        ("jiedao", place.division),
        ("community", place.community),
        ("rc", place.rc),
        ("compound", place.compound),
    )


class _Search:
    """Premises by the unit they belong to and by place."""

    def __init__(self, assessment: Assessment) -> None:
        self._belonging = assessment.belonging
        self._radius_m = float(assessment.standard.number("radius_m"))
        self._shape_of_unit = {
            (level, row.id): shape
            for level, layer in _LAYER_OF_LEVEL.items()
            for row, shape in _with_shapes(getattr(assessment.layers, layer))
        }
        premises = list(_with_shapes(assessment.layers.premises))
        self._shape_of_premises = {row.id: shape for row, shape in premises}
        self._placed = [row.id for row, shape in premises if shape is not None]
        self._tree = shapely.STRtree([self._shape_of_premises[key] for key in self._placed])
        self._of_unit: dict[tuple[str, str | None], list[str]] = defaultdict(list)
        for row, _ in premises:
            for unit in _units_of(self._belonging.premises[row.id]):
                self._of_unit[unit].append(row.id)

    def near(self, gap: Gap) -> tuple[NearPremises, ...]:
        """Premises of the unit and around it, the nearest first, then by id."""
        shape = self._shape_of_unit.get((gap.level, gap.unit_id))
        keys = {*self._of_unit.get(self._pool(gap), ()), *self._around(shape)}
        found = [NearPremises(key, self._distance_m(key, shape)) for key in keys]
        return tuple(
            sorted(found, key=lambda each: (each.distance_m is None, each.distance_m or 0, each.id))
        )

    def _pool(self, gap: Gap) -> tuple[str, str | None]:
        """The unit whose premises serve a gap: a compound shares those of its community."""
        if gap.level != "compound":
            return gap.level, gap.unit_id
        place = self._belonging.compounds[gap.unit_id]
        if place.community is not None:
            return "community", place.community
        return ("rc", place.rc) if place.rc is not None else ("compound", gap.unit_id)

    def _around(self, shape: Any) -> list[str]:
        if shape is None:
            return []
        found = self._tree.query(shape, predicate="dwithin", distance=self._radius_m)
        return [self._placed[number] for number in np.sort(found)]

    def _distance_m(self, key: str, shape: Any) -> float | None:
        here = self._shape_of_premises[key]
        return None if shape is None or here is None else float(shape.distance(here))
