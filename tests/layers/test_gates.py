"""Nothing is read, asked or written that the user did not name; no more is built than a file explains."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import struct
import threading
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geoplan.errors import PolicyError, Problem, StudyError
from geoplan.layers import read as door
from geoplan.layers.formats.drawings.blocks import drawn_size
from geoplan.layers.formats.streets.pbf_blobs import unpacked_size
from geoplan.layers.formats.vectors import gdal_gate as gdal
from geoplan.layers.formats.vectors.nesting import is_deep_wkb
from geoplan.layers.places.datum import read_datum
from geoplan.layers.read import READERS, Reading, look_through
from geoplan.policy.read import read_policy
from geoplan.study import LayerFile, read_study
from tests.layers.small_town import CRS, FACILITIES, FACILITY_SHAPES, VECTOR_WRITERS, study

BOMB = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c"
ENDLESS = f"CREATE VIEW layer AS SELECT * FROM t JOIN ({BOMB})"  # noqa: S608 - no one's input
ELSEWHERE = (
    '<OGRVRTDataSource><OGRVRTLayer name="o"><SrcDataSource>{0}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
    '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {0}"}}',
    "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>",
    '999\n<OGRVRTDataSource><OGRVRTLayer name="o"><SrcDataSource>{0}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
)


def reading(path: Path, layer: str = "facilities") -> Reading:
    return look_through(study(path.parent, **{layer: LayerFile(layer, Path(path.name), crs=CRS)}))


def problem(path: Path, layer: str = "facilities") -> Problem:
    (only,) = reading(path, layer).problems
    return only


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return VECTOR_WRITERS["gpkg"](tmp_path, FACILITIES, FACILITY_SHAPES)


# --------------------------------------------------------------------------------- drivers


@pytest.mark.parametrize("suffix", gdal.DRIVERS)
@pytest.mark.parametrize("text", ELSEWHERE)
def test_a_description_of_data_elsewhere_is_no_layer(
    tmp_path: Path, suffix: str, text: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("设施编号,设施类型\nSECRET,托育园\n", encoding="utf-8")
    path = tmp_path / f"a{suffix}"
    path.write_text(text.format(secret.as_posix()), encoding="utf-8")
    found = reading(path)
    assert found.problems
    assert found.layers.facilities is None


def test_each_suffix_has_its_drivers_and_gdal_is_left_as_it_was(package: Path) -> None:
    before = list(pyogrio.list_drivers())
    option = pyogrio.get_gdal_config_option("GDAL_PAM_ENABLED")
    for suffix, drivers in gdal.DRIVERS.items():
        with gdal._only_for(Path(f"a{suffix}")):
            assert set(pyogrio.list_drivers()) == set(drivers)
    with pytest.raises(ZeroDivisionError), gdal._only_for(package):
        raise ZeroDivisionError
    assert list(pyogrio.list_drivers()) == before
    assert pyogrio.get_gdal_config_option("GDAL_PAM_ENABLED") == option
    readers = {
        suffix for suffix, read in READERS.items() if read.__module__.endswith(("vector", "dxf"))
    }
    assert readers == set(gdal.DRIVERS)


# ----------------------------------------------------------------------------- GeoPackages


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as base:
        for statement in statements:
            base.execute(statement)
        base.commit()


def without_triggers(path: Path) -> None:
    """Only GDAL knows the functions that they call."""
    with closing(sqlite3.connect(path)) as base:
        names = base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    change(path, *(f'DROP TRIGGER "{name}"' for (name,) in names))


def test_a_view_beside_the_layer_is_not_run(package: Path) -> None:
    change(package, f"CREATE VIEW bomb AS {BOMB}")
    found = reading(package)
    assert found.problems == ()
    assert found.layers.facilities is not None
    assert len(found.layers.facilities.rows) == len(FACILITIES)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE layer RENAME TO t", ENDLESS),
        ("ALTER TABLE layer ADD COLUMN big AS (hex(zeroblob(400000000)))",),
        (
            "ALTER TABLE gpkg_geometry_columns RENAME TO g",
            f"CREATE VIEW gpkg_geometry_columns AS SELECT * FROM g JOIN ({BOMB})",  # noqa: S608
        ),
    ],
)
def test_a_layer_that_is_worked_out_is_refused(package: Path, statements: tuple[str, ...]) -> None:
    without_triggers(package)
    change(package, *statements)
    assert "no stored table" in problem(package).what.en


def test_changes_in_the_wal_are_read_and_stay_where_they_are(package: Path) -> None:
    without_triggers(package)
    with closing(sqlite3.connect(package)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA wal_autocheckpoint = 0")
        base.execute('UPDATE "layer" SET "建筑面积" = 777 WHERE fid = 1')
        base.commit()
        before = {each.name: each.read_bytes() for each in package.parent.iterdir()}
        assert before["layer.gpkg-wal"]
        found = reading(package)
        after = {each.name: each.read_bytes() for each in package.parent.iterdir()}
    del before["layer.gpkg-shm"], after["layer.gpkg-shm"]
    assert after == before
    assert found.layers.facilities is not None
    assert found.layers.facilities.rows[0].floor_area_m2 == 777
    assert "UNSAVED_READ" in {each.code for each in found.layers.remarks}


def test_a_change_that_was_broken_off_is_refused_and_not_rolled_back(package: Path) -> None:
    journal = Path(f"{package}-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\0" * 600)
    before = package.read_bytes()
    assert "broken off" in problem(package).what.en
    assert journal.exists()
    assert package.read_bytes() == before


# ---------------------------------------------------------------------- pipes, links, sides


@pytest.mark.parametrize("suffix", READERS)
def test_a_pipe_is_not_waited_for(tmp_path: Path, suffix: str) -> None:
    os.mkfifo(tmp_path / f"a{suffix}")
    assert "no ordinary file" in problem(tmp_path / f"a{suffix}").what.en


@pytest.mark.parametrize("part", [".dbf", ".shx", ".prj", ".cpg", ".qix", ".SBN"])
def test_a_part_of_a_shapefile_is_no_pipe_and_leads_nowhere_else(tmp_path: Path, part: str) -> None:
    (home := tmp_path / "study").mkdir()
    path = VECTOR_WRITERS["shp utf-8"](home, FACILITIES, FACILITY_SHAPES)
    (tmp_path / "other").write_bytes(path.read_bytes())
    path.with_suffix(part).unlink(missing_ok=True)
    path.with_suffix(part).symlink_to(tmp_path / "other")
    assert "leads elsewhere" in problem(path).what.en
    path.with_suffix(part).unlink()
    os.mkfifo(path.with_suffix(part))
    assert "no ordinary file" in problem(path).what.en


def test_a_link_that_is_named_is_followed_and_told(tmp_path: Path, package: Path) -> None:
    (tmp_path / "named.gpkg").symlink_to(package)
    found = reading(tmp_path / "named.gpkg")
    assert found.problems == ()
    (remark,) = [each for each in found.layers.remarks if each.code == "LINK_FOLLOWED"]
    assert str(package) in remark.detail.en


def test_the_fingerprint_of_a_shapefile_is_of_its_parts_only(tmp_path: Path) -> None:
    path = VECTOR_WRITERS["shp utf-8"](tmp_path, FACILITIES, FACILITY_SHAPES)
    before = door.sha256_of(path)
    os.mkfifo(path.with_suffix(".lock"))
    assert door.sha256_of(path) == before


@pytest.mark.parametrize("kind", VECTOR_WRITERS)
def test_reading_leaves_the_folder_as_it_was(tmp_path: Path, kind: str) -> None:
    path = VECTOR_WRITERS[kind](tmp_path, FACILITIES, FACILITY_SHAPES)
    files = sorted(each for each in tmp_path.rglob("*") if each.is_file())
    before = [(each, each.stat().st_mtime_ns, each.read_bytes()) for each in files]
    assert look_through(study(tmp_path, facilities=path.name)).problems == ()
    files = sorted(each for each in tmp_path.rglob("*") if each.is_file())
    assert [(each, each.stat().st_mtime_ns, each.read_bytes()) for each in files] == before


# -------------------------------------------------------------------------- what comes out


def test_shapes_are_not_read_once_for_every_line_of_an_index(tmp_path: Path) -> None:
    path = VECTOR_WRITERS["shp utf-8"](tmp_path, FACILITIES, FACILITY_SHAPES)
    index = bytearray(path.with_suffix(".shx").read_bytes())
    index = index[:100] + index[100:108] * 1_000
    struct.pack_into(">i", index, 24, len(index) // 2)
    path.with_suffix(".shx").write_bytes(index)
    assert "larger than its .shp" in problem(path).what.en


def test_a_table_of_the_same_value_is_refused_before_it_is_built(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"设施类型": pa.array(np.zeros(50_000_000, dtype=np.int8))}), path)
    assert path.stat().st_size < 200_000
    assert "50,000,000 rows" in problem(path).what.en
    folded = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(100_000, dtype=np.int32)), pa.array(["托" * 10_000])
    )
    pq.write_table(pa.table({"设施类型": folded}), path)
    assert "absurdly large" in problem(path).what.en


def test_each_part_of_a_text_column_of_parquet_comes_through(tmp_path: Path) -> None:
    path = VECTOR_WRITERS["parquet"](tmp_path, FACILITIES, FACILITY_SHAPES)
    found = reading(path)
    assert found.layers.facilities is not None
    assert [row.name for row in found.layers.facilities.rows] == [
        each["设施名称"] for each in FACILITIES
    ]


@pytest.mark.parametrize("code", [4, 6, 7, 1007])
def test_shapes_nested_without_end_are_no_shapes(code: int) -> None:
    point = struct.pack("<BIdd", 1, 1, 0.0, 0.0)
    assert is_deep_wkb(struct.pack("<BII", 1, code, 1) * 200_000 + point)
    assert is_deep_wkb(struct.pack(">BII", 0, code, 1) * 200 + point)


def test_ordinary_shapes_are_not_nested_deep() -> None:
    square = shapely.box(0, 0, 1, 1)
    many = shapely.GeometryCollection([shapely.MultiPolygon([square] * 50)] * 50)
    for shape in (
        square,
        many,
        shapely.LineString(np.arange(4000).reshape(-1, 2)),
        shapely.Point(),
    ):
        for dimension in (2, 3):
            raised = shapely.force_3d(shape) if dimension == 3 else shape
            assert not is_deep_wkb(shapely.to_wkb(raised, flavor="iso"))
            marked = shapely.set_srid(raised, 4490)
            assert not is_deep_wkb(shapely.to_wkb(marked, include_srid=True))


def test_blocks_in_blocks_are_added_up_before_they_are_drawn() -> None:
    block = b"0\nBLOCK\n2\nB%d\n%s0\nENDBLK\n"
    insert = b"0\nINSERT\n2\nB%d\n10\n1\n20\n1\n"
    line = b"0\nLINE\n10\n1\n20\n1\n"
    blocks = block % (0, line) + b"".join(
        block % (at, insert % (at - 1) * 10) for at in range(1, 9)
    )
    assert drawn_size(blocks + insert % 8) > 10**8 * len(line) // 2
    circle = block % (0, insert % 1) + block % (1, insert % 0) + insert % 0
    assert drawn_size(circle) > 1 << 60
    assert drawn_size(line * 9 + block % (0, line)) < 400


def test_blobs_say_what_they_unpack_to(tmp_path: Path) -> None:
    blob = b"\x1a\x02xx\x10\xff\xff\xff\x07"  # the size after the content
    head = b"\x0a\x07OSMData\x18" + bytes([len(blob)])
    path = tmp_path / "a.osm.pbf"
    path.write_bytes((struct.pack(">I", len(head)) + head + blob) * 3)
    assert unpacked_size(path) == 3 * 0xFFFFFF


def test_an_archive_in_an_archive_is_measured_by_the_outer_one(tmp_path: Path) -> None:
    inner = tmp_path / "inner.kmz"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("doc.kml", b"<a/>" * 30_000_000)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.kmz", inner.read_bytes())
    assert "unpacks to more than" in problem(path).what.en


def test_what_a_reader_lets_through_is_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_: object) -> None:
        raise KeyError("deep inside")

    monkeypatch.setattr(door, "READERS", {".csv": burst})
    (tmp_path / "a.csv").write_text("x\n1\n")
    assert "KeyError" in problem(tmp_path / "a.csv").what.en


@pytest.mark.parametrize("key", ["name", "href"])
@pytest.mark.parametrize("around", ["", "*", "127.0.0.1"])
def test_a_geojson_names_no_system_that_must_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, around: str
) -> None:
    """GDAL would ask the server for it, whatever the drivers."""
    monkeypatch.setenv("NO_PROXY", around)
    monkeypatch.setenv("no_proxy", around)
    path = VECTOR_WRITERS["geojson"](tmp_path, FACILITIES, FACILITY_SHAPES)
    document = json.loads(path.read_text(encoding="utf-8"))
    asked: list[int] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            with suppress(OSError):
                server.accept()[0].close()
                asked.append(1)

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/crs"
        kind = "link" if key == "href" else "name"
        document["crs"] = {"type": kind, "properties": {key: url}}
        path.write_text(json.dumps(document), encoding="utf-8")
        reading(path)
        assert asked == []
        socket.create_connection(server.getsockname()).close()  # so that the thread ends
    assert os.environ["NO_PROXY"] == around


@pytest.mark.parametrize(
    "text",
    [
        "+init={0}:1",
        "+proj=longlat +init={0}:1",
        "+proj=longlat +nadgrids={0}",
        "+proj=longlat +nadgrids=@{0},null",
        "+proj=utm +zone=48 +geoidgrids = {0}",
        "+proj=pipeline +step +proj=hgridshift +grids={0}",
        "http://127.0.0.1:9/crs",
    ],
)
def test_a_coordinate_system_names_no_file(tmp_path: Path, text: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_datum(text.format(tmp_path / "pipe")) is None


def test_a_coordinate_system_may_say_that_it_has_no_grid() -> None:
    mercator = "+proj=merc +a=6378137 +b=6378137 +nadgrids=@null +units=m +no_defs"
    assert read_datum(mercator) is not None
    assert read_datum("+proj=utm +zone=48 +ellps=GRS80 +units=m") is not None


def test_a_name_longer_than_any_is_refused_and_a_note_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "设施编号,设施类型,设施名称,备注\n"
    path.write_text(f"{head}F1,托育园,甲,{'长' * 5_000}\n", encoding="utf-8")
    assert reading(path).problems == ()
    path.write_text(f"{head}F1,托育园,甲,\nF2,托育园,{'(' * 5_000},\n", encoding="utf-8")
    assert "rows 3: texts of more than 1,000" in problem(path).what.en


def test_a_name_that_no_file_can_have_is_no_file(tmp_path: Path) -> None:
    name = "x/" * 3_000 + ".toml"
    for there in (tmp_path / name, Path(name)):
        with pytest.raises(StudyError, match="there is no study file"):
            read_study(there)
        with pytest.raises(PolicyError, match="no such policy"):
            read_policy(there)
    head = '[study]\nname = "a"\npolicy = "chongzuo-2021-2023"\nas_of = 2023-12-31\n[layers]\n'
    (tmp_path / "study.toml").write_text(f'{head}divisions = "{name}"\n', encoding="utf-8")
    with pytest.raises(StudyError, match="there is no file"):
        read_study(tmp_path)


def test_lists_in_a_column_are_left_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    lists = pa.array([[1] * 3_000_000, None], pa.list_(pa.int8()))
    pq.write_table(pa.table({"设施类型": ["托育园", "养老院"], "表": lists}), path)
    found = reading(path)
    assert found.layers.facilities is not None
    assert len(found.layers.facilities.rows) == 2
    assert "NESTED_LEFT" in {each.code for each in found.layers.remarks}
