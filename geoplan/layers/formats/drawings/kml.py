"""KML and KMZ of Google Earth, and 奥维's .ovkml and .ovkmz, placemark by placemark.

Belongs here: folders, names, extended data and shapes of a KML document. Does not belong here: the
datum of its coordinates (``place.py``), except that 奥维 writes GCJ-02 since its version 9.3.

GDAL reads KML too, but turns Chinese names of extended data into underscores, so that two columns
fall into one; therefore the document is read here, with lxml.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.archives.zip_members import allowance, open_zip, pieces
from geoplan.layers.formats.bounds import check_table
from geoplan.layers.formats.earth import on_earth
from geoplan.layers.formats.parts import choose_part
from geoplan.layers.formats.vectors.vector import unreadable
from geoplan.layers.raw_table import RawTable, listing, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

# More than any placemark file that people make; beyond it a small file is a bomb.
MOST_UNPACKED = 200_000_000
_MOST_PLAIN = 10_000_000  # bytes up to which lxml keeps its own bounds on depth and length
_MOST_FOLDERS = 100  # one in the other
_OVI = (".ovkml", ".ovkmz")
_PACKED = b"PK"
_DECLARED = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"'][^>]*\?>")
_AROUND_COMMAS = re.compile(r"\s*[,，]\s*")
_TRIPLE = (2, 3)  # longitude, latitude and perhaps a height


@dataclass(slots=True)
class _Folder:
    """A folder's placemarks: what each says, and its shape."""

    rows: list[dict[str, str]] = field(default_factory=list)
    shapes: list[shapely.Geometry | None] = field(default_factory=list)


def read_kml(file: LayerFile, where: str) -> RawTable:
    """Read the placemarks of one folder: the one asked for, the only one, or the layer's own."""
    folders, notes = _folders(file.path, where)
    part = choose_part(list(folders), file.layer, asked=file.sublayer, where=where)
    if not isinstance(part, str):
        raise DataError(part)
    folder = folders[part]
    headings = _headings(folder.rows)
    check_table(len(folder.rows), len(headings), where, size=file.path.stat().st_size)
    shapes = np.full(len(folder.rows), None, dtype=object)
    shapes[:] = folder.shapes
    is_ovi = file.path.suffix.lower() in _OVI
    return RawTable(
        where,
        headings,
        tuple([row.get(key) for row in folder.rows] for key in headings),
        np.arange(1, len(folder.rows) + 1),
        shapes,
        "GCJ-02" if is_ovi else "EPSG:4326",
        "UTF-8",
        (*notes, *_datum_remarks(file, is_ovi=is_ovi), *_shape_remarks(folder, file.layer)),
    )


def _headings(rows: list[dict[str, str]]) -> tuple[str, ...]:
    """Every key; the placemarks' own name not where extended data say the very same under theirs."""
    keys = dict.fromkeys(key for row in rows for key in row)
    if any(all(row.get(key) == row["name"] for row in rows) for key in keys if key != "name"):
        del keys["name"]
    return tuple(keys)


def list_folders(path: Path, where: str) -> list[str]:
    """The folders with placemarks, in the order of the document."""
    return list(_folders(path, where)[0])


def _datum_remarks(file: LayerFile, *, is_ovi: bool) -> Iterable[Remark]:
    """What the coordinates are taken for where study.toml does not say it."""
    if file.crs is not None:
        return
    if is_ovi:
        detail = Words(
            "奥维导出的文件按 GCJ-02 读取；若不是，请在 study.toml 写明 crs",
            "exported by 奥维 and read as GCJ-02; if it is not, say crs in study.toml",
        )
        yield Remark("OVI_GCJ02", detail, file.layer)
        return
    detail = Words(
        "KML 按 WGS 84 读取；若由奥维、高德等导出，坐标可能是 GCJ-02（相差数百米），"
        '请在 study.toml 写明 crs = "GCJ-02"',
        "KML is read as WGS 84; exported by 奥维, Amap and the like it may be GCJ-02, hundreds of "
        'metres off: then say crs = "GCJ-02" in study.toml',
    )
    yield Remark("KML_WGS84", detail, file.layer)


def _shape_remarks(folder: _Folder, layer: str) -> Iterable[Remark]:
    rows = tuple(at for at, shape in enumerate(folder.shapes, 1) if shape is None)
    if rows:
        detail = Words(
            f"第 {listing(rows)} 个地标没有可用的图形",
            f"placemarks {listing(rows)} have no shape that can be used",
        )
        yield Remark("NO_SHAPE", detail, layer, rows)


def _folders(path: Path, where: str) -> tuple[dict[str, _Folder], list[Remark]]:
    """The folders, and what had to be decided to read the document at all."""
    from lxml import etree

    content, notes = _in_its_encoding(_document(path, where))
    try:
        root, undeclared = _parsed(content)
        notes += undeclared
        folders: dict[str, _Folder] = {}
        for place in root.iter("{*}Placemark"):
            if next(islice(place.iterancestors("{*}Placemark"), 1), None) is not None:
                raise unreadable(where, ValueError("a placemark inside a placemark"))
            folder = folders.setdefault(_folder_name(place), _Folder())
            folder.rows.append(_said(place))
            folder.shapes.append(_shape(place))
    except etree.XMLSyntaxError as fault:
        raise unreadable(where, fault) from fault
    return folders, notes


def _parsed(content: bytes) -> tuple[Any, list[Remark]]:
    """The document; one with prefixes that it never declares (``gx:``) is read for all that."""
    from lxml import etree

    # No entities and no network: a document from anywhere must not read other files.
    options = {
        "resolve_entities": False,
        "no_network": True,
        "huge_tree": len(content) > _MOST_PLAIN,
    }
    strict = etree.XMLParser(**options)
    try:
        return etree.parse(io.BytesIO(content), strict).getroot(), []
    except etree.XMLSyntaxError as fault:
        if any(entry.domain_name != "NAMESPACE" for entry in strict.error_log):
            raise
        lenient = etree.XMLParser(recover=True, **options)
        root = etree.parse(io.BytesIO(content), lenient).getroot()
        words = " ".join(str(fault).split())
    detail = Words(
        f"文件用了没有声明的前缀（{words}），其余照常读取",
        f"it uses a prefix that it does not declare ({words}); the rest was read as usual",
    )
    return root, [Remark("KML_PREFIX", detail)]


def _in_its_encoding(content: bytes) -> tuple[bytes, list[Remark]]:
    """The document as it declares itself, or, where its bytes are no UTF-8, as GB18030.

    Examples
    --------
    >>> said = '<?xml version="1.0" encoding="UTF-8"?><kml>社区</kml>'
    >>> _in_its_encoding(said.encode("gbk"))[0].decode("gb18030")
    '<?xml version="1.0" encoding="GB18030"?><kml>社区</kml>'
    """
    head = _DECLARED.match(content)
    stated = (head[1] if head else b"utf-8").lower().replace(b"-", b"")
    if stated != b"utf8" or _is_text(content, "utf-8") or not _is_text(content, "gb18030"):
        return content, []
    body = content[head.end() :] if head else content
    detail = Words(
        "文件声明 UTF-8，字节却是 GBK（GB18030），按后者读取；请核对名称",
        "it declares UTF-8 but its bytes are GBK (GB18030) and were read so; check its names",
    )
    declared = b'<?xml version="1.0" encoding="GB18030"?>'
    return declared + body, [Remark("ENCODING_GUESSED", detail)]


def _is_text(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _document(path: Path, where: str) -> bytes:
    """The KML itself, taken out of the zip where it is in one."""
    with path.open("rb") as stream:
        if stream.read(2) != _PACKED:
            return path.read_bytes()
    left = allowance(path, most=MOST_UNPACKED)
    with open_zip(path, where) as packed:
        for item in packed.infolist():
            if item.filename.lower().endswith((".kml", ".ovkml")):
                return b"".join(pieces(packed, item, where, left))
    raise refuse(
        where,
        Words("压缩包里没有 KML", "there is no KML in it"),
        Words("请重新导出。", "Export it again."),
    )


def _folder_name(place: Any) -> str:
    """Of the nearest folder, else of the document."""
    for holder in islice(place.iterancestors("{*}Folder", "{*}Document"), _MOST_FOLDERS):
        name = holder.findtext("{*}name")
        if name and name.strip():
            return str(name.strip())
    return "kml"


def _said(place: Any) -> dict[str, str]:
    """What a placemark says: its name, and its extended data by their own names."""
    said = {"name": (place.findtext("{*}name") or "").strip()}
    description = (place.findtext("{*}description") or "").strip()
    if description:
        said["description"] = description
    for entry in place.iterfind("{*}ExtendedData//{*}Data"):
        said[str(entry.get("name"))] = (entry.findtext("{*}value") or "").strip()
    for entry in place.iterfind("{*}ExtendedData//{*}SimpleData"):
        said[str(entry.get("name"))] = (entry.text or "").strip()
    return said


def _shape(place: Any) -> shapely.Geometry | None:
    """The shape of a placemark: one, or the many of a MultiGeometry; none where it is no shape."""
    try:
        shapes = [shape for shape in _shapes(place) if not shape.is_empty]
    except (ValueError, shapely.errors.GEOSException):
        return None
    if len(shapes) <= 1:
        return shapes[0] if shapes else None
    kinds = {shape.geom_type for shape in shapes}
    many = {
        "Point": shapely.multipoints,
        "LineString": shapely.multilinestrings,
        "Polygon": shapely.multipolygons,
    }
    if len(kinds) > 1:
        return shapely.geometrycollections(shapes)
    return many[kinds.pop()](shapes)


def _shapes(place: Any) -> Iterator[shapely.Geometry]:
    for shape in place.iter("{*}Point", "{*}LineString", "{*}Polygon"):
        kind = shape.tag.rpartition("}")[2]
        if kind == "Point":
            yield from map(shapely.Point, _coordinates(shape)[:1])
        elif kind == "LineString":
            yield shapely.LineString(_coordinates(shape))
        elif kind == "Polygon":
            outer = shape.find("{*}outerBoundaryIs//{*}LinearRing")
            inner = shape.iterfind("{*}innerBoundaryIs//{*}LinearRing")
            if outer is not None:
                yield shapely.Polygon(_coordinates(outer), [_coordinates(ring) for ring in inner])


def _coordinates(shape: Any) -> list[tuple[float, float]]:
    """Longitude and latitude of each point; heights are left.

    Raises
    ------
    ValueError
        a coordinate is no number, or none of a place.
    """
    text = _AROUND_COMMAS.sub(",", shape.findtext("{*}coordinates") or "")
    points = [triple.rstrip(",").split(",") for triple in text.split()]
    if any(len(point) not in _TRIPLE for point in points):
        raise ValueError(text)  # no telling which numbers make a point
    pairs = [(float(point[0]), float(point[1])) for point in points]
    if not on_earth(pairs).all():
        raise ValueError(text)
    return pairs
