"""Which sheet or layer of a file is meant.

Belongs here: the choice among named parts of one file. Does not belong here: opening it.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from geoplan.errors import Problem, Remark
from geoplan.layers.raw_table import listing
from geoplan.layers.tables.values import plain
from geoplan.study import LayerFile
from geoplan.terms import Words, terms

PHASES = frozenset({"phases", "分期", "分期表"})
_OURS = frozenset({"layer_styles", "qgis_projects"})
_GRAPH = frozenset({"nodes", "edges"})  # the parts of a street network as OSMnx saves it
EDGES = "edges"


def choose_part(
    names: Sequence[str], layer: str, *, asked: str | None, where: str
) -> str | Problem:
    """The part that holds a layer: the one asked for, the only one, or the one of that name.

    Examples
    --------
    >>> choose_part(["facilities", "phases"], "facilities", asked=None, where="a.gpkg")
    'facilities'
    >>> choose_part(["甲", "乙"], "facilities", asked="丙", where="a.gpkg").what.en
    'there is no layer or sheet "丙" in the file'
    """
    if asked is not None:
        found = [name for name in names if name == asked or plain(name) == plain(asked)]
        return found[0] if found else _absent(asked, names, where=where)
    likely = candidates(names, layer)
    if len(likely) == 1:
        return likely[0]
    return _several(names, layer, where=where)


def candidates(names: Sequence[str], layer: str) -> list[str]:
    """The parts that could hold a layer, only those of its name when there are such."""
    own = {plain(layer), plain(terms("layer")[layer].zh)}
    named = [name for name in names if plain(name) in own]
    others = [name for name in names if name not in _OURS and plain(name) not in PHASES]
    if layer == "roads" and not named and {plain(name) for name in others} == _GRAPH:
        return [name for name in others if plain(name) == EDGES]
    return named or others


def edges_remark(names: Sequence[str], part: str, file: LayerFile) -> tuple[Remark, ...]:
    """That of the nodes and edges of a street network the edges were read."""
    is_graph = {plain(name) for name in names} >= _GRAPH and plain(part) == EDGES
    if file.layer != "roads" or file.sublayer is not None or not is_graph:
        return ()
    detail = Words(
        f"文件含 {listing(names)}（路网的节点和边），读取了其中的 {part}",
        f"the file holds {listing(names)} (a street network's nodes and edges); {part} was read",
    )
    return (Remark("EDGES_READ", detail, file.layer),)


def _absent(asked: str, names: Sequence[str], *, where: str) -> Problem:
    near = get_close_matches(asked, names, 1)
    hint_zh = f"最接近的是“{near[0]}”。" if near else ""
    hint_en = f' The nearest is "{near[0]}".' if near else ""
    return Problem(
        where,
        Words(
            f"文件中没有名为“{asked}”的图层或工作表",
            f'there is no layer or sheet "{asked}" in the file',
        ),
        Words(
            f"文件中有：{listing(names, most=30)}。{hint_zh}",
            f"The file holds: {listing(names, most=30)}.{hint_en}",
        ),
    )


def _several(names: Sequence[str], layer: str, *, where: str) -> Problem:
    if not names:
        return Problem(
            where,
            Words("文件中没有任何图层", "the file holds no layer"),
            Words("请发完整文件。", "Send the whole file."),
        )
    return Problem(
        where,
        Words(
            f"文件中有多个图层或工作表（{listing(names, most=30)}），不知道哪个是 {layer}",
            f"the file holds several layers or sheets ({listing(names, most=30)}), "
            f"and nothing says which one is {layer}",
        ),
        Words(
            f'请在 study.toml 写明 layer = "{names[0]}"（表格文件写 sheet）。',
            f'Say which in study.toml: layer = "{names[0]}" (for a workbook: sheet).',
        ),
    )
