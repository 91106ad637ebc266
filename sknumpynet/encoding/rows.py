"""Rows of a table: reading them in blocks, finding equal ones, splitting off a validation part.

In: X (dense or CSR, possibly memory-mapped), encoded targets and weights. Out: row numbers with
weights. Rows are identified by their content, not by their place: a row of weight 2 and that row
twice are the same data, equal rows never fall on both sides of a split, and the order of the rows
does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

#: Numbers per block wherever the whole table is gone through (1 MB in float64), and most rows.
BLOCK_SIZE, MOST_ROWS = 2**17, 4096


class Rows(NamedTuple):
    """Which rows of the table, and the weight of each (None: 1 each)."""

    index: np.ndarray
    weight: np.ndarray | None

    def total(self) -> float:
        """Sum of the weights, the number of rows that they stand for."""
        return float(len(self.index) if self.weight is None else self.weight.sum())


def block_rows(X: Any) -> int:
    """Rows per block of the table X; of a sparse one only the stored numbers count."""
    per_row = X.nnz // max(1, X.shape[0]) if sp.issparse(X) else X.shape[1]
    return max(1, min(MOST_ROWS, BLOCK_SIZE // max(1, per_row)))


def row_blocks(X: Any, rows: Rows) -> Iterator[tuple[Any, np.ndarray]]:
    """Blocks of the rows and their weights, in order; memory O(block)."""
    step = block_rows(X)
    for start in range(0, len(rows.index), step):
        index = rows.index[start : start + step]
        weight = None if rows.weight is None else rows.weight[start : start + step]
        yield select(X, index), np.ones(len(index)) if weight is None else weight


def select(X: Any, index: np.ndarray) -> Any:
    """``X[index]``, as a view where the rows follow one another."""
    if len(index) and index[-1] - index[0] == len(index) - 1 and (np.diff(index) == 1).all():
        return X[index[0] : index[-1] + 1]
    return X[index]


def usable_rows(n_rows: int, weight: np.ndarray | None) -> Rows:
    """All rows of positive weight; weights that are all 1 become None."""
    if weight is None:
        return Rows(row_numbers(n_rows), None)
    index = np.flatnonzero(weight).astype(number_type(n_rows), copy=False)
    return _rows(index, weight[index])


def number_type(n: int) -> type:
    """The dtype for numbers of up to n rows; half the memory suffices below 2^31."""
    return np.int32 if n < 2**31 else np.int64


def row_numbers(n: int) -> np.ndarray:
    """0, 1, ..., n - 1."""
    return np.arange(n, dtype=number_type(n))


def _rows(index: np.ndarray, weight: np.ndarray) -> Rows:
    return Rows(index, None if (weight == 1.0).all() else weight)


def _scrambled(bits: np.ndarray) -> np.ndarray:
    """Bijection of 64-bit integers that lets every input bit act on every output bit.

    Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators": the finalizer of
    SplitMix64. It maps 0 to 0. Floats with few significant bits end in dozens of zero bits: unless
    they are scrambled before anything else, their products and sums collide.
    """
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _hash_values(values: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """One 64-bit number per (value, column); 0 for the value 0, so that sparse and dense agree."""
    # Adding 0.0 turns -0.0, which has a bit set, into 0.0. An odd factor per column is a bijection.
    bits = (np.asarray(values, dtype=np.float64) + 0.0).view(np.uint64)
    factor = _scrambled(columns.astype(np.uint64) + np.uint64(1)) | np.uint64(1)
    return _scrambled(_scrambled(bits) * factor)


def row_keys(X: Any, y: np.ndarray, index: np.ndarray) -> np.ndarray:
    """A 64-bit key per row of (X, y): equal rows have equal keys, others almost surely not."""
    y = y.reshape(len(y), -1)
    columns = np.arange(X.shape[1] + y.shape[1])
    of_x, of_y = columns[: X.shape[1]], columns[X.shape[1] :]
    keys = np.empty(len(index), dtype=np.uint64)
    step = block_rows(X)
    for start in range(0, len(index), step):
        part = index[start : start + step]
        key = _hash_values(np.ascontiguousarray(y[part]), of_y).sum(axis=1, dtype=np.uint64)
        block = select(X, part)
        if sp.issparse(block):
            # Unsigned sums wrap around, so differences of running sums are exact.
            hashed = _hash_values(block.data, block.indices)
            running = np.concatenate(([np.uint64(0)], np.cumsum(hashed, dtype=np.uint64)))
            key += running[block.indptr[1:]] - running[block.indptr[:-1]]
        else:
            key += _hash_values(np.ascontiguousarray(block), of_x).sum(axis=1, dtype=np.uint64)
        keys[start : start + step] = _scrambled(key)
    return keys


class DistinctRows:
    """The rows by content: one group for each distinct row, in an order that content alone decides.

    Parameters
    ----------
    X, y : array of n rows
        ``y`` encoded as numbers.
    rows : Rows
        Which of them.

    Attributes
    ----------
    first : ndarray of shape (n_groups,)
        A row of each group.
    weight : ndarray of shape (n_groups,)
        Its total weight.
    """

    def __init__(self, X: Any, y: np.ndarray, rows: Rows) -> None:
        # Several numbers per row live here at once: what is not needed any more is dropped.
        keys = row_keys(X, y, rows.index)
        n = len(keys)
        order = np.argsort(keys, kind="stable").astype(number_type(n), copy=False)
        keys = keys[order]
        new = np.concatenate(([True], keys[1:] != keys[:-1]))
        del keys
        starts = np.flatnonzero(new).astype(number_type(n), copy=False)
        self._members = rows.index[order]
        self._group_of_member = np.cumsum(new, dtype=number_type(n))
        self._group_of_member -= 1
        self.first = self._members[starts]
        self._member_weight = None if rows.weight is None else rows.weight[order]
        if rows.weight is None:
            self.weight = np.diff(starts, append=n).astype(np.float64)
        else:
            self.weight = np.add.reduceat(self._member_weight, starts)

    @property
    def n_groups(self) -> int:
        return len(self.first)

    def merged(self, groups: np.ndarray) -> Rows:
        """One row for each of the groups, with the weight of all of them."""
        return _rows(self.first[groups], self.weight[groups])

    def all_members(self, groups: np.ndarray) -> Rows:
        """Every row of the groups, in the order of the table (which a file is read in)."""
        chosen = np.zeros(len(self.first), dtype=bool)
        chosen[groups] = True
        chosen = chosen[self._group_of_member]
        index = self._members[chosen]
        if self._member_weight is None:
            return Rows(np.sort(index), None)
        order = np.argsort(index)
        return _rows(index[order], self._member_weight[chosen][order])

    def split(
        self, fraction: float, strata: np.ndarray | None, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split the groups at random into a part of 1 - ``fraction`` and one of ``fraction``.

        Parameters
        ----------
        fraction : float
            In (0, 1); the number of groups is rounded up, and at least 2.
        strata : ndarray of shape (n,) or None
            A class for each row of the table. Each class is then shared out in proportion, and at
            least one row of each stays in the first part.
        rng : numpy.random.Generator

        Returns
        -------
        kept, split_off : ndarrays of group numbers, sorted
        """
        n_groups = self.n_groups
        dtype = number_type(n_groups)
        codes = np.zeros(n_groups, dtype=dtype)
        if strata is not None:
            codes = np.unique(strata[self.first], return_inverse=True)[1].ravel().astype(dtype)
        counts = np.bincount(codes)
        # Within a class of c groups the shuffled ones get the positions (i + u) / c, evenly spread
        # over [0, 1) with one random shift u per class. The lowest positions of all are split off:
        # about the same fraction of each class, whatever its size.
        by_class = np.lexsort((rng.random(n_groups), codes)).astype(dtype, copy=False)
        rank = np.empty(n_groups, dtype=dtype)
        rank[by_class] = row_numbers(n_groups)
        del by_class
        rank -= (np.cumsum(counts) - counts).astype(dtype)[codes]
        position = (rank + rng.random(len(counts))[codes]) / counts[codes]
        # The last of each class stays, and a class of one is not counted in the fraction either.
        position[rank == counts[codes] - 1] = np.inf
        wanted = max(2, int(np.ceil(fraction * counts[counts > 1].sum())))
        n_split_off = min(wanted, int(np.isfinite(position).sum()))
        by_position = np.argsort(position, kind="stable").astype(dtype, copy=False)
        return np.sort(by_position[n_split_off:]), np.sort(by_position[:n_split_off])
