"""A policy on one day, with the values that the user changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches

from geoplan.errors import PolicyError, Problem, Remark
from geoplan.policy.figures import number_wanted, number_within
from geoplan.policy.model import Parameter, Policy, Standard, Value
from geoplan.policy.needed import missing_needs
from geoplan.terms import Words

_WORDS = {"true": True, "yes": True, "1": True, "是": True} | dict.fromkeys(
    ("false", "no", "0", "否"), False
)


def build_standard(
    policy: Policy, as_of: date, overrides: Mapping[str, object]
) -> tuple[Standard, tuple[Remark, ...]]:
    """What holds on ``as_of``, and what the reader should know about that day.

    Raises
    ------
    PolicyError
        the policy lacks what the judgement needs; the day is before its first; a changed value is
        unknown or malformed.
    """
    if problems := missing_needs(policy):
        raise PolicyError(problems)
    if as_of < policy.since:
        raise PolicyError(
            Problem(
                f"as_of {as_of}",
                Words(
                    f"早于政策 {policy.id} 的起始日 {policy.since}",
                    f"is before the first day {policy.since} of {policy.id}",
                ),
                Words("请改用起始日之后的日期。", "Choose a day on or after it."),
            )
        )
    changed, problems = _convert(policy, overrides)
    values = {name: each.on(as_of) for name, each in policy.parameters.items()} | changed
    problems += _contradictions(values)
    if problems:
        raise PolicyError(problems)
    return Standard(policy, as_of, values, changed), _period_remarks(policy, as_of)


def _period_remarks(policy: Policy, as_of: date) -> tuple[Remark, ...]:
    if as_of <= policy.until:
        return ()
    detail = Words(
        f"截至日期 {as_of} 晚于计划期末 {policy.until}，按计划最后的标准测算",
        f"{as_of} is after the plan's last day {policy.until}; its last values are used",
    )
    return (Remark("AFTER_PERIOD", detail),)


def _convert(
    policy: Policy, overrides: Mapping[str, object]
) -> tuple[dict[str, Value | None], list[Problem]]:
    changed: dict[str, Value | None] = {}
    problems: list[Problem] = []
    for name, raw in overrides.items():
        parameter = policy.parameters.get(name)
        if parameter is None:
            near = get_close_matches(name, sorted(policy.parameters), n=1, cutoff=0)[0]
            problems.append(
                Problem(
                    f"{name} = {raw}",
                    Words("没有这个政策参数", "there is no such policy value"),
                    Words(f"最接近的是 {near}。", f"The nearest is {near}."),
                )
            )
            continue
        value = _value(parameter, raw)
        if value is None:
            problems.append(_malformed(parameter, raw))
        else:
            changed[name] = value
    return changed, problems


def _value(parameter: Parameter, raw: object) -> Value | None:
    """The raw value as the parameter's kind, ``None`` when it cannot be one."""
    if parameter.kind == "flag":
        return raw if isinstance(raw, bool) else _WORDS.get(str(raw).strip().lower())
    if parameter.kind == "choice":
        return str(raw) if str(raw) in parameter.choices else None
    if parameter.kind == "day":
        return _day(raw)
    return number_within(raw, parameter.unit)


def _day(raw: object) -> date | None:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        return None


def _malformed(parameter: Parameter, raw: object) -> Problem:
    wanted = {
        "flag": Words("请写 true 或 false。", "Write true or false."),
        "choice": Words(
            f"可用：{'、'.join(parameter.choices)}。",
            f"Choose from {', '.join(parameter.choices)}.",
        ),
        "day": Words("请写成 2021-12-23。", "Write it as 2021-12-23."),
        "number": number_wanted(parameter.unit),
    }[parameter.kind]
    return Problem(
        f"{parameter.name} = {raw}",
        Words(f"不能作为“{parameter.label_zh}”的值", f"cannot be the {parameter.label_en}"),
        wanted,
    )


def _contradictions(values: Mapping[str, Value | None]) -> list[Problem]:
    low, high = values.get("community_population_min"), values.get("community_population_max")
    if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
        return [
            Problem(
                f"community_population_min = {low}",
                Words(f"大于上限 {high}", f"is above the maximum {high}"),
                Words("请改正其中之一。", "Correct one of the two."),
            )
        ]
    zero = [
        name
        for name in ("persons_per_household", "usable_to_gross_ratio", "community_population_max")
        if values.get(name) == 0 and not isinstance(values.get(name), bool)
    ]
    return [
        Problem(
            f"{name} = 0",
            Words("不能为0", "cannot be 0"),
            Words("请写大于0的数字。", "Write a number above 0."),
        )
        for name in zero
    ]
