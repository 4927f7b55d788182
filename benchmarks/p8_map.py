"""P8: the map of 10,000 and 50,000 polygons with 20,000 facilities: size, writing, first sight.

Goals: at most 4 MB and 15 MB, written in at most 5 s and 20 s, on screen in at most 2 s and 5 s.
The peer is folium's own GeoJson layer of the same polygons with one sentence each, as a user would
make it. Both files are opened in headless Chromium; "seen" is from opening to the first polygon on
the canvas (for folium: in the document), "heap" is the page's memory then.
``python benchmarks/p8_map.py 2000`` tries a smaller one.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import numpy as np
import shapely

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.layers.model import Community, Compound, Division, Facility, Layer, Layers, Source
from geoplan.layers.places.datum import to_wgs84
from geoplan.policy.read import build_standard, read_policy
from geoplan.render.webmap.page import write_map

CELL_M, CORNERS = 220.0, 10  # of a compound: its side, and corners on each side
FACILITIES = 20_000
EAST, NORTH = 380_000.0, 2_400_000.0
GOALS = {10_000: (4, 5, 2), 50_000: (15, 20, 5)}


def warped(x: np.ndarray, y: np.ndarray, size: float) -> np.ndarray:
    """Squares with wavy sides that neighbours share to the last bit."""
    squares = shapely.segmentize(shapely.box(x, y, x + size, y + size), CELL_M / CORNERS)
    return shapely.transform(
        squares,
        lambda xy: xy + 18 * np.column_stack((np.sin(xy[:, 1] / 37), np.cos(xy[:, 0] / 41))),
    )


def layer(rows: list[object], places: np.ndarray) -> Layer:
    """Rows with their places."""
    source = Source("made", "made", "", "EPSG:4545", None, len(rows), len(rows))
    return Layer(tuple(rows), places, source)


def city(count: int) -> Assessment:
    """Compounds in communities of 25 in divisions of 400 communities, with facilities."""
    side = max(5, round(count**0.5 / 5) * 5)
    x, y = (each.ravel() for each in np.meshgrid(np.arange(side), np.arange(side)))
    east, north = EAST + x * CELL_M, NORTH + y * CELL_M
    blocks = (x // 5) + (y // 5) * (side // 5)
    wide = side // 5
    bx, by = (each.ravel() for each in np.meshgrid(np.arange(wide), np.arange(wide)))
    rng = np.random.default_rng(8)
    compounds = [
        Compound(
            at, f"X{at}", f"第{at}小区", community=f"C{block:06d}", households=Decimal(int(hh))
        )
        for at, (block, hh) in enumerate(zip(blocks, rng.integers(50, 900, len(x)), strict=True))
    ]
    communities = [
        Community(at, f"C{at:06d}", f"第{at}社区", urban_class="111", population=Decimal(9000))
        for at in range(len(bx))
    ]
    divisions = [Division(2, "451402001", "太平街道", "jiedao", population=Decimal(100_000))]
    owners = rng.integers(0, len(x), FACILITIES)
    types = ("elder_service_station", "childcare_institution")
    facilities = [
        Facility(
            at, f"F{at}", types[at % 2], f"第{at}设施", compound=f"X{owner}", status="operating",
            floor_area_m2=Decimal(int(m2)), places=Decimal(20), filed=True,
        )
        for at, (owner, m2) in enumerate(zip(owners, rng.integers(20, 200, FACILITIES), strict=True))
    ]  # fmt: skip
    points = shapely.points(east[owners] + CELL_M / 2, north[owners] + CELL_M / 2)
    layers = Layers(
        "EPSG:4545",
        divisions=layer(divisions, warped(np.array([EAST]), np.array([NORTH]), side * CELL_M)),
        communities=layer(
            communities, warped(EAST + bx * CELL_M * 5, NORTH + by * CELL_M * 5, 5 * CELL_M)
        ),
        compounds=layer(compounds, warped(east, north, CELL_M)),
        facilities=layer(facilities, points),
    )
    standard, _ = build_standard(read_policy("chongzuo-2021-2023"), date(2023, 12, 31), {})
    return assess(layers, standard, study="大图测试")


def plain_folium(assessment: Assessment, file: Path) -> None:
    """What a user would write with folium alone."""
    import folium
    import geopandas as gpd

    compounds = assessment.layers.compounds
    sums = {unit.unit_id: unit.sum.zh for unit in assessment.units if unit.kind == "elder"}
    frame = gpd.GeoDataFrame(
        {"sum": [sums[row.id] for row in compounds.rows]},
        geometry=to_wgs84(compounds.geometry, "EPSG:4545"),
        crs=4326,
    )
    drawn = folium.Map(prefer_canvas=True, tiles=None)
    folium.GeoJson(frame, popup=folium.GeoJsonPopup(["sum"])).add_to(drawn)
    drawn.save(str(file))


def seen(file: Path, ready: str) -> tuple[float, float]:
    """Seconds from opening to the first polygon, and the heap in MB."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--enable-precise-memory-info"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        begun = perf_counter()
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_function(ready, polling=20, timeout=120_000)
        took = perf_counter() - begun
        heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
        browser.close()
    return took, heap


DRAWN = """() => { const c = document.querySelector('.leaflet-fill-pane canvas'); if (!c) return false;
const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
for (let i = 3; i < d.length; i += 4004) if (d[i]) return true; return false; }"""


def main() -> None:
    """Print one line a size."""
    counts = [int(each) for each in sys.argv[1:]] or list(GOALS)
    print(
        f"{'polygons':>9} {'what':8} {'MB':>7} {'written s':>10} {'seen s':>8} {'heap MB':>8}  goal"
    )
    for count in counts:
        assessment = city(count)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "map.html"
            begun = perf_counter()
            write_map(assessment, file)
            took = perf_counter() - begun
            shown, heap = seen(file, DRAWN)
            units = len(assessment.layers.compounds.rows)
            size = file.stat().st_size / 1e6
            goal = GOALS.get(count)
            said = "" if goal is None else " / ".join(map(str, goal))
            print(
                f"{units:>9,} {'geoplan':8} {size:7.1f} {took:10.1f} {shown:8.1f} {heap:8.0f}  {said}"
            )
            if count <= min(GOALS):
                begun = perf_counter()
                plain_folium(assessment, file)
                took, size = perf_counter() - begun, file.stat().st_size / 1e6
                print(
                    f"{units:>9,} {'folium':8} {size:7.1f} {took:10.1f}   (its scripts need a network)"
                )


if __name__ == "__main__":
    main()
