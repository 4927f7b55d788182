"""A file before it is opened: is it there, is it what its suffix says, what are its bytes.

Belongs here: refusing a file without reading it, and its fingerprint. Does not belong here: the
readers (``formats``), or which suffix has one (``read.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from geoplan.layers.raw import refuse
from geoplan.terms import Words

CONVERT: Mapping[str, Words] = MappingProxyType(
    dict.fromkeys(
        (".mdb", ".accdb"),
        Words(
            "请在 ArcGIS 中转为 .gdb、Shapefile 或 GeoPackage。",
            "Convert it to .gdb, shapefile or GeoPackage in ArcGIS.",
        ),
    )
    | dict.fromkeys(
        (".dwg", ".dgn"),
        Words(
            "请在 CAD 中另存为 DXF，并在 study.toml 写明坐标系（crs）。",
            "Save it as DXF in CAD and say its coordinate system (crs) in study.toml.",
        ),
    )
    | dict.fromkeys(
        (".wp", ".wl", ".wt", ".mpj", ".hdf", ".hdb"),
        Words("请在 MapGIS 中转为 Shapefile。", "Convert it to a shapefile in MapGIS."),
    )
    | dict.fromkeys(
        (".ods", ".numbers", ".xlsb"),
        Words("请在 Excel 或 WPS 中另存为 .xlsx。", "Save it as .xlsx in Excel or WPS."),
    )
    | dict.fromkeys(
        (".ovjsn", ".ovobj"),
        Words("请在奥维中导出为 .ovkml。", "Export it from 奥维 as .ovkml."),
    )
    | dict.fromkeys(
        (".rar", ".7z", ".gz", ".tar", ".bz2"),
        Words("请解压，或改用 .zip 压缩。", "Unpack it, or pack it as .zip."),
    )
    | dict.fromkeys(
        (".pdf", ".doc", ".docx", ".wps", ".jpg", ".jpeg", ".png", ".tif", ".tiff"),
        Words(
            "请提供电子表格或矢量数据；图纸请找编制单位要 GDB、Shapefile 或 DXF 原件。",
            "Provide a spreadsheet or vector data; ask those who drew a map for its GDB, shapefile "
            "or DXF.",
        ),
    )
)
_HEADS: Mapping[str, bytes] = MappingProxyType(
    {
        ".gpkg": b"SQLite format 3\0",
        ".fgb": b"fgb",
        ".parquet": b"PAR1",
        ".geoparquet": b"PAR1",
        ".shp": b"\0\0\x27\x0a",
    }
)
_LOOKS: Mapping[bytes, str] = MappingProxyType(
    {
        b"SQLite format 3": ".gpkg",
        b"PK": ".xlsx / .zip",
        b"fgb": ".fgb",
        b"PAR1": ".parquet",
        b"\0\0\x27\x0a": ".shp",
        b"\xd0\xcf\x11\xe0": ".xls / .et",
        b"%PDF": ".pdf",
        b"AC10": ".dwg",
        b"\0\1\0\0Standard": ".mdb",
        b"Rar!": ".rar",
    }
)


_TEXT = frozenset({".csv", ".tsv", ".txt", ".geojson", ".json", ".kml"})


def look_at(path: Path, where: str) -> None:
    """Refuse a file that is empty or whose first bytes are those of another format."""
    if path.is_dir():
        if path.suffix.lower() == ".gdb":
            return
        raise refuse(
            where,
            Words("这是文件夹", "this is a folder"),
            Words("请写文件的路径。", "Name a file."),
        )
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head.strip():
        raise refuse(
            where,
            Words("文件是空的", "the file is empty"),
            Words("请重新导出或重新拷贝。", "Export or copy it again."),
        )
    suffix = path.suffix.lower()
    looks = next((kind for start, kind in _LOOKS.items() if head.startswith(start)), None)
    is_text = suffix in _TEXT
    expected = _HEADS.get(suffix)
    if (expected is not None and not head.startswith(expected)) or (is_text and looks is not None):
        hint_zh = f"，像是 {looks} 文件" if looks else ""
        hint_en = f"; it looks like {looks}" if looks else ""
        raise refuse(
            where,
            Words(f"内容不是 {suffix} 格式{hint_zh}", f"the content is not {suffix}{hint_en}"),
            Words("请改正后缀或重新导出。", "Correct the suffix or export it again."),
        )


def sha256_of(path: Path) -> str:
    """Of the file; of every file of a folder, or of every part of a shapefile, in name order."""
    parts = [path]
    if path.is_dir():
        parts = [part for part in path.rglob("*") if part.is_file()]
    elif path.suffix.lower() == ".shp":
        parts = [part for part in path.parent.iterdir() if part.stem == path.stem]
    digest = hashlib.sha256()
    for part in sorted(parts):
        with part.open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()
