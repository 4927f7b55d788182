"""GDAL behind a gate: of its many drivers only those of a file's own suffix, and nothing else.

Belongs here: every question that is put to GDAL about a file of a study. Does not belong here: what
its answer means (``vector.py``, ``dxf.py``).

GDAL opens a file by its content, whatever its suffix: what is called ``.geojson`` may be a
description that reads other files or asks a server. pyogrio cannot tell GDAL which drivers may
open a file; therefore all others are taken off its list while the question is put.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any

DRIVERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        ".gpkg": ("GPKG",),
        ".geojson": ("GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON"),
        ".json": ("GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON"),
        ".shp": ("ESRI Shapefile",),
        ".fgb": ("FlatGeobuf",),
        ".gdb": ("OpenFileGDB",),
        ".dxf": ("DXF",),
    }
)
# No side files, no libraries loaded by a database, no functions called by its own definitions; and
# no server is asked, such as the one that a GeoJSON names for its coordinate system: GDAL cannot be
# told so, but what it would ask through a proxy of no known kind, it does not ask at all.
_NO_PROXY = "none://nowhere"
_SETTINGS: Mapping[str, str | None] = MappingProxyType(
    {
        "GDAL_PAM_ENABLED": "NO",
        "GDAL_HTTP_PROXY": _NO_PROXY,
        "GDAL_HTTPS_PROXY": _NO_PROXY,
        "OGR_SQLITE_LOAD_EXTENSIONS": None,
        "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
        "SHAPE_RESTORE_SHX": "NO",
    }
)
_SKIP = "GDAL_SKIP"
_AROUND_PROXIES = ("no_proxy", "NO_PROXY")  # of the environment: who is asked without a proxy
_ASKING = Lock()


def ask_layers(path: Path) -> list[str]:
    """The names of the layers of a file, in its order."""
    import pyogrio

    with _only_for(path):
        return [str(name) for name, _ in pyogrio.list_layers(path)]


def ask_info(path: Path, part: str, encoding: str | None = None) -> dict[str, Any]:
    """What GDAL says of a layer before its features are read."""
    import pyogrio

    with _only_for(path):
        told: dict[str, Any] = pyogrio.read_info(
            path, layer=part, encoding=encoding, **_options(path)
        )
    return told


def ask_table(
    path: Path, part: str, encoding: str | None = None, *, most: int | None = None
) -> tuple[dict[str, Any], Any]:
    """Metadata and Arrow table of a layer, of at most so many features."""
    from pyogrio.raw import read_arrow

    with _only_for(path):
        meta, table = read_arrow(
            path, layer=part, encoding=encoding, max_features=most, **_options(path)
        )
    return meta, table


def ask_sql(path: Path, sql: str) -> Any:
    """The Arrow table that a query of our own gives, without shapes."""
    from pyogrio.raw import read_arrow

    with _only_for(path):
        return read_arrow(path, sql=sql, read_geometry=False, **_options(path))[1]


def ask_frame(path: Path, part: str) -> Any:
    """A layer as a data frame with shapes, curves made lines."""
    import pyogrio

    with _only_for(path):
        return pyogrio.read_dataframe(path, layer=part, **_options(path))


def _options(path: Path) -> dict[str, str]:
    """A GeoPackage is neither locked nor given a journal."""
    return {"IMMUTABLE": "YES"} if path.suffix.lower() == ".gpkg" else {}


@contextmanager
def _only_for(path: Path) -> Iterator[None]:
    """GDAL with the drivers of a file's suffix and no others."""
    import pyogrio

    with _ASKING:
        before = {name: pyogrio.get_gdal_config_option(name) for name in (*_SETTINGS, _SKIP)}
        direct = {name: os.environ.pop(name) for name in _AROUND_PROXIES if name in os.environ}
        every = tuple(pyogrio.list_drivers())
        own = DRIVERS[path.suffix.lower()]
        pyogrio.set_gdal_config_options(dict(_SETTINGS))
        try:
            _skip([driver for driver in every if driver not in own])
            yield
        finally:
            _skip(every)  # so that all come back in the order in which they were
            pyogrio.set_gdal_config_options(before)
            os.environ.update(direct)
            _register()


def _skip(drivers: list[str] | tuple[str, ...]) -> None:
    import pyogrio

    pyogrio.set_gdal_config_options({_SKIP: ",".join(drivers)})
    _register()


def _register() -> None:
    """GDAL's list of drivers once more, without those to skip; pyogrio has no public name for it."""
    from pyogrio import _ogr

    _ogr._register_drivers()  # noqa: SLF001 - see above; tests hold what it must do
