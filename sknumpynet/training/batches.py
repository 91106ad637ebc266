"""Rows of the user's table as encoded batches, one after the other, in reused buffers.

In: X (dense or CSR, possibly memory-mapped), the encoder, which rows, and targets. Out: batches
that are valid until the next one. Memory above the data is one batch, one row number per row, and
a copy of the encoded rows where the table is small; never a copy of a large X.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp

from ..network import SparseRows

#: Numbers that are gathered at once, if a batch is smaller (128 kB in float32). Gathering costs
#: some calls: at 32 x 10 numbers a batch 3.8 us each on its own, 1.0 us as a part of such a chunk.
CHUNK = 2**15


#: Data frames are stored column by column. Gathering 256 rows of 784 such columns takes 1500 us, a
#: third of the step of a 512-256 network; from encoded rows 80 us. So more of them may be kept.
STRIDED = 4


class Batch(NamedTuple):
    """Encoded rows, their targets and their weights (None: 1 each)."""

    x: Any
    y: Any = None
    weight: np.ndarray | None = None

    def part(self, rows: slice) -> Batch:
        """Some of the rows; dense ones as views."""
        return Batch(
            self.x[rows],
            None if self.y is None else self.y[rows],
            None if self.weight is None else self.weight[rows],
        )


class Encoder(Protocol):
    """What is needed of :class:`sknumpynet.encoding.TableEncoder`."""

    n_columns: int
    copies: bool

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
    cache : int
        Encoded rows of up to so many bytes are kept, so that later epochs need not encode anew;
        of up to :data:`STRIDED` times as many where X is not stored row by row.
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
        cache: int = 0,
    ) -> None:
        self._X = X if sp.issparse(X) else np.asarray(X)
        self._encoder, self._dtype = encoder, dtype
        self._index, self._y = None if _is_all(index, X.shape[0]) else index, y
        self._weight = None if weight is None else weight.astype(dtype)
        self.n_rows = X.shape[0] if index is None else len(index)
        self.batch_size = max(1, min(batch_size, self.n_rows))
        self.single = self.batch_size == self.n_rows
        self._rng = None if self.single else shuffle
        self._rows_per_chunk = self.batch_size
        if not sp.issparse(X):
            self._rows_per_chunk *= max(1, CHUNK // (self.batch_size * max(1, encoder.n_columns)))
        self._cache = cache
        # Buffers of a chunk, as read and encoded, allocated at their first use.
        self._read: np.ndarray | None = None
        self._buffer: np.ndarray | None = None
        self._only: Batch | None = None
        # Rows that need no encoding (any more): the table itself, or its copy.
        self._encoded: Any = None
        if not sp.issparse(X) and encoder.copies and X.dtype == dtype and X.flags.c_contiguous:
            self._encoded = self._X.view()
            self._encoded.flags.writeable = False

    def __iter__(self) -> Iterator[Batch]:
        if self.single:
            # Layers never write to x, so one encoded batch serves all epochs.
            if self._only is None:
                self._only = self._gather(slice(0, self.n_rows))
            yield self._only
            return
        if self._cache and self._encoded is None:
            self._encode_all()
        order = None
        if self._rng is not None:
            order = np.arange(self.n_rows, dtype=np.int32 if self.n_rows < 2**31 else np.int64)
            self._rng.shuffle(order)
        for start in range(0, self.n_rows, self._rows_per_chunk):
            where: Any = slice(start, min(start + self._rows_per_chunk, self.n_rows))
            n = where.stop - where.start
            chunk = self._gather(where if order is None else order[where])
            if n <= self.batch_size:
                yield chunk
                continue
            for first in range(0, n, self.batch_size):
                yield chunk.part(slice(first, min(first + self.batch_size, n)))

    def _gather(self, where: Any) -> Batch:
        """The batch of the rows at these positions of the index (a slice or numbers)."""
        rows = where if self._index is None else self._index[where]
        y = None if self._y is None else self._y[rows]
        weight = None if self._weight is None else self._weight[where]
        return Batch(self._encoded_rows(rows), y, weight)

    def _encoded_rows(self, rows: Any) -> Any:
        if self._encoded is not None:
            return self._select(self._encoded, rows, "_buffer")
        if sp.issparse(self._X):
            return SparseRows(*self._encoder.encode_sparse(self._X[rows], self._dtype))
        block = self._select(self._X, rows, "_read")
        if self._buffer is None:
            shape = (min(self._rows_per_chunk, self.n_rows), self._encoder.n_columns)
            self._buffer = np.empty(shape, dtype=self._dtype)
        return self._encoder.encode(block, self._buffer[: len(block)])

    def _select(self, table: Any, rows: Any, buffer: str) -> Any:
        """Rows of ``table``: as a view where it can be, else copied to the named buffer."""
        if isinstance(rows, slice) or isinstance(table, SparseRows):
            return table[rows]
        if not table.flags.c_contiguous:
            # np.take would copy the whole table first.
            return table[rows]
        if getattr(self, buffer) is None:
            shape = (min(self._rows_per_chunk, self.n_rows), table.shape[1])
            setattr(self, buffer, np.empty(shape, dtype=table.dtype))
        # The numbers are valid; with mode="raise" NumPy would copy through another buffer.
        out = getattr(self, buffer)[: len(rows)]
        return np.take(table, rows, axis=0, out=out, mode="clip")

    def _encode_all(self) -> None:
        """Encode all rows once, in the order of the index, if there is room for them."""
        X, item = self._X, self._dtype.itemsize
        if sp.issparse(X):
            if X.nnz * (item + X.indices.itemsize) > self._cache:
                return
            rows = X if self._index is None else X[self._index]
            encoded: Any = SparseRows(*self._encoder.encode_sparse(rows, self._dtype))
        else:
            shape = (self.n_rows, self._encoder.n_columns)
            room = self._cache * (1 if X.flags.c_contiguous else STRIDED)
            if shape[0] * shape[1] * item > room:
                return
            encoded = np.empty(shape, dtype=self._dtype)
            for start in range(0, self.n_rows, self._rows_per_chunk):
                where = slice(start, start + self._rows_per_chunk)
                rows = where if self._index is None else self._index[where]
                self._encoder.encode(self._select(X, rows, "_read"), encoded[where])
        if self._index is not None:
            self._y = None if self._y is None else self._y[self._index]
            self._index = None
        self._encoded, self._read = encoded, None


def _is_all(index: np.ndarray | None, n_rows: int) -> bool:
    """Whether ``index`` is 0, 1, ..., n_rows - 1."""
    if index is None or len(index) != n_rows:
        return index is None
    return bool(index[0] == 0 and (np.diff(index) == 1).all())
