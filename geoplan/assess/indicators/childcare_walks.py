"""Indicator 9 by walking: childcare within reach of enough of a community's people.

The advisory reading of ``docs/method.md`` §2.4: a residential community is covered when at least
``reach_share`` of its people live within ``radius_m`` of qualifying childcare, along streets where
they are given and straight where not; without homes in it, at least that share of its ground.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.ground import Ground
from geoplan.assess.places.facility_status import Qualifies
from geoplan.assess.places.residents import Membership
from geoplan.assess.walking.people_reached import exact, within
from geoplan.reach.ways import facility_points, nearest_of

Chosen = Mapping[int, Qualifies]  # qualifying facilities by position
_QUARTER_STEPS = 32  # of a circle: its area is then right to 0.04 %


def can_be_reached(ground: Ground) -> bool:
    """Whether the layers say where both the facilities and the units or their homes are."""
    facilities = ground.layers.facilities
    placed = facilities is not None and facilities.geometry is not None
    return placed and (ground.residents is not None or bool(_polygons(ground)))


def units_within_reach(ground: Ground, chosen: Chosen) -> dict[str, dict[str, Qualifies]]:
    """Of each unit of indicator 9 the facilities that are within reach of enough of it.

    Parameters
    ----------
    ground : the ground.
    chosen : the facilities that qualify, or might, by position.
    """
    found: dict[str, dict[str, Qualifies]] = defaultdict(dict)
    sure = tuple(at for at, qualifies in chosen.items() if qualifies is Qualifies.YES)
    for positions, qualifies in ((tuple(chosen), Qualifies.UNKNOWN), (sure, Qualifies.YES)):
        for unit, reaching in _reached_units(ground, positions).items():
            ids = (ground.facilities[at].id for at in reaching)
            found[unit] |= dict.fromkeys(ids, qualifies)
    return found


def _reached_units(ground: Ground, positions: Sequence[int]) -> dict[str, set[int]]:
    """Units of which enough is within reach, each with the facilities that reach into it."""
    placed = [at for at in positions if _is_placed(ground, at)]
    if not placed:
        return {}
    by_people, peopled = _by_people(ground, placed)
    return by_people | _by_area(ground, placed, skip=peopled)


def _is_placed(ground: Ground, at: int) -> bool:
    layer = ground.layers.facilities
    return layer is not None and layer.geometry is not None and layer.geometry[at] is not None


def _by_people(ground: Ground, positions: list[int]) -> tuple[dict[str, set[int]], set[str]]:
    """Units reached by the share of their people, and the units that have people at all."""
    residents, ways = ground.residents, ground.ways
    unit = "rc" if ground.layers.residential_communities is not None else "community"
    if residents is None or ways is None or unit not in residents.units:
        return {}, set()
    members = residents.units[unit]
    people = _people(residents.people)
    reach = nearest_of(ways, positions, ways.modes[0])
    near = within(reach.walk_m, ground.standard.number("radius_m"))
    total, reached = _sums(members, people), _sums(members, people * near)
    enough = ground.standard.number("reach_share")
    peopled = {key for key, count in zip(members.ids, total, strict=True) if count > 0}
    covered = {
        key
        for key, part, whole in zip(members.ids, reached, total, strict=True)
        if whole > 0 and exact(part) >= enough * exact(whole)
    }
    reaching: dict[str, set[int]] = {key: set() for key in members.ids if key in covered}
    for at in np.flatnonzero(near & (members.of >= 0)):
        key = members.ids[members.of[at]]
        if key in reaching:
            reaching[key].add(int(reach.facility[at]))
    return reaching, peopled


def _people(people: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Population, else households, else each home once."""
    for group in ("population", "households"):
        if not np.isnan(people[group]).all():
            return np.nan_to_num(people[group])
    return np.ones(len(people["population"]))


def _sums(members: Membership, people: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = members.of >= 0
    sums = np.bincount(members.of[inside], weights=people[inside], minlength=len(members.ids))
    return np.asarray(sums, dtype=np.float64)


def _by_area(ground: Ground, positions: list[int], *, skip: set[str]) -> dict[str, set[int]]:
    """Units without people by the share of their ground, straight."""
    polygons = _polygons(ground)
    radius = ground.standard.number("radius_m")
    points = shapely.points(facility_points(ground.layers)[positions])
    circles = shapely.buffer(points, float(radius), quad_segs=_QUARTER_STEPS)
    tree = shapely.STRtree(circles)
    covered: dict[str, set[int]] = {}
    for key, polygon in polygons.items():
        if key in skip:
            continue
        near = tree.query(polygon, predicate="intersects")
        part = shapely.area(shapely.intersection(polygon, shapely.union_all(circles[near])))
        if exact(part / shapely.area(polygon)) >= ground.standard.number("reach_share"):
            covered[key] = {positions[at] for at in near.tolist()}
    return covered


def _polygons(ground: Ground) -> dict[str, shapely.Geometry]:
    """The units of indicator 9 that have a polygon."""
    layers = ground.layers
    by_rc = layers.residential_communities is not None
    layer = layers.residential_communities if by_rc else layers.communities
    if layer is None or layer.geometry is None:
        return {}
    is_area = shapely.get_dimensions(layer.geometry) == 2  # noqa: PLR2004 - areas
    return {layer.rows[at].id: layer.geometry[at] for at in np.flatnonzero(is_area)}
