"""The state of a facility on a day, and whether it is a qualifying 街道 centre or childcare.

``docs/method.md`` §1.2, §1.3, §2.1 and the rulings on status and dates, functions and childcare.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from geoplan.assess.places.unread_cells import not_understood
from geoplan.layers.model import Facility
from geoplan.policy.model import Standard
from geoplan.terms import facility_types, terms

SERVING = frozenset({"operating", "trial"})


class Qualifies(Enum):
    """Whether a facility makes its unit covered. Unknown is neither yes nor no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def state_on(facility: Facility, day: date) -> tuple[str, tuple[str, ...]]:
    """The status that holds on ``day``, with the codes that tell how it was settled.

    Examples
    --------
    >>> opens_later = Facility(2, "F1", "other", "", status="operating", open_date=date(2024, 3, 1))
    >>> state_on(opens_later, date(2023, 12, 31))
    ('under_construction', ())
    >>> state_on(opens_later, date(2024, 6, 30))
    ('operating', ())
    """
    if facility.close_date is not None and facility.close_date <= day:
        return "closed", ()
    if facility.open_date is not None and facility.open_date > day:
        return ("planned" if facility.status == "planned" else "under_construction"), ()
    if _is_unread(facility):
        return "unknown", ("STATUS_NOT_UNDERSTOOD",)
    return _written_state(facility)


def _written_state(facility: Facility) -> tuple[str, tuple[str, ...]]:
    """The status as written, of a facility that has opened, if it says when, and not closed."""
    if facility.status == "closed":
        return ("operating" if facility.close_date is not None else "closed"), ()
    if facility.status == "unknown":
        return ("operating", ("STATUS_ASSUMED",)) if facility.open_date else ("unknown", ())
    if facility.status in {"under_construction", "planned"} and facility.open_date is not None:
        return facility.status, ("DATE_STATUS_CONFLICT",)
    return facility.status, (("TRIAL",) if facility.status == "trial" else ())


def _is_unread(facility: Facility) -> bool:
    """Whether the status, or a closing day that could undo it, says something not understood."""
    if facility.status == "unknown" and not_understood(facility, "status"):
        return True
    may_have_closed = facility.close_date is None and not_understood(facility, "close_date")
    return may_have_closed and facility.status in SERVING | {"unknown", "built_idle"}


def missing_functions(functions: frozenset[str]) -> tuple[str, ...]:
    """Which of the four functions of a comprehensive centre are not there, in the plan's order.

    Examples
    --------
    >>> missing_functions(frozenset({"full_time_care", "day_care", "home_visit"}))
    ('technical_support',)
    """
    return tuple(word for word in terms("function") if word not in functions)


def functions_not_understood(facility: Facility) -> bool:
    """Whether a function that seems to be missing may stand in a cell that could not be read."""
    fields = ("functions", *missing_functions(facility.functions or frozenset()))
    return any(not_understood(facility, field) for field in fields)


def qualifies_as_center(facility: Facility, state: str, standard: Standard) -> Qualifies:
    """Whether a 街道 centre counts: serving, all four functions, large enough (§1.2)."""
    if facility.facility_type != "jiedao_elder_center" or state not in SERVING | {"unknown"}:
        return Qualifies.NO
    lacks = facility.functions is not None and bool(missing_functions(facility.functions))
    unread = functions_not_understood(facility)
    if lacks and not unread:
        return Qualifies.NO
    large = _large_enough(facility.floor_area_m2, standard.number("min_center_area_m2"))
    if large is Qualifies.NO:
        return Qualifies.NO
    if state == "unknown" or facility.functions is None or lacks or large is Qualifies.UNKNOWN:
        return Qualifies.UNKNOWN
    return Qualifies.YES


def qualifies_as_childcare(  # noqa: PLR0911 - one return a rule
    facility: Facility, state: str, standard: Standard
) -> tuple[Qualifies, tuple[str, ...]]:
    """Whether a facility covers a residential community with childcare, with its flags (§1.3)."""
    kind = facility_types()[facility.facility_type]
    if kind.coverage == "never" or state not in SERVING | {"unknown"}:
        return Qualifies.NO, ()
    places_unread = facility.places is None and not_understood(facility, "places")
    if kind.coverage == "if_places" and not facility.places and not places_unread:
        return Qualifies.NO, ()
    unread = places_unread or (facility.filed is None and not_understood(facility, "filed"))
    if kind.coverage == "if_public" and not_understood(facility, "open_to_public"):
        unread = True
    elif kind.coverage == "if_public" and facility.open_to_public is not True:
        silent = facility.open_to_public is None
        return Qualifies.NO, (("OPEN_TO_PUBLIC_UNKNOWN",) if silent else ())
    if facility.filed is False:
        return Qualifies.NO, ("NOT_FILED",)
    if facility.places is None and not places_unread:
        return Qualifies.NO, ("PLACES_MISSING",)
    if facility.places is not None and (
        facility.places <= 0 or Fraction(facility.places) < standard.number("min_places")
    ):
        return Qualifies.NO, ()
    flags = ("NOT_FILED_UNKNOWN",) if facility.filed is None else ()
    large = _childcare_large_enough(facility, standard)
    if large is Qualifies.NO:
        return Qualifies.NO, ("AREA_BELOW_MIN",)
    if large is Qualifies.UNKNOWN or state == "unknown" or unread:
        return Qualifies.UNKNOWN, flags
    return Qualifies.YES, flags


def _childcare_large_enough(facility: Facility, standard: Standard) -> Qualifies:
    """Tested on the childcare area where given, else on the floor area of pure childcare types."""
    area = facility.childcare_area_m2
    kind = facility_types()[facility.facility_type]
    if area is None and kind.symbol == "childcare" and kind.area != "dedicated_childcare":
        area = facility.floor_area_m2
    return _large_enough(area, standard.number("min_childcare_area_m2"))


def _large_enough(area: Decimal | None, minimum: Fraction) -> Qualifies:
    if minimum <= 0:
        return Qualifies.YES
    if area is None:
        return Qualifies.UNKNOWN
    return Qualifies.YES if Fraction(area) >= minimum else Qualifies.NO
