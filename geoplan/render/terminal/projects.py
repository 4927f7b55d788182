"""What ``geoplan comply`` shows on the terminal: one line a project, however long its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from unicodedata import combining, east_asian_width

from geoplan.assess.model import Assessment, IndicatorResult, ProjectResult, Variant
from geoplan.layers.model import rows_of
from geoplan.numbers import plain_text
from geoplan.policy.model import Standard
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.targets import target_text
from geoplan.render.wording.words import NO_VALUE, VERDICT_MARKS, shown_value, verdict_word
from geoplan.terms import Verdict, Words, label, terms

_RATES: Mapping[str, str] = {"elder_rate_new": "elder", "childcare_rate_new": "childcare"}
_VARIANTS: Mapping[str, Words] = {
    "area_only": Words("只看面积", "by area only"),
    "without_legacy": Words("不含计划前供地", "without earlier land"),
    "with_legacy": Words("含计划前供地", "with earlier land"),
    "cumulative": Words("计划期累计", "since the plan began"),
}


def projects_text(assessment: Assessment, language: str) -> str:
    """Every project with its verdict, its four synchronisations and the reasons, then the rate."""
    zh = language == "zh"
    names = {row.id: row.name for row in rows_of(assessment.layers.projects)}
    syncs = (label("sync", key, language) for key in terms("sync"))
    head = (
        ("结论", "编号", "名称", "阶段", *syncs, "原因")
        if zh
        else ("verdict", "id", "name", "stage", *syncs, "reasons")
    )
    rows = [
        _project_row(each, names.get(each.project_id, ""), language) for each in assessment.projects
    ]
    lines = [*_title(assessment, language), "", *aligned([head, *rows]), ""]
    lines.append(_counts(assessment.projects, language))
    lines += open_lines(assessment, language)
    if len(names) == len(assessment.projects):
        lines += [
            _rate(result, assessment.standard, language)
            for result in assessment.indicators
            if result.indicator.measure == "new_compound_compliance"
        ]
    return "\n".join(lines)


def _title(assessment: Assessment, language: str) -> list[str]:
    policy, standard = assessment.standard.policy, assessment.standard
    day, zh = assessment.as_of.isoformat(), language == "zh"
    asked = ("，" if zh else ", ").join(_rate_asked(name, standard, language) for name in _RATES)
    notes = [f"{'注：' if zh else 'note: '}{text}" for text in _assumptions(standard, language)]
    if zh:
        return [
            f"{assessment.study}  新建住宅小区养老托育设施“四同步”核查  截至 {day}",
            f"依据 {policy.title}（{policy.id}）：{asked}",
            *notes,
        ]
    return [
        f"{assessment.study}  new housing: the four synchronisations  as of {day}",
        f"under {policy.id} ({policy.title}): {asked}",
        *notes,
    ]


def _rate_asked(name: str, standard: Standard, language: str) -> str:
    """A rate, and whether the document states it."""
    zh = language == "zh"
    kind = label("kind", _RATES[name], language)
    text = (
        f"{kind} {plain_text(standard.number(name))} {'㎡/百户' if zh else 'm² per 100 households'}"
    )
    if name in standard.overrides:
        return f"{text}（本次设定）" if zh else f"{text} (set by you)"
    if standard.policy.parameters[name].assumed is None:
        return text
    return f"{text}（假定）" if zh else f"{text} (assumed)"


def _assumptions(standard: Standard, language: str) -> dict[str, None]:
    """Why a rate is ours and not the document's, each reason once."""
    named = (standard.policy.parameters[name] for name in _RATES if name not in standard.overrides)
    return dict.fromkeys(words for each in named if (words := each.assumption(language)))


def _project_row(result: ProjectResult, name: str, language: str) -> tuple[str, ...]:
    marks = (VERDICT_MARKS[getattr(result, key)] for key in terms("sync"))
    return (
        f"{VERDICT_MARKS[result.verdict]} {verdict_word(result.verdict, language)}",
        result.project_id,
        name,
        label("stage", result.stage, language),
        *marks,
        reasons_text(result, language),
    )


def reasons_text(result: ProjectResult, language: str) -> str:
    """The sentences against a project, then what is only a warning.

    Examples
    --------
    >>> from geoplan.assess.model import Finding
    >>> def finding(code, verdict, zh, en):
    ...     return Finding(code, "sync_plan", verdict, Words(zh, en))
    >>> class Result:
    ...     reasons = (Words("缺 10.00 ㎡", "short by 10.00 m²"),)
    ...     findings = (finding("START_LATE", Verdict.PASS, "开工晚 3 天", "begun 3 days late"),)
    >>> reasons_text(Result, "zh")
    '缺 10.00 ㎡；提示：开工晚 3 天'
    """
    zh = language == "zh"
    between = "；" if zh else "; "
    against = [each.say(language) for each in result.reasons]
    unique = dict.fromkeys(each.detail for each in result.findings if each.verdict is Verdict.PASS)
    warnings = between.join(each.say(language) for each in unique)
    hint = [f"提示：{warnings}" if zh else f"note: {warnings}"] if warnings else []
    return between.join([*against, *hint])


def _counts(projects: Sequence[ProjectResult], language: str) -> str:
    counted = [
        f"{verdict_word(verdict, language)} {sum(each.verdict is verdict for each in projects)}"
        for verdict in Verdict
        if any(each.verdict is verdict for each in projects)
    ]
    if language == "zh":
        return f"共 {len(projects)} 个项目{'：' if counted else ''}{'，'.join(counted)}"
    return f"{len(projects)} projects{': ' if counted else ''}{', '.join(counted)}"


def _rate(result: IndicatorResult, standard: Standard, language: str) -> str:
    zh = language == "zh"
    mark = f"{VERDICT_MARKS[result.verdict]} {verdict_word(result.verdict, language)}"
    fraction = _fraction(result.numerator, result.denominator)
    value = shown_value(result, standard) + ("%" if result.value is not None else "")
    star = "*" if result.provisional else ""
    variants = ("；" if zh else "; ").join(
        f"{words.say(language)} {_variant(result.variants[name])}"
        for name, words in _VARIANTS.items()
        if name in result.variants
    )
    target = target_text(result.indicator.target)
    if zh:
        provisional = "  * 暂定值，有数据缺失的项目" if star else ""
        return (
            f"本期达标率 {fraction} {value}{star}，目标 {target}，{mark}（{variants}）{provisional}"
        )
    provisional = "  * provisional: some projects are unknown" if star else ""
    return (
        f"rate of the period {fraction} {value}{star}, target {target}, "
        f"{mark} ({variants}){provisional}"
    )


def _variant(variant: Variant) -> str:
    return _fraction(variant.numerator, variant.denominator)


def _fraction(numerator: object, denominator: object) -> str:
    return f"{numerator}/{denominator}" if denominator else NO_VALUE


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Cells in columns, one line a row; the last column is as long as it needs to be.

    Examples
    --------
    >>> aligned([("编号", "阶段"), ("P-001", "移交")])
    ['编号   阶段', 'P-001  移交']
    """
    widths = [max(map(text_width, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def _line(row: Sequence[str], widths: Iterable[int]) -> str:
    cells = (
        cell + " " * (width - text_width(cell)) for cell, width in zip(row, widths, strict=True)
    )
    return "  ".join(cells).rstrip()


def text_width(text: str) -> int:
    """Columns that a text takes on a terminal: a Chinese character takes two.

    Examples
    --------
    >>> text_width("P3 江景苑"), text_width("㎡"), text_width("√")
    (9, 2, 1)
    """
    return sum(
        0 if combining(character) else 1 + (east_asian_width(character) in "WF")
        for character in text
    )
