"""The map: one HTML file that asks for nothing outside itself.

folium draws the frame; Leaflet comes from a pinned package and is put into the page, as are our
own script and style. Data stands in the page once, as JSON, and reaches it as text.
"""

from __future__ import annotations

import json
import re
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, cast

from geoplan.assess.model import Assessment
from geoplan.render.marks import map_data
from geoplan.render.whole import write_whole

if TYPE_CHECKING:
    import folium

_CHINA = (35.0, 105.0)  # where a map without any geometry looks
_ID = "geoplan"


def write_map(
    assessment: Assessment, path: Path, *, language: str = "zh", tiles: str | None = None
) -> None:
    """Write the map as one self-contained HTML file."""
    page: str = draw_map(assessment, language=language, tiles=tiles).get_root().render()
    write_whole(path, page.encode("utf-8"))


def draw_map(
    assessment: Assessment, *, language: str = "zh", tiles: str | None = None
) -> folium.Map:
    """The map as a folium object, which shows itself in a notebook.

    ``tiles`` is a template such as ``http://server/{z}/{x}/{y}.png``; without it the page has no
    basemap and never asks the network for anything.
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
    data = json.dumps(map_data(assessment, language), ensure_ascii=False, separators=(",", ":"))
    for part in (
        f"<style>{_leaflet('leaflet.css')}</style>",
        f"<style>{_asset('map.css')}</style>",
        f"<script>{_leaflet('leaflet.js')}</script>",
        f'<script type="application/json" id="geoplan-data">{_inert(data)}</script>',
        f"<script>{_asset('map.js')}</script>",
    ):
        figure.header.add_child(Element(part))
    options = json.dumps({"tiles": tiles})
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
    return (files("geoplan.render") / "assets" / name).read_text(encoding="utf-8")


def _leaflet(name: str) -> str:
    """A file of the Leaflet package, without what would make the page ask for more files."""
    import xstatic.pkg.leaflet as package

    text = (Path(package.BASE_DIR) / name).read_text(encoding="utf-8")
    text = re.sub(r"url\([^)]*\)", "none", text) if name.endswith(".css") else text
    return re.sub(r"//# sourceMappingURL=\S+", "", text)
