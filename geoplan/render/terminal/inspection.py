"""An inspection on one page of the terminal."""

from __future__ import annotations

from collections import defaultdict

from geoplan.assess.checkup.inspection import Inspection
from geoplan.render.tables.inspection import Effect, after_text, indicator_word, verdicts_text
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.text_columns import table_text
from geoplan.render.wording.view import View
from geoplan.render.wording.words import NO_VALUE
from geoplan.terms import Words

_IDS_SHOWN = 6


def inspection_text(inspection: Inspection, view: View) -> str:
    """Layers, problems, what is doubtful, and what mending it would move."""
    parts = [
        _title(inspection, view),
        _layers(inspection, view),
        _problems(inspection, view),
        _doubts(inspection, view),
        _effects(inspection, view),
        *(each.said.say(view.language) for each in inspection.evidence),
    ]
    return "\n".join(part for part in parts if part)


def _title(inspection: Inspection, view: View) -> str:
    day = inspection.assessment.as_of.isoformat()
    words = Words("数据检查  截至", "inspection  as of").say(view.language)
    return f"{inspection.assessment.study}  {words} {day}"


def _layers(inspection: Inspection, view: View) -> str:
    zh = view.language == "zh"
    head = (
        ("图层", "文件", "编码", "坐标系", "读入", "采用", "识别的列", "未识别的列")
        if zh
        else ("layer", "file", "encoding", "CRS", "read", "kept", "understood", "not understood")
    )
    rows = [
        (
            view.label("layer", source.layer),
            source.path,
            source.encoding or NO_VALUE,
            source.crs or NO_VALUE,
            str(source.rows_read),
            str(source.rows_kept),
            str(sum(bool(key) for _, key in source.headings)),
            "、".join(heading for heading, key in source.headings if not key and heading),
        )
        for source in inspection.assessment.sources
    ]
    return table_text(head, rows)


def _problems(inspection: Inspection, view: View) -> str:
    if not inspection.problems:
        open_ = open_lines(inspection.assessment, view.language)
        if open_:
            told = Words(
                "能读的数据没有必须改正之处，但以下各项无法判断：",
                "What was given can be read, but it cannot judge this:",
            )
            return "\n".join([told.say(view.language), *(f"  {line}" for line in open_)])
        return Words("没有必须改正的问题。", "Nothing has to be mended before assessing.").say(
            view.language
        )
    head = Words(
        f"必须改正 {len(inspection.problems)} 项，改正前不能测算：",
        f"{len(inspection.problems)} to mend before assessing:",
    ).say(view.language)
    return "\n".join([head, *(f"  {each.say(view.language)}" for each in inspection.problems)])


def _doubts(inspection: Inspection, view: View) -> str:
    """One line a layer and a code."""
    zh = view.language == "zh"
    ids: dict[tuple[str, str], list[str]] = defaultdict(list)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for remark in inspection.assessment.remarks:
        ids[remark.layer, remark.code] += remark.ids
        counts[remark.layer, remark.code] += max(1, len(remark.rows))
    for defect in inspection.defects:
        ids[defect.layer, defect.code] += defect.ids
        counts[defect.layer, defect.code] += len(defect.rows)
    head = (
        ("图层", "代码", "含义", "处", "编号") if zh else ("layer", "code", "meaning", "n", "ids")
    )
    rows = [
        (
            view.label("layer", layer) if layer else NO_VALUE,
            code,
            view.label("code", code),
            str(count),
            _named(ids[layer, code], zh=zh),
        )
        for (layer, code), count in counts.items()
    ]
    return table_text(head, rows) if rows else ""


def _named(ids: list[str], *, zh: bool) -> str:
    unique = list(dict.fromkeys(ids))
    shown = "、".join(unique[:_IDS_SHOWN])
    if len(unique) <= _IDS_SHOWN:
        return shown
    return f"{shown} 等" if zh else f"{shown} …"


def _effects(inspection: Inspection, view: View) -> str:
    zh = view.language == "zh"
    if not inspection.effects:
        return ""
    head = (
        ("改正", "行", "会变的指标", "现值", "改正后", "结论")
        if zh
        else ("mending", "rows", "moves", "now", "after", "verdict")
    )
    rows = []
    for effect in inspection.effects:
        for move in effect.moves or (None,):
            row = Effect(effect, move)
            rows.append(
                (
                    view.label("code", effect.code),
                    str(len(effect.ids)),
                    indicator_word(row, view),
                    row.now_text(),
                    after_text(row),
                    verdicts_text(row, view),
                )
            )
    note = Words(
        "按改正后的数据重新测算；改正后的值无从得知时给出范围。",
        "Judged again with the rows mended; a range where nobody can know what they would say.",
    ).say(view.language)
    return f"{table_text(head, rows)}\n{note}"
