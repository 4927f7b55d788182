"""Every model as one mixed-integer programme: its mathematics, written once.

Belongs here: variables and rows. Does not belong here: searching, reductions, bounds.

Open sites are ``y_j`` in {0, 1}; ``x_ij`` in [0, 1] is the share of demand point i served by
candidate j, and exists only where i can reach j (within the radius where the model covers).

======================  ===========================  ==============================================
model                   minimise                     rows
======================  ===========================  ==============================================
lscp                    Σ f_j y_j                    Σ_j x_ij = 1
mclp                    - Σ w_i x_ij                 Σ_j x_ij <= 1, Σ y_j = p or Σ f_j y_j <= budget
p_median                Σ w_i c_ij x_ij              Σ_j x_ij = 1, Σ y_j = p
p_center                max c_ij of the open nearest  by search over the costs: ``center``
cflp                    Σ f_j y_j + Σ w_i c_ij x_ij  Σ_j x_ij = 1, Σ_i l_i x_ij <= q_j y_j
capacitated_p_median    Σ w_i c_ij x_ij              the same and Σ y_j = p
======================  ===========================  ==============================================

With ``least_load`` an open site serves at least so much: Σ_i l_i x_ij >= m_j y_j.
All have ``x_ij <= y_j`` and ``y_j = 1`` for the fixed sites; with ``single_source`` each x_ij is
0 or 1. Sources: Toregas, Swain, ReVelle & Bergman 1971 (lscp); Church & ReVelle 1974 (mclp);
Hakimi 1964, ReVelle & Swain 1970 (p_median, p_center); Sridharan 1995 (cflp); Mulvey & Beck 1984
(capacitated_p_median); Current & Storbeck 1988 (capacities in covering).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from geoplan.plan.siting.grain import units
from geoplan.plan.siting.highs import Programme
from geoplan.plan.siting.problem import Floats, SitingProblem


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """A block of rows with the least and the most that each may be."""

    matrix: sparse.sparray
    lower: Floats
    upper: Floats


def build_programme(problem: SitingProblem, *, barred: Sequence[tuple[int, ...]] = ()) -> Programme:
    """The programme of a problem: first the candidates' variables, then the pairs'.

    Parameters
    ----------
    problem : of any model but ``p_center``.
    barred : sets of sites already known; at least one site of each must stay closed.
    """
    costs = problem.usable
    _, candidates = costs.shape
    pairs = len(costs.cost)
    blocks = [_serving(problem), _opening(problem)]
    if problem.capacity is not None:
        blocks.append(_capacities(problem))
    if problem.least_load is not None:
        blocks.append(_least_loads(problem))
    blocks.extend(_counts(problem))
    blocks.extend(bar(problem, sites) for sites in barred)
    least = np.zeros(candidates + pairs)
    least[list(problem.fixed)] = 1
    whole = np.zeros(candidates + pairs, dtype=bool)
    whole[: candidates + pairs * int(problem.single_source and problem.limits_load)] = True
    return Programme(
        cost=_objective(problem),
        rows=sparse.csr_array(sparse.vstack([block.matrix for block in blocks])),
        lower=np.concatenate([block.lower for block in blocks]),
        upper=np.concatenate([block.upper for block in blocks]),
        least=least,
        most=np.ones(candidates + pairs),
        whole=whole,
    )


def _objective(problem: SitingProblem) -> Floats:
    costs = problem.usable
    weights = problem.weights[costs.demand]
    if problem.model == "mclp":
        return np.concatenate([np.zeros(costs.shape[1]), -weights])
    if problem.model == "lscp":
        return np.concatenate([problem.opening, np.zeros(len(costs.cost))])
    opening = problem.opening * float(problem.model == "cflp")
    return np.concatenate([opening, weights * costs.cost])


def _serving(problem: SitingProblem) -> _Rows:
    """Each demand point is served once; in mclp at most once."""
    costs = problem.usable
    demand, candidates = costs.shape
    ones = np.ones(len(costs.cost))
    columns = candidates + np.arange(len(costs.cost))
    shape = (demand, candidates + len(costs.cost))
    matrix = sparse.csr_array((ones, (costs.demand, columns)), shape=shape)
    lower = np.zeros(demand) if problem.model == "mclp" else np.ones(demand)
    return _Rows(matrix, lower, np.ones(demand))


def _opening(problem: SitingProblem) -> _Rows:
    """Only open sites serve: x_ij - y_j <= 0."""
    costs = problem.usable
    pairs, candidates = len(costs.cost), costs.shape[1]
    signs = np.concatenate([np.ones(pairs), -np.ones(pairs)])
    rows = np.tile(np.arange(pairs), 2)
    columns = np.concatenate([candidates + np.arange(pairs), costs.candidate])
    matrix = sparse.csr_array((signs, (rows, columns)), shape=(pairs, candidates + pairs))
    return _Rows(matrix, np.full(pairs, -np.inf), np.zeros(pairs))


def _capacities(problem: SitingProblem) -> _Rows:
    """No site serves more than it can: Σ l_i x_ij - q_j y_j <= 0."""
    costs = problem.usable
    pairs, candidates = len(costs.cost), costs.shape[1]
    load, capacity = _in_units(problem, problem.capacity)
    values = np.concatenate([load[costs.demand], -capacity])
    rows = np.concatenate([costs.candidate, np.arange(candidates)])
    columns = np.concatenate([candidates + np.arange(pairs), np.arange(candidates)])
    matrix = sparse.csr_array((values, (rows, columns)), shape=(candidates, candidates + pairs))
    return _Rows(matrix, np.full(candidates, -np.inf), np.zeros(candidates))


def _least_loads(problem: SitingProblem) -> _Rows:
    """No site is open for less than it must serve: Σ l_i x_ij - m_j y_j >= 0."""
    costs = problem.usable
    pairs, candidates = len(costs.cost), costs.shape[1]
    load, least = _in_units(problem, problem.least_load)
    values = np.concatenate([load[costs.demand], -least])
    rows = np.concatenate([costs.candidate, np.arange(candidates)])
    columns = np.concatenate([candidates + np.arange(pairs), np.arange(candidates)])
    matrix = sparse.csr_array((values, (rows, columns)), shape=(candidates, candidates + pairs))
    return _Rows(matrix, np.zeros(candidates), np.full(candidates, np.inf))


def _in_units(problem: SitingProblem, limits: Floats | None) -> tuple[Floats, Floats]:
    """Loads and limits in whole units, so that the solver's tolerance cannot overfill a site.

    Without a common decimal step they are left as they are, and kept to a billionth.
    """
    limit = np.array([]) if limits is None else limits
    step = units([problem.load, limit])
    if step is None:
        return problem.load, limit
    return np.rint(problem.load * step), np.rint(limit * step)


def _counts(problem: SitingProblem) -> list[_Rows]:
    """How many sites are open, and what those not yet open may cost."""
    candidates = problem.costs.shape[1]
    rows = []
    if problem.p is not None:
        rows.append(_row(problem, np.ones(candidates), problem.p, problem.p))
    if problem.budget is not None:
        new = problem.opening.copy()
        new[list(problem.fixed)] = 0
        rows.append(_row(problem, new, -np.inf, problem.budget))
    return rows


def bar(problem: SitingProblem, sites: tuple[int, ...]) -> _Rows:
    """At least one of these sites (the fixed ones aside) stays closed."""
    free = sorted(set(sites) - set(problem.fixed))
    values = np.zeros(problem.costs.shape[1])
    values[free] = 1
    return _row(problem, values, -np.inf, len(free) - 1)


def _row(problem: SitingProblem, values: Floats, lower: float, upper: float) -> _Rows:
    width = problem.costs.shape[1] + len(problem.usable.cost)
    matrix = sparse.csr_array(np.atleast_2d(values))
    matrix.resize((1, width))
    return _Rows(matrix, np.array([lower], dtype=float), np.array([upper], dtype=float))
