"""The areas of what is taken, in hundredths of m² that add up: a greatest flow in whole numbers.

Belongs here: dividing rooms among gaps exactly, once it is settled what is taken. Does not belong
here: choosing what to take (``choose``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from scipy import sparse

from geoplan.plan.programme.needs import Need
from geoplan.plan.programme.options import Option

CENT = Fraction(1, 100)
_SOURCE, _SINK, _FIRST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Taken:
    """An option that is taken: in which year of the programme, how large, for whom.

    ``area`` is m² by need, exact hundredths; ``covers`` and ``centers`` are the needs it closes.
    """

    option: Option
    year: int
    size_m2: int
    area: Mapping[int, Fraction]
    covers: tuple[int, ...]
    centers: tuple[int, ...]

    @property
    def floor_m2(self) -> Fraction:
        """Its rooms."""
        return Fraction(self.size_m2) if self.option.sized else self.option.floor_m2 or Fraction(0)


def round_up(m2: Fraction | None) -> Fraction:
    """To the hundredth above: what closes a gap in whole hundredths.

    Examples
    --------
    >>> round_up(Fraction(1, 3))
    Fraction(17, 50)
    """
    return -(-(m2 or Fraction(0)) // CENT) * CENT


def share_out(
    taken: Sequence[Taken],
    closed: Mapping[int, int],
    needs: Sequence[Need],
    *,
    childcare_least_m2: Fraction,
) -> list[Taken]:
    """What each of the taken gives to each need that is closed, exactly.

    Each gives to the needs that its ``area`` names. ``closed`` is the year by whose end each need is closed: only what stands by then serves it,
    so that nothing given in one year is taken back in a later one.

    Raises
    ------
    ArithmeticError
        a need that was said to be closed is not: never seen, and never passed over.
    """
    due = {
        at: _hundredths(round_up(needs[at].floor_m2))
        for at in sorted(closed)
        if needs[at].floor_m2 is not None
    }
    arcs = _arcs(taken, closed, due, needs, _hundredths(round_up(childcare_least_m2)))
    given = _greatest_flow(arcs, len(taken), list(due))
    short = [at for at, want in due.items() if sum(each.get(at, 0) for each in given) < want]
    if short:
        raise ArithmeticError(f"not closed as said: {short}")
    met: set[int] = set()
    settled = []
    for each, mine in sorted(zip(taken, given, strict=True), key=lambda both: both[0].year):
        area = {at: m2 * CENT for at, m2 in sorted(mine.items())}
        covers = tuple(at for at in each.covers if at not in met)
        settled.append(replace(each, area=area, covers=covers))
        met.update(covers)
    return settled


def _arcs(
    taken: Sequence[Taken],
    closed: Mapping[int, int],
    due: Mapping[int, int],
    needs: Sequence[Need],
    kept: int,
) -> dict[tuple[int, int], int]:
    """From the source to the rooms, to the elder-care rooms among them, to the needs, to the sink."""
    arcs: dict[tuple[int, int], int] = {}
    count = len(taken)
    for at, each in enumerate(taken):
        option = each.option
        if each.centers and not option.fixed:
            continue  # a centre takes its rooms whole
        rooms, elder = _FIRST + at, _FIRST + count + at
        floor = _hundredths(sum(option.area.values()) if option.fixed else each.floor_m2)
        held = kept if each.covers and not option.fixed else 0
        arcs[_SOURCE, rooms], arcs[rooms, elder] = floor, max(0, floor - held)
        for target, need in enumerate(due):
            if need in each.area and each.year <= closed[need]:
                start = elder if needs[need].kind == "elder" else rooms
                end = _FIRST + 2 * count + target
                arcs[start, end] = min(_hundredths(option.area[need]), due[need])
    for target, need in enumerate(due):
        arcs[_FIRST + 2 * count + target, _SINK] = due[need]
    return {pair: most for pair, most in arcs.items() if most}


def _greatest_flow(
    arcs: Mapping[tuple[int, int], int], count: int, targets: Sequence[int]
) -> list[dict[int, int]]:
    """Of each of the taken, the hundredths given to each need."""
    from scipy.sparse.csgraph import maximum_flow

    given: list[dict[int, int]] = [{} for _ in range(count)]
    if not arcs:
        return given
    after = _FIRST + 2 * count
    size = after + len(targets)
    graph = sparse.csr_array(
        (np.array(list(arcs.values()), dtype=np.int32), np.array(list(arcs)).T), shape=(size, size)
    )
    flow = maximum_flow(graph, _SOURCE, _SINK).flow
    for start, end in arcs:
        moved = int(flow[start, end]) if end >= after else 0
        if moved:
            given[(start - _FIRST) % count][targets[end - after]] = moved
    return given


def _hundredths(m2: Fraction | int) -> int:
    return int(m2 // CENT)
