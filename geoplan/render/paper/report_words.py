"""The sentences of the report: what the numbers of an assessment say to a meeting.

Belongs here: wording. Does not belong here: any judgement, and how paper looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from geoplan.assess.model import IndicatorResult, ProjectResult, UnitResult
from geoplan.numbers import gap_text, number_text, plain_text
from geoplan.policy.model import Clause, Policy
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.targets import target_text
from geoplan.render.wording.view import View
from geoplan.render.wording.words import shown_value
from geoplan.terms import Verdict, Words, terms, unit

# What a computed indicator counts, hence what ``need_more`` of it are.
_COUNTED: Mapping[str, Words] = {
    "nursing_bed_share": Words("张护理型床位", "nursing beds"),
    "jiedao_elder_center_coverage": Words("个街道", "sub-districts"),
    "childcare_places_per_1000": Words("个托位", "places"),
    "rc_childcare_coverage": Words("个居住社区", "communities"),
    "county_infant_guidance_rate": Words("个县(市、区)", "counties"),
    "new_compound_compliance": Words("个项目", "projects"),
}
_VARIANTS: Mapping[str, Words] = {
    "union_in_jiedao": Words(
        "功能可由街道内多家机构合并具备", "functions may be spread in the area"
    ),
    "all_communities": Words("计入人口超出范围的居住社区", "communities of every size"),
    "located": Words("只按设施所在地", "by where facilities stand"),
    "served": Words("只按设施服务范围", "by whom facilities serve"),
    "area_only": Words("只看面积", "by area only"),
    "without_legacy": Words("不含计划前供地", "without earlier land"),
    "with_legacy": Words("含计划前供地", "with earlier land"),
    "cumulative": Words("计划期累计", "since the plan began"),
}
COUNTED_VERDICTS = (Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.NA)
_NAMES_AT_MOST = 8
_TO_BE_SENT = re.compile(r"每年(\d{1,2})月(\d{1,2})日前")


# -------------------------------------------------------------------------------- the head


def day_words(day: date, view: View) -> str:
    """2023年12月31日, or 31 December 2023."""
    if view.language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B %Y}"


def title_words(view: View) -> str:
    """The title of the report."""
    study = view.assessment.study
    if view.language == "zh":
        return f"{study}养老托育设施规划实施情况报告"
    return f"{study}: elder-care and childcare facilities under the plan"


def head_rows(view: View) -> list[tuple[str, str]]:
    """What every report must state: the day, the document, the rules, who compiled it."""
    assessment = view.assessment
    policy = assessment.standard.policy
    zh = view.language == "zh"
    return [
        ("截至日期" if zh else "as of", day_words(assessment.as_of, view)),
        ("依据" if zh else "policy", f"{policy.title}（{policy.document_no}）"),
        (
            "规则版本" if zh else "rules",
            f"{policy.id}（SHA-256 {policy.sha256[:12]}…）",
        ),
        ("编制单位" if zh else "compiled by", ""),
        *_edition_rows(view),
    ]


def _edition_rows(view: View) -> list[tuple[str, str]]:
    """Of the public edition its approved number, and what is not shown and why."""
    publication = view.assessment.publication
    if publication is None:
        return []
    number = "审图号" if view.language == "zh" else "approved number (审图号)"
    told = "不公开的数字" if view.language == "zh" else "not shown"
    return [(number, publication.review_no), (told, view.say(publication.note))]


def late_words(view: View) -> str:
    """A reminder when the day is later than the one the policy sets for the yearly report."""
    found = _deadline(view.assessment.standard.policy, view.assessment.as_of.year)
    if found is None or view.assessment.as_of <= found[0]:
        return ""
    due, clause = found
    sentence = clause.text.rstrip("。")
    said = f"{due.month}月{due.day}日"
    if view.language == "zh":
        return (
            f"提醒：年度报告应于{said}前报送，本报告截至日期晚于该日"
            f"（{clause.where}：{sentence}）。"
        )
    return (
        f"Reminder: the yearly report is due before {due.day} {due:%B};"
        f" this one is as of a later day ({clause.where}: {sentence})."
    )


def _deadline(policy: Policy, year: int) -> tuple[date, Clause] | None:
    """The day before which the policy wants yearly reports, with its sentence."""
    for clause in policy.clauses.values():
        match = _TO_BE_SENT.search(clause.text)
        if match:
            return date(year, int(match[1]), int(match[2])), clause
    return None


# ------------------------------------------------------------------------------ indicators


def overview_words(view: View) -> str:
    """How many indicators stand where, all together and by group."""
    results = view.assessment.indicators
    groups: dict[str, list[IndicatorResult]] = {}
    for each in results:
        groups.setdefault(each.indicator.group, []).append(each)
    day = day_words(view.assessment.as_of, view)
    counted = _verdict_counts([each.verdict for each in results], view)
    if view.language == "zh":
        parts = "；".join(
            f"{name}类 {len(each)} 项：{_verdict_counts([r.verdict for r in each], view)}"
            for name, each in groups.items()
        )
        return f"截至{day}，{len(results)} 项指标中，{counted}。其中，{parts}。"
    return f"As of {day}, of {len(results)} indicators: {counted}."


def _verdict_counts(verdicts: Sequence[Verdict], view: View) -> str:
    """达标 9 项、不达标 7 项: only the verdicts there are."""
    zh = view.language == "zh"
    said = [
        f"{view.verdict(each)} {verdicts.count(each)}{' 项' if zh else ''}"
        for each in Verdict
        if each in verdicts
    ]
    return ("、" if zh else ", ").join(said)


def value_words(result: IndicatorResult, view: View) -> str:
    """The value as printed, with a star where it is provisional."""
    return shown_value(result, view.assessment.standard) + ("*" if result.provisional else "")


def trend_words(result: IndicatorResult, view: View) -> str:
    """The value against the baseline, at as many decimals as the plan prints (66.67 is 66)."""
    baseline = result.indicator.baseline
    if baseline is None or result.value is None:
        return "/"
    step = Decimal(1).scaleb(int(baseline.value.as_tuple().exponent))
    numerator, denominator = result.value.numerator, result.value.denominator
    value = (Decimal(numerator) / Decimal(denominator)).quantize(step, ROUND_DOWN)
    order = (value > baseline.value) - (value < baseline.value)
    words = {1: Words("↑", "↑"), 0: Words("持平", "same"), -1: Words("↓", "↓")}
    return view.say(words[order])


def shortfall_words(result: IndicatorResult) -> str:
    """How far a missed value is from its target, in the indicator's unit, rounded up."""
    target = result.indicator.target
    if target is None or result.value is None or result.verdict is not Verdict.FAIL:
        return ""
    short = Fraction(target.value) - result.value
    if short > 0:
        return gap_text(short)
    return target_text(target) if short == 0 else ""


def need_words(result: IndicatorResult, view: View) -> str:
    """How many more units, beds or places the target asks for: 288 个托位."""
    words = _COUNTED.get(result.indicator.measure)
    if not result.need_more or result.verdict is Verdict.PASS:
        return ""
    if words is None:
        words = Words(f" {_unit_word(result, view)}".rstrip(), _unit_word(result, view))
    return f"{plain_text(result.need_more)} {view.say(words).strip()}".strip()


def _unit_word(result: IndicatorResult, view: View) -> str:
    found = unit(result.indicator.unit)
    return found.zh if view.language == "zh" else found.en


def indicator_name(result: IndicatorResult, view: View) -> str:
    """The name of an indicator with its unit."""
    name = result.indicator.label_zh if view.language == "zh" else result.indicator.label_en
    word = _unit_word(result, view)
    if not word:
        return name
    return f"{name}（{word}）" if view.language == "zh" else f"{name} ({word})"


def provisional_words(view: View) -> list[str]:
    """What the star means, and which verdicts could turn."""
    results = [each for each in view.assessment.indicators if each.provisional]
    if not results:
        return []
    numbers = "、".join(each.indicator.number for each in results)
    turning = "、".join(each.indicator.number for each in results if each.could_turn)
    if view.language == "zh":
        turns = f"；补齐后结论可能改变的：指标 {turning}" if turning else "，补齐后结论不变"
        return [f"* 暂定值：指标 {numbers} 有数据缺失的单元{turns}。"]
    turns = f"; the verdict could turn for {turning}" if turning else "; no verdict could turn"
    return [f"* provisional: units of {numbers} lack data{turns}."]


def variant_words(result: IndicatorResult, view: View) -> list[str]:
    """The same indicator under other definitions, for reference."""
    zh = view.language == "zh"
    said: list[str] = []
    for key, each in result.variants.items():
        name = view.say(_VARIANTS[key]) if key in _VARIANTS else key
        if each.value is None or each.numerator is None or each.denominator is None:
            continue
        numbers = f"{plain_text(each.numerator)}/{plain_text(each.denominator)}"
        value = number_text(each.value)
        mark = _unit_word(result, view)
        verdict = view.verdict(each.verdict)
        said.append(
            f"{name}：{value}{mark}（{numbers}，{verdict}）"
            if zh
            else f"{name}: {value}{mark} ({numbers}, {verdict})"
        )
    return said


# -------------------------------------------------------------------------------- problems


def problems_by_bureau(view: View) -> dict[str, list[str]]:
    """For each leading bureau what is missed, unknown or not reported, in the plan's order."""
    found: dict[str, list[str]] = {}
    for result in view.assessment.indicators:
        if result.verdict is Verdict.PASS:
            continue
        for bureau in result.indicator.lead:
            found.setdefault(bureau, []).append(problem_words(result, view))
    return found


def problem_words(result: IndicatorResult, view: View) -> str:
    """One indicator that is not reached: value, target, what is still needed and where."""
    zh = view.language == "zh"
    number, name = result.indicator.number, indicator_name(result, view)
    head = f"指标 {number} “{name}”" if zh else f"{number} {name}"
    if result.value is None:
        reason = view.say(result.reason) or view.verdict(result.verdict)
        return f"{head}：{reason}" if zh else f"{head}: {reason}"
    parts = [
        f"现值 {value_words(result, view)}" if zh else f"now {value_words(result, view)}",
        f"目标 {target_text(result.indicator.target)}"
        if zh
        else f"target {target_text(result.indicator.target)}",
        view.verdict(result.verdict),
    ]
    need = need_words(result, view)
    if need:
        parts.append(f"还需 {need}" if zh else f"{need} still needed")
    where = units_words(result, result.uncovered, view)
    if where:
        parts.append(f"未达到的：{where}" if zh else f"missed at {where}")
    lacking = units_words(result, result.unknown, view)
    if lacking:
        parts.append(f"数据缺失：{lacking}" if zh else f"unknown: {lacking}")
    return f"{head}：{'，'.join(parts)}" if zh else f"{head}: {', '.join(parts)}"


def units_words(result: IndicatorResult, keys: Sequence[str], view: View) -> str:
    """The names of units, the first few, and how many there are."""
    if not result.level or not keys:
        return ""
    names = [view.register.name(result.level, key) for key in keys[:_NAMES_AT_MOST]]
    zh = view.language == "zh"
    listed = ("、" if zh else ", ").join(names)
    if len(keys) > len(names):
        listed += f"等 {len(keys)} 个" if zh else f" and others, {len(keys)} in all"
    return listed


# ------------------------------------------------------------------------------- area rule


def area_rows(units: Iterable[UnitResult], view: View) -> list[tuple[str, ...]]:
    """Sums over official units by stock and kind: units, verdicts, areas, gaps."""
    listed = list(units)
    rows: list[tuple[str, ...]] = []
    for level, stock, kind in dict.fromkeys((u.level, u.stock, u.kind) for u in listed):
        among = [u for u in listed if (u.level, u.stock, u.kind) == (level, stock, kind)]
        count = [sum(u.verdict is each for u in among) for each in COUNTED_VERDICTS]
        unknown = any(u.required_m2 is None for u in among)
        rows.append(
            (
                f"{view.label('stock', stock)}（{view.label('level', level)}）",
                view.label("kind", kind),
                str(len(among)),
                *map(str, count),
                total_text((u.required_m2 for u in among), number_text) + ("*" if unknown else ""),
                total_text((u.provided_m2 for u in among), number_text),
                total_text((u.gap_m2 for u in among), gap_text),
                total_text((u.gap_after_committed_m2 for u in among), gap_text),
            )
        )
    return rows


def total_text(values: Iterable[Fraction | None], shown: Callable[[Fraction], str]) -> str:
    """The sum of numbers as they are shown, so that it is what a reader adds up.

    Examples
    --------
    >>> total_text((Fraction(1, 300), None, Fraction(1, 300)), gap_text)
    '0.02'
    """
    return number_text(sum((Fraction(shown(each)) for each in values if each), Fraction(0)))


# -------------------------------------------------------------------------------- projects


def project_words(result: ProjectResult, view: View) -> str:
    """Why a project does not pass, and what should be known of one that does."""
    said = [view.say(each) for each in result.reasons]
    said += [view.say(each.detail) for each in result.findings if each.verdict is Verdict.PASS]
    return ("；" if view.language == "zh" else "; ").join(dict.fromkeys(said))


def projects_overview(view: View) -> str:
    """How many projects stand where, and how many the official rate counts."""
    projects = view.assessment.projects
    counts = _verdict_counts([each.verdict for each in projects], view)
    rated = sum(each.in_rate for each in projects)
    if view.language == "zh":
        counts = counts.replace(" 项", " 个")
        return f"新建住宅项目 {len(projects)} 个：{counts}；其中计入达标率 {rated} 个。"
    return f"{len(projects)} new housing projects: {counts}; {rated} of them count in the rate."


# ------------------------------------------------------------------------------- decisions


def decision_words(view: View) -> list[str]:
    """What a meeting is asked to settle, as far as results show it."""
    return [*_asked_for_coverage(view), *_asked_for_area(view), *_asked_for_data(view)]


def _asked_for_coverage(view: View) -> Iterator[str]:
    zh = view.language == "zh"
    for result in view.assessment.indicators:
        if not result.level or result.verdict is not Verdict.FAIL:
            continue
        where = units_words(result, result.uncovered, view)
        if where:
            lead = "、".join(result.indicator.lead)
            yield (
                f"明确{where}的建设或整改方案和完成时限（指标 {result.indicator.number}，{lead}）。"
                if zh
                else f"Settle how and by when {where} will be covered ({result.indicator.number}; {lead})."
            )


def _asked_for_area(view: View) -> Iterator[str]:
    zh = view.language == "zh"
    for kind in terms("kind"):
        short = [
            each
            for each in view.assessment.units
            if each.official and each.kind == kind and each.gap_m2
        ]
        if short:
            total = total_text((each.gap_m2 for each in short), gap_text)
            care = view.label("kind", kind)
            yield (
                f"安排 {len(short)} 个单元共 {total} ㎡{care}设施面积缺口的补足方式和资金"
                "（购置、置换、租赁或改造，见缺口清单）。"
                if zh
                else f"Settle how the {care} gap of {total} m² at {len(short)} units will be closed."
            )


def _asked_for_data(view: View) -> Iterator[str]:
    zh = view.language == "zh"
    unknown = sum(u.official and u.verdict is Verdict.UNKNOWN for u in view.assessment.units)
    unknown += sum(each.verdict is Verdict.UNKNOWN for each in view.assessment.projects)
    if unknown:
        yield (
            f"补报 {unknown} 项因数据缺失不能作结论的单元资料（见缺失数据与提示）。"
            if zh
            else f"Supply the data of {unknown} units without a verdict (see the missing data)."
        )


# ----------------------------------------------------------------------------- missing data


def missing_words(view: View) -> list[str]:
    """Everything that could not be judged, and why."""
    return [
        *_missing_layers(view),
        *open_lines(view.assessment, view.language),
        *_missing_values(view),
        *_missing_units(view),
    ]


def _missing_layers(view: View) -> Iterator[str]:
    absent = [
        view.label("layer", name)
        for name in terms("layer")
        if getattr(view.assessment.layers, name) is None
    ]
    if absent:
        zh = view.language == "zh"
        listed = ("、" if zh else ", ").join(absent)
        yield f"未提供的图层：{listed}。" if zh else f"Layers not given: {listed}."


def _missing_values(view: View) -> Iterator[str]:
    for each in view.assessment.indicators:
        if each.value is None:
            yield problem_words(each, view)


def _missing_units(view: View) -> Iterator[str]:
    zh = view.language == "zh"
    for each in view.assessment.indicators:
        lacking = units_words(each, each.unknown, view)
        if lacking:
            number = each.indicator.number
            yield f"指标 {number} 数据缺失：{lacking}" if zh else f"{number}: unknown at {lacking}"
    for unit_ in view.assessment.units:
        if unit_.official and unit_.verdict is Verdict.UNKNOWN:
            name = view.register.name(unit_.level, unit_.unit_id)
            kind, why = view.label("kind", unit_.kind), view.codes(unit_.codes)
            yield f"{name}（{kind}面积）：{why}" if zh else f"{name} ({kind} area): {why}"
    for project in view.assessment.projects:
        if project.verdict is Verdict.UNKNOWN:
            name = view.register.name("project", project.project_id)
            yield (
                f"{name}：{project_words(project, view)}"
                if zh
                else (f"{name}: {project_words(project, view)}")
            )


def reported_words(view: View) -> list[str]:
    """Which values were typed in by bureaus, by their source."""
    by_source: dict[str, list[str]] = {}
    for each in view.assessment.indicators:
        if each.source:
            by_source.setdefault(each.source, []).append(each.indicator.number)
    zh = view.language == "zh"
    return [
        f"填报值（{source}）：指标 {'、'.join(numbers)}"
        if zh
        else f"reported ({source}): {', '.join(numbers)}"
        for source, numbers in by_source.items()
    ]


def size_advice(view: View) -> list[str]:
    """Residential communities out of range with the split or merge suggested."""
    result = view.assessment.of_measure("rc_childcare_coverage")
    colon = "：" if view.language == "zh" else ": "
    return [
        f"{view.register.name(result.level, each.id)}{colon}{view.say(each.advice)}"
        for each in (() if result is None else result.excluded)
        if result is not None and view.say(each.advice)
    ]
