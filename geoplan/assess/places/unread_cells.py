"""Cells that say something nobody could read: unknown, and never as good as blank.

Belongs here: asking a row for the marks that reading left on it. Does not belong here: reading
(``geoplan.layers``), or what an unknown means for a measure.
"""

from __future__ import annotations

from typing import Protocol

_CODES = (
    "UNKNOWN_STATUS",
    "BAD_YES_NO",
    "UNKNOWN_WORD",
    "BAD_WORD",
    "BAD_DATE",
    "DAY_AMBIGUOUS",
    "BAD_NUMBER",
    "RANGE",
    "NEGATIVE",
    "CELL_ERROR",
)


class Flagged(Protocol):
    """A typed row with the marks of its reading."""

    @property
    def flags(self) -> tuple[str, ...]:
        """``CODE:field`` words."""


def not_understood(row: Flagged, field: str) -> bool:
    """Whether a cell of the row says something that could not be read.

    Examples
    --------
    >>> from geoplan.layers.model import Facility
    >>> odd = Facility(2, "F1", "other", "", flags=("UNKNOWN_STATUS:status",))
    >>> not_understood(odd, "status"), not_understood(odd, "filed")
    (True, False)
    """
    return any(f"{code}:{field}" in row.flags for code in _CODES)
