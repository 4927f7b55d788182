"""How much of something is covered: shares of counted units."""

from __future__ import annotations

from fractions import Fraction
from math import ceil


def share(numerator: Fraction | int, denominator: Fraction | int) -> Fraction | None:
    """Part of the whole, ``None`` when there is no whole.

    Examples
    --------
    >>> share(2, 3)
    Fraction(2, 3)
    >>> share(0, 0) is None
    True
    """
    return Fraction(numerator) / Fraction(denominator) if denominator else None


def more_units_needed(target_share: Fraction, total: int, covered: int) -> int:
    """Fewest further units that bring ``covered`` of ``total`` to at least ``target_share``.

    Examples
    --------
    >>> more_units_needed(Fraction(3, 5), total=7, covered=4)
    1
    >>> more_units_needed(Fraction(4, 5), total=3, covered=3)
    0
    """
    return max(0, ceil(target_share * total) - covered)
