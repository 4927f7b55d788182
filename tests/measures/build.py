"""Small cities for measures: pairs, people and supply, drawn at random or written down."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from geoplan.measures.walks import Pairs


@dataclass(frozen=True, slots=True)
class Town:
    """Homes with people, facilities with supply, and walks in metres between some of them."""

    people: list[int]
    supply: list[int]
    walk_m: dict[tuple[int, int], int]

    @property
    def pairs(self) -> Pairs:
        """The walks as parallel arrays, in the order in which they were drawn."""
        home, facility = np.array(list(self.walk_m), dtype=np.int64).reshape(-1, 2).T
        return Pairs(home, facility, np.array(list(self.walk_m.values()), dtype=np.float64))


def towns(*, most_homes: int = 5, most_facilities: int = 4) -> st.SearchStrategy[Town]:
    """Towns with empty homes, facilities without supply and pieces that nothing joins."""

    @st.composite
    def draw_town(draw: st.DrawFn) -> Town:
        counts = st.integers(0, 9)
        people = draw(st.lists(counts, min_size=1, max_size=most_homes))
        supply = draw(st.lists(counts, min_size=1, max_size=most_facilities))
        pair = st.tuples(st.integers(0, len(people) - 1), st.integers(0, len(supply) - 1))
        walks = draw(st.dictionaries(pair, st.integers(0, 12).map(lambda x: 100 * x), max_size=20))
        return Town(people, supply, walks)

    return draw_town()


# Weights of a walk as exact numbers: near counts whole, farther a half, beyond 800 m nothing.
LIMITS, WEIGHTS = [300, 800], [1.0, 0.5]


def zone_weight(walk_m: int) -> Fraction:
    """The weight of the zones above, written as sentences."""
    if walk_m <= 300:
        return Fraction(1)
    return Fraction(1, 2) if walk_m <= 800 else Fraction(0)
