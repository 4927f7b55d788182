"""The best answers so far where loads, counts or money are limited, and how to better them.

What is found here is counted exactly by ``counted``.

Belongs here: trying sets of sites, first ones and neighbours of the best. Does not belong here:
which sets are promising; who is served by whom (``transport``, ``packing``); proofs. Source:
Beasley 1993 (Lagrangean heuristics); Teitz & Bart 1968 (exchange).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

import numpy as np

from geoplan.plan.siting.bounds.clock import Clock, Found
from geoplan.plan.siting.bounds.lagrange import Aim, Climb, Priced, climb
from geoplan.plan.siting.certificates.flow import hall_set
from geoplan.plan.siting.certificates.narrow import served_whole
from geoplan.plan.siting.ledger import keeps_count_and_budget
from geoplan.plan.siting.loads.loads_lagrange import Market, first_prices
from geoplan.plan.siting.loads.packing import Effort, pack
from geoplan.plan.siting.loads.promising import completed, exchanges, moved_about, recentred
from geoplan.plan.siting.loads.regret import by_regret
from geoplan.plan.siting.loads.tariff import Tariff
from geoplan.plan.siting.loads.transport import split
from geoplan.plan.siting.problem import Floats, Ints

_KEPT = 6  # answers that are counted exactly, the best first, until one holds
_MEMORY, _USUAL = 0.95, 20  # of which sites open; rounds after which that tells
_FIRST, _AGAIN = 1.6, 0.4  # how boldly prices move
_BY_CHANCE, _IDLE = 0.25, 80  # tries in a row that better nothing
_MOVES, _AT_A_TIME, _LONGEST_S, _WITHIN = 12, 0.2, 2.0, 0.05
_MENDED, _TRYING = 12, 0.5  # tries to mend; the share of the time that prices' sites are tried
_TRIES, _LONG_TRIES = 2, 60
_NEAR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Try:
    """A set of sites with who is served, in doubles."""

    paid: float
    sites: tuple[int, ...]
    at: Ints
    shares: Floats
    prices: Floats


@dataclass(slots=True, eq=False)
class Hunt:
    """The answers so far, the best first, and what each set of sites that was tried is worth."""

    tariff: Tariff
    clock: Clock
    barred: frozenset[tuple[int, ...]]
    known: list[Try] = field(default_factory=list)
    seen: dict[tuple[int, ...], float] = field(default_factory=dict)
    usual: tuple[int, ...] | None = None  # the sites that prices chose most often
    rooms: Floats = field(init=False)  # what a unit of each site's room was worth last

    def __post_init__(self) -> None:
        self.rooms = np.zeros(self.tariff.sites)

    @property
    def paid(self) -> float:
        """What the best costs; infinite where there is none."""
        return self.known[0].paid if self.known else math.inf

    def offer(self, sites: tuple[int, ...] | None) -> float:
        """What these sites cost with their service; infinite where none was found."""
        if sites is None:
            return math.inf
        if sites not in self.seen:
            new = self.served(sites, below=self.paid, tries=_TRIES if self.known else 0)
            self.seen[sites] = math.inf if new is None else new.paid
        return self.seen[sites]

    def served(
        self, sites: tuple[int, ...], *, below: float = math.inf, tries: int = 0
    ) -> Try | None:
        """These sites with a service; none where it is sure to cost as much as that."""
        if sites in self.barred or not keeps_count_and_budget(self.tariff.problem, sites):
            return None
        opened = np.array(sites, dtype=np.int64)
        part = min(_AT_A_TIME, _LONGEST_S / max(self.clock.left_s, _LONGEST_S))
        limit, thorough = self.clock.share(part), not self.known
        shares = split(self.tariff, opened, limit, self.rooms, thorough=thorough)
        if shares is None:
            return None
        self.rooms[opened] = shares.rooms[opened]
        paid = self.tariff.base + float(self.tariff.opening[opened].sum()) + shares.paid
        new = Try(paid, sites, shares.at, shares.shares, shares.prices)
        if not served_whole(self.tariff.problem):
            return self._kept(new)
        if paid >= below:  # whole points cost no less than split ones
            return new
        return self.repacked(new, tries)

    def repacked(self, old: Try, tries: int) -> Try | None:
        """Whole points packed, from where the largest part of each is."""
        opened = np.array(old.sites, dtype=np.int64)
        begin = np.full(self.tariff.points, -1)
        order = old.at[np.argsort(old.shares, kind="stable")]
        begin[self.tariff.point[order]] = self.tariff.site[order]
        effort = Effort(tries, len(self.seen))
        packed = pack(self.tariff, opened, self.clock, begin, effort)
        if packed is None:
            return None
        points, column = np.nonzero(packed.chosen[:, None] == opened[None, :])
        at = self.tariff.places(opened)[points, column]
        paid = self.tariff.base + float(self.tariff.opening[opened].sum()) + packed.paid
        return self._kept(Try(paid, old.sites, at, np.ones(len(at)), old.prices))

    def _kept(self, new: Try) -> Try:
        others = [old for old in self.known if old.sites != new.sites]
        same = [old for old in self.known if old.sites == new.sites and old.paid <= new.paid]
        every = [*others, *(same or [new])]
        self.known = sorted(every, key=lambda each: (each.paid, each.sites))[:_KEPT]
        return new

    def first(self, market: Market) -> None:
        """An answer at once, mended until all points fit."""
        priced = market.ask(first_prices(self.tariff))
        sites = completed(self.tariff, priced.sites, priced.worth)
        for turn in range(_MENDED):
            if self._at_once(sites) or self.offer(sites) < math.inf or self.clock.up:
                return
            sites = self._mended(sites, turn)
        if self.tariff.problem.p is None and self.tariff.problem.budget is None:
            self.offer(tuple(range(self.tariff.sites)))

    def _at_once(self, sites: tuple[int, ...] | None) -> bool:
        """These sites with a service that takes no search; whether there is one."""
        tariff = self.tariff
        if sites is None or sites in self.barred:
            return False
        opened = np.array(sites, dtype=np.int64)
        served = by_regret(tariff, opened)
        if served is None or not keeps_count_and_budget(tariff.problem, sites):
            return False
        at, shares = served
        held = np.bincount(tariff.site[at], shares * tariff.load[tariff.point[at]], tariff.sites)
        if (held[opened] < tariff.least[opened]).any():
            return False
        part = np.bincount(tariff.point[at], shares, tariff.points)
        away = 0.0 if tariff.must_serve else float((tariff.away * (1 - part)).sum())
        paid = tariff.base + float(tariff.opening[opened].sum() + (tariff.cost[at] * shares).sum())
        self._kept(Try(paid + away, sites, at, shares, first_prices(tariff)))
        return True

    def _mended(self, sites: tuple[int, ...] | None, turn: int) -> tuple[int, ...] | None:
        """With a site that the points reach that do not fit, or with the largest rooms."""
        tariff = self.tariff
        largest = np.lexsort((tariff.opening, -tariff.room))
        count = tariff.problem.p or tariff.fewest + turn
        if sites is None or turn == 0:
            return completed(tariff, largest[:count], -tariff.room)
        cut = hall_set(tariff.problem, sites)
        lost = np.arange(tariff.points) if cut is None else np.array(cut.points)
        reach = np.isin(tariff.point, lost) & ~np.isin(tariff.site, sites)
        can = np.bincount(tariff.site[reach], minlength=tariff.sites)
        worth = -(can / max(len(lost), 1)) * (tariff.room + 1)
        if not can.any():
            return None
        new = int(np.argmin(worth))
        if tariff.problem.p is None:
            return completed(tariff, np.array([*sites, new]), worth)
        closable = [site for site in sites if site not in tariff.problem.fixed]
        idle = [site for site in closable if cut is None or site not in cut.sites] or closable
        if not idle:
            return None
        out = min(idle, key=lambda site: (float(tariff.room[site]), site))
        return tuple(sorted([*(set(sites) - {out}), new]))

    def by_prices(self, market: Market, clock: Clock, begin: Climb | None = None) -> Climb:
        """Prices, and the sites that they choose tried on the way.

        Parameters
        ----------
        begin : where an earlier search for prices ended.
        """
        began, spent, often = clock.left_s, [0.0], np.zeros(self.tariff.sites)

        def improve(priced: Priced, round_: int) -> float:
            left = clock.left_s
            often[:] *= _MEMORY
            often[priced.sites] += 1 - _MEMORY
            if spent[0] <= _TRYING * (began - left) or not self.known:
                self._try(priced, often, round_, clock)
            spent[0] += left - clock.left_s
            return self.paid if self.known else worst

        tariff = self.tariff
        worst = tariff.base + float(tariff.opening.sum() + 2 * _dearest(tariff).sum())
        known = self.paid if self.known else worst
        aim = Aim(known, max(tariff.problem.target_gap, _NEAR), clock, _AGAIN if begin else _FIRST)
        start = first_prices(tariff) if begin is None else begin.prices
        return climb(market.ask, improve, start=start, most=tariff.away, aim=aim)

    def _try(self, priced: Priced, often: Floats, round_: int, clock: Clock) -> None:
        """The sites that prices choose now, or those that they chose most often of late."""
        usual, tariff = round_ > _USUAL, self.tariff
        count = tariff.problem.p or max(round(float(often.sum())), 1)
        sites = np.argsort(-often, kind="stable")[:count] if usual else priced.sites
        new = completed(tariff, sites, -often if usual else priced.worth)
        self.usual = new if usual else self.usual
        if new not in self.seen and self._is_near(new):
            self.settle(new, clock)

    def _is_near(self, sites: tuple[int, ...] | None) -> TypeGuard[tuple[int, ...]]:
        return self.offer(sites) - self.paid <= _WITHIN * abs(self.paid)

    def exchange(self, clock: Clock) -> None:
        """Exchanges of the best as long as they save; then of those that prices chose most often."""
        if self.known:
            self.descend(self.known[0], clock)
        other = None if self.usual is None or clock.up else self.served(self.usual)
        self.usual = None
        if other is not None:
            self.descend(other, clock)

    def descend(self, begin: Try, clock: Clock) -> None:
        """Exchanges from these sites on as long as they save."""
        now: Try | None = begin
        while now is not None and not clock.up:
            now = self._better(now, clock)

    def _better(self, now: Try, clock: Clock) -> Try | None:
        """The first neighbour that costs less; ``None`` where none was found."""
        for sites in self._neighbours(now):
            if clock.up:
                return None
            less = now.paid - _NEAR * abs(now.paid)
            if self.seen.get(sites, -math.inf) < less:
                new = self.served(sites, below=less, tries=_TRIES)
                self.seen[sites] = math.inf if new is None else new.paid
                if new is not None and new.paid < less:
                    return new
        return None

    def _neighbours(self, now: Try) -> Iterator[tuple[int, ...]]:
        if self._movable:
            yield recentred(self.tariff, now.at[np.argsort(now.shares)], now.sites)
        yield from exchanges(self.tariff, now.sites, now.prices)

    @property
    def _movable(self) -> bool:
        """Whether a site may follow its points."""
        return self.tariff.must_serve and self.tariff.problem.least_load is None

    def wander(self, clock: Clock) -> None:
        """Some of the best sites go elsewhere, and all are moved and served until nothing betters.

        Iterated local search (Lourenço, Martin & Stützle 2003) by location and allocation (Cooper
        1964).
        """
        rng, idle = np.random.default_rng(len(self.seen)), 0
        while self.known and idle < _IDLE and not clock.up:
            before, idle = self.paid, idle + 1
            begin = self.known[int(rng.integers(min(len(self.known), 3)))]
            near = list(exchanges(self.tariff, begin.sites, begin.prices))
            far = moved_about(self.tariff, begin.sites, rng)
            by_chance = not near or rng.random() < _BY_CHANCE
            sites = far if by_chance else near[int(len(near) * rng.random() ** 2)]
            if sites is None:
                break
            new = None if self._movable else self.served(sites)
            if self._movable:
                self.settle(sites, clock)
            elif new is not None:
                self.descend(new, clock)
            idle = 0 if self.paid < before else idle

    def settle(self, sites: tuple[int, ...], clock: Clock) -> None:
        """Each site to where its points would have it, and served again, as long as that moves."""
        for _ in range(_MOVES if self._movable else 1):
            here = None if clock.up else self.served(sites)
            if here is None:
                break
            moved = recentred(self.tariff, here.at[np.argsort(here.shares)], here.sites)
            if moved == sites or not self._movable:
                self.offer(sites)
                break
            sites = moved

    def shake(self, clock: Clock) -> None:
        """The best packings of whole points, tried longer."""
        for each in self.known if served_whole(self.tariff.problem) else []:
            if not clock.up:
                self.repacked(each, _LONG_TRIES)

    def found(self) -> tuple[Found, ...]:
        """The answers so far as values of the usable pairs, the best first."""
        return tuple(
            Found(
                np.array(each.sites, dtype=np.int64),
                values=self.tariff.values(each.at, each.shares),
            )
            for each in self.known
        )


def _dearest(tariff: Tariff) -> Floats:
    """What each point pays at the most, or what it costs to leave it out."""
    most = np.zeros(tariff.points)
    np.maximum.at(most, tariff.point, tariff.cost)
    return most if tariff.must_serve else tariff.away
