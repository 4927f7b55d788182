"""Walking in a real city: Porto Alegre from its street extract and its cells, by the whole job.

Published with the data are the shares of people within 500, 1,000 and 1,500 m of a health facility:
39.6, 81.5 and 96.0 % by a trial that joined cells to the nearest node, 55.7, 94.5 and 99.0 % as the
crow flies. geoplan joins the nearest point of a street and counts the gap into the walk, which moves
the first three by less than a percentage point (39.8, 80.9, 95.8). Every single walk is held
against networkx here.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from fractions import Fraction
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from pyproj import Transformer

from geoplan.cli import main
from geoplan.layers.read import read_layers
from geoplan.reach.building.network_build import build_network
from geoplan.reach.catchment import nearest
from geoplan.reach.join import join_points
from geoplan.study import read_study

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "porto-alegre-r5r"
METRIC = "EPSG:31982"
PUBLISHED = {500: 39.6, 1000: 81.5, 1500: 96.0}
PUBLISHED_STRAIGHT = {500: 55.7, 1000: 94.5, 1500: 99.0}

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"shared data absent: {FOLDER.name} is not beside the repository"
)


@pytest.fixture(scope="module")
def cells() -> list[dict[str, str]]:
    with (FOLDER / "poa_hexgrid.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def study(cells: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = tmp_path_factory.mktemp("porto-alegre")
    homes = "\n".join(f"{c['id']},{c['lon']},{c['lat']},{c['population']}" for c in cells)
    (study / "homes.csv").write_text(f"home_id,lon,lat,population\n{homes}\n", encoding="utf-8")
    clinics = "\n".join(f"{c['id']},other,运营,{c['lon']},{c['lat']}" for c in has_clinic(cells))
    head = "facility_id,facility_type,status,lon,lat"
    (study / "facilities.csv").write_text(f"{head}\n{clinics}\n", encoding="utf-8")
    (study / "study.toml").write_text(
        f"""
[study]
name = "Porto Alegre"
policy = "chongzuo-2021-2023"
as_of = 2023-12-31
crs = "{METRIC}"

[layers]
homes = {{ path = "homes.csv", crs = "EPSG:4326" }}
facilities = {{ path = "facilities.csv", crs = "EPSG:4326" }}
roads = "{(FOLDER / "poa_osm.pbf").as_posix()}"

[policy_values]
radius_m = 1500
""",
        encoding="utf-8",
    )
    return study


@pytest.fixture(scope="module")
def document(study: Path) -> Any:
    args = ["assess", str(study), "--format", "csv", "--json", "-", "--quiet"]
    done = CliRunner().invoke(main, args)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def has_clinic(cells: list[dict[str, str]]) -> list[dict[str, str]]:
    return [cell for cell in cells if int(cell["healthcare"] or 0)]


def shares(document: Any, mode: str) -> dict[int, float]:
    return {
        row["within_m"]: row["share"] * 100
        for row in document["reach"]
        if (row["kind"], row["people"], row["mode"]) == ("other", "population", mode)
    }


def places(cells: list[dict[str, str]]) -> dict[str, tuple[float, float]]:
    project = Transformer.from_crs("EPSG:4326", METRIC, always_xy=True)
    return {c["id"]: project.transform(float(c["lon"]), float(c["lat"])) for c in cells}


def test_straight_shares_equal_a_slow_count(document: Any, cells: list[dict[str, str]]) -> None:
    xy = places(cells)
    clinics = np.array([xy[cell["id"]] for cell in has_clinic(cells)])
    total, near = 0, dict.fromkeys(PUBLISHED, 0)
    for cell in cells:
        people = int(cell["population"])
        x, y = xy[cell["id"]]
        nearest = min(hypot(x - a, y - b) for a, b in clinics)
        total += people
        for limit in near:
            near[limit] += people * (round(nearest, 3) <= limit)
    found = shares(document, "straight")
    for limit, published in PUBLISHED_STRAIGHT.items():
        assert found[limit] == pytest.approx(float(Fraction(near[limit] * 100, total)), abs=1e-4)
        assert found[limit] == pytest.approx(published, abs=0.15)


def test_shares_along_streets_are_near_the_published_ones(document: Any) -> None:
    found = shares(document, "network")
    assert {limit: round(found[limit], 2) for limit in PUBLISHED} == {
        500: 39.83,
        1000: 80.9,
        1500: 95.84,
    }
    for limit, published in PUBLISHED.items():
        assert abs(found[limit] - published) < 0.7


def test_those_who_cannot_walk_to_one_are_told(document: Any, cells: list[dict[str, str]]) -> None:
    told = {
        remark["code"]: remark["ids"]
        for remark in document["remarks"]
        if remark["layer"] == "homes"
    }
    lost = {*told["WALK_NO_STREET"], *told["WALK_OTHER_PART"]}
    people = sum(int(cell["population"]) for cell in cells if cell["id"] in lost)
    (row,) = (
        row
        for row in document["reach"]
        if (row["kind"], row["people"], row["mode"], row["within_m"])
        == ("other", "population", "network", 1500)
    )
    assert row["total"] == sum(int(cell["population"]) for cell in cells)
    assert 0 < row["unreachable"] <= people


def test_every_walk_equals_networkx(study: Path) -> None:
    """Every cell to its nearest clinic, by a graph that is cut wherever somebody joins it."""
    layers = read_layers(read_study(study))
    assert layers.roads is not None
    assert layers.homes is not None
    assert layers.facilities is not None
    homes = shapely.get_coordinates(layers.homes.geometry)
    clinics = shapely.get_coordinates(layers.facilities.geometry)
    network, _ = build_network(layers.roads.geometry)
    found = nearest(
        network,
        join_points(network, homes, cap_m=500),
        join_points(network, clinics, cap_m=500),
    ).walk_m
    expected = by_networkx(layers.roads.geometry, homes, clinics)
    assert np.isnan(found).tolist() == [each is None for each in expected]
    known = np.isfinite(found)
    assert known.sum() > 1200
    slow = np.array([np.nan if each is None else each for each in expected])
    assert np.abs(found[known] - slow[known]).max() < 1e-6


def by_networkx(lines: Any, homes: Any, clinics: Any) -> list[float | None]:
    """Walks over the vertices of the lines, each joining point a vertex of its own."""
    steps = [
        (a, b)
        for line in lines
        for a, b in pairwise(map(tuple, shapely.get_coordinates(line).round(3)))
        if a != b
    ]
    tree = shapely.STRtree([shapely.LineString(step) for step in steps])
    joins: dict[int, list[tuple[float, str]]] = defaultdict(list)
    graph = nx.Graph()
    for name, points in (("home", homes), ("clinic", clinics)):
        for at, point in enumerate(shapely.points(points)):
            step = int(tree.nearest(point))
            gap = point.distance(tree.geometries[step])
            if gap <= 500:
                along = tree.geometries[step].project(point)
                joins[step].append((along, f"{name} {at}"))
                graph.add_edge(f"{name} {at}", f"door of {name} {at}", weight=gap)
    for at, (a, b) in enumerate(steps):
        length = tree.geometries[at].length
        chain = [(0.0, a), *sorted(joins[at]), (length, b)]
        for (here, one), (there, other) in pairwise(chain):
            nearer = min(
                max(there - here, 0.0), graph.get_edge_data(one, other, {}).get("weight", there)
            )
            graph.add_edge(one, other, weight=nearer)
    sources = {f"door of clinic {at}" for at in range(len(clinics))} & set(graph)
    walks = nx.multi_source_dijkstra_path_length(graph, sources, weight="weight")
    return [walks.get(f"door of home {at}") for at in range(len(homes))]
