"""Outputs appear together or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geoplan.errors import StudyError
from geoplan.render.fileset import staging as whole
from geoplan.render.fileset import turns
from geoplan.render.fileset.staging import settle, whole_folder, write_whole
from geoplan.render.fileset.turns import LOCK, turn_in
from tests.render import kills
from tests.render.kills import files_of, is_set, write_run


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


# ------------------------------------------------------------------------------ one set, kills


def python(code: str, *words: str) -> subprocess.Popen[str]:
    """A process of its own that can import the tests."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_kill_leaves_the_old_set_or_the_new_and_the_next_run_no_litter() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.render.kills", "--count", "40"],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert ": 0 mixtures, 0 with litter" in done.stdout
    assert " 0 of them in the middle" not in done.stdout  # the journal was put to the test


@pytest.mark.parametrize("links", [True, False])
def test_a_kill_at_each_step_of_a_switch_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """Every rename and removal, on disks with second names and without."""

    class KilledError(BaseException):
        pass

    def without_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    kills.begin(tmp_path)
    if not links:
        monkeypatch.setattr(os, "link", without_links)
    real, version, step, ended = os.replace, 0, 0, False
    while not ended:
        left, step = step, step + 1

        def dying(source: Path, target: Path) -> None:
            nonlocal left
            left -= 1
            if left < 0:  # all that follows fails too, as nothing happens after a kill
                raise KilledError
            real(source, target)

        with monkeypatch.context() as killed:
            killed.setattr(os, "replace", dying)
            killed.setattr("geoplan.render.fileset.journal.shutil.rmtree", lambda *_, **__: None)
            try:
                write_run(tmp_path, version + 1)
                ended = True
            except KilledError:
                pass
        settle(tmp_path / "maps")
        found = files_of(tmp_path)
        assert is_set(found, version) or is_set(found, version + 1), step
        version += 1 if is_set(found, version + 1) else 0
    assert step > 8


def test_two_writers_take_turns(tmp_path: Path) -> None:
    kills.begin(tmp_path)
    code = (
        "import sys; from pathlib import Path; from tests.render.kills import write_run\n"
        "for each in range(12): write_run(Path(sys.argv[1]), int(sys.argv[2]))"
    )
    writers = [python(code, str(tmp_path), version) for version in ("1", "2")]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        seen.add((tmp_path / "maps" / "a.csv").read_bytes())  # there at every moment, and whole
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {kills.content_of(version)["a.csv"] for version in (0, 1, 2)}
    found = files_of(tmp_path)
    assert is_set(found, 1) or is_set(found, 2)


def test_a_writer_that_is_killed_lets_go_of_its_turn(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from geoplan.render.fileset.turns import turn_in\n"
        "with turn_in(Path(sys.argv[1])): print('mine', flush=True); time.sleep(600)"
    )
    holder = python(code, str(tmp_path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "mine\n"
    with turn_in(tmp_path, wait=False) as ours:
        assert not ours
    holder.kill()
    holder.wait()
    holder.stdout.close()
    write(tmp_path, "a.csv")
    assert names(tmp_path) == ["a.csv"]


def test_who_waits_in_vain_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_GIVE_UP_AFTER_S", 0.1)
    with turn_in(tmp_path), pytest.raises(StudyError) as raised:
        write(tmp_path, "a.csv")
    assert "另一个 geoplan 正在写入" in raised.value.problems[0].say("zh")
    assert names(tmp_path) == []


def test_a_lock_that_was_removed_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening the file and locking it, its holder removed it: it protects nothing."""
    seized = turns._seize

    def late(lock: int) -> bool:
        monkeypatch.setattr(turns, "_seize", seized)
        (tmp_path / LOCK).unlink()
        return seized(lock)

    monkeypatch.setattr(turns, "_seize", late)
    with turn_in(tmp_path, wait=False) as ours:
        assert not ours
    with turn_in(tmp_path, wait=False) as ours:
        assert ours


def test_a_disk_without_locks_does_not_stop_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(turns, "_lock_file", unknown)
    write(tmp_path, "a.csv")
    assert names(tmp_path) == ["a.csv"]


def test_a_folder_aside_is_written_straight_into(tmp_path: Path) -> None:
    with whole_folder(tmp_path) as staging:
        write(staging / "pictures", "p.png")
        write_whole(staging / "a.csv", b"new")
        assert names(staging) == ["a.csv", "p.png", "pictures"]
    assert names(tmp_path) == ["a.csv", "p.png", "pictures"]


def test_a_switch_that_can_go_neither_way_is_ended_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.csv", "b.csv", "c.xlsx"):
        (tmp_path / name).write_text(f"old {name}", encoding="utf-8")
    real, failed = os.replace, False

    def held(source: Path, target: Path) -> None:
        nonlocal failed
        failed = failed or target == tmp_path / "c.xlsx"
        if failed and target.parent == tmp_path:
            raise PermissionError(13, "Permission denied")
        real(source, target)

    with monkeypatch.context() as once:
        once.setattr(os, "replace", held)
        with pytest.raises(StudyError) as raised:
            write(tmp_path, "a.csv", "b.csv", "c.xlsx")
        assert "再次运行" in raised.value.problems[0].say("zh")
        with pytest.raises(StudyError):
            settle(tmp_path)
    settle(tmp_path)
    assert names(tmp_path) == ["a.csv", "b.csv", "c.xlsx"]
    for name in names(tmp_path):
        assert (tmp_path / name).read_text(encoding="utf-8") == f"old {name}"


def test_what_an_earlier_killed_run_staged_goes(tmp_path: Path) -> None:
    left = tmp_path / f"{whole._STAGING}dead" / "files"
    left.mkdir(parents=True)
    (left / "a.csv").write_text("half", encoding="utf-8")
    (tmp_path / LOCK).write_bytes(b"")
    settle(tmp_path)
    assert names(tmp_path) == []


def test_looking_in_leaves_a_writer_at_work_alone(tmp_path: Path) -> None:
    with whole_folder(tmp_path) as staging:
        settle(tmp_path)
        (staging / "a.csv").write_text("new", encoding="utf-8")
    assert names(tmp_path) == ["a.csv"]
    began = time.monotonic()
    settle(tmp_path / "nowhere")
    assert time.monotonic() - began < turns._GIVE_UP_AFTER_S / 10
    assert names(tmp_path) == ["a.csv"]
