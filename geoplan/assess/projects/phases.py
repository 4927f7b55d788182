"""Housing built in phases: which part is there before the rooms for elders and children are.

``docs/method.md`` §2.5, last paragraph, and the second series of rulings on phases: rows of one number
are one phase, and phases without numbers have no order, whatever the order of rows. Households are exact; ``None`` where a phase does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from geoplan.assess.projects.stages import has_come
from geoplan.errors import Remark
from geoplan.layers.model import Phase, Project
from geoplan.layers.rows.row_order import in_natural_order
from geoplan.measures.coverage import share
from geoplan.policy.model import Standard
from geoplan.terms import Words

_PER_CENT = 100
_NUMERALS = {numeral: value for value, numeral in enumerate("一二三四五六七八九", 1)}
_TEN = "十"
_FIRST = "首"
_ONE = r"(?:\d+|[一二三四五六七八九十]+|首)"
_SEVERAL = rf"{_ONE}(?:\s*[、,，和及与至到~～—–-]\s*{_ONE})*"
_NUMBERED = re.compile(rf"({_SEVERAL})\s*期")
# Without the word for phase: 2, 2A, P2, phase 2.
_BARE = re.compile(rf"[^\d一二三四五六七八九十首]*({_SEVERAL})")


def phase_number(text: str | None) -> int | None:
    """The number of a phase as people write it, whatever stands behind it; of several the last.

    ``None`` where there is none: such a phase has no place among the others.

    Examples
    --------
    >>> [phase_number(text) for text in ("2", "第2期", "首期", "二期", "十二期", "1、2期", "南区")]
    [2, 2, 1, 2, 12, 2, None]
    >>> [phase_number(text) for text in ("一期A", "一期2标段", "2023年二期", "2A", "Phase 3")]
    [1, 1, 2, 2, 3]
    """
    said = text or ""
    found = _NUMBERED.findall(said) or _BARE.findall(said)[:1]
    numbers = [_number(word) for several in found for word in re.findall(_ONE, several)]
    return max(numbers, default=None)


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    if word == _FIRST:
        return 1
    tens, ten, ones = word.rpartition(_TEN)
    return (_NUMERALS.get(tens, 1) * 10 if ten else 0) + _NUMERALS.get(ones[-1:], 0)


def is_phased(project: Project, phases: Sequence[Phase]) -> bool:
    """Whether the project has more than one phase, by its list, its count or its facility.

    Rows of one number are one phase.
    """
    number = phase_number(project.facility_phase)
    count = project.phase_count
    return count_of(phases) > 1 or (count is not None and count > 1) or (number or 1) > 1


def count_of(phases: Iterable[Phase]) -> int:
    """How many phases the rows are; those without a number each stand for one.

    Examples
    --------
    >>> count_of([Phase(2, "P1", "一期A"), Phase(3, "P1", "一期B"), Phase(4, "P1", "南区")])
    2
    """
    return len({phase_number(phase.phase) or (phase.phase, phase.row) for phase in phases})


def lost_phases(projects: Iterable[Project], phases: Iterable[Phase]) -> list[Remark]:
    """Phases of a project that no layer has count for nothing, and are said to."""
    known = {project.id for project in projects}
    lost = [phase for phase in phases if phase.project_id not in known]
    if not lost:
        return []
    names = in_natural_order({phase.project_id for phase in lost})
    detail = Words(
        f"分期表中的项目 {'、'.join(names)} 不在项目图层中，{len(lost)} 行分期未采用",
        f"{', '.join(names)}: in the phases but not in the projects; {len(lost)} phases are not used",
    )
    rows = tuple(phase.row for phase in lost)
    return [Remark("UNKNOWN_NAME", detail, "phases", rows, names)]


@dataclass(frozen=True, slots=True)
class Timing:
    """Which phases are built when the rooms are: surely, surely not, and perhaps.

    ``first`` says whether the rooms come with the first phase, ``None`` where nobody can know.
    """

    first: bool | None
    before: tuple[Phase, ...]
    after: tuple[Phase, ...] = ()
    perhaps: tuple[Phase, ...] = ()

    @property
    def ordered(self) -> bool:
        """Whether the order of the phases is known."""
        return not self.perhaps


def timing_of(project: Project, phases: Sequence[Phase]) -> Timing | None:
    """When the rooms come among the phases; ``None`` where their own phase is not listed.

    Only numbers order phases. What has none can come before the rooms or after them.
    """
    number = phase_number(project.facility_phase)
    if number is None:
        return _timing_by_name(project.facility_phase, phases)
    numbered = [(phase_number(phase.phase), phase) for phase in phases]
    silent = tuple(phase for own, phase in numbered if own is None)
    before = tuple(phase for own, phase in numbered if own is not None and own <= number)
    after = tuple(phase for own, phase in numbered if own is not None and own > number)
    if number == 1:
        return Timing(first=True, before=before, after=(*after, *silent))
    earlier = [own for own, _ in numbered if own is not None and own < number]
    if len(before) == len(earlier):
        return None
    first = False if earlier else None if silent else True
    return Timing(first, before, after, silent)


def _timing_by_name(name: str | None, phases: Sequence[Phase]) -> Timing | None:
    own = tuple(phase for phase in phases if phase.phase and phase.phase == name)
    others = tuple(phase for phase in phases if phase not in own)
    if not own:
        return None
    return Timing(None if others else True, own, perhaps=others)


def least_share(timing: Timing, project: Project) -> Fraction:
    """The least part of the housing that is built when the rooms are, 0 to 1."""
    built = known_households(timing.before)
    if project.planned_households is not None:
        return share(built, Fraction(project.planned_households)) or Fraction(0)
    rest = _sum_households((*timing.after, *timing.perhaps))
    return Fraction(0) if rest is None else share(built, built + rest) or Fraction(0)


def most_share(timing: Timing, project: Project) -> Fraction:
    """The most of it; all of it where a phase does not tell its size."""
    built = _sum_households((*timing.before, *timing.perhaps))
    if built is None:
        return Fraction(1)
    if project.planned_households is not None:
        return _at_most_all(share(built, Fraction(project.planned_households)))
    return _at_most_all(share(built, built + known_households(timing.after)))


def _at_most_all(part: Fraction | None) -> Fraction:
    return Fraction(1) if part is None else part


def all_households(project: Project, phases: Iterable[Phase]) -> Fraction | None:
    """Planned households of the whole project; where blank, the sum of its phases."""
    if project.planned_households is not None:
        return Fraction(project.planned_households)
    listed = list(phases)
    return _sum_households(listed) if listed else None


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


def known_households(phases: Iterable[Phase]) -> Fraction:
    """Households that are told."""
    return sum((Fraction(phase.households or 0) for phase in phases), Fraction(0))


def _sum_households(phases: Iterable[Phase]) -> Fraction | None:
    counts = [phase.households for phase in phases]
    if any(count is None for count in counts):
        return None
    return sum((Fraction(count) for count in counts if count is not None), Fraction(0))
