"""Rows of the user's table as encoded batches, one after the other, in reused buffers.

In: X (dense or CSR, possibly memory-mapped), the encoder, which rows, and targets. Out: batches
that are valid until the next one. Memory above the data is a batch or some hundred kilobytes, one
row number per row, and a copy of the encoded rows where the table is small; never of a large X.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix, is_sparse
from ..network import SparseRows
from ..optimizers import Met

#: Numbers that are gathered at once, if a batch is smaller (128 kB in float32). Gathering costs
#: some calls: at 32 x 10 numbers a batch 3.8 us each on its own, 1.3 us as a part of such a chunk.
GATHERED_AT_ONCE = 2**15

#: Data frames are stored column by column. Gathering 256 rows of 784 such columns takes 1500 us, a
#: third of the step of a 512-256 network; from encoded rows 80 us. So more of them may be kept.
STRIDED = 4


class Batch(NamedTuple):
    """Encoded rows, their targets and their weights (None: 1 each).

    ``met`` says what they have of tables where nothing else is moved, see
    :class:`sknumpynet.optimizers.ByRows`. ``of_all`` is the number of rows, where other ranks have
    more of them.
    """

    x: Any
    y: Any = None
    weight: np.ndarray | None = None
    met: Met | None = None
    of_all: int | None = None

    @property
    def n_rows(self) -> int:
        """Rows of the batch, those of other ranks too."""
        return len(self.x) if self.of_all is None else self.of_all

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

    def changes_nothing(self, X: np.ndarray) -> bool: ...

    def encode(self, block: np.ndarray, out: np.ndarray) -> np.ndarray: ...

    def encode_sparse(self, block: Matrix, dtype: np.dtype) -> tuple[Any, np.ndarray | None]: ...


class Change(Protocol):
    """What is needed of :class:`sknumpynet.encoding.in_training.Change`."""

    drawn: bool

    def __call__(self, encoded: np.ndarray, where: slice | np.ndarray) -> None: ...


class EncodedRows:
    """Encoded rows of X, by their positions in an index.

    Rows that need no encoding are taken from X as they are, others are encoded when they are asked
    for, into one buffer, or all at once by ``keep``.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n, n_features)
    encoder : Encoder
    dtype : dtype
    index : ndarray of row numbers, optional
        Default: all rows.
    most : int
        So many rows at most are asked for at once.
    """

    def __init__(
        self, X: Matrix, encoder: Encoder, dtype: np.dtype, index: np.ndarray | None, most: int
    ) -> None:
        self._table: Any = X if sp.issparse(X) else np.asarray(X)
        self._encoder, self._dtype, self._most = encoder, dtype, most
        self._index = index
        # All rows as the network takes them: the table itself, or what ``keep`` encodes.
        self._encoded: Any = None
        # Buffers of the rows as read and as encoded, allocated at their first use.
        self._read: np.ndarray | None = None
        self._written: np.ndarray | None = None
        usable = not sp.issparse(X) and X.dtype == dtype and X.flags.c_contiguous
        if usable and encoder.changes_nothing(self._table):
            # Slices of it are handed out.
            self._encoded = self._table.view()
            self._encoded.flags.writeable = False

    def __getitem__(self, where: Any) -> Any:
        """The rows at these positions (a slice or numbers), valid until the next call."""
        rows = where if self._index is None else self._index[where]
        if self._encoded is not None:
            return self._rows_of(self._encoded, rows)
        block = self._rows_of(self._table, rows)
        if sp.issparse(block):
            return SparseRows(*self._encoder.encode_sparse(block, self._dtype))
        if self._written is None:
            self._written = np.empty((self._most, self._encoder.n_columns), dtype=self._dtype)
        return self._encoder.encode(block, self._written[: len(block)])

    def _rows_of(self, X: Matrix, rows: Any) -> Any:
        if isinstance(rows, slice) or not isinstance(X, np.ndarray) or not X.flags.c_contiguous:
            # Of columns stored one by one np.take would copy the whole table first.
            return X[rows]
        if self._read is None:
            self._read = np.empty((self._most, X.shape[1]), dtype=X.dtype)
        # The numbers are valid; with mode="raise" NumPy would copy through another buffer.
        return np.take(X, rows, axis=0, out=self._read[: len(rows)], mode="clip")

    def keep(self, room: int) -> None:
        """Encode all rows now, if they need it and take no more than ``room`` bytes.

        Or :data:`STRIDED` times as many where X is not stored row by row.
        """
        if self._encoded is not None:
            return
        X = self._table
        n_rows = X.shape[0] if self._index is None else len(self._index)
        if is_sparse(X):
            if X.nnz * (self._dtype.itemsize + X.indices.itemsize) > room:
                return
            encoded: Any = self[slice(None)]
        else:
            shape = (n_rows, self._encoder.n_columns)
            room *= 1 if X.flags.c_contiguous else STRIDED
            if shape[0] * shape[1] * self._dtype.itemsize > room:
                return
            encoded = np.empty(shape, dtype=self._dtype)
            for start in range(0, n_rows, self._most):
                where = slice(start, start + self._most)
                encoded[where] = self[where]
        self._encoded, self._index = encoded, None
        self._table = self._read = self._written = None


def at_once(X: Matrix, encoder: Encoder, dtype: np.dtype) -> Batch:
    """All rows of X as one batch, without what is needed for several."""
    return Batch(EncodedRows(X, encoder, dtype, None, X.shape[0])[:])


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
        Encoded rows of up to so many bytes are kept, so that later epochs need not encode anew.
    change : Change, optional
        Of dense rows that are trained on, where these are not as they are encoded.
    most_shown : int, optional
        With ``shuffle`` no more rows than these are gone through at a time, others each time.
    """

    def __init__(
        self,
        X: Matrix,
        encoder: Encoder,
        dtype: np.dtype,
        batch_size: int,
        *,
        index: np.ndarray | None = None,
        y: np.ndarray | None = None,
        weight: np.ndarray | None = None,
        shuffle: np.random.Generator | None = None,
        cache: int = 0,
        change: Change | None = None,
        most_shown: int | None = None,
    ) -> None:
        self._number_type = np.intp if index is None else index.dtype
        if _is_all(index, X.shape[0]):
            index = None
        self.n_rows = self._n = X.shape[0] if index is None else len(index)
        if shuffle is not None and most_shown is not None:
            self.n_rows = min(most_shown, self.n_rows)
        self.batch_size = max(1, min(batch_size, self.n_rows))
        self.single = self.batch_size == self._n
        self._chunk = self.batch_size
        if not sp.issparse(X):
            self._chunk *= max(1, GATHERED_AT_ONCE // (self.batch_size * max(1, encoder.n_columns)))
        self._chunk = max(1, min(self._chunk, self.n_rows))
        self._x = EncodedRows(X, encoder, dtype, index, self._chunk)
        self._y = y if y is None or index is None else y[index]
        self._weight = None if weight is None else weight.astype(dtype)
        self._rng = None if self.single else shuffle
        self._cache = cache
        self._only: Batch | None = None
        self._change = change
        if change is not None:
            self._changed = np.empty((self._chunk, encoder.n_columns), dtype=dtype)

    @property
    def n_batches(self) -> int:
        """Of a time through."""
        return math.ceil(self.n_rows / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        if self.single:
            # Layers never write to x, so one encoded batch serves all epochs.
            if self._only is None or (self._change is not None and self._change.drawn):
                self._only = self._gather(slice(0, self.n_rows))
            yield self._only
            return
        if self._cache:
            self._x.keep(self._cache)
        order = self._order()
        for start in range(0, self.n_rows, self._chunk):
            where: Any = slice(start, min(start + self._chunk, self.n_rows))
            n = where.stop - where.start
            chunk = self._gather(where if order is None else order[where])
            if n <= self.batch_size:
                yield chunk
                continue
            for first in range(0, n, self.batch_size):
                yield chunk.part(slice(first, min(first + self.batch_size, n)))

    @property
    def largest(self) -> int:
        """Rows of the largest batch that is given."""
        return self.batch_size

    def _order(self) -> np.ndarray | None:
        if self._rng is None:
            return None
        order = np.arange(self._n, dtype=self._number_type)
        self._rng.shuffle(order)
        return order[: self.n_rows]

    def _gather(self, where: Any) -> Batch:
        """The batch of the rows at these positions (a slice or numbers)."""
        y = None if self._y is None else self._y[where]
        weight = None if self._weight is None else self._weight[where]
        x = self._x[where]
        if self._change is not None:
            # A copy: rows may be those that are kept.
            out = self._changed[: x.shape[0]]
            out[...] = x
            self._change(out, where)
            x = out
        return Batch(x, y, weight)


def _is_all(index: np.ndarray | None, n_rows: int) -> bool:
    """Whether ``index`` is 0, 1, ..., n_rows - 1."""
    if index is None or len(index) != n_rows:
        return index is None
    return not n_rows or bool(index[0] == 0 and (np.diff(index) == 1).all())
