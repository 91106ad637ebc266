"""Rows of a sparse matrix that stand for a dense one: ``x = matrix + 1 shift^T``.

Centring a sparse matrix would fill it. The shift is therefore kept beside the matrix and folded
into the first product of the network, forward and backward, so the dense matrix never exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg.blas import get_blas_funcs


@dataclass(frozen=True)
class SparseRows:
    """``x = matrix + 1 shift^T``, (B, n_in), with a CSR ``matrix`` and ``shift`` (n_in,) or None.

    The two products that a linear layer needs are its only operations.
    """

    matrix: Any
    shift: np.ndarray | None = None

    def __len__(self) -> int:
        return self.matrix.shape[0]

    def __getitem__(self, rows: Any) -> SparseRows:
        """Some of the rows, by a slice or by their numbers."""
        return SparseRows(self.matrix[rows], self.shift)

    def multiply(self, W: np.ndarray, out: np.ndarray) -> None:
        """``out = x W = matrix W + 1 (shift W)``, shape (B, n_out)."""
        out[...] = self.matrix @ W
        if self.shift is not None:
            out += self.shift @ W

    def multiply_transposed(self, dy: np.ndarray, sums: np.ndarray, out: np.ndarray) -> None:
        """``out = x^T dy = matrix^T dy + shift sums``, (n_in, n_out), with ``sums = 1^T dy``."""
        out[...] = self.matrix.T @ dy
        if self.shift is not None:
            # In place, in one pass; SciPy's BLAS takes arrays in Fortran's order, which out.T has.
            ger = get_blas_funcs("ger", dtype=out.dtype)
            ger(1.0, sums, self.shift, a=out.T, overwrite_a=True)
