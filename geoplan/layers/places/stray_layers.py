"""Layers that lie wholly apart from the others, and the reading that would bring them together.

Belongs here: where each layer lies on the Earth, and which of them do not meet. Does not belong here:
layers that meet and disagree (``agree.py``).

All layers of a study are of one place. One that lies farther from the others than they are wide was
read in a wrong zone, meridian, system or notation; computing on would place its rows nowhere and say
that there are none. It is refused, and where another reading makes it fit, that is proposed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import Problem
from geoplan.layers.places.coordinates import from_sexagesimal
from geoplan.layers.places.datum import (
    BEIJING54,
    CGCS2000,
    WEB_MERCATOR,
    XIAN80,
    Datum,
    Pairs,
    base_of,
    is_plausible,
    lonlat_of,
    read_datum,
    zones_of,
)
from geoplan.layers.places.layer_shapes import Drawn
from geoplan.layers.places.metric_ground import Opened
from geoplan.layers.raw_table import POLYGONS
from geoplan.terms import Words, label

_SAMPLE = 2000
_APART_M = 1000.0  # as far as a row may lie outside the study area without a word
_FEW, _FEW_APART_M = 3, 10_000.0  # so few rows may be slips, which are told row by row
_DEGREE_M = 111_000.0
_STRAY = 8.0  # times as far as half the places: a stray, which does not make a layer wide
_PART = 0.1  # of a layer: so many places are no strays
_UTM = range(32643, 32654)  # of China, on WGS 84


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a layer lies: its middle in degrees, and how far its places reach from it."""

    middle: NDArray[np.float64]
    reach_m: float
    places: Pairs
    margin_m: float = _APART_M


def find_apart(opened: Mapping[str, Opened], drawn: Mapping[str, Drawn]) -> dict[str, Problem]:
    """A problem for every layer that does not meet the others."""
    spreads = {layer: found for layer, each in drawn.items() if (found := spread_of(each))}
    groups = _groups(spreads)
    if len(groups) < 2:  # noqa: PLR2004 - nothing to be apart from
        return {}
    home = max(groups, key=len)  # of equal ones the first, which has the larger areas
    others = {layer: drawn[layer] for layer in home}
    return {
        layer: _problem(opened[layer], drawn[layer], spreads, others)
        for group in groups
        if group is not home
        for layer in group
    }


def spread_of(drawn: Drawn) -> Spread | None:
    """Middle and reach of a layer, strays among its points left aside."""
    middles = drawn.middles()
    known = np.flatnonzero(np.isfinite(middles[:, 0]))
    if not len(known):
        return None
    known = known[:: max(1, len(known) // _SAMPLE)]
    places = lonlat_of(middles[known], drawn.datum)
    middle = np.median(places, axis=0)
    half = _half_m(drawn, known)
    away = distance_m(places, middle) + half
    if np.isin(shapely.get_type_id(drawn.shapes[known]), list(POLYGONS)).any():
        return Spread(middle, float(away.max()), places)
    away = away[away <= _STRAY * np.median(away)]
    margin_m = _FEW_APART_M if len(known) < _FEW else _APART_M
    return Spread(middle, float(away.max()), places, margin_m)


def _half_m(drawn: Drawn, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Half the diagonal of each shape, about."""
    box = shapely.bounds(drawn.shapes[at])
    size = np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) / 2
    return np.asarray(size * (_DEGREE_M if drawn.datum.is_geographic else 1.0))


def distance_m(places: Pairs, middle: NDArray[np.float64]) -> NDArray[np.float64]:
    """About how far places are from one, in degrees both."""
    east, north = (places - middle).T
    across = east * np.cos(np.radians(middle[1]))
    return np.asarray(np.hypot(across, north) * _DEGREE_M)


def _meet(one: Spread, other: Spread) -> bool:
    """Whether two layers overlap as wide as they are, or a part of one lies in the other."""
    margin_m = max(one.margin_m, other.margin_m)
    if _gap_m(one, other) <= one.reach_m + other.reach_m + margin_m:
        return True
    return any(
        (distance_m(a.places, b.middle) <= b.reach_m + margin_m).mean() >= _PART
        for a, b in ((one, other), (other, one))
    )


def _groups(spreads: Mapping[str, Spread]) -> list[list[str]]:
    """The layers in groups that meet, directly or through others."""
    group = {layer: layer for layer in spreads}
    for one, other in combinations(spreads, 2):
        if group[one] != group[other] and _meet(spreads[one], spreads[other]):
            group = {
                each: group[one] if own == group[other] else own for each, own in group.items()
            }
    return [
        [each for each in spreads if group[each] == own] for own in dict.fromkeys(group.values())
    ]


def _problem(
    found: Opened, drawn: Drawn, spreads: Mapping[str, Spread], others: Mapping[str, Drawn]
) -> Problem:
    own = spreads[found.file.layer]
    nearest = min(others, key=lambda each: _gap_m(own, spreads[each]))
    km = _gap_m(own, spreads[nearest]) / 1000
    zh = "、".join(label("layer", each, "zh") for each in others)
    en = ", ".join(others)
    return Problem(
        found.raw.where,
        Words(
            f"按 {drawn.datum.label} 读取，该图层在 {_said(own)}，离其他图层（{zh}，在 "
            f"{_said(spreads[nearest])}）约 {km:.0f} 公里，完全不相接",
            f"read as {drawn.datum.label} the layer lies at {_said(own)}, about {km:.0f} km from the "
            f"others ({en}, at {_said(spreads[nearest])}): they do not meet",
        ),
        _remedy(found, drawn, [spreads[each] for each in others], others),
    )


def _gap_m(one: Spread, other: Spread) -> float:
    return float(distance_m(one.middle.reshape(1, 2), other.middle)[0])


def _said(spread: Spread) -> str:
    return f"{spread.middle[0]:.4f}, {spread.middle[1]:.4f}"


def _remedy(found: Opened, drawn: Drawn, home: list[Spread], others: Mapping[str, Drawn]) -> Words:
    middles = drawn.middles()
    known = middles[np.isfinite(middles[:, 0])]
    fitting = [
        (_inside(places, others), option)
        for option, places in _readings(found, drawn.datum, known[:: max(1, len(known) // _SAMPLE)])
        if any(_meet(Spread(np.median(places, axis=0), 0.0, places), each) for each in home)
    ]
    if not fitting:
        return Words(
            "请核对它和其他图层的坐标与 study.toml 中的 crs（中央经线、带号、基准）；"
            "若它确是别处的数据，请从 study.toml 去掉该图层。",
            "Check its coordinates and theirs, and their crs in study.toml (meridian, zone, datum). "
            "If it truly is of another place, take the layer out of study.toml.",
        )
    option = max(fitting, key=lambda each: each[0])[1]
    return Words(
        f"若按 {option} 读取，它就与其他图层相合。请核对后在 study.toml 该图层写明 {option}。",
        f"Read with {option} it meets the others. Check, and write {option} in study.toml, at this layer.",
    )


def _readings(found: Opened, datum: Datum, own: Pairs) -> Iterator[tuple[str, Pairs]]:
    """Other ways to read a layer's coordinates: what to write in study.toml, and its places then."""
    if found.file.control:
        return
    if datum.is_geographic:
        if found.raw.geometry is None and not found.file.degrees:
            yield 'degrees = "ddd.mmss"', lonlat_of(from_sexagesimal(own), datum)
        return
    bases = dict.fromkeys((base_of(datum), CGCS2000, XIAN80, BEIJING54))
    codes = [code for base in bases for code in zones_of(base)]
    for code in (*codes, *_UTM, WEB_MERCATOR):
        other = read_datum(f"EPSG:{code}")
        if other is not None and other.label != datum.label:
            places = lonlat_of(own, other)
            if is_plausible(places, other).all():
                yield f'crs = "{other.label}"', places


def _inside(places: Pairs, others: Mapping[str, Drawn]) -> int:
    """How many places stand in the polygons of the other layers."""
    count = 0
    for drawn in others.values():
        areas = drawn.shapes[np.isin(shapely.get_type_id(drawn.shapes), list(POLYGONS))]
        if len(areas):
            ground = shapely.transform(
                areas[:_SAMPLE], lambda xy, datum=drawn.datum: lonlat_of(xy, datum)
            )
            tree = shapely.STRtree(ground)
            count += len(np.unique(tree.query(shapely.points(places), predicate="intersects")[0]))
    return count
