"""国土界址点 TXT: northing first, rings by number, the coordinate system in the head."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoplan.errors import DataError
from geoplan.layers.formats.texts.sheet import read_csv
from geoplan.layers.raw_table import RawTable
from geoplan.study import LayerFile

HEAD = """[属性描述]
格式版本号=1.01版本
坐标系={system}
几度分带={bands}
投影类型=高斯克吕格
计量单位=米
带号={zone}
[地块坐标]
"""
ONE = """5,1,CZ2023-01,示意地块,面,,住宅,0701,@
J1,1,2478823.724,{e}431.374
J2,1,2478923.724,{e}431.374
J3,1,2478923.724,{e}531.374
J4,1,2478823.724,{e}531.374
J1,1,2478823.724,{e}431.374
"""


def read(
    folder: Path, text: str, *, encoding: str = "gb18030", crs: str | None = None, **head: str
) -> RawTable:
    told = {"system": "2000国家大地坐标系", "bands": "3", "zone": "36"} | head
    path = folder / "a.txt"
    path.write_bytes((HEAD.format(**told) + text).encode(encoding))
    return read_csv(LayerFile("projects", path, crs=crs), "a.txt")


def test_the_northing_stands_first(tmp_path: Path) -> None:
    raw = read(tmp_path, ONE.format(e="36433"))
    assert raw.geometry is not None
    assert raw.geometry[0].bounds == (36433431.374, 2478823.724, 36433531.374, 2478923.724)
    assert dict(zip(raw.headings, (each[0] for each in raw.columns), strict=True)) == {
        "点数": "5",
        "地块面积(公顷)": "1",
        "地块编号": "CZ2023-01",
        "地块名称": "示意地块",
        "图形属性": "面",
        "图幅号": None,
        "地块用途": "住宅",
        "地类编码": "0701",
    }
    assert raw.remarks == ()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, ONE.format(e="36433"), encoding=encoding).columns[3] == ["示意地块"]


@pytest.mark.parametrize(
    ("told", "easting", "words"),
    [
        ({}, "36433", "2000国家大地坐标系 3度带 36带"),
        ({}, "433", "2000国家大地坐标系 3度带 中央经线108"),
        ({"bands": "6", "zone": "18"}, "18733", "2000国家大地坐标系 6度带 18带"),
        ({"bands": "6", "zone": "18"}, "733", "2000国家大地坐标系 6度带 中央经线105"),
        ({"system": "1980西安坐标系"}, "36433", "1980西安坐标系 3度带 36带"),
    ],
)
def test_the_head_and_the_digits_of_the_easting_name_the_system(
    tmp_path: Path, told: dict[str, str], easting: str, words: str
) -> None:
    assert read(tmp_path, ONE.format(e=easting), **told).crs == words


def test_a_ring_inside_is_a_hole_and_one_beside_a_part(tmp_path: Path) -> None:
    hole = "J5,2,2478840,36433450\nJ6,2,2478860,36433450\nJ7,2,2478860,36433470\n"
    beside = "J8,3,2479840,36433450\nJ9,3,2479860,36433450\nJ10,3,2479860,36433470\n"
    raw = read(tmp_path, ONE.format(e="36433").replace("5,1,", "11,1,") + hole + beside)
    assert raw.geometry is not None
    assert raw.geometry[0].geom_type == "MultiPolygon"
    assert sorted(len(part.interiors) for part in raw.geometry[0].geoms) == [0, 1]
    assert raw.remarks == ()


def test_what_a_parcel_states_is_compared_with_its_points(tmp_path: Path) -> None:
    raw = read(tmp_path, ONE.format(e="36433").replace("5,1,", "7,1.02,"))
    assert [(each.code, each.rows) for each in raw.remarks] == [
        ("PARCEL_AREA", (9,)),
        ("PARCEL_POINTS", (9,)),
    ]


def test_odd_lines_and_parcels_without_a_ring_are_named(tmp_path: Path) -> None:
    short = "2,,B,,面,,,,@\nJ1,1,2478823,36433431\nJ2,1,x,36433431\n"
    raw = read(tmp_path, ONE.format(e="36433") + short)
    assert [(each.code, each.rows) for each in raw.remarks][:2] == [
        ("PARCEL_LINE", (17,)),
        ("NO_SHAPE", (15,)),
    ]


def test_without_its_system_it_asks(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="带号"):
        read(tmp_path, ONE.format(e="36433"), zone="")
    assert read(tmp_path, ONE.format(e="36433"), zone="", crs="EPSG:4524").crs is None


def test_without_a_parcel_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no parcel"):
        read(tmp_path, "\n")


def turned(text: str) -> str:
    """The same points with the easting first."""
    rows = (line.split(",") for line in text.splitlines())
    return "\n".join(
        ",".join([*row[:2], row[3], row[2]] if row[0].startswith("J") else row) for row in rows
    )


@pytest.mark.parametrize("easting", ["36433", "433"])
@pytest.mark.parametrize("crs", [None, "EPSG:4545"])
def test_the_easting_first_is_told_and_exchanged(
    tmp_path: Path, easting: str, crs: str | None
) -> None:
    text = ONE.format(e=easting)
    right, wrong = read(tmp_path, text, crs=crs), read(tmp_path, turned(text), crs=crs)
    assert right.geometry is not None
    assert wrong.geometry is not None
    assert wrong.geometry[0].equals(right.geometry[0])
    assert wrong.crs == right.crs
    assert [remark.code for remark in wrong.remarks] == ["AXES_SWAPPED"]


@pytest.mark.parametrize("end", [",", ",,", "，", ", ,"])
def test_commas_at_the_end_of_a_line_are_nothing(tmp_path: Path, end: str) -> None:
    text = ONE.format(e="36433")
    right = read(tmp_path, text)
    read_again = read(tmp_path, "\n".join(line + end for line in text.splitlines()))
    assert read_again.geometry is not None
    assert right.geometry is not None
    assert read_again.geometry[0].equals(right.geometry[0])
    assert read_again.remarks == ()
