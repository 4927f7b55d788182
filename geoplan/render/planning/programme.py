"""The programme as tables, text and JSON: the reserve list of projects that the plan asks for.

Belongs here: words, columns and the order of keys. Does not belong here: choosing or counting
anything: every number comes from :class:`~geoplan.plan.programme.programme.Programme`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import shapely

from geoplan.assess.model import of_measure
from geoplan.layers.places.datum import to_wgs84
from geoplan.numbers import gap_text, plain_text
from geoplan.plan.programme.needs import LeftOut, Need
from geoplan.plan.programme.programme import Programme, Step, YearEnd, by_need
from geoplan.plan.programme.vacant_premises import unit_shapes
from geoplan.plan.scenario import Open
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.wording.view import View
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
        Column("serves", Words("补哪些缺口", "gaps served"), lambda each: served_words(each.step, view), Kind.LIST, width=40),
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


def served_words(step: Step, view: View) -> list[str]:
    """Whom a step serves."""
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


def answered(programme: Programme) -> list[_Answered]:
    """Each need with the steps that answer it."""
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
    return build_table("programme_gaps", title, columns=columns, rows=answered(programme))


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


# ------------------------------------------------------------------------------------ JSON


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
            "serves": served_words(step, view),
            "point": [round(point.y, 6), round(point.x, 6)],
        }
        for (step, _), point in zip(placed, degrees, strict=True)
    ]
