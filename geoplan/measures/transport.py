"""The transportation problem in whole numbers: the most people moved, then the least walked.

Belongs here: finding an answer and prices. Does not belong here: believing them; ``allocate.py``
proves both anew. A large city falls into pieces before a solver sees it, and each step that
makes it smaller keeps at least one best answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoplan.measures.walks import Places

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Transport:
    """The pairs, with their walk in whole grains, and both sides in whole numbers."""

    home: Places
    facility: Places
    grains: Counts
    people: Counts
    capacity: Counts

    def from_homes(self, moved: Counts) -> Counts:
        """People who leave each home."""
        return _added(self.home, moved, len(self.people))

    def to_facilities(self, moved: Counts) -> Counts:
        """People who come to each facility."""
        return _added(self.facility, moved, len(self.capacity))

    def only(self, kept: Flags) -> Transport:
        """The same homes and facilities with fewer pairs."""
        pairs = self.home[kept], self.facility[kept], self.grains[kept]
        return Transport(*pairs, people=self.people, capacity=self.capacity)


@dataclass(frozen=True, slots=True)
class Prices:
    """In grains a person: of a place in each facility, and of leaving someone unserved."""

    place: Counts
    leave: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """The homes and facilities around those who wait: every such facility is full."""

    home: Flags
    facility: Flags


def least_walk(problem: Transport) -> tuple[Counts, Prices]:
    """People moved along each pair, and the prices at which nobody would rather do otherwise.

    Raises
    ------
    ArithmeticError
        When the solver gives no answer.
    """
    kept, roomy = _worth_walking(problem)
    flow = _greatest_flow(problem.only(kept))
    flown = np.zeros(len(problem.home), dtype=np.int64)
    flown[kept] = flow
    crowd = crowd_of(problem, flown)
    kept &= crowd.home[problem.home] == crowd.facility[problem.facility]
    moved = np.where(kept & roomy[problem.facility], problem.people[problem.home], 0)
    worth = np.zeros(len(problem.capacity), dtype=np.int64)
    pieces = list(_pieces(problem, kept, ~roomy))
    for crowded in (True, False):
        alike = [piece for piece in pieces if crowd.home[problem.home[piece[0]]] == crowded]
        for together in _batches(alike):
            moved[together], values = _solve(problem, together, crowded=crowded)
            worth[problem.facility[together]] = values
    return moved, _prices(problem, crowd, worth)


def crowd_of(problem: Transport, moved: Counts) -> Crowd:
    """Everyone who waits, the facilities they reach, those who took the places there, and so on."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    homes, facilities = len(problem.people), len(problem.capacity)
    root, taken = homes + facilities, moved > 0
    waits = np.flatnonzero(problem.people > problem.from_homes(moved))
    starts = (np.full(len(waits), root), problem.home, homes + problem.facility[taken])
    ends = (waits, homes + problem.facility, problem.home[taken])
    arcs = (np.concatenate(starts), np.concatenate(ends))
    graph = csr_array((np.ones(len(arcs[0])), arcs), shape=(root + 1, root + 1))
    met = np.zeros(root + 1, dtype=np.bool_)
    met[breadth_first_order(graph, root, return_predecessors=False)] = True
    return Crowd(home=met[:homes], facility=met[homes:root])


def _added(place: Places, moved: Counts, count: int) -> Counts:
    """Whole numbers added up by place; a float holds those of people exactly."""
    return np.bincount(place, weights=moved, minlength=count).astype(np.int64)


def _worth_walking(problem: Transport) -> tuple[Flags, Flags]:
    """The pairs that some best answer uses, and the facilities with room for all who may come.

    Nobody passes a facility that has room for everyone; and whoever stays away from another one
    may leave room for everyone there, and so on.
    """
    kept = np.ones(len(problem.home), dtype=np.bool_)
    while True:
        comers = problem.to_facilities(np.where(kept, problem.people[problem.home], 0))
        roomy = comers <= problem.capacity
        still = kept & ~_passes_room(problem, kept & roomy[problem.facility])
        if still.sum() == kept.sum():
            return kept, roomy
        kept = still


def _passes_room(problem: Transport, sure: Flags) -> Flags:
    """Pairs at least as long as the home's shortest sure one, which itself is not among them."""
    rows = np.flatnonzero(sure)
    rows = rows[np.lexsort((problem.grains[rows], problem.home[rows]))]
    homes, first = np.unique(problem.home[rows], return_index=True)
    shortest = np.full(len(problem.people), -1)
    shortest[homes] = problem.grains[rows[first]]
    passes = (shortest[problem.home] >= 0) & (problem.grains >= shortest[problem.home])
    passes[rows[first]] = False
    return passes


def _greatest_flow(problem: Transport) -> Counts:
    """People moved along each pair so that the most are served, however far."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    if not len(problem.home):
        return np.zeros(0, dtype=np.int64)
    homes, facilities = len(problem.people), len(problem.capacity)
    source, sink = homes + facilities, homes + facilities + 1
    starts = (np.full(homes, source), problem.home, homes + np.arange(facilities))
    ends = (np.arange(homes), homes + problem.facility, np.full(facilities, sink))
    capacity = np.minimum(problem.capacity, problem.people.sum())
    most = np.minimum(problem.people[problem.home], capacity[problem.facility])
    flows = np.concatenate([problem.people, most, capacity]).astype(np.int32)
    arcs = (np.concatenate(starts), np.concatenate(ends))
    graph = csr_array((flows, arcs), shape=(sink + 1, sink + 1))
    flow = maximum_flow(graph, source, sink).flow
    return np.asarray(flow[problem.home, homes + problem.facility]).astype(np.int64).ravel()


def _pieces(problem: Transport, kept: Flags, scarce: Flags) -> Iterator[Counts]:
    """Rows of the pairs of homes that compete, directly or through others, for scarce places."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    homes, size = len(problem.people), len(problem.people) + len(problem.capacity)
    joins = kept & scarce[problem.facility]
    arcs = (problem.home[joins], homes + problem.facility[joins])
    graph = csr_array((np.ones(len(arcs[0])), arcs), shape=(size, size))
    labels = connected_components(graph, directed=False)[1]
    competes = np.zeros(homes, dtype=np.bool_)
    competes[arcs[0]] = True
    rows = np.flatnonzero(kept & competes[problem.home])
    label = labels[problem.home[rows]]
    rows, label = rows[np.argsort(label, kind="stable")], np.sort(label)
    if len(rows):
        yield from np.split(rows, np.flatnonzero(np.diff(label)) + 1)


def _batches(pieces: Sequence[Counts]) -> Iterator[Counts]:
    """Small pieces side by side, up to the size of the largest.

    The solver takes longer to start than to solve a small one.
    """
    most = max(map(len, pieces), default=0)
    held: list[Counts] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= most:
            yield np.concatenate(held)
            held, size = [], 0
    if held:
        yield np.concatenate(held)


def _solve(problem: Transport, piece: Counts, *, crowded: bool) -> tuple[Counts, Counts]:
    """People moved along the pairs of a piece, and the worth of a place at the end of each.

    In a crowd every place is taken and some people stay; elsewhere everybody goes and some places
    stay free. The worth is what one place more would save, counted from staying (in a crowd) or
    from a facility with room (elsewhere, so at most 0).
    """
    from scipy.optimize import linprog

    homes, home = np.unique(problem.home[piece], return_inverse=True)
    facilities, facility = np.unique(problem.facility[piece], return_inverse=True)
    people, capacity = problem.people[homes], problem.capacity[facilities]
    leave, come = _incidence(home, len(homes)), _incidence(facility, len(facilities))
    some, all_ = (
        ((leave, people), (come, capacity)) if crowded else ((come, capacity), (leave, people))
    )
    found = linprog(
        problem.grains[piece],
        A_ub=some[0],
        b_ub=some[1],
        A_eq=all_[0],
        b_eq=all_[1],
        method="highs-ds",
    )
    if found.x is None:
        raise ArithmeticError(found.message)
    duals = found.eqlin.marginals if crowded else found.ineqlin.marginals
    return _whole(found.x), _whole(duals)[facility]


def _incidence(place: Places, count: int) -> Any:
    """Which variable counts at which place."""
    from scipy.sparse import csr_array

    return csr_array(
        (np.ones(len(place)), (place, np.arange(len(place)))), shape=(count, len(place))
    )


def _whole(numbers: NDArray[np.float64]) -> Counts:
    return np.rint(numbers).astype(np.int64)


def _prices(problem: Transport, crowd: Crowd, worth: Counts) -> Prices:
    """One price of leaving for the whole city, so dear that nobody from outside joins a crowd."""
    outside = np.where(crowd.facility, 0, np.maximum(-worth, 0))
    paid = problem.grains + outside[problem.facility]
    leave = int(np.max(paid, initial=0) + np.max(worth, where=crowd.facility, initial=0))
    return Prices(np.where(crowd.facility, leave - worth, outside), leave)
