"""Two hundred ways of sending a study, drawn anew by nobody: the same verdicts or a refusal.

``make doors`` tries every change alone and thousands of pairs.
"""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from tests.doors.changes import CHANGES
from tests.doors.trials import BAD, SAME, Trial, expected_of, pairs, run, singles

_SEED = 20_261_127


def _drawn() -> list[Trial]:
    """Each change once, on a layer of the town if it fits one, and pairs for the rest."""
    alone = singles(_SEED)
    Random(_SEED).shuffle(alone)  # noqa: S311 - repeatable, not secret
    alone.sort(key=lambda trial: trial.study == "town")  # the last one stays, and costs half
    once = {trial.changes: trial for trial in alone}
    return [*once.values(), *islice(pairs(_SEED), 200 - len(once))]


@pytest.mark.parametrize("trial", _drawn(), ids=str)
def test_the_same_verdicts_or_a_refusal_that_names_the_file(trial: Trial) -> None:
    outcome = run(trial)
    assert outcome.word not in BAD, f"{outcome.word}: {outcome.detail}"


def test_every_change_fits_a_layer() -> None:
    assert {name for trial in singles(_SEED) for name in trial.changes} == set(CHANGES)


@pytest.mark.parametrize("study", ["sample", "town"])
def test_a_difference_would_be_seen(study: str) -> None:
    """The answers hold what could differ: verdicts of each kind, with their numbers."""
    answer = expected_of(study)
    assert {each["verdict"] for each in answer["indicators"]} >= {"PASS", "FAIL"}
    assert answer["units"]
    assert answer["gaps"]
    assert answer["reach"] or answer["projects"]


def test_a_lost_row_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge of this harness is not blind."""
    from dataclasses import replace

    from tests.doors import trials

    whole = trials.changed
    trial = Trial("town", "facilities", ("keys_as_headings",), 0)

    def short(asked: Trial) -> trials.Draft | None:
        draft = whole(asked)
        return draft and replace(draft, rows=draft.rows[1:], shapes=draft.shapes[1:])

    assert run(trial).word == SAME
    monkeypatch.setattr(trials, "changed", short)
    assert run(trial).word == trials.DIFFERENT
