"""What there is to reach and how many share it: the family of floating catchment areas.

In the formulas i is a home with P_i people, j a facility with supply S_j (places, beds or m²),
W_ij = f(d_ij) the weight of the walk (``geoplan.measures.decay``), and sums run over the pairs in
reach. Access has the unit of the supply per person. ``people`` and ``supply`` are known numbers,
not negative; an unknown one (NaN) makes unknown whatever depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np

from geoplan.measures.decay import Decay, constant
from geoplan.measures.walks import Amounts, Numbers, Walks, quotients, sums_by


@dataclass(frozen=True, slots=True)
class Floating:
    """What a floating catchment finds on both sides.

    Parameters
    ----------
    per_head : of each home, supply per person; 0 where nothing is in reach.
    level : of each facility, supply per person who comes; NaN where nobody does, and such a
        facility adds nothing to the access of the (empty) homes around it.
    """

    per_head: Numbers
    level: Numbers


def supply_in_reach(
    walks: Walks, supply: Amounts, *, homes: int, decay: Decay = constant
) -> Numbers:
    """What each home can reach, not shared with anybody: A_i = Σ_j S_j W_ij, in units of supply.

    With the default this is the cumulative opportunity measure, with a falling curve the gravity
    measure of Hansen (1959), "How accessibility shapes land use", Journal of the American
    Institute of Planners 25, 73-76.

    Examples
    --------
    >>> from geoplan.measures.walks import Pairs
    >>> walks = Pairs(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([100.0, 200.0, 0.0]))
    >>> supply_in_reach(walks, np.array([30, 10]), homes=3)
    array([40., 10.,  0.])
    """
    return sums_by(walks.home, supply[walks.facility] * decay(walks.walk_m), count=homes)


def supply_per_head(walks: Walks, people: Amounts, *, supply: Amounts) -> float | None:
    """Supply of the facilities in reach of any inhabited home, through all people.

    Each facility counts once and whole. ``None`` without people.

    Examples
    --------
    >>> from geoplan.measures.walks import Pairs
    >>> walks = Pairs(np.array([0, 1]), np.array([0, 0]), np.array([100.0, 200.0]))
    >>> supply_per_head(walks, np.array([6, 4]), supply=np.array([30, 70]))
    3.0
    """
    reached = np.zeros(len(supply), dtype=np.bool_)
    reached[walks.facility[people[walks.home] > 0]] = True
    everyone = fsum(people)
    return fsum(supply[reached]) / everyone if everyone else None


def mean_per_head(values: Numbers, people: Amounts) -> float | None:
    """The value of the average person: Σ P_i A_i / Σ P_i; ``None`` without people.

    Examples
    --------
    >>> mean_per_head(np.array([0.0, 4.0]), np.array([3, 1]))
    1.0
    """
    everyone = fsum(people)
    return fsum(people * values) / everyone if everyone else None


def two_step(
    walks: Walks, people: Amounts, *, supply: Amounts, decay: Decay = constant
) -> Floating:
    """Two-step floating catchment area (2SFCA), and E2SFCA with ``decay=zones(...)``.

    R_j = S_j / Σ_i P_i W_ij and A_i = Σ_j R_j W_ij. Conserves supply: Σ P_i A_i is the supply of
    all facilities that anyone comes to.

    Notes
    -----
    Luo & Wang (2003), "Measures of spatial accessibility to health care in a GIS environment",
    Environment and Planning B 30, 865-884; zones with weights: Luo & Qi (2009), "An enhanced
    two-step floating catchment area (E2SFCA) method", Health & Place 15, 1100-1107.

    Examples
    --------
    One facility of 30 places for 6 + 4 people is 3 places a head.

    >>> from geoplan.measures.walks import Pairs
    >>> walks = Pairs(np.array([0, 1]), np.array([0, 0]), np.array([100.0, 200.0]))
    >>> two_step(walks, np.array([6, 4, 5]), supply=np.array([30])).per_head
    array([3., 3., 0.])
    """
    weight = decay(walks.walk_m)
    return _float(walks, people, supply=supply, demand_weight=weight, access_weight=weight)


def three_step(
    walks: Walks, people: Amounts, *, supply: Amounts, decay: Decay = constant
) -> Floating:
    """Three-step floating catchment area (3SFCA): people choose among what they can reach.

    G_ij = W_ij / Σ_k W_ik is the part of home i that chooses j, R_j = S_j / Σ_i G_ij P_i W_ij and
    A_i = Σ_j G_ij R_j W_ij. Conserves supply as 2SFCA does.

    The choice is made once, over all pairs that are given, whatever a facility holds: its size does
    not draw people (that would be a Huff model), and a zone is no choice of its own. The Gaussian
    weights of Wan et al. are one ``decay`` among others here.

    ``three_stage_fca`` of the ``access`` package has the same formula and the same answer where the
    weight is 0 beyond its ``max_cost``. Where it is not, it lets people choose among all rows of its
    table, also those beyond ``max_cost``, and then leaves these out: part of the people then come to
    no facility, and everybody within seems better off. Here what is not in reach is not chosen. It
    gives no row to a home that reaches nothing; here such a home has 0.

    Notes
    -----
    Wan, Zou & Sternberg (2012), "A three-step floating catchment area method for analyzing
    spatial access to health services", International Journal of Geographical Information Science
    26, 1073-1089.

    Examples
    --------
    Two equal facilities of 30 places share the 6 people of one home: 5 places each.

    >>> from geoplan.measures.walks import Pairs
    >>> walks = Pairs(np.array([0, 0]), np.array([0, 1]), np.array([100.0, 100.0]))
    >>> found = three_step(walks, np.array([6]), supply=np.array([30, 30]))
    >>> found.per_head, found.level
    (array([10.]), array([10., 10.]))
    """
    weight = decay(walks.walk_m)
    chosen = weight * _parts(walks.home, weight, count=len(people))
    return _float(walks, people, supply=supply, demand_weight=chosen, access_weight=chosen)


def balanced(
    walks: Walks, people: Amounts, *, supply: Amounts, decay: Decay = constant
) -> Floating:
    """Balanced floating catchment area (BFCA): each person and each level of service counts once.

    L_j = S_j / Σ_i P_i W_ij / Σ_k W_ik and A_i = Σ_j L_j W_ij / Σ_k W_kj. Conserves people (what
    comes to the facilities sums to the people with anything in reach) and levels of service
    (Σ A_i = Σ L_j). The level of a facility is split among homes by weight alone, whoever lives
    there, so that dividing a home in two rows changes the answer: give it homes of one kind,
    buildings or communities, and do not compare across kinds.

    Notes
    -----
    Páez, Higgins & Vivona (2019), "Demand and level of service inflation in Floating Catchment
    Area (FCA) methods", PLoS ONE 14(6), e0218773.

    Examples
    --------
    Half of the 6 people of home 0 come to each facility: 30 / 3 and 20 / (3 + 2).

    >>> from geoplan.measures.walks import Pairs
    >>> walks = Pairs(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0.0, 0.0, 0.0]))
    >>> found = balanced(walks, np.array([6, 2]), supply=np.array([30, 20]))
    >>> found.level, found.per_head
    (array([10.,  4.]), array([12.,  2.]))
    """
    weight = decay(walks.walk_m)
    return _float(
        walks,
        people,
        supply=supply,
        demand_weight=_parts(walks.home, weight, count=len(people)),
        access_weight=_parts(walks.facility, weight, count=len(supply)),
    )


def spatial_availability(
    walks: Walks, people: Amounts, *, supply: Amounts, decay: Decay = constant
) -> Numbers:
    """What of all that there is falls to each home, in units of supply: V_i, and Σ V_i = Σ S_j.

    V_i = Σ_j S_j F_ij, where F_ij, the part of facility j that home i gets, is proportional to its
    people and to the weight of the walk: P_i W_ij / Σ_k P_k W_kj. What nobody reaches falls to
    nobody. Through the people of the home it is the access of 2SFCA; as it stands it can be added
    up over homes, which no access a head can.

    Notes
    -----
    Soukhov, Páez, Higgins & Mohamed (2023), "Introducing spatial availability, a singly-constrained
    measure of competitive accessibility", PLoS ONE 18(1), e0278468.

    Examples
    --------
    >>> from geoplan.measures.walks import Pairs
    >>> walks = Pairs(np.array([0, 1]), np.array([0, 0]), np.array([100.0, 200.0]))
    >>> spatial_availability(walks, np.array([6, 4, 5]), supply=np.array([30]))
    array([18., 12.,  0.])
    """
    pull = people[walks.home] * decay(walks.walk_m)
    part = _parts(walks.facility, pull, count=len(supply))
    return sums_by(walks.home, supply[walks.facility] * part, count=len(people))


def _float(
    walks: Walks,
    people: Amounts,
    *,
    supply: Amounts,
    demand_weight: Numbers,
    access_weight: Numbers,
) -> Floating:
    """The two steps that the whole family shares."""
    demand = sums_by(walks.facility, people[walks.home] * demand_weight, count=len(supply))
    level = quotients(np.asarray(supply, dtype=np.float64), demand, otherwise=np.nan)
    given = np.where(demand == 0, 0, level)
    per_head = sums_by(walks.home, given[walks.facility] * access_weight, count=len(people))
    return Floating(per_head, level)


def _parts(place: np.ndarray, weight: Numbers, *, count: int) -> Numbers:
    """Each pair's part of the weight of its place; 0 where the place has no weight."""
    return quotients(weight, sums_by(place, weight, count=count)[place], otherwise=0)
