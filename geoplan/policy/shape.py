"""The shape of a policy file: its tables, their keys, and what kind of value each key takes.

Belongs here: whether a file can be read at all. Does not belong here: whether what it says hangs
together (``read.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from geoplan.errors import Problem
from geoplan.terms import Words


@dataclass(frozen=True, slots=True)
class Kind:
    """What a key takes: a test, its name in both languages, and an example as it is written."""

    fits: Callable[[Any], bool]
    name: Words
    example: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table, and whether it must be there."""

    kind: Kind
    needed: bool = True


@dataclass(slots=True)
class Faults:
    """The faults of one file, gathered until all are known."""

    where: str
    found: list[Problem] = field(default_factory=list)

    def add(self, place: str, what: Words, remedy: Words) -> None:
        """Note a fault at a place in the file."""
        self.found.append(Problem(f"{self.where}: {place}", what, remedy))

    def stand_at(self, *places: str) -> bool:
        """Whether a fault is known at one of the places."""
        known = {problem.where for problem in self.found}
        return any(f"{self.where}: {place}" in known for place in places)


def is_day(value: object) -> bool:
    """Whether it is a day and not a moment.

    Examples
    --------
    >>> is_day(date(2021, 1, 1)), is_day(datetime(2021, 1, 1)), is_day("2021-01-01")
    (True, False, False)
    """
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_TEXT = Kind(lambda value: isinstance(value, str), Words("文字", "a text"), '"…"')
_NAME = Kind(
    lambda value: isinstance(value, str) and bool(value.strip()), Words("名称", "a name"), '"…"'
)
_TEXTS = Kind(_is_texts, Words("文字列表", "a list of texts"), '["…", "…"]')
_DAY = Kind(is_day, Words("日期", "a day"), "2021-01-01")
_WHOLE = Kind(_is_number, Words("整数", "a whole number"), "8")
_NUMERAL = Kind(
    lambda value: _is_number(value) or isinstance(value, str),
    Words("编号", "a number or a text"),
    '"8"',
)
_FLAG = Kind(lambda value: isinstance(value, bool), Words("是或否", "true or false"), "true")
_LIST = Kind(
    lambda value: isinstance(value, list),
    Words("列表", "a list"),
    "[{ from = 2021-01-01, value = 15 }]",
)
_ANY = Kind(lambda _: True, Words("", ""), "")  # looked at where it is built

KEYS: Mapping[str, Mapping[str, Key]] = {
    "policy": {
        "id": Key(_NAME),
        "title": Key(_NAME),
        "issuer": Key(_TEXT),
        "document_no": Key(_TEXT),
        "issued": Key(_DAY, needed=False),
        "since": Key(_DAY),
        "until": Key(_DAY),
        "extends": Key(_NAME, needed=False),
        "targets": Key(_NAME, needed=False),
        "compare_with": Key(_TEXTS, needed=False),
    },
    "clause": {
        "id": Key(_NAME),
        "where": Key(_NAME),
        "text": Key(_NAME),
        "reason": Key(_NAME, needed=False),
        "reason_en": Key(_NAME, needed=False),
        "role": Key(_NAME, needed=False),
    },
    "task": {
        "number": Key(_WHOLE),
        "category": Key(_TEXT),
        "task": Key(_NAME),
        "goal_2021": Key(_TEXT),
        "goal_2023": Key(_TEXT),
        "measures": Key(_TEXT),
        "bureaus": Key(_TEXT),
        "clause": Key(_TEXT),
    },
    "indicator": {
        "id": Key(_NAME),
        "number": Key(_NUMERAL),
        "group": Key(_TEXT),
        "zh": Key(_NAME),
        "en": Key(_NAME),
        "clause": Key(_TEXT),
        "unit": Key(_TEXT),
        "measure": Key(_NAME),
        "given": Key(_TEXTS),
        "lead": Key(_TEXTS),
        "region_target": Key(_ANY, needed=False),
        "baseline": Key(_ANY, needed=False),
        "target": Key(_ANY, needed=False),
        "task": Key(_WHOLE, needed=False),
        "reason": Key(_NAME, needed=False),
        "reason_en": Key(_NAME, needed=False),
    },
    "rule": {
        "id": Key(_NAME),
        "zh": Key(_NAME),
        "en": Key(_NAME),
        "clause": Key(_TEXT),
        "given": Key(_TEXTS),
    },
    "parameter": {
        "name": Key(_NAME),
        "zh": Key(_NAME),
        "en": Key(_NAME),
        "kind": Key(_NAME),
        "clause": Key(_TEXT),
        "values": Key(_LIST),
        "unit": Key(_TEXT, needed=False),
        "assumed": Key(_NAME, needed=False),
        "assumed_en": Key(_NAME, needed=False),
        "choices": Key(_TEXTS, needed=False),
        "optional": Key(_FLAG, needed=False),
    },
}


def check_shape(raw: Mapping[str, Any], faults: Faults) -> bool:
    """Note every fault of shape; whether the rows can be built nevertheless.

    A key that is not known is a fault, yet the rest can still be looked at.
    """
    for name in raw:
        if name not in KEYS:
            faults.add(name, *unknown_key(name, KEYS))
    sound = _check_tables(raw, faults)
    for name in KEYS:
        for place, row in rows_in(raw, name):
            sound &= _check_row(place, row, KEYS[name], faults)
    return sound


def rows_in(raw: Mapping[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a table with the place to name in messages."""
    found = raw.get(name, [])
    if name == "policy":
        return [("[policy]", found)] if isinstance(found, dict) else []
    return [
        (f"[[{name}]] {row.get('id') or row.get('name') or row.get('number') or index}", row)
        for index, row in enumerate(found if isinstance(found, list) else (), start=1)
        if isinstance(row, dict)
    ]


def unknown_key(key: str, known: Collection[str]) -> tuple[Words, Words]:
    """What to say of a word that is not among the known ones.

    Examples
    --------
    >>> what, remedy = unknown_key("cluase", ("clause", "values"))
    >>> str(what), str(remedy)
    ('unknown key cluase', 'The nearest known key is clause.')
    """
    near = get_close_matches(key, sorted(known), n=1, cutoff=0)
    what = Words(f"不认识的键 {key}", f"unknown key {key}")
    if not near:
        return what, Words("这里不能有任何键。", "Nothing may be named here.")
    return what, Words(f"最接近的是 {near[0]}。", f"The nearest known key is {near[0]}.")


def _check_tables(raw: Mapping[str, Any], faults: Faults) -> bool:
    """Whether ``[policy]`` is there and every other table is a list of rows."""
    sound = True
    if not isinstance(raw.get("policy"), dict):
        sound = False
        faults.add(
            "[policy]",
            Words("缺少这一节", "the section is missing"),
            Words("请补上 id、title 等。", "Add it with id, title and the rest."),
        )
    for name in KEYS:
        rows = raw.get(name, [])
        if name != "policy" and not (
            isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
        ):
            sound = False
            faults.add(
                name,
                Words("不是一行行的表", "is no table of rows"),
                Words(f"每行以 [[{name}]] 开头。", f"Begin each row with [[{name}]]."),
            )
    return sound


def _check_row(place: str, row: Mapping[str, Any], keys: Mapping[str, Key], faults: Faults) -> bool:
    for name in row:
        if name not in keys:
            faults.add(f"{place} {name}", *unknown_key(name, keys))
    sound = True
    for name, key in keys.items():
        if name not in row:
            # without a citation the row is built, and refused with all the other citations
            if key.needed and name != "clause":
                sound = False
                faults.add(
                    place,
                    Words(f"缺少 {name}", f"{name} is missing"),
                    Words(
                        f"请补上 {name} = {key.kind.example}。", f"Add {name} = {key.kind.example}."
                    ),
                )
        elif not key.kind.fits(row[name]):
            sound = False
            faults.add(
                f"{place} {name}",
                Words(
                    f"{row[name]!r} 不是{key.kind.name.zh}",
                    f"{row[name]!r} is not {key.kind.name.en}",
                ),
                Words(
                    f"请写成 {name} = {key.kind.example}。", f"Write {name} = {key.kind.example}."
                ),
            )
    return sound
