"""An inspection as a JSON document."""

from __future__ import annotations

from typing import Any

from geoplan import __version__
from geoplan.assess.checkup.inspection import Inspection
from geoplan.render.documents.json_values import (
    number_json,
    remark_json,
    source_json,
)


def build_inspection(inspection: Inspection, *, language: str) -> dict[str, Any]:
    """An inspection as JSON: problems, sources, remarks, defects, and what mending them moves."""
    assessment = inspection.assessment
    return {
        "geoplan": __version__,
        "study": assessment.study,
        "as_of": assessment.as_of.isoformat(),
        "language": language,
        "problems": [
            {
                "where": each.where,
                "what": each.what.say(language),
                "remedy": each.remedy.say(language),
            }
            for each in inspection.problems
        ],
        "sources": [source_json(each) for each in assessment.sources],
        "remarks": [remark_json(each, language) for each in assessment.remarks],
        "defects": [
            {
                "layer": each.layer,
                "rows": list(each.rows),
                "ids": list(each.ids),
                "code": each.code,
                "detail": each.detail.say(language),
                "remedy": each.remedy.say(language),
            }
            for each in inspection.defects
        ],
        "datums": [
            {
                "layer": each.layer,
                "path": each.path,
                "declared": each.declared,
                "proposal": each.proposal,
                "candidates": [
                    {"datum": one.datum, "fitting": one.fitting, "total": one.total}
                    for one in each.candidates
                ],
                "said": each.said.say(language),
            }
            for each in inspection.evidence
        ],
        "effects": [
            {
                "code": effect.code,
                "layer": effect.layer,
                "ids": list(effect.ids),
                "is_range": effect.is_range,
                "moves": [
                    {
                        "indicator": move.indicator,
                        "now": number_json(move.now),
                        "low": number_json(move.low),
                        "high": number_json(move.high),
                        "verdicts": [each.value for each in move.verdicts],
                    }
                    for move in effect.moves
                ],
            }
            for effect in inspection.effects
        ],
    }
