"""Indicators typed in by their bureaus: the newest value dated on or before the day.

Never invented: without a value there is no verdict (ruling on reported values).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from unicodedata import normalize

from geoplan.assess.absence import LAYER_EMPTY, LAYER_MISSING
from geoplan.assess.indicators.rates import verdict_on
from geoplan.assess.model import IndicatorResult
from geoplan.errors import Problem, Remark
from geoplan.layers.model import Layer, Reported, rows_of
from geoplan.layers.rows.row_order import NaturalKey, natural_key
from geoplan.layers.tables.days import read_day
from geoplan.numbers import plain_text
from geoplan.policy.model import Indicator
from geoplan.terms import Verdict, Words, unit

_TEN_THOUSAND = "万"
_DAY = re.compile(r"\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?")


def newest_value(indicator: Indicator, rows: Iterable[Reported], day: date) -> Reported | None:
    """The reported row that holds on ``day``; of several of one day the one filed last."""
    dated = [
        row for row in rows if is_of(row, indicator) and row.as_of <= day and row.value is not None
    ]
    return max(dated, key=lambda row: (row.as_of, _filed(row)), default=None)


def is_of(row: Reported, indicator: Indicator) -> bool:
    """Whether a row reports an indicator, by its id or by its number."""
    return row.id in {indicator.id, indicator.number}


def _filed(row: Reported) -> tuple[date, NaturalKey]:
    """When a value was filed: by a day in its source, else by the source in natural order.

    Where the row stands in the file says nothing.
    """
    said = _source_of(row)
    days = (read_day(found)[0] for found in _DAY.findall(said))
    return max((day for day in days if day is not None), default=date.min), natural_key(said)


def _source_of(row: Reported) -> str:
    return normalize("NFKC", row.source or "").strip()


def reported_twice(indicators: Iterable[Indicator], layer: Layer[Reported] | None) -> list[Problem]:
    """A problem for every indicator with two values of one day and source, by id or by number."""
    problems = []
    for indicator, day, rows in _of_one_day(indicators, layer):
        sources = [_source_of(row) for row in rows]
        for source in dict.fromkeys(each for each in sources if sources.count(each) > 1):
            same = [row for row in rows if _source_of(row) == source]
            where = f"{layer.source.path} (reported)" if layer is not None else "reported"
            problems.append(Problem(where, _twice_words(indicator, day, source, same), _ONE_VALUE))
    return problems


_ONE_VALUE = Words(
    "编号与序号是同一指标。请只留一行，或在来源一栏写明两个来源。",
    "The id and the number of an indicator are the same key. Keep one row, or name two sources.",
)


def _twice_words(indicator: Indicator, day: date, source: str, rows: Sequence[Reported]) -> Words:
    values = _listed_values(rows)
    numbers = ", ".join(str(each) for each in sorted(row.row for row in rows))
    return Words(
        f"指标 {indicator.number}（{indicator.id}）{day} 有 {len(rows)} 个填报值（{values}），"
        f"来源同为“{source or '空白'}”，在第 {numbers} 行",
        f"indicator {indicator.number} ({indicator.id}) has {len(rows)} values for {day} "
        f'({values}) of one source ("{source}"), rows {numbers}',
    )


def _listed_values(rows: Sequence[Reported]) -> str:
    return ", ".join(f"{row.id} = {plain_text(Fraction(row.value or 0))}" for row in rows)


def _of_one_day(
    indicators: Iterable[Indicator], layer: Layer[Reported] | None
) -> Iterator[tuple[Indicator, date, list[Reported]]]:
    """Indicators and days with more than one value."""
    for indicator in indicators:
        found: dict[date, list[Reported]] = defaultdict(list)
        for row in rows_of(layer):
            if is_of(row, indicator) and row.value is not None:
                found[row.as_of].append(row)
        yield from ((indicator, day, found[day]) for day in sorted(found) if len(found[day]) > 1)


def two_sources(indicators: Iterable[Indicator], layer: Layer[Reported] | None) -> list[Remark]:
    """A remark for every indicator and day with values of two sources: which one counts."""
    return [
        _two_sources(indicator, day, sorted(rows, key=_filed))
        for indicator, day, rows in _of_one_day(indicators, layer)
    ]


def _two_sources(indicator: Indicator, day: date, rows: Sequence[Reported]) -> Remark:
    last = _source_of(rows[-1])
    told = [(_source_of(row), plain_text(Fraction(row.value or 0))) for row in rows]
    zh = "、".join(f"{source or '未注明来源'} {value}" for source, value in told)
    en = ", ".join(f"{source or 'no source'} {value}" for source, value in told)
    detail = Words(
        f"指标 {indicator.number} {day} 有 {len(rows)} 个来源的填报值：{zh}；采用较后填报的“{last}”",
        f"indicator {indicator.number}, {day}: values of {len(rows)} sources: {en}; "
        f'the later filed one counts, "{last}"',
    )
    numbers = tuple(sorted(row.row for row in rows))
    return Remark("REPORTED_TWICE", detail, "reported", numbers, (indicator.id,))


def value_in_unit(row: Reported, indicator: Indicator) -> Fraction:
    """The value in the indicator's unit: 2,950 人次 is 0.295 万人次."""
    value = Fraction(row.value or 0)
    label = unit(indicator.unit).zh
    single = row.unit is not None and label == _TEN_THOUSAND + row.unit
    in_cell = "UNIT_IN_CELL:value" in row.flags and label.startswith(_TEN_THOUSAND)
    return value / unit(indicator.unit).per if single or in_cell else value


def judge_reported(
    indicator: Indicator, row: Reported | None, layer: Layer[Reported] | None
) -> IndicatorResult:
    """The verdict on a typed-in value; not applicable without one."""
    if row is None:
        return no_value(
            indicator, Words("尚无填报值", "no value has been reported"), _absent(layer)
        )
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


def _absent(layer: Layer[Reported] | None) -> tuple[str, ...]:
    if layer is None:
        return (LAYER_MISSING,)
    return () if layer.rows else (LAYER_EMPTY,)


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
        stand_in = judge_reported(indicator, row, None)
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
