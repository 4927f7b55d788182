"""What is not there: layers that are missing or hold no row, and what cannot be judged for it.

What nobody has told is neither a gap nor a success (``domain.md`` §9, second series: absence).
Belongs here: which question needs which layers, and saying what is left open. Does not belong
here: rows that are there and say too little; those are unknown one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geoplan.errors import Remark
from geoplan.layers.model import Layers
from geoplan.terms import Words, label

LAYER_MISSING, LAYER_EMPTY = "LAYER_MISSING", "LAYER_EMPTY"
AREA_RULE = "area_per_100_households"

Needs = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """A layer that is not there: ``layers`` are the ones of which any would have done."""

    code: str
    layers: tuple[str, ...]

    @property
    def words(self) -> Words:
        """Such as 缺少图层：设施."""
        zh = "或".join(label("layer", name, "zh") for name in self.layers)
        en = " or ".join(label("layer", name, "en") for name in self.layers)
        if self.code == LAYER_MISSING:
            return Words(f"缺少图层：{zh}", f"missing layer: {en}")
        return Words(f"图层没有一行数据：{zh}", f"layer without a single row: {en}")


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A question that is left open: an indicator's measure or the area rule, in words, and why."""

    subject: str
    name: Words
    absences: tuple[Absence, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Each reason once."""
        return tuple(dict.fromkeys(each.code for each in self.absences))

    @property
    def reason(self) -> Words:
        """All that is absent, in one sentence."""
        words = [each.words for each in self.absences]
        return Words("；".join(each.zh for each in words), "; ".join(each.en for each in words))


def absences(layers: Layers, needs: Needs) -> tuple[Absence, ...]:
    """What a question lacks. Of alternatives the first layer given is asked, and must hold a row."""
    found = []
    for alternatives in needs:
        given = [name for name in alternatives if getattr(layers, name) is not None]
        if not given:
            found.append(Absence(LAYER_MISSING, alternatives))
        elif not getattr(layers, given[0]).rows:
            found.append(Absence(LAYER_EMPTY, (given[0],)))
    return tuple(found)


def area_needs(layers: Layers) -> Needs:
    """Compounds and facilities; and rows in the layer over which areas are pooled, where given."""
    pools = ("communities", "residential_communities")
    given = [(name,) for name in pools if getattr(layers, name) is not None]
    return (("compounds",), ("facilities",), *given[:1])


def absence_remarks(unjudged: Iterable[Unjudged]) -> tuple[Remark, ...]:
    """One remark a layer that is absent, with everything it leaves open."""
    open_: dict[Absence, list[Words]] = {}
    for each in unjudged:
        for absence in each.absences:
            open_.setdefault(absence, []).append(each.name)
    return tuple(
        Remark(absence.code, _detail(absence, names), absence.layers[0])
        for absence, names in open_.items()
    )


def _detail(absence: Absence, names: Sequence[Words]) -> Words:
    zh, en = "、".join(each.zh for each in names), ", ".join(each.en for each in names)
    is_empty = absence.code == LAYER_EMPTY
    todo = Words(
        "请填入数据" if is_empty else "请在 study.toml 的 [layers] 中给出",
        "fill it in" if is_empty else "give it under [layers] in study.toml",
    )
    return Words(
        f"{absence.words.zh}，无法判断：{zh}。没有数据既不算缺口，也不算达标；{todo.zh}",
        f"{absence.words.en}; not judged: {en}. What is not there is neither a gap nor a success: "
        f"{todo.en}",
    )
