"""A province, everything: 1 M homes, 2 M street nodes, 16,250 communities in at most 90 s and 6 GB.

The province is a plain of square blocks that exists nowhere; only its sizes are real. Pass a
number below 1 to try a smaller one: ``python benchmarks/province.py 0.1``. ``--compounds`` adds a
compound to each community, which the goal does not ask: 33,000 verdicts on floor area more.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import geopandas as gpd
import numpy as np
import shapely

GEOPLAN = Path(sys.executable).parent / "geoplan"
GOAL_S, GOAL_GB = 90, 6
WEST, SOUTH = 425_000, 2_420_000
WIDTH, HEIGHT = 3_000, 3_900  # of a division, in metres
STRIPS = 13  # communities of a division
HOMES = 800  # of a division
STREET = 85  # metres between two crossings
CRS = "EPSG:4545"


def write_province(folder: Path, scale: float, *, compounds: bool = False) -> dict[str, int]:
    """Write the study and say how many rows each of its layers has."""
    rng = np.random.default_rng(2023)
    across, down = max(2, round(50 * scale**0.5)), max(2, round(25 * scale**0.5))
    x, y = (each.ravel() for each in np.meshgrid(np.arange(across), np.arange(down)))
    layers = {
        "divisions": _divisions(x, y),
        "communities": _communities(x, y, rng),
        **({"compounds": _compounds(x, y, rng)} if compounds else {}),
        "homes": _homes(x, y, rng),
        "facilities": _facilities(x, y, rng),
        "roads": _roads(across * WIDTH, down * HEIGHT),
    }
    for name, layer in layers.items():
        layer.to_file(folder / f"{name}.gpkg", layer=name, engine="pyogrio", use_arrow=True)
    listed = "\n".join(f'{name} = "{name}.gpkg"' for name in layers)
    text = f'[study]\nname = "省级规模测试"\npolicy = "chongzuo-2021-2023"\nas_of = 2023-12-31\n\n[layers]\n{listed}\n'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return {name: len(layer) for name, layer in layers.items()}


def _codes(count: int) -> list[str]:
    return [f"4514{at // 99 + 1:02d}{at % 99 + 1:03d}" for at in range(count)]


def _box(x: np.ndarray, y: np.ndarray, width: float, height: float) -> np.ndarray:
    return shapely.box(x, y, x + width, y + height)


def _strips(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The south-western corner of each community and the place of its division."""
    of = np.repeat(np.arange(len(x)), STRIPS)
    strip = np.tile(np.arange(STRIPS), len(x))
    return WEST + x[of] * WIDTH, SOUTH + y[of] * HEIGHT + strip * (HEIGHT / STRIPS), of


def _divisions(x: np.ndarray, y: np.ndarray) -> gpd.GeoDataFrame:
    codes = _codes(len(x))
    shapes = _box(WEST + x * WIDTH, SOUTH + y * HEIGHT, WIDTH, HEIGHT)
    table = {"division_code": codes, "name": [f"{code}街道" for code in codes]}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


def _communities(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    west, south, of = _strips(x, y)
    codes = _codes(len(x))
    table = {
        "community_id": [
            f"{codes[division]}{at % STRIPS + 1:03d}" for at, division in enumerate(of)
        ],
        "name": [f"社区{at}" for at in range(len(of))],
        "jiedao": [codes[division] for division in of],
        "urban_class": "111",
        "population": rng.integers(3_000, 14_000, len(of)),
        "households": rng.integers(1_000, 4_500, len(of)),
    }
    return gpd.GeoDataFrame(table, geometry=_box(west, south, WIDTH, HEIGHT / STRIPS), crs=CRS)


def _compounds(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    west, south, of = _strips(x, y)
    table = {
        "compound_id": [f"X{at}" for at in range(len(of))],
        "households": rng.integers(100, 3_000, len(of)),
        "stock": "existing",
    }
    return gpd.GeoDataFrame(table, geometry=_box(west + 100, south + 50, 500, 200), crs=CRS)


def _homes(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    of = np.repeat(np.arange(len(x)), HOMES)
    people = rng.integers(1, 120, len(of))
    table = {
        "home_id": np.arange(len(of)).astype(str),
        "households": people // 3 + 1,
        "population": people,
        "pop_60plus": people // 6,
        "pop_under3": people // 30,
    }
    return gpd.GeoDataFrame(table, geometry=_points(x[of], y[of], rng), crs=CRS)


def _facilities(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    of = np.repeat(np.arange(len(x)), 6)
    kinds = ["jiedao_elder_center", "elder_day_care_center", "elder_service_station"]
    kinds += ["childcare_institution", "childcare_institution", "kindergarten_nursery_class"]
    table = {
        "facility_id": [f"F{at}" for at in range(len(of))],
        "facility_type": np.tile(kinds, len(x)),
        "status": "运营",
        "functions": "全托、日托、上门服务、技术支撑",
        "floor_area_m2": rng.integers(100, 2_000, len(of)),
        "places": rng.integers(0, 90, len(of)),
        "beds": rng.integers(0, 60, len(of)),
        "nursing_beds": 0,
        "filed": "是",
    }
    return gpd.GeoDataFrame(table, geometry=_points(x[of], y[of], rng), crs=CRS)


def _points(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    east = WEST + (x + rng.random(len(x))) * WIDTH
    return shapely.points(east, SOUTH + (y + rng.random(len(y))) * HEIGHT)


def _roads(width: int, height: int) -> gpd.GeoDataFrame:
    """Streets in both directions, a line every fifty crossings."""
    east, north = np.arange(0, width + STREET, STREET), np.arange(0, height + STREET, STREET)
    lines = [
        shapely.linestrings(np.column_stack(pair))
        for along, across, is_east in ((east, north, True), (north, east, False))
        for fixed in across
        for part in (along[at : at + 51] for at in range(0, len(along) - 1, 50))
        for pair in [
            (WEST + part, np.full(len(part), SOUTH + fixed))
            if is_east
            else (np.full(len(part), WEST + fixed), SOUTH + part)
        ]
    ]
    return gpd.GeoDataFrame(geometry=lines, crs=CRS)


def main() -> None:
    """Write a province, assess it, print what it took."""
    asked = [each for each in sys.argv[1:] if each != "--compounds"]
    scale = float(asked[0]) if asked else 1.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = write_province(folder, scale, compounds="--compounds" in sys.argv)
        print("  ".join(f"{layer} {count:,}" for layer, count in sizes.items()))
        begun = perf_counter()
        subprocess.run([GEOPLAN, "assess", folder], check=True, capture_output=True)
        taken = perf_counter() - begun
        peak_gb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
        print(f"{'':<22}{'goal':>8}{'measured':>10}")
        print(f"{'geoplan assess, s':<22}{GOAL_S:>8}{taken:>10.1f}")
        print(f"{'peak memory, GB':<22}{GOAL_GB:>8}{peak_gb:>10.2f}")
        for path in sorted((folder / "maps").iterdir()):
            print(f"  {path.name:<22}{path.stat().st_size / 1e6:>10.1f} MB")


if __name__ == "__main__":
    main()
