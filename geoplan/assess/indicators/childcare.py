"""Indicator 9: which residential communities have childcare (``docs/method.md`` §1.3, §1.4, §2.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from geoplan.assess.ground import Ground
from geoplan.assess.indicators.childcare_walks import can_be_reached, units_within_reach
from geoplan.assess.indicators.community_sizes import (
    Settlement,
    merge_advice,
    mergers,
    settlements,
    split_advice,
)
from geoplan.assess.indicators.rates import (
    Counted,
    best_of,
    count_by_outcome,
    finish_rate,
    notice,
    place_warnings,
    rate_value,
    state_warnings,
    variant_of,
    verdict_on,
)
from geoplan.assess.model import Belonging, Excluded, IndicatorResult, Notice, Variant
from geoplan.assess.places.facility_status import SERVING, Qualifies, qualifies_as_childcare
from geoplan.layers.model import Facility, rows_of
from geoplan.numbers import plain_text
from geoplan.policy.model import Indicator
from geoplan.terms import Verdict, Words, facility_types


def judge_childcare(indicator: Indicator, ground: Ground) -> IndicatorResult:
    """Indicator 9: residential communities in range with at least one qualifying facility."""
    standard = ground.standard
    units = settlements(ground.layers, standard)
    home = _homes_of_units(ground)
    rural = {key for key, community in home.items() if community and not ground.urban[community]}
    town = [_unless_doubted(each, home, ground) for each in units if each.id not in rural]
    coverage = {
        mode: _childcare_by_unit(mode, ground) for mode in ("official", "located", "served")
    }
    if can_be_reached(ground) or standard.choice("coverage_mode") == "reach":
        coverage["reach"] = units_within_reach(ground, _qualifying(ground))
    mode = standard.choice("coverage_mode")
    facilities_of = coverage[mode]
    outcome = {key: best_of(found.values()) for key, found in facilities_of.items()}
    wide = standard.flag("include_out_of_range")
    counted = _count_settlements(town, outcome, wide=wide)
    return finish_rate(
        indicator,
        counted,
        official=not wide and mode == "official",
        excluded=_excluded_settlements(units, rural, ground, wide=wide),
        warnings=_childcare_warnings(town, ground),
        variants=_childcare_variants(indicator, town, coverage),
        covered_by={
            key: tuple(
                facility
                for facility, qualifies in facilities_of[key].items()
                if qualifies is Qualifies.YES
            )
            for key in counted.covered
        },
        turns=lambda verdict: _childcare_could_turn(indicator, counted, outcome, verdict),
    )


def _unless_doubted(
    settlement: Settlement, home: Mapping[str, str | None], ground: Ground
) -> Settlement:
    """In range, but perhaps not in town at all: of no class."""
    doubted = home.get(settlement.id) in ground.urban_doubted
    in_range = settlement.size_class == "in_range"
    return replace(settlement, size_class="unclassified") if doubted and in_range else settlement


def _homes_of_units(ground: Ground) -> dict[str, str | None]:
    """The community in which each unit of indicator 9 lies."""
    if ground.layers.residential_communities is not None:
        return {key: place.community for key, place in ground.belonging.rcs.items()}
    return {key: key for key in ground.belonging.communities}


def _count_settlements(
    town: Sequence[Settlement], outcome: Mapping[str, Qualifies], *, wide: bool
) -> Counted:
    sizes = {"in_range", "oversize", "undersize"} if wide else {"in_range"}
    counted = count_by_outcome((each.id for each in town if each.size_class in sizes), outcome)
    unclassified = tuple(each.id for each in town if each.size_class == "unclassified")
    return Counted(counted.covered, counted.uncovered, counted.unknown, unclassified)


def _childcare_could_turn(
    indicator: Indicator,
    counted: Counted,
    outcome: Mapping[str, Qualifies],
    verdict: Verdict,
) -> bool:
    """Whether the unknown units, in or out of range, covered or not, could change the verdict."""
    maybe = [outcome.get(key, Qualifies.NO) for key in counted.unclassified]
    could_be_covered = sum(each is not Qualifies.NO for each in maybe)
    could_be_bare = sum(each is not Qualifies.YES for each in maybe)
    covered = len(counted.covered)
    best = covered + len(counted.unknown) + could_be_covered, counted.total + could_be_covered
    worst = covered, counted.total + could_be_bare
    return any(
        verdict_on(indicator.target, rate_value(indicator, *extreme)) != verdict
        for extreme in (best, worst)
    )


def _childcare_by_unit(mode: str, ground: Ground) -> dict[str, dict[str, Qualifies]]:
    """Of each unit the facilities that cover it, or might."""
    found: dict[str, dict[str, Qualifies]] = defaultdict(dict)
    for at, qualifies in _qualifying(ground).items():
        facility = ground.facilities[at].id
        for key in _units_covered(facility, mode, ground):
            found[key][facility] = qualifies
        if mode != "located" and _names_absent_compounds(ground.facilities[at], ground):
            for settlement in settlements(ground.layers, ground.standard):
                found[settlement.id].setdefault(facility, Qualifies.UNKNOWN)
    return found


def _names_absent_compounds(row: Facility, ground: Ground) -> bool:
    """Whether it serves, or stands in, compounds of which there is no layer: who knows where."""
    if rows_of(ground.layers.compounds):
        return False
    served = {*(row.serves or ()), *dict(row.allocations or ())}
    unsettled = len(served) > len(ground.belonging.serving.get(row.id, ()))
    return unsettled or (bool(row.compound) and not _units_covered(row.id, "located", ground))


def _qualifying(ground: Ground) -> dict[int, Qualifies]:
    """The facilities that count as childcare, or might, by position."""
    judged = (
        qualifies_as_childcare(row, ground.states[row.id], ground.standard)[0]
        for row in ground.facilities
    )
    return {at: each for at, each in enumerate(judged) if each is not Qualifies.NO}


def _units_covered(facility: str, mode: str, ground: Ground) -> tuple[str, ...]:
    """Served units where the facility has a list, else the one it is declared for or stands in."""
    by_rc = ground.layers.residential_communities is not None
    belonging = ground.belonging
    place = belonging.facilities[facility]
    own = place.rc if by_rc else place.community
    located = () if own is None else (own,)
    serving = [unit_ for unit_ in belonging.serving.get(facility, ()) if unit_.listed]
    if mode == "located" or (mode == "official" and not serving):
        return located
    served: dict[str, None] = {}
    for unit_ in serving:
        for key in _units_in(unit_.unit, unit_.id, belonging, by_rc=by_rc):
            served[key] = None
    return tuple(served)


def _units_in(unit_name: str, key: str, belonging: Belonging, *, by_rc: bool) -> tuple[str, ...]:
    """The units of indicator 9 that serving a unit covers."""
    if unit_name == "compound":
        place = belonging.compounds[key]
        own = place.rc if by_rc else place.community
        return () if own is None else (own,)
    if unit_name == "rc":
        own = key if by_rc else belonging.rcs[key].community
        return () if own is None else (own,)
    if not by_rc:
        return (key,)
    return tuple(rc for rc, place in belonging.rcs.items() if place.community == key)


def _childcare_variants(
    indicator: Indicator,
    town: Sequence[Settlement],
    coverage: Mapping[str, Mapping[str, Mapping[str, Qualifies]]],
) -> dict[str, Variant]:
    variants: dict[str, Variant] = {}
    for name, mode, wide in (
        ("all_communities", "official", True),
        ("located", "located", False),
        ("served", "served", False),
        ("reach", "reach", False),
    ):
        if mode not in coverage:
            continue
        outcome = {key: best_of(found.values()) for key, found in coverage[mode].items()}
        counted = _count_settlements(town, outcome, wide=wide)
        variants[name] = variant_of(indicator, len(counted.covered), counted.total)
    return variants


def _excluded_settlements(
    units: Sequence[Settlement], rural: set[str], ground: Ground, *, wide: bool
) -> tuple[Excluded, ...]:
    excluded: list[Excluded] = []
    partners = {} if wide else mergers(units, rural, ground)
    for each in units:
        if each.id in rural:
            excluded.append(Excluded(each.id, "NOT_URBAN"))
        elif wide or each.population is None or each.size_class == "in_range":
            continue
        elif each.size_class == "oversize":
            advice = split_advice(each.population, ground.standard)
            excluded.append(Excluded(each.id, "OVERSIZE", advice))
        else:
            advice = merge_advice(each.population, partners.get(each.id, ()))
            excluded.append(Excluded(each.id, "UNDERSIZE", advice))
    return tuple(excluded)


def _childcare_warnings(town: Iterable[Settlement], ground: Ground) -> tuple[Notice, ...]:
    warnings = [
        Notice(
            "POP_ESTIMATED",
            each.id,
            Words(
                f"{each.id} 人口按户数估算为 {plain_text(each.population or Fraction(0))}",
                f"{each.id}: population estimated from households",
            ),
        )
        for each in town
        if each.estimated
    ]
    rows = [
        row
        for row in ground.facilities
        if facility_types()[row.facility_type].coverage != "never"
        and ground.states[row.id] in SERVING | {"unknown"}
    ]
    unit_name = "rc" if ground.layers.residential_communities is not None else "community"
    warnings += place_warnings({row.id for row in rows}, unit_name, ground)
    for row in rows:
        _, flags = qualifies_as_childcare(row, ground.states[row.id], ground.standard)
        warnings += [notice(code, row.id) for code in flags]
        warnings += state_warnings(row.id, ground)
    return tuple(warnings)
