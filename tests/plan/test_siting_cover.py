"""Small covers: the compiled search and the questions whether fewer sites do are never wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from geoplan.plan.siting import SitingProblem, build_problem, solve_siting
from geoplan.plan.siting.bounds import exchange
from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.covering_matrix import Cover
from geoplan.plan.siting.bounds.highs import Finish, minimise
from geoplan.plan.siting.mixed_integer import build_programme
from geoplan.plan.siting.models import set_cover as setcover


def cover_of(points: int, sites: int, seed: int) -> Cover:
    rng = np.random.default_rng(seed)
    ones = rng.random((points, sites)) < 0.15
    ones[np.arange(points), rng.integers(0, sites, points)] = True
    rows = sparse.csr_array(ones.astype(float))
    return Cover(rows, np.ones(points), np.ones(sites), np.arange(sites))


@pytest.mark.parametrize("seed", range(5))
def test_both_searches_end_with_covers_no_larger_than_the_first(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_PATIENCE", 2000)
    cover = cover_of(150, 40, seed)
    found = []
    for large in (0, 1000):
        monkeypatch.setattr(exchange, "_LARGE", large)
        sites = exchange.smallest_cover(cover, np.arange(40), least=1, clock=Clock.of(600))
        assert (cover.by_site[sites].sum(axis=0) > 0).all()
        found.append(len(sites))
    assert found[0] == found[1]


def town(seed: int, *, gap: float = 0.0) -> SitingProblem:
    rng = np.random.default_rng(seed)
    points, sites = rng.uniform(0, 100, (200, 2)), rng.uniform(0, 100, (50, 2))
    metres = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)).round(1)
    metres = metres[metres.min(axis=1) <= 18]
    fixed = [0, 1] if seed % 2 else []
    told = {"model": "lscp", "cost": metres.tolist(), "radius": 18, "fixed": fixed}
    return replace(build_problem(told), target_gap=gap)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("gap", [0.0, 0.1])
def test_bounds_from_questions_never_pass_the_optimum(
    seed: int, gap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the search finds nothing, so that every step is asked for."""
    problem = town(seed, gap=gap)
    best = round(minimise(build_programme(problem), clock=Clock.of(600)).bound)
    monkeypatch.setattr(setcover, "smallest_cover", lambda _cover, sites, **_told: sites)
    answer = solve_siting(problem)
    assert answer.bound is not None
    assert answer.objective is not None
    assert answer.bound <= best <= answer.objective
    assert answer.objective - answer.bound <= gap * answer.objective


@pytest.mark.parametrize("bound", [-np.inf, 0.0, 3.000000001])
def test_a_question_without_an_answer_raises_nothing(
    bound: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The solver may end with nothing, or with a bound that its floats have moved a little."""
    problem = town(3)
    best = solve_siting(problem)
    monkeypatch.setattr(setcover, "has_none", lambda _asked, clock: Finish(None, bound, clock.up))
    monkeypatch.setattr(setcover, "smallest_cover", lambda _cover, sites, **_told: sites)
    answer = solve_siting(problem)
    assert answer.bound is not None
    assert best.objective is not None
    assert answer.bound <= best.objective
