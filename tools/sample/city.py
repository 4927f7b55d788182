"""The whole city as tables: who lives where, under which name and number.

Belongs here: putting ground, streets, housing and people together and bending the plan. Does not
belong here: facilities (``facilities.py``) and files (``write.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry import MultiLineString, Point, Polygon, box

from sample.gates import Gate, place_gates
from sample.ground import TOWN_EDGE, WATER, Ground, draw_ground
from sample.housing import (
    OLD_STREETS,
    Compound,
    Home,
    people_by_age,
    place_buildings,
    place_compounds,
)
from sample.people import share_whole
from sample.places import (
    COMMUNITIES,
    COMPOUND_ENDINGS,
    COMPOUND_NAMES,
    COUNTY,
    DIVISIONS,
    PERSONS_PER_HOUSEHOLD,
    SETTLEMENTS,
    Community,
)
from sample.shapes import Points, densified, warped
from sample.streets import LONELY_HAMLET, Street, draw_streets

SEED = 451402
ORIGIN = (434_300.0, 2_477_200.0)  # of the plan, EPSG:4545
COUNTS = ("population", "households", "pop_60plus", "pop_65plus", "pop_under3")
Row = dict[str, object]
Names = Mapping[str, str]

# Compounds built since the plan: on land granted under the rule, or before it.
NEW = {"X026", "X031", "X103", "X110", "X117", "X146"}
LEGACY_NEW = {"X028", "X105", "X113", "X119", "X141", "X148"}
# What bureaux leave blank, or write differently: (id, column) → value.
BLANKS: Mapping[tuple[str, str], object] = {
    ("RC13", "population"): None,
    ("X152", "population"): None,
    ("X152", "households"): None,
    ("X154", "households"): None,
    ("X033", "name"): "同名花园（示意）",
    ("X121", "name"): "同名花园（示意）",
}
HOUSEHOLDS = {"X053": 333}  # 49.95 m² each
EMPTIED_IN = "中山第二居住社区（示意）"  # a compound whose people have all moved out


@dataclass(frozen=True, slots=True)
class City:
    """Rows of every layer with their geometry in EPSG:4545."""

    divisions: list[Row]
    communities: list[Row]
    residential_communities: list[Row]
    compounds: list[Row]
    homes: list[Row]
    roads: list[Row]
    gates: list[Row]


def build_city() -> City:
    """The city, the same at every call."""
    rng = np.random.default_rng(SEED)
    ground = draw_ground(rng)
    compounds = [
        replace(row, households=HOUSEHOLDS.get(row.id, row.households))
        for row in place_compounds(ground, rng)
    ]
    settled, settlement_shapes = _place_settlements(len(compounds), rng)
    compounds += settled
    compounds.append(_emptied(ground, compounds))
    streets = draw_streets(ground, [row.shape for row in compounds], rng)
    homes = _all_homes(ground, compounds, streets, rng)
    names = _compound_names(compounds, rng)
    census = _count(homes)
    rcs = _rc_rows(
        ground.rcs | {name: densified(shape) for name, shape in settlement_shapes.items()},
        census,
        {row.name: row.community for row in ground.quarters}
        | {row.name: row.community for row in SETTLEMENTS},
    )
    rc_ids = {str(row["name"]): str(row["rc_id"]) for row in rcs}
    tables = (
        _division_rows(ground, census),
        _community_rows(ground, census),
        rcs,
        _compound_rows(compounds, census, names, rc_ids),
        _home_rows(homes),
        _road_rows(streets),
        _gate_rows(place_gates(compounds, streets)),
    )
    return City(*(_finished(rows) for rows in tables))


# ---------------------------------------------------------------------------- settlements


def _place_settlements(
    before: int, rng: np.random.Generator
) -> tuple[list[Compound], dict[str, Polygon]]:
    """Residential communities beside the seats of villages and towns, with their compounds."""
    compounds: list[Compound] = []
    shapes: dict[str, Polygon] = {}
    seats = {row.name: row.seat for row in COMMUNITIES if row.seat}
    for row in SETTLEMENTS:
        corner = np.asarray(seats[row.community]) + row.offset
        wide = 230.0 * len(row.residents) + 20
        turn = float(rng.uniform(-15, 15))
        middle = (corner[0] + wide / 2, corner[1] + 120)
        shapes[row.name] = shapely.affinity.rotate(
            box(corner[0], corner[1], corner[0] + wide, corner[1] + 240), turn, origin=middle
        )
        for number, people in enumerate(row.residents):
            west = corner[0] + 20 + 230 * number
            shape = box(west, corner[1] + 20, west + 210, corner[1] + 220)
            compounds.append(
                Compound(
                    f"X{before + len(compounds) + 1:03}",
                    shapely.affinity.rotate(shape, turn, origin=middle),
                    row.community,
                    row.name,
                    people,
                    round(people / PERSONS_PER_HOUSEHOLD),
                )
            )
    return compounds, shapes


def _emptied(ground: Ground, compounds: Sequence[Compound]) -> Compound:
    """A compound awaiting demolition, on a block that has no other."""
    taken = shapely.union_all([row.shape for row in compounds])
    block = next(
        block
        for block in ground.blocks
        if block.rc == EMPTIED_IN and not block.shape.intersects(taken)
    )
    shape = block.shape.buffer(-11, join_style="mitre")
    return Compound(f"X{len(compounds) + 1:03}", shape, block.community, block.rc, 0, 0)


# ----------------------------------------------------------------------------------- homes


def _all_homes(
    ground: Ground,
    compounds: Sequence[Compound],
    streets: Sequence[Street],
    rng: np.random.Generator,
) -> list[Home]:
    homes: list[Home] = []
    age: list[float] = []
    for compound in compounds:
        rows = _homes_of_compound(compound, rng)
        homes += rows
        age += [_age_of(compound.id, compound.community)] * len(rows)
    rows = _homes_on_old_streets(ground, rng)
    homes += rows
    age += [1.5] * len(rows)
    country = [street.line for street in streets if street.kind == "乡村道路"]
    for community in COMMUNITIES:
        if community.villagers:
            rows = _homes_of_village(community, ground, country, rng)
            homes += rows
            age += [1.15] * len(rows)
    return people_by_age(homes, age)


def _age_of(compound: str, community: str) -> float:
    if compound in NEW | LEGACY_NEW:
        return 0.6
    return {"壶兴社区": 1.35, "中山社区": 1.1, "龙腾社区": 0.75, "友谊社区": 0.8}.get(
        community, 1.0
    )


def _homes_of_compound(compound: Compound, rng: np.random.Generator) -> list[Home]:
    if not compound.population:
        return []
    size = 170 if compound.id in NEW | LEGACY_NEW else float(rng.uniform(80, 115))
    count = int(np.clip(round(compound.population / size), 4, 40))
    places = place_buildings(compound.shape, count, rng)
    people = share_whole(compound.population, rng.uniform(0.7, 1.3, count))
    households = share_whole(compound.households, people * 1.0)
    return [
        Home(place, compound.community, compound.rc, compound.id, int(a), int(b))
        for place, a, b in zip(places, people, households, strict=True)
    ]


def _homes_on_old_streets(ground: Ground, rng: np.random.Generator) -> list[Home]:
    """Houses in a row along the streets of the old town, in no compound."""
    blocks = [block for block in ground.blocks if block.rc == OLD_STREETS]
    people = next(row.residents for row in ground.quarters if row.name == OLD_STREETS)
    lines = [block.shape.buffer(-18).exterior for block in blocks]
    places = [
        line.interpolate(at + float(rng.normal(0, 4)))
        for line in lines
        for at in np.arange(10, line.length, 55)
    ]
    shares = share_whole(people, rng.uniform(0.6, 1.4, len(places)))
    households = share_whole(round(people / 2.6), shares * 1.0)
    return [
        Home(place, blocks[0].community, OLD_STREETS, None, int(a), int(b))
        for place, a, b in zip(places, shares, households, strict=True)
    ]


def _homes_of_village(
    row: Community,
    ground: Ground,
    country: Sequence[shapely.Geometry],
    rng: np.random.Generator,
) -> list[Home]:
    """Groups of houses along the lanes of a village, most of them near its seat."""
    area = ground.communities[row.name].difference(TOWN_EDGE.buffer(40)).buffer(-15)
    lines = shapely.intersection(MultiLineString(list(country)), area)
    near = lines.intersection(Point(row.seat).buffer(600))
    seat_of_town = row.urban_class == "121"
    count = (
        46 if seat_of_town else round(12 + row.villagers / (75 if row.code < "4514021" else 160))
    )
    places: list[Point] = []
    if area.contains(LONELY_HAMLET):
        places += [
            Point(LONELY_HAMLET.x + dx, LONELY_HAMLET.y + dy)
            for dx, dy in ((-70, 60), (20, 25), (80, -40))
        ]
    while len(places) < count:
        line = near if rng.random() < 0.75 else lines
        spot = line.interpolate(float(rng.uniform(0, line.length)))
        place = Point(spot.x + rng.normal(0, 26), spot.y + rng.normal(0, 26))
        if area.contains(place) and not WATER.contains(place):
            places.append(place)
    people = share_whole(row.villagers, rng.uniform(0.5, 1.5, count))
    households = share_whole(round(row.villagers / 3.05), people * 1.0)
    return [
        Home(place, row.name, None, None, int(a), int(b))
        for place, a, b in zip(places, people, households, strict=True)
    ]


def _compound_names(compounds: Sequence[Compound], rng: np.random.Generator) -> dict[str, str]:
    every = [first + last for first in COMPOUND_NAMES for last in COMPOUND_ENDINGS]
    order = rng.permutation(len(every))
    return {
        compound.id: f"{every[at]}（示意）" for compound, at in zip(compounds, order, strict=False)
    }


# ---------------------------------------------------------------------------------- tables


@dataclass(frozen=True, slots=True)
class Census:
    """People summed from the homes, by community, residential community and compound."""

    community: Mapping[str | None, Counter[str]]
    rc: Mapping[str | None, Counter[str]]
    compound: Mapping[str | None, Counter[str]]

    def division(self, code: str) -> Counter[str]:
        """All the communities of a division together."""
        total: Counter[str] = Counter()
        for row in COMMUNITIES:
            if row.code.startswith(code):
                total += self.community[row.name]
        return total


def _count(homes: Iterable[Home]) -> Census:
    sums: dict[str, dict[str | None, Counter[str]]] = {
        key: defaultdict(Counter) for key in ("community", "rc", "compound")
    }
    for home in homes:
        people = {column: getattr(home, column) for column in COUNTS}
        for key, counts in sums.items():
            counts[getattr(home, key)].update(people)
    return Census(**sums)


def _division_of(community: str) -> str:
    code = next(row.code for row in COMMUNITIES if row.name == community)
    return next(row.name for row in DIVISIONS if code.startswith(row.code))


def _division_rows(ground: Ground, census: Census) -> list[Row]:
    return [
        {
            "division_code": row.code,
            "name": row.name,
            "kind": row.kind,
            "county": COUNTY,
            **{key: census.division(row.code)[key] for key in COUNTS if key != "households"},
            "geometry": ground.divisions[row.name],
        }
        for row in DIVISIONS
    ]


def _community_rows(ground: Ground, census: Census) -> list[Row]:
    return [
        {
            "community_id": row.code,
            "name": row.name,
            "jiedao": _division_of(row.name),
            "urban_class": row.urban_class,
            "population": census.community[row.name]["population"],
            "households": census.community[row.name]["households"],
            "geometry": ground.communities[row.name],
        }
        for row in COMMUNITIES
    ]


def _rc_rows(shapes: Mapping[str, shapely.Geometry], census: Census, home: Names) -> list[Row]:
    return [
        {
            "rc_id": f"RC{number:02}",
            "name": name,
            "jiedao": _division_of(community),
            "community": community,
            "population": census.rc[name]["population"],
            "households": census.rc[name]["households"],
            "geometry": shapes[name],
        }
        for number, (name, community) in enumerate(home.items(), 1)
    ]


def _compound_rows(
    compounds: Iterable[Compound], census: Census, names: Names, rc_ids: Names
) -> list[Row]:
    return [
        {
            "compound_id": row.id,
            "name": names[row.id],
            "jiedao": _division_of(row.community),
            "community": row.community,
            "rc": rc_ids[row.rc],
            "households": census.compound[row.id]["households"],
            "population": census.compound[row.id]["population"],
            "stock": _stock_of(row.id),
            "geometry": densified(row.shape),
        }
        for row in compounds
    ]


def _stock_of(compound: str) -> str:
    if compound in NEW:
        return "new"
    return "legacy_new" if compound in LEGACY_NEW else "existing"


def _home_rows(homes: Iterable[Home]) -> list[Row]:
    return [
        {
            "home_id": f"H{number:04}",
            "community": home.community,
            "compound": home.compound,
            **{key: getattr(home, key) for key in COUNTS},
            "geometry": home.place,
        }
        for number, home in enumerate(homes, 1)
    ]


def _road_rows(streets: Iterable[Street]) -> list[Row]:
    return [
        {"road_id": f"R{number:04}", "road_class": street.kind, "geometry": street.line}
        for number, street in enumerate(streets, 1)
    ]


def _gate_rows(gates: Iterable[Gate]) -> list[Row]:
    return [
        {
            "gate_id": gate.id,
            "compound": gate.compound,
            "name": f"{gate.number}号门（示意）",
            "geometry": gate.place,
        }
        for gate in gates
    ]


def _finished(rows: Iterable[Row]) -> list[Row]:
    """The rows on the earth, with their blanks."""
    done = []
    for row in rows:
        key = str(next(iter(row.values())))
        blanks = {column: value for (at, column), value in BLANKS.items() if at == key}
        done.append(row | blanks | {"geometry": _on_earth(row["geometry"])})
    return done


def _on_earth(shape: shapely.Geometry) -> shapely.Geometry:
    """From the plan to EPSG:4545, to the centimetre."""

    def move(xy: Points) -> Points:
        return np.round(warped(xy) + ORIGIN, 2)

    return shapely.transform(shape, move)
