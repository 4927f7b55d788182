"""Themes that only paper has: gaps as circles by size, projects by verdict (``docs/method.md`` §5.3).

On the page they are layers over every theme; a sheet shows one thing at a time.
"""

from __future__ import annotations

from fractions import Fraction

from geoplan.assess.model import Assessment, UnitResult
from geoplan.layers.model import LEVELS, rows_of
from geoplan.render.palette import VERDICT_COLORS
from geoplan.render.webmap.ground import Data
from geoplan.render.wording.words import VERDICT_MARKS
from geoplan.terms import Verdict, Words, label

_POOLED = tuple((name, LEVELS[name].layer) for name in ("community", "rc", "compound"))
# m², and the width of the circle in points; a gap on a break is in the smaller class.
_BREAKS = ((0, 0.0), (100, 5.0), (300, 9.0), (600, 13.0))
_LARGEST = 18.0
_RED, _GREY, _NONE = "#c3271b", "#bdbdbd", "#f5f5f5"


def paper_measures(assessment: Assessment, language: str) -> list[Data]:
    """The themes in the form of ``list_measures``; legends of circles have a ``size``."""
    found = [_gaps(assessment, kind, language) for kind in ("elder", "childcare")]
    return [each for each in (*found, _projects(assessment, language)) if each is not None]


def _gaps(assessment: Assessment, kind: str, language: str) -> Data | None:
    for level, layer in _POOLED:
        units = [
            unit
            for unit in assessment.units
            if unit.official and unit.level == level and unit.kind == kind
        ]
        if units and getattr(assessment.layers, layer) is not None:
            break
    else:
        return None
    title = Words(
        f"{label('kind', kind, 'zh')}面积缺口（{label('level', level, 'zh')}）",
        f"{label('kind', kind, 'en')}: floor area missing ({label('level', level, 'en')})",
    )
    classes = {unit.unit_id: _class_of(unit) for unit in units}
    words = [
        Words("无缺口", "no gap"),
        *(Words(f"≤{most} ㎡", f"≤{most} m²") for most, _ in _BREAKS[1:]),
        Words(f">{_BREAKS[-1][0]} ㎡", f">{_BREAKS[-1][0]} m²"),
        Words("数据缺失", "unknown"),
        Words("不适用", "not applicable"),
    ]
    sizes = [*(size for _, size in _BREAKS), _LARGEST, 0.0, 0.0]
    colors = ["#ffffff", *[_RED] * len(_BREAKS), _GREY, _NONE]
    return {
        "id": f"gaps_{kind}",
        "title": title.say(language),
        "layer": layer,
        "legend": [
            {
                "label": each.say(language),
                "color": color,
                "hatch": "",
                "size": size,
                "count": sum(at == index for at in classes.values()),
            }
            for index, (each, color, size) in enumerate(zip(words, colors, sizes, strict=True))
        ],
        "classes": classes,
        "bare": True,
    }


def _class_of(unit: UnitResult) -> int:
    if unit.verdict is Verdict.NA:
        return len(_BREAKS) + 2
    if unit.gap_m2 is None:
        return len(_BREAKS) + 1
    return sum(unit.gap_m2 > Fraction(most) for most, _ in _BREAKS)


def _projects(assessment: Assessment, language: str) -> Data | None:
    if not assessment.projects or not rows_of(assessment.layers.projects):
        return None
    order = [Verdict.PASS, Verdict.FAIL, Verdict.PENDING, Verdict.UNKNOWN, Verdict.NA]
    classes = {each.project_id: order.index(each.verdict) for each in assessment.projects}
    title = Words("新建项目配建与四同步", "new housing: floor area and synchronisation")
    return {
        "id": "projects",
        "title": title.say(language),
        "layer": "projects",
        "legend": [
            {
                "label": f"{VERDICT_MARKS[verdict]} {label('verdict', verdict.value, language)}",
                "sign": VERDICT_MARKS[verdict],
                "color": VERDICT_COLORS[verdict.value],
                "hatch": "",
                "size": 9.0,
                "count": sum(at == index for at in classes.values()),
            }
            for index, verdict in enumerate(order)
        ],
        "classes": classes,
        "bare": True,
    }
