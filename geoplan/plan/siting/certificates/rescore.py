"""An answer counted again, in plain loops and exact fractions, sharing nothing with the solver.

Belongs here: what an answer is worth and which rule it breaks. Does not belong here: arrays,
bounds, anything the solvers use.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from geoplan.plan.siting.problem import Assignment, SitingProblem

_WRITTEN, _TRILLIONTH = 15, Fraction(1, 10**12)


def exact(number: float) -> Fraction:
    """A number as it is written, without what binary adds.

    Examples
    --------
    >>> exact(0.1) * 3 == exact(0.3)
    True
    """
    return Fraction(repr(float(number)))


def limit_of(number: float, *, rough: bool, most: bool) -> Fraction:
    """A limit as it is written; what binary sums leave is given a trillionth more room.

    Parameters
    ----------
    rough : whether the amounts that are held against it are themselves no short decimals.
    most : whether it is the most, or the least that is asked for.

    Examples
    --------
    >>> limit_of(sum([0.1] * 10), rough=False, most=True) > 1  # written 0.9999999999999999
    True
    >>> limit_of(0.3, rough=False, most=True) == exact(0.3)
    True
    """
    limit = exact(number)
    if not rough and _significant(number) <= _WRITTEN:
        return limit
    return limit * (1 + _TRILLIONTH) if most else limit * (1 - _TRILLIONTH)


def computed(numbers: Iterable[float]) -> bool:
    """Whether some number has more digits than people write."""
    return any(_significant(number) > _WRITTEN for number in numbers)


def _significant(number: float) -> int:
    """How many significant digits the shortest decimal has."""
    return len(repr(float(number)).partition("e")[0].replace(".", "").strip("0"))


def rescore(problem: SitingProblem, opened: tuple[int, ...], assignment: Assignment) -> Fraction:
    """The objective of an answer by the words of its model.

    Raises
    ------
    RuntimeError
        the answer breaks a rule of its problem: a fault of ours, never of the input.
    """
    broken = [*_broken_sites(problem, opened), *_broken_service(problem, opened, assignment)]
    if broken:
        raise RuntimeError(f"{problem.model}: {'; '.join(broken)}")
    served = list(_served(problem, assignment))
    if problem.model == "lscp":
        return sum((exact(problem.opening[site]) for site in opened), Fraction(0))
    if problem.model == "mclp":
        parts = (exact(problem.weights[point]) * share for point, _, share in served)
        return sum(parts, Fraction(0))
    paid = [exact(_cost(problem, point, site) or 0.0) for point, site, _ in served]
    if problem.model == "p_center":
        return max(paid, default=Fraction(0))
    travel = _added(
        exact(problem.weights[point]) * share * cost
        for (point, _, share), cost in zip(served, paid, strict=True)
    )
    if problem.model != "cflp":
        return travel
    return travel + sum((exact(problem.opening[site]) for site in opened), Fraction(0))


def _added(parts: Iterable[Fraction]) -> Fraction:
    """The sum, whole numbers first: parts with one denominator need no common one."""
    by_denominator: dict[int, int] = {}
    for part in parts:
        key = part.denominator
        by_denominator[key] = by_denominator.get(key, 0) + part.numerator
    return sum((Fraction(above, below) for below, above in by_denominator.items()), Fraction(0))


def _cost(problem: SitingProblem, point: int, site: int) -> float | None:
    """What the point pays at the site; ``None`` when it cannot be served there."""
    costs = problem.costs
    begin, end = bisect_left(costs.demand, point), bisect_right(costs.demand, point)
    place = bisect_left(costs.candidate, site, begin, end)
    if place == end or costs.candidate[place] != site:
        return None
    return float(costs.cost[place])


def _can_serve(problem: SitingProblem, point: int, site: int) -> bool:
    cost = _cost(problem, point, site)
    if cost is None or problem.model not in {"lscp", "mclp"} or problem.radius is None:
        return cost is not None
    return cost <= problem.radius


def _served(problem: SitingProblem, assignment: Assignment) -> Iterator[tuple[int, int, Fraction]]:
    """Demand point, site and share of everything that is served."""
    for point in range(problem.costs.shape[0]):
        given = assignment[point]
        if isinstance(given, Mapping):
            for site, share in given.items():
                yield point, site, share
        elif given is not None:
            yield point, given, Fraction(1)


def _broken_sites(problem: SitingProblem, opened: tuple[int, ...]) -> Iterator[str]:
    if not set(problem.fixed) <= set(opened):
        yield "a fixed site is closed"
    if len(set(opened)) != len(opened):
        yield "a site is opened twice"
    if problem.p is not None and problem.model != "lscp" and len(opened) != problem.p:
        yield f"{len(opened)} sites instead of {problem.p}"
    if problem.budget is not None:
        new = [site for site in opened if site not in problem.fixed]
        spent = sum((exact(problem.opening[site]) for site in new), Fraction(0))
        if spent > limit_of(problem.budget, rough=False, most=True):
            yield "the budget is exceeded"


def _broken_service(
    problem: SitingProblem, opened: tuple[int, ...], assignment: Assignment
) -> Iterator[str]:
    if len(assignment) != problem.costs.shape[0]:
        yield "a demand point is missing"
        return
    served = list(_served(problem, assignment))
    shares: dict[int, Fraction] = {}
    loads: dict[int, Fraction] = {}
    for point, site, share in served:
        shares[point] = shares[point] + share if point in shares else share
        if problem.limits_load:
            loads[site] = loads.get(site, Fraction(0)) + share * exact(problem.load[point])
    if not all(_can_serve(problem, point, site) for point, site, _ in served):
        yield "a demand point is served from where it cannot be"
    is_open = set(opened)
    if any(site not in is_open for _, site, _ in served):
        yield "a closed site serves"
    if any(share <= 0 for _, _, share in served) or any(total > 1 for total in shares.values()):
        yield "a share is out of range"
    whole = all(shares.get(point) == 1 for point in range(problem.costs.shape[0]))
    if problem.model != "mclp" and not whole:
        yield "a demand point is not served whole"
    yield from _broken_limits(problem, opened, loads)


def _broken_limits(
    problem: SitingProblem, opened: tuple[int, ...], loads: dict[int, Fraction]
) -> Iterator[str]:
    """Sites that serve more than they can, or less than they must."""
    rough = computed(problem.load.tolist())
    for site in opened:
        load = loads.get(site, Fraction(0))
        if problem.capacity is not None:
            most = limit_of(float(problem.capacity[site]), rough=rough, most=True)
            if load > most:
                yield f"site {site} serves more than its capacity"
        if problem.least_load is not None:
            least = limit_of(float(problem.least_load[site]), rough=rough, most=False)
            if load < least:
                yield f"site {site} is open for less than it must serve"
