"""A siting problem as numbers: who must be served, where one could build, what each trip costs.

Belongs here: the problem and its answer as plain values. Does not belong here: reading, solving.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MODELS = (
    "lscp", "lscp_b", "mclp", "p_median", "p_center", "p_dispersion", "cflp", "capacitated_p_median",
)  # fmt: skip
COVERING = frozenset({"lscp", "lscp_b", "mclp"})
CAPACITATED = frozenset({"cflp", "capacitated_p_median"})
NEEDS_P = frozenset({"p_median", "p_center", "p_dispersion", "capacitated_p_median"})

COUNTED = {
    "lscp": {"radius", "fixed", "site_cost"},
    "lscp_b": {"weights", "p", "radius", "fixed"},
    "mclp": {
        "weights", "load", "p", "radius", "fixed", "site_cost", "budget", "capacity",
        "single_source", "least_load",
    },
    "p_median": {"weights", "p", "fixed"},
    "p_center": {"p", "fixed"},
    "p_dispersion": {"p", "fixed"},
    "cflp": {
        "weights", "load", "fixed", "site_cost", "capacity", "single_source", "least_load",
    },
    "capacitated_p_median": {
        "weights", "load", "p", "fixed", "capacity", "single_source", "least_load",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What each demand point pays at each candidate that it can reach, as parallel arrays.

    Sorted by demand point, then candidate; a pair that is not there cannot be served, and a cost
    of 0 stays 0.

    Parameters
    ----------
    demand, candidate : indices from 0, one a pair.
    cost : finite and not negative, one a pair.
    shape : how many demand points and candidates there are.
    """

    demand: Ints
    candidate: Ints
    cost: Floats
    shape: tuple[int, int]

    def within(self, radius: float) -> Costs:
        """Only the pairs within the radius (at most it: a cost equal to it counts)."""
        return self.only(self.cost <= radius)

    def only(self, kept: NDArray[np.bool_]) -> Costs:
        """Only the pairs that are kept."""
        return Costs(self.demand[kept], self.candidate[kept], self.cost[kept], self.shape)

    def dense(self) -> Floats:
        """The matrix demand × candidate, infinite where a pair is missing."""
        matrix = np.full(self.shape, np.inf)
        matrix[self.demand, self.candidate] = self.cost
        return matrix

    def reach(self) -> sparse.csr_array:
        """The matrix of ones where there is a pair."""
        ones = np.ones(len(self.cost))
        return sparse.csr_array((ones, (self.demand, self.candidate)), shape=self.shape)

    def unreached(self) -> tuple[int, ...]:
        """The demand points without any pair."""
        there = np.bincount(self.demand, minlength=self.shape[0]) > 0
        return tuple(int(point) for point in np.flatnonzero(~there))


@dataclass(frozen=True, slots=True, eq=False)
class SitingProblem:
    """One siting problem; ``read_problem`` and ``build_problem`` make it and check it.

    Parameters
    ----------
    model : one of ``MODELS``.
    costs : what each demand point pays at each candidate.
    weights : people at each demand point.
    load : what each demand point takes of a site's capacity.
    p : how many sites are open in all, the fixed ones counted; ``None`` where it does not matter.
    radius : covered is within (at most) this cost.
    fixed : candidates that are open whatever happens.
    site_cost : what opening each candidate costs; ``None`` when each counts 1 (lscp).
    budget : the most that new sites may cost in all, the fixed ones aside; ``None`` is no limit
        (mclp).
    capacity : the most load each candidate serves; ``None`` is no limit.
    least_load : the least load that each candidate serves if it is open; ``None`` is none. Only
        where demand points are served whole.
    single_source : whether a demand point is served whole by one site, or may be split.
    time_limit_s : how long to search.
    target_gap : the search ends when it has proven to be this near to the best.
    k_best : how many different answers, the best first.
    ignored : what was told and plays no part in this model.
    """

    model: str
    costs: Costs
    weights: Floats
    load: Floats
    p: int | None = None
    radius: float | None = None
    fixed: tuple[int, ...] = ()
    site_cost: Floats | None = None
    budget: float | None = None
    capacity: Floats | None = None
    least_load: Floats | None = None
    single_source: bool = False
    time_limit_s: float = 60.0
    target_gap: float = 0.0
    k_best: int = 1
    ignored: tuple[str, ...] = ()

    @property
    def usable(self) -> Costs:
        """The pairs that may serve: within the radius where the model covers."""
        radius = self.radius
        if self.model in COVERING and radius is not None and (self.costs.cost > radius).any():
            return self.costs.within(radius)
        return self.costs

    @property
    def limits_load(self) -> bool:
        """Whether it matters how much a site serves."""
        return self.capacity is not None or self.least_load is not None

    @property
    def opening(self) -> Floats:
        """What opening each candidate costs: 1 each when nothing is said (lscp), else 0."""
        if self.site_cost is not None:
            return self.site_cost
        return np.full(self.costs.shape[1], 1.0 if self.model == "lscp" else 0.0)


Share = Mapping[int, Fraction]
Assignment = tuple[int | None, ...] | tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A different set of open sites and what it scores."""

    open: tuple[int, ...]
    objective: float


@dataclass(frozen=True, slots=True)
class HallSet:
    """Demand points whose load is more than all sites that they reach can serve together.

    Parameters
    ----------
    points, sites : the points, and every site at hand that one of them reaches.
    load, capacity : of these together, exactly.
    """

    points: tuple[int, ...]
    sites: tuple[int, ...]
    load: Fraction
    capacity: Fraction


@dataclass(frozen=True, slots=True)
class SitingAnswer:
    """What was found, and the certificate that says how good it is.

    Parameters
    ----------
    status : ``optimal`` only when proven, ``feasible``, or ``infeasible``.
    objective : what the solver counted; ``None`` when there is no answer.
    bound : no answer can be better than this; ``None`` when there is no answer.
    gap : the distance of objective and bound as a share of the objective.
    seconds : how long it took.
    open : the open candidates, ascending.
    assignment : for each demand point its candidate (or ``None``), or its shares.
    rescored_objective : the objective, counted again by code that shares nothing with the solver.
    uncoverable : the demand points that no candidate can serve.
    alternatives : the next best different sets of sites, the best first.
    ignored : what was told and plays no part in this model.
    only : whether the sites are proven to be the one answer of all that are as good: see ``ties``.
    would_do : where there is no answer, the smallest ``radius`` or ``p`` with which there is one.
    short : where there is none even with every candidate open, the points that do not fit.
    """

    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    open: tuple[int, ...] = ()
    assignment: Assignment = ()
    rescored_objective: float | None = None
    uncoverable: tuple[int, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    ignored: tuple[str, ...] = ()
    only: bool = False
    would_do: Mapping[str, float] = field(default_factory=dict)
    short: HallSet | None = None
