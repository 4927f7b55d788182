"""A comparison of two states for people and scripts: what moved, and what turned.

Belongs here: words, columns and the order of keys. Does not belong here: counting anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from geoplan import __version__
from geoplan.assess.model import Assessment
from geoplan.layers.model import Facility
from geoplan.numbers import exact_decimal, json_number, number_text
from geoplan.plan.comparison import LINKS, Comparison, Moved, Turned
from geoplan.render.documents.json_values import policy_json
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.wording.text_columns import table_text
from geoplan.render.wording.view import View, view_of
from geoplan.render.wording.words import shown_value
from geoplan.terms import Words, label

_NAMED = 12


def signed_text(value: Fraction | None) -> str:
    """A difference with its sign, two decimals half up away from nothing; 0 is 0.

    Examples
    --------
    >>> signed_text(Fraction(100, 3)), signed_text(Fraction(-1, 3)), signed_text(Fraction(0))
    ('+33.33', '-0.33', '0')
    >>> signed_text(Fraction(1, 1000)), signed_text(None)
    ('+0.001', '—')
    """
    if value is None:
        return "—"
    if not value:
        return "0"
    text = number_text(abs(value))
    if text == "0.00":  # too small for two decimals, but not nothing
        exact = exact_decimal(abs(value))
        text = f"{float(abs(value)):.1e}" if exact is None else f"{exact:f}"
    return f"{'+' if value > 0 else '-'}{text}"


# ---------------------------------------------------------------------------------- tables


def comparison_tables(comparison: Comparison, language: str) -> tuple[Table, ...]:
    """The indicators with their parts, what turned, and the facilities behind it."""
    view = view_of(comparison.after, language)
    return (
        _moved_table(comparison, view),
        _turned_table(comparison, view),
        _facilities_table(comparison, view),
    )


def _moved_table(comparison: Comparison, view: View) -> Table:
    columns: tuple[Column[Moved], ...] = (
        Column("number", Words("序号", "No."), lambda each: each.after.indicator.number, width=6),
        Column("indicator_id", Words("指标代码", "indicator id"), lambda each: each.id, coded=True),
        Column("indicator", Words("指标", "indicator"), lambda each: _name(each, view), width=36),
        Column("unit", Words("单位", "unit"), lambda each: each.after.indicator.unit, width=8),
        Column("before", Words("前", "before"), lambda each: each.before.value, Kind.PERCENT, width=11),
        Column("after", Words("后", "after"), lambda each: each.after.value, Kind.PERCENT, width=11),
        Column("change", Words("变化", "change"), lambda each: each.change, Kind.PERCENT, width=11),
        *(_part_column(at, link) for at, link in enumerate(LINKS)),
        Column("sum_before", Words("算式(前)", "sum before"), lambda each: view.say(each.before.sum), width=26),
        Column("sum_after", Words("算式(后)", "sum after"), lambda each: view.say(each.after.sum), width=26),
        Column("verdict_before", Words("结论(前)", "verdict before"), lambda each: view.verdict(each.before.verdict), Kind.VERDICT, width=11),
        Column("verdict_after", Words("结论(后)", "verdict after"), lambda each: view.verdict(each.after.verdict), Kind.VERDICT, width=11),
        Column("carried", Words("并入后一环", "carried to the next link"), lambda each: [view.label("link", link) for link in each.carried], Kind.LIST, width=16),
    )  # fmt: skip
    title = Words("指标变化", "indicators")
    return build_table("comparison", title, columns=columns, rows=comparison.moved)


def _part_column(at: int, link: str) -> Column[Moved]:
    words = Words(label("link", link, "zh"), label("link", link, "en"))

    def part(each: Moved) -> Fraction | None:
        return None if each.parts is None else each.parts[at]

    return Column(link, words, part, Kind.PERCENT, width=11)


def _name(moved: Moved, view: View) -> str:
    indicator = moved.after.indicator
    return indicator.label_zh if view.language == "zh" else indicator.label_en


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of units on both sides: what is gone has its name on the first side only."""

    before: View
    after: View

    def of(self, turned: Turned) -> str:
        """The name of a unit or project, else its id."""
        name = self.after.register.name(turned.level, turned.unit_id)
        if name != turned.unit_id:
            return name
        return self.before.register.name(turned.level, turned.unit_id)


def _turned_table(comparison: Comparison, view: View) -> Table:
    names = _Names(view_of(comparison.before, view.language), view)
    columns: tuple[Column[Turned], ...] = (
        Column("level", Words("层级", "level"), lambda each: each.level, coded=True),
        Column("level_word", Words("层级", "level"), lambda each: view.label("level", each.level), width=10),
        Column("unit_id", Words("编号", "unit id"), lambda each: each.unit_id, width=15),
        Column("name", Words("名称", "name"), names.of, width=24),
        Column("rule", Words("规则", "rule"), lambda each: each.rule, coded=True),
        Column("rule_word", Words("规则", "rule"), lambda each: view.label("rule", each.rule), width=22),
        Column("kind", Words("类别", "kind"), lambda each: each.kind, coded=True),
        Column("kind_word", Words("类别", "kind"), lambda each: view.label("kind", each.kind) if each.kind else "", width=8),
        Column("before", Words("前", "before"), lambda each: each.before, coded=True),
        Column("before_word", Words("前", "before"), lambda each: _standing(each.before, view), Kind.VERDICT, width=11),
        Column("after", Words("后", "after"), lambda each: each.after, coded=True),
        Column("after_word", Words("后", "after"), lambda each: _standing(each.after, view), Kind.VERDICT, width=11),
        Column("gap_before_m2", Words("缺口(前,㎡)", "gap before m²"), lambda each: each.gap_before_m2, Kind.GAP, width=12),
        Column("gap_after_m2", Words("缺口(后,㎡)", "gap after m²"), lambda each: each.gap_after_m2, Kind.GAP, width=12),
    )  # fmt: skip
    title = Words("结论变化", "what turned")
    return build_table("turned", title, columns=columns, rows=comparison.turned)


def _standing(verdict: str | None, view: View) -> str:
    if verdict is None:
        return view.say(Words("无此单元", "not there"))
    return view.label("verdict", verdict)


def _facilities_table(comparison: Comparison, view: View) -> Table:
    rows = [("closed", row) for row in comparison.closed]
    rows += [("opened", row) for row in comparison.opened]
    columns: tuple[Column[tuple[str, Facility]], ...] = (
        Column("link", Words("变化", "what"), lambda each: each[0], coded=True),
        Column("link_word", Words("变化", "what"), lambda each: view.label("link", each[0]), width=12),
        Column("facility_id", Words("设施编号", "facility id"), lambda each: each[1].id, width=14),
        Column("name", Words("名称", "name"), lambda each: each[1].name, width=28),
        Column("type", Words("类型", "type"), lambda each: each[1].facility_type, coded=True),
        Column("type_word", Words("类型", "type"), lambda each: view.label("facility_type", each[1].facility_type), width=24),
    )  # fmt: skip
    title = Words("开设与关停", "opened and closed")
    return build_table("moved_facilities", title, columns=columns, rows=rows)


# ------------------------------------------------------------------------------------ text


def comparison_text(comparison: Comparison, language: str) -> str:
    """The indicators that moved with their parts, then what turned, for the terminal."""
    view = view_of(comparison.after, language)
    lines = [_side(comparison.before, language), _side(comparison.after, language), ""]
    moved = [each for each in comparison.moved if _has_moved(each)]
    if moved:
        lines.append(table_text(_heads(language), [_row(each, comparison, view) for each in moved]))
    still = len(comparison.moved) - len(moved)
    lines.append(
        view.say(Words(f"另有 {still} 项指标没有变化", f"{still} indicators did not move"))
    )
    for link, rows in (("closed", comparison.closed), ("opened", comparison.opened)):
        if rows:
            lines.append(f"{view.label('link', link)} {len(rows)}: {_listed(rows)}")
    if comparison.turned:
        names = _Names(view_of(comparison.before, language), view)
        heads = ("编号", "名称", "规则", "类别", "前", "后") if language == "zh" else (
            "unit", "name", "rule", "kind", "before", "after"
        )  # fmt: skip
        body = [
            (
                each.unit_id,
                names.of(each),
                view.label("rule", each.rule),
                view.label("kind", each.kind) if each.kind else "",
                _standing(each.before, view),
                _standing(each.after, view),
            )
            for each in comparison.turned
        ]
        lines += ["", table_text(heads, body)]
    return "\n".join(lines)


def _side(assessment: Assessment, language: str) -> str:
    policy = assessment.standard.policy.id
    return f"{assessment.study}  {assessment.as_of.isoformat()}  {policy}" if language else ""


def _has_moved(moved: Moved) -> bool:
    parts = moved.parts or ()
    return moved.before.value != moved.after.value or any(parts)


def _heads(language: str) -> tuple[str, ...]:
    before_after = ("指标", "前", "后", "变化") if language == "zh" else (
        "indicator", "before", "after", "change"
    )  # fmt: skip
    return (*before_after, *(label("link", link, language) for link in LINKS))


def _row(moved: Moved, comparison: Comparison, view: View) -> tuple[str, ...]:
    parts: Sequence[Fraction | None] = moved.parts or (None,) * len(LINKS)
    return (
        _name(moved, view),
        shown_value(moved.before, comparison.before.standard),
        shown_value(moved.after, comparison.after.standard),
        signed_text(moved.change),
        *(signed_text(part) for part in parts),
    )


def _listed(rows: Sequence[Facility]) -> str:
    names = [f"{row.id} {row.name}".strip() for row in rows[:_NAMED]]
    return "、".join(names) + ("……" if len(rows) > _NAMED else "")


# ------------------------------------------------------------------------------------ JSON


def comparison_document(comparison: Comparison, language: str) -> dict[str, Any]:
    """The comparison for scripts; ``parts`` of an indicator sum to its ``change``."""
    return {
        "geoplan": __version__,
        "language": language,
        "before": _side_json(comparison.before, language),
        "after": _side_json(comparison.after, language),
        "links": list(LINKS),
        "indicators": [_moved_json(each) for each in comparison.moved],
        "turned": [
            {
                "unit_id": each.unit_id,
                "level": each.level,
                "rule": each.rule,
                "kind": each.kind or None,
                "before": each.before,
                "after": each.after,
                "gap_before_m2": _number(each.gap_before_m2),
                "gap_after_m2": _number(each.gap_after_m2),
            }
            for each in comparison.turned
        ],
        "closed": [_facility_json(row) for row in comparison.closed],
        "opened": [_facility_json(row) for row in comparison.opened],
    }


def _side_json(assessment: Assessment, language: str) -> dict[str, Any]:
    return {
        "study": assessment.study,
        "as_of": assessment.as_of.isoformat(),
        "policy": policy_json(assessment.standard, language),
    }


def _moved_json(moved: Moved) -> dict[str, Any]:
    return {
        "id": moved.id,
        "before": _number(moved.before.value),
        "after": _number(moved.after.value),
        "change": _number(moved.change),
        "parts": None
        if moved.parts is None
        else {link: json_number(part) for link, part in zip(LINKS, moved.parts, strict=True)},
        "exact_parts": None
        if moved.parts is None
        else {link: str(part) for link, part in zip(LINKS, moved.parts, strict=True)},
        "values": [_number(each.value) for each in moved.results],
        "numerators": [_number(each.numerator) for each in moved.results],
        "denominators": [_number(each.denominator) for each in moved.results],
        "carried": list(moved.carried),
        "verdict_before": moved.before.verdict.value,
        "verdict_after": moved.after.verdict.value,
    }


def _facility_json(row: Facility) -> dict[str, str]:
    return {"id": row.id, "name": row.name, "type": row.facility_type}


def _number(value: Fraction | None) -> int | float | None:
    return None if value is None else json_number(value)
