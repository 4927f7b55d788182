"""Every worked case through the real command, on real files."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from geoplan.cli import main
from tests.cases.book import Case, faults, read_cases
from tests.cases.given import write_study

FILES = sorted(Path(__file__).parent.glob("*.toml"))
CASES = [case for file in FILES for case in read_cases(file)]
SECTIONS = {"A": 13, "B": 12, "C": 24, "D": 14, "E": 10}


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and standard output of a command of geoplan on a study."""
    out = folder / "out" / command
    result = CliRunner().invoke(
        main, [command, str(folder), "--json", "-", "--format", "csv", "--out", str(out), "--quiet"]
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout or result.output


def judge(case: Case, folder: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The result document of a case, and the exit codes it asks about."""
    write_study(folder, case.given, case.question)
    code, text = run("assess", folder)
    assert code == 0, f"{case.id}: geoplan assess ended with {code}\n{text}"
    asked = {subject.split()[1] for subject in case.expect if subject.startswith("exit ")}
    exits = {command: run(command, folder)[0] for command in asked}
    return json.loads(text, parse_float=Decimal), exits


def told(case: Case, lines: list[str]) -> str:
    """A failing case as a planner can read it."""
    given = "\n".join(f"  {layer}:\n{text.rstrip()}" for layer, text in case.tables.items())
    differences = "\n".join(f"  {line}" for line in lines)
    return (
        f"\n{case.id} {case.zh}\n{case.en}\n{case.question}"
        f"\ngiven:\n{given}\ndifferences:\n{differences}\nwhy: {case.why}"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case, tmp_path: Path) -> None:
    document, exits = judge(case, tmp_path)
    lines = faults(case, document, exits)
    assert not lines, told(case, lines)


def test_every_example_is_a_case() -> None:
    """Each example of the specification's sections A to E stands here under its own number."""
    there = {case.id.partition("/")[0] for case in CASES}
    wanted = {
        f"{letter}{number}" for letter, last in SECTIONS.items() for number in range(1, last + 1)
    }
    assert not wanted - there


def test_cases_are_complete() -> None:
    """Each case has its own id, says what and why in words, and expects something."""
    twice = [case_id for case_id, count in Counter(case.id for case in CASES).items() if count > 1]
    assert not twice
    mute = [
        case.id for case in CASES if not (case.zh and case.en and "§" in case.why and case.expect)
    ]
    assert not mute
