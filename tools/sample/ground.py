"""The invented ground: river, main streets, blocks, and the areas that tile it without gaps.

Everything is drawn on a flat plan, cut by one set of lines into faces, each face given to its
division, community and residential community, and only then bent by the warp: neighbours share
every vertex of their border.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPoint, Point, Polygon
from shapely.ops import split, substring

from sample.places import COMMUNITIES, DIVISIONS, ORDINALS, SUPERBLOCKS
from sample.shapes import (
    GRID_M,
    blob,
    curve,
    cut_into_blocks,
    densified,
    polygons_in,
    share_out,
)

RIVER_WIDTH_M = 170.0
CENTRE = (200.0, -900.0)

RIVER = curve(
    [
        (-12000, 3200), (-9500, 2000), (-7000, 1300), (-5000, 1350), (-3400, 900), (-2350, 300),
        (-1800, -600), (-1350, -1350), (-400, -1780), (600, -1650), (1250, -1000), (1480, -150),
        (1900, 600), (2900, 950), (4200, 600), (5600, 200), (7400, 600), (9300, 500), (13000, 900),
    ]
)  # fmt: skip
TOWN_EDGE = blob(
    CENTRE, 2800, ((1, 160, 3.0), (2, 150, 0.4), (3, 150, 1.1), (5, 110, 0.2), (9, 35, 1.0))
)
OUTLINE = blob((100, -500), 5050, ((2, 260, 0.3), (3, 210, 2.0), (7, 120, 0.5), (11, 70, 2.2)))
WEST_TOWN = blob((-5700, 3900), 2200, ((2, 200, 1.0), (5, 130, 0.3), (9, 70, 0.1)))
EAST_TOWN = blob((6900, 0), 2100, ((2, 180, 2.1), (5, 120, 1.3), (8, 70, 0.4)))
WORKS = blob((2500, -5700), 1150, ((2, 150, 1.2), (3, 90, 0.4)))

# Main streets; the first three cross the river, which makes the three bridges.
CROSS_STREET = curve(
    [(-4000, -1750), (-3050, -1150), (-2350, -480), (-1650, 60), (-200, 330), (900, 400),
     (1400, 380), (2150, -40), (2900, -330), (4000, -500)]
)  # fmt: skip
LONG_STREET = curve(
    [(-520, 3000), (-300, 1300), (-130, 300), (-60, -900), (-230, -1800), (-120, -2700),
     (150, -3900), (420, -6200)]
)  # fmt: skip
SOUTH_STREETS = (
    curve([(-1350, -1250), (-1750, -1900), (-2050, -2600), (-2900, -4200)]),
    curve([(900, -1380), (1500, -2150), (1850, -2700), (3100, -4300)]),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A face of the plan inside the city: land between streets."""

    shape: Polygon
    rc: str
    community: str


@dataclass(frozen=True, slots=True)
class Ground:
    """The plan before the warp."""

    divisions: dict[str, shapely.Geometry]
    communities: dict[str, shapely.Geometry]
    rcs: dict[str, shapely.Geometry]
    rc_community: dict[str, str]
    residents: dict[str, int]
    blocks: tuple[Block, ...]
    water: Polygon
    edges: MultiLineString
    main_lines: MultiLineString
    rc_lines: MultiLineString


def rc_name(community: str, number: int) -> str:
    """壶兴第一居住社区（示意）."""
    return f"{community.removesuffix('社区')}{ORDINALS[number]}居住社区（示意）"


def _sides() -> tuple[Polygon, Polygon, Polygon]:
    """North of the river, and west and east of the long street south of it."""
    north, south = sorted(split(OUTLINE, RIVER).geoms, key=lambda part: -part.centroid.y)
    west, east = sorted(split(south, LONG_STREET).geoms, key=lambda part: part.centroid.x)
    return north, west, east


def _ring_street() -> LineString:
    """A street along the river, some way behind the south bank, from cross street to cross street.

    Like the other main streets it goes a little too far: what ends nowhere is dropped later.
    """
    line = RIVER.offset_curve(-880, quad_segs=6, join_style="round")
    pieces = split(line, CROSS_STREET).geoms
    inside = max(pieces, key=lambda part: part.intersection(TOWN_EDGE).length)
    start = line.project(Point(inside.coords[0])) - 20
    end = line.project(Point(inside.coords[-1])) + 20
    return substring(line, min(start, end), max(start, end))


def draw_ground(rng: np.random.Generator) -> Ground:
    """The whole plan."""
    water = RIVER.buffer(RIVER_WIDTH_M / 2, quad_segs=6)
    north, west, east = _sides()
    main = [TOWN_EDGE.exterior, _ring_street(), CROSS_STREET, LONG_STREET, *SOUTH_STREETS]
    land = TOWN_EDGE.difference(water)
    superblocks = _faces(shapely.union_all([land.boundary, *main]), land)
    names: dict[str, str] = {}
    residents: dict[str, int] = {}
    counts: dict[str, int] = defaultdict(int)
    rc_shapes: dict[str, Polygon] = {}
    blocks: list[Polygon] = []
    for block in SUPERBLOCKS:
        shape = _containing(superblocks, block.inside)
        weights = []
        for people in block.residents:
            name = rc_name(block.community, counts[block.community])
            counts[block.community] += 1
            names[name], residents[name] = block.community, people
            weights.append((name, float(people) ** 0.85))
        for name, part in share_out(shape, weights, rng).items():
            rc_shapes[name] = part
            blocks += cut_into_blocks(part, _block_size, rng)
    divisions = {
        DIVISIONS[0].name: north,
        DIVISIONS[1].name: west,
        DIVISIONS[2].name: east,
        DIVISIONS[3].name: WEST_TOWN.difference(OUTLINE),
        DIVISIONS[4].name: EAST_TOWN.difference(OUTLINE),
        DIVISIONS[5].name: WORKS.difference(OUTLINE),
    }
    cells = _village_cells(divisions)
    lines = [
        *(shape.boundary for shape in (*divisions.values(), *cells.values())),
        *(shape.boundary for shape in (*superblocks, *rc_shapes.values(), *blocks)),
        *(line.intersection(water.buffer(20)) for line in main),
    ]
    fabric = densified(shapely.union_all(lines, grid_size=GRID_M))
    faces = _faces(fabric, shapely.union_all(list(divisions.values())))
    return _assign(faces, divisions, cells, rc_shapes, names, residents, water, superblocks, main)


def _block_size(shape: Polygon) -> float:
    """Small blocks in the middle, larger ones outside."""
    far = np.hypot(shape.centroid.x - CENTRE[0], shape.centroid.y - CENTRE[1] - 500)
    return float(58_000 + 24.0 * far)


def _faces(noded: shapely.Geometry, within: shapely.Geometry) -> list[Polygon]:
    """The pieces that the lines cut ``within`` into, in the order of their middles."""
    area = within.buffer(1)
    shapely.prepare(area)
    pieces = shapely.get_parts(shapely.polygonize([noded]))
    inside = [piece for piece in pieces if area.contains(piece.representative_point())]
    return sorted(
        inside, key=lambda piece: (round(piece.centroid.x, 2), round(piece.centroid.y, 2))
    )


def _containing(shapes: Iterable[Polygon], place: tuple[float, float]) -> Polygon:
    return next(shape for shape in shapes if shape.contains(Point(place)))


def _village_cells(divisions: dict[str, Polygon]) -> dict[str, shapely.Geometry]:
    """Countryside given to the nearest village seat of its division."""
    codes = {division.code: division.name for division in DIVISIONS}
    cells: dict[str, shapely.Geometry] = {}
    for code, name in codes.items():
        rows = [row for row in COMMUNITIES if row.code.startswith(code) and row.seat]
        country = divisions[name].difference(TOWN_EDGE)
        if len(rows) == 1:
            cells[rows[0].name] = country
            continue
        seats = MultiPoint([row.seat for row in rows])
        areas = shapely.get_parts(shapely.voronoi_polygons(seats, extend_to=OUTLINE.buffer(9000)))
        for row in rows:
            cells[row.name] = _containing(areas, row.seat).intersection(country)
    return cells


def _assign(  # noqa: PLR0913 - the parts of the plan
    faces: list[Polygon],
    divisions: dict[str, Polygon],
    cells: dict[str, shapely.Geometry],
    rc_shapes: dict[str, Polygon],
    names: dict[str, str],
    residents: dict[str, int],
    water: Polygon,
    superblocks: list[Polygon],
    main: list[shapely.Geometry],
) -> Ground:
    """Every face to its areas; areas are the unions of their faces."""
    divided: dict[str, list[Polygon]] = defaultdict(list)
    shared: dict[str, list[Polygon]] = defaultdict(list)
    grouped: dict[str, list[Polygon]] = defaultdict(list)
    blocks: list[Block] = []
    riverside: list[tuple[Polygon, str]] = []
    for face in faces:
        middle = face.representative_point()
        division = _nearest(divisions, middle)
        divided[division].append(face)
        if not TOWN_EDGE.contains(middle):
            shared[_nearest(_only(cells, division), middle)].append(face)
        elif water.contains(middle):
            riverside.append((face, division))
        else:
            rc = _nearest(rc_shapes, middle)
            grouped[rc].append(face)
            shared[names[rc]].append(face)
            blocks.append(Block(face, rc, names[rc]))
    for face, division in riverside:
        shared[_neighbour(face, division, shared)].append(face)
    edges = shapely.union_all([face.boundary for face in faces], grid_size=GRID_M)
    return Ground(
        divisions={name: _union(parts) for name, parts in divided.items()},
        communities={name: _union(parts) for name, parts in shared.items()},
        rcs={name: _union(parts) for name, parts in grouped.items()},
        rc_community=dict(names),
        residents=dict(residents),
        blocks=tuple(blocks),
        water=water,
        edges=edges,
        main_lines=MultiLineString(
            [line for shape in main for line in _lines(shape)] + [LONG_STREET.intersection(OUTLINE)]
        ),
        rc_lines=MultiLineString([shape.exterior for shape in (*rc_shapes.values(), *superblocks)]),
    )


def _lines(shape: shapely.Geometry) -> list[LineString]:
    return [LineString(part.coords) for part in shapely.get_parts(shape)]


def _only(cells: dict[str, shapely.Geometry], division: str) -> dict[str, shapely.Geometry]:
    code = next(row.code for row in DIVISIONS if row.name == division)
    return {
        row.name: cells[row.name]
        for row in COMMUNITIES
        if row.code.startswith(code) and row.name in cells
    }


def _nearest(shapes: dict[str, shapely.Geometry], place: Point) -> str:
    return min(shapes, key=lambda name: shapes[name].distance(place))


def _neighbour(face: Polygon, division: str, shared: dict[str, list[Polygon]]) -> str:
    """The community of the same division with the longest bank along a piece of river."""
    code = next(row.code for row in DIVISIONS if row.name == division)
    town = [row.name for row in COMMUNITIES if row.code.startswith(code) and not row.seat]
    rim = face.boundary.buffer(0.5)
    return max(
        town,
        key=lambda name: sum(rim.intersection(part.boundary).length for part in shared[name]),
    )


def _union(parts: list[Polygon]) -> shapely.Geometry:
    whole = shapely.coverage_union_all(parts)
    kept = polygons_in(shapely.union_all([whole], grid_size=GRID_M))
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)
