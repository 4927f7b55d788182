"""A file before it is opened: is it there, is it what its suffix says, what are its bytes.

Belongs here: refusing a file without reading it, and its fingerprint. Does not belong here: the
readers (``formats``), or which suffix has one (``read.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from geoplan.errors import DataError
from geoplan.layers.raw_table import refuse
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


_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_INDICES = (".qix", ".sbn", ".sbx", ".idm", ".ind")  # GDAL looks for them beside a shapefile


def look_at(path: Path, where: str) -> None:
    """Refuse a file that is no file, is empty or whose first bytes are those of another format."""
    for part in (*parts_of(path), *_indices_of(path)):
        if not part.is_file():
            raise _no_file(where, part)
        if part.is_symlink() and part != path and not _stays(part, path):
            raise _leads_away(where, part)
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


def parts_of(path: Path) -> list[Path]:
    """What a file consists of, in name order: itself, what is in a .gdb, the parts of a shapefile.

    A folder that is no .gdb has no parts: it will be refused.
    """
    if path.is_dir():
        is_base = path.suffix.lower() == ".gdb"
        return sorted(part for part in path.rglob("*") if not part.is_dir()) if is_base else []
    return _named_alike(path, _SHAPEFILE) if path.suffix.lower() == ".shp" else [path]


def _indices_of(path: Path) -> list[Path]:
    return _named_alike(path, _INDICES) if path.suffix.lower() == ".shp" else []


def _named_alike(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    return sorted(
        part
        for part in path.parent.iterdir()
        if part.stem == path.stem and part.suffix.lower() in suffixes
    )


def size_of(path: Path) -> int:
    """The bytes of all of its parts."""
    return sum(part.stat().st_size for part in parts_of(path))


def sha256_of(path: Path) -> str:
    """Of all parts of the file, one after the other."""
    digest = hashlib.sha256()
    for part in parts_of(path):
        with part.open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


def real_path(path: Path) -> Path | None:
    """Where a file leads whose name is a link; ``None`` for any other."""
    return path.resolve() if path.is_symlink() else None


def _stays(part: Path, path: Path) -> bool:
    """Whether a part that is a link leads to a place beside the file, or below it."""
    home = path.resolve() if path.is_dir() else path.resolve().parent
    return part.resolve().is_relative_to(home)


def _no_file(where: str, part: Path) -> DataError:
    return refuse(
        where,
        Words(
            f"{part.name} 不是普通文件（管道、设备或断开的链接）",
            f"{part.name} is no ordinary file but a pipe, a device or a broken link",
        ),
        Words("请换成普通文件。", "Put an ordinary file in its place."),
    )


def _leads_away(where: str, part: Path) -> DataError:
    return refuse(
        where,
        Words(
            f"{part.name} 是指向别处（{part.resolve()}）的链接，study.toml 没有写明那个文件",
            f"{part.name} is a link that leads elsewhere ({part.resolve()}), to a file that "
            "study.toml does not name",
        ),
        Words("请把文件本身放在一起。", "Put the file itself beside the others."),
    )
