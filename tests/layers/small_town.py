"""One small town as plain rows, and writers that put the same rows into every format."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import openpyxl
import shapely

from geoplan.study import LayerFile, Study

Rows = Sequence[Mapping[str, object]]
CRS = "EPSG:4545"
EAST, NORTH = 433_000.0, 2_478_000.0

DIVISIONS: Rows = [
    {"街道代码": "451402001", "街道名称": "太平街道", "类别": "街道", "常住人口": 32100},
    {"街道代码": "451402002", "街道名称": "江南街道", "类别": "街道", "常住人口": 28000},
    {"街道代码": "451402101", "街道名称": "新和镇", "类别": "镇", "常住人口": None},
]
DIVISION_SHAPES = [
    shapely.box(EAST + 1000 * i, NORTH, EAST + 1000 * (i + 1), NORTH + 1000) for i in range(3)
]

FACILITIES: Rows = [
    {
        "设施编号": "F1",
        "设施类型": "托育园",
        "设施名称": "太平托育园",
        "街道": "太平街道办事处",
        "建筑面积": 320.5,
        "托位数": 60,
        "状态": "运营",
        "开业时间": "2021-12-25",
        "备案情况": "已备案",
    },
    {
        "设施编号": "F2",
        "设施类型": "老年人日间照料中心",
        "设施名称": "江南日间照料中心",
        "街道": "江南街道",
        "建筑面积": 49.95,
        "托位数": None,
        "状态": "在建",
        "开业时间": None,
        "备案情况": None,
    },
    {
        "设施编号": "F3",
        "设施类型": "养老驿站",
        "设施名称": "新和养老驿站",
        "街道": None,
        "建筑面积": 1200,
        "托位数": 0,
        "状态": "试营业",
        "开业时间": "2022-03-01",
        "备案情况": "否",
    },
]
FACILITY_SHAPES = [
    shapely.Point(EAST + 1000 * i + 500.25, NORTH + 500.125) for i in range(len(FACILITIES))
]
FACILITY_TYPES = ["childcare_institution", "elder_day_care_center", "elder_service_station"]

Writer = Callable[[Path, Rows, Sequence[shapely.Geometry]], Path]


def study(folder: Path, **files: LayerFile | Path | str) -> Study:
    """A study of the given files; a path stands for a file without any options."""
    layers = {
        layer: file if isinstance(file, LayerFile) else LayerFile(layer, Path(file))
        for layer, file in files.items()
    }
    return Study(folder, "小城", "chongzuo-2021-2023", date(2023, 12, 31), layers)


def write_vector(
    path: Path, rows: Rows, shapes: Sequence[shapely.Geometry], **options: object
) -> Path:
    frame = geopandas.GeoDataFrame(
        {key: [row[key] for row in rows] for key in rows[0]}, geometry=list(shapes), crs=CRS
    )
    if path.suffix == ".geojson":
        frame = frame.to_crs("EPSG:4490")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # long headings are cut, which is what is tested
        if path.suffix == ".parquet":
            frame.to_parquet(path)
        else:
            frame.to_file(path, engine="pyogrio", **options)
    return path


def write_gpkg(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
    return write_vector(folder / "layer.gpkg", rows, shapes)


def write_geojson(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
    return write_vector(folder / "layer.geojson", rows, shapes, COORDINATE_PRECISION=15)


def write_fgb(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
    return write_vector(folder / "layer.fgb", rows, shapes, SPATIAL_INDEX="NO")


def write_gdb(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
    return write_vector(folder / "layer.gdb", rows, shapes, driver="OpenFileGDB")


def write_parquet(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
    return write_vector(folder / "layer.parquet", rows, shapes)


def shapefile_writer(encoding: str, *, cpg: bool, language: int | None = None) -> Writer:
    def write(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
        path = write_vector(folder / "layer.shp", rows, shapes, encoding=encoding)
        if not cpg:
            path.with_suffix(".cpg").unlink(missing_ok=True)
        if language is not None:
            content = bytearray(path.with_suffix(".dbf").read_bytes())
            content[29] = language
            path.with_suffix(".dbf").write_bytes(content)
        return path

    return write


def csv_writer(encoding: str, separator: str = ",") -> Writer:
    def write(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
        path = folder / "layer.csv"
        with path.open("w", encoding=encoding, newline="") as stream:
            table = csv.writer(stream, delimiter=separator)
            table.writerow([*rows[0], "X", "Y"])
            for row, shape in zip(rows, shapes, strict=True):
                table.writerow([*row.values(), shape.x, shape.y])
        return path

    return write


def write_xlsx(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*rows[0], "X", "Y"])
    for row, shape in zip(rows, shapes, strict=True):
        sheet.append([*row.values(), shape.x, shape.y])
    path = folder / "layer.xlsx"
    book.save(path)
    return path


def write_bureau_xlsx(folder: Path, rows: Rows, shapes: Sequence[shapely.Geometry]) -> Path:
    """A title, a unit row, a two-row heading, a total and a footnote around the same rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    keys = [key for key in rows[0] if key != "建筑面积"]
    width = len(keys) + 3
    sheet.append(["崇左市养老托育设施情况一览表"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.append(["单位：㎡、个"])
    sheet.append([*keys, "规模", "位置", None])
    sheet.append([*[None] * len(keys), "建筑面积（㎡）", "X", "Y"])
    for column in range(1, len(keys) + 1):
        sheet.merge_cells(start_row=3, start_column=column, end_row=4, end_column=column)
    sheet.merge_cells(start_row=3, start_column=width - 1, end_row=3, end_column=width)
    for row, shape in zip(rows, shapes, strict=True):
        sheet.append([*[row[key] for key in keys], row["建筑面积"], shape.x, shape.y])
    total = sum(float(str(row["建筑面积"])) for row in rows)
    sheet.append(["合 计", *[None] * (len(keys) - 1), total])
    sheet.append(["填报人：某某    填报日期：2023-12-31"])
    path = folder / "layer.xlsx"
    book.save(path)
    return path


VECTOR_WRITERS: dict[str, Writer] = {
    "gpkg": write_gpkg,
    "geojson": write_geojson,
    "fgb": write_fgb,
    "gdb": write_gdb,
    "parquet": write_parquet,
    "shp utf-8": shapefile_writer("UTF-8", cpg=True),
    "shp gbk": shapefile_writer("GBK", cpg=True),
    "shp gbk without cpg": shapefile_writer("GBK", cpg=False),
    "shp gbk language byte": shapefile_writer("GBK", cpg=False, language=0x4D),
    "shp utf-8 without cpg": shapefile_writer("UTF-8", cpg=False),
}
TABLE_WRITERS: dict[str, Writer] = {
    "csv utf-8": csv_writer("utf-8"),
    "csv utf-8-sig": csv_writer("utf-8-sig"),
    "csv gb18030": csv_writer("gb18030"),
    "csv utf-16": csv_writer("utf-16"),
    "csv semicolon": csv_writer("utf-8", ";"),
    "csv tab": csv_writer("gb18030", "\t"),
    "xlsx": write_xlsx,
    "xlsx bureau": write_bureau_xlsx,
}


def points_of(geometry: Sequence[shapely.Geometry]) -> np.ndarray:
    return shapely.get_coordinates(list(geometry))
