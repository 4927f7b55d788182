"""Cells that decide which rule holds and were not understood: judged under every reading.

Belongs here: compounds whose stock, and communities whose class, could be either. Does not belong
here: the area rule itself (``units``), or reading the cells (``geoplan.layers``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from geoplan.assess.absence import Unjudged
from geoplan.assess.floor_area.area_rule import judge_units
from geoplan.assess.floor_area.crediting import credit_areas
from geoplan.assess.ground import Ground
from geoplan.assess.model import UnitResult
from geoplan.assess.places.unread_cells import not_understood
from geoplan.layers.model import rows_of
from geoplan.terms import Verdict

_HARMLESS = frozenset({Verdict.PASS, Verdict.NA})
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Doubts:
    """Compounds that may be existing or new, and communities that may be urban or rural.

    ``community_of`` has the community of each compound that lies in one of those.
    """

    stock: frozenset[str]
    communities: frozenset[str]
    community_of: Mapping[str, str]

    def of_stock(self, result: UnitResult) -> frozenset[str]:
        """Compounds of a unit that may be existing or new."""
        return self.stock & {result.unit_id, *result.members}

    def of_class(self, result: UnitResult) -> frozenset[str]:
        """Communities that the unit is, lies in or sums up, and that may be rural."""
        compounds = (result.unit_id, *result.members)
        own = {self.community_of[key] for key in compounds if key in self.community_of}
        is_one = result.level == "community" and result.unit_id in self.communities
        return frozenset(own | ({result.unit_id} if is_one else set()))


def judge_every_reading(ground: Ground, left_open: Unjudged | None) -> tuple[UnitResult, ...]:
    """The units of the area rule; where a reading would change the verdict, it is unknown."""
    results = judge_units(ground, credit_areas(ground), left_open)
    doubts = _doubts_of(ground)
    if not doubts.stock and not doubts.communities:
        return results
    others = [
        {_key(each): each for each in judge_units(other, credit_areas(other), left_open)}
        for other in _other_readings(ground, doubts)
    ]
    return tuple(_settled(each, others, doubts) for each in results)


def _doubts_of(ground: Ground) -> Doubts:
    compounds = rows_of(ground.layers.compounds)
    in_doubt = ground.urban_doubted
    homes = {row.id: ground.belonging.compounds[row.id].community for row in compounds}
    return Doubts(
        frozenset(row.id for row in compounds if not_understood(row, "stock")),
        in_doubt,
        {key: home for key, home in homes.items() if home is not None and home in in_doubt},
    )


def _other_readings(ground: Ground, doubts: Doubts) -> Iterator[Ground]:
    """All that are in doubt read the other way: as new, as rural, and both."""
    for is_new, is_rural in product((False, True), repeat=2):
        if (is_new, is_rural) == (False, False):
            continue
        yield replace(
            ground,
            layers=_as_new(ground, doubts.stock).layers if is_new else ground.layers,
            urban={
                key: urban and not (is_rural and key in doubts.communities)
                for key, urban in ground.urban.items()
            },
        )


def _as_new(ground: Ground, ids: frozenset[str]) -> Ground:
    layer = ground.layers.compounds
    if layer is None or not ids:
        return ground
    rows = tuple(replace(row, stock="new") if row.id in ids else row for row in layer.rows)
    return replace(ground, layers=replace(ground.layers, compounds=replace(layer, rows=rows)))


def _settled(
    result: UnitResult, others: Sequence[Mapping[_Key, UnitResult]], doubts: Doubts
) -> UnitResult:
    stock, classes = doubts.of_stock(result), doubts.of_class(result)
    if not stock and not classes:
        return result
    odd = (
        *(["STOCK_NOT_UNDERSTOOD"] if stock else ()),
        *(["CLASS_NOT_UNDERSTOOD"] if classes else ()),
    )
    codes = tuple(dict.fromkeys((*result.codes, *odd)))
    read = [result, *(each[_key(result)] for each in others if _key(result) in each)]
    verdicts = {each.verdict for each in read}
    # Of several in doubt only the extremes were read, which prove nothing of what lies between.
    alone = result.level == "compound" or len(stock) + len(classes) == 1
    if verdicts <= _HARMLESS and alone:
        return replace(result, codes=codes)
    if verdicts == {Verdict.FAIL} and alone and len({each.official for each in read}) == 1:
        least = min(read, key=lambda each: each.gap_m2 or 0)
        return replace(least, codes=codes)
    return replace(
        result,
        required_m2=None,
        gap_m2=None,
        gap_after_committed_m2=None,
        verdict=Verdict.UNKNOWN,
        official=any(each.official for each in read),
        codes=codes,
    )


def _key(result: UnitResult) -> _Key:
    return result.unit_id, result.level, result.kind
