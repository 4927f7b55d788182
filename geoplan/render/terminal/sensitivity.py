"""The table of other definitions, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from geoplan.assess.checkup.sensitivity import Flip, SensitivityRow
from geoplan.assess.model import Assessment
from geoplan.numbers import number_text, plain_text
from geoplan.render.wording.text_columns import table_text
from geoplan.render.wording.words import NO_VALUE, verdict_word
from geoplan.terms import Verdict, Words, label

_SHOWN = 6  # of those who flip, on one line of the terminal
_STANDING = {
    "covered": Words("覆盖", "covered"),
    "uncovered": Words("未覆盖", "uncovered"),
    "unknown": Words("数据缺失", "unknown"),
    "excluded": Words("不计", "excluded"),
}


def sensitivity_text(rows: Iterable[SensitivityRow], assessment: Assessment, language: str) -> str:
    """One line a definition, under it who changes sides."""
    zh = language == "zh"
    head = (
        ("指标或规则", "口径", "数值", "算式", "结论", "变化的单元")
        if zh
        else ("indicator or rule", "definition", "value", "sum", "verdict", "who flips")
    )
    return table_text(head, [_cells(row, assessment, language) for row in rows])


def _cells(row: SensitivityRow, assessment: Assessment, language: str) -> tuple[str, ...]:
    own = Words("本方案口径", "as the plan defines it")
    return (
        _subject(row.subject, assessment, language) if row.alternative is None else "",
        (own if row.alternative is None else row.alternative.label).say(language),
        NO_VALUE if row.value is None else number_text(row.value),
        NO_VALUE
        if row.numerator is None or row.denominator is None
        else f"{plain_text(row.numerator)} / {plain_text(row.denominator)}",
        verdict_word(row.verdict, language),
        _flips(row.flips, language),
    )


def _flips(flips: Sequence[Flip], language: str) -> str:
    """The first few; the whole list is in the JSON."""
    shown = "; ".join(_flip(flip, language) for flip in flips[:_SHOWN])
    rest = len(flips) - _SHOWN
    if rest <= 0:
        return shown
    return f"{shown} 等 {len(flips)} 个" if language == "zh" else f"{shown} and {rest} more"


def _subject(subject: str, assessment: Assessment, language: str) -> str:
    for result in assessment.indicators:
        if result.indicator.measure == subject:
            name = result.indicator
            return name.label_zh if language == "zh" else name.label_en
    return label("rule", subject, language)


def _flip(flip: Flip, language: str) -> str:
    return f"{flip.unit_id} {_word(flip.before, language)}→{_word(flip.after, language)}"


def _word(standing: str, language: str) -> str:
    if standing in _STANDING:
        return _STANDING[standing].say(language)
    return verdict_word(Verdict(standing), language)
