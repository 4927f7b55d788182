"""The trade's words: keys, their Chinese and English labels and what a facility type counts for.

The words themselves are in ``terms.toml``; this module reads it once a call and holds the few
words that code compares with.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from types import MappingProxyType


class Verdict(StrEnum):
    """The five verdicts. Unknown is neither pass nor fail."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    NA = "NA"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages of geoplan's readers.

    Examples
    --------
    >>> Words("缺 0.01 ㎡", "short by 0.01 m²").say("en")
    'short by 0.01 m²'
    """

    zh: str
    en: str

    def say(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.en


@dataclass(frozen=True, slots=True)
class Term:
    """A word with its labels. ``synonyms`` are other spellings met in data."""

    key: str
    zh: str
    en: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FacilityType:
    """What a type of facility counts for (``docs/method.md`` §1.2, §1.3, rulings on areas).

    ``symbol`` is ``elder``, ``childcare``, ``combined`` or ``other`` (the mark on the map).
    ``area`` says whose floor area the building is: ``elder``, ``childcare``, ``split`` (only by the
    two dedicated columns), ``dedicated_childcare`` (only ``childcare_area_m2``), ``center`` (elder,
    pooled, when ``counts_for_community``) or ``none``. ``coverage`` is ``always``, ``if_places``,
    ``if_public`` or ``never`` (indicator 9); ``places`` is ``unless_unfiled``, ``if_filed`` or
    ``never`` (indicator 8).
    """

    key: str
    zh: str
    en: str
    synonyms: tuple[str, ...]
    symbol: str
    area: str
    coverage: str
    places: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measurement; ``per`` is its base: 100 for per cent, 1000 for places per 1,000."""

    key: str
    zh: str
    en: str
    per: Fraction


@cache
def unit(key: str) -> Unit:
    """The unit called ``key``.

    Examples
    --------
    >>> unit("m2_per_100_households").per
    Fraction(100, 1)
    """
    row = _tables()["unit"][key]
    return Unit(key, str(row["zh"]), str(row["en"]), Fraction(str(row.get("per", 1))))


@cache
def _tables() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    text = (files("geoplan") / "terms.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


@cache
def terms(group: str) -> Mapping[str, Term]:
    """All words of a group of ``terms.toml``, in its order.

    Examples
    --------
    >>> terms("verdict")["FAIL"].zh
    '不达标'
    """
    return MappingProxyType(
        {
            key: Term(key, str(row["zh"]), str(row["en"]), _words(row.get("synonyms", ())))
            for key, row in _tables()[group].items()
        }
    )


@cache
def facility_types() -> Mapping[str, FacilityType]:
    """Every facility type with what it counts for.

    Examples
    --------
    >>> facility_types()["elder_day_care_center"].area
    'elder'
    """
    return MappingProxyType(
        {
            key: FacilityType(
                key,
                str(row["zh"]),
                str(row["en"]),
                _words(row.get("synonyms", ())),
                str(row["symbol"]),
                str(row["area"]),
                str(row["coverage"]),
                str(row["places"]),
            )
            for key, row in _tables()["facility_type"].items()
        }
    )


def label(group: str, key: str, language: str) -> str:
    """The label of a word in ``zh`` or ``en``; the key itself where the word is not ours.

    Examples
    --------
    >>> label("status", "operating", "zh")
    '运营'
    """
    term = terms(group).get(key)
    if term is None:
        return key
    return term.zh if language == "zh" else term.en


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, (list, tuple)) else ()
