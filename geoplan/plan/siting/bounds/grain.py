"""The grain of numbers: the decimal step that they are all multiples of.

Belongs here: turning decimals into whole units, so that sums and bounds are exact. Does not
belong here: what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geoplan.plan.siting.problem import Floats

_STEPS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_SURE = 2.0**50


def units(values: Sequence[Floats]) -> int | None:
    """The smallest power of ten that makes every number whole; ``None`` beyond six decimals.

    Examples
    --------
    >>> units([np.array([1.5, 2.0]), np.array([0.25])]), units([np.array([1 / 3])])
    (100, None)
    """
    numbers = np.unique(np.concatenate([np.asarray(each, dtype=float) for each in values]))
    for step in _STEPS:
        whole = np.rint(numbers * step)
        if bool(np.all(whole / step == numbers) and np.all(np.abs(whole) < _SURE)):
            return step
    return None


def least_difference(values: Sequence[Floats]) -> float:
    """Two different sums of whole multiples of these numbers differ by at least this; else 0.

    Examples
    --------
    >>> least_difference([np.array([1.5, 2.0])]), least_difference([np.array([1 / 3])])
    (0.1, 0.0)
    """
    step = units(values)
    return 0.0 if step is None else 1 / step
