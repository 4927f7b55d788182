"""The tables of an assessment as files: CSV, XLSX, GeoJSON, GeoPackage.

CSV, GeoJSON and GeoPackage carry the stable English keys that scripts read; XLSX carries the
headings that people read. Two runs write the same bytes. Text that a spreadsheet would run as a
formula is made harmless.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from geoplan.assess.model import Assessment
from geoplan.layers.lonlat import to_wgs84
from geoplan.render.frames import Cell, Column, Table, tables_of

# What a spreadsheet takes for the beginning of a formula, in half and full width.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_MAPPED = ("coverage", "units", "facilities", "gaps", "projects")
_DEGREE_DIGITS = 7  # about a centimetre


def write_tables(
    assessment: Assessment, folder: Path, formats: Collection[str], *, language: str = "zh"
) -> None:
    """Write every table into ``folder`` in each of ``formats``."""
    tables = tables_of(assessment, language)
    name = "测算结果" if language == "zh" else "results"
    write_some(tables, assessment, folder, formats, language=language, name=name)


def write_some(  # noqa: PLR0913 - what, where and how
    tables: Sequence[Table],
    assessment: Assessment,
    folder: Path,
    formats: Collection[str],
    *,
    language: str,
    name: str,
) -> None:
    """Write these tables; ``name`` is that of the workbook that holds them all."""
    if "csv" in formats:
        _write_csv(tables, folder)
    if "xlsx" in formats:
        _write_xlsx(tables, assessment, folder / f"{name}.xlsx", language)
    if "geojson" in formats:
        _write_geojson(tables, assessment, folder)
    if "gpkg" in formats:
        _write_gpkg(tables, assessment, folder / "results.gpkg")


def harmless(text: str) -> str:
    """Text that no spreadsheet runs: a leading apostrophe where it would look like a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("太平街道"), harmless("－2")
    ("'=1+1", '太平街道', "'－2")
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _write_csv(tables: Iterable[Table], folder: Path) -> None:
    for table in tables:
        path = folder / f"{table.name}.csv"
        # Excel takes a file without this mark for the local code page.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column.key for column in table.columns])
            writer.writerows([[_csv_cell(cell) for cell in row] for row in table.rows])


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:f}" if isinstance(cell, Decimal) else harmless(cell)


def _write_xlsx(tables: Iterable[Table], assessment: Assessment, path: Path, language: str) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        day = datetime.combine(assessment.as_of, time())
        book.set_properties({"title": assessment.study, "created": day})
        styles = _Styles(book)
        for table in tables:
            _write_sheet(book, table, styles, language)


class _Styles:
    """The cell formats of a workbook."""

    def __init__(self, book: Any) -> None:
        border = {"border": 1, "border_color": "#BFBFBF", "valign": "top", "font_size": 10}
        self.heading = book.add_format(
            {**border, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#EDF2F7"}
        )
        self.text = book.add_format({**border, "text_wrap": True})
        self.number = book.add_format({**border, "num_format": "0.##########"})
        self.whole = book.add_format({**border, "num_format": "0"})
        self.fixed = book.add_format({**border, "num_format": "#,##0.00"})

    def of(self, cell: Cell, column: Column) -> Any:
        """The format of a cell."""
        if not isinstance(cell, Decimal):
            return self.text
        if column.decimals is not None:
            return self.fixed
        return self.whole if cell == cell.to_integral_value() else self.number


def _write_sheet(book: Any, table: Table, styles: _Styles, language: str) -> None:
    sheet = book.add_worksheet(table.title.say(language))
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.heading.say(language), styles.heading)
        sheet.set_column(place, place, _width(table, place, language))
    for line, row in enumerate(table.rows, start=1):
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            style = styles.of(cell, column)
            if cell is None:
                sheet.write_blank(line, place, None, style)
            elif isinstance(cell, Decimal):
                sheet.write_number(line, place, float(cell), style)
            else:
                sheet.write_string(line, place, cell, style)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C&P / &N")


def _width(table: Table, place: int, language: str) -> float:
    """Wide enough for most cells, a Chinese character counting two."""
    narrowest, widest = 6, 44
    cells = [table.columns[place].heading.say(language)]
    cells += [_csv_cell(row[place]) for row in table.rows[:200]]
    longest = max(sum(1 + (ord(letter) > 0x2E7F) for letter in cell) for cell in cells)
    return float(min(widest, max(narrowest, longest + 2)))


def _write_geojson(tables: Iterable[Table], assessment: Assessment, folder: Path) -> None:
    """RFC 7946: WGS 84, longitude first; a row without a place has a null geometry."""
    import shapely

    for table in tables:
        if table.name not in _MAPPED or table.geometry is None:
            continue
        degrees = to_wgs84(table.geometry, assessment.layers.crs)
        places = [_rounded(shapely, place) for place in degrees]
        features = [
            {
                "type": "Feature",
                "properties": {
                    column.key: float(cell) if isinstance(cell, Decimal) else cell
                    for column, cell in zip(table.columns, row, strict=True)
                },
                "geometry": place,
            }
            for row, place in zip(table.rows, places, strict=True)
        ]
        document = {"type": "FeatureCollection", "name": table.name, "features": features}
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{table.name}.geojson").write_bytes((text + "\n").encode("utf-8"))


def _rounded(shapely: Any, place: Any) -> Any:
    if place is None:
        return None
    rounded = shapely.transform(place, lambda xy: xy.round(_DEGREE_DIGITS))
    return json.loads(shapely.to_geojson(rounded))


def _write_gpkg(tables: Iterable[Table], assessment: Assessment, path: Path) -> None:
    """One GeoPackage; tables without places are attribute tables in it."""
    import pandas as pd
    import pyogrio
    from geopandas import GeoDataFrame

    # The file's own clock is the study's day, so that two runs write the same bytes.
    stamp = f"{assessment.as_of.isoformat()}T00:00:00.000Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        for number, table in enumerate(tables):
            columns = {
                column.key: pd.Series(
                    [_plain(row[place]) for row in table.rows], dtype=_dtype(table, place)
                )
                for place, column in enumerate(table.columns)
            }
            attributes = pd.DataFrame(columns)
            mapped = table.geometry is not None and assessment.layers.crs is not None
            frame = (
                GeoDataFrame(attributes, geometry=list(table.geometry), crs=assessment.layers.crs)  # type: ignore[arg-type]
                if mapped
                else attributes
            )
            pyogrio.write_dataframe(
                frame,
                path,
                layer=table.name,
                driver="GPKG",
                append=number > 0,
                geometry_type="Unknown" if mapped else None,
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _dtype(table: Table, place: int) -> str:
    cells = [row[place] for row in table.rows if row[place] is not None]
    numeric = bool(cells) and all(isinstance(cell, Decimal) for cell in cells)
    return "float64" if numeric else "object"


def _plain(cell: Cell) -> float | str | None:
    return float(cell) if isinstance(cell, Decimal) else cell
