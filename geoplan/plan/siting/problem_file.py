"""A siting problem from a JSON file or a mapping, every fault found at once.

Belongs here: names and forms of the file format, and what makes a problem unusable. Does not
belong here: whether a sound problem has an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.errors import DataError, Problem
from geoplan.plan.given import load_json
from geoplan.plan.siting.problem import (
    CAPACITATED,
    COUNTED,
    COVERING,
    MODELS,
    NEEDS_P,
    Costs,
    Floats,
    Ints,
    SitingProblem,
)
from geoplan.terms import Words

_KEYS = (
    "model", "cost", "demand", "candidate", "shape", "weights", "load", "p", "radius", "fixed",
    "site_cost", "budget", "capacity", "least_load", "single_source", "time_limit_s", "target_gap", "k_best",
)  # fmt: skip
_TIME_LIMIT_S = 60.0
MOST = 1e15  # every whole number up to here is a double of its own
_NAMED, _LONG = 5, 40
_EMPTY, _MANY = 100, 100_000
_FINITE = Words(
    "请给出 0 至 1e15 的数；更大的数请换单位。",
    "Give a number from 0 to 1e15; use a larger unit for more.",
)
_MATRIX = Words(
    "每行一个需求点、每列一个候选点，写数，不加引号；不可达写 null。",
    "One row a demand point, one column a candidate: numbers without quotes; write null where unreachable.",
)


def read_problem(path: str | Path) -> SitingProblem:
    """The siting problem in a JSON file.

    Raises
    ------
    DataError
        the file cannot be read or the problem cannot be used; every fault is named.
    """
    try:
        told = load_json(path)
    except (OSError, ValueError, RecursionError) as error:
        what = Words(f"读不出 JSON：{error}", f"no JSON can be read: {error}")
        remedy = Words("请检查文件名与内容。", "Check the name and the content.")
        raise DataError(Problem(str(path), what, remedy)) from None
    if not isinstance(told, dict):
        what = Words("内容不是对象", "the content is no object")
        remedy = Words('请写成 {"model": …, "cost": …}。', 'Write {"model": …, "cost": …}.')
        raise DataError(Problem(str(path), what, remedy))
    return build_problem(told, where=str(path))


def build_problem(told: Mapping[str, Any], *, where: str = "problem") -> SitingProblem:
    """The siting problem of a mapping with the keys of the file format.

    ``cost`` may be a nested list with ``None`` for unreachable, or one list beside ``demand``,
    ``candidate`` and ``shape``; arrays are taken too.

    Raises
    ------
    DataError
        the problem cannot be used; every fault is named.

    Examples
    --------
    >>> problem = build_problem({"model": "p_median", "cost": [[0, None], [3, 1]], "p": 1})
    >>> problem.costs.shape, problem.costs.cost.tolist()
    ((2, 2), [0.0, 3.0, 1.0])
    """
    return _Reading(told, where).problem()


@dataclass(slots=True)
class _Reading:
    """One reading: what was told, where, and the faults found so far."""

    told: Mapping[str, Any]
    where: str
    faults: list[Problem] = field(default_factory=list)

    def fault(self, key: str, what: Words, remedy: Words) -> None:
        self.faults.append(Problem(f"{self.where}: {key}", what, remedy))

    def problem(self) -> SitingProblem:
        """The problem; raises with every fault."""
        self.unknown_keys()
        model = self.model()
        costs = self.costs()
        if costs is None or model is None:
            raise DataError(self.faults)
        demand, candidates = costs.shape
        weights = self.numbers("weights", demand)
        load = self.numbers("load", demand)
        weights = np.ones(demand) if weights is None else weights
        problem = SitingProblem(
            model=model,
            costs=costs,
            weights=weights,
            load=weights if load is None else load,
            p=self.count(model, candidates),
            radius=self.needed_radius(model),
            fixed=self.fixed(candidates),
            site_cost=self.numbers("site_cost", candidates),
            budget=self.amount("budget") if model == "mclp" else None,
            capacity=self.capacity(model, candidates),
            least_load=self.least_load(model, candidates),
            single_source=self.flag("single_source"),
            time_limit_s=self.time_limit(),
            target_gap=self.amount("target_gap") or 0.0,
            k_best=self.whole("k_best", least=1) or 1,
            ignored=self.ignored(model),
        )
        self.together(problem)
        if self.faults:
            raise DataError(self.faults)
        return problem

    def unknown_keys(self) -> None:
        for key in self.told:
            if key not in _KEYS:
                self.fault(
                    str(key),
                    Words("不认识的键", "unknown key"),
                    Words(f"可用：{'、'.join(_KEYS)}。", f"Choose from {', '.join(_KEYS)}."),
                )

    def ignored(self, model: str) -> tuple[str, ...]:
        """What other models count and this one does not."""
        others = set().union(*COUNTED.values()) - COUNTED[model]
        return tuple(sorted(key for key in others if self.told.get(key) is not None))

    def model(self) -> str | None:
        model = self.told.get("model")
        if isinstance(model, str) and model in MODELS:
            return model
        self.fault(
            "model",
            Words(f"没有模型 {model!r}", f"there is no model {model!r}"),
            Words(f"可用：{'、'.join(MODELS)}。", f"Choose from {', '.join(MODELS)}."),
        )
        return None

    def costs(self) -> Costs | None:
        """The pairs that can serve; ``None`` when the matrix cannot be used."""
        if "cost" not in self.told:
            self.fault(
                "cost",
                Words("没有费用矩阵", "there is no matrix of costs"),
                Words("请给出 需求点×候选点 的矩阵。", "Give a matrix demand × candidate."),
            )
            return None
        sparse = "demand" in self.told or "candidate" in self.told
        costs = self.sparse_costs() if sparse else self.dense_costs()
        if costs is not None and 0 in costs.shape:
            zh, en = ("候选点", "candidate") if costs.shape[0] else ("需求点", "demand point")
            self.fault(
                "cost",
                Words(f"没有{zh}", f"there is no {en}"),
                Words(f"请至少给出一个{zh}。", f"Give at least one {en}."),
            )
            return None
        return costs

    def dense_costs(self) -> Costs | None:
        matrix = self.matrix(self.told["cost"])
        if matrix is None:
            return None
        rows, columns = np.nonzero(~np.isnan(matrix))
        return Costs(rows, columns, matrix[rows, columns], _shape(matrix))

    def matrix(self, given: Any) -> Floats | None:
        """The dense matrix with NaN where ``null`` was; ``None`` when it is none."""
        rows = given.tolist() if isinstance(given, np.ndarray) and given.dtype == object else given
        if not isinstance(rows, np.ndarray) and not self.rows_of_numbers(rows):
            return None
        matrix = np.array(rows) if isinstance(rows, np.ndarray) else _floats(rows)
        if matrix is None or matrix.dtype.kind not in "iuf":
            self.fault("cost", Words("不是数的矩阵", "is no matrix of numbers"), _MATRIX)
            return None
        matrix = matrix.astype(float)
        if matrix.size == 0:
            return matrix.reshape(len(given), 0) if len(given) else np.zeros((0, 0))
        if matrix.ndim != 2:  # noqa: PLR2004 - rows and columns
            self.fault("cost", Words("不是数的矩阵", "is no matrix of numbers"), _MATRIX)
            return None
        bad = [
            (i, j)
            for i, j in np.argwhere(~((matrix >= 0) & (matrix <= MOST))).tolist()
            if given[i][j] is not None
        ]
        self.bad_numbers([(f"cost[{i}][{j}]", float(matrix[i, j])) for i, j in bad])
        return None if bad else matrix

    def rows_of_numbers(self, given: Any) -> bool:
        """Whether these are rows of numbers and ``null``, equally long; else each place is told."""
        known = len(self.faults)
        if not _is_list(given):
            self.fault("cost", Words("不是数的矩阵", "is no matrix of numbers"), _MATRIX)
            return False
        length = next((len(row) for row in given if _is_list(row)), 0)
        for i, row in enumerate(given):
            if len(self.faults) - known >= _NAMED:
                break
            if not _is_list(row):
                what = Words(f"{_shown(row)} 不是一行数", f"{_shown(row)} is no row of numbers")
                self.fault(f"cost[{i}]", what, _MATRIX)
            elif len(row) != length:
                what = Words(
                    f"有 {len(row)} 个数，第 0 行有 {length} 个",
                    f"has {len(row)} numbers, row 0 has {length}",
                )
                self.fault(f"cost[{i}]", what, _MATRIX)
            elif not set(map(type, row)) <= {int, float, type(None)}:
                self.no_numbers(f"cost[{i}]", row, _MATRIX, null=True)
        return len(self.faults) == known

    def no_numbers(self, key: str, row: Sequence[Any], remedy: Words, *, null: bool) -> None:
        """Name what is no number: a string, a boolean, a list, a ``null`` where none may be."""
        bad = [
            k for k, value in enumerate(row) if not (_is_number(value) or (null and value is None))
        ]
        for k in bad[:_NAMED]:
            what = Words(f"{_shown(row[k])} 不是数", f"{_shown(row[k])} is no number")
            self.fault(f"{key}[{k}]", what, remedy)

    def sparse_costs(self) -> Costs | None:
        demand, candidate = self.indices("demand"), self.indices("candidate")
        cost, shape = self.listed("cost"), self.shape()
        if demand is None or candidate is None or cost is None or shape is None:
            return None
        if not self.shape_is_filled(shape, len(cost)):
            return None
        lengths = {len(demand), len(candidate), len(cost)}
        if len(lengths) > 1:
            what = Words("长度不等", "are not equally long")
            remedy = Words("每一对各写一个数。", "Write one number a pair in each.")
            self.fault("demand, candidate, cost", what, remedy)
            return None
        known = len(self.faults)
        for key, indices, limit in (
            ("demand", demand, shape[0]),
            ("candidate", candidate, shape[1]),
        ):
            for k in np.flatnonzero((indices < 0) | (indices >= limit))[:5].tolist():
                what = Words(f"{indices[k]} 超出 shape", f"{indices[k]} is beyond the shape")
                remedy = Words(f"请用 0 至 {limit - 1}。", f"Use 0 to {limit - 1}.")
                self.fault(f"{key}[{k}]", what, remedy)
        if len(self.faults) > known:
            return None
        order = np.lexsort((candidate, demand))
        demand, candidate, cost = demand[order], candidate[order], cost[order]
        again = (np.diff(demand) == 0) & (np.diff(candidate) == 0)
        for k in np.flatnonzero(again)[:5].tolist():
            what = Words(
                f"需求点 {demand[k]}、候选点 {candidate[k]} 出现不止一次",
                f"demand point {demand[k]} and candidate {candidate[k]} occur more than once",
            )
            self.fault("cost", what, Words("每一对只写一次。", "Write each pair once."))
        return None if again.any() else Costs(demand, candidate, cost, shape)

    def shape(self) -> tuple[int, int] | None:
        shape = self.told.get("shape")
        good = (
            isinstance(shape, Sequence)
            and len(shape) == 2  # noqa: PLR2004 - rows and columns
            and all(_is_whole(size) and size >= 0 for size in shape)
        )
        if good and shape is not None:
            return int(shape[0]), int(shape[1])
        self.fault(
            "shape",
            Words("不是 [需求点数, 候选点数]", "is not [demand points, candidates]"),
            Words("请写成 [20000, 1000] 这样。", "Write it like [20000, 1000]."),
        )
        return None

    def shape_is_filled(self, shape: tuple[int, int], pairs: int) -> bool:
        """Whether the shape is of the size of what is given: memory follows it."""
        most = max(_MANY, _EMPTY * pairs)
        if max(shape) <= most:
            return True
        what = Words(
            f"{shape[0]}×{shape[1]} 而只有 {pairs} 对：几乎全空",
            f"{shape[0]} × {shape[1]} with only {pairs} pairs: nearly all of it is empty",
        )
        remedy = Words(
            f"请只留有费用的点，每边至多 {most}。",
            f"Keep the points that have costs, at most {most} each way.",
        )
        self.fault("shape", what, remedy)
        return False

    def indices(self, key: str) -> Ints | None:
        given: Any = self.told.get(key)
        if _is_list(given) and all(_is_whole(index) and abs(index) < MOST for index in given):
            return np.array(given, dtype=np.int64)
        self.fault(
            key,
            Words("不是整数的列表", "is no list of whole numbers"),
            Words("从 0 数起，每一对写一个序号。", "Write one index a pair, counted from 0."),
        )
        return None

    def numbers(self, key: str, length: int) -> Floats | None:
        """One number for each; ``None`` when absent or unusable."""
        if self.told.get(key) is None:
            return None
        values = self.listed(key)
        if values is not None and len(values) != length:
            what = Words(
                f"有 {len(values)} 个数，应有 {length} 个",
                f"has {len(values)} numbers instead of {length}",
            )
            remedy = Words(
                "load、weights 每个需求点一个数；site_cost、capacity、least_load 每个候选点一个数。",
                "Write one number a demand point (load, weights) or a candidate (site_cost, capacity, least_load).",
            )
            self.fault(key, what, remedy)
            return None
        return values

    def listed(self, key: str) -> Floats | None:
        given: Any = self.told.get(key)
        if not _is_list(given):
            self.fault(key, Words("不是数的列表", "is no list of numbers"), _FINITE)
            return None
        if not all(_is_number(value) for value in given):
            self.no_numbers(key, given, _FINITE, null=False)
            return None
        values = _floats(given)
        if values is None:
            self.fault(key, Words("有放不下的大数", "holds a number that is too large"), _FINITE)
            return None
        bad = np.flatnonzero(~((values >= 0) & (values <= MOST))).tolist()
        self.bad_numbers([(f"{key}[{k}]", values[k]) for k in bad])
        return None if bad else values

    def bad_numbers(self, found: Sequence[tuple[str, float]]) -> None:
        """The first few by name, then how many more."""
        for name, value in found[:_NAMED]:
            what = Words(f"{value} 不能用", f"{value} cannot be used")
            self.fault(name, what, _FINITE)
        if len(found) > _NAMED:
            more = len(found) - _NAMED
            name = found[0][0].partition("[")[0]
            self.fault(name, Words(f"还有 {more} 个这样的数", f"{more} more like these"), _FINITE)

    def amount(self, key: str) -> float | None:
        value = self.told.get(key)
        if value is None:
            return None
        if _is_number(value) and 0 <= value <= MOST:
            return float(value)
        self.fault(key, Words(f"{value!r} 不能用", f"{value!r} cannot be used"), _FINITE)
        return None

    def whole(self, key: str, *, least: int) -> int | None:
        value = self.told.get(key)
        if value is None:
            return None
        if _is_whole(value) and value >= least:
            return int(value)
        self.fault(
            key,
            Words(f"{value!r} 不能用", f"{value!r} cannot be used"),
            Words(f"请给出不小于 {least} 的整数。", f"Give a whole number of at least {least}."),
        )
        return None

    def flag(self, key: str) -> bool:
        value = self.told.get(key, False)
        if not isinstance(value, bool):
            self.fault(
                key,
                Words(f"{value!r} 不是 true 或 false", f"{value!r} is neither true nor false"),
                Words("请写 true 或 false。", "Write true or false."),
            )
        return bool(value)

    def time_limit(self) -> float:
        value = self.amount("time_limit_s")
        return _TIME_LIMIT_S if value is None else value

    def count(self, model: str, candidates: int) -> int | None:
        """How many sites, where the model asks for a number of them."""
        p = self.whole("p", least=1)
        if model not in NEEDS_P | {"mclp", "lscp_b"}:
            return None
        absent = self.told.get("p") is None
        if absent and (model in NEEDS_P or (model == "mclp" and self.told.get("budget") is None)):
            self.fault(
                "p",
                Words("没有写开几个点", "it is not said how many sites to open"),
                Words("请写 p。", "Write p."),
            )
        if p is not None and p > candidates:
            self.fault(
                "p",
                Words(
                    f"要开 {p} 个，只有 {candidates} 个候选点",
                    f"{p} sites of {candidates} candidates",
                ),
                Words(f"p 至多为 {candidates}。", f"p is at most {candidates}."),
            )
        return p

    def needed_radius(self, model: str) -> float | None:
        radius = self.amount("radius")
        if model in COVERING and self.told.get("radius") is None:
            self.fault(
                "radius",
                Words("没有写多远算覆盖", "it is not said how far covers"),
                Words("请写 radius。", "Write radius."),
            )
        return radius

    def fixed(self, candidates: int) -> tuple[int, ...]:
        given = self.told.get("fixed")
        if given is None:
            return ()
        if not _is_list(given) or not all(_is_whole(site) for site in given):
            what = Words("不是整数的列表", "is no list of whole numbers")
            self.fault("fixed", what, Words("请写候选点序号。", "Write indices of candidates."))
            return ()
        beyond = [site for site in given if not 0 <= site < candidates]
        if beyond:
            what = Words(f"没有候选点 {beyond}", f"there is no candidate {beyond}")
            remedy = Words(f"请用 0 至 {candidates - 1}。", f"Use 0 to {candidates - 1}.")
            self.fault("fixed", what, remedy)
        return tuple(sorted({int(site) for site in given}))

    def capacity(self, model: str, candidates: int) -> Floats | None:
        if model == "capacitated_p_median" and self.told.get("capacity") is None:
            self.fault(
                "capacity",
                Words("没有写能服务多少", "it is not said how much each site can serve"),
                Words("请写 capacity，或改用 p_median。", "Write capacity, or use p_median."),
            )
        capacity = self.numbers("capacity", candidates)
        return capacity if model in CAPACITATED | {"mclp"} else None

    def least_load(self, model: str, candidates: int) -> Floats | None:
        least = self.numbers("least_load", candidates)
        if least is None or model not in CAPACITATED | {"mclp"}:
            return None
        if not self.told.get("single_source"):
            self.fault(
                "least_load",
                Words("只在整点分配时有意义", "asks for demand points that are served whole"),
                Words("请加上 single_source = true。", "Add single_source: true."),
            )
        return least

    def together(self, problem: SitingProblem) -> None:
        """Faults that only two values make together."""
        if problem.p is not None and len(problem.fixed) > problem.p:
            self.fault(
                "fixed",
                Words(
                    f"固定 {len(problem.fixed)} 个点，p 只有 {problem.p}",
                    f"{len(problem.fixed)} sites are fixed, p is {problem.p}",
                ),
                Words("p 含固定的点，请加大 p。", "p counts the fixed sites: make it larger."),
            )
        if problem.model == "p_dispersion":
            self.from_site_to_site(problem)
        if problem.budget is not None and problem.site_cost is None:
            self.fault(
                "budget",
                Words("有预算而没有建点费用", "there is a budget, but no costs of sites"),
                Words("请写 site_cost。", "Write site_cost."),
            )

    def from_site_to_site(self, problem: SitingProblem) -> None:
        """Dispersion asks for the distance of every two sites, the same both ways."""
        rows, columns = problem.costs.shape
        square = np.full((rows, columns), np.nan)
        square[problem.costs.demand, problem.costs.candidate] = problem.costs.cost
        off = ~np.eye(rows, columns, dtype=bool)
        fault = None
        if rows != columns:
            fault = Words(f"{rows} 行 {columns} 列，不是方阵", f"{rows} rows, {columns} columns")
        elif np.isnan(square[off]).any():
            one, other = np.argwhere(np.isnan(square) & off)[0].tolist()
            fault = Words(f"缺 {one} 到 {other} 的距离", f"none from {one} to {other}")
        elif (np.abs(square - square.T)[off] > 0).any():
            one, other = np.argwhere((square != square.T) & off)[0].tolist()
            fault = Words(f"{one} 与 {other} 往返不同", f"{one} to {other} differs from back")
        if fault is not None:
            remedy = Words(
                "p_dispersion 的 cost 是点位两两之间的距离，写成对称的方阵。",
                "The cost of p_dispersion are distances from site to site: a square, the same both ways.",
            )
            self.fault("cost", fault, remedy)
        if problem.p == 1:
            what = Words("只有一个点，无所谓远近", "one site is apart from none")
            self.fault("p", what, Words("p 至少为 2。", "p is at least 2."))


def _shape(matrix: Floats) -> tuple[int, int]:
    return int(matrix.shape[0]), int(matrix.shape[1])


def _floats(given: Any) -> Floats | None:
    """Numbers as an array, NaN for ``null``; ``None`` when one is beyond every double."""
    try:
        return np.array(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return None


def _shown(value: Any) -> str:
    """A value as JSON writes it, cut short."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
