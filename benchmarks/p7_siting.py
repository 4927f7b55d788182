"""Goal P7: how near to the best, proven, and how fast; ours beside spopt, the same answers first.

spopt is not needed by geoplan; where it is installed (``pip install spopt``) it solves the smaller
problems in the same run. The city is drawn at random: half of it spread evenly, half in sixty
centres. Name models to run only those: ``python benchmarks/p7_siting.py mclp lscp``.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from geoplan.plan.siting import SitingAnswer, SitingProblem, solve_siting
from geoplan.plan.siting.problem import Costs

SIDE_M, CENTRES, SPREAD_M = 30_000, 60, 1_500


@dataclass(frozen=True)
class Case:
    """One problem with its goal: a gap within a time, or the proven optimum and faster."""

    model: str
    demand: int
    candidates: int
    p: int | None
    radius: float | None
    seconds: float
    gap: float


CASES = (
    Case("mclp", 20_000, 1_000, 50, 1500, 10, 0.02),
    Case("mclp", 20_000, 1_000, 50, 3000, 10, 0.02),
    Case("lscp", 20_000, 1_000, None, 1500, 20, 0.05),
    Case("lscp", 20_000, 1_000, None, 3000, 20, 0.05),
    Case("lscp", 20_000, 1_000, None, 5000, 20, 0.05),
    Case("p_median", 20_000, 1_000, 50, None, 60, 0.03),
    Case("mclp", 2_000, 300, 20, 1500, 60, 0.0),
    Case("mclp", 2_000, 300, 20, 3000, 60, 0.0),
    Case("lscp", 2_000, 300, None, 2000, 60, 0.0),
    Case("lscp", 2_000, 300, None, 4000, 60, 0.0),
    Case("p_median", 2_000, 300, 20, None, 60, 0.0),
    Case("mclp", 5_000, 600, 30, 1500, 60, 0.0),
    Case("lscp", 5_000, 600, None, 2000, 60, 0.0),
)


def draw(case: Case) -> SitingProblem:
    """Points, sites among them, people, and metres as the crow flies in whole numbers."""
    rng = np.random.default_rng(1)
    centres, half = rng.uniform(0, SIDE_M, (CENTRES, 2)), case.demand // 2
    even = rng.uniform(0, SIDE_M, (half, 2))
    dense = centres[rng.integers(0, CENTRES, half)] + rng.normal(0, SPREAD_M, (half, 2))
    points = np.vstack([even, dense])
    sites = points[rng.choice(case.demand, case.candidates, replace=False)]
    people = rng.integers(1, 400, case.demand).astype(float)
    metres = np.rint(np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)))
    if case.model == "lscp":
        reached = (metres <= (case.radius or 0)).any(axis=1)
        metres, people = metres[reached], people[reached]
    demand, candidate = np.nonzero(metres >= 0)
    costs = Costs(demand, candidate, metres[demand, candidate], metres.shape)
    return SitingProblem(
        case.model,
        costs,
        people,
        people,
        p=case.p,
        radius=case.radius,
        time_limit_s=case.seconds,
        target_gap=case.gap * 0.75,
    )


def by_spopt(case: Case, problem: SitingProblem) -> tuple[float, float] | None:
    """Objective and seconds of spopt, building and solving; ``None`` beyond five minutes."""
    import pulp
    from spopt.locate import LSCP, MCLP, PMedian

    matrix, people = problem.costs.dense(), problem.weights
    begun = perf_counter()
    if case.model == "mclp":
        model = MCLP.from_cost_matrix(matrix, people.reshape(-1, 1), case.radius, case.p)
    elif case.model == "lscp":
        model = LSCP.from_cost_matrix(matrix, case.radius)
    else:
        model = PMedian.from_cost_matrix(matrix, people, p_facilities=case.p)
    try:
        model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=300))
    except RuntimeError:  # which it raises when the time is over
        return None
    taken = perf_counter() - begun
    solved = taken < 300 and model.problem.status == pulp.LpStatusOptimal  # noqa: PLR2004
    return (float(pulp.value(model.problem.objective)), taken) if solved else None


def tell(case: Case, answer: SitingAnswer, taken: float) -> None:
    """One row of the table."""
    gap = answer.gap if answer.gap is not None else float("inf")
    good = gap <= case.gap and taken <= case.seconds * 1.1
    size = f"{case.demand:,} × {case.candidates:,}"
    what = f"p={case.p or '-'} r={case.radius or '-'}"
    print(
        f"{case.model:<10}{size:<16}{what:<14}{answer.objective or 0:>15,.0f}"
        f"{answer.bound or 0:>17,.1f}{gap:>9.3%}{taken:>8.2f} s  {'met' if good else 'NOT MET'}",
        flush=True,
    )


def main() -> None:
    """Every case, beside spopt where it is asked to be the optimum."""
    warnings.simplefilter("ignore")
    print(
        "model     size            what                objective            bound      gap    time"
    )
    for case in CASES:
        if len(sys.argv) > 1 and case.model not in sys.argv[1:]:
            continue
        problem = draw(case)
        begun = perf_counter()
        answer = solve_siting(problem)
        taken = perf_counter() - begun
        tell(case, answer, taken)
        if case.gap == 0 and importlib.util.find_spec("spopt"):
            theirs = by_spopt(case, problem)
            if theirs is None:
                print(f"{'':<10}spopt: not solved in 300 s, so ≥ {300 / taken:.1f}×")
            elif abs(theirs[0] - (answer.objective or 0)) > 1e-6 * abs(theirs[0]):
                print(f"{'':<10}spopt says {theirs[0]:,.1f}: DIFFERENT")
            else:
                print(f"{'':<10}spopt: the same, {theirs[1]:.2f} s, {theirs[1] / taken:.1f}×")


if __name__ == "__main__":
    main()
