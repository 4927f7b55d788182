"""Who goes where when a crowd costs as much as a walk: the rational agent access model.

Each person goes where walk and crowd together cost least, knowing where all others go. Costs are in
units of the mean crowd: 1 is what a facility with the mean number of people per unit of supply
costs, or ``tau_m`` metres of walking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.measures.walks import Amounts, Numbers, Walks, sums_by


@dataclass(frozen=True, slots=True)
class Balance:
    """What care costs where all choose knowing what the others do.

    Parameters
    ----------
    cost : of each home, less is better; infinite where nothing is in reach. For a home where nobody
        lives it is what a single person would find.
    moved : the largest part of a home's people that chose anew in the last round. Where it is more
        than the tolerance, the rounds ended before the balance: the costs are not yet final.
    """

    cost: Numbers
    moved: float


@dataclass(frozen=True, slots=True)
class _Choices:
    """What each home can choose among, home by home: the pairs from ``begins`` on.

    ``far`` are walks in units of the mean crowd, ``room`` is how many people make a crowd of 1.
    """

    begins: NDArray[np.int64]
    facility: NDArray[np.int64]
    far: Numbers
    room: Numbers


def rational_agents(  # noqa: PLR0913 - the model has these numbers, and the search two of its own
    walks: Walks,
    people: Amounts,
    *,
    supply: Amounts,
    tau_m: float,
    rounds: int,
    tolerance: float,
) -> Balance:
    """What care costs each home in the rational agent access model (RAAM): less is better.

    c_i = min_j (D_j / (ρ S_j) + d_ij / τ), where D_j are the people who come to facility j, and ρ is
    all people through all supply, also those who reach nothing and what nobody reaches. Nobody could do better elsewhere: all that people of a home
    use costs them the same. One home after the other chooses anew, which comes nearer to the one
    balance there is in every step; that it is reached is seen from nobody moving.

    Parameters
    ----------
    people, supply : known numbers, not negative; a facility without supply is none.
    tau_m : the walk that weighs as much as the mean crowd, in metres.
    rounds : how often everybody may choose anew at most.
    tolerance : the people, as a share of those of a home, whose moving is none.

    Notes
    -----
    Saxon & Snow (2020), "A rational agent model for the spatial accessibility of primary health
    care", Annals of the American Association of Geographers 110, 205-222. The authors, and ``raam`` of
    the ``access`` package, move whole people by steps that shrink, and give the mean of what a home's
    people pay; here each home divides exactly, so that no step is chosen. They differ by as much as
    the last step leaves unbalanced, about a thousandth.

    Examples
    --------
    Two homes of 10 people, each with a facility at its door and 1,000 m between them: no one walks.
    Were all 20 in one home, half of them would walk as far as the crowd at home costs more.

    >>> from geoplan.measures.walks import Pairs
    >>> walks = Pairs(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([0.0, 1e3, 1e3, 0.0]))
    >>> asked = {"supply": np.array([5, 5]), "tau_m": 1000.0, "rounds": 99, "tolerance": 0.0}
    >>> rational_agents(walks, np.array([10, 10]), **asked)
    Balance(cost=array([1., 1.]), moved=0.0)
    >>> rational_agents(walks, np.array([20, 0]), **asked).cost
    array([1.5, 0.5])
    """
    useful = supply[walks.facility] > 0
    home, facility = walks.home[useful], walks.facility[useful]
    order = np.argsort(home, kind="stable")
    whole = float(np.sum(supply))
    rho = float(np.sum(people)) / whole if whole else 0.0
    choices = _Choices(
        begins=np.searchsorted(home[order], np.arange(len(people) + 1)),
        facility=facility[order].astype(np.int64),
        far=(walks.walk_m[useful][order] / tau_m).astype(np.float64),
        room=np.asarray(supply, dtype=np.float64) * rho,
    )
    going, moved = np.zeros(len(home)), 1.0
    for _ in range(rounds):
        moved = _choose_anew(choices, people, going)
        if moved <= tolerance:
            break
    return Balance(_costs(choices, going), moved)


def _choose_anew(choices: _Choices, people: Amounts, going: Numbers) -> float:
    """Let each home divide its people anew, in ``going``; the largest share of one that moved."""
    room, begins = choices.room, choices.begins
    crowd = sums_by(choices.facility, going, count=len(room))
    most = 0.0
    for at in np.flatnonzero((people > 0) & (np.diff(begins) > 0)):
        mine = slice(begins[at], begins[at + 1])
        there, before = choices.facility[mine], going[mine].copy()
        crowd[there] -= before
        cost = crowd[there] / room[there] + choices.far[mine]
        going[mine] = _divided(cost, room[there], float(people[at]))
        crowd[there] += going[mine]
        most = max(most, float(np.abs(going[mine] - before).sum() / people[at]))
    return most


def _divided(cost: Numbers, room: Numbers, people: float) -> Numbers:
    """People poured where it costs least until all that is used costs the same."""
    order = np.argsort(cost, kind="stable")
    level = (people + np.cumsum((cost * room)[order])) / np.cumsum(room[order])
    used = np.flatnonzero(level > cost[order])[-1]  # the last that is worth its cost
    divided: Numbers = np.maximum(0, (level[used] - cost) * room)
    return divided


def _costs(choices: _Choices, going: Numbers) -> Numbers:
    """The least crowd and walk of each home; what nobody comes to has no crowd."""
    room, begins = choices.room, choices.begins
    crowd = sums_by(choices.facility, going, count=len(room))
    full = np.divide(crowd, room, out=np.zeros(len(room)), where=room > 0)
    cost = full[choices.facility] + choices.far
    least = np.full(len(begins) - 1, np.inf)
    some = np.flatnonzero(np.diff(begins) > 0)
    if len(some):
        least[some] = np.minimum.reduceat(cost, begins[some])
    return least
