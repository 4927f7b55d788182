"""OpenStreetMap extracts and saved graphs: the same town in each format, walkable ways only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas
import networkx as nx
import numpy as np
import osmium
import osmnx
import pytest
import shapely

from geoplan.errors import DataError
from geoplan.layers.formats.streets.osm import read_osm
from geoplan.layers.formats.streets.walkable import is_walkable
from geoplan.layers.model import Layers
from geoplan.layers.raw_table import RawTable
from geoplan.layers.read import read_layers
from geoplan.reach import build_network
from geoplan.study import LayerFile
from geoplan.terms import terms
from tests.layers.small_town import study

# Nodes by number: longitude and latitude; about 100 m from one to the next.
NODES = {
    1: (107.350, 22.400),
    2: (107.351, 22.400),
    3: (107.352, 22.400),
    4: (107.351, 22.401),
    5: (107.351, 22.399),
    6: (107.3515, 22.401),
    7: (107.3515, 22.399),
}
# The street 1-2-3, a lane that crosses it at node 2, and a footbridge over it without a node.
WAYS: dict[int, tuple[tuple[int, ...], dict[str, str]]] = {
    10: ((1, 2, 3), {"highway": "residential", "name": "新民路", "oneway": "yes"}),
    11: ((4, 2, 5), {"highway": "footway"}),
    12: ((6, 7), {"highway": "footway", "bridge": "yes"}),
    13: ((1, 4), {"highway": "motorway"}),
    14: ((3, 6), {"highway": "service", "access": "private"}),
    15: ((1, 5), {"waterway": "river"}),
}


def xml(ways: dict[int, tuple[tuple[int, ...], dict[str, str]]]) -> str:
    nodes = [f'<node id="{at}" lon="{x}" lat="{y}"/>' for at, (x, y) in NODES.items()]
    drawn = [
        f'<way id="{at}">'
        + "".join(f'<nd ref="{node}"/>' for node in refs)
        + "".join(f"<tag k={quoteattr(key)} v={quoteattr(tags[key])}/>" for key in tags)
        + "</way>"
        for at, (refs, tags) in ways.items()
    ]
    return f'<osm version="0.6">{"".join((*nodes, *drawn))}</osm>'


def write_xml(folder: Path) -> Path:
    path = folder / "town.osm"
    path.write_text(xml(WAYS), encoding="utf-8")
    return path


def write_pbf(folder: Path) -> Path:
    path = folder / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(write_xml(folder))):
            writer.add(thing)
    return path


def write_graphml(folder: Path) -> Path:
    graph = nx.MultiDiGraph(crs="epsg:4326", simplified=True)
    for node, (x, y) in NODES.items():
        graph.add_node(node, x=x, y=y)
    for way in (10, 11, 12, 13):
        (first, *between, last), tags = WAYS[way]
        bends = [NODES[node] for node in (first, *between, last)]
        for line in (bends, bends[::-1]):
            ends = (first, last) if line is bends else (last, first)
            graph.add_edge(*ends, osmid=way, geometry=shapely.LineString(line), length=1.0, **tags)
    path = folder / "town.graphml"
    osmnx.save_graphml(graph, path)
    return path


WRITERS = [write_xml, write_pbf, write_graphml]


def read(path: Path, layer: str = "roads") -> RawTable:
    return read_osm(LayerFile(layer, path), f"{path.name} ({layer})")


def read_study(path: Path) -> Layers:
    return read_layers(study(path.parent, roads=LayerFile("roads", Path(path.name))))


@pytest.mark.parametrize("write", WRITERS)
def test_only_what_can_be_walked_is_read(write: Callable[[Path], Path], tmp_path: Path) -> None:
    raw = read(write(tmp_path))
    assert raw.headings == ("osm_id", "highway", "name")
    assert [str(way) for way in raw.cells(0)] == ["10", "11", "12"]
    assert raw.cells(2)[0] == "新民路"
    assert raw.geometry is not None
    drawn = {tuple(shapely.get_coordinates(line).ravel().tolist()) for line in raw.geometry}
    wanted = {
        tuple(number for node in WAYS[way][0] for number in NODES[node]) for way in (10, 11, 12)
    }
    assert drawn == wanted
    assert str(raw.crs).upper() == "EPSG:4326"


@pytest.mark.parametrize("write", WRITERS)
def test_ways_meet_at_their_nodes_and_a_bridge_does_not(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    layers = read_study(write(tmp_path))
    assert layers.roads is not None
    assert layers.crs is not None
    _, report = build_network(layers.roads.geometry)
    assert report.components == 2
    if write is not write_graphml:  # there the lane has no node at the street
        assert (report.nodes, report.edges) == (7, 5)
    assert report.length_m == pytest.approx(206 + 221.5 + 221.5, abs=2)
    said = {remark.code for remark in layers.remarks}
    assert "OSM_WALKED" in said
    assert {"OSM_WALKED", "OSM_CUT"} <= set(terms("code"))


def test_a_way_cut_at_the_edge_of_the_file_keeps_its_stretches(tmp_path: Path) -> None:
    path = tmp_path / "cut.osm"
    path.write_text(
        xml(
            {
                20: ((1, 2, 99, 3, 4), {"highway": "path"}),
                21: ((5, 98), {"highway": "path"}),
            }
        ),
        encoding="utf-8",
    )
    raw = read(path)
    assert raw.cells(0) == [20, 20]
    (cut,) = (remark for remark in raw.remarks if remark.code == "OSM_CUT")
    assert "2 ways" in cut.detail.en


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cut_off.osm", xml(WAYS)[:300]),
        ("noise.osm.pbf", "no pbf at all" * 9),
        ("cut_off.graphml", "<graphml><key id='d0' attr.name='x'/><graph><node id='1'>"),
        ("no_place.graphml", "<graphml><graph><node id='1'/></graph></graphml>"),
    ],
)
def test_a_damaged_file_is_refused_in_words(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read") as caught:
        read(path)
    assert caught.value.problems[0].where == f"{name} (roads)"


@pytest.mark.parametrize(
    ("name", "text"),
    [("bare.osm", xml({13: WAYS[13]})), ("bare.graphml", "<graphml><graph/></graphml>")],
)
def test_a_file_without_a_walkable_way_is_refused(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"no (way|edge) that can be walked"):
        read(path)


def test_only_roads_are_read_from_an_extract(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="roads only"):
        read(write_xml(tmp_path), "facilities")


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "trunk"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "primary", "sidewalk": "separate"}, True),
        ({"highway": "residential", "access": "destination"}, True),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "motorway", "foot": "designated"}, True),
        ({"highway": "motorway_link"}, False),
        ({"highway": "cycleway"}, False),
        ({"highway": "path", "foot": "no"}, False),
        ({"highway": "residential", "access": "no"}, False),
        ({"highway": "service", "service": "private"}, False),
        ({"highway": "pedestrian", "area": "yes"}, False),
        ({"highway": "construction", "foot": "yes"}, False),
        ({"railway": "tram", "foot": "yes"}, False),
    ],
)
def test_the_table_of_tags(tags: dict[str, str], walked: bool) -> None:  # noqa: FBT001
    assert is_walkable(tags) is walked


def test_a_graph_without_tags_is_walked_whole(tmp_path: Path) -> None:
    graph = nx.MultiDiGraph(crs="epsg:32648")
    graph.add_node("a", x=0.0, y=0.0)
    graph.add_node("b", x=300.0, y=400.0)
    graph.add_edge("a", "b")
    graph.add_edge("b", "a")
    path = tmp_path / "plain.graphml"
    nx.write_graphml(graph, path)
    raw = read(path)
    assert raw.crs == "epsg:32648"
    assert raw.geometry is not None
    assert np.asarray(shapely.length(raw.geometry)).tolist() == [500.0]


@pytest.mark.parametrize("names", [("nodes", "edges"), ("edges", "nodes"), ("Nodes", "Edges")])
def test_of_a_saved_network_the_edges_are_read(tmp_path: Path, names: tuple[str, str]) -> None:
    shapes = {
        "nodes": [shapely.Point(107.35, 22.40), shapely.Point(107.36, 22.40)],
        "edges": [shapely.LineString([(107.35, 22.40), (107.36, 22.40)])],
    }
    for name in names:
        frame = geopandas.GeoDataFrame(geometry=shapes[name.lower()], crs="EPSG:4326")
        frame.to_file(tmp_path / "roads.gpkg", layer=name)
    layers = read_layers(study(tmp_path, roads="roads.gpkg"))
    assert layers.roads is not None
    assert len(layers.roads.geometry) == 1
    (told,) = [remark for remark in layers.remarks if remark.code == "EDGES_READ"]
    assert told.layer == "roads"
