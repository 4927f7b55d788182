"""The maps of the report as pictures: the classes and colours of the HTML map on paper.

Everything is drawn in the study's metric CRS, so the scale bar holds. Without a font that has
Chinese characters the labels are English and units bear their ids, never empty boxes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import shapely

from geoplan.assess.model import Assessment
from geoplan.layers.model import Facility, rows_of
from geoplan.render.palette import MARKS
from geoplan.render.pictures.fonts import LATIN, chinese_fonts, read_font
from geoplan.render.pictures.paper_themes import paper_measures
from geoplan.render.webmap.marks import MOST_ROAD_POINTS, Data, crs_words, list_measures, note_words
from geoplan.terms import Words, facility_types, label

_CENTER = "jiedao_elder_center_coverage"
_CHILDCARE = "rc_childcare_coverage"
_POOLED = ("community", "rc", "compound")  # the official level first
_HATCHES = {"": "", "lines": "///", "dots": "...", "cross": "xxx"}
_WIDTH_IN, _HEIGHT_IN, _DPI = 6.5, 4.5, 200
_MM_PER_INCH, _POINTS = 25.4, 72
PAPERS = {"A0": (841, 1189), "A1": (594, 841), "A2": (420, 594), "A3": (297, 420), "A4": (210, 297)}
PICTURES = ("png", "svg", "pdf")
_MAP_BOX = (0.015, 0.085, 0.69, 0.825)  # left, bottom, width, height of the drawn ground
_MARGIN = 0.04
_LABELS_AT_MOST = 60
_LIFT = 5.0
_GONE = frozenset({"closed", "suspended", "unknown"})
_OPEN = frozenset({"operating", "trial"})

_WORDS = {
    "legend": Words("图例", "Legend"),
    "north": Words("北", "N"),
    "day": Words("数据截至", "as of"),
    "crs": Words("坐标系", "CRS"),
    "open": Words("运营", "operating"),
    "coming": Words("在建、规划或闲置", "not in operation"),
    "outside": Words("图幅外另有", "beyond the sheet:"),
    "jiedao": Words("街道（镇）界", "sub-district border"),
    "total": Words("合计", "total"),
}

_AREAS = frozenset({"Polygon", "MultiPolygon"})


@dataclass(frozen=True, slots=True)
class Pen:
    """What a picture is written with: the language, the fonts, whether one has a character."""

    language: str
    fonts: tuple[str, ...]
    has: Callable[[str], bool]

    def say(self, words: Words) -> str:
        """The words in the picture's language."""
        return self.write(words.say(self.language))

    def write(self, text: str) -> str:
        """Text of the data as far as the fonts have its characters; others become ``?``."""
        return "".join(each if self.has(each) else "?" for each in _seen(text))

    def name(self, key: str, name: str) -> str:
        """A name, or its id where the fonts cannot write the name."""
        seen = _seen(name)
        return seen if seen and all(map(self.has, seen)) else self.write(key)


def _seen(text: str) -> str:
    """Text on one line, without what has no shape."""
    return "".join(
        " " if each.isspace() else each for each in text if each.isprintable() or each.isspace()
    )


def picture_themes(assessment: Assessment) -> tuple[str, ...]:
    """The themes a report shows, as far as their layers have shapes: coverage, then area ratios."""
    known = {each["id"]: each["layer"] for each in list_measures(assessment, "en")}
    drawn = [key for key, layer in known.items() if _has_shapes(assessment, layer)]
    ratios = (
        next((f"{level}_{kind}_ratio" for level in _POOLED if f"{level}_{kind}_ratio" in drawn), "")
        for kind in ("elder", "childcare")
    )
    return tuple(key for key in (_CENTER, _CHILDCARE, *ratios) if key in drawn)


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper in inches, and its resolution where it is made of dots."""

    width_in: float = _WIDTH_IN
    height_in: float = _HEIGHT_IN
    dpi: float = _DPI


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
        if _has_shapes(assessment, each["layer"])
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
    height_in = _WIDTH_IN * sheet.height_in / sheet.width_in
    grows = sheet.width_in / _WIDTH_IN
    pen = _pen(language)
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
        figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=_DPI, facecolor="white")
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


def _pen(language: str) -> Pen:
    """The pen for a language: English where Chinese cannot be written."""
    chinese = chinese_fonts()
    fonts = (*chinese, LATIN)
    known = [read_font(name) for name in fonts]
    return Pen(
        language if chinese else "en",
        fonts,
        lambda each: any(font.get_char_index(ord(each)) for font in known),
    )


# ------------------------------------------------------------------------------- the sheet


def _draw_sheet(figure: Any, assessment: Assessment, measure: Data, pen: Pen) -> None:
    shapes = _shapes(assessment, measure["layer"])
    frame = _frame(measure, shapes, float(figure.get_figheight()))
    axes = figure.add_axes(_MAP_BOX)
    axes.set_xlim(frame[0], frame[2])
    axes.set_ylim(frame[1], frame[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#fbfbf8")
    _draw_roads(axes, assessment)
    _draw_units(axes, measure, shapes)
    _draw_borders(axes, assessment)
    marked = _draw_marks(axes, assessment, measure)
    lift = _LIFT if measure.get("bare") else 0.0  # above the circles
    _draw_names(axes, _named_units(assessment, measure, shapes, pen), lift=lift)
    _draw_scale(axes, pen)
    _draw_north(axes, pen)
    _draw_legend(figure, measure, marked, beyond=_beyond(axes, measure, shapes), pen=pen)
    _draw_title(figure, assessment, measure, pen)


def _has_shapes(assessment: Assessment, layer: str) -> bool:
    return any(place is not None and not place.is_empty for place in _places(assessment, layer))


def _places(assessment: Assessment, name: str) -> Iterable[Any]:
    layer = getattr(assessment.layers, name)
    return () if layer is None or layer.geometry is None else layer.geometry


def _shapes(assessment: Assessment, name: str) -> dict[str, shapely.Geometry]:
    rows = rows_of(getattr(assessment.layers, name))
    return {
        row.id: place
        for row, place in zip(rows, _places(assessment, name), strict=False)
        if place is not None and not place.is_empty
    }


def _frame(
    measure: Data, shapes: Mapping[str, shapely.Geometry], height_in: float
) -> tuple[float, float, float, float]:
    """West, south, east, north of everything that has a class of its own."""
    keys = [
        key
        for key, index in measure["classes"].items()
        if key in shapes and not _is_backdrop(measure, index)
    ]
    framed = [shapes[key] for key in keys] or list(shapes.values())
    west, south, east, north = shapely.total_bounds(np.array(framed, dtype=object)).tolist()
    shape = _MAP_BOX[2] * _WIDTH_IN / (_MAP_BOX[3] * height_in)
    middle = ((west + east) / 2, (south + north) / 2)
    return _fill_sheet(*middle, east - west, north - south, shape=shape)


def _fill_sheet(
    x: float, y: float, width_m: float, height_m: float, *, shape: float
) -> tuple[float, float, float, float]:
    """The frame around a middle with a margin, in the proportions of the drawn ground."""
    half = max(width_m, height_m * shape, 1.0) * (0.5 + _MARGIN)
    return x - half, y - half / shape, x + half, y + half / shape


def _is_backdrop(measure: Data, index: int) -> bool:
    """Whether a class only says that a unit is not meant: 不是街道, 不适用."""
    return str(measure["legend"][index]["color"]) == "#f5f5f5"


def _beyond(axes: Any, measure: Data, shapes: Mapping[str, shapely.Geometry]) -> int:
    """How many units of the legend lie outside the sheet, or have no shape at all."""
    sheet = _sheet(axes)
    return sum(
        key not in shapes or not shapes[key].intersects(sheet)
        for key, index in measure["classes"].items()
        if not _is_backdrop(measure, index)
    )


def _sheet(axes: Any) -> shapely.Polygon:
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return shapely.box(west, south, east, north)


# ------------------------------------------------------------------------------- the ground


def _draw_roads(axes: Any, assessment: Assessment) -> None:
    from matplotlib.collections import LineCollection

    if assessment.layers.roads is None:
        return
    lines = assessment.layers.roads.geometry
    if shapely.get_num_coordinates(lines).sum() > MOST_ROAD_POINTS:
        return
    inside = lines[shapely.intersects(lines, _sheet(axes))]
    axes.add_collection(
        LineCollection(
            [shapely.get_coordinates(line) for line in inside],
            colors="#33333340",
            linewidths=0.3,
            zorder=2.5,
        ),
        autolim=False,
    )


def _draw_units(axes: Any, measure: Data, shapes: Mapping[str, shapely.Geometry]) -> None:
    """Each class as one path: thousands of patches would take minutes to draw."""
    from matplotlib.patches import PathPatch

    for index, look in enumerate(measure["legend"]):
        own = [
            shapes[key] for key, at in measure["classes"].items() if at == index and key in shapes
        ]
        areas = [place for place in own if place.geom_type in _AREAS]
        circles = "size" in look
        spots = [place.centroid for place in own if circles or place.geom_type not in _AREAS]
        if areas:
            face = {**look, "color": "#f4f4f2"} if circles and look["size"] else look
            axes.add_patch(PathPatch(_path(areas), **_look(face), zorder=2))
        if circles and not look["size"]:
            continue
        axes.plot(
            [at.x for at in spots],
            [at.y for at in spots],
            "o",
            ms=look.get("size", 5),
            alpha=0.75 if circles else 1.0,
            mfc=look["color"],
            mec="#333333",
            mew=0.4,
            zorder=2,
        )
        for at in spots if look.get("sign") else ():
            axes.text(
                at.x, at.y, look["sign"], color="#ffffff", fontsize=5.5, ha="center", va="center",
                zorder=3, clip_on=True,
            )  # fmt: skip


def _look(legend: Data) -> dict[str, Any]:
    return {
        "facecolor": legend["color"],
        "edgecolor": "#555555",
        "linewidth": 0.4,
        "hatch": _HATCHES[legend["hatch"]] or None,
    }


def _path(places: Sequence[shapely.Geometry]) -> Any:
    """All rings of the polygons as one path, holes included."""
    from matplotlib.path import Path

    parts = shapely.get_parts(shapely.orient_polygons(np.array(places, dtype=object)))
    rings = shapely.get_rings(parts)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(corners), Path.LINETO, dtype=Path.code_type)
    last = np.flatnonzero(np.append(np.diff(ring) != 0, True))
    codes[last] = Path.CLOSEPOLY
    codes[np.append(0, last[:-1] + 1)] = Path.MOVETO
    return Path(corners, codes)


def _draw_borders(axes: Any, assessment: Assessment) -> None:
    from matplotlib.patches import PathPatch

    borders = [
        place for place in _shapes(assessment, "divisions").values() if place.geom_type in _AREAS
    ]
    if borders:
        patch = PathPatch(_path(borders), facecolor="none", edgecolor="#222222", linewidth=0.9)
        patch.set_zorder(3)
        axes.add_patch(patch)


# -------------------------------------------------------------------------------- facilities


def _draw_marks(axes: Any, assessment: Assessment, measure: Data) -> list[tuple[str, bool]]:
    """The facilities a theme is about; returns (mark, solid) of those drawn."""
    if measure.get("bare"):
        return []
    drawn: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    rows = rows_of(assessment.layers.facilities)
    for row, place in zip(rows, _places(assessment, "facilities"), strict=False):
        state = assessment.facilities[row.id].state
        if place is None or place.is_empty or state in _GONE or not _concerns(row, measure["id"]):
            continue
        at = place.centroid
        key = (facility_types()[row.facility_type].symbol, state in _OPEN)
        drawn.setdefault(key, []).append((at.x, at.y))
    for (mark, solid), points in sorted(drawn.items()):
        axes.plot(*zip(*points, strict=True), **_mark_look(mark, solid=solid), zorder=5)
    return sorted(drawn, key=lambda each: (each[0], not each[1]))


def _concerns(row: Facility, theme: str) -> bool:
    symbol = facility_types()[row.facility_type].symbol
    if theme == _CENTER:
        return row.facility_type == "jiedao_elder_center"
    kind = "childcare" if theme == _CHILDCARE or "childcare" in theme else "elder"
    if kind == "elder" and row.facility_type == "jiedao_elder_center":
        return False
    return symbol in {kind, "combined"}


def _mark_look(mark: str, *, solid: bool) -> dict[str, Any]:
    color, shape, _ = MARKS[mark]
    return {
        "marker": {"circle": "o", "square": "s", "half": "h", "diamond": "D"}[shape],
        "linestyle": "none",
        "markersize": 4.2,
        "markerfacecolor": color if solid else "white",
        "markeredgecolor": "white" if solid else color,
        "markeredgewidth": 0.6 if solid else 1.0,
    }


# ------------------------------------------------------------------------------------- names


def _named_units(
    assessment: Assessment, measure: Data, shapes: Mapping[str, shapely.Geometry], pen: Pen
) -> list[tuple[str, float, float]]:
    """Names with their places, by class and size; none where there are too many."""
    rows = rows_of(getattr(assessment.layers, measure["layer"]))
    named = [row for row in rows if row.id in shapes and row.id in measure["classes"]]
    if len(named) > _LABELS_AT_MOST:
        return []
    named.sort(key=lambda row: (measure["classes"][row.id], -shapes[row.id].area, row.id))
    at = {row.id: shapes[row.id].point_on_surface() for row in named}
    return [(pen.name(row.id, row.name), at[row.id].x, at[row.id].y) for row in named]


def _draw_names(axes: Any, names: Sequence[tuple[str, float, float]], *, lift: float) -> None:
    """Write the names that have room, ``lift`` points above their place.

    One that would lie on another is left to the table.
    """
    from matplotlib.patheffects import withStroke

    renderer = axes.figure.canvas.get_renderer()
    taken: list[Any] = []
    for name, x, y in names:
        text = axes.annotate(
            name, (x, y), xytext=(0, lift), textcoords="offset points", fontsize=6, ha="center",
            va="bottom", color="#111111", zorder=6, clip_on=True, path_effects=[withStroke(linewidth=1.6, foreground="white")],
        )  # fmt: skip
        extent = text.get_window_extent(renderer)
        inside = (axes.bbox.contains(*corner) for corner in (extent.min, extent.max))
        if not all(inside) or any(extent.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(extent)


# ---------------------------------------------------------------------------------- furniture


def scale_bar_m(width_m: float) -> int:
    """A round length of at most a quarter of the sheet: 1, 2 or 5 with noughts, at least 1 m.

    Examples
    --------
    >>> scale_bar_m(9000), scale_bar_m(4000), scale_bar_m(850)
    (2000, 1000, 200)
    """
    steps: list[int] = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
    return max([step for step in steps if step * 4 <= width_m] or [1])


def _draw_scale(axes: Any, pen: Pen) -> None:
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    length = scale_bar_m(east - west)
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.035
    height = (north - south) * 0.008
    for part, color in ((0, "#111111"), (1, "white")):
        axes.add_patch(_bar(x + part * length / 2, y, length / 2, height, color))
    text = f"{length // 1000} km" if length % 1000 == 0 else f"{length} m"
    axes.text(x + length, y + 2 * height, pen.write(text), fontsize=6, ha="center", zorder=8)
    axes.text(x, y + 2 * height, "0", fontsize=6, ha="center", zorder=8)


def _bar(x: float, y: float, width: float, height: float, color: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(
        (x, y), width, height, facecolor=color, edgecolor="#111111", linewidth=0.5, zorder=8
    )


def _draw_north(axes: Any, pen: Pen) -> None:
    """An arrow to the north of the map's grid."""
    axes.annotate(
        "", xy=(0.965, 0.975), xytext=(0.965, 0.885), xycoords="axes fraction", zorder=8,
        arrowprops={"arrowstyle": "-|>", "lw": 1.2, "color": "#111111"},
    )  # fmt: skip
    axes.text(
        0.965, 0.875, pen.say(_WORDS["north"]), transform=axes.transAxes, fontsize=7,
        ha="center", va="top", zorder=8,
    )  # fmt: skip


def _draw_title(figure: Any, assessment: Assessment, measure: Data, pen: Pen) -> None:
    figure.text(0.5, 0.965, pen.write(measure["title"]), fontsize=12, ha="center", va="center")
    day = f"{pen.say(_WORDS['day'])} {assessment.as_of.isoformat()}"
    # Without a Chinese font a name of nothing but ? says less than none.
    study = pen.name("" if pen.fonts == (LATIN,) else assessment.study, assessment.study)
    figure.text(0.5, 0.928, f"{study}  {day}".strip(), fontsize=7, ha="center", va="center")
    crs = f"{pen.say(_WORDS['crs'])} {crs_words(assessment.layers.crs, pen.language)}"
    figure.text(0.015, 0.055, pen.write(crs), fontsize=6, va="center")
    figure.text(0.985, 0.055, pen.say(note_words(assessment)), fontsize=6, ha="right", va="center")
    policy = assessment.standard.policy
    source = pen.name(policy.id, f"{policy.title} {policy.document_no}")
    figure.text(0.015, 0.025, source, fontsize=6)


def _draw_legend(
    figure: Any, measure: Data, marked: Sequence[tuple[str, bool]], *, beyond: int, pen: Pen
) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown = [each for each in measure["legend"] if each["count"]]
    handles: list[Any] = [
        Line2D(
            [], [], linestyle="none", marker="o", ms=0.6 * each["size"], mfc=each["color"],
            mec="#333333", mew=0.4, label=pen.write(f"{each['label']}:  {each['count']}"),
        )
        if each.get("size")
        else Patch(**_look(each), label=pen.write(f"{each['label']}:  {each['count']}"))
        for each in shown
    ]  # fmt: skip
    total = sum(each["count"] for each in shown)
    handles.append(Line2D([], [], linestyle="none", label=f"{pen.say(_WORDS['total'])}:  {total}"))
    if beyond:
        handles.append(
            Line2D([], [], linestyle="none", label=f"{pen.say(_WORDS['outside'])} {beyond}")
        )
    handles += [
        Line2D([], [], **_mark_look(mark, solid=solid), label=_mark_words(mark, pen, solid=solid))
        for mark, solid in marked
    ]
    handles.append(Line2D([], [], color="#222222", lw=0.9, label=pen.say(_WORDS["jiedao"])))
    legend = figure.legend(
        handles=handles, title=pen.say(_WORDS["legend"]), loc="upper left",
        bbox_to_anchor=(0.712, 0.918), fontsize=6.5, title_fontsize=8, frameon=False,
        handleheight=1.3, handlelength=1.9, labelspacing=0.75, borderaxespad=0.0,
    )  # fmt: skip
    legend.set_alignment("left")


def _mark_words(mark: str, pen: Pen, *, solid: bool) -> str:
    kinds = {"elder": "养老", "childcare": "托育", "combined": "养老托育", "other": "其他"}
    if pen.language == "zh":
        return f"{kinds[mark]}设施（{pen.say(_WORDS['open' if solid else 'coming'])}）"
    kind = label("kind", mark, "en")
    return f"{kind} ({pen.say(_WORDS['open' if solid else 'coming'])})"
