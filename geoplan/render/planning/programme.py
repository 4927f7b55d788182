"""The programme as tables, text and JSON: the reserve list of projects that the plan asks for.

Belongs here: words, columns and the order of keys. Does not belong here: choosing or counting
anything: every number comes from :class:`~geoplan.plan.programme.programme.Programme`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np
import shapely

from geoplan import __version__
from geoplan.assess.model import of_measure
from geoplan.layers.places.datum import to_wgs84
from geoplan.numbers import gap_text, json_gap, json_number, plain_text
from geoplan.plan.programme.assumptions import span_text
from geoplan.plan.programme.needs import LeftOut, Need
from geoplan.plan.programme.programme import Programme, Step, YearEnd, by_need
from geoplan.plan.programme.selection import Goal
from geoplan.plan.programme.vacant_premises import unit_shapes
from geoplan.plan.scenario import Open, edit_json
from geoplan.render.documents.assessment import policy_json
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.text_columns import table_text
from geoplan.render.wording.view import View
from geoplan.render.wording.words import shown_value
from geoplan.terms import Words

_WAN = 10_000
_SHOWN_MEASURES = (
    "jiedao_elder_center_coverage",
    "rc_childcare_coverage",
    "childcare_places_per_1000",
)


def wan_text(yuan: Fraction | None) -> str:
    """Yuan as people budget them: in 万元.

    Examples
    --------
    >>> wan_text(Fraction(2_972_840)), wan_text(Fraction(0)), wan_text(None)
    ('297.284', '0', '—')
    """
    return "—" if yuan is None else plain_text(yuan / _WAN)


# ---------------------------------------------------------------------------------- tables


def programme_tables(programme: Programme, view: View) -> tuple[Table, ...]:
    """The reserve list, the years, each gap with its solution, what is left out, assumptions."""
    return (
        _steps_table(programme, view),
        _years_table(programme),
        _needs_table(programme, view),
        _left_out_table(programme, view),
        _assumptions_table(programme, view),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    step: Step


def _steps_table(programme: Programme, view: View) -> Table:
    lines = [_Line(number, step) for number, step in enumerate(programme.steps, start=1)]
    years = programme.assumed.years
    costs = [
        Column(f"yuan_{year}", Words(f"{year}年(元)", f"{year}, yuan"), _cost_of(at), Kind.COUNT, width=13)
        for at, year in enumerate(years)
    ]  # fmt: skip
    columns = (
        Column("number", Words("序号", "No."), lambda each: each.number, Kind.INTEGER, width=6),
        Column("year", Words("年度", "year"), lambda each: each.step.year, Kind.INTEGER, width=7),
        Column("step_id", Words("项目编号", "step id"), lambda each: each.step.id, coded=True),
        Column("instrument", Words("方式", "instrument"), lambda each: each.step.instrument, coded=True),
        Column("instrument_word", Words("建设方式", "instrument"), lambda each: view.label("instrument", each.step.instrument), width=12),
        Column("subject", Words("房屋/设施/单元编号", "subject"), lambda each: each.step.subject, width=15),
        Column("name", Words("名称", "name"), lambda each: each.step.name, width=24),
        Column("floor_m2", Words("建筑面积(㎡)", "floor area m²"), lambda each: each.step.floor_m2, Kind.AREA, width=11),
        Column("elder_m2", Words("用于养老(㎡)", "for elder care m²"), lambda each: each.step.area_m2("elder"), Kind.AREA, width=11),
        Column("childcare_m2", Words("用于托育(㎡)", "for childcare m²"), lambda each: each.step.area_m2("childcare"), Kind.AREA, width=11),
        Column("serves", Words("补哪些缺口", "gaps served"), lambda each: _served(each.step, view), Kind.LIST, width=40),
        Column("people", Words("受益人口", "people"), lambda each: _people(each.step), Kind.COUNT, width=10),
        *costs,
        Column("yuan", Words("合计(元)", "in all, yuan"), lambda each: each.step.yuan, Kind.COUNT, width=13),
        Column("land_m2", Words("用地(㎡)", "land m²"), lambda each: each.step.land_m2, Kind.AREA, width=9),
        Column("lease_end", Words("租期至", "lease ends"), lambda each: each.step.lease_end, Kind.DAY, width=12),
        Column("walk_m", Words("受益居民平均步行(m)", "mean walk, m"), lambda each: _metres(programme.walk_m.get(each.step.id)), Kind.AREA, width=12),
        Column("far_m", Words("距受益单元直线(m)", "off the units, m"), lambda each: _metres(each.step.far_m), Kind.AREA, width=12),
        Column("note", Words("规则提示", "what the rules say"), lambda each: _rules_say(each.step, programme, view), Kind.LIST, width=36),
    )  # fmt: skip
    title = Words("项目储备库", "reserve of projects")
    places = _points(programme)
    return build_table("programme", title, columns=columns, rows=lines, places=places)


def _cost_of(at: int) -> Any:
    return lambda each: each.step.yuan_by_year[at]


def _metres(far_m: float | None) -> Fraction | None:
    return None if far_m is None else Fraction(str(round(far_m, 1)))


def _people(step: Step) -> Fraction:
    """Each person once, although both kinds may serve them."""
    found = {(need.level, need.unit_id): need.people for need in _needs_of(step)}
    return sum(found.values(), Fraction(0))


def _needs_of(step: Step) -> list[Need]:
    return [*(need for need, _ in step.serves), *step.closes]


def _served(step: Step, view: View) -> list[str]:
    parts = [
        f"{_unit(need, view)} {view.label('kind', need.kind)} {plain_text(m2)} ㎡"
        for need, m2 in step.serves
    ]
    return [
        *parts,
        *(f"{_unit(need, view)} {view.label('rule', need.rule)}" for need in step.closes),
    ]


def _unit(need: Need, view: View) -> str:
    return view.named(need.level, [need.unit_id])[0]


def _rules_say(step: Step, programme: Programme, view: View) -> list[str]:
    """What the assessment of the last day remarks on the facilities that the step makes."""
    found = list(step.codes)
    for edit in step.edits:
        key = edit.facility.id if isinstance(edit, Open) else edit.facility
        found += programme.after.facilities[key].codes
    if {need.kind for need, _ in step.serves} == {"elder", "childcare"}:
        found.append("SHARED_BUILDING")
    return [view.label("code", code.partition(":")[0]) for code in dict.fromkeys(found)]


def _points(programme: Programme) -> list[shapely.Point | None]:
    """Where each step is: the facility that it opens or changes, else its unit."""
    layers = programme.after.layers
    geometry = None if layers.facilities is None else layers.facilities.geometry
    rows = () if layers.facilities is None else layers.facilities.rows
    places = (
        {} if geometry is None else {row.id: at for row, at in zip(rows, geometry, strict=True)}
    )
    shapes = unit_shapes(programme.after)
    found: list[shapely.Point | None] = []
    for step in programme.steps:
        edit = step.edits[0]
        key = edit.facility.id if isinstance(edit, Open) else edit.facility
        place = places.get(key)
        if place is None:
            need = _needs_of(step)[0]
            place = shapes.get((need.level, need.unit_id))
        found.append(None if place is None else shapely.point_on_surface(place))
    return found


def _years_table(programme: Programme) -> Table:
    columns = (
        Column("year", Words("年度", "year"), lambda each: each.year, Kind.INTEGER, width=8),
        Column("budget_yuan", Words("预算(元)", "budget, yuan"), lambda each: each.budget_yuan, Kind.COUNT, width=13),
        Column("spent_yuan", Words("安排(元)", "spent, yuan"), lambda each: each.spent_yuan, Kind.COUNT, width=13),
        Column("land_m2", Words("新增用地需求(㎡)", "land needed m²"), lambda each: each.land_m2, Kind.AREA, width=14),
        Column("closed", Words("累计补齐缺口", "gaps closed so far"), lambda each: len(each.closed), Kind.INTEGER, width=13),
        Column("people", Words("累计受益(人次)", "people so far, once a gap"), lambda each: each.people, Kind.COUNT, width=14),
        Column("gaps", Words("年末正式缺口", "official gaps then"), lambda each: each.gaps, Kind.INTEGER, width=13),
        Column("gaps_without", Words("不实施时的缺口", "without the programme"), lambda each: each.gaps_without, Kind.INTEGER, width=14),
        *_indicator_columns(programme),
    )  # fmt: skip
    return build_table(
        "programme_years", Words("分年度", "years"), columns=columns, rows=programme.years
    )


def _indicator_columns(programme: Programme) -> list[Column[YearEnd]]:
    columns: list[Column[YearEnd]] = []
    for key in _SHOWN_MEASURES:
        found = programme.after.of_measure(key)
        if found is None:
            continue
        indicator = found.indicator
        zh, en = indicator.label_zh, indicator.label_en
        unit = indicator.unit if indicator.unit == "%" else ""
        suffix = f"({unit})" if unit else ""
        columns += [
            Column(key, Words(f"{zh}{suffix}", f"{en}{suffix}"), _value_of(key, "indicators"), Kind.PERCENT, width=16),
            Column(f"{key}_without", Words(f"不实施时{suffix}", f"without{suffix}"), _value_of(key, "without"), Kind.PERCENT, width=13),
        ]  # fmt: skip
    return columns


def _value_of(key: str, which: str) -> Any:
    def value(end: YearEnd) -> Any:
        found = of_measure(key, getattr(end, which))
        return None if found is None else found.value

    return value


@dataclass(frozen=True, slots=True)
class _Answered:
    need: Need
    steps: tuple[Step, ...]
    closed_in: int | None
    has_option: bool


def _answered(programme: Programme) -> list[_Answered]:
    answers = by_need(programme)
    closed = {need: end.year for end in reversed(programme.years) for need in end.closed}
    none = frozenset(programme.no_option)
    return [
        _Answered(need, answers[need], closed.get(need), need not in none)
        for need in programme.needs
    ]


def _needs_table(programme: Programme, view: View) -> Table:
    columns: tuple[Column[_Answered], ...] = (
        Column("level", Words("层级", "level"), lambda each: each.need.level, coded=True),
        Column("level_word", Words("层级", "level"), lambda each: view.label("level", each.need.level), width=10),
        Column("unit_id", Words("编号", "unit id"), lambda each: each.need.unit_id, width=15),
        Column("name", Words("名称", "name"), lambda each: view.register.name(each.need.level, each.need.unit_id), width=20),
        Column("rule", Words("规则", "rule"), lambda each: each.need.rule, coded=True),
        Column("rule_word", Words("规则", "rule"), lambda each: view.label("rule", each.need.rule), width=22),
        Column("kind", Words("类别", "kind"), lambda each: each.need.kind, coded=True),
        Column("kind_word", Words("类别", "kind"), lambda each: view.label("kind", each.need.kind), width=8),
        Column("gap_m2", Words("缺口(㎡)", "gap m²"), lambda each: each.need.floor_m2, Kind.GAP, width=11),
        Column("people", Words("人口", "people"), lambda each: each.need.people, Kind.COUNT, width=10),
        Column("closed_in", Words("补齐年度", "closed in"), lambda each: each.closed_in, Kind.INTEGER, width=9),
        Column("solution", Words("解决方案", "solution"), lambda each: _solution(each, view), Kind.LIST, width=60),
    )  # fmt: skip
    title = Words("逐项解决方案", "a solution for each gap")
    return build_table("programme_gaps", title, columns=columns, rows=_answered(programme))


def _solution(answer: _Answered, view: View) -> list[str]:
    if answer.closed_in is None:
        if answer.has_option:
            return [view.say(Words("预算不足，未安排", "not planned: the budget is short"))]
        return [view.say(Words("没有可用的办法", "nothing that could close it"))]
    given = {
        step.id: m2 for step in answer.steps for need, m2 in step.serves if need == answer.need
    }
    return [
        f"{step.year} {view.label('instrument', step.instrument)} {step.name}"
        + (f" {plain_text(given[step.id])} ㎡" if step.id in given else "")
        for step in answer.steps
    ]


def _left_out_table(programme: Programme, view: View) -> Table:
    columns: tuple[Column[LeftOut], ...] = (
        Column("id", Words("编号", "id"), lambda each: each.id, width=15),
        Column("kind", Words("类别", "kind"), lambda each: each.kind, coded=True),
        Column("kind_word", Words("类别", "kind"), lambda each: _left_kind(each, view), width=12),
        Column("reason", Words("原因代码", "reason code"), lambda each: each.reason, coded=True),
        Column("reason_word", Words("原因", "reason"), lambda each: view.label("code", each.reason), width=40),
    )  # fmt: skip
    title = Words("不纳入", "left out")
    return build_table("programme_left_out", title, columns=columns, rows=programme.left_out)


def _left_kind(each: LeftOut, view: View) -> str:
    return view.label("layer" if each.kind == "premises" else "kind", each.kind)


def _assumptions_table(programme: Programme, view: View) -> Table:
    columns: tuple[Column[tuple[str, Fraction]], ...] = (
        Column("name", Words("参数", "name"), lambda each: each[0], width=26),
        Column("name_word", Words("含义", "meaning"), lambda each: view.label("assumption", each[0]), width=46),
        Column("value", Words("取值", "value"), lambda each: each[1], Kind.COUNT, width=14),
        Column("origin", Words("来源", "origin"), lambda each: _origin(each[0], programme, view), width=34),
    )  # fmt: skip
    rows = list(programme.assumed.numbers().items())
    return build_table(
        "programme_assumptions", Words("假定", "assumptions"), columns=columns, rows=rows
    )


def _origin(name: str, programme: Programme, view: View) -> str:
    given = name in programme.assumed.given
    words = Words("study.toml", "study.toml") if given else Words(
        "geoplan 的假定，请以当地造价为准", "assumed by geoplan: put your own"
    )  # fmt: skip
    return view.say(words)


# ------------------------------------------------------------------------------------ text


def programme_text(programme: Programme, view: View) -> str:
    """The steps by year, the year ends and the certificate, for the terminal."""
    lines = [view.say(_title(programme))]
    for year, found in groupby(programme.steps, key=lambda step: step.year):
        steps = list(found)
        lines += ["", _year_head(next(end for end in programme.years if end.year == year), view)]
        lines.append(table_text(_heads(view), [_row(step, view) for step in steps]))
    lines += ["", *open_lines(programme.before, view.language)]
    lines += [view.say(words) for words in _closing(programme)]
    lines += [view.say(goal_words(goal)) for goal in programme.goals]
    return "\n".join(lines)


def _title(programme: Programme) -> Words:
    span = span_text(programme.assumed.years)
    closed = len(programme.needs) - len(programme.open_needs)
    return Words(
        f"{programme.study}  {span} 年项目储备：{len(programme.needs)} 个缺口补齐 {closed} 个，{len(programme.steps)} 个项目",
        f"{programme.study}  reserve of projects {span}: {closed} of {len(programme.needs)} gaps closed by {len(programme.steps)} projects",
    )


def _year_head(end: YearEnd, view: View) -> str:
    budget = wan_text(end.budget_yuan)
    return view.say(
        Words(
            f"{end.year} 年：安排 {wan_text(end.spent_yuan)} 万元（预算 {budget} 万元），用地 {plain_text(end.land_m2)} ㎡，累计补齐 {len(end.closed)} 个缺口",
            f"{end.year}: 10,000 yuan × {wan_text(end.spent_yuan)} (budget {budget}), land {plain_text(end.land_m2)} m², {len(end.closed)} gaps closed so far",
        )
    )


def _heads(view: View) -> tuple[str, ...]:
    zh = ("方式", "对象", "名称", "面积㎡", "补哪些缺口", "万元")
    en = ("instrument", "subject", "name", "m²", "gaps served", "10,000 yuan")
    return zh if view.language == "zh" else en


def _row(step: Step, view: View) -> tuple[str, ...]:
    served = ("；" if view.language == "zh" else "; ").join(_served(step, view))
    return (
        view.label("instrument", step.instrument),
        step.subject,
        step.name,
        plain_text(step.floor_m2),
        served,
        wan_text(step.yuan),
    )


def _closing(programme: Programme) -> Iterable[Words]:
    before, after = _official_gaps(programme.before), _official_gaps(programme.after)
    day = programme.assumed.last_day.isoformat()
    yield Words(
        f"按常规测算复核（{day}）：不实施有正式缺口 {before} 条，实施后 {after} 条",
        f"judged by the ordinary assessment on {day}: {before} official gaps without it, {after} with it",
    )
    if programme.no_option:
        names = ", ".join(need.unit_id for need in programme.no_option)
        yield Words(f"没有办法补齐：{names}", f"nothing closes: {names}")
    if programme.least_yuan is not None:
        amounts = " + ".join(wan_text(yuan) for yuan in programme.least_yuan)
        total = wan_text(sum(programme.least_yuan, Fraction(0)))
        yield Words(
            f"补齐所有能补的缺口，最省的办法各年需 {amounts} = {total} 万元",
            f"the cheapest way to close all that can be closed takes {amounts} = {total} × 10,000 yuan",
        )


def _official_gaps(assessment: Any) -> int:
    return sum(gap.official for gap in assessment.gaps)


def goal_words(goal: Goal) -> Words:
    """What a goal reached and how that is proven."""
    names = {
        "gaps": Words("补齐缺口数", "gaps closed"),
        "yuan": Words("承诺资金（一次性＋整个租期，元）", "yuan committed (once and whole leases)"),
        "people": Words(f"{goal.year} 年末受益（人次）", f"people by the end of {goal.year}"),
    }
    name = names[goal.name]
    value, bound = f"{goal.value:,.0f}", f"{goal.bound:,.0f}"
    if goal.proven:
        return Words(
            f"{name.zh}：{value}，已证明最优", f"{name.en}: {value}, proven to be the best"
        )
    return Words(
        f"{name.zh}：{value}，界 {bound}，时限内未证明最优",
        f"{name.en}: {value}, bound {bound}, not proven in the time",
    )


# ------------------------------------------------------------------------------------ JSON


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
            for each in _answered(programme)
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


def programme_marks(programme: Programme, view: View) -> list[Mapping[str, Any]]:
    """The steps that have a place, for the map: what, when, how much, where."""
    points = _points(programme)
    placed = [(step, point) for step, point in zip(programme.steps, points, strict=True) if point]
    where = np.array([point for _, point in placed], dtype=object)
    degrees = to_wgs84(where, programme.before.layers.crs)
    return [
        {
            "year": step.year,
            "id": step.id,
            "name": step.name,
            "kind": view.label("instrument", step.instrument),
            "m2": gap_text(step.floor_m2),
            "cost": wan_text(step.yuan),
            "serves": _served(step, view),
            "point": [round(point.y, 6), round(point.x, 6)],
        }
        for (step, _), point in zip(placed, degrees, strict=True)
    ]
