"""What building a network found, in words.

Belongs here: sentences about streets. Does not belong here: finding out.
"""

from __future__ import annotations

from collections.abc import Mapping

from geoplan.errors import Remark
from geoplan.terms import Words

_WHOLE = 0.95


def said_of(counts: Mapping[str, int], length_m: float, largest: float) -> tuple[Remark, ...]:
    """One remark on the whole network and one for each fault that was found.

    Examples
    --------
    >>> counts = {"nodes": 3, "edges": 2, "components": 1, "zero_length": 0, "empty": 0,
    ...           "duplicates": 4, "touching": 0, "near_misses": 0}
    >>> [remark.code for remark in said_of(counts, 130.0, 1.0)]
    ['NETWORK_BUILT', 'STREET_TWICE']
    """
    return (
        _remark("NETWORK_BUILT", _built(counts, length_m, largest)),
        *_apart(counts["components"], largest),
        *(_remark(code, words) for code, number, words in _faults(counts) if number),
    )


def _remark(code: str, words: Words) -> Remark:
    return Remark(code, words, layer="roads")


def _built(counts: Mapping[str, int], length_m: float, largest: float) -> Words:
    nodes, edges, parts = counts["nodes"], counts["edges"], counts["components"]
    length_km, share = length_m / 1000, f"{largest * 100:.1f}"
    return Words(
        f"路网共 {length_km:,.1f} 公里、{nodes:,} 个节点、{edges:,} 条边，分为 {parts:,} 个互不相连的"
        f"部分，最大部分占长度的 {share}%",
        f"the streets are {length_km:,.1f} km with {nodes:,} nodes and {edges:,} edges, in {parts:,} "
        f"separate parts; the largest has {share} % of the length",
    )


def _apart(parts: int, largest: float) -> tuple[Remark, ...]:
    if largest >= _WHOLE:
        return ()
    share = f"{largest * 100:.1f}"
    words = Words(
        f"路网断成 {parts:,} 个部分，最大部分只占长度的 {share}%：道路可能没有在交叉口打断，"
        "请先在交叉口打断（如 QGIS 的“用线分割”），否则许多人会被算作走不到",
        f"the streets fall into {parts:,} parts and the largest has only {share} % of the length: "
        "perhaps they are not broken at crossings; break them there (in QGIS: Split with lines), "
        "else many people count as out of reach",
    )
    return (_remark("NETWORK_APART", words),)


def _faults(counts: Mapping[str, int]) -> tuple[tuple[str, int, Words], ...]:
    empty, zero = counts["empty"], counts["zero_length"]
    twice, touching, near = counts["duplicates"], counts["touching"], counts["near_misses"]
    return (
        (
            "STREET_EMPTY",
            empty,
            Words(
                f"{empty:,} 条线没有坐标，未采用", f"{empty:,} lines are empty and were not used"
            ),
        ),
        (
            "STREET_NO_LENGTH",
            zero,
            Words(
                f"{zero:,} 段的长度为零，已略去",
                f"{zero:,} pieces have no length and were left out",
            ),
        ),
        (
            "STREET_TWICE",
            twice,
            Words(
                f"{twice:,} 段画了不止一次，只计一次",
                f"{twice:,} pieces are drawn more than once and count once",
            ),
        ),
        (
            "STREET_TOUCHING",
            touching,
            Words(
                f"{touching:,} 个道路端点落在另一条路上但该处没有节点，已在该处相连",
                f"{touching:,} street ends lie on another street that has no vertex there; "
                "they were joined",
            ),
        ),
        (
            "STREET_NEAR_MISS",
            near,
            Words(
                f"{near:,} 个道路端点距另一条路不到 1 米但没有相接，未相连；如应相通请在源文件中接上",
                f"{near:,} street ends stop within 1 m of another street and were left apart; "
                "if one can walk there, connect them in the file",
            ),
        ),
    )
