"""The nearest facility of every node, kept up to date while facilities open and close.

Belongs here: opening and closing one facility without searching the whole city again. Does not
belong here: what a change is worth (``plan``).

Opening hands the new walks on as far as they improve on the known ones. Closing forgets the nodes
whose nearest the facility was and walks into them again from around and from other facilities
within. The field is always what a search from scratch would give, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geoplan.reach.catchment import COMPILED_NODES, nearest_from_nodes
from geoplan.reach.join import Joins
from geoplan.reach.network import Index, Metres, Network
from geoplan.reach.searches import compiled_search as fast
from geoplan.reach.searches import scipy_search as plain
from geoplan.reach.searches.walk_ends import Seeds, seeds_of
from geoplan.reach.straight import Nearest

if TYPE_CHECKING:
    from geoplan.reach.compiled.walk_kernels import Field


@dataclass(slots=True)
class NearestField:
    """Which open facility is nearest to each node; the one object of the room that changes.

    Parameters
    ----------
    network, sites : the streets, and every facility and candidate joined to them.
    is_open : which of the sites are open now.
    seeds : the starts of all sites, two each; ``row`` is the first of a site, -1 if not joined.
    field : what is known of each node, or ``None`` where the network is small.
    """

    network: Network
    sites: Joins
    is_open: NDArray[np.bool_]
    seeds: Seeds
    row: NDArray[np.int64]
    field: Field | None

    def open_site(self, site: int) -> None:
        """A site opens; nothing changes where it was open."""
        if self.is_open[site]:
            return
        self.is_open[site] = True
        if self.field is not None and self.row[site] >= 0:
            fast.walk_into(self.network, self.seeds_at([site]), self.field)

    def close_site(self, site: int) -> None:
        """A site closes; nothing changes where it was closed."""
        if not self.is_open[site]:
            return
        self.is_open[site] = False
        if self.field is not None and self.row[site] >= 0:
            own = self.seeds_at([site])
            others = self.seeds_at(np.flatnonzero(self.is_open & (self.row >= 0)))
            fast.walk_without(self.network, own, others, self.field)

    def nearest(self, homes: Joins) -> Nearest:
        """The nearest open site of each home, as ``catchment.nearest`` finds it."""
        walk_m, owner = self.nodes()
        return nearest_from_nodes(self.network, homes, self._open_joins(), walk_m, owner)

    def nodes(self) -> tuple[Metres, Index]:
        """Metres from each node to the nearest open site, infinite without one; which, else -1."""
        if self.field is not None:
            return self.field.walk_m, self.field.owner
        return plain.spread(
            self.network, self.seeds_at(np.flatnonzero(self.is_open & (self.row >= 0)))
        )

    def seeds_at(self, sites: NDArray[np.int64] | list[int]) -> Seeds:
        """The seeds of some joined sites."""
        rows = (self.row[sites][:, None] + np.array([0, 1])).ravel()
        return Seeds(self.seeds.node[rows], self.seeds.walk_m[rows], self.seeds.facility[rows])

    def _open_joins(self) -> Joins:
        """The sites, those closed as if they stood on no street."""
        edge = np.where(self.is_open, self.sites.edge, -1).astype(np.int32)
        sites = self.sites
        return Joins(edge, sites.along_m, sites.rest_m, sites.gap_m, sites.xy, sites.component)


def nearest_field(
    network: Network, sites: Joins, is_open: NDArray[np.bool_], *, compiled_from: int | None = None
) -> NearestField:
    """The field of the sites that are open.

    Parameters
    ----------
    sites : every facility and every candidate.
    compiled_from : the number of nodes from which compiled code is used; the room's own if not
        given.

    Examples
    --------
    >>> import shapely
    >>> from geoplan.reach.building.network_build import build_network
    >>> from geoplan.reach.join import join_points
    >>> network, _ = build_network(shapely.from_wkt(["LINESTRING (0 0, 1000 0)"]))
    >>> home = join_points(network, np.array([[100.0, 0.0]]), cap_m=50)
    >>> sites = join_points(network, np.array([[700.0, 0.0], [0.0, 0.0]]), cap_m=50)
    >>> field = nearest_field(network, sites, np.array([True, False]))
    >>> field.nearest(home).walk_m.tolist()
    [600.0]
    >>> field.open_site(1)
    >>> field.nearest(home).walk_m.tolist()
    [100.0]
    """
    seeds = seeds_of(network, sites)
    row = np.full(len(sites.edge), -1, dtype=np.int64)
    row[seeds.facility[::2]] = np.arange(0, len(seeds.facility), 2)
    large = len(network.xy) >= (COMPILED_NODES if compiled_from is None else compiled_from)
    made = NearestField(network, sites, is_open.copy(), seeds, row, None)
    if large:
        made.field = fast.start_field(
            network, made.seeds_at(np.flatnonzero(made.is_open & (row >= 0)))
        )
    return made
