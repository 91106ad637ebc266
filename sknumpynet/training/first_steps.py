"""How long a training will take, by its first steps.

In: the steps of the first epoch, as they are done. Out: the seconds of an epoch, told once to the
reporters, where the epoch is long enough for anybody to wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from .reporters import InTraining, Reporter

#: Seconds of the steps that are looked at.
LOOK = 1.0


class FirstSteps:
    """Tells the reporters how long an epoch takes, once, after :data:`LOOK` seconds of it."""

    def __init__(self, reporters: Sequence[Reporter], n_batches: int) -> None:
        self._reporters, self._n_batches = reporters, n_batches
        self._n_done, self._since, self._told = 0, 0.0, False

    def step_done(self, trainer: InTraining) -> None:
        """Another step of the epoch is done."""
        if self._told:
            return
        now = time.perf_counter()
        self._n_done += 1
        if self._n_done == 1:
            # The first step is slower: memory is new.
            self._since = now
        elif now - self._since >= LOOK:
            seconds = self._n_batches * (now - self._since) / (self._n_done - 1)
            for reporter in self._reporters:
                reporter.after_first_steps(seconds, trainer)
            self._told = True
