"""Who goes where when places are limited: the shortest allocation, with its proof.

People of homes go to facilities in reach, none above its capacity. Of all allocations that serve
the most people, one with the least walking in total. Both optima are proven without trusting the
solver: whole numbers are checked against a cut and a price for each place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.measures.walks import Places, Walks

Counts = NDArray[np.int64]


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
    problem = _Problem(
        home=walks.home,
        facility=walks.facility,
        grains=np.rint(walks.walk_m / grain_m).astype(np.int64),
        people=people.astype(np.int64),
        capacity=capacity.astype(np.int64),
    )
    moved, prices = _shortest(problem, _greatest_flow(problem))
    reached = np.zeros(len(people), dtype=np.bool_)
    reached[walks.home] = True
    left = problem.people - problem.from_homes(moved)
    return Allocation(
        moved=moved,
        no_reach=np.where(reached, 0, left),
        no_room=np.where(reached, left, 0),
        walked=int(moved @ problem.grains),
        least=_least(problem, prices, left=int(left.sum())),
        most=_most(problem, moved, left > 0),
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """The pairs and both sides in whole numbers."""

    home: Places
    facility: Places
    grains: Counts
    people: Counts
    capacity: Counts

    def from_homes(self, moved: Counts) -> Counts:
        return _added(self.home, moved, len(self.people))

    def to_facilities(self, moved: Counts) -> Counts:
        return _added(self.facility, moved, len(self.capacity))


@dataclass(frozen=True, slots=True)
class _Prices:
    """In grains a person: of a place in each facility, and of leaving someone unserved."""

    place: Counts
    leave: int


def _added(place: Places, moved: Counts, count: int) -> Counts:
    """Whole numbers added up by place; a float holds those of people exactly."""
    return np.bincount(place, weights=moved, minlength=count).astype(np.int64)


def _greatest_flow(problem: _Problem) -> int:
    """The most people that can be served at once."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    homes, facilities = len(problem.people), len(problem.capacity)
    source, sink = homes + facilities, homes + facilities + 1
    starts = (np.full(homes, source), problem.home, homes + np.arange(facilities))
    ends = (np.arange(homes), homes + problem.facility, np.full(facilities, sink))
    most = np.minimum(problem.people[problem.home], problem.capacity[problem.facility])
    everyone = problem.people.sum()
    flows = np.concatenate([problem.people, most, np.minimum(problem.capacity, everyone)])
    arcs = (np.concatenate(starts), np.concatenate(ends))
    graph = csr_array((flows.astype(np.int32), arcs), shape=(sink + 1, sink + 1))
    return int(maximum_flow(graph, source, sink).flow_value)


def _shortest(problem: _Problem, flow: int) -> tuple[Counts, _Prices]:
    """The least walked by ``flow`` people, and the prices that go with it.

    Who is left is a variable of the home, so that each home's row is an equation and one short row
    fixes how many are left in all.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    pairs, homes, facilities = len(problem.home), len(problem.people), len(problem.capacity)
    if not pairs:
        return np.zeros(0, dtype=np.int64), _Prices(np.zeros(facilities, dtype=np.int64), leave=0)
    pair, home, ones = np.arange(pairs), np.arange(homes), np.ones
    columns = pairs + homes
    rows_of_homes = np.concatenate([problem.home, home, np.full(homes, homes)])
    columns_of_homes = np.concatenate([pair, pairs + home, pairs + home])
    found = linprog(
        np.concatenate([problem.grains, np.zeros(homes, dtype=np.int64)]),
        A_ub=coo_array(
            (ones(pairs), (problem.facility, pair)), shape=(facilities, columns)
        ).tocsr(),
        b_ub=problem.capacity,
        A_eq=coo_array(
            (ones(len(rows_of_homes)), (rows_of_homes, columns_of_homes)),
            shape=(homes + 1, columns),
        ).tocsr(),
        b_eq=np.append(problem.people, problem.people.sum() - flow),
        method="highs-ds",
    )
    if found.x is None:
        raise ArithmeticError(found.message)
    moved = np.rint(found.x[:pairs]).astype(np.int64)
    _check(problem, moved, flow)
    place = -np.rint(found.ineqlin.marginals).astype(np.int64)
    leave = -int(np.rint(found.eqlin.marginals[-1]))
    return moved, _Prices(place=np.maximum(place, 0), leave=leave)


def _check(problem: _Problem, moved: Counts, flow: int) -> None:
    """Refuse what breaks a bound, whatever the solver says of it."""
    kept = (
        (moved >= 0).all()
        and (problem.from_homes(moved) <= problem.people).all()
        and (problem.to_facilities(moved) <= problem.capacity).all()
        and moved.sum() == flow
    )
    if not kept:
        raise ArithmeticError("the solver's allocation is not whole or breaks a bound")


def _least(problem: _Problem, prices: _Prices, *, left: int) -> int:
    """The walk that no allocation which leaves ``left`` people undercuts, from any prices.

    By weak duality Σ P_i a_i - Σ K_j b_j - t · left, where b_j ≥ 0 is the price of a place, t that
    of leaving someone and a_i the cheapest choice of home i: the lesser of t and c_ij + b_j.
    """
    cheapest = np.full(len(problem.people), prices.leave, dtype=np.int64)
    np.minimum.at(cheapest, problem.home, problem.grains + prices.place[problem.facility])
    paid = problem.people @ cheapest - problem.capacity @ prices.place
    return int(paid) - prices.leave * left


def _most(problem: _Problem, moved: Counts, waiting: NDArray[np.bool_]) -> int:
    """The people that no allocation exceeds, from any allocation.

    Follow those who wait to the facilities they reach, and from there to the homes whose people
    took the places. Whoever is served lives in a home not met or goes to a facility met, so their
    people and capacity are a cut: a bound on every flow (Ford & Fulkerson 1956).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    homes, facilities = len(problem.people), len(problem.capacity)
    root, taken = homes + facilities, moved > 0
    waits = np.flatnonzero(waiting)
    starts = (np.full(len(waits), root), problem.home, homes + problem.facility[taken])
    ends = (waits, homes + problem.facility, problem.home[taken])
    arcs = (np.concatenate(starts), np.concatenate(ends))
    graph = csr_array((np.ones(len(arcs[0])), arcs), shape=(root + 1, root + 1))
    met = np.zeros(root + 1, dtype=np.bool_)
    met[breadth_first_order(graph, root, return_predecessors=False)] = True
    crowded = problem.capacity[met[homes:root]].sum()
    return int(problem.people[~met[:homes]].sum() + crowded)
