"""Backup covering and dispersion: each against every set of sites, told in exact fractions."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from geoplan.cli import main
from geoplan.errors import DataError
from geoplan.plan.siting import build_problem, solve_siting

Told = dict[str, Any]


def square(seed: int) -> Told:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 9))
    places = rng.integers(0, 7, (size, 2))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)).round(seed % 7)
    p = int(rng.integers(2, size + 1))
    fixed = sorted(rng.choice(size, int(rng.integers(0, min(p, 3))), replace=False).tolist())
    return {"model": "p_dispersion", "cost": apart.tolist(), "p": p, "fixed": fixed}


@pytest.mark.parametrize("seed", range(60))
def test_no_other_sites_are_farther_apart(seed: int) -> None:
    told = square(seed)
    best = max(
        min(Fraction(told["cost"][i][j]) for i, j in combinations(sites, 2))
        for sites in combinations(range(len(told["cost"])), told["p"])
        if set(told["fixed"]) <= set(sites)
    )
    answer = solve_siting(build_problem(told))
    assert (answer.status, answer.objective) == ("optimal", float(best))
    assert answer.rescored_objective == answer.objective == answer.bound
    assert len(answer.open) == told["p"]
    assert set(told["fixed"]) <= set(answer.open)


def covering(seed: int) -> Told:
    rng = np.random.default_rng(seed)
    points, sites = int(rng.integers(1, 8)), int(rng.integers(1, 7))
    cost = rng.integers(0, 4, (points, sites)).astype(float)
    weights = rng.integers(0, 40, points) / 10 ** (seed % 4)
    told: Told = {
        "model": "lscp_b",
        "cost": cost.tolist(),
        "radius": 1,
        "weights": weights.tolist(),
    }
    if seed % 3 == 0:
        told["p"] = int(rng.integers(1, sites + 1))
    if seed % 5 == 0:
        told["fixed"] = [int(rng.integers(sites))]
    return told


def best_backup(told: Told) -> tuple[int, Fraction] | None:
    """How many sites, and the most people covered twice by so many that cover all."""
    near = np.array(told["cost"]) <= 1
    sites = range(near.shape[1])
    counts = [told["p"]] if "p" in told else range(1, near.shape[1] + 1)
    for count in counts:
        found = [
            sum(
                (Fraction(weight) for weight, row in zip(told["weights"], near, strict=True)
                 if row[list(each)].sum() > 1), Fraction(0),
            )
            for each in combinations(sites, count)
            if near[:, list(each)].any(axis=1).all() and set(told.get("fixed", ())) <= set(each)
        ]  # fmt: skip
        if found:
            return count, max(found)
    return None


@pytest.mark.parametrize("seed", range(90))
def test_no_other_sites_cover_more_people_twice(seed: int) -> None:
    told = covering(seed)
    if len(told.get("fixed", ())) > told.get("p", 9):
        return
    wanted, answer = best_backup(told), solve_siting(build_problem(told))
    if wanted is None:
        assert answer.status == "infeasible"
        return
    count, people = wanted
    assert (answer.status, len(answer.open)) == ("optimal", count)
    assert answer.objective == answer.bound == pytest.approx(float(people), abs=1e-12)
    near = np.array(told["cost"]) <= 1
    assert all(near[i, j] for i, j in enumerate(answer.assignment) if isinstance(j, int))
    assert None not in answer.assignment


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"cost": [[0, 1], [2, 0]]}, "cost"),
        ({"cost": [[0, None], [None, 0]]}, "cost"),
        ({"cost": [[0, 1, 2], [1, 0, 2]]}, "cost"),
        ({"p": 1}, "p"),
        ({"p": None}, "p"),
        ({"p": 3}, "p"),
    ],
)
def test_dispersion_refuses_what_are_no_distances_between_sites(change: Told, where: str) -> None:
    told = {"model": "p_dispersion", "cost": [[0, 1], [1, 0]], "p": 2, **change}
    with pytest.raises(DataError) as refused:
        build_problem(told, where="problem.json")
    assert {problem.where for problem in refused.value.problems} == {f"problem.json: {where}"}


def test_both_are_asked_from_the_command_line(tmp_path: Path) -> None:
    for told, objective in (
        ({"model": "p_dispersion", "cost": [[0, 4, 9], [4, 0, 5], [9, 5, 0]], "p": 2}, 9),
        ({"model": "lscp_b", "cost": [[1, 9, 9], [1, 9, 1], [9, 1, 1]], "radius": 1}, 1),
    ):
        file = tmp_path / "problem.json"
        file.write_text(json.dumps(told), encoding="utf-8")
        done = CliRunner().invoke(main, ["site", "--problem", str(file), "--json", "-"])
        assert done.exit_code == 0, done.output
        found = json.loads(done.stdout)
        assert (found["status"], found["objective"], found["bound"]) == (
            "optimal",
            objective,
            objective,
        )


@pytest.mark.parametrize("model", ["p_dispersion", "lscp_b"])
def test_ties_everywhere_one_point_and_p_of_everything(model: str) -> None:
    cost = (np.ones((4, 4)) - np.eye(4)).tolist()
    told = {"model": model, "cost": cost, "p": 4, "radius": 1}
    answer = solve_siting(build_problem(told))
    assert (answer.status, answer.open) == ("optimal", (0, 1, 2, 3))
    if model == "lscp_b":
        one = solve_siting(build_problem({"model": model, "cost": [[0]], "radius": 0}))
        assert (one.status, one.open, one.objective) == ("optimal", (0,), 0)
