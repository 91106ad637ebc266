"""Rows of the user's table as encoded batches, one after the other, in reused buffers.

In: X (dense or CSR, possibly memory-mapped), the encoder, which rows, and targets. Out: batches
that are valid until the next one. Memory above the data is one batch, one row number per row, and
no copy of X.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp

from ..network import SparseRows


class Batch(NamedTuple):
    """Encoded rows, their targets and their weights (None: 1 each)."""

    x: Any
    y: Any = None
    weight: np.ndarray | None = None


class Encoder(Protocol):
    """What is needed of :class:`sknumpynet.encoding.TableEncoder`."""

    n_columns: int

    def encode(self, block: np.ndarray, out: np.ndarray) -> np.ndarray: ...

    def encode_sparse(self, block: Any, dtype: np.dtype) -> tuple[Any, np.ndarray | None]: ...


class Batches:
    """Goes through rows of X in batches, shuffled anew each time or in their order.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n, n_features)
    encoder : Encoder
    dtype : dtype
        Of the encoded batches.
    batch_size : int
    index : ndarray of row numbers, optional
        Default: all rows of X.
    y : ndarray, optional
        Encoded targets of *all* n rows.
    weight : ndarray of shape (len(index),), optional
        Mean 1 over ``index``.
    shuffle : numpy.random.Generator, optional
        Draws the order; without, the order is that of ``index``. A single batch is not shuffled,
        since a sum does not depend on the order.
    """

    def __init__(
        self,
        X: Any,
        encoder: Encoder,
        dtype: np.dtype,
        batch_size: int,
        *,
        index: np.ndarray | None = None,
        y: np.ndarray | None = None,
        weight: np.ndarray | None = None,
        shuffle: np.random.Generator | None = None,
    ) -> None:
        self._X = X if sp.issparse(X) else np.asarray(X)
        self._encoder, self._dtype = encoder, dtype
        self._index, self._y = index, y
        self._weight = None if weight is None else weight.astype(dtype)
        self.n_rows = X.shape[0] if index is None else len(index)
        self.batch_size = max(1, min(batch_size, self.n_rows))
        self.single = self.batch_size == self.n_rows
        self._rng = None if self.single else shuffle
        self._buffer: np.ndarray | None = None
        self._only: Batch | None = None

    def __iter__(self) -> Iterator[Batch]:
        if self.single:
            # Layers never write to x, so one encoded batch serves all epochs.
            if self._only is None:
                self._only = self._gather(slice(0, self.n_rows))
            yield self._only
            return
        order = None if self._rng is None else self._rng.permutation(self.n_rows)
        for start in range(0, self.n_rows, self.batch_size):
            where: Any = slice(start, min(start + self.batch_size, self.n_rows))
            yield self._gather(where if order is None else order[where])

    def _gather(self, where: Any) -> Batch:
        rows = where if self._index is None else self._index[where]
        y = None if self._y is None else self._y[rows]
        weight = None if self._weight is None else self._weight[where]
        block = self._X[rows]
        if sp.issparse(block):
            return Batch(SparseRows(*self._encoder.encode_sparse(block, self._dtype)), y, weight)
        if self._buffer is None:
            shape = (self.batch_size, self._encoder.n_columns)
            self._buffer = np.empty(shape, dtype=self._dtype)
        return Batch(self._encoder.encode(block, self._buffer[: len(block)]), y, weight)
