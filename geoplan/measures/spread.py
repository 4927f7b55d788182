"""How evenly something is shared: measures of inequality with people as weights.

``values`` are what each person of a group has (places a head, walks), ``people`` how many persons
the group has: known, not negative. Everyone in a group has the same. Each measure is 0 for an
even share (Palma: see there), is the same whether a group is one row or several, in whatever
order, and does not change when all values are multiplied. Without people, or with nothing to
share, there is no measure: ``None``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import fsum

import numpy as np

from geoplan.measures.walks import Amounts, Numbers, Places


def gini(values: Amounts, people: Amounts) -> float | None:
    """Gini coefficient: mean difference of two persons, relative to twice the mean.

    G = Σ_i Σ_j p_i p_j |x_i - x_j| / 2μ with p_i the share of the people, computed as twice
    the area between the Lorenz curve and the diagonal. Below 1; not corrected for small samples.

    Notes
    -----
    Gini (1912), "Variabilità e mutabilità"; Lorenz (1905), "Methods of measuring the
    concentration of wealth", Publications of the American Statistical Association 9, 209-219.

    Examples
    --------
    >>> gini(np.array([1, 3]), np.array([1, 1])), gini(np.array([0, 0]), np.array([1, 1]))
    (0.25, None)
    """
    curve = _curve(values, people, values)
    if curve is None:
        return None
    persons, held = curve
    twice_area = fsum(persons[:-1] * held[1:] - persons[1:] * held[:-1])
    return float(np.maximum(0, twice_area / (persons[-1] * held[-1])))


def theil(values: Amounts, people: Amounts) -> float | None:
    """Theil's T: Σ p_i (x_i / μ) ln(x_i / μ), between 0 and the logarithm of the people.

    Someone with nothing adds 0, the limit of x ln x.

    Notes
    -----
    Theil (1967), "Economics and Information Theory".

    Examples
    --------
    Half of the people have everything: ln 2.

    >>> theil(np.array([0, 5]), np.array([7, 7]))
    0.6931471805599453
    """
    shares = _shares(values, people)
    if shares is None:
        return None
    persons, relative = shares
    some = relative != 0
    terms = persons[some] * relative[some] * np.log(relative[some])
    return float(np.maximum(0, fsum(terms)))


def hoover(values: Amounts, people: Amounts) -> float | None:
    """Hoover index: the part of the whole that would have to change hands for an even share.

    Σ p_i |x_i / μ - 1| / 2, which is the sum over those above the mean alone.

    Notes
    -----
    Hoover (1936), "The measurement of industrial localization", Review of Economics and
    Statistics 18, 162-171.

    Examples
    --------
    >>> hoover(np.array([1, 3]), np.array([1, 1]))
    0.25
    """
    shares = _shares(values, people)
    if shares is None:
        return None
    persons, relative = shares
    return fsum(persons * np.maximum(relative - 1, 0))


def concentration_index(values: Amounts, people: Amounts, *, income: Amounts) -> float | None:
    """Whether those with more income have more: -1 (all to the poorest) to 1 (all to the richest).

    Twice the area between the diagonal and the concentration curve, which adds up what people
    have from the least income on: 2 cov(x, rank) / μ with the fractional rank. Those of one
    income share their rank, so that the order of rows does not matter. Not corrected for bounds
    of the values. 0 says that income makes no difference, not that the share is even.

    Parameters
    ----------
    income : of each group, in any unit that ranks them. Where it is unknown (NaN) for somebody, so
        is the index: ``ranked`` leaves such groups out and says which and how many people they are.

    Notes
    -----
    Wagstaff, Paci & van Doorslaer (1991), "On the measurement of inequalities in health", Social
    Science & Medicine 33, 545-557.

    Examples
    --------
    >>> has, persons = np.array([1, 3]), np.array([1, 1])
    >>> concentration_index(has, persons, income=np.array([10, 20]))
    0.25
    >>> concentration_index(has, persons, income=np.array([20, 10]))
    -0.25
    >>> concentration_index(has, persons, income=np.array([10, 10]))
    0.0
    """
    curve = _curve(values, people, income)
    if curve is None:
        return None
    persons, held = curve
    return float(fsum(persons[:-1] * held[1:] - persons[1:] * held[:-1]) / (persons[-1] * held[-1]))


def palma_ratio(
    values: Amounts,
    people: Amounts,
    *,
    richest: Fraction,
    poorest: Fraction,
    income: Amounts | None = None,
) -> float | None:
    """What the ``richest`` part of the people has, through what the ``poorest`` part has.

    Both are read off the Lorenz curve with straight pieces: a group on the border gives the part
    of its people that is needed, so ties do not matter. An even share gives richest / poorest.
    ``None`` also when the poorest part has nothing.

    Parameters
    ----------
    richest, poorest : parts of 1; Palma's are a tenth and four tenths.
    income : ranks the people instead of what they have, as other tools do: how much of the places
        the richest tenth reaches for what the poorest four tenths reach; unknown for somebody, the
        ratio is unknown (NaN), see ``ranked``. Without it, rich in the value itself.

    Notes
    -----
    Palma (2011), "Homogeneous middles vs. heterogeneous tails, and the end of the 'Inverted-U'",
    Development and Change 42, 87-153.

    Examples
    --------
    >>> tenth = Fraction(1, 10)
    >>> palma_ratio(np.arange(1, 11), np.ones(10), richest=tenth, poorest=4 * tenth)
    1.0
    """
    curve = _curve(values, people, values if income is None else income)
    if curve is None:
        return None
    persons, held = curve
    poor, not_rich = float(poorest) * persons[-1], float(1 - richest) * persons[-1]
    low, below = np.interp([poor, not_rich], persons, held)
    return float((held[-1] - below) / low) if low else None


@dataclass(frozen=True, slots=True)
class Ranked:
    """The groups whose income is known, and what was left out for that they have none.

    Parameters
    ----------
    rows : the positions of the groups that are kept.
    left_out : the positions of those with people and no income.
    people_left_out : how many people these are; say it beside every number by income.
    """

    rows: Places
    left_out: Places
    people_left_out: float


def ranked(people: Amounts, *, income: Amounts) -> Ranked:
    """Which groups can be ranked by income, and who cannot.

    Examples
    --------
    >>> persons, income = np.array([5, 3, 2]), np.array([900, np.nan, 700])
    >>> known = ranked(persons, income=income)
    >>> known.rows, known.left_out, known.people_left_out
    (array([0, 2]), array([1]), 3.0)
    >>> has = np.array([4, 9, 1])[known.rows]
    >>> concentration_index(has, persons[known.rows], income=income[known.rows])
    0.19480519480519481
    """
    there, known = people > 0, ~np.isnan(income.astype(np.float64))
    lost = np.flatnonzero(there & ~known)
    return Ranked(np.flatnonzero(there & known), lost, fsum(people[lost]))


def _curve(values: Amounts, people: Amounts, rank: Amounts) -> tuple[Numbers, Numbers] | None:
    """People from the lowest in ``rank`` on and what they have, added up from 0; ties together."""
    has, persons = _inhabited(values, people)
    by = rank[people > 0].astype(np.float64)
    has = np.where(np.isnan(by), np.nan, has)  # a place in no order is no measure
    _, group = np.unique(by, return_inverse=True)
    upto = np.append(0.0, np.cumsum(np.bincount(group, persons)))
    held = np.append(0.0, np.cumsum(np.bincount(group, has * persons)))
    return (upto, held) if held[-1] else None


def _shares(values: Amounts, people: Amounts) -> tuple[Numbers, Numbers] | None:
    """Each group's share of the people and its value relative to the mean."""
    has, persons = _inhabited(values, people)
    everyone, whole = fsum(persons), fsum(has * persons)
    return (persons / everyone, has * (everyone / whole)) if whole else None


def _inhabited(values: Amounts, people: Amounts) -> tuple[Numbers, Numbers]:
    """The groups with people; what nobody has may be unknown."""
    there = people > 0
    return values[there].astype(np.float64), people[there].astype(np.float64)
