"""Figures as a document, a policy file or a user writes them: exact, and never below 0.

Belongs here: text → ``Decimal`` or ``Target``. Does not belong here: what a figure is for.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from geoplan.policy.model import Target
from geoplan.terms import Words, unit

_DIGITS = 15  # a binary double keeps every decimal number of this many digits, so JSON shows it
_SIGNS = {
    "≧": ">=",
    "≥": ">=",
    ">=": ">=",
    "不低于": ">=",
    "不少于": ">=",
    "达到": ">=",
    "达": ">=",
    "超过": ">",
    ">": ">",
    "==": "==",
    "=": "==",
}
_FIGURE = re.compile(rf"({'|'.join(_SIGNS)})?\s*(\d+(?:\.\d+)?)\s*(?:%|[个万人次]+)?(以上)?")
_PER_CENT = "%"
_NO_VALUE = "/"
_FULL_COVERAGE = "全覆盖"


def exact_number(raw: object) -> Decimal | None:
    """A number without binary rounding, at least 0 and of moderate length; else ``None``.

    Examples
    --------
    >>> exact_number("3.5"), exact_number(Decimal("0.1")), exact_number(15)
    (Decimal('3.5'), Decimal('0.1'), Decimal('15'))
    >>> exact_number(True), exact_number("NaN"), exact_number(-1), exact_number("1e400")
    (None, None, None, None)
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 and _is_short(number) else None


def _is_short(number: Decimal) -> bool:
    return len(number.as_tuple().digits) <= _DIGITS and abs(number.adjusted()) < _DIGITS


def number_within(raw: object, unit_key: str) -> Decimal | None:
    """The exact number, unless it is more than the whole of a share or a percentage.

    Examples
    --------
    >>> number_within("100", "%"), number_within("100.1", "%"), number_within("100.1", "m2")
    (Decimal('100'), None, Decimal('100.1'))
    """
    number, whole = exact_number(raw), _whole(unit_key)
    return None if number is None or (whole is not None and number > whole) else number


def number_wanted(unit_key: str) -> Words:
    """What to write where :func:`number_within` finds none."""
    whole = _whole(unit_key)
    if whole is not None:
        return Words(
            f"请写0至{whole}之间的数字。", f"Write a number of at least 0, at most {whole}."
        )
    return Words(
        f'请写不小于0的数字（至多{_DIGITS}位），例如 15 或 "2.87"。',
        f'Write a number of at least 0 (of at most {_DIGITS} digits), such as 15 or "2.87".',
    )


def _whole(unit_key: str) -> Decimal | None:
    """The whole that a part cannot exceed: 100 per cent, a share of 1."""
    return Decimal(int(unit(unit_key).per)) if unit_key in {_PER_CENT, "share"} else None


def parse_target(text: str, op_default: str) -> Target | None:
    """A comparison as the document prints it; ``None`` for “/”, which is no value.

    ``op_default`` is what a bare number means: ``>=``, ``>`` or ``==``. 以上 is at least; 超过 is
    above; 全覆盖 is exactly 100 %.

    Raises
    ------
    ValueError
        the text is no such comparison.

    Examples
    --------
    >>> parse_target("≧53", "=="), parse_target("/", ">="), parse_target("100", "==")
    (Target(op='>=', value=Decimal('53')), None, Target(op='==', value=Decimal('100')))
    >>> parse_target("超过70%", ">="), parse_target("达60%以上", "==")
    (Target(op='>', value=Decimal('70')), Target(op='>=', value=Decimal('60')))
    """
    plain = normalize("NFKC", text).strip()
    if plain == _NO_VALUE:
        return None
    if plain == _FULL_COVERAGE:
        return Target("==", Decimal(int(unit(_PER_CENT).per)))
    found = _FIGURE.fullmatch(plain)
    value = exact_number(found[2]) if found else None
    if found is None or value is None:
        raise ValueError(f"not a comparison: {text}")
    return Target(_operator(found[1], found[3], op_default), value)


def _operator(sign: str | None, above: str | None, op_default: str) -> str:
    if sign is not None:
        return _SIGNS[sign]
    return ">=" if above else op_default
