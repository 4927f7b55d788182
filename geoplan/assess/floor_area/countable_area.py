"""The floor area of a facility that may count, for whom, and when.

``docs/method.md`` §2.5 counting rules and the rulings on areas and leases. One square metre serves one
kind only; what is unknown stays unknown (``None``) and carries its code, with the most it can be
where something bounds it: an unknown that cannot matter is then seen not to (§9, second series).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from geoplan.assess.model import Place
from geoplan.assess.places.unread_cells import not_understood
from geoplan.errors import Remark
from geoplan.layers.model import Facility, Layers, rows_of
from geoplan.measures.supply import with_common_area
from geoplan.policy.model import Standard
from geoplan.terms import Words, facility_types

KINDS = ("elder", "childcare")
BAD_POSITIONS = frozenset({"basement", "semi_basement", "mezzanine"})
_WHEN = {
    "operating": "now",
    "trial": "now",
    "built_idle": "now",
    "unknown": "now",
    "under_construction": "committed",
    "planned": "planned",
}
_LEASE_YEARS = 3  # 国卫人口发〔2019〕58号: premises owned, or leased for at least three years


@dataclass(frozen=True, slots=True)
class Amount:
    """Floor area in m² (``None`` where unknown) with the codes that explain it.

    ``most_m2`` is the most that an unknown area can be, ``None`` where nothing bounds it; the
    least is always 0.
    """

    floor_m2: Fraction | None
    codes: tuple[str, ...] = ()
    most_m2: Fraction | None = None

    @property
    def highest_m2(self) -> Fraction | None:
        """The most it can be, known or not; ``None`` where nothing bounds it."""
        return self.most_m2 if self.floor_m2 is None else self.floor_m2

    def part(self, share: Fraction | None, *codes: str, at_most: Fraction | None = None) -> Amount:
        """A share of it, ``at_most`` where unknown; a share of nothing and no share are nothing."""
        if self.floor_m2 == 0:
            return self
        if share == 0:
            return Amount(Fraction(0), codes)
        said = (*self.codes, *codes)
        if self.floor_m2 is not None and share is not None:
            return Amount(self.floor_m2 * share, said)
        bound = at_most if share is None else share
        highest = self.highest_m2
        most = None if highest is None or bound is None else highest * bound
        return Amount(None, said, most)

    def no_more_than(self, most_m2: Fraction) -> Amount:
        """The same, with an unknown area bounded."""
        if self.floor_m2 is not None:
            return self
        most = most_m2 if self.most_m2 is None else min(self.most_m2, most_m2)
        return Amount(None, self.codes, most)


@dataclass(frozen=True, slots=True)
class AreaCredit:
    """An amount of one facility credited to a compound, or to a place wider than compounds.

    ``kind`` is ``elder``, ``childcare`` or ``undivided`` (a shared building that the policy fills
    with elder care first); ``when`` is ``now``, ``committed`` or ``planned``. Where a facility is
    divided among several units, ``whole`` is what they have together and ``units`` their number.
    """

    facility: str
    kind: str
    when: str
    amount: Amount
    compound: str | None
    place: Place
    whole: Amount | None = None
    units: int = 1


def dedicated_amounts(facility: Facility, standard: Standard) -> Mapping[str, Amount]:
    """Floor area of each kind that the rooms provide, whatever their state and place."""
    area = facility_types()[facility.facility_type].area
    if area == "center":
        counts = facility.counts_for_community
        if counts is None:
            counts = standard.flag("center_counts_for_community")
        area = "elder" if counts else "none"
    if area == "none" or facility.area_kind == "outdoor":
        return {}
    if area == "dedicated_childcare":
        return {"childcare": _nursery_amount(facility, standard)}
    if area == "split" or _other_kind_given(facility, area):
        return _shared_amounts(facility, standard)
    return {area: _single_amount(facility, area, standard)}


def _other_kind_given(facility: Facility, area: str) -> bool:
    other = facility.childcare_area_m2 if area == "elder" else facility.elder_area_m2
    return bool(other)


def _gross_factor(facility: Facility, standard: Standard) -> Fraction | None:
    """What turns the area as written into gross floor area; ``None`` where nothing does."""
    if facility.area_kind == "gross_floor":
        return Fraction(1)
    ratio = standard.optional_number("usable_to_gross_ratio")
    return 1 / ratio if facility.area_kind == "usable" and ratio else None


def _to_gross(facility: Facility, written: Decimal | None, standard: Standard) -> Amount:
    if not written:
        return Amount(Fraction(0))
    factor = _gross_factor(facility, standard)
    return Amount(None, ("AREA_KIND",)) if factor is None else Amount(Fraction(written) * factor)


def _single_amount(facility: Facility, kind: str, standard: Standard) -> Amount:
    """A building of one kind: the dedicated column beats the floor area.

    Outdoor ground never counts: it is taken off a floor area, which includes it; a dedicated
    column is floor area already.
    """
    dedicated = facility.elder_area_m2 if kind == "elder" else facility.childcare_area_m2
    floor = facility.floor_area_m2
    if dedicated is not None and floor is not None and dedicated > floor:
        return Amount(Fraction(0), ("AREA_OVERALLOCATED",))
    if dedicated is not None:
        return _to_gross(facility, dedicated, standard)
    if floor is None:
        return _other_area_columns(facility, standard)
    return _to_gross(facility, max(Decimal(0), floor - (facility.outdoor_area_m2 or 0)), standard)


def _nursery_amount(facility: Facility, standard: Standard) -> Amount:
    """Rooms of a nursery class: only those set apart for it, and no more than the building."""
    own, floor = facility.childcare_area_m2, facility.floor_area_m2
    if own is not None and floor is not None and own > floor:
        return Amount(Fraction(0), ("AREA_OVERALLOCATED",))
    return _to_gross(facility, own, standard)


def _other_area_columns(facility: Facility, standard: Standard) -> Amount:
    """Without a floor area: the usable area if the policy has a ratio; land area never."""
    if facility.usable_area_m2 is not None:
        return _to_gross(replace(facility, area_kind="usable"), facility.usable_area_m2, standard)
    if facility.land_area_m2 is not None:
        return Amount(None, ("AREA_KIND",))
    return Amount(None, ("AREA_MISSING",))


def _shared_amounts(facility: Facility, standard: Standard) -> Mapping[str, Amount]:
    """A building of both kinds: only the two dedicated columns divide it."""
    elder, childcare = facility.elder_area_m2, facility.childcare_area_m2
    total = _single_amount(
        replace(facility, elder_area_m2=None, childcare_area_m2=None), "elder", standard
    )
    if elder is None and childcare is None:
        return _undivided_amounts(total, standard.choice("shared_policy"))
    factor = _gross_factor(facility, standard)
    if factor is None:
        unknown = "SHARED_SPLIT_MISSING" if elder is None or childcare is None else "AREA_KIND"
        return _both(Amount(None, (unknown,)))
    dedicated = Fraction((elder or 0) + (childcare or 0)) * factor
    other = Fraction(facility.other_area_m2 or 0) * factor
    # The building as written, outdoor ground and all: the dedicated columns need not leave it room.
    written = facility.floor_area_m2
    building = total.floor_m2 if written is None else Fraction(written) * factor
    if building is not None and dedicated + other > building:
        return _both(Amount(Fraction(0), ("AREA_OVERALLOCATED",)))
    if elder is None or childcare is None:
        return _half_split_amounts(facility, total, dedicated, other)
    common = Fraction(0)
    if total.floor_m2 is not None and facility.other_area_m2 is not None:
        common = max(Fraction(0), total.floor_m2 - dedicated - other)
    return {
        kind: Amount(with_common_area(Fraction(own) * factor, dedicated, common))
        for kind, own in (("elder", elder), ("childcare", childcare))
    }


def _half_split_amounts(
    facility: Facility, total: Amount, dedicated: Fraction, other: Fraction
) -> Mapping[str, Amount]:
    """One dedicated area is missing: whatever it is, neither kind has more than the building left.

    The kind that is given can gain the common area, once the columns of the split are all there.
    """
    given = "childcare" if facility.elder_area_m2 is None else "elder"
    silent = "elder" if given == "childcare" else "childcare"
    code = ("SHARED_SPLIT_MISSING",)
    if total.floor_m2 is None:
        return _both(Amount(None, code))
    room = max(Fraction(0), total.floor_m2 - other)
    return {
        given: Amount(None, code, max(room, dedicated) if dedicated else dedicated),
        silent: Amount(None, code, max(Fraction(0), room - dedicated)),
    }


def _both(amount: Amount) -> Mapping[str, Amount]:
    return dict.fromkeys(KINDS, amount)


def _undivided_amounts(total: Amount, shared_policy: str) -> Mapping[str, Amount]:
    """Only a total is given: unknown, unless the policy says how to divide it."""
    if total.floor_m2 is None:
        return _both(total)
    if shared_policy == "half":
        return _both(total.part(Fraction(1, 2)))
    if shared_policy == "elder_first":
        return {"undivided": total}
    return _both(Amount(None, ("SHARED_SPLIT_MISSING",), total.floor_m2))


def outdoor_remarks(layers: Layers) -> list[Remark]:
    """Rooms with a dedicated column and outdoor ground beside it, which is not taken off."""
    found = [
        row
        for row in rows_of(layers.facilities)
        if row.outdoor_area_m2
        and (row.elder_area_m2, row.childcare_area_m2) != (None, None)
        and facility_types()[row.facility_type].area != "none"
    ]
    if not found:
        return []
    ids = tuple(row.id for row in found)
    detail = Words(
        f"{'、'.join(ids)} 已分列养老或托育面积，室外活动场地不再从中扣除",
        f"{', '.join(ids)}: the elder or childcare area is floor area already; "
        "outdoor ground is not taken off it",
    )
    rows = tuple(row.row for row in found)
    return [Remark("OUTDOOR_NOT_DEDUCTED", detail, "facilities", rows, ids)]


def amounts_on(
    facility: Facility, state: str, dedicated: Mapping[str, Amount], day: date
) -> tuple[str, Mapping[str, Amount]]:
    """When the rooms count (``now``, ``committed``, ``planned``; empty for never), and how much."""
    when = _WHEN.get(state, "")
    if when != "now":
        return when, dedicated
    flags: tuple[str, ...] = ("IDLE",) if state == "built_idle" else ()
    if facility.tenure in {"purchased", "swapped", "free_use"}:
        flags += ("EVIDENCE_NOT_GIVEN",)
    if facility.position in BAD_POSITIONS:
        flags += ("BAD_LOCATION",)
    if not_understood(facility, "position"):
        flags += ("POSITION_UNKNOWN",)
    if _lease_is_unread(facility):
        return when, {kind: _of_unread_lease(amount) for kind, amount in dedicated.items()}
    counts, lease = _lease_on(facility, day)
    if not counts:  # nothing today, however large the rooms are
        return when, dict.fromkeys(dedicated, Amount(Fraction(0), lease))
    if state == "unknown":
        dedicated = {kind: _status_unknown(amount) for kind, amount in dedicated.items()}
    return when, {
        kind: replace(amount, codes=(*amount.codes, *flags, *_lease_flags(lease, kind)))
        for kind, amount in dedicated.items()
        if amount.floor_m2 != 0 or amount.codes
    }


def _status_unknown(amount: Amount) -> Amount:
    """Rooms of an unknown state may or may not count; rooms of no area cannot matter."""
    if amount.floor_m2 == 0:
        return amount
    return Amount(None, (*amount.codes, "STATUS_UNKNOWN"), amount.highest_m2)


def _lease_is_unread(facility: Facility) -> bool:
    """Whether the end of a lease says something that could not be read: it may have passed."""
    leased = facility.tenure in {"leased", "unknown"}
    return leased and facility.lease_end is None and not_understood(facility, "lease_end")


def _of_unread_lease(amount: Amount) -> Amount:
    if amount.floor_m2 == 0:
        return amount
    return Amount(None, (*amount.codes, "LEASE_NOT_UNDERSTOOD"), amount.highest_m2)


def _lease_flags(lease: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The three-year rule concerns childcare premises only."""
    return tuple(code for code in lease if code != "LEASE_SHORT" or kind != "elder")


def _lease_on(facility: Facility, day: date) -> tuple[bool, tuple[str, ...]]:
    """Whether leased rooms count on ``day``, and the flags of the lease."""
    start, end = facility.lease_start, facility.lease_end
    leased = facility.tenure == "leased" or (facility.tenure == "unknown" and bool(start or end))
    if not leased:
        return True, ()
    if start is not None and start > day:
        return False, ("LEASE_NOT_BEGUN",)
    if end is None:
        return True, ("LEASE_TERM_UNKNOWN",)
    if end < day:
        return False, ("LEASE_ENDED",)
    flags: tuple[str, ...] = ()
    day_after = end + timedelta(days=1)
    if start is not None and day_after < _years_after(start, _LEASE_YEARS):
        flags += ("LEASE_SHORT",)
    if day_after < _years_after(day, 1):
        flags += ("LEASE_EXPIRING",)
    return True, flags


def _years_after(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
