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
from numpy.typing import NDArray

from geoplan.assess.model import Assessment, Gap, Place
from geoplan.assess.places.facility_status import Qualifies, qualifies_as_childcare
from geoplan.layers.model import LEVELS, Layer, rows_of
from geoplan.layers.rows.row_order import natural_key

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

    Only qualifying facilities count; ``None`` where the unit or every facility has no place, and
    in a public edition, whose places are blurred.
    """
    is_exact = assessment.publication is None
    points = [
        shape
        for row, shape in _with_shapes(assessment.layers.facilities)
        if is_exact and shape is not None and _qualifies(row, assessment)
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
    """Premises near every unit that has a gap: found and measured all at once."""

    def __init__(self, assessment: Assessment) -> None:
        self._belonging = assessment.belonging
        shapes = {
            (level.name, row.id): shape
            for level in LEVELS.values()
            for row, shape in _with_shapes(getattr(assessment.layers, level.layer))
        }
        premises = list(_with_shapes(assessment.layers.premises))
        rooms = np.array([shape for _, shape in premises], dtype=object)
        units = list(dict.fromkeys((gap.level, gap.unit_id) for gap in assessment.gaps))
        places = np.array([shapes.get(unit) for unit in units], dtype=object)
        radius_m = float(assessment.standard.number("radius_m"))
        pairs = sorted(
            {*self._belonging_pairs(units, premises), *_pairs_within(places, rooms, radius_m)}
        )
        self._near: dict[tuple[str, str], list[NearPremises]] = defaultdict(list)
        for (unit, room), far_m in zip(pairs, _distances_m(pairs, places, rooms), strict=True):
            self._near[units[unit]].append(NearPremises(premises[room][0].id, far_m))

    def near(self, gap: Gap) -> tuple[NearPremises, ...]:
        """Premises of the unit and around it, the nearest first, then by id."""
        return tuple(
            sorted(
                self._near.get((gap.level, gap.unit_id), ()),
                key=lambda each: (
                    each.distance_m is None,
                    each.distance_m or 0,
                    natural_key(each.id),
                ),
            )
        )

    def _belonging_pairs(
        self, units: list[tuple[str, str]], premises: list[tuple[Any, Any]]
    ) -> Iterable[tuple[int, int]]:
        """Numbers of units and of the premises that belong to them."""
        rooms_of: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        for room, (row, _) in enumerate(premises):
            for unit in _units_of(self._belonging.premises[row.id]):
                rooms_of[unit].append(room)
        for number, (level, key) in enumerate(units):
            for room in rooms_of.get(self._pool(level, key), ()):
                yield number, room

    def _pool(self, level: str, key: str) -> tuple[str, str | None]:
        """The unit whose premises serve another: a compound shares those of its community."""
        if level != "compound":
            return level, key
        place = self._belonging.compounds[key]
        if place.community is not None:
            return "community", place.community
        return ("rc", place.rc) if place.rc is not None else ("compound", key)


def _pairs_within(
    places: NDArray[np.object_], rooms: NDArray[np.object_], radius_m: float
) -> Iterable[tuple[int, int]]:
    """Numbers of places and of rooms at most so far from them."""
    found = shapely.STRtree(rooms).query(places, predicate="dwithin", distance=radius_m)
    return zip(*found.tolist(), strict=True)


def _distances_m(
    pairs: list[tuple[int, int]], places: NDArray[np.object_], rooms: NDArray[np.object_]
) -> Iterable[float | None]:
    if not pairs:
        return ()
    numbers = np.array(pairs)
    measured = shapely.distance(places[numbers[:, 0]], rooms[numbers[:, 1]])
    return (None if np.isnan(each) else float(each) for each in measured)
