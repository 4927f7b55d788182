"""From a published elder-care and childcare plan to verdicts, gaps and maps.

Each name below is one step of the work and is importable from here; the rooms behind them are
importable on their own. Names are looked up when first used, so that ``import geoplan`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "assess_study": "geoplan.workflow",
    "build_document": "geoplan.render.documents.assessment",
    "check_compliance": "geoplan.workflow",
    "compare": "geoplan.workflow",
    "draw_map": "geoplan.render.webmap.page",
    "find_gaps": "geoplan.workflow",
    "plan_sites": "geoplan.workflow",
    "read_layers": "geoplan.layers.read",
    "read_policy": "geoplan.policy.read",
    "read_study": "geoplan.study",
    "write_map": "geoplan.render.webmap.page",
    "write_report": "geoplan.render.paper.report",
    "write_tables": "geoplan.render.tables.assessment",
}

__all__ = [  # noqa: PLE0604 - the keys are strings
    *sorted(_ROOMS),
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'geoplan' has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
