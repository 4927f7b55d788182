"""Loads, limits and costs of a siting problem in the data's own decimals, as whole numbers.

Belongs here: what the numbers are, exactly, and which sums keep the limits. Does not belong here:
searching, floats that decide.

A number counts as it is written: the shortest decimal that reads back as the same number. Only a
limit of more than 15 significant digits, which nobody writes by hand, is taken for the result of a
sum of binary numbers: it may be passed by a trillionth, so that a capacity that is the computed
sum of some loads serves them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from geoplan.plan.siting.certificates.rescore import computed, exact, limit_of
from geoplan.plan.siting.problem import SitingProblem


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Amounts in units of ``1 / step``, all whole.

    Parameters
    ----------
    load : one a demand point.
    capacity : one a candidate; ``None`` is no limit.
    least : one a candidate; 0 where there is none.
    """

    step: int
    load: tuple[int, ...]
    capacity: tuple[int, ...] | None
    least: tuple[int, ...]

    def whole_loads_fit(self, opened: Iterable[int], chosen: Sequence[int | None]) -> bool:
        """Whether points that are served whole keep every limit of the open sites."""
        return not self.overfilled(chosen) and not self.too_empty(opened, chosen)

    def overfilled(self, chosen: Sequence[int | None]) -> list[int]:
        """The sites that serve more than they can."""
        if self.capacity is None:
            return []
        return [j for j, load in self.loads(chosen).items() if load > self.capacity[j]]

    def too_empty(self, opened: Iterable[int], chosen: Sequence[int | None]) -> list[int]:
        """The open sites that serve less than they must."""
        loads = self.loads(chosen)
        return [j for j in opened if loads.get(j, 0) < self.least[j]]

    def loads(self, chosen: Sequence[int | None]) -> dict[int, int]:
        """What each site serves."""
        loads: dict[int, int] = {}
        for point, site in enumerate(chosen):
            if site is not None:
                loads[site] = loads.get(site, 0) + self.load[point]
        return loads


@lru_cache(maxsize=2)
def ledger(problem: SitingProblem) -> Ledger:
    """The problem's amounts as whole numbers.

    Examples
    --------
    >>> from geoplan.plan.siting.problem_file import build_problem
    >>> told = {"model": "cflp", "cost": [[1], [1]], "load": [0.25, 1.5], "capacity": [1.75]}
    >>> amounts = ledger(build_problem(told))
    >>> amounts.step, amounts.load, amounts.capacity
    (4, (1, 6), (7,))
    """
    load = [exact(each) for each in problem.load.tolist()]
    rough = computed(problem.load.tolist())
    most = [] if problem.capacity is None else problem.capacity.tolist()
    capacity = [limit_of(each, rough=rough, most=True) for each in most]
    given = [] if problem.least_load is None else problem.least_load.tolist()
    least = [limit_of(each, rough=rough, most=False) for each in given]
    step = _decimal_step([*load, *(exact(each) for each in [*most, *given])])
    sites = problem.costs.shape[1]
    return Ledger(
        step,
        tuple(int(each * step) for each in load),
        None if problem.capacity is None else tuple(math.floor(each * step) for each in capacity),
        tuple(math.ceil(each * step) for each in least) or (0,) * sites,
    )


def _decimal_step(numbers: Iterable[Fraction]) -> int:
    return math.lcm(1, *{number.denominator for number in numbers})


def spent(problem: SitingProblem, opened: Iterable[int]) -> Fraction:
    """What the open sites cost, the fixed ones aside."""
    new = set(opened) - set(problem.fixed)
    return sum((exact(float(problem.opening[site])) for site in sorted(new)), Fraction(0))


def keeps_count_and_budget(problem: SitingProblem, opened: Sequence[int]) -> bool:
    """Whether a set of sites is one that may be asked for at all."""
    if not set(problem.fixed) <= set(opened):
        return False
    if problem.p is not None and problem.model != "lscp" and len(opened) != problem.p:
        return False
    if problem.budget is None:
        return True
    return spent(problem, opened) <= limit_of(problem.budget, rough=False, most=True)


def objective_of(problem: SitingProblem, opened: Sequence[int], paid: Fraction) -> Fraction:
    """What sites and service cost together, in the sense that smaller is better."""
    if problem.model not in {"cflp", "lscp"}:
        return paid
    return paid + sum((exact(float(problem.opening[site])) for site in opened), Fraction(0))
