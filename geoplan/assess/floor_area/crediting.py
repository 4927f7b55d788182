"""Which compound or wider place each facility's floor area is credited to.

Express allocations first, then the ``serves`` list by households, then where the facility is
declared or stands (``docs/method.md`` §2.5, rulings on ``serves``, areas and pools).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from geoplan.assess.floor_area.countable_area import (
    Amount,
    AreaCredit,
    amounts_on,
    dedicated_amounts,
)
from geoplan.assess.ground import Ground
from geoplan.assess.model import Belonging, Place, Serving
from geoplan.errors import Remark
from geoplan.layers.model import Compound, Facility, Layers, rows_of
from geoplan.measures.supply import shares_by_weight
from geoplan.numbers import number_text
from geoplan.policy.model import Standard
from geoplan.terms import Words, facility_types


@dataclass(frozen=True, slots=True)
class Share:
    """A place with its part of a facility's area: ``None`` where the part is unknown.

    An unknown part is at most ``at_most``, and at most ``most_m2`` where that is given.
    """

    compound: str | None
    place: Place
    part: Fraction | None
    codes: tuple[str, ...] = ()
    at_most: Fraction = Fraction(1)
    most_m2: Fraction | None = None


def credit_areas(ground: Ground) -> tuple[AreaCredit, ...]:
    """Every facility's floor area, credited to the places it counts for."""
    belonging, standard = ground.belonging, ground.standard
    households = known_households(ground.layers, belonging)
    compounds = {row.id: row for row in rows_of(ground.layers.compounds)}
    credited: list[AreaCredit] = []
    for facility in ground.facilities:
        dedicated = dedicated_amounts(facility, standard)
        when, amounts = amounts_on(facility, ground.states[facility.id], dedicated, standard.as_of)
        if not when or not amounts:
            continue
        base = _whole(dedicated)
        shares = _shares(facility, belonging, households, base)
        for share in shares:
            given = _credits(facility, when, amounts, share, compounds)
            credited += (replace(each, units=len(shares)) for each in given)
    return tuple(credited)


def _whole(amounts: Mapping[str, Amount]) -> Fraction | None:
    """All the area of a facility, ``None`` when any part of it is unknown."""
    parts = [amount.floor_m2 for amount in amounts.values()]
    return None if any(part is None for part in parts) else sum(filter(None, parts), Fraction(0))


def _credits(
    facility: Facility,
    when: str,
    amounts: Mapping[str, Amount],
    share: Share,
    compounds: Mapping[str, Compound],
) -> Iterator[AreaCredit]:
    banned = share.compound is not None and compounds[share.compound].stock != "existing"
    for kind, amount in amounts.items():
        part = amount.part(share.part, *share.codes, at_most=share.at_most)
        if share.most_m2 is not None:
            part = part.no_more_than(share.most_m2)
        if banned and "BAD_LOCATION" in part.codes:
            part = Amount(Fraction(0), part.codes)
        elif banned and "POSITION_UNKNOWN" in part.codes and part.floor_m2 != 0:
            part = Amount(None, part.codes)
        if part.floor_m2 == 0 and not part.codes:
            continue
        yield AreaCredit(facility.id, kind, when, part, share.compound, share.place, amount)


def _shares(
    facility: Facility,
    belonging: Belonging,
    households: Mapping[tuple[str, str], Fraction | None],
    whole: Fraction | None,
) -> list[Share]:
    home = belonging.facilities[facility.id]
    serving = belonging.serving.get(facility.id, ())
    if facility_types()[facility.facility_type].area == "center":
        # A 街道 centre that counts does so for its community as a whole, never for one compound.
        return [Share(None, Place(home.division, home.community, home.rc), Fraction(1))]
    if any(unit.floor_m2 is not None for unit in serving):
        return _express_shares(serving, belonging, whole, _allocated(facility))
    listed = [unit for unit in serving if unit.listed]
    if listed:
        return _shares_by_households(listed, belonging, households)
    if home.compound is not None:
        return [Share(home.compound, belonging.compounds[home.compound], Fraction(1))]
    return [Share(None, home, Fraction(1))]


def _allocated(facility: Facility) -> Fraction:
    """All that is expressly allocated, to known and unknown units."""
    return sum((Fraction(m2) for _, m2 in facility.allocations or ()), Fraction(0))


def _express_shares(
    serving: Sequence[Serving], belonging: Belonging, whole: Fraction | None, allocated: Fraction
) -> list[Share]:
    """Parts as written in ``allocations``; more than the building has counts as nothing."""
    named = [unit for unit in serving if unit.floor_m2 is not None]
    if whole is None:
        return [
            replace(_share(unit, belonging, None), most_m2=Fraction(unit.floor_m2 or 0))
            for unit in named
        ]
    if allocated > whole:
        over = ("AREA_OVERALLOCATED",)
        return [_share(unit, belonging, Fraction(0), over) for unit in named]
    return [
        _share(unit, belonging, Fraction(unit.floor_m2 or 0) / whole if whole else Fraction(0))
        for unit in named
    ]


def _shares_by_households(
    listed: Sequence[Serving],
    belonging: Belonging,
    households: Mapping[tuple[str, str], Fraction | None],
) -> list[Share]:
    if len(listed) == 1:
        return [_share(listed[0], belonging, Fraction(1))]
    weights = [households.get((unit.unit, unit.id)) for unit in listed]
    known = [weight for weight in weights if weight is not None]
    parts = shares_by_weight(known) if len(known) == len(weights) else None
    if parts is None:
        missing, total = ("ALLOC_HH_MISSING",), sum(known, Fraction(0))
        return [
            replace(_share(unit, belonging, None, missing), at_most=_most_of(weight, total))
            for unit, weight in zip(listed, weights, strict=True)
        ]
    return [_share(unit, belonging, part) for unit, part in zip(listed, parts, strict=True)]


def _most_of(weight: Fraction | None, known: Fraction) -> Fraction:
    """The largest share of a weight beside others that are not all known."""
    return Fraction(1) if weight is None or not known else weight / known


def _share(
    unit: Serving, belonging: Belonging, part: Fraction | None, codes: tuple[str, ...] = ()
) -> Share:
    places = {
        "compound": belonging.compounds,
        "rc": belonging.rcs,
        "community": belonging.communities,
    }[unit.unit]
    compound = unit.id if unit.unit == "compound" else None
    return Share(compound, places[unit.id], part, codes)


def unallocated_rests(layers: Layers, standard: Standard) -> list[Remark]:
    """Facilities whose express allocations leave a rest that nobody is credited with."""
    remarks: list[Remark] = []
    for row in rows_of(layers.facilities):
        whole = _whole(dedicated_amounts(row, standard))
        if not row.allocations or whole is None or _allocated(row) >= whole:
            continue
        rest = number_text(whole - _allocated(row))
        detail = Words(
            f"{row.id} 分摊合计小于面积，剩余 {rest} ㎡ 未分给任何小区",
            f"{row.id}: allocations leave {rest} m² credited to nobody",
        )
        remarks.append(Remark("ALLOC_REST", detail, "facilities", (row.row,), (row.id,)))
    return remarks


def known_households(
    layers: Layers, belonging: Belonging
) -> dict[tuple[str, str], Fraction | None]:
    """Households of every (unit, id) that a facility can serve.

    A wider unit without a count of its own has that of its existing compounds, if all are known.
    """
    found: dict[tuple[str, str], Fraction | None] = {}
    sums: dict[tuple[str, str], Fraction | None] = {}
    for compound in rows_of(layers.compounds):
        count = None if compound.households is None else Fraction(compound.households)
        found["compound", compound.id] = count
        if compound.stock == "existing":
            place = belonging.compounds[compound.id]
            for wider, unit_id in (("rc", place.rc), ("community", place.community)):
                if unit_id is not None:
                    before = sums.get((wider, unit_id), Fraction(0))
                    unknown = before is None or count is None
                    sums[wider, unit_id] = None if unknown else before + count  # type: ignore[operator]
    for wider, layer in (("rc", layers.residential_communities), ("community", layers.communities)):
        for row in layer.rows if layer else ():
            own = None if row.households is None else Fraction(row.households)
            found[wider, row.id] = sums.get((wider, row.id)) if own is None else own
    return found
