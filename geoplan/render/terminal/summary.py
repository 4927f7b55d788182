"""What the terminal shows: the scorecard and the gap list, as text in columns."""

from __future__ import annotations

from fractions import Fraction

from geoplan.assess.absence import AREA_RULE
from geoplan.assess.model import Assessment, Gap, IndicatorResult
from geoplan.numbers import gap_text, plain_text
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.targets import baseline_text, target_text
from geoplan.render.wording.text_columns import table_text
from geoplan.render.wording.walking import headline_text
from geoplan.render.wording.words import VERDICT_MARKS, shown_value, verdict_word
from geoplan.terms import Verdict, Words, label


def summary_text(assessment: Assessment, language: str) -> str:
    """The scorecard of all indicators, then how many units, projects and gaps fall short."""
    zh = language == "zh"
    policy = assessment.standard.policy
    title = f"{assessment.study}  {'截至' if zh else 'as of'} {assessment.as_of.isoformat()}"
    head = (
        ("序号", "指标", "基数", "现值", "目标", "结论", "还需", "算式")
        if zh
        else ("No.", "indicator", "baseline", "now", "target", "verdict", "still needed", "sum")
    )
    rows = [_indicator_row(result, assessment, language) for result in assessment.indicators]
    lines = [title, f"{policy.title}  {policy.document_no}", table_text(head, rows)]
    return "\n".join([*lines, *_counts(assessment, language)])


def _indicator_row(
    result: IndicatorResult, assessment: Assessment, language: str
) -> tuple[str, ...]:
    indicator = result.indicator
    return (
        indicator.number,
        indicator.label_zh if language == "zh" else indicator.label_en,
        baseline_text(indicator.baseline),
        shown_value(result, assessment.standard) + ("*" if result.provisional else ""),
        target_text(indicator.target),
        f"{VERDICT_MARKS[result.verdict]} {verdict_word(result.verdict, language)}",
        "" if not result.need_more else plain_text(result.need_more),
        result.sum.say(language) or (result.reason.say(language) if result.reason else ""),
    )


def _counts(assessment: Assessment, language: str) -> list[str]:
    zh = language == "zh"
    lines = open_lines(assessment, language)
    if any(result.provisional for result in assessment.indicators):
        lines.append(
            "* 暂定值：有数据缺失的单元" if zh else "* provisional: some units are unknown"
        )
    lines.append(_tally(assessment).say(language))
    if reach := headline_text(assessment, language):
        lines.append(reach)
    return lines


def _tally(assessment: Assessment) -> Words:
    """How many of how many fall short; where nothing was judged, that, and no 0 of 0."""
    not_judged = Words("未判断", "not judged")
    official = [unit for unit in assessment.units if unit.official]
    failing = sum(unit.verdict is Verdict.FAIL for unit in official)
    unknown = sum(unit.verdict is Verdict.UNKNOWN for unit in official)
    area = Words(
        f"{len(official)} 项中 {failing} 项不达标、{unknown} 项数据缺失",
        f"{failing} of {len(official)} fail, {unknown} unknown",
    )
    if assessment.left_open(AREA_RULE) is not None:
        area = not_judged
    failed = sum(project.verdict is Verdict.FAIL for project in assessment.projects)
    count = len(assessment.projects)
    projects = Words(f"{count} 个中 {failed} 个不达标", f"{failed} of {count} fail")
    if not count:
        projects = not_judged
    gaps, remarks = sum(gap.official for gap in assessment.gaps), len(assessment.remarks)
    return Words(
        f"每百户面积：{area.zh}；新建项目：{projects.zh}；缺口 {gaps} 条；提示 {remarks} 条",
        f"area rule: {area.en}; new projects: {projects.en}; {gaps} gaps; {remarks} remarks",
    )


def gaps_text(assessment: Assessment, language: str) -> str:
    """The official gaps, the largest first."""
    zh = language == "zh"
    head = (
        ("单元", "层级", "规则", "类别", "缺口", "计入在建后", "人口", "原因")
        if zh
        else ("unit", "level", "rule", "kind", "gap", "after committed", "people", "codes")
    )
    official = [gap for gap in assessment.gaps if gap.official]
    rows = [_gap_row(gap, language) for gap in official]
    closing = (
        f"正式缺口 {len(official)} 条，另有不作正式结论的 {len(assessment.gaps) - len(official)} 条"
        if zh
        else f"{len(official)} official gaps, {len(assessment.gaps) - len(official)} others"
    )
    return "\n".join([table_text(head, rows), *open_lines(assessment, language), closing])


def _gap_row(gap: Gap, language: str) -> tuple[str, ...]:
    return (
        gap.unit_id,
        label("level", gap.level, language),
        label("rule", gap.rule, language),
        label("kind", gap.kind, language),
        _amount(gap.gap, gap.unit, language),
        _amount(gap.gap_after_committed, gap.unit, language),
        "" if gap.people is None else plain_text(gap.people),
        "、".join(label("code", code, language) for code in gap.codes),
    )


def _amount(value: Fraction | None, unit_name: str, language: str) -> str:
    if value is None:
        return "?"
    if unit_name == "count":
        return plain_text(value)
    return f"{gap_text(value)} {'㎡' if language == 'zh' else 'm²'}"
