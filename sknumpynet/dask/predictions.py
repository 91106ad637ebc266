"""Lazy predictions: a task for each partition of X.

In: a fitted estimator and an array or a frame of Dask. Out: an array of Dask.
"""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import scipy.sparse as sp

from dask import delayed

from ..telling import collected


def lazily(model: Any, method: str, X: Any) -> da.Array:
    """``model.method(X)`` in the partitions of X; computed when it is asked for."""
    like = _like(model, method, X)
    if isinstance(X, da.Array):
        X = X.rechunk({1: -1})
        parts, lengths = X.to_delayed().ravel(), X.chunks[0]
    else:
        parts, lengths = X.to_delayed(), [np.nan] * X.npartitions
    # One copy for all tasks.
    shared = delayed(model, pure=False)
    call = delayed(_called, pure=False)
    blocks = [
        da.from_delayed(call(shared, method, part, like), (n, *like.shape[1:]), meta=like)
        for part, n in zip(parts, lengths, strict=True)
    ]
    return da.concatenate(blocks)


def _like(model: Any, method: str, X: Any) -> np.ndarray:
    """What is predicted for no row."""
    # Of values that nobody has seen there is nothing to be told.
    with collected():
        if isinstance(X, da.Array):
            found = getattr(model, method)(np.zeros((1, X.shape[1]), dtype=X.dtype))
        else:
            found = getattr(model, method)(X._meta_nonempty)
    if not isinstance(found, np.ndarray):
        raise ValueError(
            f"{method} of several outputs is a list of arrays, which no array of Dask is: use "
            f"to_local().{method} on the partitions of X."
        )
    return found[:0]


def _called(model: Any, method: str, part: Any, like: np.ndarray) -> np.ndarray:
    if not part.shape[0]:
        return like
    if sp.issparse(part):
        part = part.tocsr()
    return getattr(model, method)(part)
