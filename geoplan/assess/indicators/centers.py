"""Indicator 2: which 街道 have a comprehensive elder-care centre (``docs/method.md`` §1.2, §2.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from geoplan.assess.ground import Ground
from geoplan.assess.indicators.rates import (
    best_of,
    count_by_outcome,
    finish_rate,
    notice,
    place_warnings,
    state_warnings,
    variant_of,
)
from geoplan.assess.model import Excluded, IndicatorResult, Notice
from geoplan.assess.places.facility_status import (
    SERVING,
    Qualifies,
    functions_not_understood,
    missing_functions,
    qualifies_as_center,
)
from geoplan.layers.model import Division, Facility, rows_of
from geoplan.policy.model import Indicator
from geoplan.terms import Words, label, terms

_SEAT_TOWN = "100"  # by convention the first 镇 of a county's code list is its seat


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
            unread = row.functions is None or functions_not_understood(row)
            possible |= every if unread else row.functions or frozenset()
        if outcome is Qualifies.YES:
            known |= row.functions or frozenset()
    if known >= every:
        return Qualifies.YES
    return Qualifies.UNKNOWN if possible >= every else Qualifies.NO


def _credited(row: Facility, mode: str, ground: Ground) -> bool:
    state = ground.states[row.id]
    if mode == "union_in_jiedao":
        whole = replace(row, functions=frozenset(terms("function")))
        counts = qualifies_as_center(whole, state, ground.standard) is Qualifies.YES
        return counts and bool(row.functions)
    return qualifies_as_center(row, state, ground.standard) is Qualifies.YES


def _center_warnings(
    centers: Mapping[str, Sequence[Facility]], ground: Ground
) -> tuple[Notice, ...]:
    rows = [row for found in centers.values() for row in found]
    warnings = place_warnings({row.id for row in rows}, "division", ground)
    for row in rows:
        warnings += state_warnings(row.id, ground)
        if functions_not_understood(row):
            warnings.append(notice("FUNCTIONS_NOT_UNDERSTOOD", row.id))
        elif ground.states[row.id] in SERVING and row.functions is not None:
            missing = missing_functions(row.functions)
            if missing:
                zh = "、".join(label("function", word, "zh") for word in missing)
                detail = Words(
                    f"{row.name or row.id} 缺少功能：{zh}", f"{row.id} lacks {', '.join(missing)}"
                )
                warnings.append(Notice("MISSING_FUNCTIONS", row.id, detail))
    return tuple(warnings)
