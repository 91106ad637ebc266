"""One thread for the BLAS, while our own share what is large.

In: the size of the largest product of a step, and the user's number of threads. Out: a context in
which the BLAS has one thread, and how products are made in it; or a few calls that do not know each
other, done in several threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from joblib import cpu_count

from ..blas import ONE_THREAD, blas
from ..network import WORTH_SHARING, Products, Whole
from ..optimizers.vectors import BLOCK, BLOCK_OF_ONE_THREAD
from .crew import Crew
from .pace import Pace
from .sharing import SharedProducts

#: OpenBLAS itself gives smaller products to one thread, of a matrix and a vector or of matrices.
#: Setting the limit takes 40 us, a third of the time of a prediction for one row.
NEVER_SHARED, NEVER_SHARED_OF_MATRICES = 2e4, 5e5


@contextmanager
def one_blas_thread(n_operations: float, *, vectors: bool = True) -> Iterator[int]:
    """A context for products of at most ``n_operations`` floating-point operations each.

    Gives the number of entries that a vector operation of SciPy's BLAS should have at most.

    A BLAS of several threads rounds differently with their number, and beside another busy process
    each product waits for a core: a fit was seen to take 18.9 s and not 0.46. So it has one, and
    what is worth sharing is shared by us, see :func:`shared_products`.

    Parameters
    ----------
    n_operations : float
    vectors : bool
        Whether there are operations on vectors, too. Without, all products are of matrices.
    """
    if n_operations < (NEVER_SHARED if vectors else NEVER_SHARED_OF_MATRICES):
        yield BLOCK
        return
    with ONE_THREAD.wanted():
        yield BLOCK_OF_ONE_THREAD


@contextmanager
def shared_products(n_operations: float, n_threads: int | None = None) -> Iterator[Products]:
    """How products of at most so many operations are made: shared by threads where that is faster.

    There are at most ``n_threads``, by default as many as :func:`usable_threads`. The threads live
    as long as the context.
    """
    if n_operations < 2 * WORTH_SHARING:
        yield Whole(n_operations)
        return
    n = _worth(n_operations, n_threads)
    if n == 1:
        yield Products()
        return
    crew = Crew(n, _set_if_own)
    try:
        yield SharedProducts(n, crew, Pace(), ONE_THREAD.lend)
    finally:
        crew.close()


def in_threads(
    call: Callable[[Any], None],
    parts: Sequence[Any],
    n_operations: float,
    n_threads: int | None = None,
) -> None:
    """``call(part)`` for every part, in several threads whose products have one BLAS thread each.

    The calls write where no other does. There are ``n_threads``, or as many as products, of
    matrices, of this size are worth. NumPy lets other threads run in its products and loops, so
    that all of a call is shared and not only its products: 1.15 s where a BLAS of two threads takes
    1.65 to 2.0. See DECISIONS: threads of a prediction.

    NumPy's ``errstate`` belongs to a thread: the call has to set its own. After Ctrl-C, or an
    error, parts that have not begun are left out.
    """
    n = min(_worth(n_operations, n_threads), len(parts))
    with one_blas_thread(n_operations, vectors=False):
        if n == 1:
            for part in parts:
                call(part)
            return
        with ThreadPoolExecutor(n, initializer=_set_if_own) as pool:
            # What is left of a map that is given up is cancelled.
            for _ in pool.map(call, parts):
                pass


def usable_threads() -> int:
    """Processors that this process may use, by affinity and quota, or fewer if its BLAS has fewer.

    Who limits the BLAS (joblib in the processes of a grid search, the user) means us, too.
    """
    return max(1, min(ONE_THREAD.number_before(), cpu_count()))


def _worth(n_operations: float, n_threads: int | None) -> int:
    """The user's number of threads, or that which products of this size are worth."""
    if n_threads is not None:
        return n_threads
    worth = int(n_operations / WORTH_SHARING)
    return 1 if worth < 2 else min(worth, usable_threads())


def _set_if_own() -> None:
    """One BLAS thread, in a thread of ours, where each thread has a number of its own (OpenMP)."""
    for library in blas():
        if library.get_num_threads() != 1:
            library.set_num_threads(1)
