"""Text of the data that does nothing where it is shown: no formula, no command to a terminal.

Belongs here: what makes a text act, and how it is shown instead. Does not belong here: the outputs.
"""

from __future__ import annotations

import re

# What moves a terminal's cursor or changes its colours (C0, DEL, C1), turns the order of letters
# around, or is half a character and cannot be written at all; tabs and ends of lines are none.
_ACTING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
# What begins a formula, in half and full width; and what may stand unseen before it.
_STARTS = tuple("=+-@＝＋－＠")
_CONTROLS = ("\t", "\r", "\n")
_UNSEEN = " \t\r\n\v\f\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"


def looks_like_formula(text: str) -> bool:
    r"""Whether a spreadsheet could take a text for a formula.

    Examples
    --------
    >>> [looks_like_formula(text) for text in ("=1+1", "＝A1", "　-2", "\t甲", "太平街道", "")]
    [True, True, True, True, False, False]
    """
    if text[:1].isalnum():  # most texts, at a glance
        return False
    return text.startswith(_CONTROLS) or text.lstrip(_UNSEEN).startswith(_STARTS)


def harmless(text: str) -> str:
    """The text as a table holds it: what acts is visible, a formula follows an apostrophe.

    Examples
    --------
    >>> harmless("=1+1"), harmless("太平街道")
    ("'=1+1", '太平街道')
    """
    shown = visible(text)
    return f"'{shown}" if looks_like_formula(shown) else shown


def visible(text: str) -> str:
    r"""The text with every character that acts and is not seen written out, as JSON writes it.

    Examples
    --------
    >>> print(visible("甲\x1b[31m乙\u202e丙"))
    甲\u001b[31m乙\u202e丙
    """
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
