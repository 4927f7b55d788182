"""The tables of the indicators: the scorecard, who is covered, and the definitions behind both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from geoplan.assess.model import IndicatorResult
from geoplan.policy.model import Clause, Standard, Target
from geoplan.render.sheets.table import Cell, Column, Kind, Table, build_table
from geoplan.render.wording.targets import target_text
from geoplan.render.wording.view import View
from geoplan.render.wording.words import shown_value
from geoplan.terms import Words, unit

# ------------------------------------------------------------------------------ scorecard


def indicator_table(view: View) -> Table:
    """Every indicator: baseline, value, target, verdict, what is still missing."""
    results = view.assessment.indicators
    return build_table(
        "indicators",
        Words("指标", "indicators"),
        columns=(*_value_columns(view), *_basis_columns(view)),
        rows=results,
        places=[None] * len(results),
    )


def _value_columns(view: View) -> tuple[Column[IndicatorResult], ...]:
    standard = view.assessment.standard
    return (
        Column("number", Words("序号", "No."), lambda each: each.indicator.number, width=9),
        Column("indicator_id", Words("代码", "id"), lambda each: each.indicator.id, coded=True),
        Column("name", Words("指标", "indicator"), lambda each: _name(each, view), width=34),
        Column("unit", Words("单位", "unit"), lambda each: _unit(each, view), width=9),
        Column("baseline", Words("基数", "baseline"), lambda each: _number(each.indicator.baseline), Kind.COUNT, coded=True),
        Column("baseline_text", Words("基数", "baseline"), lambda each: _bound(each.indicator.baseline), width=8),
        Column("value", Words("现值", "value"), lambda each: each.value, Kind.PERCENT, coded=True),
        Column("display", Words("现值", "value"), lambda each: _shown(each, standard), Kind.MIXED, width=9),
        Column("target", Words("目标", "target"), lambda each: _number(each.indicator.target), Kind.COUNT, coded=True),
        Column("target_op", Words("目标", "target"), lambda each: _op(each.indicator.target), coded=True),
        Column("target_text", Words("目标", "target"), lambda each: _bound(each.indicator.target), width=8),
        Column("region_target_text", Words("广西目标", "regional target"), lambda each: _bound(each.indicator.region_target), width=8),
        Column("verdict", Words("结论", "verdict"), lambda each: each.verdict.value, coded=True),
        Column("verdict_word", Words("结论", "verdict"), lambda each: view.verdict(each.verdict), Kind.VERDICT, width=10),
        Column("need_more", Words("还需", "still needed"), lambda each: each.need_more, Kind.COUNT, width=8),
        Column("sum", Words("算式", "sum"), lambda each: view.say(each.sum), width=22),
    )  # fmt: skip


def _basis_columns(view: View) -> tuple[Column[IndicatorResult], ...]:
    return (
        Column("numerator", Words("分子", "numerator"), lambda each: each.numerator, Kind.COUNT, width=9),
        Column("denominator", Words("分母", "denominator"), lambda each: each.denominator, Kind.COUNT, width=9),
        Column("provisional", Words("暂定值", "provisional"), lambda each: each.provisional, Kind.FLAG, width=8),
        Column("could_turn", Words("缺失数据可改变结论", "could turn"), lambda each: each.could_turn, Kind.FLAG, width=10),
        Column("official", Words("正式口径", "official"), lambda each: each.official, Kind.FLAG, width=8),
        Column("covered", Words("已覆盖或计入", "covered"), lambda each: each.covered, Kind.LIST, width=22),
        Column("uncovered", Words("未覆盖", "uncovered"), lambda each: each.uncovered, Kind.LIST, width=22),
        Column("unknown", Words("数据缺失", "unknown"), lambda each: each.unknown, Kind.LIST, width=16),
        Column("excluded", Words("不计及原因", "left out and why"), lambda each: [f"{out.id} {view.code(out.reason)}" for out in each.excluded], Kind.LIST, width=24),
        Column("warnings", Words("提示", "warnings"), lambda each: [f"{flag.code} {view.say(flag.detail)}" for flag in each.warnings], Kind.LIST, width=30),
        Column("source", Words("填报来源", "source"), lambda each: each.source, width=18),
        Column("reason", Words("无数值的原因", "why no value"), lambda each: view.say(each.reason), width=22),
        Column("clause", Words("出处", "clause"), lambda each: each.indicator.clause, width=12),
        Column("clause_text", Words("条文", "sentence"), lambda each: view.assessment.standard.policy.clauses[each.indicator.clause].text, width=40),
        Column("lead", Words("牵头单位", "lead"), lambda each: each.indicator.lead, Kind.LIST, width=20),
    )  # fmt: skip


def _name(result: IndicatorResult, view: View) -> str:
    indicator = result.indicator
    return indicator.label_zh if view.language == "zh" else indicator.label_en


def _unit(result: IndicatorResult, view: View) -> str:
    words = unit(result.indicator.unit)
    return words.zh if view.language == "zh" else words.en


def _number(target: Target | None) -> Fraction | None:
    return None if target is None else Fraction(target.value)


def _bound(target: Target | None) -> str:
    """A target as the plan prints it; an exact one without a sign, as in its annex."""
    return target_text(target).removeprefix("=")


def _op(target: Target | None) -> str | None:
    return None if target is None else target.op


def _shown(result: IndicatorResult, standard: Standard) -> Cell:
    text = shown_value(result, standard)
    return text if result.value is None else Decimal(text)


# ------------------------------------------------------------------------------- coverage


@dataclass(frozen=True, slots=True)
class Standing:
    """How one unit stands in a coverage indicator."""

    result: IndicatorResult
    level: str
    unit_id: str
    word: str
    reason: str = ""
    advice: Words | None = None


_COVERED_LEVELS = frozenset({"jiedao", "rc", "community"})
_STANDINGS = {
    "covered": Words("已覆盖", "covered"),
    "uncovered": Words("未覆盖", "not covered"),
    "unknown": Words("数据缺失", "unknown"),
    "excluded": Words("不计", "left out"),
}


def coverage_table(view: View) -> Table:
    """Every unit of the coverage indicators: covered or not, by whom, or why it is left out."""
    found = list(_all_standings(view))
    register = view.register
    columns: tuple[Column[Standing], ...] = (
        Column("indicator_id", Words("指标代码", "indicator id"), lambda each: each.result.indicator.id, coded=True),
        Column("indicator_number", Words("指标", "indicator"), lambda each: each.result.indicator.number, width=7),
        Column("level", Words("层级", "level"), lambda each: each.level, coded=True),
        Column("level_word", Words("层级", "level"), lambda each: view.label("level", each.level), width=10),
        Column("unit_id", Words("编号", "unit id"), lambda each: each.unit_id, width=14),
        Column("name", Words("名称", "name"), lambda each: register.name(each.level, each.unit_id), width=20),
        Column("population", Words("人口", "population"), lambda each: _population(each, view), Kind.COUNT, width=10),
        Column("standing", Words("状况", "standing"), lambda each: each.word, coded=True),
        Column("standing_word", Words("状况", "standing"), lambda each: view.say(_STANDINGS[each.word]), width=10),
        Column("facilities", Words("计入的设施", "facilities credited"), lambda each: view.named("facility", each.result.covered_by.get(each.unit_id, ())), Kind.LIST, width=34),
        Column("reason", Words("原因", "reason"), lambda each: each.reason, coded=True),
        Column("reason_word", Words("原因", "reason"), lambda each: view.code(each.reason) if each.reason else "", width=24),
        Column("advice", Words("建议", "advice"), lambda each: view.say(each.advice), width=34),
    )  # fmt: skip
    places = [register.shape_of(each.level, each.unit_id) for each in found]
    return build_table(
        "coverage", Words("覆盖情况", "coverage"), columns=columns, rows=found, places=places
    )


def _all_standings(view: View) -> Iterator[Standing]:
    for result in view.assessment.indicators:
        if result.level in _COVERED_LEVELS:
            yield from _standings(result, result.level)


def _standings(result: IndicatorResult, level: str) -> Iterator[Standing]:
    for word in ("covered", "uncovered", "unknown"):
        for key in getattr(result, word):
            yield Standing(result, level, key, word)
    for out in result.excluded:
        yield Standing(result, level, out.id, "excluded", out.reason, out.advice)


def _population(standing: Standing, view: View) -> Decimal | None:
    row = view.register.unit_row(standing.level, standing.unit_id)
    found: Decimal | None = None if row is None else row.population
    return found


# ---------------------------------------------------------------------------- definitions


@dataclass(frozen=True, slots=True)
class Definition:
    """One line of 口径说明: what it is about, its value, the sentence behind it."""

    group: Words
    name: str
    meaning: str
    value: Cell
    unit: str = ""
    changed: bool | None = None
    clause: Clause | None = None
    note: str = ""


def definition_table(view: View) -> Table:
    """口径说明: what was judged, by which values, resting on which sentences."""
    columns: tuple[Column[Definition], ...] = (
        Column("group", Words("类别", "group"), lambda each: view.say(each.group), width=10),
        Column("name", Words("代码", "name"), lambda each: each.name, width=26),
        Column("meaning", Words("含义", "meaning"), lambda each: each.meaning, width=30),
        Column("value", Words("本次取值", "as used"), lambda each: each.value, Kind.MIXED, width=22),
        Column("unit", Words("单位", "unit"), lambda each: each.unit, width=10),
        Column("changed", Words("本次改动", "changed by you"), lambda each: each.changed, Kind.FLAG, width=9),
        Column("clause", Words("出处", "clause"), lambda each: each.clause and each.clause.where, width=14),
        Column("text", Words("条文", "sentence"), lambda each: each.clause and each.clause.text, width=60),
        Column("note", Words("说明", "note"), lambda each: each.note, width=40),
    )  # fmt: skip
    rows = [*_study_lines(view), *_parameter_lines(view), *_clause_lines(view)]
    return build_table("definitions", Words("口径说明", "definitions"), columns=columns, rows=rows)


def _study_lines(view: View) -> Iterator[Definition]:
    assessment = view.assessment
    policy = assessment.standard.policy
    group = Words("测算", "study")
    for name, meaning, value in (
        ("study", Words("研究名称", "study"), assessment.study),
        ("as_of", Words("截至日期", "as of"), assessment.as_of),
        ("period_start", Words("统计期起始", "period from"), assessment.period_start),
        ("policy", Words("规则", "policy"), policy.id),
        ("policy_title", Words("政策名称", "title"), policy.title),
        ("document_no", Words("文号", "document no."), policy.document_no),
        ("policy_sha256", Words("规则文件校验值", "SHA-256 of the policy"), policy.sha256),
        ("crs", Words("测量坐标系", "measured in"), assessment.layers.crs),
    ):
        if value is not None:
            yield Definition(group, name, view.say(meaning), value)


def _parameter_lines(view: View) -> Iterator[Definition]:
    standard = view.assessment.standard
    for name, parameter in standard.policy.parameters.items():
        yield Definition(
            Words("参数", "value"),
            name,
            parameter.label_zh if view.language == "zh" else parameter.label_en,
            _as_cell(standard.values[name]),
            view.label("unit", parameter.unit) if parameter.unit else "",
            name in standard.overrides,
            standard.policy.clauses[parameter.clause],
            parameter.assumption(view.language) or "",
        )


def _as_cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str | Decimal | date) else None


def _clause_lines(view: View) -> Iterator[Definition]:
    """Every sentence of the policy; those not computed say why."""
    for clause in view.assessment.standard.policy.clauses.values():
        note = clause.excuse(view.language) or ""
        yield Definition(Words("条文", "clause"), clause.id, "", None, clause=clause, note=note)
