"""A set of files is switched by a journal: what a killed writer began, the next one ends.

Belongs here: the steps of a switch, going forward and back, and what to do with leftovers. Does
not belong here: what the files hold. All new files are on the disk before the journal is; it lies
in the working folder and becomes valid by one rename. From then on the switch goes forward, also
after a kill or a power failure; a step that fails (Excel holds a file) turns it back, by the same
means. Each step can be repeated.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

WORKING = ".geoplan-new-"
FILES, KEPT = "files", "kept"
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EROFS})  # some shares cannot
_PLANNED, _FORWARD, _BACK = "planned.json", "forward.json", "back.json"


@dataclass(frozen=True, slots=True)
class Step:
    """A file that is put in place, or taken away where ``new`` is empty.

    All are paths from the set's folder, or absolute: where the file shall stand, where its new
    content lies, where the old one is kept; ``had`` is whether there was an old one.
    """

    target: str
    new: str
    kept: str
    had: bool


class StepError(Exception):
    """A step that could not be done: its target and why.

    Everything is as it was before, unless ``halfway``: then going back failed too, and the next
    start goes on.
    """

    def __init__(self, target: Path, error: OSError, *, halfway: bool = False) -> None:
        super().__init__(str(error))
        self.target, self.error, self.halfway = target, error, halfway


def working_folders(folder: Path) -> list[Path]:
    """The working folders in a folder: of writers at work or of killed ones."""
    return sorted(path for path in folder.glob(f"{WORKING}*") if path.is_dir())


def plan(folder: Path, working: Path, steps: Sequence[Step]) -> None:
    """Note what shall be done, before anything of it is laid outside the working folder."""
    text = json.dumps([asdict(step) for step in steps], indent=1)
    noting = working / "noting"
    noting.write_text(text, encoding="utf-8")
    sync(noting)
    os.replace(noting, working / _PLANNED)  # noqa: PTH105 - atomic on every system
    sync(working)
    sync(folder)


def switch(folder: Path, working: Path) -> None:
    """Do what is planned, all of it or nothing.

    Raises
    ------
    StepError
        one step cannot be done; those before it are undone.
    """
    os.replace(working / _PLANNED, working / _FORWARD)  # noqa: PTH105
    sync(working)
    _go_forward(folder, working)


def settle(folder: Path) -> None:
    """End what killed writers began in the folder, and remove what they left.

    Raises
    ------
    StepError
        neither forward nor back is possible while another program holds a file.
    """
    for working in working_folders(folder):
        if (working / _FORWARD).exists():
            try:
                _go_forward(folder, working)
            except StepError as error:  # it went back: the old set stands
                if error.halfway:
                    raise
        elif (working / _BACK).exists():
            _go_back(folder, working)
        discard(folder, working)


def discard(folder: Path, working: Path) -> None:
    """Remove a working folder, and what it laid beside other targets, unless it has work to do."""
    if (working / _FORWARD).exists() or (working / _BACK).exists():
        return
    _remove_outside(folder, _read(working / _PLANNED))
    shutil.rmtree(working, ignore_errors=True)


def _go_forward(folder: Path, working: Path) -> None:
    steps = _read(working / _FORWARD)
    at = folder
    try:
        for step in steps:
            at = folder / step.target
            _do(folder, step)
        sync_all({(folder / step.target).parent for step in steps})
    except BaseException as error:
        os.replace(working / _FORWARD, working / _BACK)  # noqa: PTH105
        sync(working)
        _go_back(folder, working)
        if isinstance(error, OSError):
            raise StepError(at, error) from None
        raise
    _end(folder, working, _FORWARD, steps)


def _go_back(folder: Path, working: Path) -> None:
    steps = _read(working / _BACK)
    at = folder
    try:
        for step in reversed(steps):
            at = folder / step.target
            _undo(folder, step)
    except OSError as error:
        raise StepError(at, error, halfway=True) from None
    sync_all({(folder / step.target).parent for step in steps})
    _end(folder, working, _BACK, steps)


def _end(folder: Path, working: Path, journal: str, steps: Sequence[Step]) -> None:
    """The switch is over: from here on the working folder is litter."""
    _remove_outside(folder, steps)
    (working / journal).unlink()
    sync(working)


def _do(folder: Path, step: Step) -> None:
    target, kept = folder / step.target, folder / step.kept
    if not step.new:
        if target.is_file() and not kept.exists():
            os.replace(target, kept)  # noqa: PTH105
        return
    new = folder / step.new
    if not new.exists():
        return  # done before the kill
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and not kept.exists():
        _keep(target, kept)
    os.replace(new, target)  # noqa: PTH105


def _keep(target: Path, kept: Path) -> None:
    """A second name for the old file, so that readers never find none; else move it."""
    if not target.is_symlink():
        with suppress(OSError):  # a disk that knows no second names
            os.link(target, kept)
            return
    os.replace(target, kept)  # noqa: PTH105


def _undo(folder: Path, step: Step) -> None:
    target, kept = folder / step.target, folder / step.kept
    stands = bool(step.new) and not (folder / step.new).exists()
    if kept.exists():
        if stands or not target.exists():
            os.replace(kept, target)  # noqa: PTH105
    elif stands and not step.had:
        target.unlink(missing_ok=True)


def _remove_outside(folder: Path, steps: Iterable[Step]) -> None:
    """What lies neither at its target nor in the working folder."""
    for step in steps:
        for each in (step.new, step.kept):
            if each and not each.startswith(WORKING):
                with suppress(OSError):
                    (folder / each).unlink(missing_ok=True)


def _read(path: Path) -> list[Step]:
    try:
        return [Step(**each) for each in json.loads(path.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def sync_all(paths: Iterable[Path]) -> None:
    """Files and folders, to the disk."""
    for path in paths:
        sync(path)


def sync(path: Path) -> None:
    """A file or the names in a folder, to the disk, as far as the system can."""
    try:
        opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(opened)
    except OSError as error:
        if not path.is_dir() and error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(opened)
