"""One coordinate, or a pair of them, as a cell writes it.

Belongs here: numbers, degrees with minutes and seconds in every notation met, two of them in one
cell. Does not belong here: which is longitude and in what they are measured (``place.py``).

What is not understood whole is not read at all: half a notation would be another place.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from datetime import time, timedelta

from geoplan.layers.tables.values import is_blank, plain

_MARKS = str.maketrans(
    {
        **dict.fromkeys("°º˚ᵒ∘", "°"),
        **dict.fromkeys("'′’‘‵´`ʹ＇", "'"),
        **dict.fromkeys('"″”“‶ʺ〃＂秒', '"'),
        **dict.fromkeys("−–—﹣－", "-"),
    }
)
_UNITS = tuple(
    (re.compile(rf"(?<=\d)\s*{word}"), mark) for word, mark in zip("度分秒", "°'\"", strict=True)
)
_HALF = re.compile(
    r"(?P<half>东经|西经|北纬|南纬|经度|纬度|[ensw])?[:]?(?P<said>.*?)(?P<after>[ensw]|东经|西经|北纬|南纬)?"
)
_SOUTH_WEST, _SOUTH_NORTH = (
    frozenset({"西经", "南纬", "s", "w"}),
    frozenset({"北纬", "南纬", "纬度", "n", "s"}),
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COMMA = re.compile(r"[+-]?\d{1,3},\d{4,}")  # a decimal comma: thousands come in threes
_SECONDS = r"(\d{1,2}(?:\.\d+)?)"
_NOTATIONS = (
    re.compile(rf"(\d{{1,3}})°(?:(\d{{1,2}})'{_SECONDS}(?:\"|''|')?)"),
    re.compile(rf"(\d{{1,3}})°{_SECONDS}'?()"),
    re.compile(rf"(\d{{1,3}})°(0?){_SECONDS}(?:\"|'')"),
    re.compile(rf"(\d{{1,3}})[-:](\d{{1,2}})[-:]{_SECONDS}\"?"),
    re.compile(rf"(\d{{1,3}})[-:]{_SECONDS}'?()"),
    re.compile(rf"(\d{{1,3}})\.(\d{{1,2}})\.{_SECONDS}"),
)
_SPACED = re.compile(r"(?<=\d)[°]?\s+(?=\d)")
_SIXTY = 60
_MOST_TEXT = 100
_BRACKETS = "()[]{}<>【】"
_AFTER, _BEFORE = r"(?<=[nsew])\s*(?=\d)", r"(?<=[\d°'\"])\s*(?=[nsew东西南北经纬])"
_SPLITS = (r"[;；]", r"[，、]", r",", r"[/|]", r"\s+", _AFTER, _BEFORE)
_PAIR, _TRIPLE = 2, 3
_MOST_HEIGHT = 9000.0


def read_coordinate(cell: object) -> float:
    """One coordinate: a number or degrees, minutes and seconds; NaN where there is none.

    Examples
    --------
    >>> read_coordinate("107°21′12.6″"), read_coordinate("107.3535°E"), read_coordinate("")
    (107.3535, 107.3535, nan)
    >>> read_coordinate("107°21.2100′"), read_coordinate("E107:21:12.6"), read_coordinate("107 21 12.6 E")
    (107.3535, 107.3535, 107.3535)
    """
    if isinstance(cell, bool):
        return math.nan
    if isinstance(cell, (int, float)):
        return float(cell)
    if isinstance(cell, (time, timedelta)):
        return _of_clock(cell)
    if is_blank(cell) or len(str(cell)) > _MOST_TEXT:
        return math.nan
    return _read_text(_folded(str(cell)))[0]


def read_pair(cell: object) -> tuple[float, float] | None:
    """Two coordinates in one cell, in its own order unless it says which is the latitude.

    Examples
    --------
    >>> read_pair("107.3535，22.4053"), read_pair("[N22°24′18″ E107°21′18″]"), read_pair("107.35")
    ((107.3535, 22.4053), (107.355, 22.405), None)
    """
    if not isinstance(cell, str) or is_blank(cell) or len(cell) > _MOST_TEXT:
        return None
    text = _folded(cell).strip().strip(_BRACKETS).strip()
    for parts in _splits(text):
        read = [_read_text(part) for part in parts]
        (first, first_half), (second, second_half) = read[:_PAIR]
        if any(math.isnan(value) for value, _ in read):
            continue
        if len(read) == _TRIPLE and not _is_height(first, second, read[2][0]):
            continue
        turned = first_half in _SOUTH_NORTH and second_half not in _SOUTH_NORTH
        return (second, first) if turned else (first, second)
    return None


def _splits(text: str) -> Iterator[list[str]]:
    """Ways to cut a text into two coordinates, or two and a height."""
    for pattern in _SPLITS:
        parts = [part.strip(_BRACKETS + " ") for part in re.split(pattern, text) if part.strip()]
        if len(parts) in (_PAIR, _TRIPLE):
            yield parts


def _is_height(first: float, second: float, third: float) -> bool:
    return max(abs(first), abs(second)) <= 180 and abs(third) < _MOST_HEIGHT  # noqa: PLR2004 - degrees


def _folded(text: str) -> str:
    """The text in one spelling of marks, width and case; marks first, as folding breaks them up."""
    folded = unicodedata.normalize("NFKC", text.translate(_MARKS)).casefold()
    for word, mark in _UNITS:
        folded = word.sub(mark, folded)
    return " ".join(folded.split())


def _read_text(text: str) -> tuple[float, str]:
    """The coordinate of a folded text, NaN where it is none, and the half of the Earth it names."""
    found = _HALF.fullmatch(text.rstrip(" ,;m米"))
    if found is None:
        return math.nan, ""
    half = found["half"] or found["after"] or ""
    value = _read_bare(found["said"].strip(" :"))
    return (-value if half in _SOUTH_WEST else value), half


def _read_bare(text: str) -> float:
    number = text.rstrip("° ")
    if _NUMBER.fullmatch(number):
        return float(number)
    if _GROUPED.fullmatch(number):
        return float(number.replace(",", ""))
    if _COMMA.fullmatch(number):
        return float(number.replace(",", "."))
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
    spaced = _SPACED.sub(":", re.sub(r"\s*([°'\"])\s*", r"\1", rest))
    for notation in _NOTATIONS:
        found = notation.fullmatch(plain(spaced) if spaced != rest else rest)
        if found is not None:
            return sign * _degrees(*(float(part or 0) for part in found.groups()))
    return math.nan


def _degrees(degrees: float, minutes: float, seconds: float) -> float:
    if minutes >= _SIXTY or seconds >= _SIXTY:
        return math.nan
    return round(degrees + minutes / _SIXTY + seconds / _SIXTY**2, 10)


def _of_clock(cell: time | timedelta) -> float:
    """Degrees that a spreadsheet took for hours: 22:24:18 typed into a cell."""
    if isinstance(cell, timedelta):
        return round(cell.total_seconds() / _SIXTY**2, 10)
    return _degrees(cell.hour, cell.minute, cell.second + cell.microsecond / 1e6)
