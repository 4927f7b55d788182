"""``geoplan site`` on the sample: the programme proven, the next sites, and what is refused."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from geoplan.cli import main


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["site", *words])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def written(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("programme")
    code, said = run(
        str(repository), "--programme", "--years", "2024-2026", "--time-limit", "30",
        "--out", str(out), "--json", str(out / "programme.json"),
    )  # fmt: skip
    assert code == 0
    assert "项目储备" in said
    return out


@pytest.fixture(scope="module")
def document(written: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((written / "programme.json").read_text(encoding="utf-8"))
    return found


def test_the_programme_closes_every_closable_gap_of_the_sample(
    repository: Path, written: Path, document: dict[str, Any]
) -> None:
    assert all(each["closed_in"] for each in document["gaps"])
    # and the ordinary workflow finds the indicators where the programme says they will be
    result = CliRunner().invoke(
        main,
        ["compare", str(repository), "--programme", str(written / "programme.json"),
         "--json", "-", "--quiet", "--out", str(written / "compared")],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    compared = json.loads(result.stdout)
    after = {each["id"]: each["after"] for each in compared["indicators"]}
    promised = {each["id"]: each["value"] for each in document["year_ends"][-1]["indicators"]}
    assert after == {key: promised[key] for key in after}
    assert after["jiedao_elder_center_coverage"] == 100
    assert not [
        each
        for each in compared["turned"]
        if each["before"] == "PASS" and each["after"] == "FAIL" and each["level"] != "project"
    ]


def test_the_numbers_of_the_programme_add_up(document: dict[str, Any]) -> None:
    for at, end in enumerate(document["year_ends"]):
        assert end["spent_yuan"] == sum(step["yuan_by_year"][at] for step in document["steps"])
    for step in document["steps"]:
        assert sum(each["m2"] for each in step["serves"]) <= step["floor_m2"] + 1e-9
    for gap in document["gaps"]:
        if gap["gap_m2"] is not None:
            given = sum(
                each["m2"]
                for step in document["steps"]
                for each in step["serves"]
                if (each["unit_id"], each["kind"]) == (gap["unit_id"], gap["kind"])
            )
            assert given >= gap["gap_m2"] - 1e-9
    reasons = {each["id"]: each["reason"] for each in document["left_out"]}
    assert reasons["V20"] == "BAD_LOCATION"
    assert reasons["V21"] == "TOO_SMALL"
    assert reasons["V27"] == "AREA_MISSING"
    assert reasons["P12"] == "DEVELOPER_OWES"


def test_the_tables_say_what_the_document_says(written: Path, document: dict[str, Any]) -> None:
    with (written / "programme.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step_id"] for row in rows] == [step["id"] for step in document["steps"]]
    assert [float(row["yuan"]) for row in rows] == [step["yuan"] for step in document["steps"]]
    book = openpyxl.load_workbook(written / "项目储备库.xlsx", read_only=True)
    assert book.sheetnames == ["项目储备库", "分年度", "逐项解决方案", "不纳入", "假定"]
    places = json.loads((written / "programme.geojson").read_text(encoding="utf-8"))
    assert all(each["geometry"]["type"] == "Point" for each in places["features"])


def test_the_next_sites_of_the_sample(repository: Path, tmp_path: Path) -> None:
    code, said = run(
        str(repository), "--kind", "childcare", "--sites", "2", "--k-best", "2",
        "--within", "500", "--out", str(tmp_path), "--json", str(tmp_path / "s.json"),
    )  # fmt: skip
    assert code == 0
    assert "已证明最优" in said
    found = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert found["status"] == "optimal"
    assert found["covered_after"] == found["objective"] == found["rescored_objective"]
    gained = sum(each["people"] for each in found["open"])
    assert found["covered_before"] + gained == found["covered_after"]
    assert len(found["open"]) == 2
    assert found["alternatives"][0]["objective"] <= found["objective"]
    assert (tmp_path / "sites.geojson").is_file()


@pytest.mark.parametrize("model", ["lscp", "p_median", "p_center"])
def test_every_model_answers(repository: Path, tmp_path: Path, model: str) -> None:
    code, _ = run(
        str(repository), "--model", model, "--within", "800", "--out", str(tmp_path), "--quiet"
    )
    assert code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--budget", "1万"), "只用于 --programme"),
        (("--programme", "--budget", "1万"), "1 个预算对 3 个年份"),
        (("--programme", "--years", "2020"), "不是 2023 年起的一段年份"),
        (("--programme", "--format", "docx"), "不写这种格式"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    repository: Path, words: tuple[str, ...], said: str
) -> None:
    code, told = run(str(repository), *words)
    assert code == 2
    assert said in told


def study_of(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    head = '[study]\nname = "试"\npolicy = "chongzuo-2021-2023"\nas_of = 2023-12-31\n\n'
    (folder / "study.toml").write_text(head + text, encoding="utf-8")
    return folder


def test_a_study_without_homes_or_sites_is_refused(repository: Path, tmp_path: Path) -> None:
    boundaries = (repository / "data" / "boundaries").as_posix()
    divisions = f'[layers]\ndivisions = "{boundaries}/divisions.gpkg"\n'
    code, said = run(str(study_of(tmp_path / "a", divisions)))
    assert code == 2
    assert "没有可用的住宅楼栋" in said
    homes = f'{divisions}homes = "{boundaries}/homes.gpkg"\n'
    code, said = run(str(study_of(tmp_path / "b", homes)))
    assert code == 2
    assert "没有可开设的点位" in said


def test_no_money_and_nothing_free_ends_with_five(repository: Path, tmp_path: Path) -> None:
    boundaries = (repository / "data" / "boundaries").as_posix()
    layers = (
        f'[layers]\ndivisions = "{boundaries}/divisions.gpkg"\n'
        f'communities = "{boundaries}/communities.gpkg"\n'
        f'compounds = "{boundaries}/compounds.gpkg"\n'
        '[programme]\ninstruments = ["build"]\nbudget = ["0", "0", "0"]\n'
    )
    code, _ = run(
        str(study_of(tmp_path / "c", layers)), "--programme", "--out", str(tmp_path / "o")
    )
    assert code == 5


@pytest.mark.parametrize("model", ["p_center", "mclp"])
def test_the_order_of_rows_changes_no_site(repository: Path, tmp_path: Path, model: str) -> None:
    answers = []
    for seed in (None, 1, 2):
        study = tmp_path / f"study{seed}"
        study.mkdir()
        shutil.copy(repository / "study.toml", study)
        shutil.copytree(repository / "data", study / "data")
        for file in (study / "data" / "facilities").glob("*.csv"):
            head, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
            if seed is not None:
                random.Random(seed).shuffle(rows)  # noqa: S311 - an order, no secret
            file.write_text(head + "".join(rows), encoding="utf-8")
        code, _ = run(
            str(study), "--kind", "childcare", "--model", model, "--sites", "3", "--within", "800",
            "--out", str(study / "out"), "--json", str(study / "s.json"), "--quiet",
        )  # fmt: skip
        assert code == 0
        found = json.loads((study / "s.json").read_text(encoding="utf-8"))
        answers.append((found["objective"], found["only"], sorted(e["id"] for e in found["open"])))
    assert answers[0] == answers[1] == answers[2]
