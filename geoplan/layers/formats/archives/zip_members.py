"""Members of a zip, taken out within bounds.

Belongs here: opening a zip and unpacking it. Does not belong here: what the members are.

A zip may say of a member less than it unpacks to; therefore members are unpacked piece by piece
and counted, all of an archive together, and what the zip says of itself is believed only where it
is too much already.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geoplan.errors import DataError
from geoplan.layers.formats.bounds import most_unpacked
from geoplan.layers.formats.vectors.vector import unreadable
from geoplan.layers.raw_table import refuse
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


@dataclass(slots=True)
class Allowance:
    """How many bytes may come out of an archive, and how many have come out of it."""

    most: int
    taken: int = 0

    def take(self, count: int, where: str) -> None:
        """Count bytes; refuse the archive when there are too many."""
        self.taken += count
        if self.taken > self.most:
            raise _absurd(where, self.most)


def allowance(path: Path, *, most: int) -> Allowance:
    """What the size of an archive explains, and never more than ``most`` bytes."""
    return Allowance(min(most, most_unpacked(path.stat().st_size)))


def pieces(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, where: str, left: Allowance
) -> Iterator[bytes]:
    """A member piece by piece.

    Raises
    ------
    DataError
        it unpacks to more than is left of the archive's allowance, or says so.
    """
    if left.taken + member.file_size > left.most:
        raise _absurd(where, left.most)
    with packed.open(member) as stream:
        while piece := stream.read(_PIECE):
            left.take(len(piece), where)
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
