"""Siting with limits on loads and money against trying everything, in whole numbers.

Draws small problems whose loads, capacities and costs have 0 to 6 decimals and lie on the edge:
capacities that equal the load of some points, or miss it by the last decimal. Every set of sites
is tried; the cheapest split of each is a minimum-cost flow in Python integers, whole service is
every assignment. Shares no code with ``geoplan.plan.siting``.

    python -m tests.plan.brute --count 20000
    python -m tests.plan.brute --count 20000 --steps

So small a problem is left to the tree alone; ``--steps`` sends it through all steps of a large one.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from itertools import combinations, pairwise
from math import lcm
from time import perf_counter
from typing import Any
from unittest.mock import patch

import click

Told = dict[str, Any]
MODELS = ("cflp", "capacitated_p_median", "mclp", "mclp_budget", "lscp")
AGREED = Fraction(1, 10**9)


def drawn(seed: int) -> Told:
    """A small problem on the edge of what its limits allow."""
    rng = random.Random(seed)  # noqa: S311 - the same problems every time are wanted
    points, sites = rng.randint(1, 7), rng.randint(1, 5)
    step = 10 ** rng.choice([0, 1, 2, 3, 4, 4, 5, 5, 6, 6])
    size = rng.choice([1, 10, 1000, 100_000]) * step
    load = [Fraction(rng.choice([0, *[rng.randint(1, size)] * 9]), step) for _ in range(points)]
    told: Told = {
        "model": rng.choice(MODELS),
        "cost": _costs(rng, points, sites),
        "load": [float(each) for each in load],
        "radius": 50,
        "single_source": rng.random() < 0.5,
        "time_limit_s": 300,
    }
    if rng.random() < 0.5:
        told["weights"] = [_decimal(rng, 100) for _ in range(points)]
    if rng.random() < 0.3:
        told["fixed"] = rng.sample(range(sites), rng.randint(1, sites))
    _limits(rng, told, load, step)
    return told


def _limits(rng: random.Random, told: Told, load: list[Fraction], step: int) -> None:
    sites = len(told["cost"][0])
    capacity = _capacities(rng, load, step, sites)
    opening = [_decimal(rng, rng.choice([1, 100, 1000])) for _ in range(sites)]
    if told["model"] == "mclp_budget":
        told["model"] = "mclp"
        told["budget"] = float(_edge(rng, [Fraction(str(each)) for each in opening], step))
        told["site_cost"] = opening
    elif told["model"] in {"mclp", "capacitated_p_median"}:
        told["p"] = max(rng.randint(1, sites), len(told.get("fixed", ())))
    if told["model"] in {"cflp", "lscp"}:
        told["site_cost"] = opening
    if told["model"] != "lscp" and (told["model"] != "mclp" or rng.random() < 0.8):
        told["capacity"] = [float(each) for each in capacity]
        if told["single_source"] and rng.random() < 0.3:
            told["least_load"] = [float(min(each, _edge(rng, load, step))) for each in capacity]


def _capacities(rng: random.Random, load: list[Fraction], step: int, sites: int) -> list[Fraction]:
    """On the edge each by itself; or all together, as some assignment fills them."""
    if rng.random() < 0.4:
        return [_edge(rng, load, step) for _ in range(sites)]
    filled = [Fraction(0)] * sites
    for each in load:
        filled[rng.randrange(sites)] += each
    site = rng.randrange(sites)
    filled[site] = max(Fraction(0), filled[site] + Fraction(rng.choice([-1, 0, 0, 1]), step))
    return filled


def _edge(rng: random.Random, parts: list[Fraction], step: int) -> Fraction:
    """The sum of some parts, or a last decimal beside it."""
    some = rng.sample(parts, rng.randint(0, len(parts)))
    total = sum(some, Fraction(0)) + Fraction(rng.choice([-1, 0, 0, 0, 1]), step)
    return max(total, Fraction(0))


def _costs(rng: random.Random, points: int, sites: int) -> list[list[float | None]]:
    holes, few = rng.choice([0, 0, 0.3]), rng.random() < 0.2
    return [
        [
            None if rng.random() < holes else float(rng.randint(0, 2)) if few else _decimal(rng, 99)
            for _ in range(sites)
        ]
        for _ in range(points)
    ]


def _decimal(rng: random.Random, most: int) -> float:
    step = 10 ** rng.randint(0, 6)
    return float(Fraction(rng.randint(0, most * step), step))


class Truth:
    """What a problem's best answer is worth, by trying everything."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.points, self.sites = len(told["cost"]), len(told["cost"][0])
        self.cost = [[None if c is None else _exact(c) for c in row] for row in told["cost"]]
        self.weight = [_exact(w) for w in told.get("weights", [1] * self.points)]
        amounts = [_exact(load) for load in told["load"]]
        limit = [_exact(c) for c in told.get("capacity", [sum(amounts)] * self.sites)]
        least = [_exact(c) for c in told.get("least_load", [0] * self.sites)]
        unit = lcm(*(each.denominator for each in [*amounts, *limit, *least]))
        self.load = [int(each * unit) for each in amounts]
        self.limit = [int(each * unit) for each in limit]
        self.least = [int(each * unit) for each in least]
        self.opening = [_exact(f) for f in told.get("site_cost", [0] * self.sites)]
        self.covers = told["model"] in {"mclp", "lscp"}

    def best(self) -> Fraction | None:
        """The objective (mclp: negative); ``None`` when there is no answer."""
        worths = [self.worth(sites) for sites in self.allowed()]
        return min((each for each in worths if each is not None), default=None)

    def allowed(self) -> Iterator[tuple[int, ...]]:
        """The sets of sites that keep count, budget and the fixed ones."""
        fixed, p = set(self.told.get("fixed", ())), self.told.get("p")
        for count in range(self.sites + 1) if p is None else [p]:
            for sites in combinations(range(self.sites), count):
                spent = sum(self.opening[j] for j in sites if j not in fixed)
                budget = self.told.get("budget")
                if fixed <= set(sites) and (budget is None or spent <= _exact(budget)):
                    yield sites

    def worth(self, sites: tuple[int, ...]) -> Fraction | None:
        """What this set of sites costs at its best."""
        model = self.told["model"]
        served = self.whole(sites) if self.told["single_source"] else self.split(sites)
        if served is None:
            return None
        opening = sum((self.opening[j] for j in sites), Fraction(0))
        return served + (opening if model in {"cflp", "lscp"} else 0)

    def pay(self, point: int, site: int) -> Fraction | None:
        """What serving the whole point at the site costs."""
        cost = self.cost[point][site]
        if cost is None or (self.covers and cost > self.told["radius"]):
            return None
        if self.told["model"] == "lscp":
            return Fraction(0)
        return -self.weight[point] if self.covers else self.weight[point] * cost

    def whole(self, sites: tuple[int, ...]) -> Fraction | None:
        """Every assignment, point by point."""
        full = self.told["model"] == "lscp"
        taken = dict.fromkeys(sites, 0)
        best: list[Fraction | None] = [None]

        def go(point: int, paid: Fraction) -> None:
            if point == self.points:
                enough = all(taken[j] >= self.least[j] for j in sites)
                if enough and (best[0] is None or paid < best[0]):
                    best[0] = paid
                return
            if self.told["model"] == "mclp":
                go(point + 1, paid)
            for j in sites:
                price = self.pay(point, j)
                if price is None or (not full and taken[j] + self.load[point] > self.limit[j]):
                    continue
                taken[j] += self.load[point]
                go(point + 1, paid + price)
                taken[j] -= self.load[point]

        go(0, Fraction(0))
        return best[0]

    def split(self, sites: tuple[int, ...]) -> Fraction | None:
        """The cheapest flow of all loads: shortest augmenting paths, in whole numbers."""
        free, paid = self.weightless(sites)
        if not free:
            return None
        prices = {
            (i, j): price / self.load[i]
            for i in range(self.points)
            for j in sites
            if self.load[i] and (price := self.pay(i, j)) is not None
        }
        unlimited = self.told["model"] == "lscp"
        room = {j: sum(self.load) if unlimited else self.limit[j] for j in sites}
        if self.told["model"] == "mclp":
            room[-1] = sum(self.load)
            prices |= {(i, -1): Fraction(0) for i in range(self.points) if self.load[i]}
        flow = cheapest_flow({i: q for i, q in enumerate(self.load) if q}, room, prices)
        return None if flow is None else paid + flow

    def weightless(self, sites: tuple[int, ...]) -> tuple[bool, Fraction]:
        """Whether the points without load can be served, and what they cost."""
        paid = Fraction(0)
        for i in range(self.points):
            if self.load[i] == 0:
                prices = [price for j in sites if (price := self.pay(i, j)) is not None]
                if not prices and self.told["model"] != "mclp":
                    return False, paid
                paid += min(prices, default=Fraction(0))
        return True, paid


def cheapest_flow(
    supply: dict[int, int], room: dict[int, int], prices: dict[tuple[int, int], Fraction]
) -> Fraction | None:
    """The cost of the cheapest flow that ships every supply; ``None`` when there is none."""
    scale = lcm(1, *(price.denominator for price in prices.values()))
    cost = {pair: int(price * scale) for pair, price in prices.items()}
    flow, left, space = dict.fromkeys(cost, 0), dict(supply), dict(room)
    paid = 0
    while any(left.values()):
        source = next(i for i, units in left.items() if units)
        at: dict[tuple[str, int], tuple[int, tuple[str, int] | None]] = {("p", source): (0, None)}
        changed = True
        while changed:
            changed = False
            for (i, j), price in cost.items():
                here, there = ("p", i), ("s", j)
                if here in at and (there not in at or at[here][0] + price < at[there][0]):
                    at[there], changed = (at[here][0] + price, here), True
                back = flow[i, j] > 0 and there in at
                if back and (here not in at or at[there][0] - price < at[here][0]):
                    at[here], changed = (at[there][0] - price, there), True
        ends = [(at["s", j][0], j) for j, units in space.items() if units and ("s", j) in at]
        if not ends:
            return None
        node: tuple[str, int] = ("s", min(ends)[1])
        path = [node]
        while (before := at[node][1]) is not None:
            path.append(node := before)
        path.reverse()
        steps = list(pairwise(path))
        back = [flow[b[1], a[1]] for a, b in steps if a[0] == "s"]
        units = min(left[source], space[path[-1][1]], *back)
        for a, b in steps:
            if a[0] == "p":
                flow[a[1], b[1]] += units
            else:
                flow[b[1], a[1]] -= units
        left[source] -= units
        space[path[-1][1]] -= units
    paid = sum(units * cost[pair] for pair, units in flow.items())
    return Fraction(paid, scale)


def _exact(number: float | Fraction) -> Fraction:
    return number if isinstance(number, Fraction) else Fraction(repr(number))


def verdict(told: Told) -> str:
    """``right``, or in which way the answer is wrong."""
    from geoplan.plan.siting import build_problem, solve_siting

    known = Truth(told).best()
    try:
        answer = solve_siting(build_problem(told))
    except RuntimeError:
        return "refused by its own second count"
    if known is None:
        return "right" if answer.status == "infeasible" else f"infeasible said {answer.status}"
    if answer.status != "optimal" or answer.objective is None:
        return f"has an answer, said {answer.status}"
    known = -known if told["model"] == "mclp" else known
    apart = abs(_exact(answer.objective) - known)
    return "right" if apart <= AGREED * max(abs(known), AGREED) else "wrong optimum"


@contextmanager
def all_steps() -> Iterator[None]:
    """Small problems are solved as large ones are."""
    from geoplan.plan.siting.loads import capacitated

    with patch.object(capacitated, "_SMALL", 0):
        yield


def main() -> int:
    """Try many; the number of wrong ones is the exit code's reason."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--steps", action="store_true")
    asked = options.parse_args()
    table: Counter[tuple[str, str]] = Counter()
    begun, slowest = perf_counter(), 0.0
    for seed in range(asked.first, asked.first + asked.count):
        told, start = drawn(seed), perf_counter()
        with all_steps() if asked.steps else nullcontext():
            outcome = verdict(told)
        slowest = max(slowest, perf_counter() - start)
        table[told["model"], outcome] += 1
        if outcome != "right":
            click.echo(f"seed {seed}: {told['model']}: {outcome}", err=True)
    for (model, outcome), count in sorted(table.items()):
        click.echo(f"{model:22} {outcome:40} {count:7}")
    click.echo(f"{asked.count} in {perf_counter() - begun:.0f} s, slowest {slowest:.2f} s")
    return int(any(outcome != "right" for _, outcome in table))


if __name__ == "__main__":
    sys.exit(main())
