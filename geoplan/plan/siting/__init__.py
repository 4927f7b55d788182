"""Siting: covering and median models, exact, with a certificate.

Usable on its own: a problem is a matrix, not a study.

Examples
--------
>>> problem = build_problem({"model": "p_median", "cost": [[0, 4], [4, 0], [5, 1]], "p": 1})
>>> answer = solve_siting(problem)
>>> answer.status, answer.open, answer.objective, answer.bound
('optimal', (1,), 5.0, 5.0)
"""

from __future__ import annotations

from geoplan.plan.siting.problem import SitingAnswer, SitingProblem
from geoplan.plan.siting.problem_file import build_problem, read_problem
from geoplan.plan.siting.solve import solve_siting

__all__ = ["SitingAnswer", "SitingProblem", "build_problem", "read_problem", "solve_siting"]
