"""The result as a JSON document, as scripts read it (its schema is ``schema.json``).

Numbers are exact where JSON can hold them (``geoplan.numbers``); nothing in it depends on the
machine or the hour, so two runs on the same input are byte-identical.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from geoplan import __version__
from geoplan.assess.absence import Unjudged
from geoplan.assess.checkup.sensitivity import SensitivityRow
from geoplan.assess.model import (
    AccessRow,
    Assessment,
    FacilityState,
    Gap,
    IndicatorResult,
    ProjectResult,
    Publication,
    ReachRow,
    UnitResult,
    Variant,
)
from geoplan.assess.remedies import Remedy, list_remedies
from geoplan.layers.model import Facility, rows_of
from geoplan.numbers import json_number
from geoplan.policy.model import Target
from geoplan.render.documents.json_values import (
    metres_json,
    missing_json,
    number_json,
    policy_json,
    remark_json,
    said_json,
    source_json,
)
from geoplan.render.wording.unit_names import Register, build_register
from geoplan.render.wording.words import shown_value
from geoplan.terms import unit


def build_document(
    assessment: Assessment,
    *,
    language: str = "zh",
    sensitivity: Iterable[SensitivityRow] = (),
) -> dict[str, Any]:
    """Everything of an assessment that scripts hold on to (the published schema)."""
    register = build_register(assessment)
    facilities = {row.id: row for row in rows_of(assessment.layers.facilities)}
    remedies = list_remedies(assessment)
    start = assessment.period_start
    publication = assessment.publication
    return {
        "geoplan": __version__,
        "study": assessment.study,
        "as_of": assessment.as_of.isoformat(),
        "period_start": None if start is None else start.isoformat(),
        "language": language,
        "crs": assessment.layers.crs,
        "policy": policy_json(assessment.standard, language),
        "indicators": [_indicator(each, assessment, language) for each in assessment.indicators],
        "not_judged": [_unjudged(each, language) for each in assessment.unjudged],
        "units": [_unit(each, register, language) for each in assessment.units],
        "projects": [_project(each, register, language) for each in assessment.projects],
        "facilities": [
            _facility(facilities[key], state, assessment)
            for key, state in assessment.facilities.items()
        ],
        "gaps": [
            _gap(gap, remedy, register)
            for gap, remedy in zip(assessment.gaps, remedies, strict=True)
        ],
        "reach": [_reach(each) for each in assessment.reach],
        "access": [_access(each) for each in assessment.access],
        "remarks": [remark_json(each, language) for each in assessment.remarks],
        "sources": [source_json(each) for each in assessment.sources],
        "sensitivity": [_definition(each, language) for each in sensitivity],
        "public": None if publication is None else _publication(publication, language),
    }


def _publication(publication: Publication, language: str) -> dict[str, Any]:
    return {
        "review_no": publication.review_no,
        "note": publication.note.say(language),
        "withheld": [
            {"level": level, "id": key, "why": words.say(language)}
            for (level, key), words in sorted(publication.withheld.items())
        ],
    }


def _reach(row: ReachRow) -> dict[str, Any]:
    return {
        "unit_id": row.unit_id,
        "level": row.level,
        "kind": row.kind,
        "people": row.people,
        "mode": row.mode,
        "within_m": json_number(row.within_m),
        "minutes": number_json(row.minutes),
        "total": json_number(row.total),
        "reached": json_number(row.reached),
        "share": number_json(row.share),
        "unreachable": json_number(row.unreachable),
    }


def _access(row: AccessRow) -> dict[str, Any]:
    return {
        "unit_id": row.unit_id,
        "level": row.level,
        "kind": row.kind,
        "people": row.people,
        "mode": row.mode,
        "total": json_number(row.total),
        "walkers": json_number(row.walkers),
        "mean_walk_m": row.mean_walk_m,
        "median_walk_m": row.median_walk_m,
        "p90_walk_m": row.p90_walk_m,
        "supply": row.supply,
        "within_m": json_number(row.within_m),
        "supplied": json_number(row.supplied),
        "per_1000": row.per_1000,
        "gini": row.gini,
        "theil": row.theil,
        "palma": row.palma,
        "placed": number_json(row.placed),
        "no_room": number_json(row.no_room),
    }


def _definition(row: SensitivityRow, language: str) -> dict[str, Any]:
    other = row.alternative
    return {
        "subject": row.subject,
        "definition": None if other is None else other.id,
        "label": None if other is None else other.label.say(language),
        "numerator": number_json(row.numerator),
        "denominator": number_json(row.denominator),
        "value": number_json(row.value),
        "verdict": row.verdict.value,
        "flips": [
            {"unit_id": each.unit_id, "before": each.before, "after": each.after}
            for each in row.flips
        ],
    }


def _target(target: Target | None) -> int | float | None:
    return None if target is None else json_number(Fraction(target.value))


def _op(target: Target | None) -> str | None:
    return None if target is None else target.op


def _unjudged(each: Unjudged, language: str) -> dict[str, Any]:
    return {
        "subject": each.subject,
        "name": each.name.say(language),
        "codes": list(each.codes),
        "layers": [name for absence in each.absences for name in absence.layers],
        "reason": each.reason.say(language),
    }


def _indicator(result: IndicatorResult, assessment: Assessment, language: str) -> dict[str, Any]:
    indicator = result.indicator
    words = unit(indicator.unit)
    return {
        "id": indicator.id,
        "number": indicator.number,
        "name": indicator.label_zh if language == "zh" else indicator.label_en,
        "value": number_json(result.value),
        "display": shown_value(result, assessment.standard),
        "unit": indicator.unit,
        "unit_label": words.zh if language == "zh" else words.en,
        "numerator": number_json(result.numerator),
        "denominator": number_json(result.denominator),
        "target": _target(indicator.target),
        "target_op": _op(indicator.target),
        "baseline": _target(indicator.baseline),
        "baseline_op": _op(indicator.baseline),
        "region_target": _target(indicator.region_target),
        "region_target_op": _op(indicator.region_target),
        "verdict": result.verdict.value,
        "official": result.official,
        "provisional": result.provisional,
        "could_turn": result.could_turn,
        "need_more": missing_json(result.need_more),
        "covered": list(result.covered),
        "uncovered": list(result.uncovered),
        "excluded": [
            {"id": each.id, "reason": each.reason, "advice": each.advice.say(language)}
            for each in result.excluded
        ],
        "unknown": list(result.unknown),
        "covered_by": {key: list(ids) for key, ids in result.covered_by.items()},
        "warnings": [
            {"code": each.code, "id": each.id, "detail": each.detail.say(language)}
            for each in result.warnings
        ],
        "variants": {name: _variant(each) for name, each in result.variants.items()},
        "clause": indicator.clause,
        "clause_text": assessment.standard.policy.clauses[indicator.clause].text,
        "lead": list(indicator.lead),
        "sum": result.sum.say(language),
        "source": result.source,
        "reason": said_json(result.reason, language),
        "codes": list(result.codes),
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "numerator": number_json(variant.numerator),
        "denominator": number_json(variant.denominator),
        "value": number_json(variant.value),
        "verdict": variant.verdict.value,
    }


def _unit(result: UnitResult, register: Register, language: str) -> dict[str, Any]:
    return {
        "unit_id": result.unit_id,
        "name": register.name(result.level, result.unit_id),
        "level": result.level,
        "kind": result.kind,
        "stock": result.stock,
        "official": result.official,
        "households": number_json(result.households),
        "population": number_json(result.population),
        "rate": json_number(result.rate),
        "required_m2": number_json(result.required_m2),
        "provided_m2": number_json(result.provided_m2),
        "committed_m2": number_json(result.committed_m2),
        "planned_m2": number_json(result.planned_m2),
        "gap_m2": missing_json(result.gap_m2),
        "gap_after_committed_m2": missing_json(result.gap_after_committed_m2),
        "verdict": result.verdict.value,
        "codes": list(result.codes),
        "sum": result.sum.say(language),
        "facilities": [
            {"id": credit.facility, "m2": json_number(credit.floor_m2)}
            for credit in result.facilities
        ],
        "members": list(result.members),
    }


def _project(result: ProjectResult, register: Register, language: str) -> dict[str, Any]:
    return {
        "project_id": result.project_id,
        "name": register.name("project", result.project_id),
        "stage": result.stage,
        "stock": result.stock,
        "in_rate": result.in_rate,
        "compliant": result.compliant,
        "verdict": result.verdict.value,
        "area_elder": result.area_elder.value,
        "area_childcare": result.area_childcare.value,
        "sync_plan": result.sync_plan.value,
        "sync_build": result.sync_build.value,
        "sync_accept": result.sync_accept.value,
        "sync_deliver": result.sync_deliver.value,
        "codes": list(result.codes),
        "warnings": list(result.warnings),
        "required_elder_m2": number_json(result.required_elder_m2),
        "required_childcare_m2": number_json(result.required_childcare_m2),
        "provided_elder_m2": number_json(result.provided_elder_m2),
        "provided_childcare_m2": number_json(result.provided_childcare_m2),
        "gap_elder_m2": missing_json(result.gap_elder_m2),
        "gap_childcare_m2": missing_json(result.gap_childcare_m2),
        "reasons": [each.say(language) for each in result.reasons],
        "findings": [
            {
                "code": each.code,
                "part": each.part,
                "verdict": each.verdict.value,
                "detail": each.detail.say(language),
                "amount": missing_json(each.amount),
            }
            for each in result.findings
        ],
        "interim": None if result.interim is None else _interim(result),
    }


def _interim(result: ProjectResult) -> dict[str, Any] | None:
    interim = result.interim
    if interim is None:
        return None
    return {
        "delivered_households": json_number(interim.delivered_households),
        "share": number_json(interim.share),
        "required_m2": {kind: json_number(value) for kind, value in interim.required_m2.items()},
        "provided_m2": {kind: number_json(value) for kind, value in interim.provided_m2.items()},
        "gap_m2": {kind: missing_json(value) for kind, value in interim.gap_m2.items()},
    }


def _facility(row: Facility, state: FacilityState, assessment: Assessment) -> dict[str, Any]:
    place = assessment.belonging.facilities[row.id]
    return {
        "id": row.id,
        "name": row.name,
        "facility_type": row.facility_type,
        "state": state.state,
        "division": place.division,
        "community": place.community,
        "rc": place.rc,
        "compound": place.compound,
        "counted_m2": {kind: number_json(area) for kind, area in state.counted_m2.items()},
        "codes": list(state.codes),
        "missing_functions": list(state.missing_functions),
        "qualifies": state.qualifies,
    }


def _gap(gap: Gap, remedy: Remedy, register: Register) -> dict[str, Any]:
    return {
        "unit_id": gap.unit_id,
        "name": register.name(gap.level, gap.unit_id),
        "level": gap.level,
        "official": gap.official,
        "rule": gap.rule,
        "kind": gap.kind,
        "gap": missing_json(gap.gap),
        "gap_after_committed": missing_json(gap.gap_after_committed),
        "unit": gap.unit,
        "people": number_json(gap.people),
        "households": number_json(gap.households),
        "verdict": gap.verdict.value,
        "codes": list(gap.codes),
        "instruments": list(remedy.instruments),
        "premises": [{"id": near.id, "distance_m": metres_json(near)} for near in remedy.premises],
    }
