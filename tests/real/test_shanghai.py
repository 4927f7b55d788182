"""The whole job on 17 real 街道 and 镇 of 上海, which overlap, against a count by brute force.

The polygons have names and a level, no codes. The facility table is made here, from a seed: inside,
in overlaps, on borders, just beyond them, far outside, and declared elsewhere.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from geoplan.cli import main
from tests.real.plane import Ring, Spot, border_m, degrees, is_inside, metres

TOLERANCE_M = 1
CLEAR_M = 5  # farther than any doubt about metres
STREETS, TOWNS = 9, 8
FOLDER = Path(__file__).parents[3] / "shared" / "data" / "shanghai-jiedao-osm"
COLUMNS = (
    "设施编号",
    "设施类型",
    "运营状态",
    "街道",
    "功能",
    "床位数",
    "护理型床位",
    "托位数",
    "是否备案",
)
FULL = "全托、日托、上门服务、技术支撑"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"shared data absent: {FOLDER.name} is not beside the repository"
)


@dataclass(frozen=True, slots=True)
class Made:
    """A facility of the test, and what was meant by it."""

    cells: Mapping[str, str]
    spot: Spot | None


@cache
def polygons() -> Mapping[str, tuple[str, tuple[Ring, ...]]]:
    """Level and rings (in metres) of each 街道 or 镇, by name."""
    text = (FOLDER / "shanghai_jiedao_17.geojson").read_text(encoding="utf-8")
    found: dict[str, tuple[str, tuple[Ring, ...]]] = {}
    for feature in json.loads(text)["features"]:
        shape = feature["geometry"]
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        rings = tuple([metres((x, y)) for x, y in ring] for part in parts for ring in part)
        found[feature["properties"]["name"]] = (feature["properties"]["level"], rings)
    return found


@cache
def near(spot: Spot) -> tuple[str, ...]:
    """Every polygon that holds a spot or lies within the tolerance, lowest name first."""
    return tuple(
        sorted(
            name
            for name, (_, rings) in polygons().items()
            if is_inside(spot, rings) or border_m(spot, rings) <= TOLERANCE_M
        )
    )


def is_clear(spot: Spot) -> bool:
    """Whether no border is so near that a metre could be argued about."""
    return all(border_m(spot, rings) > CLEAR_M for _, rings in polygons().values())


def spots(random: Random) -> Iterator[Spot]:
    """Inside every polygon, in overlaps, on shared borders, just beyond a border, far outside."""
    for _, rings in polygons().values():
        yield from _clear_spots(random, rings, 8)
    for rings in _overlaps():
        yield from rings
    for _, rings in polygons().values():
        yield from _beside(random, rings[0])
    yield from (metres((120.0 + random.random() / 10, 30.0)) for _ in range(5))


def _clear_spots(random: Random, rings: tuple[Ring, ...], count: int) -> Iterator[Spot]:
    xs, ys = zip(*rings[0], strict=True)
    while count:
        spot = (random.uniform(min(xs), max(xs)), random.uniform(min(ys), max(ys)))
        if is_inside(spot, rings) and is_clear(spot):
            count -= 1
            yield spot


def _overlaps() -> Iterator[list[Spot]]:
    """Corners of one polygon that lie well inside another, and corners that two share."""
    for name, (_, rings) in polygons().items():
        others = [each for other, (_, each) in polygons().items() if other != name]
        deep = [
            spot
            for spot in rings[0]
            if any(is_inside(spot, each) and border_m(spot, each) > CLEAR_M for each in others)
        ]
        shared = [
            spot
            for spot in rings[0]
            if any(border_m(spot, each) < TOLERANCE_M / 10 for each in others)
        ]
        yield [*deep[:4], *shared[:4]]


def _beside(random: Random, ring: Ring) -> Iterator[Spot]:
    """Half a metre and three metres to either side of the middle of a long edge."""
    edges = [(a, b) for a, b in pairwise(ring) if abs(a[0] - b[0]) + abs(a[1] - b[1]) > 100]
    a, b = random.choice(edges)
    length = ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
    for beyond in (-3, -0.5, 0.5, 3):
        yield (
            (a[0] + b[0]) / 2 - beyond * (b[1] - a[1]) / length,
            (a[1] + b[1]) / 2 + beyond * (b[0] - a[0]) / length,
        )


@cache
def facilities() -> tuple[Made, ...]:
    """About 300 facilities; one in seven declared somewhere, right or wrong."""
    random = Random(17)  # noqa: S311 - repeatable, not secret
    names = sorted(polygons())
    made = []
    for number, spot in enumerate([*spots(random), *[None] * 10]):
        declared = random.choice(names) if spot is None or random.random() < 1 / 7 else ""
        kind = random.choice(["jiedao_elder_center", "elder_institution", "childcare_institution"])
        cells = {"设施编号": f"S{number:03d}", "设施类型": kind, "街道": declared}
        cells["运营状态"] = random.choice(["运营", "运营", "运营", "停业", "在建", "试运行"])
        if kind == "jiedao_elder_center":
            cells["功能"] = (
                FULL if random.random() < 0.25 else random.choice(["全托、日托", "日托"])
            )
        elif kind == "elder_institution":
            cells |= {
                "床位数": str(random.randint(20, 300)),
                "护理型床位": str(random.randint(0, 20)),
            }
        made.append(Made(cells, spot))
    return tuple(made)


def write_town(folder: Path) -> None:
    """A study on the real polygons with the made facility table."""
    with (folder / "facilities.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([*COLUMNS, "经度", "纬度"])
        for made in facilities():
            place = (
                ["", ""] if made.spot is None else [f"{each:.9f}" for each in degrees(made.spot)]
            )
            table.writerow([*(made.cells.get(column, "") for column in COLUMNS), *place])
    polygons_path = (FOLDER / "shanghai_jiedao_17.geojson").as_posix()
    (folder / "study.toml").write_text(
        '[study]\nname = "上海十七街镇"\npolicy = "chongzuo-2021-2023"\nas_of = 2023-12-31\n'
        f'[layers]\ndivisions = "{polygons_path}"\n'
        'facilities = { path = "facilities.csv", crs = "WGS84" }\n',
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("shanghai")
    write_town(folder)
    command = ["assess", str(folder), "--json", "-", "--format", "csv", "--quiet"]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def place_of(made: Made) -> str | None:
    """Declared beats located; a border or an overlap goes to the lowest name."""
    if made.cells["街道"]:
        return made.cells["街道"]
    found = near(made.spot) if made.spot else ()
    return found[0] if found else None


def is_serving(made: Made) -> bool:
    return made.cells["运营状态"] in {"运营", "试运行"}


def of_type(kind: str) -> list[Made]:
    return [made for made in facilities() if made.cells["设施类型"] == kind]


def indicator(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["indicators"] if each["id"] == name)


def test_the_table_has_every_sort_of_place() -> None:
    several = [made for made in facilities() if made.spot and len(near(made.spot)) > 1]
    nowhere = [made for made in facilities() if made.spot and not near(made.spot)]
    on_edge = [made for made in facilities() if made.spot and not is_clear(made.spot)]
    assert min(len(several), len(nowhere), len(on_edge)) >= 10


def test_levels_are_read_as_kinds(document: dict[str, Any]) -> None:
    found = indicator(document, "jiedao_elder_center_coverage")
    streets = {name for name, (level, _) in polygons().items() if level == "街道"}
    assert found["denominator"] == STREETS == len(streets)
    assert {*found["covered"], *found["uncovered"]} == streets
    assert {each["id"] for each in found["excluded"]} == polygons().keys() - streets
    assert len(found["excluded"]) == TOWNS


def test_every_facility_belongs_where_brute_force_puts_it(document: dict[str, Any]) -> None:
    divisions = {each["id"]: each["division"] for each in document["facilities"]}
    for made in facilities():
        key = made.cells["设施编号"]
        assert divisions.get(key) == place_of(made), (key, made)


def test_coverage_is_as_counted(document: dict[str, Any]) -> None:
    streets = {name for name, (level, _) in polygons().items() if level == "街道"}
    covered = {
        place_of(made)
        for made in of_type("jiedao_elder_center")
        if is_serving(made) and made.cells["功能"] == FULL
    } & streets
    found = indicator(document, "jiedao_elder_center_coverage")
    assert 0 < len(covered) < STREETS
    assert set(found["covered"]) == covered
    assert found["numerator"] == len(covered)
    assert found["need_more"] == STREETS - len(covered)
    assert found["display"] == f"{100 * len(covered) / STREETS:.2f}"
    assert found["provisional"] is False


def test_beds_are_as_counted(document: dict[str, Any]) -> None:
    homes = [made for made in of_type("elder_institution") if is_serving(made) and place_of(made)]
    beds = sum(int(made.cells["床位数"]) for made in homes)
    nursing = sum(int(made.cells["护理型床位"]) for made in homes)
    found = indicator(document, "nursing_bed_share")
    assert (found["numerator"], found["denominator"]) == (nursing, beds)
    assert found["value"] == pytest.approx(float(Fraction(100 * nursing, beds)), abs=1e-6)


def test_borders_and_mismatches_are_said(document: dict[str, Any]) -> None:
    centres = of_type("jiedao_elder_center")
    warned = indicator(document, "jiedao_elder_center_coverage")["warnings"]
    said = {(each["code"], each["id"]) for each in warned}
    for made in centres:
        key, found = made.cells["设施编号"], near(made.spot) if made.spot else ()
        declared = made.cells["街道"]
        if len(found) > 1 and not declared:
            assert ("ON_BOUNDARY", key) in said
        elif made.spot is None or is_clear(made.spot):
            assert ("ON_BOUNDARY", key) not in said
        assert (("LOC_MISMATCH", key) in said) == bool(
            declared and made.spot and declared not in found
        ), key


def test_nothing_is_lost(document: dict[str, Any]) -> None:
    aside = {
        layer: sum(
            len(each["rows"])
            for each in document["remarks"]
            if each["layer"] == layer and each["set_aside"]
        )
        for layer in ("divisions", "facilities")
    }
    sources = {each["layer"]: each for each in document["sources"]}
    assert sources["divisions"]["rows_read"] == STREETS + TOWNS
    assert sources["facilities"]["rows_read"] == len(facilities())
    for layer, source in sources.items():
        assert source["rows_read"] == source["rows_kept"] + aside[layer]
    outside = {
        made.cells["设施编号"]
        for made in facilities()
        if made.spot and not made.cells["街道"] and not near(made.spot)
    }
    told = {
        key
        for each in document["remarks"]
        if each["code"] == "OUTSIDE_SCOPE"
        for key in each["ids"]
    }
    assert told == outside
