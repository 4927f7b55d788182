"""Writers into one folder take turns, by a lock that the system lets go when its holder dies.

Belongs here: the lock. Does not belong here: what is written under it. The lock is a file in the
folder itself, so that writers on several machines of a network share meet at it; whoever holds it
removes it before letting go, so it stays only where a writer was killed.
"""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geoplan.errors import Problem, StudyError
from geoplan.terms import Words

LOCK = ".geoplan-lock"
_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
_LOOK_EVERY_S, _SAY_AFTER_S, _GIVE_UP_AFTER_S = 0.05, 1.0, 600.0
_log = logging.getLogger(__name__)


@contextmanager
def turn_in(folder: Path, *, wait: bool = True) -> Iterator[bool]:
    """The only writer in the folder, once the one before has ended; the folder is made.

    Without ``wait`` the block gets ``False`` where another writer is at work.

    Raises
    ------
    OSError
        the folder cannot be written.
    StudyError
        another writer did not end in ten minutes.
    """
    lock = _take(folder, wait=wait)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            _let_go(lock, folder / LOCK)


def _take(folder: Path, *, wait: bool) -> int | None:
    began, said = time.monotonic(), False
    while True:
        lock = _try(folder)
        waited = time.monotonic() - began
        if lock is not None or not wait:
            return lock
        if waited > _GIVE_UP_AFTER_S:
            raise StudyError(_is_busy(folder))
        if waited > _SAY_AFTER_S and not said:
            said = True
            _log.info("等待另一个 geoplan 写完 %s / waiting for another geoplan", folder)
        time.sleep(_LOOK_EVERY_S)


def _try(folder: Path) -> int | None:
    """The lock, if nobody has it: the file that lies in the folder, not one just removed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCK
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT)
    except FileNotFoundError:  # the folder was removed again by a writer that failed
        return None
    if _seize(lock):
        with suppress(OSError):
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
    os.close(lock)
    return None


def _seize(lock: int) -> bool:
    """Whether the open file could be locked; where the disk knows no locks, nobody waits."""
    try:
        _lock_file(lock)
    except OSError as error:
        return error.errno not in _HELD
    return True


if os.name == "nt":
    import msvcrt

    def _lock_file(lock: int) -> None:
        msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
else:
    import fcntl

    def _lock_file(lock: int) -> None:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _let_go(lock: int, path: Path) -> None:
    """Remove the file while it is ours; Windows removes only what nobody has open."""
    with suppress(OSError):
        path.unlink()
    os.close(lock)
    if os.name == "nt":
        with suppress(OSError):
            path.unlink()


def _is_busy(folder: Path) -> Problem:
    return Problem(
        str(folder),
        Words("另一个 geoplan 正在写入", "another geoplan is writing into it"),
        Words(
            "请等它结束，或用 --out 指定其他文件夹。",
            "Wait for it to end, or name another folder with --out.",
        ),
    )
