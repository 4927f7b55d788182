"""TOML → Policy: every fault found in one pass; no number without a clause.

Belongs here: opening and checking policy files. What a policy *is* stands in ``model.py``; what
the user changes in it is in ``standard.py``.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

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
from geoplan.policy.standard import build_standard
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
_OPERATORS = frozenset({">=", ">", "=="})
_KINDS = {"number": (Decimal,), "choice": (str,), "flag": (bool,), "day": (date,)}
_TABLES = ("policy", "clause", "task", "indicator", "rule", "parameter")
_KEYS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    # of each table: the keys it must have, the keys it may have besides
    "policy": (
        frozenset({"id", "title", "issuer", "document_no", "issued", "since", "until"}),
        frozenset({"extends", "targets"}),
    ),
    "clause": (frozenset({"id", "where", "text"}), frozenset({"reason"})),
    "task": (
        frozenset(
            {
                "number",
                "category",
                "task",
                "goal_2021",
                "goal_2023",
                "measures",
                "bureaus",
                "clause",
            }
        ),
        frozenset(),
    ),
    "indicator": (
        frozenset(
            {"id", "number", "group", "zh", "en", "clause", "unit", "measure", "given", "lead"}
        ),
        frozenset({"region_target", "baseline", "target", "task", "reason"}),
    ),
    "rule": (frozenset({"id", "zh", "en", "clause", "given"}), frozenset()),
    "parameter": (
        frozenset({"name", "zh", "en", "kind", "clause", "values"}),
        frozenset({"unit", "assumed", "choices", "optional"}),
    ),
}


@dataclass(slots=True)
class _Faults:
    """The faults of one file, gathered until all are known."""

    where: str
    found: list[Problem] = field(default_factory=list)

    def add(self, place: str, what: Words, remedy: Words) -> None:
        self.found.append(Problem(f"{self.where}: {place}", what, remedy))


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
    where, content = _open(str(reference))
    raw = _parse(where, content)
    faults = _Faults(where)
    _check_tables(raw, faults)
    base = _base_of(raw, reference)
    if faults.found:
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


def _open(reference: str) -> tuple[str, bytes]:
    """The bytes of a policy and how to name it in messages."""
    path = Path(reference)
    if path.suffix != ".toml":
        entry = files("geoplan.policy").joinpath("library", f"{reference}.toml")
        if entry.is_file():
            return reference, entry.read_bytes()
    elif path.is_file():
        return reference, path.read_bytes()
    known = sorted(
        entry.name.removesuffix(".toml")
        for entry in files("geoplan.policy").joinpath("library").iterdir()
    )
    raise PolicyError(
        Problem(
            reference,
            Words("没有这个政策", "there is no such policy"),
            Words(
                f"可用：{'、'.join(known)}，或政策文件（.toml）的路径。",
                f"Use {', '.join(known)}, or the path of a policy file (.toml).",
            ),
        )
    )


def _parse(where: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(
            Problem(
                where,
                Words(f"不是有效的 TOML：{error}", f"not valid TOML: {error}"),
                Words("请按所示行列修改，并以 UTF-8 保存。", "Mend that line; save as UTF-8."),
            )
        ) from None


def _base_of(raw: Mapping[str, Any], reference: str | Path) -> Policy | None:
    head = raw.get("policy", {})
    extends = head.get("extends") if isinstance(head, dict) else None
    if extends is None:
        return None
    beside = Path(str(reference)).parent / str(extends)
    return read_policy(beside if beside.suffix == ".toml" and beside.is_file() else str(extends))


# ------------------------------------------------------------------------- shape of the file


def _check_tables(raw: Mapping[str, Any], faults: _Faults) -> None:
    for name in raw:
        if name not in _TABLES:
            faults.add(name, *_unknown_key(name, _TABLES))
    if not isinstance(raw.get("policy"), dict):
        faults.add(
            "[policy]",
            Words("缺少这一节", "the section is missing"),
            Words("请补上 id、title 等。", "Add it with id, title and the rest."),
        )
    for name in _TABLES:
        for place, row in _rows(raw, name):
            _check_keys(place, row, name, faults)


def _rows(raw: Mapping[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a table with the place to name in messages."""
    found = raw.get(name, [])
    if name == "policy":
        return [("[policy]", found)] if isinstance(found, dict) else []
    return [
        (f"[[{name}]] {row.get('id') or row.get('name') or row.get('number') or index}", row)
        for index, row in enumerate(found, start=1)
        if isinstance(row, dict)
    ]


def _check_keys(place: str, row: Mapping[str, Any], table: str, faults: _Faults) -> None:
    needed, optional = _KEYS[table]
    for key in row:
        if key not in needed | optional:
            faults.add(f"{place} {key}", *_unknown_key(key, needed | optional))
    for key in sorted(needed - set(row)):
        if key == "clause":
            faults.add(
                place,
                Words("没有出处（clause）", "no clause is cited"),
                Words(
                    "每个数字都要注明所依据的条文编号。",
                    "Every number cites the sentence it rests on.",
                ),
            )
        else:
            faults.add(
                place,
                Words(f"缺少 {key}", f"{key} is missing"),
                Words(f"请补上 {key}。", f"Add {key}."),
            )


def _unknown_key(key: str, known: Collection[str]) -> tuple[Words, Words]:
    near = get_close_matches(key, sorted(known), n=1, cutoff=0)
    return (
        Words(f"不认识的键 {key}", f"unknown key {key}"),
        Words(f"最接近的是 {near[0]}。", f"The nearest known key is {near[0]}."),
    )


# --------------------------------------------------------------------------------- building


def _build(raw: Mapping[str, Any], base: Policy | None, content: bytes, faults: _Faults) -> Policy:
    head = raw["policy"]
    clauses = {
        row["id"]: Clause(row["id"], row["where"], row["text"], row.get("reason"))
        for _, row in _rows(raw, "clause")
    }
    parameters = {
        row["name"]: _parameter(place, row, faults) for place, row in _rows(raw, "parameter")
    }
    indicators = [_indicator(place, row, faults) for place, row in _rows(raw, "indicator")]
    rules = {
        row["id"]: Rule(row["id"], row["zh"], row["en"], row["clause"], tuple(row["given"]))
        for _, row in _rows(raw, "rule")
    }
    tasks = tuple(Task(**row) for _, row in _rows(raw, "task"))
    digest = sha256(content)
    if base is not None:
        digest.update(base.sha256.encode())
        clauses = {**base.clauses, **clauses}
        parameters = {**base.parameters, **parameters}
        indicators = _merged(base.indicators, indicators)
        rules = {**base.rules, **rules}
        tasks = tasks or base.tasks
    if head.get("targets") == "region":
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


def _check_duplicates(raw: Mapping[str, Any], faults: _Faults) -> None:
    for table, key in (
        ("clause", "id"),
        ("indicator", "id"),
        ("rule", "id"),
        ("parameter", "name"),
    ):
        counts = Counter(row[key] for _, row in _rows(raw, table))
        for name, count in counts.items():
            if count > 1:
                faults.add(
                    f"[[{table}]] {name}",
                    Words(f"出现 {count} 次", f"occurs {count} times"),
                    Words("请只留一处。", "Keep one of them."),
                )


def _parameter(place: str, row: Mapping[str, Any], faults: _Faults) -> Parameter:
    kind = row["kind"]
    if kind not in _KINDS:
        faults.add(f"{place} kind", *_unknown_key(str(kind), _KINDS))
        kind = "choice"
    dated = [_dated(place, entry, kind, faults) for entry in row["values"]]
    return Parameter(
        name=row["name"],
        label_zh=row["zh"],
        label_en=row["en"],
        kind=kind,
        unit=row.get("unit", ""),
        clause=row["clause"],
        assumed=row.get("assumed"),
        choices=tuple(row.get("choices", ())),
        values=tuple(each for each in dated if each is not None),
        optional=bool(row.get("optional", False)),
    )


def _dated(place: str, entry: Any, kind: str, faults: _Faults) -> Dated | None:
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
    if not isinstance(value, _KINDS[kind]) or not isinstance(entry["from"], date):
        faults.add(
            f"{place} values",
            Words(f"{entry['value']} 不是 {kind}", f"{entry['value']} is not a {kind}"),
            Words("请改正数值或起始日。", "Correct the value or its first day."),
        )
        return None
    return Dated(entry["from"], value)  # type: ignore[arg-type]  # checked against _KINDS


def _exact(value: object) -> Value | None:
    """A number without binary rounding: an integer, or decimal digits in quotes."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _indicator(place: str, row: Mapping[str, Any], faults: _Faults) -> Indicator:
    return Indicator(
        id=row["id"],
        number=str(row["number"]),
        group=row["group"],
        label_zh=row["zh"],
        label_en=row["en"],
        clause=row["clause"],
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


def _target(place: str, raw: Any, faults: _Faults) -> Target | None:
    if raw is None:
        return None
    value = _exact(raw.get("value")) if isinstance(raw, dict) else None
    if not isinstance(value, Decimal) or raw.get("op") not in _OPERATORS:
        faults.add(
            place,
            Words(f"{raw} 写法不对", f"{raw} is malformed"),
            Words('请写成 { op = ">=", value = "53" }。', 'Write { op = ">=", value = "53" }.'),
        )
        return None
    return Target(raw["op"], value)


# ---------------------------------------------------------------------- what must hold of it


def _check_policy(policy: Policy, faults: _Faults) -> None:
    _check_citations(policy, faults)
    _check_given(policy, faults)
    _check_measures(policy, faults)
    for parameter in policy.parameters.values():
        _check_dates(parameter, policy, faults)


def _check_citations(policy: Policy, faults: _Faults) -> None:
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


def _check_given(policy: Policy, faults: _Faults) -> None:
    used: set[str] = set()
    for place, given in (
        *((f"[[indicator]] {each.id}", each.given) for each in policy.indicators),
        *((f"[[rule]] {each.id}", each.given) for each in policy.rules.values()),
    ):
        used.update(given)
        for name in given:
            if name not in policy.parameters:
                faults.add(f"{place} given", *_unknown_key(name, policy.parameters or {"?"}))
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


def _check_measures(policy: Policy, faults: _Faults) -> None:
    for each in policy.indicators:
        if each.measure not in MEASURE_NAMES:
            faults.add(
                f"[[indicator]] {each.id} measure", *_unknown_key(each.measure, MEASURE_NAMES)
            )
        if each.unit not in terms("unit"):
            faults.add(f"[[indicator]] {each.id} unit", *_unknown_key(each.unit, terms("unit")))


def _check_dates(parameter: Parameter, policy: Policy, faults: _Faults) -> None:
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
                f"{policy.since} 至 {min(days)} 之间没有数值",
                f"no value from {policy.since} to {min(days)}",
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
    if parameter.kind == "choice":
        for dated in parameter.values:
            if dated.value not in parameter.choices:
                faults.add(place, *_unknown_key(str(dated.value), parameter.choices or {"?"}))
