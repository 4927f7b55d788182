"""Compounds in blocks, buildings in compounds and villages, people in buildings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from sample.ground import Block, Ground, Quarter
from sample.people import share_whole
from sample.places import (
    COMMUNITIES,
    DIVISIONS,
    PERSONS_PER_HOUSEHOLD,
    SHARE_60PLUS,
    SHARE_65PLUS,
    SHARE_UNDER3,
)
from sample.shapes import cut, long_axis

RESIDENTS_A_COMPOUND = 1390
OLD_STREETS = "壶兴第三居住社区（示意）"  # houses along the street, no compound


@dataclass(frozen=True, slots=True)
class Compound:
    """小区 on the plan."""

    id: str
    shape: Polygon
    community: str
    rc: str
    population: int
    households: int


@dataclass(frozen=True, slots=True)
class Home:
    """A building, in the country a group of houses."""

    place: Point
    community: str
    rc: str | None
    compound: str | None
    population: int
    households: int = 0
    pop_60plus: int = 0
    pop_65plus: int = 0
    pop_under3: int = 0


def place_compounds(ground: Ground, rng: np.random.Generator) -> list[Compound]:
    """Compounds of every residential community, its residents shared out among them."""
    compounds: list[Compound] = []
    for quarter in sorted(ground.quarters, key=_community_code):
        if quarter.name == OLD_STREETS:
            continue
        count = max(1, round(quarter.residents / RESIDENTS_A_COMPOUND))
        shapes = _chosen_blocks([b for b in ground.blocks if b.rc == quarter.name], count, rng)
        weights = [shape.area * rng.uniform(0.75, 1.3) for shape in shapes]
        for shape, people in zip(shapes, share_whole(quarter.residents, weights), strict=True):
            size = PERSONS_PER_HOUSEHOLD * rng.uniform(0.93, 1.07)
            number, population = len(compounds) + 1, int(people)
            compounds.append(
                Compound(
                    f"X{number:03}",
                    shape,
                    quarter.community,
                    quarter.name,
                    population,
                    round(population / size),
                )
            )
    return compounds


def _community_code(quarter: Quarter) -> str:
    return next(row.code for row in COMMUNITIES if row.name == quarter.community)


def _chosen_blocks(blocks: list[Block], count: int, rng: np.random.Generator) -> list[Polygon]:
    """``count`` blocks, the largest cut in two where there are too few; streets taken off."""
    shapes = [block.shape for block in blocks]
    while len(shapes) < count:
        largest = max(range(len(shapes)), key=lambda at: shapes[at].area)
        shapes += cut(shapes.pop(largest), 0.5, rng)
    shapes = [_largest(shape.buffer(-11, join_style="mitre")) for shape in shapes]
    shapes.sort(key=lambda shape: -shape.area)
    spare = len(shapes) - count
    # The smallest stay empty, and of the rest a random few: parks, schools, works.
    good = shapes[: len(shapes) - spare // 2]
    chosen = sorted(rng.choice(len(good), size=count, replace=False))
    picked = [good[at] for at in chosen]
    return sorted(picked, key=lambda shape: (-round(shape.centroid.y), round(shape.centroid.x)))


def _largest(shape: shapely.Geometry) -> Polygon:
    return max(shapely.get_parts(shape), key=lambda part: part.area, default=Polygon())


def place_buildings(shape: Polygon, count: int, rng: np.random.Generator) -> list[Point]:
    """Rows of buildings along the long side of a compound."""
    direction, _, _ = long_axis(shape)
    inner = shape.buffer(-12)
    if inner.area < 0.2 * shape.area:
        inner = shape.buffer(-3)
    spacing = np.sqrt(inner.area / count / 1.3)
    while True:
        found = _grid(inner, direction, 1.3 * spacing, spacing, rng)
        if len(found) >= count:
            kept = sorted(rng.choice(len(found), size=count, replace=False))
            return [found[at] for at in kept]
        spacing *= 0.94


def _grid(
    shape: Polygon, direction: float, along_m: float, across_m: float, rng: np.random.Generator
) -> list[Point]:
    middle = shape.centroid
    level = shapely.affinity.rotate(shape, -direction, origin=middle, use_radians=True)
    west, south, east, north = level.bounds
    points = [
        Point(x + rng.normal(0, 2.5), y + rng.normal(0, 2.0))
        for y in np.arange(south + across_m / 2, north, across_m)
        for x in np.arange(west + along_m / 2, east, along_m)
    ]
    turned = [
        shapely.affinity.rotate(point, direction, origin=middle, use_radians=True)
        for point in points
    ]
    return [point for point in turned if shape.contains(point)]


def people_by_age(homes: list[Home], age: list[float]) -> list[Home]:
    """Elders and under-threes of every home; each division has the shares of the census.

    ``age`` is how old the people of a home are beside the others (1 on average).
    """
    names = {row.name: row.code[:9] for row in COMMUNITIES}
    done: list[Home] = list(homes)
    for division in DIVISIONS:
        rows = [at for at, home in enumerate(homes) if names[home.community] == division.code]
        people = np.array([homes[at].population for at in rows], dtype=np.int64)
        factor = np.array([age[at] for at in rows])
        whole = int(people.sum())
        old = share_whole(round(whole * SHARE_60PLUS), people * factor, people)
        older = share_whole(round(whole * SHARE_65PLUS), old * 1.0, old)
        young = share_whole(round(whole * SHARE_UNDER3), people / factor, people - old)
        for at, a, b, c in zip(rows, old, older, young, strict=True):
            done[at] = replace(homes[at], pop_60plus=int(a), pop_65plus=int(b), pop_under3=int(c))
    return done
