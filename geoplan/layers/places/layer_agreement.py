"""Whether the layers agree on where things are: what should stand in what, and does not.

Belongs here: layers that meet and disagree, and the shift under which they would agree. Does not
belong here: layers wholly apart (``apart.py``). Nothing is moved: a doubt is told, study.toml decides.

A compound stands in its community, a community in its sub-district, a gate at its compound, a home near
a street. Where much of a layer does not, its datum is tried the other ways: GCJ-02 and BD-09 lie 500
and 1,100 m off in China, so a layer read in the wrong one straddles every border. Only points are
moved in trying, into the reading of the polygons they are held against: a direction that heals tells
which of two layers is the shifted one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import Remark
from geoplan.layers.model import Homes, Layer, Layers
from geoplan.layers.places.datum import lonlat_of, metric_of, read_datum
from geoplan.layers.places.layer_shapes import Drawn
from geoplan.layers.places.map_offsets import (
    Degrees,
    Pair,
    bd09_from_gcj02,
    gcj02_from_wgs84,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)
from geoplan.layers.raw_table import POLYGONS
from geoplan.layers.tables.place_names import normal_name
from geoplan.terms import Words, label

Floats = NDArray[np.float64]
States = Mapping[str, str]

PLAIN, SHIFTED = "WGS84", ("GCJ-02", "BD-09")
# Which layer stands in which, the field that says where, and how far off is still in it.
_STANDS = (
    ("communities", "divisions", "jiedao", 20.0),
    ("residential_communities", "divisions", "jiedao", 20.0),
    ("residential_communities", "communities", "community", 20.0),
    ("compounds", "divisions", "jiedao", 20.0),
    ("compounds", "communities", "community", 20.0),
    ("compounds", "residential_communities", "rc", 20.0),
    ("projects", "divisions", "jiedao", 20.0),
    ("projects", "communities", "community", 20.0),
    ("facilities", "divisions", "jiedao", 20.0),
    ("facilities", "communities", "community", 20.0),
    ("facilities", "compounds", "compound", 20.0),
    ("premises", "divisions", "jiedao", 20.0),
    ("premises", "communities", "community", 20.0),
    ("homes", "divisions", "", 20.0),
    ("homes", "communities", "community", 20.0),
    ("homes", "compounds", "compound", 20.0),
    ("gates", "compounds", "compound", 60.0),
    ("homes", "roads", "", 100.0),
    ("gates", "roads", "", 60.0),
)
_COVER = frozenset({"divisions", "roads"})  # everything should stand in one, or near one
_MOST_MEMBERS, _MOST_CORNERS = 120, 8
_COARSE_M = 5.0  # of borders: well within what still counts as standing in
_INWARD = 0.9  # corners are drawn towards the middle, so that sloppy borders say nothing
_AREA_VOICES = 4.0  # a polygon is harder to misplace by a slip than a point
_LEAST_GAIN, _LEAST_SHARE, _LEFT = 2.0, 0.02, 1 / 3
_LEAST_VOICES, _MOST_WRONG = 4.0, 0.5


@dataclass(frozen=True, slots=True)
class Members:
    """Points of a layer's rows: ``owner`` is the row, ``voice`` what a point counts."""

    points: Floats
    owner: NDArray[np.int64]
    voice: Floats
    are_areas: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """One layer that stands in another; ``expected`` is the row of the other, -1 where any will do."""

    inner: str
    outer: str
    members: Members
    expected: NDArray[np.int64]
    tree: shapely.STRtree
    reach_m: float
    counted: dict[object, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A layer whose places disagree with others, and the datum that would heal it, if one does."""

    layer: str
    others: tuple[str, ...]
    wrong: float
    datum: str | None = None
    wrong_then: float = 0.0


def doubt_remarks(layers: Layers, drawn: Mapping[str, Drawn]) -> list[Remark]:
    """A remark for every layer whose places are doubtful."""
    if layers.crs is None:
        return []
    relations = list(_relations(layers))
    states = {layer: each.datum.shifted or PLAIN for layer, each in drawn.items()}
    shifted = list(_shifted(relations, states, layers.crs))
    healed = {**states, **{doubt.layer: str(doubt.datum) for doubt in shifted}}
    doubts = [*shifted, *_wrong(relations, states, healed, layers.crs)]
    told = {doubt.layer: doubt for doubt in reversed(doubts)}
    return [_remark(told[layer]) for layer in drawn if layer in told]


def _relations(layers: Layers) -> Iterator[Relation]:
    """What can be held against each other in this study."""
    members = {
        name: found
        for name in dict.fromkeys(inner for inner, *_ in _STANDS)
        if (found := _members(getattr(layers, name))) is not None
    }
    trees = {
        name: shapely.STRtree(shapes)
        for name in dict.fromkeys(outer for _, outer, *_ in _STANDS)
        if (shapes := _ground(layers, name)) is not None
    }
    for inner, outer, says, reach_m in _STANDS:
        if inner in members and outer in trees:
            own = members[inner]
            expected = _expected(layers, inner, outer, says, np.unique(own.owner))
            if (
                not own.are_areas and outer not in _COVER
            ):  # a place that says nothing may be anywhere
                own = _counting(own, expected[own.owner] >= 0)
            if len(own.points):
                yield Relation(inner, outer, own, expected, trees[outer], reach_m)


def _counting(members: Members, which: NDArray[np.bool_]) -> Members:
    return Members(
        members.points[which], members.owner[which], members.voice[which], members.are_areas
    )


def _ground(layers: Layers, name: str) -> NDArray[np.object_] | None:
    """The polygons, or the streets, that others are held against; rows without are ``None``."""
    layer = getattr(layers, name)
    if layer is None or layer.geometry is None or not len(layer.geometry):
        return None
    if name == "roads":
        return np.asarray(layer.geometry)
    shapes = shapely.simplify(layer.geometry, _COARSE_M)
    shapes[~np.isin(shapely.get_type_id(shapes), list(POLYGONS))] = None
    return None if shapely.is_missing(shapes).all() else shapes


def _members(layer: Layer[Any] | Homes | None) -> Members | None:
    """Some hundred rows of a layer as points: places as they are, polygons by some corners."""
    if layer is None or layer.geometry is None:
        return None
    rows = np.flatnonzero(~shapely.is_missing(layer.geometry))
    rows = rows[:: max(1, len(rows) // _MOST_MEMBERS)]
    if not len(rows):
        return None
    shapes = layer.geometry[rows]
    areal = bool(np.isin(shapely.get_type_id(shapes), list(POLYGONS)).mean() > 1 / 2)
    if isinstance(layer, Homes) or not areal:
        points = shapely.get_coordinates(shapely.centroid(shapes))
        return Members(points, rows, np.ones(len(rows)), are_areas=False)
    points, owner = _corners(shapes)
    per_row = np.bincount(owner, minlength=len(rows))
    return Members(points, rows[owner], _AREA_VOICES / per_row[owner], are_areas=True)


def _corners(shapes: NDArray[np.object_]) -> tuple[Floats, NDArray[np.int64]]:
    """Some corners of each polygon, drawn a little inward and still inside."""
    found, owner = [], []
    for at, shape in enumerate(shapes):
        corners = shapely.get_coordinates(shape)
        corners = corners[:: max(1, len(corners) // _MOST_CORNERS)]
        middle = shapely.get_coordinates(shapely.point_on_surface(shape))[:1]
        points = np.concatenate((middle, middle + (corners - middle) * _INWARD))
        inside = points[shapely.contains_xy(shape, points)]
        found.append(inside if len(inside) else middle)
        owner += [at] * len(found[-1])
    return np.concatenate(found), np.array(owner, dtype=np.int64)


def _expected(
    layers: Layers, inner: str, outer: str, says: str, at: NDArray[np.int64]
) -> NDArray[np.int64]:
    """By row of the inner layer, of those given, the row of the outer one it is said to be in, else -1."""
    layer, other = getattr(layers, inner), getattr(layers, outer)
    said = _said(layer, says)
    found = np.full(len(said), -1, dtype=np.int64)
    if not isinstance(other, Layer):
        return found
    rows: dict[str, int] = {}
    for place, row in enumerate(other.rows):
        for key in {row.id, normal_name(row.name or "")}:
            rows[key] = -1 if key in rows else place  # a name that several share says nothing
    for row in (row for row in at if said[row]):
        name = layers.aliases.get(str(said[row]), str(said[row]))
        found[row] = rows.get(name, rows.get(normal_name(name), -1))
    return found


def _said(layer: Layer[Any] | Homes, says: str) -> Sequence[str | None]:
    if isinstance(layer, Homes):
        return [None] * len(layer.ids) if not says else getattr(layer, says)
    return [getattr(row, says, None) for row in layer.rows]


def _shifted(relations: Sequence[Relation], states: States, crs: str) -> Iterator[Doubt]:
    """Layers that another datum would heal, the one that heals most first, then the rest with it."""
    read, assumed = states, dict(states)
    for _ in states:
        tries = [
            found
            for layer in states
            if assumed[layer] == read[layer]
            and (found := _best(layer, relations, read, assumed, crs)) is not None
        ]
        if not tries:
            return
        _, doubt = max(tries, key=lambda each: each[0])
        assumed[doubt.layer] = str(doubt.datum)
        yield doubt


def _best(
    layer: str, relations: Sequence[Relation], read: States, assumed: States, crs: str
) -> tuple[float, Doubt] | None:
    """The datum in which a layer agrees much better with the others, and by how many voices."""
    own = [each for each in relations if layer in (each.inner, each.outer)]
    total = sum(float(each.members.voice.sum()) for each in own)
    before = _misfit(own, read, assumed, crs)
    if before < max(_LEAST_GAIN, _LEAST_SHARE * total):
        return None
    found = []
    for datum in (PLAIN, *SHIFTED):
        if datum != read[layer]:
            tried = {**assumed, layer: datum}
            after = _misfit(own, read, tried, crs, most=before * _LEFT)
            found.append((before - after, datum, after))
    gain, datum, after = max(found)
    if gain < max(_LEAST_GAIN, _LEAST_SHARE * total) or after > before * _LEFT:
        return None
    others = dict.fromkeys(each.outer if each.inner == layer else each.inner for each in own)
    return gain, Doubt(layer, tuple(others), before / total, datum, after / total)


def _wrong(
    relations: Sequence[Relation], read: States, healed: States, crs: str
) -> Iterator[Doubt]:
    """Layers of which more than half stands elsewhere than it says, and no datum heals it."""
    for each in relations:
        total = float(each.members.voice[each.expected[each.members.owner] >= 0].sum())
        if total >= _LEAST_VOICES:
            said = _only_said(each)
            wrong = _misfit([said], read, healed, crs)
            if wrong > _MOST_WRONG * total:
                yield Doubt(each.inner, (each.outer,), wrong / total)


def _only_said(relation: Relation) -> Relation:
    """The members that say where they stand."""
    members = relation.members
    own = _counting(members, relation.expected[members.owner] >= 0)
    return replace(relation, members=own, counted={})


def _misfit(
    relations: Sequence[Relation], read: States, assumed: States, crs: str, most: float = np.inf
) -> float:
    """How many voices stand elsewhere than they should, were the layers in the assumed datums.

    Counting ends where there are more than ``most``.
    """
    count = 0.0
    for each in relations:
        count += _misfit_of(each, read, assumed, crs)
        if count > most:
            break
    return count


def _misfit_of(relation: Relation, read: States, assumed: States, crs: str) -> float:
    inner, outer = relation.inner, relation.outer
    steps = ((read[inner], assumed[inner]), (assumed[outer], read[outer]))
    if steps not in relation.counted:
        relation.counted[steps] = _counted(relation, steps, crs)
    return relation.counted[steps]


def _counted(relation: Relation, steps: Sequence[tuple[str, str]], crs: str) -> float:
    outer, members = relation.outer, relation.members
    points = shapely.points(_moved(members.points, steps, crs))
    at, rows = relation.tree.query(points, predicate="dwithin", distance=relation.reach_m)
    expected = relation.expected[members.owner]
    stands = np.zeros(len(points), dtype=bool)
    stands[at[(rows == expected[at]) | (expected[at] < 0)]] = True
    if members.are_areas:
        free = expected[at] < 0
        most = _most_common(members.owner[at[free]], at[free], rows[free])
        stands[at[free]] = False
        stands[most] = True
        if outer not in _COVER:  # a layer that need not cover the ground: only borders can be wrong
            silent = expected < 0
            silent[at] = False
            stands |= silent
    return float(members.voice[~stands].sum())


def _most_common(
    owner: NDArray[np.int64], at: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The points of each owner that stand in the row in which most of them stand."""
    if not len(at):
        return at
    pairs, which, counts = np.unique(
        np.column_stack((owner, rows)), axis=0, return_inverse=True, return_counts=True
    )
    order = np.lexsort((pairs[:, 1], -counts))
    _, first = np.unique(pairs[order, 0], return_index=True)
    return at[np.isin(which.ravel(), order[first])]


def _moved(points: Floats, steps: Sequence[tuple[str, str]], crs: str) -> Floats:
    """Points in metres, read in one datum and taken in another, as often as it is said."""
    steps = [step for step in steps if step[0] != step[1]]
    metric, plain = read_datum(crs), read_datum(PLAIN)
    if not steps or metric is None or plain is None:
        return points
    lon, lat = lonlat_of(points, metric).T
    for read, taken in steps:
        lon, lat = _UNDO[taken](*_APPLY[read](lon, lat))
    return metric_of(np.column_stack((lon, lat)), plain, crs)


def _same(lon: Degrees, lat: Degrees) -> Pair:
    return lon, lat


_APPLY: Mapping[str, Callable[[Degrees, Degrees], Pair]] = {
    PLAIN: _same,
    "GCJ-02": gcj02_from_wgs84,
    "BD-09": lambda lon, lat: bd09_from_gcj02(*gcj02_from_wgs84(lon, lat)),
}
_UNDO: Mapping[str, Callable[[Degrees, Degrees], Pair]] = {
    PLAIN: _same,
    "GCJ-02": wgs84_from_gcj02,
    "BD-09": wgs84_from_bd09,
}


def _remark(doubt: Doubt) -> Remark:
    zh = "、".join(label("layer", each, "zh") for each in doubt.others)
    en = ", ".join(doubt.others)
    wrong = f"{doubt.wrong * 100:.0f} %"
    if doubt.datum is None:
        detail = Words(
            f"{label('layer', doubt.layer, 'zh')}的位置与{zh}有 {wrong} 对不上，归属和距离都可能不对；"
            "请核对该图层的坐标系（study.toml 的 crs）和所写的归属",
            f"{wrong} of {doubt.layer} stand elsewhere than they say, against {en}: what belongs "
            "where, and distances, may be wrong; check the layer's crs in study.toml, and what it says",
        )
        return Remark("PLACE_DOUBTED", detail, doubt.layer)
    then = f"{doubt.wrong_then * 100:.0f} %"
    detail = Words(
        f"{label('layer', doubt.layer, 'zh')}的位置与{zh}有 {wrong} 对不上，按 {doubt.datum} 读只有 {then}，"
        f"看来是 {doubt.datum}：归属、覆盖和距离都可能不对；请核对后在 study.toml 的 {doubt.layer} 图层写明 "
        f'crs = "{doubt.datum}"',
        f"{wrong} of {doubt.layer} disagree with {en}; read as {doubt.datum} only {then} would: it looks "
        f"like {doubt.datum}. What belongs where, coverage and distances may be wrong; check, and write "
        f'crs = "{doubt.datum}" in study.toml, at {doubt.layer}',
    )
    return Remark("PLACE_DOUBTED", detail, doubt.layer)
