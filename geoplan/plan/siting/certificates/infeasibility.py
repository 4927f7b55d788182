"""Where there is no answer: which points nobody can serve, and what would do.

Belongs here: reasons. Does not belong here: answers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.highs import minimise
from geoplan.plan.siting.certificates.exact_tree import certify
from geoplan.plan.siting.certificates.rescore import exact
from geoplan.plan.siting.mixed_integer import build_programme
from geoplan.plan.siting.problem import NEEDS_P, SitingProblem


def would_do(problem: SitingProblem, clock: Clock) -> dict[str, float]:
    """The smallest radius or number of sites with which there is an answer.

    Nothing where no number helps: a point that reaches no candidate at any cost, or capacities
    that are too small together (``capacity_short`` says by how much).
    """
    if problem.costs.unreached():
        return {}
    if problem.model == "lscp":
        return {"radius": smallest_radius(problem)}
    short = _capacity_short(problem)
    if short > 0:
        return {"capacity_short": short}
    if problem.model in NEEDS_P and problem.least_load is None:  # more sites serve less each
        return smallest_p(problem, clock)
    return {}


def smallest_radius(problem: SitingProblem) -> float:
    """The radius within which every point reaches some candidate."""
    cheapest = np.full(problem.costs.shape[0], np.inf)
    np.minimum.at(cheapest, problem.costs.demand, problem.costs.cost)
    return float(cheapest.max())


def smallest_p(problem: SitingProblem, clock: Clock) -> dict[str, float]:
    """How many sites serve every point, whatever it costs; nothing if that is not proven."""
    question = replace(problem, p=None, site_cost=None, model="lscp", radius=None)
    if problem.limits_load:
        found = certify(question, clock)
        least = 0 if found.sites is None else len(found.sites)
        return {"p": float(least)} if least and found.bound > least - 1 else {}
    finish = minimise(build_programme(question), clock=clock)
    if finish.values is None:
        return {}
    count = round(float(finish.values[: problem.costs.shape[1]].sum()))
    return {"p": float(count)} if finish.bound > count - 1 else {}


def _capacity_short(problem: SitingProblem) -> float:
    if problem.capacity is None:
        return 0.0
    load = sum(exact(value) for value in problem.load.tolist())
    room = sum(exact(value) for value in problem.capacity.tolist())
    return float(load - room)
