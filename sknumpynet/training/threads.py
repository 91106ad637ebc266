"""How many threads the BLAS gets: those that the matrix products are worth, one for vectors.

In: the size of the largest product of a step, or the user's number. Out: a context with that many
threads, and the number of entries that a vector may have in it without being shared among them; or
a few calls that do not know each other, done in as many threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import PurePath
from typing import Any

from threadpoolctl import ThreadpoolController

from ..optimizers.vectors import BLOCK, BLOCK_OF_ONE_THREAD

#: Floating-point operations of a product for each thread. Measured with OpenBLAS on two idle cores:
#: 256 x 50 x 256 (7e6 operations) 84 us with one thread, 79 us with two; 256 x 256 x 256 (3e7) 396
#: and 252 us; whole fits at 2.6e6 are no faster with two. On busy cores a threaded call waits for a
#: core at every product, up to 200 ms: a fit of small products was seen to take 178 s and not 13 s.
#: Halves of a batch in two Python threads, with one BLAS thread each, are no better: 1271 us a step
#: of a 50-256-256-3 network instead of 1224, beside another process 2004 instead of 1438.
WORTH_SHARING = 1e7

#: OpenBLAS itself gives smaller products to one thread, of a matrix and a vector or of matrices.
#: Setting the limit takes 40 us, a third of the time of a prediction for one row.
NEVER_SHARED, NEVER_SHARED_OF_MATRICES = 2e4, 5e5


@cache
def _controllers() -> tuple[ThreadpoolController, ThreadpoolController]:
    """The BLAS that only SciPy uses (vectors go there), and all others (products).

    NumPy and SciPy from PyPI bring one each. Where they share one, the first controls nothing.
    Looking through the loaded libraries takes milliseconds, so it is done once.
    """
    every = ThreadpoolController().select(user_api="blas")
    paths = [library["filepath"] for library in every.info()]
    # site-packages/scipy.libs/libscipy_openblas.so; NumPy's file has this name, too.
    of_scipy = [p for p in paths if any(n.startswith("scipy") for n in PurePath(p).parts[:-1])]
    others = [p for p in paths if p not in of_scipy]
    if not others:
        of_scipy, others = [], of_scipy
    return every.select(filepath=of_scipy), every.select(filepath=others)


@contextmanager
def blas_threads_for(
    n_operations: float, n_threads: int | None = None, *, vectors: bool = True
) -> Iterator[int]:
    """A context for products of at most ``n_operations`` floating-point operations each.

    Gives the number of entries that a vector operation of SciPy's BLAS should have at most.

    The limit holds for the whole process. It is set from the main thread only, which opens and
    closes its contexts one inside the other; fits that overlap in several threads could not give
    back the number that was there before.

    Parameters
    ----------
    n_operations : float
    n_threads : int, optional
        Default: one for each :data:`WORTH_SHARING` operations, at most as many as there are now.
    vectors : bool
        Whether there are operations on vectors, too. Without, all products are of matrices.
    """
    least = NEVER_SHARED if vectors else NEVER_SHARED_OF_MATRICES
    if not _in_main_thread() or n_operations < least:
        yield BLOCK
        return
    of_vectors, products = _controllers()
    now = _numbers_now()
    wanted = _worth(n_operations, n_threads)
    with ExitStack() as stack:
        if any(number != wanted for number in now):
            stack.enter_context(products.limit(limits=wanted, user_api="blas"))
        if vectors and of_vectors.lib_controllers:
            # Two pools of threads stall each other: a step of 1 ms takes 8 (see BLOCK).
            stack.enter_context(of_vectors.limit(limits=1, user_api="blas"))
        yield BLOCK_OF_ONE_THREAD if wanted == 1 or of_vectors.lib_controllers else BLOCK


def in_threads(
    call: Callable[[Any], None],
    parts: Sequence[Any],
    n_operations: float,
    n_threads: int | None = None,
) -> None:
    """``call(part)`` for every part, in several threads whose products have one BLAS thread each.

    The calls write where no other does. There are ``n_threads``, or as many as products, of
    matrices, of this size are worth, and one outside the main thread. NumPy lets other threads run
    in its products and loops, so that all of a call is shared and not only its products: 100,000
    rows x 20 through 8 members of 3 x 128 take 1.15 s on two cores where a BLAS of two threads
    takes 1.65 to 2.0, and one 2.25. Small products are not worth it: through 100 units 30 ms
    instead of 25.

    NumPy's ``errstate`` belongs to a thread: the call has to set its own. After Ctrl-C, or an
    error, parts that have not begun are left out.
    """
    n_threads = _worth(n_operations, n_threads) if _in_main_thread() else 1
    if n_threads == 1:
        with blas_threads_for(n_operations, n_threads, vectors=False):
            for part in parts:
                call(part)
        return
    limit = _controllers()[1].limit(limits=1, user_api="blas")
    with limit, ThreadPoolExecutor(n_threads) as pool:
        # What is left of a map that is given up is cancelled.
        for _ in pool.map(call, parts):
            pass


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _numbers_now() -> list[int]:
    """Of threads, for products; of each BLAS."""
    return [library["num_threads"] for library in _controllers()[1].info()] or [1]


def _worth(n_operations: float, n_threads: int | None) -> int:
    """The user's number of threads, or that which products of this size are worth."""
    return n_threads or min(*_numbers_now(), max(1, int(n_operations / WORTH_SHARING)))
