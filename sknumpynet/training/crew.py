"""Threads that share the pieces of a product with the one that asks.

In: pieces, each a call that writes where no other does. Out: all of them done. Who asks does what
nobody else has begun, so that a thread that gets no processor delays nothing but its one piece.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from ..network import Piece


class Crew:
    """``n_threads - 1`` threads beside that of the caller; they start with the first job.

    Parameters
    ----------
    n_threads : int
    prepare : callable
        What each of the threads calls at its start.
    """

    def __init__(self, n_threads: int, prepare: Callable[[], None] = lambda: None) -> None:
        self.n_others, self._prepare = n_threads - 1, prepare
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def run(self, pieces: Sequence[Piece]) -> None:
        """All of the pieces; an error in one is raised when those under way are done."""
        if not self._threads:
            self._start()
        job = _Job(pieces)
        for _ in range(min(self.n_others, len(pieces) - 1)):
            self._jobs.put(job)
        job.end()

    def close(self) -> None:
        """End the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _start(self) -> None:
        for _ in range(self.n_others):
            thread = threading.Thread(target=self._serve, name="sknumpynet", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self) -> None:
        self._prepare()
        while (job := self._jobs.get()) is not None:
            job.help()
            # Its arrays are not kept while there is nothing to do.
            del job


class _Job:
    """Pieces that are taken one by one, and how many others are at it."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = deque(pieces)
        self._n_helping = 0
        self._errors: list[BaseException] = []
        self._lock = threading.Lock()
        self._waits: threading.Lock | None = None

    def end(self) -> None:
        """Do what nobody has begun, and wait for the rest."""
        try:
            self.work()
        finally:
            # Also after Ctrl-C nobody writes any longer when this is left.
            self._pieces.clear()
            self._wait()
        if self._errors:
            raise self._errors[0]

    def work(self) -> None:
        """Do pieces until none is left."""
        while self._pieces:
            try:
                function, x, W, out = self._pieces.popleft()
            except IndexError:
                # Another thread was faster.
                return
            function(x, W, out)

    def help(self) -> None:
        """The same in another thread, for which the job waits from now on."""
        with self._lock:
            self._n_helping += 1
        try:
            self.work()
        except BaseException as error:
            self._errors.append(error)
            self._pieces.clear()
        with self._lock:
            self._n_helping -= 1
            if not self._n_helping and self._waits is not None:
                self._waits.release()
                self._waits = None

    def _wait(self) -> None:
        """Until nobody is at a piece."""
        with self._lock:
            if not self._n_helping:
                return
            waits = self._waits = threading.Lock()
            waits.acquire()
        waits.acquire()
