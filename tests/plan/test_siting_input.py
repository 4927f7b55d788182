"""Problems that cannot be used are refused with every fault; those without an answer say why."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from geoplan.cli import main
from geoplan.errors import DataError
from geoplan.plan.siting import build_problem, read_problem, solve_siting
from geoplan.plan.siting.bounds.clock import Clock
from tests.pace import Stopwatch, slowness

Told = dict[str, Any]
SOUND: Told = {"model": "p_median", "cost": [[0, 2], [None, 1]], "p": 1}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"model": "p_mean"}, "model"),
        ({"cost": [[0, -1], [1, 1]]}, "cost[0][1]"),
        ({"cost": [[0, float("nan")], [1, 1]]}, "cost[0][1]"),
        ({"cost": [[0, float("inf")], [1, 1]]}, "cost[0][1]"),
        ({"cost": [[0, 1], [1]]}, "cost[1]"),
        ({"cost": [[0, "far"], [1, 1]]}, "cost"),
        ({"cost": []}, "cost"),
        ({"cost": [[], []]}, "cost"),
        ({"p": 3}, "p"),
        ({"p": 0}, "p"),
        ({"p": 1.5}, "p"),
        ({"p": None}, "p"),
        ({"weights": [1]}, "weights"),
        ({"weights": [1, -1]}, "weights[1]"),
        ({"weights": [1, float("nan")]}, "weights[1]"),
        ({"fixed": [2]}, "fixed"),
        ({"fixed": [0, 1]}, "fixed"),
        ({"model": "mclp"}, "radius"),
        ({"model": "mclp", "radius": -1}, "radius"),
        ({"model": "mclp", "radius": 1, "p": None}, "p"),
        ({"model": "mclp", "radius": 1, "budget": 0}, "budget"),
        ({"model": "capacitated_p_median"}, "capacity"),
        ({"time_limit_s": -1}, "time_limit_s"),
        ({"k_best": 0}, "k_best"),
        ({"single_source": "yes"}, "single_source"),
        ({"costs": []}, "costs"),
        ({"cost": [1.0], "demand": [0], "candidate": [2], "shape": [2, 2]}, "candidate[0]"),
        ({"cost": [1.0], "demand": [0], "candidate": [1]}, "shape"),
        ({"cost": [1.0], "demand": [0, 1], "candidate": [1, 1], "shape": [2, 2]}, "demand"),
        ({"cost": [1, 2], "demand": [0, 0], "candidate": [1, 1], "shape": [2, 2]}, "cost"),
    ],
)
def test_a_fault_is_named(change: Told, where: str) -> None:
    with pytest.raises(DataError) as refused:
        build_problem({**SOUND, **change}, where="x.json")
    assert any(p.where.startswith(f"x.json: {where}") for p in refused.value.problems)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(DataError) as refused:
        build_problem({**SOUND, "p": 9, "weights": [1, -2], "fixed": [7], "radius": "near"})
    assert len(refused.value.problems) == 4


def test_no_json_is_refused(tmp_path: Path) -> None:
    for text in ("", "{", "[1]"):
        file = tmp_path / "problem.json"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(DataError):
            read_problem(file)
    with pytest.raises(DataError):
        read_problem(tmp_path / "nowhere.json")


def test_triplets_mean_the_same_as_a_matrix() -> None:
    triplets = {"demand": [1, 0, 0], "candidate": [1, 1, 0], "cost": [1, 2, 0], "shape": [2, 2]}
    dense = solve_siting(build_problem(SOUND))
    sparse = solve_siting(build_problem({**SOUND, **triplets}))
    assert (dense.open, dense.objective) == (sparse.open, sparse.objective) == ((1,), 3.0)


def test_a_point_nobody_reaches_is_named() -> None:
    answer = solve_siting(build_problem({**SOUND, "cost": [[0, 2], [None, None]]}))
    assert (answer.status, answer.uncoverable, answer.objective) == ("infeasible", (1,), None)


def test_the_smallest_radius_that_would_do_is_told_and_does() -> None:
    told = {"model": "lscp", "cost": [[3, 9], [9, 4.5]], "radius": 4}
    answer = solve_siting(build_problem(told))
    assert (answer.status, answer.uncoverable) == ("infeasible", (1,))
    assert answer.would_do == {"radius": 4.5}
    assert solve_siting(build_problem({**told, **answer.would_do})).open == (0, 1)


def test_the_smallest_number_of_sites_that_would_do_is_told_and_does() -> None:
    told = {"model": "p_center", "cost": [[1, None, None], [None, 2, None], [4, 3, None]], "p": 1}
    answer = solve_siting(build_problem(told))
    assert (answer.status, answer.would_do) == ("infeasible", {"p": 2})
    assert solve_siting(build_problem({**told, "p": 2})).objective == 3


def test_capacities_that_are_too_small_together_say_by_how_much() -> None:
    told = {"model": "cflp", "cost": [[1], [1]], "load": [3, 3], "capacity": [5]}
    assert solve_siting(build_problem(told)).would_do == {"capacity_short": 1}


def test_a_budget_of_nothing_opens_only_what_is_free_or_fixed() -> None:
    told = {
        "model": "mclp", "cost": [[0, 9, 9], [9, 0, 9], [9, 9, 0]], "radius": 1, "budget": 0,
        "site_cost": [5, 0, 5], "fixed": [2], "weights": [9, 1, 1],
    }  # fmt: skip
    answer = solve_siting(build_problem(told))
    assert (answer.status, answer.open, answer.objective) == ("optimal", (1, 2), 2)


def test_within_counts_a_cost_equal_to_the_radius() -> None:
    told = {"model": "mclp", "cost": [[0.3]], "radius": 0.3, "p": 1}
    assert solve_siting(build_problem(told)).objective == 1


def test_the_next_best_answers_are_different_and_sorted() -> None:
    told = {**SOUND, "cost": [[0, 2, 1, 5], [3, 1, 2, 5]], "weights": [1, 2], "k_best": 9}
    answer = solve_siting(build_problem(told))
    worths = [answer.objective, *(other.objective for other in answer.alternatives)]
    assert worths == [4, 5, 6, 15]
    assert len({answer.open, *(other.open for other in answer.alternatives)}) == 4


def written(tmp_path: Path, told: Told) -> Path:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "code"), [({}, 0), ({"p": 7}, 2), ({"cost": [[0, 1], [None, None]]}, 5)]
)
def test_the_command_ends_with_the_code_of_the_outcome(
    change: Told, code: int, tmp_path: Path
) -> None:
    file = written(tmp_path, {**SOUND, **change})
    done = CliRunner().invoke(main, ["site", "--problem", str(file), "--json", "-", "--quiet"])
    assert done.exit_code == code
    if code != 2:
        answer = json.loads(done.stdout)
        assert answer["status"] == ("optimal" if code == 0 else "infeasible")


def hard(seconds: float, model: str = "p_median") -> Told:
    rng = np.random.default_rng(5)
    points, sites = rng.uniform(0, 1000, (900, 2)), rng.uniform(0, 1000, (300, 2))
    metres = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)).round(1)
    return {
        "model": model, "cost": metres.tolist(), "p": 60, "time_limit_s": seconds,
        "capacity": [40] * 300, "load": [2] * 900, "single_source": True,
    }  # fmt: skip


@pytest.mark.parametrize("model", ["p_median", "capacitated_p_median", "p_center"])
def test_the_time_is_kept_and_the_bound_is_told(model: str) -> None:
    problem = build_problem(hard(2, model))
    watch = Stopwatch()
    answer = solve_siting(problem)
    assert watch.seconds < 2 + 1.5 * slowness()
    assert answer.status in {"optimal", "feasible", "unknown"}
    if answer.objective is not None and answer.bound is not None:
        assert answer.bound <= answer.objective


@pytest.fixture(autouse=True)
def _hears_ctrl_c() -> Iterator[None]:
    """Programs that are started in the background are deaf to Ctrl-C, and so are their children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def begun_search(file: Path) -> subprocess.Popen[str]:
    """The command at work on a problem, as a terminal would show it; it has begun to search."""
    command = ["site", "--problem", str(file), "--json", "-"]
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "import logging; logging.basicConfig(level=logging.INFO); "
        f"from geoplan.cli import main; main({command!r})"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    assert any("Ctrl-C" in line for line in running.stderr)
    return running


def endless() -> Told:
    """A cover that nobody proves in minutes."""
    rng = np.random.default_rng(1)
    points, sites = rng.uniform(0, 100, (3000, 2)), rng.uniform(0, 100, (400, 2))
    far = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)).round(1)
    demand, candidate = np.nonzero(far <= 12)
    return {
        "model": "lscp", "demand": demand.tolist(), "candidate": candidate.tolist(), "radius": 12,
        "cost": far[demand, candidate].tolist(), "shape": [3000, 400], "time_limit_s": 900,
    }  # fmt: skip


def test_ctrl_c_gives_the_best_so_far(tmp_path: Path) -> None:
    with begun_search(written(tmp_path, endless())) as running:
        running.send_signal(signal.SIGINT)
        told, _ = running.communicate(timeout=600)
    answer = json.loads(told)
    assert (running.returncode, answer["status"]) == (0, "feasible")
    assert 0 <= answer["bound"] <= answer["objective"] == answer["rescored_objective"]
    assert answer["objective"] == len(answer["open"])
    assert None not in answer["assignment"]
    assert answer["seconds"] < 600


MODELS: dict[str, Told] = {
    "lscp": {"radius": 300.0},
    "mclp": {"radius": 200.0, "p": 5},
    "p_median": {"p": 5},
    "p_center": {"p": 5},
    "cflp": {"site_cost": [500.0] * 40},
    "capacitated_p_median": {"p": 8, "capacity": [40] * 40, "load": [2] * 100},
}


@pytest.mark.parametrize("model", MODELS)
def test_ctrl_c_at_any_look_at_the_clock_gives_an_answer(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    points, sites = rng.uniform(0, 1000, (100, 2)), rng.uniform(0, 1000, (40, 2))
    metres = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)).round(1)
    problem = build_problem({"model": model, "cost": metres.tolist(), **MODELS[model]})
    looks, pressed_at = 0, 0

    def left_s(clock: Clock) -> float:
        nonlocal looks
        looks += 1
        if looks == pressed_at:
            signal.raise_signal(signal.SIGINT)
        return 0.0 if clock.stopped else 60.0

    monkeypatch.setattr(Clock, "left_s", property(left_s))
    best = solve_siting(problem)
    assert best.status == "optimal"
    for pressed_at in range(1, looks, 1 + looks // 5):
        looks = 0
        answer = solve_siting(problem)
        assert looks >= pressed_at
        assert answer.objective is not None or answer.status == "unknown"
        if best.status == answer.status:
            assert answer.objective == best.objective
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_before_the_search_ends_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_file: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("geoplan.workflow.site_problem", interrupted)
    done = CliRunner().invoke(main, ["site", "--problem", str(written(tmp_path, SOUND))])
    assert (done.exit_code, done.stdout) == (130, "")
    assert "Ctrl-C" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_plays_no_part_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, {**SOUND, "radius": 5, "capacity": [1, 1]})
    done = CliRunner().invoke(main, ["site", "--problem", str(file), "--lang", "en"])
    assert "plays no part in this model: capacity, radius" in done.stdout


SPARSE: Told = {"cost": [1.0], "demand": [0], "candidate": [0], "shape": [1, 1]}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"cost": [None, [1, 2]]}, "cost[0]"),
        ({"cost": [[1, 2], None]}, "cost[1]"),
        ({"cost": [None, None]}, "cost[0]"),
        ({"cost": ["12", "34"]}, "cost[0]"),
        ({"cost": None}, "cost"),
        ({"cost": 3}, "cost"),
        ({"cost": {"0": [1]}}, "cost"),
        ({"cost": [[1, "2"], [1, 1]]}, "cost[0][1]"),
        ({"cost": [[1, 2], [True, 1]]}, "cost[1][0]"),
        ({"cost": [[1, 2], [[1], 1]]}, "cost[1][0]"),
        ({"cost": [[1, 1.1e15], [1, 1]]}, "cost[0][1]"),
        ({"cost": [[1, 10**400], [1, 1]]}, "cost"),
        ({"cost": np.array([[True, False], [True, True]])}, "cost"),
        ({"cost": np.array([["1", "2"], ["3", "4"]])}, "cost"),
        ({"cost": np.array([[1, None], ["3", 4]], dtype=object)}, "cost[1][0]"),
        ({"weights": [1, "2"]}, "weights[1]"),
        ({"weights": [False, 2]}, "weights[0]"),
        ({"weights": [1, None]}, "weights[1]"),
        ({"weights": [1, 2e15]}, "weights[1]"),
        ({"load": [1, 10**400]}, "load"),
        ({"radius": 10**400}, "radius"),
        ({"radius": True}, "radius"),
        ({**SPARSE, "shape": [10**9, 10**9]}, "shape"),
        ({**SPARSE, "shape": [10**30, 1]}, "shape"),
        ({**SPARSE, "demand": [10**30]}, "demand"),
        ({**SPARSE, "cost": ["1"]}, "cost[0]"),
        ({**SPARSE, "cost": [True]}, "cost[0]"),
        ({**SPARSE, "cost": [None]}, "cost[0]"),
    ],
)
def test_what_is_no_number_that_fits_is_refused_where_it_is(change: Told, where: str) -> None:
    with pytest.raises(DataError) as refused:
        build_problem({**SOUND, **change}, where="x.json")
    assert [p.where.startswith(f"x.json: {where}") for p in refused.value.problems].count(True)
    assert all(p.remedy.en and p.remedy.zh for p in refused.value.problems)
