"""Drafts written as files by the programs that people have: GDAL, a text editor, Excel."""

from __future__ import annotations

import csv
import json
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from html import escape
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
import xlsxwriter
from pyproj import Transformer

from geoplan.layers.places import map_offsets as shift
from tests.doors.drafts import CRS, Draft

TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)


def write(draft: Draft, folder: Path) -> str:
    """Write a layer into a folder; returns its entry in study.toml."""
    ready = with_place_columns(draft) if draft.is_table else draft
    path = WRITERS[draft.container](ready, folder / draft.layer)
    entry = {"path": path.name, **ready.entry}
    said = ", ".join(
        f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in entry.items()
    )
    return f"{draft.layer} = {{ {said} }}"


def with_place_columns(draft: Draft) -> Draft:
    """The places of a table in columns: degrees for points, WKT in metres for the rest."""
    if draft.shapes is None:
        return draft
    if all(shape is None or shape.geom_type == "Point" for shape in draft.shapes):
        cells = [
            ("", "") if s is None else tuple(f"{v:.9f}" for v in degrees(s)) for s in draft.shapes
        ]
        return add_columns(draft, ("lon", "lat"), ("经度", "纬度"), cells, crs="EPSG:4490")
    texts = [
        ("",) if s is None else (shapely.to_wkt(s, rounding_precision=6),) for s in draft.shapes
    ]
    return replace(add_columns(draft, ("",), ("WKT",), texts, crs=CRS), shapes=None)


def degrees(point: shapely.Geometry) -> tuple[float, float]:
    """Longitude and latitude of a point in CGCS2000."""
    lon, lat = TO_DEGREES.transform(point.x, point.y)
    return float(lon), float(lat)


def add_columns(
    draft: Draft,
    fields: Sequence[str],
    headings: Sequence[str],
    cells: Sequence[Sequence[object]],
    *,
    crs: str,
) -> Draft:
    """The draft with its places in columns of their own."""
    return replace(
        draft,
        fields=(*draft.fields, *fields),
        headings=(*draft.headings, *headings),
        rows=tuple((*row, *more) for row, more in zip(draft.rows, cells, strict=True)),
        shapes=None,
        entry={**draft.entry, "crs": crs},
    )


def lines_of(draft: Draft) -> list[list[object]]:
    """All lines of a table from top to bottom; one that is no record is filled up to the width."""
    width = len(draft.headings)
    lines: list[list[object]] = [list(line) for line in draft.above]
    lines.append(list(draft.headings))
    for at in range(len(draft.rows) + 1):
        lines += [_filled(line, width) for before, line in draft.others if before == at]
        if at < len(draft.rows):
            lines.append(list(draft.rows[at]))
    return lines


def _filled(line: Sequence[object], width: int) -> list[object]:
    return [*line, *[""] * (width - len(line))]


def _csv(draft: Draft, stem: Path) -> Path:
    path = stem.with_suffix(".csv")
    encoding = draft.options.get("encoding", "utf-8-sig")
    with path.open("w", encoding=encoding, newline="", errors="strict") as file:
        writer = csv.writer(file, delimiter=draft.options.get("separator", ","))
        writer.writerows([[_text(cell) for cell in line] for line in lines_of(draft)])
    return path


def _text(cell: object) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _xlsx(draft: Draft, stem: Path) -> Path:
    path = stem.with_suffix(".xlsx")
    calendar = {"date_1904": draft.options.get("calendar") == "1904"}
    options = {"strings_to_formulas": False, "strings_to_urls": False, **calendar}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet(draft.options.get("sheet", "Sheet1"))
        day = book.add_format({"num_format": draft.options.get("day_format", "yyyy-mm-dd")})
        number = book.add_format({"num_format": draft.options.get("number_format", "General")})
        for line, cells in enumerate(lines_of(draft)):
            for at, cell in enumerate(cells):
                if isinstance(cell, (date, datetime)):
                    sheet.write_datetime(line, at, cell, day)
                elif isinstance(cell, (int, float)):
                    sheet.write_number(line, at, cell, number)
                elif cell != "":
                    sheet.write_string(line, at, str(cell))
    return path


def _frame(draft: Draft) -> geopandas.GeoDataFrame:
    """The lines of a draft as a frame; numbers as numbers where a column holds nothing else."""
    records: list[tuple[Sequence[object], shapely.Geometry | None]] = []
    shapes = draft.shapes or (None,) * len(draft.rows)
    for at in range(len(draft.rows) + 1):
        width = len(draft.headings)
        records += [(_filled(line, width), None) for before, line in draft.others if before == at]
        if at < len(draft.rows):
            records.append((draft.rows[at], shapes[at]))
    columns = {
        heading: _column([cells[at] for cells, _ in records])
        for at, heading in enumerate(draft.headings)
    }
    return geopandas.GeoDataFrame(columns, geometry=[shape for _, shape in records], crs=CRS)


def _column(cells: Sequence[object]) -> list[object]:
    said = [_text(cell) for cell in cells]
    return [text or None for text in said]


def _gdal(suffix: str, driver: str, **options: str) -> Callable[[Draft, Path], Path]:
    def write_with(draft: Draft, stem: Path) -> Path:
        frame = _frame(draft)
        if suffix == ".geojson":
            frame = frame.to_crs("EPSG:4326")
        if suffix == ".shp":
            frame = frame.rename(columns={name: _cut(name) for name in frame.columns})
        path = stem.with_suffix(suffix)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a writer says of field names
            frame.to_file(path, driver=driver, engine="pyogrio", **options)
        return path

    return write_with


def _cut(name: str) -> str:
    """What ten bytes of GBK leave of a heading."""
    return name.encode("gbk", errors="ignore")[:10].decode("gbk", errors="ignore")


def _parquet(draft: Draft, stem: Path) -> Path:
    path = stem.with_suffix(".parquet")
    _frame(draft).to_parquet(path)
    return path


def _zipped(draft: Draft, stem: Path) -> Path:
    inner = stem.parent / f"{stem.name}_inner"
    inner.mkdir()
    _gdal(".shp", "ESRI Shapefile", encoding="GBK")(draft, inner / stem.name)
    path = stem.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in sorted(inner.iterdir()):
            packed.write(part, part.name)
    return path


def _kml(suffix: str) -> Callable[[Draft, Path], Path]:
    def write_kml(draft: Draft, stem: Path) -> Path:
        frame = _frame(draft).to_crs("EPSG:4326")
        if suffix == ".ovkml":
            frame.geometry = shapely.transform(
                frame.geometry.to_numpy(),
                lambda xy: np.column_stack(shift.gcj02_from_wgs84(xy[:, 0], xy[:, 1])),
            )
        marks = "".join(_placemark(row) for row in frame.to_dict("records"))
        text = (
            '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
            f"<Document>{marks}</Document></kml>"
        )
        path = stem.with_suffix(suffix)
        if suffix == ".kmz":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr("doc.kml", text)
        else:
            path.write_text(text, encoding="utf-8")
        return path

    return write_kml


def _placemark(row: Mapping[str, object]) -> str:
    data = "".join(
        f'<Data name="{escape(key)}"><value>{escape(str(cell))}</value></Data>'
        for key, cell in row.items()
        if key != "geometry" and not pd.isna(cell)
    )
    return f"<Placemark><ExtendedData>{data}</ExtendedData>{_shape(row['geometry'])}</Placemark>"


def _shape(shape: object) -> str:
    if not isinstance(shape, shapely.Geometry):
        return ""
    if shape.geom_type == "Polygon":
        holes = "".join(
            f"<innerBoundaryIs>{_ring(hole)}</innerBoundaryIs>" for hole in shape.interiors
        )
        return (
            f"<Polygon><outerBoundaryIs>{_ring(shape.exterior)}</outerBoundaryIs>{holes}</Polygon>"
        )
    if shape.geom_type in {"Point", "LineString"}:
        tag = shape.geom_type
        return f"<{tag}><coordinates>{_corners(shape)}</coordinates></{tag}>"
    return f"<MultiGeometry>{''.join(map(_shape, shapely.get_parts(shape)))}</MultiGeometry>"


def _ring(ring: shapely.Geometry) -> str:
    return f"<LinearRing><coordinates>{_corners(ring)}</coordinates></LinearRing>"


def _corners(shape: shapely.Geometry) -> str:
    return " ".join(f"{x!r},{y!r}" for x, y in shapely.get_coordinates(shape).tolist())


WRITERS: Mapping[str, Callable[[Draft, Path], Path]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "gpkg": _gdal(".gpkg", "GPKG"),
    "geojson": _gdal(".geojson", "GeoJSON", COORDINATE_PRECISION="12"),
    "shp": _gdal(".shp", "ESRI Shapefile", encoding="GBK"),
    "shp_utf8": _gdal(".shp", "ESRI Shapefile", encoding="UTF-8"),
    "fgb": _gdal(".fgb", "FlatGeobuf", SPATIAL_INDEX="NO"),
    "gdb": _gdal(
        ".gdb",
        "OpenFileGDB",
        XORIGIN="0",
        YORIGIN="0",
        XYSCALE="100000000",
        TARGET_ARCGIS_VERSION="ARCGIS_PRO_3_2_OR_LATER",
    ),
    "parquet": _parquet,
    "zip": _zipped,
    "kml": _kml(".kml"),
    "kmz": _kml(".kmz"),
    "ovkml": _kml(".ovkml"),
}
