"""The people of the homes layer, each home a point with the units it lies in.

Belongs here: where the people are counted. Does not belong here: what is counted of them
(``reach.py``). Declared beats located, as for every other row (``docs/method.md`` §2.3): a declared
community, else the community of the declared compound, else the polygon the home stands in; on a
border the lowest id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.model import Belonging, Place
from geoplan.assess.places.unit_index import Register, build_register
from geoplan.layers.model import Homes, Layers, rows_of

Index = NDArray[np.int64]

_LAYERS = {
    "division": ("divisions", "divisions"),
    "community": ("communities", "communities"),
    "rc": ("residential_communities", "rcs"),
    "compound": ("compounds", "compounds"),
}
# What a home can declare, and the units that it implies.
_LARGER = {"compound": ("rc", "community", "division"), "community": ("division",)}
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Membership:
    """The units of one level, by id, and the position of each home's unit in ``ids``; -1 is none."""

    ids: tuple[str, ...]
    of: Index


@dataclass(frozen=True, slots=True)
class Residents:
    """Homes as points, metres in the study's metric CRS, one element a home, NaN without a place.

    ``people`` maps ``population``, ``pop_60plus``, ``pop_65plus``, ``pop_under3`` and
    ``households`` to counts, NaN where unknown; ``units`` maps ``division``, ``community``, ``rc``
    and ``compound`` to memberships, as far as those layers are given; ``gates`` has the position
    of each gate's compound, -1 where it names none.
    """

    ids: NDArray[np.object_]
    xy: NDArray[np.float64]
    people: Mapping[str, NDArray[np.float64]]
    units: Mapping[str, Membership]
    gates: tuple[int, ...] = ()


def settle_residents(layers: Layers, belonging: Belonging) -> Residents | None:
    """The residents of a study, ``None`` without a homes layer."""
    homes = layers.homes
    if homes is None:
        return None
    points = _points(homes.geometry)
    registers = _registers(layers, belonging)
    located = {unit: _located(points, register) for unit, register in registers.items()}
    return Residents(
        ids=homes.ids,
        xy=np.column_stack((shapely.get_x(points), shapely.get_y(points))),
        people={
            group: getattr(homes, group)
            for group in ("population", "pop_60plus", "pop_65plus", "pop_under3", "households")
        },
        units=_memberships(homes, registers, located),
        gates=_gates(layers, registers),
    )


def _gates(layers: Layers, registers: Mapping[str, Register]) -> tuple[int, ...]:
    if layers.gates is None or "compound" not in registers:
        return (_NOWHERE,) * len(rows_of(layers.gates))
    names = np.array([gate.compound for gate in layers.gates.rows], dtype=object)
    register = registers["compound"]
    nowhere = np.full(len(names), _NOWHERE, dtype=np.int64)
    return tuple(_declared(names, register, nowhere).tolist())


def _points(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Buildings by their centre: where in a building people live nobody says."""
    points: NDArray[np.object_] = shapely.centroid(geometry)
    return points


def _registers(layers: Layers, belonging: Belonging) -> dict[str, Register]:
    found: dict[str, Register] = {}
    for unit, (layer, settled) in _LAYERS.items():
        rows = getattr(layers, layer)
        if rows is not None:
            places = _places(unit, rows.rows, getattr(belonging, settled, {}))
            found[unit] = build_register(unit, rows, places, layers.aliases)
    return found


def _places(
    unit: str, rows: tuple[object, ...], settled: Mapping[str, Place]
) -> Mapping[str, Place]:
    return settled if unit != "division" else {row.id: Place(division=row.id) for row in rows}  # type: ignore[attr-defined]


def _located(points: NDArray[np.object_], register: Register) -> Index:
    """The position of the polygon that each point stands in, the lowest id on a border."""
    found = np.full(len(points), _NOWHERE, dtype=np.int64)
    areas = np.flatnonzero(shapely.get_dimensions(register.geometry) > 1)
    point, area = shapely.STRtree(register.geometry[areas]).query(points, predicate="intersects")
    lowest_last = np.argsort(-area, kind="stable")
    found[point[lowest_last]] = areas[area[lowest_last]]
    return found


def _memberships(
    homes: Homes, registers: Mapping[str, Register], located: Mapping[str, Index]
) -> dict[str, Membership]:
    """Declared, else implied by a smaller unit that is declared, else located."""
    said = {unit: np.full(len(homes.ids), _NOWHERE, dtype=np.int64) for unit in registers}
    for unit, larger_units in _LARGER.items():
        if unit not in registers:
            continue
        declared = _declared(getattr(homes, unit), registers[unit], located[unit])
        said[unit] = _else(declared, said[unit])
        for larger in (each for each in larger_units if each in registers):
            implied = _implied(registers[unit], larger, registers[larger])
            said[larger] = _else(said[larger], _looked_up(implied, declared))
    return {
        unit: Membership(register.ids, _else(said[unit], located[unit]))
        for unit, register in registers.items()
    }


def _declared(texts: NDArray[np.object_], register: Register, located: Index) -> Index:
    """The unit that each text names; of several of that name the one the home stands in."""
    position = {key: at for at, key in enumerate(register.ids)}
    meant = {text: [position[key] for key in register.find(text)] for text in set(texts) if text}
    single = {text: found[0] for text, found in meant.items() if len(found) == 1}
    several = {text: set(found) for text, found in meant.items() if len(found) > 1}
    chosen = np.array([single.get(text, _NOWHERE) for text in texts], dtype=np.int64)
    if several:
        for at, text in enumerate(texts):
            if located[at] in several.get(text, ()):
                chosen[at] = located[at]
    return chosen


def _implied(smaller: Register, unit: str, larger: Register) -> Index:
    """By position of the smaller unit, the larger unit it lies in."""
    position = {key: at for at, key in enumerate(larger.ids)}
    keys = (getattr(smaller.places[key], unit) for key in smaller.ids)
    return np.array([position.get(key, _NOWHERE) for key in keys], dtype=np.int64)


def _looked_up(values: Index, at: Index) -> Index:
    """``values[at]``, and nowhere where ``at`` is nowhere."""
    return np.append(values, _NOWHERE)[at]


def _else(first: Index, second: Index) -> Index:
    return np.where(first == _NOWHERE, second, first)
