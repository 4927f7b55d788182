"""Shares of open sites with capacities: the cheapest split, exact to the unit.

Belongs here: who is served by whom once the sites are known and points may be split. Does not
belong here: choosing the sites.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from scipy import sparse

from geoplan.plan.siting.grain import units
from geoplan.plan.siting.highs import Programme, minimise
from geoplan.plan.siting.problem import Costs, Floats, Ints, Share, SitingProblem
from geoplan.plan.siting.rescore import exact
from geoplan.plan.siting.search import Clock

_DUST = 1e-7
_LIMIT_S = 60.0


def ship(problem: SitingProblem, opened: Ints, shares: Floats) -> tuple[Share, ...]:
    """The cheapest shares when these sites are open.

    Loads and capacities in whole units make a transport problem, whose basic solutions are whole
    (Dantzig 1951): rounding them to units is exact. Numbers without a common decimal step keep
    the shares that the search found.
    """
    capacity = np.zeros(problem.costs.shape[1]) if problem.capacity is None else problem.capacity
    step = units([problem.load, capacity[opened]])
    if step is None:
        return _rounded(problem, shares)
    load = [int(exact(value) * step) for value in problem.load.tolist()]
    is_open = np.zeros(problem.costs.shape[1], dtype=bool)
    is_open[opened] = True
    costs = problem.usable
    costs = costs.only(is_open[costs.candidate])
    most = np.rint(capacity * step)
    flows = minimise(
        _transport(problem, costs, np.array(load, dtype=float), most), clock=Clock.of(_LIMIT_S)
    )
    if flows.values is None:
        return _rounded(problem, shares)
    served = _whole_flows(costs, np.rint(flows.values), load)
    over = np.zeros(len(most))
    np.add.at(over, costs.candidate, np.rint(flows.values))
    short = (
        any(load[i] and sum(shares_of.values()) != 1 for i, shares_of in enumerate(served))
        and problem.model != "mclp"
    )
    if short or np.any(over > most):
        return _rounded(problem, shares)
    return _with_the_weightless(costs, served, load)


def _transport(problem: SitingProblem, costs: Costs, load: Floats, most: Floats) -> Programme:
    """Units shipped along each pair: all of each load, no more than each capacity."""
    demand, candidates = costs.shape
    pairs = np.arange(len(costs.cost))
    ones = np.ones(len(pairs))
    from_points = sparse.csr_array((ones, (costs.demand, pairs)), shape=(demand, len(pairs)))
    into_sites = sparse.csr_array((ones, (costs.candidate, pairs)), shape=(candidates, len(pairs)))
    covering = problem.model == "mclp"
    worth = np.divide(problem.weights, load, out=np.zeros(demand), where=load > 0)[costs.demand]
    return Programme(
        cost=-worth if covering else worth * costs.cost,
        rows=sparse.csr_array(sparse.vstack([from_points, into_sites])),
        lower=np.concatenate([np.zeros(demand) if covering else load, np.zeros(candidates)]),
        upper=np.concatenate([load, most]),
        least=np.zeros(len(pairs)),
        most=np.full(len(pairs), np.inf),
        whole=np.zeros(len(pairs), dtype=bool),
    )


def _whole_flows(costs: Costs, flows: Floats, load: list[int]) -> list[dict[int, Fraction]]:
    served: list[dict[int, Fraction]] = [{} for _ in load]
    for k in np.flatnonzero(flows > 0).tolist():
        point = int(costs.demand[k])
        served[point][int(costs.candidate[k])] = Fraction(int(flows[k]), load[point])
    return served


def _with_the_weightless(
    costs: Costs, served: list[dict[int, Fraction]], load: list[int]
) -> tuple[Share, ...]:
    """Points that take no capacity go to the cheapest open site."""
    order = np.lexsort((costs.candidate, costs.cost))
    for k in order.tolist():
        point = int(costs.demand[k])
        if load[point] == 0 and not served[point]:
            served[point][int(costs.candidate[k])] = Fraction(1)
    return tuple(served)


def _rounded(problem: SitingProblem, shares: Floats) -> tuple[Share, ...]:
    """The shares of the search; what rounding loses goes to the largest of each point."""
    costs = problem.usable
    served: list[dict[int, Fraction]] = [{} for _ in range(costs.shape[0])]
    for k in np.flatnonzero(shares > _DUST).tolist():
        fine = Fraction(math.floor(min(1.0, float(shares[k])) * 2**40), 2**40)
        served[int(costs.demand[k])][int(costs.candidate[k])] = fine
    for shares_of in served:
        total = sum(shares_of.values(), Fraction(0))
        if shares_of and (problem.model != "mclp" or total > 1):
            largest = max(shares_of, key=lambda site: shares_of[site])
            shares_of[largest] += 1 - total
    return tuple(served)
