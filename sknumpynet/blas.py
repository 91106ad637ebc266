"""The libraries of linear algebra (BLAS) of this process, and their number of threads.

In: nothing. Out: one object for whoever wants the BLAS to have one thread for a while: the number
belongs to the process, and a fit in another thread may want the same.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import PurePath
from typing import Any

from threadpoolctl import ThreadpoolController


@cache
def blas() -> list[Any]:
    """The BLAS libraries of this process: NumPy and SciPy from PyPI bring one each.

    Looking through the loaded libraries takes milliseconds, so it is done once.
    """
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


@cache
def blas_of_products() -> list[Any]:
    """Those that NumPy may use; the others are SciPy's alone, as it comes from PyPI."""
    # site-packages/scipy.libs/libscipy_openblas.so; NumPy's file has this name, too.
    of_scipy = [
        any(part.startswith("scipy") for part in PurePath(library.filepath).parts[:-1])
        for library in blas()
    ]
    if all(of_scipy):
        return blas()
    return [library for library, other in zip(blas(), of_scipy, strict=True) if not other]


class OneThread:
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
                _set_numbers(blas(), [1] * len(self._before))
            self._users.append(threading.get_ident())

    def leave(self) -> None:
        with self._lock:
            self._users.remove(threading.get_ident())
            if not self._users:
                _set_numbers(blas(), self._before)

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """A context in which the BLAS has one thread."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    @contextmanager
    def lend(self, n: int) -> Iterator[bool]:
        """``n`` threads of the BLAS for a product, unless other threads of Python need it."""
        if not self._lock.acquire(blocking=False):
            yield False
            return
        try:
            lent = set(self._users) == {threading.get_ident()}
            if lent:
                libraries = blas_of_products()
                _set_numbers(libraries, [n] * len(libraries))
            try:
                yield lent
            finally:
                if lent:
                    _set_numbers(libraries, [1] * len(libraries))
        finally:
            self._lock.release()

    def number_before(self) -> int:
        """Threads of the BLAS that has fewest, without anybody's limit of ours."""
        with self._lock:
            now = self._before if self._users else _numbers()
            return min(now, default=1)


ONE_THREAD = OneThread()


def _numbers() -> list[int]:
    return [library.get_num_threads() for library in blas()]


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
