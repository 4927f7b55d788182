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

from sample.ground import CROSS_STREET, LONG_STREET, RIVER, TOWN_EDGE, WATER, Ground
from sample.places import COMMUNITIES, Community
from sample.shapes import GRID_M, Points, curve, densified

_NEAR_M = 1.5
_NET_M = 130.0  # between the streets of a small town
_IN_TOWN, _DEEP_IN_TOWN, _DEEP_WATER = TOWN_EDGE.buffer(2), TOWN_EDGE.buffer(-30), WATER.buffer(-5)
shapely.prepare([_IN_TOWN, _DEEP_IN_TOWN, _DEEP_WATER])


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
    country = _country_roads(ring, rng)
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
    if _DEEP_WATER.contains(middle):
        return "桥梁"
    if not _IN_TOWN.contains(middle):
        return "主干路" if middle.distance(LONG_STREET) < _NEAR_M else "乡村道路"
    if _lies_on(line, ground.main_lines):
        return "主干路"
    return "次干路" if _lies_on(line, ground.rc_lines) else "支路"


def _town_lines(ground: Ground, rng: np.random.Generator) -> list[LineString]:
    """Borders of blocks, less a few that are walls, and the bridges."""
    kept = []
    for line in _joined(shapely.get_parts(ground.edges)):
        middle = line.interpolate(0.5, normalized=True)
        if _DEEP_WATER.contains(middle):
            # The border along the middle of the river is no street.
            if min(middle.distance(street) for street in (CROSS_STREET, LONG_STREET)) < _NEAR_M:
                kept.append(line)
        elif _IN_TOWN.contains(middle) or middle.distance(LONG_STREET) < _NEAR_M:
            kept.append(line)
    return _without_walls(_joined(kept), ground, rng)


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


def _country_roads(ring: list[LineString], rng: np.random.Generator) -> list[LineString]:
    """Lanes of every village, and the shortest roads that join the villages to the town."""
    rows = [row for row in COMMUNITIES if row.seat]
    lanes = [line for row in rows for line in _village_lanes(row, rng)]
    gates = np.array(sorted({point for line in ring for point in line.coords}), dtype=float)
    seats = np.array([row.seat for row in rows], dtype=float)
    roads: list[LineString] = []
    for north in (True, False):
        seats_here = [seat for seat in seats if _is_north(seat) == north]
        gates_here = gates[[_is_north(gate) == north for gate in gates]]
        roads += _shortest_tree(seats_here, gates_here, rng)
    return [line for line in (*lanes, *roads) if not line.intersects(WATER)]


def _is_north(place: Points) -> bool:
    """North of the river: a line to the far north crosses it an even number of times."""
    crossings = LineString([place, (place[0], 50_000)]).intersection(RIVER)
    return sum(not point.is_empty for point in shapely.get_parts(crossings)) % 2 == 0


def _shortest_tree(
    seats: Sequence[Points], gates: Points, rng: np.random.Generator
) -> list[LineString]:
    """Roads that join every seat to the ring or to a seat already joined, the nearest first."""
    starts = {at: [gates[np.argmin(np.hypot(*(gates - seats[at]).T))]] for at in range(len(seats))}
    roads = []
    while starts:
        choices = [(_cost(start, seats[at]), at, start) for at in starts for start in starts[at]]
        _, at, start = min(choices, key=lambda choice: choice[:2])
        roads.append(_winding(start, seats[at], rng))
        del starts[at]
        for others in starts.values():
            others.append(seats[at])
    return roads


def _cost(start: Points, end: Points) -> float:
    """Length, much more through the town or the river."""
    line = LineString([start, end])
    return float(line.length) * (8 if _is_blocked(line) else 1)


def _is_blocked(line: LineString) -> bool:
    return bool(WATER.intersects(line) or _DEEP_IN_TOWN.intersects(line))


def _winding(start: Points, end: Points, rng: np.random.Generator) -> LineString:
    """A road that winds a little, straight where winding would lead into the water."""
    along = end - start
    across = np.array([-along[1], along[0]]) / 9
    count = max(2, int(np.hypot(*along) / 500))
    at = np.linspace(0, 1, count + 1)[1:-1]
    for strength in (1.0, 0.4):
        bends = [start + along * t + across * strength * rng.normal(0, 0.6) for t in at]
        line = curve([start, *bends, end])
        if not _is_blocked(line):
            return line
    return curve([start, *(start + along * t for t in at), end])


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


def _small_net(seat: Points, axes: Points, count: int) -> list[LineString]:
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
