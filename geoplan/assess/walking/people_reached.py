"""How many people can walk to what: shares by distance, by unit, by group. Advisory, no verdict.

Belongs here: which facilities count as which kind, which distances are asked, and counting the
people. Does not belong here: metres along streets (``geoplan.reach``).

The distances are the service radii of the walking life circles (GB 50180-2018 §4: 300, 500 and
1,000 m for five, ten and fifteen minutes) and those times at the policy's walking speeds; elders
walk slower. Distances are compared at the millimetre, so that a walk of exactly 500 m is within
500 m whatever the float noise of adding up its streets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from geoplan.assess.ground import Ground
from geoplan.assess.model import ReachRow
from geoplan.assess.places.facility_status import SERVING
from geoplan.assess.places.residents import Index, Residents
from geoplan.errors import Remark
from geoplan.layers.model import LEVELS, Facility
from geoplan.policy.model import Standard
from geoplan.reach.ways import nearest_of
from geoplan.terms import Words, facility_types, label

Numbers = NDArray[np.float64]

WITHIN_M = (300, 500, 1000)
MINUTES = (5, 10, 15)
_ELDERS = frozenset({"pop_60plus", "pop_65plus"})
_GROUPS = {
    "elder": ("population", "pop_60plus", "pop_65plus", "households"),
    "childcare": ("population", "pop_under3", "households"),
}
# Below the 街道, and by 街道 for single types, only the group that a kind is for in the mode that
# counts first, so that a province stays readable.
_HEADLINE = {"elder": ("pop_60plus",), "childcare": ("pop_under3",)}
_LEVELS = {name: LEVELS[name].unit for name in ("jiedao", "community", "rc")}
_WHOLE_KINDS = ("elder", "childcare")


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance that is asked of a group of people, perhaps as a walking time."""

    within_m: Fraction
    minutes: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """The units of a level and each counted home's position among them."""

    level: str
    ids: tuple[str | None, ...]
    of: Index


def serving_by_kind(ground: Ground) -> dict[str, tuple[int, ...]]:
    """Positions of the serving facilities of each kind: elder, childcare, then each type there is.

    Facilities beyond the study's border count: people walk across it.
    """
    serving = [
        (at, row)
        for at, row in enumerate(ground.facilities)
        if ground.states[row.id] in SERVING and _has_place(ground, at)
    ]
    whole = {
        kind: tuple(at for at, row in serving if kind in kinds_of(row)) for kind in _WHOLE_KINDS
    }
    types = [key for key in facility_types() if any(row.facility_type == key for _, row in serving)]
    return whole | {
        key: tuple(at for at, row in serving if row.facility_type == key) for key in types
    }


def _has_place(ground: Ground, at: int) -> bool:
    layer = ground.layers.facilities
    return layer is not None and layer.geometry is not None and layer.geometry[at] is not None


def kinds_of(facility: Facility) -> tuple[str, ...]:
    """Whether a facility is for elders, for infants or for both, by the mark of its type.

    Examples
    --------
    >>> kinds_of(Facility(2, "F1", "shared_complex", ""))
    ('elder', 'childcare')
    """
    symbol = facility_types()[facility.facility_type].symbol
    return {"combined": _WHOLE_KINDS, "other": ()}.get(symbol, (symbol,))


def distances_for(group: str, standard: Standard) -> tuple[Distance, ...]:
    """The distances asked of a group, each once: metres, and minutes at the group's speed."""
    speed = standard.number("walk_m_per_min_elder" if group in _ELDERS else "walk_m_per_min")
    timed = {minutes * speed: minutes for minutes in map(Fraction, MINUTES)}
    metres = {*map(Fraction, WITHIN_M), standard.number("radius_m"), *timed}
    return tuple(Distance(each, timed.get(each)) for each in sorted(metres))


def judge_reach(ground: Ground) -> tuple[ReachRow, ...]:
    """Every row of reach that the layers allow; none without homes or facilities on the map."""
    residents, ways = ground.residents, ground.ways
    if residents is None or ways is None or np.isnan(ways.facilities).all():
        return ()
    walks = {
        (kind, mode): nearest_of(ways, facilities, mode).walk_m
        for kind, facilities in serving_by_kind(ground).items()
        for mode in ways.modes
    }
    return count_reached(residents, walks, ground.standard, fine_mode=ways.modes[0])


def people_remarks(residents: Residents | None) -> list[Remark]:
    """Homes that are counted nowhere, or not for every group."""
    if residents is None:
        return []
    size = len(residents.ids)
    if not size:
        nobody = Words("住宅楼栋图层没有行，不测算步行可达", "no homes: nothing to walk from")
        return [Remark("HOMES_EMPTY", nobody, "homes")]
    remarks = []
    (study, *_) = counted_units(residents)
    outside = int((study.of < 0).sum())
    if outside:
        detail = Words(
            f"{size} 处住宅中 {outside} 处不在任何街道（镇、乡）内，不计入步行可达",
            f"{outside} of {size} homes lie in no division and are counted nowhere",
        )
        remarks.append(Remark("HOMES_OUTSIDE", detail, "homes"))
    for group, people in residents.people.items():
        unknown = int(np.isnan(people).sum())
        if 0 < unknown < size:
            detail = Words(
                f"{size} 处住宅中 {unknown} 处没有{label('people', group, 'zh')}，不计入该人群",
                f"{unknown} of {size} homes do not say their {label('people', group, 'en')} and count for none",
            )
            remarks.append(Remark("HOMES_UNKNOWN_PEOPLE", detail, "homes"))
    return remarks


def count_reached(
    residents: Residents,
    walks: Mapping[tuple[str, str], Numbers],
    standard: Standard,
    *,
    fine_mode: str,
) -> tuple[ReachRow, ...]:
    """Count the people within every distance.

    Parameters
    ----------
    residents : the homes.
    walks : by kind and mode, metres from each home to the nearest facility, NaN where no way leads
        to any.
    fine_mode : the mode that is counted by community and residential community too.
    """
    units = counted_units(residents)
    return tuple(
        row
        for (kind, mode), walk_m in walks.items()
        for group, levels in _asked(kind, is_fine=mode == fine_mode)
        for row in _group_rows(kind, mode, group, walk_m, residents, _at(units, levels), standard)
    )


def counted_units(residents: Residents) -> tuple[Unit, ...]:
    """The study and its units; homes outside every division are nobody's and nowhere counted."""
    divisions = residents.units.get("division")
    size = len(residents.ids)
    inside = np.zeros(size, dtype=np.int64) if divisions is None else np.minimum(divisions.of, 0)
    found = [Unit("study", (None,), inside)]
    for level, unit in _LEVELS.items():
        if unit in residents.units:
            membership = residents.units[unit]
            of = np.where(inside < 0, inside, membership.of)
            found.append(Unit(level, membership.ids, of))
    return tuple(found)


def _asked(kind: str, *, is_fine: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The groups asked about a kind, and on which levels."""
    wholes = (kind,) if kind in _WHOLE_KINDS else _kinds_of_type(kind)
    groups = dict.fromkeys(group for whole in wholes for group in _GROUPS[whole])
    headline = {group for whole in wholes for group in _HEADLINE[whole]}
    for group in groups:
        by_community = is_fine and kind in _WHOLE_KINDS and group in headline
        by_division = kind in _WHOLE_KINDS or (is_fine and group in headline)
        yield (
            group,
            (
                "study",
                *(("jiedao",) if by_division else ()),
                *(("community", "rc") if by_community else ()),
            ),
        )


def _kinds_of_type(facility_type: str) -> tuple[str, ...]:
    """For whom a type is; of a type for neither all groups are asked."""
    symbol = facility_types()[facility_type].symbol
    return (symbol,) if symbol in _WHOLE_KINDS else _WHOLE_KINDS


def _at(units: tuple[Unit, ...], levels: tuple[str, ...]) -> tuple[Unit, ...]:
    return tuple(unit for unit in units if unit.level in levels)


def _group_rows(  # noqa: PLR0913 - one row of the table of rows
    kind: str,
    mode: str,
    group: str,
    walk_m: Numbers,
    residents: Residents,
    units: tuple[Unit, ...],
    standard: Standard,
) -> Iterator[ReachRow]:
    people = residents.people[group]
    if np.isnan(people).all():
        return
    asked = distances_for(group, standard)
    limits = np.array(sorted({float(each.within_m) for each in asked}))
    step = steps_walked(walk_m, limits)
    for unit in units:
        counts = _counts(unit, np.nan_to_num(people), step, len(limits))
        within = counts[:, :-2].cumsum(axis=1)
        total = counts.sum(axis=1)
        for at, key in enumerate(unit.ids):
            for each in asked:
                column = int(np.searchsorted(limits, float(each.within_m)))
                yield ReachRow(
                    unit_id=key,
                    level=unit.level,
                    kind=kind,
                    people=group,
                    mode=mode,
                    within_m=each.within_m,
                    minutes=each.minutes,
                    total=exact(total[at]),
                    reached=exact(within[at, column]),
                    unreachable=exact(counts[at, -1]),
                )


def steps_walked(walk_m: Numbers, limits: Numbers) -> Index:
    """Of each walk the first limit it keeps; past them all ``len(limits)``, without a way one more.

    Examples
    --------
    >>> steps_walked(np.array([0, 500.0000000001, 500.001, np.nan]), np.array([300.0, 500.0]))
    array([0, 1, 2, 3])
    """
    at_millimetre = np.rint(walk_m * 1000)
    step = np.searchsorted(np.rint(limits * 1000), at_millimetre, side="left")
    return np.where(np.isnan(walk_m), len(limits) + 1, step)


def within(walk_m: Numbers, limit_m: Fraction) -> NDArray[np.bool_]:
    """Whether each walk keeps a limit, compared at the millimetre; no way is not within.

    Examples
    --------
    >>> within(np.array([300.0000000001, 300.001, np.nan]), Fraction(300))
    array([ True, False, False])
    """
    return np.less_equal(np.rint(walk_m * 1000), np.rint(float(limit_m) * 1000))


def _counts(unit: Unit, people: Numbers, step: Index, limits: int) -> Numbers:
    """People by unit and step; homes of no unit are left out."""
    width = limits + 2
    inside = unit.of >= 0
    flat = np.bincount(
        unit.of[inside] * width + step[inside],
        weights=people[inside],
        minlength=len(unit.ids) * width,
    )
    table: Numbers = np.asarray(flat, dtype=np.float64).reshape(len(unit.ids), width)
    return table


def exact(count: float) -> Fraction:
    """A sum of people as a fraction; sums of whole numbers are exact.

    Examples
    --------
    >>> exact(20345.0), exact(0.1 + 0.2)
    (Fraction(20345, 1), Fraction(3, 10))
    """
    return Fraction(round(float(count) * 1_000_000), 1_000_000)
