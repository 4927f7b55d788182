"""study.toml: what is understood, and every fault a planner can write."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from geoplan.errors import Problem, StudyError
from geoplan.study import Study, read_study

CHINESE = re.compile(r"[\u4e00-\u9fff]")
HEAD = """
[study]
name = "小县"
policy = "chongzuo-2021-2023"
as_of = 2023-12-31
"""
WHOLE = f"""{HEAD}
[layers]
facilities = "data/facilities.csv"
"""


def write(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "facilities.csv").write_text("设施编号,设施类型\n", encoding="utf-8")
    (folder / "study.toml").write_bytes(text.encode(encoding))
    return folder


def refused(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(StudyError) as caught:
        read_study(folder)
    for problem in caught.value.problems:
        assert CHINESE.search(problem.what.zh + problem.remedy.zh)
        assert not CHINESE.search(re.sub(r'"[^"]*"', "", problem.remedy.en))
        assert problem.remedy.en.endswith(".")
    return caught.value.problems


# ----------------------------------------------------------------------------- understood


def whole(study: Study) -> tuple[object, ...]:
    return study.name, study.policy, study.as_of, study.layers["facilities"].path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_study_is_read_however_it_was_saved(tmp_path: Path, encoding: str, newline: str) -> None:
    folder = write(tmp_path, WHOLE.replace("\n", newline), encoding=encoding)
    study = read_study(folder)
    assert whole(study) == (
        "小县",
        "chongzuo-2021-2023",
        date(2023, 12, 31),
        Path("data/facilities.csv"),
    )
    assert (study.crs, study.period_start, study.language, study.overrides) == (
        None,
        None,
        "zh",
        {},
    )
    assert whole(read_study(folder / "study.toml")) == whole(study)


def test_a_folder_and_file_with_a_chinese_name(tmp_path: Path) -> None:
    folder = tmp_path / "小县 研究"
    folder.mkdir()
    assert read_study(write(folder, WHOLE)).folder == folder
    (folder / "另一.toml").write_text(WHOLE, encoding="utf-8")
    assert read_study(folder / "另一.toml").folder == folder


def test_a_layer_may_say_how_it_is_read(tmp_path: Path) -> None:
    entry = (
        'facilities = { path = "data/facilities.csv", crs = "GCJ-02", encoding = "gb18030", '
        'sheet = "表1", layer = "点", columns = { floor_area_m2 = "面积(合计)" } }'
    )
    file = read_study(write(tmp_path, f"{HEAD}[layers]\n{entry}\n")).layers["facilities"]
    assert (file.crs, file.encoding, file.sheet, file.sublayer) == (
        "GCJ-02",
        "gb18030",
        "表1",
        "点",
    )
    assert file.columns == {"floor_area_m2": "面积(合计)"}


@pytest.mark.parametrize("path", [r"data\facilities.csv", r".\data\facilities.csv"])
def test_windows_paths_in_single_quotes_are_understood(tmp_path: Path, path: str) -> None:
    study = read_study(write(tmp_path, f"{HEAD}[layers]\nfacilities = '{path}'\n"))
    assert study.layers["facilities"].path == Path("data/facilities.csv")


def test_the_command_line_beats_the_file(tmp_path: Path) -> None:
    folder = write(
        tmp_path, f"{WHOLE}[policy_values]\npersons_per_household = 3.0\nmin_places = 1\n"
    )
    study = read_study(
        folder, as_of=date(2022, 6, 30), policy="guangxi-2021-2023", overrides={"min_places": "5"}
    )
    assert (study.as_of, study.policy) == (date(2022, 6, 30), "guangxi-2021-2023")
    assert study.overrides == {"persons_per_household": Decimal("3.0"), "min_places": "5"}


def test_what_the_command_line_says_may_be_absent_from_the_file(tmp_path: Path) -> None:
    folder = write(tmp_path, '[study]\nname = "小县"\n')
    study = read_study(folder, as_of=date(2022, 6, 30), policy="guangxi-2021-2023")
    assert study.layers == {}


def test_numbers_of_policy_values_stay_as_written(tmp_path: Path) -> None:
    long = "2.8700000000000000001"
    folder = write(tmp_path, f"{WHOLE}[policy_values]\npersons_per_household = {long}\n")
    assert str(read_study(folder).overrides["persons_per_household"]) == long


def test_a_policy_file_is_looked_for_beside_the_study(tmp_path: Path) -> None:
    folder = write(tmp_path, WHOLE.replace("chongzuo-2021-2023", r"rules/own.toml"))
    assert Path(read_study(folder).policy) == folder / "rules" / "own.toml"
    assert read_study(folder, policy="own.toml").policy == "own.toml"


# -------------------------------------------------------------------------------- refused

FAULTS = {
    "unknown section": (f"{WHOLE}[layer]\n", "[layer]", "nearest known key is layers"),
    "unknown key": (WHOLE.replace("name =", "nmae ="), "[study] nmae", "nearest known key is name"),
    "unknown layer": (f'{WHOLE}compund = "a.shp"\n', "[layers] compund", "is compounds"),
    "no such day": (WHOLE.replace("2023-12-31", '"2023-13-01"'), "[study] as_of", "is not a day"),
    "day as words": (WHOLE.replace("2023-12-31", '"2023年底"'), "[study] as_of", "2023-12-31"),
    "day as a list": (WHOLE.replace("2023-12-31", "[2023, 12, 31]"), "[study] as_of", "not a day"),
    "period start": (f'{HEAD}period_start = "then"\n', "[study] period_start", "is not a day"),
    "no name": (WHOLE.replace('name = "小县"\n', ""), "[study] name", "is missing"),
    "empty name": (WHOLE.replace('"小县"', '" "'), "[study] name", "is not a text"),
    "no policy": (WHOLE.replace("policy = ", "# "), "[study] policy", "is missing"),
    "number for a policy": (WHOLE.replace('"chongzuo-2021-2023"', "2021"), "[study] policy", "2021"),
    "no day": (WHOLE.replace("as_of = ", "# "), "[study] as_of", "is missing"),
    "number for a crs": (f"{HEAD}crs = 4545\n", "[study] crs", "4545 is not a text"),
    "language": (f'{HEAD}language = "fr"\n', "[study] language", '"zh" or "en"'),
    "language as a list": (f'{HEAD}language = ["zh"]\n', "[study] language", '"zh" or "en"'),
    "layer is a number": (f"{HEAD}[layers]\nhomes = 5\n", "[layers] homes", "names no file"),
    "layer is empty": (f'{HEAD}[layers]\nhomes = ""\n', "[layers] homes", "names no file"),
    "layer is a list": (f'{HEAD}[layers]\nhomes = ["a"]\n', "[layers] homes", "names no file"),
    "layer without a path": (
        f'{HEAD}[layers]\nhomes = {{ crs = "EPSG:4545" }}\n', "[layers] homes", "names no file"
    ),
    "path is a number": (f"{HEAD}[layers]\nhomes = {{ path = 5 }}\n", "[layers] homes", "no file"),
    "no such file": (f'{HEAD}[layers]\nhomes = "h.gpkg"\n', "[layers] homes", "no file h.gpkg"),
    "backslashes in double quotes": (
        f'{HEAD}[layers]\nhomes = "data\\facilities.csv"\n', "[layers] homes", "forward slashes"
    ),
    "key of a layer": (
        f'{HEAD}[layers]\nhomes = {{ path = "data/facilities.csv", csr = "EPSG:4545" }}\n',
        "[layers] homes.csr", "nearest known key is crs",
    ),
    "crs is a number": (
        f'{HEAD}[layers]\nhomes = {{ path = "data/facilities.csv", crs = 4545 }}\n',
        "[layers] homes.crs", "4545 is not a text",
    ),
    "encoding is a list": (
        f'{HEAD}[layers]\nhomes = {{ path = "data/facilities.csv", encoding = ["gbk"] }}\n',
        "[layers] homes.encoding", "is not a text",
    ),
    "sheet is a number": (
        f'{HEAD}[layers]\nhomes = {{ path = "data/facilities.csv", sheet = 1 }}\n',
        "[layers] homes.sheet", "1 is not a text",
    ),
    "columns is a text": (
        f'{HEAD}[layers]\nhomes = {{ path = "data/facilities.csv", columns = "x" }}\n',
        "[layers] homes.columns", "does not name columns",
    ),
    "columns of numbers": (
        f'{HEAD}[layers]\nhomes = {{ path = "data/facilities.csv", columns = {{ name = 3 }} }}\n',
        "[layers] homes.columns", "does not name columns",
    ),
    "policy values are a text": (
        f'policy_values = "none"\n{WHOLE}', "policy_values", "must be a section"
    ),
    "layers are a list": (f"layers = []\n{HEAD}", "layers", "must be a section"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_gives_one_problem_with_place_and_remedy(tmp_path: Path, name: str) -> None:
    text, place, said = FAULTS[name]
    problems = refused(write(tmp_path, text))
    (problem,) = [
        each for each in problems if not each.say("en").endswith('name = "崇左市".')
    ] or problems
    assert problem.where == f"study.toml: {place}"
    assert said in problem.say("en"), problem.say("en")


def test_a_study_section_of_the_wrong_kind(tmp_path: Path) -> None:
    problems = refused(write(tmp_path, "study = 5\n"))
    assert problems[0].where == "study.toml: study"


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    text = (
        f'{HEAD.replace("as_of", "asof")}crs = 4545\n[layers]\nhomes = "h.gpkg"\nroad = "r.osm"\n'
    )
    places = {
        problem.where.removeprefix("study.toml: ") for problem in refused(write(tmp_path, text))
    }
    assert places == {
        "[study] asof",
        "[study] as_of",
        "[study] crs",
        "[layers] homes",
        "[layers] road",
    }


@pytest.mark.parametrize(("line", "fault"), [(3, "name = =5"), (3, r'name = "a\d"')])
def test_a_syntax_error_is_told_with_its_line(tmp_path: Path, line: int, fault: str) -> None:
    (problem,) = refused(write(tmp_path, WHOLE.replace('name = "小县"', fault)))
    assert f"line {line}, column" in problem.say("en")
    assert f"第 {line} 行" in problem.say("zh")
    assert "forward slashes" in problem.say("en")


def test_a_file_in_no_known_encoding(tmp_path: Path) -> None:
    (problem,) = refused(write(tmp_path, WHOLE, encoding="utf-16"))
    assert "UTF-8" in problem.say("en")


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", locked)
    (problem,) = refused(write(tmp_path, WHOLE))
    assert "cannot be opened (Permission denied)" in problem.say("en")


@pytest.mark.parametrize("name", ["", "not there", "not there/study.toml", "a.toml"])
def test_no_study_there(tmp_path: Path, name: str) -> None:
    (problem,) = refused(tmp_path / name)
    assert "no study file" in problem.say("en")


def test_aliases_are_names_to_names(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, f'{WHOLE}[aliases]\n"太平镇" = "太平街道"\n'))
    assert dict(study.aliases) == {"太平镇": "太平街道"}
    assert dict(read_study(write(tmp_path, WHOLE)).aliases) == {}


def test_an_alias_of_no_name_is_refused(tmp_path: Path) -> None:
    told = refused(write(tmp_path, f'{WHOLE}[aliases]\n"甲" = 5\n"乙" = " "\n"丙" = "丁"\n'))
    assert [each.where for each in told] == ["study.toml: [aliases] 甲", "study.toml: [aliases] 乙"]
    (problem,) = refused(write(tmp_path, f'aliases = "none"\n{WHOLE}'))
    assert "section" in problem.say("en")
