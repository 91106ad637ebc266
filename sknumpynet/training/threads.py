"""One BLAS thread while the matrix products are too small to share.

In: the size of the largest product of a step. Out: a context in which the BLAS uses one thread, or
as many as it likes. Several contexts may be open at once in different threads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

#: Floating-point operations of a product that two threads are worth. Measured with OpenBLAS on two
#: idle cores: 256 x 50 x 256 (7e6 operations) 84 us with one thread, 79 us with two; 256 x 256 x
#: 256 (3e7) 396 and 252 us. On busy cores a threaded call waits for a core at every product, up to
#: 200 ms: a fit of small products was seen to take 178 s instead of 13 s.
WORTH_SHARING = 1e7


@cache
def _controller() -> ThreadpoolController:
    # Looking through the loaded libraries takes milliseconds, so it is done once.
    return ThreadpoolController()


class _SingleThreaded:
    """Limits the BLAS of the process when the first context opens, until the last one closes."""

    def __init__(self) -> None:
        self._lock, self._n_open, self._limit = threading.Lock(), 0, None

    def __enter__(self) -> None:
        with self._lock:
            if self._n_open == 0:
                self._limit = _controller().limit(limits=1, user_api="blas")
                self._limit.__enter__()
            self._n_open += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._n_open -= 1
            if self._n_open == 0:
                self._limit.__exit__(None, None, None)
                self._limit = None


_single_threaded = _SingleThreaded()


@contextmanager
def blas_threads_for(n_operations: float) -> Iterator[None]:
    """A context for products of at most ``n_operations`` floating-point operations each."""
    if n_operations >= WORTH_SHARING:
        yield
        return
    with _single_threaded:
        yield
