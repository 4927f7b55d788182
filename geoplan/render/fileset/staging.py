"""Files that appear together or not at all: the outputs of one run are one set.

Files are first written into a hidden working folder inside their target folder (so on the same
disk, also where the folder is a mount); only when all are there, and on the disk, are they put in
place, by a journal (``journal``). Whatever happens before that, or when one file cannot be replaced
(Excel holds an open workbook fast on Windows), everything that stood there before stands there
still. Writers take turns (``turns``); each first ends what a killed one began.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from geoplan.errors import Problem, StudyError
from geoplan.render.fileset import journal
from geoplan.render.fileset.journal import FILES, KEPT, Step, StepError
from geoplan.render.fileset.manifest import (
    MANIFEST,
    Run,
    dump_manifest,
    is_inside,
    read_manifest,
    sha256_file,
    still_standing,
    supersede,
    without,
)
from geoplan.render.fileset.turns import turn_in
from geoplan.terms import Words

_STAGING = journal.WORKING
_NO_ROOM = 1 << 20  # bytes; a database that ran out of room has rolled back and freed some again


@dataclass(frozen=True, slots=True)
class Aside:
    """A set being written: a folder for its files, and the content of a file with its own place."""

    folder: Path
    elsewhere: dict[Path, bytes] = field(default_factory=dict)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder aside whose files appear in ``folder`` together when the block ends well.

    Files of the same names are replaced, others stay. A folder that is itself aside is written
    straight into.

    Raises
    ------
    StudyError
        the folder cannot be made or written, its disk is full, or a file in it is held by another
        program.
    """
    if any(part.startswith(_STAGING) for part in folder.parts):
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with whole_set(folder, None) as aside:
            yield aside.folder


@contextmanager
def whole_set(folder: Path, run: Run | None) -> Iterator[Aside]:
    """The set of files of a run, with its manifest; files of out-of-date runs go with the switch.

    Raises
    ------
    StudyError
        as :func:`whole_folder`; or two files of the set have one name, or a ``manifest.json`` that
        geoplan did not write is in the way.
    """
    created = _make(folder)
    try:
        with _only_writer(folder):
            working = _temporary(folder, _STAGING)
            try:
                for name in (FILES, KEPT):
                    (working / name).mkdir()
                aside = Aside(working / FILES)
                yield aside
                for path in aside.elsewhere:
                    created = [*_make(path.parent), *created]
                _put_in_place(working, folder, aside, run)
                created = []
            finally:
                journal.discard(folder, working)
    except StepError as error:
        raise StudyError(_cannot_replace(error)) from None
    except Exception as error:
        if _is_full(folder, error):
            raise StudyError(_disk_full(folder, error)) from None
        raise
    finally:
        for made in created:
            with suppress(OSError):
                made.rmdir()


def write_whole(path: Path, content: bytes) -> None:
    """One file, there with all of its content or not at all."""
    with whole_folder(path.parent) as staging:
        (staging / path.name).write_bytes(content)


def settle(folder: Path) -> None:
    """End what a killed run began in the folder; a run that is still at work is left to it.

    Raises
    ------
    StudyError
        a file is held by another program.
    """
    if not journal.working_folders(folder):
        return
    try:
        with turn_in(folder, wait=False) as ours:
            if ours:
                journal.settle(folder)
    except StepError as error:
        raise StudyError(_cannot_replace(error)) from None
    except OSError as error:
        raise StudyError(_cannot_write(folder, error)) from None


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """The turn in the folder, which is in order when it begins."""
    with ExitStack() as stack:
        try:
            stack.enter_context(turn_in(folder))
        except OSError as error:
            raise StudyError(_cannot_write(folder, error)) from None
        journal.settle(folder)
        yield


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


# ------------------------------------------------------------------------------ the switch


def _put_in_place(working: Path, folder: Path, aside: Aside, run: Run | None) -> None:
    """Every file to its target and stale ones away, by one journal."""
    staged = working / FILES
    outside = _take_in(staged, folder, aside.elsewhere)
    if run is not None and aside.elsewhere:
        place = _place(folder, next(iter(aside.elsewhere)))
        run = replace(run, options={**run.options, "json": place})
    stale = _write_manifest(staged, folder, run, outside)
    names = sorted(_names(staged), key=lambda name: (name == MANIFEST, name))
    beside = {place: _step_outside(folder, working, place) for place in outside}
    steps = [
        *(_step(folder, working, number, name) for number, name in enumerate(stale)),
        *beside.values(),
        *(
            _step(folder, working, number, name, new=f"{working.name}/{FILES}/{name}")
            for number, name in enumerate(names, start=len(stale))
        ),
    ]
    journal.plan(folder, working, steps)
    for place, step in beside.items():
        _lay(folder / step.new, outside[place])
    journal.sync_all(folder / step.new for step in steps if step.new)
    journal.sync_all([path for path in staged.rglob("*") if path.is_dir()] + [staged])
    journal.switch(folder, working)


def _lay(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise StudyError(_cannot_write(path.parent, error)) from None
    journal.sync(path.parent)


def _take_in(staged: Path, folder: Path, elsewhere: Mapping[Path, bytes]) -> dict[str, bytes]:
    """The files that really stand elsewhere; one in the set's own folder joins the others."""
    outside = {}
    for path, content in elsewhere.items():
        place = _place(folder, path)
        if not is_inside(place):
            outside[place] = content
            continue
        target = staged / place
        if target.exists() or place == MANIFEST:
            raise StudyError(_is_taken(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return outside


def _place(folder: Path, path: Path) -> str:
    """Where a file stands, seen from the folder; absolute on another drive."""
    target = path.parent.resolve() / path.name
    try:
        return Path(os.path.relpath(target, folder.resolve())).as_posix()
    except ValueError:
        return target.as_posix()


def _names(staged: Path) -> list[str]:
    return [path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()]


def _step(folder: Path, working: Path, number: int, name: str, *, new: str = "") -> Step:
    kept = f"{working.name}/{KEPT}/{number}"
    return Step(name, new, kept, had=(folder / name).is_file())


def _step_outside(folder: Path, working: Path, place: str) -> Step:
    """The new file and the old lie beside the target, on its disk."""
    beside, mark = PurePosixPath(place).parent, working.name.removeprefix(_STAGING)
    new, kept = (str(beside / f".geoplan-{word}-{mark}") for word in ("part", "old"))
    return Step(place, new, kept, had=(folder / place).is_file())


def _write_manifest(
    staged: Path, folder: Path, run: Run | None, outside: Mapping[str, bytes]
) -> list[str]:
    """The manifest among the staged files, where it changes; the names of files out of date."""
    runs = read_manifest(folder)
    if runs is None:
        if run is None:
            return []
        raise StudyError(_is_no_manifest(folder / MANIFEST))
    files = {
        **{name: sha256_file(staged / name) for name in _names(staged)},
        **{place: sha256(content).hexdigest() for place, content in outside.items()},
    }
    left = without(runs, files)
    stale: list[str] = []
    if run is not None:
        entry = run.entry(files)
        others, stale = supersede(still_standing(folder, left), entry)
        left = [entry, *others]
    elif left == runs:
        return []
    elif not left:
        return [MANIFEST]
    (staged / MANIFEST).write_text(dump_manifest(left), encoding="utf-8", newline="\n")
    return stale


# ------------------------------------------------------------------------------ refusals


def _cannot_write(folder: Path, error: OSError) -> Problem:
    return Problem(
        str(folder),
        Words(f"不能写入（{error.strerror}）", f"cannot be written ({error.strerror})"),
        Words("请用 --out 指定可写的文件夹。", "Name a folder you may write to with --out."),
    )


def _disk_full(folder: Path, error: Exception) -> Problem:
    said = " ".join(str(error).split())
    return Problem(
        str(folder),
        Words(
            f"磁盘已满，未写出任何文件（{said}）",
            f"the disk is full; nothing was written ({said})",
        ),
        Words(
            "请腾出空间，或用 --out 指定其他磁盘上的文件夹。",
            "Make room, or name a folder on another disk with --out.",
        ),
    )


def _cannot_replace(error: StepError) -> Problem:
    said = error.error.strerror
    after = (
        Words("；再次运行将继续完成", "; the next run goes on from here")
        if error.halfway
        else Words("；原有文件均未改动", "; the earlier files are unchanged")
    )
    return Problem(
        str(error.target),
        Words(
            f"不能替换（{said}），可能正被其他程序打开{after.zh}",
            f"cannot be replaced ({said}), perhaps another program has it open{after.en}",
        ),
        Words("请关闭该文件后重新运行。", "Close the file and run again."),
    )


def _is_taken(path: Path) -> Problem:
    return Problem(
        f"--json {path}",
        Words("与另一个输出文件同名", "another output has this name"),
        Words("请换一个文件名。", "Name another file."),
    )


def _is_no_manifest(path: Path) -> Problem:
    return Problem(
        str(path),
        Words("不是 geoplan 写的文件清单", "is no manifest that geoplan wrote"),
        Words(
            "请移走或改名，或用 --out 指定其他文件夹。",
            "Move or rename it, or name another folder with --out.",
        ),
    )
