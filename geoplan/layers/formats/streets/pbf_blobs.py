"""The blobs of an .osm.pbf: what each says it unpacks to, added up before any is.

Belongs here: the frame of the file. Does not belong here: its ways (``osm.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_RAW_SIZE, _DATA_SIZE = 2, 3
_MOST_HEAD, _MOST_BLOB = 65_536, 33_554_432  # as the format sets them
_VARINT, _LONG, _BYTES, _SHORT = 0, 1, 2, 5


def unpacked_size(path: Path) -> int:
    """The bytes of all blobs when unpacked, as far as the file is in order.

    A reader takes no more out of a blob than the blob says, so what they say can be believed.
    """
    with path.open("rb") as stream:
        return sum(_sizes(stream))


def _sizes(stream: BinaryIO) -> Iterator[int]:
    while len(prefix := stream.read(4)) == 4:  # noqa: PLR2004 - the length of a head
        length = int.from_bytes(prefix, "big")
        if length > _MOST_HEAD:
            return
        size = dict(_numbers(stream.read(length))).get(_DATA_SIZE, 0)
        if size > _MOST_BLOB:
            return
        yield dict(_numbers(stream.read(size))).get(_RAW_SIZE, size)


def _numbers(content: bytes) -> Iterator[tuple[int, int]]:
    """The numbers among the fields of a message, until it ends or makes no sense."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        kind = key & 7
        if kind == _VARINT:
            number, at = _varint(content, at)
            yield key >> 3, number
        elif kind == _BYTES:
            length, at = _varint(content, at)
            at += length
        elif kind in {_LONG, _SHORT}:
            at += 8 if kind == _LONG else 4
        else:
            return


def _varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(content):
        byte = content[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80 or shift > 63:  # noqa: PLR2004 - the last byte of a number
            break
        shift += 7
    return number, at
