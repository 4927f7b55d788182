"""P9: a million building outlines from a GeoPackage, against pyogrio's own two ways.

Goal: the typed layer in at most 3 s beyond pyogrio with Arrow. ``python benchmarks/read_polygons.py
0.1`` for a tenth of the buildings.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas
import numpy as np
import pyogrio
import shapely
from streets import SEED, once, table

from geoplan.layers.formats.vectors.vector import read_vector
from geoplan.layers.model import Homes
from geoplan.layers.read import look_through
from geoplan.study import LayerFile, Study

CRS = "EPSG:4545"
EAST, NORTH, APART_M = 433_000.0, 2_478_000.0, 30.0


def main() -> None:
    """Check that all read the same, then print the table."""
    count = int(float(sys.argv[1] if len(sys.argv) > 1 else "1") * 1_000_000)
    with TemporaryDirectory() as folder:
        path = _write(Path(folder), count)
        file = LayerFile("homes", Path(path.name))
        study = Study(path.parent, "P9", "", date(2023, 12, 31), {"homes": file})
        arrow_s, arrow = once(lambda: pyogrio.read_dataframe(path, use_arrow=True))
        plain_s, _ = once(lambda: pyogrio.read_dataframe(path, use_arrow=False))
        raw_s, _ = once(lambda: read_vector(LayerFile("homes", path), path.name))
        whole_s, reading = once(lambda: look_through(study))
    homes = reading.layers.homes
    if reading.problems or homes is None:
        raise SystemExit(f"not read: {reading.problems}")
    _check(arrow, homes)
    rows = [[count, plain_s, arrow_s, raw_s, whole_s, whole_s - arrow_s]]
    table("buildings|pyogrio s|pyogrio Arrow s|read_vector s|layer s|beyond Arrow s", rows)


def _write(folder: Path, count: int) -> Path:
    """Rectangles on a grid, each of a size of its own."""
    chance = np.random.default_rng(SEED)
    wide = int(np.sqrt(count))
    x = EAST + APART_M * (np.arange(count) % wide)
    y = NORTH + APART_M * (np.arange(count) // wide)
    size = chance.uniform(8, 25, (2, count))
    said = {
        "编号": [f"H{at}" for at in range(count)],
        "户数": chance.integers(1, 200, count),
        "人口": chance.integers(1, 600, count),
    }
    frame = geopandas.GeoDataFrame(
        said, geometry=shapely.box(x, y, x + size[0], y + size[1]), crs=CRS
    )
    path = folder / "homes.gpkg"
    frame.to_file(path, engine="pyogrio", SPATIAL_INDEX="NO")
    return path


def _check(frame: geopandas.GeoDataFrame, homes: Homes) -> None:
    same = [
        len(frame) == len(homes.ids),
        frame["编号"].tolist() == homes.ids.tolist(),
        np.array_equal(frame["户数"].to_numpy(), homes.households),
        np.array_equal(frame["人口"].to_numpy(), homes.population),
        bool(shapely.equals_exact(frame.geometry.to_numpy(), homes.geometry).all()),
    ]
    if not all(same):
        raise SystemExit(f"what was read differs: {same}")


if __name__ == "__main__":
    main()
