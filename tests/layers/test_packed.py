"""Zips as people send them: one layer inside, several, none, names in GBK, too much."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from geoplan.errors import DataError
from geoplan.layers.formats.archives import zipped_layer as zips
from geoplan.layers.formats.archives.zipped_layer import read_zip
from geoplan.layers.formats.vectors.vector import read_vector
from geoplan.layers.raw_table import RawTable
from geoplan.layers.read import look_through
from geoplan.study import LayerFile
from tests.layers.small_town import FACILITIES, FACILITY_SHAPES, VECTOR_WRITERS, study

CSV = "设施编号,设施类型\nF1,托育园\n".encode("gb18030")


def pack(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "sent.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in members.items():
            book.writestr(name, content)
    return path


def written(folder: Path, kind: str, under: str = "") -> dict[str, bytes]:
    home = folder / kind.replace(" ", "_")
    home.mkdir()
    VECTOR_WRITERS[kind](home, FACILITIES, FACILITY_SHAPES)
    files = [each for each in home.rglob("*") if each.is_file()]
    return {under + each.relative_to(home).as_posix(): each.read_bytes() for each in files}


def read(path: Path, layer: str = "facilities", part: str | None = None) -> RawTable:
    return read_zip(LayerFile(layer, path, sublayer=part), path.name)


@pytest.mark.parametrize("kind", ["shp gbk", "gdb", "gpkg", "geojson", "fgb"])
def test_a_zipped_layer_is_what_it_was_before(tmp_path: Path, kind: str) -> None:
    members = written(tmp_path, kind, under="数据/")
    inside = next((tmp_path / kind.replace(" ", "_")).glob("layer.[sg][dhpe][bpok]*"), None)
    plain = inside or tmp_path / "fgb" / "layer.fgb"
    before = read_vector(LayerFile("facilities", plain), "")
    after = read(pack(tmp_path, members | {"__MACOSX/._layer.csv": b"x", "说明.docx": b"x"}))
    assert after.headings == before.headings
    assert [after.cells(at) for at in range(4)] == [before.cells(at) for at in range(4)]
    assert after.geometry is not None
    assert before.geometry is not None
    assert after.geometry.tolist() == before.geometry.tolist()
    assert after.crs == before.crs


def test_of_several_layers_one_is_asked_for(tmp_path: Path) -> None:
    path = pack(tmp_path, {"甲.csv": CSV, "乙.csv": CSV.replace(b"F1", b"F2")})
    with pytest.raises(DataError, match="甲, 乙"):
        read(path)
    assert read(path, part="乙").cells(0) == ["F2"]


def test_the_layer_of_the_own_name_is_meant(tmp_path: Path) -> None:
    path = pack(tmp_path, {"projects.csv": b"x", "a/facilities.csv": CSV})
    assert read(path).cells(0) == ["F1"]


def test_names_written_by_windows_are_gbk() -> None:
    item = zipfile.ZipInfo("设施1.csv".encode("gb18030").decode("cp437"))
    item.flag_bits = 0
    assert zips._true_name(item).name == "设施1.csv"


def test_a_zip_without_layers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no layer"):
        read(pack(tmp_path, {"说明.docx": b"x"}))


def test_a_member_never_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert read(pack(tmp_path / "in", {"../../out.csv": CSV})).cells(0) == ["F1"]
    assert list(tmp_path.rglob("out.csv")) == []


def test_more_than_a_layer_can_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "MOST_UNPACKED", 2_000_000)
    path = pack(tmp_path, {"a.csv": b"0" * 3_000_000})
    with pytest.raises(DataError, match="more than 2 MB"):
        read(path)
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02") + 24
    content[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="cannot be read"):
        read(path)  # it says that it is small: what does not fit that is no longer its own


@pytest.mark.parametrize(
    ("suffix", "into"),
    [
        (".mdb", ".gdb"),
        (".dwg", "DXF"),
        (".wp", "shapefile"),
        (".wl", "shapefile"),
        (".wt", "shapefile"),
        (".pdf", "vector data"),
        (".jpg", "vector data"),
        (".rar", ".zip"),
        (".7z", ".zip"),
    ],
)
def test_what_cannot_be_read_is_told_what_to_become(tmp_path: Path, suffix: str, into: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(b"something")
    given = study(tmp_path, facilities=LayerFile("facilities", Path(f"a{suffix}")))
    (problem,) = look_through(given).problems
    assert f"does not read {suffix} files" in problem.what.en
    assert into in problem.remedy.en


def test_a_zip_is_a_file_of_the_study(tmp_path: Path) -> None:
    path = pack(tmp_path, {"a.csv": CSV, "b.txt": b"x"})
    given = study(tmp_path, facilities=LayerFile("facilities", Path(path.name)))
    reading = look_through(given)
    assert reading.problems == ()
    assert reading.layers.facilities is not None
    assert reading.layers.facilities.source.path == "sent.zip"
