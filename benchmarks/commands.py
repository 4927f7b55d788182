"""How long a planner waits: `geoplan --help`, and the whole job on the sample study."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

REPOSITORY = Path(__file__).parents[1]
GEOPLAN = Path(sys.executable).parent / "geoplan"


def seconds(*arguments: str) -> float:
    """How long one run of geoplan takes; it must succeed."""
    begun = perf_counter()
    subprocess.run([GEOPLAN, *arguments], check=True, capture_output=True)
    return perf_counter() - begun


def main() -> None:
    """Time each command after a first run, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            ("geoplan --help", 0.4, 7, ("--help",)),
            ("geoplan assess .", 8.0, 3, ("assess", str(REPOSITORY), "--out", folder)),
        ]
        print(f"{'command':<20}{'goal s':>8}{'median s':>10}{'runs':>6}")
        for name, goal, runs, arguments in rows:
            seconds(*arguments)
            taken = median(seconds(*arguments) for _ in range(runs))
            print(f"{name:<20}{goal:>8.1f}{taken:>10.2f}{runs:>6}")


if __name__ == "__main__":
    main()
