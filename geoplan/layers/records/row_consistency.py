"""What several cells of one row say together.

Belongs here: functions from a list or from beds, the kind of a division from its code, days in
the wrong order, declared places by code or name. Does not belong here: single cells (``values.py``).

The tables here are columns of typed values by field, one element a row; ``flags`` collects the
codes of each row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import cast

from geoplan.errors import Remark
from geoplan.layers.raw_table import Register, listing
from geoplan.terms import Words

Table = dict[str, list[object]]
Flags = dict[int, list[str]]
Settle = Callable[[Table, Flags, Register], list[Remark]]

FUNCTIONS = ("full_time_care", "day_care", "home_visit", "technical_support")
_BEDS = (("full_time_beds", "full_time_care"), ("day_seats", "day_care"))
_JIEDAO, _TOWN, _TOWNSHIP = range(1, 100), range(100, 200), range(200, 400)


def settle_places(table: Table, flags: Flags, register: Register) -> list[Remark]:
    """A place declared by code and by name is known by its code."""
    del flags, register
    for field in [field for field in table if f"{field}_code" in table]:
        codes = table.pop(f"{field}_code")
        table[field] = [code or name for code, name in zip(codes, table[field], strict=True)]
    for field in [field for field in table if field.endswith("_code") and field != "division_code"]:
        table[field.removesuffix("_code")] = table.pop(field)
    return []


def settle_functions(table: Table, flags: Flags, register: Register) -> list[Remark]:
    """The functions of a facility: the list, the four columns, or else its beds and seats."""
    size = len(register.rows)
    listed = table.get("functions", [None] * size)
    ticks = {name: table.pop(name) for name in FUNCTIONS if name in table}
    beds = [(table[field], name) for field, name in _BEDS if field in table]
    functions: list[object] = []
    from_beds: list[int] = []
    half = [at for at in range(size) if listed[at] is None and _is_half_ticked(ticks, at)]
    for at in half:
        blank = [name for name, cells in ticks.items() if cells[at] is None]
        flags.setdefault(at, []).extend(f"FUNCTION_BLANK:{name}" for name in blank)
    for at in range(size):
        named, is_said = _said_functions(listed[at], ticks, at)
        if not is_said:
            named = {name for cells, name in beds if cast("Decimal", cells[at] or 0) > 0}
            if named:
                from_beds.append(at)
                flags.setdefault(at, []).append("FUNCTIONS_FROM_BEDS:functions")
        functions.append(frozenset(named) if is_said or named else None)
    table["functions"] = functions
    return [
        register.remark(code, words, at)
        for code, words, at in (
            ("FUNCTION_BLANK", _half_words(), half),
            ("FUNCTIONS_FROM_BEDS", _from_beds_words(), from_beds),
        )
        if at
    ]


def _is_half_ticked(ticks: dict[str, list[object]], at: int) -> bool:
    """Whether some of the four columns say yes or no and others nothing."""
    silent = [cells[at] is None for cells in ticks.values()]
    return any(silent) and not all(silent)


def _half_words() -> Words:
    return Words(
        "四项服务功能有的填了、有的空白，空白的按没有计",
        "some of the four function columns are filled and some blank; the blank ones count as no",
    )


def _from_beds_words() -> Words:
    return Words(
        "服务功能空白，按全托床位、日托席位推定",
        "the functions are blank and were taken from its beds and day seats",
    )


def _said_functions(
    listed: object, ticks: dict[str, list[object]], at: int
) -> tuple[set[str], bool]:
    named = set(cast("tuple[str, ...]", listed or ()))
    named |= {name for name, cells in ticks.items() if cells[at] is True}
    is_said = listed is not None or any(cells[at] is not None for cells in ticks.values())
    return named, is_said


def settle_divisions(table: Table, flags: Flags, register: Register) -> list[Remark]:
    """The id and kind of a division: from its code, and where it has none from its name and kind."""
    size = len(register.rows)
    names = table.get("name") or [None] * size
    codes = [_division_code(code) for code in table["id"]]
    odd = [at for at, code in enumerate(table["id"]) if code and not codes[at]]
    kinds = table.get("kind") or [None] * size
    settled = [_kind_of(codes[at], kinds[at], names[at]) for at in range(size)]
    against = [at for at in range(size) if codes[at] and kinds[at] not in (None, settled[at])]
    guessed = [at for at in range(size) if not codes[at] and kinds[at] is None]
    nameless = [at for at in range(size) if not codes[at] and not names[at]]
    spare = [f"row{row}" for row in register.rows]
    table["id"] = [codes[at] or names[at] or table["id"][at] or spare[at] for at in range(size)]
    table["name"] = [names[at] or table["id"][at] for at in range(size)]
    table["kind"] = list(settled)
    register = Register(register.layer, register.rows, table["id"])
    remarks = []
    for code, positions, words in (
        ("BAD_CODE", odd, _odd_code_words()),
        ("KIND_CONTRADICTS_CODE", against, _against_words()),
        ("KIND_UNKNOWN", guessed, _guessed_words()),
        ("ID_BLANK", nameless, _nameless_words()),
    ):
        for at in positions:
            flags.setdefault(at, []).append(f"{code}:kind")
        if positions:
            rows = listing([int(register.rows[at]) for at in positions])
            detail = Words(f"第 {rows} 行{words.zh}", f"row {rows}: {words.en}")
            remarks.append(register.remark(code, detail, positions))
    return remarks


def _division_code(code: object) -> str | None:
    """The nine digits of a town-level code, the three zeros of its twelve-digit form cut off."""
    found = re.fullmatch(r"(\d{9})(?:000)?", str(code or ""))
    return found[1] if found else None


def _kind_of(code: str | None, kind: object, name: object) -> str:
    """The kind by the last three digits of the code, else as stated, else by the name's ending."""
    if code is None:
        ending = re.search(r"(街道)(?:办事处|办)?$|(镇)$|(乡)$", str(name or ""))
        by_name = ("jiedao", "town", "township")[(ending.lastindex or 1) - 1] if ending else "other"
        return str(kind or by_name)
    number = int(code[6:])
    kinds = (("jiedao", _JIEDAO), ("town", _TOWN), ("township", _TOWNSHIP))
    return next((name for name, numbers in kinds if number in numbers), "other")


def _odd_code_words() -> Words:
    return Words(
        "区划代码不是 9 位（或末三位为 000 的 12 位），改以名称为编号",
        "the division code has neither 9 digits nor 12 ending in 000; its name is its id instead",
    )


def _nameless_words() -> Words:
    return Words(
        "没有代码也没有名称，改用行号编号", "it has neither code nor name; the row number was used"
    )


def _against_words() -> Words:
    return Words(
        "类别与区划代码不符，以代码为准（第 7–9 位 001–099 是街道，100–199 是镇，200–399 是乡）",
        "its kind contradicts its code; the code was believed "
        "(digits 7–9: 001–099 sub-district, 100–199 town, 200–399 township)",
    )


def _guessed_words() -> Words:
    return Words(
        "没有区划代码也没有类别，按名称的末字判断类别",
        "it has neither code nor kind; its kind was told from the ending of its name",
    )


def order_settler(start: str, end: str) -> Settle:
    """A settler that marks rows whose ``end`` lies before their ``start``; both stay."""

    def settle_order(table: Table, flags: Flags, register: Register) -> list[Remark]:
        if start not in table or end not in table:
            return []
        pairs = zip(table[start], table[end], strict=True)
        reversed_at = [at for at, (first, last) in enumerate(pairs) if _is_before(last, first)]
        for at in reversed_at:
            flags.setdefault(at, []).append(f"DATES_REVERSED:{end}")
        if not reversed_at:
            return []
        rows = listing([int(register.rows[at]) for at in reversed_at])
        detail = Words(
            f"第 {rows} 行的 {end} 早于 {start}，请核对；两个日期都照原样使用",
            f"row {rows}: {end} lies before {start}; check them, both are used as they are",
        )
        return [register.remark("DATES_REVERSED", detail, reversed_at)]

    return settle_order


def _is_before(last: object, first: object) -> bool:
    return isinstance(last, date) and isinstance(first, date) and last < first


def settlers_of(layer: str) -> Sequence[Settle]:
    """What is settled in the rows of a layer, in order."""
    own: dict[str, tuple[Settle, ...]] = {
        "divisions": (settle_divisions,),
        "facilities": (
            settle_functions,
            order_settler("open_date", "close_date"),
            order_settler("lease_start", "lease_end"),
        ),
    }
    return (settle_places, *own.get(layer, ()))
