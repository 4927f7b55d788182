"""Outputs appear together or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from geoplan.errors import StudyError
from geoplan.render import whole
from geoplan.render.whole import whole_folder, write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def write(folder: Path, *written: str, failing: bool = False) -> None:
    with whole_folder(folder) as staging:
        for name in written:
            (staging / name).write_text("new", encoding="utf-8")
        if failing:
            raise RuntimeError


def test_all_files_appear_when_the_block_ends(tmp_path: Path) -> None:
    out = tmp_path / "study" / "maps"
    with whole_folder(out) as staging:
        (staging / "a.csv").write_text("a", encoding="utf-8")
        assert not (out / "a.csv").exists()
        (staging / "b.csv").write_text("b", encoding="utf-8")
    assert names(out) == ["a.csv", "b.csv"]


def test_other_files_stay_and_the_same_names_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with whole_folder(tmp_path) as staging:
        (staging / "a.csv").write_text("new", encoding="utf-8")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "new"
    assert names(tmp_path) == ["a.csv", "notes.txt"]


def test_nothing_is_left_when_the_block_fails(tmp_path: Path) -> None:
    out = tmp_path / "study" / "maps"
    with pytest.raises(RuntimeError):
        write(out, "a.csv", failing=True)
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), KeyboardInterrupt()])
def test_one_file_that_cannot_be_replaced_keeps_all_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    (tmp_path / "a.csv").write_text("old a", encoding="utf-8")
    (tmp_path / "c.xlsx").write_text("old c", encoding="utf-8")
    real = os.replace

    def held(source: Path, target: Path) -> None:
        if target == tmp_path / "c.xlsx" and whole._STAGING in str(source):
            raise error
        real(source, target)

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(StudyError if isinstance(error, OSError) else type(error)) as raised:
        write(tmp_path, "a.csv", "b.csv", "c.xlsx")
    assert names(tmp_path) == ["a.csv", "c.xlsx"]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old a"
    assert (tmp_path / "c.xlsx").read_text(encoding="utf-8") == "old c"
    if isinstance(raised.value, StudyError):
        assert "c.xlsx" in raised.value.problems[0].where
        assert "关闭" in raised.value.problems[0].say("zh")


def test_a_folder_in_the_way_of_a_file_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    (tmp_path / "a.csv" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError):
        write_whole(tmp_path / "a.csv", b"new")
    assert (tmp_path / "a.csv" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_target_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("a file", encoding="utf-8")
    with pytest.raises(StudyError) as raised, whole_folder(tmp_path / "maps"):
        pass
    assert "--out" in raised.value.problems[0].say("en")


def test_one_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "deep" / "result.json", b"{}\n")
    assert (tmp_path / "deep" / "result.json").read_bytes() == b"{}\n"
    assert names(tmp_path / "deep") == ["result.json"]


def _run_out_of_room(folder: Path) -> None:
    with whole_folder(folder) as staging:
        (staging / "a.txt").write_text("new")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_said_and_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(StudyError) as caught:
        _run_out_of_room(tmp_path)
    (problem,) = caught.value.problems
    assert problem.what.zh.startswith("磁盘已满")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"
