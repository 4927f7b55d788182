"""The rule book as text: what is there, what it says, which sentence stands behind a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from geoplan.numbers import plain_text
from geoplan.policy.model import Indicator, Parameter, Policy, Value
from geoplan.render.wording.targets import baseline_text, target_text
from geoplan.render.wording.text_columns import table_text
from geoplan.render.wording.words import NO_VALUE
from geoplan.terms import Words, label, terms


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
    """Every indicator and every value of a policy, with its clause; below, what is not its own."""
    title = f"{policy.title}  {policy.document_no}"
    period = f"{policy.issuer}  {policy.since} – {policy.until}"
    notes = list(_notes(policy, language))
    return "\n".join(
        (title, period, _indicators_text(policy, language), _values_text(policy, language), *notes)
    )


def _indicators_text(policy: Policy, language: str) -> str:
    head = (
        ("序号", "指标", "单位", "基数", "目标", "出处", "牵头单位")
        if language == "zh"
        else ("No.", "indicator", "unit", "baseline", "target", "clause", "lead")
    )
    rows = [
        (
            each.number,
            _label(each, language),
            label("unit", each.unit, language),
            baseline_text(each.baseline),
            target_text(each.target),
            each.clause,
            "、".join(each.lead),
        )
        for each in policy.indicators
    ]
    return table_text(head, rows)


def _values_text(policy: Policy, language: str) -> str:
    head = (
        ("参数", "含义", "数值", "出处", "文件所定")
        if language == "zh"
        else ("value", "meaning", "now", "clause", "stated")
    )
    stated = Words("是", "yes").say(language)
    ours = Words("否，见下", "no: see below").say(language)
    rows = [
        (
            each.name,
            _label(each, language),
            _amount(each, language),
            each.clause,
            stated if each.assumed is None else ours,
        )
        for each in policy.parameters.values()
    ]
    return table_text(head, rows)


def _notes(policy: Policy, language: str) -> Iterator[str]:
    """Whatever the document does not state, with our words for it in full."""
    said = [(each.name, each.assumption(language)) for each in policy.parameters.values()]
    said = [(name, words) for name, words in said if words]
    if said:
        yield Words("非文件所定：", "Not stated by the document:").say(language)
    yield from (f"  {name}: {words}" for name, words in said)


def _label(row: Indicator | Parameter, language: str) -> str:
    return row.label_zh if language == "zh" else row.label_en


def _amount(parameter: Parameter, language: str) -> str:
    """The values with the unit, each with its first day when there are several."""
    shown = "; ".join(
        f"{_value_text(dated.value)} ({dated.since})"
        if len(parameter.values) > 1
        else _value_text(dated.value)
        for dated in parameter.values
    )
    unit = label("unit", parameter.unit, language) if parameter.values else ""
    return f"{shown or NO_VALUE} {unit}".strip()


def _value_text(value: Value) -> str:
    if isinstance(value, Decimal):
        return plain_text(Fraction(value))
    return value.isoformat() if isinstance(value, date) else str(value).lower()


def citation_text(policy: Policy, indicator: Indicator, language: str) -> str:
    """The sentence behind an indicator, who is responsible, and how it is computed or why not."""
    clause = policy.clauses[indicator.clause]
    title = f"{indicator.number}. {_label(indicator, language)}  [{indicator.id}]"
    lines = [
        (clause.where, clause.text),
        *_task_lines(policy, indicator),
        (Words("牵头单位", "lead"), "、".join(indicator.lead)),
        (Words("单位", "unit"), label("unit", indicator.unit, language)),
        (Words("2021年基数", "baseline of 2021"), baseline_text(indicator.baseline)),
        (Words("目标", "target"), target_text(indicator.target)),
        (Words("广西目标", "target of Guangxi"), target_text(indicator.region_target)),
        *_computed_lines(policy, indicator, language),
    ]
    colon = "：" if language == "zh" else ": "
    said = (
        f"{head.say(language) if isinstance(head, Words) else head}{colon}{text}"
        for head, text in lines
        if text
    )
    return "\n".join((f"{policy.title}  {policy.document_no}", title, *said))


def _task_lines(policy: Policy, indicator: Indicator) -> Iterator[tuple[Words, str]]:
    """The row of Annex 1 that the indicator belongs to."""
    for task in policy.tasks:
        if task.number == indicator.task:
            yield Words(f"附件1第{task.number}项", f"row {task.number} of Annex 1"), task.task
            yield Words("2021年目标", "goal for 2021"), task.goal_2021
            yield Words("2023年目标", "goal for 2023"), task.goal_2023
            yield Words("具体措施", "measures"), task.measures
            yield Words("责任单位", "responsible"), task.bureaus


def _computed_lines(
    policy: Policy, indicator: Indicator, language: str
) -> Iterator[tuple[Words | str, str]]:
    """How it is computed and with which values; or why it is not."""
    if indicator.measure not in terms("measure") or indicator.measure == "reported":
        yield Words("不由 geoplan 测算", "not computed"), indicator.excuse(language) or ""
        return
    yield Words("测算", "computed as"), label("measure", indicator.measure, language)
    for name in indicator.given:
        yield from _given_lines(policy.parameters[name], language)


def _given_lines(parameter: Parameter, language: str) -> Iterator[tuple[str, str]]:
    ours = parameter.assumption(language)
    source = f"{parameter.clause}；{ours}" if ours and language == "zh" else parameter.clause
    if ours and language != "zh":
        source = f"{parameter.clause}; {ours}"
    meaning = f"{_label(parameter, language)} {_amount(parameter, language)}"
    yield (
        f"  {parameter.name}",
        f"{meaning}（{source}）" if language == "zh" else (f"{meaning} ({source})"),
    )
