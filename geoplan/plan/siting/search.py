"""What every search shares: the clock, and what was found so far with its bound.

Belongs here: time, the best so far, sets that may not come again. Does not belong here: any model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from scipy import sparse

from geoplan.plan.siting.problem import Floats, Ints, SitingProblem


@dataclass(slots=True, eq=False)
class Clock:
    """The moment at which a search must end; Ctrl-C makes it now, for all that share it.

    Examples
    --------
    >>> clock = Clock.of(60)
    >>> clock.left_s > 59, clock.up
    (True, False)
    >>> clock.share(0.5).stop()
    >>> clock.up
    True
    """

    ends: float
    whole: Clock | None = None

    @classmethod
    def of(cls, seconds: float) -> Clock:
        """A clock that ends after so many seconds."""
        return cls(perf_counter() + seconds)

    @property
    def left_s(self) -> float:
        """The seconds left; 0 when time is up."""
        return max(0.0, self.ends - perf_counter())

    @property
    def up(self) -> bool:
        """Whether time is up."""
        return self.left_s == 0.0

    def share(self, part: float) -> Clock:
        """A clock that ends after this part of the time left."""
        return Clock(perf_counter() + self.left_s * part, self)

    def stop(self) -> None:
        """Time is up, also for the search that this one is part of."""
        self.ends = -math.inf
        if self.whole is not None:
            self.whole.stop()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best sites so far and what no sites can be below (all models minimise here).

    Parameters
    ----------
    sites : the open candidates, ascending; ``None`` when nothing was found.
    bound : proven; infinite when it is proven that there is no answer.
    values : the shares of the pairs, where capacities decide who is served by whom.
    interrupted : whether Ctrl-C ended the search.
    """

    sites: Ints | None
    bound: float = -math.inf
    values: Floats | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Rows over the candidates that keep known sets of sites from coming again."""

    matrix: sparse.csr_array
    most: Floats


def different(problem: SitingProblem, columns: Ints, barred: Sequence[tuple[int, ...]]) -> Bars:
    """At least one site of each known set (the fixed ones aside) stays closed."""
    free = [np.isin(columns, sorted(set(sites) - set(problem.fixed))) for sites in barred]
    matrix = np.array(free, dtype=float).reshape(len(free), len(columns))
    return Bars(sparse.csr_array(matrix), matrix.sum(axis=1) - 1)


def top_up(problem: SitingProblem, sites: Ints) -> Ints:
    """Exactly p sites, where fewer do as well: the first candidates that are still closed."""
    missing = (problem.p or len(sites)) - len(sites)
    closed = np.setdiff1d(np.arange(problem.costs.shape[1]), sites)
    return np.sort(np.concatenate([sites, closed[:missing]]))
