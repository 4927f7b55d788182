"""What must hold of a policy: numbers cited and used, days covered, words known, silence excused.

Belongs here: whether the parts hang together. Does not belong here: the shape of the file
(``shape.py``), or whether a study can be judged by it (``needed.py``).
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from difflib import get_close_matches

from geoplan.policy.model import Parameter, Policy
from geoplan.policy.needed import QUOTED_ROLES
from geoplan.policy.shape import Faults, unknown_key
from geoplan.terms import Words, terms

_VALUE_KEYS = ("kind", "choices", "values")  # where one fault makes others of no interest


def check_policy(policy: Policy, faults: Faults) -> None:
    """Note in ``faults`` whatever does not hang together."""
    _check_period(policy, faults)
    _check_citations(policy, faults)
    _check_rows(policy, faults)
    _check_given(policy, faults)
    _check_measures_and_units(policy, faults)
    _check_roles(policy, faults)
    for parameter in policy.parameters.values():
        if not faults.stand_at(*(f"[[parameter]] {parameter.name} {key}" for key in _VALUE_KEYS)):
            _check_dates(parameter, policy, faults)
            _check_choices(parameter, faults)


def _check_period(policy: Policy, faults: Faults) -> None:
    if policy.until < policy.since:
        faults.add(
            "[policy] until",
            Words(
                f"末日 {policy.until} 早于首日 {policy.since}",
                f"the last day {policy.until} is before the first, {policy.since}",
            ),
            Words("请改正其中之一。", "Correct one of the two."),
        )


def _check_citations(policy: Policy, faults: Faults) -> None:
    cited = [
        *((f"[[parameter]] {each.name}", each.clause) for each in policy.parameters.values()),
        *((f"[[indicator]] {each.id}", each.clause) for each in policy.indicators),
        *((f"[[rule]] {each.id}", each.clause) for each in policy.rules.values()),
        *((f"[[task]] {each.number}", each.clause) for each in policy.tasks),
    ]
    for place, clause in cited:
        if not clause:
            faults.add(
                place,
                Words("没有出处（clause）", "no clause is cited"),
                Words("请注明所依据的条文编号。", "Cite the sentence it rests on."),
            )
        elif clause not in policy.clauses:
            near = get_close_matches(clause, sorted(policy.clauses), n=1, cutoff=0)
            faults.add(
                f"{place} clause",
                Words(f"条文 {clause} 不存在", f"there is no clause {clause}"),
                Words(f"最接近的是 {near[0]}。", f"The nearest is {near[0]}.")
                if near
                else Words("请先写出该条文。", "Quote the clause first."),
            )


def _check_rows(policy: Policy, faults: Faults) -> None:
    """Each indicator of a task names a row of Annex 1 that is there."""
    numbers = {task.number for task in policy.tasks}
    for each in policy.indicators:
        if each.task is not None and each.task not in numbers:
            faults.add(
                f"[[indicator]] {each.id} task",
                Words(f"附件1没有第 {each.task} 项任务", f"there is no [[task]] {each.task}"),
                Words("请改正序号，或删去这一行。", "Correct the number, or delete the line."),
            )


def _check_given(policy: Policy, faults: Faults) -> None:
    used: set[str] = set()
    for place, given in (
        *((f"[[indicator]] {each.id}", each.given) for each in policy.indicators),
        *((f"[[rule]] {each.id}", each.given) for each in policy.rules.values()),
    ):
        used.update(given)
        for name in given:
            if name not in policy.parameters:
                faults.add(f"{place} given", *unknown_key(name, policy.parameters))
    for name in policy.parameters:
        if name not in used:
            faults.add(
                f"[[parameter]] {name}",
                Words("没有任何指标或规则用到它", "no indicator or rule uses it"),
                Words(
                    "请在用到它的指标的 given 中写出，或删去。",
                    "Name it in the `given` of what uses it, or delete it.",
                ),
            )


def _check_measures_and_units(policy: Policy, faults: Faults) -> None:
    for each in policy.indicators:
        if each.measure not in terms("measure"):
            faults.add(
                f"[[indicator]] {each.id} measure", *unknown_key(each.measure, terms("measure"))
            )
        elif each.measure == "reported" and not each.reason:
            faults.add(
                f"[[indicator]] {each.id} reason",
                Words("没有说明为何不由 geoplan 测算", "does not say why it is not computed"),
                Words("请写明原因。", "Say why in `reason`."),
            )
        if each.unit not in terms("unit"):
            faults.add(f"[[indicator]] {each.id} unit", *unknown_key(each.unit, terms("unit")))
    for parameter in policy.parameters.values():
        if parameter.unit and parameter.unit not in terms("unit"):
            place = f"[[parameter]] {parameter.name} unit"
            faults.add(place, *unknown_key(parameter.unit, terms("unit")))


def _check_roles(policy: Policy, faults: Faults) -> None:
    """Roles are known words, each sentence has its own, and those of a measure are there."""
    roles = [(each.id, each.role) for each in policy.clauses.values() if each.role is not None]
    for key, role in roles:
        if role not in terms("role"):
            faults.add(f"[[clause]] {key} role", *unknown_key(role, terms("role")))
    for role, count in Counter(role for _, role in roles).items():
        if count > 1:
            faults.add(
                f"[[clause]] role {role}",
                Words(f"有 {count} 条条文", f"{count} sentences have it"),
                Words("请只留一处。", "Keep one of them."),
            )
    for each in policy.indicators:
        for role in QUOTED_ROLES.get(each.measure, ()):
            if policy.sentence(role) is None:
                faults.add(
                    f"[[indicator]] {each.id} measure",
                    Words(f"没有条文标明 role = {role}", f"no clause has the role {role}"),
                    Words(
                        f'请在说明它的条文里写 role = "{role}"。',
                        f'Write role = "{role}" in the clause that says it.',
                    ),
                )


def _check_dates(parameter: Parameter, policy: Policy, faults: Faults) -> None:
    """Each day of the policy's period has exactly one value."""
    days = [dated.since for dated in parameter.values]
    place = f"[[parameter]] {parameter.name} values"
    if not days and not parameter.optional:
        faults.add(
            place,
            Words("没有数值", "there is no value"),
            Words("请给出数值和起始日。", "Give a value and its first day."),
        )
    if days and min(days) > policy.since:
        faults.add(
            place,
            Words(
                f"{policy.since} 至 {min(days) - timedelta(1)} 没有数值",
                f"no value from {policy.since} to {min(days) - timedelta(1)}",
            ),
            Words(
                "请让第一个数值自计划期首日起生效。", "Let the first value begin with the policy."
            ),
        )
    for day, count in Counter(days).items():
        if count > 1:
            faults.add(
                place,
                Words(f"{day} 有 {count} 个数值", f"{count} values begin on {day}"),
                Words("同一天只能有一个数值。", "Keep one value a day."),
            )


def _check_choices(parameter: Parameter, faults: Faults) -> None:
    if parameter.kind != "choice":
        return
    for dated in parameter.values:
        if dated.value not in parameter.choices:
            faults.add(
                f"[[parameter]] {parameter.name} values",
                Words(f"{dated.value} 不在可选的值中", f"{dated.value} is none of its choices"),
                Words(
                    f"可用：{'、'.join(parameter.choices)}。",
                    f"Choose from {', '.join(parameter.choices)}.",
                ),
            )
