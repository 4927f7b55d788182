"""Whatever a file, study.toml, policy or problem is made to do, a command ends in words.

``python -m tests.broken.crafted --count 500`` runs more of them and says how each family ended.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COUNT, BATCH = 64, 32


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_crafted_inputs_end_in_words_within_bounds(first: int) -> None:
    command = [sys.executable, "-m", "tests.broken.crafted"]
    asked = ["--first", str(first), "--count", str(BATCH)]
    done = subprocess.run(
        [*command, *asked], cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert re.search(rf"^{BATCH} inputs, 0 with a fault$", done.stdout, re.MULTILINE)
