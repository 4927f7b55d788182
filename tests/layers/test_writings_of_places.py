"""Places of a town in every notation that people use: read back to where they are, or refused."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoplan.errors import DataError
from geoplan.layers.model import Layers
from geoplan.layers.places.coordinate_text import read_coordinate, read_pair
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.placed_town import CRS, TOWN, away_m, degrees, study_of

SECOND_M = 31.0  # of latitude


def parts(value: float, digits: int) -> tuple[int, int, float]:
    """Degrees, minutes and seconds, the seconds rounded without reaching 60."""
    scale = 10**digits
    whole, rest = divmod(round(value * 3600 * scale), 3600 * scale)
    minutes, seconds = divmod(rest, 60 * scale)
    return whole, minutes, seconds / scale


def dms(form: str) -> Callable[[float, str], str]:
    def write(value: float, half: str) -> str:
        d, m, s = parts(value, 2)
        return form.format(d=d, m=m, s=s, h=half, zh=CHINESE[half])

    return write


def dm(form: str) -> Callable[[float, str], str]:
    def write(value: float, half: str) -> str:
        whole, minutes = divmod(round(value * 600_000), 600_000)
        return form.format(d=whole, m=minutes / 10_000, h=half)

    return write


def full_width(write: Callable[[float, str], str]) -> Callable[[float, str], str]:
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    return lambda value, half: write(value, half).translate(wide)


CHINESE = {"E": "东经", "N": "北纬"}

# By the way it is written: the writer and what may be lost, in metres.
NOTATIONS: dict[str, tuple[Callable[[float, str], str], float]] = {
    "decimal": (lambda v, _: f"{v:.7f}", 0.05),
    "decimal with a degree": (lambda v, _: f"{v:.7f}°", 0.05),
    "decimal with a half": (lambda v, h: f"{v:.7f}{h}", 0.05),
    "half before": (lambda v, h: f"{h} {v:.7f}", 0.05),
    "decimal comma": (lambda v, _: f"{v:.7f}".replace(".", ","), 0.05),
    "Chinese half": (lambda v, h: f"{CHINESE[h]}{v:.7f}度", 0.05),
    "signs": (dms("{d}°{m:02}′{s:05.2f}″"), 0.5),
    "typewriter": (dms("{d}°{m}'{s:.2f}\""), 0.5),
    "two ticks": (dms("{d}°{m}'{s:.2f}''"), 0.5),
    "curly": (dms("{d}º{m}’{s:.2f}”"), 0.5),
    "spaces": (dms("{d}° {m}′ {s:.2f}″"), 0.5),
    "half first": (dms("{h}{d}°{m}′{s:.2f}″"), 0.5),
    "half last": (dms("{d}°{m}′{s:.2f}″{h}"), 0.5),
    "Chinese words": (dms("{zh}{d}度{m}分{s:.2f}秒"), 0.5),
    "dashes": (dms("{d}-{m}-{s:.2f}"), 0.5),
    "colons": (dms("{d}:{m:02}:{s:05.2f}"), 0.5),
    "bare": (dms("{d} {m} {s:.2f} {h}"), 0.5),
    "dots": (dms("{d}.{m:02}.{s:05.2f}"), 0.5),
    "decimal minutes": (dm("{d}°{m:.4f}′"), 0.5),
    "decimal minutes with a half": (dm("{h}{d}°{m:.4f}'"), 0.5),
    "decimal minutes by colon": (dm("{d}:{m:.4f}"), 0.5),
    "decimal minutes by space": (dm("{d} {m:.4f}{h}"), 0.5),
}
NOTATIONS |= {
    f"full-width {name}": (full_width(write), lost)
    for name, (write, lost) in NOTATIONS.items()
    if name in {"decimal", "typewriter", "dashes", "half first", "decimal minutes"}
}


@pytest.mark.parametrize("name", NOTATIONS)
@given(value=st.floats(min_value=3.1, max_value=135.9, allow_nan=False))
def test_every_notation_is_read_as_far_as_it_is_written(name: str, value: float) -> None:
    write, lost_m = NOTATIONS[name]
    for half in "EN":
        read = read_coordinate(write(value, half))
        assert read == pytest.approx(value, abs=lost_m / SECOND_M / 3600), write(value, half)


@pytest.mark.parametrize(
    "cell",
    ["107°61′12″", "107:21:75", "107°21′12″34", "见图", "107d21", "107 353", "107-", "12-107-21-5"],
)
def test_half_a_notation_is_no_coordinate(cell: str) -> None:
    assert math.isnan(read_coordinate(cell))


def table(folder: Path, layer: str, **columns: list[str]) -> Path:
    """A CSV file of a layer's rows with some columns more."""
    rows, _ = TOWN[layer]
    path = folder / f"{layer}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*rows[0], *columns])
        for at, row in enumerate(rows):
            writer.writerow([*row.values(), *(cells[at] for cells in columns.values())])
    return path


def read(folder: Path, layer: str, crs: str | None = None, **options: object) -> Layers:
    file = LayerFile(layer, Path(f"{layer}.csv"), crs=crs, **options)  # type: ignore[arg-type]
    return read_layers(study_of(folder, {layer: file}))


def assert_places(layers: Layers, layer: str, within_m: float) -> None:
    own = TOWN[layer][1]
    read = getattr(layers, layer).geometry
    assert [shape.geom_type for shape in read] == [shape.geom_type for shape in own]
    apart = [a.hausdorff_distance(b) for a, b in zip(read, own, strict=True)]
    assert max(apart) < within_m


@pytest.mark.parametrize("name", NOTATIONS)
def test_two_columns_in_every_notation(tmp_path: Path, name: str) -> None:
    write, lost_m = NOTATIONS[name]
    points = degrees(TOWN["facilities"][1])
    table(
        tmp_path,
        "facilities",
        经度=[write(point.x, "E") for point in points],
        纬度=[write(point.y, "N") for point in points],
    )
    assert_places(read(tmp_path, "facilities", "WGS84"), "facilities", 2 * lost_m)


JOINS = [",", ", ", "，", ";", "；", " ", "、", "/", "|", "\n"]


@pytest.mark.parametrize("join", JOINS)
@pytest.mark.parametrize("around", ["{}", "({})", "[{}]", "（{}）", "【{}】"])
@pytest.mark.parametrize("heading", ["经纬度", "坐标", "lnglat", "高德坐标", "备用"])
def test_a_pair_in_one_cell(tmp_path: Path, join: str, around: str, heading: str) -> None:
    points = degrees(TOWN["facilities"][1])
    cells = [around.format(f"{point.x:.7f}{join}{point.y:.7f}") for point in points]
    table(tmp_path, "facilities", **{heading: cells})
    layers = read(tmp_path, "facilities", "WGS84")
    assert_places(layers, "facilities", 0.1)
    assert "SHAPES_WRITTEN" in {remark.code for remark in layers.remarks}


SPACED = {"spaces", "half before", "bare", "decimal minutes by space"}


@pytest.mark.parametrize("name", [name for name in NOTATIONS if "comma" not in name])
def test_a_pair_in_every_notation(name: str) -> None:
    write, lost_m = NOTATIONS[name]
    for join in (",", "；") if name in SPACED else (",", "；", " "):
        pair = read_pair(write(107.3535, "E") + join + write(22.4053, "N"))
        assert pair == pytest.approx((107.3535, 22.4053), abs=lost_m / SECOND_M / 3600), name


def test_a_pair_with_the_latitude_first_is_told(tmp_path: Path) -> None:
    points = degrees(TOWN["facilities"][1])
    table(tmp_path, "facilities", 坐标=[f"{point.y:.7f},{point.x:.7f}" for point in points])
    layers = read(tmp_path, "facilities", "WGS84")
    assert_places(layers, "facilities", 0.1)
    assert "LONLAT_SWAPPED" in {remark.code for remark in layers.remarks}


def ewkb(shape: shapely.Geometry, srid: int) -> str:
    return str(shapely.to_wkb(shapely.set_srid(shape, srid), hex=True, include_srid=True))


SHAPES: dict[str, Callable[[shapely.Geometry], str]] = {
    "WKT": lambda shape: shape.wkt,
    "WKT tight": lambda shape: shape.wkt.replace(" (", "("),
    "WKT small": lambda shape: shape.wkt.lower(),
    "WKT Z": lambda shape: shapely.force_3d(shape, 12).wkt,
    "EWKT": lambda shape: f"SRID=4326;{shape.wkt}",
    "WKB": lambda shape: shape.wkb_hex,
    "WKB small": lambda shape: shape.wkb_hex.lower(),
    "WKB big-endian": lambda shape: shapely.to_wkb(shape, hex=True, byte_order=0),
    "WKB postgres": lambda shape: "\\x" + shape.wkb_hex.lower(),
    "EWKB": lambda shape: ewkb(shape, 4326),
    "GeoJSON": shapely.to_geojson,
    "GeoJSON feature": lambda shape: json.dumps(
        {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(shape))}
    ),
}


@pytest.mark.parametrize("heading", ["WKT", "geom", "图形", "边界"])
@pytest.mark.parametrize("layer", ["compounds", "communities", "facilities", "roads"])
@pytest.mark.parametrize("name", SHAPES)
def test_shapes_in_a_cell(tmp_path: Path, name: str, layer: str, heading: str) -> None:
    shapes = degrees(TOWN[layer][1])
    table(tmp_path, layer, **{heading: [SHAPES[name](shape) for shape in shapes]})
    said = name.startswith("E")
    layers = read(tmp_path, layer, None if said else "WGS84")
    if layer == "roads":
        assert away_m(layers, layer) < 0.1
    else:
        assert_places(layers, layer, 0.1)


@pytest.mark.parametrize("name", [name for name in SHAPES if not name.startswith("E")])
def test_shapes_in_a_cell_do_not_say_their_datum(tmp_path: Path, name: str) -> None:
    table(tmp_path, "compounds", WKT=[SHAPES[name](each) for each in degrees(TOWN["compounds"][1])])
    with pytest.raises(DataError, match='crs = "WGS84"'):
        read(tmp_path, "compounds")


@pytest.mark.parametrize("srid", [0, 4545])
@pytest.mark.parametrize("is_turned", [False, True])
def test_shapes_in_metres(tmp_path: Path, srid: int, *, is_turned: bool) -> None:
    shapes = TOWN["compounds"][1]
    if is_turned:
        shapes = [shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in shapes]
    head = f"SRID={srid};" if srid else ""
    table(tmp_path, "compounds", WKT=[head + shape.wkt for shape in shapes])
    layers = read(tmp_path, "compounds", None if srid else CRS)
    assert_places(layers, "compounds", 0.001)
    assert ("AXES_SWAPPED" in {each.code for each in layers.remarks}) == is_turned


def test_a_boundary_as_map_services_write_it(tmp_path: Path) -> None:
    cells = [
        ";".join(f"{lon:.7f},{lat:.7f}" for lon, lat in shapely.get_coordinates(shape))
        for shape in degrees(TOWN["compounds"][1])
    ]
    table(tmp_path, "compounds", polyline=cells)
    assert_places(read(tmp_path, "compounds", "WGS84"), "compounds", 0.1)


def test_several_such_columns_are_asked_for_and_the_answer_works(tmp_path: Path) -> None:
    points = degrees(TOWN["facilities"][1])
    table(
        tmp_path,
        "facilities",
        百度坐标=[f"{point.x + 0.01:.7f},{point.y:.7f}" for point in points],
        GPS坐标=[f"{point.x:.7f},{point.y:.7f}" for point in points],
    )
    with pytest.raises(DataError, match=r'columns = \{ geometry = "百度坐标" \}'):
        read(tmp_path, "facilities", "WGS84")
    layers = read(tmp_path, "facilities", "WGS84", columns={"geometry": "GPS坐标"})
    assert_places(layers, "facilities", 0.1)


def test_outlines_come_before_places_beside_them(tmp_path: Path) -> None:
    shapes = degrees(TOWN["compounds"][1])
    table(
        tmp_path,
        "compounds",
        经度=[f"{shape.centroid.x:.7f}" for shape in shapes],
        纬度=[f"{shape.centroid.y:.7f}" for shape in shapes],
        范围=[shape.wkt for shape in shapes],
    )
    assert_places(read(tmp_path, "compounds", "WGS84"), "compounds", 0.1)


@pytest.mark.parametrize("column", ["经度", "坐标"])
def test_unread_rows_are_told_and_a_table_of_them_is_refused(tmp_path: Path, column: str) -> None:
    def cells(bad: int) -> dict[str, list[str]]:
        points = degrees(TOWN["facilities"][1])
        if column == "坐标":
            pairs = [f"{point.x:.6f},{point.y:.6f}" for point in points]
            return {"坐标": ["见附图"] * bad + pairs[bad:]}
        east = [f"{point.x:.6f}" for point in points]
        return {"经度": ["见附图"] * bad + east[bad:], "纬度": [f"{p.y:.6f}" for p in points]}

    table(tmp_path, "facilities", **cells(2))
    layers = read(tmp_path, "facilities", "WGS84")
    (told,) = [remark for remark in layers.remarks if remark.code == "PLACE_UNREAD"]
    assert told.rows == (2, 3)
    table(tmp_path, "facilities", **cells(12))
    with pytest.raises(DataError, match="见附图") as refused:
        read(tmp_path, "facilities", "WGS84")
    assert column in str(refused.value)


def test_northing_in_a_vector_file_is_told(tmp_path: Path) -> None:
    rows, shapes = TOWN["compounds"]
    turned = [shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in shapes]
    frame = geopandas.GeoDataFrame(list(rows), geometry=turned, crs=CRS)
    frame.to_file(tmp_path / "compounds.gpkg")
    file = LayerFile("compounds", Path("compounds.gpkg"))
    layers = read_layers(study_of(tmp_path, {"compounds": file}))
    assert_places(layers, "compounds", 0.001)
    assert "AXES_SWAPPED" in {remark.code for remark in layers.remarks}
