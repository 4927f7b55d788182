"""A town with every layer that has a place, to be written where it is or somewhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import shapely

from geoplan.layers.model import Layers
from geoplan.layers.places import map_offsets as shift
from geoplan.study import LayerFile, Study
from tests.layers.small_town import study

CRS = "EPSG:4545"
EAST, NORTH = 433_000.0, 2_478_000.0
Rows = Sequence[Mapping[str, object]]
Move = Callable[[np.ndarray], np.ndarray]


def block(column: float, row: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle in hundreds of metres from the town's corner."""
    east, north = EAST + 100 * column, NORTH + 100 * row
    return shapely.box(east, north, east + 100 * width, north + 100 * height)


def spot(column: float, row: float) -> shapely.Point:
    return shapely.Point(EAST + 100 * column, NORTH + 100 * row)


COLUMNS = range(4)  # a community each, a kilometre wide and two high; two of them a sub-district
COMPOUNDS = [(column, at) for column in COLUMNS for at in range(4)]


def _street(column: int) -> str:
    return "太平街道" if column < 2 else "江南街道"


def _compound(column: int, at: int) -> shapely.Polygon:
    return block(10 * column + 1 + 4.5 * (at % 2), 2 + 9.5 * (at // 2), 3.5, 6)


def _gates() -> list[shapely.Point]:
    return [shapely.Point(_compound(*each).bounds[:2]) for each in COMPOUNDS]


TOWN: dict[str, tuple[Rows, list[shapely.Geometry]]] = {
    "divisions": (
        [
            {"街道代码": "451402001", "街道名称": "太平街道", "类别": "街道"},
            {"街道代码": "451402002", "街道名称": "江南街道", "类别": "街道"},
        ],
        [block(0, 0, 20, 20), block(20, 0, 20, 20)],
    ),
    "communities": (
        [
            {"社区代码": f"45140200{1 + c // 2}00{c}", "社区名称": f"社区{c}", "街道": _street(c)}
            for c in COLUMNS
        ],
        [block(10 * c, 0, 10, 20) for c in COLUMNS],
    ),
    "residential_communities": (
        [{"居住社区编号": f"R{c}", "街道": _street(c), "社区": f"社区{c}"} for c in COLUMNS],
        [block(10 * c + 0.5, 1, 9, 18) for c in COLUMNS],
    ),
    "compounds": (
        [
            {"小区编号": f"X{c}{at}", "小区名称": f"小区{c}{at}", "社区": f"社区{c}", "户数": 500}
            for c, at in COMPOUNDS
        ],
        [_compound(*each) for each in COMPOUNDS],
    ),
    "projects": (
        [
            {"项目编号": f"P{c}{at}", "项目名称": f"项目{c}{at}", "社区": f"社区{c}"}
            for c, at in COMPOUNDS
        ],
        [spot(10 * c + 2 + 6 * (at % 2), 4 + 12 * (at // 2)) for c, at in COMPOUNDS],
    ),
    "facilities": (
        [
            {"设施编号": f"F{c}{at}", "设施类型": "托育园", "社区": f"社区{c}", "街道": _street(c)}
            for c, at in COMPOUNDS
        ],
        [spot(10 * c + 1.5 + 7 * (at % 2), 3 + 14 * (at // 2)) for c, at in COMPOUNDS],
    ),
    "premises": (
        [{"房屋编号": f"V{c}{at}", "社区": f"社区{c}"} for c, at in COMPOUNDS],
        [spot(10 * c + 1 + 8 * (at % 2), 2 + 16 * (at // 2)) for c, at in COMPOUNDS],
    ),
    "homes": (
        [{"楼栋编号": f"H{c}{at}", "小区": f"X{c}{at}", "社区": f"社区{c}"} for c, at in COMPOUNDS],
        [_compound(*each).centroid for each in COMPOUNDS],
    ),
    "gates": ([{"编号": f"G{c}{at}", "小区": f"X{c}{at}"} for c, at in COMPOUNDS], _gates()),
    "roads": (
        [{"name": f"路{c}{at}"} for c, at in COMPOUNDS],
        [
            shapely.LineString([point, (point.x, point.y + 350), (point.x + 150, point.y + 350)])
            for point in _gates()
        ],
    ),
}
LAYERS = tuple(TOWN)


def degrees(shapes: Sequence[shapely.Geometry]) -> np.ndarray:
    """The town's own metres as WGS 84 degrees."""
    return geopandas.GeoSeries(list(shapes), crs=CRS).to_crs("EPSG:4326").to_numpy()


def shifted(shapes: np.ndarray, datum: str) -> np.ndarray:
    """Degrees as a map service of China gives them."""

    def move(xy: np.ndarray) -> np.ndarray:
        lon, lat = shift.gcj02_from_wgs84(xy[:, 0], xy[:, 1])
        return np.column_stack(shift.bd09_from_gcj02(lon, lat) if datum == "BD-09" else (lon, lat))

    return shapely.transform(shapes, move)


def write(
    folder: Path, layer: str, shapes: Sequence[shapely.Geometry], crs: str = CRS
) -> LayerFile:
    """One layer as a GeoPackage that says ``crs`` of whatever coordinates it is given."""
    rows, _ = TOWN[layer]
    frame = geopandas.GeoDataFrame(
        {key: [row[key] for row in rows] for key in rows[0]}, geometry=list(shapes), crs=crs
    )
    path = folder / f"{layer}.gpkg"
    path.unlink(missing_ok=True)
    frame.to_file(path)
    return LayerFile(layer, Path(path.name))


def town(folder: Path) -> dict[str, LayerFile]:
    """The whole town where it is."""
    written = {layer: write(folder, layer, TOWN[layer][1]) for layer in LAYERS}
    return {layer: replace(file, path=folder / file.path) for layer, file in written.items()}


def study_of(folder: Path, files: Mapping[str, LayerFile]) -> Study:
    return study(folder, **files)


def places_of(layers: Layers, layer: str) -> np.ndarray:
    """Every coordinate of a layer as it was read, in metres."""
    return shapely.get_coordinates(getattr(layers, layer).geometry)


def away_m(layers: Layers, layer: str) -> float:
    """How far the farthest coordinate of a layer is from where the town has it, in metres.

    Homes and streets are kept in the order of their places, so theirs are compared in that order.
    """
    told, known = places_of(layers, layer), shapely.get_coordinates(TOWN[layer][1])
    if layer in {"homes", "roads"}:
        told, known = (xy[np.lexsort(np.rint(xy.T))] for xy in (told, known))
    return float(np.abs(told - known).max())
