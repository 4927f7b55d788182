"""What the page of the map is given, ready for JSON: words, scores, themes, marks and popups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoplan.assess.model import Assessment, IndicatorResult
from geoplan.render import palette
from geoplan.render.webmap.ground import (
    Data,
    crs_words,
    ground_data,
)
from geoplan.render.webmap.popups import joined, popups_of
from geoplan.render.webmap.side_tables import (
    gap_rows,
    headline,
    premises_rows,
    project_rows,
    unit_rows,
)
from geoplan.render.webmap.symbols import facility_marks, project_marks, walk_outlines
from geoplan.render.webmap.themes import list_measures
from geoplan.render.wording.targets import target_text
from geoplan.render.wording.words import shown_value, verdict_word
from geoplan.terms import Words

_WORDS = {
    "search": Words("按名称或编号查找", "find by name or id"),
    "layers": Words("专题", "theme"),
    "overlays": Words("叠加", "overlays"),
    "facilities": Words("养老托育设施", "facilities"),
    "projects": Words("新建项目", "new projects"),
    "roads": Words("道路", "streets"),
    "names": Words("名称", "names"),
    "legend": Words("图例", "legend"),
    "scorecard": Words("主要指标", "indicators"),
    "now": Words("现值", "now"),
    "target": Words("目标", "target"),
    "policy": Words("依据", "policy"),
    "as_of": Words("数据截至", "as of"),
    "crs": Words("坐标系", "CRS"),
    "nothing": Words("没有找到", "nothing found"),
    "quotes": Words("条文", "the plan says"),
    "credited": Words("计入的设施", "facilities credited"),
    "north": Words("北", "N"),
    "provisional": Words("暂定", "provisional"),
    "solid": Words("实心：运营", "solid: operating"),
    "dashed": Words("空心：在建或规划", "hollow: under construction or planned"),
    "grey": Words("灰色：停业、闲置或不详", "grey: suspended, idle or unknown"),
    "mark_elder": Words("养老", "elder care"),
    "mark_childcare": Words("托育", "childcare"),
    "mark_combined": Words("养老托育", "both"),
    "mark_other": Words("其他", "other"),
    "premises": Words("可利用存量房屋", "vacant premises"),
    "gaps_elder": Words("养老面积缺口", "elder-care gaps"),
    "gaps_childcare": Words("托育面积缺口", "childcare gaps"),
    "programme": Words("项目储备", "programme"),
    "table": Words("表格", "table"),
    "close": Words("关闭", "close"),
    "units": Words("专题单元", "units"),
    "gaps": Words("缺口", "gaps"),
    "filter": Words("筛选文字", "filter text"),
    "all": Words("全部", "all"),
    "any_jiedao": Words("全部街道", "all sub-districts"),
    "rows": Words("行", "rows"),
    "id": Words("编号", "id"),
    "name": Words("名称", "name"),
    "jiedao": Words("街道", "sub-district"),
    "people": Words("人口", "people"),
    "class": Words("类别", "class"),
    "value": Words("数值", "value"),
    "type": Words("类型", "type"),
    "status": Words("状态", "status"),
    "verdict": Words("结论", "verdict"),
    "syncs": Words("四同步", "four synchronisations"),
    "sync_letters": Words("规建验交", "PBAD"),
    "short": Words("问题", "what is short"),
    "since": Words("自", "since"),
    "level": Words("层级", "level"),
    "rule": Words("规则", "rule"),
    "kind": Words("类别", "kind"),
    "gap": Words("缺口", "gap"),
    "why": Words("说明", "notes"),
    "measure": Words("量距", "measure"),
    "print": Words("打印 A3", "print A3"),
    "language": Words("English", "中文"),
    "moment": Words("时点", "moment"),
    "token": Words("请输入天地图密钥", "token of 天地图"),
    "shifted": Words("底图坐标与数据不同：", "the basemap is shifted against the data:"),
    "of": Words("/", "of"),
    "clear": Words("清除筛选", "clear filters"),
    "year": Words("年度", "year"),
    "cost": Words("万元", "10,000 yuan"),
    "serves": Words("补哪些缺口", "gaps served"),
    "instrument": Words("方式", "instrument"),
    "title_block": Words("养老托育设施规划测算图", "elder-care and childcare map"),
    "more": Words("全部指标", "all indicators"),
    "less": Words("收起", "fewer"),
}
NOTE = Words(
    "内部工作底图　仅供规划分析　不作为权属依据",
    "internal working map, for planning analysis only, no evidence of title",
)


def map_data(assessment: Assessment, language: str) -> Data:
    """Everything the page needs, ready for JSON."""
    ground = ground_data(assessment)
    return {**ground, **view_data(assessment, language, ground["shapes"])}


def view_data(assessment: Assessment, language: str, shapes: Mapping[str, Sequence[Data]]) -> Data:
    """What one reader sees of one day; themes of layers without a shape are left out."""
    measures = [each for each in list_measures(assessment, language) if shapes[each["layer"]]]
    return {
        "meta": _meta(assessment, language),
        "words": {key: words.say(language) for key, words in _WORDS.items()},
        "headline": headline(assessment, language),
        "scorecard": [_score(each, assessment, language) for each in assessment.indicators],
        "measures": measures,
        "popups": popups_of(assessment, language),
        "units": unit_rows(assessment),
        "facilities": facility_marks(assessment, language),
        "projects": project_marks(assessment),
        "project_rows": project_rows(assessment, language),
        "gaps": gap_rows(assessment, language),
        "premises": premises_rows(assessment, language),
        "walks": walk_outlines(assessment, language),
        "programme": [],
    }


def note_words(assessment: Assessment) -> Words:
    """What stands on every map: that it is a working sheet, or its approved number."""
    publication = assessment.publication
    if publication is None:
        return NOTE
    number = f"审图号：{publication.review_no}"
    return Words(number, number)


def _page_note(assessment: Assessment, language: str) -> str:
    """On a page there is room to say what a public map leaves out, and why."""
    publication = assessment.publication
    said = [note_words(assessment), *([publication.note] if publication else [])]
    return "　".join(each.say(language) for each in said)


def _meta(assessment: Assessment, language: str) -> Data:
    policy = assessment.standard.policy
    return {
        "study": assessment.study,
        "policy": f"{policy.title} {policy.document_no}",
        "as_of": assessment.as_of.isoformat(),
        "crs": crs_words(assessment.layers.crs, language),
        "note": _page_note(assessment, language),
        "language": language,
        "colors": palette.VERDICT_COLORS,
        "marks": {
            key: [color, shape, letter.say(language)]
            for key, (color, shape, letter) in palette.MARKS.items()
        },
        "separator": joined(("", ""), language),
    }


def _score(result: IndicatorResult, assessment: Assessment, language: str) -> Data:
    indicator = result.indicator
    return {
        "id": indicator.id,
        "number": indicator.number,
        "name": indicator.label_zh if language == "zh" else indicator.label_en,
        "value": shown_value(result, assessment.standard),
        "target": target_text(indicator.target),
        "verdict": result.verdict.value,
        "word": verdict_word(result.verdict, language),
        "sum": result.sum.say(language),
        "provisional": result.provisional,
        "computed": indicator.measure != "reported",
    }
