"""What a run was made of: study file, policy, layers, each with its checksum.

Belongs here: the inputs of a run, from the judgement it shows. Does not belong here: the manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from geoplan.assess.model import Assessment
from geoplan.render.fileset.manifest import Input, sha256_file


def inputs_of(
    studies: Iterable[Path], assessments: Iterable[Assessment], programme: Path | None = None
) -> tuple[Input, ...]:
    """The inputs, each once: study files, policies, layers, the file of a programme."""
    judged = tuple(assessments)
    found = [
        *(_read_input("study", _study_file(study)) for study in studies),
        *(
            Input("policy", one.policy.id, one.policy.sha256)
            for one in (a.standard for a in judged)
        ),
        *(each for assessment in judged for each in _layers(assessment)),
        *(_read_input("programme", path) for path in (programme,) if path is not None),
    ]
    return tuple(dict.fromkeys(found))


def _layers(assessment: Assessment) -> Iterator[Input]:
    for source in assessment.sources:
        if source.path:
            yield Input(source.layer, source.path, source.sha256)


def _study_file(study: Path) -> Path:
    return study / "study.toml" if study.is_dir() else study


def _read_input(name: str, path: Path) -> Input:
    return Input(name, path.name, sha256_file(path))
