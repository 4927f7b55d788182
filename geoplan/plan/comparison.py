"""What moved each indicator between two states of a city, in parts that add up exactly.

A chain of ordinary assessments leads from the first state to the second, one kind of change a
link: the definition, the day, what closed, what opened, the people, and every other correction of
the data. The part of a link is the difference of the values at its two ends, so the parts of all
links sum to the whole difference, whatever depends on what (a telescoping sum). Their order is
fixed, as the order decides which link a change that depends on another is counted in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment, IndicatorResult
from geoplan.assess.places.facility_status import SERVING, state_on
from geoplan.layers.model import Facility, Homes, Layer, Layers, rows_of
from geoplan.policy.model import Standard
from geoplan.terms import Verdict

LINKS = ("definition", "day", "closed", "opened", "population", "data")
_PEOPLE = (
    "population",
    "households",
    "pop_60plus",
    "pop_65plus",
    "pop_under3",
    "planned_households",
)
_PEOPLED = ("divisions", "communities", "residential_communities", "compounds", "projects")


@dataclass(frozen=True, slots=True)
class Side:
    """One state of a city: what is there, the rules, the day (in the rules), the period."""

    study: str
    layers: Layers
    standard: Standard
    period_start: date | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """One indicator at the seven ends of the links, from the first state to the second.

    ``parts`` are by link; ``None`` all of them where the first or the second state has no value.
    Where a state between has none, its change is carried to the next link that has one:
    ``carried`` names the links without a value.
    """

    id: str
    results: tuple[IndicatorResult, ...]
    parts: tuple[Fraction, ...] | None
    carried: tuple[str, ...] = ()

    @property
    def before(self) -> IndicatorResult:
        """In the first state."""
        return self.results[0]

    @property
    def after(self) -> IndicatorResult:
        """In the second state."""
        return self.results[-1]

    @property
    def change(self) -> Fraction | None:
        """The difference of the values."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value


@dataclass(frozen=True, slots=True)
class Turned:
    """A unit or project whose standing changed; ``None`` on a side where it is not.

    ``rule`` is ``jiedao_elder_center``, ``rc_childcare``, ``area_per_100_households`` or
    ``new_project_area`` (a project's whole verdict); gaps are m².
    """

    unit_id: str
    level: str
    rule: str
    kind: str
    before: str | None
    after: str | None
    gap_before_m2: Fraction | None = None
    gap_after_m2: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states, what moved each indicator, and what turned.

    ``closed`` and ``opened`` are the facilities behind those links.
    """

    before: Assessment
    after: Assessment
    moved: tuple[Moved, ...]
    turned: tuple[Turned, ...]
    closed: tuple[Facility, ...]
    opened: tuple[Facility, ...]


def compare_sides(before: Side, after: Side) -> Comparison:
    """Compare two states; both are judged by the ordinary assessment, as is every link between.

    Both sides must be in one metric CRS: the caller reads them so.
    """
    sides = _chain(before, after)
    judged: list[Assessment] = []
    for at, side in enumerate(sides):
        same = at > 0 and _same(side, sides[at - 1])
        judged.append(judged[-1] if same else _judge(side))
    closed, opened = _openings(before, after)
    return Comparison(
        before=judged[0],
        after=judged[-1],
        moved=tuple(_moved(judged)),
        turned=tuple(_turned(judged[0], judged[-1])),
        closed=closed,
        opened=opened,
    )


def _same(side: Side, other: Side) -> bool:
    return (
        side.layers is other.layers
        and side.standard is other.standard
        and side.period_start == other.period_start
    )


def _judge(side: Side) -> Assessment:
    """Walks decide no verdict unless the policy counts by reach, and take the longest."""
    layers = side.layers
    if side.standard.choice("coverage_mode") != "reach":
        layers = replace(layers, homes=None, roads=None)
    return assess(layers, side.standard, study=side.study, period_start=side.period_start)


# ----------------------------------------------------------------------------------- links


def _chain(before: Side, after: Side) -> list[Side]:
    """The first state, the state after each link but the last, and the second state."""
    first_day, last_day = before.standard.as_of, after.standard.as_of
    rules = _on_day(after.standard, first_day, before)
    defined = replace(before, standard=rules, period_start=after.period_start)
    if rules is before.standard and after.period_start == before.period_start:
        defined = before
    frozen = _freeze(before.layers, first_day) if first_day != last_day else before.layers
    aged = replace(defined, layers=frozen, standard=_on_day(after.standard, last_day, defined))
    if first_day == last_day:
        aged = defined
    closed = replace(aged, layers=_shift(aged.layers, after.layers, last_day, opening=False))
    opened = replace(closed, layers=_shift(closed.layers, after.layers, last_day, opening=True))
    peopled = replace(opened, layers=_people(opened.layers, after.layers))
    final = (
        after if not _equal(peopled.layers, after.layers) else replace(peopled, study=after.study)
    )
    return [before, defined, aged, closed, opened, peopled, final]


def _on_day(standard: Standard, day: date, other: Side) -> Standard:
    """The rules on another day; the other side's own where they say the same."""
    moved = standard if standard.as_of == day else replace(standard, as_of=day)
    return other.standard if _same_rules(moved, other.standard) else moved


def _same_rules(one: Standard, other: Standard) -> bool:
    return (
        one.policy.sha256 == other.policy.sha256
        and one.as_of == other.as_of
        and dict(one.values) == dict(other.values)
    )


def _freeze(layers: Layers, day: date) -> Layers:
    """Every facility stays in the state it is in on ``day``, whatever day is judged."""
    layer = layers.facilities
    if layer is None:
        return layers
    rows = tuple(_held(row, state_on(row, day)[0]) for row in layer.rows)
    return replace(layers, facilities=replace(layer, rows=rows))


def _held(row: Facility, state: str) -> Facility:
    """The row with its state as written and without the days that would change it."""
    return replace(row, status=state, open_date=None, close_date=None)


def _shift(layers: Layers, to: Layers, day: date, *, opening: bool) -> Layers:
    """Facilities that serve no more (or newly serve, when ``opening``) come into their last state.

    Those that are only in the second state come whole; those that are gone are gone.
    """
    now, then = _by_id(layers), _by_id(to)
    if opening:
        moving = {
            key
            for key, (row, _) in then.items()
            if _rank(row, day) > (_rank(now[key][0], day) if key in now else 0)
        }
        if not moving:
            return layers
        new = {key: then[key] for key in then if key in moving and key not in now}
        kept = {key: _turned_on(now[key], then.get(key), key in moving) for key in now}
        return _with(layers, to, {**kept, **new})
    gone = {
        key
        for key, (row, _) in now.items()
        if _rank(row, day) > (_rank(then[key][0], day) if key in then else 0)
    }
    if not gone:
        return layers
    kept = {
        key: _turned_on(pair, then.get(key), key in gone)
        for key, pair in now.items()
        if key not in gone or key in then
    }
    return _with(layers, to, kept)


_Pair = tuple[Facility, Any]


def _turned_on(pair: _Pair, other: _Pair | None, moving: bool) -> _Pair:  # noqa: FBT001 - a filter
    """The facility with the other side's state, where it is one that moves."""
    if not moving or other is None:
        return pair
    row, place = pair
    status, opened, closed = other[0].status, other[0].open_date, other[0].close_date
    return replace(row, status=status, open_date=opened, close_date=closed), place


def _rank(row: Facility, day: date) -> int:
    """2 serving, 1 built and idle (its rooms count), 0 neither: more opens, less closes."""
    state = state_on(row, day)[0]
    return 2 if state in SERVING else int(state == "built_idle")


def _by_id(layers: Layers) -> dict[str, _Pair]:
    layer = layers.facilities
    if layer is None:
        return {}
    places = [None] * len(layer.rows) if layer.geometry is None else list(layer.geometry)
    return {row.id: (row, place) for row, place in zip(layer.rows, places, strict=True)}


def _with(layers: Layers, to: Layers, pairs: Mapping[str, _Pair]) -> Layers:
    source = layers.facilities or to.facilities
    if source is None:
        return layers
    geometry = None
    if any(place is not None for _, place in pairs.values()):
        geometry = np.full(len(pairs), None, dtype=object)
        geometry[:] = [place for _, place in pairs.values()]
    rows = tuple(row for row, _ in pairs.values())
    return replace(layers, facilities=replace(source, rows=rows, geometry=geometry))


def _openings(before: Side, after: Side) -> tuple[tuple[Facility, ...], tuple[Facility, ...]]:
    """The facilities that closed and opened from the first state to the second."""
    first, last = before.standard.as_of, after.standard.as_of
    ranks = {row.id: _rank(row, first) for row in rows_of(before.layers.facilities)}
    then = {row.id: _rank(row, last) for row in rows_of(after.layers.facilities)}
    return (
        tuple(
            row for row in rows_of(before.layers.facilities) if ranks[row.id] > then.get(row.id, 0)
        ),
        tuple(
            row for row in rows_of(after.layers.facilities) if then[row.id] > ranks.get(row.id, 0)
        ),
    )


def _people(layers: Layers, to: Layers) -> Layers:
    """The units that both sides have, with the people and households of the second."""
    changed: dict[str, Any] = {}
    for name in _PEOPLED:
        layer, other = getattr(layers, name), getattr(to, name)
        if layer is not None and other is not None:
            new = _peopled(layer, {row.id: row for row in other.rows})
            if new is not layer:
                changed[name] = new
    homes = _peopled_homes(layers.homes, to.homes)
    if homes is not layers.homes:
        changed["homes"] = homes
    return replace(layers, **changed) if changed else layers


def _peopled(layer: Layer[Any], other: Mapping[str, Any]) -> Layer[Any]:
    def row_after(row: Any) -> Any:
        if row.id not in other:
            return row
        values = {
            name: getattr(other[row.id], name)
            for name in _PEOPLE
            if hasattr(row, name) and getattr(row, name) != getattr(other[row.id], name)
        }
        return replace(row, **values) if values else row

    rows = tuple(map(row_after, layer.rows))
    same = all(one is two for one, two in zip(rows, layer.rows, strict=True))
    return layer if same else replace(layer, rows=rows)


def _peopled_homes(homes: Homes | None, other: Homes | None) -> Homes | None:
    """The same homes with the people of the other side, where it has all of them in one order."""
    if homes is None or other is None or homes is other:
        return homes
    if len(homes.ids) != len(other.ids) or (homes.ids != other.ids).any():
        return homes
    groups = [name for name in _PEOPLE if hasattr(homes, name)]
    return replace(homes, **{name: getattr(other, name) for name in groups})


def _equal(layers: Layers, to: Layers) -> bool:
    """Whether two layers hold the same rows in the same places."""
    if layers is to:
        return True
    skipped = {"sources", "remarks", "aliases", "crs"}
    names = [field.name for field in fields(Layers) if field.name not in skipped]
    return dict(layers.aliases) == dict(to.aliases) and all(
        _equal_layer(getattr(layers, name), getattr(to, name)) for name in names
    )


def _equal_layer(layer: Any, other: Any) -> bool:
    if layer is other:
        return True
    if not isinstance(layer, Layer) or not isinstance(other, Layer):
        return False  # homes and roads: not worth a comparison, one assessment settles it
    places = (layer.geometry is None) == (other.geometry is None)
    same = layer.geometry is other.geometry or (
        layer.geometry is not None
        and other.geometry is not None
        and len(layer.geometry) == len(other.geometry)
        and all(one == two for one, two in zip(layer.geometry, other.geometry, strict=True))
    )
    return layer.rows == other.rows and places and same


# ----------------------------------------------------------------------- what the links say


def _moved(judged: Sequence[Assessment]) -> Iterable[Moved]:
    for first in judged[0].indicators:
        found = [_same_indicator(first, one) for one in judged]
        results = tuple(each for each in found if each is not None)
        if len(results) < len(found):
            continue
        key = first.indicator.id
        values = [each.value for each in results]
        if values[0] is None or values[-1] is None:
            yield Moved(key, results, None)
            continue
        parts, carried, last = [], [], values[0]
        for link, value in zip(LINKS, values[1:], strict=True):
            if value is None:
                carried.append(link)
                parts.append(Fraction(0))
            else:
                parts.append(value - last)
                last = value
        yield Moved(key, results, tuple(parts), tuple(carried))


def _same_indicator(result: IndicatorResult, other: Assessment) -> IndicatorResult | None:
    """The indicator of that id, else of that measure: another plan may call it otherwise."""
    same = (each for each in other.indicators if each.indicator.id == result.indicator.id)
    found = next(same, None)
    if found is not None or result.indicator.measure == "reported":
        return found
    return other.of_measure(result.indicator.measure)


def _turned(before: Assessment, after: Assessment) -> Iterable[Turned]:
    first, last = _standings(before), _standings(after)
    for key in dict.fromkeys((*first, *last)):
        (one, gap_one), (two, gap_two) = first.get(key, (None, None)), last.get(key, (None, None))
        if one != two:
            yield Turned(*key, one, two, gap_one, gap_two)


_Key = tuple[str, str, str, str]
_RULES = {  # of the measures whose units are covered or not
    "jiedao_elder_center_coverage": ("jiedao_elder_center", "elder"),
    "rc_childcare_coverage": ("rc_childcare", "childcare"),
}


def _standings(assessment: Assessment) -> dict[_Key, tuple[str, Fraction | None]]:
    """The verdict of every unit under every official rule, and of every project."""
    found: dict[_Key, tuple[str, Fraction | None]] = {}
    for result in assessment.indicators:
        if result.indicator.measure in _RULES:
            rule, kind = _RULES[result.indicator.measure]
            for verdict, keys in (
                (Verdict.PASS, result.covered),
                (Verdict.FAIL, result.uncovered),
                (Verdict.UNKNOWN, result.unknown),
            ):
                found |= {(key, result.level, rule, kind): (verdict.value, None) for key in keys}
    for unit in assessment.units:
        if unit.official:
            key = (unit.unit_id, unit.level, "area_per_100_households", unit.kind)
            found[key] = (unit.verdict.value, unit.gap_m2)
    for project in assessment.projects:
        key = (project.project_id, "project", "new_project_area", "")
        found[key] = (project.verdict.value, None)
    return found
