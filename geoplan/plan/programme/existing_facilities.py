"""Facilities that are there as options: finished, reopened, converted, leased on, extended, pooled.

Belongs here: the change that each option makes, and what it does to the gaps. What a change does
is read off the ordinary crediting of floor area, never reckoned a second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

from geoplan.assess.floor_area.countable_area import BAD_POSITIONS, AreaCredit
from geoplan.assess.floor_area.crediting import credit_areas
from geoplan.assess.ground import Ground, settle_ground
from geoplan.assess.model import Assessment, UnitResult
from geoplan.assess.places.facility_status import (
    SERVING,
    Qualifies,
    missing_functions,
    qualifies_as_center,
    qualifies_as_childcare,
)
from geoplan.layers.model import Facility, rows_of
from geoplan.plan.programme.assumptions import Assumptions
from geoplan.plan.programme.needs import Need
from geoplan.plan.programme.options import Option
from geoplan.plan.programme.vacant_premises import unit_shapes
from geoplan.plan.scenario import Change, apply
from geoplan.terms import Verdict, facility_types, terms

_OWNED = frozenset({"owned", "purchased", "swapped", "handed_over"})
_PURE = frozenset({"elder", "childcare"})
_OTHER = {"elder": "childcare_institution", "childcare": "elder_service_station"}


def standing_options(
    assessment: Assessment, needs: Sequence[Need], assumed: Assumptions
) -> tuple[list[Option], dict[str, Mapping[str, Any]]]:
    """Options on facilities that are there, and the columns that each of them changes."""
    allowed = set(assumed.instruments)
    plans = [
        plan
        for row in rows_of(assessment.layers.facilities)
        for plan in _plans(row, assessment, assumed)
        if plan.instrument in allowed
    ]
    options: list[Option] = []
    changes: dict[str, Mapping[str, Any]] = {}
    for batch in _batches(plans):
        ground = _ground_after(assessment, batch)
        credited = _by_facility(credit_areas(ground))
        for plan in batch:
            effect = _effect(plan, ground, credited.get(plan.facility.id, ()), needs, assessment)
            if effect.area or effect.covers or effect.centers:
                option = replace(effect, id=f"{plan.instrument}:{plan.facility.id}")
                options.append(option)
                changes[option.id] = plan.values
    if "extend" in allowed:
        options += _extensions(assessment, needs, assumed)
    if "pool" in allowed:
        options += _poolings(assessment, needs)
    return options, changes


@dataclass(frozen=True, slots=True)
class _Plan:
    """A change of one facility, what it costs and from which day it can hold."""

    instrument: str
    facility: Facility
    values: Mapping[str, Any]
    yuan_once: Fraction = Fraction(0)
    yuan_per_year: Fraction = Fraction(0)
    first_year: int = 0
    lease_end: date | None = None
    land_m2: Fraction = Fraction(0)


def _plans(row: Facility, assessment: Assessment, assumed: Assumptions) -> Iterator[_Plan]:
    state = assessment.facilities[row.id].state
    floor_m2 = Fraction(row.floor_area_m2 or 0)
    opened = {"status": "operating", "close_date": None}
    fit_out = assumed.fit_out_yuan_per_m2 * floor_m2
    later = _year_of(row.open_date, assumed)
    if state == "under_construction":
        yield _Plan("finish", row, opened, first_year=later)
    elif state == "planned" and row.position not in BAD_POSITIONS:
        land_m2 = Fraction(row.land_area_m2) if row.land_area_m2 else floor_m2 / assumed.plot_ratio
        cost = assumed.build_yuan_per_m2 * floor_m2
        yield _Plan("build", row, opened, cost, first_year=later, land_m2=land_m2)
    elif state in {"suspended", "built_idle"}:
        yield _Plan("reopen", row, opened, fit_out)
        other = _OTHER.get(facility_types()[row.facility_type].area)
        if other is not None and state == "suspended" and not row.allocations:
            # What was said of the old use does not hold for the new one.
            clean = dict.fromkeys(("elder_area_m2", "childcare_area_m2", "other_area_m2"))
            places = (
                floor(floor_m2 / assumed.place_m2) if other == "childcare_institution" else None
            )
            values = {**opened, **clean, "facility_type": other, "places": places, "filed": True}
            yield _Plan("convert", row, values, fit_out)
    elif state in SERVING:
        yield from _while_serving(row, assumed)


def _while_serving(row: Facility, assumed: Assumptions) -> Iterator[_Plan]:
    missing = missing_functions(row.functions) if row.functions is not None else ()
    if row.facility_type == "jiedao_elder_center" and missing:
        cost = assumed.function_yuan * len(missing)
        yield _Plan("upgrade", row, {"functions": frozenset(terms("function"))}, cost)
    ends = row.lease_end
    if ends is not None and ends < assumed.last_day and row.floor_area_m2:
        until = date(assumed.years[-1] + int(assumed.lease_years), 12, 31)
        rent = assumed.rent_yuan_per_m2_year * Fraction(row.floor_area_m2)
        ended = _year_of(ends, assumed)
        yield _Plan("renew", row, {"lease_end": until}, Fraction(0), rent, ended, until)


def _year_of(opens: date | None, assumed: Assumptions) -> int:
    return 0 if opens is None else max(0, opens.year - assumed.years[0])


def _batches(plans: Iterable[_Plan]) -> Iterator[list[_Plan]]:
    """Plans in as few heaps as let each facility come once in a heap."""
    heaps: list[dict[str, _Plan]] = []
    for plan in plans:
        heap = next((heap for heap in heaps if plan.facility.id not in heap), None)
        if heap is None:
            heaps.append(heap := {})
        heap[plan.facility.id] = plan
    for heap in heaps:
        yield list(heap.values())


def _ground_after(assessment: Assessment, plans: Iterable[_Plan]) -> Ground:
    """The ground when all of these plans are carried out by the day of the assessment."""
    day = assessment.as_of
    edits = [Change(plan.facility.id, {**plan.values, **_opening(plan, day)}) for plan in plans]
    layers = replace(apply(assessment.layers, edits), homes=None, roads=None)
    return settle_ground(layers, assessment.standard, period_start=assessment.period_start)


def _opening(plan: _Plan, day: date) -> dict[str, Any]:
    return {"open_date": day} if "status" in plan.values else {}


def _by_facility(credited: Iterable[AreaCredit]) -> dict[str, list[AreaCredit]]:
    found: dict[str, list[AreaCredit]] = defaultdict(list)
    for credit in credited:
        found[credit.facility].append(credit)
    return found


def _effect(
    plan: _Plan,
    ground: Ground,
    credited: Sequence[AreaCredit],
    needs: Sequence[Need],
    before: Assessment,
) -> Option:
    """What a plan gives to each need: area that was not there before, childcare, a centre."""
    row = replace(plan.facility, **{**plan.values, **_opening(plan, before.as_of)})
    counted = before.facilities[row.id]
    area: dict[int, Fraction] = {}
    covers, centers = [], []
    place = ground.belonging.facilities[row.id]
    center = qualifies_as_center(row, ground.states[row.id], ground.standard) is Qualifies.YES
    care = qualifies_as_childcare(row, ground.states[row.id], ground.standard)[0] is Qualifies.YES
    for at, need in enumerate(needs):
        if need.is_center and center and place.division == need.unit_id:
            centers.append(at)
        elif need.is_coverage and care and need.unit_id in {place.rc, place.community}:
            covers.append(at)
        elif need.floor_m2 is not None:
            given = sum((_given(credit, need) for credit in credited), Fraction(0))
            # Idle rooms count for the area already; opening them adds none.
            if given and not _counts_now(counted.counted_m2.get(need.kind), counted.state):
                area[at] = given
    return Option(
        id="",
        instrument=plan.instrument,
        subject=row.id,
        layer="facilities",
        name=row.name,
        group=f"facility:{row.id}",
        first_year=plan.first_year,
        area=area,
        covers=tuple(covers),
        centers=tuple(centers),
        floor_m2=Fraction(row.floor_area_m2 or 0),
        fixed=True,
        yuan_once=plan.yuan_once,
        yuan_per_year=plan.yuan_per_year,
        land_m2=plan.land_m2,
        lease_end=plan.lease_end,
    )


def _counts_now(counted_m2: Fraction | None, state: str) -> bool:
    return bool(counted_m2) and state in {"operating", "trial", "built_idle"}


def _given(credit: AreaCredit, need: Need) -> Fraction:
    """The known area of a credit that counts for the unit of a need."""
    if credit.kind != need.kind or credit.when != "now" or credit.amount.floor_m2 is None:
        return Fraction(0)
    unit = {
        "compound": credit.compound,
        "community": credit.place.community,
        "rc": credit.place.rc,
    }.get(need.level)
    return credit.amount.floor_m2 if unit == need.unit_id else Fraction(0)


def _simple(row: Facility, assessment: Assessment) -> bool:
    """Whether its area is one number of one kind, credited to one place."""
    return (
        facility_types()[row.facility_type].area in _PURE
        and assessment.facilities[row.id].state in SERVING
        and row.floor_area_m2 is not None
        and row.elder_area_m2 is None
        and row.childcare_area_m2 is None
        and row.outdoor_area_m2 is None
        and row.area_kind == "gross_floor"
        and row.serves is None
        and row.allocations is None
        and row.position not in BAD_POSITIONS
    )


def _extensions(
    assessment: Assessment, needs: Sequence[Need], assumed: Assumptions
) -> Iterator[Option]:
    """Owned facilities that grow by whole square metres for the unit they serve already."""
    serving = _units_served(assessment)
    for row in rows_of(assessment.layers.facilities):
        if row.tenure not in _OWNED or not _simple(row, assessment):
            continue
        most = floor(Fraction(row.floor_area_m2 or 0) * assumed.extend_share)
        kind = facility_types()[row.facility_type].area
        area = {
            at: Fraction(most)
            for at, need in enumerate(needs)
            if need.floor_m2 is not None
            and need.kind == kind
            and (need.level, need.unit_id) in serving.get(row.id, ())
        }
        if area and most:
            yield Option(
                id=f"extend:{row.id}",
                instrument="extend",
                subject=row.id,
                layer="facilities",
                name=row.name,
                group=f"facility:{row.id}",
                area=area,
                least_m2=1,
                most_m2=most,
                yuan_per_m2=assumed.extend_yuan_per_m2,
            )


def _units_served(assessment: Assessment) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for unit in assessment.units:
        for credit in unit.facilities:
            found[credit.facility].add((unit.level, unit.unit_id))
    return found


def _poolings(assessment: Assessment, needs: Sequence[Need]) -> Iterator[Option]:
    """What a neighbour has beyond its own requirement, given to a unit within the radius.

    One facility a neighbour and kind: the one with the most area, so that the neighbour keeps
    enough whatever is given away.
    """
    shapes = unit_shapes(assessment)
    rows = {row.id: row for row in rows_of(assessment.layers.facilities)}
    radius_m = float(assessment.standard.number("radius_m"))
    for unit in assessment.units:
        lender = _lender(unit, rows, assessment)
        if lender is None:
            continue
        facility, most = lender
        here = shapes.get((unit.level, unit.unit_id))
        far_m = {
            at: float(there.distance(here))
            for at, need in enumerate(needs)
            if need.floor_m2 is not None
            and need.kind == unit.kind
            and need.level == unit.level
            and here is not None
            and (there := shapes.get((need.level, need.unit_id))) is not None
            and there.distance(here) <= radius_m
        }
        if far_m:
            yield Option(
                id=f"pool:{facility.id}",
                instrument="pool",
                subject=facility.id,
                layer="facilities",
                name=facility.name,
                group=f"facility:{facility.id}",
                area=dict.fromkeys(far_m, most),
                floor_m2=most,
                far_m=far_m,
            )


def _lender(
    unit: UnitResult, rows: Mapping[str, Facility], assessment: Assessment
) -> tuple[Facility, Fraction] | None:
    """The facility that can give, and how much, of a unit with more than it needs."""
    required = unit.required_m2
    provided = unit.provided_m2
    if (
        not unit.official
        or unit.verdict is not Verdict.PASS
        or required is None
        or provided is None
    ):
        return None
    spare = provided - required
    found = [
        (credit.floor_m2, credit.facility)
        for credit in unit.facilities
        if _simple(rows[credit.facility], assessment)
    ]
    if spare <= 0 or not found or unit.level == "compound":
        return None
    most, key = max(found)
    return rows[key], min(spare, most)
