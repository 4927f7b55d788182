"""The result as a JSON document, as scripts read it (its schema is ``schema.json``).

Numbers are exact where JSON can hold them (``geoplan.numbers``); nothing in it depends on the
machine or the hour, so two runs on the same input are byte-identical.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

from geoplan import __version__
from geoplan.assess.absence import Unjudged
from geoplan.assess.checkup.inspection import Inspection
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
from geoplan.assess.remedies import NearPremises, Remedy, list_remedies
from geoplan.errors import Remark
from geoplan.layers.model import Facility, Source, rows_of
from geoplan.numbers import json_gap, json_number
from geoplan.policy.model import Standard, Target, Value
from geoplan.render.sheets.harmless import visible
from geoplan.render.wording.unit_names import Register, build_register
from geoplan.render.wording.words import shown_value
from geoplan.terms import Words, unit


def read_schema() -> str:
    """The JSON Schema of the document, as text."""
    return (files("geoplan.render.documents") / "schema.json").read_text(encoding="utf-8")


def dump_document(document: Mapping[str, Any]) -> str:
    """The document as text: one row a line, so that two results can be compared line by line.

    Examples
    --------
    >>> print(dump_document({"study": "崇左", "units": [{"unit_id": "X1"}, {"unit_id": "X2"}]}))
    {
      "study": "崇左",
      "units": [
        {"unit_id": "X1"},
        {"unit_id": "X2"}
      ]
    }
    <BLANKLINE>
    """
    parts = (f"  {_line(key)}: {_rows(value)}" for key, value in document.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _rows(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _line(value)
    return "[\n" + ",\n".join(f"    {_line(each)}" for each in value) + "\n  ]"


def _line(value: Any) -> str:
    return visible(json.dumps(value, ensure_ascii=False, allow_nan=False))


def build_document(
    assessment: Assessment,
    *,
    language: str = "zh",
    sensitivity: Iterable[SensitivityRow] = (),
) -> dict[str, Any]:
    """Everything of an assessment that scripts hold on to (``interfaces.md`` §4)."""
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
        "remarks": [_remark(each, language) for each in assessment.remarks],
        "sources": [_source(each) for each in assessment.sources],
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


def build_inspection(inspection: Inspection, *, language: str) -> dict[str, Any]:
    """An inspection as JSON: problems, sources, remarks, defects, and what mending them moves."""
    assessment = inspection.assessment
    return {
        "geoplan": __version__,
        "study": assessment.study,
        "as_of": assessment.as_of.isoformat(),
        "language": language,
        "problems": [
            {
                "where": each.where,
                "what": each.what.say(language),
                "remedy": each.remedy.say(language),
            }
            for each in inspection.problems
        ],
        "sources": [_source(each) for each in assessment.sources],
        "remarks": [_remark(each, language) for each in assessment.remarks],
        "defects": [
            {
                "layer": each.layer,
                "rows": list(each.rows),
                "ids": list(each.ids),
                "code": each.code,
                "detail": each.detail.say(language),
                "remedy": each.remedy.say(language),
            }
            for each in inspection.defects
        ],
        "datums": [
            {
                "layer": each.layer,
                "path": each.path,
                "declared": each.declared,
                "proposal": each.proposal,
                "candidates": [
                    {"datum": one.datum, "fitting": one.fitting, "total": one.total}
                    for one in each.candidates
                ],
                "said": each.said.say(language),
            }
            for each in inspection.evidence
        ],
        "effects": [
            {
                "code": effect.code,
                "layer": effect.layer,
                "ids": list(effect.ids),
                "is_range": effect.is_range,
                "moves": [
                    {
                        "indicator": move.indicator,
                        "now": _number(move.now),
                        "low": _number(move.low),
                        "high": _number(move.high),
                        "verdicts": [each.value for each in move.verdicts],
                    }
                    for move in effect.moves
                ],
            }
            for effect in inspection.effects
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
        "minutes": _number(row.minutes),
        "total": json_number(row.total),
        "reached": json_number(row.reached),
        "share": _number(row.share),
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
        "placed": _number(row.placed),
        "no_room": _number(row.no_room),
    }


def _definition(row: SensitivityRow, language: str) -> dict[str, Any]:
    other = row.alternative
    return {
        "subject": row.subject,
        "definition": None if other is None else other.id,
        "label": None if other is None else other.label.say(language),
        "numerator": _number(row.numerator),
        "denominator": _number(row.denominator),
        "value": _number(row.value),
        "verdict": row.verdict.value,
        "flips": [
            {"unit_id": each.unit_id, "before": each.before, "after": each.after}
            for each in row.flips
        ],
    }


def policy_json(standard: Standard, language: str) -> dict[str, Any]:
    """The policy with every value that was used."""
    policy = standard.policy
    return {
        "id": policy.id,
        "title": policy.title,
        "issuer": policy.issuer,
        "document_no": policy.document_no,
        "sha256": policy.sha256,
        "values": {name: _value(value) for name, value in standard.values.items()},
        "overrides": {name: _value(value) for name, value in sorted(standard.overrides.items())},
        "assumed": {
            name: parameter.assumption(language)
            for name, parameter in policy.parameters.items()
            if parameter.assumed is not None
        },
    }


def _value(value: Value | None) -> Any:
    if isinstance(value, Decimal):
        return json_number(Fraction(value))
    return value.isoformat() if isinstance(value, date) else value


def _number(value: Fraction | None) -> int | float | None:
    return None if value is None else json_number(value)


def _missing(value: Fraction | None) -> int | float | None:
    return None if value is None else json_gap(value)


def _said(words: Words | None, language: str) -> str | None:
    return None if words is None else words.say(language)


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
        "value": _number(result.value),
        "display": shown_value(result, assessment.standard),
        "unit": indicator.unit,
        "unit_label": words.zh if language == "zh" else words.en,
        "numerator": _number(result.numerator),
        "denominator": _number(result.denominator),
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
        "need_more": _missing(result.need_more),
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
        "reason": _said(result.reason, language),
        "codes": list(result.codes),
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "numerator": _number(variant.numerator),
        "denominator": _number(variant.denominator),
        "value": _number(variant.value),
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
        "households": _number(result.households),
        "population": _number(result.population),
        "rate": json_number(result.rate),
        "required_m2": _number(result.required_m2),
        "provided_m2": _number(result.provided_m2),
        "committed_m2": _number(result.committed_m2),
        "planned_m2": _number(result.planned_m2),
        "gap_m2": _missing(result.gap_m2),
        "gap_after_committed_m2": _missing(result.gap_after_committed_m2),
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
        "required_elder_m2": _number(result.required_elder_m2),
        "required_childcare_m2": _number(result.required_childcare_m2),
        "provided_elder_m2": _number(result.provided_elder_m2),
        "provided_childcare_m2": _number(result.provided_childcare_m2),
        "gap_elder_m2": _missing(result.gap_elder_m2),
        "gap_childcare_m2": _missing(result.gap_childcare_m2),
        "reasons": [each.say(language) for each in result.reasons],
        "findings": [
            {
                "code": each.code,
                "part": each.part,
                "verdict": each.verdict.value,
                "detail": each.detail.say(language),
                "amount": _missing(each.amount),
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
        "share": _number(interim.share),
        "required_m2": {kind: json_number(value) for kind, value in interim.required_m2.items()},
        "provided_m2": {kind: _number(value) for kind, value in interim.provided_m2.items()},
        "gap_m2": {kind: _missing(value) for kind, value in interim.gap_m2.items()},
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
        "counted_m2": {kind: _number(area) for kind, area in state.counted_m2.items()},
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
        "gap": _missing(gap.gap),
        "gap_after_committed": _missing(gap.gap_after_committed),
        "unit": gap.unit,
        "people": _number(gap.people),
        "households": _number(gap.households),
        "verdict": gap.verdict.value,
        "codes": list(gap.codes),
        "instruments": list(remedy.instruments),
        "premises": [{"id": near.id, "distance_m": _metres(near)} for near in remedy.premises],
    }


def _metres(near: NearPremises) -> float | None:
    """To the centimetre: the straight distance is for looking, not for judging."""
    return None if near.distance_m is None else round(near.distance_m, 2)


def _remark(remark: Remark, language: str) -> dict[str, Any]:
    return {
        "layer": remark.layer,
        "rows": list(remark.rows),
        "ids": list(remark.ids),
        "code": remark.code,
        "detail": remark.detail.say(language),
        "set_aside": remark.set_aside,
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "layer": source.layer,
        "path": source.path,
        "sha256": source.sha256,
        "crs": source.crs,
        "encoding": source.encoding,
        "rows_read": source.rows_read,
        "rows_kept": source.rows_kept,
        "headings": [{"heading": heading, "field": key} for heading, key in source.headings],
    }
