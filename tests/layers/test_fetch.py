"""Fetching streets, against a server of our own on this machine."""

from __future__ import annotations

import json
import socket
import tomllib
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner, Result

from geoplan.cli import main
from geoplan.layers.read import read_layers
from geoplan.reach import build_network
from geoplan.study import LayerFile
from tests.layers.small_town import study
from tests.layers.test_osm import NODES, WAYS

BOX = "107.349,22.398,107.353,22.402"


class Overpass(BaseHTTPRequestHandler):
    """Answers every query with the small town; a place is a box around it."""

    asked: ClassVar[list[str]] = []
    ways: ClassVar[dict[int, Any]] = WAYS

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append(parse_qs(body)["data"][0])
        nodes = [{"type": "node", "id": at, "lon": x, "lat": y} for at, (x, y) in NODES.items()]
        ways = [
            {"type": "way", "id": at, "nodes": refs, "tags": tags}
            for at, (refs, tags) in self.ways.items()
            if "highway" in tags
        ]
        self.answer({"elements": [*nodes, *ways]})

    def do_GET(self) -> None:
        self.asked.append(self.path)
        west, south, east, north = (float(part) for part in BOX.split(","))
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        names = {"display_name": "x", "name": "x", "class": "place", "type": "town"}
        box = [str(south), str(north), str(west), str(east)]
        place = {"geojson": shape, "boundingbox": box, "lat": "22.4", "lon": "107.35"}
        more = {"importance": 1, "place_id": 1, "osm_type": "relation", "osm_id": 1}
        self.answer([place | names | more])

    def answer(self, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing on the screen."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)  # osmnx replaces it
    monkeypatch.setattr(Overpass, "asked", [])
    with HTTPServer(("127.0.0.1", 0), Overpass) as opened:
        thread = Thread(target=opened.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{opened.server_port}"
        opened.shutdown()
        thread.join()


def fetch(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fetch", "osm", "--lang", "en", *arguments])


@pytest.mark.parametrize("by", ["box", "place"])
def test_what_is_fetched_is_a_network_with_its_origin(server: str, by: str, tmp_path: Path) -> None:
    out = tmp_path / "data" / "streets.gpkg"
    area = ["--bbox", BOX] if by == "box" else ["--place", "新民", "--geocoder", server]
    done = fetch(*area, "--endpoint", server, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "ODbL" in done.output
    layers = read_layers(study(out.parent, roads=LayerFile("roads", Path(out.name))))
    assert layers.roads is not None
    _, report = build_network(layers.roads.geometry)
    assert (report.components, report.nodes, report.edges) == (2, 7, 5)
    sources = tomllib.loads((out.parent / "SOURCES.toml").read_text(encoding="utf-8"))
    (source,), (file,) = sources["source"], sources["file"]
    assert "ODbL" in source["licence"]
    assert file["sources"] == [source["id"]]
    assert file["sha256"] == sha256(out.read_bytes()).hexdigest()
    assert any('["highway"]' in asked for asked in Overpass.asked)
    assert any("search" in asked for asked in Overpass.asked) is (by == "place")


def test_a_second_file_is_added_to_the_sources(server: str, tmp_path: Path) -> None:
    for name in ("one.gpkg", "two.gpkg"):
        out = str(tmp_path / name)
        assert fetch("--bbox", BOX, "--endpoint", server, "--out", out).exit_code == 0
    sources = tomllib.loads((tmp_path / "SOURCES.toml").read_text(encoding="utf-8"))
    assert [file["name"] for file in sources["file"]] == ["one.gpkg", "two.gpkg"]


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "roads.gpkg"
    out.write_text("mine", encoding="utf-8")
    done = fetch("--bbox", BOX, "--endpoint", "http://127.0.0.1:9", "--out", str(out))
    assert done.exit_code == 2
    assert "not overwritten" in done.output
    assert out.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_refused(server: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    done = fetch("--bbox", BOX, "--endpoint", server, "--out", str(tmp_path / "taken" / "a.gpkg"))
    assert done.exit_code == 2
    assert "cannot be written" in done.output


def test_nothing_to_walk_is_refused(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Overpass, "ways", {13: WAYS[13]})
    out = tmp_path / "roads.gpkg"
    done = fetch("--bbox", BOX, "--endpoint", server, "--out", str(out))
    assert done.exit_code == 2
    assert "can be walked" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
    done = fetch("--bbox", BOX, "--endpoint", closed, "--out", str(tmp_path / "roads.gpkg"))
    assert done.exit_code == 2
    assert "--endpoint" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "either a place or a box"),
        (("--place", "a", "--bbox", BOX), "either a place or a box"),
        (("--bbox", "107,22,108"), "no box of four numbers"),
        (("--bbox", "108,22,107,23"), "no box of four numbers"),
        (("--bbox", "a,b,c,d"), "no box of four numbers"),
        (("--bbox", BOX, "--out", "roads.shp"), "GeoPackage only"),
    ],
)
def test_what_is_asked_wrongly_is_refused(arguments: tuple[str, ...], said: str) -> None:
    done = fetch(*arguments)
    assert done.exit_code == 2
    assert said in done.output
