"""The invented people: residential communities, compounds and buildings whose sums agree.

Every population is a whole number, and buildings sum to compounds, residential communities,
communities and divisions. Shares of age groups and the size of households are those of 江州区 in
the 2020 census (SOURCES.toml).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely

from sample.ground import COMMUNITIES, STREET_M, Ground, Piece, dissolved

SHARES = {"pop_60plus": 0.1278, "pop_65plus": 0.0928, "pop_under3": 0.03295}
PERSONS_PER_HOUSEHOLD = 2.79
PEOPLE_A_BUILDING = 80
SMALLEST_BLOCK_M2 = 16_000
VILLAGES = {"220": 1_650, "112": 3_400, "121": 24_600}

# Residential communities of each urban community: populations. Ten lie in 5,000–12,000, both
# ends among them; 4,999 and 12,001 stand just outside.
RC_POPULATIONS = {
    "451402001001": (5_000, 12_001, 3_120, 6_280, 2_650),
    "451402001002": (8_460, 4_999, 3_870, 2_240),
    "451402002001": (12_000, 3_050, 4_610, 1_980, 2_700),
    "451402002002": (6_730, 2_890, 3_340, 2_150),
    "451402002003": (9_120, 13_640, 4_150, 3_260, 2_480),
    "451402002004": (7_350, 3_680, 2_940),
    "451402003001": (5_860, 14_900, 3_450, 2_760),
    "451402003002": (10_240, 4_720, 3_590, 2_330, 3_010),
    "451402003003": (7_980, 3_150, 4_440, 2_070, 1_690),
}
COMPOUNDS_A_RC = 4


@dataclass(slots=True)
class Area:
    """A unit with people: a residential community, a compound, or the rest of one."""

    id: str
    name: str
    community: str
    rc: str
    polygon: shapely.Geometry
    population: int
    homes: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Building:
    """A residential building."""

    id: str
    point: shapely.Point
    community: str
    rc: str
    compound: str
    households: int
    population: int
    groups: dict[str, int]


@dataclass(frozen=True, slots=True)
class People:
    """Who lives where."""

    rcs: tuple[Area, ...]
    compounds: tuple[Area, ...]
    buildings: tuple[Building, ...]


def parts_of(total: int, weights: np.ndarray) -> list[int]:
    """Whole parts of ``total`` in proportion to ``weights``, by largest remainder."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(int)
    short = total - int(parts.sum())
    for index in np.argsort(-(exact - parts), kind="stable")[:short]:
        parts[index] += 1
    return parts.tolist()


def settle_people(ground: Ground, random: np.random.Generator) -> People:
    """Residential communities first, then compounds in their blocks, then buildings."""
    rcs: list[Area] = []
    compounds: list[Area] = []
    housing: list[Area] = []
    for key, name, _, _, _, _, _ in COMMUNITIES:
        pieces = [each for each in ground.pieces if each.community == key]
        if key in RC_POPULATIONS:
            found = split_community(key, name, pieces, random)
            for rc, own in found:
                rcs.append(rc)
                inside, rest = place_compounds(rc, own, ground, len(compounds), random)
                compounds += inside
                housing += [*inside, rest]
        else:
            urban_class = next(row[3] for row in COMMUNITIES if row[0] == key)
            people = VILLAGES[urban_class] + int(random.integers(-250, 250))
            whole = dissolved([each.polygon for each in pieces]).buffer(-150)
            housing.append(Area("", name, key, "", whole, people))
    return People(tuple(rcs), tuple(compounds), tuple(build_homes(housing, ground, random)))


def split_community(
    key: str, name: str, pieces: list[Piece], random: np.random.Generator
) -> list[tuple[Area, list[Piece]]]:
    """Share a community's ground among its residential communities, in proportion to people."""
    populations = RC_POPULATIONS[key]
    points = np.array(
        [shapely.get_coordinates(each.polygon.representative_point())[0] for each in pieces]
    )
    seeds = spread_seeds(points, len(populations), random)
    # A larger population reaches farther.
    reach = np.sqrt(np.array(populations, dtype=float))
    distance = np.linalg.norm(points[:, None, :] - seeds[None, :, :], axis=2) / reach[None, :]
    nearest = distance.argmin(axis=1)
    found: list[tuple[Area, list[Piece]]] = []
    for index, population in enumerate(populations):
        own = [piece for piece, where in zip(pieces, nearest, strict=True) if where == index]
        polygon = dissolved([each.polygon for each in own])
        rc = f"R{key[6:9]}{key[-1]}{index + 1:02d}"
        label = f"{name.removesuffix('社区')}第{'一二三四五六'[index]}居住社区"
        found.append((Area(rc, label, key, rc, polygon, population), own))
    return found


def spread_seeds(points: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Points far from one another: each next one is the farthest from those before."""
    seeds = [points[int(random.integers(len(points)))]]
    while len(seeds) < count:
        away = np.min([np.linalg.norm(points - seed, axis=1) for seed in seeds], axis=0)
        seeds.append(points[int(away.argmax())])
    return np.array(seeds)


def place_compounds(
    rc: Area, pieces: list[Piece], ground: Ground, before: int, random: np.random.Generator
) -> tuple[list[Area], Area]:
    """The largest blocks become compounds; the rest of the people live between them."""
    blocks = [
        each.polygon.difference(ground.river).buffer(-STREET_M / 2, join_style="mitre")
        for each in pieces
    ]
    large = sorted(
        (each for each in blocks if each.geom_type == "Polygon" and each.area > SMALLEST_BLOCK_M2),
        key=lambda each: -each.area,
    )
    chosen = large[:: max(1, len(large) // COMPOUNDS_A_RC)][:COMPOUNDS_A_RC]
    others = [each for each in large if not any(each is one for one in chosen)]
    weights = np.append(random.uniform(0.6, 1.4, len(chosen)), 0.35 if others else 0.0)
    people = parts_of(rc.population, weights)
    names = compound_names(before, len(chosen))
    inside = [
        Area(f"X{before + index + 1:03d}", names[index], rc.community, rc.id, block, people[index])
        for index, block in enumerate(chosen)
    ]
    rest = Area("", "", rc.community, rc.id, shapely.union_all(others or [rc.polygon]), people[-1])
    return inside, rest


def compound_names(before: int, count: int) -> list[str]:
    """Invented names that say so."""
    first = "锦江桂荷丽翠星金阳滨龙石木棉南湖民福安康"
    last = ("花园", "家园", "苑", "新村", "小区", "名都", "公馆", "华庭")
    return [
        f"示意{first[number % len(first)]}{first[(number * 7 + 3) % len(first)]}{last[number % len(last)]}"
        for number in range(before, before + count)
    ]


def build_homes(housing: list[Area], ground: Ground, random: np.random.Generator) -> list[Building]:
    """Buildings in rows inside each area, carrying exactly its people."""
    buildings: list[Building] = []
    for area in housing:
        if area.population == 0:
            continue
        count = max(2, round(area.population / PEOPLE_A_BUILDING))
        if area.population > 20_000:
            count = 90
        points = points_inside(area.polygon.difference(ground.river), count, random)
        weights = random.uniform(0.7, 1.3, len(points))
        people = parts_of(area.population, weights)
        households = parts_of(round(area.population / PERSONS_PER_HOUSEHOLD), weights)
        groups = {
            group: parts_of(round(area.population * share), np.array(people, dtype=float))
            for group, share in SHARES.items()
        }
        for index, point in enumerate(points):
            buildings.append(
                Building(
                    id=f"H{len(buildings) + 1:04d}",
                    point=point,
                    community=area.community,
                    rc=area.rc,
                    compound=area.id,
                    households=households[index],
                    population=people[index],
                    groups={group: parts[index] for group, parts in groups.items()},
                )
            )
    return buildings


def points_inside(
    area: shapely.Geometry, count: int, random: np.random.Generator
) -> list[shapely.Point]:
    """``count`` points in rows inside an area."""
    west, south, east, north = area.bounds
    step = max(8.0, float(np.sqrt(area.area / count)) * 0.92)
    while True:
        x, y = np.meshgrid(
            np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
        )
        jitter = random.uniform(-0.18, 0.18, size=(x.size, 2)) * step
        grid = shapely.points(np.round(np.column_stack([x.ravel(), y.ravel()]) + jitter, 2))
        inside = grid[shapely.contains(area, grid)]
        if len(inside) >= count:
            every = np.linspace(0, len(inside) - 1, count).round().astype(int)
            return list(inside[every])
        step *= 0.93


def sums(buildings: tuple[Building, ...], key: str) -> dict[str, dict[str, int]]:
    """People of each unit: the sums of its buildings by ``community``, ``rc`` or ``compound``."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in buildings:
        unit = found[getattr(each, key)]
        unit["households"] += each.households
        unit["population"] += each.population
        for group, count in each.groups.items():
            unit[group] += count
    return found
