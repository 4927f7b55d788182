"""An assessment seen by one reader: names instead of ids, labels instead of codes, one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geoplan.assess.model import Assessment
from geoplan.render.wording.unit_names import Register, build_register
from geoplan.render.wording.words import verdict_word
from geoplan.terms import Verdict, Words, label


@dataclass(frozen=True, slots=True)
class View:
    """What turns results into text: the assessment, its register of names, the language."""

    assessment: Assessment
    register: Register
    language: str

    def say(self, words: Words | None) -> str:
        """The words in the reader's language; nothing for nothing."""
        return "" if words is None else words.say(self.language)

    def label(self, group: str, key: str | None) -> str:
        """The label of a word of the trade."""
        return "" if key is None else label(group, key, self.language)

    def verdict(self, verdict: Verdict) -> str:
        """达标, 不达标 and the others."""
        return verdict_word(verdict, self.language)

    def code(self, code: str) -> str:
        """A code with its label; ``EVIDENCE_MISSING:field`` names the field too."""
        name, _, field = code.partition(":")
        about = f"（{label('evidence', field, self.language)}）" if field else ""
        return f"{code} {label('code', name, self.language)}{about}"

    def codes(self, codes: Iterable[str]) -> str:
        """Codes with their labels."""
        return ("；" if self.language == "zh" else "; ").join(map(self.code, codes))

    def named(self, level: str, keys: Iterable[str]) -> tuple[str, ...]:
        """Ids with their names: ``F1 太平中心``."""
        return tuple(
            key if (name := self.register.name(level, key)) == key else f"{key} {name}"
            for key in keys
        )


def view_of(assessment: Assessment, language: str) -> View:
    """The view of an assessment in ``zh`` or ``en``."""
    return View(assessment, build_register(assessment), language)
