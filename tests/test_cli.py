"""The command line: exit codes, refusals, what is written where, and in which language."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from geoplan import __version__
from geoplan.cli import main
from tests.pace import slowness

HEAD = """[study]
name = "小县（示意）"
policy = "chongzuo-2021-2023"
as_of = 2023-12-31
"""
COMPOUNDS = "小区编号,小区名称,户数\nX1,阳光小区,333\nX2,江景苑,100\n"
FACILITIES = (
    "设施编号,设施名称,设施类型,所属小区,建筑面积,状态\n"
    "F1,阳光照料中心,日间照料中心,X1,49.95,运营\n"
    "F2,阳光托育园,托育机构,X1,50,运营\n"
    "F3,江景照料中心,日间照料中心,X2,15,运营\n"
    "F4,江景托育园,托育机构,X2,14.99,运营\n"
)
PROJECTS = "项目编号,项目名称,规划户数,土地出让日期\nP1,滨江花园,,2022-03-01\n"


def study(folder: Path, **tables: str) -> Path:
    """A study of tables only, in a folder that is made."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'{name} = "{name}.csv"' for name in tables]
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "study.toml").write_text("\n".join([HEAD, "[layers]", *lines, ""]), encoding="utf-8")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return study(tmp_path / "小县 study", compounds=COMPOUNDS, facilities=FACILITIES)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def done(*words: object, code: int = 0) -> Result:
    result = run(*words)
    assert result.exit_code == code, result.output
    return result


def refused(*words: object) -> list[str]:
    """The problems of a refusal, one a line; nothing else is said and there is no traceback."""
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()


def document(*words: object, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done(*words, "--json", "-", code=code).stdout)
    return found


def program(
    *words: object, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own."""
    return subprocess.run(
        [Path(sys.executable).parent / "geoplan", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env={**os.environ, **env},
    )


def digests(folder: Path) -> Mapping[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# ------------------------------------------------------------------------------ exit codes


def test_the_sample_study(repository: Path, tmp_path: Path) -> None:
    done("assess", repository, "--out", tmp_path / "assess")
    done("map", repository, "--out", tmp_path / "map")
    done("gaps", repository, "--out", tmp_path / "gaps", code=3)
    done("comply", repository, "--out", tmp_path / "comply", code=3)
    assert {path.name for path in (tmp_path / "map").iterdir()} == {"map.html", "manifest.json"}
    assert (tmp_path / "comply" / "compliance.xlsx").is_file()
    assert (tmp_path / "gaps" / "gaps.xlsx").is_file()


def test_gaps_ends_with_three_only_when_an_official_target_is_missed(small: Path) -> None:
    found = document("gaps", small, code=3)
    official = [gap for gap in found["gaps"] if gap["official"]]
    assert [(gap["unit_id"], gap["kind"], gap["gap"]) for gap in official] == [
        ("X2", "childcare", 0.01)
    ]
    # No gap is left, but without divisions and projects nobody can say that there is none.
    done("gaps", small, "--set", "childcare_rate_existing=14.99", code=4)


def test_gaps_that_are_only_unknown_end_with_four(tmp_path: Path) -> None:
    folder = study(tmp_path, compounds=COMPOUNDS.replace(",333", ","), facilities=FACILITIES)
    done("gaps", folder, "--set", "childcare_rate_existing=14.99", code=4)


@pytest.mark.parametrize(
    ("projects", "code"),
    [
        (PROJECTS, 4),  # no number of households: unknown
        (PROJECTS.replace(",,", ",800,").replace("2022-03-01", ""), 0),  # nothing has begun
        (PROJECTS.splitlines(keepends=True)[0], 4),  # no project at all: nothing to judge
    ],
)
def test_comply_without_failures(tmp_path: Path, projects: str, code: int) -> None:
    done("comply", study(tmp_path, projects=projects), code=code)


def test_comply_with_one_project_answers_for_it_alone(repository: Path, tmp_path: Path) -> None:
    words = ("comply", repository, "--out", tmp_path, "--json", "-", "--quiet")
    projects = json.loads(run(*words).stdout)["projects"]
    verdicts = {each["verdict"]: each["project_id"] for each in projects}
    assert {"PASS", "FAIL"} <= set(verdicts)
    for verdict, project in verdicts.items():
        result = run(*words, "--project", project)
        assert [each["project_id"] for each in json.loads(result.stdout)["projects"]] == [project]
        assert result.exit_code == {"FAIL": 3, "UNKNOWN": 4}.get(verdict, 0)


def test_comply_with_an_unknown_project_names_the_nearest(tmp_path: Path) -> None:
    folder = study(tmp_path, projects=PROJECTS)
    assert refused("comply", folder, "--project", "P12", "--lang", "en") == [
        "--project P12: there is no such project. The nearest is P1."
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("policy", "list"),
        ("policy", "show", "guangxi-2021-2023"),
        ("policy", "cite", "9"),
        ("policy", "cite", "rc_childcare_coverage", "--policy", "guangxi-2021-2023"),
        ("policy", "check", "chongzuo-2021-2023"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rule_book(words: tuple[str, ...], language: str) -> None:
    assert len(done(*words, "--lang", language).stdout) > 40


def test_a_broken_policy_file_is_refused_with_all_its_faults(repository: Path) -> None:
    file = repository / "tests" / "broken" / "policy" / "several.toml"
    for words in (("check", file), ("show", file), ("cite", "9", "--policy", file)):
        lines = refused("policy", *words, "--lang", "en")
        assert len(lines) == 5
        assert all(line.startswith(f"{file}: ") for line in lines)


def test_schema_is_a_schema() -> None:
    schema = json.loads(done("schema").stdout)
    jsonschema.validators.validator_for(schema).check_schema(schema)


def test_version_and_help() -> None:
    assert __version__ in done("--version").stdout
    for name, command in main.commands.items():
        assert done(name, "--help").stdout.startswith("Usage: ")
        assert command.help


# -------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("command", ["assess", "map", "gaps", "comply"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as-of", "2023-02-30"], "--as-of 2023-02-30: is not a day. Write 2023-12-31."),
        (["--as-of", "2020-12-31"], "as_of 2020-12-31: is before the first day 2021-01-01"),
        (["--set", "min_places"], "--set min_places: there is no equals sign"),
        (["--set", "min_place=1"], "min_place = 1: there is no such policy value"),
        (["--set", "min_places=-1"], "min_places = -1: cannot be the"),
        (["--policy", "nowhere"], "nowhere: there is no such policy"),
        (["--format", "csv,pdf"], "--format csv,pdf: unknown format pdf"),
        (["--format", ""], "--format : unknown format"),
        (["--json", "."], "--json .: is no file"),
        (["--json", ""], "--json: is no file"),
    ],
)
def test_a_bad_option_is_refused_before_anything_is_written(
    small: Path, command: str, words: list[str], said: str
) -> None:
    before = digests(small)
    (line,) = refused(command, small, "--lang", "en", *words)
    assert line.startswith(said)
    assert digests(small) == before
    assert not (small / "maps").exists()


def test_a_refusal_speaks_chinese_unless_asked_otherwise(tmp_path: Path) -> None:
    assert refused("assess", tmp_path)[0].endswith("请指定含 study.toml 的文件夹。")
    assert refused("assess", tmp_path, "--lang", "en")[0].endswith("a study.toml.")
    assert refused("assess", "--lang", "en", tmp_path)[0].endswith("a study.toml.")


def test_each_problem_has_a_line_of_its_own(small: Path) -> None:
    file = small / "study.toml"
    text = file.read_text(encoding="utf-8").replace("policy =", "polic =")
    file.write_text(f'{text}homes = "h.gpkg"\n', encoding="utf-8")
    lines = refused("assess", small, "--lang", "en")
    assert [line.split(": ")[1] for line in lines] == [
        "[study] polic",
        "[layers] homes",
        "[study] policy",
    ]


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        ("facilities", "", "facilities.csv"),
        ("facilities", "甲,乙\n1,2\n", "facilities.csv"),
        ("facilities", FACILITIES.replace("F2", "F1"), "F1"),
        ("compounds", COMPOUNDS.replace("X2", "X1"), "X1"),
    ],
)
def test_a_bad_layer_is_refused(small: Path, table: str, text: str, said: str) -> None:
    (small / f"{table}.csv").write_text(text, encoding="utf-8")
    lines = refused("assess", small)
    assert any(said in line for line in lines)
    assert not (small / "maps").exists()


def test_an_encoding_and_a_crs_that_do_not_exist(tmp_path: Path) -> None:
    folder = study(tmp_path, facilities=FACILITIES)
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    for key, value in (("encoding", "gbkk"), ("crs", "EPSG:99999999"), ("sheet", "表9")):
        entry = f'facilities = {{ path = "facilities.csv", {key} = "{value}" }}'
        file.write_text(text.replace('facilities = "facilities.csv"', entry), encoding="utf-8")
        result = run("assess", folder, "--out", folder / "out")
        assert result.exit_code in {0, 2}, (key, result.output, result.exception)
        if key == "encoding":
            assert result.exit_code == 2
            assert value in result.stderr


def test_a_folder_that_cannot_be_made_is_refused_and_nothing_is_left(small: Path) -> None:
    (small / "maps").write_text("a file where the folder would be", encoding="utf-8")
    before = digests(small)
    for command in ("assess", "map", "gaps", "comply"):
        assert len(refused(command, small)) == 1
    assert digests(small) == before


def test_a_folder_that_may_not_be_written_is_refused(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    # The superuser may write anywhere, so the refusal itself is what stands in here.
    monkeypatch.setattr("geoplan.render.fileset.staging.mkdtemp", denied)
    folder = small / "maps"
    folder.mkdir()
    assert len(refused("assess", small)) == 1
    assert list(folder.iterdir()) == []


def test_no_file_system_of_ours_is_refused_even_to_the_superuser(small: Path) -> None:
    if not Path("/proc/self").is_dir():
        pytest.skip("no /proc here")
    (line,) = refused("assess", small, "--out", "/proc/self/maps-of-geoplan")
    assert "--out" in line


# -------------------------------------------------------------------------- what is written


def test_each_format_and_no_other(small: Path, tmp_path: Path) -> None:
    suffixes = {
        "csv": {".csv"},
        "xlsx": {".xlsx"},
        "geojson": {".geojson"},
        "gpkg": {".gpkg"},
        "html": {".html"},
        "CSV, html": {".csv", ".html"},
    }
    for formats, expected in suffixes.items():
        out = tmp_path / formats
        done("assess", small, "--out", out, "--format", formats, "--quiet")
        assert {path.suffix for path in out.iterdir()} == {*expected, ".json"}, formats


def test_json_on_stdout_is_pure_and_as_the_schema_says(repository: Path, tmp_path: Path) -> None:
    result = program("assess", repository, "--out", tmp_path, "--format", "csv", "--json", "-")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    jsonschema.validate(found, json.loads(done("schema").stdout))
    assert found["geoplan"] == __version__
    assert "不达标" in result.stderr  # what is for people stands beside it


def test_json_in_a_file_is_the_same_as_on_stdout(small: Path, tmp_path: Path) -> None:
    file = tmp_path / "结果" / "result.json"
    shown = done("assess", small, "--json", file).stdout
    assert "{" not in shown
    again = done("assess", small, "--json", "-").stdout
    assert file.read_text(encoding="utf-8") == again


def test_quiet_says_nothing(small: Path) -> None:
    for command, code in (("assess", 0), ("map", 0), ("gaps", 3), ("comply", 4)):
        result = done(command, small, "--quiet", code=code)
        assert result.output == ""


def test_two_runs_are_byte_identical(repository: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        out = tmp_path / name
        words = ("assess", repository, "--out", out, "--json", out / "result.json", "--quiet")
        found = program(*words, PYTHONHASHSEED="1" if name == "one" else "2")
        assert found.returncode == 0, found.stderr
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert len(one) > 10
    assert [name for name in one if one[name] != two.get(name)] == []


def test_files_of_others_in_the_folder_stay(small: Path) -> None:
    (small / "maps").mkdir()
    (small / "maps" / "notes.txt").write_text("mine", encoding="utf-8")
    done("assess", small)
    assert (small / "maps" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert not [path for path in (small / "maps").iterdir() if path.name.startswith(".")]


def test_the_manifest_lists_the_run_with_its_inputs(small: Path) -> None:
    done("assess", small, "--set", "elder_rate_existing=20", "--json", small / "result.json")
    found = json.loads((small / "maps" / "manifest.json").read_text(encoding="utf-8"))
    files = {each["path"]: each["sha256"] for each in found["files"]}
    there = digests(small / "maps")
    del there["manifest.json"]
    assert files == {**there, "../result.json": digests(small)["result.json"]}
    assert (found["geoplan"], found["command"]) == (__version__, "assess")
    assert found["options"]["set"] == {"elder_rate_existing": "20"}
    inputs = {each["name"]: each for each in found["inputs"]}
    assert {"study", "policy", "compounds", "facilities"} <= set(inputs)
    for name in ("study", "compounds", "facilities"):
        assert inputs[name]["sha256"] == digests(small)[inputs[name]["path"]]


def test_commands_keep_their_sets_and_data_that_changed_takes_the_old_one_away(
    small: Path,
) -> None:
    done("assess", small)
    done("gaps", small, code=3)
    done("assess", small, "--format", "csv")
    assert (small / "maps" / "map.html").is_file()
    (small / "study.toml").write_bytes((small / "study.toml").read_bytes() + b"\n")
    done("assess", small, "--format", "csv")
    left = {path.name for path in (small / "maps").iterdir()}
    assert "map.html" not in left
    assert not {path for path in left if path.startswith("gaps.") and path != "gaps.csv"}


def test_nothing_is_printed_of_a_set_that_did_not_come_to_stand(small: Path) -> None:
    done("assess", small)
    before = digests(small / "maps")
    (small / "maps" / "map.html").unlink()
    (small / "maps" / "map.html").mkdir()
    result = run("assess", small, "--set", "min_places=0", "--json", "-")
    assert result.exit_code == 2
    assert result.stdout == ""
    del before["map.html"]
    assert digests(small / "maps") == before


def test_a_switch_that_was_killed_is_ended_by_the_next_command_even_a_refused_one(
    small: Path,
) -> None:
    left = small / "maps" / ".geoplan-new-dead"
    (left / "files").mkdir(parents=True)
    (left / "files" / "a.csv").write_bytes(b"new")
    step = {"target": "a.csv", "new": f"{left.name}/files/a.csv", "kept": "", "had": False}
    (left / "forward.json").write_text(json.dumps([step]), encoding="utf-8")
    (small / "study.toml").write_text("[study", encoding="utf-8")
    refused("gaps", small)
    assert digests(small / "maps") == {"a.csv": hashlib.sha256(b"new").hexdigest()}


def test_json_goes_into_a_pipe(small: Path, tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    done("assess", small, "--json", pipe)
    said, _ = reader.communicate(timeout=600)
    assert json.loads(said)["geoplan"] == __version__
    assert pipe.is_fifo()


# ---------------------------------------------------------------------- options that change


def test_values_set_on_the_command_line_are_printed(small: Path) -> None:
    found = document("assess", small, "--set", "elder_rate_existing=20", "--set", "min_places=0")
    assert found["policy"]["overrides"]["elder_rate_existing"] == 20
    assert found["policy"]["values"]["elder_rate_existing"] == 20
    failed = {
        (unit["unit_id"], unit["kind"]) for unit in found["units"] if unit["verdict"] == "FAIL"
    }
    assert ("X1", "elder") in failed


def test_another_policy_by_id_and_by_file(small: Path, repository: Path) -> None:
    assert document("assess", small)["policy"]["id"] == "chongzuo-2021-2023"
    other = document("assess", small, "--policy", "guangxi-2021-2023")
    assert other["policy"]["values"]["elder_rate_new"] == 20
    library = repository / "geoplan" / "policy" / "library" / "guangxi-2021-2023.toml"
    by_file = document("assess", small, "--policy", library)
    assert by_file["policy"]["sha256"] == other["policy"]["sha256"]


def test_another_day(small: Path) -> None:
    assert document("assess", small, "--as-of", "2022-06-30")["as_of"] == "2022-06-30"
    late = document("assess", small, "--as-of", "2024-06-30")
    assert "AFTER_PERIOD" in {remark["code"] for remark in late["remarks"]}


def test_both_languages(small: Path) -> None:
    csv = ("--format", "csv")
    assert "每百户面积" in done("assess", small, *csv).stdout
    english = done("assess", small, *csv, "--lang", "en").stdout
    assert "area" in english
    assert "达标" not in english
    file = small / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("as_of", 'language = "en"\nas_of'), encoding="utf-8")
    assert done("assess", small, *csv).stdout == english
    assert "每百户面积" in done("assess", small, *csv, "--lang", "zh").stdout


# ------------------------------------------------------------------------ where it is run


def test_the_study_is_the_current_folder_unless_named(small: Path, tmp_path: Path) -> None:
    expected = done("assess", small, "--json", "-", "--out", tmp_path / "out").stdout
    for words, cwd in (
        ((), small),
        ((".",), small),
        (("study.toml",), small),
        ((small.name,), small.parent),
        ((f"{small.name}/study.toml",), small.parent),
        ((small / "study.toml",), Path("/")),
    ):
        result = program("assess", *words, "--format", "csv", "--json", "-", cwd=cwd)
        assert result.returncode == 0, result.stderr
        assert result.stdout == expected
        assert (small / "maps" / "units.csv").is_file()
        shutil.rmtree(small / "maps")


def test_out_is_relative_to_where_one_stands(small: Path, tmp_path: Path) -> None:
    result = program("map", small, "--out", "输出 out", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "输出 out" / "map.html").is_file()
    assert not (small / "maps").exists()


def test_a_terminal_that_knows_no_chinese_is_no_crash(small: Path) -> None:
    result = program("assess", small, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert result.returncode == 0, result.stderr


def test_help_is_quick() -> None:
    program("--help")
    before = os.times()
    assert program("--help").returncode == 0
    after = os.times()
    worked = after.children_user + after.children_system
    worked -= before.children_user + before.children_system
    assert worked < 1.5 * slowness()


# ----------------------------------------------------------------------- studies with little


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"facilities": FACILITIES},
        {"facilities": FACILITIES.splitlines(keepends=True)[0]},
        {"compounds": COMPOUNDS},
        {"compounds": COMPOUNDS.splitlines(keepends=True)[0], "facilities": FACILITIES},
        {"projects": PROJECTS},
    ],
)
def test_a_study_with_little_in_it(tmp_path: Path, tables: Mapping[str, str]) -> None:
    folder = study(tmp_path, **tables)
    found = document("assess", folder)
    jsonschema.validate(found, json.loads(done("schema").stdout))
    assert all(each["verdict"] in {"NA", "UNKNOWN", "FAIL"} for each in found["indicators"])
    assert run("gaps", folder).exit_code in {3, 4}
    assert run("comply", folder).exit_code in {0, 4}
    done("map", folder)


def test_tables_without_geometry_are_judged_by_what_they_declare(small: Path) -> None:
    units = document("assess", small)["units"]
    assert {(unit["unit_id"], unit["kind"], unit["verdict"]) for unit in units} >= {
        ("X1", "elder", "PASS"),
        ("X1", "childcare", "PASS"),
        ("X2", "elder", "PASS"),
        ("X2", "childcare", "FAIL"),
    }
