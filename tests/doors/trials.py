"""One trial: a study sent in another way is judged the same, or refused by name.

Belongs here: drawing combinations of changes, writing the study and comparing answers.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from geoplan.errors import GeoplanError
from geoplan.render.documents.assessment import build_document
from geoplan.render.documents.json_values import dump_document
from geoplan.study import read_study
from geoplan.workflow import assess_layers
from tests.doors import drafts
from tests.doors.changes import CHANGES, SLOTS
from tests.doors.drafts import Draft
from tests.doors.files import write

STUDIES = {"sample": drafts.sample, "town": drafts.town}
SAME, REFUSED, DIFFERENT, UNNAMED, CRASHED = "same", "refused", "DIFFERENT", "UNNAMED", "CRASHED"
BAD = (DIFFERENT, UNNAMED, CRASHED)


@dataclass(frozen=True, slots=True)
class Trial:
    """Which study, which layer of it and by which changes it is sent; ``seed`` draws the rest."""

    study: str
    layer: str
    changes: tuple[str, ...]
    seed: int

    def __str__(self) -> str:
        return f"{self.study}/{self.layer}: {' + '.join(self.changes)} (seed {self.seed})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a trial: a word of this module and what was said or found."""

    word: str
    detail: str = ""


def changed(trial: Trial) -> Draft | None:
    """The layer as the trial sends it, or ``None`` where a change does not fit."""
    random = Random(trial.seed)  # noqa: S311 - repeatable, not secret
    draft: Draft | None = next(d for d in STUDIES[trial.study]() if d.layer == trial.layer)
    for name in sorted(trial.changes, key=lambda name: SLOTS.index(CHANGES[name].slot)):
        draft = CHANGES[name].rewrite(draft, random) if draft is not None else None
    return draft


def singles(seed: int) -> list[Trial]:
    """Every change alone on every layer that it fits."""
    return [
        trial
        for study, read in STUDIES.items()
        for draft in read()
        for name in CHANGES
        if changed(trial := Trial(study, draft.layer, (name,), seed)) is not None
    ]


def pairs(seed: int) -> Iterator[Trial]:
    """Two changes of different slots on one layer, drawn without end."""
    random = Random(seed)  # noqa: S311
    while True:
        study = random.choice(list(STUDIES))
        layer = random.choice([draft.layer for draft in STUDIES[study]()])
        names = tuple(random.sample(sorted(CHANGES), 2))
        trial = Trial(study, layer, names, random.randrange(1_000_000))
        if len({CHANGES[name].slot for name in names}) > 1 and changed(trial) is not None:
            yield trial


def run(trial: Trial) -> Outcome:
    """Judge the study with the layer as the trial sends it."""
    draft = changed(trial)
    if draft is None:
        raise ValueError(f"a change does not fit: {trial}")
    sent = [draft if each.layer == draft.layer else each for each in STUDIES[trial.study]()]
    with TemporaryDirectory() as name:
        try:
            answer = answer_of(sent, Path(name))
        except UnicodeEncodeError:
            return Outcome(SAME, "the encoding cannot hold the text: nothing was sent")
        except GeoplanError as refusal:
            return _refused(refusal, draft.layer)
        except Exception:  # noqa: BLE001 - what ends in a traceback is what is looked for
            return Outcome(CRASHED, traceback.format_exc(limit=-3))
    expected = expected_of(trial.study)
    return Outcome(SAME) if answer == expected else Outcome(DIFFERENT, difference(expected, answer))


def _refused(refusal: GeoplanError, layer: str) -> Outcome:
    told = "; ".join(f"{each.where}: {each.what.zh} {each.remedy.zh}" for each in refusal.problems)
    named = all(layer in each.where for each in refusal.problems)
    return Outcome(REFUSED if named else UNNAMED, told)


@cache
def expected_of(study: str) -> dict[str, Any]:
    """The answers of a study as it is."""
    with TemporaryDirectory() as name:
        return answer_of(STUDIES[study](), Path(name))


def answer_of(sent: Sequence[Draft], folder: Path) -> dict[str, Any]:
    """Every verdict and number of a study, without how it was read."""
    entries = [write(draft, folder) for draft in sent]
    head = '[study]\nname = "门"\npolicy = "chongzuo-2021-2023"\nas_of = 2023-12-31\n[layers]\n'
    (folder / "study.toml").write_text(head + "\n".join(entries) + "\n", encoding="utf-8")
    assessment = assess_layers(replace(read_study(folder), crs="EPSG:4545"))
    return without_reading(json.loads(dump_document(build_document(assessment, language="zh"))))


def without_reading(document: dict[str, Any]) -> dict[str, Any]:
    """Indicators, units, projects, gaps and walks in an order of their own."""
    kept = {key: document[key] for key in ("indicators", "units", "projects", "gaps", "reach")}
    for indicator in kept["indicators"]:
        indicator["warnings"] = sorted(
            f"{each['code']} {each.get('id')}" for each in indicator["warnings"]
        )
    ordered: dict[str, Any] = _ordered(kept)
    return ordered


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted(map(_ordered, value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def difference(expected: object, found: object, path: str = "") -> str:
    """The first place where two answers differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in expected:
            if expected[key] != found.get(key):
                return difference(expected[key], found.get(key), f"{path}/{key}")
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for at, (one, two) in enumerate(zip(expected, found, strict=True)):
            if one != two:
                return difference(one, two, f"{path}/{at}")
    return f"{path}: {str(expected)[:160]} became {str(found)[:160]}"
