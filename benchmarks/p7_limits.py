"""Is a time limit kept, building included, by every model at 20,000 × 1,000; and what is known then.

Limits of 1, 5 and 20 s; kept is what takes at most a tenth and half a second more. On a machine that
others use, processor seconds tell what was ours. Name models to run only those, and to run those
with capacities, which may take 14 GB: ``python benchmarks/p7_limits.py p_center cflp``.
"""

from __future__ import annotations

import resource
import sys
from dataclasses import replace
from multiprocessing import get_context
from time import perf_counter, process_time

import numpy as np
from p7_siting import Case, draw

from geoplan.plan.siting import SitingProblem, solve_siting

LIMITS_S = (1.0, 5.0, 20.0)


def problems() -> dict[str, SitingProblem]:
    """One problem of each model, with and without what limits loads."""
    cover = draw(Case("lscp", 20_000, 1_000, None, 3000, 1, 0))
    people = draw(Case("p_median", 20_000, 1_000, 50, None, 1, 0))
    price = np.random.default_rng(2).integers(1, 9, 1_000) * 1e6
    room = np.full(1_000, float(people.weights.sum()) / 40)
    largest = replace(people, model="mclp", radius=3000.0)
    return {
        "lscp": cover,
        "mclp": largest,
        "mclp, budget": replace(largest, p=None, budget=4e7, site_cost=price),
        "p_median": people,
        "p_center": replace(people, model="p_center"),
        "cflp": replace(people, model="cflp", p=None, site_cost=price),
        "cflp, capacities": replace(people, model="cflp", p=None, site_cost=price, capacity=room),
        "capacitated_p_median": replace(people, model="capacitated_p_median", capacity=room),
    }


def row(name: str, problem: SitingProblem, limit: float) -> None:
    """One model within one limit."""
    began, worked = perf_counter(), process_time()
    answer = solve_siting(replace(problem, time_limit_s=limit))
    wall, worked = perf_counter() - began, process_time() - worked
    kept = "yes" if wall <= 1.1 * limit + 0.5 else "NO"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    worth = "-" if answer.objective is None else f"{answer.objective:,.0f}"
    gap = "-" if answer.gap is None else f"{answer.gap:.1%}"
    print(
        f"{name:<24}{limit:>7.0f}{wall:>9.1f}  {kept:<4}{worked:>9.1f}"
        f"{worth:>20}{gap:>9}{memory:>11.0f}",
        flush=True,
    )


def main() -> None:
    """Every model within every limit, each in a process of its own: a solver may end late."""
    print(f"{'model':<24}limit s   wall s  kept    cpu s           objective      gap  memory MB")
    for name, problem in problems().items():
        unasked = problem.model not in sys.argv[1:] if sys.argv[1:] else problem.limits_load
        if unasked:
            continue
        for limit in LIMITS_S:
            alone = get_context("fork").Process(target=row, args=(name, problem, limit))
            alone.start()
            alone.join()


if __name__ == "__main__":
    main()
