"""What must hold: the sentences of a policy, its dated numbers and its indicators.

Belongs here: the shape of a policy and looking a value up on a day. Does not belong here: reading
TOML (``read.py``) or judging anything. Numbers are exact: ``Decimal`` as written, handed out as
``Fraction``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

Value = Decimal | str | bool | date


def _in_language(zh: str | None, en: str | None, language: str) -> str | None:
    return en if language == "en" and en is not None else zh


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence (or table row) of the document, word for word.

    ``where`` is how a reader finds it (``附件1-8``, ``附件2-2``); ``reason`` is set when geoplan
    does not compute what the sentence asks for, and says why; ``reason_en`` says it in English.
    ``role`` is what the sentence is to a measure (``center_rule``), for those that quote it.
    """

    id: str
    where: str
    text: str
    reason: str | None = None
    reason_en: str | None = None
    role: str | None = None

    def excuse(self, language: str) -> str | None:
        """Why it is not computed, in Chinese where there is no English."""
        return _in_language(self.reason, self.reason_en, language)


@dataclass(frozen=True, slots=True)
class Task:
    """A row of Annex 1: what is to be done, by whom, by when."""

    number: int
    category: str
    task: str
    goal_2021: str
    goal_2023: str
    measures: str
    bureaus: str
    clause: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A value in force from a day on, until the next one of the same parameter."""

    since: date
    value: Value


@dataclass(frozen=True, slots=True)
class Parameter:
    """A policy value that a city can change.

    ``kind`` is ``number``, ``choice``, ``flag`` or ``day``; ``assumed`` holds the words that say
    the value is ours and not the document's (``None`` when the document states it), and
    ``assumed_en`` the same in English. Only an ``optional`` parameter may have no values.
    """

    name: str
    label_zh: str
    label_en: str
    kind: str
    unit: str
    clause: str
    assumed: str | None
    choices: tuple[str, ...]
    values: tuple[Dated, ...]
    optional: bool = False
    assumed_en: str | None = None

    def assumption(self, language: str) -> str | None:
        """Whose the value is if not the document's, in Chinese where there is no English."""
        return _in_language(self.assumed, self.assumed_en, language)

    def on(self, day: date) -> Value | None:
        """The value in force on ``day``."""
        begun = [dated for dated in self.values if dated.since <= day]
        return max(begun, key=lambda dated: dated.since).value if begun else None


@dataclass(frozen=True, slots=True)
class Target:
    """A comparison with a number: ``op`` is ``>=``, ``>`` or ``==``.

    Examples
    --------
    >>> Target(">=", Decimal("53")).met(Fraction(1059, 20))
    False
    >>> Target(">", Decimal("70")).met(Fraction(70))
    False
    """

    op: str
    value: Decimal

    def met(self, value: Fraction) -> bool:
        """Whether the exact ``value``, in the indicator's unit, meets the target."""
        target = Fraction(self.value)
        return {">=": value >= target, ">": value > target, "==": value == target}[self.op]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of Annex 2, or a measurable target of Annex 1.

    ``measure`` names the function that computes it, or is ``"reported"`` for values typed in by
    their bureaus; ``given`` are the parameters it needs. ``region_target`` is Guangxi's column,
    ``baseline`` the city's 2021 column, ``target`` the one to judge against. ``reason`` says why
    geoplan does not compute it, ``reason_en`` the same in English.
    """

    id: str
    number: str
    group: str
    label_zh: str
    label_en: str
    clause: str
    unit: str
    measure: str
    given: tuple[str, ...]
    region_target: Target | None
    baseline: Target | None
    target: Target | None
    lead: tuple[str, ...]
    task: int | None
    reason: str | None = None
    reason_en: str | None = None

    def excuse(self, language: str) -> str | None:
        """Why it is not computed, in Chinese where there is no English."""
        return _in_language(self.reason, self.reason_en, language)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the policy that is judged unit by unit (the 15 m² rule, a siting advice)."""

    id: str
    label_zh: str
    label_en: str
    clause: str
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A published document as data.

    ``until`` is the last day of its period; ``issued`` is ``None`` where that day is not known.
    ``compare_with`` are the policies whose verdicts a check sheet shows beside its own.
    """

    id: str
    title: str
    issuer: str
    document_no: str
    issued: date | None
    since: date
    until: date
    extends: str | None
    clauses: Mapping[str, Clause]
    tasks: tuple[Task, ...]
    parameters: Mapping[str, Parameter]
    indicators: tuple[Indicator, ...]
    rules: Mapping[str, Rule]
    sha256: str
    compare_with: tuple[str, ...] = ()

    def sentence(self, role: str) -> Clause | None:
        """The sentence that has a role; ``None`` where the document has none."""
        return next((each for each in self.clauses.values() if each.role == role), None)


@dataclass(frozen=True, slots=True)
class Standard:
    """A policy on one day, with the user's overrides: what the judge holds the ground against.

    ``values`` has one entry a parameter; ``overrides`` only those the user changed.
    """

    policy: Policy
    as_of: date
    values: Mapping[str, Value | None]
    overrides: Mapping[str, Value | None]

    def optional_number(self, name: str) -> Fraction | None:
        """The exact number called ``name``, ``None`` where the policy sets none."""
        return None if self.values[name] is None else self.number(name)

    def number(self, name: str) -> Fraction:
        """The exact number called ``name``."""
        value = self.values[name]
        if not isinstance(value, Decimal):
            raise TypeError(f"{name} is not a number")
        return Fraction(value)

    def choice(self, name: str) -> str:
        """The word called ``name``."""
        value = self.values[name]
        if not isinstance(value, str):
            raise TypeError(f"{name} is not a choice")
        return value

    def flag(self, name: str) -> bool:
        """The yes or no called ``name``."""
        value = self.values[name]
        if not isinstance(value, bool):
            raise TypeError(f"{name} is not a flag")
        return value

    def day(self, name: str) -> date:
        """The day called ``name``."""
        value = self.values[name]
        if not isinstance(value, date):
            raise TypeError(f"{name} is not a day")
        return value
