"""The ways to close gaps: what each costs, how large it is, which gaps it can serve.

Belongs here: the shape of an option. Where options come from is in ``rooms`` (vacant premises),
``standing`` (facilities that are there) and ``fresh`` (new builds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Option:
    """One way to close one or more gaps; needs are positions in the list of needs.

    Parameters
    ----------
    id : unique, stable: instrument and subject.
    instrument : of ``terms.toml``.
    subject : id of the premises, facility or unit it is about; ``layer`` says which.
    group : of options in one group at most one is taken.
    first_year : position of the first year in which it can be taken.
    area : the needs whose area it can serve, and how many m² of it at most.
    covers : residential communities that it gives childcare to.
    centers : 街道 that it gives a comprehensive centre to.
    floor_m2 : its rooms; ``None`` where the size is chosen.
    least_m2, most_m2 : whole m², where the size is chosen.
    fixed : whether its area goes where ``area`` says, all of it; rooms that are not fixed are
        divided freely between the kinds, and a centre takes them whole.
    yuan_once, yuan_per_year, yuan_per_m2 : in the year it is taken; in that and every later year
        of the programme; for each m² where the size is chosen.
    land_m2 : land taken for each m² of floor area.
    """

    id: str
    instrument: str
    subject: str
    layer: str
    name: str
    group: str
    first_year: int = 0
    area: Mapping[int, Fraction] = field(default_factory=dict)
    covers: tuple[int, ...] = ()
    centers: tuple[int, ...] = ()
    floor_m2: Fraction | None = None
    least_m2: int = 0
    most_m2: int = 0
    fixed: bool = False
    yuan_once: Fraction = Fraction(0)
    yuan_per_year: Fraction = Fraction(0)
    yuan_per_m2: Fraction = Fraction(0)
    land_m2: Fraction = Fraction(0)
    lease_end: date | None = None
    far_m: Mapping[int, float] = field(default_factory=dict)
    codes: tuple[str, ...] = ()

    @property
    def sized(self) -> bool:
        """Whether its size is chosen."""
        return self.floor_m2 is None

    def serves(self, need: int) -> bool:
        """Whether it can do anything for a need."""
        return need in self.area or need in self.covers or need in self.centers

    def cost_yuan(self, size_m2: int, years: int) -> Fraction:
        """What it costs in all when it is taken with so many years of the programme to run.

        Examples
        --------
        >>> shop = Option("lease:V1", "lease", "V1", "premises", "", "V1",
        ...               yuan_once=Fraction(90_000), yuan_per_year=Fraction(60_000))
        >>> int(shop.cost_yuan(0, 3)), int(shop.cost_yuan(0, 1))
        (270000, 150000)
        """
        return self.yuan_once + self.yuan_per_year * years + self.yuan_per_m2 * size_m2
