"""Gates of the compounds: where each comes nearest to a street, and a second one for the large."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from sample.housing import Compound
from sample.streets import Street

STEP_M = 8
SECOND_FROM_HOUSEHOLDS = 600
APART = 0.3  # of the way round, so that the second gate is on another side


@dataclass(frozen=True, slots=True)
class Gate:
    """A way into a compound, in the plan."""

    id: str
    compound: str
    number: int
    place: shapely.Point


def place_gates(compounds: Iterable[Compound], streets: Sequence[Street]) -> list[Gate]:
    """One or two gates a compound that has households."""
    lines = shapely.STRtree([street.line for street in streets])
    gates: list[Gate] = []
    for compound in compounds:
        if compound.households:
            for number, place in enumerate(_places(compound, lines), 1):
                gates.append(Gate(f"G{len(gates) + 1:03}", compound.id, number, place))
    return gates


def _places(compound: Compound, lines: shapely.STRtree) -> list[shapely.Point]:
    ring = compound.shape.exterior
    along = np.arange(0, ring.length, STEP_M)
    spots = shapely.line_interpolate_point(ring, along)
    _, gap = lines.query_nearest(spots, return_distance=True, all_matches=False)
    first = int(gap.argmin())
    if compound.households <= SECOND_FROM_HOUSEHOLDS:
        return [spots[first]]
    between = np.abs(along - along[first])
    far = np.minimum(between, ring.length - between) >= APART * ring.length
    return [spots[first], spots[int(np.where(far, gap, np.inf).argmin())]]
