"""Cells to exact numbers: areas, people, households, beds, yuan, and shares of an area.

Belongs here: every shape of a number in bureau files. Does not belong here: coordinates, which are
no exact numbers (``place.py``). Binary numbers of a file become the shortest decimal that names
them.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, DecimalException

from geoplan.layers.tables.units import NO_FACTOR, UNITS
from geoplan.layers.tables.values import NOTHING, Codes, is_blank, is_nothing, plain

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:e[+-]?\d+)?"
_AMOUNT = re.compile(rf"({_NUMBER})([^\d.,+-].*)?")
_APPROXIMATE = re.compile(r"^(?:大约|大概|约|近|≈|~)|(?:左右|上下|余|多|以上)(?=\D*$)")
_RANGE = re.compile(r"\d[^\de]{0,4}[-~至到—–]\D?\d")
_SHARE = re.compile(r"[;、\n\r|]+|,(?!\d{3}(?!\d))")
_PER_CENT = re.compile(r"(.*\d)%")
_MOST_DIGITS = 15
_LONGEST = 200  # characters; a text in which the patterns look for long is no number


def read_amount(cell: object) -> tuple[Decimal | None, Codes]:
    """A number of square metres, places or beds: 无 is 0.

    Examples
    --------
    >>> read_amount("1,200㎡"), read_amount("约300"), read_amount("无")
    ((Decimal('1200'), ()), (Decimal('300'), ('APPROX',)), (Decimal('0'), ()))
    """
    if is_nothing(cell):
        return Decimal(0), ()
    return read_count(cell)


def read_count(cell: object) -> tuple[Decimal | None, Codes]:
    """A number of people, households or yuan: 无 says nothing.

    Examples
    --------
    >>> read_count("1.2万"), read_count("300+200"), read_count("200-300"), read_count("无")
    ((Decimal('12000'), ()), (Decimal('500'), ('EXPR',)), (None, ('RANGE',)), (None, ()))
    >>> read_count(-5), read_count("很多")
    ((None, ('NEGATIVE',)), (None, ('BAD_NUMBER',)))
    """
    if is_blank(cell):
        return None, ()
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        return _signed(_decimal(cell), ())
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return None, ("BAD_NUMBER",)
    if cell.isascii() and cell.replace(".", "", 1).isdigit():
        return _signed(_decimal(cell), ())
    return _number_of_text(plain(cell).replace("−", "-"))


def read_reported(cell: object) -> tuple[Decimal | None, Codes]:
    """A reported value; the code says when the cell has its own unit, which then counts.

    Examples
    --------
    >>> read_reported("0.3"), read_reported("0.3万人次")
    ((Decimal('0.3'), ()), (Decimal('3000'), ('UNIT_IN_CELL',)))
    """
    number, codes = read_count(cell)
    text = plain(cell) if isinstance(cell, str) else ""
    share = _PER_CENT.fullmatch(text)
    if share is not None:
        return read_count(share[1])
    found = _AMOUNT.fullmatch(_APPROXIMATE.sub("", text))
    if number is None or found is None or not found[2] or found[2] in NO_FACTOR:
        return number, codes
    return number, (*codes, "UNIT_IN_CELL")


def _number_of_text(text: str) -> tuple[Decimal | None, Codes]:
    if text in NOTHING:
        return None, ()
    bare = _APPROXIMATE.sub("", text)
    codes: Codes = ("APPROX",) if bare != text else ()
    whole = _amount(bare)
    if whole is not None:
        return _signed(whole, codes)
    if _RANGE.search(bare):
        return None, (*codes, "RANGE")
    parts = [_amount(part) for part in bare.split("+")] if "+" in bare[1:] else [_amount(bare)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None, ("BAD_NUMBER",)
    return _signed(sum(known, Decimal(0)), (*codes, "EXPR") if len(parts) > 1 else codes)


def _amount(text: str) -> Decimal | None:
    """One number with its unit, or ``None``."""
    found = _AMOUNT.fullmatch(text)
    if found is None or not any(mark.isdigit() for mark in found[1]):
        return None
    if found[2] == "%":  # a share is no area and no count
        return None
    factor = UNITS.get(found[2].strip("()")) if found[2] else Decimal(1)
    number = _decimal(found[1].replace(",", ""))
    return None if factor is None or number is None else number * factor


def _decimal(value: float | Decimal | str) -> Decimal | None:
    """The exact decimal of a number; ``None`` for one that no count or area can have."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    try:
        number = Decimal(text)
    except DecimalException:
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) > _MOST_DIGITS):
        return None
    return number


def _signed(number: Decimal | None, codes: Codes) -> tuple[Decimal | None, Codes]:
    if number is None:
        return None, ("BAD_NUMBER",)
    if number < 0:
        return None, ("NEGATIVE",)
    whole = number == number.to_integral_value()
    return (Decimal(int(number)) if whole else number.normalize()), codes


def read_shares(cell: object) -> tuple[tuple[tuple[str, Decimal], ...] | None, Codes]:
    """Explicit shares of a floor area: which unit gets how many square metres.

    Examples
    --------
    >>> read_shares("X1:90；X2：1,060㎡")
    ((('X1', Decimal('90')), ('X2', Decimal('1060'))), ())
    >>> read_shares("X1:很多")
    (None, ('BAD_SHARES',))
    """
    if is_blank(cell) or is_nothing(cell):
        return None, ()
    if len(str(cell)) > _LONGEST * _LONGEST:
        return None, ("BAD_SHARES",)
    shares = []
    for part in _SHARE.split(unicodedata.normalize("NFKC", str(cell))):
        unit, colon, amount = part.rpartition(":")
        number, codes = read_amount(amount)
        if part.strip() and (not colon or not unit.strip() or number is None or codes):
            return None, ("BAD_SHARES",)
        if part.strip() and number is not None:
            shares.append((unit.strip(), number))
    return tuple(shares) or None, ()
