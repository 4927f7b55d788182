"""Comparing two states: each link moves what it should, and the parts always add up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.cli import main
from geoplan.layers.model import Division, Facility, Layers, Reported, ResidentialCommunity
from geoplan.plan import comparison as comparing
from geoplan.plan.comparison import LINKS, Comparison, Moved, Side, compare_sides
from geoplan.render.planning.comparison import comparison_document
from tests.assess.build import layer, square, standard
from tests.plan.city import city, judge, station

THEN, NOW = date(2023, 12, 31), date(2024, 12, 31)
PLACES = "childcare_places_per_1000"


def care(key: str, places: int, **told: object) -> Facility:
    return replace(station(key, 200, "childcare_institution"), places=Decimal(places), **told)  # type: ignore[arg-type]


def town(population: int, *facilities: Facility) -> Layers:
    unit = ResidentialCommunity(2, "RC1", "第一居住社区", community="C1", population=Decimal(6000))
    divisions = layer(
        [Division(2, "451402001", "太平街道", "jiedao", population=Decimal(population))],
        [square(0, 0, 2000)],
    )
    made = city(facilities=facilities, communities=(unit,))
    reported = layer(
        [
            Reported(2, "city_smart_elder_home", date(2023, 6, 1), Decimal(0)),
            Reported(3, "city_smart_elder_home", date(2024, 6, 1), Decimal(1)),
        ]
    )
    return replace(made, divisions=divisions, reported=reported)


def side(layers: Layers, day: date, **values: object) -> Side:
    return Side("试城", layers, standard(day=day, **values))


def moved(comparison: Comparison, key: str) -> Moved:
    return next(each for each in comparison.moved if each.id == key)


def parts(comparison: Comparison, key: str) -> dict[str, Fraction]:
    found = moved(comparison, key).parts
    assert found is not None
    return {link: part for link, part in zip(LINKS, found, strict=True) if part}


def test_every_link_moves_what_a_planner_reckons_by_hand() -> None:
    closes = {"close_date": date(2024, 6, 30)}
    opens = {"open_date": date(2024, 9, 1)}
    before = town(10_000, care("F1", 20), care("F2", 30, **closes), care("F3", 60, **opens))
    after = town(8_000, care("F1", 28), care("F2", 30, **closes), care("F3", 60, **opens))
    comparison = compare_sides(side(before, THEN), side(after, NOW))
    # 50 places for 10,000; 20; 80; 80 for 8,000; 88 for 8,000
    values = [each.value for each in moved(comparison, PLACES).results]
    assert values == [5, 5, 5, 2, 8, 10, 11]
    assert parts(comparison, PLACES) == {
        "closed": -3,
        "opened": 6,
        "population": 2,
        "data": 1,
    }
    assert parts(comparison, "city_smart_elder_home") == {"day": 1}
    assert [row.id for row in comparison.closed] == ["F2"]
    assert [row.id for row in comparison.opened] == ["F3"]


def test_another_definition_moves_the_first_link_only() -> None:
    layers = town(10_000, care("F1", 20))
    comparison = compare_sides(side(layers, THEN), side(layers, THEN, min_places=25))
    assert parts(comparison, "rc_childcare_coverage") == {"definition": -100}
    turned = {(each.unit_id, each.rule): (each.before, each.after) for each in comparison.turned}
    assert turned == {("RC1", "rc_childcare"): ("PASS", "FAIL")}


def test_rooms_whose_lease_ends_are_a_matter_of_time_not_of_closing() -> None:
    lease = {"tenure": "leased", "lease_start": date(2020, 1, 1), "lease_end": date(2024, 6, 30)}
    layers = town(10_000, station("F1", 150, **lease))
    comparison = compare_sides(side(layers, THEN), side(layers, NOW))
    assert comparison.closed == ()
    (turned,) = comparison.turned
    assert (turned.unit_id, turned.kind, turned.before, turned.after) == (
        "C1",
        "elder",
        "PASS",
        "FAIL",
    )
    assert (turned.gap_before_m2, turned.gap_after_m2) == (0, 150)


def test_what_is_only_on_one_side_is_there_on_the_other_as_nothing() -> None:
    before = town(10_000, care("F1", 20))
    after = replace(before, residential_communities=None, facilities=layer([], []))
    comparison = compare_sides(side(before, THEN), side(after, THEN))
    turned = {each.unit_id: (each.before, each.after) for each in comparison.turned}
    assert turned["RC1"] == ("PASS", None)
    assert [row.id for row in comparison.closed] == ["F1"]


def test_without_a_value_at_one_end_there_is_no_difference() -> None:
    before = replace(town(10_000, care("F1", 20)), divisions=None)
    comparison = compare_sides(side(before, THEN), side(town(10_000, care("F1", 20)), THEN))
    found = moved(comparison, PLACES)
    assert found.parts is None
    assert found.change is None
    assert found.after.value == 2


def test_a_link_without_a_value_hands_its_change_on() -> None:
    before = town(10_000, care("F1", 20, close_date=date(2024, 6, 30)))
    after = town(5_000, care("F9", 40))
    nobody = replace(
        after,
        divisions=layer([replace(after.divisions.rows[0], population=None)], [square(0, 0, 9)]),  # type: ignore[union-attr]
    )
    comparison = compare_sides(side(before, THEN), side(nobody, NOW))
    assert moved(comparison, PLACES).parts is None
    whole = compare_sides(side(before, THEN), side(after, NOW))
    assert sum(moved(whole, PLACES).parts or ()) == moved(whole, PLACES).change == 6


def test_a_state_compared_with_itself_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    judge_once = comparing.assess

    def counted(*given: object, **told: object) -> object:
        calls.append(given)
        return judge_once(*given, **told)  # type: ignore[arg-type]

    monkeypatch.setattr(comparing, "assess", counted)
    layers = town(10_000, care("F1", 20))
    comparison = compare_sides(side(layers, THEN), side(layers, THEN))
    assert len(calls) == 1
    assert comparison.turned == ()
    assert all(set(each.parts or ()) <= {0} for each in comparison.moved)


_FACILITY = st.builds(
    lambda key, places, opens, closes, m2: replace(
        care(f"F{key}", places, floor_area_m2=Decimal(m2)),
        open_date=opens,
        close_date=None if closes is None or (opens and closes < opens) else closes,
    ),
    st.integers(1, 6),
    st.integers(0, 60),
    st.none() | st.dates(date(2022, 1, 1), date(2025, 1, 1)),
    st.none() | st.dates(date(2022, 1, 1), date(2025, 1, 1)),
    st.integers(0, 300),
)
_TOWN = st.builds(
    lambda population, rows: town(population, *{row.id: row for row in rows}.values()),
    st.integers(1000, 20_000),
    st.lists(_FACILITY, min_size=1, max_size=6),
)


@given(
    before=_TOWN,
    after=_TOWN,
    days=st.tuples(st.sampled_from([THEN, NOW]), st.sampled_from([THEN, NOW])),
    least=st.integers(0, 40),
)
@settings(max_examples=40, deadline=None)
def test_the_parts_add_up_and_the_ends_are_the_plain_assessments(
    before: Layers, after: Layers, days: tuple[date, date], least: int
) -> None:
    comparison = compare_sides(side(before, days[0]), side(after, days[1], min_places=least))
    plain = judge(before, days[0])
    assert [each.value for each in plain.indicators] == [m.before.value for m in comparison.moved]
    for each in comparison.moved:
        if each.parts is not None:
            assert sum(each.parts) == each.change
    document = comparison_document(comparison, "en")
    for row in document["indicators"]:
        if row["parts"] is not None:
            exact = sum(map(Fraction, row["exact_parts"].values()))
            assert float(exact) == pytest.approx(row["change"], abs=1e-5)


# -------------------------------------------------------------------------------- the command


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["compare", *words])
    return result.exit_code, result.output


def test_two_days_of_the_sample(tmp_path: Path, repository: Path) -> None:
    out = tmp_path / "out"
    code, said = run(
        str(repository), "--as-of", "2021-12-31", "--as-of", "2023-12-31",
        "--out", str(out), "--json", str(tmp_path / "c.json"),
    )  # fmt: skip
    assert code == 0
    document = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    coverage = next(
        each for each in document["indicators"] if each["id"] == "rc_childcare_coverage"
    )
    assert (coverage["before"], coverage["after"]) == (30, 50)
    assert coverage["parts"]["closed"] == -10
    assert coverage["parts"]["opened"] == 30
    assert "设施关停" in said
    assert sorted(path.name for path in out.iterdir()) == [
        "comparison.csv", "manifest.json", "moved_facilities.csv", "turned.csv", "对比.xlsx",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        (".",),
        (".", "--as-of", "2023-01-01"),
        (".", ".", "--as-of", "2023-01-01", "--as-of", "2023-02-01"),
        (".", "--as-of", "2023-01-01", "--as-of", "2023-02-01", "--as-of", "2023-03-01"),
        (".", ".", "--programme", "p.json"),
    ],
)
def test_what_to_compare_must_be_clear(
    words: tuple[str, ...], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    code, said = run(*words)
    assert code == 2
    assert "比较哪两个状态" in said
