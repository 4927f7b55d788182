"""Two tellings of the rules agree on random cities: the oracle's and geoplan's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from time import monotonic

import pytest

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment, IndicatorResult, UnitResult
from geoplan.layers.model import Layers
from geoplan.policy.model import Policy
from geoplan.policy.read import build_standard, read_policy
from geoplan.workflow import assess_study
from tests.cases.given import write_study
from tests.oracle.cities import City, build_city
from tests.oracle.direct import typed_layers
from tests.oracle.oracle import Telling, tell
from tests.oracle.rates import Rate
from tests.oracle.rooms import Unit

CITIES = int(os.environ.get("GEOPLAN_ORACLE_CITIES", "200"))
FEWEST = 100
BY_FILES = max(10, CITIES // 20)
FIRST = int(os.environ.get("GEOPLAN_ORACLE_FIRST", "0"))
REASONS = {
    *("HH_MISSING", "HH_ESTIMATED", "STATUS_UNKNOWN", "AREA_MISSING", "AREA_KIND"),
    *("SHARED_SPLIT_MISSING", "AREA_OVERALLOCATED", "ALLOC_HH_MISSING"),
}
_FOLLOWS = {"committed": ("gap_after",), "verdict": ("gap", "gap_after")}
FLAGS = {
    *("BAD_LOCATION", "IDLE", "LEASE_TERM_UNKNOWN", "LEASE_SHORT", "LEASE_EXPIRING"),
    "EVIDENCE_NOT_GIVEN",
}


@cache
def _policy(name: str) -> Policy:
    return read_policy(name)


def judge_directly(city: City) -> Assessment:
    """Judge a city built in memory."""
    return judge_layers(typed_layers(city.given), city)


def judge_layers(layers: Layers, city: City) -> Assessment:
    """Judge any layers by the question asked of a city."""
    policy = _policy(city.question.policy)
    values = {
        key: str(value) if not isinstance(value, bool) else value
        for key, value in city.question.values.items()
    }
    standard, _ = build_standard(policy, city.question.as_of, values)
    return assess(layers, standard, study="oracle")


def tell_city(city: City) -> Telling:
    """The oracle's answer for a city."""
    question = city.question
    return tell(city.given, as_of=question.as_of, policy=question.policy, values=question.values)


def compare(city: City, result: Assessment) -> list[str]:
    """Every difference between the two tellings."""
    telling = tell_city(city)
    by_id = {each.indicator.id: each for each in result.indicators}
    units = {(each.level, each.unit_id, each.kind): each for each in result.units}
    found = [
        f"{name} {line}"
        for name, rate in telling.rates.items()
        for line in _rate_differences(rate, by_id[name])
    ]
    for key, unit in telling.units.items():
        lines = _unit_differences(unit, units[key]) if key in units else ["no such row"]
        found += [f"{' '.join(key)} {line}" for line in lines]
    return [*found, *_gap_differences(result)]


def _rate_differences(expected: Rate, got: IndicatorResult) -> Iterator[str]:
    pairs: dict[str, tuple[object, object]] = {
        "denominator": (expected.denominator, got.denominator),
        "verdict": (expected.verdict, got.verdict.value),
        "unknown": (expected.unknown, set(got.unknown)),
        "provisional": (bool(expected.unknown), got.provisional),
    }
    if expected.denominator:
        value = (
            expected.numerator
            * (1000 if "1000" in got.indicator.id else 100)
            / expected.denominator
        )
        pairs |= {
            "numerator": (expected.numerator, got.numerator),
            "value": (value, got.value),
            "need_more": (expected.need_more, got.need_more),
        }
    if expected.could_turn is not None:
        pairs["could_turn"] = (expected.could_turn, got.could_turn)
    if expected.covered or expected.uncovered:
        pairs |= {
            "covered": (expected.covered, set(got.covered)),
            "uncovered": (expected.uncovered, set(got.uncovered)),
        }
    if expected.excluded:
        pairs["excluded"] = (expected.excluded, {each.id: each.reason for each in got.excluded})
    yield from _unequal(pairs)
    missing = expected.warnings - {(each.code, each.id) for each in got.warnings}
    if missing:
        yield f"warnings: missing {sorted(missing)}"


def _unequal(pairs: dict[str, tuple[object, object]]) -> Iterator[str]:
    for name, (wanted, found) in pairs.items():
        if wanted != found:
            yield f"{name}: expected {wanted}, got {found}"


def _unit_differences(expected: Unit, got: UnitResult) -> Iterator[str]:
    pairs: dict[str, tuple[object, object]] = {"verdict": (expected.verdict, got.verdict.value)}
    if expected.verdict != "NA":
        gap = (
            None
            if expected.required is None
            else max(Fraction(0), expected.required - expected.provided)
        )
        pairs |= {
            "required": (expected.required, got.required_m2),
            "provided": (expected.provided, got.provided_m2),
            "committed": (expected.committed, got.committed_m2),
            "planned": (expected.planned, got.planned_m2),
            "codes": (expected.codes & REASONS, set(got.codes) & REASONS),
            "flags": (expected.codes & FLAGS, set(got.codes) & FLAGS),
            "official": (expected.official, got.official),
            "credits": (
                expected.provided,
                sum((each.floor_m2 for each in got.facilities), Fraction(0)),
            ),
        }
        if expected.verdict in {"PASS", "FAIL"}:
            pairs["gap"] = (gap, got.gap_m2)
            pairs["gap_after"] = (
                max(
                    Fraction(0),
                    (expected.required or Fraction(0)) - expected.provided - expected.committed,
                ),
                got.gap_after_committed_m2,
            )
    for name in expected.open:
        pairs.pop(name, None)
        for other in _FOLLOWS.get(name, ()):
            pairs.pop(other, None)
    yield from _unequal(pairs)


def _gap_differences(result: Assessment) -> Iterator[str]:
    """The gap list says what the verdicts say: failed and unknown units, and no others."""
    listed = {
        (gap.level, gap.unit_id, gap.kind): gap
        for gap in result.gaps
        if gap.rule == "area_per_100_households"
    }
    for unit in (each for each in result.units if each.level in {"compound", "community", "rc"}):
        gap = listed.pop((unit.level, unit.unit_id, unit.kind), None)
        if (gap is not None) != (unit.verdict.value in {"FAIL", "UNKNOWN"}):
            yield f"gap list {unit.unit_id} {unit.kind}: {unit.verdict} and gap {gap}"
        elif gap is not None and unit.verdict.value == "FAIL":
            if (gap.gap, gap.official) != (unit.gap_m2, unit.official):
                yield f"gap list {unit.unit_id} {unit.kind}: {gap.gap} {gap.official}"
        elif gap is not None and (gap.official or gap.gap is not None):
            yield f"gap list {unit.unit_id} {unit.kind}: unknown, but {gap.gap} {gap.official}"
    if listed:
        yield f"gap list: rows of no unit {sorted(listed)}"


def told(seed: int, city: City, lines: list[str]) -> str:
    """A disagreement with the cells it came from."""
    rows = [
        f"{layer} {' '.join(f'{k}={v}' for k, v in row.items() if v)}"
        for layer, rows in city.given.items()
        for row in rows
    ]
    return "\n".join([f"city {seed} {city.question}", *rows, "DIFFERENCES", *lines])


def test_agrees_on_random_cities() -> None:
    """As many cities as asked for; without asking, as many as a minute allows, and never few."""
    end = monotonic() + (60 if "GEOPLAN_ORACLE_CITIES" not in os.environ else float("inf"))
    for seed in range(FIRST, FIRST + CITIES):
        city = build_city(seed)
        lines = compare(city, judge_directly(city))
        assert not lines, told(seed, city, lines)
        if monotonic() > end and seed - FIRST >= FEWEST:
            break


@pytest.mark.parametrize("seed", range(FIRST, FIRST + BY_FILES))
def test_agrees_through_files(seed: int, tmp_path: Path) -> None:
    city = build_city(seed)
    lines = compare(city, assess_study(write_study(tmp_path, city.given, city.question)))
    assert not lines, told(seed, city, lines)
