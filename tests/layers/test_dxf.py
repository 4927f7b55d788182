"""CAD drawings, written here entity by entity as R12 has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoplan.errors import DataError
from geoplan.layers.formats.drawings.dxf import read_dxf
from geoplan.layers.raw_table import RawTable
from geoplan.study import LayerFile

Points = list[tuple[float, float]]
SQUARE: Points = [(0, 0), (100, 0), (100, 100), (0, 100)]


def polyline(layer: str, points: Points, *, closed: bool) -> list[object]:
    pairs: list[object] = [0, "POLYLINE", 8, layer, 66, 1, 70, int(closed)]
    for x, y in points:
        pairs += [0, "VERTEX", 8, layer, 10, 433000 + x, 20, 2478000 + y]
    return [*pairs, 0, "SEQEND"]


def text(layer: str, words: str, x: float, y: float) -> list[object]:
    return [0, "TEXT", 8, layer, 10, 433000 + x, 20, 2478000 + y, 40, 5, 1, words]


def write(folder: Path, *entities: list[object]) -> Path:
    head: list[object] = [0, "SECTION", 2, "HEADER", 9, "$DWGCODEPAGE", 3, "ANSI_936", 0, "ENDSEC"]
    body = [each for entity in entities for each in entity]
    pairs = [*head, 0, "SECTION", 2, "ENTITIES", *body, 0, "ENDSEC", 0, "EOF"]
    path = folder / "a.dxf"
    path.write_bytes("\n".join(map(str, pairs)).encode("gbk") + b"\n")
    return path


def read(path: Path, layer: str = "compounds", part: str | None = None) -> RawTable:
    return read_dxf(LayerFile(layer, path, sublayer=part), "a.dxf")


def test_closed_polylines_are_polygons_named_by_the_text_in_them(tmp_path: Path) -> None:
    far: Points = [(x + 500, y) for x, y in SQUARE]
    raw = read(
        write(
            tmp_path,
            polyline("小区边界", SQUARE, closed=True),
            polyline("小区边界", [*far, far[0]], closed=False),  # drawn back to its start
            text("注记", "幸福小区", 50, 50),
        )
    )
    assert raw.geometry is not None
    assert [(each.geom_type, each.area) for each in raw.geometry] == [("Polygon", 10_000)] * 2
    assert raw.columns[1] == ["幸福小区", None]
    assert raw.crs is None


def test_open_polylines_are_no_areas_and_are_told(tmp_path: Path) -> None:
    path = write(
        tmp_path, polyline("边界", SQUARE, closed=True), polyline("边界", SQUARE, closed=False)
    )
    raw = read(path)
    assert len(raw.rows) == 1
    assert [(each.code, each.set_aside) for each in raw.remarks] == [("OPEN_LINE", True)]


def test_a_cad_layer_is_chosen_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, polyline("甲", SQUARE, closed=True), polyline("乙", SQUARE, closed=True))
    with pytest.raises(DataError, match="甲, 乙"):
        read(path)
    assert len(read(path, part="乙").rows) == 1


def test_lines_are_streets(tmp_path: Path) -> None:
    path = write(
        tmp_path, polyline("道路", [(0, 0), (900, 0)], closed=False), text("道路", "太平路", 5, 5)
    )
    raw = read(path, layer="roads")
    assert raw.geometry is not None
    assert [each.length for each in raw.geometry] == [900]


def test_several_texts_give_no_name(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        polyline("边界", SQUARE, closed=True),
        text("注记", "幸福小区", 20, 20),
        text("注记", "1号楼", 60, 60),
    )
    raw = read(path)
    assert raw.columns[1] == [None]
    assert [each.code for each in raw.remarks] == ["DXF_TEXTS"]


def test_nonsense_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    path.write_bytes(b"no drawing")
    with pytest.raises(DataError):
        read(path)


def test_entities_without_a_place_are_told(tmp_path: Path) -> None:
    endless: Points = [(float("inf"), 0), (1, 1), (2, 2), (3, 0)]
    path = write(
        tmp_path, polyline("甲", SQUARE, closed=True), polyline("甲", endless, closed=True)
    )
    raw = read(path)
    assert len(raw.rows) == 1
    assert [each.code for each in raw.remarks] == ["BAD_GEOMETRY"]
