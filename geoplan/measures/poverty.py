"""How many have too little, and how much too little they have: poverty of access.

``values`` are what each person of a group has, ``people`` how many persons the group has.
"""

from __future__ import annotations

from math import fsum

import numpy as np

from geoplan.measures.walks import Amounts


def foster_greer_thorbecke(
    values: Amounts, people: Amounts, *, line: float, aversion: float
) -> float | None:
    """The FGT index: Σ p_i ((line - x_i) / line) ** aversion over those below the line.

    With ``aversion`` 0 the share of the people who are below, with 1 how far they are below on
    average, as a share of the line and over all people, with 2 the same with the worst off counted
    more. *Below* is strict: who has as much as the line asks for is not poor. Nobody is below a
    line of 0. ``None`` without people.

    Parameters
    ----------
    values : not negative; an unknown one (NaN) makes the index unknown.
    line : the least that is enough, in the unit of the values.

    Notes
    -----
    Foster, Greer & Thorbecke (1984), "A class of decomposable poverty measures", Econometrica 52,
    761-766.

    Examples
    --------
    Half of the people have half of what is enough.

    >>> has, persons = np.array([5, 10]), np.array([20, 20])
    >>> [foster_greer_thorbecke(has, persons, line=10, aversion=each) for each in (0, 1)]
    [0.5, 0.25]
    >>> foster_greer_thorbecke(has, persons, line=0, aversion=1)
    0.0
    """
    there = people > 0
    persons, has = people[there].astype(np.float64), values[there].astype(np.float64)
    everyone = fsum(persons)
    if not everyone:
        return None
    if np.isnan(has).any():
        return float("nan")
    poor = has < line
    if line <= 0 or not poor.any():
        return 0.0
    lacking = (line - has[poor]) / line
    return fsum(persons[poor] * lacking**aversion) / everyone


def beyond_limit(
    walk_m: Amounts, people: Amounts, *, limit_m: float, aversion: float
) -> float | None:
    """The FGT index of walks, where more is worse: ((walk - limit) / limit) ** aversion beyond it.

    *Beyond* is strict, as *within* includes the limit. People without any walk (NaN, as in
    ``nearest``, or infinite) are beyond with ``aversion`` 0, and make the index infinite otherwise:
    how far they are beyond has no number. ``None`` without people. With a limit of 0 everyone who
    walks at all is beyond, infinitely far.

    Examples
    --------
    >>> walks, persons = np.array([500, 1000, np.nan]), np.array([2, 1, 1])
    >>> beyond_limit(walks, persons, limit_m=500, aversion=0)
    0.5
    >>> beyond_limit(walks[:-1], persons[:-1], limit_m=500, aversion=1)
    0.3333333333333333
    """
    there = people > 0
    persons, far = people[there].astype(np.float64), walk_m[there].astype(np.float64)
    everyone = fsum(persons)
    if not everyone:
        return None
    far[np.isnan(far)] = np.inf
    late = far > limit_m
    over = (far[late] - limit_m) / limit_m if limit_m > 0 else np.full(late.sum(), np.inf)
    return fsum(persons[late] * (over**aversion if aversion else 1)) / everyone
