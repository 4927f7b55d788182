"""The k best sets are the k best of all, and equals are told apart by one rule: by trying all."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest

from geoplan.plan.siting import build_problem, solve_siting
from geoplan.plan.siting.assignment import nearest

Told = dict[str, Any]
MODELS = ("lscp", "mclp", "mclp_budget", "p_median", "p_center", "cflp")


def drawn(model: str, seed: int, *, k_best: int = 1) -> Told:
    """A small problem with many ties: few different costs, few different weights."""
    rng = np.random.default_rng(seed)
    demand, candidates = int(rng.integers(2, 7)), int(rng.integers(2, 7))
    fixed = rng.choice(candidates, int(rng.integers(0, 2)), replace=False)
    told: Told = {
        "model": model.removesuffix("_budget"),
        "cost": rng.integers(0, 4, (demand, candidates)).tolist(),
        "weights": rng.integers(0, 3, demand).tolist(),
        "fixed": fixed.tolist(),
        "site_cost": rng.integers(0, 3, candidates).tolist(),
        "radius": int(rng.integers(0, 3)),
        "k_best": k_best,
    }
    if model == "mclp_budget":
        told["budget"] = int(rng.integers(0, 5))
    else:
        told["p"] = int(rng.integers(max(1, len(fixed)), candidates + 1))
    return told


def orders(told: Told) -> list[tuple[Any, ...]]:
    """Every allowed set as (objective to be least, second, number, sites), the best first."""
    matrix, weights = np.array(told["cost"]), np.array(told["weights"])
    model, candidates = told["model"], matrix.shape[1]
    every = chain.from_iterable(combinations(range(candidates), n) for n in range(candidates + 1))
    found = []
    for sites in every:
        new = [site for site in sites if site not in told["fixed"]]
        if not set(told["fixed"]) <= set(sites):
            continue
        if model in {"mclp", "p_median", "p_center"} and len(sites) != told.get("p", len(sites)):
            continue
        if sum(told["site_cost"][site] for site in new) > told.get("budget", 10**9):
            continue
        if not sites and model != "mclp":
            continue
        paid = matrix[:, list(sites)].min(axis=1) if sites else np.full(len(weights), 99)
        near = paid <= told["radius"]
        opening = sum(told["site_cost"][site] for site in sites)
        travel = int((weights * paid).sum())
        if model == "lscp" and not near.all():
            continue
        first, then = {
            "lscp": (opening, travel),
            "mclp": (-int(weights[near].sum()), int((weights * paid)[near].sum())),
            "p_median": (travel, int(paid.sum())),
            "p_center": (int(paid.max()), travel),
            "cflp": (opening + travel, 0),
        }[model]
        found.append((first, then, len(sites), sites))
    return sorted(found)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(12))
def test_the_k_best_are_the_first_of_all_sets_in_order(model: str, seed: int) -> None:
    told = drawn(model, seed, k_best=4)
    known = orders(told)[:4]
    answer = solve_siting(build_problem(told))
    if not known:
        assert answer.status == "infeasible"
        return
    sign = -1 if told["model"] == "mclp" else 1
    assert answer.only
    assert [answer.open, *(other.open for other in answer.alternatives)] == [
        sites for *_, sites in known
    ]
    assert [answer.objective, *(other.objective for other in answer.alternatives)] == [
        sign * first for first, *_ in known
    ]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(20, 24))
def test_the_order_of_the_rows_and_candidates_changes_nothing(model: str, seed: int) -> None:
    told, rng = drawn(model, seed), np.random.default_rng(seed)
    matrix = np.array(told["cost"])
    points, sites = rng.permutation(matrix.shape[0]), rng.permutation(matrix.shape[1])
    new_of = np.argsort(sites)
    rows = {**told, "cost": matrix[points].tolist()}
    rows["weights"] = np.array(told["weights"])[points].tolist()
    both = {**rows, "cost": matrix[points][:, sites].tolist()}
    both["site_cost"] = np.array(told["site_cost"])[sites].tolist()
    both["fixed"] = new_of[told["fixed"]].tolist()
    first, second, third = (solve_siting(build_problem(each)) for each in (told, rows, both))
    assert second.open == first.open
    assert (third.objective, third.status) == (first.objective, first.status)
    if first.objective is not None:
        equals = {order[-1]: order[:-1] for order in orders(told)}
        back = tuple(sorted(int(sites[site]) for site in third.open))
        assert equals[back] == equals[first.open]


@pytest.mark.parametrize("seed", range(4))
def test_sites_that_a_center_leaves_free_are_of_use(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 100, 40).round(1)
    metres = np.abs(places[:, None] - places[None]).round(1)
    metres[0] += 500  # one home far from all decides; one site serves the others as well as ten
    told = {"model": "p_center", "cost": metres.tolist(), "p": 6}
    answer = solve_siting(build_problem(told))
    served = nearest(build_problem(told), np.array(answer.open))
    assert set(served) == set(answer.open)
