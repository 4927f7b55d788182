"""The tables of an inspection: sources, headings, problems, rows to mend, what mending moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from geoplan.assess.checkup.inspection import Inspection
from geoplan.assess.checkup.mending import MendingEffect, Move
from geoplan.errors import Problem
from geoplan.layers.contracts import LAYERS
from geoplan.layers.model import Source
from geoplan.layers.places.datum_doctor import Candidate, DatumEvidence
from geoplan.numbers import number_text
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.tables.sources import source_table
from geoplan.render.wording.view import View
from geoplan.render.wording.words import NO_VALUE, verdict_word
from geoplan.terms import Words


@dataclass(frozen=True, slots=True)
class Finding:
    """One row, or one remark without a row, that somebody should look at."""

    layer: str
    row: int | None
    id: str
    code: str
    detail: Words
    remedy: Words | None
    set_aside: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """A class of defects and one indicator that mending it moves, or none."""

    effect: MendingEffect
    move: Move | None

    def now_text(self) -> str:
        """The value now."""
        return "" if self.move is None else _shown(self.move.now)


def inspection_tables(inspection: Inspection, view: View) -> list[Table]:
    """What must be mended, what that moves, the rows a layer, then sources and headings."""
    found = list(findings(inspection))
    layers = [layer for layer in LAYERS if any(each.layer == layer for each in found)]
    return [
        problem_table(inspection.problems, view),
        effect_table(inspection, view),
        datum_table(inspection, view),
        *(
            finding_table([each for each in found if each.layer == layer], view, layer)
            for layer in layers
        ),
        _without(source_table(view), "headings"),
        heading_table(inspection, view),
    ]


def _without(table: Table, key: str) -> Table:
    kept = [at for at, column in enumerate(table.columns) if column.key != key]
    return replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in table.rows),
    )


def problem_table(problems: tuple[Problem, ...], view: View) -> Table:
    """What refuses an assessment until it is mended."""
    columns: tuple[Column[Problem], ...] = (
        Column("where", Words("位置", "where"), lambda each: each.where, width=40),
        Column("what", Words("问题", "what"), lambda each: view.say(each.what), width=60),
        Column("remedy", Words("怎样改正", "remedy"), lambda each: view.say(each.remedy), width=60),
    )
    return build_table("problems", Words("必须改正", "problems"), columns=columns, rows=problems)


def datum_table(inspection: Inspection, view: View) -> Table:
    """What the places of each layer of degrees say about its datum."""
    rows = [(each, candidate) for each in inspection.evidence for candidate in each.candidates]
    columns: tuple[Column[tuple[DatumEvidence, Candidate]], ...] = (
        Column("layer", Words("图层", "layer"), lambda each: view.label("layer", each[0].layer), width=16),
        Column("path", Words("文件", "file"), lambda each: each[0].path, width=34),
        Column("datum", Words("按此坐标系", "read as"), lambda each: each[1].datum, width=12),
        Column("fitting", Words("相符", "fitting"), lambda each: each[1].fitting, Kind.INTEGER, width=8),
        Column("total", Words("总数", "of"), lambda each: each[1].total, Kind.INTEGER, width=8),
        Column("share", Words("比例(%)", "%"), lambda each: each[1].share * 100, Kind.PERCENT, width=9),
        Column("proposal", Words("建议", "proposal"), lambda each: each[0].proposal or "", width=12),
        Column("said", Words("说明", "said"), lambda each: view.say(each[0].said), width=70),
    )  # fmt: skip
    return build_table("datums", Words("坐标系证据", "datums"), columns=columns, rows=rows)


def heading_table(inspection: Inspection, view: View) -> Table:
    """Every heading of every file and what it was understood as."""
    rows = [
        (source, heading, key)
        for source in inspection.assessment.sources
        for heading, key in source.headings
    ]
    columns: tuple[Column[tuple[Source, str, str]], ...] = (
        Column("layer", Words("图层", "layer"), lambda each: view.label("layer", each[0].layer), width=16),
        Column("path", Words("文件", "file"), lambda each: each[0].path, width=40),
        Column("heading", Words("文件中的列名", "heading"), lambda each: each[1], width=30),
        Column("field", Words("识别为", "understood as"), lambda each: each[2] or NO_VALUE, width=26),
    )  # fmt: skip
    return build_table("headings", Words("列名对照", "headings"), columns=columns, rows=rows)


def findings(inspection: Inspection) -> Iterator[Finding]:
    """Every remark and defect, one a row of the file, in the order of the rows."""
    each_row: list[Finding] = []
    for remark in inspection.assessment.remarks:
        rows = remark.rows or (None,)
        ids = remark.ids if len(remark.ids) == len(rows) else ("",) * len(rows)
        each_row += [
            Finding(remark.layer, row, key, remark.code, remark.detail, None, remark.set_aside)
            for row, key in zip(rows, ids, strict=True)
        ]
    for defect in inspection.defects:
        each_row += [
            Finding(
                defect.layer, row, key, defect.code, defect.detail, defect.remedy, set_aside=False
            )
            for row, key in zip(defect.rows, defect.ids, strict=True)
        ]
    yield from sorted(each_row, key=lambda each: (each.row or 0, each.code))


def finding_table(rows: list[Finding], view: View, layer: str) -> Table:
    """The rows of a layer that somebody should look at."""
    columns: tuple[Column[Finding], ...] = (
        Column("row", Words("行号", "row"), lambda each: each.row, Kind.INTEGER, width=8),
        Column("id", Words("编号", "id"), lambda each: each.id, width=16),
        Column("code", Words("代码", "code"), lambda each: each.code, width=24),
        Column("label", Words("含义", "meaning"), lambda each: view.label("code", each.code), width=26),
        Column("detail", Words("说明", "detail"), lambda each: view.say(each.detail), width=70),
        Column("remedy", Words("怎样改正", "remedy"), lambda each: view.say(each.remedy), width=50),
        Column("set_aside", Words("未采用", "set aside"), lambda each: each.set_aside, Kind.FLAG, width=9),
    )  # fmt: skip
    title = Words(view.label("layer", layer) if view.language == "zh" else layer, layer)
    return build_table(layer, title, columns=columns, rows=rows)


def effect_table(inspection: Inspection, view: View) -> Table:
    """What mending each class of defects would do to each indicator."""
    rows = [
        Effect(effect, move) for effect in inspection.effects for move in effect.moves or (None,)
    ]
    columns: tuple[Column[Effect], ...] = (
        Column("code", Words("代码", "code"), lambda each: each.effect.code, width=24),
        Column("label", Words("问题", "defect"), lambda each: view.label("code", each.effect.code), width=26),
        Column("layer", Words("图层", "layer"), lambda each: view.label("layer", each.effect.layer), width=16),
        Column("count", Words("行数", "rows"), lambda each: len(each.effect.ids), Kind.INTEGER, width=8),
        Column("ids", Words("编号", "ids"), lambda each: each.effect.ids, Kind.LIST, width=30),
        Column("indicator", Words("指标", "indicator"), lambda each: indicator_word(each, view), width=36),
        Column("now", Words("现值", "now"), Effect.now_text, width=10),
        Column("after", Words("改正后", "after mending"), after_text, width=18),
        Column("verdicts", Words("结论", "verdict"), lambda each: verdicts_text(each, view), width=20),
    )  # fmt: skip
    return build_table(
        "effects", Words("改正后的影响", "effects of mending"), columns=columns, rows=rows
    )


def indicator_word(row: Effect, view: View) -> str:
    """The indicator that moves, or that none does."""
    if row.move is None:
        return Words("各项指标不变", "no indicator moves").say(view.language)
    for result in view.assessment.indicators:
        if result.indicator.id == row.move.indicator:
            indicator = result.indicator
            return indicator.label_zh if view.language == "zh" else indicator.label_en
    return row.move.indicator


def _shown(value: Fraction | None) -> str:
    return NO_VALUE if value is None else number_text(value)


def after_text(row: Effect) -> str:
    """The value after mending; a range where nobody can know what the rows would say."""
    if row.move is None:
        return ""
    if row.move.low == row.move.high:
        return _shown(row.move.low)
    return f"{_shown(row.move.low)} … {_shown(row.move.high)}"


def verdicts_text(row: Effect, view: View) -> str:
    """The verdicts it could get."""
    words = (verdict_word(each, view.language) for each in (row.move.verdicts if row.move else ()))
    return (" 或 " if view.language == "zh" else " or ").join(words)
