"""Figures as documents and people write them (E10)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.policy.figures import exact_number, number_within, parse_target
from geoplan.policy.model import Target


@pytest.mark.parametrize(
    ("text", "bare", "op", "value"),
    [
        ("≧53", "==", ">=", "53"),
        ("≥53", "==", ">=", "53"),
        (">= 53", "==", ">=", "53"),
        ("100", "==", "==", "100"),
        ("100", ">=", ">=", "100"),
        ("1.54", "==", "==", "1.54"),
        ("不低于60%", "==", ">=", "60"),
        ("不少于15", "==", ">=", "15"),
        ("45%以上", "==", ">=", "45"),
        ("达到53%以上", "==", ">=", "53"),
        ("达60%以上", "==", ">=", "60"),
        ("0.3万人次以上", "==", ">=", "0.3"),
        ("1个以上", "==", ">=", "1"),
        ("超过70%", ">=", ">", "70"),
        ("达到100%", "==", ">=", "100"),
        ("全覆盖", ">=", "==", "100"),
        ("=14", ">=", "==", "14"),
        ("１００％", "==", "==", "100"),
        (" 53 ", ">=", ">=", "53"),
    ],
)
def test_a_target_as_the_document_prints_it(text: str, bare: str, op: str, value: str) -> None:
    assert parse_target(text, bare) == Target(op, Decimal(value))


@pytest.mark.parametrize("text", ["/", " / ", "／"])
def test_a_stroke_is_no_value(text: str) -> None:
    assert parse_target(text, ">=") is None


@pytest.mark.parametrize(
    "text",
    ["", "过半", "53-60", "约53", "-1", "≧", "≧≧53", "53 60", "以上", "1e400", "nan", "5" * 40],
)
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a comparison"):
        parse_target(text, ">=")


@given(st.decimals(0, 10**6, places=3), st.sampled_from([">=", ">", "=="]))
def test_a_bare_number_is_kept_exactly(value: Decimal, bare: str) -> None:
    assert parse_target(f"{value:f}", bare) == Target(bare, value)


@pytest.mark.parametrize(
    "raw",
    [True, False, None, "", "x", "-0.1", -1, "inf", "nan", [15], {}, "1e16", "1e-16", "1" * 16],
)
def test_what_is_no_exact_number(raw: object) -> None:
    assert exact_number(raw) is None


@pytest.mark.parametrize("raw", [15, "15", Decimal(15), 15.0, " 15 ", "１５"])
def test_an_exact_number(raw: object) -> None:
    assert exact_number(raw) == 15


@pytest.mark.parametrize(
    ("raw", "unit", "fits"),
    [
        ("1", "share", "1"),
        ("1.01", "share", None),
        ("100", "%", "100"),
        ("100.01", "%", None),
        ("12000", "persons", "12000"),
        ("12000", "", "12000"),
    ],
)
def test_a_part_is_at_most_the_whole(raw: str, unit: str, fits: str | None) -> None:
    assert number_within(raw, unit) == (fits and Decimal(fits))
