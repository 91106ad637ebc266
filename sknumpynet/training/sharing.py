"""Products that several threads share as long as that is faster, with the bits of one thread.

In: the products of a step. Out: the same, done by the threads of the BLAS where they were proved to
give the same bits, otherwise piece by piece by a crew of ours, or alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..network import WORTH_SHARING, Product, Products, layout_of, like, pieces, whole
from .crew import Crew
from .pace import Pace

#: Operations of products that the BLAS is lent threads for: 60 us, where lending takes 10.
WORTH_LENDING = 5e6

#: (threads, shapes, strides, dtype) of a product -> whether the BLAS gives the same bits with so
#: many threads. Of the process, because it is a fact about its BLAS.
_PROVED: dict[tuple[Any, ...], bool] = {}


class SharedProducts(Products):
    """Products that are shared where, and as long as, this is faster.

    The threads of a BLAS wait in a loop for the next product and begin in 5 us, those of a crew
    sleep and begin in 20 to 50. But a BLAS may add in another order when it has several threads. So
    it is tried once for each shape, on random numbers, and the crew has what differs. See
    DECISIONS: threads of a product.

    Parameters
    ----------
    n_threads : int
    crew : Crew
    pace : Pace
    lend : callable
        ``lend(n)``: a context in which the BLAS has n threads, True; or False, and it has one.
    """

    def __init__(
        self,
        n_threads: int,
        crew: Crew,
        pace: Pace,
        lend: Callable[[int], AbstractContextManager[bool]],
    ) -> None:
        self._n_threads, self._crew, self._pace, self._lend = n_threads, crew, pace, lend
        self.begin, self.end = pace.begin, pace.end  # type: ignore[method-assign]
        self.excuse = pace.excuse  # type: ignore[method-assign]

    def dots(self, *products: Product) -> None:
        n_operations = sum(2.0 * x.size * W.shape[1] for x, W, _ in products)
        if n_operations < WORTH_LENDING or not self._pace.goes_well():
            super().dots(*products)
            return
        proved = [product for product in products if self._is_proved(product)]
        left = products if self._by_blas(proved) is False else _without(products, proved)
        found = [piece for product in left for piece in pieces(*product)]
        if len(found) > 1 and n_operations >= 2 * WORTH_SHARING:
            self._crew.run(found)
        else:
            self.run(found)

    def _by_blas(self, products: Sequence[Product]) -> bool:
        """Whether they are done."""
        if not products:
            return True
        with self._lend(self._n_threads) as lent:
            if lent:
                for x, W, out in products:
                    whole(x, W, out)
            return lent

    def _is_proved(self, product: Product) -> bool:
        key = (self._n_threads, *layout_of(*product))
        if key not in _PROVED:
            start = time.perf_counter()
            tried = like(product)
            for function, *arrays in pieces(*tried):
                function(*arrays)
            alone = tried[2].copy()
            tried[2].fill(0)
            # What is not the threads' doing is not held against them.
            self.excuse(time.perf_counter() - start)
            with self._lend(self._n_threads) as lent:
                if not lent:
                    return False
                whole(*tried)
            _PROVED[key] = bool(np.array_equal(alone, tried[2]))
        return _PROVED[key]


def _without(products: Sequence[Product], done: Sequence[Product]) -> list[Product]:
    return [product for product in products if not any(product is other for other in done)]
