"""Members of a zip, taken out within bounds.

Belongs here: opening a zip and unpacking it. Does not belong here: what the members are.

A zip may say of a member less than it unpacks to; therefore members are unpacked piece by piece
and counted, and what the zip says of itself is believed only where it is too much already.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geoplan.errors import DataError
from geoplan.layers.formats.vector import unreadable
from geoplan.layers.raw import refuse
from geoplan.terms import Words

_PIECE = 1 << 20


@contextmanager
def open_zip(path: Path, where: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip; whatever goes wrong with it while it is open is a refusal."""
    try:
        with zipfile.ZipFile(path) as packed:
            yield packed
    except DataError:
        raise
    except Exception as fault:  # zipfile lets many kinds of error through, zlib's among them
        raise unreadable(where, fault) from fault


def pieces(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, where: str, *, most: int
) -> Iterator[bytes]:
    """A member piece by piece.

    Raises
    ------
    DataError
        it unpacks to more than ``most`` bytes, or says so.
    """
    if member.file_size > most:
        raise _absurd(where, most)
    count = 0
    with packed.open(member) as stream:
        while piece := stream.read(_PIECE):
            count += len(piece)
            if count > most:
                raise _absurd(where, most)
            yield piece


def _absurd(where: str, most: int) -> DataError:
    return refuse(
        where,
        Words(
            f"解压后超过 {most // 1_000_000:,} MB，大得不合常理",
            f"it unpacks to more than {most // 1_000_000:,} MB, which is absurdly large",
        ),
        Words(
            "请重新导出；若确有这么大，请先解压。",
            "Export it again, or unpack it first if it is meant.",
        ),
    )
