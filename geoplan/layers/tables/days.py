"""Cells to days: every shape of a date in bureau files.

Belongs here: what one cell means as a day. Does not belong here: comparing days, spelling dates
that are written in words (``day_words.py``).

Days are those of China: a moment with a time zone is the day that it was here.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

from geoplan.layers.raw_table import DAY_ZERO
from geoplan.layers.tables.day_words import in_figures
from geoplan.layers.tables.invisible import without_invisible
from geoplan.layers.tables.values import Codes, is_blank, is_nothing, plain

Day = tuple[date | None, Codes]

_PARTS = re.compile(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_SHORT_YEAR = re.compile(r"(\d{2})([-./])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4})")
_CLOCK = re.compile(
    r"(?:(?<=\d)t|(?<=[日号])\s*|\s+)(?P<hours>\d{1,2}):(?P<minutes>\d{2})(?::\d{2}(?:\.\d+)?)?"
    r"\s*(?P<half>am|pm)?\s*(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-]\d{2}(?::?\d{2})?)?$"
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_SERIAL = range(20_000, 80_000)  # 1954 to 2119 as a spreadsheet counts days
_SERIAL_TEXT = re.compile(r"\d{5}(?:\.\d+)?")
_HERE = timezone(timedelta(hours=8))
_CENTURY, _TURN_OF_CENTURY, _MOST_DAYS, _MOST_MONTHS = 2000, 70, 31, 12


def read_day(cell: object) -> Day:
    """A day; a month or a year stands for its last day, and says so.

    Examples
    --------
    >>> read_day("2021年12月25日"), read_day(44555)
    ((datetime.date(2021, 12, 25), ()), (datetime.date(2021, 12, 25), ()))
    >>> read_day("2021年2月"), read_day("下个月")
    ((datetime.date(2021, 2, 28), ('DAY_ASSUMED',)), (None, ('BAD_DATE',)))
    >>> read_day("二〇二二年六月三十日"), read_day(2021.1), read_day("2021-12-31T16:00:00Z")
    ((datetime.date(2022, 6, 30), ()), (None, ('DAY_AMBIGUOUS',)), (datetime.date(2022, 1, 1), ('TIME_ZONE',)))
    """
    return day_reader(DAY_ZERO)(cell)


def day_reader(zero: date) -> Callable[[object], Day]:
    """A parser of days for a workbook that counts them from ``zero``."""

    def read(cell: object) -> Day:
        if is_blank(cell) or is_nothing(cell):
            return None, ()
        if isinstance(cell, datetime):
            return _day_of_moment(cell)
        if isinstance(cell, date):
            return _in_our_time(cell)
        return (
            (None, ("BAD_DATE",)) if isinstance(cell, bool) else _day_of_text(_folded(cell), zero)
        )

    return read


def _folded(cell: object) -> str:
    """A cell as comparable text that keeps its spaces, which part a day from its time."""
    folded = unicodedata.normalize("NFKC", without_invisible(str(cell)))
    return " ".join(folded.split()).casefold()


def _day_of_moment(moment: datetime) -> Day:
    if moment.tzinfo is None:
        return _in_our_time(moment.date())
    here = moment.astimezone(_HERE).date()
    day, codes = _in_our_time(here)
    return day, codes or (() if here == moment.date() else ("TIME_ZONE",))


def _day_of_text(written: str, zero: date) -> Day:
    if _SERIAL_TEXT.fullmatch(written) and int(written[:5]) in _SERIAL:
        return zero + timedelta(days=int(written[:5])), ()
    spaced, clock = _without_clock(re.sub(r"^(\d+)\.0$", r"\1", written))
    text = plain(spaced)
    if re.fullmatch(r"\d{4}\.1", text):
        return None, ("DAY_AMBIGUOUS",)  # 2021.10 loses its last figure in a spreadsheet
    for each in dict.fromkeys((text, in_figures(spaced))):
        found = _COMPACT.fullmatch(each) or _PARTS.fullmatch(each)
        if found:
            return _day_of_parts(found, clock)
        day = _short_or_last(each)
        if day is not None:
            return day
    return None, ("BAD_DATE",)


def _without_clock(text: str) -> tuple[str, re.Match[str] | None]:
    """A day without the time behind it, and that time."""
    found = _CLOCK.search(text)
    return (text, None) if found is None else (text[: found.start()], found)


def _day_of_parts(found: re.Match[str], clock: re.Match[str] | None) -> Day:
    year, month, day = (int(part) if part else None for part in found.groups()[:3])
    try:
        if year is None or day is not None:
            return _on_the_clock(date(year or 0, month or 0, day or 0), clock)
        last = month or 12
        checked, codes = _in_our_time(date(year, last, monthrange(year, last)[1]))
    except (ValueError, IndexError):
        return None, ("BAD_DATE",)
    return checked, codes or ("DAY_ASSUMED",)


def _on_the_clock(day: date, clock: re.Match[str] | None) -> Day:
    """The day here of a day with a time and a zone behind it."""
    if clock is None or not clock["zone"]:
        return _in_our_time(day)
    half = clock["half"]
    hours = int(clock["hours"]) % 12 + 12 * (half == "pm") if half else int(clock["hours"])
    offset = re.sub(r"[^\d+-]", "", clock["zone"]) or "+00"
    ahead = int(offset[:3]) * 60 + int(offset[0] + (offset[3:] or "0"))
    zone = timezone(timedelta(minutes=ahead))
    minutes = int(clock["minutes"])
    return _day_of_moment(datetime(day.year, day.month, day.day, hours, minutes, tzinfo=zone))


def _short_or_last(text: str) -> Day | None:
    """Days with a year of two figures, or with the year last; the order must leave no doubt."""
    found = _SHORT_YEAR.fullmatch(text)
    if found:
        first, last = int(found[1]), found[4]
        could_be_last = found[2] != "." and len(last) > 1 and 0 < first <= _MOST_DAYS
        if could_be_last:
            return None, ("DAY_AMBIGUOUS",)
        year = first + _CENTURY - (100 if first >= _TURN_OF_CENTURY else 0)
        day, codes = _checked(year, int(found[3]), int(last))
        return day, codes or ("YEAR_SHORT",)
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        return None
    one, two, year = int(found[1]), int(found[3]), int(found[4])
    if one != two and max(one, two) <= _MOST_MONTHS:
        return None, ("DAY_AMBIGUOUS",)
    return _checked(year, min(one, two), max(one, two))


def _checked(year: int, month: int, day: int) -> Day:
    try:
        return _in_our_time(date(year, month, day))
    except ValueError:
        return None, ("BAD_DATE",)


def _in_our_time(day: date) -> Day:
    known = _FIRST_YEAR <= day.year <= _LAST_YEAR
    return (day, ()) if known else (None, ("BAD_DATE",))
