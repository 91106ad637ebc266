"""Categories: which levels are encoded on their own, and how.

In: columns of codes (0 = missing or unknown). Out: for each column one of -1 and +1, one 0/1 column
per level, or a code to be looked up by an embedding layer. Rare levels count as unknown, so that
the unknown level is trained.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from ..rows import Rows
from .group import ColumnGroup, Embedding, Options, Trained

#: Rows of a column that are counted at once.
COUNTED_AT_ONCE = 2**16

#: Embedded columns are about the square root of the number of levels wide, and at most this.
MOST_WIDTH = 16

#: A column of which a smaller part of the rows has a level that is not rare carries nothing.
LEAST_KEPT = 0.1


def count_levels(X: Matrix, rows: Rows, index: int, n_levels: int) -> np.ndarray:
    """Weight of the rows of each code 0, ..., ``n_levels`` in a column of the table."""
    counts = np.zeros(n_levels + 1)
    for start in range(0, len(rows.index), COUNTED_AT_ONCE):
        part = slice(start, start + COUNTED_AT_ONCE)
        codes = X[rows.index[part], index].astype(np.intp)
        weight = None if rows.weight is None else rows.weight[part]
        counts += np.bincount(codes, weights=weight, minlength=n_levels + 1)
    return rows.summed(counts)[0]


def train_category(X: Matrix, rows: Rows, column: Trained, options: Options) -> Trained | None:
    """The column with the levels that are kept, or None if it carries nothing.

    A level is rare below ``min_frequency`` rows. If the mean weight w is below 1, so that the
    weights count no rows, below ``w min_frequency``. The first part of a stream says nothing of how
    often the declared levels of a category dtype will come, all of them are kept; nor of whether
    unknown ones will, so there is a place for them.
    """
    counts = count_levels(X, rows, column.index, len(column.column.levels))
    if options.stream and column.column.declared:
        return column._replace(kept=np.arange(1, len(counts)), rest="missing")
    unit = min(1.0, rows.total() / rows.n_rows)
    present = counts[1:]
    frequent = present >= options.min_frequency * unit * (1.0 - 1e-9)
    frequent &= present > 0
    n_present = np.count_nonzero(present)
    if n_present > 1 and present[frequent].sum() < LEAST_KEPT * present.sum():
        return None
    kept = np.flatnonzero(frequent) + 1
    rest = "missing" if counts[0] > 0 or options.stream else None
    if n_present > len(kept):
        rest = "other"
    n_pooled = int(n_present - len(kept))
    pooled = float(present.sum() - present[frequent].sum()) if n_pooled else 0.0
    return column._replace(kept=kept, rest=rest, n_pooled=n_pooled, pooled=pooled)


class Coded(ColumnGroup):
    """Columns of codes that are looked up in a table: code -> number, for each of them."""

    #: What a code becomes that ``tabulate`` does not set.
    unset = 0

    def __init__(self, columns: Sequence[Trained], options: Options) -> None:
        super().__init__(columns, options)
        sizes = [len(column.column.levels) + 1 for column in columns]
        # All tables one behind the other, and where each begins.
        self._starts = np.cumsum([0, *sizes[:-1]], dtype=np.intp)
        self._table = np.full(sum(sizes), self.unset, dtype=np.int32)
        self.names = []
        for column, start, size in zip(columns, self._starts, sizes, strict=True):
            self.tabulate(column, self._table[start : start + size])
        self.n_columns = len(self.names)

    def tabulate(self, column: Trained, table: np.ndarray) -> None:
        """Set the numbers of the column's codes, and add its names."""
        raise NotImplementedError

    def look_up(self, block: np.ndarray) -> np.ndarray:
        """The number of each code, (B, columns)."""
        codes = self.of_block(block).astype(np.intp)
        codes += self._starts
        return self._table[codes]


class Constant(ColumnGroup):
    """A category of one level, or a column of no values: zeros, whatever it becomes."""

    def __init__(self, columns: Sequence[Trained], options: Options) -> None:
        super().__init__(columns, options)
        self.names = [column.name for column in columns]
        self.n_columns = len(columns)

    @staticmethod
    def takes(column: Trained, options: Options) -> bool:
        return column.kind == "empty" or (column.kind == "category" and column.n_groups < 2)

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        out[...] = 0.0

    def encode_sparse(self, block: sp.csr_matrix, dtype: np.dtype) -> tuple[Any, np.ndarray | None]:
        return sp.csr_matrix((block.shape[0], self.n_columns), dtype=dtype), None


class Binary(Coded):
    """Two levels, never missing: -1 and +1, and 0 for a level never seen."""

    @staticmethod
    def takes(column: Trained, options: Options) -> bool:
        return column.kind == "category" and len(column.kept) == 2 and column.rest is None

    def becomes(self, place: int, n_inputs: int) -> str:
        return "two levels"

    def tabulate(self, column: Trained, table: np.ndarray) -> None:
        table[column.kept] = -1, 1
        self.names.append(column.label(column.kept[1]))

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        out[...] = self.look_up(block)


class OneHot(Coded):
    """Few levels: a 0/1 column for each, and one for the rest where training had any."""

    unset = -1

    def __init__(self, columns: Sequence[Trained], options: Options) -> None:
        super().__init__(columns, options)
        self.sources = np.repeat(self.index, [column.n_groups for column in columns])

    @staticmethod
    def takes(column: Trained, options: Options) -> bool:
        few = len(column.kept) <= options.max_one_hot
        return column.kind == "category" and few and column.n_groups >= 2

    def becomes(self, place: int, n_inputs: int) -> str:
        return f"one-hot of {n_inputs}"

    def tabulate(self, column: Trained, table: np.ndarray) -> None:
        if column.rest is not None:
            table[:] = len(self.names) + len(column.kept)
        table[column.kept] = len(self.names) + np.arange(len(column.kept))
        self.names += [column.label(code) for code in column.kept]
        if column.rest is not None:
            self.names.append(f"{column.name} {column.rest}")

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        places = self.look_up(block)
        known, _ = np.nonzero(places >= 0)
        out[...] = 0.0
        out[known, places[places >= 0]] = 1.0


class Embedded(Coded):
    """Many levels: the code itself, renumbered so that only the levels kept have one."""

    def __init__(self, columns: Sequence[Trained], options: Options) -> None:
        super().__init__(columns, options)
        self.n_columns = len(columns)
        sizes = [len(column.kept) + 1 for column in columns]
        self.embeddings = [Embedding(j, n, embedding_width(n)) for j, n in enumerate(sizes)]

    @staticmethod
    def takes(column: Trained, options: Options) -> bool:
        return column.kind == "category" and len(column.kept) > options.max_one_hot

    def becomes(self, place: int, n_inputs: int) -> str:
        return f"{self.embeddings[place].n_codes - 1} levels, embedded in {n_inputs}"

    def tabulate(self, column: Trained, table: np.ndarray) -> None:
        n = len(column.kept)
        table[column.kept] = np.arange(1, n + 1)
        self.names += [f"{column.name}[{i}]" for i in range(embedding_width(n + 1))]

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        out[...] = self.look_up(block)


def embedding_width(n_codes: int) -> int:
    """Columns that so many codes are embedded in."""
    return min(MOST_WIDTH, math.isqrt(n_codes - 1) + 1)
