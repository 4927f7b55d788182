"""The tables of an assessment as files: CSV, XLSX, GeoJSON, GeoPackage.

CSV, GeoJSON and GeoPackage have stable English keys and the codes that scripts compare with, as
well as the words; XLSX has the headings and words that people read. Two runs write the same bytes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geoplan.assess.model import Assessment
from geoplan.layers.places.datum import to_wgs84
from geoplan.render.fileset.staging import whole_folder
from geoplan.render.planning.walking import access_table, reach_table
from geoplan.render.sheets.harmless import harmless, visible
from geoplan.render.sheets.table import NUMBERS, Cell, Kind, Table
from geoplan.render.tables.gaps import gap_table
from geoplan.render.tables.indicators import coverage_table, definition_table, indicator_table
from geoplan.render.tables.inventory import facility_table, project_table, unit_table
from geoplan.render.tables.sources import remark_table, source_table
from geoplan.render.wording.view import View, view_of
from geoplan.terms import Words

FORMATS = ("csv", "xlsx", "geojson", "gpkg")
# In the order a reader wants them.
TABLES: Mapping[str, Callable[[View], Table]] = {
    "indicators": indicator_table,
    "coverage": coverage_table,
    "units": unit_table,
    "facilities": facility_table,
    "gaps": gap_table,
    "projects": project_table,
    "reach": reach_table,
    "access": access_table,
    "remarks": remark_table,
    "sources": source_table,
    "definitions": definition_table,
}
WORKBOOK = Words("测算结果.xlsx", "results.xlsx")
GEOPACKAGE = "results.gpkg"
_DEGREE_DIGITS = 7  # about a centimetre


def write_tables(
    assessment: Assessment,
    folder: str | Path,
    formats: Collection[str] = FORMATS,
    *,
    language: str = "zh",
    only: Collection[str] | None = None,
) -> list[Path]:
    """Write the tables into ``folder``, all of them or nothing.

    Parameters
    ----------
    assessment : what is shown.
    folder : where the files go; it is made when it is not there.
    formats : any of ``csv``, ``xlsx``, ``geojson``, ``gpkg``; others are left alone.
    language : of headings, labels and sums: ``zh`` or ``en``.
    only : names of tables (``gaps``); all of them when ``None``.

    Returns
    -------
    The files written, in name order.
    """
    view = view_of(assessment, language)
    tables = [build(view) for name, build in TABLES.items() if only is None or name in only]
    with whole_folder(Path(folder)) as staging:
        write_files(tables, assessment, staging, formats, only=only)
        if "xlsx" in formats:
            from geoplan.render.sheets.workbook import write_workbook

            path = staging / WORKBOOK.say(language)
            write_workbook(tables, assessment, path, language=language)
        names = sorted(path.name for path in staging.iterdir())
    return [Path(folder) / name for name in names]


def write_files(
    tables: Sequence[Table],
    assessment: Assessment,
    folder: Path,
    formats: Collection[str],
    *,
    only: Collection[str] | None,
) -> None:
    """Write tables for scripts: CSV and GeoJSON files, or one GeoPackage of all of them.

    The GeoPackage of a few tables is named after them, so that it replaces no complete one.
    """
    for table in tables:
        if "csv" in formats:
            _write_csv(table, folder / f"{table.name}.csv")
        if "geojson" in formats:
            _write_geojson(table, assessment.layers.crs, folder / f"{table.name}.geojson")
    if "gpkg" in formats:
        name = GEOPACKAGE if only is None else f"{'_'.join(only)}.gpkg"
        _write_gpkg(tables, assessment, folder / name)


def _text(cell: Cell) -> str | None:
    """A cell as text, the same in every format that has only text."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, tuple):
        return ";".join(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


# ------------------------------------------------------------------------------------ CSV


def _write_csv(table: Table, path: Path) -> None:
    # Excel takes a file without the mark of utf-8-sig for the local code page.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)  # ends lines with CR LF
        writer.writerow([column.key for column in table.columns])
        writer.writerows([[_csv_cell(cell) for cell in row] for row in table.rows])


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):  # before the rest: half of all cells
        return f"{cell:f}"
    text = cell if isinstance(cell, str) else _text(cell) or ""
    return harmless(text) if isinstance(cell, str | tuple) else text


# -------------------------------------------------------------------------------- GeoJSON


def _write_geojson(table: Table, crs: str | None, path: Path) -> None:
    """RFC 7946: WGS 84, longitude first, null where a row has no place; one feature a line."""
    if table.geometry is None:
        return
    features = [
        f'{{"type": "Feature", "properties": {properties}, "geometry": {place}}}'
        for properties, place in zip(_properties(table), _degrees(table.geometry, crs), strict=True)
    ]
    head = json.dumps({"type": "FeatureCollection", "name": table.name})[:-1]
    text = f'{head}, "features": [\n' + ",\n".join(features) + "\n]}\n"
    path.write_bytes(text.encode("utf-8"))


def _properties(table: Table) -> Iterable[str]:
    keys = [column.key for column in table.columns]
    for row in table.rows:
        cells = dict(zip(keys, map(_json_cell, row), strict=True))
        yield visible(json.dumps(cells, ensure_ascii=False, allow_nan=False))


def _json_cell(cell: Cell) -> Any:
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    return cell if isinstance(cell, bool | int) else _text(cell)


def _degrees(geometry: Any, crs: str | None) -> Iterable[str]:
    """GeoJSON geometries of shapes in a metric CRS; rings turn as the standard asks."""
    moved = shapely.orient_polygons(to_wgs84(geometry, crs))
    rounded = shapely.transform(moved, lambda xy: xy.round(_DEGREE_DIGITS))
    return ("null" if text is None else text for text in shapely.to_geojson(rounded))


# ----------------------------------------------------------------------------- GeoPackage


def _write_gpkg(tables: Iterable[Table], assessment: Assessment, path: Path) -> None:
    """One GeoPackage in the study's metric CRS; a table without places is an attribute table."""
    import pyogrio

    # The clock in the file is the study's day, so that two runs write the same bytes.
    clock = f"{assessment.as_of.isoformat()}T00:00:00.000Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": clock})
    try:
        for number, table in enumerate(tables):
            _append_layer(table, assessment.layers.crs, path, is_first=number == 0)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _append_layer(table: Table, crs: str | None, path: Path, *, is_first: bool) -> None:
    from pyogrio.raw import write

    mapped = table.geometry is not None and crs is not None
    fields = [_field(table, place) for place in range(len(table.columns))]
    write(
        str(path),
        geometry=shapely.to_wkb(table.geometry) if mapped else None,
        field_data=[values for values, _ in fields],
        field_mask=[is_null for _, is_null in fields],
        fields=[column.key for column in table.columns],
        layer=table.name,
        driver="GPKG",
        geometry_type="Unknown" if mapped else None,
        crs=crs if mapped else None,
        encoding="UTF-8",
        append=not is_first,
        layer_options={"IDENTIFIER": table.title.zh},
    )


def _field(table: Table, place: int) -> tuple[Any, Any]:
    """The values of a column as an array, and where they are null."""
    kind = table.columns[place].kind
    cells = [row[place] for row in table.rows]
    is_null = np.array([cell is None for cell in cells], dtype=bool)
    if kind in NUMBERS:
        return np.array([float(cell or 0) for cell in cells], dtype=np.float64), is_null  # type: ignore[arg-type]
    if kind is Kind.INTEGER:
        return np.array([cell or 0 for cell in cells], dtype=np.int64), is_null
    if kind is Kind.FLAG:
        return np.array([bool(cell) for cell in cells], dtype=bool), is_null
    if kind is Kind.DAY:
        return np.array(cells, dtype="datetime64[D]"), is_null
    return np.array([_text(cell) for cell in cells], dtype=object), is_null
