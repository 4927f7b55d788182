"""Targets and baselines as a document states them."""

from __future__ import annotations

from fractions import Fraction

from geoplan.numbers import plain_text
from geoplan.policy.model import Target
from geoplan.render.wording.words import NO_VALUE


def target_text(target: Target | None) -> str:
    """A target as the plan prints it: ``≥53``, ``=100``, ``/``."""
    if target is None:
        return NO_VALUE
    sign = {">=": "≥", ">": ">", "==": "="}[target.op]
    return f"{sign}{plain_text(Fraction(target.value))}"


def baseline_text(baseline: Target | None) -> str:
    """A baseline as the plan prints it: ``66``, ``≥45``, ``/``.

    Examples
    --------
    >>> from decimal import Decimal
    >>> baseline_text(Target("==", Decimal(66))), baseline_text(Target(">=", Decimal(45)))
    ('66', '≥45')
    """
    return target_text(baseline).removeprefix("=")
