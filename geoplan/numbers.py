"""Exact numbers as text: rounded late, and never in favour of a verdict.

Percentages and areas round half up to two decimals; gaps round up, so that a failing unit never
shows a gap of 0.00; the plan's own way of printing percentages truncates (66.67 is printed 66).
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

_CENT = Decimal("0.01")
_MICRO = Decimal("0.000001")
_SAFE_DIGITS = 15  # a binary double keeps every decimal number of this many digits


def _decimal(value: Fraction, step: Decimal, rounding: str) -> Decimal:
    """``value`` as a multiple of ``step``, rounded once from the exact number."""
    scaled = value / Fraction(step)
    floor, rest = divmod(scaled.numerator, scaled.denominator)
    half_up = 2 * rest >= scaled.denominator
    up = {ROUND_CEILING: rest > 0, ROUND_HALF_UP: half_up, ROUND_DOWN: floor < 0 and rest > 0}
    return Decimal(floor + up[rounding]) * step


def number_text(value: Fraction) -> str:
    """Two decimals, half up.

    Examples
    --------
    >>> number_text(Fraction(200, 3)), number_text(Fraction(59, 200)), number_text(Fraction(30))
    ('66.67', '0.30', '30.00')
    """
    return f"{_decimal(value, _CENT, ROUND_HALF_UP):.2f}"


def gap_text(value: Fraction) -> str:
    """Two decimals, up: a gap that exists is never shown as none.

    Examples
    --------
    >>> gap_text(Fraction(4, 1000)), gap_text(Fraction(10))
    ('0.01', '10.00')
    """
    return f"{_decimal(value, _CENT, ROUND_CEILING):.2f}"


def plan_text(value: Fraction) -> str:
    """The plan's way: an integer, truncated.

    Examples
    --------
    >>> plan_text(Fraction(200, 3)), plan_text(Fraction(100, 7))
    ('66', '14')
    """
    return str(_decimal(value, Decimal(1), ROUND_DOWN))


def plain_text(value: Fraction) -> str:
    """As short as it is exact: ``333``, ``49.95``; two decimals where it has no finite form.

    Examples
    --------
    >>> plain_text(Fraction(333)), plain_text(Fraction(999, 20)), plain_text(Fraction(1, 3))
    ('333', '49.95', '0.33')
    """
    if value.denominator == 1:
        return str(value.numerator)
    exact = exact_decimal(value)
    return number_text(value) if exact is None else f"{exact:f}"


def exact_decimal(value: Fraction) -> Decimal | None:
    """``value`` as a finite decimal, or ``None`` when it has none of moderate length.

    Examples
    --------
    >>> exact_decimal(Fraction(999, 20)), exact_decimal(Fraction(1, 3))
    (Decimal('49.95'), None)
    """
    with localcontext(prec=_SAFE_DIGITS + 13):
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(quotient) != value:
        return None
    return quotient.quantize(Decimal(1)) if value.denominator == 1 else quotient.normalize()


def json_number(value: Fraction) -> int | float:
    """The number for JSON: exact where JSON can hold it, else six decimals toward zero.

    Truncating never makes a missed target look reached.

    Examples
    --------
    >>> json_number(Fraction(200, 3)), json_number(Fraction(999, 20)), json_number(Fraction(150))
    (66.666666, 49.95, 150)
    """
    return _number(value, ROUND_DOWN)


def json_gap(value: Fraction) -> int | float:
    """As :func:`json_number`, but rounding up: a gap never becomes smaller by being written.

    Examples
    --------
    >>> json_gap(Fraction(1, 3)), json_gap(Fraction(1, 100))
    (0.333334, 0.01)
    """
    return _number(value, ROUND_CEILING)


def _number(value: Fraction, rounding: str) -> int | float:
    if value.denominator == 1:
        return int(value)
    exact = exact_decimal(value)
    if exact is not None and len(exact.as_tuple().digits) <= _SAFE_DIGITS:
        return float(exact)
    return float(_decimal(value, _MICRO, rounding))
