"""A GeoPackage before GDAL opens it: tables only, and nothing that lies beside it is touched.

Belongs here: which of its layers are tables, and another program's unfinished work. Does not
belong here: reading a layer (``vector.py``).

A GeoPackage is an SQLite database, and a database can hold programs: a view is a query that runs
when the layer is opened, for ever if it is made so. SQLite itself tidies up what a program that was
stopped left beside the file; that would write and delete files that nobody named.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from geoplan.errors import DataError
from geoplan.layers.raw_table import refuse
from geoplan.terms import Words

_HOT = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_STEPS = 1_000_000  # of SQLite's own machine, between two looks at how long a check takes
_STEPS_A_BYTE = 100
_FREE_LOOKS = 200
_INDEX = re.compile(r"CREATE VIRTUAL TABLE .* USING rtree\W", re.IGNORECASE | re.DOTALL)
_CONTENTS = "gpkg_contents"
_LISTED = (
    "SELECT table_name FROM gpkg_contents "
    "WHERE data_type IN ('features', 'attributes', 'aspatial') ORDER BY rowid"
)
_OWN = ("gdb_", "gpkg_", "rtree_", "sqlite_")
_COMPUTED = (2, 3)  # how table_xinfo marks a column that is worked out and not stored


@dataclass(frozen=True, slots=True)
class Package:
    """What a GeoPackage holds: its tables, what looks like one, and the layers among the tables."""

    tables: tuple[str, ...]
    views: tuple[str, ...]
    layers: tuple[str, ...]


@contextmanager
def at_rest(path: Path, where: str) -> Iterator[Path]:
    """The GeoPackage as the last finished change left it, to be opened as if nothing could change.

    Changes that a program has not yet moved into the file (``-wal``) are moved into a copy.

    Raises
    ------
    DataError
        a change was broken off in the middle (``-journal``).
    """
    journal, ahead = (Path(f"{path}{suffix}") for suffix in ("-journal", "-wal"))
    if _starts(journal, _HOT):
        raise _unfinished(where, journal.name)
    if not (ahead.is_file() and ahead.stat().st_size):
        yield path
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(ahead, f"{copy}-wal")
        with closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield copy


def look_into(path: Path) -> Package:
    """Tables and views of a GeoPackage that is at rest.

    Raises
    ------
    sqlite3.Error
        it is damaged, or looking takes longer than its size explains.
    """
    with _opened(path) as database:
        made = {
            str(name): (str(kind), str(sql or ""))
            for name, kind, sql in database.execute(
                "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')"
            )
        }
        made = {name: told for name, told in made.items() if not _INDEX.match(told[1])}
        stored = tuple(name for name, told in made.items() if _is_stored(database, name, *told))
        views = tuple(name for name in made if name not in stored)
        listed = [str(name) for (name,) in database.execute(_LISTED)] if _CONTENTS in stored else []
    return Package(stored, views, tuple(name for name in listed if name in stored))


def check_own_tables(package: Package, where: str) -> None:
    """Refuse a GeoPackage whose tables about itself are queries, which run when it is opened."""
    for name in package.views:
        if name.casefold().startswith(_OWN):
            raise no_table(where, name)


def check_whole(path: Path, table: str) -> None:
    """Whether a table holds together: no page that stands for the values of many rows.

    Raises
    ------
    sqlite3.Error
        it does not.
    """
    quoted = table.replace('"', '""')
    with _opened(path) as database:
        (said,) = database.execute(f'PRAGMA quick_check("{quoted}")').fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(said)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database as a file that cannot change, with bounds on the work it can cause."""
    size = path.stat().st_size
    looks = iter(range(_FREE_LOOKS + size * _STEPS_A_BYTE // _STEPS))
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as database:
        database.set_progress_handler(lambda: next(looks, None) is None, _STEPS)
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(size, _STEPS))
        database.execute("PRAGMA trusted_schema = OFF")
        yield database


def _is_stored(database: sqlite3.Connection, name: str, kind: str, sql: str) -> bool:
    """Whether a table holds its own values: no view, no virtual table, no column worked out."""
    if kind != "table" or sql[:20].upper().startswith("CREATE VIRTUAL"):
        return False
    quoted = name.replace('"', '""')
    columns = database.execute(f'PRAGMA table_xinfo("{quoted}")').fetchall()
    return all(column[-1] not in _COMPUTED for column in columns)


def _starts(path: Path, head: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(head)) == head


def no_table(where: str, name: str) -> DataError:
    """The refusal of a layer that is a query."""
    return refuse(
        where,
        Words(
            f"图层“{name}”是视图或计算列，不是存好的表",
            f'the layer "{name}" is a view or has columns that are worked out: no stored table',
        ),
        Words("请在 QGIS 中另存为普通图层。", "Save it as a plain layer in QGIS."),
    )


def _unfinished(where: str, journal: str) -> DataError:
    return refuse(
        where,
        Words(
            f"旁边有没有写完的更改（{journal}），内容可能不完整",
            f"a change to it was broken off ({journal} lies beside it); it may not be whole",
        ),
        Words(
            "请用 QGIS 等打开一次并保存，或请对方重新发送文件。",
            "Open and save it once in QGIS or the like, or have it sent again.",
        ),
    )
