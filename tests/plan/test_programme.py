"""The programme: worked cases of every instrument, budgets, and an oracle that tries everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import networkx as nx
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geoplan.layers.model import ResidentialCommunity
from geoplan.plan.programme.assumptions import Assumptions
from geoplan.plan.programme.needs import Need
from geoplan.plan.programme.options import Option
from geoplan.plan.programme.programme import Programme
from geoplan.plan.programme.selection import choose
from geoplan.plan.scenario import apply
from geoplan.terms import terms
from tests.plan.city import assumed, city, closed, judge, plan, room, station

AREA, COVER, CENTER = "area_per_100_households", "rc_childcare", "jiedao_elder_center"
ELDER, CHILDCARE = ("C1", AREA, "elder"), ("C1", AREA, "childcare")
WHOLE_CENTER = frozenset(terms("function"))


def steps(programme: Programme) -> list[tuple[int, str]]:
    return [(step.year, step.id) for step in programme.steps]


def test_the_needs_are_the_official_gaps_of_the_last_day() -> None:
    programme = plan(city(), "build")
    found = {(need.unit_id, need.rule, need.kind, need.floor_m2) for need in programme.needs}
    assert found == {
        ("C1", AREA, "elder", Fraction(150)),
        ("C1", AREA, "childcare", Fraction(150)),
        ("451402001", CENTER, "elder", None),
    }


def test_a_new_build_closes_what_nothing_else_does() -> None:
    programme = plan(city(), "build")
    assert len(closed(programme)) == 3
    # 150 + 150 + 1,000 m² at 5,000 yuan, on as much land
    assert sum(step.yuan for step in programme.steps) == 1300 * 5000
    assert sum(end.land_m2 for end in programme.years) == 1300
    assert not [gap for gap in programme.after.gaps if gap.official]


def test_a_whole_lease_is_weighed_against_buying() -> None:
    # 5 years × 20,000 and fitting out against 400,000 and fitting out
    leased = plan(city(premises=(room("V1", 150, ("buy", "lease")),)), "buy", "lease")
    assert [step.instrument for step in leased.steps] == ["lease"]
    dear = room("V1", 150, ("buy", "lease"), rent_yuan_per_year=Decimal(90_000))
    assert [s.instrument for s in plan(city(premises=(dear,)), "buy", "lease").steps] == ["buy"]


def test_rooms_are_shared_between_the_kinds_and_never_counted_twice() -> None:
    programme = plan(city(premises=(room("V1", 300),)), "lease")
    assert closed(programme) == {ELDER, CHILDCARE}
    (step,) = programme.steps
    assert step.area_m2("elder") == step.area_m2("childcare") == 150
    short = plan(city(premises=(room("V1", 299),)), "lease")
    assert len(closed(short)) == 1


def test_rent_falls_due_in_every_year_from_the_one_it_begins_in() -> None:
    rooms = room("V1", 300, available_from=date(2025, 3, 1))
    (step,) = plan(city(premises=(rooms,)), "lease").steps
    assert step.year == 2025
    assert step.yuan_by_year == (0, 320_000, 20_000)
    assert step.lease_end == date(2030, 12, 30)  # five years from the last day of 2025


def test_a_short_budget_goes_where_the_most_people_are_and_is_never_overspent() -> None:
    # Each community lacks 150 m² of both kinds; the rooms of each close its elder-care gap.
    rooms = (
        room("V1", 150, ("free",)),
        room("V2", 120, ("free",), community="C2"),
    )
    layers = city(premises=rooms, households=(1000, 800))
    programme = plan(layers, "free", budget="15万,12万,0")
    assert [(step.year, step.subject) for step in programme.steps] == [(2024, "V1"), (2025, "V2")]
    assert [end.spent_yuan for end in programme.years] == [150_000, 120_000, 0]
    assert [end.people for end in programme.years] == [2870, 5166, 5166]  # 2.87 a household
    poor = plan(layers, "free", budget="12万,0,0")
    assert [step.subject for step in poor.steps] == ["V2"]
    assert poor.least_yuan is not None
    assert sum(poor.least_yuan) == 270_000


def test_no_money_and_nothing_free_is_no_programme() -> None:
    programme = plan(city(premises=(room("V1", 300),)), budget="0,0,0")
    assert programme.steps == ()
    assert len(programme.open_needs) == 3
    assert not programme.no_option  # a new build would do


def test_what_nothing_can_close_is_named() -> None:
    programme = plan(city(premises=(room("V1", 300),)), "lease")
    assert [(need.unit_id, need.rule) for need in programme.no_option] == [("451402001", CENTER)]


@pytest.mark.parametrize(
    ("rooms", "reason"),
    [
        (room("V1", None), "AREA_MISSING"),
        (room("V1", 300, position="basement"), "BAD_LOCATION"),
        (room("V1", 9), "TOO_SMALL"),
        (room("V1", 300, available_from=date(2027, 1, 1)), "TOO_LATE"),
        (room("V1", 300, ("free",)), "NO_MODE"),
        (room("V1", 300, rent_yuan_per_year=None), "COST_MISSING"),
    ],
)
def test_premises_that_are_no_option_are_left_out_with_the_reason(
    rooms: object, reason: str
) -> None:
    programme = plan(city(premises=(rooms,)), "lease")  # type: ignore[arg-type]
    assert [(each.id, each.reason) for each in programme.left_out] == [("V1", reason)]


def test_a_centre_takes_its_rooms_whole() -> None:
    programme = plan(city(premises=(room("V1", 1000),)), "lease")
    # either the centre, or the two areas: two gaps beat one
    assert closed(programme) == {ELDER, CHILDCARE}
    two = plan(city(premises=(room("V1", 1000), room("V2", 300))), "lease")
    assert len(closed(two)) == 3


def test_childcare_rooms_cover_the_residential_community_they_stand_in() -> None:
    unit = ResidentialCommunity(2, "RC1", "第一居住社区", community="C1", population=Decimal(6000))
    rooms = room("V1", 300)
    programme = plan(city(premises=(rooms,), communities=(unit,)), "lease")
    assert closed(programme) == {ELDER, CHILDCARE, ("RC1", COVER, "childcare")}
    small = plan(city(premises=(room("V1", 99),), communities=(unit,)), "lease")
    assert ("RC1", COVER, "childcare") not in closed(small)


def test_each_change_of_a_facility_that_is_there() -> None:
    coming = station("F1", 150, status="under_construction")
    assert steps(plan(city(facilities=(coming,)), "finish")) == [(2024, "finish:F1")]
    planned = station("F1", 150, status="planned", open_date=date(2025, 6, 1))
    found = plan(city(facilities=(planned,)), "build")
    assert (2025, "build:F1") not in steps(found)  # an earlier build costs the same
    shut = station("F1", 150, status="suspended")
    assert steps(plan(city(facilities=(shut,)), "reopen")) == [(2024, "reopen:F1")]
    turned = plan(city(facilities=(shut,)), "convert")
    assert steps(turned) == [(2024, "convert:F1")]
    assert closed(turned) == {CHILDCARE}
    lacking = station(
        "F1", 1000, "jiedao_elder_center", functions=WHOLE_CENTER - {"technical_support"}
    )
    assert steps(plan(city(facilities=(lacking,)), "upgrade")) == [(2024, "upgrade:F1")]


def test_a_lease_that_ends_is_renewed_from_the_year_it_ends() -> None:
    leased = station(
        "F1", 150, tenure="leased", lease_start=date(2020, 1, 1), lease_end=date(2025, 6, 30)
    )
    programme = plan(city(facilities=(leased,)), "renew")
    assert steps(programme) == [(2025, "renew:F1")]
    assert programme.steps[0].yuan_by_year == (0, 15_000, 15_000)
    assert closed(programme) == {ELDER}


def test_an_extension_is_as_large_as_the_gap_in_whole_square_metres() -> None:
    programme = plan(city(facilities=(station("F1", 120),), households=(1003, 0)), "extend")
    (step,) = programme.steps
    assert step.floor_m2 == 31  # 150.45 m² are due
    assert step.yuan == 31 * 4000
    too_small = plan(city(facilities=(station("F1", 90),)), "extend")
    assert too_small.steps == ()  # half as much again is not enough


def test_a_neighbour_gives_what_it_has_beyond_its_own_requirement() -> None:
    rich = station("F1", 300, community="C2")
    programme = plan(city(facilities=(rich,), households=(1000, 1000)), "pool")
    assert steps(programme) == [(2024, "pool:F1")]
    assert closed(programme) == {ELDER}
    assert programme.steps[0].yuan == 0
    poor = plan(
        city(facilities=(station("F1", 299, community="C2"),), households=(1000, 1000)), "pool"
    )
    assert poor.steps == ()


def test_new_compounds_are_served_on_their_own() -> None:
    programme = plan(city(premises=(room("V1", 300),), stock="new"), "lease")
    assert closed(programme) == {("X1", AREA, "elder"), ("X1", AREA, "childcare")}


def test_the_order_of_rows_never_matters() -> None:
    rooms = tuple(room(f"V{at}", m2) for at, m2 in enumerate((300, 150, 160, 200)))
    one, other = plan(city(premises=rooms), "lease"), plan(city(premises=rooms[::-1]), "lease")
    assert [goal.value for goal in one.goals] == pytest.approx([g.value for g in other.goals])


@given(
    sizes=st.lists(st.integers(10, 400), min_size=1, max_size=5),
    budgets=st.lists(st.integers(0, 60), min_size=3, max_size=3),
    households=st.tuples(st.integers(1, 2000), st.integers(0, 2000)),
)
@settings(max_examples=25, deadline=None)
def test_any_programme_is_proven_by_assessment_and_keeps_its_budgets(
    sizes: list[int], budgets: list[int], households: tuple[int, int]
) -> None:
    rooms = tuple(
        room(f"V{at}", m2, ("lease", "free") if at % 2 else ("buy",), community=f"C{at % 2 + 1}")
        for at, m2 in enumerate(sizes)
    )
    layers = city(premises=rooms, households=households)
    programme = plan(layers, budget=",".join(f"{each}万" for each in budgets))
    for end in programme.years:
        assert end.budget_yuan is not None
        assert end.spent_yuan <= end.budget_yuan
    again = judge(apply(layers, programme.edits), programme.assumed.last_day)
    left = {(gap.unit_id, gap.rule, gap.kind) for gap in again.gaps if gap.official}
    assert not left & closed(programme)
    for step in programme.steps:
        assert sum(m2 for _, m2 in step.serves) <= step.floor_m2
    closed_so_far = [set(end.closed) for end in programme.years]
    assert closed_so_far[0] <= closed_so_far[1] <= closed_so_far[2]


# ---------------------------------------------------------------------------------- oracle


@given(
    rooms=st.lists(
        st.tuples(st.integers(20, 200), st.integers(0, 9), st.sets(st.integers(0, 2), min_size=1)),
        min_size=1,
        max_size=4,
    ),
    gaps=st.lists(st.tuples(st.integers(10, 200), st.integers(1, 50)), min_size=3, max_size=3),
    budgets=st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_the_choice_is_the_best_of_all_choices(
    rooms: list[tuple[int, int, set[int]]],
    gaps: list[tuple[int, int]],
    budgets: tuple[int, int],
) -> None:
    needs = [
        Need(f"C{at}", "community", AREA, "elder", Fraction(m2), Fraction(people))
        for at, (m2, people) in enumerate(gaps)
    ]
    options = [
        Option(
            f"buy:{at}", "buy", str(at), "premises", "", str(at),
            area=dict.fromkeys(sorted(serves), Fraction(m2)),
            floor_m2=Fraction(m2),
            yuan_once=Fraction(cost * 10_000),
        )
        for at, (m2, cost, serves) in enumerate(rooms)
    ]  # fmt: skip
    rules = assumed(years="2024-2025", budget=[str(each * 10_000) for each in budgets])
    choice = choose(needs, options, rules, seconds=300)
    every = list(product((None, 0, 1), repeat=len(options)))
    closable = max(_most_closed(years, needs, options) for years in every)
    best = min(
        _rank(years, needs, options, rules, closable)
        for years in every
        if _affordable(years, options, rules)
    )
    found = {goal.name if goal.year is None else goal.year: goal.value for goal in choice.goals}
    all_closed = -best[0] == closable
    money, *people = best[1:] if all_closed else (best[-1], *best[1:-1])
    assert found["gaps"] == -best[0]
    assert found["yuan"] == pytest.approx(money, abs=1)
    assert [found[2024], found[2025]] == pytest.approx([-each for each in people], abs=0.5)
    assert all(goal.proven for goal in choice.goals)


def _affordable(years: tuple[int | None, ...], options: list[Option], rules: Assumptions) -> bool:
    assert rules.budgets_yuan is not None
    return all(
        sum(option.yuan_once for option, when in zip(options, years, strict=True) if when == year)
        <= budget
        for year, budget in enumerate(rules.budgets_yuan)
    )


def _most_closed(years: tuple[int | None, ...], needs: list[Need], options: list[Option]) -> int:
    return max(
        sum(when is not None for when in closing)
        for closing in product((None, 1), repeat=len(needs))
        if _closes(years, closing, needs, options)
    )


def _rank(
    years: tuple[int | None, ...],
    needs: list[Need],
    options: list[Option],
    rules: Assumptions,
    closable: int,
) -> tuple[float, ...]:
    """The goals in their order, the smaller the better; of what these rooms can close the best."""
    money = float(
        sum(o.yuan_once for o, when in zip(options, years, strict=True) if when is not None)
    )
    ranks = []
    for closing in product((None, 0, 1), repeat=len(needs)):
        if _closes(years, closing, needs, options):
            people = [
                -float(sum(n.people for n, when in zip(needs, closing, strict=True) if when is not None and when <= year))
                for year in range(len(rules.years))
            ]  # fmt: skip
            count = -sum(when is not None for when in closing)
            ranks.append((count, money, *people) if -count == closable else (count, *people, money))
    return min(ranks)


def _closes(
    years: tuple[int | None, ...],
    closing: Iterable[int | None],
    needs: list[Need],
    options: list[Option],
) -> bool:
    graph: nx.DiGraph[object] = nx.DiGraph()
    graph.add_nodes_from(("source", "sink"))
    due: Mapping[int, int] = {at: when for at, when in enumerate(closing) if when is not None}
    for at in due:
        graph.add_edge(("need", at), "sink", capacity=int(needs[at].floor_m2 or 0))
    for at, (option, when) in enumerate(zip(options, years, strict=True)):
        if when is None:
            continue
        graph.add_edge("source", ("room", at), capacity=int(option.floor_m2 or 0))
        for need in option.area:
            if need in due and when <= due[need]:
                graph.add_edge(("room", at), ("need", need))
    flow, _ = nx.maximum_flow(graph, "source", "sink")
    return bool(flow == sum(int(needs[at].floor_m2 or 0) for at in due))
