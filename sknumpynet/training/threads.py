"""One BLAS thread while the matrix products are too small to share.

In: the size of the largest product of a step. Out: a context in which the BLAS uses one thread, or
as many as it likes.
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


@contextmanager
def blas_threads_for(n_operations: float) -> Iterator[None]:
    """A context for products of at most ``n_operations`` floating-point operations each.

    The limit holds for the whole process. It is set from the main thread only, which opens and
    closes its contexts one inside the other; fits that overlap in several threads could not give
    back the number that was there before.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if n_operations >= WORTH_SHARING or not in_main:
        yield
        return
    with _controller().limit(limits=1, user_api="blas"):
        yield
