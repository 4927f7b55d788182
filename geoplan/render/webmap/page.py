"""The map: one HTML file that asks for nothing outside itself.

folium draws the frame; Leaflet comes from a pinned package and is put into the page, as are our
own script and style. Data stands in the page once, as JSON, and reaches it as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from geoplan.assess.model import Assessment
from geoplan.render.fileset.staging import write_whole
from geoplan.render.public.edition import public_editions
from geoplan.render.sheets.harmless import visible
from geoplan.render.webmap.basemap import Basemap, page_options
from geoplan.render.webmap.ground import ground_data
from geoplan.render.webmap.packing import PACKED_FROM, compact, packed, shared_quotes
from geoplan.render.webmap.page_data import view_data
from geoplan.terms import Words, label

if TYPE_CHECKING:
    import folium

_CHINA = (35.0, 105.0)  # where a map without any geometry looks
_ID = "geoplan"


# More than this hangs a browser: the finest layers are then left off, and the page says so.
MOST_SHAPES, MOST_MARKS = 120_000, 60_000
# A page with more units than this holds one language, or it would be too large to send.
MOST_UNITS_TWICE = 3_000
_SCRIPTS = ("pieces.js", "canvas.js", "table.js", "tools.js", "map.js")


@dataclass(frozen=True, slots=True)
class Moment:
    """A state of the city on the map's slider: its label, the judgement, the programme by then.

    ``programme`` has the steps to mark, as ``render.programme`` makes them.
    """

    label: Words
    assessment: Assessment
    programme: Sequence[Mapping[str, Any]] = ()


def write_map(  # noqa: PLR0913 - each is one thing a page can have
    assessment: Assessment,
    path: Path,
    *,
    language: str = "zh",
    basemap: Basemap | None = None,
    moments: Sequence[Moment] = (),
    review_no: str | None = None,
) -> None:
    """Write the map as one self-contained HTML file; see :func:`draw_map`."""
    drawn = draw_map(
        assessment, language=language, basemap=basemap, moments=moments, review_no=review_no
    )
    page: str = drawn.get_root().render()
    write_whole(path, visible(page).encode("utf-8"))


def page_data(
    assessment: Assessment, language: str, moments: Sequence[Moment] = ()
) -> dict[str, Any]:
    """Everything the page holds: the ground once, and a view for each moment and language."""
    shown = moments or (Moment(Words("", ""), assessment),)
    ground = ground_data(assessment)
    for moment in shown:
        if moment.assessment is not assessment:
            _add_shapes(ground["shapes"], ground_data(moment.assessment)["shapes"])
    left_off = _leave_off(ground["shapes"])
    languages = [language]
    if sum(map(len, ground["shapes"].values())) <= MOST_UNITS_TWICE:
        languages.append("en" if language == "zh" else "zh")
    views = [
        {
            **view_data(moment.assessment, each, ground["shapes"]),
            "programme": list(moment.programme),
            "moment": moment.label.say(each),
        }
        for moment in shown
        for each in languages
    ]
    for view in views:
        _say_left_off(view, left_off)
        view["quotes"] = shared_quotes(view["popups"])
    return {**ground, "languages": languages, "moments": len(shown), "views": views}


def _leave_off(shapes: dict[str, Any]) -> dict[str, int]:
    """Take the finest layers out until a page can carry the rest; how many each had."""
    left_off: dict[str, int] = {}
    for layer in reversed(tuple(shapes)):  # from the largest units to the smallest
        if sum(map(len, shapes.values())) > MOST_SHAPES:
            left_off[layer] = len(shapes[layer])
            shapes[layer] = []
    return left_off


def _say_left_off(view: dict[str, Any], left_off: Mapping[str, int]) -> None:
    """What is not drawn is told in the panel; its popups and marks go too."""
    gone = dict(left_off)
    if len(view["facilities"]) > MOST_MARKS:
        gone["facilities"] = len(view["facilities"])
        view["facilities"] = []
    if not gone:
        return
    language = view["meta"]["language"]
    starts = tuple(f"{layer}/" for layer in gone)
    view["popups"] = {
        key: popup for key, popup in view["popups"].items() if not key.startswith(starts)
    }
    for layer in gone:
        view["units"].pop(layer, None)
    names = ", ".join(
        f"{label('layer', layer, language)} {count:,}" for layer, count in gone.items()
    )
    said = Words(
        f"一个网页装不下，以下没有画出，请看表格：{names}",
        f"too many for one page, not drawn here but in the tables: {names}",
    )
    view["meta"]["left_off"] = said.say(language)


def _add_shapes(shapes: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Units that another moment has and this one not."""
    for layer, found in more.items():
        there = {shape["id"] for shape in shapes[layer]}
        shapes[layer] += [shape for shape in found if shape["id"] not in there]


def draw_map(
    assessment: Assessment,
    *,
    language: str = "zh",
    basemap: Basemap | None = None,
    moments: Sequence[Moment] = (),
    review_no: str | None = None,
) -> folium.Map:
    """The map as a folium object, which shows itself in a notebook.

    Without a ``basemap`` (``render.tiles``) the page never asks the network for anything. ``moments`` are states that a slider shows,
    in their order; without them the page shows ``assessment`` alone. With ``review_no``, the
    approved number of a public map, exact places and small counts are taken out.
    """
    import folium
    from branca.element import Element, Figure

    frame = folium.Map(
        location=_CHINA, zoom_start=4, tiles=None, prefer_canvas=True, zoom_control=False
    )
    # Its own script tags point to other servers; everything the page needs is put in below.
    frame.default_js, frame.default_css = [], []
    frame._id = _ID  # noqa: SLF001 - two runs must write the same page
    figure = cast("Figure", frame.get_root())
    figure._id = _ID  # noqa: SLF001
    figure.title = escape(assessment.study)  # folium puts it into the page as it is
    if review_no is not None:
        told = (assessment, *(each.assessment for each in moments))
        assessment, *states = public_editions(told, review_no)
        moments = [
            replace(each, assessment=state) for each, state in zip(moments, states, strict=True)
        ]
    data = compact(page_data(assessment, language, moments))
    kind = "application/json"
    if len(data) > PACKED_FROM:
        data, kind = packed(data), "text/plain"
    for part in (
        f"<style>{_leaflet('leaflet.css')}</style>",
        f"<style>{_asset('map.css')}</style>",
        f"<script>{_leaflet('leaflet.js')}</script>",
        f'<script type="{kind}" id="geoplan-data">{_inert(data)}</script>',
        f"<script>{''.join(map(_asset, _SCRIPTS))}</script>",
    ):
        figure.header.add_child(Element(part))
    options = json.dumps(page_options(basemap))
    # folium makes the map in a script further down the page.
    call = f"geoplanStart({frame.get_name()}, {_inert(options)})"
    start = f'document.addEventListener("DOMContentLoaded", () => {call});'
    figure.script.add_child(Element(start), name="geoplan-start")
    return frame


def _inert(text: str) -> str:
    r"""JSON that ends no script element and that folium's templates leave alone.

    Examples
    --------
    >>> print(_inert('"</script>{{x}}"'))
    "\u003c/script>{\u007bx}}"
    """
    # Each of these stands inside a JSON string only, so an escape means the same there.
    for mark in ("{{", "{%", "{#"):
        text = text.replace(mark, "{" + f"\\u{ord(mark[1]):04x}")
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _asset(name: str) -> str:
    return (files("geoplan.render.webmap") / "assets" / name).read_text(encoding="utf-8")


def _leaflet(name: str) -> str:
    """A file of the Leaflet package, without what would make the page ask for more files."""
    import xstatic.pkg.leaflet as package

    text = (Path(package.BASE_DIR) / name).read_text(encoding="utf-8")
    text = re.sub(r"url\([^)]*\)", "none", text) if name.endswith(".css") else text
    return re.sub(r"//# sourceMappingURL=\S+", "", text)
