"""What every search shares: the clock, and what was found so far with its bound.

Belongs here: time, the best so far. Does not belong here: any model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter

from geoplan.plan.siting.problem import Floats, Ints


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment at which the search must end.

    Examples
    --------
    >>> Clock.of(60).left_s > 59
    True
    """

    ends: float

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
        return Clock.of(self.left_s * part)


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
