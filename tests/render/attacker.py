"""A reader who wants a number that is not shown, and uses all that is.

Nothing of geoplan's own rule is used here: the reader takes the published JSON, the tables and the
page of the map, knows the city's geography and every facility's list of what it serves, and solves
for each count with linear programming.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linprog

from geoplan.assess.model import Belonging

Unknown = tuple[str, str, str]  # level, id, population or households
Terms = dict[Unknown, float]
LEVELS = {
    "divisions": "jiedao",
    "communities": "community",
    "residential_communities": "rc",
    "compounds": "compound",
}
CLOSE = 2.0
_LAST_DIGITS = 5e-4  # in households, of a share written with six decimals
_PLACE = {"community": "community", "rc": "rc", "jiedao": "division"}
_FEW = re.compile(r"少于 10，不公开|fewer than 10")
_PEOPLE = re.compile(r"人口 ([\d.]+)，建议与")
_WITH = re.compile(r"相邻的 (.+?) 合并（共 ([\d.]+) 人）")


@dataclass
class Attacker:
    """Equations that the reader has found, and what the words say of a count."""

    belonging: Belonging
    equal: list[tuple[Terms, float]] = field(default_factory=list)
    at_most: list[tuple[Terms, float]] = field(default_factory=list)
    known: dict[Unknown, float] = field(default_factory=dict)
    few: set[tuple[str, str]] = field(default_factory=set)
    withheld: set[tuple[str, str]] = field(default_factory=set)

    # ---------------------------------------------------------------------------- reading

    def read_document(self, document: Mapping[str, Any]) -> None:
        for each in (document["public"] or {}).get("withheld", ()):
            self.withheld.add((each["level"], each["id"]))
            if _FEW.search(each["why"]):
                self.few.add((each["level"], each["id"]))
        for unit in document["units"]:
            self._read_unit(unit)
        for gap in document["gaps"]:
            if gap["rule"] != "area_per_100_households":
                self._set(gap["level"], gap["unit_id"], "population", gap["people"])
                self._set(gap["level"], gap["unit_id"], "households", gap["households"])
            else:
                self._sum(gap, "population", gap["people"], document["units"])
                self._sum(gap, "households", gap["households"], document["units"])
        for indicator in document["indicators"]:
            for excluded in indicator["excluded"]:
                self._read_advice(excluded["id"], excluded["advice"])
            if indicator["id"] == "childcare_places_per_1000" and indicator["denominator"]:
                self.city_people = float(indicator["denominator"])
        self._read_shares(document)

    def _read_unit(self, unit: Mapping[str, Any]) -> None:
        rate = unit["rate"]
        terms = self._terms(unit, "households")
        for name in ("households", "population"):
            if unit[name] is not None:
                self._put(self._terms(unit, name), unit[name])
        if unit["required_m2"] is not None and unit["stock"] == "existing":
            self._put(terms, unit["required_m2"] * 100 / rate)
        if unit["gap_m2"] and unit["stock"] == "existing":
            self._put(terms, (unit["gap_m2"] + unit["provided_m2"]) * 100 / rate)
        for people in re.findall(r"^([\d.]+) 户 ×", unit["sum"]):
            self._put(terms, float(people))
        if unit["provided_m2"] is None:
            return
        enough = unit["provided_m2"] * 100 / rate
        if unit["verdict"] == "PASS":
            self.at_most.append((terms, enough))
        elif unit["verdict"] == "FAIL" and unit["stock"] == "existing":
            self.at_most.append(({key: -value for key, value in terms.items()}, -enough))

    def _terms(self, unit: Mapping[str, Any], name: str) -> Terms:
        members = [unit["unit_id"]] if unit["level"] == "compound" else unit["members"]
        return {("compound", member, name): 1.0 for member in members}

    def _sum(self, gap: Mapping[str, Any], name: str, value: Any, units: Iterable[Any]) -> None:
        if value is None:
            return
        for unit in units:
            if (unit["level"], unit["unit_id"]) == (gap["level"], gap["unit_id"]):
                self._put(self._terms(unit, name), value)
        if gap["level"] == "compound":
            self._set("compound", gap["unit_id"], name, value)

    def _read_advice(self, key: str, advice: str) -> None:
        level = "rc" if key in self.belonging.rcs else "community"
        for people in _PEOPLE.findall(advice):
            self._set(level, key, "population", float(people))
        for names, total in _WITH.findall(advice):
            partners = [key, *names.split("、")]
            self._put({(level, each, "population"): 1.0 for each in partners}, float(total))

    def _read_shares(self, document: Mapping[str, Any]) -> None:
        """What a unit gets of a building that is divided by households."""
        whole = {each["id"]: each["counted_m2"] for each in document["facilities"]}
        for key, serving in self.belonging.serving.items():
            served = [each.id for each in serving if each.listed and each.unit == "compound"]
            if len(served) < 2 or len(served) < len(serving):
                continue
            for unit in document["units"]:
                area = whole.get(key, {}).get(unit["kind"])
                part = sum(each["m2"] for each in unit["facilities"] if each["id"] == key)
                members = [unit["unit_id"]] if unit["level"] == "compound" else unit["members"]
                if area and part and part < area * 0.999999:
                    terms = {("compound", each, "households"): -part / area for each in served}
                    for each in set(members) & set(served):
                        terms["compound", each, "households"] += 1.0
                    self.at_most.append((terms, _LAST_DIGITS))
                    self.at_most.append((_minus(terms), _LAST_DIGITS))

    def read_page(self, view: Mapping[str, Any]) -> None:
        for layer, level in LEVELS.items():
            for key, (_, people) in view["units"].get(layer, {}).items():
                self._set(level, key, "population", people)
        for key, popup in view["popups"].items():
            layer, _, unit = key.partition("/")
            for heading, text in popup["lines"]:
                name = {"人口": "population", "户数": "households"}.get(heading)
                if name is not None and layer in LEVELS:
                    self._set(LEVELS[layer], unit, name, float(text))

    def read_table(self, text: str) -> None:
        """A CSV with units in it: whatever stands under people, households or what they make."""
        for row in csv.DictReader(io.StringIO(text)):
            level, key = row.get("level") or "", row.get("unit_id") or ""
            members = row.get("members") or ""
            listed = [key] if level == "compound" else [each for each in members.split(";") if each]
            if level not in {*LEVELS.values(), "city"} or not listed or "rate" not in row:
                continue
            terms: Terms = {("compound", each, "households"): 1.0 for each in listed}
            for column, name in (
                ("households", "households"),
                ("population", "population"),
                ("people", "population"),
            ):
                if row.get(column):
                    self._put({(a, b, name): 1.0 for a, b, _ in terms}, float(row[column]))
            if row.get("required_m2") and row.get("stock") == "existing":
                need, rate = float(row["required_m2"]), float(row["rate"])
                self.at_most.append((terms, (need + 0.005) * 100 / rate))
                self.at_most.append((_minus(terms), -(need - 0.005) * 100 / rate))

    def presume_additions(self, truth: Mapping[Unknown, float]) -> None:
        """Whatever really adds up the reader presumes to add up: communities, 街道, the city."""
        places = {
            "community": self.belonging.communities,
            "rc": self.belonging.rcs,
            "compound": self.belonging.compounds,
        }
        for smaller, settled in places.items():
            for larger in _PLACE:
                inside: dict[Any, list[str]] = defaultdict(list)
                for key, place in settled.items():
                    inside[getattr(place, _PLACE[larger])].append(key)
                for key, parts in inside.items():
                    for name in ("households", "population"):
                        counts = [truth.get((smaller, part, name)) for part in parts]
                        whole = truth.get((larger, key, name))
                        known = [each for each in counts if each is not None]
                        is_whole = len(known) == len(counts) and whole == sum(known)
                        if smaller != larger and is_whole:
                            terms = {(smaller, part, name): 1.0 for part in parts}
                            self._put({**terms, (larger, key, name): -1.0}, 0.0)
        divisions = {key: 1.0 for key in truth if key[0] == "jiedao" and key[2] == "population"}
        total = getattr(self, "city_people", None)
        if total is not None and abs(total - sum(truth[key] for key in divisions)) < 1e-6:
            self._put(divisions, total)

    def _set(self, level: str, key: str, name: str, value: Any) -> None:
        if value is not None:
            self._put({(level, key, name): 1.0}, float(value))

    def _put(self, terms: Terms, value: float) -> None:
        if len(terms) == 1:
            ((unknown, factor),) = terms.items()
            if factor == 1:
                self.known[unknown] = float(value)
                return
        self.equal.append((terms, float(value)))

    # --------------------------------------------------------------------------- solving

    def bounds_of(
        self, sought: Sequence[Unknown], truth: Mapping[Unknown, float]
    ) -> dict[Unknown, tuple[float, float]]:
        """The least and the greatest that each count can be, given everything read."""
        known = {each: value for each, value in self.known.items() if each in truth}
        free = sorted(set(truth) - set(known))
        at = {unknown: place for place, unknown in enumerate(free)}
        equal, right = _matrix(self.equal, at, known, truth)
        most, limit = _matrix(self.at_most, at, known, truth)
        limits = [self._limits(each, truth[each]) for each in free]
        found = {}
        for each in sought:
            goal = np.zeros(len(free))
            goal[at[each]] = 1.0
            ends = []
            for sign in (1.0, -1.0):
                answer = linprog(
                    sign * goal,
                    A_ub=most if len(most) else None,
                    b_ub=limit + 1e-7 if len(most) else None,
                    A_eq=equal if len(equal) else None,
                    b_eq=right if len(equal) else None,
                    bounds=limits,
                )
                assert answer.status in {0, 3}, answer.message
                ends.append(sign * np.inf * -1 if answer.status == 3 else sign * answer.fun)
            found[each] = (ends[0], ends[1])
        return found

    def _limits(self, unknown: Unknown, true: float) -> tuple[float, float | None]:
        """Of a unit said to be small the reader knows 1 to 9, of one that covers it 10 or more."""
        unit = unknown[:2]
        if unit in self.few and 0 < true < 10:
            return min(1.0, true), max(9.0, true)
        if unit in self.withheld and unit not in self.few:
            return min(10.0, true), None
        return 0.0, None


def _minus(terms: Terms) -> Terms:
    return {key: -value for key, value in terms.items()}


def _matrix(
    rows: Iterable[tuple[Terms, float]],
    at: Mapping[Unknown, int],
    known: Mapping[Unknown, float],
    truth: Mapping[Unknown, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Rows over what is free; what is known moves to the right; rows of estimates are left out."""
    factors, right = [], []
    for terms, value in rows:
        if not any(key in at for key in terms) or any(key not in truth for key in terms):
            continue
        line = np.zeros(len(at))
        rest = value
        for key, factor in terms.items():
            if key in at:
                line[at[key]] += factor
            else:
                rest -= factor * known[key]
        factors.append(line)
        right.append(rest)
    return np.array(factors), np.array(right)
