"""The San Francisco problem of spopt: 205 tracts, 16 stores, every set of four tried."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geoplan.plan.siting import build_problem, solve_siting

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
