"""What the map shows, as plain data: shapes, classes, symbols, and the text of every popup.

Nothing is judged here: classes and words are read off the assessment. Text is text; the page puts
it in as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.model import Assessment, Excluded, IndicatorResult, ReachRow, UnitResult
from geoplan.layers.model import Facility, rows_of
from geoplan.layers.places.datum import to_wgs84
from geoplan.numbers import gap_text, number_text, plain_text
from geoplan.render import palette
from geoplan.render.palette import Class
from geoplan.render.planning.walking import reach_themes, walk_areas
from geoplan.render.webmap.packing import MANY_SHAPES, simplified, stepped
from geoplan.render.webmap.side_tables import (
    SYNCS,
    gap_rows,
    headline,
    premises_rows,
    project_rows,
    unit_rows,
)
from geoplan.render.wording.targets import target_text
from geoplan.render.wording.walking import reach_lines
from geoplan.render.wording.words import code_text, shown_value, verdict_word
from geoplan.terms import Verdict, Words, facility_types, label

_DEGREE_DIGITS = 6  # about a decimetre
# More streets than this turn a map black and a file into a hundred megabytes.
MOST_ROAD_POINTS = 300_000
_POLYGON_LAYERS = ("divisions", "communities", "residential_communities", "compounds")
_LEVEL_OF = {
    "divisions": "jiedao",
    "communities": "community",
    "residential_communities": "rc",
    "compounds": "compound",
    "projects": "project",
}
_CENTER = "jiedao_elder_center_coverage"
_CHILDCARE = "rc_childcare_coverage"
_HIDDEN_STATES = frozenset({"closed"})
_PER_CENT = 100

Data = dict[str, Any]


def map_data(assessment: Assessment, language: str) -> Data:
    """Everything the page needs, ready for JSON."""
    ground = ground_data(assessment)
    return {**ground, **view_data(assessment, language, ground["shapes"])}


def ground_data(assessment: Assessment) -> Data:
    """What is the same in every language and on every day: shapes, streets, where to look."""
    return {
        "shapes": {name: _shapes(assessment, name) for name in _POLYGON_LAYERS},
        "roads": _road_lines(assessment),
        "focus": _focus(assessment),
    }


def view_data(assessment: Assessment, language: str, shapes: Mapping[str, Sequence[Data]]) -> Data:
    """What one reader sees of one day; themes of layers without a shape are left out."""
    measures = [each for each in list_measures(assessment, language) if shapes[each["layer"]]]
    return {
        "meta": _meta(assessment, language),
        "words": {key: words.say(language) for key, words in _WORDS.items()},
        "headline": headline(assessment, language),
        "scorecard": [_score(each, assessment, language) for each in assessment.indicators],
        "measures": measures,
        "popups": _popups(assessment, language),
        "units": unit_rows(assessment),
        "facilities": _facility_marks(assessment, language),
        "projects": _project_marks(assessment),
        "project_rows": project_rows(assessment, language),
        "gaps": gap_rows(assessment, language),
        "premises": premises_rows(assessment, language),
        "walks": _walk_areas(assessment, language),
        "programme": [],
    }


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
        "separator": _joined(("", ""), language),
    }


def crs_words(crs: str | None, language: str) -> str:
    """The working CRS as a title block names it: ``CGCS2000 / 3度带 CM108E（EPSG:4545）``."""
    code = (crs or "").rpartition(":")[2]
    first_meridian_code, last_meridian_code, first_meridian = 4534, 4554, 75
    if code.isdigit() and first_meridian_code <= int(code) <= last_meridian_code:
        meridian = first_meridian + 3 * (int(code) - first_meridian_code)
        zone = Words("3度带", "3-degree zone").say(language)
        return f"CGCS2000 / {zone} CM{meridian}E ({crs})"
    return crs or "/"


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


# ---------------------------------------------------------------------------------- shapes


def _focus(assessment: Assessment) -> list[list[float]]:
    """Where the map opens: on the 街道, two corners as latitude and longitude."""
    degrees = _degrees(assessment, "divisions")
    if degrees is None:
        return []
    rows = rows_of(assessment.layers.divisions)
    own = [place for row, place in zip(rows, degrees, strict=True) if row.kind == "jiedao"]
    if not any(place is not None for place in own):
        return []
    west, south, east, north = shapely.total_bounds(np.array(own, dtype=object)).tolist()
    return [[south, west], [north, east]]


def _degrees(assessment: Assessment, name: str) -> NDArray[np.object_] | None:
    layer = getattr(assessment.layers, name)
    if layer is None or layer.geometry is None:
        return None
    return to_wgs84(layer.geometry, assessment.layers.crs)


def _shapes(assessment: Assessment, name: str) -> list[Data]:
    """Polygons of a layer: id, name, rings of latitude and longitude.

    Of a large layer the rings are simplified and written as steps (``render.packing``).
    """
    layer = getattr(assessment.layers, name)
    if layer is None or layer.geometry is None:
        return []
    many = len(layer.rows) >= MANY_SHAPES
    places = simplified(layer.geometry) if many else layer.geometry
    degrees = to_wgs84(places, assessment.layers.crs)
    return [
        {"id": row.id, "name": row.name, **_rings(place, many=many)}
        for row, place in zip(layer.rows, degrees, strict=True)
        if place is not None and place.geom_type in {"Polygon", "MultiPolygon"}
    ]


def _rings(place: shapely.Geometry, *, many: bool) -> Data:
    parts = shapely.get_parts(place)
    rings = [_pairs(ring) for part in parts for ring in (part.exterior, *part.interiors)]
    return {"steps": stepped(rings)} if many else {"rings": rings}


def _pairs(line: shapely.Geometry) -> list[list[float]]:
    """Latitude first, as the page's map library wants it."""
    lonlat = shapely.get_coordinates(line).round(_DEGREE_DIGITS)
    pairs: list[list[float]] = lonlat[:, ::-1].tolist()
    return pairs


def _walk_areas(assessment: Assessment, language: str) -> list[Data]:
    """Where people live who can walk to a kind of facility, as outlines to draw over the map."""
    return [
        {
            "id": f"walk_{kind}",
            "title": title,
            "color": palette.MARKS[kind][0],
            "rings": [
                [_pairs(ring) for ring in (part.exterior, *part.interiors)]
                for part in shapely.get_parts(_to_degrees(shape, assessment))
            ],
        }
        for kind, title, shape in walk_areas(assessment, language)
    ]


def _to_degrees(shape: shapely.Geometry, assessment: Assessment) -> shapely.Geometry:
    single = np.array([shape], dtype=object)
    return to_wgs84(single, assessment.layers.crs)[0]


def _road_lines(assessment: Assessment) -> list[list[list[float]]]:
    degrees = None if assessment.layers.roads is None else assessment.layers.roads.geometry
    if degrees is None or shapely.get_num_coordinates(degrees).sum() > MOST_ROAD_POINTS:
        return []
    return [_pairs(line) for line in to_wgs84(degrees, assessment.layers.crs)]


# -------------------------------------------------------------------------------- measures


def list_measures(assessment: Assessment, language: str) -> list[Data]:
    """The themes: title, layer, legend with counts, and the class of every unit."""
    return [
        measure
        for measure in (
            _center_measure(assessment, language),
            _childcare_measure(assessment, language),
            *_area_measures(assessment, language),
            *_reach_measures(assessment, language),
        )
        if measure is not None
    ]


def _measure(  # noqa: PLR0913 - a theme has these parts
    key: str,
    title: str,
    layer: str,
    classes: Sequence[Class],
    members: Mapping[str, str],
    language: str,
    values: Mapping[str, Fraction] | None = None,
) -> Data:
    index = {each.key: place for place, each in enumerate(classes)}
    counts = [0] * len(classes)
    for each in members.values():
        counts[index[each]] += 1
    return {
        "id": key,
        "title": title,
        "layer": layer,
        "legend": [
            {
                "label": each.label.say(language),
                "color": each.color,
                "hatch": each.hatch,
                "count": count,
            }
            for each, count in zip(classes, counts, strict=True)
        ],
        "classes": {unit: index[each] for unit, each in members.items()},
        "values": {unit: number_text(value) for unit, value in (values or {}).items()},
    }


def _center_measure(assessment: Assessment, language: str) -> Data | None:
    result = assessment.of_measure(_CENTER)
    if result is None or result.numerator is None:
        return None
    members = dict.fromkeys(result.covered, "covered")
    members |= dict.fromkeys(result.unknown, "unknown")
    members |= {each.id: "outside" for each in result.excluded}
    members |= {key: _why_uncovered(key, assessment) for key in result.uncovered}
    title = Words("街道综合性养老服务中心", "sub-district elder-care centres").say(language)
    return _measure(_CENTER, title, "divisions", palette.CENTER_CLASSES, members, language)


def _centers_in(division: str, assessment: Assessment) -> list[Facility]:
    return [
        row
        for row in rows_of(assessment.layers.facilities)
        if row.facility_type == "jiedao_elder_center"
        and assessment.belonging.facilities[row.id].division == division
    ]


def _why_uncovered(division: str, assessment: Assessment) -> str:
    states = [assessment.facilities[row.id] for row in _centers_in(division, assessment)]
    if any(state.state in {"operating", "trial"} for state in states):
        return "incomplete"
    coming = any(state.state == "under_construction" for state in states)
    return "committed" if coming else "uncovered"


def _childcare_measure(assessment: Assessment, language: str) -> Data | None:
    result = assessment.of_measure(_CHILDCARE)
    if result is None or result.numerator is None:
        return None
    members = dict.fromkeys(result.covered, "covered")
    members |= dict.fromkeys(result.uncovered, "uncovered")
    members |= dict.fromkeys(result.unknown, "unknown")
    members |= {each.id: "outside" for each in result.excluded}
    by_rc = assessment.layers.residential_communities is not None
    layer = "residential_communities" if by_rc else "communities"
    title = Words("居住社区托育覆盖", "childcare in residential communities").say(language)
    return _measure(_CHILDCARE, title, layer, palette.CHILDCARE_CLASSES, members, language)


def _area_measures(assessment: Assessment, language: str) -> list[Data]:
    """Provided against required, pooled and own; and m² per 100 households of each compound."""
    zh = language == "zh"
    measures: list[Data] = []
    for level, layer in (
        ("community", "communities"),
        ("rc", "residential_communities"),
        ("compound", "compounds"),
    ):
        for kind in ("elder", "childcare"):
            units = [u for u in assessment.units if u.level == level and u.kind == kind]
            if not units or any(u.provided_m2 is None for u in units):  # or nothing is judged
                continue
            care = label("kind", kind, language)
            unit_word = label("level", level, language)
            pooled = level != "compound"
            title = (
                f"{care}面积达标率（{unit_word}{'统筹' if pooled else ''}）"
                if zh
                else f"{care} area ratio ({unit_word}{', pooled' if pooled else ''})"
            )
            members = {u.unit_id: _ratio_class(u) for u in units}
            ratios = {
                u.unit_id: u.provided_m2 / u.required_m2 * _PER_CENT
                for u in units
                if u.required_m2 and u.provided_m2 is not None and u.verdict is not Verdict.UNKNOWN
            }
            key = f"{level}_{kind}_ratio"
            measures.append(
                _measure(key, title, layer, palette.RATIO_CLASSES, members, language, ratios)
            )
            if level == "compound":
                title = f"{care}每百户面积（小区，㎡）" if zh else f"{care} m² per 100 households"
                members = {u.unit_id: _per_100_class(u) for u in units}
                per_100 = {
                    u.unit_id: u.provided_m2 * _PER_CENT / u.households
                    for u in units
                    if u.households
                    and u.provided_m2 is not None
                    and u.verdict is not Verdict.UNKNOWN
                }
                key = f"compound_{kind}_per100"
                measures.append(
                    _measure(key, title, layer, palette.PER_100_CLASSES, members, language, per_100)
                )
    return measures


def _reach_measures(assessment: Assessment, language: str) -> list[Data]:
    return [
        _measure(
            f"reach_{theme.kind}_{theme.layer}",
            theme.title,
            theme.layer,
            palette.REACH_CLASSES,
            {key: _reach_class(row) for key, row in theme.rows.items()},
            language,
            {
                key: row.share * _PER_CENT
                for key, row in theme.rows.items()
                if row.share is not None
            },
        )
        for theme in reach_themes(assessment, language)
    ]


def _reach_class(row: ReachRow) -> str:
    return "none" if row.share is None else palette.class_of(row.share, palette.REACH_BREAKS)


def _ratio_class(result: UnitResult) -> str:
    if result.verdict is Verdict.UNKNOWN:
        return "unknown"
    if result.verdict is Verdict.NA or not result.required_m2 or result.provided_m2 is None:
        return "none"
    return palette.class_of(result.provided_m2 / result.required_m2, palette.RATIO_BREAKS)


def _per_100_class(result: UnitResult) -> str:
    if result.verdict is Verdict.UNKNOWN:
        return "unknown"
    if result.verdict is Verdict.NA or not result.households or result.provided_m2 is None:
        return "none"
    return palette.class_of(result.provided_m2 * 100 / result.households, palette.PER_100_BREAKS)


# ---------------------------------------------------------------------------------- popups


def _popups(assessment: Assessment, language: str) -> dict[str, Data]:
    units: dict[tuple[str, str], list[UnitResult]] = {}
    for each in assessment.units:
        units.setdefault((each.level, each.unit_id), []).append(each)
    popups: dict[str, Data] = {}
    walks = reach_lines(assessment, language)
    index = _index(assessment)
    for layer in _POLYGON_LAYERS:
        level = _LEVEL_OF[layer]
        for row in rows_of(getattr(assessment.layers, layer)):
            popup = _unit_popup(row, level, units.get((level, row.id), []), index, language)
            popup["lines"] += walks.get((level, row.id), [])
            popups[f"{layer}/{row.id}"] = popup
    for row in rows_of(assessment.layers.facilities):
        popups[f"facilities/{row.id}"] = _facility_popup(row, index, language)
    for project in assessment.projects:
        popups[f"projects/{project.project_id}"] = _project_popup(project, index, language)
    return popups


@dataclass(frozen=True, slots=True)
class _Index:
    """The assessment with what popups look up again and again, so that a province is no square.

    ``names`` are by level and id (``facility`` for facilities); ``standing`` tells of each unit of
    a measure whether it is covered, ``reasons`` why it is not counted; ``centers`` are by division.
    """

    assessment: Assessment
    names: Mapping[tuple[str, str], str | None]
    standing: Mapping[str, Mapping[str, str]]
    reasons: Mapping[str, Mapping[str, Excluded]]
    centers: Mapping[str | None, Sequence[Facility]]


def _index(assessment: Assessment) -> _Index:
    results = {
        measure: result
        for measure in (_CENTER, _CHILDCARE)
        if (result := assessment.of_measure(measure)) is not None
    }
    centers: dict[str | None, list[Facility]] = {}
    for row in rows_of(assessment.layers.facilities):
        if row.facility_type == "jiedao_elder_center":
            centers.setdefault(assessment.belonging.facilities[row.id].division, []).append(row)
    levels = {**_LEVEL_OF, "facilities": "facility"}
    return _Index(
        assessment,
        {
            (level, row.id): row.name
            for layer, level in levels.items()
            for row in rows_of(getattr(assessment.layers, layer))
        },
        {measure: _standings(result) for measure, result in results.items()},
        {
            measure: {each.id: each for each in result.excluded}
            for measure, result in results.items()
        },
        centers,
    )


def _standings(result: IndicatorResult) -> dict[str, str]:
    return {
        **{each.id: "excluded" for each in result.excluded},
        **dict.fromkeys(result.unknown, "unknown"),
        **dict.fromkeys(result.uncovered, "uncovered"),
        **dict.fromkeys(result.covered, "covered"),
    }


def _clause(assessment: Assessment, key: str) -> list[list[str]]:
    clause = assessment.standard.policy.clauses.get(key)
    return [] if clause is None else [[clause.where, clause.text]]


def _unit_popup(
    row: Any, level: str, results: Sequence[UnitResult], index: _Index, language: str
) -> Data:
    zh, assessment = language == "zh", index.assessment
    lines: list[list[str]] = []
    facilities: list[str] = []
    quotes: list[list[str]] = []
    badges: list[list[str]] = []
    population = getattr(row, "population", None)
    households = getattr(row, "households", None)
    if population is not None:
        lines.append(["人口" if zh else "residents", plain_text(Fraction(population))])
    if households is not None:
        lines.append(["户数" if zh else "households", plain_text(Fraction(households))])
    for measure, of_level in ((_CENTER, "jiedao"), (_CHILDCARE, "rc"), (_CHILDCARE, "community")):
        result = assessment.of_measure(measure)
        if result is not None and level == of_level:
            found = _coverage_lines(row.id, result, index, language)
            if found is not None:
                badges.append(found["badge"])
                lines += found["lines"]
                facilities += found["facilities"]
                quotes += found["quotes"]
    for each in results:
        care = label("kind", each.kind, language)
        badges.append([each.verdict.value, f"{care} {verdict_word(each.verdict, language)}"])
        lines.append([care, each.sum.say(language)])
        if each.codes:
            codes = _joined((code_text(code, language) for code in each.codes), language)
            lines.append([f"{care}{'说明' if zh else ' notes'}", codes])
        facilities += [
            f"{care} {_facility_name(credit.facility, index, language)}"
            f" {_area(number_text(credit.floor_m2), language)}"
            for credit in each.facilities
        ]
    publication = assessment.publication
    if publication is not None and (level, row.id) in publication.withheld:
        lines.append(["", publication.withheld[level, row.id].say(language)])
    if results:
        rule = assessment.standard.policy.rules["area_per_100_households"]
        quotes += _clause(assessment, rule.clause)
    return {
        "title": row.name or row.id,
        "subtitle": f"{label('level', level, language)} {row.id}",
        "badges": badges,
        "lines": lines,
        "facilities": facilities,
        "quotes": quotes,
    }


def _facility_name(key: str, index: _Index, language: str) -> str:
    name = index.names.get(("facility", key))
    if not name:
        return key
    return f"{name}（{key}）" if language == "zh" else f"{name} ({key})"


def _joined(parts: Iterable[str], language: str) -> str:
    """Parts of one line, set off as the language does."""
    return ("；" if language == "zh" else "; ").join(parts)


def _area(number: str, language: str) -> str:
    return f"{number} {'㎡' if language == 'zh' else 'm²'}"


_STANDING = {
    "covered": ("PASS", Words("已覆盖", "covered")),
    "uncovered": ("FAIL", Words("未覆盖", "not covered")),
    "unknown": ("UNKNOWN", Words("数据缺失", "unknown")),
    "excluded": ("NA", Words("不计", "not counted")),
}


def _coverage_lines(key: str, result: IndicatorResult, index: _Index, language: str) -> Data | None:
    """How a unit stands in a coverage indicator, and why."""
    zh, measure = language == "zh", result.indicator.measure
    reasons = index.reasons[measure]
    standing = index.standing[measure].get(key)
    if standing is None:
        return None
    verdict, word = _STANDING[standing]
    name = result.indicator.label_zh if zh else result.indicator.label_en
    lines = [[name, word.say(language)]]
    if key in reasons:
        lines.append(["原因" if zh else "reason", label("code", reasons[key].reason, language)])
        if reasons[key].advice.zh:
            lines.append(["建议" if zh else "advice", reasons[key].advice.say(language)])
    if result.indicator.measure == _CENTER and standing in {"uncovered", "unknown"}:
        lines += _center_reasons(key, index, language)
    lines.append(["算式" if zh else "sum", result.sum.say(language)])
    clauses = [result.indicator.clause]
    if result.indicator.task is not None:
        clauses += (
            [f"附件1-{result.indicator.task}-中心"] if result.indicator.measure == _CENTER else []
        )
        clauses.append(f"附件1-{result.indicator.task}-目标")
    return {
        "badge": [verdict, word.say(language)],
        "lines": lines,
        "facilities": [
            _facility_name(each, index, language) for each in result.covered_by.get(key, ())
        ],
        "quotes": [quote for clause in clauses for quote in _clause(index.assessment, clause)],
    }


def _center_reasons(division: str, index: _Index, language: str) -> list[list[str]]:
    """Every centre of the 街道 with what it lacks."""
    zh, assessment = language == "zh", index.assessment
    centers = index.centers.get(division, ())
    if not centers:
        return [
            ["原因" if zh else "reason", "没有街道综合性养老服务中心" if zh else "no such centre"]
        ]
    lines: list[list[str]] = []
    for row in centers:
        state = assessment.facilities[row.id]
        parts = [label("status", state.state, language)]
        if state.missing_functions:
            missing = _functions(state.missing_functions, language)
            parts.append(f"{'缺少功能：' if zh else 'lacks '}{missing}")
        if row.functions is None:
            parts.append("服务功能不明" if zh else "functions unknown")
        if row.open_date is not None and row.open_date > assessment.as_of:
            parts.append(f"{'预计投用' if zh else 'opens'} {row.open_date.isoformat()}")
        lines.append([row.name or row.id, _joined(parts, language)])
    return lines


def _functions(keys: Iterable[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(
        label("function", each, language) for each in keys
    )


def _facility_popup(row: Facility, index: _Index, language: str) -> Data:
    zh, assessment, names = language == "zh", index.assessment, index.names
    state, place = assessment.facilities[row.id], assessment.belonging.facilities[row.id]
    lines = [["类型" if zh else "type", label("facility_type", row.facility_type, language)]]
    lines.append(["状态" if zh else "status", label("status", state.state, language)])
    for level, key in (
        ("jiedao", place.division),
        ("community", place.community),
        ("rc", place.rc),
        ("compound", place.compound),
    ):
        if key is not None:
            lines.append([label("level", level, language), names.get((level, key), key) or key])
    for words, value in (
        (Words("床位数", "beds"), row.beds),
        (Words("护理型床位", "nursing beds"), row.nursing_beds),
        (Words("托位数", "places"), row.places),
    ):
        if value is not None:
            lines.append([words.say(language), plain_text(Fraction(value))])
    if row.floor_area_m2 is not None:
        area = number_text(Fraction(row.floor_area_m2))
        lines.append(["建筑面积" if zh else "floor area", _area(area, language)])
    for kind, counted in state.counted_m2.items():
        care = label("kind", kind, language)
        shown = "?" if counted is None else number_text(counted)
        lines.append([f"{'可计' if zh else 'counts for '}{care}", _area(shown, language)])
    if state.missing_functions:
        missing = _functions(state.missing_functions, language)
        lines.append(["缺少功能" if zh else "lacks", missing])
    if state.codes:
        codes = _joined((code_text(code, language) for code in state.codes), language)
        lines.append(["说明" if zh else "notes", codes])
    return {
        "title": row.name or row.id,
        "subtitle": row.id,
        "badges": [],
        "lines": lines,
        "facilities": [],
        "quotes": [],
    }


def _project_popup(project: Any, index: _Index, language: str) -> Data:
    zh, assessment = language == "zh", index.assessment
    name = index.names["project", project.project_id]
    lines = [["阶段" if zh else "stage", label("stage", project.stage, language)]]
    for key in ("sync_plan", "sync_build", "sync_accept", "sync_deliver"):
        verdict: Verdict = getattr(project, key)
        lines.append([label("sync", key, language), verdict_word(verdict, language)])
    for kind in ("elder", "childcare"):
        required = getattr(project, f"required_{kind}_m2")
        gap = getattr(project, f"gap_{kind}_m2")
        if required is not None:
            short = (
                ""
                if not gap
                else f"，缺 {gap_text(gap)} ㎡"
                if zh
                else f", short {gap_text(gap)} m²"
            )
            care = label("kind", kind, language)
            lines.append(
                [
                    f"{care}{'应配' if zh else ' required'}",
                    _area(number_text(required), language) + short,
                ]
            )
    lines += [["原因" if zh else "reason", each.say(language)] for each in project.reasons]
    rule = assessment.standard.policy.rules["new_project_area"]
    return {
        "title": name or project.project_id,
        "subtitle": f"{label('level', 'project', language)} {project.project_id}",
        "badges": [[project.verdict.value, verdict_word(project.verdict, language)]],
        "lines": lines,
        "facilities": [],
        "quotes": _clause(assessment, rule.clause),
    }


# ----------------------------------------------------------------------------------- marks


def _points(assessment: Assessment, name: str) -> list[tuple[str, float, float]]:
    degrees = _degrees(assessment, name)
    if degrees is None:
        return []
    rows = getattr(assessment.layers, name).rows
    found: list[tuple[str, float, float]] = []
    for row, place in zip(rows, degrees, strict=True):
        if place is not None and not place.is_empty:
            at = place.point_on_surface()
            found.append((row.id, round(at.y, _DEGREE_DIGITS), round(at.x, _DEGREE_DIGITS)))
    return found


_LOOK = {
    "operating": "solid",
    "trial": "solid",
    "under_construction": "hollow",
    "planned": "hollow",
}


def _facility_marks(assessment: Assessment, language: str) -> list[Data]:
    """Symbols by type and status; closed ones are gone from the ground and from the map."""
    rows = {row.id: row for row in rows_of(assessment.layers.facilities)}
    divisions = {row.id: row.name for row in rows_of(assessment.layers.divisions)}
    return [
        {
            "id": key,
            "name": rows[key].name or key,
            "at": [lat, lon],
            "mark": facility_types()[rows[key].facility_type].symbol,
            "look": _LOOK.get(assessment.facilities[key].state, "grey"),
            "tip": label("facility_type", rows[key].facility_type, language),
            "status": label("status", assessment.facilities[key].state, language),
            "jiedao": divisions.get(assessment.belonging.facilities[key].division or "", ""),
        }
        for key, lat, lon in _points(assessment, "facilities")
        if assessment.facilities[key].state not in _HIDDEN_STATES
    ]


def _project_marks(assessment: Assessment) -> list[Data]:
    results = {each.project_id: each for each in assessment.projects}
    names = {row.id: row.name for row in rows_of(assessment.layers.projects)}
    return [
        {
            "id": key,
            "name": names[key] or key,
            "at": [lat, lon],
            "verdict": results[key].verdict.value,
            "syncs": [getattr(results[key], sync).value for sync in SYNCS],
        }
        for key, lat, lon in _points(assessment, "projects")
        if key in results
    ]
