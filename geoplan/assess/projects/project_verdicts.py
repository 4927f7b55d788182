"""New housing projects: area, the four synchronisations, and indicator 14.

``docs/method.md`` §2.6, §3 and the rulings on 四同步, stages, unknowns and variants. The tests
themselves are in :mod:`geoplan.assess.projects.area_owed` and :mod:`geoplan.assess.projects.four_tests`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from geoplan.assess.floor_area.countable_area import KINDS
from geoplan.assess.ground import Ground
from geoplan.assess.indicators.rates import Counted, finish_rate, rate_value, variant_of, verdict_on
from geoplan.assess.model import (
    Excluded,
    IndicatorResult,
    Notice,
    ProjectResult,
    Variant,
)
from geoplan.assess.projects.area_owed import AreaOutcome, judge_area
from geoplan.assess.projects.dossier import Dossier, open_dossier
from geoplan.assess.projects.early_warnings import interim_findings, interim_of, order_findings
from geoplan.assess.projects.findings import as_written, combined_verdict
from geoplan.assess.projects.four_tests import SYNCS, Outcome
from geoplan.assess.projects.stages import is_accepted, is_delivered
from geoplan.layers.model import Phase, Project, rows_of
from geoplan.policy.model import Indicator, Standard
from geoplan.terms import Verdict, Words

_AREA_COUNTS = frozenset({Verdict.PASS, Verdict.NA})
_SYNC_COUNTS = frozenset({Verdict.PASS, Verdict.PENDING})


# ------------------------------------------------------------------------------ projects


def judge_projects(ground: Ground) -> tuple[ProjectResult, ...]:
    """Every new project on the day, in the order of the layer: by id."""
    phases: dict[str, list[Phase]] = defaultdict(list)
    for phase in rows_of(ground.layers.phases):
        phases[phase.project_id].append(phase)
    start = period_start_of(ground)
    return tuple(
        judge_project(open_dossier(row, phases[row.id], ground.standard), start)
        for row in rows_of(ground.layers.projects)
    )


def period_start_of(ground: Ground) -> date:
    """The first day of the period judged: as told, else 1 January of the day's year."""
    return ground.period_start or date(ground.standard.as_of.year, 1, 1)


def judge_project(dossier: Dossier, period_start: date) -> ProjectResult:
    """One project: both areas, the four synchronisations, the verdict and its reasons."""
    areas = {kind: judge_area(dossier, kind) for kind in KINDS}
    syncs = {name: judge(dossier) for name, judge in SYNCS.items()}
    outcomes: list[AreaOutcome | Outcome] = [*areas.values(), *syncs.values()]
    interim = interim_of(dossier)
    findings = [as_written(found, dossier.project) for each in outcomes for found in each.findings]
    findings += [*interim_findings(dossier, interim), *order_findings(dossier)]
    against = [each for each in findings if each.verdict is Verdict.FAIL]
    against += [each for each in findings if each.verdict is Verdict.UNKNOWN]
    warnings = [each for each in findings if each.verdict is Verdict.PASS]
    owed = {
        kind: None if (each := dossier.required[kind]) is None else each.floor_m2 for kind in KINDS
    }
    return ProjectResult(
        project_id=dossier.project.id,
        stage=dossier.stage.key,
        stock=dossier.stock,
        in_rate=is_in_rate(dossier.project, dossier.stock, dossier.standard, period_start),
        verdict=combined_verdict(each.verdict for each in outcomes),
        area_elder=areas["elder"].verdict,
        area_childcare=areas["childcare"].verdict,
        sync_plan=syncs["sync_plan"].verdict,
        sync_build=syncs["sync_build"].verdict,
        sync_accept=syncs["sync_accept"].verdict,
        sync_deliver=syncs["sync_deliver"].verdict,
        required_elder_m2=owed["elder"],
        required_childcare_m2=owed["childcare"],
        provided_elder_m2=areas["elder"].provided_m2,
        provided_childcare_m2=areas["childcare"].provided_m2,
        gap_elder_m2=areas["elder"].gap_m2,
        gap_childcare_m2=areas["childcare"].gap_m2,
        codes=tuple(dict.fromkeys(each.code for each in (*against, *warnings))),
        warnings=tuple(dict.fromkeys(each.code for each in warnings)),
        reasons=tuple(dict.fromkeys(each.detail for each in against)),
        compliant=dossier.accepted and _complies(areas.values(), syncs.values()),
        findings=(*against, *warnings),
        interim=interim,
    )


def _complies(areas: Iterable[AreaOutcome], syncs: Iterable[Outcome]) -> bool:
    """Both areas pass, and no synchronisation has failed or is unknown (§2.6)."""
    return all(each.verdict in _AREA_COUNTS for each in areas) and all(
        each.verdict in _SYNC_COUNTS for each in syncs
    )


# -------------------------------------------------------------------------- indicator 14


def is_in_rate(project: Project, stock: str, standard: Standard, start: date) -> bool:
    """Whether the housing was accepted from ``start`` to the day, and nothing takes it out."""
    reason = _reason_outside(project, stock, standard, start)
    return reason is None and is_accepted(project, standard.as_of)


def _reason_outside(project: Project, stock: str, standard: Standard, start: date) -> str | None:
    """Why a project certainly stands outside the rate."""
    accepted = project.housing_acceptance_date
    if not (is_accepted(project, standard.as_of) or _is_undated(project, standard.as_of)):
        return "NOT_YET_ACCEPTED"
    if accepted is not None and accepted < start:
        return "ACCEPTED_BEFORE_PERIOD"
    if stock == "legacy_new" and standard.choice("legacy_policy") == "exclude":
        return "LEGACY_EXCLUDED"
    return "NO_HOUSEHOLDS" if project.planned_households == 0 else None


def _is_undated(project: Project, day: date) -> bool:
    """Delivered, so accepted some day, but nobody wrote down when."""
    return project.housing_acceptance_date is None and is_delivered(project, day)


def judge_new_compounds(indicator: Indicator, ground: Ground) -> IndicatorResult:
    """Indicator 14: compliant projects among those accepted in the period."""
    standard, start = ground.standard, period_start_of(ground)
    results = judge_projects(ground)
    pairs = list(zip(rows_of(ground.layers.projects), results, strict=True))
    outside = {
        result.project_id: _reason_outside(row, result.stock, standard, start)
        for row, result in pairs
    }
    inside = [result for _, result in pairs if result.in_rate]
    undated = tuple(
        row.id for row, _ in pairs if outside[row.id] is None and _is_undated(row, standard.as_of)
    )
    counted = Counted(
        covered=tuple(each.project_id for each in inside if each.compliant),
        uncovered=tuple(each.project_id for each in inside if _fails(each)),
        unknown=tuple(
            each.project_id for each in inside if not each.compliant and not _fails(each)
        ),
        unclassified=undated,
    )
    return finish_rate(
        indicator,
        counted,
        official=True,
        excluded=tuple(
            Excluded(key, reason) for key, reason in outside.items() if reason is not None
        ),
        warnings=tuple(_warnings(results)),
        variants=_variants(indicator, pairs, standard, start),
        covered_by={},
        turns=_turns(indicator, counted),
    )


def _fails(result: ProjectResult) -> bool:
    return result.verdict is Verdict.FAIL


def _turns(indicator: Indicator, counted: Counted) -> Callable[[Verdict], bool]:
    """Whether the unknown projects, and those that may belong to the period, could turn a verdict."""
    extra = len(counted.unclassified)
    best = len(counted.covered) + len(counted.unknown) + extra, counted.total + extra
    worst = len(counted.covered), counted.total + extra
    extremes = [
        verdict_on(indicator.target, rate_value(indicator, *each)) for each in (best, worst)
    ]
    return lambda verdict: any(extreme != verdict for extreme in extremes)


def _warnings(results: Iterable[ProjectResult]) -> Iterable[Notice]:
    for result in results:
        unique = dict.fromkeys(
            (each.code, each.detail) for each in result.findings if each.verdict is Verdict.PASS
        )
        for code, detail in unique:
            said = Words(f"{result.project_id} {detail.zh}", f"{result.project_id}: {detail.en}")
            yield Notice(code, result.project_id, said)


def _variants(
    indicator: Indicator,
    pairs: Sequence[tuple[Project, ProjectResult]],
    standard: Standard,
    start: date,
) -> dict[str, Variant]:
    """The same rate by area alone, without and with earlier land, and since the plan began."""

    def among(kept: Iterable[ProjectResult], counts: Callable[[ProjectResult], bool]) -> Variant:
        outcomes = [counts(each) for each in kept]
        return variant_of(indicator, sum(outcomes), len(outcomes))

    inside = [result for _, result in pairs if result.in_rate]
    including = replace(standard, values={**standard.values, "legacy_policy": "include"})
    since = {
        name: [result for row, result in pairs if is_in_rate(row, result.stock, rules, day)]
        for name, rules, day in (
            ("with_legacy", including, start),
            ("cumulative", standard, standard.policy.since),
        )
    }
    return {
        "area_only": among(inside, _area_complies),
        "without_legacy": among([each for each in inside if each.stock == "new"], _is_compliant),
        "with_legacy": among(since["with_legacy"], _is_compliant),
        "cumulative": among(since["cumulative"], _is_compliant),
    }


def _area_complies(result: ProjectResult) -> bool:
    return {result.area_elder, result.area_childcare} <= _AREA_COUNTS


def _is_compliant(result: ProjectResult) -> bool:
    return result.compliant
