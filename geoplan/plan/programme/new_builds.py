"""New builds as options: every gap can be closed by one, where nothing cheaper does.

Belongs here: what must be built for each gap on a site that is still to be found in the unit.
Builds on sites that are reserved already are facilities with the status *planned*: ``standing``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil

from geoplan.assess.model import Assessment
from geoplan.plan.programme.assumptions import Assumptions
from geoplan.plan.programme.needs import Need
from geoplan.plan.programme.options import Option


def fresh_options(
    assessment: Assessment, needs: Sequence[Need], assumed: Assumptions
) -> Iterator[Option]:
    """One new build for every gap, of the size that the gap asks."""
    if "build" not in assumed.instruments:
        return
    for at, need in enumerate(needs):
        area: dict[int, Fraction] = {}
        least = max(1, ceil(assumed.rooms_least_m2))
        most = max(least, ceil(need.floor_m2 or 0))
        if need.is_center:
            least = most = max(1, ceil(assumed.center_least_m2))
        elif need.is_coverage:
            least = max(1, ceil(assumed.childcare_least_m2))
            area, most = _around(assessment, need, needs, least)
        else:
            area = {at: Fraction(most)}
        yield Option(
            id=f"build:{need.level}:{need.unit_id}:{need.kind}:{need.rule}",
            instrument="build",
            subject=need.unit_id,
            layer=need.level,
            name="",
            group=f"site:{need.level}:{need.unit_id}:{need.kind}:{need.rule}",
            area=area,
            covers=(at,) if need.is_coverage else (),
            centers=(at,) if need.is_center else (),
            least_m2=least,
            most_m2=most,
            yuan_per_m2=assumed.build_yuan_per_m2,
            land_m2=1 / assumed.plot_ratio,
        )


def _around(
    assessment: Assessment, need: Need, needs: Sequence[Need], least: int
) -> tuple[dict[int, Fraction], int]:
    """The childcare gap of the community around a residential community, and the largest build."""
    place = assessment.belonging.rcs.get(need.unit_id)
    home = need.unit_id if place is None else place.community
    for at, other in enumerate(needs):
        if other.floor_m2 is not None and other.kind == need.kind:
            unit = {"community": home, "rc": need.unit_id}.get(other.level)
            if unit is not None and unit == other.unit_id:
                most = max(least, ceil(other.floor_m2))
                return {at: Fraction(most)}, most
    return {}, least
