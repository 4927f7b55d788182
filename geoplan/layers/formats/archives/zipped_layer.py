"""Zipped layers, as people send shapefiles: the one layer inside that is meant.

Belongs here: choosing and unpacking the layer in a zip. Does not belong here: its format (the
other modules of this room).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from types import MappingProxyType

from geoplan.errors import DataError
from geoplan.layers.files import look_at
from geoplan.layers.formats.archives.zip_members import allowance, open_zip, pieces
from geoplan.layers.formats.bounds import check_unpacked_rows
from geoplan.layers.formats.drawings.dxf import read_dxf
from geoplan.layers.formats.drawings.kml import read_kml
from geoplan.layers.formats.parts import choose_part
from geoplan.layers.formats.texts.sheet import read_csv, read_workbook
from geoplan.layers.formats.vectors.vector import read_vector
from geoplan.layers.raw_table import RawTable, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

# Of a member, on the disk. A city's buildings as a shapefile are a tenth of it.
MOST_UNPACKED = 1_000_000_000
_PACKED = frozenset({".kmz", ".ovkmz", ".xlsx"})
_FREE, _AGAIN = 1_000_000, 4
_INSIDE: Mapping[str, Callable[[LayerFile, str], RawTable]] = MappingProxyType(
    {
        ".shp": read_vector,
        ".gdb": read_vector,
        ".gpkg": read_vector,
        ".geojson": read_vector,
        ".fgb": read_vector,
        ".dxf": read_dxf,
        ".kml": read_kml,
        ".kmz": read_kml,
        ".ovkml": read_kml,
        ".xlsx": read_workbook,
        ".xls": read_workbook,
        ".csv": read_csv,
    }
)


def read_zip(file: LayerFile, where: str) -> RawTable:
    """Read the layer in a zip: the only one, the one of the layer's name, or the one asked for.

    Raises
    ------
    DataError
        the zip is damaged or absurdly large, or holds no layer, or several that could be meant.
    """
    with TemporaryDirectory() as folder:
        with open_zip(file.path, where) as packed:
            members = {_true_name(item): item for item in packed.infolist() if not item.is_dir()}
            chosen, asked = _choose(list(members), file, where)
            left = allowance(file.path, most=MOST_UNPACKED)
            for name, item in members.items():
                if _belongs(name, chosen):
                    if chosen.suffix.lower() in _PACKED:  # what is packed hardly packs again
                        left.most = min(left.most, _FREE + _AGAIN * item.compress_size)
                    target = Path(folder) / _within(name, chosen)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with target.open("wb") as stream:
                        stream.writelines(pieces(packed, item, where, left))
        inner = Path(folder) / chosen.name
        look_at(inner, where)
        read = _INSIDE[chosen.suffix.lower()]
        table = read(replace(file, path=inner, sublayer=asked), where)
    check_unpacked_rows(len(table.rows), where, size=file.path.stat().st_size)
    return table


def _true_name(item: zipfile.ZipInfo) -> PurePosixPath:
    """The member's name; Chinese names of Windows stand in GBK and come out as those of DOS."""
    name = item.filename
    if not item.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = item.filename
    return PurePosixPath(name.replace("\\", "/"))


def _layer_of(name: PurePosixPath) -> PurePosixPath | None:
    """The layer a member is: itself, or the .gdb it lies in; none for other members."""
    folders = [each for each in name.parents if each.suffix.lower() == ".gdb"]
    if folders:
        return folders[-1]
    is_own = name.parts[0] != "__MACOSX" and not name.name.startswith((".", "~$"))
    return name if is_own and name.suffix.lower() in _INSIDE else None


def _choose(
    names: list[PurePosixPath], file: LayerFile, where: str
) -> tuple[PurePosixPath, str | None]:
    """The layer meant, and what is still asked of the file inside."""
    layers = list(dict.fromkeys(found for name in names if (found := _layer_of(name))))
    if not layers:
        raise _without_layer(where)
    stems = [layer.stem for layer in layers]
    if len(layers) == 1:
        is_named = file.sublayer == stems[0]
        return layers[0], None if is_named else file.sublayer
    part = choose_part(stems, file.layer, asked=file.sublayer, where=where)
    if not isinstance(part, str):
        raise DataError(part)
    return layers[stems.index(part)], None


def _belongs(name: PurePosixPath, chosen: PurePosixPath) -> bool:
    """Whether a member is of the layer: the layer itself, in its folder, or of its own name."""
    return chosen in {name, *name.parents} or (
        chosen.suffix.lower() == ".shp"
        and name.parent == chosen.parent
        and name.stem.casefold() == chosen.stem.casefold()
    )


def _within(name: PurePosixPath, chosen: PurePosixPath) -> str:
    """Where a member is put: never outside the folder, whatever its name says."""
    if chosen in name.parents:
        return f"{chosen.name}/{name.name}"
    return name.name


def _without_layer(where: str) -> DataError:
    return refuse(
        where,
        Words("压缩包里没有可读的图层", "the zip holds no layer that can be read"),
        Words(
            f"可用的格式：{' '.join(_INSIDE)}；请把同一图层的文件一起压缩。",
            f"The formats are: {' '.join(_INSIDE)}; zip all files of the layer together.",
        ),
    )
