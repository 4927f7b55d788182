"""Broken policy files, one a fault: refused with where, what and what to do, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from geoplan.errors import PolicyError, Problem
from geoplan.policy.model import Target
from geoplan.policy.read import read_policy

FOLDER = Path(__file__).parents[1] / "broken" / "policy"
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# of each file: where in it, and words of what is found there and of the remedy
FAULTS: Mapping[str, tuple[str, str]] = {
    "uncited_parameter": ("[[parameter]] elder_rate_existing", "no clause is cited"),
    "uncited_indicator": ("[[indicator]] nursing_bed_share", "no clause is cited"),
    "uncited_task": ("[[task]] 1", "no clause is cited"),
    "unknown_clause": ("[[rule]] area_per_100_households clause", "no clause 二.*nearest is 一"),
    "unknown_key": ("[[parameter]] elder_rate_existing units", "unknown key.*nearest.* unit"),
    "unknown_given": ("[[rule]] area_per_100_households given", "nearest.* elder_rate_existing"),
    "unused_parameter": ("[[parameter]] elder_rate_existing", "no indicator or rule uses it"),
    "gap_in_dates": (
        "[[parameter]] elder_rate_existing values",
        "no value from 2022-01-01 to 2022-06-30",
    ),
    "overlap": ("[[parameter]] elder_rate_existing values", "2 values begin on 2022-01-01"),
    "no_values": ("[[parameter]] elder_rate_existing values", "no value"),
    "unknown_measure": ("[[indicator]] nursing_bed_share measure", "nearest.*nursing_bed_share"),
    "unknown_role": ("[[clause]] 一 role", "unknown key centre_rule.*nearest.*center_rule"),
    "role_twice": ("[[clause]] role coverage_goal", "2 sentences have it"),
    "role_missing": ("[[indicator]] own_centers measure", "no clause has the role center_rule"),
    "compared_with_nothing": (
        "[policy] compare_with", "no such policy guangxi-2021-2032.*guangxi-2021-2023"
    ),
    "unknown_unit": ("[[indicator]] nursing_bed_share unit", "unknown key percent"),
    "bad_op": ("[[indicator]] nursing_bed_share target", 'malformed.*op = ">="'),
    "op_is_a_list": ("[[indicator]] nursing_bed_share target", "malformed"),
    "target_without_value": ("[[indicator]] nursing_bed_share target", "malformed"),
    "target_is_a_number": ("[[indicator]] nursing_bed_share target", "malformed"),
    "not_a_number": ("[[indicator]] nursing_bed_share target", "malformed"),
    "negative_value": ("[[parameter]] elder_rate_existing values", "-10 is not a number.*at least 0"),
    "truth_for_a_number": ("[[parameter]] elder_rate_existing values", "True is not a number"),
    "moment_for_a_day": ("[[parameter]] elder_rate_existing values", "08:00:00 is not a day"),
    "text_for_a_day": ("[policy] since", "is not a day.*2021-01-01"),
    "ends_before_it_begins": ("[policy] until", "2021-12-31 is before the first, 2022-01-01"),
    "reported_without_reason": ("[[indicator]] nursing_bed_share reason", "does not say why"),
    "unknown_task": ("[[indicator]] nursing_bed_share task", "no \\[\\[task\\]\\] 8"),
    "unknown_unit_of_value": (
        "[[parameter]] elder_rate_existing unit", "nearest.* m2_per_100_households"
    ),
    "more_than_the_whole": ("[[parameter]] elder_rate_existing values", "101.* at most 100"),
    "value_too_long": ("[[parameter]] elder_rate_existing values", "at most 15 digits"),
    "target_is_a_word": ("[[indicator]] nursing_bed_share target", "过半 is malformed.*≧53"),
    "missing_key": ("[policy]", "issuer is missing"),
    "missing_policy": ("[policy]", "section is missing"),
    "policy_is_a_list": ("[policy]", "section is missing"),
    "clause_is_not_a_table": ("clause", "no table of rows.*\\[\\[clause\\]\\]"),
    "clause_is_a_list_of_texts": ("clause", "no table of rows"),
    "values_is_a_number": ("[[parameter]] elder_rate_existing values", "10 is not a list"),
    "values_entry_is_a_number": ("[[parameter]] elder_rate_existing values", "10 is malformed"),
    "value_is_a_table": ("[[parameter]] elder_rate_existing values", "is not a number"),
    "number_for_a_text": ("[[clause]] 一 text", "10 is not"),
    "number_for_an_id": ("[[clause]] 1 id", "1 is not a name"),
    "list_for_an_id": ("[[clause]] ['一'] id", "is not a name"),
    "given_is_a_text": ("[[indicator]] nursing_bed_share given", "is not a list of texts"),
    "lead_of_numbers": ("[[indicator]] nursing_bed_share lead", "is not a list of texts"),
    "task_number_is_a_text": ("[[task]] 一 number", "is not a whole number"),
    "unknown_kind": ("[[parameter]] elder_rate_existing kind", "nearest.* number"),
    "choice_not_offered": ("[[parameter]] elder_rate_existing values", "c is none of its choices"),
    "choice_without_choices": ("[[parameter]] elder_rate_existing choices", "no choices"),
    "optional_is_a_text": ("[[parameter]] elder_rate_existing optional", "'no' is not true or false"),
    "duplicate_clause": ("[[clause]] 一", "occurs 2 times"),
    "duplicate_parameter": ("[[parameter]] elder_rate_existing", "occurs 2 times"),
    "duplicate_indicator": ("[[indicator]] nursing_bed_share", "occurs 2 times"),
    "duplicate_task": ("[[task]] 1", "occurs 2 times"),
    "unknown_targets": ("[policy] targets", "unknown key regional.*nearest.* region"),
    "syntax": ("", "line 34, column 9 is not valid TOML"),
    "no_such_day": ("", "line 8, column"),
    "gbk": ("", "not saved as UTF-8.*Save it as UTF-8"),
    "extends_nothing": ("[policy] extends", "no such policy chongzuo-2021\\b.*chongzuo-2021-2023"),
    "extends_no_file": ("[policy] extends", "absent.toml"),
    "extends_itself": ("[policy] extends", "rests on this file itself"),
    "extends_in_a_circle": ("[policy] extends", "rests on this file itself"),
    "extends_broken": ("[[indicator]] nursing_bed_share target", "malformed"),
}  # fmt: skip


def refused(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        read_policy(path)
    return caught.value.problems


def test_each_broken_file_has_its_fault_named_here() -> None:
    others = {"sound", "several", "unknown_section"}
    assert {path.stem for path in FOLDER.glob("*.toml")} == {*FAULTS, *others}


def test_the_file_that_the_others_are_made_of_is_sound() -> None:
    policy = read_policy(FOLDER / "sound.toml")
    assert policy.parameters["elder_rate_existing"].values[0].value == Decimal(10)
    assert policy.indicators[0].target is not None
    assert policy.indicators[0].target.value == Decimal("53.5")


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_gives_one_problem_with_place_and_remedy(name: str) -> None:
    (problem,) = refused(FOLDER / f"{name}.toml")
    place, said = FAULTS[name]
    assert problem.where.endswith(f".toml: {place}" if place else f"{name}.toml")
    assert re.search(said, problem.say("en")), problem.say("en")


@pytest.mark.parametrize("name", [*FAULTS, "several", "unknown_section"])
def test_each_message_is_whole_in_both_languages(name: str) -> None:
    for problem in refused(FOLDER / f"{name}.toml"):
        assert CHINESE.search(problem.what.zh)
        assert problem.what.en
        assert CHINESE.search(problem.remedy.zh)
        assert re.search("[a-z]{3}", problem.remedy.en)
        assert problem.remedy.zh.endswith("。")
        assert problem.remedy.en.endswith(".")
        assert not problem.what.zh.endswith("。")
        assert not problem.what.en.endswith(".")


def test_several_faults_are_told_at_once() -> None:
    places = {
        problem.where.rpartition("several.toml: ")[2]
        for problem in refused(FOLDER / "several.toml")
    }
    assert places == {
        "[policy] isuer",
        "[[parameter]] elder_rate_existing values",
        "[[parameter]] elder_rate_existing",
        "[[indicator]] nursing_bed_share target",
        "[[indicator]] nursing_bed_share unit",
    }


def test_a_misspelt_table_names_the_nearest() -> None:
    problems = refused(FOLDER / "unknown_section.toml")
    assert "nearest known key is rule" in problems[0].say("en")


def test_a_file_that_is_not_there() -> None:
    (problem,) = refused(FOLDER / "not_there.toml")
    assert "there is no such policy" in problem.say("en")
    assert "chongzuo-2021-2023" in problem.remedy.zh


@pytest.mark.parametrize("reference", ["", ".", "..", "library", "chongzuo-2021-2023.tml", "a/b"])
def test_what_is_no_policy_at_all(reference: str) -> None:
    with pytest.raises(PolicyError, match="no such policy"):
        read_policy(reference)


def test_a_folder_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(PolicyError, match="no such policy"):
        read_policy(tmp_path / "folder.toml")


def test_numbers_are_exact_however_they_are_written(tmp_path: Path) -> None:
    text = (FOLDER / "sound.toml").read_text(encoding="utf-8")
    for written in ("0.1", '"0.1"', "1e-1"):
        file = tmp_path / "policy.toml"
        file.write_text(text.replace("value = 10", f"value = {written}"), encoding="utf-8")
        assert read_policy(file).parameters["elder_rate_existing"].values[0].value == Decimal("0.1")


def test_a_target_may_be_written_as_the_document_prints_it(tmp_path: Path) -> None:
    text = (FOLDER / "sound.toml").read_text(encoding="utf-8")
    for written, op, value in (("≧53", ">=", 53), ("超过53", ">", 53), ("53", ">=", 53)):
        file = tmp_path / "policy.toml"
        file.write_text(text.replace('{ op = ">=", value = "53.5" }', f'"{written}"'), "utf-8")
        target = read_policy(file).indicators[0].target
        assert target == Target(op, Decimal(value)), written


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "policy.TOML"
    file.write_bytes(b"")
    monkeypatch.setattr(Path, "read_bytes", locked)
    with pytest.raises(PolicyError, match="cannot be opened \\(Permission denied\\)"):
        read_policy(file)


def test_a_file_from_notepad_is_read(tmp_path: Path) -> None:
    text = (FOLDER / "sound.toml").read_text(encoding="utf-8")
    file = tmp_path / "政策.toml"
    file.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_policy(file).id == "small"


@pytest.mark.parametrize("extends", ["chongzuo-2021-2023", "beside.toml"])
def test_a_file_may_change_a_few_numbers_of_another(tmp_path: Path, extends: str) -> None:
    base = read_policy("chongzuo-2021-2023")
    text = (FOLDER / "sound.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[[clause]]")
    own = rest.partition("[[rule]]")[0]
    (tmp_path / "beside.toml").write_text(text, encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(
        f'{head}extends = "{extends}"\n[[clause]]{own.replace("10 }", "11 }")}', "utf-8"
    )
    policy = read_policy(file)
    assert policy.parameters["elder_rate_existing"].values[0].value == Decimal(11)
    if extends == base.id:
        assert (
            policy.parameters["childcare_rate_existing"]
            == base.parameters["childcare_rate_existing"]
        )
        assert policy.indicators == base.indicators
        assert policy.tasks == base.tasks
    else:
        assert [each.id for each in policy.indicators] == ["nursing_bed_share"]
