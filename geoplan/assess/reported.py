"""Indicators typed in by their bureaus: the newest value dated on or before the day.

Never invented: without a value there is no verdict (ruling on reported values).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from geoplan.assess.model import IndicatorResult
from geoplan.assess.rates import verdict_on
from geoplan.errors import Remark
from geoplan.layers.model import Reported
from geoplan.numbers import plain_text
from geoplan.policy.model import Indicator
from geoplan.terms import Verdict, Words, unit

_TEN_THOUSAND = "万"


def newest_value(indicator: Indicator, rows: Iterable[Reported], day: date) -> Reported | None:
    """The reported row that holds on ``day``; of several of one day the last in the file."""
    dated = [
        row
        for row in rows
        if row.id in {indicator.id, indicator.number} and row.as_of <= day and row.value is not None
    ]
    return max(dated, key=lambda row: (row.as_of, row.row), default=None)


def value_in_unit(row: Reported, indicator: Indicator) -> Fraction:
    """The value in the indicator's unit: 2,950 人次 is 0.295 万人次."""
    value = Fraction(row.value or 0)
    label = unit(indicator.unit).zh
    single = row.unit is not None and label == _TEN_THOUSAND + row.unit
    in_cell = "UNIT_IN_CELL:value" in row.flags and label.startswith(_TEN_THOUSAND)
    return value / unit(indicator.unit).per if single or in_cell else value


def judge_reported(indicator: Indicator, row: Reported | None) -> IndicatorResult:
    """The verdict on a typed-in value; not applicable without one."""
    if row is None:
        return no_value(indicator, Words("尚无填报值", "no value has been reported"))
    value = value_in_unit(row, indicator)
    short = Fraction(indicator.target.value) - value if indicator.target else None
    return IndicatorResult(
        indicator=indicator,
        value=value,
        numerator=None,
        denominator=None,
        verdict=verdict_on(indicator.target, value),
        need_more=None if short is None else max(Fraction(0), short),
        sum=Words(f"填报值 {plain_text(value)}", f"reported value {plain_text(value)}"),
        source=f"{row.source or ''}（{row.as_of.isoformat()}）"
        if row.source
        else row.as_of.isoformat(),
    )


def no_value(indicator: Indicator, reason: Words, codes: tuple[str, ...] = ()) -> IndicatorResult:
    """An indicator without a value, and why."""
    return IndicatorResult(
        indicator=indicator,
        value=None,
        numerator=None,
        denominator=None,
        verdict=Verdict.NA,
        reason=reason,
        codes=codes,
    )


def compare_with_reported(
    result: IndicatorResult, row: Reported | None
) -> tuple[IndicatorResult, tuple[Remark, ...]]:
    """A computed value wins; a reported one stands in when there is none, and differing is said."""
    if row is None:
        return result, ()
    indicator = result.indicator
    if result.value is None and result.numerator is None:
        detail = Words(
            f"指标 {indicator.number} 缺少计算所需图层，采用填报值",
            f"indicator {indicator.number}: layers are missing, the reported value is used",
        )
        stand_in = judge_reported(indicator, row)
        return stand_in, (Remark("REPORTED", detail, "reported", (row.row,), (indicator.id,)),)
    if result.value is not None and not _same_as_written(
        result.value, value_in_unit(row, indicator)
    ):
        computed = plain_text(result.value)
        written = plain_text(value_in_unit(row, indicator))
        detail = Words(
            f"指标 {indicator.number} 测算为 {computed}，填报为 {written}，以测算为准",
            f"indicator {indicator.number} is {computed} by computation, {written} as reported; the computation counts",
        )
        return result, (
            Remark("REPORTED_DIFFERS", detail, "reported", (row.row,), (indicator.id,)),
        )
    return result, ()


def _same_as_written(value: Fraction, written: Fraction) -> bool:
    """Whether ``written`` is ``value`` rounded or truncated to the decimals it was written with."""
    decimal = Decimal(written.numerator) / Decimal(written.denominator)
    step = Decimal(1).scaleb(min(0, int(decimal.normalize().as_tuple().exponent)))
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return any(
        Fraction(exact.quantize(step, rounding)) == written
        for rounding in (ROUND_HALF_UP, ROUND_DOWN)
    )
