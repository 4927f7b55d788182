"""Indicators 2 and 9: 街道 with an elder-care centre, residential communities with childcare.

``domain.md`` §2.3, §2.4 and the rulings that bear on them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

from geoplan.assess.ground import Ground
from geoplan.assess.model import Belonging, Excluded, IndicatorResult, Notice, Variant
from geoplan.assess.status import (
    SERVING,
    Qualifies,
    missing_functions,
    qualifies_as_center,
    qualifies_as_childcare,
)
from geoplan.layers.model import Division, Facility, Layers, rows_of
from geoplan.measures.coverage import more_units_needed, share
from geoplan.numbers import plain_text
from geoplan.policy.model import Indicator, Standard, Target
from geoplan.terms import Verdict, Words, facility_types, label, terms, unit

_SEAT_TOWN = "100"  # by convention the first 镇 of a county's code list is its seat
_FLAGGED_STATES = ("TRIAL", "STATUS_ASSUMED")


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of a rate: in the denominator, by outcome; and those that stand outside it."""

    covered: tuple[str, ...]
    uncovered: tuple[str, ...]
    unknown: tuple[str, ...]
    unclassified: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Size of the denominator."""
        return len(self.covered) + len(self.uncovered) + len(self.unknown)


def verdict_on(target: Target | None, value: Fraction | None) -> Verdict:
    """Pass or fail on the exact value; without a value or a target, not applicable."""
    if target is None or value is None:
        return Verdict.NA
    return Verdict.PASS if target.met(value) else Verdict.FAIL


def rate_value(indicator: Indicator, numerator: int, denominator: int) -> Fraction | None:
    """The rate in the indicator's unit (per cent), ``None`` without a denominator."""
    part = share(numerator, denominator)
    return None if part is None else part * unit(indicator.unit).per


def variant_of(indicator: Indicator, numerator: int, denominator: int) -> Variant:
    """The same indicator counted another way."""
    value = rate_value(indicator, numerator, denominator)
    verdict = verdict_on(indicator.target, value)
    return Variant(Fraction(numerator), Fraction(denominator), value, verdict)


def sum_words(indicator: Indicator, numerator: Fraction, denominator: Fraction) -> Words:
    """The sum as text: ``2 / 3 × 100``."""
    per = plain_text(unit(indicator.unit).per)
    text = f"{plain_text(numerator)} / {plain_text(denominator)} × {per}"
    return Words(text, text)


def units_still_needed(indicator: Indicator, total: int, covered: int) -> Fraction | None:
    """How many more units the target asks for; ``None`` without a target or a denominator."""
    if indicator.target is None or not total:
        return None
    target_share = Fraction(indicator.target.value) / unit(indicator.unit).per
    return Fraction(more_units_needed(target_share, total, covered))


def count_by_outcome(ids: Iterable[str], outcome: Mapping[str, Qualifies]) -> Counted:
    """Sort the ids of a denominator by what is known of them."""
    found: dict[Qualifies, list[str]] = {which: [] for which in Qualifies}
    for key in ids:
        found[outcome.get(key, Qualifies.NO)].append(key)
    return Counted(
        tuple(found[Qualifies.YES]), tuple(found[Qualifies.NO]), tuple(found[Qualifies.UNKNOWN])
    )


def best_of(outcomes: Iterable[Qualifies]) -> Qualifies:
    """One facility that qualifies is enough; else one that might leaves it unknown."""
    seen = set(outcomes)
    if Qualifies.YES in seen:
        return Qualifies.YES
    return Qualifies.UNKNOWN if Qualifies.UNKNOWN in seen else Qualifies.NO


# ---------------------------------------------------------------------------- 街道 centres


def divisions_in_scope(divisions: Sequence[Division], scope: str) -> list[Division]:
    """街道 only, or with county-seat towns, or every statutory township-level division (§1.1)."""
    kinds = {"all_town_level": {"jiedao", "town", "township"}}.get(scope, {"jiedao"})
    seats = scope == "jiedao_and_county_seat_towns"
    return [
        row
        for row in divisions
        if row.kind in kinds or (seats and row.kind == "town" and row.id.endswith(_SEAT_TOWN))
    ]


def judge_centers(indicator: Indicator, ground: Ground) -> IndicatorResult:
    """Indicator 2: 街道 with at least one qualifying comprehensive elder-care centre."""
    scope = ground.standard.choice("division_scope")
    mode = ground.standard.choice("functions_mode")
    divisions = rows_of(ground.layers.divisions)
    inside = [row.id for row in divisions_in_scope(divisions, scope)]
    centers = _centers_by_division(ground)
    outcomes = {
        each: {key: judge(rows, ground) for key, rows in centers.items()}
        for each, judge in (
            ("single_institution", _single_institution),
            ("union_in_jiedao", _union_of_functions),
        )
    }
    counted = count_by_outcome(inside, outcomes[mode])
    union = count_by_outcome(inside, outcomes["union_in_jiedao"])
    covered_by = {
        key: tuple(row.id for row in centers[key] if _credited(row, mode, ground))
        for key in counted.covered
    }
    return finish_rate(
        indicator,
        counted,
        official=mode == "single_institution" and scope == "jiedao_only",
        excluded=tuple(
            Excluded(row.id, "NOT_JIEDAO") for row in divisions if row.id not in set(inside)
        ),
        warnings=_center_warnings(centers, ground),
        variants={"union_in_jiedao": variant_of(indicator, len(union.covered), union.total)},
        covered_by=covered_by,
    )


def _centers_by_division(ground: Ground) -> dict[str, list[Facility]]:
    found: dict[str, list[Facility]] = defaultdict(list)
    for row in ground.facilities:
        division = ground.belonging.facilities[row.id].division
        if row.facility_type == "jiedao_elder_center" and division is not None:
            found[division].append(row)
    return found


def _single_institution(centers: Iterable[Facility], ground: Ground) -> Qualifies:
    return best_of(
        qualifies_as_center(row, ground.states[row.id], ground.standard) for row in centers
    )


def _union_of_functions(centers: Iterable[Facility], ground: Ground) -> Qualifies:
    """The four functions may be spread over several centres of the 街道."""
    every = frozenset(terms("function"))
    known: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    for row in centers:
        # With all four functions assumed, what is left to doubt is its state and its size.
        whole = replace(row, functions=every)
        outcome = qualifies_as_center(whole, ground.states[row.id], ground.standard)
        if outcome is not Qualifies.NO:
            possible |= every if row.functions is None else row.functions
        if outcome is Qualifies.YES:
            known |= row.functions or frozenset()
    if known >= every:
        return Qualifies.YES
    return Qualifies.UNKNOWN if possible >= every else Qualifies.NO


def _credited(row: Facility, mode: str, ground: Ground) -> bool:
    state = ground.states[row.id]
    if mode == "union_in_jiedao":
        return state in SERVING and bool(row.functions)
    return qualifies_as_center(row, state, ground.standard) is Qualifies.YES


def _center_warnings(
    centers: Mapping[str, Sequence[Facility]], ground: Ground
) -> tuple[Notice, ...]:
    rows = [row for found in centers.values() for row in found]
    warnings = place_warnings({row.id for row in rows}, "division", ground)
    for row in rows:
        warnings += state_warnings(row.id, ground)
        if ground.states[row.id] in SERVING and row.functions is not None:
            missing = missing_functions(row.functions)
            if missing:
                zh = "、".join(label("function", word, "zh") for word in missing)
                detail = Words(
                    f"{row.name or row.id} 缺少功能：{zh}", f"{row.id} lacks {', '.join(missing)}"
                )
                warnings.append(Notice("MISSING_FUNCTIONS", row.id, detail))
    return tuple(warnings)


def place_warnings(ids: set[str], unit_name: str, ground: Ground) -> list[Notice]:
    """What is doubtful about the place of the facilities that bear on an indicator."""
    return [
        Notice(note.code, note.id, note.detail)
        for note in ground.belonging.notes
        if note.layer == "facilities" and note.id in ids and note.unit == unit_name
    ]


def state_warnings(facility_id: str, ground: Ground) -> list[Notice]:
    """Trial runs and assumed statuses, which count but are said so."""
    return [
        notice(code, facility_id)
        for code in ground.state_codes.get(facility_id, ())
        if code in _FLAGGED_STATES
    ]


def notice(code: str, key: str) -> Notice:
    """A code about a row, in the words of its label."""
    zh, en = label("code", code, "zh"), label("code", code, "en")
    return Notice(code, key, Words(f"{key} {zh}", f"{key}: {en}"))


def finish_rate(  # noqa: PLR0913 - a result has these parts
    indicator: Indicator,
    counted: Counted,
    *,
    official: bool,
    excluded: tuple[Excluded, ...],
    warnings: tuple[Notice, ...],
    variants: Mapping[str, Variant],
    covered_by: Mapping[str, tuple[str, ...]],
    turns: Callable[[Verdict], bool] | None = None,
) -> IndicatorResult:
    """A rate of counted units as a result: value, verdict, what the unknown ones could change."""
    covered, total = len(counted.covered), counted.total
    value = rate_value(indicator, covered, total)
    verdict = verdict_on(indicator.target, value)
    best = rate_value(indicator, covered + len(counted.unknown), total)
    could_turn = verdict_on(indicator.target, best) != verdict if turns is None else turns(verdict)
    unknown = (*counted.unknown, *counted.unclassified)
    return IndicatorResult(
        indicator=indicator,
        value=value,
        numerator=Fraction(covered),
        denominator=Fraction(total),
        verdict=verdict,
        provisional=bool(unknown),
        could_turn=bool(unknown) and could_turn,
        official=official,
        need_more=units_still_needed(indicator, total, covered),
        covered=counted.covered,
        uncovered=counted.uncovered,
        excluded=excluded,
        unknown=unknown,
        warnings=warnings,
        variants=variants,
        covered_by=covered_by,
        sum=sum_words(indicator, Fraction(covered), Fraction(total)),
        reason=None if total else Words("分母为零，无覆盖率", "nothing to cover: no rate"),
    )


# ---------------------------------------------------------------- residential communities


@dataclass(frozen=True, slots=True)
class Settlement:
    """A residential community (or the community that stands for it) with its size class."""

    id: str
    population: Fraction | None
    estimated: bool
    size_class: str


def settlements(layers: Layers, standard: Standard) -> tuple[Settlement, ...]:
    """The units of indicator 9: residential communities, else the communities themselves."""
    layer = layers.residential_communities or layers.communities
    rows = () if layer is None else layer.rows
    return tuple(_settlement(row.id, row.population, row.households, standard) for row in rows)


def _settlement(
    key: str, population: Decimal | None, households: Decimal | None, standard: Standard
) -> Settlement:
    people = None if population is None else Fraction(population)
    estimated = population is None and households is not None
    if population is None and households is not None:
        people = Fraction(households) * standard.number("persons_per_household")
    return Settlement(key, people, estimated, size_class(people, standard))


def size_class(population: Fraction | None, standard: Standard) -> str:
    """``in_range`` when 5,000 <= population <= 12,000 (the policy's bounds, both inclusive)."""
    if population is None:
        return "unclassified"
    if population > standard.number("community_population_max"):
        return "oversize"
    if population < standard.number("community_population_min"):
        return "undersize"
    return "in_range"


def judge_childcare(indicator: Indicator, ground: Ground) -> IndicatorResult:
    """Indicator 9: residential communities in range with at least one qualifying facility."""
    standard = ground.standard
    units = settlements(ground.layers, standard)
    home = _homes_of_units(ground)
    rural = {key for key, community in home.items() if community and not ground.urban[community]}
    town = [each for each in units if each.id not in rural]
    coverage = {
        mode: _childcare_by_unit(mode, ground) for mode in ("official", "located", "served")
    }
    mode = standard.choice("coverage_mode")
    facilities_of = coverage[mode if mode in coverage else "official"]
    outcome = {key: best_of(found.values()) for key, found in facilities_of.items()}
    wide = standard.flag("include_out_of_range")
    counted = _count_settlements(town, outcome, wide=wide)
    return finish_rate(
        indicator,
        counted,
        official=not wide and mode == "official",
        excluded=_excluded_settlements(units, rural, standard, wide=wide),
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
    for row in ground.facilities:
        qualifies, _ = qualifies_as_childcare(row, ground.states[row.id], ground.standard)
        if qualifies is not Qualifies.NO:
            for key in _units_covered(row.id, mode, ground):
                found[key][row.id] = qualifies
    return found


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
    ):
        outcome = {key: best_of(found.values()) for key, found in coverage[mode].items()}
        counted = _count_settlements(town, outcome, wide=wide)
        variants[name] = variant_of(indicator, len(counted.covered), counted.total)
    return variants


def _excluded_settlements(
    units: Iterable[Settlement], rural: set[str], standard: Standard, *, wide: bool
) -> tuple[Excluded, ...]:
    excluded: list[Excluded] = []
    for each in units:
        if each.id in rural:
            excluded.append(Excluded(each.id, "NOT_URBAN"))
        elif not wide and each.population is not None and each.size_class != "in_range":
            advice = _size_advice(each, each.population, standard)
            excluded.append(Excluded(each.id, each.size_class.upper(), advice))
    return tuple(excluded)


def _size_advice(each: Settlement, people: Fraction, standard: Standard) -> Words:
    """Split an oversize unit into equal parts in range; merge an undersize one."""
    if each.size_class == "undersize":
        return Words(
            f"人口 {plain_text(people)}，建议与相邻居住社区合并",
            f"{plain_text(people)} residents: merge with neighbours",
        )
    parts = ceil(people / standard.number("community_population_max"))
    size = plain_text(people / parts)
    return Words(
        f"人口 {plain_text(people)}，建议拆分为 {parts} 个（每个约 {size} 人）",
        f"{plain_text(people)} residents: split into {parts} of about {size}",
    )


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
