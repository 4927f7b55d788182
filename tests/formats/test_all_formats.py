"""The sample in every format and encoding gives the same result, but for where it was read from.

Real files by real writers: GDAL for vectors, plain text for KML, xlsxwriter and LibreOffice for
workbooks. One layer is rewritten at a time and the whole study judged. Homes, streets and gates are
left out: they decide nothing about verdicts, and their walks are told in millimetres, which degrees
in text do not keep.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xlsxwriter

from geoplan.layers.places import map_offsets as shift
from geoplan.render.documents.assessment import build_document
from geoplan.study import read_study
from geoplan.workflow import assess_layers

POLYGONS = ("divisions", "communities", "residential_communities", "compounds")
# Remarks that speak of reading a file and of nothing else.
OF_READING = {
    "CRS_MEMBER",
    "DATUM_SHIFTED",
    "ENCODING_GUESSED",
    "HEADING_GUESSED",
    "HEADING_ROWS",
    "KML_WGS84",
    "OVI_GCJ02",
}
Writer = Callable[[gpd.GeoDataFrame, Path], str]


@pytest.fixture(scope="module")
def home(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample without homes, streets and gates."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(repository / "data", folder / "data")
    lines = (repository / "study.toml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("homes", "roads", "gates"))]
    (folder / "study.toml").write_text("\n".join(kept), encoding="utf-8")
    return folder


def result(folder: Path) -> dict[str, Any]:
    document = json.loads(
        json.dumps(build_document(assess_layers(read_study(folder)), language="zh"))
    )
    del document["sources"]
    document["remarks"] = [
        {key: each[key] for key in ("layer", "code", "ids")}
        for each in document["remarks"]
        if each["code"] not in OF_READING
    ]
    return document


@pytest.fixture(scope="module")
def expected(home: Path) -> dict[str, Any]:
    return result(home)


def with_layer(home: Path, folder: Path, name: str, entry: str) -> Path:
    """The study with one layer read from elsewhere."""
    shutil.copytree(home / "data", folder / "data")
    lines = (home / "study.toml").read_text(encoding="utf-8").splitlines()
    lines = [f"{name} = {entry}" if line.split("=")[0].strip() == name else line for line in lines]
    (folder / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


# -------------------------------------------------------------------------------- vectors


def by_gdal(suffix: str, driver: str, **options: Any) -> Writer:
    def write(layer: gpd.GeoDataFrame, path: Path) -> str:
        layer.to_file(path.with_suffix(suffix), driver=driver, **options)
        return f'"{path.with_suffix(suffix).name}"'

    return write


def shapefile(encoding: str, *, cpg: bool) -> Writer:
    def write(layer: gpd.GeoDataFrame, path: Path) -> str:
        cut = layer.rename(columns={name: name[:10] for name in layer.columns})
        cut.to_file(path.with_suffix(".shp"), driver="ESRI Shapefile", encoding=encoding)
        if not cpg:
            path.with_suffix(".cpg").unlink()
            table = path.with_suffix(".dbf")
            content = bytearray(table.read_bytes())
            content[29] = 0x4D if encoding == "GBK" else 0  # the language byte
            table.write_bytes(content)
        return f'"{path.with_suffix(".shp").name}"'

    return write


def parquet(layer: gpd.GeoDataFrame, path: Path) -> str:
    layer.to_parquet(path.with_suffix(".parquet"))
    return f'"{path.with_suffix(".parquet").name}"'


def zipped(layer: gpd.GeoDataFrame, path: Path) -> str:
    inner = path.parent / "inner"
    inner.mkdir()
    shapefile("GBK", cpg=True)(layer, inner / path.name)
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as packed:
        for part in inner.iterdir():
            packed.write(part, part.name)
    return f'"{path.with_suffix(".zip").name}"'


def kml(suffix: str) -> Writer:
    def write(layer: gpd.GeoDataFrame, path: Path) -> str:
        degrees = layer.to_crs("EPSG:4326")
        if suffix.startswith(".ov"):
            degrees.geometry = shapely.transform(degrees.geometry.to_numpy(), to_gcj)
        text = "".join(map(placemark, degrees.to_dict("records")))
        document = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{text}</Document></kml>'
        file = path.with_suffix(suffix)
        if suffix.endswith("z"):
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr("doc.kml", document)
        else:
            file.write_text(document, encoding="utf-8")
        return f'"{file.name}"'

    return write


def to_gcj(xy: np.ndarray) -> np.ndarray:
    return np.column_stack(shift.gcj02_from_wgs84(xy[:, 0], xy[:, 1]))


def placemark(row: dict[str, Any]) -> str:
    data = "".join(
        f'<Data name="{key}"><value>{escape(str(value))}</value></Data>'
        for key, value in row.items()
        if key not in {"geometry", "name"} and not pd.isna(value)
    )
    name = "" if pd.isna(row.get("name")) else escape(str(row["name"]))
    shapes = "".join(
        f"<Polygon><outerBoundaryIs>{ring(part.exterior)}</outerBoundaryIs>"
        + "".join(f"<innerBoundaryIs>{ring(hole)}</innerBoundaryIs>" for hole in part.interiors)
        + "</Polygon>"
        for part in shapely.get_parts(row["geometry"])
    )
    return f"<Placemark><name>{name}</name><ExtendedData>{data}</ExtendedData><MultiGeometry>{shapes}</MultiGeometry></Placemark>"


def ring(line: shapely.LinearRing) -> str:
    points = " ".join(f"{x!r},{y!r}" for x, y in shapely.get_coordinates(line).tolist())
    return f"<LinearRing><coordinates>{points}</coordinates></LinearRing>"


VECTORS: dict[str, Writer] = {
    "shp GBK with cpg": shapefile("GBK", cpg=True),
    "shp GBK by its language byte": shapefile("GBK", cpg=False),
    "shp UTF-8 with cpg": shapefile("UTF-8", cpg=True),
    "shp UTF-8 with nothing": shapefile("UTF-8", cpg=False),
    "zipped shp": zipped,
    "gdb": by_gdal(
        ".gdb",
        "OpenFileGDB",
        XORIGIN=0,
        YORIGIN=0,
        XYSCALE=1e8,
        TARGET_ARCGIS_VERSION="ARCGIS_PRO_3_2_OR_LATER",
    ),
    "geojson in metres": by_gdal(".geojson", "GeoJSON", COORDINATE_PRECISION=9),
    "geojson of 4490": lambda layer, path: by_gdal(".json", "GeoJSON", COORDINATE_PRECISION=15)(
        layer.to_crs("EPSG:4490"), path
    ),
    "fgb": by_gdal(".fgb", "FlatGeobuf", SPATIAL_INDEX="NO"),
    "parquet": parquet,
    "kml": kml(".kml"),
    "kmz": kml(".kmz"),
    "ovkml": kml(".ovkml"),
    "ovkmz": kml(".ovkmz"),
}


@pytest.mark.parametrize("kind", VECTORS)
def test_polygons_in_every_format(
    kind: str, home: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path
    shutil.copytree(home / "data", folder / "data")
    text = (home / "study.toml").read_text(encoding="utf-8")
    for name in POLYGONS:
        source = folder / "data" / "boundaries" / f"{name}.gpkg"
        layer = gpd.read_file(source)
        source.unlink()
        entry = VECTORS[kind](layer, source.with_suffix(""))
        shutil.rmtree(source.parent / "inner", ignore_errors=True)
        text = text.replace(f'"data/boundaries/{name}.gpkg"', f'"data/boundaries/{entry[1:]}')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    assert result(folder) == expected


# ----------------------------------------------------------------------------------- tables


def rows_of(home: Path) -> list[list[str]]:
    path = home / "data" / "facilities" / "facilities.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


TEXTS = {
    "gb18030": ("gb18030", ","),
    "utf-8 with mark": ("utf-8-sig", ","),
    "utf-8": ("utf-8", ","),
    "utf-16": ("utf-16", "\t"),
    "tab": ("gb18030", "\t"),
    "semicolon": ("utf-8", ";"),
    "bar": ("utf-8", "|"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_tables_in_every_encoding(
    kind: str, home: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    encoding, separator = TEXTS[kind]
    entry = '{ path = "facilities.csv", crs = "EPSG:4490" }'
    folder = with_layer(home, tmp_path, "facilities", entry)
    with (folder / "facilities.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows_of(home))
    assert result(folder) == expected


@pytest.fixture(scope="module")
def books(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The facilities as a bureau's workbook: title, merged two-row headings; and by LibreOffice."""
    folder = tmp_path_factory.mktemp("books")
    path = folder / "facilities.xlsx"
    heading, *rows = rows_of(home)
    areas = [at for at, name in enumerate(heading) if name.endswith("面积(㎡)")]
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("养老托育设施")
        sheet.merge_range(0, 0, 0, len(heading) - 1, "江州区养老托育设施一览表")
        assert areas == list(range(areas[0], areas[-1] + 1))
        sheet.merge_range(1, areas[0], 1, areas[-1], "面积")
        for at, name in enumerate(heading):
            if at in areas:
                sheet.write_string(2, at, name)
            else:
                sheet.merge_range(1, at, 2, at, name)
        for line, row in enumerate(rows, 3):
            for at, cell in enumerate(row):
                if cell:
                    sheet.write_string(line, at, cell)
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine: `make test` installs it where apt is allowed")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, "--headless", profile, "--convert-to", "xls", "--outdir", folder, path]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    shutil.copy(folder / "facilities.xls", folder / "facilities.et")
    return {suffix: path.with_suffix(suffix) for suffix in (".xlsx", ".xls", ".et")}


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".et"])
def test_workbooks_of_every_age(
    suffix: str, books: dict[str, Path], home: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    entry = f'{{ path = "facilities{suffix}", crs = "EPSG:4490" }}'
    folder = with_layer(home, tmp_path, "facilities", entry)
    shutil.copy(books[suffix], folder)
    assert result(folder) == expected


def test_a_lost_row_would_be_seen(home: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    entry = '{ path = "facilities.csv", crs = "EPSG:4490" }'
    folder = with_layer(home, tmp_path, "facilities", entry)
    with (folder / "facilities.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows_of(home)[:-1])
    assert result(folder) != expected
