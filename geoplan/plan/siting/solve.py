"""A siting problem solved, with its certificate: bound, gap, and an independent re-score.

Belongs here: the order of steps and when "optimal" may be said. Does not belong here: the models.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from geoplan.plan.siting.assignment import from_values, nearest, worth
from geoplan.plan.siting.bounds.clock import Clock, Found, ended_by_ctrl_c
from geoplan.plan.siting.certificates.exact_tree import never_fits
from geoplan.plan.siting.certificates.infeasibility import would_do
from geoplan.plan.siting.certificates.rescore import rescore
from geoplan.plan.siting.first_answers import (
    end_s,
    first_bound,
    first_sites,
    takes_too_long,
    worth_of,
)
from geoplan.plan.siting.loads.capacitated import solve_limited
from geoplan.plan.siting.models.backup import solve_backup
from geoplan.plan.siting.models.dispersion import solve_dispersion
from geoplan.plan.siting.models.maximal_cover import solve_maximal
from geoplan.plan.siting.models.p_center import solve_center
from geoplan.plan.siting.models.p_median import solve_median
from geoplan.plan.siting.models.set_cover import solve_set_cover
from geoplan.plan.siting.problem import Alternative, Assignment, SitingAnswer, SitingProblem
from geoplan.plan.siting.ties import Told, tell_apart

_LOG = logging.getLogger(__name__)
_PROVEN, _TELL = 1e-9, 0.5  # the share of the time left for telling equals apart


def solve_siting(problem: SitingProblem) -> SitingAnswer:
    """The best sites that are found in the time, and how good they are proven to be.

    "optimal" is said only when bound and objective agree to 1e-9 of the objective. Bounds by
    prices are lowered by more than sums of doubles can lose; where all numbers have at most six
    decimals, a bound less than one step from the objective proves it. With capacities, least loads
    or a budget, "optimal" comes from an answer counted exactly and a bound by prices (``tree``,
    ``price_tree``), "infeasible" from ``tree`` alone; the solver's own bound, lowered by a
    millionth, only tells the gap.
    """
    whole = Clock.of(problem.time_limit_s)
    if problem.model == "lscp_b":
        return solve_backup(problem, whole, solve_siting)
    if problem.model == "p_dispersion":
        return solve_dispersion(problem, whole)
    with ended_by_ctrl_c(whole):
        return _solved(problem, whole)


def _solved(problem: SitingProblem, whole: Clock) -> SitingAnswer:
    begun = whole.ends - problem.time_limit_s
    clock = Clock(whole.ends - min(end_s(problem), problem.time_limit_s / 2), whole)
    if problem.model != "mclp" and problem.usable.unreached():
        return _without(problem, Found(None, math.inf), begun)
    slim = replace(problem, costs=problem.usable)  # what is beyond the radius is looked at once
    found = _searched(slim, clock)
    if found.sites is None:
        return _without(problem, found, begun)
    opened = tuple(found.sites.tolist())
    assignment = assign(slim, found)
    counted = worth(slim, found.sites, assignment)
    rescored = float(rescore(problem, opened, assignment))
    if abs(counted - rescored) > _PROVEN * max(1.0, abs(rescored)):
        raise RuntimeError(f"{problem.model}: counted {counted}, counted again {rescored}")
    objective = rescored if math.isclose(counted, rescored, rel_tol=1e-14) else counted
    bound = _bound(problem, found.bound, objective)
    gap = _gap(objective, bound)
    if gap <= _PROVEN:
        bound, gap = objective, 0.0
    told = tell_apart(slim, opened, clock.share(_TELL)) if gap == 0 else Told(opened, only=False)
    if told.sites != opened:
        opened, assignment = told.sites, nearest(slim, np.array(told.sites, dtype=np.int64))
        rescored = float(rescore(problem, opened, assignment))
    alternatives = _alternatives(slim, opened, clock)
    return SitingAnswer(
        status="optimal" if gap == 0 else "feasible",
        objective=objective,
        bound=bound,
        gap=gap,
        seconds=perf_counter() - begun,
        open=opened,
        assignment=assignment,
        rescored_objective=rescored,
        uncoverable=slim.costs.unreached(),
        alternatives=alternatives,
        only=told.only,
        ignored=problem.ignored,
    )


def _searched(problem: SitingProblem, clock: Clock) -> Found:
    """What was found in the time; at least the first answer and the first bound.

    Nothing is sorted or reduced where the time would be up before that is done.
    """
    sites = first_sites(problem, clock)
    bound = first_bound(problem)
    _LOG.info(
        "正在寻找最好的选址，按 Ctrl-C 取目前最好的 / searching; Ctrl-C gives the best so far"
    )
    if sites is not None and (clock.up or takes_too_long(problem, clock)):
        return Found(sites, bound)
    found = search(problem, clock)
    if found.sites is None and found.bound < math.inf and sites is not None:
        found = replace(found, sites=sites, values=None)
    if sites is None or problem.limits_load or found.sites is None:
        return replace(found, bound=max(found.bound, bound))
    if clock.up and worth_of(problem, sites) < worth_of(problem, found.sites):
        found = replace(found, sites=sites, values=None)
    return replace(found, bound=max(found.bound, bound))


def search(
    problem: SitingProblem, clock: Clock, *, barred: Sequence[tuple[int, ...]] = ()
) -> Found:
    """The model's own search."""
    if problem.model == "p_center":
        return solve_center(problem, clock, barred=barred)
    if problem.model == "mclp" and not problem.limits_load and problem.budget is None:
        return solve_maximal(problem, clock, barred=barred)
    if problem.model == "lscp":
        return solve_set_cover(problem, clock, barred=barred)
    if problem.model == "p_median":
        return solve_median(problem, clock, barred=barred)
    return solve_limited(problem, clock, barred=barred)


def assign(problem: SitingProblem, found: Found) -> Assignment:
    """Who is served by which of the sites found."""
    if problem.limits_load and found.shares is not None:
        return found.shares
    if problem.limits_load and found.values is not None and found.sites is not None:
        return from_values(problem, found.sites, found.values)
    return nearest(problem, np.array([]) if found.sites is None else found.sites)


def _bound(problem: SitingProblem, bound: float, objective: float) -> float:
    """The bound in the sense of the model, never beyond what was reached."""
    if problem.model == "mclp":
        return max(-bound, objective)
    return min(bound, objective)


def _gap(objective: float, bound: float) -> float:
    """The distance of bound and objective as a share of the objective."""
    if objective == bound:
        return 0.0
    return abs(bound - objective) / abs(objective) if objective else math.inf


def _alternatives(
    problem: SitingProblem, opened: tuple[int, ...], clock: Clock
) -> tuple[Alternative, ...]:
    """The next best different sets of sites, each told from its equals."""
    barred = [opened]
    others = []
    for _ in range(problem.k_best - 1):
        if clock.up:
            break
        found = search(problem, clock, barred=barred)
        if found.sites is None:
            break
        sites, served = tuple(found.sites.tolist()), assign(problem, found)
        told = tell_apart(problem, sites, clock, barred=barred)
        if told.sites != sites:
            sites, served = told.sites, nearest(problem, np.array(told.sites, dtype=np.int64))
        barred.append(sites)
        others.append(Alternative(sites, float(rescore(problem, sites, served))))
    sign = -1 if problem.model == "mclp" else 1
    return tuple(sorted(others, key=lambda other: sign * other.objective))  # equals as they came


def _without(problem: SitingProblem, found: Found, begun: float) -> SitingAnswer:
    """What can be said when there is no answer, or none was found in the time."""
    proven = found.bound == math.inf
    helps = would_do(problem, Clock.of(max(1.0, problem.time_limit_s / 10))) if proven else {}
    return SitingAnswer(
        status="infeasible" if proven else "unknown",
        objective=None,
        bound=None,
        gap=None,
        seconds=perf_counter() - begun,
        uncoverable=problem.usable.unreached(),
        ignored=problem.ignored,
        would_do=helps,
        short=never_fits(problem) if proven else None,
    )
