"""缺口清单 as a workbook (``docs/method.md`` §5.1).

The official gaps, the units without data and gaps for reference, each on a sheet, with the lists of
街道 and residential communities.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from geoplan.assess.model import Assessment
from geoplan.render.forms.unit_lists import community_form, division_form
from geoplan.render.sheets.form import Form, Group, write_form
from geoplan.render.sheets.table import Cell, Column, settle_cell
from geoplan.render.sheets.workbook import Styles, workbook_for
from geoplan.render.tables.gaps import Line, gap_lines, list_groups, rule_word
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.rules import public_notes, rates_in_words
from geoplan.render.wording.view import View, view_of
from geoplan.terms import Verdict, Words, terms


def write_gap_list(assessment: Assessment, path: Path, *, language: str = "zh") -> None:
    """Write 缺口清单 and the lists that go with it as one workbook."""
    view = view_of(assessment, language)
    with workbook_for(path, assessment) as book:
        styles = Styles(book)
        for form in (*gap_forms(view), division_form(view), community_form(view)):
            write_form(book, form, assessment, styles=styles, language=language)


def gap_forms(view: View) -> tuple[Form, Form, Form]:
    """Official gaps; units that lack data; gaps at levels that are not the official one."""
    lines = gap_lines(view)
    unknown = [each for each in lines if each.gap.verdict is Verdict.UNKNOWN]
    official = [each for each in lines if each.gap.official]
    others = [
        each for each in lines if not each.gap.official and each.gap.verdict is not Verdict.UNKNOWN
    ]
    return (
        _form(Words("缺口清单", "gaps"), official, view),
        _form(Words("数据缺失清单", "unknown"), unknown, view),
        _form(Words("参考缺口", "for reference"), others, view),
    )


def _form(name: Words, lines: Sequence[Line], view: View) -> Form:
    numbered = [replace(each, number=number) for number, each in enumerate(lines, start=1)]
    groups = list_groups(view)
    return Form(
        name=name,
        title=_title(name, view),
        groups=groups,
        rows=numbered,
        header=_header(view),
        unit=Words("单位：㎡、户、人", "in m², households, persons").say(view.language),
        totals=_totals(numbered, groups, view),
        notes=_notes(name, view),
        frozen=5,
    )


def _title(name: Words, view: View) -> Words:
    study = view.assessment.study
    return Words(
        f"{study}养老托育服务设施{name.zh}", f"{study}: elder-care and childcare {name.en}"
    )


def _header(view: View) -> tuple[str, ...]:
    assessment = view.assessment
    policy = assessment.standard.policy
    if view.language == "zh":
        return (
            f"编制单位：                    截至日期：{assessment.as_of.isoformat()}",
            f"依据：{policy.title}（{policy.document_no}）；规则版本 {policy.id}",
        )
    return (
        f"compiled by:                    as of {assessment.as_of.isoformat()}",
        f"under {policy.title} ({policy.document_no}); rules {policy.id}",
    )


# ----------------------------------------------------------------------- totals and notes


def _totals(
    lines: Iterable[Line], groups: Sequence[Group], view: View
) -> tuple[tuple[Cell, ...], ...]:
    """Sums of the areas shown above, apart by rule and kind."""
    keys = [column.key for group in groups for column in group.columns]
    summed = ("required_m2", "provided_m2", "gap_m2", "gap_after_committed_m2")
    columns = {column.key: column for group in groups for column in group.columns}
    rows: list[tuple[Cell, ...]] = []
    listed = list(lines)
    for rule in (Words("已建", "existing"), Words("新建", "new")):
        for kind in terms("kind"):
            among = [each for each in listed if rule_word(each) == rule and each.gap.kind == kind]
            if not among:
                continue
            row: dict[str, Cell] = dict.fromkeys(keys)
            row["county"] = Words("合计", "total").say(view.language)
            row["rule_word"], row["kind_word"] = view.say(rule), view.label("kind", kind)
            row["note"] = f"{len(among)} {'条' if view.language == 'zh' else 'lines'}"
            row |= {key: _sum_of(columns[key], among) for key in summed}
            rows.append(tuple(row.values()))
    return tuple(rows)


def _sum_of(column: Column[Line], lines: Iterable[Line]) -> Decimal:
    cells = (settle_cell(column.of(each), column.kind) for each in lines)
    return sum((cell for cell in cells if isinstance(cell, Decimal)), Decimal(0))


def _notes(name: Words, view: View) -> tuple[str, ...]:
    zh = view.language == "zh"
    about = {
        "缺口清单": Words(
            "本表为正式口径：已建小区按社区统筹，新建项目与新建小区单独计算，街道和居住社区按是否覆盖。",
            "Official level: existing compounds pooled by community, new ones each on its own, sub-districts and residential communities by coverage.",
        ),
        "数据缺失清单": Words(
            "本表单元因数据缺失不作结论，补齐后重新测算。",
            "No verdict for want of data: supply it and assess again.",
        ),
        "参考缺口": Words(
            "本表为单个小区的参考缺口，正式结论按统筹后的社区（见缺口清单），不与正式缺口相加。",
            "Single compounds, for reference: the official verdict is on the pool. Do not add to the official gaps.",
        ),
    }[name.zh]
    rounding = (
        "缺口按两位小数进位，其余面积四舍五入；合计为上列显示值之和；精确值见 JSON。可利用存量资源为本社区或服务半径内的闲置房屋，距离为直线距离。"
        if zh
        else "Gaps round up to two decimals, other areas half up; totals add what is shown; exact numbers are in the JSON. Premises are those of the community or within the service radius, straight distance."
    )
    return (
        *open_lines(view.assessment, view.language),
        about.say(view.language),
        rates_in_words(view),
        rounding,
        *public_notes(view),
    )
