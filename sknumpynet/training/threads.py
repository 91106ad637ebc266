"""One thread for the BLAS, while our own share what is large.

In: the size of the largest product of a step, and the user's number of threads. Out: a context in
which the BLAS has one thread, and how products are made in it; or a few calls that do not know each
other, done in several threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import PurePath
from typing import Any

from joblib import cpu_count
from threadpoolctl import ThreadpoolController

from ..network import WORTH_SHARING, Products, Whole
from ..optimizers.vectors import BLOCK, BLOCK_OF_ONE_THREAD
from .crew import Crew
from .pace import Pace
from .sharing import SharedProducts

#: OpenBLAS itself gives smaller products to one thread, of a matrix and a vector or of matrices.
#: Setting the limit takes 40 us, a third of the time of a prediction for one row.
NEVER_SHARED, NEVER_SHARED_OF_MATRICES = 2e4, 5e5


@cache
def _blas() -> list[Any]:
    """The BLAS libraries of this process: NumPy and SciPy from PyPI bring one each.

    Looking through the loaded libraries takes milliseconds, so it is done once.
    """
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


@cache
def _of_products() -> list[Any]:
    """Those that NumPy may use; the others are SciPy's alone, as it comes from PyPI."""
    # site-packages/scipy.libs/libscipy_openblas.so; NumPy's file has this name, too.
    of_scipy = [
        any(part.startswith("scipy") for part in PurePath(library.filepath).parts[:-1])
        for library in _blas()
    ]
    if all(of_scipy):
        return _blas()
    return [library for library, other in zip(_blas(), of_scipy, strict=True) if not other]


class _OneThread:
    """A BLAS of one thread as long as anybody wants it, in whatever threads they are.

    The number belongs to the process: the first who comes sets it, and the last who goes gives back
    what there was.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: list[int] = []
        self._before: list[int] = []

    def enter(self) -> None:
        # While threads are lent this waits for the end of a product.
        with self._lock:
            if not self._users:
                self._before = _numbers()
                _set_numbers(_blas(), [1] * len(self._before))
            self._users.append(threading.get_ident())

    def leave(self) -> None:
        with self._lock:
            self._users.remove(threading.get_ident())
            if not self._users:
                _set_numbers(_blas(), self._before)

    @contextmanager
    def lend(self, n: int) -> Iterator[bool]:
        """``n`` threads of the BLAS for a product, unless other threads of Python need it."""
        if not self._lock.acquire(blocking=False):
            yield False
            return
        try:
            lent = set(self._users) == {threading.get_ident()}
            if lent:
                of_products = _of_products()
                _set_numbers(of_products, [n] * len(of_products))
            try:
                yield lent
            finally:
                if lent:
                    _set_numbers(of_products, [1] * len(of_products))
        finally:
            self._lock.release()

    def number_before(self) -> int:
        """Threads of the BLAS that has fewest, without anybody's limit of ours."""
        with self._lock:
            now = self._before if self._users else _numbers()
            return min(now, default=1)


_ONE_THREAD = _OneThread()


def _numbers() -> list[int]:
    return [library.get_num_threads() for library in _blas()]


def _set_numbers(libraries: Sequence[Any], numbers: Sequence[int]) -> None:
    for library, number in zip(libraries, numbers, strict=True):
        # Newer threadpoolctl lets one thread of Python, until it is freed, do so, and silently
        # ignores others. It is freed for the next, who may be in any thread.
        free = getattr(library, "clear_controlling_thread", None)
        if free:
            free(force=True)
        library.set_num_threads(number)
        if free:
            free(force=True)


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
    _ONE_THREAD.enter()
    try:
        yield BLOCK_OF_ONE_THREAD
    finally:
        _ONE_THREAD.leave()


@contextmanager
def shared_products(n_operations: float, n_threads: int | None = None) -> Iterator[Products]:
    """How products of at most so many operations are made: shared by threads where that is faster.

    There are at most ``n_threads``, by default as many as :func:`usable_threads`. The threads live
    as long as the context.
    """
    if n_operations < 2 * WORTH_SHARING:
        yield Whole()
        return
    n = _worth(n_operations, n_threads)
    if n == 1:
        yield Products()
        return
    crew = Crew(n, _set_if_own)
    try:
        yield SharedProducts(n, crew, Pace(), _ONE_THREAD.lend)
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
    return max(1, min(_ONE_THREAD.number_before(), cpu_count()))


def _worth(n_operations: float, n_threads: int | None) -> int:
    """The user's number of threads, or that which products of this size are worth."""
    if n_threads is not None:
        return n_threads
    worth = int(n_operations / WORTH_SHARING)
    return 1 if worth < 2 else min(worth, usable_threads())


def _set_if_own() -> None:
    """One BLAS thread, in a thread of ours, where each thread has a number of its own (OpenMP)."""
    for library in _blas():
        if library.get_num_threads() != 1:
            library.set_num_threads(1)
