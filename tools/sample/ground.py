"""The invented ground: river, main streets, blocks, and the areas that tile it without gaps.

Everything is drawn on a flat plan, cut by one set of lines into faces, each face given to its
division, community and residential community, and only then bent by the warp: neighbours share
every vertex of their border.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPoint, Point, Polygon
from shapely.ops import split, substring

from sample.places import COMMUNITIES, DIVISIONS, ORDINALS, SUPERBLOCKS, Superblock
from sample.shapes import (
    GRID_M,
    blob,
    curve,
    cut_into_blocks,
    densified,
    settled,
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
WATER = RIVER.buffer(RIVER_WIDTH_M / 2, quad_segs=6)
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


Shapes = dict[str, shapely.Geometry]


@dataclass(frozen=True, slots=True)
class Block:
    """A face of the plan inside the city: land between streets."""

    shape: Polygon
    rc: str
    community: str


@dataclass(frozen=True, slots=True)
class Quarter:
    """A residential community as it was cut out of its superblock, with its blocks."""

    name: str
    community: str
    residents: int
    shape: Polygon
    blocks: tuple[Polygon, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """The plan before the warp: areas by name, and the lines that streets follow."""

    divisions: Shapes
    communities: Shapes
    rcs: Shapes
    quarters: tuple[Quarter, ...]
    blocks: tuple[Block, ...]
    edges: MultiLineString
    main_lines: MultiLineString
    rc_lines: MultiLineString


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom a face belongs; a face of the river in the city has no community of its own yet."""

    division: str
    community: str | None
    rc: str | None = None


def draw_ground(rng: np.random.Generator) -> Ground:
    """The whole plan."""
    main = [TOWN_EDGE.exterior, _ring_street(), CROSS_STREET, LONG_STREET, *SOUTH_STREETS]
    land = TOWN_EDGE.difference(WATER)
    superblocks = _faces(shapely.union_all([land.boundary, *main]), land)
    quarters = tuple(_cut_quarters(superblocks, rng))
    divisions = _draw_divisions()
    cells = _village_cells(divisions)
    lines = [
        *(shape.boundary for shape in (*divisions.values(), *cells.values(), *superblocks)),
        *(quarter.shape.boundary for quarter in quarters),
        *(block.boundary for quarter in quarters for block in quarter.blocks),
        *(line.intersection(WATER.buffer(20)) for line in main),
    ]
    fabric = densified(shapely.union_all(settled(lines), grid_size=GRID_M))
    faces = _faces(fabric, shapely.union_all(list(divisions.values())))
    owners = _owners(faces, divisions, cells, quarters)
    areas = {
        key: _areas(faces, [getattr(owner, key) for owner in owners])
        for key in ("division", "community", "rc")
    }
    return Ground(
        divisions=areas["division"],
        communities=areas["community"],
        rcs=areas["rc"],
        quarters=quarters,
        blocks=tuple(_blocks(faces, owners)),
        edges=shapely.union_all([face.boundary for face in faces], grid_size=GRID_M),
        main_lines=_lines([*main, LONG_STREET.intersection(OUTLINE)]),
        rc_lines=_lines([*(each.shape.exterior for each in quarters), land.boundary]),
    )


# ------------------------------------------------------------------------------- the plan


def _draw_divisions() -> Shapes:
    """街道 on both sides of the river and of the long street; the others around them."""
    north, south = sorted(split(OUTLINE, RIVER).geoms, key=lambda part: -part.centroid.y)
    west, east = sorted(split(south, LONG_STREET).geoms, key=lambda part: part.centroid.x)
    around = [blob.difference(OUTLINE) for blob in (WEST_TOWN, EAST_TOWN, WORKS)]
    names = [division.name for division in DIVISIONS]
    return dict(zip(names, (north, west, east, *around), strict=True))


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


def _cut_quarters(superblocks: Sequence[Polygon], rng: np.random.Generator) -> Iterator[Quarter]:
    """Every superblock cut into residential communities, and these into blocks."""
    counts: dict[str, int] = defaultdict(int)
    for superblock in SUPERBLOCKS:
        residents = {}
        for people in superblock.residents:
            residents[_rc_name(superblock, counts[superblock.community])] = people
            counts[superblock.community] += 1
        # Where more people live they live closer together.
        weights = [(name, float(people) ** 0.85) for name, people in residents.items()]
        shape = _containing(superblocks, superblock.inside)
        for name, part in share_out(shape, weights, rng).items():
            blocks = tuple(cut_into_blocks(part, _block_size, rng))
            yield Quarter(name, superblock.community, residents[name], part, blocks)


def _rc_name(superblock: Superblock, number: int) -> str:
    return f"{superblock.community.removesuffix('社区')}{ORDINALS[number]}居住社区（示意）"


def _block_size(shape: Polygon) -> float:
    """Small blocks in the middle, larger ones outside."""
    far = np.hypot(shape.centroid.x - CENTRE[0], shape.centroid.y - CENTRE[1] - 500)
    return float(58_000 + 24.0 * far)


def _village_cells(divisions: Mapping[str, Polygon]) -> Shapes:
    """Countryside given to the nearest village seat of its division."""
    cells: Shapes = {}
    for division in DIVISIONS:
        seats = {
            row.name: row.seat
            for row in COMMUNITIES
            if row.code.startswith(division.code) and row.seat
        }
        country = divisions[division.name].difference(TOWN_EDGE)
        if len(seats) == 1:
            cells |= dict.fromkeys(seats, country)
            continue
        points = MultiPoint(list(seats.values()))
        areas = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=OUTLINE.buffer(9000)))
        cells |= {
            name: _containing(areas, seat).intersection(country) for name, seat in seats.items()
        }
    return cells


# ------------------------------------------------------------------------------ the faces


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


def _owners(
    faces: Sequence[Polygon],
    divisions: Shapes,
    cells: Shapes,
    quarters: Sequence[Quarter],
) -> list[Owner]:
    """The areas that every face belongs to."""
    by_rc = {quarter.name: quarter for quarter in quarters}
    rc_shapes = {quarter.name: quarter.shape for quarter in quarters}
    owners = []
    for face in faces:
        middle = face.representative_point()
        division = _nearest(divisions, middle)
        if not TOWN_EDGE.contains(middle):
            rows = _communities_of(division)
            near = _nearest({row: cells[row] for row in rows if row in cells}, middle)
            owners.append(Owner(division, near))
        elif WATER.contains(middle):
            owners.append(Owner(division, None))
        else:
            rc = _nearest(rc_shapes, middle)
            owners.append(Owner(division, by_rc[rc].community, rc))
    return [
        owner if owner.community else Owner(owner.division, _banked(face, owner, faces, owners))
        for face, owner in zip(faces, owners, strict=True)
    ]


def _nearest(shapes: Shapes, place: Point) -> str:
    return min(shapes, key=lambda name: shapes[name].distance(place))


def _communities_of(division: str) -> list[str]:
    code = next(row.code for row in DIVISIONS if row.name == division)
    return [row.name for row in COMMUNITIES if row.code.startswith(code)]


def _banked(
    face: Polygon, owner: Owner, faces: Sequence[Polygon], owners: Sequence[Owner]
) -> str | None:
    """The community of the same division with the longest bank along a piece of the river."""
    rim = face.boundary.buffer(GRID_M)
    lengths: dict[str, float] = defaultdict(float)
    for other, its in zip(faces, owners, strict=True):
        if its.rc and its.community and its.division == owner.division and rim.intersects(other):
            lengths[its.community] += rim.intersection(other.boundary).length
    return max(lengths, key=lambda name: lengths[name])


def _areas(faces: Sequence[Polygon], names: Sequence[str | None]) -> Shapes:
    """The union of the faces of every name."""
    parts: dict[str, list[Polygon]] = defaultdict(list)
    for face, name in zip(faces, names, strict=True):
        if name is not None:
            parts[name].append(face)
    return {
        name: shapely.union_all([shapely.coverage_union_all(own)], grid_size=GRID_M)
        for name, own in parts.items()
    }


def _blocks(faces: Sequence[Polygon], owners: Sequence[Owner]) -> Iterator[Block]:
    for face, owner in zip(faces, owners, strict=True):
        if owner.rc and owner.community:
            yield Block(face, owner.rc, owner.community)


def _lines(shapes: Iterable[shapely.Geometry]) -> MultiLineString:
    return MultiLineString(
        [LineString(part.coords) for shape in shapes for part in shapely.get_parts(shape)]
    )
