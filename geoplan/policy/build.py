"""Sound rows → Policy: the parts of a policy made from the rows of its file.

Belongs here: what a row means, and how a policy rests on another. Does not belong here: whether
the parts hang together (``check.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any, cast

from geoplan.policy.figures import exact_number, number_wanted, number_within, parse_target
from geoplan.policy.model import (
    Clause,
    Dated,
    Indicator,
    Parameter,
    Policy,
    Rule,
    Target,
    Task,
    Value,
)
from geoplan.policy.shape import KEYS, Faults, is_day, rows_in, unknown_key
from geoplan.terms import Words

_OPERATORS = (">=", ">", "==")
_KINDS: Mapping[str, Callable[[object], bool]] = {
    "number": lambda value: isinstance(value, Decimal),
    "choice": lambda value: isinstance(value, str),
    "flag": lambda value: isinstance(value, bool),
    "day": is_day,
}
_EXAMPLES = {
    "choice": Words("请写 choices 中的一项。", "Write one of the choices."),
    "flag": Words("请写 true 或 false。", "Write true or false."),
    "day": Words("请写成 2021-01-01。", "Write 2021-01-01."),
}


def build_policy(
    raw: Mapping[str, Any], base: Policy | None, content: bytes, faults: Faults
) -> Policy:
    """The policy of a file whose shape is sound, over the one it extends.

    What is malformed is noted in ``faults`` and left out.
    """
    head = raw["policy"]
    clauses = {
        row["id"]: Clause(
            row["id"],
            row["where"],
            row["text"],
            row.get("reason"),
            row.get("reason_en"),
            row.get("role"),
        )
        for _, row in rows_in(raw, "clause")
    }
    parameters = {
        row["name"]: _parameter(place, row, faults) for place, row in rows_in(raw, "parameter")
    }
    indicators = [_indicator(place, row, faults) for place, row in rows_in(raw, "indicator")]
    rules = {
        row["id"]: Rule(row["id"], row["zh"], row["en"], row.get("clause", ""), tuple(row["given"]))
        for _, row in rows_in(raw, "rule")
    }
    tasks = tuple(_task(row) for _, row in rows_in(raw, "task"))
    digest = sha256(content)
    if base is not None:
        digest.update(base.sha256.encode())
        clauses = {**_without_roles(base.clauses, clauses), **clauses}
        parameters = {**base.parameters, **parameters}
        indicators = _merged(base.indicators, indicators)
        rules = {**base.rules, **rules}
        tasks = _merged_tasks(base.tasks, tasks)
    if "targets" in head:
        if head["targets"] != "region":
            faults.add("[policy] targets", *unknown_key(head["targets"], ("region",)))
        indicators = _by_region(indicators)
    _check_duplicates(raw, faults)
    return Policy(
        id=head["id"],
        title=head["title"],
        issuer=head["issuer"],
        document_no=head["document_no"],
        issued=head.get("issued"),
        since=head["since"],
        until=head["until"],
        extends=head.get("extends"),
        clauses=clauses,
        tasks=tasks,
        parameters=parameters,
        indicators=tuple(indicators),
        rules=rules,
        sha256=digest.hexdigest(),
        compare_with=_compared(head, base),
    )


def _without_roles(base: Mapping[str, Clause], own: Mapping[str, Clause]) -> dict[str, Clause]:
    """Sentences taken over: one whose role the document's own sentence has is no longer in it."""
    roles = {each.role for each in own.values()} - {None}
    return {
        key: replace(each, role=None) if each.role in roles else each for key, each in base.items()
    }


def _compared(head: Mapping[str, Any], base: Policy | None) -> tuple[str, ...]:
    """As the file says, else as the policy it extends says; never with itself."""
    told = head.get("compare_with", () if base is None else base.compare_with)
    return tuple(each for each in told if each != head["id"])


def _task(row: Mapping[str, Any]) -> Task:
    known = {key: row[key] for key in KEYS["task"] if key in row}
    return Task(**{"clause": "", **known})


def _merged_tasks(base: tuple[Task, ...], own: tuple[Task, ...]) -> tuple[Task, ...]:
    rows = {task.number: task for task in (*base, *own)}
    return tuple(rows[number] for number in sorted(rows))


def _merged(base: tuple[Indicator, ...], own: list[Indicator]) -> list[Indicator]:
    changed = {each.id: each for each in own}
    kept = [changed.pop(each.id, each) for each in base]
    return [*kept, *changed.values()]


def _by_region(indicators: list[Indicator]) -> list[Indicator]:
    """Judge by the region's column: its targets, no baselines, nothing without such a target."""
    return [
        replace(each, target=each.region_target, baseline=None)
        for each in indicators
        if each.region_target is not None
    ]


def _check_duplicates(raw: Mapping[str, Any], faults: Faults) -> None:
    for table, key in (
        ("clause", "id"),
        ("indicator", "id"),
        ("rule", "id"),
        ("parameter", "name"),
        ("task", "number"),
    ):
        counts = Counter(row[key] for _, row in rows_in(raw, table))
        for name, count in counts.items():
            if count > 1:
                faults.add(
                    f"[[{table}]] {name}",
                    Words(f"出现 {count} 次", f"occurs {count} times"),
                    Words("请只留一处。", "Keep one of them."),
                )


def _parameter(place: str, row: Mapping[str, Any], faults: Faults) -> Parameter:
    """The parameter, without the values that are malformed."""
    dated: list[Dated | None] = []
    if row["kind"] not in _KINDS:
        faults.add(f"{place} kind", *unknown_key(row["kind"], _KINDS))
    elif row["kind"] == "choice" and not row.get("choices"):
        faults.add(
            f"{place} choices",
            Words("没有可选的值", "there are no choices"),
            Words('请写成 choices = ["…", "…"]。', 'Write choices = ["…", "…"].'),
        )
    else:
        dated = [_dated(place, entry, row, faults) for entry in row["values"]]
    return Parameter(
        name=row["name"],
        label_zh=row["zh"],
        label_en=row["en"],
        kind=row["kind"],
        unit=row.get("unit", ""),
        clause=row.get("clause", ""),
        assumed=row.get("assumed"),
        choices=tuple(row.get("choices", ())),
        values=tuple(each for each in dated if each is not None),
        optional=row.get("optional", False),
        assumed_en=row.get("assumed_en"),
    )


def _dated(place: str, entry: Any, parameter: Mapping[str, Any], faults: Faults) -> Dated | None:
    kind, unit = parameter["kind"], parameter.get("unit", "")
    if not isinstance(entry, dict) or set(entry) != {"from", "value"}:
        faults.add(
            f"{place} values",
            Words(f"{entry} 写法不对", f"{entry} is malformed"),
            Words(
                "请写成 { from = 2021-01-01, value = 15 }。",
                "Write { from = 2021-01-01, value = 15 }.",
            ),
        )
        return None
    value = number_within(entry["value"], unit) if kind == "number" else entry["value"]
    if not is_day(entry["from"]):
        faults.add(
            f"{place} values",
            Words(f"起始日 {entry['from']} 不是日期", f"from = {entry['from']} is not a day"),
            Words("请写成 2021-01-01。", "Write 2021-01-01."),
        )
        return None
    if not _KINDS[kind](value):
        faults.add(
            f"{place} values",
            Words(f"{entry['value']} 不是 {kind}", f"{entry['value']} is not a {kind}"),
            number_wanted(unit) if kind == "number" else _EXAMPLES[kind],
        )
        return None
    return Dated(entry["from"], cast("Value", value))  # checked against _KINDS


def _indicator(place: str, row: Mapping[str, Any], faults: Faults) -> Indicator:
    return Indicator(
        id=row["id"],
        number=str(row["number"]),
        group=row["group"],
        label_zh=row["zh"],
        label_en=row["en"],
        clause=row.get("clause", ""),
        unit=row["unit"],
        measure=row["measure"],
        given=tuple(row["given"]),
        region_target=_target(f"{place} region_target", row.get("region_target"), ">=", faults),
        baseline=_target(f"{place} baseline", row.get("baseline"), "==", faults),
        target=_target(f"{place} target", row.get("target"), ">=", faults),
        lead=tuple(row["lead"]),
        task=row.get("task"),
        reason=row.get("reason"),
        reason_en=row.get("reason_en"),
    )


def _target(place: str, raw: object, bare: str, faults: Faults) -> Target | None:
    """A comparison: a table, or as the document prints it, where ``bare`` numbers mean that."""
    try:
        if raw is None:
            return None
        return parse_target(raw, bare) if isinstance(raw, str) else _written_out(raw)
    except ValueError:
        faults.add(
            place,
            Words(f"{raw} 写法不对", f"{raw} is malformed"),
            Words(
                '请写成 { op = ">=", value = "53" }，或照文件写 "≧53"、"/"。',
                'Write { op = ">=", value = "53" }, or "≧53" or "/" as the document does.',
            ),
        )
        return None


def _written_out(raw: object) -> Target:
    written = raw if isinstance(raw, dict) else {}
    operator, value = written.get("op"), exact_number(written.get("value"))
    if set(written) != {"op", "value"} or operator not in _OPERATORS or value is None:
        raise ValueError(raw)
    return Target(operator, value)
