"""Text that no spreadsheet runs as a formula."""

from __future__ import annotations

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
    """The text, after an apostrophe where it looks like a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("太平街道")
    ("'=1+1", '太平街道')
    """
    return f"'{text}" if looks_like_formula(text) else text
