"""Calls in turn or in several processes, of which an interruption leaves what they have found.

In: a function, the arguments of each call, a number of processes. Out: the results by the number of
their call, and whether the user interrupted them.
"""

from __future__ import annotations

import contextlib
import contextvars
import math
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from joblib import effective_n_jobs
from sklearn import config_context, get_config
from sklearn.utils.parallel import Parallel, delayed

from ..training import Reporter

#: Asked after every epoch: whether to stop.
Stop = Callable[[], bool]

#: Seconds between two looks at the other thread: where a join cannot be interrupted (Windows),
#: Ctrl-C waits for so long.
LOOK_EVERY = 0.1

#: What a call gives.
R = TypeVar("R", bound="Result")


class Result(Protocol):
    """What a call gives.

    ``interrupted``: Ctrl-C came in it, and it ended before its time. ``last``: no other is to
    follow, where they are made in turn.
    """

    @property
    def interrupted(self) -> bool: ...

    @property
    def last(self) -> bool: ...


class Stopper(Reporter):
    """Stops training after the epoch in which it is ``asked`` to."""

    def __init__(self, stop: Stop) -> None:
        self._stop, self.asked = stop, False

    def after_epoch(self, entry: dict[str, float], trainer: Any) -> bool:
        self.asked = self._stop()
        return self.asked


class StopFile:
    """A flag that all processes of a machine see, and their threads: a file that is there or not.

    To look takes 2 us.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "stop")

    def __call__(self) -> bool:
        return os.path.exists(self._path)

    def set(self) -> None:
        """From now on, stop."""
        # Without its folder all is over.
        with contextlib.suppress(OSError), open(self._path, "wb"):
            pass


def call_all(
    function: Callable[..., R], calls: Sequence[tuple], n_jobs: int | None
) -> tuple[dict[int, R], bool]:
    """``function(*call, stop)`` for each call: the results there are, and if it was interrupted.

    ``stop`` is for a function that runs elsewhere, see :data:`Stop`; here it is None, and Ctrl-C
    comes as a KeyboardInterrupt. Those who run when the user interrupts may end with what they
    have, and no other is begun. Elsewhere a second Ctrl-C does not wait for them. Errors of a
    call are raised.
    """
    if n_jobs in (None, 1):
        results, interrupted = _in_turn(function, calls)
    else:
        results, interrupted = _elsewhere(function, calls, n_jobs)
    interrupted = interrupted or any(result.interrupted for result in results.values())
    return dict(sorted(results.items())), interrupted


def n_rounds(n_calls: int, n_jobs: int | None) -> int:
    """How many of the calls come one after the other."""
    at_once = 1 if n_jobs is None else effective_n_jobs(n_jobs)
    return math.ceil(n_calls / at_once)


def _in_turn(function: Callable[..., R], calls: Sequence[tuple]) -> tuple[dict[int, R], bool]:
    results: dict[int, R] = {}
    try:
        for number, call in enumerate(calls):
            results[number] = function(*call, None)
            if results[number].interrupted or results[number].last:
                break
    except KeyboardInterrupt:
        return results, True
    return results, False


def _elsewhere(
    function: Callable[..., R], calls: Sequence[tuple], n_jobs: int
) -> tuple[dict[int, R], bool]:
    results: dict[int, R] = {}
    errors: list[BaseException] = []
    # joblib gives up all that it waits for when it is interrupted. So it waits in a thread of its
    # own, where Ctrl-C does not come. The active backend is known to this thread alone.
    # More processes than calls would be started for nothing.
    parallel = _as_they_come(min(int(n_jobs), len(calls)))
    folder, config = tempfile.TemporaryDirectory(), get_config()
    stop = StopFile(folder.name)
    jobs = [delayed(_unless_stopped)(i, function, call, stop) for i, call in enumerate(calls)]

    def collect() -> None:
        try:
            with folder, config_context(**config):
                for number, result in parallel(jobs):
                    if result is not None:
                        results[number] = result
        except BaseException as error:
            errors.append(error)

    interrupted = _wait(collect, stop)
    if errors and not interrupted:
        raise errors[0]
    # Ctrl-C may also have come to the other processes alone.
    return dict(results), interrupted or len(results) < len(calls)


def _as_they_come(n_jobs: int) -> Parallel:
    """Gives results as they come, if the backend can."""
    try:
        return Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    except ValueError:
        return Parallel(n_jobs=n_jobs)


def _unless_stopped(
    number: int, function: Callable[..., R], call: tuple, stop: Stop
) -> tuple[int, R | None]:
    """In the other process: the number and the result, None if there is none."""
    try:
        return number, None if stop() else function(*call, stop)
    except KeyboardInterrupt:
        # A terminal sends it to all processes.
        return number, None


def _wait(work: Callable[[], Any], stop: StopFile) -> bool:
    """Do it in a thread; whether Ctrl-C came meanwhile. A second one does not wait for its end."""
    context, done = contextvars.copy_context(), threading.Event()

    def run() -> None:
        context.run(work)
        done.set()

    threading.Thread(target=run, daemon=True).start()
    interrupted = False
    while True:
        try:
            # Not by join: before Python 3.13 a thread whose join is interrupted counts as ended.
            while not done.wait(LOOK_EVERY):
                pass
            return interrupted
        except KeyboardInterrupt:
            stop.set()
            if interrupted:
                return True
            interrupted = True
