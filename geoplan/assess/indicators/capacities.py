"""Indicators 1, 8 and 12: nursing beds, childcare places per 1,000 residents, county centres.

``docs/method.md`` §2.2 and the rulings on childcare, indicator 1 and indicator 12.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil

from geoplan.assess.ground import Ground
from geoplan.assess.indicators.rates import (
    best_of,
    count_by_outcome,
    finish_rate,
    notice,
    state_warnings,
    sum_words,
    verdict_on,
)
from geoplan.assess.indicators.reported_values import no_value
from geoplan.assess.model import Excluded, IndicatorResult, Notice
from geoplan.assess.places.facility_status import SERVING, Qualifies
from geoplan.assess.places.unread_cells import not_understood
from geoplan.layers.model import Facility, rows_of
from geoplan.policy.model import Indicator
from geoplan.terms import Verdict, Words, facility_types, unit

_COUNTY_DIGITS = 6  # of a nine-digit division code
_GUIDANCE_CENTER = "infant_care_guidance_center"


def judge_nursing_beds(indicator: Indicator, ground: Ground) -> IndicatorResult:
    """Indicator 1: nursing beds among all beds of residential institutions, and of them only."""
    states = ground.states
    serving = [
        row
        for row in ground.facilities
        if row.facility_type == "elder_institution" and states[row.id] in SERVING | {"unknown"}
    ]
    outside = ground.outside
    rows = [row for row in serving if row.id not in outside]
    known = [row for row in rows if states[row.id] in SERVING and _beds_are_clear(row)]
    doubtful = [row for row in rows if row not in known and not _has_nothing(row.beds, row, states)]
    nursing = sum((Fraction(row.nursing_beds or 0) for row in known), Fraction(0))
    beds = sum((Fraction(row.beds or 0) for row in known), Fraction(0))
    value = nursing / beds * unit(indicator.unit).per if beds else None
    verdict = verdict_on(indicator.target, value)
    return IndicatorResult(
        indicator=indicator,
        value=value,
        numerator=nursing,
        denominator=beds,
        verdict=verdict,
        provisional=bool(doubtful),
        could_turn=_beds_could_turn(indicator, nursing, beds, doubtful, verdict),
        need_more=_beds_needed(indicator, nursing, beds),
        covered=tuple(row.id for row in known),
        excluded=(
            *_left_out(serving, outside),
            *_cannot_matter([row for row in rows if _has_nothing(row.beds, row, states)]),
        ),
        unknown=tuple(row.id for row in doubtful),
        warnings=_bed_warnings(ground.facilities, doubtful),
        sum=sum_words(indicator, nursing, beds),
        reason=None if beds else Words("没有床位数据，无占比", "no beds: no share"),
    )


def _has_nothing(count: Decimal | None, row: Facility, states: Mapping[str, str]) -> bool:
    """Whether an unknown status cannot matter: open or not, the row adds nothing."""
    return states[row.id] == "unknown" and count == 0 and not row.nursing_beds


def _cannot_matter(rows: Iterable[Facility]) -> tuple[Excluded, ...]:
    return tuple(Excluded(row.id, "STATUS_UNKNOWN") for row in rows)


def _beds_are_clear(row: Facility) -> bool:
    """Both counts known and possible; of no beds none can be nursing beds."""
    if row.beds is None:
        return False
    return row.nursing_beds <= row.beds if row.nursing_beds is not None else row.beds == 0


def _beds_needed(indicator: Indicator, nursing: Fraction, beds: Fraction) -> Fraction | None:
    """Nursing beds still missing if the number of beds stays as it is."""
    if indicator.target is None or not beds:
        return None
    wanted = ceil(Fraction(indicator.target.value) / unit(indicator.unit).per * beds)
    return max(Fraction(0), wanted - nursing)


def _beds_could_turn(
    indicator: Indicator,
    nursing: Fraction,
    beds: Fraction,
    doubtful: Iterable[Facility],
    verdict: Verdict,
) -> bool:
    """Blank beds could be any number; others are tried at their extremes."""
    best, worst = (nursing, beds), (nursing, beds)
    target = Fraction(indicator.target.value if indicator.target else 0)
    for row in doubtful:
        if row.beds is None or not (row.nursing_beds is None or _beds_are_clear(row)):
            return True
        size = Fraction(row.beds)
        low, high = (
            (Fraction(0), size)
            if row.nursing_beds is None
            else (Fraction(row.nursing_beds), Fraction(row.nursing_beds))
        )
        per = unit(indicator.unit).per
        if high * per >= target * size:
            best = best[0] + high, best[1] + size
        if low * per < target * size:
            worst = worst[0] + low, worst[1] + size
    return any(
        verdict_on(indicator.target, share_value(indicator, *extreme)) != verdict
        for extreme in (best, worst)
    )


def share_value(indicator: Indicator, part: Fraction, whole: Fraction) -> Fraction | None:
    """A share in the indicator's unit; ``None`` of nothing."""
    return part / whole * unit(indicator.unit).per if whole else None


def _bed_warnings(
    facilities: Iterable[Facility], doubtful: Iterable[Facility]
) -> tuple[Notice, ...]:
    warnings: list[Notice] = []
    for row in doubtful:
        exceeds = (
            row.beds is not None and row.nursing_beds is not None and row.nursing_beds > row.beds
        )
        code = "NURSING_EXCEEDS_BEDS" if exceeds else "BEDS_OR_STATUS_UNKNOWN"
        warnings.append(notice(code, row.id))
    warnings += [
        notice("COMMUNITY_BEDS_LEFT_OUT", row.id)
        for row in facilities
        if row.facility_type != "elder_institution" and row.beds
    ]
    return tuple(warnings)


def judge_places(indicator: Indicator, ground: Ground) -> IndicatorResult:
    """Indicator 8: childcare places for every 1,000 residents of all divisions, towns too."""
    states, divisions = ground.states, rows_of(ground.layers.divisions)
    everywhere = [row for row in ground.facilities if _may_count_places(row)]
    outside = ground.outside
    candidates = [row for row in everywhere if row.id not in outside]
    nothing = [row for row in candidates if _has_nothing(row.places, row, states)]
    doubtful = [
        row
        for row in candidates
        if _may_or_may_not_count(row, states[row.id]) and row not in nothing
    ]
    counted = [
        row
        for row in candidates
        if states[row.id] in SERVING and row.places is not None and row not in doubtful
    ]
    people_unknown = [row.id for row in divisions if row.population is None]
    places = sum((Fraction(row.places or 0) for row in counted), Fraction(0))
    people = sum((Fraction(row.population or 0) for row in divisions), Fraction(0))
    value = share_value(indicator, places, people)
    verdict = verdict_on(indicator.target, value)
    with_doubtful = places + sum((Fraction(row.places or 0) for row in doubtful), Fraction(0))
    other = verdict_on(indicator.target, share_value(indicator, with_doubtful, people))
    blank = any(row.places is None for row in doubtful)
    unknown = (*(row.id for row in doubtful), *people_unknown)
    return IndicatorResult(
        indicator=indicator,
        value=value,
        numerator=places,
        denominator=people,
        verdict=verdict,
        provisional=bool(unknown),
        # More places can only help, more residents only hurt.
        could_turn=other != verdict
        or (blank and verdict is not Verdict.PASS)
        or (bool(people_unknown) and verdict is not Verdict.FAIL),
        need_more=_places_needed(indicator, places, people),
        covered=tuple(row.id for row in counted),
        excluded=(*_left_out(everywhere, outside), *_cannot_matter(nothing)),
        unknown=unknown,
        warnings=_place_count_warnings(candidates, ground),
        sum=sum_words(indicator, places, people),
        reason=None if people else Words("没有人口数据，无比率", "no residents: no rate"),
    )


def _left_out(rows: Iterable[Facility], outside: Collection[str]) -> tuple[Excluded, ...]:
    return tuple(Excluded(row.id, "OUTSIDE_SCOPE") for row in rows if row.id in outside)


def _may_count_places(row: Facility) -> bool:
    """Not expressly unfiled; home-based points only when expressly filed."""
    rule = facility_types()[row.facility_type].places
    if rule == "never" or row.filed is False:
        return False
    return row.filed is True or not_understood(row, "filed") if rule == "if_filed" else True


def _may_or_may_not_count(row: Facility, state: str) -> bool:
    """Places of an unknown state, or of a filing or a number that is not understood."""
    unread = any(
        getattr(row, field) is None and not_understood(row, field) for field in ("filed", "places")
    )
    return state == "unknown" or (state in SERVING and unread)


def _places_needed(indicator: Indicator, places: Fraction, people: Fraction) -> Fraction | None:
    if indicator.target is None or not people:
        return None
    wanted = ceil(Fraction(indicator.target.value) * people / unit(indicator.unit).per)
    return max(Fraction(0), wanted - places)


def _place_count_warnings(candidates: Iterable[Facility], ground: Ground) -> tuple[Notice, ...]:
    warnings: list[Notice] = []
    for row in candidates:
        if ground.states[row.id] in SERVING:
            pure = facility_types()[row.facility_type].coverage != "if_places"
            if row.places is None and pure:
                warnings.append(notice("PLACES_MISSING", row.id))
            if row.filed is None:
                warnings.append(notice("NOT_FILED_UNKNOWN", row.id))
            warnings += state_warnings(row.id, ground)
    return tuple(warnings)


def judge_county_centers(indicator: Indicator, ground: Ground) -> IndicatorResult:
    """Indicator 12: counties with an operating infant-care guidance centre."""
    county_of = {
        row.id: row.county or row.id[:_COUNTY_DIGITS] for row in rows_of(ground.layers.divisions)
    }
    found: dict[str, dict[str, Qualifies]] = defaultdict(dict)
    for row in ground.facilities:
        division = ground.belonging.facilities[row.id].division
        if row.facility_type == _GUIDANCE_CENTER and division is not None:
            found[county_of[division]][row.id] = _serves(ground.states[row.id])
    if not any(row.facility_type == _GUIDANCE_CENTER for row in ground.facilities):
        nothing = "设施图层中没有婴幼儿照护服务指导中心", "no guidance centre in the facility layer"
        return no_value(indicator, Words(*nothing))
    outcome = {county: best_of(rows.values()) for county, rows in found.items()}
    counted = count_by_outcome(dict.fromkeys(county_of.values()), outcome)
    return finish_rate(
        indicator,
        counted,
        official=True,
        excluded=(),
        warnings=(),
        variants={},
        covered_by={
            county: tuple(key for key, serves in found[county].items() if serves is Qualifies.YES)
            for county in counted.covered
        },
    )


def _serves(state: str) -> Qualifies:
    if state in SERVING:
        return Qualifies.YES
    return Qualifies.UNKNOWN if state == "unknown" else Qualifies.NO
