"""The table of docs/method.md §3.2 once more, told flatly and by another hand, over random projects."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from geoplan.assess.ground import settle_ground
from geoplan.assess.model import ProjectResult
from geoplan.assess.projects.project_verdicts import judge_new_compounds, judge_projects
from geoplan.layers.model import Layers, Phase, Project
from geoplan.policy.model import Standard
from geoplan.terms import terms
from tests.assess.build import DAY, layer, standard

MANY = 1500
STAGES = (
    "none", "planning_condition", "land_grant", "land_permit", "scheme_review", "works_permit",
    "construction_permit", "presale", "completion_check", "joint_acceptance", "handover",
    "registration", "in_use",
)  # fmt: skip
WORST_FIRST = ("FAIL", "UNKNOWN", "PENDING", "PASS")

Row = dict[str, Any]
Phases = list[tuple[str, int | None]]  # as written, and households
WRITTEN = (
    [], ["1", "2"], ["1", "2", "3"], ["2", "1", "一期B"], ["一期A", "一期B"], ["一期A", "二期", ""],
    ["南区", "", ""], ["南区"], ["2", "南区"], ["二期", "3", "南区"],
)  # fmt: skip
ANYTHING = 10**9  # more households than any city has


def stage_number(row: Row) -> int:
    """1 to 12 as the table of §3.1 counts, 0 without any evidence."""
    reached = [0]
    for number, names in (
        (1, ["planning_condition_date"]),
        (2, ["land_grant_date"]),
        (3, ["land_permit_date"]),
        (4, ["scheme_review_date"]),
        (5, ["works_permit_date"]),
        (6, ["housing_start_date", "facility_start_date"]),
        (7, ["presale_date"]),
        (8, ["completion_check_date"]),
        (9, ["housing_acceptance_date", "housing_delivery_date"]),
        (10, ["facility_handover_date"]),
        (12, ["open_date"]),
    ):
        if any(row[name] is not None and row[name] <= DAY for name in names):
            reached.append(number)
    return max(reached)


def worst(verdicts: list[str]) -> str:
    for verdict in WORST_FIRST:
        if verdict in verdicts:
            return verdict
    return "NA"


def expected(row: Row, phases: Phases, rules: Row) -> Row:  # noqa: C901, PLR0912, PLR0915
    """Everything the judgement must say of a project, rule by rule."""
    stage = stage_number(row)
    legacy = row["land_grant_date"] is not None and row["land_grant_date"] < date(2021, 12, 23)
    accepted = row["housing_acceptance_date"] is not None and row["housing_acceptance_date"] <= DAY
    delivered = row["housing_delivery_date"] is not None and row["housing_delivery_date"] <= DAY
    households = row["planned_households"]
    fails: set[str] = set()
    blanks: set[str] = set()
    tolerance = Fraction(rules["measure_tolerance_pct"], 100)

    owed: dict[str, Fraction | None] = {}
    for kind in ("elder", "childcare"):
        if households is None:
            owed[kind] = None
            continue
        area = Fraction(households) * rules[f"{kind}_rate_new"] / 100
        if area > 0:
            area = max(area, Fraction(rules["min_single_m2"]))
        contract = row[f"contract_{kind}_m2"]
        signed = row["land_grant_date"] is None or row["land_grant_date"] <= DAY
        if contract is not None and signed:
            area = max(area, Fraction(contract))
        owed[kind] = area

    def shown(document: str, kind: str) -> Fraction | None:
        day = {
            "permit": row["works_permit_date"],
            "measured": row["completion_check_date"] or row["housing_acceptance_date"],
            "handed": row["facility_handover_date"],
        }[document]
        value = row[f"{document}_{kind}_m2"]
        if value is None or (day is not None and day > DAY):
            return None
        return Fraction(value)

    def against(document: str, kind: str) -> str:
        """PASS, FAIL or UNKNOWN of one document and kind, with its code."""
        need = owed[kind]
        if need is None:
            blanks.add("HH_MISSING")
            return "UNKNOWN"
        if need == 0:
            return "PASS"
        have = shown(document, kind)
        if have is None:
            blanks.add(f"EVIDENCE_MISSING:{document}_{kind}_m2")
            return "UNKNOWN"
        measured = shown("measured", kind)
        tolerated = measured is not None and measured >= need * (1 - tolerance)
        enough = {
            "permit": have >= need,
            "measured": tolerated,
            "handed": have >= need or (tolerated and have >= measured),
        }
        if enough[document]:
            return "PASS"
        name = kind.upper()
        fails.add(
            {
                "permit": f"PERMIT_AREA_SHORT_{name}" if have > 0 else "NOT_IN_PERMIT",
                "measured": f"MEASURED_SHORT_{name}",
                "handed": "HANDOVER_AREA_SHORT",
            }[document]
        )
        return "FAIL"

    answer: Row = {"stage": STAGES[stage], "stock": "legacy_new" if legacy else "new"}
    for kind in ("elder", "childcare"):
        name = f"area_{kind}"
        if owed[kind] is None:
            blanks.add("HH_MISSING")
            answer[name] = "UNKNOWN"
        elif owed[kind] == 0:
            answer[name] = "NA"
        elif stage < 5:
            answer[name] = "PENDING"
        elif row["other_use"] or row["facility_position"] == "basement":
            answer[name] = "FAIL"
            fails.update(["OTHER_USE"] if row["other_use"] else [])
            fails.update(["BAD_LOCATION"] if row["facility_position"] == "basement" else [])
        elif accepted or delivered or shown("measured", kind) is not None:
            answer[name] = against("measured", kind)
        else:
            answer[name] = against("permit", kind)

    plan = []
    if stage >= 2 and row["land_clause"] is not True and not legacy:
        granted = row["land_grant_date"] is not None and row["land_grant_date"] <= DAY
        if row["land_clause"] is None:
            blanks.add("EVIDENCE_MISSING:land_clause")
        if not granted:
            blanks.add("EVIDENCE_MISSING:land_grant_date")
        if granted and row["land_clause"] is False:
            fails.add("NO_LAND_CLAUSE")
            plan.append("FAIL")
        else:
            plan.append("UNKNOWN")
    if households is None:
        plan.append("UNKNOWN")
    elif stage >= 5:
        plan += [against("permit", "elder"), against("permit", "childcare")]
    else:
        plan.append("PENDING")
    answer["sync_plan"] = worst(plan)

    build = ["PENDING" if stage < 8 else "PASS"]
    if stage >= 8 and row["facility_start_date"] is None:
        blanks.add("EVIDENCE_MISSING:facility_start_date")
        build.append("UNKNOWN")
    elif stage >= 8 and row["facility_start_date"] > DAY:
        fails.add("NOT_STARTED")
        build.append("FAIL")
    if rules["phase_rule"] == "enforce":
        if row["facility_split"]:
            fails.add("SPLIT")
            build.append("FAIL")
        rooms = row["facility_phase"]
        if rooms is None:
            if stage >= 8 and several(phases):
                blanks.add("EVIDENCE_MISSING:facility_phase")
                build.append("UNKNOWN")
        elif several(phases) or (number_of(rooms) or 1) > 1:
            late, ordered = outcomes(rooms, phases, households)
            if late == {True}:
                fails.add("PHASE_LATE")
                build.append("FAIL")
            elif late != {False}:
                if not ordered:
                    blanks.add("PHASE_ORDER_UNKNOWN")
                    build.append("UNKNOWN")
                elif stage >= 8:
                    blanks.add("EVIDENCE_MISSING:phases")
                    build.append("UNKNOWN")
        # Whatever day the housing began, and nobody knows it, the rooms began in time or did not.
        begun = row["facility_start_date"]
        if row["housing_start_date"] is None:
            if stage >= 8 and (begun is None or begun <= DAY):
                blanks.add("EVIDENCE_MISSING:housing_start_date")
                build.append("UNKNOWN")
        elif begun is not None and row["housing_start_date"] < begun <= DAY:
            fails.add("START_LATE")
            build.append("FAIL")
    answer["sync_build"] = worst(build)
    answer["out_of_order"] = (
        row["housing_acceptance_date"] is not None
        and row["housing_acceptance_date"] > DAY
        and any(
            row[name] is not None and row[name] <= DAY
            for name in ("housing_delivery_date", "facility_handover_date")
        )
    )

    if not accepted:
        silent = delivered and row["housing_acceptance_date"] is None
        if silent:
            blanks.add("EVIDENCE_MISSING:housing_acceptance_date")
        answer["sync_accept"] = "UNKNOWN" if silent else "PENDING"
    else:
        accept = [against("measured", "elder"), against("measured", "childcare")]
        if row["facility_acceptance_date"] is None:
            blanks.add("EVIDENCE_MISSING:facility_acceptance_date")
            accept.append("UNKNOWN")
        elif row["facility_acceptance_date"] > row["housing_acceptance_date"]:
            fails.add("ACCEPT_LATE")
            accept.append("FAIL")
        for field, code in (
            ("civil_affairs_opinion", "CIVIL_AFFAIRS_REJECTED"),
            ("health_opinion", "HEALTH_REJECTED"),
        ):
            if row[field] is None:
                blanks.add(f"EVIDENCE_MISSING:{field}")
                accept.append("UNKNOWN")
            elif row[field] is False:
                fails.add(code)
                accept.append("FAIL")
        answer["sync_accept"] = worst(accept)

    if not delivered:
        answer["sync_deliver"] = "PENDING"
    elif row["facility_handover_date"] is None or row["facility_handover_date"] > DAY:
        fails.add("NO_HANDOVER")
        answer["sync_deliver"] = "FAIL"
    else:
        deliver = [against("handed", "elder"), against("handed", "childcare")]
        if row["facility_handover_date"] > row["housing_delivery_date"]:
            fails.add("HANDOVER_LATE")
            deliver.append("FAIL")
        answer["sync_deliver"] = worst(deliver)

    six = [answer[name] for name in ("area_elder", "area_childcare")]
    four = [answer[f"sync_{name}"] for name in ("plan", "build", "accept", "deliver")]
    answer["verdict"] = worst(six + four)
    answer["codes"] = fails | blanks
    answer["in_rate"] = (
        accepted
        and row["housing_acceptance_date"] >= date(2023, 1, 1)
        and not (legacy and rules["legacy_policy"] == "exclude")
        and households != 0
    )
    answer["compliant"] = (
        accepted
        and not {"FAIL", "UNKNOWN", "PENDING"} & set(six)
        and not {"FAIL", "UNKNOWN"} & set(four)
    )
    return answer


def number_of(text: str) -> int | None:
    """The number a phase begins with, however it is written; None for a name."""
    return {"一期": 1, "一期A": 1, "一期B": 1, "二期": 2, "南区": None, "": None}.get(
        text, int(text) if text.isdecimal() else None
    )


def several(phases: Phases) -> bool:
    """Whether there is more than one phase, those of one number being one."""
    numbers = [number_of(text) for text, _ in phases]
    return len(set(numbers) - {None}) + numbers.count(None) > 1


def outcomes(rooms: str, phases: Phases, planned: Decimal | None) -> tuple[set[bool], bool]:
    """Whether the rooms come late, in every order the phases can have and at every size.

    An empty set where nothing says which phase is theirs; and whether the order is known.
    """
    number = number_of(rooms)
    own = [
        (text, count)
        for text, count in phases
        if (number_of(text) == number if number is not None else text == rooms and text)
    ]
    if number == 1:
        return {False}, True
    if not own:
        return set(), True
    free = [each for each in phases if each not in own and None in {number, number_of(each[0])}]
    fixed = [each for each in phases if each not in own and each not in free]
    if planned == 0:
        return {True, False}, not free  # there is nothing to be a share of
    late = set()
    for places in product([True, False], repeat=len(free)):
        before = [each for each, early in zip(free, places, strict=True) if early]
        before += [each for each in fixed if (number_of(each[0]) or 0) < (number or 0)]
        late |= {late_at(size, [*before, *own], before, phases, planned) for size in (0, ANYTHING)}
        sizes = [(0, ANYTHING), (ANYTHING, 0)]
        late |= {late_with(each, [*before, *own], before, phases, planned) for each in sizes}
    return late, not free


def late_at(
    size: int, built: Phases, before: Phases, phases: Phases, planned: Decimal | None
) -> bool:
    return late_with((size, size), built, before, phases, planned)


def late_with(
    sizes: tuple[int, int],
    built: Phases,
    before: Phases,
    phases: Phases,
    planned: Decimal | None,
) -> bool:
    """Late when anything comes before the rooms and more than half is built by then.

    A blank phase has the first of ``sizes`` when it is built with the rooms, else the second.
    """
    there = sum(sizes[0] if count is None else count for _, count in built)
    rest = [each for each in phases if each not in built]
    total = planned
    if total is None:
        total = Decimal(there + sum(sizes[1] if count is None else count for _, count in rest))
    return bool(before) and there * 2 > total


def random_row(chance: random.Random) -> Row:
    """A project on its way, with some papers lost, short, late or dated after the day."""
    row: Row = {}
    day = date(2021, 4, 1) + timedelta(days=chance.randrange(500))
    for name in (
        "planning_condition_date", "land_grant_date", "land_permit_date", "scheme_review_date",
        "works_permit_date", "housing_start_date", "presale_date", "completion_check_date",
        "housing_acceptance_date", "housing_delivery_date",
    ):  # fmt: skip
        day += timedelta(days=chance.randrange(150))
        row[name] = None if chance.random() < 0.08 else day
    for name, with_ in (
        ("facility_start_date", "housing_start_date"),
        ("facility_acceptance_date", "housing_acceptance_date"),
        ("facility_handover_date", "housing_delivery_date"),
    ):
        beside = row[with_] or day
        late = chance.choice([-20, 0, 0, 0, 1, 400])
        row[name] = None if chance.random() < 0.1 else beside + timedelta(days=late)
    row["open_date"] = chance.choice([None, None, None, day + timedelta(days=60)])
    households = chance.choice([None, Decimal(0), Decimal(333)] + [Decimal(800)] * 9)
    row["planned_households"] = households
    for document in ("permit", "measured", "handed"):
        for kind in ("elder", "childcare"):
            areas = [None, Decimal(0), Decimal("158.2"), Decimal("159.99")]
            areas += [Decimal(160)] * 8 + [Decimal(400)] * 12
            row[f"{document}_{kind}_m2"] = chance.choice(areas)
    for kind in ("elder", "childcare"):
        row[f"contract_{kind}_m2"] = chance.choice([None, None, None, Decimal(0), Decimal(200)])
    for name in ("land_clause", "civil_affairs_opinion", "health_opinion"):
        row[name] = chance.choice([None, False] + [True] * 10)
    row["other_use"] = chance.choice([True] + [None, False] * 12)
    row["facility_split"] = chance.choice([True] + [None, False] * 6)
    row["facility_position"] = chance.choice([None, "ground", "upper"] * 6 + ["basement"])
    row["facility_phase"] = chance.choice([None, "1", "一期", "2", "南区"])
    return row


def random_phases(chance: random.Random) -> Phases:
    """None, some in order, or a handful of what bureaus write: split, named, blank."""
    written = chance.choice(WRITTEN)
    counts = [100, 150, 200, 200, 400, 401]
    return [(text, chance.choice([*counts, None])) for text in written]


def random_rules(chance: random.Random) -> Row:
    return {
        "elder_rate_new": chance.choice([15, 20, 20]),
        "childcare_rate_new": chance.choice([15, 20, 20]),
        "min_single_m2": chance.choice([0, 0, 0, 350]),
        "measure_tolerance_pct": chance.choice([0, 0, 3]),
        "legacy_policy": chance.choice(["include", "include", "exclude"]),
        "phase_rule": chance.choice(["warn", "enforce"]),
    }


def cases(seed: int) -> Iterator[tuple[Row, Standard, list[Row], list[Phases]]]:
    chance = random.Random(seed)  # noqa: S311
    for _ in range(5):
        rules = random_rules(chance)
        rows = [random_row(chance) for _ in range(MANY // 25)]
        yield rules, standard(**rules), rows, [random_phases(chance) for _ in rows]


def layers_of(rows: list[Row], phases: list[Phases]) -> Layers:
    projects = [Project(number, f"P{number}", "", **row) for number, row in enumerate(rows)]
    listed = [
        Phase(0, f"P{number}", phase, None if households is None else Decimal(households))
        for number, each in enumerate(phases)
        for phase, households in each
    ]
    return Layers(None, projects=layer(projects), phases=layer(listed))


def as_told(result: ProjectResult, names: Iterable[str]) -> Row:
    told = {name: getattr(result, name) for name in names if name != "out_of_order"}
    told["out_of_order"] = "DATES_OUT_OF_ORDER" in result.warnings
    return told | {"codes": set(result.codes) - set(result.warnings)}


@pytest.mark.parametrize("seed", range(5))
def test_both_tell_the_same_of_every_project(seed: int) -> None:
    for rules, told, rows, phases in cases(seed):
        found = judge_projects(settle_ground(layers_of(rows, phases), told))
        for row, listed, result in zip(rows, phases, found, strict=True):
            wanted = expected(row, listed, rules)
            assert as_told(result, wanted) == wanted, (row, listed, rules)


@pytest.mark.parametrize("seed", range(5))
def test_both_count_the_same_rate(seed: int) -> None:
    for rules, told, rows, phases in cases(seed):
        wanted = [expected(row, listed, rules) for row, listed in zip(rows, phases, strict=True)]
        inside = [each for each in wanted if each["in_rate"]]
        indicator = next(
            each for each in told.policy.indicators if each.id == "new_compound_compliance"
        )
        result = judge_new_compounds(indicator, settle_ground(layers_of(rows, phases), told))
        assert result.denominator == len(inside)
        assert result.numerator == sum(each["compliant"] for each in inside)
        assert result.variants["without_legacy"].numerator == sum(
            each["compliant"] for each in inside if each["stock"] == "new"
        )
        assert result.variants["area_only"].numerator == sum(
            {each["area_elder"], each["area_childcare"]} <= {"PASS", "NA"} for each in inside
        )
        assert len(result.uncovered) == sum(each["verdict"] == "FAIL" for each in inside)


def test_the_random_projects_meet_every_outcome() -> None:
    """The oracle would prove little if some verdicts or codes never came up."""
    verdicts: dict[str, set[str]] = {}
    codes: set[str] = set()
    for rules, _, rows, phases in (case for seed in range(5) for case in cases(seed)):
        for row, listed in zip(rows, phases, strict=True):
            wanted = expected(row, listed, rules)
            codes |= wanted["codes"]
            for name in ("sync_plan", "sync_build", "sync_accept", "sync_deliver", "verdict"):
                verdicts.setdefault(name, set()).add(wanted[name])
    assert all(found == set(WORST_FIRST) for found in verdicts.values())
    breaches = {code for code in codes if not code.startswith(("EVIDENCE_MISSING:", "HH_MISSING"))}
    assert len(breaches) == 19
    assert {f"EVIDENCE_MISSING:{field}" for field in terms("evidence")} <= codes
