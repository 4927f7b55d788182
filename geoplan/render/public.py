"""What may be shown to anyone: no exact places, no small counts, nobody's vacant rooms.

A public map needs an approved number (审图号, 《公开地图内容表示规范》); ``study.toml`` gives it as
``map_review_no``. Belongs here: what is taken out of an assessment before it is drawn. Verdicts and
areas stay: they are about public duties, not about people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.model import Assessment, Gap, ReachRow, UnitResult
from geoplan.layers.model import Layer
from geoplan.terms import Words

SMALL = 10  # fewer people or households than this could be somebody in particular
CELL_M = 200.0  # a point stands in the middle of its cell
_COUNTS = ("population", "households", "pop_60plus", "pop_65plus", "pop_under3")
_HIDDEN = Words(f"户数少于 {SMALL}，不公开", f"fewer than {SMALL} households: not shown")


def public_assessment(assessment: Assessment) -> Assessment:
    """The same judgement without exact places of facilities and projects and without small counts.

    Premises, gates and homes are left out; so are shares of walkers that rest on few people.
    """
    layers = assessment.layers
    masked: dict[str, Any] = {
        name: _masked(getattr(layers, name))
        for name in ("divisions", "communities", "residential_communities", "compounds")
    }
    public = replace(
        layers,
        **masked,
        facilities=_blurred(layers.facilities),
        projects=_blurred(layers.projects),
        premises=None,
        gates=None,
        homes=None,
    )
    return replace(
        assessment,
        layers=public,
        units=tuple(map(_public_unit, assessment.units)),
        gaps=tuple(map(_public_gap, assessment.gaps)),
        reach=tuple(row for row in assessment.reach if not _rests_on_few(row)),
        access=(),
        ways=None,
    )


def _is_small(count: Decimal | Fraction | None) -> bool:
    return count is not None and 0 < count < SMALL


def _masked(layer: Layer[Any] | None) -> Layer[Any] | None:
    if layer is None:
        return None
    return replace(layer, rows=tuple(_masked_rows(layer.rows)))


def _masked_rows(rows: Iterable[Any]) -> Iterable[Any]:
    for row in rows:
        small = {
            name: None for name in _COUNTS if hasattr(row, name) and _is_small(getattr(row, name))
        }
        yield replace(row, **small) if small else row


def _blurred(layer: Layer[Any] | None) -> Layer[Any] | None:
    """Each place becomes the middle of the cell it stands in."""
    if layer is None or layer.geometry is None:
        return layer
    points = shapely.point_on_surface(layer.geometry)
    blurred: NDArray[np.object_] = shapely.transform(
        points, lambda xy: (np.floor(xy / CELL_M) + 0.5) * CELL_M
    )
    return replace(layer, geometry=blurred)


def _public_unit(unit: UnitResult) -> UnitResult:
    if not _is_small(unit.households) and not _is_small(unit.population):
        return unit
    return replace(unit, households=None, population=None, sum=_HIDDEN)


def _public_gap(gap: Gap) -> Gap:
    if not _is_small(gap.households) and not _is_small(gap.people):
        return gap
    return replace(gap, households=None, people=None)


def _rests_on_few(row: ReachRow) -> bool:
    parts = (row.total, row.reached, row.unreachable, row.total - row.reached)
    return any(_is_small(part) for part in parts)
