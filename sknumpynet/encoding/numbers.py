"""Numbers: scaled, and a column more for those that are sometimes missing.

In: columns of numbers, NaN where missing. Out: scaled columns, in which a missing number is the
centre, then a 0/1 column for each that had missing values in training.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from ..rows import Rows
from .group import ColumnGroup, Options, Trained
from .open_columns import OpenColumns
from .scaling import FEATURE_SCALINGS, ColumnTooLargeError


class Numbers(ColumnGroup):
    """Scaled columns, then "missing" columns."""

    _open: OpenColumns | None = None

    def __init__(self, columns: Sequence[Trained], options: Options) -> None:
        super().__init__(columns, options)
        self.feature_scaling = options.feature_scaling
        self.missing_indicator = options.missing_indicator
        self.scaling = FEATURE_SCALINGS[self.feature_scaling](options.stream)

    @staticmethod
    def takes(column: Trained, options: Options) -> bool:
        # An empty column of a stream may have numbers later.
        return column.kind == "number" or (column.kind == "empty" and options.stream)

    def fit(
        self, X: Matrix, rows: Rows, columns: Sequence[Trained], y: np.ndarray | None = None
    ) -> Numbers:
        try:
            # Overflow is told by the column, and not by NumPy.
            with np.errstate(over="ignore", invalid="ignore"):
                self.scaling.fit(self.of(X), rows)
        except ColumnTooLargeError as error:
            raise ColumnTooLargeError(columns[error.column].index) from None
        if len(self.scaling.constant):
            self._open = OpenColumns.after(self.of(X), rows, self.scaling)
        missing = self.scaling.missing
        self._missing = missing if self.missing_indicator else missing[:0]
        self.names = [column.name for column in columns]
        self.names += [f"{columns[j].name} missing" for j in self._missing]
        self.sources = np.concatenate([self.index, self.index[self._missing]])
        self.n_columns, self.n_numbers = len(self.names), len(columns)
        return self

    @property
    def open(self) -> np.ndarray:
        return self.index[:0] if self._open is None else self.index[self._open.index]

    @property
    def fixed(self) -> np.ndarray:
        # Without a scaling only what stands for missing numbers is learned.
        return self.index[:0] if self.feature_scaling is None else super().fixed

    def further(self, X: Matrix, rows: Rows) -> tuple[Numbers, np.ndarray]:
        if self._open is None:
            return self, self.index[:0]
        other = copy.copy(self)
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                left, other.scaling = self._open.further(self.of(X), rows, self.scaling)
        except ColumnTooLargeError as error:
            raise ColumnTooLargeError(int(self.index[error.column])) from None
        other._open = left if len(left.index) else None
        return other, self.index[left.few]

    def becomes(self, place: int, n_inputs: int) -> str:
        return "constant" if self.scaling.is_constant(place) else "number"

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        x, n = self.of_block(block), len(self.index)
        if len(self._missing):
            out[:, n:] = np.isnan(x[:, self._missing])
            out = out[:, :n]
        self.scaling.dense(x, out)

    def encode_sparse(self, block: sp.csr_matrix, dtype: np.dtype) -> tuple[Any, np.ndarray | None]:
        # Nothing is missing in a sparse table: the columns behind the numbers hold zeros.
        if len(self.index) < block.shape[1]:
            block = block[:, self.index]
        shape = (block.shape[0], self.n_columns)
        values = self.scaling.entries(block.data.astype(np.float64, copy=False), block.indices)
        matrix = sp.csr_matrix(
            (values.astype(dtype, copy=False), block.indices, block.indptr), shape=shape
        )
        shift = self.scaling.at_zero
        if shift is not None:
            shift = np.pad(shift, (0, len(self._missing))).astype(dtype)
        return matrix, shift
