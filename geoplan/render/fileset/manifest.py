"""manifest.json: which files of a folder belong to which run, and what each run was made of.

Belongs here: the shape of the manifest, who owns a file, which files are out of date. Does not
belong here: putting files in place. Nothing in it depends on the machine or the hour, so two runs
on the same input are byte-identical.

A run judges by its inputs and options. An earlier run of the same command that judged the same
(another format, another theme) still stands; one that judged otherwise is out of date as a whole.
Each file has one owner, the run that wrote it last. A file changed by hand since is its user's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from geoplan import __version__

MANIFEST = "manifest.json"
# Options that change how a result is shown, not what it says.
_SHOWN = frozenset(
    {"format", "lang", "theme", "paper", "portrait", "dpi", "tiles", "with_token", "json"}
)

_JUDGED = ("as_of", "policy", "set", "public")


@dataclass(frozen=True, slots=True)
class Input:
    """A file a run was made of; ``name`` is a layer, ``study``, ``policy`` or ``programme``."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Run:
    """A command with everything its result depends on; ``options`` in JSON's own types."""

    command: str
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[Input] = ()

    def entry(self, files: Mapping[str, str]) -> dict[str, Any]:
        """The run as it stands in the manifest."""
        return {
            "geoplan": __version__,
            "command": self.command,
            "options": dict(self.options),
            "inputs": [
                {"name": each.name, "path": each.path, "sha256": each.sha256}
                for each in self.inputs
            ],
            "files": [{"path": path, "sha256": files[path]} for path in sorted(files)],
        }


def sha256_file(path: Path) -> str:
    """The checksum of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path) -> list[dict[str, Any]] | None:
    """The runs whose files stand in the folder, the latest first.

    Returns
    -------
    None where the file is there and none of ours.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict):
        return None
    earlier = found.pop("earlier", [])
    runs = [found, *(earlier if isinstance(earlier, list) else [None])]
    return runs if all(map(_is_run, runs)) else None


def _is_run(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("command"), str)
        and isinstance(entry.get("options"), dict)
        and _are_files(entry.get("inputs"), "name", "path", "sha256")
        and _are_files(entry.get("files"), "path", "sha256")
    )


def _are_files(listed: object, *keys: str) -> bool:
    return isinstance(listed, list) and all(
        isinstance(each, dict) and all(isinstance(each.get(key), str) for key in keys)
        for each in listed
    )


def dump_manifest(runs: Sequence[Mapping[str, Any]]) -> str:
    """The manifest as text; the first run is the latest."""
    latest, *earlier = runs
    document = {**latest, "earlier": sorted(earlier, key=_order)}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _order(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["command"], json.dumps(entry["options"], sort_keys=True)


def still_standing(folder: Path, runs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The runs with the files that stand as they were written: one changed by hand is its user's."""
    return _only(runs, lambda file: _is_untouched(folder, file))


def without(runs: Iterable[dict[str, Any]], taken: Iterable[str]) -> list[dict[str, Any]]:
    """The runs without the files that another run wrote."""
    gone = frozenset(taken)
    return _only(runs, lambda file: file["path"] not in gone)


def _only(
    runs: Iterable[dict[str, Any]], keeps: Callable[[Mapping[str, str]], bool]
) -> list[dict[str, Any]]:
    """The runs with the files to keep; a run that has none left is gone."""
    left = ({**run, "files": list(filter(keeps, run["files"]))} for run in runs)
    return [run for run in left if run["files"]]


def _is_untouched(folder: Path, file: Mapping[str, str]) -> bool:
    path = folder / file["path"]
    return path.is_file() and not path.is_symlink() and sha256_file(path) == file["sha256"]


def supersede(
    runs: Iterable[dict[str, Any]], entry: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """What a new run leaves of earlier ones (their files that it writes taken off already).

    Returns
    -------
    The runs that still stand, and the files to take away: of the same command judging otherwise
    all; of another command judging otherwise those that are another form of a new file
    (``gaps.xlsx`` beside a new ``gaps.csv``).
    """
    written = {_stem(file["path"]) for file in entry["files"]}
    left: list[dict[str, Any]] = []
    stale: list[str] = []
    for run in runs:
        if run["command"] == entry["command"]:
            gone = [] if _basis(run) == _basis(entry) else removable(run)
            left += [run] if _basis(run) == _basis(entry) else []
        else:
            other = not _judged_alike(run, entry)
            gone = [path for path in removable(run) if other and _stem(path) in written]
            left += without([run], gone)
        stale += gone
    return left, stale


def _stem(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(""))


def _basis(entry: Mapping[str, Any]) -> tuple[object, ...]:
    """Everything a run's numbers depend on."""
    options = {name: told for name, told in entry["options"].items() if name not in _SHOWN}
    return entry.get("geoplan"), json.dumps(options, sort_keys=True), entry["inputs"]


def _judged_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two commands judged the same, as far as they read the same inputs."""
    inputs = [{each["name"]: each["sha256"] for each in entry["inputs"]} for entry in (one, other)]
    return (
        one.get("geoplan") == other.get("geoplan")
        and all(one["options"].get(key) == other["options"].get(key) for key in _JUDGED)
        and all(inputs[0][name] == inputs[1][name] for name in inputs[0].keys() & inputs[1].keys())
    )


def removable(run: Mapping[str, Any]) -> list[str]:
    """The files to take away with a run that is out of date, by their place in the folder.

    The JSON has a name that its user chose: it is replaced by that name, never taken away. Nor is
    anything outside the folder: a manifest may have been edited.
    """
    paths = (file["path"] for file in run["files"])
    return [path for path in paths if path != run["options"].get("json") and is_inside(path)]


def is_inside(path: str) -> bool:
    """Whether a path leads nowhere but into the folder, on every system."""
    place = PurePosixPath(path)
    return not (place.is_absolute() or ".." in place.parts or ":" in path or "\\" in path)
