"""Every model on small problems: equal to trying every set of sites."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import DataError
from geoplan.plan.siting import SitingAnswer, build_problem, solve_siting

Told = dict[str, Any]


def sites_allowed(told: Told) -> Iterator[tuple[int, ...]]:
    candidates = len(told["cost"][0])
    counts = [told["p"]] if told["model"] in WITH_P else range(candidates + 1)
    for count in counts:
        for sites in combinations(range(candidates), count):
            if set(told.get("fixed", ())) <= set(sites):
                yield sites


WITH_P = {"mclp", "p_median", "p_center", "capacitated_p_median"}


def whole_assignments(told: Told, sites: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every way to serve each point whole by an open site within its capacity."""
    for chosen in product(sites, repeat=len(told["cost"])):
        if any(told["cost"][i][j] is None for i, j in enumerate(chosen)):
            continue
        loads = dict.fromkeys(sites, 0)
        for i, j in enumerate(chosen):
            loads[j] += told["load"][i]
        least = told.get("least_load") or [0] * len(told["capacity"])
        if all(least[j] <= load <= told["capacity"][j] for j, load in loads.items()):
            yield chosen


def worth(told: Told, sites: tuple[int, ...]) -> Any:
    """What a set of sites costs (mclp: minus what it covers); infinite when it does not do."""
    rows, weights = told["cost"], told["weights"]
    paid = [min((r[j] for j in sites if r[j] is not None), default=math.inf) for r in rows]
    model = told["model"]
    opening: float = sum(told["site_cost"][j] for j in sites)
    if model == "lscp":
        return opening if all(cost <= told["radius"] for cost in paid) else math.inf
    if model == "mclp":
        return -sum(w for w, cost in zip(weights, paid, strict=True) if cost <= told["radius"])
    if model == "p_center":
        return max(paid)
    if model == "p_median":
        return sum(
            w * cost if cost < math.inf else cost for w, cost in zip(weights, paid, strict=True)
        )
    travel: float = min(
        (
            sum(weights[i] * rows[i][j] for i, j in enumerate(chosen))
            for chosen in whole_assignments(told, sites)
        ),
        default=math.inf,
    )
    return travel + (opening if model == "cflp" else 0)


def best(told: Told) -> Any:
    return min((worth(told, sites) for sites in sites_allowed(told)), default=math.inf)


@st.composite
def problems(draw: st.DrawFn, model: str) -> Told:
    demand = draw(st.integers(1, 5))
    candidates = draw(st.integers(1, 4))
    cost = st.one_of(st.none(), st.integers(0, 9), st.sampled_from([0.1, 0.2, 0.3, 2.5]))
    told: Told = {
        "model": model,
        "cost": [[draw(cost) for _ in range(candidates)] for _ in range(demand)],
        "weights": [draw(st.integers(0, 9)) for _ in range(demand)],
        "load": [draw(st.integers(0, 5)) for _ in range(demand)],
        "site_cost": [draw(st.integers(0, 9)) for _ in range(candidates)],
        "capacity": [draw(st.integers(0, 12)) for _ in range(candidates)],
        "radius": draw(st.sampled_from([0, 0.3, 2, 5])),
        "p": draw(st.integers(1, candidates)),
        "single_source": True,
    }
    told["fixed"] = draw(st.lists(st.integers(0, candidates - 1), max_size=told["p"], unique=True))
    if model == "mclp":
        del told["capacity"]
    elif draw(st.booleans()):
        told["least_load"] = [draw(st.integers(0, 6)) for _ in range(candidates)]
    return told


def solved(told: Mapping[str, Any]) -> SitingAnswer:
    return solve_siting(build_problem(told))


@pytest.mark.parametrize(
    "model", ["lscp", "mclp", "p_median", "p_center", "cflp", "capacitated_p_median"]
)
def test_small_problems_equal_trying_everything(model: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(problems(model))
    def check(told: Told) -> None:
        answer, known = solved(told), best(told)
        if known == math.inf:
            assert answer.status == "infeasible"
            assert answer.objective is None
            return
        sign = -1 if model == "mclp" else 1
        assert answer.status == "optimal"
        assert answer.objective == pytest.approx(sign * known)
        assert answer.rescored_objective == pytest.approx(answer.objective)
        assert set(told["fixed"]) <= set(answer.open)
        assert worth(told, answer.open) == pytest.approx(known)

    check()


@pytest.mark.parametrize("model", ["mclp", "cflp", "capacitated_p_median"])
def test_a_split_is_never_worse_than_serving_whole(model: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(problems(model), st.sampled_from([1, 0.1, 1 / 3]))
    def check(told: Told, unit: float) -> None:
        told["capacity"] = [draw * unit for draw in range(3, 3 + len(told["cost"][0]))]
        told["load"] = [load * unit for load in told["load"]]
        told.pop("least_load", None)  # which only whole service knows
        whole, split = solved(told), solved({**told, "single_source": False})
        if whole.objective is None:
            return
        sign = -1 if model == "mclp" else 1
        assert split.objective is not None
        assert sign * split.objective <= sign * whole.objective + 1e-9
        assert split.status == "optimal"
        assert all(isinstance(each, Mapping) for each in split.assignment)

    check()


def test_a_site_that_would_serve_too_few_stays_closed() -> None:
    told = {
        "model": "cflp", "cost": [[0, 9], [9, 0], [9, 0]], "site_cost": [1, 1],
        "load": [1, 2, 2], "single_source": True,
    }  # fmt: skip
    assert solved(told).open == (0, 1)
    one = solved({**told, "least_load": [2, 2]})
    assert (one.status, one.open, one.objective) == ("optimal", (1,), 10)
    assert solved({**told, "least_load": [6, 6]}).status == "infeasible"


def test_a_cover_may_ask_for_least_loads_too() -> None:
    told = {
        "model": "mclp", "cost": [[0, 9], [9, 0], [9, 0]], "radius": 1, "p": 1, "weights": [9, 2, 2],
        "load": [1, 2, 2], "least_load": [2, 2], "single_source": True,
    }  # fmt: skip
    answer = solved(told)
    assert (answer.open, answer.objective) == ((1,), 4)


def test_least_loads_need_points_that_are_served_whole() -> None:
    with pytest.raises(DataError, match="least_load"):
        build_problem({"model": "cflp", "cost": [[1]], "least_load": [1]})


@pytest.mark.parametrize("model", ["cflp", "capacitated_p_median"])
@pytest.mark.parametrize("seed", range(4))
def test_the_k_best_with_capacities_cost_what_trying_everything_says(model: str, seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - a small problem, no secret
    told: Told = {
        "model": model, "p": 2, "k_best": 4, "single_source": True,
        "cost": [[rng.randint(0, 4) for _ in range(4)] for _ in range(4)],
        "weights": [rng.randint(0, 3) for _ in range(4)],
        "load": [rng.randint(1, 3) for _ in range(4)],
        "site_cost": [rng.randint(0, 3) for _ in range(4)],
        "capacity": [rng.randint(3, 9) for _ in range(4)],
    }  # fmt: skip
    known = sorted(worth(told, sites) for sites in sites_allowed(told))
    answer = solved(told)
    found = [answer.objective, *(other.objective for other in answer.alternatives)]
    assert found == [value for value in known if value < math.inf][:4] or known[0] == math.inf
