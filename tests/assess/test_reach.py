"""Who can walk to what: counted by hand, against a slow oracle, and what must always hold."""

from __future__ import annotations

import re
from fractions import Fraction
from math import hypot
from pathlib import Path

import geopandas
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.assess.ground import Ground, settle_ground
from geoplan.assess.indicators.childcare_walks import units_within_reach
from geoplan.assess.model import ReachRow
from geoplan.assess.places.facility_status import Qualifies
from geoplan.assess.walking.people_reached import distances_for, judge_reach
from geoplan.layers.model import (
    Community,
    Division,
    Facility,
    Homes,
    Layers,
    ResidentialCommunity,
    Source,
)
from geoplan.workflow import assess_study
from tests.assess.build import layer, square, standard

SOURCE = Source("homes", "homes.csv", "", None, None, 0, 0)
Home = tuple[float, float, int]


def homes(places: list[Home], **declared: list[str | None]) -> Homes:
    count = len(places)
    blank = np.full(count, None, dtype=object)
    people = np.array([each[2] for each in places], dtype=float)

    def said(name: str) -> np.ndarray:
        found = blank.copy()
        found[:] = declared.get(name, [None] * count)
        return found

    geometry = np.full(count, None, dtype=object)
    geometry[:] = [shapely.Point(x, y) for x, y, _ in places]
    return Homes(
        ids=np.array([f"H{at}" for at in range(count)], dtype=object),
        geometry=geometry,
        community=said("community"),
        compound=said("compound"),
        households=people,
        population=people,
        pop_60plus=people,
        pop_65plus=np.full(count, np.nan),
        pop_under3=people,
        source=SOURCE,
    )


def ground(places: list[Home], facilities: list[tuple[float, float]], **extra: object) -> Ground:
    rows = [
        Facility(at + 2, f"F{at}", "elder_service_station", "站", status="operating")
        for at in range(len(facilities))
    ]
    layers = Layers(
        "EPSG:4545",
        divisions=layer(
            [
                Division(2, "451402001", "太平街道", "jiedao"),
                Division(3, "451402002", "江南街道", "jiedao"),
            ],
            [square(0, 0, 2000), square(2000, 0, 2000)],
        ),
        facilities=layer(rows, [shapely.Point(*each) for each in facilities]),
        homes=homes(places, **extra),  # type: ignore[arg-type]
    )
    return settle_ground(layers, standard())


def row(rows: tuple[ReachRow, ...], **wanted: object) -> ReachRow:
    (found,) = (r for r in rows if all(getattr(r, key) == value for key, value in wanted.items()))
    return found


def test_exactly_500_m_is_within_500_m_and_a_millimetre_more_is_not() -> None:
    found = judge_reach(ground([(0, 0, 7), (0.001, 0, 5)], [(-300, 400)]))
    # The second home is 300.001 m east and 400 m south: 500.0006 m, rounded 500.001 m.
    at_500 = row(found, level="study", kind="elder", people="population", within_m=500)
    assert (at_500.reached, at_500.total, at_500.share) == (7, 12, Fraction(7, 12))
    at_1000 = row(found, level="study", kind="elder", people="population", within_m=1000)
    assert at_1000.reached == 12


def test_elders_walk_slower() -> None:
    rules = standard()
    adult = {each.minutes: each.within_m for each in distances_for("population", rules)}
    elder = {each.minutes: each.within_m for each in distances_for("pop_60plus", rules)}
    assert (adult[5], adult[10], adult[15]) == (300, 600, 900)
    assert (elder[5], elder[10], elder[15]) == (240, 480, 720)


def test_unknown_counts_are_no_rows_and_never_zero() -> None:
    found = judge_reach(ground([(0, 0, 7)], [(0, 0)]))
    assert {each.people for each in found if each.kind == "elder"} == {
        "population",
        "pop_60plus",
        "households",
    }


def test_without_a_facility_of_a_kind_nobody_reaches_one() -> None:
    found = row(
        judge_reach(ground([(0, 0, 7)], [(0, 0)])),
        level="study", kind="childcare", people="pop_under3", within_m=500,
    )  # fmt: skip
    assert (found.reached, found.unreachable, found.total, found.share) == (0, 7, 7, 0)


def test_a_home_counts_in_the_division_it_stands_in_and_outside_all_nowhere() -> None:
    found = judge_reach(ground([(100, 100, 7), (2100, 100, 5), (-50, 0, 3)], [(100, 100)]))
    totals = {
        each.unit_id: each.total
        for each in found
        if (each.kind, each.people, each.within_m) == ("elder", "population", 500)
    }
    assert totals == {None: 12, "451402001": 7, "451402002": 5}


def test_a_declared_community_beats_the_place() -> None:
    made = ground([(100, 100, 7)], [(100, 100)], community=["丽金社区"])
    communities = layer(
        [Community(2, "C1", "中山社区", "451402001"), Community(3, "C2", "丽金社区", "451402002")],
        [square(0, 0, 2000), square(2000, 0, 2000)],
    )
    layers = Layers(
        "EPSG:4545",
        divisions=made.layers.divisions,
        communities=communities,
        facilities=made.layers.facilities,
        homes=made.layers.homes,
    )
    found = judge_reach(settle_ground(layers, standard()))
    wanted = {"kind": "elder", "people": "pop_60plus", "within_m": 500}
    assert row(found, unit_id="C2", **wanted).total == 7
    assert row(found, unit_id="C1", **wanted).total == 0
    assert row(found, unit_id="451402002", **wanted).total == 7


PLACES = st.tuples(
    st.integers(-200, 4200).map(float), st.integers(-200, 2200).map(float), st.integers(0, 90)
)
POINTS = st.tuples(st.integers(-500, 4500).map(float), st.integers(-500, 2500).map(float))


def slow(
    places: list[Home], facilities: list[tuple[float, float]], unit: str | None
) -> dict[int, int]:
    """People within each distance, one home after another."""
    west = {"451402001": 0, "451402002": 2000}
    counts = dict.fromkeys((300, 500, 1000), 0)
    for x, y, people in places:
        if not 0 <= y <= 2000 or not 0 <= x <= 4000:
            continue
        home = "451402001" if x <= 2000 else "451402002"  # on the border the lower code
        assert west[home] <= x <= west[home] + 2000
        if unit in {None, home} and facilities:
            nearest = min(hypot(x - a, y - b) for a, b in facilities)
            for limit in counts:
                counts[limit] += people * (round(nearest, 3) <= limit)
    return counts


@settings(max_examples=60, deadline=None)
@given(st.lists(PLACES, min_size=1, max_size=12), st.lists(POINTS, min_size=1, max_size=4))
def test_counts_equal_a_slow_count(
    places: list[Home], facilities: list[tuple[float, float]]
) -> None:
    found = judge_reach(ground(places, facilities))
    for unit in (None, "451402001", "451402002"):
        expected = slow(places, facilities, unit)
        for limit, people in expected.items():
            each = row(found, unit_id=unit, kind="elder", people="population", within_m=limit)
            assert each.reached == people


@settings(max_examples=40, deadline=None)
@given(st.lists(PLACES, min_size=1, max_size=10), st.lists(POINTS, min_size=1, max_size=4))
def test_farther_and_more_facilities_never_lower_the_count(
    places: list[Home], facilities: list[tuple[float, float]]
) -> None:
    fewer = judge_reach(ground(places, facilities[1:]))
    more = judge_reach(ground(places, facilities))

    def key(each: ReachRow) -> tuple[object, ...]:
        return each.unit_id, each.level, each.kind, each.people, each.mode, each.within_m

    before = {key(each): each.reached for each in fewer}
    for each in more:
        assert each.reached >= before.get(key(each), 0)
        assert each.reached <= each.total - each.unreachable
    by_distance = sorted(
        (each.within_m, each.reached)
        for each in more
        if (each.level, each.kind, each.people) == ("study", "elder", "population")
    )
    assert [reached for _, reached in by_distance] == sorted(reached for _, reached in by_distance)


def reach_ground(places: list[Home], at: tuple[float, float], **overrides: object) -> Ground:
    """One residential community of 400 m by 400 m with one childcare institution."""
    layers = Layers(
        "EPSG:4545",
        residential_communities=layer(
            [ResidentialCommunity(2, "RC1", "一区")], [square(0, 0, 400)]
        ),
        facilities=layer(
            [Facility(2, "F1", "childcare_institution", "园", status="operating")],
            [shapely.Point(*at)],
        ),
        homes=homes(places) if places else None,
    )
    return settle_ground(layers, standard(**overrides))


def test_half_of_the_people_within_the_radius_are_enough() -> None:
    chosen = {0: Qualifies.YES}
    half = reach_ground([(0, 0, 10), (400, 0, 10)], (-300, 0))
    assert units_within_reach(half, chosen) == {"RC1": {"F1": Qualifies.YES}}
    less = reach_ground([(0, 0, 10), (400, 0, 11)], (-300, 0))
    assert units_within_reach(less, chosen) == {}


def test_a_facility_that_may_not_qualify_makes_the_unit_unknown() -> None:
    found = units_within_reach(reach_ground([(0, 0, 10)], (0, 0)), {0: Qualifies.UNKNOWN})
    assert found == {"RC1": {"F1": Qualifies.UNKNOWN}}


def test_without_homes_the_ground_is_measured() -> None:
    chosen = {0: Qualifies.YES}
    inside = reach_ground([], (200, 200))
    assert units_within_reach(inside, chosen) == {"RC1": {"F1": Qualifies.YES}}
    assert units_within_reach(reach_ground([], (-250, 200)), chosen) == {}
    assert units_within_reach(reach_ground([], (-250, 200), reach_share="0.01"), chosen) != {}


def test_those_far_from_the_streets_are_named_with_their_own_distance(repository: Path) -> None:
    """Straight from the files: each home that is named lies as far from the streets as it says."""
    remarks = assess_study(repository).remarks
    (said,) = (each for each in remarks if (each.code, each.layer) == ("WALK_JOINS", "homes"))
    boundaries = repository / "data" / "boundaries"
    homes = geopandas.read_file(boundaries / "homes.gpkg").set_index("home_id").geometry
    streets = geopandas.read_file(boundaries / "roads.gpkg").union_all()
    named = re.findall(r"(H\d+) ([\d.]+) m", said.detail.zh)
    assert named
    for home, metres in named:
        assert f"{homes[home].distance(streets):.1f}" == metres
