"""Tables that write 107°21′12″ as 107.2112: told, asked for, never taken for decimals unseen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.errors import Problem
from geoplan.layers.places.coordinates import Given, Placed, looks_sexagesimal, place_table
from geoplan.layers.places.datum import Datum, read_datum

DATUM = read_datum("WGS84")
AREA = (107.3, 22.3, 107.4, 22.45)  # where the other layers lie
PLACES = [(107.3535 + step / 997, 22.4053 + step / 1009) for step in range(12)]


def written(value: float) -> float:
    """A decimal degree as ddd.mmss to the hundredth of a second."""
    degrees, rest = divmod(round(value * 360_000), 360_000)
    minutes, hundredths = divmod(rest, 6_000)
    return round(degrees + minutes / 100 + hundredths / 1_000_000, 8)


def place(values: list[tuple[float, float]], **told: object) -> Placed | Problem:
    assert isinstance(DATUM, Datum)
    first, second = zip(*values, strict=True)
    return place_table(first, second, Given("a.csv", "facilities", DATUM, **told))  # type: ignore[arg-type]


MINUTES = [(written(lon), written(lat)) for lon, lat in PLACES]


def test_only_that_reading_lies_in_the_area() -> None:
    found = place(MINUTES, area=AREA)
    assert isinstance(found, Placed)
    assert np.abs(found.pairs - np.array(PLACES)).max() < 1e-5
    assert [each.code for each in found.remarks] == ["DDD_MMSS"]


def test_without_an_area_it_asks_and_shows_both_readings() -> None:
    found = place(MINUTES)
    assert isinstance(found, Problem)
    assert "ddd.mmss" in found.remedy.en
    assert "107.21" in found.what.en
    assert "107.35" in found.what.en


@pytest.mark.parametrize(("degrees", "expected"), [("ddd.mmss", PLACES), ("decimal", MINUTES)])
def test_study_toml_has_the_last_word(degrees: str, expected: list[tuple[float, float]]) -> None:
    found = place(MINUTES, degrees=degrees)
    assert isinstance(found, Placed)
    assert np.abs(found.pairs - np.array(expected)).max() < 1e-5


def test_decimals_that_look_so_by_chance_are_kept_where_they_fit() -> None:
    chance = [(107.3412 + step / 10_000, 22.4011) for step in range(12)]
    assert looks_sexagesimal(np.array(chance))
    found = place(chance, area=AREA)
    assert isinstance(found, Placed)
    assert np.allclose(found.pairs, chance)
    assert found.remarks == ()


def test_few_places_and_coarse_ones_are_taken_as_they_are() -> None:
    assert not looks_sexagesimal(np.array(MINUTES[:9]))
    assert not looks_sexagesimal(np.array([(107.35, 22.4)] * 20))


@given(st.lists(st.tuples(st.floats(107, 108), st.floats(22, 23)), min_size=10, max_size=30))
def test_what_is_written_so_is_always_told(places: list[tuple[float, float]]) -> None:
    pairs = np.array([(written(lon), written(lat)) for lon, lat in places])
    coarse = np.abs(pairs * 100 - np.rint(pairs * 100)) <= 1e-6
    assert looks_sexagesimal(pairs) == bool(coarse.mean() <= 0.2)
