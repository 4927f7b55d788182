"""Vector files read by GDAL through pyogrio, as Arrow columns and WKB.

Belongs here: opening GeoPackage, GeoJSON, shapefile, FlatGeobuf, FileGDB and KML. Does not belong
here: the meaning of a column, or of a coordinate.
"""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.errors import DataError, Remark
from geoplan.layers.files import size_of
from geoplan.layers.formats.bounds import check_table
from geoplan.layers.formats.parts import choose_part, edges_remark
from geoplan.layers.formats.vectors import shapefile_table as dbf
from geoplan.layers.formats.vectors.arrow import table_of_arrow
from geoplan.layers.formats.vectors.fields import plain_codes, with_fields_said
from geoplan.layers.formats.vectors.gdal_gate import ask_info, ask_layers, ask_sql, ask_table
from geoplan.layers.formats.vectors.geopackage import (
    at_rest,
    check_own_tables,
    check_whole,
    look_into,
    no_table,
)
from geoplan.layers.raw_table import RawTable, listing, plain_cells, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

_WITH_FIELDS_SAID = (".gpkg", ".gdb")
_PACKAGE = ".gpkg"
_BYTEWISE = "ISO-8859-1"


def list_parts(path: Path, where: str) -> list[str]:
    """The layers of a vector file, in file order; of a GeoPackage those that are tables."""
    try:
        if path.suffix.lower() != _PACKAGE:
            return ask_layers(path)
        with at_rest(path, where) as still:
            package = look_into(still)
            check_own_tables(package, where)
            names = list(package.layers) if package.views else ask_layers(still)
    except DataError:
        raise
    except Exception as fault:
        raise unreadable(where, fault) from fault
    if not names and package.views:
        raise no_table(where, package.views[0])
    return names


def read_vector(file: LayerFile, where: str) -> RawTable:
    """Read one layer of a vector file."""
    if file.path.suffix.lower() != _PACKAGE:
        return _read(file, where)
    with at_rest(file.path, where) as still:
        try:
            package = look_into(still)
        except sqlite3.Error as fault:
            raise unreadable(where, fault) from fault
        check_own_tables(package, where)
        if file.sublayer in package.views:
            raise no_table(where, str(file.sublayer))
        read = _read(replace(file, path=still), where)
    unsaved = () if still == file.path else (_unsaved_remark(file.layer),)
    return replace(read, remarks=(*unsaved, *read.remarks))


def _unsaved_remark(layer: str) -> Remark:
    detail = Words(
        "文件正被其他程序打开，旁边的 -wal 中尚未并入的更改也已读入",
        "another program has it open; its changes that are still in the -wal beside it were read too",
    )
    return Remark("UNSAVED_READ", detail, layer)


def _read(file: LayerFile, where: str) -> RawTable:
    is_shapefile = file.path.suffix.lower() == ".shp"
    encoding, notes = _shapefile_encoding(file, where) if is_shapefile else (None, ())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        names = list_parts(file.path, where)
        part = choose_part(names, file.layer, asked=file.sublayer, where=where)
        if not isinstance(part, str):
            raise DataError(part)
        try:
            read = _read_part(file, where, part, encoding=encoding)
        except UnicodeDecodeError:
            read = _read_bytes(file, where, part, codec=encoding or "utf-8")
    told = tuple(dict.fromkeys(str(warning.message) for warning in caught))
    said = (_reader_remark(text, file.layer) for text in told)
    gone = dbf.count_deleted(file.path) if is_shapefile else 0
    notes = (*notes, *edges_remark(names, part, file))
    return replace(
        read, remarks=(*notes, *_deleted_remarks(gone, file.layer), *read.remarks, *said)
    )


def _deleted_remarks(count: int, layer: str) -> tuple[Remark, ...]:
    """That records marked as deleted, which other programs do not show, were not read."""
    if not count:
        return ()
    detail = Words(
        f"属性表有 {count} 条记录已标为删除，没有读入",
        f"{count} records of the table are marked as deleted and were not read",
    )
    return (Remark("DELETED_RECORDS", detail, layer),)


def _read_bytes(file: LayerFile, where: str, part: str, *, codec: str) -> RawTable:
    """Read texts byte by byte and decode them here: a name cut inside a character stays readable."""
    read = _read_part(file, where, part, encoding=_BYTEWISE)
    columns = tuple(
        [_decoded(cell, codec) for cell in plain_cells(column)]
        if isinstance(column, np.ndarray) and column.dtype == object
        else column
        for column in read.columns
    )
    headings = tuple(str(_decoded(heading, codec)) for heading in read.headings)
    return replace(read, headings=headings, columns=columns, encoding=codec)


def _decoded(cell: object, codec: str) -> object:
    if not isinstance(cell, str):
        return cell
    return cell.encode(_BYTEWISE, errors="replace").decode(codec, errors="ignore")


def _read_part(file: LayerFile, where: str, part: str, *, encoding: str | None) -> RawTable:
    meta, table = _ask_gdal(file.path, where, part, encoding=encoding)
    shape_name = (meta["geometry_name"] or "wkb_geometry") if meta["geometry_type"] else None
    read = checked_table(plain_codes(table), shape_name, where, file.layer)
    if file.path.suffix.lower() in _WITH_FIELDS_SAID:
        ask = partial(_ask_in_sql, file.path)
        read = with_fields_said(read, table.schema, file, part, ask)
    crs = None if read.geometry is None else meta["crs"]
    return replace(read, crs=crs, encoding=encoding)


def _ask_in_sql(path: Path, sql: str) -> Mapping[str, Sequence[Any]]:
    """Columns of a query; none where the file has no such table."""
    try:
        return dict(ask_sql(path, sql).to_pydict())
    except Exception:  # noqa: BLE001 - GDAL tells of an absent table in many ways
        return {}


def checked_table(table: Any, shape_name: str | None, where: str, layer: str) -> RawTable:
    """A raw table of an Arrow table, or a refusal where the table itself is damaged."""
    import pyarrow as pa

    try:
        return table_of_arrow(table, shape_name, where, layer)
    except (pa.ArrowException, SystemError) as fault:
        raise unreadable(where, fault) from fault


def _ask_gdal(path: Path, where: str, part: str, *, encoding: str | None) -> tuple[Any, Any]:
    """Metadata and Arrow table of a part, or a refusal in place of whatever GDAL lets through."""
    try:
        if path.suffix.lower() == _PACKAGE:
            check_whole(path, part)
        told = ask_info(path, part, encoding)
        expected = int(told["features"])
        check_table(expected, len(told["fields"]), where, size=size_of(path))
        meta, table = ask_table(path, part, encoding)
    except DataError:
        raise
    except UnicodeDecodeError:
        if path.suffix.lower() == ".shp":
            raise
        raise _not_unicode(where) from None
    except Exception as fault:
        raise unreadable(where, fault) from fault
    if path.suffix.lower() == ".shp":
        expected -= dbf.count_deleted(path)
    if expected > table.num_rows:
        raise _incomplete(where, expected, table.num_rows)
    return meta, table


def _incomplete(where: str, expected: int, found: int) -> DataError:
    return refuse(
        where,
        Words(
            f"文件应有 {expected} 个要素，只读出 {found} 个，文件不完整",
            f"the file should hold {expected} features but only {found} could be read",
        ),
        Words("请重新导出或重新拷贝。", "It is not complete; export or copy it again."),
    )


def _not_unicode(where: str) -> DataError:
    return refuse(
        where,
        Words("字段名不是 UTF-8 编码", "its field names are not encoded in UTF-8"),
        Words("请以 UTF-8 重新导出。", "Export it again as UTF-8."),
    )


def unreadable(where: str, fault: BaseException) -> DataError:
    """The refusal of a file that its reader cannot read, with the reader's own words."""
    said = " ".join(str(fault).split())[:300]
    words = f"{type(fault).__name__}: {said}" if said else type(fault).__name__
    return refuse(
        where,
        Words(f"文件读不出来（{words}）", f"the file cannot be read ({words})"),
        Words(
            "文件可能不完整、已损坏或后缀与内容不符，请重新导出。",
            "It may be incomplete or damaged, or its suffix may not be its format; export it again.",
        ),
    )


def _reader_remark(text: str, layer: str) -> Remark:
    return Remark(
        "READER_WARNING", Words(f"读取时的提示：{text}", f"said while reading: {text}"), layer
    )


def _shapefile_encoding(file: LayerFile, where: str) -> tuple[str, tuple[Remark, ...]]:
    missing = [part for part in (".dbf", ".shx") if dbf.beside(file.path, part) is None]
    if missing:
        named = listing(missing)
        raise refuse(
            where,
            Words(f"Shapefile 缺少 {named} 文件", f"the shapefile lacks its {named} file"),
            Words(
                "Shapefile 由 .shp .shx .dbf .prj 组成，请把同名文件一并拷来。",
                "A shapefile is .shp, .shx, .dbf and .prj together; copy all files of that name.",
            ),
        )
    cut = dbf.cut_parts(file.path)
    if cut:
        raise refuse(
            where,
            Words(
                f"{listing(cut)} 比其文件头所写的短，文件不完整",
                f"its {listing(cut)} is shorter than its own head says: the file is cut off",
            ),
            Words("请重新导出或重新拷贝。", "Export or copy it again."),
        )
    if dbf.shares_records(file.path):
        raise refuse(
            where,
            Words(
                ".shx 所指的图形加起来比 .shp 还大",
                "the shapes that its .shx points at are larger than its .shp",
            ),
            Words("请重新导出或重新拷贝。", "Export or copy it again."),
        )
    found = dbf.find_encoding(file.path, file.encoding)
    if found is None:
        raise refuse(
            where,
            Words(
                f"属性表不是 study.toml 写的 {file.encoding} 编码",
                f'the table is not encoded in "{file.encoding}" as study.toml says',
            ),
            Words(
                "请删去 encoding 让 geoplan 自己判断，或改为 gb18030、utf-8。",
                "Remove encoding and geoplan will tell by itself, or set gb18030 or utf-8.",
            ),
        )
    if found.reason not in {"bytes", "doubted"}:
        return found.name, ()
    doubted = found.reason == "doubted"
    detail = Words(
        f"{'.cpg 写的编码与内容不符' if doubted else '没有说明编码'}，按内容判断为 {found.name}",
        f"{'the .cpg names another encoding than the bytes have' if doubted else 'nothing names the encoding'}; "
        f"read as {found.name} by its bytes",
    )
    return found.name, (Remark("ENCODING_GUESSED", detail, file.layer),)
