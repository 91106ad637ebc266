"""Rows of a sparse matrix that stand for a dense one: ``x = matrix + 1 shift^T``.

Centring a sparse matrix would fill it. The shift is therefore kept beside the matrix and folded
into the first product of the network, forward and backward, so the dense matrix never exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg.blas import get_blas_funcs

from .layer import Dot

#: Numbers that an outer product of SciPy's BLAS covers at once.
GER_BLOCK = 8192


@dataclass(frozen=True)
class SparseRows:
    """``x = matrix + 1 shift^T``, (B, n_in), with a CSR ``matrix`` and ``shift`` (n_in,) or None.

    The two products that a linear layer needs are its operations.
    """

    matrix: Any
    shift: np.ndarray | None = None

    def __len__(self) -> int:
        return self.matrix.shape[0]

    def __getitem__(self, rows: Any) -> SparseRows:
        """Some of the rows, by a slice or by their numbers."""
        return SparseRows(self.matrix[rows], self.shift)

    def toarray(self) -> np.ndarray:
        """x as a dense array."""
        dense = self.matrix.toarray()
        if self.shift is not None:
            dense += self.shift
        return dense

    def multiply(self, W: np.ndarray, out: np.ndarray, dot: Dot = np.dot) -> None:
        """``out = x W = matrix W + 1 (shift W)``, shape (B, n_out).

        SciPy adds up ``matrix W`` row by row; ``dot(shift, W, row)`` is the other product.
        """
        out[...] = self.matrix @ W
        if self.shift is not None:
            row = np.empty((1, out.shape[1]), dtype=out.dtype)
            dot(self.shift[np.newaxis], W, row)
            out += row

    def multiply_transposed(self, dy: np.ndarray, sums: np.ndarray, out: np.ndarray) -> None:
        """``out = x^T dy = matrix^T dy + shift sums``, (n_in, n_out), with ``sums = 1^T dy``."""
        out[...] = self.matrix.T @ dy
        if self.shift is not None:
            # SciPy's BLAS adds it in one pass, in place, to arrays in Fortran's order, which out.T
            # has. OpenBLAS would share more numbers at once among threads, beside those of NumPy.
            ger, n = get_blas_funcs("ger", dtype=out.dtype), max(1, GER_BLOCK // out.shape[1])
            for k in range(0, out.shape[0], n):
                ger(1.0, sums, self.shift[k : k + n], a=out[k : k + n].T, overwrite_a=True)
