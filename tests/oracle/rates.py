"""Indicators 1, 2, 8, 9 and 12 by brute force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import ceil
from typing import Any

from tests.oracle.ground import SERVING, Ground, Row, amount, kind_of, names, number, truth

PLACE_TYPES = {
    "childcare_institution",
    "kindergarten_nursery_class",
    "employer_childcare",
    "shared_complex",
}
PURE_CHILDCARE = {"childcare_institution"}
FUNCTIONS = {"全托", "日托", "上门服务", "技术支撑"}
TARGETS = {
    "chongzuo-2021-2023": {1: 53, 2: 100, 8: Fraction(7, 2), 9: 60, 12: 50},
    "guangxi-2021-2023": {1: 53, 2: 80, 8: Fraction(7, 2), 9: 60, 12: 50},
}


@dataclass(frozen=True)
class Rate:
    """An indicator as it ought to come out; ``None`` where the specification is silent."""

    numerator: Fraction
    denominator: Fraction
    verdict: str
    need_more: int | None
    covered: set[str] = field(default_factory=set)
    uncovered: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    excluded: dict[str, str] = field(default_factory=dict)
    could_turn: bool | None = False
    warnings: set[tuple[str, str]] = field(default_factory=set)


class Rates:
    """The rates of one city."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def target(self, indicator: int) -> Fraction:
        return Fraction(TARGETS[self.ground.policy][indicator])

    def passes(self, indicator: int, numerator: Fraction, denominator: Fraction) -> str:
        if not denominator:
            return "NA"
        per = 1000 if indicator == 8 else 100
        return "PASS" if numerator * per >= self.target(indicator) * denominator else "FAIL"

    def need_more(self, indicator: int, numerator: Fraction, denominator: Fraction) -> int:
        per = 1000 if indicator == 8 else 100
        return max(0, ceil(self.target(indicator) * denominator / per) - ceil(numerator))

    def rate(
        self,
        indicator: int,
        known: Mapping[str, bool],
        maybe: Mapping[str, Sequence[Any]],
        **more: Any,
    ) -> Rate:
        """A rate over units: ``known`` are covered or not; ``maybe`` has what an unknown could be.

        What an unknown could be is True, False or None (no unit at all); those that are surely
        units stand in the denominator.
        """
        sure = sum(None not in could for could in maybe.values())
        numerator, denominator = Fraction(sum(known.values())), Fraction(len(known) + sure)
        verdict = self.passes(indicator, numerator, denominator)
        turned = {
            self.passes(
                indicator,
                numerator + sum(each is True for each in chosen),
                Fraction(len(known) + sum(each is not None for each in chosen)),
            )
            for chosen in product(*maybe.values())
        }
        return Rate(
            numerator,
            denominator,
            verdict,
            None if verdict == "NA" else self.need_more(indicator, numerator, denominator),
            covered={key for key, yes in known.items() if yes},
            uncovered={key for key, yes in known.items() if not yes},
            unknown=set(maybe),
            could_turn=turned != {verdict},
            **more,
        )

    def functions(self, row: Row) -> set[str] | None:
        if row.get("functions"):
            return set(names(row["functions"]))
        beds = (("full_time_beds", "全托"), ("day_seats", "日托"))
        found = {name for column, name in beds if (amount(row.get(column)) or 0) > 0}
        return found or None

    def qualifies(self, row: Row) -> bool | None:
        """Whether a 街道 centre has all it takes; None where that is not known."""
        state, functions = self.ground.states[row["facility_id"]], self.functions(row)
        doubts = [
            None if state == "unknown" else state in SERVING,
            None if functions is None else functions == FUNCTIONS,
        ]
        return False if False in doubts else None if None in doubts else True

    def street_coverage(self) -> Rate:
        """Indicator 2, §2.3."""
        streets = {
            key for key, row in self.ground.units["division"].items() if kind_of(row) == "jiedao"
        }
        found: dict[str, list[bool | None]] = {key: [] for key in streets}
        warnings: set[tuple[str, str]] = set()
        for key, row in self.ground.of_type("jiedao_elder_center"):
            unit = self.ground.belongs("division", row)
            if unit in found:
                found[unit].append(self.qualifies(row))
            warnings |= self.ground.place_warnings("division", key, row)
        known = {
            key: True in each for key, each in found.items() if True in each or None not in each
        }
        return self.rate(
            2,
            known,
            dict.fromkeys(streets - known.keys(), (True, False)),
            excluded=dict.fromkeys(self.ground.units["division"].keys() - streets, "NOT_JIEDAO"),
            warnings=warnings,
        )

    def cares(self, row: Row) -> bool | None:
        """Whether a facility makes its RC covered; None where that is not known."""
        kind, state = row["facility_type"], self.ground.states[row["facility_id"]]
        if kind not in PLACE_TYPES or truth(row.get("filed")) is False:
            return False
        if kind == "employer_childcare" and truth(row.get("open_to_public")) is not True:
            return False
        least = max(1, int(self.ground.values.get("min_places", 1)))
        if (amount(row.get("places")) or 0) < least:
            return False
        doubts = [None if state == "unknown" else state in SERVING, self.is_large_enough(row)]
        return False if False in doubts else None if None in doubts else True

    def is_large_enough(self, row: Row) -> bool | None:
        least = Fraction(str(self.ground.values.get("min_childcare_area_m2", 0)))
        if not least:
            return True
        area = amount(row.get("childcare_area_m2"))
        if area is None and row["facility_type"] in PURE_CHILDCARE:
            area = amount(row.get("floor_area_m2"))
        return None if area is None else area >= least

    def cared_units(self, level: str, row: Row) -> set[str]:
        """The RCs (or communities) that a facility is credited to: those it serves, else where it stands."""
        if not row.get("serves"):
            unit = self.ground.belongs(level, row)
            return {unit} if unit else set()
        served: set[str] = set()
        for word in names(row["serves"]):
            direct, compound = self.ground.named(level, word), self.ground.named("compound", word)
            if direct:
                served.add(direct)
            elif compound:
                unit = self.ground.belongs(level, self.ground.units["compound"][compound])
                served |= {unit} if unit else set()
        return served

    def childcare_coverage(self) -> Rate | None:
        """Indicator 9, §2.4; None without any layer of units, or with one that has no row (§9)."""
        layers = [
            name for name in ("residential_communities", "communities") if name in self.ground.city
        ]
        if not layers or not self.ground.city[layers[0]]:
            return None
        level = "rc" if "residential_communities" in self.ground.city else "community"
        found: dict[str, list[bool | None]] = {key: [] for key in self.ground.units[level]}
        warnings: set[tuple[str, str]] = set()
        for key, row in self.ground.facilities.items():
            cares = self.cares(row)
            for unit in self.cared_units(level, row):
                found[unit].append(cares)
                if cares and truth(row.get("filed")) is None:
                    warnings.add(("NOT_FILED_UNKNOWN", key))
        excluded: dict[str, str] = {}
        known: dict[str, bool] = {}
        maybe: dict[str, Sequence[Any]] = {}
        for key, row in self.ground.units[level].items():
            covered = could_be(found[key])
            size = self.size(level, row)
            if size == "UNKNOWN":
                maybe[key] = [None, *covered]
            elif size:
                excluded[key] = size
            elif len(covered) > 1:
                maybe[key] = covered
            else:
                known[key] = covered[0]
                if number(row.get("population")) is None:
                    warnings.add(("POP_ESTIMATED", key))
        return self.rate(9, known, maybe, excluded=excluded, warnings=warnings)

    def size(self, level: str, row: Row) -> str:
        """Why a unit does not count; empty when it does."""
        least = int(self.ground.values.get("community_population_min", 5000))
        most = int(self.ground.values.get("community_population_max", 12000))
        population = self.ground.population(row)
        if self.ground.is_rural(level, row):
            return "NOT_URBAN"
        if population is None:
            return "UNKNOWN"
        return "UNDERSIZE" if population < least else "OVERSIZE" if population > most else ""

    def nursing_share(self) -> Rate:
        """Indicator 1."""
        pairs: dict[str, tuple[Fraction, Fraction]] = {}
        maybe: dict[str, list[tuple[Fraction, Fraction]]] = {}
        blank_beds = silent = False
        for key, row in self.ground.of_type("elder_institution"):
            state = self.ground.states[key]
            beds, nursing = amount(row.get("beds")), amount(row.get("nursing_beds"))
            if state not in SERVING and state != "unknown":
                continue
            out = [(Fraction(0), Fraction(0))] if state == "unknown" else []
            if beds is None:
                blank_beds, maybe[key] = True, out
            elif nursing is None:
                maybe[key] = [*out, (Fraction(0), beds), (beds, beds)]
            elif nursing > beds:
                silent, maybe[key] = True, out
            elif state == "unknown":
                maybe[key] = [*out, (nursing, beds)]
            else:
                pairs[key] = (nursing, beds)
            if len(set(maybe.get(key, ()))) == 1 and beds is not None and (nursing or 0) <= beds:
                pairs[key] = maybe.pop(key)[0]  # whatever it is, it comes to the same
        top, bottom = (sum((pair[at] for pair in pairs.values()), Fraction(0)) for at in (0, 1))
        verdict = self.passes(1, top, bottom)
        turned = {
            self.passes(1, top + sum(a for a, _ in chosen), bottom + sum(b for _, b in chosen))
            for chosen in product(*maybe.values())
        } - {verdict}
        could_turn = blank_beds or (None if silent else bool(turned))
        more = None if verdict == "NA" else self.need_more(1, top, bottom)
        return Rate(top, bottom, verdict, more, unknown=set(maybe), could_turn=could_turn)

    def places_rate(self) -> Rate:
        """Indicator 8."""
        people = sum(
            (number(row.get("population")) or 0 for row in self.ground.city["divisions"]),
            Fraction(0),
        )
        counted, unknown, blank = Fraction(0), {}, False
        for key, row in self.ground.of_type(*PLACE_TYPES, "home_childcare_point"):
            filed = truth(row.get("filed"))
            if filed is False or (row["facility_type"] == "home_childcare_point" and not filed):
                continue
            places = amount(row.get("places")) or Fraction(0)
            if self.ground.states[key] in SERVING:
                counted += places
            elif self.ground.states[key] == "unknown" and row.get("places") != "0":
                unknown[key] = places
                blank |= not row.get("places")
        verdict = self.passes(8, counted, people)
        best = "PASS" if blank else self.passes(8, counted + sum(unknown.values()), people)
        more = None if verdict == "NA" else self.need_more(8, counted, people)
        return Rate(
            counted, people, verdict, more, unknown=set(unknown), could_turn=best != verdict
        )

    def county_rate(self) -> Rate | None:
        """Indicator 12; None where the layer has no such centre and the value is a reported one."""
        centres = list(self.ground.of_type("infant_care_guidance_center"))
        counties = {row["county"] for row in self.ground.city["divisions"] if row.get("county")}
        if not centres:
            return None
        found: dict[str, set[str]] = {county: set() for county in counties}
        for key, row in centres:
            unit = self.ground.belongs("division", row)
            county = self.ground.units["division"][unit].get("county") if unit else None
            if county:
                found[county].add(self.ground.states[key])
        unknown = {key for key, each in found.items() if "unknown" in each and not each & SERVING}
        known = {key: bool(each & SERVING) for key, each in found.items() if key not in unknown}
        return self.rate(12, known, dict.fromkeys(unknown, (True, False)))


def could_be(facilities: Sequence[bool | None]) -> list[bool]:
    """What a unit may turn out to be, given what is known of each facility in it."""
    if True in facilities:
        return [True]
    return [True, False] if None in facilities else [False]


INDICATORS: Mapping[str, Callable[[Rates], Rate | None]] = {
    "nursing_bed_share": Rates.nursing_share,
    "jiedao_elder_center_coverage": Rates.street_coverage,
    "childcare_places_per_1000": Rates.places_rate,
    "rc_childcare_coverage": Rates.childcare_coverage,
    "county_infant_guidance_rate": Rates.county_rate,
}
