"""TOML → Policy: every fault found in one pass; no number without a clause.

Belongs here: opening and checking policy files. What a policy *is* stands in ``model.py``; what
the user changes in it is in ``standard.py``.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from geoplan.errors import PolicyError, Problem
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
from geoplan.policy.shape import KEYS, Faults, check_shape, is_day, rows_in, unknown_key
from geoplan.policy.standard import build_standard
from geoplan.study import toml_fault
from geoplan.terms import Words, terms

__all__ = ["build_standard", "find_indicator", "list_policies", "read_policy"]

# What computes an indicator; "reported" is a value typed in by its bureau.
MEASURE_NAMES = frozenset(
    {
        "nursing_bed_share",
        "jiedao_elder_center_coverage",
        "childcare_places_per_1000",
        "rc_childcare_coverage",
        "county_infant_guidance_rate",
        "new_compound_compliance",
        "reported",
    }
)
_VALUE_KEYS = ("kind", "choices", "values")  # where one fault makes others of no interest
_OPERATORS = frozenset({">=", ">", "=="})
_KINDS: Mapping[str, Callable[[object], bool]] = {
    "number": lambda value: isinstance(value, Decimal),
    "choice": lambda value: isinstance(value, str),
    "flag": lambda value: isinstance(value, bool),
    "day": is_day,
}
_EXAMPLES = {
    "number": Words(
        '请写不小于0的数字，例如 15 或 "2.87"。',
        'Write a number of at least 0, such as 15 or "2.87".',
    ),
    "choice": Words("请写 choices 中的一项。", "Write one of the choices."),
    "flag": Words("请写 true 或 false。", "Write true or false."),
    "day": Words("请写成 2021-01-01。", "Write 2021-01-01."),
}


def list_policies() -> tuple[Policy, ...]:
    """Every policy of the library, in order of id."""
    names = sorted(entry.name for entry in files("geoplan.policy").joinpath("library").iterdir())
    return tuple(read_policy(Path(name).stem) for name in names if name.endswith(".toml"))


def read_policy(reference: str | Path) -> Policy:
    """A policy by its id in the library or from a TOML file.

    Raises
    ------
    PolicyError
        the file is missing or malformed, a number has no clause, a key is unknown, a parameter is
        unused, the dates of a value leave a gap; all faults at once.

    Examples
    --------
    >>> read_policy("chongzuo-2021-2023").document_no
    '崇政办发〔2021〕35号'
    """
    return _read(str(reference), ())


def _read(reference: str, extending: tuple[str, ...]) -> Policy:
    """The policy; ``extending`` are the files that rest on it, to notice a circle."""
    content = _find(reference)
    if content is None:
        raise PolicyError(Problem(reference, *_no_such_policy(reference)))
    raw = _parse(reference, content)
    faults = Faults(reference)
    sound = check_shape(raw, faults)
    base = _base_of(raw, reference, extending, faults)
    if not sound:
        raise PolicyError(faults.found)
    policy = _build(raw, base, content, faults)
    _check_policy(policy, faults)
    if faults.found:
        raise PolicyError(faults.found)
    return policy


def find_indicator(policy: Policy, text: str) -> Indicator:
    """The indicator with this id or number.

    Raises
    ------
    PolicyError
        there is none; the nearest id is named.

    Examples
    --------
    >>> find_indicator(read_policy("chongzuo-2021-2023"), "9").id
    'rc_childcare_coverage'
    """
    for each in policy.indicators:
        if text in {each.id, each.number}:
            return each
    near = get_close_matches(text, [each.id for each in policy.indicators], n=1, cutoff=0)
    raise PolicyError(
        Problem(
            text,
            Words(f"{policy.id} 中没有这个指标", f"is no indicator of {policy.id}"),
            Words(f"最接近的是 {near[0]}。", f"The nearest is {near[0]}."),
        )
    )


def _find(reference: str) -> bytes | None:
    """The bytes of a policy: a file that ends in .toml, or an id in the library."""
    path = Path(reference)
    if path.suffix == ".toml":
        return path.read_bytes() if path.is_file() else None
    entry = files("geoplan.policy").joinpath("library", f"{reference}.toml")
    return entry.read_bytes() if entry.is_file() else None


def _no_such_policy(reference: str) -> tuple[Words, Words]:
    known = sorted(
        entry.name.removesuffix(".toml")
        for entry in files("geoplan.policy").joinpath("library").iterdir()
    )
    return (
        Words(f"没有政策 {reference}", f"there is no such policy {reference}".rstrip()),
        Words(
            f"可用：{'、'.join(known)}，或政策文件（.toml）的路径。",
            f"Use {', '.join(known)}, or the path of a policy file (.toml).",
        ),
    )


def _parse(where: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        fault = Words("不是 UTF-8 编码", "is not saved as UTF-8")
        remedy = Words("请另存为 UTF-8。", "Save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        fault = toml_fault(error)
        remedy = Words("请按所示行列修改。", "Mend that line.")
    raise PolicyError(Problem(where, fault, remedy))


def _base_of(
    raw: Mapping[str, Any], reference: str, extending: tuple[str, ...], faults: Faults
) -> Policy | None:
    """The policy that this one extends: an id in the library, or a file beside it."""
    head = raw.get("policy", {})
    extends = head.get("extends") if isinstance(head, dict) else None
    if not isinstance(extends, str):
        return None
    if extends.endswith(".toml"):
        extends = str(Path(reference).parent / extends)
    chain = (*extending, reference)
    if extends.endswith(".toml") and Path(extends).resolve() in {Path(p).resolve() for p in chain}:
        faults.add(
            "[policy] extends",
            Words(f"{extends} 又以本文件为基础", f"{extends} rests on this file itself"),
            Words("请去掉其中一处 extends。", "Take away one of the two `extends`."),
        )
        raise PolicyError(faults.found)
    if _find(extends) is None:
        faults.add("[policy] extends", *_no_such_policy(extends))
        raise PolicyError(faults.found)
    return _read(extends, chain)


# --------------------------------------------------------------------------------- building


def _build(raw: Mapping[str, Any], base: Policy | None, content: bytes, faults: Faults) -> Policy:
    head = raw["policy"]
    clauses = {
        row["id"]: Clause(row["id"], row["where"], row["text"], row.get("reason"))
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
        clauses = {**base.clauses, **clauses}
        parameters = {**base.parameters, **parameters}
        indicators = _merged(base.indicators, indicators)
        rules = {**base.rules, **rules}
        tasks = tasks or base.tasks
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
        issued=head["issued"],
        since=head["since"],
        until=head["until"],
        extends=head.get("extends"),
        clauses=clauses,
        tasks=tasks,
        parameters=parameters,
        indicators=tuple(indicators),
        rules=rules,
        sha256=digest.hexdigest(),
    )


def _task(row: Mapping[str, Any]) -> Task:
    known = {key: row[key] for key in KEYS["task"] if key in row}
    return Task(**{"clause": "", **known})


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
        dated = [_dated(place, entry, row["kind"], faults) for entry in row["values"]]
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
    )


def _dated(place: str, entry: Any, kind: str, faults: Faults) -> Dated | None:
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
    value = _exact(entry["value"]) if kind == "number" else entry["value"]
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
            _EXAMPLES[kind],
        )
        return None
    return Dated(entry["from"], cast("Value", value))  # checked against _KINDS


def _exact(value: object) -> Decimal | None:
    """A number without binary rounding, not below 0: an integer, decimal, or digits in quotes.

    Examples
    --------
    >>> _exact("3.5"), _exact(Decimal("0.1")), _exact(True), _exact("NaN"), _exact(-1)
    (Decimal('3.5'), Decimal('0.1'), None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


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
        region_target=_target(f"{place} region_target", row.get("region_target"), faults),
        baseline=_target(f"{place} baseline", row.get("baseline"), faults),
        target=_target(f"{place} target", row.get("target"), faults),
        lead=tuple(row["lead"]),
        task=row.get("task"),
        reason=row.get("reason"),
    )


def _target(place: str, raw: Any, faults: Faults) -> Target | None:
    if raw is None:
        return None
    value = _exact(raw.get("value")) if isinstance(raw, dict) else None
    operator = raw.get("op") if isinstance(raw, dict) else None
    if value is None or not isinstance(operator, str) or operator not in _OPERATORS:
        faults.add(
            place,
            Words(f"{raw} 写法不对", f"{raw} is malformed"),
            Words('请写成 { op = ">=", value = "53" }。', 'Write { op = ">=", value = "53" }.'),
        )
        return None
    return Target(operator, value)


# ---------------------------------------------------------------------- what must hold of it


def _check_policy(policy: Policy, faults: Faults) -> None:
    _check_period(policy, faults)
    _check_citations(policy, faults)
    _check_given(policy, faults)
    _check_measures(policy, faults)
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


def _check_measures(policy: Policy, faults: Faults) -> None:
    for each in policy.indicators:
        if each.measure not in MEASURE_NAMES:
            faults.add(
                f"[[indicator]] {each.id} measure", *unknown_key(each.measure, MEASURE_NAMES)
            )
        if each.unit not in terms("unit"):
            faults.add(f"[[indicator]] {each.id} unit", *unknown_key(each.unit, terms("unit")))


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
