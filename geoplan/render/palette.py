"""The colours of the maps (``docs/method.md`` §5.3): colour-blind safe, never the only sign.

Classes are closed on the left, so a value equal to the standard is in the passing class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from geoplan.terms import Words


@dataclass(frozen=True, slots=True)
class Class:
    """One entry of a legend. ``hatch`` is ``""``, ``lines`` or ``dots``."""

    key: str
    label: Words
    color: str
    hatch: str = ""


CENTER_CLASSES = (
    Class("covered", Words("已覆盖", "covered"), "#1a9850"),
    Class("incomplete", Words("功能不全", "functions incomplete"), "#fee08b", "dots"),
    Class("committed", Words("在建", "under construction"), "#91bfdb", "lines"),
    Class("uncovered", Words("未覆盖", "not covered"), "#d73027", "cross"),
    Class("unknown", Words("无数据", "no data"), "#bdbdbd"),
    Class("outside", Words("不是街道（不计）", "not a sub-district"), "#f5f5f5"),
)
CHILDCARE_CLASSES = (
    Class("covered", Words("已覆盖", "covered"), "#1a9850"),
    Class("uncovered", Words("未覆盖", "not covered"), "#d73027", "cross"),
    Class("outside", Words("人口超出范围（不计）", "population out of range"), "#e0e0e0", "lines"),
    Class("unknown", Words("无数据", "no data"), "#bdbdbd"),
)
_FIVE = ("#a50026", "#f46d43", "#fee090", "#a6d96a", "#1a9850")
_HATCHES = ("cross", "lines", "dots", "", "")
_GREY = (
    Class("unknown", Words("数据缺失", "unknown"), "#bdbdbd"),
    Class("none", Words("不适用", "not applicable"), "#f5f5f5"),
)


def _classes(labels: Sequence[Words]) -> tuple[Class, ...]:
    made = [
        Class(str(index), words, color, hatch)
        for index, (words, color, hatch) in enumerate(zip(labels, _FIVE, _HATCHES, strict=True))
    ]
    return (*made, *_GREY)


RATIO_CLASSES = _classes(
    (
        Words("0", "0"),
        Words("0–<50%", "0–<50%"),
        Words("50–<100%", "50–<100%"),
        Words("100–<150%（达标）", "100–<150% (pass)"),
        Words("≥150%（达标）", "≥150% (pass)"),
    )
)
RATIO_BREAKS = (Fraction(0), Fraction(1, 2), Fraction(1), Fraction(3, 2))
PER_100_CLASSES = _classes(
    (
        Words("0", "0"),
        Words("0–<7.5", "0–<7.5"),
        Words("7.5–<15", "7.5–<15"),
        Words("15–<20（已建达标）", "15–<20 (existing: pass)"),
        Words("≥20", "≥20"),
    )
)
PER_100_BREAKS = (Fraction(0), Fraction(15, 2), Fraction(15), Fraction(20))


REACH_CLASSES = _classes(
    (
        Words("0", "0"),
        Words("0–<25%", "0–<25%"),
        Words("25–<50%", "25–<50%"),
        Words("50–<75%", "50–<75%"),
        Words("≥75%", "≥75%"),
    )
)
REACH_BREAKS = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))


def class_of(value: Fraction, breaks: Sequence[Fraction]) -> str:
    """The class of an exact value: ``0`` for nothing at all, then left-closed classes.

    Examples
    --------
    >>> [class_of(Fraction(x), RATIO_BREAKS) for x in (0, Fraction(99, 100), 1, 2)]
    ['0', '2', '3', '4']
    """
    if value <= breaks[0]:
        return "0"
    return str(sum(value >= each for each in breaks))


# Marks of facilities: colour, shape and one character.
MARKS = {
    "elder": ("#e6750a", "circle", Words("养", "E")),
    "childcare": ("#1f6fb5", "square", Words("托", "C")),
    "combined": ("#7a4fa3", "half", Words("合", "B")),
    "other": ("#5f6b76", "diamond", Words("其", "O")),
}
VERDICT_COLORS = {
    "PASS": "#1a7f43",
    "FAIL": "#c3271b",
    "PENDING": "#a86a00",
    "UNKNOWN": "#6b7280",
    "NA": "#9aa1a9",
}
