"""What must hold of every city, whatever stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.assess.model import Assessment, IndicatorResult, UnitResult
from geoplan.render.documents.assessment import build_document
from tests.cases.given import Question, Row
from tests.oracle.cities import AS_OF, City, build_city
from tests.oracle.test_oracle import judge_directly

SEEDS = st.integers(min_value=0, max_value=10**9)
FEW = settings(max_examples=40, deadline=None, derandomize=True)
COVERAGE = ("jiedao_elder_center_coverage", "rc_childcare_coverage")
CENTRE = {
    "facility_type": "jiedao_elder_center",
    "status": "operating",
    "functions": "全托、日托、上门服务、技术支撑",
}
NURSERY = {
    "facility_type": "childcare_institution",
    "status": "operating",
    "filed": "是",
    "places": "60",
}


def indicator(result: Assessment, name: str) -> IndicatorResult:
    return next(each for each in result.indicators if each.indicator.id == name)


def units(result: Assessment) -> dict[tuple[str, str, str], UnitResult]:
    return {(each.level, each.unit_id, each.kind): each for each in result.units}


def with_facilities(city: City, *rows: Mapping[str, str]) -> City:
    facilities = [*city.given["facilities"], *(dict(row) for row in rows)]
    return City({**city.given, "facilities": facilities}, city.question)


@FEW
@given(SEEDS, st.data())
def test_one_more_facility_never_lowers_coverage(seed: int, data: st.DataObject) -> None:
    city = build_city(seed)
    division = data.draw(st.sampled_from(city.given["divisions"]))["name"]
    rcs = city.given.get("residential_communities") or [{"rc_id": ""}]
    rc = data.draw(st.sampled_from(rcs))["rc_id"]
    more = with_facilities(
        city,
        {**CENTRE, "facility_id": "Z1", "jiedao": division, "floor_area_m2": "2000"},
        {
            **NURSERY,
            "facility_id": "Z2",
            "rc": rc,
            "floor_area_m2": "300",
            "childcare_area_m2": "300",
        },
    )
    before, after = judge_directly(city), judge_directly(more)
    for name in COVERAGE:
        old, new = indicator(before, name), indicator(after, name)
        assert new.denominator == old.denominator
        assert set(old.covered) <= set(new.covered)
        assert set(new.unknown) <= set(old.unknown)
        assert (new.value or 0) >= (old.value or 0)


@FEW
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(seed: int, random: Random) -> None:
    city = build_city(seed)
    shuffled = {layer: random.sample(rows, len(rows)) for layer, rows in city.given.items()}
    before = judge_directly(city)
    after = judge_directly(City(shuffled, city.question))
    assert _sorted(build_document(before)) == _sorted(build_document(after))


def _sorted(document: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The result without the order of its rows and without row numbers."""
    kept = ("indicators", "units", "gaps", "facilities")
    return [(part, sorted(_line(row) for row in document[part])) for part in kept]


def _line(row: Any) -> str:
    if isinstance(row, Mapping):
        return str(sorted((key, _line(value)) for key, value in row.items() if key != "sum"))
    return str(sorted(_line(each) for each in row)) if isinstance(row, list) else str(row)


@FEW
@given(SEEDS)
def test_a_square_metre_is_credited_once(seed: int) -> None:
    """Over the compounds no facility gives more than it has, and one that is shared gives all."""
    city = build_city(seed)
    result = judge_directly(city)
    given_m2: dict[tuple[str, str], Fraction] = {}
    for unit in result.units:
        if unit.level == "compound":
            for credit in unit.facilities:
                key = credit.facility, unit.kind
                given_m2[key] = given_m2.get(key, Fraction(0)) + credit.floor_m2
    for (facility, kind), total in given_m2.items():
        assert total <= (result.facilities[facility].counted_m2[kind] or 0)
    for unit in result.units:
        if unit.provided_m2 is None:  # a layer is absent: no number, not even nought
            assert (unit.verdict, unit.facilities) == ("NA", ())
            continue
        assert unit.provided_m2 == sum((each.floor_m2 for each in unit.facilities), Fraction(0))


SHARES = st.lists(st.integers(min_value=1, max_value=5000), min_size=1, max_size=6)
AREAS = st.decimals(min_value="0.01", max_value="5000", places=2)


@FEW
@given(SHARES, AREAS)
def test_shares_add_up_to_the_area(households: list[int], area: Decimal) -> None:
    compounds = [
        {"compound_id": f"X{at}", "households": str(count)} for at, count in enumerate(households)
    ]
    served = "、".join(row["compound_id"] for row in compounds)
    station = _station(area, serves=served)
    result = judge_directly(City({"compounds": compounds, "facilities": [station]}, Question()))
    found = [unit for unit in result.units if (unit.level, unit.kind) == ("compound", "elder")]
    assert sum(unit.provided_m2 for unit in found) == Fraction(area)
    for unit, count in zip(found, households, strict=True):
        assert unit.provided_m2 == Fraction(area) * count / sum(households)


def _station(area: Decimal | Fraction | str, **more: str) -> Row:
    return {
        "facility_id": "F1",
        "facility_type": "elder_service_station",
        "status": "operating",
        "floor_area_m2": str(area),
        **more,
    }


@FEW
@given(
    st.integers(min_value=1, max_value=100_000),
    st.sampled_from(["existing", "new"]),
    st.sampled_from(["chongzuo-2021-2023", "guangxi-2021-2023"]),
)
def test_a_hundredth_turns_the_verdict(households: int, stock: str, policy: str) -> None:
    """At the required area a compound passes; 0.01 m² less and it fails by exactly that."""
    rate = 20 if (stock, policy) == ("new", "guangxi-2021-2023") else 15
    required = Decimal(households) * rate / 100
    compound = {"compound_id": "X1", "households": str(households), "stock": stock}
    for short, verdict in ((Decimal(0), "PASS"), (Decimal("0.01"), "FAIL")):
        city = City(
            {"compounds": [compound], "facilities": [_station(required - short, compound="X1")]},
            Question(policy, AS_OF),
        )
        unit = units(judge_directly(city))["compound", "X1", "elder"]
        assert (unit.verdict.value, unit.gap_m2) == (verdict, Fraction(short))


@FEW
@given(st.integers(min_value=1, max_value=60), st.integers(min_value=0, max_value=60))
def test_coverage_turns_at_its_target(total: int, covered: int) -> None:
    """need_more is the smallest number that reaches the target, and 0 exactly when it is reached."""
    covered = min(covered, total)
    rcs = [{"rc_id": f"R{at:02d}", "population": "8000"} for at in range(total)]
    cares = [{**NURSERY, "facility_id": f"F{at}", "rc": f"R{at:02d}"} for at in range(covered)]
    cares += [{**NURSERY, "facility_id": "F", "rc": "R00", "status": "closed"}]  # a layer with rows
    city = City({"residential_communities": rcs, "facilities": cares}, Question())
    found = indicator(judge_directly(city), "rc_childcare_coverage")
    assert found.value == Fraction(100 * covered, total)
    assert (found.verdict == "PASS") == (100 * covered >= 60 * total)
    more = int(found.need_more or 0)
    assert 100 * (covered + more) >= 60 * total
    assert more == 0 or 100 * (covered + more - 1) < 60 * total


@FEW
@given(SEEDS, st.data())
def test_unknown_is_never_counted_as_pass(seed: int, data: st.DataObject) -> None:
    """A cell that is blanked never makes a unit pass, nor a unit of a rate covered."""
    city = build_city(seed)
    facilities = city.given["facilities"]
    at = data.draw(st.integers(min_value=0, max_value=len(facilities) - 1))
    blanks = {
        "floor_area_m2": "",
        "elder_area_m2": "",
        "childcare_area_m2": "",
        "functions": "",
        "full_time_beds": "",
        "day_seats": "",
    }
    rows = [row if n != at else row | blanks | _no_status(row) for n, row in enumerate(facilities)]
    before, after = (
        judge_directly(city),
        judge_directly(City({**city.given, "facilities": rows}, city.question)),
    )
    for key, unit in units(after).items():
        old = units(before)[key]
        assert (unit.provided_m2 is None) == (old.provided_m2 is None)
        assert (unit.provided_m2 or 0) <= (old.provided_m2 or 0)
        assert not (unit.verdict == "PASS" and old.verdict == "FAIL")
    for name in COVERAGE:
        assert set(indicator(after, name).covered) <= set(indicator(before, name).covered)


def _no_status(row: Row) -> Row:
    return {"status": "", "open_date": ""} if row["close_date"] == "" else {}


@FEW
@given(SEEDS, st.dates(min_value=date(2021, 1, 1), max_value=date(2025, 12, 31)))
def test_every_day_gives_an_answer(seed: int, day: date) -> None:
    """Covered, uncovered and unknown are apart; what is needed is what is listed."""
    city = build_city(seed)
    question = Question(city.question.policy, day, city.question.values)
    result = judge_directly(City(city.given, question))
    for name in COVERAGE:
        found = indicator(result, name)
        parts = [set(found.covered), set(found.uncovered), set(found.unknown)]
        assert len(set().union(*parts)) == sum(map(len, parts))
        assert not set().union(*parts) & {each.id for each in found.excluded}
        assert found.provisional == bool(found.unknown)
        assert found.numerator is None or found.numerator == len(found.covered)
    for unit in result.units:
        if unit.verdict == "FAIL":
            assert unit.gap_m2 is not None
            assert unit.gap_m2 > 0
        elif unit.verdict == "PASS":
            assert unit.gap_m2 == 0
