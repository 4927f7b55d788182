"""What a programme must assume: its years and budgets, prices, and the sizes of rooms.

Belongs here: the ``[programme]`` section of study.toml and the defaults, each of which is ours and
printed as an assumption with every programme. Does not belong here: what the policy says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from geoplan.errors import Problem, StudyError
from geoplan.layers.tables.amounts import read_count
from geoplan.terms import Words, terms

_YEARS = re.compile(r"(\d{4})(?:\s*[-~至到—–]\s*(\d{4}))?")
_USUAL_YEARS = 3
_SEPARATORS = re.compile(r"[,，;；、]")


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The years, their budgets in yuan, and what is assumed of prices and sizes.

    Parameters
    ----------
    years : calendar years, ascending, one after the other.
    budgets_yuan : one a year; ``None`` is no limit.
    instruments : which instruments of ``terms.toml`` may be used.
    build_yuan_per_m2, extend_yuan_per_m2 : of gross floor area.
    fit_out_yuan_per_m2 : to make rooms that are there fit for care.
    rent_yuan_per_m2_year : where a lease is renewed and no rent is known.
    function_yuan : to add one missing function to a 街道 centre.
    center_least_m2 : the smallest comprehensive 街道 centre (1,000 in Guizhou's notice of 2022).
    childcare_least_m2 : the smallest childcare rooms that cover a residential community.
    rooms_least_m2 : smaller premises are not looked at, smaller rooms not built.
    place_m2 : floor area for one childcare place.
    extend_share : how much of its floor area a facility can grow by.
    plot_ratio : floor area to land area of a new build.
    lease_years : how long a new lease runs; the plan asks for at least three.
    """

    years: tuple[int, ...]
    budgets_yuan: tuple[Fraction, ...] | None = None
    instruments: tuple[str, ...] = ()
    build_yuan_per_m2: Fraction = Fraction(4500)
    extend_yuan_per_m2: Fraction = Fraction(3500)
    fit_out_yuan_per_m2: Fraction = Fraction(1200)
    rent_yuan_per_m2_year: Fraction = Fraction(240)
    function_yuan: Fraction = Fraction(300_000)
    center_least_m2: Fraction = Fraction(1000)
    childcare_least_m2: Fraction = Fraction(120)
    rooms_least_m2: Fraction = Fraction(50)
    place_m2: Fraction = Fraction(8)
    extend_share: Fraction = Fraction(1, 2)
    plot_ratio: Fraction = Fraction(1)
    lease_years: Fraction = Fraction(5)
    given: frozenset[str] = frozenset()

    @property
    def last_day(self) -> date:
        """The day on which everything must stand."""
        return date(self.years[-1], 12, 31)

    def numbers(self) -> dict[str, Fraction]:
        """Every assumed number by its name."""
        return {name: getattr(self, name) for name in NUMBERS}


NUMBERS = tuple(
    each.name
    for each in fields(Assumptions)
    if each.name not in {"years", "budgets_yuan", "instruments", "given"}
)
_KEYS = ("years", "budget", "instruments", *NUMBERS)


def build_assumptions(
    raw: Mapping[str, Any],
    *,
    as_of: date,
    years: str | None = None,
    budget: str | None = None,
) -> Assumptions:
    """The ``[programme]`` section with what the command line changes.

    Parameters
    ----------
    raw : the section as TOML has it.
    as_of : the study's day; without years the three that follow it.
    years : ``2024-2026``; ``budget`` : ``300万,200万,200万``, one a year.

    Raises
    ------
    StudyError
        a key is unknown, a value is no number, a budget is missing; all faults at once.

    Examples
    --------
    >>> told = build_assumptions({}, as_of=date(2023, 12, 31), budget="300万,200万,0")
    >>> told.years, [int(each) for each in told.budgets_yuan]
    ((2024, 2025, 2026), [3000000, 2000000, 0])
    """
    problems = [_unknown_key(key) for key in raw if key not in _KEYS]
    typed = {"years": years, "budget": budget}
    where = {key: _where(key) if typed[key] is None else f"--{key}" for key in typed}
    told = {key: raw.get(key) if typed[key] is None else typed[key] for key in typed}
    span = _read_years(where["years"], told["years"], as_of, problems)
    budgets = _read_budgets(where["budget"], told["budget"], len(span), problems)
    instruments = _read_instruments(raw.get("instruments"), problems)
    numbers = {
        name: number
        for name in NUMBERS
        if name in raw and (number := _read_number(name, raw[name], problems)) is not None
    }
    if problems:
        raise StudyError(problems)
    told_of = frozenset({*numbers, *({"instruments"} & set(raw))})
    found = Assumptions(span, budgets, instruments, given=told_of)
    return replace(found, **numbers)  # type: ignore[arg-type]  # numbers only


def _where(key: str) -> str:
    return f"study.toml: [programme] {key}"


def _unknown_key(key: str) -> Problem:
    near = get_close_matches(key, _KEYS, n=1, cutoff=0)[0]
    return Problem(
        _where(key),
        Words("不认识的键", "unknown key"),
        Words(f"最接近的是 {near}。", f"The nearest known key is {near}."),
    )


def _read_years(where: str, value: Any, as_of: date, problems: list[Problem]) -> tuple[int, ...]:
    first = as_of.year + 1
    usual = tuple(range(first, first + _USUAL_YEARS))
    if value is None:
        return usual
    found = _YEARS.fullmatch(str(value).strip())
    start, end = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if start > end or end - start > 20 or start < as_of.year:  # noqa: PLR2004 - a plan's horizon
        fault = Words(
            f"“{value}”不是 {as_of.year} 年起的一段年份",
            f'"{value}" is no span of years from {as_of.year} on',
        )
        remedy = Words(f"请写成 {usual[0]}-{usual[-1]}。", f"Write {usual[0]}-{usual[-1]}.")
        problems.append(Problem(where, fault, remedy))
        return usual
    return tuple(range(start, end + 1))


def _read_budgets(
    where: str, value: Any, years: int, problems: list[Problem]
) -> tuple[Fraction, ...] | None:
    """Yuan, one a year. A comma between digits parts budgets, never thousands."""
    if value is None:
        return None
    parts = value if isinstance(value, list) else _SEPARATORS.split(str(value))
    amounts = [_yuan(part) for part in parts]
    if any(amount is None for amount in amounts):
        fault = Words(f"“{value}”里有不是金额的内容", f'"{value}" holds what is no amount')
    elif len(amounts) != years:
        fault = Words(
            f"{len(amounts)} 个预算对 {years} 个年份", f"{len(amounts)} budgets for {years} years"
        )
    else:
        return tuple(Fraction(amount) for amount in amounts if amount is not None)
    example = ",".join(["300万"] * years)
    remedy = Words(f"每年一个，例如 {example}。", f"Write one a year, such as {example}.")
    problems.append(Problem(where, fault, remedy))
    return None


def _yuan(part: Any) -> Decimal | None:
    text = str(part).strip().removesuffix("元")
    amount, codes = read_count(text)
    return None if codes else amount


def _read_instruments(value: Any, problems: list[Problem]) -> tuple[str, ...]:
    known = tuple(terms("instrument"))
    if value is None:
        return known
    listed = value if isinstance(value, list) else [value]
    unknown = [str(each) for each in listed if each not in known]
    if unknown or not listed:
        fault = Words(f"不认识的方式 {'、'.join(unknown)}", f"unknown: {', '.join(unknown)}")
        remedy = Words(f"可用：{'、'.join(known)}。", f"Choose from {', '.join(known)}.")
        problems.append(Problem(_where("instruments"), fault, remedy))
    return tuple(name for name in known if name in listed)


def _read_number(name: str, value: Any, problems: list[Problem]) -> Fraction | None:
    amount, codes = read_count(value)
    positive = name in {"plot_ratio", "place_m2", "lease_years"}
    if amount is None or codes or (positive and not amount):
        fault = Words(f"“{value}”不是可用的数", f'"{value}" is no number to use')
        remedy = Words("请写一个不小于 0 的数。", "Write a number of at least 0.")
        if positive:
            remedy = Words("请写一个大于 0 的数。", "Write a number above 0.")
        problems.append(Problem(_where(name), fault, remedy))
        return None
    return Fraction(amount)


def span_text(years: Sequence[int]) -> str:
    """The years as people write them.

    Examples
    --------
    >>> span_text((2024, 2025, 2026)), span_text((2024,))
    ('2024-2026', '2024')
    """
    return f"{years[0]}-{years[-1]}" if len(years) > 1 else str(years[0])
