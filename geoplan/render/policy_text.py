"""The rule book as text: what is there, what it says, which sentence stands behind a number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from geoplan.numbers import plain_text
from geoplan.policy.model import Indicator, Parameter, Policy, Target, Value
from geoplan.render.columns import table_text
from geoplan.render.words import NO_VALUE
from geoplan.terms import terms, unit


def target_text(target: Target | None) -> str:
    """A target as the plan prints it: ``≥53``, ``=100``, ``/``."""
    if target is None:
        return NO_VALUE
    sign = {">=": "≥", ">": ">", "==": "="}[target.op]
    return f"{sign}{plain_text(Fraction(target.value))}"


def policies_text(policies: Iterable[Policy], language: str) -> str:
    """One line a policy."""
    head = (
        ("编号", "名称", "文号", "期限") if language == "zh" else ("id", "title", "no.", "period")
    )
    rows = [
        (each.id, each.title, each.document_no, f"{each.since} – {each.until}") for each in policies
    ]
    return table_text(head, rows)


def policy_text(policy: Policy, language: str) -> str:
    """Every indicator and every value of a policy, with its clause."""
    zh = language == "zh"
    indicators = table_text(
        ("序号", "指标", "单位", "基数", "目标", "出处", "牵头单位")
        if zh
        else ("No.", "indicator", "unit", "baseline", "target", "clause", "lead"),
        [
            (
                each.number,
                each.label_zh if zh else each.label_en,
                _unit_label(each.unit, language),
                target_text(each.baseline),
                target_text(each.target),
                each.clause,
                "、".join(each.lead),
            )
            for each in policy.indicators
        ],
    )
    values = table_text(
        ("参数", "含义", "数值", "出处", "说明")
        if zh
        else ("value", "meaning", "now", "clause", "note"),
        [_parameter_row(each, language) for each in policy.parameters.values()],
    )
    title = (
        f"{policy.title}  {policy.document_no}\n{policy.issuer}  {policy.since} – {policy.until}"
    )
    return "\n".join((title, indicators, values))


def _parameter_row(parameter: Parameter, language: str) -> tuple[str, ...]:
    shown = "; ".join(
        f"{_value_text(dated.value)} ({dated.since})"
        if len(parameter.values) > 1
        else _value_text(dated.value)
        for dated in parameter.values
    )
    return (
        parameter.name,
        parameter.label_zh if language == "zh" else parameter.label_en,
        f"{shown or NO_VALUE} {_unit_label(parameter.unit, language)}".strip(),
        parameter.clause,
        parameter.assumed or "",
    )


def _unit_label(key: str, language: str) -> str:
    if key not in terms("unit"):
        return ""
    return unit(key).zh if language == "zh" else unit(key).en


def _value_text(value: Value) -> str:
    if isinstance(value, Decimal):
        return plain_text(Fraction(value))
    return value.isoformat() if isinstance(value, date) else str(value).lower()


def citation_text(policy: Policy, indicator: Indicator, language: str) -> str:
    """The sentence behind an indicator, who is responsible, and how it is computed or why not."""
    zh = language == "zh"
    clause = policy.clauses[indicator.clause]
    lines = [
        f"{indicator.number}. {indicator.label_zh if zh else indicator.label_en}  [{indicator.id}]",
        f"{clause.where}：{clause.text}" if zh else f"{clause.where}: {clause.text}",
    ]
    for task in policy.tasks:
        if task.number == indicator.task:
            lines += [f"附件1-{task.number}（{task.task}）", task.goal_2023, task.measures]
    lines.append(f"{'牵头单位' if zh else 'lead'}: {'、'.join(indicator.lead)}")
    lines.append(
        f"{'基数' if zh else 'baseline'} {target_text(indicator.baseline)}  "
        f"{'目标' if zh else 'target'} {target_text(indicator.target)}  "
        f"{'广西目标' if zh else 'Guangxi'} {target_text(indicator.region_target)}"
    )
    if indicator.measure == "reported":
        lines.append(f"{'不由 geoplan 测算' if zh else 'not computed'}: {indicator.reason or ''}")
    else:
        lines.append(f"{'测算' if zh else 'measure'}: {indicator.measure}")
        lines += [
            "  " + "  ".join(filter(None, _parameter_row(policy.parameters[name], language)))
            for name in indicator.given
        ]
    return "\n".join(lines)
