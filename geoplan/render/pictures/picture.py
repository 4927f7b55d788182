"""The maps of the report as pictures: the classes and colours of the HTML map on paper.

Everything is drawn in the study's metric CRS, so the scale bar holds. Without a font that has
Chinese characters the labels are English and units bear their ids, never empty boxes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from geoplan.assess.model import Assessment
from geoplan.render.pictures.furniture import (
    Pen,
    draw_legend,
    draw_north,
    draw_scale,
    draw_title,
    pen_of,
)
from geoplan.render.pictures.map_layers import (
    DPI,
    HEIGHT_IN,
    LIFT,
    MAP_BOX,
    WIDTH_IN,
    beyond,
    draw_borders,
    draw_marks,
    draw_names,
    draw_roads,
    draw_units,
    drawn_bounds,
    has_shapes,
    named_units,
    shapes_of,
)
from geoplan.render.pictures.paper_themes import paper_measures
from geoplan.render.webmap.ground import Data
from geoplan.render.webmap.themes import CENTER, CHILDCARE, list_measures

_POOLED = ("community", "rc", "compound")  # the official level first
_MM_PER_INCH, _POINTS = 25.4, 72
PAPERS = {"A0": (841, 1189), "A1": (594, 841), "A2": (420, 594), "A3": (297, 420), "A4": (210, 297)}
PICTURES = ("png", "svg", "pdf")


def picture_themes(assessment: Assessment) -> tuple[str, ...]:
    """The themes a report shows, as far as their layers have shapes: coverage, then area ratios."""
    known = {each["id"]: each["layer"] for each in list_measures(assessment, "en")}
    drawn = [key for key, layer in known.items() if has_shapes(assessment, layer)]
    ratios = (
        next((f"{level}_{kind}_ratio" for level in _POOLED if f"{level}_{kind}_ratio" in drawn), "")
        for kind in ("elder", "childcare")
    )
    return tuple(key for key in (CENTER, CHILDCARE, *ratios) if key in drawn)


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper in inches, and its resolution where it is made of dots."""

    width_in: float = WIDTH_IN
    height_in: float = HEIGHT_IN
    dpi: float = DPI


def paper_of(name: str, *, portrait: bool, dpi: float) -> Paper:
    """A4, A3, A2, A1 or A0, across or upright.

    Examples
    --------
    >>> sheet = paper_of("A3", portrait=False, dpi=300)
    >>> round(sheet.width_in * 25.4), round(sheet.height_in * 25.4)
    (420, 297)
    """
    short, long = PAPERS[name]
    width, height = (short, long) if portrait else (long, short)
    return Paper(width / _MM_PER_INCH, height / _MM_PER_INCH, dpi)


def drawable_themes(assessment: Assessment) -> dict[str, str]:
    """Every theme whose layer has shapes, with the title it has in Chinese."""
    return {
        each["id"]: each["title"]
        for each in _measures(assessment, "zh")
        if has_shapes(assessment, each["layer"])
    }


def _measures(assessment: Assessment, language: str) -> list[Data]:
    return [*list_measures(assessment, language), *paper_measures(assessment, language)]


def draw_picture(
    assessment: Assessment,
    theme: str,
    *,
    language: str = "zh",
    paper: Paper | None = None,
    form: str = "png",
) -> bytes:
    """One theme as ``png``, ``svg`` or ``pdf``; the same bytes each time on one machine.

    Parameters
    ----------
    assessment : what is shown.
    theme : a key of :func:`drawable_themes`.
    language : ``zh`` or ``en``.
    paper : the size of the sheet; that of a report's figure when ``None``. Everything on the sheet
        grows with it.
    form : text in a PDF can be searched; in an SVG it is outlines, so that it opens anywhere.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sheet = paper or Paper()
    # Drawn at the size of a report's figure and enlarged, so that lines and letters grow too.
    height_in = WIDTH_IN * sheet.height_in / sheet.width_in
    grows = sheet.width_in / WIDTH_IN
    pen = pen_of(language)
    measure = next(m for m in _measures(assessment, pen.language) if m["id"] == theme)
    style: Any = {
        "font.family": list(pen.fonts),
        "hatch.linewidth": 0.45,
        "axes.unicode_minus": False,
        "text.parse_math": False,
        "pdf.fonttype": 3,  # a font of outlines, as most Chinese ones are, cannot be embedded as 42
        "svg.fonttype": "path",
        "svg.hashsalt": "geoplan",
    }
    with rc_context(style):
        figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, facecolor="white")
        FigureCanvasAgg(figure)
        _draw_sheet(figure, assessment, measure, pen)
        made = BytesIO()
        figure.savefig(made, format=form, dpi=sheet.dpi * grows, metadata=_METADATA[form])
    return _ENLARGED[form](made.getvalue(), sheet)


def _enlarged_svg(svg: bytes, sheet: Paper) -> bytes:
    """The same drawing in a larger frame: its own units stay those of the view box."""
    width, height = (
        f"{inches * _MM_PER_INCH:.6g}mm" for inches in (sheet.width_in, sheet.height_in)
    )
    text = svg.decode("utf-8")
    sized = re.sub(
        r'<svg ([^>]*?)width="[^"]*" height="[^"]*"|<svg ([^>]*?)height="[^"]*"( [^>]*?)width="[^"]*"',
        lambda found: (
            f'<svg {found[1] or found[2] or ""}{found[3] or ""}width="{width}" height="{height}"'
        ),
        text,
        count=1,
    )
    return sized.encode("utf-8")


def _enlarged_pdf(pdf: bytes, sheet: Paper) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    page = writer.add_page(PdfReader(BytesIO(pdf)).pages[0])
    page.scale_to(sheet.width_in * _POINTS, sheet.height_in * _POINTS)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


# No dates, no names of programs: two runs write the same bytes.
_METADATA: Mapping[str, Any] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_ENLARGED: Mapping[str, Callable[[bytes, Paper], bytes]] = {
    "png": lambda made, _: made,
    "svg": _enlarged_svg,
    "pdf": _enlarged_pdf,
}


# ------------------------------------------------------------------------------- the sheet


def _draw_sheet(figure: Any, assessment: Assessment, measure: Data, pen: Pen) -> None:
    shapes = shapes_of(assessment, measure["layer"])
    frame = drawn_bounds(measure, shapes, float(figure.get_figheight()))
    axes = figure.add_axes(MAP_BOX)
    axes.set_xlim(frame[0], frame[2])
    axes.set_ylim(frame[1], frame[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#fbfbf8")
    draw_roads(axes, assessment)
    draw_units(axes, measure, shapes)
    draw_borders(axes, assessment)
    marked = draw_marks(axes, assessment, measure)
    lift = LIFT if measure.get("bare") else 0.0  # above the circles
    draw_names(axes, named_units(assessment, measure, shapes, pen), lift=lift)
    draw_scale(axes, pen)
    draw_north(axes, pen)
    draw_legend(figure, measure, marked, beyond=beyond(axes, measure, shapes), pen=pen)
    draw_title(figure, assessment, measure, pen)


# ------------------------------------------------------------------------------- the ground


# -------------------------------------------------------------------------------- facilities


# ------------------------------------------------------------------------------------- names


# ---------------------------------------------------------------------------------- furniture
