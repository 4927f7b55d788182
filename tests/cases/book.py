"""The worked cases as data, and the comparison of what was expected with what came out.

A case file holds cases a planner can read: what is given, what must come out, and why. A ``base``
is a set of layers that several cases share, a ``like`` a model row. A ``run`` judges the same
ground another day, by another policy or with other values, or changes a layer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.cases.given import Given, Question, read_rows

_CASE_KEYS = {
    "id",
    "zh",
    "en",
    "why",
    "base",
    "policy",
    "as_of",
    "period_start",
    "values",
    "given",
    "expect",
    "run",
}
_RUN_KEYS = {"name", "policy", "as_of", "period_start", "values", "given", "expect"}
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Case:
    """One judgement of a case: what is given and what must come out."""

    id: str
    zh: str
    en: str
    why: str
    question: Question
    given: Given
    tables: Mapping[str, str]
    expect: Mapping[str, Any]


def read_cases(file: Path) -> Iterator[Case]:
    """The cases of a file, one for each run; a key nobody knows is an error."""
    book = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    for entry in book["case"]:
        _check_keys(entry, _CASE_KEYS)
        runs = entry.get("run", [])
        for number, run in enumerate(runs or [{}], start=1):
            _check_keys(run, _RUN_KEYS)
            yield _read_case(book, entry, run, str(run.get("name", number)) if runs else "")


def _check_keys(table: Mapping[str, Any], known: set[str]) -> None:
    if table.keys() - known:
        raise ValueError(
            f"{table.get('id', table.get('name'))}: unknown keys {table.keys() - known}"
        )


def _read_case(
    book: Mapping[str, Any], entry: Mapping[str, Any], run: Mapping[str, Any], name: str
) -> Case:
    base = book["base"][entry["base"]] if "base" in entry else {}
    tables = {**base, **entry.get("given", {}), **run.get("given", {})}
    tables = {layer: text for layer, text in tables.items() if text}
    said = {**entry, **run}
    return Case(
        id=f"{entry['id']}/{name}" if name else entry["id"],
        zh=entry["zh"],
        en=entry["en"],
        why=entry["why"],
        question=_read_question(said, {**entry.get("values", {}), **run.get("values", {})}),
        given={layer: read_rows(text, book.get("like")) for layer, text in tables.items()},
        tables=tables,
        expect={**entry.get("expect", {}), **run.get("expect", {})},
    )


def _read_question(said: Mapping[str, Any], values: Mapping[str, Any]) -> Question:
    keys = ("policy", "as_of", "period_start")
    return Question(**{key: said[key] for key in keys if key in said}, values=values)


def faults(case: Case, document: Mapping[str, Any], exits: Mapping[str, int]) -> list[str]:
    """Every expectation of the case that the result does not meet."""
    found: list[str] = []
    for subject, expected in case.expect.items():
        got = find(document, subject, exits)
        if isinstance(expected, Mapping) and isinstance(got, Mapping):
            found += [f"{subject} {line}" for line in _differences(expected, got)]
        elif not _equals(expected, got):
            found.append(f"{subject}: expected {expected}, got {got}")
    return found


def find(document: Mapping[str, Any], subject: str, exits: Mapping[str, int]) -> Any:
    """What a subject names: ``unit X1 elder``, ``indicator …``, ``no gap X1 elder``, ``exit gaps``."""
    kind, *words = subject.split()
    if kind == "exit":
        return exits[words[0]]
    if kind == "no":
        return not _rows(document, words[0], words[1:])
    if kind == "policy":
        return document["policy"]
    rows = _rows(document, kind, words)
    if kind == "remark":
        return _gathered(rows)
    return rows[0] if len(rows) == 1 else f"{len(rows)} rows"


_KEYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "indicator": ("indicators", ("id",)),
    "unit": ("units", ("unit_id", "kind")),
    "project": ("projects", ("project_id",)),
    "facility": ("facilities", ("id",)),
    "gap": ("gaps", ("unit_id", "kind")),
    "remark": ("remarks", ("code",)),
}


def _rows(document: Mapping[str, Any], kind: str, words: Sequence[str]) -> list[Mapping[str, Any]]:
    table, keys = _KEYS[kind]
    wanted = dict(zip(keys, words, strict=False))
    return [row for row in document[table] if all(row[key] == wanted[key] for key in wanted)]


def _gathered(remarks: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | str:
    """All remarks of one code together."""
    if not remarks:
        return "no such remark"
    return {
        "ids": [each for remark in remarks for each in remark["ids"]],
        "rows": [each for remark in remarks for each in remark["rows"]],
        "layers": sorted({remark["layer"] for remark in remarks}),
        "details": [remark["detail"] for remark in remarks],
    }


def _differences(expected: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[str]:
    for key, value in expected.items():
        name, _, how = key.rpartition("_")
        if how in {"has", "lacks", "say"}:
            words = _words(_value(got, name))
            yield from _partly(name, how, value, words)
        elif isinstance(value, Mapping):
            inner = _value(got, key)
            if isinstance(inner, Mapping):
                yield from (f"{key}.{line}" for line in _differences(value, inner))
            else:
                yield f"{key}: expected {value}, got {inner}"
        elif not _equals(value, _value(got, key)):
            yield f"{key}: expected {value}, got {_value(got, key)}"


def _value(got: Mapping[str, Any], key: str) -> Any:
    if key == "flags":  # whatever is said about a row, of consequence or not
        return sorted({*got["codes"], *got.get("warnings", ())})
    return got.get(key, f"no field {key}")


def _partly(name: str, how: str, wanted: Sequence[str], words: Sequence[str]) -> Iterator[str]:
    for word in wanted:
        there = any(word in each if how == "say" else _begins(each, word) for each in words)
        if there is (how == "lacks"):
            yield f"{name}: expected {'no ' if how == 'lacks' else ''}{word}, got {words}"


def _begins(word: str, wanted: str) -> bool:
    return word == wanted or word.startswith(f"{wanted}:")


def _equals(expected: Any, got: Any) -> bool:
    if isinstance(expected, list):
        words = _words(got)
        plain = [word.partition(":")[0] for word in words]
        return sorted(str(each) for each in expected) in (sorted(words), sorted(plain))
    if expected == _NONE:
        return got is None
    return bool(expected == got) and isinstance(expected, bool) == isinstance(got, bool)


def _words(got: Any) -> list[str]:
    return [_word(each) for each in got] if isinstance(got, list) else [str(got)]


def _word(item: Any) -> str:
    """An element of a list as one word: ``LOC_MISMATCH:F12``, ``R5:OVERSIZE:拆为2个``, ``F3:90``."""
    if not isinstance(item, Mapping):
        return str(item)
    for keys in (("id", "reason", "advice"), ("code", "id"), ("id", "m2"), ("code", "amount")):
        if all(key in item for key in keys):
            return ":".join(str(item[key]) for key in keys).rstrip(":")
    return str(item)
