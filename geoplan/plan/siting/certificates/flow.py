"""Split service by given open sites: an exact flow in whole units, or the points that cannot fit.

Belongs here: whether the open sites can serve everyone, who is served by whom at least cost, and
the proof when they cannot. Does not belong here: choosing the sites; whole service.

A flow ships each demand point's load to open sites within their capacities. What is missing is
shipped along augmenting paths (Ford & Fulkerson 1956); when there is none, the points that the
search has reached take together more than all sites that they reach have (Gale 1957, Hall 1935).
Cheaper is made by moving units around a cycle of sites (Klein 1967; after a while the cheapest on average): the network is drawn over the
sites alone, where going from j to k means that some point moves a unit from j to k. Doubles
propose the cycle, fractions decide whether it saves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.certificates.cycle import least_mean_cycle, negative_cycle
from geoplan.plan.siting.certificates.rescore import exact
from geoplan.plan.siting.ledger import Ledger, ledger
from geoplan.plan.siting.problem import Floats, HallSet, Ints, Share, SitingProblem

_QUICK, _MOST = 4, 200  # rounds a site: of any cycle, and in all
_FIRST, _LOST = 1e-17, 1e-14
_EXACT, _FEW = Fraction(1, 10**10), 2000  # what fractions are worth, and for how many pairs


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who is served by whom, and what it costs (mclp: minus the weight served).

    ``least`` is what no other split by these sites can cost less than.
    """

    shares: tuple[Share, ...]
    paid: Fraction
    least: float


def feasible_allocation(
    problem: SitingProblem,
    sites: Sequence[int],
    *,
    start: Floats | None = None,
    clock: Clock | None = None,
) -> Allocation | HallSet:
    """The cheapest split of all loads among these open sites, or why there is none.

    Parameters
    ----------
    start : shares of the usable pairs to begin from, as a search found them; they may be wrong by
        what doubles lose.
    clock : when it is up, the split so far is good enough.

    Examples
    --------
    >>> from geoplan.plan.siting.problem_file import build_problem
    >>> told = {"model": "cflp", "cost": [[1, 5], [1, 4]], "load": [0.25, 0.5], "capacity": [0.5, 1]}
    >>> split = feasible_allocation(build_problem(told), [0, 1])
    >>> [{site: str(share) for site, share in of.items()} for of in split.shares], str(split.paid)
    ([{0: '1'}, {0: '1/2', 1: '1/2'}], '7/2')
    >>> feasible_allocation(build_problem(told), [0]).points
    (0, 1)
    """
    flow = _Flow.of(problem, sites)
    cut = flow.fill(start)
    if cut is not None:
        return cut
    prices = flow.cheapen(clock)
    shares = flow.shares()
    paid, least = flow.paid(shares), flow.never_below(prices)
    early = clock is not None and clock.up
    if not early and paid - Fraction(least) > _EXACT * abs(paid) and flow.price.size <= _FEW:
        least = flow.exactly_never_below()
    return Allocation(shares, paid, least)


def hall_set(problem: SitingProblem, sites: Sequence[int]) -> HallSet | None:
    """Why these open sites cannot serve everyone; ``None`` when they can, split as it may be."""
    return _Flow.of(problem, sites).fill(None)


@dataclass(slots=True, eq=False)
class _Flow:
    """Units shipped from points to open sites; the last column is "unserved" in mclp."""

    problem: SitingProblem
    amounts: Ledger
    sites: list[int]
    price: Floats  # a point's cost at each column, infinite where it cannot be served
    per_unit: Floats
    points: list[int]
    room: list[int]
    left: dict[int, int]
    by_site: list[dict[int, int]] = field(default_factory=list)  # by column: point -> units
    by_point: dict[int, dict[int, int]] = field(default_factory=dict)  # by point: column -> units
    saving: Floats | None = None  # of moving a unit from column to column
    mover: Ints | None = None
    changed: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, problem: SitingProblem, opened: Sequence[int]) -> _Flow:
        amounts, sites = ledger(problem), sorted(int(site) for site in opened)
        price = _prices(problem, sites)
        points = [point for point, units in enumerate(amounts.load) if units]
        total = sum(amounts.load)
        limit = amounts.capacity
        room = [total if limit is None else min(total, limit[site]) for site in sites]
        if problem.model == "mclp":
            price = np.hstack([price, np.zeros((len(price), 1))])
            room.append(total)
        units = np.array([each / amounts.step or 1.0 for each in amounts.load])
        per_unit = price / units[:, None]
        per_unit[[point for point, each in enumerate(amounts.load) if not each]] = 0
        return cls(
            problem, amounts, sites, price, per_unit, points, room,
            {point: amounts.load[point] for point in points},
            [{} for _ in room], {point: {} for point in points},
        )  # fmt: skip

    def fill(self, start: Floats | None) -> HallSet | None:
        """Ship all loads; the cut when they do not fit."""
        short = self.stranded()
        if short is not None:
            load = Fraction(self.amounts.load[short], self.amounts.step)
            return HallSet((short,), (), load, Fraction(0))
        self.begin(start)
        for point in self.points:
            while self.left[point]:
                cut = self.augment(point)
                if cut is not None:
                    return cut
        return None

    def stranded(self) -> int | None:
        """A point that reaches no open site at all."""
        lost = np.flatnonzero(~np.isfinite(self.price).any(axis=1))
        return int(lost[0]) if len(lost) else None

    def ship(self, point: int, column: int, units: int) -> None:
        """Ship units, or take them back."""
        for book, key in ((self.by_point[point], column), (self.by_site[column], point)):
            book[key] = book.get(key, 0) + units
            if not book[key]:
                del book[key]
        self.left[point] -= units
        self.room[column] -= units
        self.changed.add(column)

    def begin(self, start: Floats | None) -> None:
        """From the shares of a search, else each point to the cheapest with room."""
        if start is not None:
            self._begin_from(start)
        spread = np.where(np.isfinite(self.price), self.price, 0.0).max(axis=1) - np.min(
            self.price, axis=1
        )
        for point in sorted(self.points, key=lambda i: -spread[i]):
            for column in np.argsort(self.price[point], kind="stable").tolist():
                if not self.left[point] or not np.isfinite(self.price[point, column]):
                    break
                units = min(self.left[point], self.room[column])
                if units > 0:
                    self.ship(point, column, units)

    def _begin_from(self, start: Floats) -> None:
        costs, column = self.problem.usable, {site: k for k, site in enumerate(self.sites)}
        for k in np.flatnonzero(start > 0).tolist():
            point, place = int(costs.demand[k]), column.get(int(costs.candidate[k]))
            if place is None or not self.left.get(point):
                continue
            wanted = round(exact(float(start[k])) * self.amounts.load[point])
            units = min(wanted, self.left[point], self.room[place])
            if units > 0:
                self.ship(point, place, units)

    def augment(self, point: int) -> HallSet | None:
        """Ship more of a point's load along a shortest path; the cut when there is none."""
        came: dict[int, tuple[int, int | None]] = {}  # column -> (point that moves, from column)
        seen: set[int] = {point}
        queue: list[tuple[int, int | None]] = [(point, None)]
        reach = np.isfinite(self.price)
        while queue:
            mover, origin = queue.pop(0)
            for column in np.flatnonzero(reach[mover]).tolist():
                if column in came:
                    continue
                came[column] = (mover, origin)
                if self.room[column] > 0:
                    self._along(came, column, point)
                    return None
                for other in self.by_site[column]:
                    if other not in seen:
                        seen.add(other)
                        queue.append((other, column))
        return self._cut(seen, set(came))

    def _along(self, came: dict[int, tuple[int, int | None]], end: int, point: int) -> None:
        """Move units back along the path that was found."""
        steps, column = [], end
        while True:
            mover, origin = came[column]
            steps.append((mover, origin, column))
            if origin is None:
                break
            column = origin
        units = min(
            self.left[point],
            self.room[end],
            *(self.by_point[mover][origin] for mover, origin, _ in steps if origin is not None),
        )
        for mover, origin, column in steps:
            if origin is not None:
                self.ship(mover, origin, -units)
            self.ship(mover, column, units)

    def _cut(self, points: set[int], columns: set[int]) -> HallSet:
        step = self.amounts.step
        sites = sorted(self.sites[column] for column in columns)
        limit = self.amounts.capacity or ()
        load = sum(self.amounts.load[point] for point in points)
        return HallSet(
            tuple(sorted(points)),
            tuple(sites),
            Fraction(load, step),
            Fraction(sum(limit[site] for site in sites), step),
        )

    def cheapen(self, clock: Clock | None = None) -> Floats:
        """Move units around cycles of sites as long as it saves; the price of each site's room.

        A cycle that only rounding made makes the search less fine.
        """
        fine, width = 0.0, len(self.room)
        for round_ in range(_MOST * width):
            if clock is not None and clock.up:
                break
            saving, mover = self._moves()
            cycle, distance = negative_cycle(saving, fine)
            if cycle is None:
                prices: Floats = np.maximum(distance[-1] - distance[:-1], 0.0)
                return prices
            if round_ > _QUICK * width:
                cycle = least_mean_cycle(saving) or cycle
            if not self._around(cycle, mover):
                fine = max(10 * fine, _FIRST * _largest(self.per_unit))
        return np.zeros(width)

    def never_below(self, prices: Floats) -> float:
        """What no split can cost less than, at these prices of room; rounding taken off."""
        points, limit = np.array(self.points, dtype=int), self.amounts.capacity
        load = np.array([self.amounts.load[point] / self.amounts.step for point in self.points])
        total = sum(self.amounts.load)
        room = [total if limit is None else min(total, limit[site]) for site in self.sites]
        room += [total] * (len(prices) - len(room))
        kept = np.array([each / self.amounts.step for each in room]) * prices
        can = np.where(np.array(room) > 0, self.price[points], np.inf)  # no room serves nobody
        best = np.min(can + load[:, None] * prices, axis=1)
        free = self.price[np.setdiff1d(np.arange(len(self.price)), points)].min(axis=1)
        parts = [*best.tolist(), *free.tolist(), *(-kept).tolist()]
        return math.fsum(parts) - _LOST * math.fsum(abs(part) for part in parts)

    def exactly_never_below(self) -> float:
        """The same in fractions, where large numbers cancel."""
        price = self._exact_prices_of_room()
        total, limit = sum(self.amounts.load), self.amounts.capacity
        room = [total if limit is None else min(total, limit[site]) for site in self.sites]
        room += [total] * (len(price) - len(room))
        value = -sum((each * units for each, units in zip(price, room, strict=True)), Fraction(0))
        for point, units in enumerate(self.amounts.load):
            value += min(
                self._exact_price(point, column) + units * price[column]
                for column in np.flatnonzero(np.isfinite(self.price[point])).tolist()
                if room[column] or not units
            )
        return math.nextafter(float(value), -math.inf)

    def _exact_prices_of_room(self) -> list[Fraction]:
        """What a unit of each column's room is worth: distances over the cheapest moves."""
        (saving, mover), width = self._moves(), len(self.room)
        length = {
            (j, k): Fraction(0) if width in {j, k} else self._exact_move(int(mover[j, k]), j, k)
            for j, k in np.argwhere(np.isfinite(saving)).tolist()
            if j != k
        }
        distance = [Fraction(0)] * (width + 1)
        for _ in range(width + 1):
            for (j, k), each in length.items():
                distance[k] = min(distance[k], distance[j] + each)
        return [max(distance[width] - distance[column], Fraction(0)) for column in range(width)]

    def _moves(self) -> tuple[Floats, Ints]:
        """What moving a unit from column j to k costs at least, and which point does it.

        The last node stands for the unused room: into it from a column that could serve more, out
        of it to one that serves.
        """
        width = len(self.room)
        if self.saving is None or self.mover is None:
            self.saving = np.full((width + 1, width + 1), np.inf)
            self.mover = np.full((width + 1, width + 1), -1)
            self.changed = set(range(width))
        for column in self.changed:
            self._moves_from(column, self.saving[column], self.mover[column])
            self.saving[width, column] = 0.0 if self.by_site[column] else np.inf
            self.saving[column, width] = 0.0 if self.room[column] > 0 else np.inf
        np.fill_diagonal(self.saving, 0.0)
        self.changed.clear()
        return self.saving, self.mover

    def _moves_from(self, column: int, saving: Floats, mover: Ints) -> None:
        """The cheapest move of a unit from one column to each other, in place."""
        saving[:] = np.inf
        here = np.fromiter(self.by_site[column], dtype=int)
        if len(here):
            change = self.per_unit[here] - self.per_unit[here, column][:, None]
            first = np.argmin(change, axis=0)
            saving[:-1] = change[first, np.arange(len(saving) - 1)]
            mover[:-1] = here[first]

    def _around(self, cycle: list[int], mover: Ints) -> bool:
        """Move as much as goes around the cycle, if it truly saves."""
        width = len(self.room)
        arcs = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        moves = [(int(mover[j, k]), j, k) for j, k in arcs if width not in (j, k)]
        cost = sum((self._exact_move(*move) for move in moves), Fraction(0))
        if cost >= 0:
            return False
        most = [self.by_point[point][j] for point, j, _ in moves]
        most.extend(self.room[j] for j, k in arcs if k == width)
        units = min(most)
        for point, j, k in moves:
            self.ship(point, j, -units)
            self.ship(point, k, units)
        return True

    def _exact_move(self, point: int, origin: int, column: int) -> Fraction:
        change = self._exact_price(point, column) - self._exact_price(point, origin)
        return change / self.amounts.load[point]

    def _exact_price(self, point: int, column: int) -> Fraction:
        """What serving the whole point at the column costs."""
        if self.problem.model == "lscp":
            return Fraction(0)
        weight = exact(float(self.problem.weights[point]))
        if self.problem.model == "mclp":
            return -weight if column < len(self.sites) else Fraction(0)
        return weight * exact(float(self.price_at(point, column)))

    def price_at(self, point: int, column: int) -> float:
        """The cost of the pair."""
        costs, site = self.problem.usable, self.sites[column]
        begin = np.searchsorted(costs.demand, point, "left")
        end = np.searchsorted(costs.demand, point, "right")
        return float(costs.cost[begin + np.searchsorted(costs.candidate[begin:end], site)])

    def shares(self) -> tuple[Share, ...]:
        """The shares of every point; one without load goes to the cheapest open site."""
        width = len(self.sites)
        served: list[dict[int, Fraction]] = []
        for point, load in enumerate(self.amounts.load):
            if load:
                units = sorted(self.by_point[point].items())
                served.append({self.sites[k]: Fraction(n, load) for k, n in units if k < width})
            else:
                first = int(np.argmin(self.price[point])) if self.price.shape[1] else width
                can = first < width and np.isfinite(self.price[point, first])
                served.append({self.sites[first]: Fraction(1)} if can else {})
        return tuple(served)

    def paid(self, shares: tuple[Share, ...]) -> Fraction:
        """What the service costs, exactly."""
        column = {site: k for k, site in enumerate(self.sites)}
        return sum(
            (
                share * self._exact_price(point, column[site])
                for point, of in enumerate(shares)
                for site, share in of.items()
            ),
            Fraction(0),
        )


def _prices(problem: SitingProblem, sites: list[int]) -> Floats:
    """What each point costs at each open site, served whole; infinite where it cannot be."""
    costs = problem.usable
    place = np.full(costs.shape[1], -1)
    place[sites] = np.arange(len(sites))
    here = place[costs.candidate] >= 0
    price = np.full((costs.shape[0], len(sites)), np.inf)
    weight = problem.weights[costs.demand[here]]
    paid = -weight if problem.model == "mclp" else weight * costs.cost[here]
    paid = paid * float(problem.model != "lscp")
    price[costs.demand[here], place[costs.candidate[here]]] = paid
    return price


def _largest(values: Floats) -> float:
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
