"""Where a target is missed, for whom and by how much (``docs/method.md`` §5.1, ruling on gaps).

One row a unit, a kind, a rule and a level. Unknown units stand in the list without a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from geoplan.assess.absence import AREA_RULE
from geoplan.assess.floor_area.countable_area import KINDS
from geoplan.assess.ground import Ground
from geoplan.assess.listing import gaps_in_order
from geoplan.assess.model import Assessment, Gap, IndicatorResult, ProjectResult, UnitResult
from geoplan.assess.places.facility_status import missing_functions
from geoplan.layers.model import Facility, Layers, rows_of
from geoplan.terms import Verdict, facility_types

_LISTED_LEVELS = frozenset({"compound", "community", "rc"})


def list_gaps(
    layers: Layers,
    *,
    of_indicators: Iterable[Gap],
    units: Iterable[UnitResult],
    projects: Iterable[ProjectResult],
) -> tuple[Gap, ...]:
    """Every missed target, the largest gap first."""
    return gaps_in_order([*_area_gaps(units), *_project_gaps(projects, layers), *of_indicators])


def is_left_open(assessment: Assessment) -> bool:
    """Whether a gap may be hidden in what could not be judged.

    A question that its layers leave open, or a unit of an official rule that is unknown.
    """
    if any(each.hides_gaps for each in assessment.unjudged):
        return True
    official = {(each.unit_id, each.level) for each in assessment.units if each.official}
    return any(
        gap.verdict is Verdict.UNKNOWN
        and (gap.rule != AREA_RULE or (gap.unit_id, gap.level) in official)
        for gap in assessment.gaps
    )


def _area_gaps(units: Iterable[UnitResult]) -> list[Gap]:
    return [
        Gap(
            unit_id=each.unit_id,
            level=each.level,
            official=each.official and each.verdict is Verdict.FAIL,
            rule=AREA_RULE,
            kind=each.kind,
            gap=each.gap_m2 if each.verdict is Verdict.FAIL else None,
            gap_after_committed=(
                each.gap_after_committed_m2 if each.verdict is Verdict.FAIL else None
            ),
            unit="m2",
            people=each.population,
            households=each.households,
            verdict=each.verdict,
            codes=each.codes,
        )
        for each in units
        if each.level in _LISTED_LEVELS and each.verdict in {Verdict.FAIL, Verdict.UNKNOWN}
    ]


def _project_gaps(projects: Iterable[ProjectResult], layers: Layers) -> list[Gap]:
    households = {row.id: row.planned_households for row in rows_of(layers.projects)}
    gaps: list[Gap] = []
    for project in projects:
        planned = households[project.project_id]
        for kind in KINDS:
            verdict: Verdict = getattr(project, f"area_{kind}")
            if verdict in {Verdict.FAIL, Verdict.UNKNOWN}:
                missing = getattr(project, f"gap_{kind}_m2") if verdict is Verdict.FAIL else None
                gaps.append(
                    Gap(
                        unit_id=project.project_id,
                        level="project",
                        official=verdict is Verdict.FAIL,
                        rule="new_project_area",
                        kind=kind,
                        gap=missing,
                        gap_after_committed=missing,
                        unit="m2",
                        people=None,
                        households=None if planned is None else Fraction(planned),
                        verdict=verdict,
                        codes=project.codes,
                    )
                )
    return gaps


def center_gaps(result: IndicatorResult, ground: Ground) -> list[Gap]:
    """Each 街道 without a centre lacks one."""
    coming = {
        ground.belonging.facilities[row.id].division
        for row in ground.facilities
        if row.facility_type == "jiedao_elder_center"
        and ground.states[row.id] == "under_construction"
        and not (row.functions is not None and missing_functions(row.functions))
    }
    people = {row.id: row.population for row in rows_of(ground.layers.divisions)}
    return _count_gaps(result, "jiedao", "jiedao_elder_center", "elder", coming, people, {})


def childcare_gaps(result: IndicatorResult, ground: Ground) -> list[Gap]:
    """Each residential community without childcare lacks one facility."""
    layer = ground.layers.residential_communities or ground.layers.communities
    if layer is None:
        return []
    level = "rc" if ground.layers.residential_communities is not None else "community"
    coming = {
        getattr(ground.belonging.facilities[row.id], level)
        for row in ground.facilities
        if ground.states[row.id] == "under_construction" and _is_childcare(row)
    }
    people = {row.id: row.population for row in layer.rows}
    households = {row.id: row.households for row in layer.rows}
    return _count_gaps(result, level, "rc_childcare", "childcare", coming, people, households)


def _is_childcare(row: Facility) -> bool:
    coverage = facility_types()[row.facility_type].coverage
    return coverage == "always" or (coverage == "if_places" and bool(row.places))


def _count_gaps(  # noqa: PLR0913 - the columns of the list
    result: IndicatorResult,
    level: str,
    rule: str,
    kind: str,
    coming: set[str | None],
    people: Mapping[str, object],
    households: Mapping[str, object],
) -> list[Gap]:
    """One missing unit for each uncovered place; none after one that is being built."""
    rows: Sequence[tuple[str, Fraction | None]] = [
        *((key, Fraction(1)) for key in result.uncovered),
        *((key, None) for key in result.unknown),
    ]
    return [
        Gap(
            unit_id=key,
            level=level,
            official=gap is not None and result.official,
            rule=rule,
            kind=kind,
            gap=gap,
            gap_after_committed=None if gap is None else gap * (key not in coming),
            unit="count",
            people=_exact(people.get(key)),
            households=_exact(households.get(key)),
            verdict=Verdict.UNKNOWN if gap is None else Verdict.FAIL,
        )
        for key, gap in rows
    ]


def _exact(value: object) -> Fraction | None:
    return None if value is None else Fraction(str(value))
