"""The papers of a new housing project on a day: what it owes and what each document shows.

``docs/method.md`` §1.6, §2.5, §3.1 and the rulings on 四同步. Evidence dated after the day is left
aside here, once, so that no test has to think of it. Areas are m², exact, ``None`` where blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from geoplan.assess.floor_area.area_rule import rate_of
from geoplan.assess.floor_area.countable_area import KINDS
from geoplan.assess.projects.stages import Stage, is_accepted, is_delivered, reached_stage, stock_of
from geoplan.layers.model import Phase, Project
from geoplan.measures.supply import required_area
from geoplan.numbers import exact_decimal, number_text, plain_text
from geoplan.policy.model import Standard
from geoplan.terms import Words, unit

_CENTS = 2  # decimals that a sentence shows unless the number has more


@dataclass(frozen=True, slots=True)
class Requirement:
    """The floor area a project owes, in m², and how it comes about."""

    floor_m2: Fraction
    basis: Words


@dataclass(frozen=True, slots=True)
class Dossier:
    """A project with its phases, held against a standard on the standard's day.

    ``required`` is by kind, ``None`` where the planned households are unknown.
    """

    project: Project
    phases: tuple[Phase, ...]
    standard: Standard
    stage: Stage
    stock: str
    required: Mapping[str, Requirement | None]

    @property
    def day(self) -> date:
        """The day of the judgement."""
        return self.standard.as_of

    @property
    def accepted(self) -> bool:
        """Whether the housing has been accepted."""
        return is_accepted(self.project, self.day)

    @property
    def delivered(self) -> bool:
        """Whether the housing has been delivered."""
        return is_delivered(self.project, self.day)


def open_dossier(project: Project, phases: Sequence[Phase], standard: Standard) -> Dossier:
    """Gather what the tests of a project look at."""
    stock = stock_of(project, standard)
    return Dossier(
        project=project,
        phases=tuple(phases),
        standard=standard,
        stage=reached_stage(project, standard.as_of),
        stock=stock,
        required={kind: required_of(project, kind, stock, standard) for kind in KINDS},
    )


def required_of(project: Project, kind: str, stock: str, standard: Standard) -> Requirement | None:
    """The largest of the rate, the single-facility minimum and the land contract."""
    if project.planned_households is None or project.planned_households < 0:
        return None
    households = Fraction(project.planned_households)
    rate = rate_of(kind, stock, standard)
    by_rate = required_area(households, rate, unit("m2_per_100_households").per)
    minimum = standard.number("min_single_m2") if by_rate else Fraction(0)
    contract = _contract_area(project, kind, standard.as_of)
    sum_zh = f"{plain_text(households)} 户 × {plain_text(rate)} ㎡/百户"
    sum_en = f"{plain_text(households)} households × {plain_text(rate)} m² per 100"
    owed = max(by_rate, minimum, contract)
    if owed == by_rate:
        return Requirement(owed, Words(sum_zh, sum_en))
    floor, less = area_text(owed), area_text(by_rate)
    asked_zh = f"合同约定 {floor} ㎡" if owed == contract else f"单处不少于 {floor} ㎡"
    asked_en = "the contract asks for" if owed == contract else "one facility has at least"
    basis = Words(
        f"{asked_zh}，高于 {sum_zh} = {less} ㎡",
        f"{asked_en} {floor} m², more than {sum_en} = {less} m²",
    )
    return Requirement(owed, basis)


def _contract_area(project: Project, kind: str, day: date) -> Fraction:
    """What the land contract asks for; a blank, or a contract of a later day, asks nothing."""
    asked = getattr(project, f"contract_{kind}_m2")
    later = project.land_grant_date is not None and project.land_grant_date > day
    return Fraction(0) if asked is None or later else Fraction(asked)


def document_area(dossier: Dossier, document: str, kind: str) -> Fraction | None:
    """The area that a document (``permit``, ``measured``, ``handed``) shows on the day.

    An undated measurement is as old as the acceptance that followed it.
    """
    project = dossier.project
    dated = {
        "permit": project.works_permit_date,
        "measured": project.completion_check_date or project.housing_acceptance_date,
        "handed": project.facility_handover_date,
    }[document]
    shown = getattr(project, f"{document}_{kind}_m2")
    later = dated is not None and dated > dossier.day
    return None if shown is None or later else Fraction(shown)


def area_text(value: Fraction) -> str:
    """Two decimals, or all of them when the area has more.

    Examples
    --------
    >>> area_text(Fraction(160)), area_text(Fraction(49954, 1000))
    ('160.00', '49.954')
    """
    exact = exact_decimal(value)
    fine = exact is not None and -int(exact.as_tuple().exponent) > _CENTS
    return plain_text(value) if fine else number_text(value)
