"""The order of steps, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.layers.read import read_layers
from geoplan.policy.read import build_standard, read_policy
from geoplan.study import Study, read_study


def assess_study(
    folder: str | Path = ".",
    *,
    as_of: date | None = None,
    policy: str | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Assessment:
    """Read a study folder and judge it.

    Parameters
    ----------
    folder : the folder with study.toml, or that file.
    as_of : the day to judge, instead of the study's.
    policy : an id in the library or a file, instead of the study's.
    overrides : policy values by name, on top of the study's ``[policy_values]``.

    Raises
    ------
    GeoplanError
        study, policy or a layer cannot be used; every problem found is in ``problems``.
    """
    return assess_layers(read_study(folder, as_of=as_of, policy=policy, overrides=overrides))


def assess_layers(study: Study) -> Assessment:
    """Judge a study that has been read."""
    standard, remarks = build_standard(read_policy(study.policy), study.as_of, study.overrides)
    layers = read_layers(study)
    assessment = assess(layers, standard, study=study.name, period_start=study.period_start)
    return replace(assessment, remarks=(*remarks, *assessment.remarks))
