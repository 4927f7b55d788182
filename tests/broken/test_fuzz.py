"""Whatever a file holds, reading it ends in a result or in words: no other error, death or hang.

``GEOPLAN_FUZZ=20000 pytest tests/broken/test_fuzz.py`` reads as many damaged files.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.broken.damage import make_sound

ROOT = Path(__file__).parents[2]
COUNT = int(os.environ.get("GEOPLAN_FUZZ", "2000"))
BATCH = 500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fuzz")
    (made / "sound").mkdir()
    make_sound(made / "sound")
    return made


def faults(folder: Path, *numbers: str) -> list[str]:
    """What was wrong: faults told, the last file before a death, noise of the libraries."""
    command = [sys.executable, "-W", "error", "-m", "tests.broken.damage", str(folder), *numbers]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=900)
    told = done.stdout.decode(errors="replace")
    found = [f"FAULT{part}" for part in told.split("\nFAULT")[1:]]
    if done.returncode:
        last = [line for line in told.splitlines() if line][-1:]
        found.append(f"died with {done.returncode} at {last}")
    noise = done.stderr.decode(errors="replace")
    return [*found, noise] if noise else found


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_damaged_files_end_in_a_result_or_in_words(folder: Path, first: int) -> None:
    assert faults(folder, str(first), str(min(first + BATCH, COUNT))) == []


def test_wild_files_end_in_a_result_or_in_words(folder: Path) -> None:
    assert faults(folder, "wild") == []


def test_a_death_would_be_seen(folder: Path) -> None:
    assert "died with 1" in faults(folder, "0", "nonsense")[0]
