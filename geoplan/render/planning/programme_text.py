"""A programme as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import groupby
from typing import Any

from geoplan.numbers import plain_text
from geoplan.plan.programme.assumptions import span_text
from geoplan.plan.programme.programme import Programme, Step, YearEnd
from geoplan.plan.programme.selection import Goal
from geoplan.render.planning.programme import served_words, wan_text
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.text_columns import table_text
from geoplan.render.wording.view import View
from geoplan.terms import Words


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
    served = ("；" if view.language == "zh" else "; ").join(served_words(step, view))
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
