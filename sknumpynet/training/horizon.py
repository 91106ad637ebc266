"""How far a training is, by its steps and by its time, for the schedule of the learning rate.

In: the steps done, and the clock. Out: the place in the present cycle of the schedule.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from ..optimizers import Schedule

#: Another cycle of the schedule begins where the best epoch is among this last share of the one
#: before: on five of ten tables. See DECISIONS: cost of a table.
STILL_IMPROVING = 0.2


class Horizon:
    """Where the steps of a training lie in the cycles of its schedule.

    A cycle ends with its planned steps. Where the time is over before, it ends with the time: a
    short training sees the whole schedule, only faster. No other cycle begins before the present
    one is at its end, so that little time is one cycle.

    Parameters
    ----------
    schedule : Schedule
    n_batches, max_iter : int
        Steps of an epoch, and epochs.
    deadline : float
        When the time is over, by ``time.perf_counter``; inf: never.
    seconds : sequence of float
        Of the epochs that have been trained before, where a training goes on.
    """

    def __init__(
        self,
        schedule: Schedule,
        n_batches: int,
        max_iter: int,
        deadline: float = math.inf,
        seconds: Sequence[float] = (),
    ) -> None:
        self._schedule, self._n_batches, self._max_iter = schedule, n_batches, max_iter
        self._deadline = deadline
        self._pressed = schedule.planned and deadline < math.inf
        # When the present cycle began.
        self._began, _ = self.cycle(len(seconds))
        self._since = time.perf_counter() - sum(seconds[self._began :])

    def cycle(self, n_iter: int) -> tuple[int, int]:
        """The first epoch of the cycle that comes after ``n_iter`` epochs, and how many it has."""
        return self._schedule.cycle(min(n_iter, self._max_iter - 1), self._max_iter)

    def is_reached(self, n_iter: int, n_since_best: int) -> bool:
        """Whether a cycle has just ended in which the best epoch was not among the last."""
        if n_iter == 0 or n_iter != self.cycle(n_iter)[0]:
            return False
        _, length = self.cycle(n_iter - 1)
        return n_since_best >= STILL_IMPROVING * length

    def rate(self, n_iter: int, n_done: int, n_seen: int, cuts: int) -> float:
        """The rate of the step after ``n_iter`` epochs and ``n_done`` batches."""
        return self.rates(n_iter, n_seen, cuts)(n_done)

    def rates(self, n_iter: int, n_seen: int, cuts: int) -> Callable[[int], float]:
        """The same of an epoch: from ``n_done`` to the rate."""
        start, length = self.cycle(n_iter)
        before, planned = self._n_batches * (n_iter - start), self._n_batches * length
        at = self._schedule.at
        if not self._pressed:
            return lambda n_done: at(before + n_done, planned, n_seen, cuts)
        return lambda n_done: at(
            self._by_time(start, before + n_done, planned), planned, n_seen, cuts
        )

    def _by_time(self, start: int, done: float, planned: int) -> float:
        """The larger of the steps done and those that the time spent stands for."""
        now = time.perf_counter()
        if start != self._began:
            self._began, self._since = start, now
        share = (now - self._since) / max(self._deadline - self._since, 1e-9)
        by_time = min(share, 1.0) * planned
        # Where the time suffices, it changes nothing.
        return by_time if by_time >= done + 1 else done
