"""The invented ground: a river, warped streets, and units that tile it.

Everything is in EPSG:4545 metres around the real place of 崇左. Cells of a warped grid are cut by
the river's centre line; communities are unions of cells, so that units nest without gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

ORIGIN = (433_400.0, 2_477_600.0)
CELL_M = 230.0
COLUMNS, ROWS = 46, 40
URBAN_RADIUS_M = 3_300.0
STREET_M = 14.0

# id, name, division, urban class, seed (m east and north of the origin), bank
COMMUNITIES = (
    ("451402001001", "壶兴社区", "451402001", "111", -700, 1500, "N"),
    ("451402001002", "中山社区", "451402001", "111", 700, 1700, "N"),
    ("451402002001", "城西社区", "451402002", "111", -2100, -700, "S"),
    ("451402002002", "沿山社区", "451402002", "111", -1500, -2000, "S"),
    ("451402002003", "新民社区", "451402002", "111", -500, -400, "S"),
    ("451402002004", "中渡社区", "451402002", "112", -300, -1700, "S"),
    ("451402003001", "丽金社区", "451402003", "111", 900, -900, "S"),
    ("451402003002", "友谊社区", "451402003", "111", 2100, -500, "S"),
    ("451402003003", "龙腾社区", "451402003", "111", 1500, -2000, "S"),
    ("451402001201", "卜寨村", "451402001", "112", -2100, 2300, "N"),
    ("451402001202", "宜村", "451402001", "220", -3600, 2300, "N"),
    ("451402001203", "示意一村", "451402001", "220", -1200, 3300, "N"),
    ("451402001204", "示意二村", "451402001", "220", 600, 3300, "N"),
    ("451402001205", "示意三村", "451402001", "220", 2100, 2900, "N"),
    ("451402001206", "示意四村", "451402001", "220", 3700, 2500, "N"),
    ("451402001207", "示意五村", "451402001", "220", -4700, 1500, "N"),
    ("451402001208", "示意六村", "451402001", "220", -2900, 3500, "N"),
    ("451402001209", "示意七村", "451402001", "220", 2200, 1500, "N"),
    ("451402002201", "示意八村", "451402002", "220", -3900, -900, "S"),
    ("451402002202", "示意九村", "451402002", "220", -3300, -2700, "S"),
    ("451402002203", "示意十村", "451402002", "220", -1500, -3300, "S"),
    ("451402003201", "示意十一村", "451402003", "112", 3500, -1300, "S"),
    ("451402101001", "示意新和社区", "451402101", "121", 0, 4300, "N"),
    ("451402102001", "示意濑湍社区", "451402102", "121", 3300, -3200, "S"),
    ("451402402001", "示意园区社区", "451402402", "112", 700, -3600, "S"),
)
DIVISIONS = (
    ("451402001", "太平街道"),
    ("451402002", "江南街道"),
    ("451402003", "石景林街道"),
    ("451402101", "新和镇"),
    ("451402102", "濑湍镇"),
    ("451402402", "中泰产业园"),
)
BRIDGE_COLUMNS = (15, 23, 31)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a grid cell on one bank: the smallest bit of ground."""

    column: int
    row: int
    polygon: shapely.Polygon
    community: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Pieces, the river and the streets."""

    pieces: tuple[Piece, ...]
    river: shapely.Polygon
    streets: tuple[tuple[str, shapely.LineString], ...]

    def community_polygon(self, community: str) -> shapely.Polygon:
        """All the pieces of a community together."""
        return dissolved([each.polygon for each in self.pieces if each.community == community])


def dissolved(polygons: list[shapely.Polygon]) -> shapely.Geometry:
    """The union, on a centimetre grid so that neighbours share their vertices."""
    return shapely.union_all([shapely.set_precision(each, 0.01) for each in polygons])


def build_ground(random: np.random.Generator) -> Ground:
    """The river first, then cells, communities and streets."""
    centre = river_line()
    corners = warped_corners(random)
    pieces = cut_cells(corners, centre)
    owned = tuple(own_pieces(pieces))
    urban = {(each.column, each.row) for each in owned if is_urban(each)}
    streets = draw_streets(corners, centre, urban, random)
    return Ground(owned, centre.buffer(95.0, quad_segs=4), tuple(streets))


def river_line() -> shapely.LineString:
    """左江 as a smooth bend: in from the west, round the old town, out to the east."""
    x = np.linspace(-7_000, 7_000, 141)
    y = 500 + 700 * np.sin(x / 900 - 0.35) * np.exp(-((x / 3_000) ** 2)) - 0.035 * x
    return shapely.LineString(np.column_stack([x + ORIGIN[0], y + ORIGIN[1]]))


def warped_corners(random: np.random.Generator) -> NDArray[np.float64]:
    """Grid corners, shape (ROWS + 1, COLUMNS + 1, 2), bent by smooth waves and a little noise."""
    column, row = np.meshgrid(np.arange(COLUMNS + 1), np.arange(ROWS + 1))
    x = (column - COLUMNS / 2) * CELL_M
    y = (row - ROWS / 2) * CELL_M
    bend_x = 120 * np.sin(y / 900) + 70 * np.sin((x + y) / 1_400)
    bend_y = 110 * np.sin(x / 1_000 + 0.6) + 60 * np.sin((x - 2 * y) / 1_900)
    noise = random.uniform(-38, 38, size=(ROWS + 1, COLUMNS + 1, 2))
    return np.round(np.stack([x + bend_x + ORIGIN[0], y + bend_y + ORIGIN[1]], axis=-1) + noise, 2)


def cut_cells(
    corners: NDArray[np.float64], centre: shapely.LineString
) -> list[tuple[int, int, str, shapely.Polygon]]:
    """Every cell, cut by the river's centre line, with its bank."""
    line = shapely.get_coordinates(centre)
    north = shapely.Polygon([*line, (line[-1][0], line[-1][1] + 20_000), (line[0][0], 2_520_000)])
    found: list[tuple[int, int, str, shapely.Polygon]] = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            cell = shapely.Polygon(
                [
                    corners[row, column],
                    corners[row, column + 1],
                    corners[row + 1, column + 1],
                    corners[row + 1, column],
                ]
            )
            for bank, part in (("N", cell.intersection(north)), ("S", cell.difference(north))):
                found += [
                    (column, row, bank, each)
                    for each in shapely.get_parts(part)
                    if each.geom_type == "Polygon" and each.area > 1.0
                ]
    return found


def own_pieces(pieces: list[tuple[int, int, str, shapely.Polygon]]) -> list[Piece]:
    """Each piece goes to the nearest community of its own bank."""
    owned: list[Piece] = []
    for column, row, bank, polygon in pieces:
        at = polygon.representative_point()
        east, north = at.x - ORIGIN[0], at.y - ORIGIN[1]
        near = [
            (np.hypot(east - seed_x, north - seed_y), key)
            for key, _, _, _, seed_x, seed_y, side in COMMUNITIES
            if side == bank
        ]
        owned.append(Piece(column, row, polygon, min(near)[1]))
    return owned


def is_urban(piece: Piece) -> bool:
    """Whether streets are dense here: the communities of the town, not its villages."""
    return piece.community in {row[0] for row in COMMUNITIES if row[3] == "111"} or (
        piece.community == "451402002004"
    )


def draw_streets(
    corners: NDArray[np.float64],
    centre: shapely.LineString,
    urban: set[tuple[int, int]],
    random: np.random.Generator,
) -> list[tuple[str, shapely.LineString]]:
    """Cell edges as streets: all in town but for gaps, a few in the country, bridges over water."""
    streets: list[tuple[str, shapely.LineString]] = []
    for row in range(ROWS + 1):
        for column in range(COLUMNS + 1):
            for step_x, step_y in ((1, 0), (0, 1)):
                other = (row + step_y, column + step_x)
                if other[0] > ROWS or other[1] > COLUMNS:
                    continue
                line = shapely.LineString([corners[row, column], corners[other]])
                kind = street_kind(row, column, step_y, urban, random)
                if kind == "":
                    continue
                if line.crosses(centre):
                    if not (step_y and column in BRIDGE_COLUMNS):
                        continue
                    kind = "bridge"
                streets.append((kind, line))
    return streets


def street_kind(
    row: int,
    column: int,
    step_y: int,
    urban: set[tuple[int, int]],
    random: np.random.Generator,
) -> str:
    """Main streets every fourth line, the rest with gaps; country roads every eighth line."""
    beside = {(column, row), (column - (1 if step_y else 0), row - (0 if step_y else 1))}
    along = column if step_y else row
    main = along % 4 == 3 or (bool(step_y) and along in BRIDGE_COLUMNS)
    if beside & urban:
        if main:
            return "primary"
        return "residential" if random.random() > 0.13 else ""
    return "tertiary" if along % 8 == 7 and random.random() > 0.1 else ""
