"""The twelve stages of a new housing project: how far it has come on a day.

Belongs here: dates against a day, and whether the land was granted under the rule (``docs/method.md``
§3.1, §2.5, rulings on stages). Does not belong here: what must be true at a stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import IntEnum

from geoplan.layers.model import Project
from geoplan.policy.model import Standard


class Stage(IntEnum):
    """The stages in their order; ``NONE`` when no evidence is dated on or before the day."""

    NONE = 0
    PLANNING_CONDITION = 1
    LAND_GRANT = 2
    LAND_PERMIT = 3
    SCHEME_REVIEW = 4
    WORKS_PERMIT = 5
    CONSTRUCTION_PERMIT = 6
    PRESALE = 7
    COMPLETION_CHECK = 8
    JOINT_ACCEPTANCE = 9
    HANDOVER = 10
    REGISTRATION = 11
    IN_USE = 12

    @property
    def key(self) -> str:
        """The stage's word in ``terms.toml``.

        Examples
        --------
        >>> Stage.WORKS_PERMIT.key
        'works_permit'
        """
        return self.name.lower()


# Which dates show that a stage was reached. Registration has a number and no date; housing can
# only be delivered after its acceptance.
_DATES: Mapping[Stage, tuple[str, ...]] = {
    Stage.PLANNING_CONDITION: ("planning_condition_date",),
    Stage.LAND_GRANT: ("land_grant_date",),
    Stage.LAND_PERMIT: ("land_permit_date",),
    Stage.SCHEME_REVIEW: ("scheme_review_date",),
    Stage.WORKS_PERMIT: ("works_permit_date",),
    Stage.CONSTRUCTION_PERMIT: ("housing_start_date", "facility_start_date"),
    Stage.PRESALE: ("presale_date",),
    Stage.COMPLETION_CHECK: ("completion_check_date",),
    Stage.JOINT_ACCEPTANCE: ("housing_acceptance_date", "housing_delivery_date"),
    Stage.HANDOVER: ("facility_handover_date",),
    Stage.IN_USE: ("open_date",),
}


def has_come(event: date | None, day: date) -> bool:
    """Whether an event is dated on or before ``day``; a blank date is no evidence.

    Examples
    --------
    >>> has_come(date(2023, 12, 31), date(2023, 12, 31)), has_come(None, date(2023, 12, 31))
    (True, False)
    """
    return event is not None and event <= day


def reached_stage(project: Project, day: date) -> Stage:
    """The latest stage with a date on or before ``day``; the stages before it count as reached.

    Examples
    --------
    >>> permitted = Project(2, "P1", "江景苑", works_permit_date=date(2022, 5, 1))
    >>> reached_stage(permitted, date(2022, 4, 30)), reached_stage(permitted, date(2022, 5, 1))
    (<Stage.NONE: 0>, <Stage.WORKS_PERMIT: 5>)
    """
    reached = (
        stage
        for stage, fields in _DATES.items()
        if any(has_come(getattr(project, field), day) for field in fields)
    )
    return max(reached, default=Stage.NONE)


def stock_of(project: Project, standard: Standard) -> str:
    """``legacy_new`` when the land was granted before the rule took effect, else ``new``.

    A blank grant date is taken as new, the stricter of the two.
    """
    granted = project.land_grant_date
    legacy = granted is not None and granted < standard.day("new_rule_effective")
    return "legacy_new" if legacy else "new"


def is_accepted(project: Project, day: date) -> bool:
    """Whether the housing was accepted on or before ``day``."""
    return has_come(project.housing_acceptance_date, day)


def is_delivered(project: Project, day: date) -> bool:
    """Whether the housing was delivered on or before ``day``."""
    return has_come(project.housing_delivery_date, day)
