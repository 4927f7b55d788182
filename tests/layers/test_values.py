"""What one cell means: docs/method.md §4.5, value by value."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.layers.contracts import parser_of
from geoplan.layers.tables.amounts import read_amount, read_count, read_shares
from geoplan.layers.tables.days import read_day
from geoplan.layers.tables.place_names import normal_name
from geoplan.layers.tables.spellings import find_word, nearest_word, read_position, read_urban_class
from geoplan.layers.tables.values import (
    read_clause,
    read_column,
    read_filed,
    read_id,
    read_ids,
    read_list,
    read_note,
    read_opinion,
    read_text,
    read_yes_no,
)
from geoplan.terms import facility_types, terms


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,200㎡", "1200"),
        ("1200平方米", "1200"),
        ("１２００", "1200"),
        ("1.2万", "12000"),
        ("0.3万人次", "3000"),
        ("1.2 万㎡", "12000"),
        ("２，０８８，７００", "2088700"),
        ("49.95", "49.95"),
        (49.95, "49.95"),
        (0.1 + 0.2, "0.30000000000000004"),
        (300.0, "300"),
        (300, "300"),
        ("300.00", "300"),
        ("1e3", "1000"),
        ("12张", "12"),
        (Decimal("1.50"), "1.5"),
        ("(120)", None),
        ("", None),
        ("—", None),
        ("-", None),
        ("/", None),
        ("\\", None),
        ("待定", None),
        ("不详", None),
        ("#N/A", None),
        (None, None),
        (math.nan, None),
        ("　", None),
    ],
)
def test_plain_numbers(cell: object, value: str | None) -> None:
    number, codes = read_count(cell)
    assert number == (None if value is None else Decimal(value))
    assert codes == (("BAD_NUMBER",) if cell == "(120)" else ())


@pytest.mark.parametrize(
    ("cell", "value", "codes"),
    [
        ("约300", 300, ("APPROX",)),
        ("300左右", 300, ("APPROX",)),
        ("近1.2万人", 12000, ("APPROX",)),
        ("300余", 300, ("APPROX",)),
        ("300+200", 500, ("EXPR",)),
        ("300㎡+200㎡", 500, ("EXPR",)),
        ("约300+200", 500, ("APPROX", "EXPR")),
        ("200-300", None, ("RANGE",)),
        ("200~300㎡", None, ("RANGE",)),
        ("200至300", None, ("RANGE",)),
        ("-5", None, ("NEGATIVE",)),
        (-0.5, None, ("NEGATIVE",)),
        ("很多", None, ("BAD_NUMBER",)),
        ("3亩", None, ("BAD_NUMBER",)),
        ("1,2", None, ("BAD_NUMBER",)),
        (math.inf, None, ("BAD_NUMBER",)),
        ("1e999999999", None, ("BAD_NUMBER",)),
        ("1e-999999999", None, ("BAD_NUMBER",)),
        ("9" * 40, None, ("BAD_NUMBER",)),
        (True, None, ("BAD_NUMBER",)),
        (date(2021, 1, 1), None, ("BAD_NUMBER",)),
    ],
)
def test_changed_numbers_say_so(cell: object, value: int | None, codes: tuple[str, ...]) -> None:
    assert read_count(cell) == (None if value is None else Decimal(value), codes)


def test_none_of_it_is_zero_for_areas_and_unknown_for_people() -> None:
    for word in ("无", "没有"):
        assert read_amount(word) == (Decimal(0), ())
        assert read_count(word) == (None, ())
    assert read_amount("0") == read_count("0") == (Decimal(0), ())
    assert parser_of("places")("无") == parser_of("beds")("无") == (Decimal(0), ())
    assert parser_of("floor_area_m2")("无") == (Decimal(0), ())
    for field in ("households", "planned_households", "population", "pop_under3"):
        assert parser_of(field)("无") == (None, ())


@given(st.decimals(0, 10**12, allow_nan=False, places=2))
def test_a_float_is_the_decimal_it_was_written_from(number: Decimal) -> None:
    assert read_count(float(number))[0] == Decimal(repr(float(number)))
    assert read_count(str(number))[0] == number


@given(st.text())
def test_no_text_breaks_a_parser(text: str) -> None:
    for field in ("households", "floor_area_m2", "open_date", "filed", "land_clause", "serves"):
        value, codes = parser_of(field)(text)
        assert value is not None or isinstance(codes, tuple)
    for field in ("allocations", "functions", "position", "facility_type", "status", "urban_class"):
        parser_of(field)(text)
    number, _ = read_count(text)
    assert number is None or Fraction(number) >= 0


@pytest.mark.parametrize(
    "cell",
    [
        "2021.12.25",
        "2021/12/25",
        "2021-12-25",
        "2021年12月25日",
        "２０２１年１２月２５日",
        "20211225",
        20211225,
        20211225.0,
        44555,
        44555.0,
        "44555",
        "2021-12-25 00:00:00",
        "2021-12-25T08:30:00Z",
        "2021-12-25T00:00:00.000+08:00",
        date(2021, 12, 25),
        datetime(2021, 12, 25, 8, 30),  # noqa: DTZ001 - spreadsheets know no zone
    ],
)
def test_days(cell: object) -> None:
    assert read_day(cell) == (date(2021, 12, 25), ())


@pytest.mark.parametrize(
    ("cell", "day", "codes"),
    [
        ("2021年12月", date(2021, 12, 31), ("DAY_ASSUMED",)),
        ("2021.2", date(2021, 2, 28), ("DAY_ASSUMED",)),
        ("2024-02", date(2024, 2, 29), ("DAY_ASSUMED",)),
        ("202112", date(2021, 12, 31), ("DAY_ASSUMED",)),
        ("2021", date(2021, 12, 31), ("DAY_ASSUMED",)),
        (2021, date(2021, 12, 31), ("DAY_ASSUMED",)),
        ("2021年底", date(2021, 12, 31), ("DAY_ASSUMED",)),
        ("2021-13-01", None, ("BAD_DATE",)),
        ("2021-02-30", None, ("BAD_DATE",)),
        ("2021年13月", None, ("BAD_DATE",)),
        ("去年", None, ("BAD_DATE",)),
        ("1021-01-01", None, ("BAD_DATE",)),
        ("12/25/2021", date(2021, 12, 25), ()),  # no month has the number 25
        (True, None, ("BAD_DATE",)),
        ("无", None, ()),
        ("/", None, ()),
        (None, None, ()),
    ],
)
def test_days_that_are_not_whole(cell: object, day: date | None, codes: tuple[str, ...]) -> None:
    assert read_day(cell) == (day, codes)


@pytest.mark.parametrize("cell", ["是", "有", "√", "Y", "y", "1", 1, 1.0, "1.0", True, "TRUE"])
def test_yes(cell: object) -> None:
    assert read_yes_no(cell) == (True, ())


@pytest.mark.parametrize("cell", ["否", "无", "×", "N", "0", 0, 0.0, False, "false"])
def test_no(cell: object) -> None:
    assert read_yes_no(cell) == (False, ())


def test_filing_clauses_and_opinions() -> None:
    assert read_filed("已备案") == (True, ())
    assert read_filed("未备案") == read_filed("否") == read_filed("备案中") == (False, ())
    assert read_filed("桂托备2021-007") == (True, ("TEXT_AS_YES",))
    assert read_filed("不知道") == (None, ("BAD_YES_NO",))
    assert read_clause("有") == (True, ())
    assert read_clause("无配建要求") == read_clause("未纳入") == read_clause("不含") == (False, ())
    assert read_clause("须配建养老用房") == (True, ("TEXT_AS_YES",))
    assert read_clause(None) == (None, ())
    for word in ("合格", "同意", "通过"):
        assert read_opinion(word) == (True, ())
    for word in ("不合格", "不同意", "否"):
        assert read_opinion(word) == (False, ())
    assert read_opinion("再议") == (None, ("BAD_YES_NO",))


def test_every_spelling_of_the_terms_is_understood_and_means_one_thing() -> None:
    for key, kind in facility_types().items():
        for spelling in (key, kind.zh, kind.en, *kind.synonyms):
            assert find_word("facility_type", spelling) == key
    for group in ("status", "tenure", "mode", "stock", "position", "area_kind", "function"):
        for key, term in terms(group).items():
            for spelling in (key, term.zh, term.en, *term.synonyms):
                assert find_word(group, spelling) == key, (group, spelling)


def test_unknown_words() -> None:
    assert parser_of("facility_type")("游泳馆") == ("other", ("UNKNOWN_TYPE",))
    assert parser_of("facility_type")(None) == ("other", ("UNKNOWN_TYPE",))
    assert nearest_word("facility_type", "日间照料中兴") == "elder_day_care_center"
    assert parser_of("status")("热闹") == ("unknown", ("UNKNOWN_STATUS",))
    assert parser_of("status")(None) == ("unknown", ())
    assert parser_of("area_kind")(None) == ("gross_floor", ())
    assert parser_of("area_kind")("随便") == ("unknown", ("BAD_WORD",))
    assert parser_of("stock")(None) == ("existing", ())
    assert parser_of("facility_position")(None) == (None, ())


def test_functions_and_lists() -> None:
    read = parser_of("functions")
    assert read("全托、日托，上门服务；技术支撑")[0] == (
        "full_time_care",
        "day_care",
        "home_visit",
        "technical_support",
    )
    assert read("助餐、助浴") == ((), ())  # services, and none of the four
    assert read("助餐、唱歌") == ((), ("UNKNOWN_WORD",))
    assert read("/") == (None, ())
    assert read_list("X1、X2，X3;X4；X5/X6\nX7") == (tuple(f"X{i}" for i in range(1, 8)), ())
    assert read_list("无") == (None, ())
    assert parser_of("modes")("租赁、购置") == (("lease", "buy"), ())


def test_shares() -> None:
    assert read_shares("X1:90;X2:60") == ((("X1", Decimal(90)), ("X2", Decimal(60))), ())
    assert read_shares("X1：90.5㎡、X2：1,060㎡")[0] == (
        ("X1", Decimal("90.5")),
        ("X2", Decimal(1060)),
    )
    assert read_shares("X1:90,X2:60")[0] == (("X1", Decimal(90)), ("X2", Decimal(60)))
    for cell in ("X1", "X1:约90", ":90", "X1:-5"):
        assert read_shares(cell) == (None, ("BAD_SHARES",))
    assert read_shares("/") == (None, ())


def test_positions_and_classes() -> None:
    for cell in ("地下室", "B1", "-1F", "负二层"):
        assert read_position(cell) == ("basement", ())
    for cell in ("2F", "三层", "12层", "3"):
        assert read_position(cell) == ("upper", ())
    assert read_position("架空层") == ("mezzanine", ())
    assert read_position("随便") == ("ground", ("BAD_WORD",))
    assert read_urban_class("111.0") == read_urban_class("主城区") == ("111", ())
    assert read_urban_class("999") == (None, ("BAD_WORD",))


def test_texts_and_ids() -> None:
    assert read_id(451402001.0) == read_id("451402001.0") == read_id("４５１４０２００１")
    assert read_id(451402001.0) == ("451402001", ())
    assert read_text(" 幸福院\n（东区） ") == ("幸福院 （东区）", ())
    assert read_note("/") == ("/", ())
    assert read_ids(["A1", "A2"]) == ["A1", "A2"]
    assert read_ids(["A1", "nan", " B ", "3.0", "Ｃ1", None]) == ["A1", None, "B", "3", "C1", None]


def test_equal_cells_of_different_kinds_are_not_mixed_up() -> None:
    assert read_column([1, True, 1.0], read_count) == (
        [Decimal(1), None, Decimal(1)],
        {1: ("BAD_NUMBER",)},
    )


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("太平街道办事处", "太平街道"),
        ("太平街道办", "太平街道"),
        ("江州区太平街道", "太平街道"),
        ("崇左市江州区太平街道办事处", "太平街道"),
        ("太平街", "太平街道"),
        (" 太平 街道 ", "太平街道"),
        ("扶绥县新宁镇", "新宁镇"),
        ("太平镇", "太平镇"),
        ("沿山社区居民委员会", "沿山社区"),
        ("卜寨村委会", "卜寨村"),
        ("新区街道", "新区街道"),
        ("阳光花园小区", "阳光花园小区"),
        ("城市花园", "城市花园"),
    ],
)
def test_names(written: str, name: str) -> None:
    assert normal_name(written) == name
    assert normal_name(normal_name(written)) == name
