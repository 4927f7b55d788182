"""How much there must be, how much there is, and who gets which part of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def required_area(households: Fraction, rate: Fraction, per: Fraction) -> Fraction:
    """Floor area in m² for ``households`` at ``rate`` m² for every ``per`` households, pro rata.

    Examples
    --------
    >>> required_area(Fraction(333), rate=Fraction(15), per=Fraction(100))
    Fraction(999, 20)
    """
    return households * rate / per


def shortfall(required: Fraction, provided: Fraction) -> Fraction:
    """What is missing; a surplus is a shortfall of 0.

    Examples
    --------
    >>> shortfall(Fraction(10), Fraction(8)), shortfall(Fraction(8), Fraction(10))
    (Fraction(2, 1), Fraction(0, 1))
    """
    return max(Fraction(0), required - provided)


def shares_by_weight(weights: Sequence[Fraction]) -> list[Fraction] | None:
    """Shares of 1 in proportion to ``weights``; ``None`` when they sum to 0.

    Examples
    --------
    >>> shares_by_weight([Fraction(600), Fraction(400)])
    [Fraction(3, 5), Fraction(2, 5)]
    """
    total = sum(weights, Fraction(0))
    return [weight / total for weight in weights] if total else None


def with_common_area(own: Fraction, dedicated: Fraction, common: Fraction) -> Fraction:
    """``own`` floor area plus its part of the ``common`` area, prorated by ``dedicated`` area.

    Examples
    --------
    >>> with_common_area(Fraction(100), dedicated=Fraction(200), common=Fraction(50))
    Fraction(125, 1)
    """
    return own + common * own / dedicated if dedicated else own
