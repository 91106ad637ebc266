"""Several ranks that fit one model: what they add up, and what they tell each other.

In: arrays and objects, of each rank its own, in the same order of calls everywhere. Out: their sums
and lists, the same on all ranks to the last bit. Nothing here knows who started the ranks: in
threads of one process they are here, over sockets in :mod:`.sockets`.
"""

from __future__ import annotations

import copy
import threading
from typing import Any, Protocol

import numpy as np


class CollectiveError(RuntimeError):
    """Ranks that fit a model together cannot go on: one of them failed, or is not heard of."""


class Collective(Protocol):
    """What a fit needs of its ranks. All of them make the same calls in the same order.

    A call that fails on one rank fails on all, as a :class:`CollectiveError` that names the rank to
    blame, and its address.

    Attributes
    ----------
    rank, size : int
        The number of this one, and of all.
    """

    rank: int
    size: int

    def sum(self, *arrays: np.ndarray) -> None:
        """Replace each array by its sum over the ranks, added in the order of their numbers.

        Contiguous, of the same shapes and dtypes everywhere.
        """

    def gather(self, value: Any) -> list[Any]:
        """The values of all ranks, in their order; they can be pickled."""

    def broadcast(self, value: Any) -> Any:
        """The value of rank 0."""

    def abort(self, reason: str) -> None:
        """Let the calls of all others fail, since this rank did for this reason."""

    def close(self) -> None:
        """No more calls come."""


class Meeting:
    """Where the ranks of one process meet.

    Parameters
    ----------
    size : int
    timeout : float
        Seconds that one rank waits for the others.
    """

    def __init__(self, size: int, timeout: float = 60.0) -> None:
        self.size = size
        self._barrier = threading.Barrier(size, timeout=timeout)
        self._slots: list[Any] = [None] * size
        self._arrived, self._lock = [0] * size, threading.Lock()
        self._timeout, self._reason = timeout, ""

    def ranks(self) -> list[InThread]:
        """One for each thread."""
        return [InThread(self, rank) for rank in range(self.size)]

    def exchange(self, rank: int, value: Any) -> list[Any]:
        """The values of all, which they must not change before :meth:`leave`."""
        self._slots[rank] = value
        self._arrived[rank] += 1
        self.leave()
        return list(self._slots)

    def leave(self) -> None:
        """Wait until all are done with what they exchanged."""
        try:
            self._barrier.wait()
        except threading.BrokenBarrierError:
            raise CollectiveError(self._reason or self._who_is_late()) from None

    def abort(self, reason: str) -> None:
        """The first reason counts."""
        with self._lock:
            self._reason = self._reason or reason
        self._barrier.abort()

    def _who_is_late(self) -> str:
        late = [rank for rank, n in enumerate(self._arrived) if n < max(self._arrived)]
        names = ", ".join(map(str, late))
        return f"Rank {names} has not been heard of for {self._timeout:g} seconds."


class InThread:
    """A rank in a thread of its own, as tests and simulations have them."""

    def __init__(self, meeting: Meeting, rank: int) -> None:
        self._meeting, self.rank, self.size = meeting, rank, meeting.size

    def sum(self, *arrays: np.ndarray) -> None:
        """See :class:`Collective`."""
        found = self._meeting.exchange(self.rank, arrays)
        sums = [added(parts) for parts in zip(*found, strict=True)]
        self._meeting.leave()
        for array, total in zip(arrays, sums, strict=True):
            array[...] = total
        self._meeting.leave()

    def gather(self, value: Any) -> list[Any]:
        """See :class:`Collective`."""
        # As over sockets, each has a copy of its own.
        found = copy.deepcopy(self._meeting.exchange(self.rank, value))
        self._meeting.leave()
        return found

    def broadcast(self, value: Any) -> Any:
        """See :class:`Collective`."""
        return self.gather(value if self.rank == 0 else None)[0]

    def abort(self, reason: str) -> None:
        """See :class:`Collective`."""
        self._meeting.abort(f"Rank {self.rank} failed: {reason}")

    def close(self) -> None:
        """There is nothing to close."""


def added(parts: Any) -> np.ndarray:
    """The sum of arrays in their order."""
    first, *others = parts
    total = first.copy()
    for part in others:
        total += part
    return total
