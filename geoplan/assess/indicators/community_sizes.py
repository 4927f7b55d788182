"""Size classes of residential communities, and what to do about those out of range.

``docs/method.md`` §1.4: 5,000 to 12,000 residents, both ends included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

import shapely

from geoplan.assess.ground import Ground
from geoplan.layers.model import Community, Layers, ResidentialCommunity
from geoplan.layers.rows.row_order import natural_key
from geoplan.numbers import plain_text
from geoplan.policy.model import Standard
from geoplan.terms import Words


@dataclass(frozen=True, slots=True)
class Settlement:
    """A residential community (or the community that stands for it) with its size class."""

    id: str
    population: Fraction | None
    estimated: bool
    size_class: str


def settlements(layers: Layers, standard: Standard) -> tuple[Settlement, ...]:
    """The units of indicator 9: residential communities, else the communities themselves."""
    layer = layers.residential_communities or layers.communities
    rows = () if layer is None else layer.rows
    return tuple(_settlement(row.id, row.population, row.households, standard) for row in rows)


def _settlement(
    key: str, population: Decimal | None, households: Decimal | None, standard: Standard
) -> Settlement:
    people = None if population is None else Fraction(population)
    estimated = population is None and households is not None
    if population is None and households is not None:
        people = Fraction(households) * standard.number("persons_per_household")
    return Settlement(key, people, estimated, size_class(people, standard))


def size_class(population: Fraction | None, standard: Standard) -> str:
    """``in_range`` when 5,000 <= population <= 12,000 (the policy's bounds, both inclusive)."""
    if population is None:
        return "unclassified"
    if population > standard.number("community_population_max"):
        return "oversize"
    if population < standard.number("community_population_min"):
        return "undersize"
    return "in_range"


def split_advice(people: Fraction, standard: Standard) -> Words:
    """Split an oversize unit into as few equal parts as are in range (§1.4)."""
    parts = ceil(people / standard.number("community_population_max"))
    size = plain_text(people / parts)
    return Words(
        f"人口 {plain_text(people)}，建议拆分为 {parts} 个（每个约 {size} 人）",
        f"{plain_text(people)} residents: split into {parts} of about {size}",
    )


def merge_advice(people: Fraction, partners: Sequence[Settlement]) -> Words:
    """Merge an undersize unit with the partners found, else with whoever is next to it (§1.4)."""
    if not partners:
        return Words(
            f"人口 {plain_text(people)}，建议与相邻居住社区合并",
            f"{plain_text(people)} residents: merge with neighbours",
        )
    names = [each.id for each in partners]
    total = plain_text(people + sum((each.population or Fraction(0)) for each in partners))
    return Words(
        f"人口 {plain_text(people)}，建议与相邻的 {'、'.join(names)} 合并（共 {total} 人）",
        f"{plain_text(people)} residents: merge with {', '.join(names)} next to it ({total} in all)",
    )


def mergers(
    units: Sequence[Settlement], rural: set[str], ground: Ground
) -> dict[str, tuple[Settlement, ...]]:
    """For each undersize unit the fewest undersize neighbours that bring it into range."""
    small = [each for each in units if each.size_class == "undersize" and each.id not in rural]
    beside = _neighbours({each.id for each in small}, ground)
    found = {each.id: _partners(each, small, beside, ground.standard) for each in small}
    return {key: partners for key, partners in found.items() if partners}


def _partners(
    unit_: Settlement,
    small: Sequence[Settlement],
    beside: Mapping[str, set[str]],
    standard: Standard,
) -> tuple[Settlement, ...]:
    """The largest neighbours first, as long as the whole stays in range."""
    joined: list[Settlement] = []
    total = unit_.population or Fraction(0)
    near = sorted(
        (each for each in small if each.id in beside.get(unit_.id, set())),
        key=lambda each: (-(each.population or Fraction(0)), natural_key(each.id)),
    )
    for each in near:
        if size_class(total, standard) == "in_range":
            break
        if size_class(total + (each.population or Fraction(0)), standard) != "oversize":
            joined.append(each)
            total += each.population or Fraction(0)
    return tuple(joined) if size_class(total, standard) == "in_range" else ()


def _neighbours(ids: set[str], ground: Ground) -> dict[str, set[str]]:
    """Units whose areas touch, within the tolerance at borders."""
    layer = ground.layers.residential_communities or ground.layers.communities
    if layer is None or layer.geometry is None:
        return {}
    every = _ids(layer.rows)
    placed = [at for at, key in enumerate(every) if key in ids and layer.geometry[at] is not None]
    areas = layer.geometry[placed]
    tolerance_m = float(ground.standard.number("boundary_tol_m"))
    found: dict[str, set[str]] = defaultdict(set)
    pairs = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=tolerance_m)
    for one, other in zip(*pairs.tolist(), strict=True):
        if one != other:
            found[every[placed[one]]].add(every[placed[other]])
    return found


def _ids(rows: Sequence[ResidentialCommunity] | Sequence[Community]) -> list[str]:
    return [row.id for row in rows]
