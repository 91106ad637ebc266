"""Whether two ways to make a product give the same bits: tried on random numbers, for each layout.

In: a product, and two ways to make it. Out: whether these agree. That is a fact about the BLAS,
known for the rest of the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

#: x, W, out.
Product = tuple[np.ndarray, np.ndarray, np.ndarray]

#: ``way(x, W, out)``: out = x W.
Way = Callable[[np.ndarray, np.ndarray, np.ndarray], Any]

#: Asked so often before it is tried. A trial takes as long as two to three products, of each of
#: which it may save a tenth: too much for the last batch of an epoch in a training of few epochs.
ASKED_BEFORE = 8

#: By the layout of a product how often it was asked, and from then on what was found.
_FOUND: dict[tuple[Any, ...], int | bool] = {}


def layout_of(x: np.ndarray, W: np.ndarray, out: np.ndarray) -> tuple[Any, ...]:
    """What a BLAS is told of a product beside its numbers."""
    return out.dtype, x.shape, x.strides, W.shape, W.strides, out.strides


def agree(product: Product, in_one: Way, in_pieces: Way, excuse: Callable[[float], None]) -> bool:
    """Whether both ways are known to give the bits of the other.

    ``excuse(seconds)`` is told what a trial took.
    """
    layout = layout_of(*product)
    found = _FOUND.get(layout, 0)
    if isinstance(found, bool):
        return found
    if found < ASKED_BEFORE:
        _FOUND[layout] = found + 1
        return False
    start = time.perf_counter()
    x, W, out = like(product)
    in_pieces(x, W, out)
    expected = out.copy()
    out.fill(0)
    in_one(x, W, out)
    _FOUND[layout] = same = np.array_equal(expected, out)
    excuse(time.perf_counter() - start)
    return same


def like(product: Product) -> Product:
    """Arrays with the same layouts, full of random numbers."""
    rng, made = np.random.default_rng(0), []
    for array in product:
        size = 1 + sum(
            (n - 1) * stride // array.itemsize
            for n, stride in zip(array.shape, array.strides, strict=True)
        )
        memory = rng.random(size, dtype=array.dtype.type)
        memory -= 0.5
        made.append(np.lib.stride_tricks.as_strided(memory, array.shape, array.strides))
    return made[0], made[1], made[2]
