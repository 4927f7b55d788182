"""A programme as JSON, as it is compared with later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geoplan import __version__
from geoplan.numbers import json_gap, json_number
from geoplan.plan.programme.needs import Need
from geoplan.plan.programme.programme import Programme, Step, YearEnd
from geoplan.plan.scenario import edit_json
from geoplan.render.documents.json_values import policy_json
from geoplan.render.planning.programme import answered
from geoplan.render.wording.view import View
from geoplan.render.wording.words import shown_value


def programme_document(programme: Programme, view: View) -> dict[str, Any]:
    """The programme for scripts; ``edits`` are what ``geoplan compare --programme`` reads."""
    assumed = programme.assumed
    budgets = assumed.budgets_yuan
    return {
        "geoplan": __version__,
        "study": programme.study,
        "as_of": programme.as_of.isoformat(),
        "last_day": assumed.last_day.isoformat(),
        "language": view.language,
        "crs": programme.before.layers.crs,
        "policy": policy_json(programme.before.standard, view.language),
        "years": list(assumed.years),
        "budgets_yuan": None if budgets is None else [json_number(each) for each in budgets],
        "instruments": list(assumed.instruments),
        "assumptions": [
            {"name": name, "value": json_number(value), "assumed": name not in assumed.given}
            for name, value in assumed.numbers().items()
        ],
        "goals": [
            {"name": goal.name, "year": goal.year, "value": _rounded(goal.value), "bound": _rounded(goal.bound), "proven": goal.proven}
            for goal in programme.goals
        ],
        "steps": [
            {**_step_json(step), "walk_m": _walk_json(programme.walk_m.get(step.id))}
            for step in programme.steps
        ],
        "year_ends": [_year_json(end, programme) for end in programme.years],
        "gaps": [
            {**_need_json(each.need), "closed_in": each.closed_in, "steps": [step.id for step in each.steps], "has_option": each.has_option}
            for each in answered(programme)
        ],
        "left_out": [
            {"id": each.id, "kind": each.kind, "reason": each.reason} for each in programme.left_out
        ],
        "least_yuan": None
        if programme.least_yuan is None
        else [json_number(each) for each in programme.least_yuan],
        "edits": [edit_json(edit) for edit in programme.edits],
    }  # fmt: skip


def _walk_json(walk_m: float | None) -> float | None:
    return None if walk_m is None else round(walk_m, 1)


def _rounded(value: float) -> float | None:
    return round(value, 6) if abs(value) < float("inf") else None


def _need_json(need: Need) -> dict[str, Any]:
    return {
        "unit_id": need.unit_id,
        "level": need.level,
        "rule": need.rule,
        "kind": need.kind,
        "gap_m2": None if need.floor_m2 is None else json_gap(need.floor_m2),
        "people": json_number(need.people),
    }


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "year": step.year,
        "instrument": step.instrument,
        "subject": step.subject,
        "layer": step.layer,
        "name": step.name,
        "floor_m2": json_number(step.floor_m2),
        "serves": [
            {"unit_id": need.unit_id, "level": need.level, "kind": need.kind, "m2": json_number(m2)}
            for need, m2 in step.serves
        ],
        "closes": [
            {"unit_id": need.unit_id, "level": need.level, "rule": need.rule}
            for need in step.closes
        ],
        "yuan_by_year": [json_number(each) for each in step.yuan_by_year],
        "yuan": json_number(step.yuan),
        "land_m2": json_number(step.land_m2),
        "lease_end": None if step.lease_end is None else step.lease_end.isoformat(),
        "far_m": None if step.far_m is None else round(step.far_m, 1),
        "codes": list(step.codes),
    }


def _year_json(end: YearEnd, programme: Programme) -> dict[str, Any]:
    standard = programme.after.standard

    def values(results: Sequence[Any]) -> list[dict[str, Any]]:
        return [
            {
                "id": each.indicator.id,
                "value": None if each.value is None else json_number(each.value),
                "display": shown_value(each, standard),
                "verdict": each.verdict.value,
            }
            for each in results
        ]

    return {
        "year": end.year,
        "budget_yuan": None if end.budget_yuan is None else json_number(end.budget_yuan),
        "spent_yuan": json_number(end.spent_yuan),
        "land_m2": json_number(end.land_m2),
        "closed": len(end.closed),
        "people": json_number(end.people),
        "gaps": end.gaps,
        "gaps_without": end.gaps_without,
        "indicators": values(end.indicators),
        "without": values(end.without),
    }
