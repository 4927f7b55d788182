"""Weights of walks: one at the door, never rising, and exact on the limits."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.measures.decay import (
    Decay,
    exponential,
    gaussian,
    inverse_power,
    linear,
    step,
    zones,
)

CURVES = [
    step(500),
    zones([300, 600, 1000], [1, 0.68, 0.22]),
    linear(1000),
    gaussian(400),
    exponential(400),
    inverse_power(1.5, nearest_m=50),
]


@pytest.mark.parametrize("curve", CURVES)
@given(walks=st.lists(st.floats(0, 5000), min_size=1, max_size=20).map(sorted))
def test_a_curve_begins_at_one_and_never_rises(curve: Decay, walks: list[float]) -> None:
    weights = curve(np.array([0.0, *walks]))
    assert weights[0] == 1
    assert (np.diff(weights) <= 0).all()
    assert (weights >= 0).all()


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_takes_whole_metres_and_none(curve: Decay) -> None:
    assert curve(np.array([0, 250])).dtype == np.float64
    assert curve(np.zeros(0)).shape == (0,)


def test_curves_at_known_distances() -> None:
    at = np.array([800.0])
    assert gaussian(400)(at) == pytest.approx([exp(-2)])
    assert exponential(400)(at) == pytest.approx([exp(-2)])
    assert inverse_power(2, nearest_m=200)(at) == pytest.approx([1 / 16])


@pytest.mark.parametrize(
    ("limits", "weights"), [([300, 500], [1]), ([500, 300], [1, 0.5]), ([300, 300], [1, 0.5])]
)
def test_zones_that_do_not_fit_are_refused(limits: list[float], weights: list[float]) -> None:
    with pytest.raises(ValueError, match="rising limits"):
        zones(limits, weights)
