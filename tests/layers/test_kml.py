"""KML and its kin, as Google Earth, 奥维 and hands write them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from geoplan.errors import DataError
from geoplan.layers.formats.drawings.kml import list_folders, read_kml
from geoplan.layers.model import Layers
from geoplan.layers.raw_table import RawTable
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.small_town import study

HEAD = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>全部</name>'
TAIL = "</Document></kml>"
ONE = """<Placemark><name>一号养老院</name><ExtendedData>
<Data name="设施编号"><value>F1</value></Data><Data name="床位数"><value>120</value></Data>
<Data name="设施类型"><value>养老院</value></Data></ExtendedData>
<Point><coordinates>107.35,22.40,0</coordinates></Point></Placemark>"""
TWO = """<Placemark><name>二号</name><ExtendedData><SchemaData schemaUrl="#s">
<SimpleData name="设施类型">养老驿站</SimpleData></SchemaData></ExtendedData>
<Point><coordinates>
 107.36,22.41
</coordinates></Point></Placemark>"""
RING = "<LinearRing><coordinates>{}</coordinates></LinearRing>"
SQUARE = RING.format("107,22 107.1,22 107.1,22.1 107,22.1 107,22")
HOLE = RING.format("107.02,22.02 107.05,22.02 107.05,22.05 107.02,22.02")


def write(folder: Path, inside: str, name: str = "a.kml") -> Path:
    path = folder / name
    path.write_text(HEAD + inside + TAIL, encoding="utf-8")
    return path


def read(path: Path, layer: str = "facilities", **told: str) -> RawTable:
    return read_kml(LayerFile(layer, path, sublayer=told.get("part")), path.name)


def test_chinese_names_of_extended_data_are_the_headings(tmp_path: Path) -> None:
    raw = read(write(tmp_path, ONE + TWO))
    assert raw.headings == ("name", "设施编号", "床位数", "设施类型")
    assert raw.columns == (
        ["一号养老院", "二号"],
        ["F1", None],
        ["120", None],
        ["养老院", "养老驿站"],
    )
    assert raw.geometry is not None
    assert [place.wkt for place in raw.geometry] == ["POINT (107.35 22.4)", "POINT (107.36 22.41)"]
    assert raw.crs == "EPSG:4326"


def test_a_kmz_is_the_same(tmp_path: Path) -> None:
    plain = write(tmp_path, ONE, "doc.kml")
    packed = tmp_path / "a.kmz"
    with zipfile.ZipFile(packed, "w") as book:
        book.write(plain, "doc.kml")
        book.writestr("files/icon.png", b"x")
    assert read(packed).columns == read(plain).columns


@pytest.mark.parametrize("name", ["a.ovkml", "a.ovkmz"])
def test_the_files_of_ovi_are_gcj02_and_say_so(tmp_path: Path, name: str) -> None:
    raw = read(write(tmp_path, ONE, name))
    assert raw.crs == "GCJ-02"
    assert [each.code for each in raw.remarks] == ["OVI_GCJ02"]


def test_folders_are_layers(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        f"<Folder><name>小区</name>{ONE}</Folder><Folder><name>养老托育设施</name>{TWO}</Folder>",
    )
    assert list_folders(path, "") == ["小区", "养老托育设施"]
    assert read(path).columns[0] == ["二号"]  # the folder of the layer's own name
    assert read(path, part="小区").columns[0] == ["一号养老院"]
    with pytest.raises(DataError, match="several layers"):
        read(path, layer="homes")


def test_polygons_have_holes_and_many_parts_are_one_shape(tmp_path: Path) -> None:
    polygon = f"<Polygon><outerBoundaryIs>{SQUARE}</outerBoundaryIs><innerBoundaryIs>{HOLE}</innerBoundaryIs></Polygon>"
    path = write(
        tmp_path,
        f"<Placemark><name>甲</name>{polygon}</Placemark>"
        f"<Placemark><name>乙</name><MultiGeometry>{polygon}{polygon}</MultiGeometry></Placemark>"
        "<Placemark><name>丙</name></Placemark>",
    )
    raw = read(path, layer="compounds")
    assert raw.geometry is not None
    assert raw.geometry[0].geom_type == "Polygon"
    assert len(raw.geometry[0].interiors) == 1
    assert raw.geometry[1].geom_type == "MultiPolygon"
    assert raw.geometry[2] is None
    assert [(each.code, each.rows) for each in raw.remarks] == [
        ("KML_WGS84", ()),
        ("NO_SHAPE", (3,)),
    ]


@pytest.mark.parametrize(
    "shape",
    [
        "<Point><coordinates>a,b</coordinates></Point>",
        "<Point><coordinates/></Point>",
        "<Point/>",
        f"<Polygon><outerBoundaryIs>{RING.format('1,2 3,4')}</outerBoundaryIs></Polygon>",
    ],
)
def test_a_placemark_that_is_no_shape_stays_and_is_named(tmp_path: Path, shape: str) -> None:
    raw = read(write(tmp_path, f"{ONE}<Placemark><name>坏</name>{shape}</Placemark>"))
    assert raw.columns[0] == ["一号养老院", "坏"]
    assert [(each.code, each.rows) for each in raw.remarks] == [
        ("KML_WGS84", ()),
        ("NO_SHAPE", (2,)),
    ]


def test_a_cut_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(write(tmp_path, "<Placemark><name>x"))


def test_a_zip_without_kml_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "a.kmz"
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("readme.txt", "x")
    with pytest.raises(DataError, match="no KML in it"):
        read(packed)


def test_no_entity_reads_another_file(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("45140219500101001X", encoding="utf-8")
    path = tmp_path / "a.kml"
    bomb = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    path.write_text(
        HEAD.replace("<kml", bomb + "<kml") + ONE.replace("一号养老院", "&x;") + TAIL,
        encoding="utf-8",
    )
    assert "45140219500101001X" not in str(read(path).columns)


PLACEMARK = (
    "<Placemark><name>甲</name><ExtendedData><Data name='类型'><value>托育园</value></Data>"
    "</ExtendedData>{}<Point><coordinates>{}</coordinates></Point></Placemark>"
)


def one_place(
    folder: Path,
    coordinates: str = "107.3535,22.4053",
    *,
    extra: str = "",
    encoding: str = "utf-8",
    declared: str = "UTF-8",
) -> Layers:
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{PLACEMARK.format(extra, coordinates)}</Document></kml>"
    )
    (folder / "a.kml").write_bytes(text.encode(encoding))
    file = LayerFile("facilities", Path("a.kml"), crs="WGS84")
    return read_layers(study(folder, facilities=file))


@pytest.mark.parametrize(
    "coordinates",
    [
        "107.3535, 22.4053",
        "107.3535 ,22.4053 , 12",
        "107.3535，22.4053",
        "\n\t107.3535,\n22.4053,0\n",
        "107.3535,22.4053,0,",
    ],
)
def test_spaces_among_coordinates_are_no_places(tmp_path: Path, coordinates: str) -> None:
    layers = one_place(tmp_path, coordinates)
    assert layers.facilities is not None
    assert layers.facilities.geometry is not None
    point = layers.facilities.geometry[0]
    assert (point.x, point.y) == pytest.approx((433431.4, 2478823.7), abs=1)


@pytest.mark.parametrize("coordinates", ["107.3535 22.4053", "107.35,22.40,1,107.36,22.41", "1"])
def test_coordinates_that_make_no_points_make_no_shape(tmp_path: Path, coordinates: str) -> None:
    layers = one_place(tmp_path, coordinates)
    assert "NO_SHAPE" in {remark.code for remark in layers.remarks}


@pytest.mark.parametrize(
    ("encoding", "declared", "is_told"),
    [
        ("gbk", "UTF-8", True),
        ("gb18030", "utf-8", True),
        ("gbk", "GBK", False),
        ("gb18030", "GB2312", False),
        ("utf-8-sig", "UTF-8", False),
        ("utf-16", "UTF-16", False),
    ],
)
def test_bytes_of_another_encoding_than_declared(
    tmp_path: Path, encoding: str, declared: str, *, is_told: bool
) -> None:
    layers = one_place(tmp_path, encoding=encoding, declared=declared)
    assert layers.facilities is not None
    assert layers.facilities.rows[0].name == "甲"
    assert ("ENCODING_GUESSED" in {remark.code for remark in layers.remarks}) == is_told


def test_an_undeclared_prefix_is_told_and_read_over(tmp_path: Path) -> None:
    layers = one_place(tmp_path, extra="<gx:balloonVisibility>1</gx:balloonVisibility>")
    assert layers.facilities is not None
    assert layers.facilities.geometry is not None
    assert "KML_PREFIX" in {remark.code for remark in layers.remarks}


def test_a_document_cut_short_is_not_read_over(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        one_place(tmp_path, extra="<gx:a>1")
