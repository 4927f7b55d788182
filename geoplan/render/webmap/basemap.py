"""The basemap that a user asks for: 天地图, a tile server, a WMTS or a folder of tiles.

Belongs here: what ``--tiles`` means. Without it the page has no basemap and asks for nothing. A
token is never written into the page unless that is asked for: the page asks its reader for one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from geoplan.errors import Problem, StudyError
from geoplan.terms import Words

TIANDITU, TOKEN_VARIABLE = "tianditu", "TIANDITU_TOKEN"
_TIANDITU = (
    "https://t{s}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={token}"
)
_WMTS = {"{TileMatrix}": "{z}", "{TileRow}": "{y}", "{TileCol}": "{x}"}
_SHIFTED = {
    "autonavi.com": "GCJ-02",
    "amap.com": "GCJ-02",
    "google.cn": "GCJ-02",
    "gtimg.com": "GCJ-02",
    "bdimg.com": "BD-09",
    "baidu.com": "BD-09",
}
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True)
class Basemap:
    """Templates of tiles from the bottom up; ``token`` where one is written into the page.

    ``asks_token`` says that the page must ask for one; ``datum`` is that of a basemap which is
    shifted against the data, empty where it is not known to be.
    """

    templates: tuple[str, ...]
    asks_token: bool = False
    token: str | None = None
    datum: str = ""


def read_basemap(text: str, page: Path, *, with_token: bool = False) -> Basemap:
    """What ``--tiles`` asks for.

    Parameters
    ----------
    text : ``tianditu``, a template with ``{z}``, ``{x}`` and ``{y}`` (or those of WMTS), or a
        folder with tiles ``z/x/y.png``.
    page : the file that will be written; a folder of tiles is named relative to it.
    with_token : write the token of 天地图 from the environment into the page.

    Raises
    ------
    StudyError
        it is none of these, the folder has no tiles, or there is no token to write.

    Examples
    --------
    >>> read_basemap("http://maps.gov/{TileMatrix}/{TileRow}/{TileCol}", Path("map.html")).templates
    ('http://maps.gov/{z}/{y}/{x}',)
    >>> read_basemap("https://webrd01.is.autonavi.com/{z}/{x}/{y}", Path("map.html")).datum
    'GCJ-02'
    """
    if text == TIANDITU:
        return _tianditu(with_token=with_token)
    template = text
    for theirs, ours in _WMTS.items():
        template = template.replace(theirs, ours)
    if all(mark in template for mark in ("{z}", "{x}", "{y}")):
        return Basemap((template,), datum=_datum_of(template))
    if Path(text).is_dir():
        return Basemap((_folder_template(Path(text), page),))
    raise _problem(
        text,
        Words("不是底图", "is no basemap"),
        Words(
            "请写 tianditu、带 {z}/{x}/{y} 的地址模板或瓦片文件夹。",
            "Write tianditu, a template with {z}/{x}/{y}, or a folder of tiles.",
        ),
    )


def _problem(text: str, fault: Words, remedy: Words) -> StudyError:
    return StudyError(Problem(f"--tiles {text}", fault, remedy))


def _tianditu(*, with_token: bool) -> Basemap:
    templates = tuple(_TIANDITU.replace("{layer}", layer) for layer in ("vec", "cva"))
    if not with_token:
        return Basemap(templates, asks_token=True)
    token = os.environ.get(TOKEN_VARIABLE)
    if not token:
        raise _problem(
            TIANDITU,
            Words(f"环境变量 {TOKEN_VARIABLE} 没有值", f"{TOKEN_VARIABLE} is not set"),
            Words("请设置，或去掉 --with-token。", "Set it, or leave out --with-token."),
        )
    return Basemap(templates, token=token)


def _datum_of(template: str) -> str:
    host = urlsplit(template).hostname or ""
    known = (datum for end, datum in _SHIFTED.items() if host == end or host.endswith(f".{end}"))
    return next(known, "")


def _folder_template(folder: Path, page: Path) -> str:
    first = next((each for each in sorted(folder.glob("*/*/*")) if each.suffix in _SUFFIXES), None)
    if first is None:
        raise _problem(
            str(folder),
            Words("文件夹里没有瓦片", "holds no tiles"),
            Words("瓦片应为 z/x/y.png。", "Tiles are z/x/y.png."),
        )
    relative = os.path.relpath(folder.resolve(), page.resolve().parent)
    return f"{Path(relative).as_posix()}/{{z}}/{{x}}/{{y}}{first.suffix}"


def page_options(basemap: Basemap | None) -> Mapping[str, object]:
    """The basemap as the page's script takes it."""
    if basemap is None:
        return {"tiles": []}
    return {
        "tiles": list(basemap.templates),
        "token": basemap.token,
        "asksToken": basemap.asks_token,
        "datum": basemap.datum,
    }
