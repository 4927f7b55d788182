"""How far the people whom a step serves walk to it: the mean over them, along streets if given.

Advisory: what a step closes is settled by the rule, not by the walk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from geoplan.assess.ground import settle_ground
from geoplan.assess.places.residents import Membership, Residents
from geoplan.layers.model import LEVELS, Layers
from geoplan.plan.programme.needs import Need
from geoplan.plan.programme.programme import Step
from geoplan.plan.scenario import Open, apply
from geoplan.policy.model import Standard
from geoplan.reach.ways import pairs_of

_FARTHEST_M = 5000.0


def mean_walks(layers: Layers, standard: Standard, steps: Sequence[Step]) -> dict[str, float]:
    """Of each step the mean walk in metres of the people of the units it serves.

    Steps without a place, and those to whom nobody has a way of at most 5 km, are left out.
    """
    if layers.homes is None or not steps:
        return {}
    ground = settle_ground(apply(layers, [edit for step in steps for edit in step.edits]), standard)
    residents, ways = ground.residents, ground.ways
    if residents is None or ways is None:
        return {}
    position = {row.id: at for at, row in enumerate(ground.facilities)}
    places = {step.id: position[_facility_of(step)] for step in steps}
    found = pairs_of(ways, set(places.values()), within_m=_FARTHEST_M)
    people = np.nan_to_num(residents.people["population"])
    means = {}
    for step in steps:
        here = (found.facility == places[step.id]) & _inside(step, residents)[found.home]
        weight = people[found.home[here]]
        if weight.sum():
            means[step.id] = float(np.average(found.walk_m[here], weights=weight))
    return means


def _facility_of(step: Step) -> str:
    edit = step.edits[0]
    return edit.facility.id if isinstance(edit, Open) else edit.facility


def _inside(step: Step, residents: Residents) -> NDArray[np.bool_]:
    """The homes of the units that a step serves."""
    inside = np.zeros(len(residents.ids), dtype=np.bool_)
    for need in (*(need for need, _ in step.serves), *step.closes):
        inside |= _homes_of(need, residents.units)
    return inside


def _homes_of(need: Need, units: Mapping[str, Membership]) -> NDArray[np.bool_]:
    membership = units[LEVELS[need.level].unit]
    homes: NDArray[np.bool_] = membership.of == membership.ids.index(need.unit_id)
    return homes
