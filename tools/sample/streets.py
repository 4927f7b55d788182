"""Streets: the borders of blocks, three bridges, lanes into compounds, roads to the villages.

Every piece runs from junction to junction; pieces that meet share the exact point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from sample.ground import CROSS_STREET, LONG_STREET, RIVER, TOWN_EDGE, Ground
from sample.places import COMMUNITIES, Community
from sample.shapes import GRID_M, curve, densified

_NEAR_M = 1.5
_NET_M = 130.0  # between the streets of a small town


@dataclass(frozen=True, slots=True)
class Street:
    """A piece of street between two junctions."""

    line: LineString
    kind: str


def draw_streets(
    ground: Ground, compounds: Sequence[shapely.Geometry], rng: np.random.Generator
) -> list[Street]:
    """All streets of the plan."""
    town = _town_lines(ground, rng)
    town = _joined([*town, *_lanes(town, compounds, rng)])
    ring = [line for line in town if _lies_on(line, TOWN_EDGE.exterior)]
    country = _country_roads(ground, ring, rng)
    lines = _joined([*town, *country, *_lonely_lane()])
    kinds = [_kind(line, ground) for line in lines]
    order = sorted(range(len(lines)), key=lambda at: _place(lines[at]))
    return [Street(lines[at], kinds[at]) for at in order]


def _place(line: LineString) -> tuple[float, float]:
    middle = line.interpolate(0.5, normalized=True)
    return round(middle.x, 2), round(middle.y, 2)


def _joined(lines: Iterable[LineString]) -> list[LineString]:
    """Lines cut wherever they meet, and joined wherever only two of them meet."""
    noded = shapely.union_all(list(lines), grid_size=GRID_M)
    return list(shapely.get_parts(shapely.line_merge(noded)))


def _lies_on(line: LineString, other: shapely.Geometry) -> bool:
    return bool(line.interpolate(0.5, normalized=True).distance(other) < _NEAR_M)


def _kind(line: LineString, ground: Ground) -> str:
    middle = line.interpolate(0.5, normalized=True)
    if ground.water.buffer(-5).contains(middle):
        return "桥梁"
    if not TOWN_EDGE.buffer(2).contains(middle):
        return "主干路" if middle.distance(LONG_STREET) < _NEAR_M else "乡村道路"
    if _lies_on(line, ground.main_lines):
        return "主干路"
    return "次干路" if _lies_on(line, ground.rc_lines) else "支路"


def _town_lines(ground: Ground, rng: np.random.Generator) -> list[LineString]:
    """Borders of blocks, less a few that are walls, and the bridges."""
    inner = ground.water.buffer(-2)
    kept = []
    for line in _joined(shapely.get_parts(ground.edges)):
        middle = line.interpolate(0.5, normalized=True)
        if inner.contains(middle):
            if _is_bridge(line):
                kept.append(line)
        elif TOWN_EDGE.buffer(2).contains(middle) or middle.distance(LONG_STREET) < _NEAR_M:
            kept.append(line)
    return _without_walls(_joined(kept), ground, rng)


def _is_bridge(line: LineString) -> bool:
    """A crossing of the water by one of the main streets, not a border along the middle."""
    middle = line.interpolate(0.5, normalized=True)
    return any(middle.distance(street) < _NEAR_M for street in (CROSS_STREET, LONG_STREET))


def _without_walls(
    lines: list[LineString], ground: Ground, rng: np.random.Generator
) -> list[LineString]:
    """Some small streets are closed: their blocks touch at a wall."""
    ends = Counter(end for line in lines for end in (line.coords[0], line.coords[-1]))
    kept = []
    for line in sorted(lines, key=_place):
        small = _kind(line, ground) == "支路"
        busy = min(ends[line.coords[0]], ends[line.coords[-1]]) > 2
        if small and busy and rng.random() < 0.26:
            ends[line.coords[0]] -= 1
            ends[line.coords[-1]] -= 1
        else:
            kept.append(line)
    return kept


def _lanes(
    town: list[LineString], compounds: Sequence[shapely.Geometry], rng: np.random.Generator
) -> list[LineString]:
    """Dead ends: from a bend of the street nearest to a compound into its middle."""
    bends = np.array(sorted({point for line in town for point in line.coords[1:-1]}), dtype=float)
    lanes = []
    for shape in compounds:
        if rng.random() < 0.5 or not TOWN_EDGE.contains(shape):
            continue
        middle = np.asarray(shape.centroid.coords[0])
        start = bends[int(np.argmin(np.hypot(*(bends - middle).T)))]
        reach = float(rng.uniform(0.55, 1.05))
        turn = rng.normal(0, 6, 2)
        lanes.append(LineString([start, start + (middle - start) * reach + turn]))
    return lanes


# -------------------------------------------------------------------------------- country


def _country_roads(
    ground: Ground, ring: list[LineString], rng: np.random.Generator
) -> list[LineString]:
    """Lanes of every village, and the shortest roads that join the villages to the town."""
    seats = [row for row in COMMUNITIES if row.seat]
    lanes = [line for row in seats for line in _village_lanes(row, rng)]
    gates = np.array(sorted({point for line in ring for point in line.coords}), dtype=float)
    roads: list[LineString] = []
    for north in (True, False):
        side = [row for row in seats if _is_north(row.seat) == north]
        here = gates[[_is_north(gate) == north for gate in gates]]
        roads += _shortest_tree([np.asarray(row.seat) for row in side], here, ground, rng)
    return [line for line in (*lanes, *roads) if not line.intersects(ground.water)]


def _is_north(place: Sequence[float] | None) -> bool:
    """North of the river: the line to far north does not cross it an odd number of times."""
    if place is None:
        return False
    up = LineString([tuple(place), (place[0], 50_000)])
    crossings = shapely.get_parts(up.intersection(RIVER))
    return len([point for point in crossings if not point.is_empty]) % 2 == 0


def _shortest_tree(
    seats: list[np.ndarray], gates: np.ndarray, ground: Ground, rng: np.random.Generator
) -> list[LineString]:
    """Roads that join every seat to the ring or to a seat already joined, the nearest first."""
    joined: list[np.ndarray] = []
    waiting = list(range(len(seats)))
    roads = []
    while waiting:
        best = None
        for at in waiting:
            near = gates[np.argsort(np.hypot(*(gates - seats[at]).T))[:1]]
            for target in [*near, *joined]:
                line = LineString([target, seats[at]])
                blocked = line.intersects(ground.water) or _crosses_town(line)
                cost = line.length * (8 if blocked else 1)
                if best is None or cost < best[0]:
                    best = (cost, at, target)
        if best is None:
            break
        _, at, target = best
        roads.append(_winding(target, seats[at], ground, rng))
        joined.append(seats[at])
        waiting.remove(at)
    return roads


def _crosses_town(line: LineString) -> bool:
    return bool(line.intersection(TOWN_EDGE.buffer(-30)).length > 0)


def _winding(
    start: np.ndarray, end: np.ndarray, ground: Ground, rng: np.random.Generator
) -> LineString:
    """A road that winds a little, straight where winding would lead into the water."""
    along = end - start
    across = np.array([-along[1], along[0]]) / 9
    count = max(2, int(np.hypot(*along) / 500))
    at = np.linspace(0, 1, count + 1)[1:-1]
    for strength in (1.0, 0.4, 0.0):
        bends = [start + along * t + across * strength * rng.normal(0, 0.6) for t in at]
        line = curve([tuple(start), *(tuple(bend) for bend in bends), tuple(end)])
        if not line.intersects(ground.water) and not _crosses_town(line):
            return line
    return line


def _village_lanes(row: Community, rng: np.random.Generator) -> list[LineString]:
    """A few lanes through the seat of a village; a small net of streets in the seat of a town."""
    seat = np.asarray(row.seat)
    turn = float(rng.uniform(0, np.pi))
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    if row.urban_class.startswith("12"):
        return _small_net(seat, axes, 5 if row.urban_class == "121" else 3)
    reach = float(rng.uniform(90, 160))
    shift = rng.uniform(0.2, 0.8, 3)
    lines = [
        (seat - axes[0] * reach, seat, seat + axes[0] * reach * 0.8 + axes[1] * 60),
        (seat, seat + axes[1] * reach * shift[0] + axes[0] * 30),
        (seat - axes[0] * reach * 0.5, seat - axes[0] * reach * 0.5 - axes[1] * reach * shift[1]),
        (seat, seat - axes[1] * reach * shift[2] * 0.9),
    ]
    return [LineString(points) for points in lines]


def _small_net(seat: np.ndarray, axes: np.ndarray, count: int) -> list[LineString]:
    """Three streets across ``count`` streets, the middle ones through the seat."""
    lines = []
    for own, other, along, across in ((count, 3, axes[0], axes[1]), (3, count, axes[1], axes[0])):
        reach = (other // 2) * _NET_M + 45
        lines += [
            LineString([middle - along * reach, middle + along * reach])
            for middle in (seat + across * (at - own // 2) * _NET_M for at in range(own))
        ]
    return lines


def _lonely_lane() -> list[LineString]:
    """A hamlet whose lane meets no other street: nobody there can walk anywhere."""
    return [densified(LineString([(-3050, -4080), (-2900, -4200), (-2780, -4230)]))]


LONELY_HAMLET = Point(-2900, -4200)
