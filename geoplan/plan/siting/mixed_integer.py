"""Every model as one mixed-integer programme: its mathematics, written once.

Belongs here: variables and rows. Does not belong here: searching, reductions, bounds.

Open sites are ``y_j`` in {0, 1}; ``x_ij`` in [0, 1] is the share of demand point i served by
candidate j, and exists only where i can reach j (within the radius where the model covers).

======================  ===========================  ==============================================
model                   minimise                     rows
======================  ===========================  ==============================================
lscp                    Σ f_j y_j                    Σ_j x_ij = 1
lscp_b                  - Σ w_i u_i                  fewest sites first, then: ``backup``
mclp                    - Σ w_i x_ij                 Σ_j x_ij <= 1, Σ y_j = p or Σ f_j y_j <= budget
p_median                Σ w_i c_ij x_ij              Σ_j x_ij = 1, Σ y_j = p
p_center                max c_ij of the open nearest  by search over the costs: ``center``
p_dispersion            - min d_jk of the open        by search over the distances: ``dispersion``
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

from geoplan.plan.siting.bounds.clock import different
from geoplan.plan.siting.bounds.highs import Programme
from geoplan.plan.siting.ledger import ledger
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
    problem : of any model but ``p_center``, ``p_dispersion`` and ``lscp_b``.
    barred : sets of sites already known; each of them, and nothing else, may not come again.
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
    rows = _loads_less(problem, ledger(problem).capacity or ())
    return _Rows(rows, np.full(rows.shape[0], -np.inf), np.zeros(rows.shape[0]))


def _least_loads(problem: SitingProblem) -> _Rows:
    """No site is open for less than it must serve: Σ l_i x_ij - m_j y_j >= 0."""
    rows = _loads_less(problem, ledger(problem).least)
    return _Rows(rows, np.zeros(rows.shape[0]), np.full(rows.shape[0], np.inf))


def _loads_less(problem: SitingProblem, limit: Sequence[int]) -> sparse.csr_array:
    """Σ l_i x_ij - limit_j y_j, each row as a share of its largest number.

    The solver's tolerances are absolute: with numbers about 1 they are a billionth of what a site
    holds, however many decimals the data have. Whether a site is overfilled by less is decided
    outside the solver.
    """
    costs, amounts = problem.usable, ledger(problem)
    pairs, candidates = len(costs.cost), costs.shape[1]
    load = np.array([units / amounts.step for units in amounts.load])[costs.demand]
    most = np.array([units / amounts.step for units in limit])
    size = most.copy()
    np.maximum.at(size, costs.candidate, load)
    size[size == 0] = 1.0
    values = np.concatenate([load / size[costs.candidate], -most / size])
    rows = np.concatenate([costs.candidate, np.arange(candidates)])
    columns = np.concatenate([candidates + np.arange(pairs), np.arange(candidates)])
    return sparse.csr_array((values, (rows, columns)), shape=(candidates, candidates + pairs))


def _counts(problem: SitingProblem) -> list[_Rows]:
    """How many sites are open, and what those not yet open may cost."""
    candidates = problem.costs.shape[1]
    rows = []
    if problem.p is not None:
        rows.append(_row(problem, np.ones(candidates), problem.p, problem.p))
    if problem.budget is not None:
        new = problem.opening.copy()
        new[list(problem.fixed)] = 0
        size = max(problem.budget, float(new.max(initial=0.0))) or 1.0
        rows.append(_row(problem, new / size, -np.inf, problem.budget / size))
    return rows


def bar(problem: SitingProblem, sites: tuple[int, ...]) -> _Rows:
    """Not exactly these sites; ``search.different`` says how."""
    bars = different(problem, np.arange(problem.costs.shape[1]), [sites])
    return _row(problem, bars.matrix.toarray()[0], -np.inf, float(bars.most[0]))


def _row(problem: SitingProblem, values: Floats, lower: float, upper: float) -> _Rows:
    width = problem.costs.shape[1] + len(problem.usable.cost)
    matrix = sparse.csr_array(np.atleast_2d(values))
    matrix.resize((1, width))
    return _Rows(matrix, np.array([lower], dtype=float), np.array([upper], dtype=float))
