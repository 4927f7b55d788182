"""HiGHS finishes: a mixed-integer programme solved within a time, from a start, with its bound.

Belongs here: every call of the solver. Does not belong here: what the variables mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Thread
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.problem import Floats, Ints

_TICK_S, _GRACE_S, _THOUSAND = 0.05, 0.4, 1000.0
_LEAST_S = 0.01
_NO_SEARCH = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_detect_symmetry": False,
}
_PROVING = _NO_SEARCH | {
    "mip_allow_cut_separation_at_nodes": False,
    "mip_max_improving_sols": 1,
}


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Minimise ``base + cost·x`` with ``lower <= rows·x <= upper`` and ``0 <= x <= most``."""

    cost: Floats
    rows: sparse.csr_array
    lower: Floats
    upper: Floats
    least: Floats
    most: Floats
    whole: NDArray[np.bool_]
    base: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
    """The best values found (``None`` when none), and what no values can be below.

    ``bound`` is infinite when it is proven that there are none. ``prices`` are the rows' dual
    values, where nothing had to be whole.
    """

    values: Floats | None
    bound: float
    interrupted: bool = False
    prices: Floats | None = None


def minimise(
    programme: Programme,
    *,
    clock: Clock,
    gap: float = 0.0,
    start: Floats | None = None,
    only_prove: bool = False,
) -> Finish:
    """Solve within the time; Ctrl-C ends the search and keeps what was found.

    ``only_prove`` is for a start that a search has found already: nothing is done to better it.
    """
    options = _options(clock.left_s, gap) | (_NO_SEARCH if only_prove else {})
    finish = _solve(programme, options, start, clock)
    if start is not None and not finish.interrupted and not clock.up:
        finish = _without_start(programme, finish, clock, gap)
    if finish.interrupted:
        clock.stop()
    return finish


def _without_start(programme: Programme, finish: Finish, clock: Clock, gap: float) -> Finish:
    """The same without a start, where the solver gave the start back as the best.

    It does where its reductions leave nothing to search; the bound, which is right, tells.
    """
    if finish.values is not None:
        cost = programme.base + float(programme.cost @ finish.values)
        if cost <= finish.bound + max(gap * abs(cost), 1e-9 * max(1.0, abs(cost))):
            return finish
    again = _solve(programme, _options(clock.left_s, gap), None, clock)
    return finish if again.values is None else again


def has_none(programme: Programme, *, clock: Clock) -> Finish:
    """The first answer, where none is expected: nothing is done to find one."""
    finish = _solve(programme, {**_options(clock.left_s, 0.0), **_PROVING}, None, clock)
    if finish.interrupted:
        clock.stop()
    return finish


def relaxed(programme: Programme, *, clock: Clock) -> Finish:
    """Values and prices when nothing has to be whole, by an interior point; nearly the best."""
    inside = {"solver": "ipm", "run_crossover": "off"}
    loose = replace(programme, whole=np.zeros(len(programme.cost), dtype=bool))
    finish = _solve(loose, {**_options(clock.left_s, 0.0), **inside}, None, clock)
    if finish.interrupted:
        clock.stop()
    return finish


def plainly(programme: Programme, *, clock: Clock, basic: Ints, tight: Ints) -> Finish:
    """The same when nothing has to be whole, by the simplex method at once.

    For many small programmes, where reductions take longer than the search.

    Parameters
    ----------
    basic, tight : columns, and as many rows at their limits, that a first corner is made of.
    """
    import highspy

    size = float(np.abs(programme.cost).max(initial=0.0))
    scale = _THOUSAND / size if size else 1.0
    loose = replace(programme, cost=programme.cost * scale, base=0.0)
    at_once = {"solver": "simplex", "presolve": "off"}
    solver = _silent_solver()
    solver.HandleUserInterrupt = False  # in this thread: starting another takes as long as solving
    solver.passModel(_model(loose))
    for option, value in {**_options(clock.left_s, 0.0), **at_once}.items():
        solver.setOptionValue(option, value)
    corner = highspy.HighsBasis()
    at, inside = highspy.HighsBasisStatus.kLower, highspy.HighsBasisStatus.kBasic
    columns, rows = [at] * len(loose.cost), [inside] * len(loose.lower)
    for column in basic.tolist():
        columns[column] = inside
    for row in tight.tolist():
        rows[row] = at if math.isfinite(loose.lower[row]) else highspy.HighsBasisStatus.kUpper
    corner.col_status, corner.row_status, corner.valid = columns, rows, True
    solver.setBasis(corner)
    solver.run()
    finish = _finish(solver, loose, interrupted=False)
    prices = None if finish.prices is None else finish.prices / scale
    return Finish(finish.values, finish.bound / scale, finish.interrupted, prices)


def _solve(
    programme: Programme, options: Mapping[str, Any], start: Floats | None, clock: Clock
) -> Finish:
    import highspy

    began = perf_counter()
    solver = _silent_solver()
    solver.passModel(_model(programme))
    left = options["time_limit"] - (perf_counter() - began)  # building takes of the same time
    if left <= 0 and options["time_limit"] > _LEAST_S:
        return Finish(None, -math.inf)
    options = {**options, "time_limit": max(left, _LEAST_S)}
    for option, value in options.items():
        solver.setOptionValue(option, value)
    if start is not None:
        given = highspy.HighsSolution()
        given.col_value = start.tolist()
        solver.setSolution(given)
    ended = _run(solver, options["time_limit"], clock)
    if not ended.stopped:
        return Finish(None, -math.inf, ended.interrupted)
    return _finish(solver, programme, interrupted=ended.interrupted)


def _silent_solver() -> Any:
    """A solver that prints nothing: its greeting would spoil JSON on standard output."""
    import highspy

    class Silent(highspy.Highs):
        """Told to be silent before the first call that prints."""

        def enableCallbacks(self) -> None:  # noqa: N802 - their name
            self.setOptionValue("output_flag", False)  # noqa: FBT003 - their signature
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    new: Any = Silent
    solver = new()
    solver.HandleUserInterrupt = True
    return solver


def _options(seconds: float, gap: float) -> dict[str, Any]:
    return {
        "time_limit": max(seconds, _LEAST_S),
        "mip_rel_gap": gap,
        "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": 1e-9,
        "primal_feasibility_tolerance": 1e-9,
        "mip_allow_restart": False,  # three times slower on covering problems with a good start
        "threads": 1,
    }


def _model(programme: Programme) -> Any:
    import highspy

    model = highspy.HighsLp()
    rows = programme.rows.tocsr()
    model.num_row_, model.num_col_ = rows.shape
    model.offset_ = programme.base
    model.col_cost_, model.col_lower_ = programme.cost, programme.least
    model.col_upper_, model.row_lower_ = programme.most, programme.lower
    model.row_upper_ = programme.upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.indptr
    model.a_matrix_.index_ = rows.indices
    model.a_matrix_.value_ = rows.data
    if programme.whole.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = np.array(kinds, dtype=object)[programme.whole.astype(int)].tolist()
    return model


@dataclass(frozen=True, slots=True)
class _End:
    """Whether the solver has stopped, and whether Ctrl-C made it."""

    stopped: bool
    interrupted: bool


def _run(solver: Any, seconds: float, clock: Clock) -> _End:
    """Run beside the main thread, so that Ctrl-C is heard and the time is kept.

    A solver that does not stop soon after its time is left alone, and what it knows is lost: the
    caller has its own answer and bound.
    """
    thread = Thread(target=solver.run, daemon=False)  # their own threads exclude one another
    thread.start()
    ends = perf_counter() + seconds * 1.02 + _GRACE_S / 2
    try:
        while thread.is_alive() and perf_counter() < ends and not clock.stopped:
            thread.join(_TICK_S)
    except KeyboardInterrupt:
        solver.cancelSolve()
        thread.join(_GRACE_S)
        return _End(not thread.is_alive(), interrupted=True)
    if thread.is_alive():
        solver.cancelSolve()
        thread.join(_GRACE_S / 2 + seconds * 0.03)
    return _End(not thread.is_alive(), interrupted=clock.stopped)


def _finish(solver: Any, programme: Programme, *, interrupted: bool) -> Finish:
    import highspy

    said = solver.getInfo()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Finish(None, math.inf)
    found = said.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    solution = solver.getSolution()
    values = np.array(solution.col_value) if found else None
    if programme.whole.any():
        return Finish(values, float(said.mip_dual_bound), interrupted)
    done = status == highspy.HighsModelStatus.kOptimal
    bound = float(said.objective_function_value) if done else -math.inf
    return Finish(values, bound, interrupted, np.array(solution.row_dual) if found else None)


@dataclass(frozen=True, slots=True, eq=False)
class Loosened:
    """Values where nothing has to be whole and the rows' prices; or prices that prove there are none.

    ``stopped`` is whether time or Ctrl-C ended it: then nothing is known.
    """

    values: Floats | None
    prices: Floats | None
    stopped: bool = False


class Relaxation:
    """One programme without whole numbers, solved again and again between other limits."""

    def __init__(self, programme: Programme) -> None:
        self.scale = _THOUSAND / max(float(np.abs(programme.cost).max(initial=0.0)), 1e-300)
        self.scale = self.scale if programme.cost.any() else 1.0
        loose = replace(
            programme,
            cost=programme.cost * self.scale,
            base=0.0,
            whole=np.zeros(len(programme.cost), dtype=bool),
        )
        self.solver = _silent_solver()
        for option, value in _options(1.0, 0.0).items():
            self.solver.setOptionValue(option, value)
        self.solver.setOptionValue("dual_feasibility_tolerance", 1e-9)
        self.solver.passModel(_model(loose))
        self.columns = np.arange(len(programme.cost), dtype=np.int32)

    def solve(self, least: Floats, most: Floats, *, clock: Clock) -> Loosened:
        """The cheapest values within these limits."""
        import highspy

        seconds = max(clock.left_s, 0.01)
        self.solver.changeColsBounds(len(self.columns), self.columns, least, most)
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + seconds)
        ended = _run(self.solver, seconds, clock)
        if ended.interrupted:
            clock.stop()
        if not ended.stopped:
            clock.stop()  # the solver is lost to its own thread
            return Loosened(None, None, stopped=True)
        status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            solution = self.solver.getSolution()
            prices = np.array(solution.row_dual) / self.scale
            return Loosened(np.array(solution.col_value), prices)
        if status == highspy.HighsModelStatus.kInfeasible:
            _, there, ray = self.solver.getDualRay()
            return Loosened(None, np.array(ray) if there else None)
        return Loosened(None, None, stopped=True)
