"""The San Francisco problem of spopt: 205 tracts, 16 stores, every set of four tried."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from geoplan.plan.siting import build_problem, solve_siting
from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.highs import minimise
from geoplan.plan.siting.mixed_integer import build_programme

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "spopt-sf-golden"
Told = dict[str, Any]


def read(name: str) -> list[dict[str, str]]:
    path = FOLDER / name
    if not path.exists():
        pytest.skip("needs ../shared/data/spopt-sf-golden")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def san_francisco() -> Told:
    tracts = read("SF_demand_205_centroid_uniform_weight.csv")
    place = {row["NAME"]: k for k, row in enumerate(tracts)}
    stores = {row["NAME"]: k for k, row in enumerate(read("SF_store_site_16_longlat.csv"))}
    cost: list[list[float | None]] = [[None] * 16 for _ in tracts]
    for row in read("SF_network_distance_candidateStore_16_censusTract_205_new.csv"):
        cost[place[row["DestinationName"]]][stores[row["name"]]] = float(row["distance"])
    return {"cost": cost, "weights": [int(row["POP2000"]) for row in tracts]}


def test_the_population_is_the_published_one() -> None:
    assert sum(san_francisco()["weights"]) == 955_113


@pytest.mark.parametrize("told", [
    {"model": "lscp", "radius": 5000},
    {"model": "mclp", "radius": 5000, "p": 4},
    {"model": "p_median", "p": 4},
    {"model": "p_center", "p": 4},
])  # fmt: skip
def test_san_francisco_equals_trying_every_set(told: Told) -> None:
    problem = san_francisco()
    matrix = np.array(problem["cost"], dtype=float)
    weights = np.array(problem["weights"])
    known = np.inf
    for count in range(1, 17) if told["model"] == "lscp" else [4]:
        for sites in combinations(range(16), count):
            paid = matrix[:, sites].min(axis=1)
            value = {
                "lscp": count if (paid <= 5000).all() else np.inf,
                "mclp": -weights[paid <= 5000].sum(),
                "p_median": (weights * paid).sum(),
                "p_center": paid.max(),
            }[told["model"]]
            known = min(known, float(value))
    answer = solve_siting(build_problem({**problem, **told}))
    if known == np.inf:
        assert answer.status == "infeasible"
        return
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(abs(known), rel=1e-12)


def drawn(demand: int, candidates: int, seed: int) -> Told:
    rng = np.random.default_rng(seed)
    points, sites = rng.uniform(0, 1000, (demand, 2)), rng.uniform(0, 1000, (candidates, 2))
    metres = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)).round(1)
    return {"cost": metres.tolist(), "weights": rng.integers(1, 50, demand).tolist()}


@pytest.mark.parametrize("model", ["p_median", "p_center", "mclp"])
def test_more_sites_are_never_worse_and_one_candidate_less_never_better(model: str) -> None:
    told = {**drawn(60, 20, 3), "model": model, "radius": 150}
    sign = -1 if model == "mclp" else 1
    answers = [solve_siting(build_problem({**told, "p": p})) for p in (3, 4, 6)]
    worths = [sign * (answer.objective or 0) for answer in answers]
    assert worths == sorted(worths, reverse=True)
    fewer = [row[:-1] for row in told["cost"]]
    less = solve_siting(build_problem({**told, "cost": fewer, "p": 4}))
    assert sign * (less.objective or 0) >= worths[1]


@pytest.mark.parametrize(("demand", "candidates", "p"), [(200, 60, 8), (300, 100, 30)])
def test_a_median_by_branching_equals_the_plain_programme(
    demand: int, candidates: int, p: int
) -> None:
    problem = build_problem({**drawn(demand, candidates, 7), "model": "p_median", "p": p})
    answer = solve_siting(problem)
    plain = minimise(build_programme(problem), clock=Clock.of(60))
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(plain.bound, rel=1e-9)


def test_the_nodes_of_a_random_graph_are_sited_to_proven_optimality() -> None:
    rng = np.random.default_rng(11)
    ends = rng.integers(0, 400, (2, 1600))
    graph = csr_array((rng.integers(1, 100, 1600).astype(float), ends), shape=(400, 400))
    ring = csr_array((np.full(400, 50.0), (np.arange(400), np.roll(np.arange(400), 1))))
    metres = shortest_path(graph.maximum(ring), directed=False)
    told = {"model": "p_median", "cost": metres.tolist(), "p": 40, "time_limit_s": 300}
    answer = solve_siting(build_problem(told))
    assert answer.status == "optimal"
    assert answer.bound == answer.objective == answer.rescored_objective
