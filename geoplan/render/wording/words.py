"""Small pieces of text that every renderer shows in the same way."""

from __future__ import annotations

from geoplan.assess.model import IndicatorResult
from geoplan.numbers import number_text, plan_text
from geoplan.policy.model import Standard
from geoplan.terms import Verdict, label

NO_VALUE = "/"  # as the plan prints it
VERDICT_MARKS = {
    Verdict.PASS: "√",
    Verdict.FAIL: "×",
    Verdict.PENDING: "…",
    Verdict.UNKNOWN: "?",
    Verdict.NA: "/",
}


def shown_value(result: IndicatorResult, standard: Standard) -> str:
    """An indicator's value as printed: two decimals, or the plan's truncated integer."""
    if result.value is None:
        return NO_VALUE
    if standard.choice("display") == "plan":
        return plan_text(result.value)
    return number_text(result.value)


def verdict_word(verdict: Verdict, language: str) -> str:
    """The word for a verdict, such as 达标."""
    return label("verdict", verdict.value, language)


def code_text(code: str, language: str) -> str:
    """A code with its label; ``EVIDENCE_MISSING:field`` names the field too.

    Examples
    --------
    >>> code_text("HH_MISSING", "en")
    'HH_MISSING households missing'
    """
    name, _, field = code.partition(":")
    brackets = "（{}）" if language == "zh" else " ({})"
    about = brackets.format(label("evidence", field, language)) if field else ""
    return f"{code} {label('code', name, language)}{about}"
