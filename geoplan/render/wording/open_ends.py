"""What an assessment leaves open, in lines that stand beside its numbers."""

from __future__ import annotations

from geoplan.assess.absence import absence_remarks, is_blank
from geoplan.assess.model import Assessment
from geoplan.terms import Words, label

_DOUBTED = "PLACE_DOUBTED"


def open_lines(assessment: Assessment, language: str) -> list[str]:
    """What the layers leave open, a line a layer, so that silence is not taken for success.

    A layer whose places are doubted bears on every verdict, so it is said first.
    """
    lines = [each.detail.say(language) for each in absence_remarks(assessment.unjudged)]
    if lines and is_blank(assessment.layers):
        blank = Words(
            "各图层都还没有填入数据，目前什么都无法判断。",
            "Nothing has been filled in yet: nothing can be judged.",
        )
        return [blank.say(language), *lines]
    return [*_doubt_lines(assessment, language), *lines]


def _doubt_lines(assessment: Assessment, language: str) -> list[str]:
    head = label("code", _DOUBTED, language)
    return [
        f"{head}  {remark.detail.say(language)}"
        for remark in assessment.remarks
        if remark.code == _DOUBTED
    ]
