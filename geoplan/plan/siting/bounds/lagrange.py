"""A bound by prices: each demand point offers a price, each site opens if its offers pay.

Belongs here: the search for good prices, the same for every model. Does not belong here: what a
price buys. Source: Held, Wolfe & Crowder 1974; Camerini, Fratta & Maffioli 1975 (the direction);
Beasley 1993 (Lagrangean heuristics for location problems).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.problem import Floats, Ints

_FIRST_STEP, _LAST_STEP, _PATIENCE, _MEMORY = 1.6, 0.004, 20, 0.5
_REVIEW, _SHRINK = 100, 0.9  # the search ends when so many rounds close less than a tenth
_SAFE = 1e-10  # more than sums of doubles lose


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """What a model answers to prices.

    Parameters
    ----------
    value : no answer can be below this.
    sites : the sites that open at these prices.
    served : how often each demand point is served by them.
    worth : what opening each site changes (negative pays), for fixing sites open or closed.
    """

    value: float
    sites: Ints
    served: Floats
    worth: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """The best value known, how near to it is near enough (as its share), when to stop.

    ``step`` is how boldly to begin; prices that are good already want little.
    """

    known: float
    gap: float
    clock: Clock
    step: float = _FIRST_STEP


@dataclass(frozen=True, slots=True, eq=False)
class Climb:
    """The best bound with its prices and answer, and the best known value at the end."""

    bound: float
    prices: Floats
    priced: Priced
    known: float


def climb(
    ask: Callable[[Floats], Priced],
    improve: Callable[[Priced, int], float],
    *,
    start: Floats,
    most: Floats,
    aim: Aim,
) -> Climb:
    """Raise the bound by moving the prices towards what is served too little.

    Parameters
    ----------
    ask : the model's answer to prices; its value is a lower bound.
    improve : tries to turn an answer into sites; gives the best value known so far.
    start, most : the first prices, and the highest that may be offered (the lowest is 0).
    aim : what is known, and when to stop.
    """
    known = aim.known
    prices, direction = start, np.zeros_like(start)
    step, since, round_ = aim.step, 0, 0
    best = Climb(-math.inf, start, ask(start), known)
    reviewed = known, -math.inf
    while True:
        try:
            priced = ask(prices)
            known = min(known, improve(priced, round_))
        except KeyboardInterrupt:
            aim.clock.stop()
            break
        safe = priced.value - _SAFE * abs(priced.value)
        if safe > best.bound:
            since = 0 if safe > best.bound + abs(best.bound) * _SAFE else since + 1
            best = Climb(safe, prices, priced, known)
        else:
            since += 1
        if since > _PATIENCE:
            step, since, prices = step / 2, 0, best.prices
            priced, direction = best.priced, np.zeros_like(start)
        round_ += 1
        lack = 1 - priced.served
        direction = lack + _MEMORY * direction
        stuck = ((prices <= 0) & (direction < 0)) | ((prices >= most) & (direction > 0))
        direction[stuck] = 0
        length = float(direction @ direction)
        if round_ % _REVIEW == 0:
            if known - best.bound > _SHRINK * (reviewed[0] - reviewed[1]):
                break
            reviewed = known, best.bound
        near = known - best.bound <= aim.gap * abs(known)
        if near or step < _LAST_STEP or length == 0 or aim.clock.up:
            break
        stride = step * max(known - priced.value, _SAFE) / length
        prices = np.clip(prices + stride * direction, 0, most)
    return Climb(best.bound, best.prices, best.priced, known)


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What any better answer must do: sites it closes, sites it opens, and the bound behind it."""

    bound: float
    closed: Ints
    opened: Ints


NOTHING = Settled(-math.inf, np.array([], dtype=np.int64), np.array([], dtype=np.int64))


def settled(best: Climb, count: int | None, margin: float) -> Settled:
    """The sites that every better answer closes, and those that it opens.

    A better answer is below the known value by at least ``margin``. With ``count`` sites to open
    a site can only come in for the worst that is in; else it changes the bound by its own worth
    (Beasley 1993).
    """
    worth, sites = best.priced.worth, best.priced.sites
    inside = np.zeros(len(worth), dtype=bool)
    inside[sites] = True
    room = best.known - margin - best.bound + _SAFE * max(1.0, abs(best.known))
    if count is None:
        enter, leave = worth, -worth
    else:
        last_in = worth[inside].max(initial=-math.inf)
        first_out = worth[~inside].min(initial=math.inf)
        enter, leave = worth - last_in, first_out - worth
    closed = np.flatnonzero(~inside & (enter > room))
    return Settled(best.bound, closed, np.flatnonzero(inside & (leave > room)))
