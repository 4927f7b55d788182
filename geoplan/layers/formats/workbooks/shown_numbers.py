"""What a number cell of a workbook shows: its number format is part of what it says.

Belongs here: number formats (``0.00%``, ``0.00"万人"``, ``0!.0,"万"``, ``000000``) and the exact text
a number has by them. Does not belong here: dates, which the readers of workbooks tell by their own
formats, or what a text means.

A number stays a number where its format adds nothing to it; else it becomes the text that is
shown, with the exact number in place of the rounded one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General)'
    r"|(?P<scientific>E[+-])|(?P<digit>[0#?])|(?P<mark>[.,%])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r'((?:"[^"]*"|[\\!].|\[[^\]]*\]|[^;"\\!\[])*)(?:;|$)', re.DOTALL)
_FRACTION = re.compile(r"[#?0]\s*/\s*[#?\d]")  # 3 1/7 shows nothing that the number does not say
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_MONEY = re.compile(
    r"¥|￥|RMB|CNY|CN|人民币|元整?|整", re.IGNORECASE
)  # the unit that is meant anyway
_FURNITURE = re.compile(r"[\s()+\-—–/:'$?]*")
_TENTH_YEARS = (Decimal(1900), Decimal(2100))
_MONTH_DECIMALS = 2
_THOUSAND, _HUNDRED = Decimal(1000), Decimal(100)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One section of a format: texts around the number, and how the number is scaled and padded.

    ``slots`` holds the digits' places and the texts between them where there are any.
    """

    before: str
    after: str
    scale: Decimal
    zeros: int
    decimals: int
    slots: tuple[str, ...]
    has_digits: bool


def shown_cell(value: object, number_format: str) -> object:
    """A number as it is shown, where that says more than the number; anything else as it is.

    Examples
    --------
    >>> shown_cell(0.85, "0.00%"), shown_cell(0.6, '0.00"万人"'), shown_cell(12000, '0!.0,"万"')
    ('85%', '0.6万人', '1.2万')
    >>> shown_cell(7, "000"), shown_cell(2021.1, "0.00"), shown_cell(12.5, "#,##0.00")
    ('007', '2021.10', 12.5)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or number_format == "General":
        return value
    number = Decimal(str(value))
    if not number.is_finite():
        return value
    if _FRACTION.search(number_format):
        return value
    pattern = _pattern_for(number_format, number)
    text = None if pattern is None else _text_of(number, pattern)
    return value if text is None else text


def _pattern_for(number_format: str, number: Decimal) -> _Pattern | None:
    sections = _sections(number_format)
    if any(condition for condition, _ in sections):
        held = (own for condition, own in sections if not condition or _holds(condition, number))
        return next(held, None)
    at = 1 if number < 0 else 2 if number == 0 else 0
    return sections[at if at < len(sections) else 0][1] if sections else None


def _holds(condition: str, number: Decimal) -> bool:
    found = _CONDITION.fullmatch(condition)
    if found is None:
        return False
    sign = (number > Decimal(found[2])) - (number < Decimal(found[2]))
    return (
        sign
        in {"<": (-1,), ">": (1,), "=": (0,), "<=": (-1, 0), ">=": (1, 0), "<>": (-1, 1)}[found[1]]
    )


@cache
def _sections(number_format: str) -> tuple[tuple[str, _Pattern], ...]:
    """The sections of a format with their conditions."""
    found: list[tuple[str, _Pattern]] = []
    for section in _SECTION.findall(number_format.rstrip(";"))[:4]:
        if section or not found:
            condition = next(iter(re.findall(r"\[([<>=][^\]]*)\]", section)), "")
            found.append((condition, _pattern_of(section)))
    return tuple(found)


def _pattern_of(section: str) -> _Pattern:
    """Read a section from left to right: texts before, between and after the digits."""
    texts: list[str] = [""]  # texts[i] stands before the i-th digit; the last one after all
    zeros = decimals = commas = percents = tenths = 0
    has_point = False
    for token in _TOKEN.finditer(section):
        literal = _literal(token)
        if token["digit"] or token["general"]:
            zeros += token["digit"] == "0" and not has_point
            decimals += token["digit"] == "0" and has_point
            commas = 0
            texts.append("")
        elif token["mark"] == ".":
            has_point = True
        elif token["mark"] == ",":
            commas += 1
        elif token["mark"] == "%":
            percents += 1
            texts[-1] += "%"
        elif token["scientific"]:
            break  # the digits after E are no digits of the number
        elif literal:
            texts[-1] += literal
    between = texts[1:-1]
    if "." in between:  # 0!.0 shows tenths of what stands left of it
        tenths = len(between) - between.index(".")
        between = [text if text != "." else "" for text in between]
    scale = _HUNDRED**percents / _THOUSAND**commas / Decimal(10) ** tenths
    slots = tuple(between) if any(between) and not has_point else ()
    after = texts[-1] if len(texts) > 1 else ""
    return _Pattern(texts[0], after, scale, zeros - tenths, decimals, slots, len(texts) > 1)


def _literal(token: re.Match[str]) -> str:
    if token["bracket"] is not None:
        return token["bracket"][1:].split("-")[0] if token["bracket"].startswith("$") else ""
    return token["quoted"] or token["escaped"] or token["other"] or ""


def _text_of(number: Decimal, pattern: _Pattern) -> str | None:
    """The text of a number, or ``None`` where it is the number itself."""
    before, after = _said(pattern.before), _said(pattern.after)
    if not pattern.has_digits:
        return before or None  # a zero that is shown as 无; what is hidden or a dash is its number
    if pattern.slots:
        return before + _in_slots(number, pattern) + after
    scaled = number * pattern.scale
    text = _padded(scaled, pattern)
    if not before and not after and pattern.scale == 1 and Decimal(text) == number:
        is_longer = text != _plain(number)
        return text if is_longer else None
    return before + text + after


def _said(text: str) -> str:
    """A literal of a format, without what says nothing: spaces, brackets, dashes, our own money."""
    bare = _MONEY.sub("", text)
    return "" if _FURNITURE.fullmatch(bare) else bare.strip()


def _padded(number: Decimal, pattern: _Pattern) -> str:
    """The exact number with the zeros that its format shows before it, or behind a month."""
    text = _plain(number)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, part = digits.partition(".")
    if pattern.zeros > 1:
        whole = whole.rjust(pattern.zeros, "0")
    is_month = _TENTH_YEARS[0] <= number < _TENTH_YEARS[1] and point
    if is_month and pattern.decimals == _MONTH_DECIMALS:
        part = part.ljust(pattern.decimals, "0")
    return f"{sign}{whole}{point}{part}"


def _in_slots(number: Decimal, pattern: _Pattern) -> str:
    """The digits of a whole number with the texts that stand between them."""
    size = len(pattern.slots) + 1
    digits = _plain(abs(number).quantize(Decimal(1))).rjust(size, "0")
    lead, rest = digits[: len(digits) - size + 1], digits[len(digits) - size + 1 :]
    shown = "".join(text + digit for text, digit in zip(pattern.slots, rest, strict=True))
    return ("-" if number < 0 else "") + lead + shown


def _plain(number: Decimal) -> str:
    """A number in plain digits, without zeros behind its last one."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
