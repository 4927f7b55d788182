"""Inputs made by someone who means harm, each in a study of its own, through the command line.

``python -m tests.broken.crafted --count 500`` makes the inputs of the numbers 0 to 499, gives each
to ``inspect``, ``assess``, ``gaps`` or ``site`` and prints a table of families and how they ended.
A number always gives the same input. Whatever it is, the command must end

* with the exit code 0, 2, 3, 4 or 5, and no traceback,
* within 60 s and with no more than 1 GB of memory on top of what the program takes before it reads,
* with every file of the study's folder as it was, and nothing left in the folder for temporary files,
* without a connection to the server whose address is written into the inputs,
* without control characters on the screen or in a CSV.

Each input runs in a process forked from one that has imported everything, so that some hundred are
read in a minute.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import re
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.broken.forge import FAMILIES, Forge

MOST_SECONDS = 60  # of work; on a busy machine that takes longer
MOST_WAIT = 300
MOST_BYTES = 1_000_000_000
ADDRESS_BYTES = 4_000_000_000  # address space is reserved by libraries that never touch it
ENDS = frozenset({0, 2, 3, 4, 5})
# All but tab, line feed and carriage return: C0, DEL, C1, and marks that turn text around.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one input ended."""

    number: int
    family: str
    command: str
    code: int
    seconds: float
    megabytes: float
    faults: tuple[str, ...]


class Listener:
    """A server that nobody may ask."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.asked = 0
        self.baseline_kb = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            self.asked += 1
            connection.close()


def warm() -> None:
    """Import whatever a command imports, so that a forked process need not."""
    import docx
    import folium
    import geopandas
    import lxml.etree
    import matplotlib.figure
    import openpyxl
    import osmium
    import pyarrow.parquet
    import pyogrio
    import scipy.optimize
    import xlrd
    import xlsxwriter

    import geoplan.assess.judge
    import geoplan.plan.programme.programme
    import geoplan.render.documents.assessment
    import geoplan.render.outputs
    import geoplan.workflow

    del docx, folium, geopandas, lxml, matplotlib, openpyxl, osmium, pyarrow, pyogrio, scipy
    del xlrd, xlsxwriter, geoplan


def run(number: int, folder: Path, listener: Listener) -> Outcome:
    """Make the input of a number and give it to its command."""
    home, aside = folder / "study", folder / "aside"
    for each in (home, aside):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    forge = Forge(random.Random(number), home, listener.url)  # noqa: S311 - the same every time
    family = list(FAMILIES)[number % len(FAMILIES)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arguments = FAMILIES[family](forge)
    before, asked = state_of(home), listener.asked
    pid = os.fork()
    if pid == 0:
        _command(arguments, home, aside)
    _, status, usage = os.wait4(pid, 0)
    seconds = usage.ru_utime + usage.ru_stime
    time.sleep(0.005)  # a connection is counted by another thread
    code = os.waitstatus_to_exitcode(status)
    used = (usage.ru_maxrss - listener.baseline_kb) * 1024
    said = (aside / "said").read_bytes()
    faults = [
        *([f"ended with {code}"] if code not in ENDS else []),
        *(["a traceback"] if b"Traceback (most recent" in said else []),
        *([f"{used / 1e6:.0f} MB"] if used > MOST_BYTES else []),
        *(["a server was asked"] if listener.asked > asked else []),
        *changed(before, state_of(home)),
        *_left(aside),
        *_unclean(said, home),
    ]
    shown = said.decode(errors="replace")[-1500:] if faults else ""
    return Outcome(
        number,
        family,
        arguments[0],
        code,
        seconds,
        used / 1e6,
        tuple([*faults, shown] if faults else ()),
    )


def baseline_kb(folder: Path) -> int:
    """What a command takes that reads nothing of a study."""
    (folder / "none").mkdir()
    pid = os.fork()
    if pid == 0:
        _command(["policy", "list"], folder / "none", folder / "none")
    return int(os.wait4(pid, 0)[2].ru_maxrss)


def _command(arguments: list[str], home: Path, aside: Path) -> None:
    """The command in a forked process, which ends here."""
    code = 1
    try:
        said = os.open(aside / "said", os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        (aside / "tmp").mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(aside / "tmp")
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + ADDRESS_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(MOST_WAIT)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        os.chdir(home)
        warnings.simplefilter("ignore")
        code = _main(arguments)
    except BaseException:  # noqa: BLE001 - it is what is looked for
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _main(arguments: list[str]) -> int:
    from geoplan.cli import main

    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the process ends
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    try:
        main(arguments, prog_name="geoplan")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def state_of(home: Path) -> dict[str, str]:
    """Every file of a study's folder but its outputs, with what is in it."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if name.split("/")[0] in {"out", "out.json"}:
            continue
        told = path.lstat()
        content = ""
        if path.is_file() and not path.is_symlink():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[name] = f"{told.st_mode} {content}" + (
            "" if path.is_dir() else f" {told.st_size} {told.st_mtime_ns}"
        )
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """What was made, changed or deleted."""
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            how = "made" if name not in before else "deleted" if name not in after else "changed"
            yield f"{name} was {how}"


def _left(aside: Path) -> Iterator[str]:
    for path in (aside / "tmp").rglob("*"):
        if path.is_file():
            yield f"left behind {path.name}"


def _unclean(said: bytes, home: Path) -> Iterator[str]:
    """Control characters on the screen or in a table."""
    texts = {"the screen": said.decode(errors="replace")}
    for path in [*(home / "out").rglob("*"), home / "out.json"]:
        if path.suffix in {".csv", ".json", ".geojson", ".html"} and path.is_file():
            texts[path.name] = path.read_text(encoding="utf-8-sig")
    for name, text in texts.items():
        found = CONTROLS.search(text)
        if found:
            yield f"{found[0]!r} on {name}: {text[max(0, found.start() - 30) : found.end() + 30]!r}"


def run_many(numbers: range, *, tell: bool = False) -> list[Outcome]:
    """The outcomes of the inputs of these numbers."""
    warm()
    listener = Listener()
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        listener.baseline_kb = baseline_kb(Path(folder))
        for number in numbers:
            outcome = run(number, Path(folder), listener)
            outcomes.append(outcome)
            if tell and outcome.faults:
                print(  # noqa: T201
                    number, outcome.family, outcome.command, *outcome.faults, sep="\n  ", flush=True
                )
    return outcomes


def table_of(outcomes: list[Outcome]) -> str:
    """Families by how their inputs ended, with the worst time and memory of each."""
    rows = defaultdict(list)
    for each in outcomes:
        rows[each.family].append(each)
    lines = [f"{'family':28} {'n':>4}  0    2    3    4    5  other fault   s max   MB max"]
    for family, ended in sorted(rows.items()):
        codes = Counter(each.code for each in ended)
        counts = " ".join(f"{codes[code]:4}" for code in sorted(ENDS))
        others = sum(count for code, count in codes.items() if code not in ENDS)
        faults = sum(bool(each.faults) for each in ended)
        slow, large = max(each.seconds for each in ended), max(each.megabytes for each in ended)
        lines.append(
            f"{family:28} {len(ended):4} {counts} {others:5} {faults:5} {slow:7.1f} {large:8.0f}"
        )
    total = sum(bool(each.faults) for each in outcomes)
    return "\n".join([*lines, f"{len(outcomes)} inputs, {total} with a fault"])


def main() -> None:
    """Run the inputs asked for and print how they ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--family", help="only the inputs of this family")
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.count)
    if asked.family:
        at = list(FAMILIES).index(asked.family)
        step = len(FAMILIES)
        numbers = range(at + asked.first * step, at + (asked.first + asked.count) * step, step)
    outcomes = run_many(numbers, tell=True)
    print(table_of(outcomes))  # noqa: T201
    sys.exit(any(each.faults for each in outcomes))


if __name__ == "__main__":
    main()
