"""Streets fetched from OpenStreetMap: the only place where geoplan uses the network.

Belongs here: asking a server, and saving what it said with its licence and day. Does not belong
here: reading a saved file (``formats``) or which ways are walked (``formats.walkable``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from geoplan.errors import DataError
from geoplan.layers.files import sha256_of
from geoplan.layers.formats.streets.walkable import is_walkable
from geoplan.layers.raw_table import refuse
from geoplan.terms import Words

LICENCE = "ODbL 1.0, © OpenStreetMap contributors"
_FILTER = '["highway"]["area"!~"yes"]'

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Order:
    """What to fetch and from where.

    Parameters
    ----------
    area : the name of a place, or west, south, east, north in degrees (WGS 84).
    endpoint : of an Overpass server; osmnx's own if ``None``.
    geocoder : of a Nominatim server, to find a place by its name; osmnx's own if ``None``.
    """

    area: str | Box
    endpoint: str | None = None
    geocoder: str | None = None


def read_box(text: str) -> Box:
    """West, south, east and north from the command line.

    Raises
    ------
    DataError
        where these are not four numbers in this order.

    Examples
    --------
    >>> read_box("107.3,22.3,107.4,22.5")
    (107.3, 22.3, 107.4, 22.5)
    """
    try:
        west, south, east, north = (float(part) for part in re.split(r"[,，\s]+", text.strip()))
    except ValueError:
        raise _no_box(text) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
        raise _no_box(text)
    return west, south, east, north


def fetch_streets(order: Order, path: Path, *, day: date) -> int:
    """Fetch the walkable streets of an area into a GeoPackage; returns how many lines it holds.

    The file's origin, licence, day and checksum are added to ``SOURCES.toml`` beside it.

    Raises
    ------
    DataError
        where the file is there already, the server does not answer, or nothing can be walked.
    """
    if path.suffix.lower() != ".gpkg":
        raise _no_geopackage(path)
    if path.exists():
        raise _there_already(path)
    lines = _walkable_lines(_ask(order), str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines.to_file(path, layer="roads", engine="pyogrio")
        with (path.parent / "SOURCES.toml").open("a", encoding="utf-8", newline="\n") as sources:
            sources.write(_entry(order, path, day))
    except OSError as fault:
        raise _not_written(path, fault) from fault
    return len(lines)


def _ask(order: Order) -> Any:
    """The graph of all ways with a highway tag, a node at every vertex."""
    import osmnx
    import requests

    how: dict[str, Any] = {
        "custom_filter": _FILTER,
        "simplify": False,
        "retain_all": True,
        "truncate_by_edge": True,
    }
    with _settings(order):
        try:
            if isinstance(order.area, str):
                return osmnx.graph_from_place(order.area, **how)
            return osmnx.graph_from_bbox(order.area, **how)
        except (requests.RequestException, OSError, ValueError, TypeError) as fault:
            raise _no_answer(order, fault) from fault


@contextmanager
def _settings(order: Order) -> Iterator[None]:
    """The settings of osmnx for one order; they are global there and are put back."""
    from osmnx import settings

    changes = {
        "overpass_url": order.endpoint or settings.overpass_url,
        "nominatim_url": order.geocoder or settings.nominatim_url,
        "overpass_rate_limit": order.endpoint is None,
        "use_cache": False,
        "useful_tags_way": ["highway", "name", "foot", "access", "service", "area", "oneway"],
    }
    before = {key: getattr(settings, key) for key in changes}
    try:
        for key, value in changes.items():
            setattr(settings, key, value)
        yield
    finally:
        for key, value in before.items():
            setattr(settings, key, value)


def _walkable_lines(graph: Any, where: str) -> Any:
    """One line for each stretch of a way between two joints."""
    import osmnx

    closed = [
        (start, end, key)
        for start, end, key, tags in graph.edges(keys=True, data=True)
        if not is_walkable({name: str(value) for name, value in tags.items()})
    ]
    graph.remove_edges_from(closed)
    if graph.number_of_edges() == 0:
        raise _nothing(where)
    joined = osmnx.simplify_graph(graph, edge_attrs_differ=["osmid"], remove_rings=False)
    edges = osmnx.graph_to_gdfs(osmnx.convert.to_undirected(joined), nodes=False)
    lines = edges.rename(columns={"osmid": "osm_id"})
    for column in ("highway", "name"):
        lines[column] = lines[column].astype(str) if column in lines else None
    return lines[["osm_id", "highway", "name", "geometry"]].reset_index(drop=True)


def _entry(order: Order, path: Path, day: date) -> str:
    """What ``SOURCES.toml`` says of the file."""
    area = order.area if isinstance(order.area, str) else ",".join(map(str, order.area))
    server = f", server {order.endpoint}" if order.endpoint else ""
    source = f"{path.stem}-{day.isoformat()}"
    origin = f"OpenStreetMap by way of Overpass{server}: {area}"
    return f"""
[[source]]
id = {_quoted(source)}
origin = {_quoted(origin)}
date = "{day.isoformat()}"
licence = {_quoted(LICENCE)}
used_for = "streets on foot"

[[file]]
name = {_quoted(path.name)}
sources = [{_quoted(source)}]
datum = "EPSG:4326"
sha256 = "{sha256_of(path)}"
"""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _no_box(text: str) -> DataError:
    return refuse(
        f"--bbox {text}",
        Words("不是四个角坐标", "is no box of four numbers"),
        Words(
            "请写成 西,南,东,北（经纬度），如 107.3,22.3,107.4,22.5。",
            "Write west,south,east,north in degrees, such as 107.3,22.3,107.4,22.5.",
        ),
    )


def _no_geopackage(path: Path) -> DataError:
    return refuse(
        str(path),
        Words("街道只存为 GeoPackage", "streets are saved as a GeoPackage only"),
        Words("请写成 .gpkg 文件名。", "Name a file that ends in .gpkg."),
    )


def _there_already(path: Path) -> DataError:
    return refuse(
        str(path),
        Words("文件已存在，不覆盖", "the file is there already and is not overwritten"),
        Words("请用 --out 换一个文件名。", "Name another with --out."),
    )


def _not_written(path: Path, fault: OSError) -> DataError:
    return refuse(
        str(path),
        Words(f"写不进去（{fault.strerror}）", f"cannot be written ({fault.strerror})"),
        Words("请换一个文件夹。", "Name a file in another folder."),
    )


def _no_answer(order: Order, fault: BaseException) -> DataError:
    words = " ".join(str(fault).split())[:200]
    return refuse(
        "fetch osm",
        Words(f"没有取到数据（{words}）", f"nothing could be fetched ({words})"),
        Words(
            "请检查网络、地名或范围，或用 --endpoint 换一个 Overpass 服务器。",
            "Check the network and the place or box, or name another Overpass server with --endpoint.",
        )
        if isinstance(order.area, tuple)
        else Words(
            "请检查网络与地名，改用 --bbox，或用 --endpoint、--geocoder 换服务器。",
            "Check the network and the name, use --bbox, or name other servers with --endpoint "
            "and --geocoder.",
        ),
    )


def _nothing(where: str) -> DataError:
    return refuse(
        where,
        Words("范围内没有可步行的道路", "there is no way that can be walked in the area"),
        Words("请核对范围。", "Check the area."),
    )
