"""What every search shares: the clock, and what was found so far with its bound.

Belongs here: time, the best so far, sets that may not come again. Does not belong here: any model.
"""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from scipy import sparse

from geoplan.plan.siting.problem import Floats, Ints, Share, SitingProblem

_TOP_UP = 50_000_000  # pairs looked at, beyond which the savings are counted once


@dataclass(slots=True, eq=False)
class Clock:
    """The moment at which a search must end; Ctrl-C makes it now, for all that share it.

    Examples
    --------
    >>> clock = Clock.of(60)
    >>> clock.left_s > 59, clock.up
    (True, False)
    >>> part, other = clock.share(0.5), clock.share(0.5)
    >>> part.stop()
    >>> clock.up, other.up
    (True, True)
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
        return 0.0 if self.stopped else max(0.0, self.ends - perf_counter())

    @property
    def up(self) -> bool:
        """Whether time is up."""
        return self.left_s == 0.0

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before its time, or one that it is part of."""
        return self.ends == -math.inf or (self.whole is not None and self.whole.stopped)

    def share(self, part: float) -> Clock:
        """A clock that ends after this part of the time left."""
        return Clock(perf_counter() + self.left_s * part, self)

    def stop(self) -> None:
        """Time is up, also for the search that this one is part of."""
        self.ends = -math.inf
        if self.whole is not None:
            self.whole.stop()


@contextmanager
def ended_by_ctrl_c(clock: Clock) -> Iterator[None]:
    """Ctrl-C only stops the clock, wherever the search is; pressed again it is as always.

    Where somebody else answers Ctrl-C, or another thread than the first one searches, it is theirs.
    """
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def stop(number: int, frame: Any) -> None:
        if clock.stopped:
            signal.default_int_handler(number, frame)
        clock.stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best sites so far and what no sites can be below (all models minimise here).

    Parameters
    ----------
    sites : the open candidates, ascending; ``None`` when nothing was found.
    bound : proven; infinite when it is proven that there is no answer.
    values : the shares of the pairs, where capacities decide who is served by whom.
    interrupted : whether Ctrl-C ended the search.
    shares : the values exactly, where points may be split and they are counted already.
    """

    sites: Ints | None
    bound: float = -math.inf
    values: Floats | None = None
    interrupted: bool = False
    shares: tuple[Share, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Rows over the candidates that keep known sets of sites from coming again."""

    matrix: sparse.csr_array
    most: Floats


def different(problem: SitingProblem, columns: Ints, barred: Sequence[tuple[int, ...]]) -> Bars:
    """Each known set, and no other, may not come again: a site of it closes, or another opens.

    ``Σ_{j in S} y_j - Σ_{j not in S} y_j <= |S| - 1`` over the candidates that are not fixed. What
    is more than a known set may come, where no number of sites is given (Balas & Jeroslow 1972).
    """
    known = [np.isin(columns, sites) for sites in barred]
    inside = np.array(known, dtype=float).reshape(len(known), len(columns))
    inside[:, np.isin(columns, problem.fixed)] = 0
    outside = (inside == 0) & ~np.isin(columns, problem.fixed)
    signs = inside if problem.p is not None else inside - outside
    return Bars(sparse.csr_array(signs), inside.sum(axis=1) - 1)


def top_up(problem: SitingProblem, sites: Ints) -> Ints:
    """Exactly p sites, where fewer do as well: each time the one that saves people most.

    What is saved is the people-weighted cost to the nearest open site; the first of equals. Where
    that would take long the savings are counted once.
    """
    missing = (problem.p or len(sites)) - len(sites)
    if missing <= 0:
        return np.sort(sites)
    costs, chosen = problem.usable, sites.tolist()
    largest = float(costs.cost.max(initial=0.0)) + 1
    opened = np.isin(costs.candidate, sites)
    paying = np.full(costs.shape[0], largest)
    np.minimum.at(paying, costs.demand[opened], costs.cost[opened])
    at_once = 1 if missing * len(costs.cost) <= _TOP_UP else missing
    while missing > 0:
        saved = problem.weights[costs.demand] * np.maximum(paying[costs.demand] - costs.cost, 0)
        gains = np.bincount(costs.candidate, saved, minlength=costs.shape[1])
        gains[chosen] = -1
        new = np.argsort(-gains, kind="stable")[:at_once]
        chosen.extend(new.tolist())
        missing -= len(new)
        opened = np.isin(costs.candidate, new)
        np.minimum.at(paying, costs.demand[opened], costs.cost[opened])
    return np.array(sorted(chosen), dtype=np.int64)
