"""How much a facility counts as it is farther away: weights between 0 and 1 from metres walked.

Each function here takes what fixes the curve and gives the curve, which takes metres and gives
weights of the same shape. A curve of one's own is any such function that never gives less than 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Metres = NDArray[np.floating[Any]]
Weights = NDArray[np.float64]
Decay = Callable[[Metres], Weights]


def constant(walk_m: Metres) -> Weights:
    """1 for every pair: the catchment is the pairs themselves.

    Examples
    --------
    >>> constant(np.array([0.0, 800.0]))
    array([1., 1.])
    """
    return np.ones(len(walk_m))


def step(within_m: float) -> Decay:
    """1 within the distance, 0 beyond it.

    Examples
    --------
    >>> step(500)(np.array([0.0, 500.0, 500.5]))
    array([1., 1., 0.])
    """
    return lambda walk_m: (walk_m <= within_m).astype(np.float64)


def zones(limits_m: Sequence[float], weights: Sequence[float]) -> Decay:
    """The weight of the first zone whose limit the walk is within, 0 beyond the last.

    Parameters
    ----------
    limits_m : far limits of the zones, each greater than the one before.
    weights : one a zone.

    Raises
    ------
    ValueError
        When there is not one weight a zone, or the limits do not rise.

    Notes
    -----
    Luo & Qi (2009), "An enhanced two-step floating catchment area (E2SFCA) method", Health &
    Place 15, 1100-1107.

    Examples
    --------
    >>> zones([300, 500], [1, 0.5])(np.array([300.0, 301.0, 500.0, 501.0]))
    array([1. , 0.5, 0.5, 0. ])
    """
    limits = np.asarray(limits_m, dtype=np.float64)
    if len(limits) != len(weights) or (np.diff(limits) <= 0).any():
        raise ValueError("zones need rising limits and one weight each")
    stairs = np.append(np.asarray(weights, dtype=np.float64), 0)
    return lambda walk_m: stairs[np.searchsorted(limits, walk_m, side="left")]


def linear(within_m: float) -> Decay:
    """1 at the door, falling evenly to 0 at ``within_m``.

    Examples
    --------
    >>> linear(1000)(np.array([0.0, 250.0, 1000.0, 2000.0]))
    array([1.  , 0.75, 0.  , 0.  ])
    """
    return lambda walk_m: np.maximum(0, 1 - np.asarray(walk_m, dtype=np.float64) / within_m)


def gaussian(sigma_m: float) -> Decay:
    """The bell curve exp(-d² / 2σ²): 1 at the door, 0.61 at ``sigma_m``.

    Examples
    --------
    >>> gaussian(500)(np.array([0.0, 500.0])).round(4)
    array([1.    , 0.6065])
    """
    # exp(-x²/2) as the root of exp(-x²).
    return lambda walk_m: np.sqrt(
        np.exp(-np.square(np.asarray(walk_m, dtype=np.float64) / sigma_m))
    )


def exponential(scale_m: float) -> Decay:
    """exp(-d / scale): 1 at the door, 0.37 at ``scale_m``.

    Examples
    --------
    >>> exponential(500)(np.array([0.0, 500.0])).round(4)
    array([1.    , 0.3679])
    """
    return lambda walk_m: np.exp(-np.asarray(walk_m, dtype=np.float64) / scale_m)


def inverse_power(exponent: float, *, nearest_m: float) -> Decay:
    """(d / nearest) to the power of -exponent; 1 up to ``nearest_m``, so that a walk of 0 is finite.

    Notes
    -----
    Hansen (1959), "How accessibility shapes land use", Journal of the American Institute of
    Planners 25, 73-76, up to the constant factor nearest to the power of the exponent.

    Examples
    --------
    >>> inverse_power(1, nearest_m=100)(np.array([0.0, 100.0, 400.0]))
    array([1.  , 1.  , 0.25])
    """
    return lambda walk_m: (
        (np.maximum(np.asarray(walk_m, dtype=np.float64), nearest_m) / nearest_m)
        ** (-float(exponent))
    )
