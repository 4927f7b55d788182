"""The area rule by brute force: every compound, and every pool of existing ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

from tests.oracle.ground import STANDING, Ground, Row, amount, day, names, number, truth

ELDER_ROOMS = {
    "embedded_elder_facility",
    "elder_day_care_center",
    "elder_service_station",
    "elder_meal_point",
}
SPLIT = ("elder_area_m2", "childcare_area_m2", "other_area_m2")
ANYTHING = Fraction(10**9)  # more than any compound could ask for
RATES = {
    "chongzuo-2021-2023": {"existing": 15, "new": 15},
    "guangxi-2021-2023": {"existing": 15, "new": 20},
}


@dataclass
class Unit:
    """One row of the area rule. ``open`` names the fields that are not compared."""

    households: Fraction | None
    required: Fraction | None
    provided: Fraction
    committed: Fraction
    planned: Fraction
    verdict: str
    codes: set[str]
    official: bool
    open: set[str] = field(default_factory=set)


@dataclass
class Share:
    """What one facility gives one unit in one kind: an area, or a reason why it is not known.

    ``could`` are the areas it might be, tried one by one, where it is not known. A facility that
    nobody knows how to divide has its ``whole`` and all it serves, ``among``, for the pools.
    ``open`` says which codes the specification leaves open: ``flags`` of a room whose area counts
    nothing or is not known.
    """

    facility: str
    state: str
    area: Fraction | None
    codes: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    could: tuple[Fraction, ...] = ()
    whole: Share | None = None
    among: frozenset[str] = frozenset()

    def but(self, **changes: Any) -> Share:
        return replace(self, **changes)


class Rooms:
    """The rooms of one city, counted and held against what its households ask for."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def gross(self, row: Row, area: Fraction | None) -> Fraction | str:
        """Floor area as gross floor area, or the code that says why it is not known."""
        kind, ratio = row.get("area_kind", ""), self.ground.values.get("usable_to_gross_ratio")
        if area is None:
            return "AREA_MISSING"
        if kind in {"", "gross_floor"}:
            return area
        if kind == "usable" and ratio is not None:
            return area / Fraction(str(ratio))
        return "AREA_KIND"

    def counted(self, row: Row, kind: str) -> Fraction | str:
        """§2.5 and §9 Areas: what a facility has of a kind, before tenure and place are asked."""
        what, floor = row["facility_type"], amount(row.get("floor_area_m2"))
        own = {each: amount(row.get(f"{each}_area_m2")) for each in ("elder", "childcare")}
        parts = [*own.values(), amount(row.get("other_area_m2"))]
        is_split = what != "shared_complex" or any(part is not None for part in own.values())
        if is_split and floor is not None and sum(part or 0 for part in parts) > floor:
            return "AREA_OVERALLOCATED" if self.has_rooms(what, kind, own) else Fraction(0)
        if what == "shared_complex":
            return self.split(row, kind, floor, own)
        if what == "kindergarten_nursery_class":
            area = own["childcare"] if kind == "childcare" else None
            return Fraction(0) if area is None else self.gross(row, area)
        mine = {"childcare_institution": "childcare", "jiedao_elder_center": "elder"}.get(what)
        if kind != ("elder" if what in ELDER_ROOMS else mine):
            return Fraction(0)
        if own[kind] is not None or floor is None:
            return self.gross(row, own[kind])
        return self.gross(row, floor - (amount(row.get("outdoor_area_m2")) or 0))

    @staticmethod
    def has_rooms(what: str, kind: str, own: Mapping[str, Fraction | None]) -> bool:
        """Whether a facility of a type has rooms of a kind at all."""
        if what == "kindergarten_nursery_class":
            return kind == "childcare" and own[kind] is not None
        of_kind = ELDER_ROOMS if kind == "elder" else {"childcare_institution"}
        return what in of_kind | {"shared_complex"}

    def split(
        self, row: Row, kind: str, floor: Fraction | None, own: Mapping[str, Fraction | None]
    ) -> Fraction | str:
        elder, childcare, other = own["elder"], own["childcare"], amount(row.get("other_area_m2"))
        if elder is None or childcare is None:
            return (
                "AREA_MISSING" if floor is None and elder is childcare else "SHARED_SPLIT_MISSING"
            )
        mine = elder if kind == "elder" else childcare
        if floor is None or other is None or not elder + childcare:
            return mine
        return mine + (floor - elder - childcare - other) * mine / (elder + childcare)

    def tried(self, row: Row, kind: str, state: str) -> tuple[Fraction, ...]:
        """What the area of a kind might come to, by filling every blank that leaves it open."""
        found = self.counted(row, kind)
        if found == "SHARED_SPLIT_MISSING" and amount(row.get("floor_area_m2")) is not None:
            found_by_trying = [self.counted(each, kind) for each in self.filled(row)]
            could = {Fraction(0) if isinstance(each, str) else each for each in found_by_trying}
        else:
            could = {ANYTHING if isinstance(found, str) else found}
        return (Fraction(0), *could) if state == "unknown" or isinstance(found, str) else (*could,)

    @staticmethod
    def filled(row: Row) -> list[Row]:
        """A shared building with every blank column of its split filled in many ways."""
        floor = amount(row["floor_area_m2"]) or Fraction(0)
        given = [
            amount(row.get(f"{each}_area_m2")) or Fraction(0) for each in ("elder", "childcare")
        ]
        other = amount(row.get("other_area_m2")) or Fraction(0)
        values = {Fraction(0), floor, floor - sum(given), floor - sum(given) - other}
        values |= {floor - other, floor / 2}
        blanks = [key for key in SPLIT if not row.get(key)]
        return [
            {**row, **dict(zip(blanks, (str(each) for each in chosen), strict=True))}
            for chosen in product([each for each in values if each >= 0], repeat=len(blanks))
        ]

    def lease(self, row: Row, kind: str) -> tuple[bool, set[str]]:
        """Whether the tenure lets a room count, and what is to be said about it."""
        tenure = row.get("tenure", "")
        if tenure in {"purchased", "swapped", "free_use"}:
            return True, {"EVIDENCE_NOT_GIVEN"}
        if tenure != "leased":
            return True, set()
        start, end = day(row.get("lease_start")), day(row.get("lease_end"))
        if (start and start > self.ground.as_of) or (end and end < self.ground.as_of):
            return False, set()
        if end is None:
            return True, {"LEASE_TERM_UNKNOWN"}
        codes = {"LEASE_EXPIRING"} if end < years_on(self.ground.as_of, 1) else set()
        if kind == "childcare" and start and end + timedelta(days=1) < years_on(start, 3):
            codes.add("LEASE_SHORT")
        return True, codes

    def share(self, key: str, kind: str) -> Share | None:
        """What a facility has to give in a kind, wherever it goes; None when nothing at all."""
        row, state = self.ground.facilities[key], self.ground.states[key]
        area = self.counted(row, kind)
        counts, codes = self.lease(row, kind)
        if state in {"closed", "suspended"}:
            return None
        if not counts or area == 0:
            return Share(key, "closed", Fraction(0), open={"flags"})
        codes |= {"IDLE"} if state == "built_idle" else set()
        if area == "AREA_OVERALLOCATED":
            return Share(key, state, Fraction(0), {*codes, area}, {"flags"})
        codes |= {"STATUS_UNKNOWN"} if state == "unknown" else set()
        could = self.tried(row, kind, state)
        if isinstance(area, str):
            return Share(key, state, None, {*codes, area}, {"flags"}, could)
        return Share(key, state, None if state == "unknown" else area, codes, could=could)

    def credits(self, key: str, kind: str) -> dict[tuple[str, str], Share]:
        """The units a facility gives to: compounds, or the community or RC it belongs to."""
        row, whole = self.ground.facilities[key], self.share(key, kind)
        if whole is None:
            return {}
        if row["facility_type"] == "jiedao_elder_center":
            community = self.ground.belongs("community", row)
            counts = truth(row.get("counts_for_community"))
            counts = (
                self.ground.values.get("center_counts_for_community", False)
                if counts is None
                else counts
            )
            return {("community", community): whole} if counts and community else {}
        if row.get("allocations"):
            return self.allocated(row, whole)
        if row.get("serves"):
            return self.served(row, whole)
        compound = self.ground.belongs("compound", row)
        if compound:
            return {("compound", compound): whole}
        unit = self.pool_unit(row)
        return {unit: whole} if unit else {}

    def allocated(self, row: Row, whole: Share) -> dict[tuple[str, str], Share]:
        parts = [part.split(":") for part in row["allocations"].split(";")]
        given = {self.ground.named("compound", name): Fraction(area) for name, area in parts}
        known = self.counted(row, "elder" if row["facility_type"] in ELDER_ROOMS else "childcare")
        if not isinstance(known, str) and sum(given.values()) > known:
            codes = {"AREA_OVERALLOCATED"} if whole.state != "closed" else set()
            lost = whole.but(area=Fraction(0), codes=codes, open={"flags"}, could=())
            return {("compound", key): lost for key in given if key}
        return {
            ("compound", key): whole.but(
                area=area if whole.area else whole.area, could=(Fraction(0), area)
            )
            for key, area in given.items()
            if key
        }

    def served(self, row: Row, whole: Share) -> dict[tuple[str, str], Share]:
        compounds = [
            key for word in names(row["serves"]) if (key := self.ground.named("compound", word))
        ]
        if not compounds:
            units = [
                unit
                for word in names(row["serves"])
                for level in ("rc", "community")
                if (key := self.ground.named(level, word)) and (unit := self.pool_of(level, key))
            ]
            return dict.fromkeys(units, whole)
        households = {
            key: number(self.ground.units["compound"][key].get("households")) for key in compounds
        }
        total = sum((each or 0 for each in households.values()), Fraction(0))
        if None in households.values() and "AREA_OVERALLOCATED" in whole.codes:
            return dict.fromkeys((("compound", key) for key in compounds), whole)
        if None in households.values() and whole.area != 0:
            return {("compound", key): self.undivided(whole, key, households) for key in compounds}
        return {
            ("compound", key): whole.but(
                area=whole.area and whole.area * (each or 0) / total,
                could=tuple(could * (each or 0) / total for could in whole.could),
            )
            for key, each in households.items()
            if each != 0
        }

    @staticmethod
    def undivided(whole: Share, key: str, households: Mapping[str, Fraction | None]) -> Share:
        """One part of a facility that is divided by households not all known: both ends tried."""
        blank = [each for each, count in households.items() if count is None]
        could = set()
        for filled in product([Fraction(0), ANYTHING], repeat=len(blank)):
            counts = {**households, **dict(zip(blank, filled, strict=True))}
            total = sum((each or 0 for each in counts.values()), Fraction(0))
            part = (counts[key] or 0) / total if total else Fraction(0)
            # Of a multitude the others are nothing beside it.
            part = Fraction(round(part)) if ANYTHING in filled else part
            could |= {Fraction(0), *(area * part for area in whole.could)}
        return whole.but(
            area=None,
            codes=whole.codes | {"ALLOC_HH_MISSING"},
            could=tuple(could),
            whole=whole,
            among=frozenset(households),
        )

    @property
    def pool_level(self) -> str | None:
        if "communities" in self.ground.city:
            return "community"
        return "rc" if "residential_communities" in self.ground.city else None

    def pool_unit(self, row: Row) -> tuple[str, str] | None:
        """The community (or RC) in which a row is pooled."""
        level = self.pool_level
        unit = self.ground.belongs(level, row) if level else None
        return (level, unit) if level and unit else None

    def pool_of(self, level: str, key: str) -> tuple[str, str] | None:
        if level == self.pool_level:
            return (level, key)
        return self.pool_unit(self.ground.units[level][key])

    def area_rule(self) -> dict[tuple[str, str, str], Unit]:
        """Every compound and every pool, for elder care and for childcare."""
        found: dict[tuple[str, str, str], Unit] = {}
        for kind in ("elder", "childcare"):
            given: dict[tuple[str, str], list[Share]] = {}
            for key in self.ground.facilities:
                for unit, share in self.credits(key, kind).items():
                    given.setdefault(unit, []).append(share)
            for key, row in self.ground.units["compound"].items():
                found["compound", key, kind] = self.own(row, kind, given.get(("compound", key), []))
            for level in [self.pool_level] if self.pool_level else []:
                for key in self.ground.units[level]:
                    pool = self.pool(level, key, kind, given)
                    if pool is not None:
                        found[level, key, kind] = pool
        return found

    def rate_of(self, row: Row, kind: str) -> Fraction:
        stock = "existing" if row.get("stock", "") in {"", "existing"} else "new"
        default = RATES[self.ground.policy][stock]
        return Fraction(str(self.ground.values.get(f"{kind}_rate_{stock}", default)))

    def households(self, row: Row) -> tuple[Fraction | None, set[str]]:
        given, people = number(row.get("households")), number(row.get("population"))
        if given is not None and given >= 0:
            return given, set()
        if people is not None:
            return people / self.ground.per_household, {"HH_ESTIMATED"}
        return None, {"HH_MISSING"}

    def own(self, row: Row, kind: str, shares: Sequence[Share]) -> Unit:
        households, codes = self.households(row)
        is_new = row.get("stock", "") not in {"", "existing"}
        required = None if households is None else households * self.rate_of(row, kind) / 100
        if is_new and required is not None:
            required = max(required, Fraction(str(self.ground.values.get("min_single_m2", 0))))
        shares = [self.placed(share, is_new=is_new) for share in shares]
        official = is_new or self.pool_level is None
        if self.ground.is_rural("compound", row):
            return Unit(
                households, None, Fraction(0), Fraction(0), Fraction(0), "NA", set(), official
            )
        return self.weigh(households, required, shares, codes, official=official)

    def placed(self, share: Share, *, is_new: bool) -> Share:
        """Rooms below ground do not count for new compounds, and do for existing ones."""
        low = {"basement", "semi_basement", "mezzanine"}
        if (
            self.ground.facilities[share.facility].get("position") not in low
            or share.state == "closed"
        ):
            return share
        codes = share.codes | {"BAD_LOCATION"}
        if is_new:
            return share.but(area=Fraction(0), codes=codes, could=(), open={"flags"})
        return share.but(codes=codes)

    def pool(
        self, level: str, key: str, kind: str, given: Mapping[tuple[str, str], Sequence[Share]]
    ) -> Unit | None:
        """§9 Pools: existing compounds only, with the rooms of compounds, community and RCs."""
        if self.ground.is_rural(level, self.ground.units[level][key]):
            return None
        members = {
            each: row
            for each, row in self.ground.units["compound"].items()
            if self.pool_unit(row) == (level, key) and row.get("stock", "") in {"", "existing"}
        }
        if not members:
            return None
        counts = [self.households(row) for row in members.values()]
        codes = set().union(*(said for _, said in counts))
        missing = any(each is None for each, _ in counts)
        households = None if missing else sum((each or 0 for each, _ in counts), Fraction(0))
        shares = [
            self.placed(share, is_new=False)
            for unit in [(level, key), *(("compound", each) for each in members)]
            for share in given.get(unit, [])
        ]
        shares = list(self.together(shares, members))
        rate = self.rate_of({}, kind)
        required = None if households is None else households * rate / 100
        return self.weigh(households, required, shares, codes, official=True)

    @staticmethod
    def together(shares: Sequence[Share], members: Mapping[str, Row]) -> Iterator[Share]:
        """A facility all of whose compounds are in the pool is there whole, however divided."""
        seen: set[str] = set()
        for share in shares:
            if share.whole is None or not share.among <= members.keys():
                yield share
            elif share.facility not in seen:
                seen.add(share.facility)
                low = share.codes & {"BAD_LOCATION"}
                yield share.whole.but(codes=share.whole.codes | low)

    @staticmethod
    def weigh(
        households: Fraction | None,
        required: Fraction | None,
        shares: Sequence[Share],
        codes: set[str],
        *,
        official: bool,
    ) -> Unit:
        def total(*states: str) -> Fraction:
            return sum((s.area or Fraction(0) for s in shares if s.state in states), Fraction(0))

        now = [share for share in shares if share.state in STANDING | {"unknown"}]
        unsure = [share.could for share in now if share.area is None]
        codes = codes.union(*(share.codes for share in now))
        doubtful = set().union(*(share.open for share in shares))
        provided = total(*STANDING)
        unit = Unit(
            households,
            required,
            provided,
            total("under_construction"),
            total("planned"),
            "",
            codes,
            official,
        )
        unit.open |= doubtful
        if any(share.area is None for share in shares if share not in now):
            unit.open |= {"committed", "planned"}
        if households == 0:
            unit.verdict = "NA"
        elif required is None or "HH_ESTIMATED" in codes:
            unit.verdict = "UNKNOWN"
        elif provided >= required:
            unit.verdict = "PASS"
        else:  # unknown only if some value of what is missing would change the answer
            passes = {provided + sum(chosen) >= required for chosen in product(*unsure)}
            unit.verdict = "UNKNOWN" if True in passes else "FAIL"
        return unit


def years_on(start: date, years: int) -> date:
    """The same day some years later; the last of February where there is none."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)
