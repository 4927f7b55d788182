"""From every home to the nearest facility of a kind: along streets where they are given, and straight.

Belongs here: which homes and facilities walk, through which gate, in which mode. Does not belong
here: metres along streets (``geoplan.reach``), or counting the people (``reach.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import Remark
from geoplan.layers.model import Layers, Roads
from geoplan.layers.rows.row_order import in_natural_order, natural_key
from geoplan.reach.building.network_build import build_network
from geoplan.reach.catchment import is_within, nearest, pairs
from geoplan.reach.join import Joins, Unreached, join_points
from geoplan.reach.network import Network
from geoplan.reach.outline import outlines
from geoplan.reach.straight import Nearest, Pairs, straight_nearest, straight_pairs
from geoplan.terms import Words

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

# Farther from any street than this, the streets are not complete there or the place is wrong.
JOIN_CAP_M = 500.0
MOST_DRAWN = 500
_WIDTH_M = 25.0  # to each side of a street: the plots along it
_CORNER_M = 2.0
_FARTHEST = 5
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Starts:
    """Where walks begin: at the door, or at each gate of the compound; one element a way out.

    ``home`` says whose way out it is, ``point`` which of the joined points it leads to, ``lead_m``
    the straight metres from the door to it.
    """

    home: Index
    point: Index
    lead_m: Floats


@dataclass(frozen=True, slots=True)
class Streets:
    """The network with the points that walks start from and the facilities they lead to."""

    network: Network
    starts: Starts
    points: Joins
    facilities: Joins


@dataclass(frozen=True, slots=True)
class Ways:
    """The homes and facilities of a study as points, metres in its metric CRS, NaN without a place.

    ``streets`` are ``None`` where no roads are given; ``remarks`` say how places joined them.
    """

    homes: Floats
    facilities: Floats
    streets: Streets | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes a walk can be measured in, the one that counts first."""
        return ("straight",) if self.streets is None else ("network", "straight")


def lay_ways(
    layers: Layers, homes: Floats, compound: Index, gates: Sequence[int], *, through: bool = True
) -> Ways:
    """The ways between the homes and the facilities of a study.

    Parameters
    ----------
    layers : facilities, gates and roads are looked at.
    homes : of each home, metres, shape (n, 2).
    compound : of each home, -1 for none.
    gates : the compound of each gate, -1 for none.
    through : whether homes leave their compound through its gates, where it has any.

    Raises
    ------
    DataError
        the roads are no network.
    """
    facilities = facility_points(layers)
    if layers.roads is None or layers.facilities is None:
        return Ways(homes, facilities)
    network, report = build_network(layers.roads.geometry, where=_where(layers.roads))
    doors = gate_points(layers) if through else np.empty((0, 2))
    starts = _starts(homes, compound, doors, np.array(gates if through else (), dtype=np.int64))
    points = join_points(network, np.concatenate((homes, doors)), cap_m=JOIN_CAP_M)
    joined = join_points(network, facilities, cap_m=JOIN_CAP_M)
    used = np.unique(starts.point)
    on_foot, ids = used[used < len(homes)], _ids(layers, "homes")
    remarks = (
        *report.remarks,
        *_join_remarks(
            "homes", _take(points, on_foot), [ids[at] for at in on_foot] if ids else ids
        ),
        *_join_remarks("facilities", joined, _ids(layers, "facilities")),
    )
    return Ways(homes, facilities, Streets(network, starts, points, joined), remarks)


def _where(roads: Roads) -> str:
    return f"{roads.source.path} (roads)"


def _ids(layers: Layers, name: str) -> Sequence[str]:
    if name == "homes":
        return [] if layers.homes is None else [str(key) for key in layers.homes.ids]
    return [row.id for row in getattr(layers, name).rows]


def facility_points(layers: Layers) -> Floats:
    """One row a facility, NaN without a place; a building by its centre: nobody says where its door is."""
    layer = layers.facilities
    if layer is None or layer.geometry is None:
        return np.full((0 if layer is None else len(layer.rows), 2), np.nan)
    return _xy(layer.geometry)


def gate_points(layers: Layers) -> Floats:
    """One row a gate, NaN without a place."""
    if layers.gates is None or layers.gates.geometry is None:
        return np.empty((0, 2))
    return _xy(layers.gates.geometry)


def _xy(geometry: NDArray[np.object_]) -> Floats:
    centres = shapely.centroid(geometry)
    return np.column_stack((shapely.get_x(centres), shapely.get_y(centres)))


def _starts(homes: Floats, compound: Index, doors: Floats, gates: Index) -> Starts:
    """Through every gate of its compound where it has any, else from the door itself."""
    usable = np.flatnonzero((gates >= 0) & np.isfinite(doors).all(axis=1))
    order = usable[np.argsort(gates[usable], kind="stable")]
    ranked = gates[order]
    low = np.searchsorted(ranked, compound, side="left")
    count = np.searchsorted(ranked, compound, side="right") - low
    home = np.repeat(np.arange(len(homes)), count)
    within = np.arange(len(home)) - np.repeat(np.cumsum(count) - count, count)
    gate = order[np.repeat(low, count) + within]
    lead_m = np.hypot(*(homes[home] - doors[gate]).T)
    direct = np.flatnonzero(count == 0)
    return Starts(
        home=np.concatenate((direct, home)),
        point=np.concatenate((direct, len(homes) + gate)),
        lead_m=np.concatenate((np.zeros(len(direct)), lead_m)),
    )


def from_doors(ways: Ways) -> Streets | None:
    """The same streets with every home leaving by its door."""
    if ways.streets is None:
        return None
    homes = np.arange(len(ways.homes))
    return replace(ways.streets, starts=Starts(homes, homes, np.zeros(len(homes))))


def nearest_of(ways: Ways, facilities: Iterable[int], mode: str) -> Nearest:
    """The nearest of the facilities at the given positions from every home; of equals the first."""
    chosen = np.array(sorted(facilities), dtype=np.int64)
    if mode == "straight" or ways.streets is None:
        found = straight_nearest(ways.homes, ways.facilities[chosen])
    else:
        found = _along_streets(ways.streets, chosen, len(ways.homes))
    return Nearest(found.walk_m, np.append(chosen, -1)[found.facility])


def pairs_of(ways: Ways, facilities: Iterable[int], *, within_m: float) -> Pairs:
    """All homes and given facilities at most so far apart, in the mode that counts first."""
    chosen = np.array(sorted(facilities), dtype=np.int64)
    if ways.streets is None:
        found = straight_pairs(ways.homes, ways.facilities[chosen], within_m=within_m)
    else:
        found = _pairs_along(ways.streets, chosen, within_m)
    return Pairs(found.home, chosen[found.facility], found.walk_m)


def _pairs_along(streets: Streets, chosen: Index, within_m: float) -> Pairs:
    """Each pair once, by the way out that is nearest."""
    facilities = _take(streets.facilities, chosen)
    found = pairs(streets.network, streets.points, facilities, within_m=within_m)
    starts = streets.starts
    order = np.argsort(starts.point, kind="stable")
    ranked = starts.point[order]
    low = np.searchsorted(ranked, found.home, side="left")
    count = np.searchsorted(ranked, found.home, side="right") - low
    pair = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    start = order[np.repeat(low, count) + within]
    walk_m = starts.lead_m[start] + found.walk_m[pair]
    return _shortest(starts.home[start], found.facility[pair].astype(np.int64), walk_m, within_m)


def _shortest(home: Index, facility: Index, walk_m: Floats, within_m: float) -> Pairs:
    near = is_within(walk_m, within_m)
    home, facility, walk_m = home[near], facility[near], walk_m[near]
    order = np.lexsort((walk_m, home, facility))
    home, facility, walk_m = home[order], facility[order], walk_m[order]
    first = np.ones(len(home), dtype=np.bool_)
    first[1:] = (np.diff(home) != 0) | (np.diff(facility) != 0)
    return Pairs(home[first], facility[first], walk_m[first])


def _along_streets(streets: Streets, chosen: Index, homes: int) -> Nearest:
    found = nearest(streets.network, streets.points, _take(streets.facilities, chosen))
    starts = streets.starts
    way_m = starts.lead_m + found.walk_m[starts.point]
    facility = found.facility[starts.point]
    order = np.lexsort((facility, way_m, starts.home))  # NaN comes last
    _, first = np.unique(starts.home[order], return_index=True)
    best = order[first]
    walk_m, nearest_one = np.full(homes, np.nan), np.full(homes, -1, dtype=np.int64)
    walk_m[starts.home[best]] = way_m[best]
    nearest_one[starts.home[best]] = facility[best]
    return Nearest(walk_m, nearest_one)


def walk_outline(ways: Ways, facilities: Iterable[int], *, within_m: float) -> Any:
    """All streets within a walk of any of the facilities as one shape to draw, ``None`` without.

    People are never counted by it. More facilities than ``MOST_DRAWN`` take too long to draw.
    """
    chosen = np.array(sorted(facilities), dtype=np.int64)
    if ways.streets is None or not len(chosen) or len(chosen) > MOST_DRAWN:
        return None
    streets = ways.streets
    joins = _take(streets.facilities, chosen)
    shapes = outlines(streets.network, joins, within_m=within_m, width_m=_WIDTH_M)
    drawn = shapely.union_all(shapes[~shapely.is_missing(shapes)])
    return None if drawn.is_empty else shapely.simplify(drawn, _CORNER_M)


def _take(joins: Joins, at: Index) -> Joins:
    return Joins(**{field.name: getattr(joins, field.name)[at] for field in fields(joins)})


def _join_remarks(layer: str, joins: Joins, ids: Sequence[str]) -> list[Remark]:
    """Who did not join the streets, and who joined them from farthest."""
    far = [at for at in joins.farthest(_FARTHEST).tolist() if joins.joined[at]]
    far.sort(key=lambda at: (-joins.gap_m[at], natural_key(ids[at])))
    remarks = []
    if far:
        zh = "、".join(f"{ids[at]} {joins.gap_m[at]:.1f} m" for at in far)
        en = ", ".join(f"{ids[at]} {joins.gap_m[at]:.1f} m" for at in far)
        detail = Words(f"离道路最远的接入：{zh}", f"joined to a street from farthest: {en}")
        remarks.append(Remark("WALK_JOINS", detail, layer))
    reasons = joins.reason
    reasons[joins.joined & (joins.component > 0)] = Unreached.OTHER_PART
    for reason in (Unreached.NO_STREET, Unreached.NO_PLACE, Unreached.OTHER_PART):
        at = np.flatnonzero(reasons == reason)
        if len(at):
            said = in_natural_order(ids[each] for each in at.tolist())
            remarks.append(_not_joined(layer, reason, said))
    return remarks


def _not_joined(layer: str, reason: Unreached, ids: Sequence[str]) -> Remark:
    named, more = ids[:_NAMED], len(ids) > _NAMED
    zh = f"{'、'.join(named)}{' 等' if more else ''}"
    en = f"{', '.join(named)}{' and others' if more else ''}"
    why = {
        Unreached.NO_STREET: Words(
            f"周围 {JOIN_CAP_M:.0f} m 内没有道路", f"no street within {JOIN_CAP_M:.0f} m"
        ),
        Unreached.NO_PLACE: Words("没有位置", "without a place"),
        Unreached.OTHER_PART: Words(
            "接在与主路网不相通的道路上", "on streets apart from the largest part"
        ),
    }[reason]
    end = Words("只能步行到同一部分的设施", "reached only within that part")
    if reason is not Unreached.OTHER_PART:
        end = Words("不能步行到达", "so no walk leads there")
    detail = Words(f"{len(ids)} 处{why.zh}，{end.zh}：{zh}", f"{len(ids)} {why.en}, {end.en}: {en}")
    return Remark(str(reason), detail, layer, ids=tuple(ids))
