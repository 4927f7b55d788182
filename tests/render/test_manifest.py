"""The manifest: what a folder's files are of, what a new run takes away and what it leaves."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from geoplan import __version__
from geoplan.errors import StudyError
from geoplan.render.fileset.manifest import MANIFEST, Input, Run
from geoplan.render.fileset.staging import whole_folder, whole_set


def run(command: str = "assess", data: str = "monday", **options: object) -> Run:
    told = {"as_of": "2023-12-31", "policy": "p", "set": {}, "lang": "zh", **options}
    return Run(command, told, [Input("study", "study.toml", "s"), Input("homes", "h.gpkg", data)])


def write(folder: Path, of: Run, *files: str, json_file: Path | None = None) -> None:
    with whole_set(folder, of) as aside:
        for name in files:
            path = aside.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{of.command} {of.inputs[-1].sha256}", encoding="utf-8")
        if json_file is not None:
            aside.elsewhere[json_file] = b"{}"


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return found


def owners(folder: Path) -> dict[str, str]:
    """Each file of the manifest to its command; each is there as the manifest says, and once."""
    found = manifest(folder)
    pairs = [
        (e["path"], r["command"], e["sha256"])
        for r in [found, *found["earlier"]]
        for e in r["files"]
    ]
    for path, _, digest in pairs:
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest
    owned = {path: command for path, command, _ in pairs}
    assert len(owned) == len(pairs)
    return owned


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_it_says_what_the_run_was_made_of(tmp_path: Path) -> None:
    write(tmp_path, run(format=["csv"]), "a.csv", "pictures/b.png", json_file=tmp_path / "r.json")
    found = manifest(tmp_path)
    assert found["geoplan"] == __version__
    assert found["command"] == "assess"
    assert found["options"]["format"] == ["csv"]
    assert found["options"]["json"] == "r.json"
    assert found["inputs"][1] == {"name": "homes", "path": "h.gpkg", "sha256": "monday"}
    assert found["earlier"] == []
    assert sorted(owners(tmp_path)) == ["a.csv", "pictures/b.png", "r.json"]


def test_two_runs_write_the_same_bytes_over_another_and_apart(tmp_path: Path) -> None:
    for folder in ("one", "two", "one"):
        write(tmp_path / folder, run(), "a.csv", json_file=tmp_path / folder / "r.json")
    one, two = ((tmp_path / folder / MANIFEST).read_bytes() for folder in ("one", "two"))
    assert one == two


def test_a_run_on_other_data_takes_the_set_before_it_away(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    write(tmp_path, run(), "a.csv", "map.html", "pictures/b.png")
    write(tmp_path, run(data="tuesday"), "a.csv")
    assert names(tmp_path) == ["a.csv", MANIFEST, "mine.txt"]
    assert owners(tmp_path) == {"a.csv": "assess"}


@pytest.mark.parametrize("change", [{"as_of": "2024-12-31"}, {"policy": "q"}, {"set": {"k": "1"}}])
def test_so_does_one_that_judges_otherwise(tmp_path: Path, change: dict[str, object]) -> None:
    write(tmp_path, run(), "a.csv", "map.html")
    write(tmp_path, run(**change), "a.csv")
    assert names(tmp_path) == ["a.csv", MANIFEST]


@pytest.mark.parametrize("change", [{"format": ["csv"]}, {"lang": "en"}, {"theme": ["x"]}])
def test_another_form_of_the_same_judgement_joins_what_is_there(
    tmp_path: Path, change: dict[str, object]
) -> None:
    write(tmp_path, run(), "a.csv", "map.html")
    write(tmp_path, run(**change), "a.csv", "b.csv")
    assert owners(tmp_path) == {"a.csv": "assess", "b.csv": "assess", "map.html": "assess"}


def test_commands_have_sets_of_their_own_and_each_file_one_owner(tmp_path: Path) -> None:
    write(tmp_path, run(), "gaps.csv", "map.html")
    write(tmp_path, run("gaps"), "gaps.csv", "gaps.xlsx")
    assert owners(tmp_path) == {"gaps.csv": "gaps", "gaps.xlsx": "gaps", "map.html": "assess"}


def test_one_table_in_two_forms_is_never_of_two_judgements(tmp_path: Path) -> None:
    write(tmp_path, run("gaps"), "gaps.csv", "gaps.xlsx")
    write(tmp_path, run(data="tuesday"), "gaps.csv", "map.html")
    assert owners(tmp_path) == {"gaps.csv": "assess", "map.html": "assess"}
    assert names(tmp_path) == ["gaps.csv", MANIFEST, "map.html"]


def test_a_file_changed_by_hand_is_its_users_from_then_on(tmp_path: Path) -> None:
    write(tmp_path, run(), "a.csv", "报告.docx")
    (tmp_path / "报告.docx").write_text("edited", encoding="utf-8")
    write(tmp_path, run(data="tuesday"), "a.csv")
    assert (tmp_path / "报告.docx").read_text(encoding="utf-8") == "edited"
    assert owners(tmp_path) == {"a.csv": "assess"}


def test_the_json_is_replaced_by_name_and_never_taken_away(tmp_path: Path) -> None:
    for day, place in (
        ("monday", "2023.json"),
        ("tuesday", "../2024.json"),
        ("friday", "x/j.json"),
    ):
        write(tmp_path / "maps", run(data=day), "a.csv", json_file=tmp_path / "maps" / place)
        assert place in owners(tmp_path / "maps")
    assert names(tmp_path) == [
        "2024.json", "maps/2023.json", "maps/a.csv", "maps/manifest.json", "maps/x/j.json",
    ]  # fmt: skip


def test_a_writer_without_a_run_takes_over_its_files(tmp_path: Path) -> None:
    write(tmp_path, run(), "a.csv", "b.csv")
    for name, left in (("a.csv", {"b.csv": "assess"}), ("c.csv", {"b.csv": "assess"})):
        with whole_folder(tmp_path) as staging:
            (staging / name).write_text("by a script", encoding="utf-8")
        assert owners(tmp_path) == left
    with whole_folder(tmp_path) as staging:
        (staging / "b.csv").write_text("by a script", encoding="utf-8")
    assert names(tmp_path) == ["a.csv", "b.csv", "c.csv"]


@pytest.mark.parametrize(
    "path", ["../mine.txt", "/etc/hostname", "..\\mine.txt", "C:/x", "a/../../x"]
)
def test_an_edited_manifest_takes_nothing_away_outside(tmp_path: Path, path: str) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine", encoding="utf-8")
    folder = tmp_path / "maps"
    write(folder, run(), "a.csv")
    found = manifest(folder)
    digest = hashlib.sha256(b"mine").hexdigest()
    found["files"].append({"path": path, "sha256": digest})
    (folder / MANIFEST).write_text(json.dumps(found), encoding="utf-8")
    write(folder, run(data="tuesday"), "a.csv")
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"name": "a web app"}', '{"command": "x", "files": [1]}']
)
def test_a_manifest_of_others_is_not_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as raised:
        write(tmp_path, run(), "a.csv")
    assert raised.value.problems[0].where == str(tmp_path / MANIFEST)
    assert (tmp_path / MANIFEST).read_text(encoding="utf-8") == text
    with whole_folder(tmp_path) as staging:
        (staging / "a.csv").write_text("new", encoding="utf-8")
    assert names(tmp_path) == ["a.csv", MANIFEST]


@pytest.mark.parametrize("name", ["a.csv", MANIFEST])
def test_the_json_takes_no_other_files_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(StudyError, match="another output"):
        write(tmp_path, run(), "a.csv", json_file=tmp_path / name)
    assert names(tmp_path) == []


def test_a_json_that_cannot_be_written_leaves_the_set_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    write(tmp_path / "maps", run(), "a.csv")
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    with pytest.raises(StudyError):
        write(tmp_path / "maps", run(data="x"), "b.csv", json_file=tmp_path / "file" / "r.json")
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before
