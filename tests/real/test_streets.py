"""Three real street networks: every walk is what networkx finds; Porto Alegre against a published
trial.

The trial (PROVENANCE.md beside the data) joined cells to nodes and found 39.6, 81.5 and 96.0 % of
the people within 500, 1,000 and 1,500 m of a health facility. Joining edges and counting the gaps
moves that by less than one point: gaps add to each walk, places on edges shorten it.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geoplan.layers.formats.streets.osm import read_osm
from geoplan.reach import (
    BuildReport,
    Network,
    Unreached,
    build_network,
    is_within,
    join_points,
    nearest,
    pairs,
    straight_nearest,
    why_unreached,
)
from geoplan.study import LayerFile
from tests.reach.streets import some_points, walks_by_networkx

DATA = Path(__file__).parents[3] / "shared" / "data"
FILES = {
    "porto alegre": ("porto-alegre-r5r/poa_osm.pbf", 31982),
    "futian": ("shenzhen-futian-osm-network/futian_osmnx.graphml", 4547),
    "munich": ("osmnx-tiny-osm/planet_10.068,48.135_10.071,48.137.osm", 25832),
}

pytestmark = pytest.mark.skipif(
    not all((DATA / path).exists() for path, _ in FILES.values()),
    reason="the street networks of ../shared/data are not beside the repository",
)


def to_metres(lonlat: NDArray[np.float64], crs: int) -> NDArray[np.float64]:
    transformer = Transformer.from_crs(4326, crs, always_xy=True)
    return np.column_stack(transformer.transform(lonlat[:, 0], lonlat[:, 1]))


@cache
def built(name: str) -> tuple[Network, BuildReport]:
    path, crs = FILES[name]
    raw = read_osm(LayerFile("roads", DATA / path), f"{path} (roads)")
    assert raw.geometry is not None
    lines = shapely.transform(raw.geometry, lambda lonlat: to_metres(lonlat, crs))
    return build_network(lines)


@pytest.mark.parametrize("name", FILES)
def test_every_walk_is_what_networkx_finds(name: str) -> None:
    network, report = built(name)
    assert report.length_m == pytest.approx(network.edge_length_m.sum())
    lines = shapely.linestrings(network.pieces.reshape(-1, 2, 2))
    homes = join_points(network, some_points(lines, 200, 1), cap_m=500)
    facilities = join_points(network, some_points(lines, 4, 2), cap_m=500)
    walks = walks_by_networkx(network, homes, facilities)
    least = np.where(np.isfinite(walks.min(axis=1)), walks.min(axis=1), np.nan)
    found = nearest(network, homes, facilities)
    assert found.walk_m.tolist() == pytest.approx(least.tolist(), abs=1e-6, nan_ok=True)
    close = pairs(network, homes, facilities, within_m=3000)
    assert len(close.home) == (np.round(walks, 3) <= 3000).sum()
    wanted = walks[close.home, close.facility]
    assert close.walk_m.tolist() == pytest.approx(wanted.tolist(), abs=1e-6)


def test_porto_alegre_comes_near_the_published_shares() -> None:
    network, report = built("porto alegre")
    assert (report.components, report.zero_length, report.duplicates) == (58, 0, 0)
    assert report.largest_share > 0.98
    with (DATA / "porto-alegre-r5r" / "poa_hexgrid.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lonlat = np.array([[float(row["lon"]), float(row["lat"])] for row in rows])
    people = np.array([float(row["population"]) for row in rows])
    health = np.array([float(row["healthcare"] or 0) > 0 for row in rows])
    assert (people.sum(), health.sum()) == (812_935, 117)
    cells = to_metres(lonlat, FILES["porto alegre"][1])
    homes = join_points(network, cells, cap_m=1000)
    clinics = join_points(network, cells[health], cap_m=1000)
    found, straight = nearest(network, homes, clinics), straight_nearest(cells, cells[health])

    def shares(walk_m: NDArray[np.float64]) -> list[float]:
        within = (is_within(walk_m, metres) for metres in (500, 1000, 1500))
        return [100 * float(people[one].sum() / people.sum()) for one in within]

    assert shares(straight.walk_m) == pytest.approx([55.7, 94.5, 99.0], abs=0.05)
    assert shares(found.walk_m) == pytest.approx([39.83, 80.90, 95.84], abs=0.01)
    assert shares(found.walk_m) == pytest.approx([39.6, 81.5, 96.0], abs=1)
    reasons = why_unreached(homes, clinics, found)
    assert (reasons == Unreached.OTHER_PART).sum() == (found.facility < 0).sum() == 17
    assert homes.gap_m.max() == pytest.approx(565, abs=1)
    assert (homes.component > 0).sum() == 25
