"""``make doors``: every change alone and thousands of pairs, and what became of them."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.doors.trials import BAD, REFUSED, SAME, Trial, pairs, run, singles


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000, help="how many trials")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--say-refusals", action="store_true")
    asked = parser.parse_args()
    alone = singles(asked.seed)
    trials = [*alone, *islice(pairs(asked.seed), max(0, asked.count - len(alone)))][: asked.count]
    console = Console()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(track(pool.map(run, trials, chunksize=8), "doors", total=len(trials)))
    for trial, outcome in zip(trials, outcomes, strict=True):
        if outcome.word in BAD or (asked.say_refusals and outcome.word == REFUSED):
            console.print(f"{outcome.word} {trial}\n    {outcome.detail}", markup=False)
    console.print(_table(trials, [outcome.word for outcome in outcomes]))
    return int(any(outcome.word in BAD for outcome in outcomes))


def _table(trials: list[Trial], words: list[str]) -> Table:
    """How often each change was tried, alone or in a pair, and what came of it."""
    found = Counter(words)
    title = ", ".join(f"{word} {number}" for word, number in sorted(found.items()))
    table = Table("change", SAME, REFUSED, *BAD, title=f"{len(words)} trials: {title}")
    each = Counter(
        (name, word) for trial, word in zip(trials, words, strict=True) for name in trial.changes
    )
    for name in sorted({name for name, _ in each}):
        table.add_row(name, *(str(each[name, word] or "") for word in (SAME, REFUSED, *BAD)))
    return table


if __name__ == "__main__":
    raise SystemExit(main())
