"""p-center: the smallest largest cost, found by asking which radius p sites can cover.

Belongs here: the search over the costs. Does not belong here: covering itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from geoplan.plan.siting.bounds.clock import Clock, Found, different, top_up
from geoplan.plan.siting.bounds.highs import Programme, minimise
from geoplan.plan.siting.first_answers import first_bound, first_sites, worth_of
from geoplan.plan.siting.models.set_cover import few_enough
from geoplan.plan.siting.problem import Floats, Ints, SitingProblem

_PART = 0.3


def solve_center(
    problem: SitingProblem, clock: Clock, *, barred: Sequence[tuple[int, ...]] = ()
) -> Found:
    """The open sites with the smallest largest cost.

    The answer is one of the costs in the matrix. For a radius r, p sites do when the smallest
    cover (lscp) within r has at most p; that never turns back from yes to no as r grows, so the
    costs are searched by halves (Minieka 1970; Daskin 1995, section 5.3). A radius that cannot be
    decided in a part of the time is left open: then the best answer is above it, the bound below.
    """
    asked = _Asked(problem, clock, tuple(barred))
    asked.halve(hopeful=False)
    asked.halve(hopeful=True)
    bound = asked.radii[asked.low] if asked.low < len(asked.radii) else math.inf
    return Found(asked.sites, float(bound), interrupted=False)


@dataclass(eq=False)
class _Asked:
    """What is known about the radii: below ``low`` none will do, at ``high`` the best sites do."""

    problem: SitingProblem
    clock: Clock
    barred: tuple[tuple[int, ...], ...]
    radii: Floats = field(init=False)
    low: int = 0
    high: int = 0
    sites: Ints | None = None
    open_questions: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        costs = self.problem.costs
        lowest, highest = first_bound(self.problem), math.inf
        if not self.barred:
            self.sites = first_sites(self.problem, self.clock)
            highest = math.inf if self.sites is None else worth_of(self.problem, self.sites)
        between = costs.cost[(costs.cost >= lowest) & (costs.cost <= highest)]
        self.radii = np.unique(between)
        self.high = len(self.radii) if self.sites is None else len(self.radii) - 1

    def halve(self, *, hopeful: bool) -> None:
        """Search between low and high; an undecided radius counts as good when hopeful."""
        low, high = self.low, self.high - 1
        while low <= high and not self.clock.up:
            middle = (low + high) // 2
            if self._does(middle, hopeful=hopeful):
                high = min(middle, self.high) - 1
            else:
                low = middle + 1

    def _does(self, middle: int, *, hopeful: bool) -> bool:
        if middle in self.open_questions:
            return hopeful
        sites, proven = self._cover(float(self.radii[middle]))
        if sites is not None:
            self.sites, self.high = sites, self._reached(sites)
        elif proven:
            self.low = max(self.low, middle + 1)
        else:
            self.open_questions.add(middle)
            return hopeful
        return sites is not None

    def _reached(self, sites: Ints) -> int:
        """The place of the largest cost that these sites leave."""
        costs = self.problem.costs
        opened = np.zeros(costs.shape[1], dtype=bool)
        opened[sites] = True
        mine = costs.only(opened[costs.candidate])
        cheapest = np.full(costs.shape[0], np.inf)
        np.minimum.at(cheapest, mine.demand, mine.cost)
        return int(np.searchsorted(self.radii, cheapest.max(initial=0.0)))

    def _cover(self, radius: float) -> tuple[Ints | None, bool]:
        """Exactly p sites that cover all within the radius; and whether the answer is proven."""
        question = replace(self.problem, model="lscp", radius=radius, site_cost=None)
        part = self.clock.share(_PART)
        if self.barred:
            return _other_cover(question, self.barred, part)
        sites, proven = few_enough(question, part)
        return (None if sites is None else top_up(self.problem, sites)), proven


def _other_cover(
    question: SitingProblem, barred: Sequence[tuple[int, ...]], clock: Clock
) -> tuple[Ints | None, bool]:
    """Exactly p sites that cover all and are none of the known sets."""
    rows = question.usable.reach()
    points, candidates = rows.shape
    bars = different(question, np.arange(candidates), barred)
    count = sparse.csr_array(np.ones((1, candidates)))
    p = float(question.p or 0)
    least = np.zeros(candidates)
    least[list(question.fixed)] = 1
    programme = Programme(
        cost=np.zeros(candidates),
        rows=sparse.csr_array(sparse.vstack([rows, count, bars.matrix])),
        lower=np.concatenate([np.ones(points), [p], np.full(len(bars.most), -np.inf)]),
        upper=np.concatenate([np.full(points, np.inf), [p], bars.most]),
        least=least,
        most=np.ones(candidates),
        whole=np.ones(candidates, dtype=bool),
    )
    finish = minimise(programme, clock=clock)
    if finish.values is None:
        return None, finish.bound == math.inf
    return np.flatnonzero(finish.values > 0.5), True  # noqa: PLR2004 - rounds 0 and 1
