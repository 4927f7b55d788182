"""How far mending a class of defects would move each indicator: recomputed, never guessed.

Each class is mended in the layers themselves and everything is judged again. Where nobody can know
what the mended row would say, it is judged at both ends of what the data itself allows, and the
indicator gets a range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import shapely

from geoplan.assess.checkup.defects import Defect
from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.layers.model import Layer, Layers, rows_of
from geoplan.terms import Verdict, facility_types, terms

Change = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Move:
    """An indicator before and after: ``low`` and ``high`` are equal where the mending is known."""

    indicator: str
    now: Fraction | None
    low: Fraction | None
    high: Fraction | None
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class MendingEffect:
    """What mending every row with this code would do; no moves means it changes no indicator."""

    code: str
    layer: str
    ids: tuple[str, ...]
    is_range: bool
    moves: tuple[Move, ...]


def mending_effects(assessment: Assessment, defects: Iterable[Defect]) -> tuple[MendingEffect, ...]:
    """The effect of each class of defects that can be mended in the rows."""
    classes = _classes(assessment, defects)
    return tuple(
        MendingEffect(code, layer, ids, len(mended) > 1, _moves(assessment, mended))
        for (code, layer), (ids, mended) in classes.items()
    )


def _moves(assessment: Assessment, mended: list[Layers]) -> tuple[Move, ...]:
    others = [_judge(assessment, layers) for layers in mended]
    moves = []
    for at, result in enumerate(assessment.indicators):
        after = [other.indicators[at] for other in others]
        values = [each.value for each in after]
        verdicts = tuple(dict.fromkeys(each.verdict for each in after))
        if any(value != result.value for value in values) or verdicts != (result.verdict,):
            known = [value for value in values if value is not None]
            low, high = (min(known), max(known)) if known else (None, None)
            moves.append(Move(result.indicator.id, result.value, low, high, verdicts))
    return tuple(moves)


def _judge(assessment: Assessment, layers: Layers) -> Assessment:
    return assess(
        replace(layers, homes=None, roads=None),
        assessment.standard,
        study=assessment.study,
        period_start=assessment.period_start,
    )


Classes = dict[tuple[str, str], tuple[tuple[str, ...], list[Layers]]]


def _classes(assessment: Assessment, defects: Iterable[Defect]) -> Classes:
    """By code and layer: whom it concerns, and the layers mended in each possible way."""
    classes: Classes = {}
    by_code: dict[tuple[str, str], list[Defect]] = defaultdict(list)
    for defect in defects:
        by_code[defect.code, defect.layer].append(defect)
    for key, found in by_code.items():
        ways = list(_ways(key[0], found, assessment))
        if ways:
            classes[key] = (tuple(dict.fromkeys(id_ for each in found for id_ in each.ids)), ways)
    classes |= _misplaced(assessment)
    classes |= _unsaid(assessment)
    return classes


def _ways(code: str, defects: list[Defect], assessment: Assessment) -> Iterator[Layers]:
    layers = assessment.layers
    if code in {"SAME_PLACE", "SAME_NAME", "NEAR_NAME"}:
        spare = {key for defect in defects for key in defect.ids[1:]}
        yield _without(layers, "facilities", spare)
    elif code in {"POPULATION_MISSING", "HOUSEHOLDS_MISSING"}:
        for defect in defects:
            yield from _filled(assessment, defect)
    elif code == "FUNCTIONS_MISSING":
        ids = set(defects[0].ids)
        for functions in (frozenset(), frozenset(terms("function"))):
            yield _changed(
                layers,
                "facilities",
                ids,
                _set(functions=functions),
            )


def _filled(assessment: Assessment, defect: Defect) -> Iterator[Layers]:
    """Blank counts as the least and the most that any row has, and the least that is in range."""
    layers = assessment.layers
    rows = rows_of(getattr(layers, defect.layer))
    key = {"POPULATION_MISSING": "population"}.get(
        defect.code, "planned_households" if defect.layer == "projects" else "households"
    )
    known = [getattr(row, key) for row in rows if getattr(row, key) is not None]
    values = {min(known): None, max(known): None}
    if key == "population":
        least = assessment.standard.number("community_population_min")
        values[type(known[0])(int(least))] = None
    for value in values:
        yield _changed(
            layers,
            defect.layer,
            set(defect.ids),
            _set(**{key: value}),
        )


def _misplaced(assessment: Assessment) -> Classes:
    """Facilities outside every division in the nearest one; and mismatches judged by their place."""
    notes: dict[str, list[str]] = defaultdict(list)
    for note in assessment.belonging.notes:
        if note.layer == "facilities":
            notes[note.code].append(note.id)
    classes: Classes = {}
    if notes["OUTSIDE_SCOPE"]:
        ids = tuple(dict.fromkeys(notes["OUTSIDE_SCOPE"]))
        nearest = _nearest_divisions(assessment.layers, ids)
        mended = _changed(
            assessment.layers,
            "facilities",
            set(ids),
            lambda row: replace(row, jiedao=nearest[row.id]),
        )
        classes["OUTSIDE_SCOPE", "facilities"] = (ids, [mended])
    if notes["LOC_MISMATCH"]:
        ids = tuple(dict.fromkeys(notes["LOC_MISMATCH"]))
        mended = _changed(
            assessment.layers,
            "facilities",
            set(ids),
            _set(**dict.fromkeys(("jiedao", "community", "rc", "compound"))),
        )
        classes["LOC_MISMATCH", "facilities"] = (ids, [mended])
    return classes


def _nearest_divisions(layers: Layers, ids: Iterable[str]) -> dict[str, str | None]:
    divisions, facilities = layers.divisions, layers.facilities
    if divisions is None or divisions.geometry is None or facilities is None:
        return dict.fromkeys(ids)
    tree = shapely.STRtree(divisions.geometry)
    found: dict[str, str | None] = dict.fromkeys(ids)
    for at, row in enumerate(facilities.rows):
        place = None if facilities.geometry is None else facilities.geometry[at]
        if row.id in found and place is not None:
            found[row.id] = divisions.rows[int(tree.nearest(place))].id
    return found


def _unsaid(assessment: Assessment) -> Classes:
    """Facilities of unknown status, or with a blank that leaves them out, at both ends."""
    layers = assessment.layers
    rows = rows_of(layers.facilities)
    blanks: Mapping[str, tuple[list[str], list[Change]]] = {
        "STATUS_UNKNOWN": (
            [row.id for row in rows if assessment.facilities[row.id].state == "unknown"],
            [
                _set(status="closed"),
                _set(status="operating", close_date=None),
            ],
        ),
        "PLACES_MISSING": (_without_places(assessment), _at_ends(rows, "places")),
    }
    return {
        (code, "facilities"): (
            tuple(ids),
            [_changed(layers, "facilities", set(ids), change) for change in changes],
        )
        for code, (ids, changes) in blanks.items()
        if ids and changes
    }


def _without_places(assessment: Assessment) -> list[str]:
    return [
        row.id
        for row in rows_of(assessment.layers.facilities)
        if row.places is None and facility_types()[row.facility_type].coverage != "never"
    ]


def _at_ends(rows: Iterable[Any], key: str) -> list[Change]:
    known = [getattr(row, key) for row in rows if getattr(row, key)]
    ends = dict.fromkeys((0, max(known))) if known else {}
    return [_set(**{key: type(known[0])(value)}) for value in ends]


def _set(**values: object) -> Change:
    """The change that gives a row these values."""
    return lambda row: replace(row, **values)


def _changed(layers: Layers, name: str, ids: set[str], change: Change) -> Layers:
    layer: Layer[Any] = getattr(layers, name)
    rows = tuple(change(row) if row.id in ids else row for row in layer.rows)
    return _with_layer(layers, name, replace(layer, rows=rows))


def _without(layers: Layers, name: str, ids: set[str]) -> Layers:
    layer: Layer[Any] = getattr(layers, name)
    kept = np.array([row.id not in ids for row in layer.rows], dtype=np.bool_)
    rows = tuple(row for row in layer.rows if row.id not in ids)
    geometry = None if layer.geometry is None else layer.geometry[kept]
    return _with_layer(layers, name, replace(layer, rows=rows, geometry=geometry))


def _with_layer(layers: Layers, name: str, layer: Layer[Any]) -> Layers:
    changed: dict[str, Any] = {name: layer}
    return replace(layers, **changed)
