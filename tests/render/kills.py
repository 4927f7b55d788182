"""Kill writers at every step and at random moments; what is left must be the old set or the new.

``python -m tests.render.kills --count 1000`` says how many kills left a mixture or litter.

A child is forked for each run and killed by SIGKILL: half of them (or each once, if there are
fewer) just before one of the steps of a run, which are all openings, changes and flushes of files;
the others at moments drawn by lot. After the kill either a next start looks in (``settle``) or the
next run begins at once.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from geoplan.render.fileset.manifest import MANIFEST, Input, Run
from geoplan.render.fileset.staging import settle, whole_set

STEPS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "open"}
OWN = {"maps/mine.txt": b"mine", "elsewhere/other.txt": b"mine too"}
Files = dict[str, bytes]


def content_of(version: int) -> Files:
    """The set of a run: some names stay, some go; each file says of which run it is."""
    names = [
        "a.csv",
        "b.xlsx",
        "pictures/p.png",
        f"only_{version % 2}.csv",
        f"pictures/{version % 3}.png",
    ]
    return {name: f"{name} of run {version}\n".encode() * 200 for name in names}


def json_of(version: int) -> bytes:
    return f'{{"run": {version}}}\n'.encode()


def write_run(root: Path, version: int) -> None:
    """A run as a command makes it: files, some in a folder, and the JSON in a place of its own."""
    run = Run("fake", {"version": version}, [Input("study", "study.toml", f"{version}")])
    with whole_set(root / "maps", run) as aside:
        for name, content in content_of(version).items():
            path = aside.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        aside.elsewhere[root / "elsewhere" / "result.json"] = json_of(version)


def files_of(root: Path) -> Files:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def is_set(found: Files, version: int) -> bool:
    """Whether exactly the set of this run stands there, the manifest says so, and own files stay."""
    wanted = {f"maps/{name}": content for name, content in content_of(version).items()}
    wanted["elsewhere/result.json"] = json_of(version)
    rest = {**found}
    manifest = rest.pop(f"maps/{MANIFEST}", b"{}")
    listed = {
        os.path.normpath(f"maps/{each['path']}"): each["sha256"]
        for each in json.loads(manifest).get("files", [])
    }
    return rest == {**wanted, **OWN} and listed == {
        name: hashlib.sha256(content).hexdigest() for name, content in wanted.items()
    }


def begin(root: Path) -> None:
    for name, content in OWN.items():
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_bytes(content)
    write_run(root, 0)


def in_child(work: Callable[[], None]) -> int:
    """The work in a forked process, whose id is returned at once."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the child must end here
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    return child


def dying_at(step: int, work: Callable[[], None]) -> Callable[[], None]:
    """The work, killed before the given step; with a step too far it ends well."""
    left = step

    def count(event: str, _: object) -> None:
        nonlocal left
        if event in STEPS:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def dying() -> None:
        observe(count)
        work()

    return dying


def observe(note: Callable[[str, object], None]) -> None:
    """Have every step of this process told before it is done."""
    sync = os.fsync

    def told(opened: int) -> None:
        note("open", None)
        sync(opened)

    os.fsync = told
    sys.addaudithook(note)


def was_killed(child: int) -> bool:
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("a run failed by itself")
    return os.WIFSIGNALED(status)


class Tally:
    """How the kills ended."""

    def __init__(self, root: Path) -> None:
        self.root, self.version = root, 0
        self.kills = self.midway = self.mixtures = self.litter = 0

    def note(self, *, look_in: bool) -> None:
        """Judge what a kill left of the next version, then make the next run and judge again."""
        old, new = self.version, self.version + 1
        self.kills += 1
        before = files_of(self.root)
        self.midway += not any(is_set(without_hidden(before), each) for each in (old, new))
        if look_in:
            settle(self.root / "maps")
            found = without_hidden(files_of(self.root))
            self.mixtures += not (is_set(found, old) or is_set(found, new))
        self.version += 2
        write_run(self.root, self.version)
        after = files_of(self.root)
        self.mixtures += not is_set(without_hidden(after), self.version)
        self.litter += without_hidden(after) != after
        self.litter += any(path.name.startswith(".geoplan") for path in self.root.rglob("*"))


def without_hidden(found: Files) -> Files:
    """The files without those of writers, which are hidden."""
    return {name: content for name, content in found.items() if "/.geoplan-" not in f"/{name}"}


def kill(count: int, seed: int, root: Path) -> Tally:
    """Kill so many runs: at steps spread evenly over a run, then at random moments."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    begin(root)
    tally = Tally(root)
    began = time.perf_counter()
    steps = count_steps(root)
    lasts_s = time.perf_counter() - began
    some = min(count // 2, steps)
    for each in range(some):
        at = 1 + each * (steps - 1) // max(some - 1, 1)
        if was_killed(in_child(dying_at(at, next_run(tally)))):
            tally.note(look_in=draw.random() < 0.7)
        else:  # fewer steps than the first run had: nothing was to be cleared
            tally.version += 1
    while tally.kills < count:
        child = in_child(next_run(tally))
        time.sleep(draw.uniform(0, 1.2 * lasts_s))
        os.kill(child, signal.SIGKILL)
        if was_killed(child):
            tally.note(look_in=draw.random() < 0.7)
        else:
            tally.version += 1
    return tally


def next_run(tally: Tally) -> Callable[[], None]:
    root, version = tally.root, tally.version + 1
    return lambda: write_run(root, version)


def count_steps(root: Path) -> int:
    """How many steps a run has."""
    told, tell = os.pipe()

    def work() -> None:
        seen = 0

        def count(event: str, _: object) -> None:
            nonlocal seen
            seen += event in STEPS

        observe(count)
        write_run(root, 0)
        os.write(tell, str(seen).encode())

    was_killed(in_child(work))
    with os.fdopen(told, "rb") as pipe:
        os.close(tell)
        return int(pipe.read())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tally = kill(asked.count, asked.seed, Path(folder))
    sys.stdout.write(
        f"{tally.kills} kills, {tally.midway} of them in the middle of a switch: "
        f"{tally.mixtures} mixtures, {tally.litter} with litter after the next run\n"
    )
    sys.exit(bool(tally.mixtures or tally.litter))


if __name__ == "__main__":
    main()
