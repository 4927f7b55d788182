"""Local systems brought to a known one by control points: four or six parameters, exact least squares.

Belongs here: the fit, its residuals, and what is refused. Does not belong here: reading study.toml,
or the known system itself (``datum.py``).

With four parameters a plan is moved, turned and scaled (a similarity, Helmert 1876); with six it may
also be sheared (affine). Two or three points fix them without any check; every point more is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.errors import Problem, Remark
from geoplan.terms import Words

Floats = NDArray[np.float64]

LEAST = {"4": 2, "6": 3}
_CELLS = 4
_FLAT = 1e-6  # of the extent: points as good as on one line
_LARGE_M = 1.0  # a residual beyond a metre: a point is wrong, or the fit is too simple


@dataclass(frozen=True, slots=True)
class Fit:
    """East and north as ``matrix @ (x, y, 1)``, metres; what each control point misses by."""

    matrix: Floats
    residual_m: Floats
    parameters: str

    @property
    def rms_m(self) -> float:
        """Root mean square of the residuals."""
        return float(np.sqrt(np.mean(self.residual_m**2)))

    def apply(self, pairs: Floats) -> Floats:
        """Pairs of the local system in the known one."""
        moved: Floats = pairs @ self.matrix[:, :2].T + self.matrix[:, 2]
        return moved


def fit_control(points: Sequence[Sequence[float]], parameters: str, where: str) -> Fit | Problem:
    """Fit a local system to a known one.

    Parameters
    ----------
    points : of each control point x and y in the file's own columns, then easting and northing.
    parameters : ``4`` or ``6``.
    where : the file, as a message names it.

    Examples
    --------
    >>> points = [[0, 0, 500, 1000], [100, 0, 500, 1100]]
    >>> fit_control(points, "4", "a.dxf").apply(np.array([[0.0, 100.0]]))
    array([[ 400., 1000.]])
    """
    given = np.array([[float(each) for each in point] for point in points], dtype=np.float64)
    if len(given) < LEAST[parameters]:
        return _too_few(len(given), parameters, where)
    local, known = given[:, :2], given[:, 2:_CELLS]
    middle = local.mean(axis=0)
    around = local - middle
    extent = np.linalg.svd(around, compute_uv=False)
    if extent[0] == 0 or (parameters == "6" and extent[1] <= _FLAT * extent[0]):
        return _on_a_line(parameters, where)
    matrix = _similarity(around, known) if parameters == "4" else _affine(around, known)
    matrix[:, 2] -= matrix[:, :2] @ middle
    missed = known - (local @ matrix[:, :2].T + matrix[:, 2])
    return Fit(matrix, np.hypot(missed[:, 0], missed[:, 1]), parameters)


def _similarity(local: Floats, known: Floats) -> Floats:
    """E = a x - b y + c, N = b x + a y + d."""
    ones, none = np.ones(len(local)), np.zeros(len(local))
    x, y = local.T
    rows = np.concatenate(
        (np.column_stack((x, -y, ones, none)), np.column_stack((y, x, none, ones)))
    )
    (a, b, c, d), *_ = np.linalg.lstsq(rows, np.concatenate((known[:, 0], known[:, 1])), rcond=None)
    return np.array([[a, -b, c], [b, a, d]])


def _affine(local: Floats, known: Floats) -> Floats:
    rows = np.column_stack((local, np.ones(len(local))))
    found, *_ = np.linalg.lstsq(rows, known, rcond=None)
    return np.asarray(found.T, dtype=np.float64).copy()


def fit_remark(fit: Fit, crs: str, layer: str) -> Remark:
    """The residual of every control point, and whether anything checks the fit."""
    each = "、".join(f"{number}: {value:.3f}" for number, value in enumerate(fit.residual_m, 1))
    unchecked = len(fit.residual_m) == LEAST[fit.parameters]
    poor = bool((fit.residual_m > _LARGE_M).any())
    zh = "控制点刚够，没有多余点可供检核" if unchecked else f"中误差 {fit.rms_m:.3f} m"
    en = "just enough points, so nothing checks it" if unchecked else f"RMS {fit.rms_m:.3f} m"
    if poor:
        zh += "；残差超过 1 米，请核对控制点"
        en += "; a residual exceeds 1 m: check the points"
    detail = Words(
        f"由 {len(fit.residual_m)} 个控制点按{_name(fit.parameters).zh}换算到 {crs}，{zh}；各点残差(m) {each}",
        f"taken to {crs} by a {_name(fit.parameters).en} fit on {len(fit.residual_m)} control points, {en}; "
        f"residuals in m: {each}",
    )
    return Remark("CONTROL_FIT", detail, layer)


def _name(parameters: str) -> Words:
    return Words("四参数", "4-parameter") if parameters == "4" else Words("六参数", "6-parameter")


def _too_few(count: int, parameters: str, where: str) -> Problem:
    least = LEAST[parameters]
    return Problem(
        where,
        Words(
            f"{_name(parameters).zh}至少要 {least} 个控制点，只有 {count} 个",
            f"a {_name(parameters).en} fit needs {least} control points; there are {count}",
        ),
        Words(
            "请在 control 中补充控制点 [x, y, 东坐标, 北坐标]。",
            "Add points to control: [x, y, easting, northing].",
        ),
    )


def _on_a_line(parameters: str, where: str) -> Problem:
    return Problem(
        where,
        Words(
            "控制点重合或在一条直线上，定不出换算参数",
            "the control points coincide or lie on one line and fix nothing",
        ),
        Words(
            "请换用分散的控制点" + ('，或改用四参数（fit = "4"）。' if parameters == "6" else "。"),
            "Take points that lie apart" + (', or fit = "4".' if parameters == "6" else "."),
        ),
    )
