"""How long work takes, whoever else uses the machine, and however slow it is.

Belongs here: seconds for tests that hold a limit. Does not belong here: the limits.

A wall clock tells of other processes, processor seconds count each thread: the smaller of the two is
what the work needed. A slow machine needs more of both, so limits are multiplied by its slowness.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter, process_time

import numpy as np

_REFERENCE_S = 0.035  # of the task below on the machine that the limits were written on


class Stopwatch:
    """Seconds of work since it was made."""

    def __init__(self) -> None:
        self._wall, self._processor = perf_counter(), process_time()

    @property
    def seconds(self) -> float:
        """What the work needed."""
        return min(perf_counter() - self._wall, process_time() - self._processor)


@cache
def slowness() -> float:
    """How many times slower this machine is than the reference; never below 1."""
    return max(1.0, min(_task_s() for _ in range(3)) / _REFERENCE_S)


def _task_s() -> float:
    """What a fixed task of interpreted and of array work needs."""
    watch = Stopwatch()
    values = np.random.default_rng(0).random(200_000)
    np.sort(values)
    sum(number * number % 7 for number in range(300_000))
    return watch.seconds
