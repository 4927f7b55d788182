"""Who goes where when places are limited: the shortest allocation, with its proof.

People of homes go to facilities in reach, none above its capacity. Of all allocations that serve
the most people, one with the least walking in total. Both optima are proven without trusting the
solver: whole numbers are checked against a cut and a price for each place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.measures.transport import Counts, Prices, Transport, crowd_of, least_walk
from geoplan.measures.walks import Walks


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who goes where, who is left, and the proof.

    The totals belong to the problem; which of several equally good allocations is given, and so
    which homes are left, does not: do not read a rank between homes into it.

    Parameters
    ----------
    moved : of each pair, people of the home who go to the facility.
    no_reach : of each home, people without any facility in reach.
    no_room : of each home, people left because what they reach is full.
    walked : Σ moved · walk in grains, a whole number.
    least : no allocation that serves as many people walks less than this.
    most : no allocation serves more people than this.
    """

    moved: Counts
    no_reach: Counts
    no_room: Counts
    walked: int
    least: int
    most: int

    @property
    def served(self) -> int:
        """People who go somewhere."""
        return int(self.moved.sum())

    @property
    def proven(self) -> bool:
        """Whether nobody more can be served and not a grain less be walked."""
        return self.served == self.most and self.walked == self.least


def allocate(
    walks: Walks, people: NDArray[np.integer], *, capacity: NDArray[np.integer], grain_m: float
) -> Allocation:
    """The most people served, then the least walked.

    minimise Σ c_ij x_ij over x ≥ 0 with Σ_j x_ij ≤ P_i, Σ_i x_ij ≤ K_j and Σ x_ij = F, the
    greatest flow. The corners of this polytope are whole, so people are never split.

    Parameters
    ----------
    people, capacity : whole numbers, not negative, of each home and facility.
    grain_m : walks are rounded to this many metres and then exact: c_ij = round(d_ij / grain).

    Raises
    ------
    ArithmeticError
        When the solver gives no whole allocation within the bounds.
    TypeError
        When people or capacity are not whole-number arrays: rounding people is the caller's to say.

    Notes
    -----
    Hitchcock (1941), "The distribution of a product from several sources to numerous
    localities", Journal of Mathematics and Physics 20, 224-230. Solved by HiGHS: Huangfu & Hall
    (2018), "Parallelizing the dual revised simplex method", Mathematical Programming
    Computation 10, 119-142.

    Examples
    --------
    Both homes are nearer to facility 0, which has room for one; home 1 would walk farther.

    >>> from geoplan.measures.walks import Pairs
    >>> walk_m = np.array([100.0, 200.0, 150.0, 900.0])
    >>> walks = Pairs(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), walk_m)
    >>> found = allocate(walks, np.array([1, 1, 2]), capacity=np.array([1, 5]), grain_m=1)
    >>> found.moved, found.walked, found.no_reach, found.proven
    (array([0, 1, 1, 0]), 350, array([0, 0, 2]), True)
    """
    problem = Transport(
        home=walks.home,
        facility=walks.facility,
        grains=np.rint(walks.walk_m.astype(np.float64) / grain_m).astype(np.int64),
        people=people.astype(np.int64, casting="same_kind"),
        capacity=capacity.astype(np.int64, casting="same_kind"),
    )
    moved, prices = least_walk(problem)
    _check(problem, moved)
    reached = np.zeros(len(people), dtype=np.bool_)
    reached[walks.home] = True
    left = problem.people - problem.from_homes(moved)
    return Allocation(
        moved=moved,
        no_reach=np.where(reached, 0, left),
        no_room=np.where(reached, left, 0),
        walked=int(moved @ problem.grains),
        least=_least(problem, prices, left=int(left.sum())),
        most=_most(problem, moved),
    )


def _check(problem: Transport, moved: Counts) -> None:
    """Refuse what breaks a bound, whatever the solver says of it."""
    kept = (
        (moved >= 0).all()
        and (problem.from_homes(moved) <= problem.people).all()
        and (problem.to_facilities(moved) <= problem.capacity).all()
    )
    if not kept:
        raise ArithmeticError("the solver's allocation is not whole or breaks a bound")


def _least(problem: Transport, prices: Prices, *, left: int) -> int:
    """The walk that no allocation which leaves ``left`` people undercuts, from any prices.

    By weak duality Σ P_i a_i - Σ K_j b_j - t · left, where b_j ≥ 0 is the price of a place, t that
    of leaving someone and a_i the cheapest choice of home i: the lesser of t and c_ij + b_j.
    """
    cheapest = np.full(len(problem.people), prices.leave, dtype=np.int64)
    np.minimum.at(cheapest, problem.home, problem.grains + prices.place[problem.facility])
    paid = problem.people @ cheapest - problem.capacity @ prices.place
    return int(paid) - prices.leave * left


def _most(problem: Transport, moved: Counts) -> int:
    """The people that no allocation exceeds, from any allocation.

    Whoever is served lives in a home outside the crowd or goes to a facility in it, so the people
    of those and the places of these are a cut: a bound on every flow (Ford & Fulkerson 1956).
    """
    crowd = crowd_of(problem, moved)
    return int(problem.people[~crowd.home].sum() + problem.capacity[crowd.facility].sum())
