"""The time is kept by every model, building included, and something is found in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geoplan.plan.siting import SitingProblem, solve_siting
from geoplan.plan.siting.problem import Costs
from tests.pace import Stopwatch, slowness

MODELS = ("lscp", "mclp", "mclp_budget", "p_median", "p_center", "cflp")


def drawn(model: str, demand: int, candidates: int, seconds: float) -> SitingProblem:
    rng = np.random.default_rng(demand + candidates)
    points, sites = (rng.uniform(0, 20_000, (count, 2)) for count in (demand, candidates))
    metres = np.sqrt(((points[:, None] - sites[None]) ** 2).sum(axis=2)).round(1).ravel()
    weights = rng.integers(1, 50, demand).astype(float)
    told: dict[str, Any] = {}
    if model in {"mclp", "p_median", "p_center"}:
        told["p"] = candidates // 8
    if model in {"mclp_budget", "cflp"}:
        told["site_cost"] = rng.integers(1, 9, candidates) * 100_000.0
    if model == "mclp_budget":
        told["budget"] = 2_000_000.0
    if model.startswith(("mclp", "lscp")):
        told["radius"] = 4_000.0
    at = np.divmod(np.arange(demand * candidates), candidates)
    return SitingProblem(
        model=model.removesuffix("_budget"),
        costs=Costs(*at, metres, (demand, candidates)),
        weights=weights,
        load=weights,
        time_limit_s=seconds,
        **told,
    )


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("demand", "candidates"), [(400, 80), (3000, 200)])
@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_the_time_is_kept_and_something_is_found(
    model: str, demand: int, candidates: int, seconds: float
) -> None:
    problem = drawn(model, demand, candidates, seconds)
    watch = Stopwatch()
    answer = solve_siting(problem)
    assert watch.seconds <= 1.1 * seconds + 0.5 * slowness()
    assert answer.status in {"optimal", "feasible"}
    assert answer.bound is not None
    assert np.isfinite(answer.bound)
