"""The nearest walk, and how many people have one within a distance.

``people`` are people per home (or elders, under-threes, households): known, not negative. A walk
that is NaN has no facility in reach.
"""

from __future__ import annotations

from fractions import Fraction
from math import fsum

import numpy as np

from geoplan.measures.coverage import share
from geoplan.measures.walks import Amounts, Numbers, Walks


def nearest_walk_m(walks: Walks, *, homes: int) -> Numbers:
    """Metres from each home to its nearest facility, NaN without one.

    Examples
    --------
    >>> from geoplan.measures.walks import Pairs
    >>> walks = Pairs(np.array([0, 0]), np.array([0, 1]), np.array([400.0, 300.0]))
    >>> nearest_walk_m(walks, homes=2)
    array([300.,  nan])
    """
    nearest = np.full(homes, np.inf)
    np.minimum.at(nearest, walks.home, walks.walk_m.astype(np.float64, copy=False))
    nearest[np.isinf(nearest)] = np.nan
    return nearest


def people_within(walk_m: Numbers, people: Amounts, *, within_m: float) -> Fraction:
    """People whose nearest walk is at most ``within_m``; exact when each home's number is.

    Examples
    --------
    >>> people_within(np.array([500.0, 501.0, np.nan]), np.array([3, 4, 5]), within_m=500)
    Fraction(3, 1)
    """
    return _total(people[walk_m <= within_m])


def coverage_share(walk_m: Numbers, people: Amounts, *, within_m: float) -> Fraction | None:
    """Part of the people whose nearest walk is at most ``within_m``; ``None`` without people.

    Examples
    --------
    >>> coverage_share(np.array([500.0, 501.0, np.nan]), np.array([3, 4, 5]), within_m=500)
    Fraction(1, 4)
    """
    return share(people_within(walk_m, people, within_m=within_m), _total(people))


def mean_walk_m(walk_m: Numbers, people: Amounts) -> float | None:
    """The walk of the average person among those who have one in reach; ``None`` without any.

    Σ people · walk / Σ people, over homes with a walk: say beside it how many have none.

    Examples
    --------
    >>> mean_walk_m(np.array([100.0, 500.0, np.nan]), np.array([3, 1, 9]))
    200.0
    """
    has = np.isfinite(walk_m)
    walkers = fsum(people[has])
    return fsum(people[has] * walk_m[has]) / walkers if walkers else None


def percentile_walk_m(walk_m: Numbers, people: Amounts, *, part: Fraction) -> float | None:
    """The shortest distance within which at least ``part`` of all people have a facility.

    The least walk w of a home with people such that Σ people with a walk ≤ w is at least
    ``part`` · Σ people. It is always the walk of somebody: nothing is interpolated. People
    without a walk count as farther than everyone; when ``part`` cannot be had without them, or
    there are no people, there is no percentile. So a longer search never changes it. Whole people
    are compared exactly; broken numbers to the 16 digits of a float.

    Parameters
    ----------
    part : above 0 and at most 1: ``Fraction(1, 2)`` is the median.

    Examples
    --------
    >>> walk_m, people = np.array([100.0, 500.0, np.nan]), np.array([5, 4, 1])
    >>> [percentile_walk_m(walk_m, people, part=Fraction(part)) for part in ("0.5", "0.9", "0.91")]
    [100.0, 500.0, None]
    """
    counted = np.isfinite(walk_m) & (people > 0)
    order = np.argsort(walk_m[counted], kind="stable")
    upto = np.cumsum(people[counted][order])
    enough = upto * part.denominator >= people.sum() * part.numerator
    return float(walk_m[counted][order][enough.argmax()]) if enough.any() else None


def _total(amounts: Amounts) -> Fraction:
    """The sum, the same in whatever order the rows come."""
    return Fraction(fsum(amounts))
