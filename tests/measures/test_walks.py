"""Pairs within a distance, and sums and quotients that keep nothing apart from unknown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.measures.walks import pairs_within, quotients, sums_by
from tests.measures.build import Town, towns


@given(town=towns(), within_m=st.integers(0, 1300))
def test_pairs_within_are_those_of_at_most_the_distance(town: Town, within_m: int) -> None:
    found = pairs_within(town.pairs, within_m)
    near = {pair: walk for pair, walk in town.walk_m.items() if walk <= within_m}
    assert list(zip(found.home, found.facility, strict=True)) == list(near)
    assert found.walk_m.tolist() == list(near.values())


def test_no_pairs_add_up_to_nothing_everywhere() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert sums_by(none, np.zeros(0), count=2).tolist() == [0, 0]


def test_a_quotient_by_nothing_is_what_was_said_and_an_unknown_one_stays_unknown() -> None:
    above, below = np.array([1.0, 2.0, 3.0]), np.array([0.0, np.nan, 4.0])
    assert quotients(above, below, otherwise=7) == pytest.approx([7, np.nan, 0.75], nan_ok=True)
