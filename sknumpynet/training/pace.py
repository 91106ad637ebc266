"""Whether to share the work of the next step among threads: by how long steps have taken.

In: the time and the rows of each step. Out: alone or shared. Alone unless sharing is faster now:
beside other busy processes a thread that shares waits for a core, up to some milliseconds for each
product, and the shorter the product the worse.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

#: Seconds (and at least so many steps) that are looked at together: of sharing, and of working
#: alone in between, where nothing else would tell that it has become the better way.
WINDOW, ALONE_WINDOW, STEPS = 2e-3, 5e-3, 2

#: Seconds of sharing (or so many times what a look takes) between two such looks.
FIRST_LOOK, LOOK_AGAIN, LOOKS = 0.04, 0.5, 25

#: Sharing has to take less than this part of the time alone.
BETTER = 0.95

#: A trial is made after so many times what the last one lost, within these limits in seconds.
COST, SOONEST, LATEST = 16, 5e-2, 60.0

#: Seconds behind a stretch of sharing in which it is charged with what steps alone take longer: the
#: threads of a BLAS wait in a loop for their next product (OpenBLAS: 2^26 cycles), and take our
#: processor where another process has the other. See DECISIONS: threads of a product.
BEHIND = 5e-2

#: Seconds over which the pace alone is averaged; a step counts for 0.3 at most.
MEMORY, LONG_STEP = 0.05, 0.7


class Pace:
    """Decides after each step how the next is done.

    What a trial loses against working alone is lost at most once in :data:`COST` times as long, so
    that a machine where sharing never helps costs some percent. A stretch of sharing is judged as a
    whole: one that was good for longer than its bad end lost nothing, and is tried again soon. With
    a quota of processor time, sharing is fast until the quota is used up, and that pause belongs to
    the stretch.

    Parameters
    ----------
    clock : callable
        () -> seconds.

    Attributes
    ----------
    shared : bool
        Whether the step that comes is to be shared.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.shared = False
        # Of work alone: seconds and rows, older ones fading.
        self._seconds, self._rows = 0.0, 0.0
        self._began, self._patience = math.nan, 0.0
        # Since the last decision.
        self._spent, self._steps = 0.0, 0
        # Alone until so much time is spent. The first step is slower: memory is new.
        self._wait, self._first = ALONE_WINDOW, True
        # Of a stretch of sharing: what it gained, and its time since the pace alone was looked at.
        self._gain, self._since = 0.0, 0.0
        # What is left of the time behind it.
        self._behind = 0.0
        # Until that look: soon at first, when little is known of the pace alone.
        self._look = FIRST_LOOK
        # Of a window of sharing: seconds, and what they would have been alone.
        self._window, self._expected = 0.0, 0.0

    def begin(self) -> None:
        """A step begins."""
        self._began = self._clock()

    def goes_well(self) -> bool:
        """Whether to share what comes next in the step: not behind a stall."""
        return self.shared and self._clock() - self._began < self._patience

    def excuse(self, seconds: float) -> None:
        """So much of the step was not spent on it."""
        self._began += seconds

    def end(self, n_rows: int) -> None:
        """It ends; it had so many rows."""
        seconds = self._clock() - self._began
        if self._first:
            self._first = False
        elif self.shared:
            self._after_shared(seconds, n_rows)
        else:
            self._after_alone(seconds, n_rows)

    def _after_alone(self, seconds: float, n_rows: int) -> None:
        if self._behind > 0:
            self._behind -= seconds
            self._gain += n_rows * self._seconds / self._rows - seconds
            self._wait = self._until_next()
            if self._behind <= 0:
                self._gain = 0.0
        else:
            keep = max(LONG_STEP, math.exp(-seconds / MEMORY))
            self._seconds = keep * self._seconds + seconds
            self._rows = keep * self._rows + n_rows
        self._spent += seconds
        self._steps += 1
        if self._spent >= self._wait and self._steps >= STEPS:
            self.shared, self._since = True, 0.0
            self._patience = WINDOW + STEPS * seconds
            self._next(0.0)

    def _after_shared(self, seconds: float, n_rows: int) -> None:
        expected = n_rows * self._seconds / self._rows
        self._gain += expected - seconds
        self._since += seconds
        self._window += seconds
        self._expected += expected
        self._steps += 1
        if self._window - self._expected > WINDOW:
            # A stall: at once.
            self._give_up()
        elif self._window >= WINDOW and self._steps >= STEPS:
            if self._window > BETTER * self._expected:
                self._give_up()
            elif self._since > max(self._look, LOOKS * STEPS * expected):
                self.shared, self._look = False, min(2 * self._look, LOOK_AGAIN)
                self._next(ALONE_WINDOW)
            else:
                self._window, self._expected, self._steps = 0.0, 0.0, 0

    def _give_up(self) -> None:
        self.shared, self._behind = False, BEHIND
        self._next(self._until_next())

    def _until_next(self) -> float:
        return min(LATEST, max(SOONEST, -COST * self._gain))

    def _next(self, wait: float) -> None:
        self._wait, self._spent, self._steps = wait, 0.0, 0
        self._window, self._expected = 0.0, 0.0
