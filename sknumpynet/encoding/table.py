"""From a table to the arrays that a network takes.

In: rows of X, dense or CSR, in the user's units. Out: blocks in the network's dtype. Today every
column is a number; columns of categories will become codes (0 = unknown or missing) beside them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from .rows import Rows
from .scaling import FEATURE_SCALINGS, ColumnTooLargeError


class TableEncoder:
    """Learns the scaling of each column from the training rows, then encodes any block of rows.

    Parameters
    ----------
    feature_scaling : {None, "standard", "robust", "quantile"}
    stream : bool
        Whether the rows are the first of several parts (partial_fit).
    """

    def __init__(self, feature_scaling: str | None = "standard", *, stream: bool = False) -> None:
        self.feature_scaling = feature_scaling
        self.stream = stream

    def fit(self, X: Any, rows: Rows, names: Any = None) -> TableEncoder:
        """Learn from ``rows`` of X. ``names`` of the columns are for messages."""
        try:
            # Overflow is told below, by the column, and not by NumPy.
            with np.errstate(over="ignore", invalid="ignore"):
                self.scaling = FEATURE_SCALINGS[self.feature_scaling](self.stream).fit(X, rows)
        except ColumnTooLargeError as error:
            name = error.column if names is None else repr(str(names[error.column]))
            raise ValueError(
                f"feature_scaling={self.feature_scaling!r} cannot measure column {name} of X: its "
                "values are so large that their mean or variance overflows. Divide the column by a "
                "power of ten."
            ) from None
        self.n_features = X.shape[1]
        return self

    @property
    def n_columns(self) -> int:
        """Number of columns of an encoded block."""
        return self.n_features

    @property
    def changes_nothing(self) -> bool:
        """Whether encoding changes no value."""
        return self.feature_scaling is None

    def encode(self, block: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Encode a dense block into ``out`` (B, n_columns)."""
        self.scaling.dense(block, out)
        return out

    def encode_sparse(self, block: Any, dtype: np.dtype) -> tuple[Any, np.ndarray | None]:
        """A CSR matrix S and a row s with ``encoded = S + 1 s^T``, never filled in."""
        values = self.scaling.entries(block.data.astype(np.float64, copy=False), block.indices)
        matrix = sp.csr_matrix(
            (values.astype(dtype, copy=False), block.indices, block.indptr), shape=block.shape
        )
        shift = self.scaling.at_zero
        return matrix, None if shift is None else shift.astype(dtype)
