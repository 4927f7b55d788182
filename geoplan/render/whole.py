"""Outputs written whole or not at all.

Files are first written into a hidden staging folder inside their target folder (so on the same
disk, also where the folder is a mount), and only when all are there is each put into its place.
When anything fails before that, or one file cannot be replaced (Excel holds an open workbook fast
on Windows), everything that stood there before stands there still.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from geoplan.errors import Problem, StudyError
from geoplan.terms import Words

_STAGING, _KEPT = ".geoplan-new-", ".geoplan-old-"
_NO_ROOM = 1 << 20  # bytes; a database that ran out of room has rolled back and freed some again


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A staging folder whose files appear in ``folder`` together when the block ends well.

    Files of the same names are replaced, others stay.

    Raises
    ------
    StudyError
        the folder cannot be made or written, its disk is full, or a file in it is held by another
        program.
    """
    created = _make(folder)
    staging = _temporary(folder, _STAGING)
    try:
        yield staging
        _put_in_place(staging, folder)
        created = []
    except Exception as error:
        if _is_full(folder, error):
            raise StudyError(_disk_full(folder, error)) from None
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        for made in created:
            with suppress(OSError):
                made.rmdir()


def write_whole(path: Path, content: bytes) -> None:
    """One file, there with all of its content or not at all."""
    with whole_folder(path.parent) as staging:
        (staging / path.name).write_bytes(content)


def _make(folder: Path) -> list[Path]:
    """The folders that had to be made, the deepest first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(_cannot_write(folder, error)) from None
    return missing


def _temporary(folder: Path, prefix: str) -> Path:
    try:
        return Path(mkdtemp(prefix=prefix, dir=folder))
    except OSError as error:
        raise StudyError(_cannot_write(folder, error)) from None


def _is_full(folder: Path, error: Exception) -> bool:
    """Whether a write failed for want of room: the writers of formats have many words for that."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return True
    return not isinstance(error, StudyError) and shutil.disk_usage(folder).free < _NO_ROOM


def _put_in_place(staging: Path, folder: Path) -> None:
    """Every staged file to its target; on failure what was there before comes back."""
    kept = _temporary(folder, _KEPT)
    done: list[str] = []
    try:
        for name in sorted(path.name for path in staging.iterdir()):
            done.append(name)
            _replace(staging / name, folder / name, kept / name)
    except BaseException as error:
        for name in done:
            _restore(kept / name, folder / name, staging / name)
        if isinstance(error, OSError):
            raise StudyError(_cannot_replace(folder / done[-1], error)) from None
        raise
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def _replace(new: Path, target: Path, old: Path) -> None:
    if target.is_file():
        os.replace(target, old)  # noqa: PTH105 - atomic on every system
    os.replace(new, target)  # noqa: PTH105


def _restore(old: Path, target: Path, new: Path) -> None:
    """The old file back; a new file that had no predecessor away."""
    with suppress(OSError):
        if old.exists():
            os.replace(old, target)  # noqa: PTH105
        elif not new.exists():
            target.unlink(missing_ok=True)


def _cannot_write(folder: Path, error: OSError) -> Problem:
    return Problem(
        str(folder),
        Words(f"不能写入（{error.strerror}）", f"cannot be written ({error.strerror})"),
        Words("请用 --out 指定可写的文件夹。", "Name a folder you may write to with --out."),
    )


def _disk_full(folder: Path, error: Exception) -> Problem:
    said = " ".join(str(error).split())
    return Problem(
        str(folder.parent if folder.name.startswith(_STAGING) else folder),
        Words(
            f"磁盘已满，未写出任何文件（{said}）",
            f"the disk is full; nothing was written ({said})",
        ),
        Words(
            "请腾出空间，或用 --out 指定其他磁盘上的文件夹。",
            "Make room, or name a folder on another disk with --out.",
        ),
    )


def _cannot_replace(path: Path, error: OSError) -> Problem:
    return Problem(
        str(path),
        Words(
            f"不能替换（{error.strerror}），可能正被其他程序打开；原有文件均未改动",
            f"cannot be replaced ({error.strerror}), perhaps another program has it open;"
            " the earlier files are unchanged",
        ),
        Words("请关闭该文件后重新运行。", "Close the file and run again."),
    )
