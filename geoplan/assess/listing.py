"""The stated order of every list of a result.

Belongs here: by what key ids, excluded units, warnings and gaps are listed. Does not belong here:
the order of layers and of remarks (``layers/rows/row_order.py``), which everything else follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from geoplan.assess.model import Gap, IndicatorResult
from geoplan.layers.rows.row_order import NaturalKey, in_natural_order, natural_key


def listed(result: IndicatorResult) -> IndicatorResult:
    """An indicator with its lists in order: ids in natural order, warnings by code and id."""
    return replace(
        result,
        covered=in_natural_order(result.covered),
        uncovered=in_natural_order(result.uncovered),
        unknown=in_natural_order(result.unknown),
        excluded=tuple(
            sorted(result.excluded, key=lambda each: (natural_key(each.id), each.reason))
        ),
        warnings=tuple(
            sorted(
                result.warnings,
                key=lambda each: (each.code, natural_key(each.id), each.detail.zh),
            )
        ),
        covered_by={
            key: in_natural_order(result.covered_by[key])
            for key in in_natural_order(result.covered_by)
        },
    )


def gaps_in_order(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """The largest gap first, those without a number last; then by unit, kind, level and rule."""
    return tuple(sorted(gaps, key=_by_size))


def _by_size(gap: Gap) -> tuple[bool, Fraction, NaturalKey, str, str, str]:
    size = gap.gap or Fraction(0)
    return gap.gap is None, -size, natural_key(gap.unit_id), gap.kind, gap.level, gap.rule
