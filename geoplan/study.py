"""study.toml: which area, which files, which policy, which day.

Belongs here: reading and checking the study file. Does not belong here: opening a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A line of ``[layers]``: a file and how the user says it must be read."""

    layer: str
    path: Path
    crs: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    sublayer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Study:
    """A folder with a study.toml.

    ``overrides`` are the raw ``[policy_values]`` plus ``--set`` values (strings or TOML values),
    checked later against the policy.
    """

    folder: Path
    name: str
    policy: str
    as_of: date
    layers: Mapping[str, LayerFile]
    crs: str | None = None
    period_start: date | None = None
    language: str = "zh"
    overrides: Mapping[str, object] = field(default_factory=dict)
