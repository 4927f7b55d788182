"""The area rule, unit by unit: required and provided floor area per 100 households.

``docs/method.md`` §2.5 and the rulings on areas and pools. Levels: each compound on its own; existing
compounds pooled over a community (or residential community), a 街道, and the whole study.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from geoplan.assess.absence import Unjudged
from geoplan.assess.floor_area.countable_area import KINDS, Amount, AreaCredit
from geoplan.assess.ground import Ground
from geoplan.assess.model import Credit, Place, UnitResult
from geoplan.layers.model import LEVELS, Compound, Layers, rows_of
from geoplan.measures.supply import required_area, shortfall
from geoplan.numbers import gap_text, number_text, plain_text
from geoplan.policy.model import Standard
from geoplan.terms import Verdict, Words, unit

_LAYERS_OF_UNITS = ("compounds", "communities", "residential_communities", "divisions")


@dataclass(frozen=True, slots=True)
class Demand:
    """The households behind a unit: ``None`` where unknown, with the codes that say why."""

    households: Fraction | None
    population: Fraction | None
    codes: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether the count may decide a verdict (an estimate may not)."""
        return self.households is not None and not self.codes


def compound_demand(compound: Compound, standard: Standard) -> Demand:
    """Households as given, else estimated from the population, else unknown."""
    people = None if compound.population is None else Fraction(compound.population)
    if compound.households is not None:
        return Demand(Fraction(compound.households), people)
    if people is not None:
        return Demand(people / standard.number("persons_per_household"), people, ("HH_ESTIMATED",))
    return Demand(None, None, ("HH_MISSING",))


def judge_units(
    ground: Ground, credited: Sequence[AreaCredit], left_open: Unjudged | None = None
) -> tuple[UnitResult, ...]:
    """Every compound on its own, then every pool, elder care and childcare apart.

    Where the layers leave the rule open its units stand there without a verdict.
    """
    results = _judge_all(ground, credited)
    if left_open is None:
        return results
    return tuple(_without_verdict(each, left_open) for each in results)


def _without_verdict(result: UnitResult, left_open: Unjudged) -> UnitResult:
    """The unit of a question left open; what is outside the rule stays outside for that reason."""
    if result.codes == ("NOT_URBAN",) or (left_open.of_pools and result.level == "compound"):
        return result
    uncounted = left_open.lacks("compounds")  # a sum over no compounds is no count of households
    return replace(
        result,
        households=None if uncounted else result.households,
        population=None if uncounted else result.population,
        required_m2=None if uncounted else result.required_m2,
        provided_m2=None,
        committed_m2=None,
        planned_m2=None,
        gap_m2=None,
        gap_after_committed_m2=None,
        verdict=Verdict.NA,
        codes=left_open.codes,
        sum=left_open.reason,
        facilities=(),
    )


def _judge_all(ground: Ground, credited: Sequence[AreaCredit]) -> tuple[UnitResult, ...]:
    if all(getattr(ground.layers, name) is None for name in _LAYERS_OF_UNITS):
        return ()
    compounds = rows_of(ground.layers.compounds)
    standard = ground.standard
    official_pool = pool_level(ground.layers)
    demands = {row.id: compound_demand(row, standard) for row in compounds}
    outside = {row.id for row in compounds if _is_rural(ground.belonging.compounds[row.id], ground)}
    by_compound: dict[str, list[AreaCredit]] = defaultdict(list)
    for credit in credited:
        if credit.compound is not None:
            by_compound[credit.compound].append(credit)
    results: list[UnitResult] = []
    for row in compounds:
        if row.id in outside:
            results += _not_urban(row.id, "compound", row.stock, demands[row.id], standard)
            continue
        own_official = row.stock != "existing" or official_pool is None
        results += _judge_unit(
            Unit(row.id, "compound", row.stock, demands[row.id], official=own_official),
            by_compound[row.id],
            standard,
        )
    existing = [row for row in compounds if row.stock == "existing" and row.id not in outside]
    pooled_demands = {row.id: demands[row.id] for row in existing}
    for level in _levels(ground.layers, official_pool):
        results += _judge_pools(level, pooled_demands, credited, ground)
    return tuple(results)


def pool_level(layers: Layers) -> str | None:
    """The level at which existing areas are officially judged; ``None`` means each on its own."""
    if layers.communities is not None:
        return "community"
    return "rc" if layers.residential_communities is not None else None


def _levels(layers: Layers, official_pool: str | None) -> list[str]:
    jiedao = ["jiedao"] if layers.divisions is not None else []
    return [*([official_pool] if official_pool else []), *jiedao, "city"]


def _is_rural(place: Place, ground: Ground) -> bool:
    return place.community is not None and not ground.urban[place.community]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit to be judged."""

    id: str
    level: str
    stock: str
    demand: Demand
    official: bool
    members: tuple[str, ...] = ()


def _judge_pools(
    level: str,
    demands: Mapping[str, Demand],
    credited: Sequence[AreaCredit],
    ground: Ground,
) -> list[UnitResult]:
    """Σ households against Σ floor area over the existing compounds (``demands``) of each place."""
    members: dict[str, list[str]] = defaultdict(list)
    pooled: dict[str, list[AreaCredit]] = defaultdict(list)
    for compound in demands:
        key = _pool_of(ground.belonging.compounds[compound], level)
        if key is not None:
            members[key].append(compound)
    for credit in credited:
        key = _pool_of(credit.place, level)
        wider = credit.compound is None and not _is_rural(credit.place, ground)
        if key is not None and (wider or credit.compound in demands):
            pooled[key].append(credit)
    results: list[UnitResult] = []
    official = level == pool_level(ground.layers)
    for key in _pool_ids(level, ground.layers):
        if level == "community" and not ground.urban[key]:
            nobody = Demand(None, None)  # its compounds are outside the rule, so are not summed
            results += _not_urban(key, level, "existing", nobody, ground.standard)
            continue
        demand = _pooled_demand([demands[member] for member in members[key]])
        unit_ = Unit(key, level, "existing", demand, official, tuple(members[key]))
        results += _judge_unit(unit_, _whole_again(pooled[key]), ground.standard)
    return results


def _whole_again(credited: Sequence[AreaCredit]) -> list[AreaCredit]:
    """Facilities divided nobody knows how, but all within the pool: there it does not matter how."""
    parts: dict[tuple[str, str], list[AreaCredit]] = defaultdict(list)
    for credit in credited:
        parts[credit.facility, credit.kind].append(credit)
    found: list[AreaCredit] = []
    for each in parts.values():
        first = each[0]
        divided = any("ALLOC_HH_MISSING" in credit.amount.codes for credit in each)
        if divided and first.whole is not None and len(each) == first.units:
            found.append(replace(first, amount=first.whole, units=1))
        else:
            found += each
    return found


def _pool_of(place: Place, level: str) -> str | None:
    found: str | None = "city" if level == "city" else getattr(place, LEVELS[level].unit)
    return found


def _pool_ids(level: str, layers: Layers) -> list[str]:
    if level == "city":
        return ["city"]
    return [row.id for row in rows_of(getattr(layers, LEVELS[level].layer))]


def _pooled_demand(demands: Iterable[Demand]) -> Demand:
    households: Fraction | None = Fraction(0)
    population: Fraction | None = Fraction(0)
    codes: tuple[str, ...] = ()
    for demand in demands:
        codes += demand.codes
        households = _plus(households, demand.households)
        population = _plus(population, demand.population)
    return Demand(households, population, tuple(dict.fromkeys(codes)))


def _plus(total: Fraction | None, more: Fraction | None) -> Fraction | None:
    return None if total is None or more is None else total + more


def _not_urban(
    unit_id: str, level: str, stock: str, demand: Demand, standard: Standard
) -> list[UnitResult]:
    zero = Fraction(0)
    why = Words("乡村与镇区不适用本条标准", "the rule holds for urban communities only")
    return [
        UnitResult(
            unit_id, level, kind, stock, demand.households, demand.population,
            rate_of(kind, stock, standard), None, zero, zero, zero, None, None,
            Verdict.NA, official=False, codes=("NOT_URBAN",), sum=why,
        )
        for kind in KINDS
    ]  # fmt: skip


def rate_of(kind: str, stock: str, standard: Standard) -> Fraction:
    """m² for every 100 households; new and legacy new builds take the new rate."""
    return standard.number(f"{kind}_rate_{'existing' if stock == 'existing' else 'new'}")


def _required(kind: str, unit_: Unit, standard: Standard) -> Fraction | None:
    if unit_.demand.households is None:
        return None
    per = unit("m2_per_100_households").per
    required = required_area(unit_.demand.households, rate_of(kind, unit_.stock, standard), per)
    if unit_.stock != "existing" and required:
        return max(required, standard.number("min_single_m2"))
    return required


def _judge_unit(
    unit_: Unit, credited: Sequence[AreaCredit], standard: Standard
) -> list[UnitResult]:
    divided = _divide_shared(credited, _required("elder", unit_, standard))
    return [
        _judge_kind(unit_, kind, [credit for credit in divided if credit.kind == kind], standard)
        for kind in KINDS
    ]


def _divide_shared(
    credited: Sequence[AreaCredit], required_elder: Fraction | None
) -> list[AreaCredit]:
    """``shared_policy = elder_first``: undivided buildings fill the elder requirement first."""
    undivided = [credit for credit in credited if credit.kind == "undivided"]
    divided = [credit for credit in credited if credit.kind != "undivided"]
    whole = _known_sum(undivided, "now")
    if not undivided:
        return divided
    own = [credit for credit in divided if credit.kind == "elder"]
    elder = _known_sum(own, "now")
    missing = whole if required_elder is None else shortfall(required_elder, elder)
    share = min(Fraction(1), missing / whole) if whole else Fraction(1)
    for credit in undivided:
        if credit.amount.floor_m2 is None:
            divided.append(replace(credit, kind="elder"))
            continue
        for kind, part in (("elder", share), ("childcare", 1 - share)):
            divided.append(replace(credit, kind=kind, amount=credit.amount.part(part)))
    return [*divided, *_spared(undivided, own, required_elder)]


def _spared(
    undivided: Sequence[AreaCredit], own: Sequence[AreaCredit], required_elder: Fraction | None
) -> list[AreaCredit]:
    """What undivided buildings would leave for childcare besides, should unknown rooms count."""
    unknown = [
        credit
        for credit in (*own, *undivided)
        if credit.when == "now" and credit.amount.floor_m2 is None
    ]
    if not unknown or required_elder is None:
        return []
    whole, elder = _known_sum(undivided, "now"), _known_sum(own, "now")
    left = shortfall(whole + elder, max(required_elder, elder))
    all_, rooms = _most_sum([*own, *undivided]), _most_sum(own)
    most = None
    if all_ is not None and rooms is not None:
        most = shortfall(all_, max(required_elder, rooms)) - left
    codes = tuple(dict.fromkeys(code for credit in unknown for code in credit.amount.codes))
    amount = Amount(None, codes, most)
    return [] if most == 0 else [replace(undivided[0], kind="childcare", when="now", amount=amount)]


def _most_sum(credited: Iterable[AreaCredit]) -> Fraction | None:
    """The most that rooms can have today; ``None`` where nothing bounds one of them."""
    most = [credit.amount.highest_m2 for credit in credited if credit.when == "now"]
    return None if any(each is None for each in most) else sum(filter(None, most), Fraction(0))


def _known_sum(credited: Iterable[AreaCredit], when: str) -> Fraction:
    amounts = (credit.amount.floor_m2 for credit in credited if credit.when == when)
    return sum(filter(None, amounts), Fraction(0))


def _judge_kind(
    unit_: Unit, kind: str, credited: Sequence[AreaCredit], standard: Standard
) -> UnitResult:
    now = [credit for credit in credited if credit.when == "now"]
    required = _required(kind, unit_, standard)
    provided = _known_sum(now, "now")
    committed = _known_sum(credited, "committed")
    unknown = any(credit.amount.floor_m2 is None for credit in now)
    most = _most_sum(now)
    verdict = _verdict(unit_.demand, required, provided, most)
    gap = None
    if required is not None and not (unknown and verdict is Verdict.UNKNOWN):
        gap = shortfall(required, provided)
    codes = (*unit_.demand.codes, *(code for credit in now for code in credit.amount.codes))
    rate = rate_of(kind, unit_.stock, standard)
    return UnitResult(
        unit_id=unit_.id,
        level=unit_.level,
        kind=kind,
        stock=unit_.stock,
        households=unit_.demand.households,
        population=unit_.demand.population,
        rate=rate,
        required_m2=required,
        provided_m2=provided,
        committed_m2=committed,
        planned_m2=_known_sum(credited, "planned"),
        gap_m2=gap,
        gap_after_committed_m2=None if gap is None else shortfall(gap, committed),
        verdict=verdict,
        official=unit_.official,
        codes=tuple(dict.fromkeys(codes)),
        sum=_sum_words(unit_.demand, rate, required, provided, gap, verdict, most),
        facilities=_merged(now),
        members=unit_.members,
    )


def _verdict(
    demand: Demand, required: Fraction | None, provided: Fraction, most: Fraction | None
) -> Verdict:
    """Unknown only if what is missing could change the answer: ``most`` is the most there can be."""
    if required is None or not demand.certain:
        return Verdict.UNKNOWN
    if demand.households == 0:
        return Verdict.NA
    if provided >= required:
        return Verdict.PASS
    return Verdict.UNKNOWN if most is None or most >= required else Verdict.FAIL


def _merged(credited: Iterable[AreaCredit]) -> tuple[Credit, ...]:
    """One entry a facility, known areas only."""
    sums: dict[str, Amount] = {}
    for credit in credited:
        if credit.amount.floor_m2:
            before = sums.get(credit.facility, Amount(Fraction(0))).floor_m2 or Fraction(0)
            sums[credit.facility] = Amount(before + credit.amount.floor_m2)
    return tuple(Credit(key, amount.floor_m2 or Fraction(0)) for key, amount in sums.items())


def _sum_words(  # noqa: PLR0913 - one sentence of seven numbers
    demand: Demand,
    rate: Fraction,
    required: Fraction | None,
    provided: Fraction,
    gap: Fraction | None,
    verdict: Verdict,
    most: Fraction | None,
) -> Words:
    have = number_text(provided)
    if demand.households is None or required is None:
        return Words(f"户数缺失; 已配 {have} ㎡", f"households unknown; provided {have} m²")
    per_hundred = unit("m2_per_100_households").per
    count, rate_text, need = plain_text(demand.households), plain_text(rate), number_text(required)
    plain = required == demand.households * rate / per_hundred
    zh = (
        f"{count} 户 × {rate_text} ㎡/百户 = {need} ㎡"
        if plain
        else (f"{count} 户 × {rate_text} ㎡/百户，单处不少于 {need} ㎡")
    )
    en = (
        f"{count} households × {rate_text} m² per 100 = {need} m²"
        if plain
        else (f"{count} households × {rate_text} m² per 100, single facility at least {need} m²")
    )
    ending = _ending_words(gap, verdict, None if most is None else most - provided)
    return Words(f"{zh}; 已配 {have} ㎡; {ending.zh}", f"{en}; provided {have} m²; {ending.en}")


def _ending_words(gap: Fraction | None, verdict: Verdict, unsure: Fraction | None) -> Words:
    if verdict is Verdict.NA:
        return Words("无住户，不适用", "no households, not applicable")
    if gap is None:
        return Words("另有面积或用途不明的设施", "facilities of unknown area besides")
    if gap == 0:
        return Words("足额", "enough")
    short = Words(f"缺 {gap_text(gap)} ㎡", f"short by {gap_text(gap)} m²")
    if not unsure:
        return short
    more = number_text(unsure)
    return Words(
        f"{short.zh}（另有状态或分摊不明的至多 {more} ㎡，全计入仍不足）",
        f"{short.en} (rooms of unknown state or share have {more} m² at most, still not enough)",
    )
