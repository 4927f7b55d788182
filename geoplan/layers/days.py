"""Cells to days: every shape of a date in bureau files.

Belongs here: what one cell means as a day. Does not belong here: comparing days.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from geoplan.layers.values import Codes, is_blank, is_nothing, plain

_PARTS = re.compile(
    r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2})日?)?月?)?年?(?:底|末)?"
    r"(?:t?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_SERIAL = range(20_000, 80_000)  # 1954 to 2119 as a spreadsheet counts days
_SERIAL_ZERO = date(1899, 12, 30)


def read_day(cell: object) -> tuple[date | None, Codes]:
    """A day; a month or a year stands for its last day, and says so.

    Examples
    --------
    >>> read_day("2021年12月25日"), read_day(44555)
    ((datetime.date(2021, 12, 25), ()), (datetime.date(2021, 12, 25), ()))
    >>> read_day("2021年2月"), read_day("下个月")
    ((datetime.date(2021, 2, 28), ('DAY_ASSUMED',)), (None, ('BAD_DATE',)))
    """
    if is_blank(cell) or is_nothing(cell):
        return None, ()
    if isinstance(cell, datetime):
        return _in_our_time(cell.date())
    if isinstance(cell, date):
        return _in_our_time(cell)
    text = re.sub(r"\.0$", "", plain(cell))
    if text.isdigit() and int(text) in _SERIAL and len(text) == len("44555"):
        return _SERIAL_ZERO + timedelta(days=int(text)), ()
    found = _COMPACT.fullmatch(text) or _PARTS.fullmatch(text)
    return _day_of_parts(found) if found and not isinstance(cell, bool) else (None, ("BAD_DATE",))


def _day_of_parts(found: re.Match[str]) -> tuple[date | None, Codes]:
    year, month, day = (int(part) if part else None for part in found.groups()[:3])
    try:
        if year is None or day is not None:
            return _in_our_time(date(year or 0, month or 0, day or 0))
        last = month or 12
        checked, codes = _in_our_time(date(year, last, monthrange(year, last)[1]))
    except (ValueError, IndexError):
        return None, ("BAD_DATE",)
    return checked, codes or ("DAY_ASSUMED",)


def _in_our_time(day: date) -> tuple[date | None, Codes]:
    known = _FIRST_YEAR <= day.year <= _LAST_YEAR
    return (day, ()) if known else (None, ("BAD_DATE",))
