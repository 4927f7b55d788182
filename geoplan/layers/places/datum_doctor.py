"""The datum doctor: what the places of a layer say about the datum they are measured in.

Belongs here: layers of longitude and latitude held against polygons that are trusted, under each
datum they could be in. Does not belong here: moving anything. The doctor proposes, the user
confirms in study.toml.

Trusted are polygons in a projected system of their own file: nobody shifts those unasked. A point
that declares its compound, community or 街道 should stand in that polygon, the smallest it declares.
GCJ-02 and BD-09 lie 500 and 1,100 m off in China, so under the wrong datum many points stand beside
it. Streets are held against homes: a street hundreds of metres off passes nobody's door.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.layers.model import Layer, Layers
from geoplan.layers.places.datum import Datum, metric_of, read_datum
from geoplan.layers.places.layer_shapes import Drawn
from geoplan.layers.places.metric_ground import Opened
from geoplan.layers.tables.place_names import normal_name
from geoplan.terms import Words, label

CANDIDATES = ("WGS84", "GCJ-02", "BD-09")
LEAST_POINTS = 10  # fewer say nothing: a few slips of the pen would decide
MARGIN = Fraction(1, 10)  # of the points: a better datum must be better by more than slips
_UNITS = (
    ("compound", "compounds"),
    ("community", "communities"),
    ("jiedao", "divisions"),
)
_POINTS = ("facilities", "premises", "projects")
_NEAR_M = 100.0  # a home has a street within this, or the streets are not there


@dataclass(frozen=True, slots=True)
class Candidate:
    """How well a layer fits the trusted ones in one datum: ``fitting`` of ``total``."""

    datum: str
    fitting: int
    total: int

    @property
    def share(self) -> Fraction:
        """The fitting part, 0 to 1."""
        return Fraction(self.fitting, self.total)


@dataclass(frozen=True, slots=True)
class DatumEvidence:
    """What a layer's places say: ``declared`` is as it is read, ``proposal`` a better datum or none."""

    layer: str
    path: str
    declared: str
    candidates: tuple[Candidate, ...]
    proposal: str | None
    said: Words


def examine_datums(
    opened: Mapping[str, Opened], drawn: Mapping[str, Drawn], layers: Layers
) -> tuple[DatumEvidence, ...]:
    """The evidence on every layer of degrees that can be held against a trusted one."""
    if layers.crs is None:
        return ()
    return tuple(_examine(opened, drawn, layers, layers.crs))


def _examine(
    opened: Mapping[str, Opened], drawn: Mapping[str, Drawn], layers: Layers, target: str
) -> Iterator[DatumEvidence]:
    polygons = _trusted(layers, drawn)
    for name in _POINTS:
        if name in drawn and name in opened and drawn[name].datum.is_geographic:
            places, expected = _declared(getattr(layers, name), opened[name], drawn[name], polygons)
            if len(places) >= LEAST_POINTS:
                yield _evidence(
                    opened[name],
                    drawn[name].datum,
                    [
                        Candidate(each, _inside(places, expected, each, target), len(places))
                        for each in _readings(drawn[name].datum)
                    ],
                    Words(
                        "的点落在其申报的小区、社区或街道内",
                        "of the points stand where they declare",
                    ),
                )
    yield from _examine_roads(opened, drawn, layers, target)


def _trusted(layers: Layers, drawn: Mapping[str, Drawn]) -> dict[str, dict[str, object]]:
    """Polygons by unit and by id or name, of the layers in a projected system of their own."""
    found: dict[str, dict[str, object]] = {}
    for unit, name in _UNITS:
        layer: Layer[Any] | None = getattr(layers, name)
        if layer is None or layer.geometry is None or not _is_trusted(drawn.get(name)):
            continue
        named: dict[str, object] = {}
        for row, shape in zip(layer.rows, layer.geometry, strict=True):
            if shapely.get_dimensions(shape) == 2:  # noqa: PLR2004 - an area
                for key in (row.id, normal_name(row.name or "")):
                    # A name that several units share says nothing.
                    named[key] = None if key in named and named[key] is not shape else shape
        found[unit] = {key: shape for key, shape in named.items() if key and shape is not None}
    return found


def _is_trusted(drawn: Drawn | None) -> bool:
    return drawn is not None and not drawn.datum.is_geographic and not drawn.datum.shifted


def _declared(
    layer: Layer[Any] | None,
    opened: Opened,
    drawn: Drawn,
    polygons: Mapping[str, Mapping[str, object]],
) -> tuple[NDArray[np.float64], list[object]]:
    """Places as the file has them, and the smallest trusted polygon that each row declares."""
    at_row = {int(row): at for at, row in enumerate(opened.raw.rows)}
    middles = drawn.middles()
    places, expected = [], []
    for row in layer.rows if layer is not None else ():
        place = middles[at_row[row.row]]
        shape = _polygon_of(row, polygons)
        if shape is not None and np.isfinite(place).all():
            places.append(place)
            expected.append(shape)
    return np.array(places, dtype=np.float64).reshape(-1, 2), expected


def _polygon_of(row: object, polygons: Mapping[str, Mapping[str, object]]) -> object | None:
    for unit, _ in _UNITS:
        said = getattr(row, unit, None)
        shape = polygons.get(unit, {}).get(str(said)) if said else None
        if said and shape is None:
            shape = polygons.get(unit, {}).get(normal_name(str(said)))
        if shape is not None:
            return shape
    return None


def _readings(datum: Datum) -> list[str]:
    """The datums to try: the one it is read in first."""
    declared = datum.shifted or "WGS84"
    return [declared, *(each for each in CANDIDATES if each != declared)]


def _inside(places: NDArray[np.float64], expected: Sequence[object], name: str, target: str) -> int:
    points = shapely.points(_metres(places, name, target))
    return int(shapely.intersects(np.array(expected, dtype=object), points).sum())


def _metres(places: NDArray[np.float64], name: str, target: str) -> NDArray[np.float64]:
    datum = read_datum(name)
    return places if datum is None else metric_of(places, datum, target)


def _examine_roads(
    opened: Mapping[str, Opened], drawn: Mapping[str, Drawn], layers: Layers, target: str
) -> Iterator[DatumEvidence]:
    """Streets of degrees against homes that are trusted: how many homes have a street near by."""
    roads, homes = drawn.get("roads"), layers.homes
    if roads is None or homes is None or not roads.datum.is_geographic:
        return
    doors = shapely.centroid(homes.geometry[~shapely.is_missing(homes.geometry)])
    if not _is_trusted(drawn.get("homes")) or len(doors) < LEAST_POINTS:
        return
    lines = roads.shapes[~shapely.is_missing(roads.shapes)]
    found = []
    for name in _readings(roads.datum):
        moved = shapely.transform(lines, lambda xy, each=name: _metres(xy, each, target))
        near = shapely.STRtree(moved).query(doors, predicate="dwithin", distance=_NEAR_M)[0]
        found.append(Candidate(name, len(np.unique(near)), len(doors)))
    what = Words(
        f"的住宅在 {_NEAR_M:.0f} 米内有道路", f"of the homes have a street within {_NEAR_M:.0f} m"
    )
    yield _evidence(opened["roads"], roads.datum, found, what)


def _evidence(
    opened: Opened, datum: Datum, candidates: Sequence[Candidate], what: Words
) -> DatumEvidence:
    declared, best = candidates[0], max(candidates, key=lambda each: each.share)
    is_better = best.share >= declared.share + MARGIN
    return DatumEvidence(
        layer=opened.file.layer,
        path=opened.shown,
        declared=datum.label,
        candidates=tuple(candidates),
        proposal=best.datum if is_better else None,
        said=_said(opened, candidates, what, best if is_better else None),
    )


def _said(
    opened: Opened, candidates: Sequence[Candidate], what: Words, better: Candidate | None
) -> Words:
    name = opened.file.layer
    zh = "；".join(f"按 {each.datum}，{_percent(each)}{what.zh}" for each in candidates)
    en = "; ".join(f"as {each.datum}, {_percent(each)} {what.en}" for each in candidates)
    said = Words(f"{label('layer', name, 'zh')}：{zh}", f"{name}: {en}")
    if better is None:
        return said
    line = f'crs = "{better.datum}"'
    return Words(
        f"{said.zh}。看来是 {better.datum}；请核对后在 study.toml 的 {name} 图层写明 {line}",
        f"{said.en}. It looks like {better.datum}; check, and write {line} in study.toml, at {name}",
    )


def _percent(each: Candidate) -> str:
    """Whole per cent with the counts, so that it can be checked.

    Examples
    --------
    >>> _percent(Candidate("WGS84", 71, 99))
    '71 %（71/99）'
    """
    return f"{each.fitting * 100 // each.total} %（{each.fitting}/{each.total}）"
