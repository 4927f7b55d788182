"""What is not there: layers that are missing or of no use, and what cannot be judged for it.

What nobody has told is neither a gap nor a success (``docs/method.md`` §9, second series: absence).
Belongs here: which question needs which layers, and saying what is left open. Does not belong
here: rows that are there and say too little; those are unknown one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from geoplan.errors import Remark
from geoplan.layers.model import Layers, rows_of
from geoplan.terms import Words, label

LAYER_MISSING, LAYER_EMPTY = "LAYER_MISSING", "LAYER_EMPTY"
AREA_RULE = "area_per_100_households"

Needs = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """A layer that is not there, in words, with what to do about it.

    ``layers`` are the ones of which any would have done. ``of_pools``: what is judged over a
    community is left open by it, each compound on its own is not.
    """

    code: str
    layers: tuple[str, ...]
    words: Words
    remedy: Words
    of_pools: bool = False


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A question that is left open: an indicator's measure or the area rule, in words, and why.

    ``hides_gaps`` where its answer could hold a gap.
    """

    subject: str
    name: Words
    absences: tuple[Absence, ...]
    hides_gaps: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Each reason once."""
        return tuple(dict.fromkeys(each.code for each in self.absences))

    @property
    def reason(self) -> Words:
        """All that is absent, in one sentence."""
        words = [each.words for each in self.absences]
        return Words("；".join(each.zh for each in words), "; ".join(each.en for each in words))

    @property
    def of_pools(self) -> bool:
        """Whether only what is judged over several compounds is left open."""
        return all(each.of_pools for each in self.absences)

    def lacks(self, layer: str) -> bool:
        """Whether a layer is among what is absent."""
        return any(layer in each.layers for each in self.absences)


def absences(
    layers: Layers, needs: Needs, nowhere: Collection[str] = frozenset()
) -> tuple[Absence, ...]:
    """What a question lacks. Of alternatives the first layer given is asked, and must be of use.

    Parameters
    ----------
    layers : the layers.
    needs : a list of alternatives a place.
    nowhere : layers that have rows, but none of them in any unit.
    """
    found = []
    for alternatives in needs:
        given = next((name for name in alternatives if getattr(layers, name) is not None), None)
        if given is None:
            found.append(_missing(alternatives))
        elif not getattr(layers, given).rows:
            found.append(_empty(given, layers))
        elif given in nowhere:
            found.append(_nowhere(given, len(getattr(layers, given).rows)))
    return tuple(found)


def _missing(alternatives: tuple[str, ...]) -> Absence:
    zh = "或".join(label("layer", name, "zh") for name in alternatives)
    en = " or ".join(label("layer", name, "en") for name in alternatives)
    remedy = Words(
        "请在 study.toml 的 [layers] 中给出", "give the layer under [layers] in study.toml"
    )
    return Absence(
        LAYER_MISSING,
        alternatives,
        Words(f"未提供图层：{zh}", f"missing layer: {en}"),
        remedy,
    )


def _empty(name: str, layers: Layers) -> Absence:
    """Nothing is filled in; or nothing of what is filled in is a record."""
    read = sum(source.rows_read for source in layers.sources if source.layer == name)
    zh, en = label("layer", name, "zh"), label("layer", name, "en")
    words = (
        Words(
            f"图层全部未采用：{zh}（读入 {read} 行，见提示）",
            f"layer wholly set aside: {en} ({read} rows read, see the remarks)",
        )
        if read
        else Words(f"图层没有一行数据：{zh}", f"layer without a single row: {en}")
    )
    remedy = (
        Words("请按提示改正", "correct the rows as the remarks say")
        if read
        else Words("请填入数据", "fill it in")
    )
    return Absence(LAYER_EMPTY, (name,), words, remedy)


def _nowhere(name: str, rows: int) -> Absence:
    zh, en = label("layer", name, "zh"), label("layer", name, "en")
    return Absence(
        LAYER_EMPTY,
        (name,),
        Words(
            f"图层全部在研究范围之外：{zh}（{rows} 行均不属于任何街道、社区或小区）",
            f"layer wholly outside: {en} ({rows} rows, none in any division, community or compound)",
        ),
        Words(
            "请检查坐标系（crs）或填写所属街道、社区",
            "check its crs, or declare the division or community of its rows",
        ),
        of_pools=name == "compounds",
    )


def without_places(layers: Layers, unit_layer: str) -> tuple[Absence, ...]:
    """What walking to a facility lacks: positions of the facilities, or of those who walk."""
    facilities = layers.facilities
    placed = facilities is not None and facilities.geometry is not None
    name = unit_layer if placed else "facilities"
    zh, en = label("layer", name, "zh"), label("layer", name, "en")
    words = Words(f"图层没有位置：{zh}", f"layer without positions: {en}")
    remedy = Words(
        "请给出坐标，或不按步行可达判定（coverage_mode）",
        "give coordinates, or do not judge by walking (coverage_mode)",
    )
    return (Absence(LAYER_EMPTY, (name,), words, remedy),)


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
    return Words(
        f"{absence.words.zh}，无法判断：{zh}。没有数据既不算缺口，也不算达标；{absence.remedy.zh}",
        f"{absence.words.en}; not judged: {en}. What is not there is neither a gap nor a success: "
        f"{absence.remedy.en}",
    )


_TABLES = (
    "divisions", "communities", "residential_communities", "compounds",
    "projects", "facilities", "premises", "reported",
)  # fmt: skip


def is_blank(layers: Layers) -> bool:
    """Whether nobody has filled in anything: the tables of a new study."""
    read = any(source.rows_read for source in layers.sources)
    return not read and not any(rows_of(getattr(layers, name)) for name in _TABLES)
