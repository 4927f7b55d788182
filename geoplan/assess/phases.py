"""Housing built in phases: which part is there before the rooms for elders and children are.

``domain.md`` §2.5, last paragraph. Households are exact; ``None`` where a phase does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from geoplan.assess.stages import has_come
from geoplan.layers.model import Phase, Project
from geoplan.measures.coverage import share
from geoplan.policy.model import Standard

_PER_CENT = 100
_NUMERALS = {numeral: value for value, numeral in enumerate("一二三四五六七八九", 1)}
_TEN = "十"
_FIRST = "首"


def phase_number(text: str | None) -> int | None:
    """The number of a phase as people write it; of several the last, ``None`` where there is none.

    Examples
    --------
    >>> [phase_number(text) for text in ("2", "第2期", "首期", "二期", "十二期", "1、2期", "南区")]
    [2, 2, 1, 2, 12, 2, None]
    """
    numbers = [_number(word) for word in re.findall(r"\d+|[一二三四五六七八九十]+|首", text or "")]
    return max(numbers, default=None)


def _number(word: str) -> int:
    if word.isdigit():
        return int(word)
    if word == _FIRST:
        return 1
    tens, ten, ones = word.rpartition(_TEN)
    return (_NUMERALS.get(tens, 1) * 10 if ten else 0) + _NUMERALS.get(ones[-1:], 0)


def is_phased(project: Project, phases: Sequence[Phase]) -> bool:
    """Whether the project has more than one phase, by its list, its count or its facility."""
    number = phase_number(project.facility_phase)
    count = project.phase_count
    return len(phases) > 1 or (count is not None and count > 1) or (number or 1) > 1


def is_in_first_phase(project: Project, phases: Sequence[Phase]) -> bool:
    """Whether the rooms are declared for the first phase."""
    place = _place_in(in_order(phases), project.facility_phase)
    return place == 0 or (place is None and phase_number(project.facility_phase) == 1)


def in_order(phases: Iterable[Phase]) -> list[Phase]:
    """By number where every phase has one, else as in the file."""
    listed = list(phases)
    numbers = {phase.phase: phase_number(phase.phase) for phase in listed}
    if any(number is None for number in numbers.values()):
        return listed
    return sorted(listed, key=lambda phase: numbers[phase.phase] or 0)


def _place_in(ordered: Sequence[Phase], text: str | None) -> int | None:
    """Where a phase stands: by its name as written, else by its number."""
    number = phase_number(text)
    for same in (
        lambda phase: phase.phase == text,
        lambda phase: number is not None and phase_number(phase.phase) == number,
    ):
        for place, phase in enumerate(ordered):
            if same(phase):
                return place
    return None


def all_households(project: Project, phases: Iterable[Phase]) -> Fraction | None:
    """Planned households of the whole project; where blank, the sum of its phases."""
    if project.planned_households is not None:
        return Fraction(project.planned_households)
    return _sum_households(phases)


def households_when_built(project: Project, phases: Sequence[Phase]) -> Fraction | None:
    """Households complete when the rooms are: all phases up to and with the rooms' own."""
    ordered = in_order(phases)
    place = _place_in(ordered, project.facility_phase)
    return None if place is None else _sum_households(ordered[: place + 1])


def share_of_all(
    households: Fraction | None, project: Project, phases: Iterable[Phase]
) -> Fraction | None:
    """``households`` as a share of the whole project, 0 to 1; ``None`` where either is unknown.

    Examples
    --------
    >>> share_of_all(Fraction(1100), Project(2, "P1", "", planned_households=1500), ())
    Fraction(11, 15)
    """
    total = all_households(project, phases)
    return None if households is None or total is None else share(households, total)


def allowed_share(standard: Standard) -> Fraction:
    """How much of the housing may be there before the rooms are, 0 to 1."""
    return standard.number("phase_share") / _PER_CENT


def delivered_phases(phases: Iterable[Phase], day: date) -> list[Phase]:
    """The phases delivered on or before ``day``."""
    return [phase for phase in phases if has_come(phase.delivered_date, day)]


def delivered_households(phases: Iterable[Phase], day: date) -> Fraction | None:
    """Households of the delivered phases; ``None`` where one of them is unknown or none is there."""
    delivered = delivered_phases(phases, day)
    return _sum_households(delivered) if delivered else None


def _sum_households(phases: Iterable[Phase]) -> Fraction | None:
    counts = [phase.households for phase in phases]
    if not counts or any(count is None for count in counts):
        return None
    return sum((Fraction(count) for count in counts if count is not None), Fraction(0))
