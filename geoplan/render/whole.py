"""Files written whole or not at all.

Everything is made beside its target and moved into place when all of it is there; an error on the
way leaves what stood there before.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geoplan.errors import Problem, StudyError
from geoplan.terms import Words


def write_whole(path: Path, content: bytes) -> None:
    """Write one file, through a temporary one in the same folder."""
    with whole_folder(path.parent) as staging:
        (staging / path.name).write_bytes(content)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A staging folder whose files move into ``folder`` together when the block ends well.

    Raises
    ------
    StudyError
        the folder cannot be made, or a file in it is open elsewhere and cannot be replaced.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".geoplan-", dir=folder))
    except OSError as error:
        raise StudyError(_unwritable(folder, error)) from None
    try:
        yield staging
        _move_all(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _move_all(staging: Path, folder: Path) -> None:
    """Replace every file, or put back what was replaced."""
    kept = staging / ".before"
    kept.mkdir()
    moved: list[Path] = []
    for made in sorted(path for path in staging.iterdir() if path != kept):
        target = folder / made.name
        try:
            if target.exists():
                os.replace(target, kept / made.name)
            moved.append(target)
            os.replace(made, target)
        except OSError as error:
            _put_back(moved, kept)
            raise StudyError(_unwritable(target, error)) from None


def _put_back(moved: list[Path], kept: Path) -> None:
    for target in moved:
        with suppress(OSError):
            target.unlink(missing_ok=True)
            if (kept / target.name).exists():
                os.replace(kept / target.name, target)


def _unwritable(path: Path, error: OSError) -> Problem:
    reason = error.strerror or str(error)
    return Problem(
        str(path),
        Words(f"无法写入（{reason}）", f"cannot be written ({reason})"),
        Words(
            "请关闭正在使用它的程序，或用 --out 换一个文件夹。",
            "Close the program that uses it, or choose another folder with --out.",
        ),
    )
