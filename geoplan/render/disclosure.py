"""Which counts a public edition withholds, so that no small one can be worked back from the rest.

A count of 1 to 9 people or households could be somebody in particular: its row is withheld. What
is left may still give it away (a total minus the other parts, a share of a building), so further
rows are withheld until the rule holds:

    whoever takes every published figure together still finds, for each withheld count,
    possible values that are more than 4 apart: it is never known within ±2.

The reader is assumed to know this rule too: that a small count lies between 1 and 9, and that one
withheld to cover it is at least 10. Belongs here: counts, the figures made of them, and the choice
of rows. Does not belong here: where in an assessment they stand (``published.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

SMALL = 10  # fewer people or households than this could be somebody in particular
SPREAD = 4  # the possible values of a withheld count are farther apart than this
_ROUNDING = 1e-6  # of the solver: a spread must clear 4 by more than its arithmetic can be wrong

Row = tuple[str, str]  # level and id
Count = tuple[str, str, str]  # level, id and what is counted


@dataclass(frozen=True)
class Figure:
    """A number that a reader has: a sum of counts, each times a factor.

    ``owner`` is the row that shows it and takes it along when it is withheld; ``None`` for what
    a reader knows in any case.
    """

    owner: Row | None
    parts: tuple[tuple[Count, Fraction], ...]

    @cached_property
    def is_count(self) -> bool:
        """Whether it is itself a number of people or households, and no relation between some."""
        return all(factor == 1 for _, factor in self.parts)


def is_small(count: Decimal | Fraction | None) -> bool:
    """Whether a count could be somebody in particular; nobody is nobody."""
    return count is not None and 0 < count < SMALL


def withheld_rows(
    counts: Mapping[Count, Fraction], figures: Iterable[Figure], small: Iterable[Row] = ()
) -> dict[Row, bool]:
    """The rows to withhold: ``True`` for one that is small itself, ``False`` for one that covers it.

    ``counts`` are the counts of all rows; ``figures`` what is published besides; ``small`` are
    rows with a small number that is no count of its own. The order of neither matters.
    """
    ledger = Ledger(counts, tuple(sorted(set(figures), key=_key)))
    first = {*ledger.small_rows(), *small}
    chosen = frozenset(first)
    while (known := ledger.known(chosen)) is not None:
        more = ledger.cover(known, chosen)
        if more is None:  # nothing is left that could be withheld
            break
        chosen |= {more}
    for row in sorted(chosen - first, key=lambda row: (-ledger.size(row), row)):
        if ledger.known(chosen - {row}) is None:  # the rows withheld after it cover for it
            chosen -= {row}
    return {row: row in first for row in sorted(chosen)}


def _key(figure: Figure) -> tuple[Row, tuple[tuple[Count, Fraction], ...]]:
    return figure.owner or ("", ""), figure.parts


def _row(count: Count) -> Row:
    return count[0], count[1]


class Ledger:
    """Every count, and every figure that is made of them."""

    def __init__(self, counts: Mapping[Count, Fraction], figures: Sequence[Figure]) -> None:
        self._counts = counts
        self._figures = figures
        self._held: dict[tuple[frozenset[Count], tuple[Figure, ...]], Figure | None] = {}

    def small_rows(self) -> set[Row]:
        """Rows that show a small count, their own or a sum."""
        own = {_row(count) for count, value in self._counts.items() if is_small(value)}
        sums = {
            figure.owner
            for figure in self._figures
            if figure.owner is not None
            and all(factor > 0 for _, factor in figure.parts)
            and is_small(self._value(figure))
        }
        return own | sums

    def size(self, row: Row) -> Fraction:
        """The largest number that a row shows."""
        own = [value for count, value in self._counts.items() if _row(count) == row]
        sums = [self._value(each) for each in self._figures if each.owner == row]
        return max([*own, *sums], default=Fraction(0))

    def known(self, withheld: frozenset[Row]) -> tuple[Figure, ...] | None:
        """The figures by which some withheld count is known too well; ``None`` when none is."""
        hidden = {count for count in self._counts if _row(count) in withheld}
        for counts, figures in self._systems(hidden, withheld):
            key = frozenset(counts), figures
            if key not in self._held:
                self._held[key] = self._known_too_well(counts, figures, withheld)
            if self._held[key] is not None:
                return figures
        return None

    def cover(self, figures: Iterable[Figure], withheld: frozenset[Row]) -> Row | None:
        """The smallest row that would leave one of these figures open, were it withheld too."""
        shown: set[tuple[Fraction, Row]] = set()
        for figure in figures:
            if figure.owner is not None:
                shown.add((self._value(figure) or self.size(figure.owner), figure.owner))
            for count, _ in figure.parts:
                if _row(count) not in withheld and self._counts[count]:
                    shown.add((self._counts[count], _row(count)))
        return min(shown)[1] if shown else None

    def _value(self, figure: Figure) -> Fraction:
        parts = (factor * self._counts[count] for count, factor in figure.parts)
        return sum(parts, Fraction(0))

    def _systems(
        self, hidden: set[Count], withheld: frozenset[Row]
    ) -> list[tuple[list[Count], tuple[Figure, ...]]]:
        """Hidden counts in groups that no published figure connects, each with its figures."""
        group = {count: {count} for count in hidden}
        open_ = []
        for figure in self._figures:
            inside = [count for count, _ in figure.parts if count in hidden]
            if not inside or figure.owner in withheld:
                continue
            open_.append((figure, inside[0]))
            joined = set().union(*(group[count] for count in inside))
            for count in joined:
                group[count] = joined
        found: dict[Count, list[Figure]] = {}
        for figure, count in open_:
            found.setdefault(min(group[count]), []).append(figure)
        return [(sorted(group[first]), tuple(found[first])) for first in sorted(found)]

    def _known_too_well(
        self, counts: Sequence[Count], figures: Sequence[Figure], withheld: frozenset[Row]
    ) -> Figure | None:
        """A withheld count, or sum of counts, whose possible values lie too close together."""
        own = [Figure(None, ((count, Fraction(1)),)) for count in counts if self._counts[count]]
        inside = set(counts)
        sums = [
            figure
            for figure in self._figures
            if figure.owner in withheld
            and figure.is_count
            and len(figure.parts) > 1
            and any(count in inside for count, _ in figure.parts)
            and is_small(self._value(figure))
        ]
        targets = [*own, *sums]
        if not targets:
            return None
        at = {count: place for place, count in enumerate(counts)}
        goals = np.array([_factors(each, at) for each in targets])
        known = np.array([_factors(each, at) for each in figures])
        truth = np.array([float(self._counts[count]) for count in counts])
        bounds = [_bounds(self._counts[count]) for count in counts]
        return next(
            (
                target
                for target, is_wide in zip(targets, _wide(goals, known, truth, bounds), strict=True)
                if not is_wide
            ),
            None,
        )


def _factors(figure: Figure, at: Mapping[Count, int]) -> list[float]:
    factors = [0.0] * len(at)
    for count, factor in figure.parts:
        if count in at:
            factors[at[count]] = float(factor)
    return factors


def _bounds(count: Fraction) -> tuple[float, float | None]:
    """What the rule itself tells of a withheld count."""
    if is_small(count):
        return min(1.0, float(count)), max(float(SMALL - 1), float(count))
    return min(float(SMALL), float(count)), None


def _wide(
    goals: np.ndarray,
    known: np.ndarray,
    truth: np.ndarray,
    bounds: Sequence[tuple[float, float | None]],
) -> list[bool]:
    """Of each goal, whether its possible values are more than 4 apart, given what is known.

    Every answer of the solver is a possible city, so it widens what is seen of all goals at once.
    """
    from scipy.optimize import linprog

    lowest, highest = goals @ truth, goals @ truth
    for goal in range(len(goals)):
        for sign in (1.0, -1.0):
            if highest[goal] - lowest[goal] > SPREAD + _ROUNDING:
                break
            found = linprog(
                sign * goals[goal], A_eq=known, b_eq=known @ truth, bounds=bounds, method="highs"
            )
            if found.status == _UNBOUNDED:
                ends = lowest if sign > 0 else highest
                ends[goal] = -sign * np.inf
            elif found.x is not None:
                seen = goals @ found.x
                lowest, highest = np.minimum(lowest, seen), np.maximum(highest, seen)
    return [
        bool(high - low > SPREAD + _ROUNDING) for low, high in zip(lowest, highest, strict=True)
    ]


_UNBOUNDED = 3  # scipy's word for it
