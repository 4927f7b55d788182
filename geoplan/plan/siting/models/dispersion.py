"""p-dispersion: sites as far apart as can be, so that no two share their neighbourhood.

Belongs here: the model, its search and its proof. ``cost`` are distances from site to site. Does not
belong here: models in which anybody is served.

The distances that stand in the matrix are all that the answer can be. For one of them: can as many
sites be open with no two nearer than it? Halving the list of them ends at the largest that can. A set
of sites is its own proof; that there is none is proven when the most sites that are apart, bounded by
the solver, are fewer than asked by a thousandth of a site at least, a thousand times what the
solver's sums of ones can be wrong by. Kuby (1987), "Programming models for facility dispersion: the
p-dispersion and maxisum dispersion problems", Geographical Analysis 19, 315-329; the halving: Sayah &
Irnich (2017), "A new compact formulation for the discrete p-dispersion problem", European Journal of
Operational Research 256, 62-67.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from time import perf_counter

import numpy as np
from scipy import sparse

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.highs import Programme, minimise
from geoplan.plan.siting.problem import Floats, SitingAnswer, SitingProblem

_FEWER = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class _Apart:
    """Whether sites can be so far apart: which, or that none can; neither when time was up."""

    sites: tuple[int, ...] | None
    refuted: bool = False


def solve_dispersion(problem: SitingProblem, clock: Clock) -> SitingAnswer:
    """The p sites whose nearest two are farthest apart, with the bound that was proven.

    Examples
    --------
    Of four sites in a row the two at the ends.

    >>> from geoplan.plan.siting.problem_file import build_problem
    >>> metres = [[abs(i - j) for j in (0, 1, 5, 9)] for i in (0, 1, 5, 9)]
    >>> problem = build_problem({"model": "p_dispersion", "cost": metres, "p": 2})
    >>> answer = solve_dispersion(problem, Clock.of(10))
    >>> answer.open, answer.objective, answer.status
    ((0, 3), 9.0, 'optimal')
    """
    begun, count = perf_counter(), problem.p or 0
    apart = distances(problem)
    sites = _first(apart, problem.fixed, count)
    known = np.unique(apart[np.triu_indices(len(apart), 1)])
    least, most = int(np.searchsorted(known, nearest_m(apart, sites))), len(known) - 1
    while least < most and not clock.up:
        middle = (least + most + 1) // 2
        found = _so_far_apart(apart, float(known[middle]), problem.fixed, count, clock)
        if found.sites is not None:
            sites = found.sites
            least = int(np.searchsorted(known, nearest_m(apart, sites)))
        elif found.refuted:
            most = middle - 1
        else:
            break
    objective, bound = nearest_m(apart, sites), float(known[most])
    gap = 0.0 if bound == objective else (bound - objective) / objective if objective else np.inf
    return SitingAnswer(
        status="optimal" if gap == 0 else "feasible",
        objective=objective,
        bound=bound,
        gap=float(gap),
        seconds=perf_counter() - begun,
        open=sites,
        rescored_objective=float(_counted_again(problem, sites)),
        ignored=problem.ignored,
    )


def distances(problem: SitingProblem) -> Floats:
    """The distances from site to site as a square; the reader has seen that none is missing."""
    square = np.zeros(problem.costs.shape)
    square[problem.costs.demand, problem.costs.candidate] = problem.costs.cost
    return square


def nearest_m(apart: Floats, sites: tuple[int, ...]) -> float:
    """How far apart the nearest two of the sites are."""
    among = apart[np.ix_(sites, sites)]
    return float(among[np.triu_indices(len(sites), 1)].min())


def _first(apart: Floats, fixed: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The fixed sites, else the farthest two, and then always the one farthest from all so far."""
    sites = list(fixed)
    if not sites:
        sites = [int(at) for at in np.unravel_index(int(apart.argmax()), apart.shape)]
    while len(sites) < count:
        away = apart[:, sites].min(axis=1)
        away[sites] = -1.0
        sites.append(int(away.argmax()))
    return tuple(sorted(sites[: max(count, len(fixed))]))


def _so_far_apart(
    apart: Floats, least_m: float, fixed: tuple[int, ...], count: int, clock: Clock
) -> _Apart:
    """The most sites no two of which are nearer: enough of them, or proven too few."""
    size = len(apart)
    one, other = np.nonzero(np.triu(apart < least_m, 1))
    rows = np.tile(np.arange(len(one)), 2)
    pairs = sparse.csr_array(
        (np.ones(2 * len(one)), (rows, np.concatenate([one, other]))), shape=(len(one), size)
    )
    is_fixed = np.zeros(size)
    is_fixed[list(fixed)] = 1.0
    if (pairs @ is_fixed > 1).any():
        return _Apart(None, refuted=True)
    finish = minimise(
        Programme(
            cost=-np.ones(size),
            rows=pairs,
            lower=np.full(len(one), -np.inf),
            upper=np.ones(len(one)),
            least=is_fixed,
            most=np.ones(size),
            whole=np.ones(size, dtype=bool),
        ),
        clock=clock,
    )
    if finish.values is not None:
        sites = np.flatnonzero(finish.values > 0.5)  # noqa: PLR2004 - rounds 0 and 1
        if len(sites) >= count:
            kept = [*fixed, *(int(at) for at in sites if at not in fixed)][:count]
            chosen = tuple(sorted(kept))
            if nearest_m(apart, chosen) >= least_m:
                return _Apart(chosen)
    return _Apart(None, refuted=-finish.bound < count - _FEWER)


def _counted_again(problem: SitingProblem, sites: tuple[int, ...]) -> Fraction:
    """The shortest distance among the sites, exactly, by the pairs as they were told."""
    told = {
        (int(i), int(j)): Fraction(float(cost))
        for i, j, cost in zip(
            problem.costs.demand, problem.costs.candidate, problem.costs.cost, strict=True
        )
    }
    return min(told[pair] for pair in combinations(sites, 2))
