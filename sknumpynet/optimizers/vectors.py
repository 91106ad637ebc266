"""Passes over long vectors, block by block.

In: the length of a vector, a dtype. Out: slices whose numbers stay in the cache while several
passes go over them, and two functions of the BLAS: ``x . y``, and ``y <- y + a x``, which is one
pass where NumPy needs two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np
from scipy.linalg.blas import get_blas_funcs

#: Numbers per block. OpenBLAS shares vectors of more than 10,000 numbers among threads, and beside
#: those of a matrix product that stalls: a step of 1 ms takes 8. See DECISIONS: numbers of a vector
#: operation.
BLOCK = 8192

#: Numbers per block where the BLAS of SciPy, which the vectors go to, has a single thread.
BLOCK_OF_ONE_THREAD = 32768


@lru_cache(maxsize=64)
def blocks(size: int, block: int = BLOCK) -> tuple[slice, ...]:
    """Slices of at most ``block`` numbers that cover a vector of ``size``."""
    return tuple(slice(start, min(start + block, size)) for start in range(0, size, block))


@cache
def axpy(dtype: np.dtype) -> Callable:
    """The BLAS function ``axpy(x, y, a=a)``: ``y <- y + a x`` in place, contiguous, one dtype."""
    return get_blas_funcs("axpy", dtype=dtype)


@cache
def dot(dtype: np.dtype) -> Callable:
    """The BLAS function ``dot(x, y)``."""
    return get_blas_funcs("dot", dtype=dtype)


def norm(x: np.ndarray, block: int) -> float:
    """``sqrt(sum x^2)``, also where a square is too large for x's dtype."""
    product = dot(x.dtype)
    squares = sum(float(product(x[part], x[part])) for part in blocks(x.size, block))
    if math.isfinite(squares):
        return math.sqrt(squares)
    largest = float(np.abs(x).max())
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(float(np.square(x / largest, dtype=np.float64).sum()))
