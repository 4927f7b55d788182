"""What stands around the ground of a picture: title, north, scale, legend; and the pen they are drawn with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from geoplan.assess.model import Assessment
from geoplan.render.palette import MARKS
from geoplan.render.pictures.fonts import LATIN, chinese_fonts, read_font
from geoplan.render.webmap.ground import Data, crs_words
from geoplan.render.webmap.page_data import note_words
from geoplan.terms import Words, label

_HATCHES = {"": "", "lines": "///", "dots": "...", "cross": "xxx"}
WORDS = {
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


def pen_of(language: str) -> Pen:
    """The pen for a language: English where Chinese cannot be written."""
    chinese = chinese_fonts()
    fonts = (*chinese, LATIN)
    known = [read_font(name) for name in fonts]
    return Pen(
        language if chinese else "en",
        fonts,
        lambda each: any(font.get_char_index(ord(each)) for font in known),
    )


def look_of(legend: Data) -> dict[str, Any]:
    """The colour and the hatch of a class."""
    return {
        "facecolor": legend["color"],
        "edgecolor": "#555555",
        "linewidth": 0.4,
        "hatch": _HATCHES[legend["hatch"]] or None,
    }


def mark_look(mark: str, *, solid: bool) -> dict[str, Any]:
    """How a mark looks, filled or hollow."""
    color, shape, _ = MARKS[mark]
    return {
        "marker": {"circle": "o", "square": "s", "half": "h", "diamond": "D"}[shape],
        "linestyle": "none",
        "markersize": 4.2,
        "markerfacecolor": color if solid else "white",
        "markeredgecolor": "white" if solid else color,
        "markeredgewidth": 0.6 if solid else 1.0,
    }


def scale_bar_m(width_m: float) -> int:
    """A round length of at most a quarter of the sheet: 1, 2 or 5 with noughts, at least 1 m.

    Examples
    --------
    >>> scale_bar_m(9000), scale_bar_m(4000), scale_bar_m(850)
    (2000, 1000, 200)
    """
    steps: list[int] = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
    return max([step for step in steps if step * 4 <= width_m] or [1])


def draw_scale(axes: Any, pen: Pen) -> None:
    """The scale bar, as long as a round number of metres."""
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


def draw_north(axes: Any, pen: Pen) -> None:
    """An arrow to the north of the map's grid."""
    axes.annotate(
        "", xy=(0.965, 0.975), xytext=(0.965, 0.885), xycoords="axes fraction", zorder=8,
        arrowprops={"arrowstyle": "-|>", "lw": 1.2, "color": "#111111"},
    )  # fmt: skip
    axes.text(
        0.965, 0.875, pen.say(WORDS["north"]), transform=axes.transAxes, fontsize=7,
        ha="center", va="top", zorder=8,
    )  # fmt: skip


def draw_title(figure: Any, assessment: Assessment, measure: Data, pen: Pen) -> None:
    """The title over the ground, the study and the day under it."""
    figure.text(0.5, 0.965, pen.write(measure["title"]), fontsize=12, ha="center", va="center")
    day = f"{pen.say(WORDS['day'])} {assessment.as_of.isoformat()}"
    # Without a Chinese font a name of nothing but ? says less than none.
    study = pen.name("" if pen.fonts == (LATIN,) else assessment.study, assessment.study)
    figure.text(0.5, 0.928, f"{study}  {day}".strip(), fontsize=7, ha="center", va="center")
    crs = f"{pen.say(WORDS['crs'])} {crs_words(assessment.layers.crs, pen.language)}"
    figure.text(0.015, 0.055, pen.write(crs), fontsize=6, va="center")
    figure.text(0.985, 0.055, pen.say(note_words(assessment)), fontsize=6, ha="right", va="center")
    policy = assessment.standard.policy
    source = pen.name(policy.id, f"{policy.title} {policy.document_no}")
    figure.text(0.015, 0.025, source, fontsize=6)


def draw_legend(
    figure: Any, measure: Data, marked: Sequence[tuple[str, bool]], *, beyond: int, pen: Pen
) -> None:
    """The classes with their counts, then the marks."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown = [each for each in measure["legend"] if each["count"]]
    handles: list[Any] = [
        Line2D(
            [], [], linestyle="none", marker="o", ms=0.6 * each["size"], mfc=each["color"],
            mec="#333333", mew=0.4, label=pen.write(f"{each['label']}:  {each['count']}"),
        )
        if each.get("size")
        else Patch(**look_of(each), label=pen.write(f"{each['label']}:  {each['count']}"))
        for each in shown
    ]  # fmt: skip
    total = sum(each["count"] for each in shown)
    handles.append(Line2D([], [], linestyle="none", label=f"{pen.say(WORDS['total'])}:  {total}"))
    if beyond:
        handles.append(
            Line2D([], [], linestyle="none", label=f"{pen.say(WORDS['outside'])} {beyond}")
        )
    handles += [
        Line2D([], [], **mark_look(mark, solid=solid), label=_mark_words(mark, pen, solid=solid))
        for mark, solid in marked
    ]
    handles.append(Line2D([], [], color="#222222", lw=0.9, label=pen.say(WORDS["jiedao"])))
    legend = figure.legend(
        handles=handles, title=pen.say(WORDS["legend"]), loc="upper left",
        bbox_to_anchor=(0.712, 0.918), fontsize=6.5, title_fontsize=8, frameon=False,
        handleheight=1.3, handlelength=1.9, labelspacing=0.75, borderaxespad=0.0,
    )  # fmt: skip
    legend.set_alignment("left")


def _mark_words(mark: str, pen: Pen, *, solid: bool) -> str:
    kinds = {"elder": "养老", "childcare": "托育", "combined": "养老托育", "other": "其他"}
    if pen.language == "zh":
        return f"{kinds[mark]}设施（{pen.say(WORDS['open' if solid else 'coming'])}）"
    kind = label("kind", mark, "en")
    return f"{kind} ({pen.say(WORDS['open' if solid else 'coming'])})"
