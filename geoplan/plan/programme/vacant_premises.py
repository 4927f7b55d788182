"""Vacant premises as options: bought, swapped, leased or used free (附件1-2, 附件1-8).

Belongs here: which premises can serve which need, at what price, and why others are left aside.
Premises serve the unit they belong to and those within the service radius in a straight line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import shapely

from geoplan.assess.floor_area.countable_area import BAD_POSITIONS
from geoplan.assess.model import Assessment, Place
from geoplan.layers.model import LEVELS, Premises, rows_of
from geoplan.plan.programme.assumptions import Assumptions
from geoplan.plan.programme.needs import LeftOut, Need
from geoplan.plan.programme.options import Option

_PAID_ONCE = frozenset({"buy", "swap"})


def unit_shapes(assessment: Assessment) -> dict[tuple[str, str], shapely.Geometry]:
    """The shape of every unit that has one, by level and id."""
    found: dict[tuple[str, str], shapely.Geometry] = {}
    for level, name in ((each.name, each.layer) for each in LEVELS.values()):
        layer = getattr(assessment.layers, name)
        if layer is not None and layer.geometry is not None:
            found |= {
                (level, row.id): shape
                for row, shape in zip(layer.rows, layer.geometry, strict=True)
                if shape is not None
            }
    return found


@dataclass(frozen=True, slots=True)
class _Near:
    """The needs that premises can serve with floor area, and how far off each is."""

    far_m: Mapping[int, float]
    inside: frozenset[int]


def room_options(
    assessment: Assessment, needs: Sequence[Need], assumed: Assumptions
) -> tuple[list[Option], list[LeftOut]]:
    """An option for every premises and mode, and the premises that are no option."""
    options: list[Option] = []
    left_out: list[LeftOut] = []
    near = _near_needs(assessment, needs)
    for row in rows_of(assessment.layers.premises):
        reason = _unfit(row, assumed)
        made = [] if reason else list(_modes(row, near[row.id], needs, assumed))
        if not made:
            reason = reason or ("NO_NEED_NEAR" if not near[row.id].far_m else "COST_MISSING")
            left_out.append(LeftOut(row.id, "premises", reason))
        options += made
    return options, left_out


def _unfit(row: Premises, assumed: Assumptions) -> str:
    """Why premises are no option whatever they cost, empty when they are one."""
    if row.floor_area_m2 is None:
        return "AREA_MISSING"
    if row.position in BAD_POSITIONS:
        return "BAD_LOCATION"
    if Fraction(row.floor_area_m2) < assumed.rooms_least_m2:
        return "TOO_SMALL"
    if row.available_from is not None and row.available_from > assumed.last_day:
        return "TOO_LATE"
    if not set(row.modes) & set(assumed.instruments):
        return "NO_MODE"
    return ""


def _modes(
    row: Premises, near: _Near, needs: Sequence[Need], assumed: Assumptions
) -> Iterator[Option]:
    floor_m2 = Fraction(row.floor_area_m2 or 0)
    first = _first_year(row.available_from, assumed.years)
    centers, covers = [], []
    for at in near.inside:
        if needs[at].is_center and floor_m2 >= assumed.center_least_m2:
            centers.append(at)
        if needs[at].is_coverage and floor_m2 >= assumed.childcare_least_m2:
            covers.append(at)
    area = {at: floor_m2 for at in near.far_m if needs[at].floor_m2 is not None}
    if not (area or centers or covers):
        return
    for mode in row.modes:
        price = _price(row, mode)
        if mode not in assumed.instruments or price is None:
            continue
        once, yearly = price
        yield Option(
            id=f"{mode}:{row.id}",
            instrument=mode,
            subject=row.id,
            layer="premises",
            name=row.name,
            group=f"premises:{row.id}",
            first_year=first,
            area=area,
            covers=tuple(sorted(covers)),
            centers=tuple(sorted(centers)),
            floor_m2=floor_m2,
            yuan_once=once + assumed.fit_out_yuan_per_m2 * floor_m2,
            yuan_per_year=yearly,
            far_m=dict(near.far_m),
            codes=("UPPER_FLOOR",) if row.position == "upper" else (),
        )


def _price(row: Premises, mode: str) -> tuple[Fraction, Fraction] | None:
    """What is paid once and every year; ``None`` where nobody says what it costs."""
    zero = Fraction(0)
    if mode in _PAID_ONCE:
        return None if row.cost_yuan is None else (Fraction(row.cost_yuan), zero)
    if mode == "lease":
        rent = row.rent_yuan_per_year
        return None if rent is None else (zero, Fraction(rent))
    return zero, zero


def _first_year(available: date | None, years: Sequence[int]) -> int:
    """The position of the first year by whose end premises can open."""
    return 0 if available is None else max(0, available.year - years[0])


def _near_needs(assessment: Assessment, needs: Sequence[Need]) -> dict[str, _Near]:
    shapes = unit_shapes(assessment)
    units = np.array([shapes.get((need.level, need.unit_id)) for need in needs], dtype=object)
    layer = assessment.layers.premises
    rows = rows_of(layer)
    geometry = None if layer is None else layer.geometry
    rooms = [None] * len(rows) if geometry is None else list(geometry)
    radius_m = float(assessment.standard.number("radius_m"))
    tree = shapely.STRtree(units)
    found = {}
    for row, room in zip(rows, rooms, strict=True):
        inside = frozenset(_own_needs(assessment.belonging.premises[row.id], needs))
        far_m = dict.fromkeys(inside, 0.0)
        if room is not None:
            around = tree.query(room, predicate="dwithin", distance=radius_m)
            far_m |= {int(at): float(shapely.distance(units[at], room)) for at in around}
        found[row.id] = _Near(dict(sorted(far_m.items())), inside)
    return found


def _own_needs(place: Place, needs: Sequence[Need]) -> Iterable[int]:
    for at, need in enumerate(needs):
        if getattr(place, LEVELS[need.level].unit) == need.unit_id:
            yield at
