"""Broken files, one a fault: each ends in one message that says where, what and the remedy."""

from __future__ import annotations

import random
import shutil
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import DataError, Problem
from geoplan.layers.model import Layers
from geoplan.layers.read import READERS, read_layers
from geoplan.study import LayerFile
from tests.layers.small_town import (
    CRS,
    DIVISION_SHAPES,
    DIVISIONS,
    FACILITIES,
    FACILITY_SHAPES,
    TABLE_WRITERS,
    VECTOR_WRITERS,
    study,
)

BROKEN = Path(__file__).parents[1] / "broken" / "layers"
CHINESE = range(0x4E00, 0x9FFF)


def read(path: Path, layer: str = "facilities", **options: object) -> Layers:
    file = LayerFile(layer, Path(path.name), **options)  # type: ignore[arg-type]
    return read_layers(study(path.parent, **{layer: file}))


def refusal(path: Path, layer: str = "facilities", **options: object) -> Problem:
    with pytest.raises(DataError) as refused:
        read(path, layer, **options)
    (problem,) = refused.value.problems
    assert problem.where == f"{path.name} ({layer})"
    assert problem.remedy.zh
    assert problem.remedy.en
    assert any(ord(mark) in CHINESE for mark in problem.what.zh)
    assert not any(mark in problem.say("en") for mark in "，。；")
    return problem


@pytest.mark.parametrize(
    ("name", "what", "remedy"),
    [
        ("absent.gpkg", "does not exist", "study.toml"),
        ("empty.csv", "empty", "again"),
        ("empty.geojson", "empty", "again"),
        ("duplicate_ids.csv", "A012 rows 2, 4", "drop the column"),
        ("missing_column.csv", '"facility_type"', "columns = { facility_type"),
        ("two_columns_one_field.csv", '"建筑面积" and "总建筑面积"', "columns"),
        ("degrees_without_crs.csv", "longitude and latitude", "GCJ-02"),
        ("metres_without_crs.csv", "EPSG:4545 (107.35)", "crs"),
        ("cut_off.csv", "middle of a row", "again"),
        ("really_a_geopackage.csv", "looks like .gpkg", "suffix"),
        ("cut_off.geojson", "cannot be read", "again"),
        ("no_map.geojson", "cannot be read", "suffix"),
        ("no_map.gpkg", "not .gpkg", "suffix"),
        ("no_workbook.xlsx", "no Excel or WPS workbook", "suffix"),
        ("projected.geojson", "cannot be EPSG:4326", "EPSG:4524"),
        ("swapped.geojson", "cannot be EPSG:4326", "swapped"),
        ("parcels.txt", 'no column "facility_type"', "columns"),
        ("old.mdb", "does not read .mdb", "GeoPackage"),
        ("drawing.dwg", "does not read .dwg", "DXF"),
        ("old.wp", "does not read .wp", "MapGIS"),
        ("sheet.et", "no Excel or WPS workbook", ".xlsx"),
        ("sheet.xls", "no Excel or WPS workbook", ".xlsx"),
        ("archive.zip", "cannot be read", "damaged"),
        ("noext", "does not read such", ".gpkg"),
    ],
)
def test_one_file_a_fault(name: str, what: str, remedy: str) -> None:
    problem = refusal(BROKEN / name)
    assert what in problem.what.en
    assert remedy in problem.remedy.en


def test_an_extract_without_its_version_is_refused() -> None:
    assert "cannot be read" in refusal(BROKEN / "streets.osm", "roads").what.en


def test_a_heading_without_rows_is_an_empty_layer() -> None:
    layers = read(BROKEN / "heading_only.csv")
    assert layers.facilities.rows == ()
    assert (layers.facilities.source.rows_read, layers.facilities.source.rows_kept) == (0, 0)


def test_places_that_are_no_numbers_leave_the_row() -> None:
    layers = read(BROKEN / "not_a_number.geojson")
    assert [shape is None for shape in layers.facilities.geometry] == [
        False,
        True,
        True,
        True,
        True,
    ]
    told = {code: [r.ids for r in layers.remarks if r.code == code] for code in ("BAD_PLACE",)}
    assert told["BAD_PLACE"][0][-1] == "F5"
    named = {own for remark in layers.remarks for own in remark.ids}
    assert named == {"F2", "F3", "F4", "F5"}


def test_mixed_geometry_keeps_polygons_and_names_the_rest() -> None:
    layers = read(BROKEN / "mixed_geometry.geojson", "divisions")
    assert [shape is None for shape in layers.divisions.geometry] == [False, True, True]
    (remark,) = [remark for remark in layers.remarks if remark.code == "WRONG_GEOMETRY"]
    assert remark.rows == (2, 3)


@pytest.mark.parametrize("kind", ["gpkg", "gdb"])
def test_an_unknown_layer_is_named_with_those_there_are(kind: str, tmp_path: Path) -> None:
    path = VECTOR_WRITERS[kind](tmp_path, FACILITIES, FACILITY_SHAPES)
    problem = refusal(path, sublayer="layers")
    assert "layer" in problem.remedy.en
    assert 'no layer or sheet "layers"' in problem.what.en


def test_several_layers_must_be_chosen(tmp_path: Path) -> None:
    import geopandas

    frame = geopandas.GeoDataFrame({"类型": ["托育园"]}, geometry=FACILITY_SHAPES[:1], crs=CRS)
    for layer in ("甲", "乙"):
        frame.to_file(tmp_path / "a.gpkg", layer=layer)
    problem = refusal(tmp_path / "a.gpkg")
    assert "甲, 乙" in problem.what.en
    assert 'layer = "甲"' in problem.remedy.en
    assert len(read(tmp_path / "a.gpkg", sublayer="乙").facilities.rows) == 1
    frame.to_file(tmp_path / "a.gpkg", layer="facilities")
    assert len(read(tmp_path / "a.gpkg").facilities.rows) == 1


@pytest.mark.parametrize("kind", ["gpkg", "parquet", "shp utf-8", "fgb"])
def test_a_layer_without_crs_is_refused(kind: str, tmp_path: Path) -> None:
    import geopandas

    frame = geopandas.GeoDataFrame({"类型": ["托育园"]}, geometry=FACILITY_SHAPES[:1])
    path = tmp_path / f"a.{kind.split(maxsplit=1)[0]}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_parquet(path) if kind == "parquet" else frame.to_file(path)
    problem = refusal(path)
    assert "does not say what its coordinates are measured in" in problem.what.en
    assert "EPSG:4545" in problem.remedy.en
    assert read(path, crs=CRS).facilities.geometry[0].equals_exact(FACILITY_SHAPES[0], 1e-6)
    assert "is not known" in refusal(path, crs="地方独立坐标系").what.en


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_a_part(part: str, tmp_path: Path) -> None:
    path = VECTOR_WRITERS["shp utf-8"](tmp_path, FACILITIES, FACILITY_SHAPES)
    path.with_suffix(part).unlink()
    assert part in refusal(path).what.en


@pytest.mark.parametrize("part", [".shx", ".dbf", ".shp"])
def test_a_shapefile_with_a_cut_part(part: str, tmp_path: Path) -> None:
    path = VECTOR_WRITERS["shp gbk"](tmp_path, FACILITIES, FACILITY_SHAPES)
    content = path.with_suffix(part).read_bytes()
    path.with_suffix(part).write_bytes(content[:-20])
    assert f"{part} is shorter" in refusal(path).what.en


def test_a_shapefile_in_another_encoding_than_stated(tmp_path: Path) -> None:
    path = VECTOR_WRITERS["shp gbk"](tmp_path, FACILITIES, FACILITY_SHAPES)
    assert '"utf-8"' in refusal(path, encoding="utf-8").what.en


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").mkdir()
    assert "folder" in refusal(tmp_path / "a.gpkg").what.en


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        for _ in range(600):
            sheet.write(b"\0" * 1_000_000)
    assert path.stat().st_size < 1_000_000
    assert "unpacks to" in refusal(path).what.en


def test_every_format_cut_in_half_is_refused(tmp_path: Path) -> None:
    rows = [{**FACILITIES[at % 3], "设施编号": f"F{at}"} for at in range(300)]
    shapes = [FACILITY_SHAPES[at % 3] for at in range(300)]
    for number, (kind, write) in enumerate({**VECTOR_WRITERS, **TABLE_WRITERS}.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = write(folder, rows, shapes)
        parts = [path] if path.is_file() else sorted(path.glob("*.gdbtable"))
        for part in parts:
            content = part.read_bytes()
            comma = content.find(
                {"csv tab": b"\t", "csv semicolon": b";"}.get(kind, b","), len(content) // 2
            )
            part.write_bytes(content[: comma if path.suffix == ".csv" else len(content) // 2])
        with pytest.raises(DataError):
            read(path, crs=CRS)


FORMATS = sorted({**VECTOR_WRITERS, **TABLE_WRITERS})


@pytest.fixture(scope="module")
def specimens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One whole file of every format."""
    found = {}
    for kind, write in {**VECTOR_WRITERS, **TABLE_WRITERS}.items():
        folder = tmp_path_factory.mktemp("whole")
        found[kind] = write(folder, FACILITIES, FACILITY_SHAPES)
    return found


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_files_end_in_words(kind: str, specimens: dict[str, Path], tmp_path: Path) -> None:
    """Bytes changed, cut out or doubled: a DataError, or every row accounted for."""
    chance = random.Random(kind)  # noqa: S311 - not a secret
    for attempt in range(12):
        folder = tmp_path / str(attempt)
        shutil.copytree(specimens[kind].parent, folder)
        path = folder / specimens[kind].name
        damage(path, chance)
        try:
            layers = read(path, crs=CRS if path.suffix in {".csv", ".xlsx"} else None)
        except DataError:
            continue  # refused in words, which is right for a damaged file
        assert_accounted(layers)


def damage(path: Path, chance: random.Random) -> None:
    parts = [part for part in ([path] if path.is_file() else path.iterdir()) if part.stat().st_size]
    if path.suffix == ".shp":
        parts = [part for part in path.parent.iterdir() if part.stem == path.stem]
    part = chance.choice(sorted(parts))
    content = bytearray(part.read_bytes())
    at = chance.randrange(len(content))
    match chance.randrange(3):
        case 0:
            for _ in range(chance.randrange(1, 20)):
                content[chance.randrange(len(content))] = chance.randrange(256)
        case 1:
            del content[at : at + chance.randrange(1, 200)]
        case _:
            content[at:at] = content[: chance.randrange(1, 200)]
    part.write_bytes(bytes(content))


def assert_accounted(layers: Layers) -> None:
    for source in layers.sources:
        aside = sum(
            len(remark.rows)
            for remark in layers.remarks
            if remark.set_aside and remark.layer == source.layer
        )
        assert source.rows_read == source.rows_kept + aside
        typed = getattr(layers, source.layer)
        assert source.rows_kept == len(typed.rows if hasattr(typed, "rows") else typed.geometry)


CELLS = st.sampled_from(
    [
        "",
        "合计",
        "小计",
        "全市",
        "托育园",
        "养老院",
        "约300",
        "-5",
        "注：不详",
        "/",
        "12",
        "无",
        "451402001",
    ]
)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.lists(CELLS, min_size=5, max_size=5), max_size=12),
    layer=st.sampled_from(["facilities", "divisions", "premises", "phases", "reported", "homes"]),
)
def test_rows_read_are_rows_kept_and_rows_set_aside(
    rows: list[list[str]], layer: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    heading = {
        "facilities": "设施名称,设施类型,建筑面积,服务范围,托位数",
        "divisions": "街道代码,街道名称,类别,常住人口,县区",
        "premises": "房屋名称,建筑面积,年租金,街道,社区",
        "phases": "项目编号,分期,户数,交付日期,备注",
        "reported": "指标编号,截至日期,数值,单位,来源",
        "homes": "户数,常住人口,社区,小区,楼层",
    }[layer]
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    path.write_text("\n".join([heading, *map(",".join, rows)]) + "\n", encoding="utf-8")
    try:
        layers = read(path, layer)
    except DataError as error:
        said = [str(problem) for problem in error.problems]
    else:
        said = []
        assert_accounted(layers)
    assert all("more than once" in what or "skip_rows = [" in what for what in said)


def test_every_suffix_has_one_reader() -> None:
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in READERS)


def test_divisions_of_a_damaged_study_name_all_files(tmp_path: Path) -> None:
    path = VECTOR_WRITERS["gpkg"](tmp_path, DIVISIONS, DIVISION_SHAPES)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DataError) as refused:
        read_layers(study(tmp_path, divisions=path.name, facilities="none.csv", homes="none.gpkg"))
    assert len(refused.value.problems) == 3


def test_a_cell_at_the_end_of_the_sheet_does_not_make_it_a_million_rows(tmp_path: Path) -> None:
    path = TABLE_WRITERS["xlsx"](tmp_path, FACILITIES, FACILITY_SHAPES)
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"].number_format = "0.00"
    book.save(path)
    facilities = read(path, crs=CRS).facilities
    assert facilities is not None
    assert len(facilities.rows) == len(FACILITIES)
    book.active["XFD1048576"] = 1
    book.save(path)
    assert "1,048,576 rows and 16,384 columns" in refusal(path).what.en
