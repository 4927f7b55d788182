"""Inputs that mean harm: a family for each way to do it, each with parameters drawn by chance.

A family writes into the study's folder what it is about and gives the command line that meets it.
"""

from __future__ import annotations

import io
import json
import os
import random
import socket
import sqlite3
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

CRS = "EPSG:4545"
EAST, NORTH = 433_000.0, 2_478_000.0
TABLES = {
    "divisions": "街道代码,街道名称,类别,常住人口\n451402001,太平街道,街道,32100\n451402002,江南街道,街道,28000\n",
    "residential_communities": "居住社区编号,居住社区名称,街道\nR1,沿山居住社区,太平街道\nR2,新民居住社区,江南街道\n",
    "compounds": "小区编号,小区名称,户数,街道,居住社区编号\nX1,甲小区,500,太平街道,R1\nX2,乙小区,800,江南街道,R2\n",
    "projects": "项目编号,项目名称,规划户数,街道,工程规划许可日期\nP1,甲项目,600,太平街道,2022-01-01\n",
    "facilities": "设施编号,设施类型,设施名称,街道,建筑面积,托位数,状态,开业时间,备案情况,X,Y\n"
    "F1,托育园,太平托育园,太平街道,320.5,60,运营,2021-12-25,已备案,433500,2478500\n"
    "F2,老年人日间照料中心,江南日间照料中心,江南街道,49.95,,在建,,,434500,2478500\n",
    "reported": "indicator_id,as_of,value\n1,2022-12-31,40\n3,2023-01-01,0.3\n",
}
COLUMNS = {name: text.split("\n", 1)[0].split(",") for name, text in TABLES.items()}
KML = (
    '<?xml version="1.0" encoding="UTF-8"?>{dtd}<kml xmlns="http://www.opengis.net/kml/2.2">'
    "<Document><Folder><name>facilities</name>{body}</Folder></Document></kml>"
)
PLACE = (
    "<Placemark><name>{name}</name><ExtendedData><Data name='设施类型'><value>托育园</value></Data>"
    "</ExtendedData><Point><coordinates>{xy}</coordinates></Point></Placemark>"
)
# What a cell, a value of TOML or of JSON may be that nobody expects.
NUMBERS = (
    "1e1000000000", "-1e1000000000", "1e-1000000000", "1E+400", "9" * 5_000, "9" * 200_000,
    "nan", "inf", "-inf", "NaN", "Infinity", "1e308", "-1e308", "-0", "0x7f", "1_000", "١٢٣", "１２３",
    "²", "½", "一二三", "12" * 300 + "." + "3" * 300, "1/0", "0/0", "1e", "e5", ".", "-", "+", "--1",
    "1,2,3", "1,000,000,000,000,000,000,000", "9007199254740993", "1e15", "1e16", "0." + "0" * 400 + "1",
)  # fmt: skip
DAYS = (
    "0000-00-00", "99999-12-31", "10000-01-01", "9999-12-31", "0001-01-01", "2023-02-30", "1e9",
    "-693594", "2958466", "99999999999999999999", "2023-1-1T25:61:61Z", "20231301", "9" * 4_000,
    "2023" * 30_000, "2023年" * 20_000, "1-1-1", "二〇二三年" * 10_000,
)  # fmt: skip
LONG = (
    "多" * 100_000, "约" * 100_000, "1-" * 60_000, "(" * 80_000, "1+" * 60_000, "1,000," * 30_000,
    "、" * 100_000, ":" * 50_000, "X1:1;" * 40_000, " " * 200_000 + "1", "a" * 300_000, "ﷺ" * 50_000,
    "一" * 100_000, "街道" * 50_000, "°′″" * 30_000, "108°" * 30_000, "E" * 90_000, "\t" * 90_000,
    "e\u0301" * 60_000, "1" + "0" * 90_000 + "万", "GEOMETRYCOLLECTION (" * 30_000, "[" * 100_000,
)  # fmt: skip
UNSEEN = (
    "甲\x1b[31m红\x1b[0m", "甲\x1b]0;title\x07", "甲\x9b31m", "甲\u202e乙", "甲\u2066乙\u2069", "甲\x00乙", "甲\x08\x08乙",
    "\x7f甲", "甲\u200f乙", "甲\x85乙", "甲\x0c乙", "甲\u2028乙", "\x1b[2J\x1b[H甲", "甲\x1bP+q\x1b\\", "甲\x0b乙", "甲\ufeff乙",
)  # fmt: skip
COMMANDS = ("inspect", "inspect", "assess", "assess", "gaps")


@dataclass(frozen=True, slots=True)
class Forge:
    """Where a family works: its chance, the study's folder, the server that nobody may ask."""

    chance: random.Random
    home: Path
    url: str

    def study(self, **layers: str) -> list[str]:
        """The study with some layers from elsewhere, and a command that reads it."""
        entries = []
        for name, text in TABLES.items():
            if name in layers:
                continue
            (self.home / f"{name}.csv").write_text(text, encoding="utf-8")
            entries.append(f'{name} = {{ path = "{name}.csv", crs = "{CRS}" }}')
        entries += [f"{name} = {entry}" for name, entry in layers.items()]
        self.write(
            "study.toml",
            '[study]\nname = "小城"\npolicy = "chongzuo-2021-2023"\nas_of = 2023-12-31\n'
            "[layers]\n" + "\n".join(entries) + "\n",
        )
        return self.command()

    def command(self, name: str | None = None) -> list[str]:
        """A command on the study, in one of both languages."""
        name = name or self.chance.choice(COMMANDS)
        command = [name, ".", "--out", "out", "--lang", self.chance.choice(("zh", "en"))]
        if name == "assess":
            forms = (
                "csv",
                "csv,xlsx",
                "geojson,gpkg",
                "docx",
                "html",
                "csv,xlsx,geojson,gpkg,docx,html",
            )
            command += ["--format", self.chance.choice(forms)]
        if name == "gaps":
            command += ["--format", "csv"]
        if self.chance.random() < 0.2:
            command += ["--json", "out.json"]
        return command

    def write(self, name: str, content: str | bytes) -> str:
        """A file of the study; gives its name as TOML has it."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode("utf-8", errors="surrogatepass")
        path.write_bytes(content)
        return f'{{ path = "{name}", crs = "{CRS}" }}'

    def number(self, *choices: int) -> int:
        """One of several magnitudes, and a little more or less."""
        return max(1, int(self.chance.choice(choices) * self.chance.uniform(0.7, 1.3)))

    def layer(self) -> str:
        """A layer that a table can be."""
        return self.chance.choice(list(TABLES))


Family = Callable[[Forge], list[str]]
FAMILIES: dict[str, Family] = {}


def family(make: Family) -> Family:
    """Enter a family under its name."""
    FAMILIES[make.__name__] = make
    return make


# ------------------------------------------------------------------------- text tables


def _spoiled(forge: Forge, layer: str, values: tuple[str, ...]) -> list[list[str]]:
    """The rows of a layer with some cells that are none."""
    rows = [line.split(",") for line in TABLES[layer].strip().split("\n")]
    for _ in range(forge.chance.choice((1, 2, 5))):
        row = forge.chance.randrange(0 if forge.chance.random() < 0.15 else 1, len(rows))
        rows[row][forge.chance.randrange(len(rows[row]))] = forge.chance.choice(values)
    return rows


def _csv(rows: list[list[str]]) -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text

    return "\n".join(",".join(map(cell, row)) for row in rows) + "\n"


def _table_family(name: str, values: tuple[str, ...]) -> None:
    def make(forge: Forge) -> list[str]:
        layer = forge.layer()
        rows = _spoiled(forge, layer, values)
        if forge.chance.random() < 0.3:
            return forge.study(**{layer: forge.write("a.xlsx", xlsx([rows]))})
        if forge.chance.random() < 0.2:
            return forge.study(**{layer: forge.write("a.geojson", _geojson_of(rows))})
        return forge.study(**{layer: forge.write("a.csv", _csv(rows))})

    make.__name__ = name
    family(make)


_table_family("cells_numbers", NUMBERS)
_table_family("cells_days", DAYS)
_table_family("cells_long", LONG)
_table_family("cells_unseen", UNSEEN)


def _geojson_of(rows: list[list[str]]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(rows[0], row, strict=False)),
            "geometry": {"type": "Point", "coordinates": [EAST, NORTH]},
        }
        for row in rows[1:]
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


@family
def csv_shapes(forge: Forge) -> list[str]:
    layer = forge.layer()
    head, body = TABLES[layer].split("\n", 1)
    n = forge.number(1_000, 50_000, 1_000_000)
    kind = forge.chance.randrange(9)
    text = {
        0: lambda: head + "," * n + "\n" + body,
        1: lambda: head + "\n" + body + "," * n + "\n",
        2: lambda: head + "\n" + "," * min(n, 100_000) + "\n" + "a\n" * min(n, 100_000),
        3: lambda: "\n" * n + head + "\n" + body,
        4: lambda: head + "\n" + body + '"' + "a" * n,
        5: lambda: (head + "\n") * min(n, 50_000) + body,
        6: lambda: ",".join([head] * max(1, min(n, 30_000) // 10)) + "\n" + body,
        7: lambda: head.replace(",", "\r") + "\r" * n + body,
        8: lambda: head + "\n" + body + "\0" * n + "\ud800",
    }[kind]()
    return forge.study(
        **{layer: forge.write(forge.chance.choice(("a.csv", "a.txt", "a.tsv")), text)}
    )


@family
def parcel_texts(forge: Forge) -> list[str]:
    wild = forge.chance.choice((*NUMBERS, *LONG[:6]))
    head = ["坐标系=2000国家大地坐标系", "几度分带=3", "计量单位=米", "带号=36"]
    point = ["J1", "1", "2478823.724", "36433431.374"]
    if forge.chance.random() < 0.5:
        at = forge.chance.randrange(len(head))
        head[at] = head[at].split("=")[0] + "=" + wild
    else:
        point[forge.chance.randrange(4)] = wild
    points = [
        point,
        *(["J", "1", str(2478823 + i), str(36433431 + i * i)] for i in range(5)),
        point,
    ]
    text = "[属性描述]\n" + "\n".join(head) + "\n[地块坐标]\n"
    text += f"{forge.chance.choice(('5', wild))},{forge.chance.choice(('1', wild))},CZ-01,甲,面,,托育园,0701,@\n"
    text += "\n".join(
        ",".join(each)
        for each in points * (3_000 if len(wild) < 99 and forge.chance.random() < 0.3 else 1)
    )
    forge.write("a.txt", text)
    return forge.study(facilities='{ path = "a.txt", columns = { facility_type = "地块用途" } }')


# --------------------------------------------------------------------------- workbooks

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/>{sheets}<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET = (
    '<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.worksheet+xml"/>'
)


def letters(column: int) -> str:
    """The name of a column, counted from 1."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _escaped(text: str) -> str:
    kept = "".join(
        mark if mark in "\t\n\r" or mark >= " " else f"_x{ord(mark):04X}_" for mark in text
    )
    return kept.replace("&", "&amp;").replace("<", "&lt;")


def sheet_of(rows: list[list[str]], tail: str = "", extra: str = "") -> str:
    """The XML of a sheet with texts."""
    cells = "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{letters(column)}{at}" t="inlineStr"><is><t>{_escaped(cell)}</t></is></c>'
            for column, cell in enumerate(row, 1)
        )
        + "</row>"
        for at, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}{extra}</sheetData>{tail}</worksheet>'


def packed_book(
    sheets: list[str], *, shared: str = "<si><t>a</t></si>", dtd: str = "", **more: str
) -> bytes:
    """A workbook of raw XML."""
    rels = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    rels += f'<Relationship Id="rIdS" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    rels += more.get("rels", "")
    listed = "".join(
        f'<sheet name="s{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, len(sheets) + 1)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book:
        every = "".join(_SHEET.format(n=n) for n in range(1, len(sheets) + 1))
        book.writestr("[Content_Types].xml", _TYPES.format(sheets=every))
        book.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{rels}</Relationships>",
        )
        book.writestr(
            "xl/workbook.xml",
            f'{dtd}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets>'
            f"{more.get('names', '')}</workbook>",
        )
        book.writestr("xl/sharedStrings.xml", f'{dtd}<sst xmlns="{_MAIN}">{shared}</sst>')
        for n, sheet in enumerate(sheets, 1):
            book.writestr(f"xl/worksheets/sheet{n}.xml", dtd + sheet)
            if "sheet_rels" in more:
                book.writestr(f"xl/worksheets/_rels/sheet{n}.xml.rels", more["sheet_rels"])
    return out.getvalue()


def xlsx(sheets: list[list[list[str]]]) -> bytes:
    """A workbook of plain texts."""
    return packed_book([sheet_of(rows) for rows in sheets])


@family
def book_areas(forge: Forge) -> list[str]:
    """Merged areas, links, tables and formats that span a whole sheet, and cells far out."""
    layer = forge.layer()
    rows = [line.split(",") for line in TABLES[layer].strip().split("\n")]
    far = forge.chance.choice(
        ("A1:XFD1048576", "B2:XFD1048576", "A4:A1048576", "A4:Z900000", "$A$1:$XFD$99999")
    )
    tails = (
        f'<mergeCells><mergeCell ref="{far}"/></mergeCells>',
        f"<mergeCells>{'<mergeCell ref=&quot;A4:XFD90&quot;/>'.replace('&quot;', chr(34)) * 2_000}</mergeCells>",
        f'<hyperlinks><hyperlink ref="{far}" location="a"/></hyperlinks>',
        f'<conditionalFormatting sqref="{far}"><cfRule type="expression" priority="1"><formula>1</formula></cfRule></conditionalFormatting>',
        f'<dataValidations count="1"><dataValidation type="list" sqref="{far}"><formula1>1</formula1></dataValidation></dataValidations>',
        f'<autoFilter ref="{far}"/>',
    )
    extras = (
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="9"><c r="ZZZ9"><v>1</v></c></row>',
        '<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>',
        '<row r="1048576" hidden="1"/>',
        "".join(
            f'<row r="{n * 1000}"><c r="XFD{n * 1000}"><v>1</v></c></row>' for n in range(1, 1000)
        ),
        f'<row r="9"><c r="A9"><f t="array" ref="{far}">1+1</f><v>1</v></c></row>',
    )
    tail, extra = forge.chance.choice((*tails, "")), forge.chance.choice((*extras, "", ""))
    return forge.study(**{layer: forge.write("a.xlsx", packed_book([sheet_of(rows, tail, extra)]))})


@family
def book_bombs(forge: Forge) -> list[str]:
    """Small workbooks that unfold: shared texts, entities, many cells, many sheets, deep XML."""
    layer = forge.layer()
    rows = [line.split(",") for line in TABLES[layer].strip().split("\n")]
    width, n = len(rows[0]), forge.number(1_000, 30_000, 300_000)
    kind = forge.chance.randrange(9)
    sheet, shared, dtd, more = sheet_of(rows), "<si><t>a</t></si>", "", {}
    if kind == 0:
        shared = f"<si><t>{'多' * 3_000_000}</t></si>"
        cells = "".join(
            f'<row r="{at}">'
            + "".join(f'<c r="{letters(c)}{at}" t="s"><v>0</v></c>' for c in range(1, width + 1))
            + "</row>"
            for at in range(4, 4 + min(n, 20_000))
        )
        sheet = sheet_of(rows, extra=cells)
    elif kind == 1:
        dtd = (
            "<!DOCTYPE a [<!ENTITY e0 'ha'>"
            + "".join(f"<!ENTITY e{i} '{f'&e{i - 1};' * 10}'>" for i in range(1, 12))
            + "]>"
        )
        shared = "<si><t>&e11;</t></si>"
    elif kind == 2:
        sheet = sheet_of(
            rows,
            extra="".join(
                f'<row r="{at}"><c r="A{at}"><v>1</v></c></row>' for at in range(4, n * 5)
            ),
        )
    elif kind == 3:
        sheet = sheet_of(
            rows,
            extra=f'<row r="9"><c r="A9" t="inlineStr"><is><t>{"a" * 40_000_000}</t></is></c></row>',
        )
    elif kind == 4:
        many = [sheet] * min(max(2, n // 100), 2_000)
        return forge.study(**{layer: forge.write("a.xlsx", packed_book(many))})
    elif kind == 5:
        sheet = sheet_of(rows, extra="<row>" * min(n, 100_000) + "</row>" * min(n, 100_000))
    elif kind == 6:
        dtd = f'<!DOCTYPE a SYSTEM "{forge.url}/a.dtd" [<!ENTITY x SYSTEM "{forge.url}/x"><!ENTITY y SYSTEM "file:///etc/passwd">]>'
        shared = "<si><t>&x;&y;</t></si>"
    elif kind == 7:
        more["rels"] = (
            f'<Relationship Id="rIdX" Type="{_OFFICE}/externalLink" Target="{forge.url}/x" TargetMode="External"/>'
        )
        more["names"] = (
            '<definedNames><definedName name="x">[1]a!$A$1:$XFD$1048576</definedName></definedNames>'
        )
    else:
        more["sheet_rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/hyperlink" Target="{forge.url}" TargetMode="External"/>'
            f'<Relationship Id="rId2" Type="{_OFFICE}/drawing" Target="{forge.url}/d.xml"/></Relationships>'
        )
        sheet = sheet_of(
            rows,
            f'<drawing xmlns:r="{_OFFICE}" r:id="rId2"/><hyperlinks><hyperlink xmlns:r="{_OFFICE}" ref="A1" r:id="rId1"/></hyperlinks>',
        )
    return forge.study(
        **{layer: forge.write("a.xlsx", packed_book([sheet], shared=shared, dtd=dtd, **more))}
    )


@family
def book_values(forge: Forge) -> list[str]:
    """Cells that say they are numbers, days, errors or shared texts and are not."""
    layer = forge.layer()
    rows = [line.split(",") for line in TABLES[layer].strip().split("\n")]
    cells = []
    for at in range(2, 8):
        kind = forge.chance.choice(("n", "d", "e", "b", "s", "str", "x", ""))
        value = forge.chance.choice((*NUMBERS, *DAYS, "999999999", "-1"))
        column = letters(forge.chance.randrange(1, len(rows[0]) + 1))
        style = forge.chance.choice(("", ' s="1"', ' s="999999"'))
        cells.append(
            f'<row r="{at + 10}"><c r="{column}{at + 10}" t="{kind}"{style}><v>{value}</v></c></row>'
        )
    sheet = sheet_of(rows, extra="".join(cells))
    return forge.study(**{layer: forge.write("a.xlsx", packed_book([sheet]))})


# ----------------------------------------------------------------------- GDAL's formats


@family
def descriptions(forge: Forge) -> list[str]:
    """What GDAL takes for a description of data elsewhere, under every suffix it might come."""
    secret = forge.home / "secret.csv"
    secret.write_text("设施编号,设施类型,X,Y\nSECRET,托育园,433500,2478500\n", encoding="utf-8")
    source = forge.chance.choice(
        (
            str(secret),
            forge.url + "/x.geojson",
            f"/vsicurl/{forge.url}/x.gpkg",
            f"/vsicurl_streaming/{forge.url}/x",
            f"WFS:{forge.url}",
        )
    )
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    texts = (
        vrt,
        f"<OGRWFSDataSource><URL>{forge.url}</URL></OGRWFSDataSource>",
        json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {source} ! write --of stream streamed"}),
        json.dumps({"conformsTo": ["http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"], "links": [{"href": forge.url, "rel": "data"}]}),
        f"<OGRCSWDataSource><URL>{forge.url}</URL></OGRCSWDataSource>",
        f'<GDAL_WMS><Service name="WMS"><ServerUrl>{forge.url}</ServerUrl></Service></GDAL_WMS>',
        f'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand><SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>',
        json.dumps({"type": "FeatureCollection", "features": [], "links": [{"rel": "next", "href": forge.url}], "stac_version": "1.0.0", "properties": {"exceededTransferLimit": True}}),
        json.dumps({"type": "FeatureCollection", "crs": {"type": "link", "properties": {"href": forge.url, "type": "proj4"}}, "features": json.loads(_geojson_of([line.split(",") for line in TABLES["facilities"].strip().split("\n")]))["features"]}),
        json.dumps({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": forge.chance.choice((forge.url, str(secret), "+init=" + str(secret) + ":x"))}}, "features": json.loads(_geojson_of([line.split(",") for line in TABLES["facilities"].strip().split("\n")]))["features"]}),
        f'<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xsi:schemaLocation="{forge.url} {forge.url}/a.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>',
        "999\n" + vrt + "\n0\nSECTION\n2\nENTITIES\n0\nENDSEC\n0\nEOF\n",
        forge.url,
        f"GeoJSON:{forge.url}",
    )  # fmt: skip
    text = forge.chance.choice(texts)
    suffix = forge.chance.choice(
        (".geojson", ".json", ".dxf", ".fgb", ".gpkg", ".kml", ".shp", ".zip", ".zip")
    )
    if suffix == ".zip":
        inside = forge.chance.choice((".geojson", ".dxf", ".kml"))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr("a" + inside, text)
        return forge.study(facilities=forge.write("a.zip", out.getvalue()))
    if suffix == ".shp":
        for part in (".shx", ".dbf"):
            forge.write("a" + part, text)
    return forge.study(facilities=forge.write("a" + suffix, text))


@family
def geojson_depths(forge: Forge) -> list[str]:
    n = forge.number(20, 500, 100_000)
    point = '{"type":"Point","coordinates":[433500,2478500]}'
    geometry, properties, head = point, '{"设施类型":"托育园"}', ""
    kind = forge.chance.randrange(9)
    if kind == 0:
        geometry = '{"type":"GeometryCollection","geometries":[' * n + point + "]}" * n
    elif kind == 1:
        properties = '{"设施类型":"托育园","a":' + "[" * n + "]" * n + "}"
    elif kind == 2:
        properties = '{"设施类型":"托育园","a":' + '{"a":' * n + "1" + "}" * n + "}"
    elif kind == 3:
        geometry = '{"type":"Polygon","coordinates":' + "[" * n + "1,2" + "]" * n + "}"
    elif kind == 4:
        value = forge.chance.choice(NUMBERS)
        geometry = (
            '{"type":"Point","coordinates":[' + value + "," + forge.chance.choice(NUMBERS) + "]}"
        )
    elif kind == 5:
        properties = '{"设施类型":"托育园",' + ",".join(f'"c{i}":{i}' for i in range(n)) + "}"
    elif kind == 6:
        head = '"crs":' + '{"a":' * n + "1" + "}" * n + ","
    elif kind == 7:
        geometry = '{"type":"LineString","coordinates":[' + ",".join(["[1e308,-1e308]"] * n) + "]}"
    else:
        n = min(n, 6_000)
        features = ",".join(
            f'{{"type":"Feature","properties":{{"设施类型":"托育园","c{i}":{i}}},"geometry":null}}'
            for i in range(n)
        )
        return forge.study(
            facilities=forge.write(
                "a.geojson", f'{{"type":"FeatureCollection","features":[{features}]}}'
            )
        )
    text = f'{{"type":"FeatureCollection",{head}"features":[{{"type":"Feature","properties":{properties},"geometry":{geometry}}}]}}'
    return forge.study(facilities=forge.write("a.geojson", text))


def wkb_nest(depth: int, code: int = 7) -> bytes:
    """A point in as many collections."""
    return struct.pack("<BII", 1, code, 1) * depth + struct.pack("<BIdd", 1, 1, EAST, NORTH)


ODD_SHAPES = (
    lambda c: wkb_nest(c.choice((5, 40, 3_000, 200_000)), c.choice((7, 4, 6, 1007))),
    lambda _: struct.pack("<BIdd", 1, 1, 1e308, -1e308),
    lambda _: struct.pack("<BIdd", 1, 1, float("nan"), float("inf")),
    lambda _: struct.pack("<BII", 1, 3, 0xFFFFFFFF),
    lambda _: struct.pack("<BII", 1, 2, 0x7FFFFFFF) + b"\0" * 64,
    lambda c: c.randbytes(60),
    lambda _: b"",
    lambda _: shapely.to_wkb(shapely.Polygon([(0, 0), (1e300, 1e300), (1e300, 0), (0, 1e300)])),
    lambda _: shapely.to_wkb(
        shapely.MultiPolygon([shapely.box(EAST, NORTH, EAST + 9, NORTH + 9)] * 500)
    ),
    lambda _: shapely.to_wkb(
        shapely.Polygon(np.random.default_rng(1).uniform(EAST, EAST + 1e3, (3_000, 2)))
    ),
)


def _frame(layer: str) -> geopandas.GeoDataFrame:
    rows = [line.split(",") for line in TABLES[layer].strip().split("\n")]
    points = [
        shapely.box(EAST + 1e3 * at, NORTH, EAST + 1e3 * at + 900, NORTH + 900)
        for at in range(len(rows) - 1)
    ]
    if layer == "facilities":
        points = [each.centroid for each in points]
    columns = {name: [row[at] for row in rows[1:]] for at, name in enumerate(rows[0])}
    return geopandas.GeoDataFrame(columns, geometry=points, crs=CRS)


@family
def packages(forge: Forge) -> list[str]:
    """GeoPackages with programs in them, odd shapes, and other programs' work beside them."""
    layer = forge.chance.choice(("facilities", "divisions", "compounds"))
    path = forge.home / "a.gpkg"
    _frame(layer).to_file(path, layer=layer, engine="pyogrio")
    bomb = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS fid FROM c"
    kind = forge.chance.randrange(17)
    with closing(sqlite3.connect(path)) as base:
        for (name,) in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        insert = "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, 4326)"
        if kind == 0:
            base.execute(f"CREATE VIEW bomb AS {bomb}")
        elif kind == 1:
            base.execute(f"CREATE VIEW bomb AS {bomb}")
            base.execute(insert, ("bomb", "attributes", "bomb"))
        elif kind == 2:
            base.execute(f'ALTER TABLE "{layer}" RENAME TO t')
            base.execute(f'CREATE VIEW "{layer}" AS SELECT * FROM t JOIN ({bomb})')
        elif kind == 3:
            base.execute("ALTER TABLE gpkg_contents RENAME TO g")
            base.execute(f"CREATE VIEW gpkg_contents AS SELECT * FROM g WHERE 1 < ({bomb})")
        elif kind == 4:
            base.execute("ALTER TABLE gpkg_geometry_columns RENAME TO g")
            base.execute(f"CREATE VIEW gpkg_geometry_columns AS SELECT * FROM g WHERE 1 < ({bomb})")
        elif kind == 5:
            base.execute(f'ALTER TABLE "{layer}" ADD COLUMN big AS (hex(zeroblob(400000000)))')
        elif kind == 6:
            base.execute("CREATE VIEW v AS SELECT load_extension('/usr/lib/x.so')")
            base.execute(insert, ("v", "attributes", "v"))
        elif kind == 7:
            base.execute("PRAGMA writable_schema = ON")
            base.execute(
                "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, ?)",
                (f"CREATE VIRTUAL TABLE v USING VirtualOGR('{forge.url}/x.geojson')",),
            )
            base.execute(insert, ("v", "attributes", "v"))
        elif kind == 8:
            base.execute(
                "UPDATE gpkg_spatial_ref_sys SET definition = ?",
                (
                    forge.chance.choice(
                        (forge.url, "GEOGCS[" * 50_000, "+init=/dev/zero:1", "\x1b[31m")
                    ),
                ),
            )
        elif kind in {9, 10, 11}:
            head = struct.pack("<2sBBi", b"GP", 0, 1, 4545)
            odd = head + forge.chance.choice(ODD_SHAPES)(forge.chance)
            base.execute(f'UPDATE "{layer}" SET geom = ?', (odd,))
        elif kind == 12:
            for at in range(1_800):
                base.execute(f'ALTER TABLE "{layer}" ADD COLUMN c{at}')
        elif kind == 13:
            name = forge.chance.choice(UNSEEN).replace("\0", "")
            base.execute(f'ALTER TABLE "{layer}" ADD COLUMN "{name}"')
        elif kind == 14:
            base.execute(f"CREATE TRIGGER t AFTER INSERT ON gpkg_contents BEGIN {bomb}; END")
        elif kind == 15:
            base.execute(f'CREATE TABLE "{forge.chance.choice(UNSEEN).replace(chr(0), "")}" (a)')
        base.commit()
    beside = forge.chance.randrange(5)
    if beside == 0:
        (forge.home / "a.gpkg-journal").write_bytes(
            b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
            + b"\0" * 600
            + str(forge.home / "study.toml").encode()
        )
    elif beside == 1:
        (forge.home / "a.gpkg-wal").write_bytes(forge.chance.randbytes(400))
    elif beside == 2:
        _in_wal(path, layer)
    return forge.study(**{layer: '"a.gpkg"'})


def _in_wal(path: Path, layer: str) -> None:
    """Leave a change in the -wal, as a program does that has the file open."""
    with closing(sqlite3.connect(path)) as base:
        try:
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA wal_autocheckpoint = 0")
            base.execute(f'CREATE TABLE "more of {layer}" (a)')
            base.commit()
        except sqlite3.Error:
            return
        content = Path(f"{path}-wal").read_bytes()
    Path(f"{path}-wal").write_bytes(content)


@family
def shapefiles(forge: Forge) -> list[str]:
    layer = forge.chance.choice(("facilities", "divisions", "compounds"))
    path = forge.home / "a.shp"
    _frame(layer).to_file(path, encoding="UTF-8", engine="pyogrio")
    shp, shx, dbf = (bytearray(path.with_suffix(s).read_bytes()) for s in (".shp", ".shx", ".dbf"))
    n = forge.number(100, 10_000, 200_000)
    kind = forge.chance.randrange(12)
    if kind == 0:
        shx = shx[:100] + shx[100:108] * n
        struct.pack_into(">i", shx, 24, len(shx) // 2)
        struct.pack_into("<I", dbf, 4, n)
    elif kind == 1:
        head = bytearray(dbf[:32])
        fields = b"".join(struct.pack("<11sc4xBB14x", b"c%d" % i, b"C", 0, 0) for i in range(900))
        struct.pack_into("<IHH", head, 4, n, 33 + len(fields), 1)
        dbf = head + fields + b"\r" + b" " * n + b"\x1a"
    elif kind == 2:
        struct.pack_into("<I", dbf, 4, 0x7FFFFFFF)
    elif kind == 3:
        path.with_suffix(".prj").write_text(
            forge.chance.choice(
                (
                    forge.url,
                    "GEOGCS[" * n,
                    "a" * n,
                    "EPSG:99999999",
                    "+init=/dev/zero:1",
                    'PROJCS["\x1b[31m\u202e",',
                )
            )
        )
    elif kind == 4:
        path.with_suffix(".cpg").write_text(
            forge.chance.choice(
                (
                    "../../etc/passwd",
                    "zlib",
                    "unicode_escape",
                    "a" * n,
                    "\x1b[31m",
                    "utf-7",
                    "idna",
                    "rot13",
                )
            )
        )
    elif kind == 5:
        name = forge.chance.choice((".prj", ".cpg", ".qix", ".sbn", ".dbf"))
        path.with_suffix(name).unlink(missing_ok=True)
        os.mkfifo(path.with_suffix(name))
    elif kind == 6:
        name = forge.chance.choice((".prj", ".cpg", ".dbf", ".shx"))
        path.with_suffix(name).unlink(missing_ok=True)
        path.with_suffix(name).symlink_to(
            forge.chance.choice(("/etc/passwd", "/dev/zero", "divisions.csv", "nothing"))
        )
    elif kind == 7:
        struct.pack_into("<i", shp, 32, forge.chance.choice((0, 31, 99, -1)))
    elif kind == 8:
        struct.pack_into("<2d", shp, 112, float("nan"), 1e308)
    elif kind == 9:
        struct.pack_into(">i", shx, 104, 0x3FFFFFFF)
    elif kind == 10:
        (forge.home / "a.qix").write_bytes(b"SQT" + forge.chance.randbytes(900))
    elif kind == 11:
        struct.pack_into(
            "<HH", dbf, 8, forge.chance.choice((0, 33, 65535)), forge.chance.choice((0, 1, 65535))
        )
    if not path.with_suffix(".shx").is_symlink():
        path.with_suffix(".shx").write_bytes(shx)
    path.write_bytes(shp)
    if path.with_suffix(".dbf").is_file() and not path.with_suffix(".dbf").is_symlink():
        path.with_suffix(".dbf").write_bytes(dbf)
    return forge.study(**{layer: f'{{ path = "a.shp", crs = "{CRS}" }}'})


@family
def flat_and_file_geodatabases(forge: Forge) -> list[str]:
    layer = forge.chance.choice(("facilities", "divisions", "compounds"))
    if forge.chance.random() < 0.6:
        path = forge.home / "a.fgb"
        _frame(layer).to_file(
            path, engine="pyogrio", SPATIAL_INDEX=forge.chance.choice(("YES", "NO"))
        )
        content = bytearray(path.read_bytes())
        for _ in range(forge.chance.choice((1, 1, 3))):
            at = forge.chance.randrange(8, len(content) - 8)
            wild = forge.chance.choice(
                (
                    b"\xff" * 4,
                    b"\xff\xff\xff\x7f",
                    b"\0" * 8,
                    struct.pack("<Q", 1 << 60),
                    struct.pack("<d", 1e308),
                )
            )
            content[at : at + len(wild)] = wild
        path.write_bytes(content)
        return forge.study(**{layer: '"a.fgb"'})
    path = forge.home / "a.gdb"
    _frame(layer).to_file(path, driver="OpenFileGDB", engine="pyogrio", layer=layer)
    part = forge.chance.choice(sorted(path.iterdir()))
    kind = forge.chance.randrange(4)
    if kind == 0:
        part.unlink()
        os.mkfifo(part)
    elif kind == 1:
        part.unlink()
        part.symlink_to(
            forge.chance.choice(("/etc/passwd", "/dev/zero", "nothing", "../divisions.csv"))
        )
    elif kind == 2:
        content = bytearray(part.read_bytes() or b"\0" * 99)
        at = forge.chance.randrange(len(content))
        content[at : at + 8] = b"\xff" * 8
        part.write_bytes(content)
    else:
        (path / "deep").mkdir()
        (path / "deep" / "link").symlink_to(path)
    return forge.study(**{layer: '"a.gdb"'})


@family
def drawings(forge: Forge) -> list[str]:
    """Blocks in blocks, arrays of blocks, circles, curves without end, words that are programs."""
    n = forge.number(10, 300, 20_000)
    ring = "0\nLWPOLYLINE\n8\n设施\n90\n4\n70\n1\n" + "".join(
        f"10\n{EAST + x}\n20\n{NORTH + y}\n" for x, y in ((0, 0), (9, 0), (9, 9), (0, 9))
    )
    kind = forge.chance.randrange(10)
    blocks, body = "", ring
    block = "0\nBLOCK\n2\nB{0}\n10\n0\n20\n0\n{1}0\nENDBLK\n"
    insert = "0\nINSERT\n8\n设施\n2\nB{0}\n10\n1\n20\n1\n"
    if kind == 0:
        depth, times = forge.chance.choice(((12, 10), (30, 2), (5, 60)))
        blocks = block.format(0, ring) + "".join(
            block.format(at, insert.format(at - 1) * times) for at in range(1, depth)
        )
        body += insert.format(depth - 1)
    elif kind == 1:
        blocks, body = (
            block.format(0, ring),
            ring + insert.format(0) + "70\n32767\n71\n32767\n44\n1\n45\n1\n",
        )
    elif kind == 2:
        blocks, body = block.format(0, insert.format(0)), ring + insert.format(0)
    elif kind == 3:
        blocks = block.format(0, insert.format(1)) + block.format(1, insert.format(0))
        body += insert.format(0) * n
    elif kind == 4:
        blocks = "".join(block.format(at, insert.format(at + 1)) for at in range(n)) + block.format(
            n, ring
        )
        body += insert.format(0)
    elif kind == 5:
        body += "0\nSPLINE\n8\n设施\n71\n3\n72\n2000000000\n73\n2000000000\n" + "10\n1\n20\n1\n" * n
    elif kind == 6:
        words = forge.chance.choice((*UNSEEN, "\\U+202E", "{\\f" * 9_000, "a" * n))
        body += f"0\nTEXT\n8\n设施\n10\n{EAST + 1}\n20\n{NORTH + 1}\n40\n1\n1\n{words}\n"
    elif kind == 7:
        body += "0\nARC\n8\n设施\n10\n1\n20\n1\n40\n1e308\n50\n-1e308\n51\n1e308\n" * min(n, 500)
    elif kind == 8:
        wild = forge.chance.choice(NUMBERS)
        body += f"0\nCIRCLE\n8\n设施\n10\n{wild}\n20\n{wild}\n40\n{wild}\n0\nELLIPSE\n8\n设施\n10\n1\n20\n1\n11\n{wild}\n21\n{wild}\n40\n{wild}\n41\n{wild}\n42\n-{wild}\n"
    else:
        big = (
            "0\nPOLYLINE\n8\n设施\n66\n1\n70\n1\n"
            + "".join(f"0\nVERTEX\n8\n设施\n10\n{at}\n20\n{at * at % 997}\n" for at in range(2_000))
            + "0\nSEQEND\n"
        )
        blocks, body = block.format(0, big), ring + insert.format(0) * n
    head = "0\nSECTION\n2\nHEADER\n9\n$DWGCODEPAGE\n3\nUTF-8\n0\nENDSEC\n"
    text = f"{head}0\nSECTION\n2\nBLOCKS\n{blocks}0\nENDSEC\n0\nSECTION\n2\nENTITIES\n{body}0\nENDSEC\n0\nEOF\n"
    return forge.study(communities=forge.write("a.dxf", text))


# ---------------------------------------------------------------------- XML and its kin


@family
def kml_documents(forge: Forge) -> list[str]:
    n = forge.number(100, 5_000, 100_000)
    place = PLACE.format(name="甲", xy="107.35,22.41")
    dtd, body = "", place
    kind = forge.chance.randrange(12)
    if kind == 0:
        dtd = (
            "<!DOCTYPE a [<!ENTITY e0 'ha'>"
            + "".join(f"<!ENTITY e{i} '{f'&e{i - 1};' * 10}'>" for i in range(1, 12))
            + "]>"
        )
        body = PLACE.format(name="&e11;", xy="107.35,22.41")
    elif kind == 1:
        dtd = f"<!DOCTYPE a SYSTEM '{forge.url}/a.dtd' [<!ENTITY x SYSTEM '{forge.url}/x'><!ENTITY y SYSTEM 'file:///etc/passwd'><!ENTITY % p SYSTEM '{forge.url}/p'>%p;]>"
        body = PLACE.format(name="&x;&y;", xy="107.35,22.41")
    elif kind == 2:
        body = "<Folder>" * n + place + "</Folder>" * n
    elif kind == 3:
        body = "<Placemark>" * n + "<name>a</name>" + "</Placemark>" * n
    elif kind == 4:
        body = (
            f"<NetworkLink><Link><href>{forge.url}</href></Link></NetworkLink><GroundOverlay><Icon><href>{forge.url}</href></Icon></GroundOverlay><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{forge.url}'/>"
            + place
        )
    elif kind == 5:
        body = "".join(
            f"<Placemark><ExtendedData><Data name='设施类型'><value>托育园</value></Data><Data name='c{i}'><value>1</value></Data></ExtendedData></Placemark>"
            for i in range(min(n, 8_000))
        )
    elif kind == 6:
        body = PLACE.format(
            name="甲",
            xy=forge.chance.choice(
                (
                    "nan,inf",
                    "1e999,1e999",
                    "1e308,-1e308",
                    "9" * n + ",1",
                    "1,2 " * n,
                    "," * n,
                    "1" + "0" * n + ",1",
                )
            ),
        )
    elif kind == 7:
        body = PLACE.format(
            name=forge.chance.choice(
                ("&#x202E;甲", "&#x9b;甲", "&#x7f;甲", "&#x85;a", "甲&#x2066;")
            ),
            xy="107.35,22.41",
        )
    elif kind == 8:
        body = "<Folder>" * 3_000 + place * 8_000 + "</Folder>" * 3_000
    elif kind == 9:
        body = (
            f"<Placemark><ExtendedData><Data name='{'a' * n}'><value>{'多' * n}</value></Data></ExtendedData><MultiGeometry>"
            + "<MultiGeometry>" * 200
            + "<Point><coordinates>107,22</coordinates></Point>" * n
            + "</MultiGeometry>" * 201
            + "</Placemark>"
        )
    elif kind == 10:
        ring = f"<LinearRing><coordinates>{'107,22 ' * min(n, 50_000)}</coordinates></LinearRing>"
        body = f"<Placemark><ExtendedData><Data name='设施类型'><value>托育园</value></Data></ExtendedData><Polygon><outerBoundaryIs>{ring}</outerBoundaryIs>{('<innerBoundaryIs>' + ring + '</innerBoundaryIs>') * 3}</Polygon></Placemark>"
    else:
        body = "<a/>" * n * 30 + place
    text = KML.format(dtd=dtd, body=body)
    suffix = forge.chance.choice((".kml", ".kmz", ".ovkml", ".zip"))
    content: str | bytes = text
    if suffix in {".kmz", ".zip"}:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("doc.kml", text)
        content = out.getvalue()
    forge.write("a" + suffix, content)
    return forge.study(facilities=f'"a{suffix}"')


@family
def street_files(forge: Forge) -> list[str]:
    """.osm, .osm.pbf and .graphml for the streets."""
    n = forge.number(100, 3_000, 60_000)
    kind = forge.chance.randrange(14)
    laughs = (
        "<!DOCTYPE a [<!ENTITY e0 'ha'>"
        + "".join(f"<!ENTITY e{i} '{f'&e{i - 1};' * 10}'>" for i in range(1, 12))
        + "]>"
    )
    outside = f"<!DOCTYPE a SYSTEM '{forge.url}/a.dtd' [<!ENTITY x SYSTEM '{forge.url}/x'>]>"
    wild = forge.chance.choice(NUMBERS)
    if kind <= 4:
        dtd, name, lat, more = "", "路", "22.41", ""
        if kind == 0:
            dtd, name = laughs, "&e11;"
        elif kind == 1:
            dtd, name = outside, "&x;"
        elif kind == 2:
            lat = wild
        elif kind == 3:
            more = "<tag k='highway' v='residential'/>" * n + "<nd ref='1'/><nd ref='2'/>" * n
        else:
            more = f"<tag k='{'a' * n}' v='{'b' * n}'/><nd ref='{wild}'/>"
        text = f"<?xml version='1.0'?>{dtd}<osm version='0.6'><node id='1' lat='{lat}' lon='107.35'/><node id='2' lat='22.42' lon='107.35'/><way id='9'><nd ref='1'/><nd ref='2'/>{more}<tag k='highway' v='residential'/><tag k='name' v='{name}'/></way></osm>"
        forge.write("a.osm", text)
        return forge.study(roads='"a.osm"')
    if kind <= 8:
        raw = b"\0" * forge.chance.choice((1_000, 30_000_000, 33_000_000))
        if kind == 6:
            raw = forge.chance.randbytes(2_000)
        if kind == 7:
            dense = b"\x12" + _varint(2 * n) + b""
            raw = b"\x12" + _varint(len(dense)) + dense + b"\x02" * n
        blob = b"\x10" + _varint(forge.chance.choice((len(raw), 10, 1 << 40))) + b"\x1a"
        packed = zlib.compress(raw)
        blob += _varint(len(packed)) + packed
        head = b"\x0a\x07OSMData\x18" + _varint(len(blob))
        content = (struct.pack(">I", len(head)) + head + blob) * forge.chance.choice((1, 50, 400))
        good = b"\x0a\x09OSMHeader\x18" + _varint(2 + 2)
        content = struct.pack(">I", len(good)) + good + b"\x0a\x02\x22\x00" + content
        forge.write("a.osm.pbf", content)
        return forge.study(roads='"a.osm.pbf"')
    data, dtd, crs, x = "residential", "", "EPSG:4326", "107.35"
    if kind == 9:
        dtd, data = laughs, "&e11;"
    elif kind == 10:
        dtd, data = outside, "&x;"
    elif kind == 11:
        data = forge.chance.choice(
            (
                "[" * n,
                "[" + "9" * n + "]",
                "[" + "-" * n + "1]",
                "['residential'," * n,
                "[9**9**9]",
                "[(" + "(" * n,
                "[" + "1," * n + "]",
            )
        )
    elif kind == 12:
        fifo = forge.home / "fifo"
        os.mkfifo(fifo)
        crs = forge.chance.choice(
            (
                f"+init={fifo}:1",
                forge.url,
                "GEOGCS[" * n,
                "+proj=longlat +nadgrids=" + str(fifo),
                "+proj=pipeline " + "+step " * n,
                "urn:x",
                "{" * n,
                wild,
                "+init=/dev/zero:1",
            )
        )
    else:
        x = wild
    geometry = forge.chance.choice(
        (
            "",
            "",
            "GEOMETRYCOLLECTION (" * n + "POINT (1 2)" + ")" * n,
            f"LINESTRING ({wild} 1, 2 2)",
        )
    )
    text = (
        f'<?xml version="1.0" encoding="utf-8"?>{dtd}<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d0" for="graph" attr.name="crs"/><key id="d1" for="node" attr.name="x"/><key id="d2" for="node" attr.name="y"/><key id="d3" for="edge" attr.name="highway"/><key id="d4" for="edge" attr.name="geometry"/>'
        f'<graph><data key="d0">{crs}</data><node id="1"><data key="d1">{x}</data><data key="d2">22.41</data></node><node id="2"><data key="d1">107.36</data><data key="d2">22.41</data></node><edge source="1" target="2"><data key="d3">{data}</data><data key="d4">{geometry}</data></edge></graph></graphml>'
    )
    forge.write("a.graphml", text)
    return forge.study(roads='"a.graphml"')


def _varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


# -------------------------------------------------------------------- Parquet and zips


@family
def parquets(forge: Forge) -> list[str]:
    n = forge.number(1_000, 200_000, 30_000_000)
    kind = forge.chance.randrange(14)
    types = pa.array(["托育园", "养老院"])
    columns: dict[str, pa.Array] = {"设施类型": types}
    metadata: dict[bytes, bytes] = {}
    point = shapely.to_wkb(shapely.Point(EAST, NORTH))
    geo = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "crs": None, "geometry_types": []}},
    }
    if kind == 0:
        columns = {
            "设施类型": pa.array(np.zeros(n, dtype=np.int8)),
            "床位": pa.array(np.zeros(n, dtype=np.int8)),
        }
    elif kind == 1:
        columns["a"] = pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(2, dtype=np.int32)), pa.array(["x" * 1_000_000])
        )
    elif kind == 2:
        many = min(n, 200_000)
        columns = {
            "设施类型": pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(many, dtype=np.int32)), pa.array(["托" * 300_000])
            ),
        }
    elif kind == 3:
        columns["a"] = pa.array([[0] * min(n, 5_000_000), []], type=pa.list_(pa.int8()))
    elif kind == 4:
        nested: pa.DataType = pa.int8()
        for _ in range(forge.chance.choice((5, 60))):
            nested = pa.struct([("a", nested)])
        columns["a"] = pa.nulls(2, nested)
    elif kind == 5:
        columns["a"] = forge.chance.choice((
            pa.array([2**62, -(2**62)], pa.timestamp("s")), pa.array([2**62, 1], pa.duration("ns")), pa.array([2**31 - 1, -(2**31)], pa.date32()),
            pa.array([b"x", b"y"], pa.binary(1)), pa.array([1, 2], pa.decimal256(76, 0)), pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int8())), pa.array([2**61, 1], pa.date64()), pa.array([1, 2], pa.time64("ns")),
            pa.array([float("nan"), float("inf")]), pa.array([np.float16(1), np.float16("inf")]), pa.array([{"\x1b": 1}, None]),
        ))  # fmt: skip
        columns["建筑面积"] = columns["a"]
        columns["开业时间"] = columns["a"]
    elif kind in {6, 7, 8}:
        columns["geometry"] = pa.array([point, forge.chance.choice(ODD_SHAPES)(forge.chance)])
        metadata = {b"geo": json.dumps(geo).encode()}
    elif kind == 9:
        columns["geometry"] = pa.array([point, point])
        crs = forge.chance.choice(
            (
                '"+init=/dev/zero:1"',
                f'"{forge.url}"',
                "9" * 5_000,
                "[" * 50_000,
                '{"$schema":"' + forge.url + '"}',
                '"GEOGCS[' + "A[" * 50_000 + '"',
                "true",
                '{"a":1}',
                '"\\u001b[31m"',
                '""',
            )
        )
        metadata = {b"geo": json.dumps(geo).encode().replace(b"null", crs.encode())}
    elif kind == 10:
        metadata = {
            b"geo": forge.chance.choice(
                (
                    b"[" * 90_000,
                    b"{}" * 9,
                    b"\xff",
                    b'{"columns":1,"primary_column":"\xe8"}',
                    b'{"columns":{},"primary_column":["a"]}',
                    b'{"columns":[],"primary_column":"' + "设施类型".encode() + b'"}',
                    b"9" * 9_000,
                    b'{"columns":{"'
                    + "设施类型".encode()
                    + b'":{"encoding":"WKB"}},"primary_column":"'
                    + "设施类型".encode()
                    + b'"}',
                )
            )
        }
    elif kind == 11:
        columns |= {f"c{at}": pa.nulls(2) for at in range(min(n, 3_000))}
    elif kind == 12:
        columns |= {forge.chance.choice(UNSEEN): pa.array([forge.chance.choice(UNSEEN), None])}
    else:
        metadata = {
            b"pandas": b'{"index_columns":[{"kind":"range","start":0,"stop":"x"}],"columns":9}',
            b"ARROW:schema": b"AAAA",
        }
    table = pa.table(columns).replace_schema_metadata(metadata or None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The types that Parquet itself cannot write come as the Arrow file that holds them.
        try:
            pq.write_table(
                table,
                forge.home / "a.parquet",
                compression=forge.chance.choice(("zstd", "snappy", "none")),
            )
        except pa.ArrowException:
            with pa.ipc.new_file(forge.home / "a.parquet", table.schema) as writer:
                writer.write_table(table)
    return forge.study(facilities=f'{{ path = "a.parquet", crs = "{CRS}" }}')


@family
def archives(forge: Forge) -> list[str]:
    """Zips that hold zips, too much, the same bytes twice, names that lead out, or lie."""
    good = TABLES["facilities"].encode()
    n = forge.number(100, 3_000, 30_000)
    kind = forge.chance.randrange(14)
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        warnings.simplefilter("ignore")
        if kind == 0:
            packed.writestr("a.csv", b"0" * 300_000_000)
        elif kind == 1:
            for at in range(n):
                packed.writestr(f"a{at}.csv", good)
        elif kind == 2:
            packed.writestr(
                forge.chance.choice(
                    (
                        "../a.csv",
                        "/var/a.csv",
                        "..\\..\\a.csv",
                        "C:\\a.csv",
                        "a.gdb/..",
                        "a.gdb/../../../b.csv",
                        "\x1b[31m.csv",
                        "甲\u202ecsv.exe.csv",
                        "a\x00b.csv",
                        "." * 300 + ".csv",
                        ".csv",
                        "a/" * 2_000 + "a.csv",
                        "a.csv/",
                    )
                ),
                good,
            )
        elif kind == 3:
            packed.writestr("a.csv", good)
            packed.writestr("a.csv", good * 2)
        elif kind == 4:
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as deep:
                deep.writestr("doc.kml", KML.format(dtd="", body="<a/>" * 40_000_000))
            packed.writestr("a.kmz", inner.getvalue())
        elif kind == 5:
            packed.writestr(
                "a.xlsx",
                packed_book(
                    [
                        sheet_of(
                            [["设施类型"]],
                            extra='<row r="2"><c r="A2"><v>1</v></c></row>' * 1_000_000,
                        )
                    ]
                ),
            )
        elif kind == 6:
            link = zipfile.ZipInfo("a.csv")
            link.create_system, link.external_attr = 3, 0o120777 << 16
            packed.writestr(link, "/etc/passwd")
        elif kind == 7:
            for suffix in (".shp", ".shx", ".dbf"):
                packed.writestr("a" + suffix, b"\0" * 90_000_000)
        elif kind == 8:
            packed.writestr("b.zip", out.getvalue() + good)
        elif kind == 9:
            for part in range(n):
                packed.writestr(f"a.gdb/a{part:08x}.gdbtable", b"\0" * 20_000)
        else:
            packed.writestr("a.csv", good * n)
    content = bytearray(out.getvalue())
    if kind == 10:
        at = content.rfind(b"PK\x01\x02")
        struct.pack_into("<I", content, at + 24, forge.chance.choice((1, 0xFFFFFFFF, 0x7FFFFFFF)))
    elif kind == 11:
        at = content.rfind(b"PK\x01\x02")
        struct.pack_into("<H", content, at + 8, 1)
    elif kind == 12:
        at = content.rfind(b"PK\x05\x06")
        struct.pack_into("<HHII", content, at + 8, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF)
    elif kind == 13:
        entry, end = (
            content[content.rfind(b"PK\x01\x02") : content.rfind(b"PK\x05\x06")],
            content[content.rfind(b"PK\x05\x06") :],
        )
        start = content.rfind(b"PK\x01\x02")
        many = b"".join(
            entry.replace(b"a.csv", b"%c%c.gdb/a"[:5] % (97 + i % 26, 97 + i // 26 % 26))
            for i in range(500)
        )
        struct.pack_into("<HHI", end, 8, 500, 500, len(many))
        content = content[:start] + many + end
    suffix = forge.chance.choice((".zip", ".zip", ".kmz", ".xlsx"))
    return forge.study(facilities=forge.write("a" + suffix, bytes(content)))


@family
def odd_files(forge: Forge) -> list[str]:
    """Pipes, devices, sockets, links and folders where a file should be."""
    suffix = forge.chance.choice(
        (
            ".csv",
            ".gpkg",
            ".geojson",
            ".xlsx",
            ".kml",
            ".shp",
            ".dxf",
            ".parquet",
            ".zip",
            ".gdb",
            ".txt",
            ".fgb",
            ".osm",
        )
    )
    path = forge.home / f"a{suffix}"
    kind = forge.chance.randrange(9)
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.symlink_to(
            forge.chance.choice(
                ("/dev/zero", "/dev/random", "/dev/stdin", "/dev/full", "/proc/self/mem")
            )
        )
    elif kind == 2:
        with closing(socket.socket(socket.AF_UNIX)) as made:
            cwd = Path.cwd()
            os.chdir(forge.home)
            made.bind(path.name)
            os.chdir(cwd)
    elif kind == 3:
        path.symlink_to(path.name)
    elif kind == 4:
        path.mkdir()
        (path / "a.csv").write_text(TABLES["facilities"], encoding="utf-8")
        os.mkfifo(path / "a00000001.gdbtable")
    elif kind == 5:
        path.symlink_to("nothing")
    elif kind == 6:
        (forge.home / "real.csv").write_text(TABLES["facilities"], encoding="utf-8")
        path.symlink_to("real.csv")
    elif kind == 7:
        path.write_bytes(
            forge.chance.choice(
                (
                    b"",
                    b"\0",
                    b"\0" * 100_000,
                    b"\xff\xfe",
                    b"\xef\xbb\xbf",
                    b"PK\x03\x04",
                    b"{",
                    b"<",
                    b"SQLite format 3\0",
                )
            )
        )
    else:
        path.write_bytes(forge.chance.randbytes(5_000))
    layer = forge.chance.choice(("facilities", "divisions", "roads", "homes"))
    return forge.study(**{layer: f'{{ path = "a{suffix}", crs = "{CRS}" }}'})


# -------------------------------------------------------------------------- TOML and JSON


def _wild_toml(forge: Forge) -> str:
    n = forge.number(100, 3_000, 50_000)
    shown = json.dumps(forge.chance.choice(UNSEEN)).replace("\\ufeff", "\ufeff")
    return forge.chance.choice((
        "[" * n + "]" * n, "[" * n, "{a = " * n + "1" + "}" * n, "9" * n, "-" + "9" * n, "1e999999999999999999999", "1e1000000000", "nan", "inf", "-inf",
        "0001-01-01", "9999-12-31", "9999-12-31T23:59:60Z", "2023-02-30", "00:00:00", "true", '""', "[]", "{}", '"' + "a" * n + '"', shown, '"/dev/zero"', '"/dev/stdin"',
        '"a\\u0000b"', '"+init=/dev/zero:1"', '"GEOGCS[' + "A[" * n + '"', f'"{forge.url}"', "[[[]]]", "[nan, inf]", '["a", 1]', "0x" + "f" * n, "0b" + "1" * n, '"""' + "\n" * n + '"""', "1_000", "-1", "0", "0.0000000001", "1e308", '"~/x.toml"', '"' + "多" * n + '"',
    ))  # fmt: skip


def _values_replaced(forge: Forge, text: str) -> str:
    """A TOML text with one or two of its values, keys or lines made wild."""
    lines = text.split("\n")
    for _ in range(forge.chance.choice((1, 1, 2))):
        places = [at for at, line in enumerate(lines) if "=" in line and not line.startswith("#")]
        at = forge.chance.choice(places)
        key, _, _ = lines[at].partition("=")
        kind = forge.chance.random()
        if kind < 0.75:
            lines[at] = f"{key}= {_wild_toml(forge)}"
        elif kind < 0.85:
            lines[at] = ".".join(["a"] * forge.number(50, 2_000)) + " = 1"
        elif kind < 0.9:
            lines[at] = "[" + ".".join(["a"] * forge.number(50, 2_000)) + "]"
        else:
            lines[at] = f"{json.dumps(forge.chance.choice(UNSEEN))} = 1"
    return "\n".join(lines)


@family
def study_files(forge: Forge) -> list[str]:
    command = forge.study()
    path = forge.home / "study.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace(
        f'"facilities.csv", crs = "{CRS}"', f'"facilities.csv", crs = "{CRS}", encoding = "utf-8"'
    )
    text += (
        '[policy_values]\nradius_m = 500\n[aliases]\n"a" = "太平街道"\n[programme]\nyears = [2024, 2025]\nbudget = ["1万", 2]\n'
        if forge.chance.random() < 0.6
        else ""
    )
    options = forge.chance.choice((
        "control", "towgs84", "fit", "columns", "encoding", "sheet", "layer", "degrees", "crs", "path", "nothing",
    ))  # fmt: skip
    if options != "nothing" and forge.chance.random() < 0.5:
        text = text.replace(
            'facilities = { path = "facilities.csv"',
            f'facilities = {{ {options}{"2" if options in {"crs", "encoding", "path"} else ""} = {_wild_toml(forge)}, path = "facilities.csv"',
        )
        if options in {"crs", "encoding", "path"}:
            text = text.replace(f"{options}2", options)
    else:
        text = _values_replaced(forge, text)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    if forge.chance.random() < 0.15:
        path.write_bytes(
            forge.chance.choice(
                (
                    b"\xff" * 90,
                    b"",
                    b"\0" * 900,
                    text.encode("utf-16"),
                    text.encode("gb18030", errors="replace"),
                )
            )
        )
    if forge.chance.random() < 0.2:
        return ["site", ".", "--programme", "--out", "out", "--time-limit", "2"]
    return command


@family
def policy_files(forge: Forge) -> list[str]:
    from importlib.resources import files

    names = [
        each.name
        for each in files("geoplan.policy").joinpath("library").iterdir()
        if each.name.endswith(".toml")
    ]
    text = (
        files("geoplan.policy")
        .joinpath("library", forge.chance.choice(sorted(names)))
        .read_text(encoding="utf-8")
    )
    text = _values_replaced(forge, text)
    if forge.chance.random() < 0.1:
        text = text.replace(
            "[policy]",
            f"[policy]\nextends = {forge.chance.choice((chr(34) + '/dev/zero.toml' + chr(34), chr(34) + 'p.toml' + chr(34), chr(34) + 'fifo.toml' + chr(34), '9', chr(34) + 'x/' * 3_000 + '.toml' + chr(34)))}",
            1,
        )
        os.mkfifo(forge.home / "fifo.toml")
    (forge.home / "p.toml").write_text(text, encoding="utf-8", errors="surrogatepass")
    command = forge.study()
    if forge.chance.random() < 0.3:
        return ["policy", forge.chance.choice(("check", "show")), "p.toml"]
    return [*command, "--policy", "p.toml"]


WILD_JSON = (
    "9" * 5_000, "9" * 1_000_000, "-1", "1e999", "NaN", "Infinity", "-Infinity", "null", "true", '""', '"a"', "[]", "{}", "[[]]", "[null]", "1e308", "-0.0", "0.5",
    "1000000000", "1000000000000000000000", "[" * 50_000, "[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, '"\\ud800"', '"\\u001b[31m"', '"\\u202e"', "[1,[2]]", "[1e308,1e308]",
    "[1000000000,1000000000]", "[-1,-1]", '"9e999999999"', "[1,2,3]", "[[1,2],[3]]", '[["a"]]', "[[1e999]]", "[true]", "4611686018427387904", "[2147483648]",
)  # fmt: skip


def _json_replaced(forge: Forge, document: dict[str, object]) -> str:
    """A JSON object with one or two of its values made wild."""
    texts = {key: json.dumps(value) for key, value in document.items()}
    for _ in range(forge.chance.choice((1, 1, 2))):
        key = forge.chance.choice([*texts, "more"])
        texts[key] = forge.chance.choice(WILD_JSON)
    return "{" + ",".join(f'"{key}":{text}' for key, text in texts.items()) + "}"


@family
def siting_problems(forge: Forge) -> list[str]:
    model = forge.chance.choice(("p_median", "mclp", "lscp", "p_center", "capacitated_p_median"))
    document: dict[str, object] = {
        "model": model, "cost": [[0, 5, 9], [4, 0, 3], [8, 2, 0], [1, 1, 1]], "p": 2, "radius": 4, "weights": [1, 2, 3, 4], "capacity": [9, 9, 9], "site_cost": [1, 2, 3], "budget": 4, "time_limit_s": 5,
    }  # fmt: skip
    if forge.chance.random() < 0.4:
        document |= {
            "demand": [0, 1, 2, 3],
            "candidate": [0, 1, 2, 0],
            "cost": [1, 2, 3, 4],
            "shape": [4, 3],
        }
    if forge.chance.random() < 0.3:
        document |= {
            "fixed": [0],
            "k_best": 2,
            "single_source": True,
            "least_load": [1, 1, 1],
            "target_gap": 0.1,
            "load": [1, 1, 1, 1],
        }
    text = _json_replaced(forge, document)
    kind = forge.chance.random()
    if kind < 0.1:
        os.mkfifo(forge.home / "p.json")
    elif kind < 0.15:
        (forge.home / "p.json").symlink_to("/dev/zero")
    elif kind < 0.2:
        forge.write(
            "p.json",
            forge.chance.choice(
                (b"\xff\xfe\x00", b"", b"[" * 200_000, b'"a', text.encode("utf-16"))
            ),
        )
    else:
        forge.write("p.json", text)
    command = ["site", "--problem", "p.json", "--lang", forge.chance.choice(("zh", "en"))]
    return [*command, "--json", "out.json"] if forge.chance.random() < 0.5 else command


@family
def programmes(forge: Forge) -> list[str]:
    forge.study()
    opened: dict[str, object] = {
        "id": "N1",
        "kind": "elder_service_station",
        "name": "新",
        "floor_area_m2": "300",
        "open_date": "2024-05-01",
    }
    edit = forge.chance.choice((
        lambda: '{"open":' + _json_replaced(forge, opened) + ',"place":' + forge.chance.choice(("null", '"POINT (433500 2478500)"', '"' + "GEOMETRYCOLLECTION (" * 90_000 + '"', '"POINT (1e999 nan)"', "9")) + "}",
        lambda: _json_replaced(forge, {"close": "F1", "day": "2024-01-01"}),
        lambda: '{"change":"F1","values":' + _json_replaced(forge, {"places": "30", "status": "operating"}) + "}",
        lambda: forge.chance.choice(WILD_JSON),
    ))()  # fmt: skip
    document = {"edits": f"[{edit}]", "last_day": '"2024-12-31"', "crs": "null"}
    document["crs"] = forge.chance.choice(
        (f'"{CRS}"', f'"{CRS}"', "null", forge.chance.choice(WILD_JSON))
    )
    if forge.chance.random() < 0.3:
        document[forge.chance.choice(list(document))] = forge.chance.choice(WILD_JSON)
    text = "{" + ",".join(f'"{key}":{value}' for key, value in document.items()) + "}"
    kind = forge.chance.random()
    if kind < 0.1:
        os.mkfifo(forge.home / "p.json")
    else:
        forge.write("p.json", text)
    return ["compare", ".", "--programme", "p.json", "--out", "out", "--format", "csv"]
