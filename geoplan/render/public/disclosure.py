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

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

SMALL = 10  # fewer people or households than this could be somebody in particular
SPREAD = 4  # the possible values of a withheld count are farther apart than this
_ROUNDING = 1e-6  # of the solver: a spread must clear 4 by more than its arithmetic can be wrong
_FAR = 1000.0  # how far the solver looks for a count that nothing limits
_LOOKS = 4  # at many counts at once, before one by one

Numbers = NDArray[np.float64]
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
    first = frozenset(ledger.small_rows()) | frozenset(small)
    chosen = ledger.covered(first)
    while (more := _next_cover(ledger, chosen)) is not None:
        chosen = ledger.covered(chosen | {more})
    in_any_case = set(ledger.known(chosen))  # by figures of which nothing is left to withhold
    for row in sorted(chosen - first, key=lambda row: (-ledger.size(row), row)):
        without = chosen - {row}
        if not ledger.bares(row, without) and all(
            figures in in_any_case for figures in ledger.known(without)
        ):
            chosen = without  # the rows withheld after it cover for it
    return {row: row in first for row in sorted(chosen)}


def _next_cover(ledger: Ledger, withheld: frozenset[Row]) -> Row | None:
    """A row to withhold for the first group of counts that is known too well and can be covered."""
    covers = (ledger.cover(figures, withheld) for figures in ledger.known(withheld))
    return next((row for row in covers if row is not None), None)


def _key(figure: Figure) -> tuple[Row, tuple[tuple[Count, Fraction], ...]]:
    return figure.owner or ("", ""), figure.parts


def _row(count: Count) -> Row:
    return count[0], count[1]


class Ledger:
    """Every count, and every figure that is made of them."""

    def __init__(self, counts: Mapping[Count, Fraction], figures: Sequence[Figure]) -> None:
        self._counts = counts
        self._figures = figures
        self._held: dict[tuple[frozenset[Count], tuple[Figure, ...]], bool] = {}
        self._figures_of: dict[Row, list[Figure]] = {}
        self._sizes: dict[Row, Fraction] = {}
        for count, value in counts.items():
            self._grow(_row(count), value)
        for figure in figures:
            for row in self._rows_in(figure):
                self._figures_of.setdefault(row, []).append(figure)
            if figure.owner is not None:
                self._grow(figure.owner, self._value(figure))

    def _grow(self, row: Row, value: Fraction) -> None:
        self._sizes[row] = max(self._sizes.get(row, Fraction(0)), value)

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
        return self._sizes.get(row, Fraction(0))

    def covered(self, withheld: frozenset[Row]) -> frozenset[Row]:
        """With the rows that keep any figure from having one unknown part.

        That is most of the work, and needs no solver.
        """
        chosen = set(withheld)
        waiting = sorted(chosen)
        while waiting:
            for figure in self._figures_of.get(waiting.pop(), ()):
                if not self._bares_one(figure, chosen):
                    continue
                more = self.cover((figure,), chosen)
                if more is not None:
                    chosen.add(more)
                    beside = (self._rows_in(each) for each in self._figures_of[more])
                    waiting = sorted({*waiting, *(set().union(*beside) & chosen)})
        return frozenset(chosen)

    def bares(self, row: Row, withheld: Collection[Row]) -> bool:
        """Whether a figure with this row in it leaves one unknown part only."""
        return any(self._bares_one(figure, withheld) for figure in self._figures_of.get(row, ()))

    def _bares_one(self, figure: Figure, withheld: Collection[Row]) -> bool:
        if figure.owner in withheld:
            return False
        hidden = [count for count, _ in figure.parts if _row(count) in withheld]
        return len(hidden) == 1 and self._counts[hidden[0]] > 0

    def known(self, withheld: frozenset[Row]) -> Iterator[tuple[Figure, ...]]:
        """The figures by which some withheld count is known too well, group by group."""
        hidden = {count for count in self._counts if _row(count) in withheld}
        for counts, figures in self._systems(hidden, withheld):
            key = frozenset(counts), figures
            if key not in self._held:
                self._held[key] = self._tells_too_much(counts, figures, withheld)
            if self._held[key]:
                yield figures

    def cover(self, figures: Iterable[Figure], withheld: Collection[Row]) -> Row | None:
        """The smallest row that would leave one of these figures open, were it withheld too."""
        shown: set[tuple[Fraction, Row]] = set()
        for figure in figures:
            if figure.owner is not None:
                shown.add((self._value(figure) or self.size(figure.owner), figure.owner))
            for count, _ in figure.parts:
                if _row(count) not in withheld and self._counts[count]:
                    shown.add((self._counts[count], _row(count)))
        return min(shown)[1] if shown else None

    def _rows_in(self, figure: Figure) -> set[Row]:
        owner = set() if figure.owner is None else {figure.owner}
        return owner | {_row(count) for count, _ in figure.parts}

    def _value(self, figure: Figure) -> Fraction:
        parts = (factor * self._counts[count] for count, factor in figure.parts)
        return sum(parts, Fraction(0))

    def _systems(
        self, hidden: set[Count], withheld: frozenset[Row]
    ) -> list[tuple[list[Count], tuple[Figure, ...]]]:
        """Hidden counts in groups that no published figure connects, each with its figures."""
        group = {count: {count} for count in hidden}
        telling = self._telling(hidden, withheld)
        for _, inside in telling:
            joined = set().union(*(group[count] for count in inside))
            for count in joined:
                group[count] = joined
        found: dict[Count, list[Figure]] = {}
        for figure, inside in telling:
            found.setdefault(min(group[min(inside)]), []).append(figure)
        return [(sorted(group[first]), tuple(found[first])) for first in sorted(found)]

    def _telling(
        self, hidden: set[Count], withheld: frozenset[Row]
    ) -> list[tuple[Figure, frozenset[Count]]]:
        """Published figures with hidden counts in them, and these; the smallest first.

        What is only the sum of smaller ones tells nothing more: without it a city falls into parts.
        """
        open_ = []
        for figure in self._figures:
            parts = {count: factor for count, factor in figure.parts if count in hidden}
            if parts and figure.owner not in withheld:
                open_.append((figure, frozenset(parts), set(parts.values()) == {1}))
        found: list[tuple[Figure, frozenset[Count]]] = []
        sums: dict[Count, list[frozenset[Count]]] = {}
        for figure, inside, is_sum in sorted(open_, key=lambda each: len(each[1])):
            if is_sum and _is_made_of(inside, sums):
                continue
            found.append((figure, inside))
            if is_sum:
                for count in inside:
                    sums.setdefault(count, []).append(inside)
        return found

    def _tells_too_much(
        self, counts: Sequence[Count], figures: Sequence[Figure], withheld: frozenset[Row]
    ) -> bool:
        """Whether a withheld count, or small sum of counts, is known within ±2."""
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
        if not own:
            return False
        at = {count: place for place, count in enumerate(counts)}
        return not _all_wide(
            goals=np.array([_factors(each, at) for each in (*own, *sums)]),
            known=np.array([_factors(each, at) for each in figures]),
            truth=np.array([float(self._counts[count]) for count in counts]),
            limits=[_limits(self._counts[count]) for count in counts],
        )


def _is_made_of(counts: frozenset[Count], sums: Mapping[Count, list[frozenset[Count]]]) -> bool:
    """Whether counts fall into sums that are known, the largest taken first."""
    rest = set(counts)
    while rest:
        largest = reversed(sums.get(min(rest), ()))
        part = next((each for each in largest if each <= rest), None)
        if part is None:
            return False
        rest -= part
    return True


def _factors(figure: Figure, at: Mapping[Count, int]) -> list[float]:
    factors = [0.0] * len(at)
    for count, factor in figure.parts:
        if count in at:
            factors[at[count]] = float(factor)
    return factors


def _limits(count: Fraction) -> tuple[float, float]:
    """What the rule itself tells of a withheld count."""
    if is_small(count):
        return min(1.0, float(count)), max(float(SMALL - 1), float(count))
    return min(float(SMALL), float(count)), max(_FAR, 2 * float(count))


def _all_wide(
    *,
    goals: Numbers,
    known: Numbers,
    truth: Numbers,
    limits: Sequence[tuple[float, float]],
) -> bool:
    """Whether the possible values of every goal are more than 4 apart, given what is known.

    Every answer of the solver is a possible city, so it widens what is seen of all goals at once.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    sparse, right = csr_array(known), known @ truth
    lowest, highest = goals @ truth, goals @ truth

    def look(towards: Numbers) -> None:
        for way in (towards, -towards):
            found = linprog(way, A_eq=sparse, b_eq=right, bounds=limits, method="highs")
            if found.x is not None:
                seen = goals @ found.x
                np.minimum(lowest, seen, out=lowest)
                np.maximum(highest, seen, out=highest)

    def narrow() -> NDArray[np.int64]:
        return np.flatnonzero(highest - lowest <= SPREAD + _ROUNDING)

    for _ in range(_LOOKS):
        left = narrow()
        if not len(left):
            return True
        look(np.where(np.arange(len(left)) % 2, 1.0, -1.0) @ goals[left])
    for goal in narrow():
        look(goals[goal])
        if highest[goal] - lowest[goal] <= SPREAD + _ROUNDING:
            return False
    return True
