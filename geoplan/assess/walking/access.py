"""How far people walk, what they find there, and how evenly it is shared. Advisory, no verdict.

Elders and elder care, infants and childcare: the walk of the average, the middle and the tenth
person from the far end; beds, places and floor area a head within a quarter of an hour
(two-step floating catchment areas); Gini, Theil and Palma of that; and, where places are counted,
who finds one when everyone goes as near as there is room. The arithmetic is in ``measures``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoplan.assess.floor_area.countable_area import amounts_on, dedicated_amounts
from geoplan.assess.ground import Ground
from geoplan.assess.model import AccessRow
from geoplan.assess.walking.people_reached import (
    Unit,
    counted_units,
    distances_for,
    exact,
    serving_by_kind,
)
from geoplan.layers.model import Facility
from geoplan.measures.access import mean_per_head, two_step
from geoplan.measures.allocate import allocate
from geoplan.measures.nearest import mean_walk_m, percentile_walk_m
from geoplan.measures.spread import gini, palma_ratio, theil
from geoplan.reach.straight import Pairs
from geoplan.reach.ways import Ways, nearest_of, pairs_of

Numbers = NDArray[np.float64]

_PEOPLE = {"elder": "pop_60plus", "childcare": "pop_under3"}
_QUARTER_HOUR = Fraction(15)
_LEVELS = ("study", "jiedao")
_PER = 1000
_TENTH = Fraction(1, 10)
# Linear programmes beyond this many pairs take minutes, which a nightly job does not have.
_MOST_PAIRS = 300_000
_GRAIN_M = 1.0


@dataclass(frozen=True, slots=True)
class Supply:
    """What facilities of a kind offer: how much each, and whether people fill it one by one."""

    name: str
    amount: Numbers
    is_seats: bool


def judge_access(ground: Ground) -> tuple[AccessRow, ...]:
    """Every row of access that the layers allow; none without homes or facilities."""
    residents, ways = ground.residents, ground.ways
    if residents is None or ways is None or np.isnan(ways.facilities).all():
        return ()
    kinds = serving_by_kind(ground)
    units = tuple(unit for unit in counted_units(residents) if unit.level in _LEVELS)
    rows: list[AccessRow] = []
    for kind, group in _PEOPLE.items():
        people = residents.people[group]
        if kinds[kind] and not np.isnan(people).all():
            counted = np.where(units[0].of >= 0, np.nan_to_num(people), 0.0)
            rows += _kind_rows(ground, ways, kind, kinds[kind], counted, units)
    return tuple(rows)


def _kind_rows(  # noqa: PLR0913 - one kind with all it needs
    ground: Ground,
    ways: Ways,
    kind: str,
    facilities: tuple[int, ...],
    people: Numbers,
    units: tuple[Unit, ...],
) -> Iterator[AccessRow]:
    group, mode = _PEOPLE[kind], ways.modes[0]
    within_m = next(
        each.within_m
        for each in distances_for(group, ground.standard)
        if each.minutes == _QUARTER_HOUR
    )
    walk_m = nearest_of(ways, facilities, mode).walk_m
    found = pairs_of(ways, facilities, within_m=float(within_m))
    members = [members for unit in units for members in _members(unit)]
    walks = [_walk_fields(walk_m[own], people[own]) for _, _, own in members]
    for supply in _supplies(kind, ground, facilities):
        per_head = two_step(found, people, supply=supply.amount).per_head
        placed = _placed(found, people, supply)
        for (level, key, own), walk in zip(members, walks, strict=True):
            yield AccessRow(
                unit_id=key,
                level=level,
                kind=kind,
                people=group,
                mode=mode,
                within_m=within_m,
                supply=supply.name,
                placed=Fraction(int(placed[0][own].sum())) if placed else None,
                no_room=Fraction(int(placed[1][own].sum())) if placed else None,
                **walk,
                **_share_fields(per_head[own], people[own]),
            )


def _members(unit: Unit) -> Iterator[tuple[str, str | None, NDArray[np.int64]]]:
    """The homes of each unit of a level, by position."""
    order = np.argsort(unit.of, kind="stable")
    edges = np.searchsorted(unit.of[order], np.arange(len(unit.ids) + 1))
    for at, key in enumerate(unit.ids):
        yield unit.level, key, order[edges[at] : edges[at + 1]]


def _walk_fields(walk_m: Numbers, people: Numbers) -> dict[str, Any]:
    return {
        "total": exact(people.sum()),
        "walkers": exact(people[np.isfinite(walk_m)].sum()),
        "mean_walk_m": _rounded(mean_walk_m(walk_m, people)),
        "median_walk_m": _rounded(percentile_walk_m(walk_m, people, part=Fraction(1, 2))),
        "p90_walk_m": _rounded(percentile_walk_m(walk_m, people, part=1 - _TENTH)),
    }


def _share_fields(per_head: Numbers, people: Numbers) -> dict[str, Any]:
    mean = mean_per_head(per_head, people)
    return {
        "supplied": exact((per_head * people).sum()),
        "per_1000": None if mean is None else round(mean * _PER, 6),
        "gini": _rounded(gini(per_head, people)),
        "theil": _rounded(theil(per_head, people)),
        "palma": _rounded(palma_ratio(per_head, people, richest=_TENTH, poorest=4 * _TENTH)),
    }


def _rounded(value: float | None) -> float | None:
    """Six decimals: float noise must not make two runs on two machines differ."""
    return None if value is None else round(value, 6)


def _supplies(kind: str, ground: Ground, facilities: tuple[int, ...]) -> Iterator[Supply]:
    """What the kind offers, as far as any of its facilities says so; unknown amounts are nothing."""
    seats: Mapping[str, tuple[str, Callable[[Facility], object]]] = {
        "elder": ("beds", lambda row: row.beds),
        "childcare": ("places", lambda row: row.places),
    }
    name, read = seats[kind]
    for label, amount, is_seats in (
        (name, read, True),
        ("floor_m2", lambda row: _floor_m2(row, kind, ground), False),
    ):
        amounts = np.zeros(len(ground.facilities))
        for at in facilities:
            amounts[at] = float(amount(ground.facilities[at]) or 0)  # type: ignore[arg-type]
        if amounts.any():
            yield Supply(label, amounts, is_seats)


def _floor_m2(row: Facility, kind: str, ground: Ground) -> Fraction | None:
    standard = ground.standard
    dedicated = dedicated_amounts(row, standard)
    _, amounts = amounts_on(row, ground.states[row.id], dedicated, standard.as_of)
    return amounts[kind].floor_m2 if kind in amounts else None


def _placed(
    found: Pairs, people: Numbers, supply: Supply
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """People of each home with a place, and those left because what they reach is full."""
    if not supply.is_seats or len(found.home) > _MOST_PAIRS or not len(found.home):
        return None
    persons = np.rint(people).astype(np.int64)
    capacity = np.floor(supply.amount).astype(np.int64)
    done = allocate(found, persons, capacity=capacity, grain_m=_GRAIN_M)
    moved = np.bincount(found.home, weights=done.moved, minlength=len(people))
    return np.rint(moved).astype(np.int64), done.no_room
