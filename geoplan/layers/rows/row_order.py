"""The order of rows: by what they say, never by where they stand in the file.

Belongs here: the stated key of every layer and of remarks. Shuffling the rows of a file then
changes row numbers and nothing else, in whatever is made of the layers. Does not belong here: the
order of results (``assess/listing.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import Remark
from geoplan.layers.model import Gate, Homes, Layer, Layers, Phase, Reported, Roads
from geoplan.terms import terms

NaturalKey = tuple[tuple[bool, int, str], ...]
Order = NDArray[np.intp]

_DIGITS, _MOST_DIGITS = re.compile(r"(\d+)"), 1_000
# Row numbers in a sentence, which must not set its place among others: 第 3, 14, … (7) 行.
_ROWS = re.compile(r"第 [\d, …()]+ 行")
_ROW_LAYERS = (
    "divisions",
    "communities",
    "residential_communities",
    "compounds",
    "projects",
    "phases",
    "facilities",
    "premises",
    "gates",
    "reported",
)


@lru_cache(maxsize=1 << 17)
def natural_key(text: str) -> NaturalKey:
    """The key by which ids stand in the order people expect: F2 before F10, digits before letters.

    Examples
    --------
    >>> sorted(["F10", "F2", "太平", "F02", "451402001"], key=natural_key)
    ['451402001', 'F02', 'F2', 'F10', '太平']
    """
    parts = (part for part in _DIGITS.split(text) if part)
    return tuple((not part.isdecimal(), _number(part), part) for part in parts)


def _number(part: str) -> int:
    """What digits count; of more digits than a number has in any table, how many they are."""
    if not part.isdecimal():
        return 0
    return int(part) if len(part) <= _MOST_DIGITS else 10**_MOST_DIGITS + len(part)


def in_natural_order(ids: Iterable[str]) -> tuple[str, ...]:
    """Ids in their natural order."""
    return tuple(sorted(ids, key=natural_key))


def _by_id(row: Any) -> tuple[Any, ...]:
    return (natural_key(row.id),)


def _by_phase(row: Phase) -> tuple[Any, ...]:
    told = (str(row.delivered_date or ""), row.households is None, row.households or 0)
    return natural_key(row.project_id), natural_key(row.phase), told


def _by_indicator(row: Reported) -> tuple[Any, ...]:
    told = (row.value is None, row.value or 0, row.unit or "")
    return natural_key(row.id), row.as_of, natural_key(row.source or ""), told


def _by_gate(row: Gate) -> tuple[Any, ...]:
    return natural_key(row.compound or ""), natural_key(row.id)


_KEYS: Mapping[str, Callable[[Any], tuple[Any, ...]]] = {
    "phases": _by_phase,
    "reported": _by_indicator,
    "gates": _by_gate,
}


def rows_in_order(layers: Layers) -> Layers:
    """The layers with the rows of each in the order of its key; shapes go with their rows."""
    changed: dict[str, Any] = {
        name: sorted_
        for name in _ROW_LAYERS
        if (layer := getattr(layers, name)) is not None
        and (sorted_ := _sorted_layer(layer, _KEYS.get(name, _by_id))) is not layer
    }
    return replace(layers, **changed) if changed else layers


def _sorted_layer(layer: Layer[Any], key: Callable[[Any], tuple[Any, ...]]) -> Layer[Any]:
    keys = [key(row) for row in layer.rows]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if order == list(range(len(keys))):
        return layer
    geometry = None if layer.geometry is None else layer.geometry[order]
    return replace(layer, rows=tuple(layer.rows[at] for at in order), geometry=geometry)


def homes_in_order(homes: Homes) -> Homes:
    """Homes by place, south-west corner first; those of one place by what they say, then by id."""
    order = _by_place(homes.geometry, lambda at: _home_key(homes, at))
    arrays = {
        field.name: getattr(homes, field.name)[order]
        for field in fields(Homes)
        if field.name != "source"
    }
    return Homes(**arrays, source=homes.source)


def _home_key(homes: Homes, at: int) -> tuple[Any, ...]:
    shape = homes.geometry[at]
    counts = (homes.households, homes.population, homes.pop_60plus, homes.pop_65plus)
    said = [str(each[at]) for each in (*counts, homes.pop_under3)]
    places = [str(homes.community[at] or ""), str(homes.compound[at] or "")]
    wkb = b"" if shape is None else shapely.to_wkb(shape)
    return wkb, places, said, natural_key(str(homes.ids[at]))


def roads_in_order(roads: Roads) -> Roads:
    """Lines by their place, then by their course."""
    order = _by_place(roads.geometry, lambda at: shapely.to_wkb(roads.geometry[at]))
    return replace(roads, geometry=roads.geometry[order])


def _by_place(geometry: NDArray[np.object_], key: Callable[[int], Any]) -> Order:
    """Positions by the south-west corners of shapes; ``key`` parts those with the same corner."""
    bounds = shapely.bounds(geometry)
    order = np.lexsort(bounds.T[::-1])
    corners = np.nan_to_num(bounds[order], nan=np.inf)
    first = np.flatnonzero(np.append(True, (corners[1:] != corners[:-1]).any(axis=1)))
    ends = np.append(first[1:], len(order))
    for start, end in zip(first.tolist(), ends.tolist(), strict=True):
        if end - start > 1:
            order[start:end] = sorted(order[start:end].tolist(), key=key)
    return order


def remarks_in_order(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Remarks by layer, code, whom they concern and what they say; their rows in order of id."""
    return tuple(sorted(map(_rows_in_order, remarks), key=_remark_key))


def _rows_in_order(remark: Remark) -> Remark:
    if len(remark.ids) != len(remark.rows):
        return replace(remark, rows=tuple(sorted(remark.rows)), ids=in_natural_order(remark.ids))
    pairs = sorted(
        zip(remark.ids, remark.rows, strict=True), key=lambda pair: (natural_key(pair[0]), pair[1])
    )
    return replace(remark, rows=tuple(row for _, row in pairs), ids=tuple(key for key, _ in pairs))


def _remark_key(remark: Remark) -> tuple[Any, ...]:
    layers = ("", *terms("layer"))
    return (
        layers.index(remark.layer) if remark.layer in layers else len(layers),
        remark.code,
        tuple(natural_key(each) for each in remark.ids),
        natural_key(_ROWS.sub("", remark.detail.zh)),
        remark.rows,
        remark.detail.zh,
    )
