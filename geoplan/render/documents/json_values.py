"""Numbers, words and rows as JSON says them: exact, or null with the reason beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

from geoplan.assess.remedies import NearPremises
from geoplan.errors import Remark
from geoplan.layers.model import Source
from geoplan.numbers import json_gap, json_number
from geoplan.policy.model import Standard, Value
from geoplan.render.sheets.harmless import visible
from geoplan.terms import Words


def read_schema() -> str:
    """The JSON Schema of the document, as text."""
    return (files("geoplan.render.documents") / "schema.json").read_text(encoding="utf-8")


def dump_document(document: Mapping[str, Any]) -> str:
    """The document as text: one row a line, so that two results can be compared line by line.

    Examples
    --------
    >>> print(dump_document({"study": "崇左", "units": [{"unit_id": "X1"}, {"unit_id": "X2"}]}))
    {
      "study": "崇左",
      "units": [
        {"unit_id": "X1"},
        {"unit_id": "X2"}
      ]
    }
    <BLANKLINE>
    """
    parts = (f"  {_line(key)}: {_rows(value)}" for key, value in document.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _rows(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _line(value)
    return "[\n" + ",\n".join(f"    {_line(each)}" for each in value) + "\n  ]"


def _line(value: Any) -> str:
    return visible(json.dumps(value, ensure_ascii=False, allow_nan=False))


def policy_json(standard: Standard, language: str) -> dict[str, Any]:
    """The policy with every value that was used."""
    policy = standard.policy
    return {
        "id": policy.id,
        "title": policy.title,
        "issuer": policy.issuer,
        "document_no": policy.document_no,
        "sha256": policy.sha256,
        "values": {name: _value(value) for name, value in standard.values.items()},
        "overrides": {name: _value(value) for name, value in sorted(standard.overrides.items())},
        "assumed": {
            name: parameter.assumption(language)
            for name, parameter in policy.parameters.items()
            if parameter.assumed is not None
        },
    }


def _value(value: Value | None) -> Any:
    if isinstance(value, Decimal):
        return json_number(Fraction(value))
    return value.isoformat() if isinstance(value, date) else value


def number_json(value: Fraction | None) -> int | float | None:
    """An exact number as JSON holds it, or null."""
    return None if value is None else json_number(value)


def missing_json(value: Fraction | None) -> int | float | None:
    """How much is missing, rounded as gaps are, or null."""
    return None if value is None else json_gap(value)


def said_json(words: Words | None, language: str) -> str | None:
    """A sentence in the language asked for, or null."""
    return None if words is None else words.say(language)


def metres_json(near: NearPremises) -> float | None:
    """To the centimetre: the straight distance is for looking, not for judging."""
    return None if near.distance_m is None else round(near.distance_m, 2)


def remark_json(remark: Remark, language: str) -> dict[str, Any]:
    """A remark with its layer, rows and ids."""
    return {
        "layer": remark.layer,
        "rows": list(remark.rows),
        "ids": list(remark.ids),
        "code": remark.code,
        "detail": remark.detail.say(language),
        "set_aside": remark.set_aside,
    }


def source_json(source: Source) -> dict[str, Any]:
    """A file with its checksum and what was read of it."""
    return {
        "layer": source.layer,
        "path": source.path,
        "sha256": source.sha256,
        "crs": source.crs,
        "encoding": source.encoding,
        "rows_read": source.rows_read,
        "rows_kept": source.rows_kept,
        "headings": [{"heading": heading, "field": key} for heading, key in source.headings],
    }
