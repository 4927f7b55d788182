"""What a click on the map says: of a unit, a facility, a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from geoplan.assess.model import Assessment, Excluded, IndicatorResult, UnitResult
from geoplan.layers.model import LEVELS, Facility, rows_of
from geoplan.numbers import gap_text, number_text, plain_text
from geoplan.policy.needed import QUOTED_ROLES
from geoplan.render.webmap.ground import (
    _POLYGON_LAYERS,
    Data,
)
from geoplan.render.webmap.themes import CENTER, CHILDCARE
from geoplan.render.wording.walking import reach_lines
from geoplan.render.wording.words import code_text, verdict_word
from geoplan.terms import Verdict, Words, label

_LEVEL_OF = {**{level.layer: level.name for level in LEVELS.values()}, "projects": "project"}
_STANDING = {
    "covered": ("PASS", Words("已覆盖", "covered")),
    "uncovered": ("FAIL", Words("未覆盖", "not covered")),
    "unknown": ("UNKNOWN", Words("数据缺失", "unknown")),
    "excluded": ("NA", Words("不计", "not counted")),
}


def popups_of(assessment: Assessment, language: str) -> dict[str, Data]:
    """The popup of every unit, facility and project, by layer and id."""
    units: dict[tuple[str, str], list[UnitResult]] = {}
    for each in assessment.units:
        units.setdefault((each.level, each.unit_id), []).append(each)
    popups: dict[str, Data] = {}
    walks = reach_lines(assessment, language)
    index = _index(assessment)
    for layer in _POLYGON_LAYERS:
        level = _LEVEL_OF[layer]
        for row in rows_of(getattr(assessment.layers, layer)):
            popup = _unit_popup(row, level, units.get((level, row.id), []), index, language)
            popup["lines"] += walks.get((level, row.id), [])
            popups[f"{layer}/{row.id}"] = popup
    for row in rows_of(assessment.layers.facilities):
        popups[f"facilities/{row.id}"] = _facility_popup(row, index, language)
    for project in assessment.projects:
        popups[f"projects/{project.project_id}"] = _project_popup(project, index, language)
    return popups


@dataclass(frozen=True, slots=True)
class _Index:
    """The assessment with what popups look up again and again, so that a province is no square.

    ``names`` are by level and id (``facility`` for facilities); ``standing`` tells of each unit of
    a measure whether it is covered, ``reasons`` why it is not counted; ``centers`` are by division.
    """

    assessment: Assessment
    names: Mapping[tuple[str, str], str | None]
    standing: Mapping[str, Mapping[str, str]]
    reasons: Mapping[str, Mapping[str, Excluded]]
    centers: Mapping[str | None, Sequence[Facility]]


def _index(assessment: Assessment) -> _Index:
    results = {
        measure: result
        for measure in (CENTER, CHILDCARE)
        if (result := assessment.of_measure(measure)) is not None
    }
    centers: dict[str | None, list[Facility]] = {}
    for row in rows_of(assessment.layers.facilities):
        if row.facility_type == "jiedao_elder_center":
            centers.setdefault(assessment.belonging.facilities[row.id].division, []).append(row)
    levels = {**_LEVEL_OF, "facilities": "facility"}
    return _Index(
        assessment,
        {
            (level, row.id): row.name
            for layer, level in levels.items()
            for row in rows_of(getattr(assessment.layers, layer))
        },
        {measure: _standings(result) for measure, result in results.items()},
        {
            measure: {each.id: each for each in result.excluded}
            for measure, result in results.items()
        },
        centers,
    )


def _standings(result: IndicatorResult) -> dict[str, str]:
    return {
        **{each.id: "excluded" for each in result.excluded},
        **dict.fromkeys(result.unknown, "unknown"),
        **dict.fromkeys(result.uncovered, "uncovered"),
        **dict.fromkeys(result.covered, "covered"),
    }


def _clause(assessment: Assessment, key: str) -> list[list[str]]:
    clause = assessment.standard.policy.clauses.get(key)
    return [] if clause is None else [[clause.where, clause.text]]


def _unit_popup(
    row: Any, level: str, results: Sequence[UnitResult], index: _Index, language: str
) -> Data:
    zh, assessment = language == "zh", index.assessment
    lines: list[list[str]] = []
    facilities: list[str] = []
    quotes: list[list[str]] = []
    badges: list[list[str]] = []
    population = getattr(row, "population", None)
    households = getattr(row, "households", None)
    if population is not None:
        lines.append(["人口" if zh else "residents", plain_text(Fraction(population))])
    if households is not None:
        lines.append(["户数" if zh else "households", plain_text(Fraction(households))])
    for measure, of_level in ((CENTER, "jiedao"), (CHILDCARE, "rc"), (CHILDCARE, "community")):
        result = assessment.of_measure(measure)
        if result is not None and level == of_level:
            found = _coverage_lines(row.id, result, index, language)
            if found is not None:
                badges.append(found["badge"])
                lines += found["lines"]
                facilities += found["facilities"]
                quotes += found["quotes"]
    for each in results:
        care = label("kind", each.kind, language)
        badges.append([each.verdict.value, f"{care} {verdict_word(each.verdict, language)}"])
        lines.append([care, each.sum.say(language)])
        if each.codes:
            codes = joined((code_text(code, language) for code in each.codes), language)
            lines.append([f"{care}{'说明' if zh else ' notes'}", codes])
        facilities += [
            f"{care} {_facility_name(credit.facility, index, language)}"
            f" {_area(number_text(credit.floor_m2), language)}"
            for credit in each.facilities
        ]
    publication = assessment.publication
    if publication is not None and (level, row.id) in publication.withheld:
        lines.append(["", publication.withheld[level, row.id].say(language)])
    if results:
        rule = assessment.standard.policy.rules["area_per_100_households"]
        quotes += _clause(assessment, rule.clause)
    return {
        "title": row.name or row.id,
        "subtitle": f"{label('level', level, language)} {row.id}",
        "badges": badges,
        "lines": lines,
        "facilities": facilities,
        "quotes": quotes,
    }


def _facility_name(key: str, index: _Index, language: str) -> str:
    name = index.names.get(("facility", key))
    if not name:
        return key
    return f"{name}（{key}）" if language == "zh" else f"{name} ({key})"


def joined(parts: Iterable[str], language: str) -> str:
    """Parts of one line, set off as the language does."""
    return ("；" if language == "zh" else "; ").join(parts)


def _area(number: str, language: str) -> str:
    return f"{number} {'㎡' if language == 'zh' else 'm²'}"


def _coverage_lines(key: str, result: IndicatorResult, index: _Index, language: str) -> Data | None:
    """How a unit stands in a coverage indicator, and why."""
    zh, measure = language == "zh", result.indicator.measure
    reasons = index.reasons[measure]
    standing = index.standing[measure].get(key)
    if standing is None:
        return None
    verdict, word = _STANDING[standing]
    name = result.indicator.label_zh if zh else result.indicator.label_en
    lines = [[name, word.say(language)]]
    if key in reasons:
        lines.append(["原因" if zh else "reason", label("code", reasons[key].reason, language)])
        if reasons[key].advice.zh:
            lines.append(["建议" if zh else "advice", reasons[key].advice.say(language)])
    if result.indicator.measure == CENTER and standing in {"uncovered", "unknown"}:
        lines += _center_reasons(key, index, language)
    lines.append(["算式" if zh else "sum", result.sum.say(language)])
    policy = index.assessment.standard.policy
    roles = (policy.sentence(role) for role in QUOTED_ROLES.get(measure, ()))
    clauses = [result.indicator.clause, *(each.id for each in roles if each is not None)]
    return {
        "badge": [verdict, word.say(language)],
        "lines": lines,
        "facilities": [
            _facility_name(each, index, language) for each in result.covered_by.get(key, ())
        ],
        "quotes": [quote for clause in clauses for quote in _clause(index.assessment, clause)],
    }


def _center_reasons(division: str, index: _Index, language: str) -> list[list[str]]:
    """Every centre of the 街道 with what it lacks."""
    zh, assessment = language == "zh", index.assessment
    centers = index.centers.get(division, ())
    if not centers:
        return [
            ["原因" if zh else "reason", "没有街道综合性养老服务中心" if zh else "no such centre"]
        ]
    lines: list[list[str]] = []
    for row in centers:
        state = assessment.facilities[row.id]
        parts = [label("status", state.state, language)]
        if state.missing_functions:
            missing = _functions(state.missing_functions, language)
            parts.append(f"{'缺少功能：' if zh else 'lacks '}{missing}")
        if row.functions is None:
            parts.append("服务功能不明" if zh else "functions unknown")
        if row.open_date is not None and row.open_date > assessment.as_of:
            parts.append(f"{'预计投用' if zh else 'opens'} {row.open_date.isoformat()}")
        lines.append([row.name or row.id, joined(parts, language)])
    return lines


def _functions(keys: Iterable[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(
        label("function", each, language) for each in keys
    )


def _facility_popup(row: Facility, index: _Index, language: str) -> Data:
    zh, assessment, names = language == "zh", index.assessment, index.names
    state, place = assessment.facilities[row.id], assessment.belonging.facilities[row.id]
    lines = [["类型" if zh else "type", label("facility_type", row.facility_type, language)]]
    lines.append(["状态" if zh else "status", label("status", state.state, language)])
    for level, key in (
        ("jiedao", place.division),
        ("community", place.community),
        ("rc", place.rc),
        ("compound", place.compound),
    ):
        if key is not None:
            lines.append([label("level", level, language), names.get((level, key), key) or key])
    for words, value in (
        (Words("床位数", "beds"), row.beds),
        (Words("护理型床位", "nursing beds"), row.nursing_beds),
        (Words("托位数", "places"), row.places),
    ):
        if value is not None:
            lines.append([words.say(language), plain_text(Fraction(value))])
    if row.floor_area_m2 is not None:
        area = number_text(Fraction(row.floor_area_m2))
        lines.append(["建筑面积" if zh else "floor area", _area(area, language)])
    for kind, counted in state.counted_m2.items():
        care = label("kind", kind, language)
        shown = "?" if counted is None else number_text(counted)
        lines.append([f"{'可计' if zh else 'counts for '}{care}", _area(shown, language)])
    if state.missing_functions:
        missing = _functions(state.missing_functions, language)
        lines.append(["缺少功能" if zh else "lacks", missing])
    if state.codes:
        codes = joined((code_text(code, language) for code in state.codes), language)
        lines.append(["说明" if zh else "notes", codes])
    return {
        "title": row.name or row.id,
        "subtitle": row.id,
        "badges": [],
        "lines": lines,
        "facilities": [],
        "quotes": [],
    }


def _project_popup(project: Any, index: _Index, language: str) -> Data:
    zh, assessment = language == "zh", index.assessment
    name = index.names["project", project.project_id]
    lines = [["阶段" if zh else "stage", label("stage", project.stage, language)]]
    for key in ("sync_plan", "sync_build", "sync_accept", "sync_deliver"):
        verdict: Verdict = getattr(project, key)
        lines.append([label("sync", key, language), verdict_word(verdict, language)])
    for kind in ("elder", "childcare"):
        required = getattr(project, f"required_{kind}_m2")
        gap = getattr(project, f"gap_{kind}_m2")
        if required is not None:
            short = (
                ""
                if not gap
                else f"，缺 {gap_text(gap)} ㎡"
                if zh
                else f", short {gap_text(gap)} m²"
            )
            care = label("kind", kind, language)
            lines.append(
                [
                    f"{care}{'应配' if zh else ' required'}",
                    _area(number_text(required), language) + short,
                ]
            )
    lines += [["原因" if zh else "reason", each.say(language)] for each in project.reasons]
    rule = assessment.standard.policy.rules["new_project_area"]
    return {
        "title": name or project.project_id,
        "subtitle": f"{label('level', 'project', language)} {project.project_id}",
        "badges": [[project.verdict.value, verdict_word(project.verdict, language)]],
        "lines": lines,
        "facilities": [],
        "quotes": _clause(assessment, rule.clause),
    }
