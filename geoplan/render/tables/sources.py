"""The tables of what was read: remarks and sources."""

from __future__ import annotations

from geoplan.errors import Remark
from geoplan.layers.model import Source
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.wording.view import View
from geoplan.terms import Words


def remark_table(view: View) -> Table:
    """Everything worth knowing that did not stop the work."""
    columns: tuple[Column[Remark], ...] = (
        Column("layer", Words("图层", "layer"), lambda each: each.layer, coded=True),
        Column("layer_name", Words("图层", "layer"), lambda each: view.label("layer", each.layer or None), width=16),
        Column("code", Words("代码", "code"), lambda each: each.code, width=22),
        Column("label", Words("含义", "meaning"), lambda each: view.label("code", each.code), width=28),
        Column("detail", Words("说明", "detail"), lambda each: view.say(each.detail), width=60),
        Column("rows", Words("行号", "rows"), lambda each: each.rows, Kind.LIST, width=18),
        Column("ids", Words("编号", "ids"), lambda each: each.ids, Kind.LIST, width=24),
        Column("set_aside", Words("未采用", "set aside"), lambda each: each.set_aside, Kind.FLAG, width=8),
    )  # fmt: skip
    return build_table(
        "remarks", Words("备注", "remarks"), columns=columns, rows=view.assessment.remarks
    )


def source_table(view: View) -> Table:
    """The files that were read: rows read = rows kept + rows set aside."""
    columns: tuple[Column[Source], ...] = (
        Column("layer", Words("图层", "layer"), lambda each: each.layer, coded=True),
        Column("layer_name", Words("图层", "layer"), lambda each: view.label("layer", each.layer), width=16),
        Column("path", Words("文件", "file"), lambda each: each.path, width=44),
        Column("rows_read", Words("读入行数", "rows read"), lambda each: each.rows_read, Kind.INTEGER, width=10),
        Column("rows_kept", Words("采用行数", "rows kept"), lambda each: each.rows_kept, Kind.INTEGER, width=10),
        Column("rows_set_aside", Words("未采用行数", "rows set aside"), lambda each: each.rows_read - each.rows_kept, Kind.INTEGER, width=11),
        Column("crs", Words("坐标系", "CRS"), lambda each: each.crs, width=14),
        Column("encoding", Words("文字编码", "encoding"), lambda each: each.encoding, width=11),
        Column("sha256", Words("校验值 SHA-256", "SHA-256"), lambda each: each.sha256, width=68),
        Column("headings", Words("列名对照", "headings"), lambda each: [f"{heading}→{key or '—'}" for heading, key in each.headings], Kind.LIST, width=60),
    )  # fmt: skip
    return build_table(
        "sources", Words("数据来源", "sources"), columns=columns, rows=view.assessment.sources
    )
