"""Products ``x W`` of which each row has the same bits, whatever other rows x has and how many.

A BLAS sums in an order that depends on the shape of a product: float32 predictions would move in
the sixth digit with the rows around a row. Here it is only given shapes for which the order is
known to stay the same, and :func:`rows_stand_alone` looks whether it does so.
"""

from __future__ import annotations

from functools import cache

import numpy as np

#: The BLAS is given these shapes only, and adds the terms x_ik W_kj of each sum one by one, in the
#: order of k, in any of its ways (for small and for large products, for one thread and many):
#: - two rows or more. One row is a product of a matrix and a vector, summed in another order;
#: - columns in sixteens: for 1 to 8 left over, OpenBLAS has two ways on processors with AVX-512;
#: - at most 256 terms. Longer sums are cut, at other places for small and for large products.
FEWEST_ROWS, COLUMNS, TERMS = 2, 16, 256

#: For speed only, so that OpenBLAS takes its way for small products: two rows times 2048 x 2048
#: take 1.2 ms instead of 2.2. See DECISIONS: shapes of row-wise products.
WIDE, FEW_ROWS, COLUMNS_OF_FEW_ROWS = 1024, 4, 2048


def rowwise_dot(x: np.ndarray, W: np.ndarray, out: np.ndarray) -> None:
    """``out = x W`` in the dtype of x and out, row by row the same whatever the other rows.

    Parameters
    ----------
    x : ndarray of shape (B, n_in)
    W : ndarray of shape (n_in, n_out)
        May be of another dtype: it is converted part by part.
    out : ndarray of shape (B, n_out)
    """
    n_rows, n_out = out.shape
    if n_rows < FEWEST_ROWS or n_out < COLUMNS:
        _with_zeros(x, W, out)
        return
    step = n_out - n_out % COLUMNS
    if n_rows < FEW_ROWS or W.dtype != out.dtype:
        step = min(step, COLUMNS_OF_FEW_ROWS)
    n_terms = TERMS if n_out <= WIDE else TERMS // 2
    for start in range(0, n_out, step):
        if start + step > n_out:
            # What is left over, and columns before it, anew.
            start -= -(n_out - start) % COLUMNS
        columns = slice(start, start + step)
        _add_up(x, W[:, columns], out[:, columns], n_terms)


def _with_zeros(x: np.ndarray, W: np.ndarray, out: np.ndarray) -> None:
    """The same where rows or columns are too few: with zeros below x and on the right of W."""
    (n_rows, n_out), dtype = out.shape, out.dtype
    if n_rows < FEWEST_ROWS:
        x, alone = np.zeros((FEWEST_ROWS, x.shape[1]), dtype=dtype), x
        x[:n_rows] = alone
    if n_out < COLUMNS:
        W, narrow = np.zeros((len(W), COLUMNS), dtype=dtype), W
        W[:, :n_out] = narrow
    products = np.empty((len(x), W.shape[1]), dtype=dtype)
    rowwise_dot(x, W, products)
    out[...] = products[:n_rows, :n_out]


def _add_up(x: np.ndarray, W: np.ndarray, out: np.ndarray, n_terms: int) -> None:
    """``out = x W``, by so many terms of each sum at a time."""
    n_in, dtype = W.shape[0], out.dtype
    if n_in <= n_terms and W.dtype == dtype:
        np.matmul(x, W, out=out)
        return
    np.matmul(x[:, :n_terms], W[:n_terms].astype(dtype, copy=False), out=out)
    products = np.empty(out.shape, dtype=dtype)
    for start in range(n_terms, n_in, n_terms):
        terms = slice(start, start + n_terms)
        out += np.matmul(x[:, terms], W[terms].astype(dtype, copy=False), out=products)


#: Sizes (B, n_in, n_out) that are looked at: small and large products, sums that are cut, columns
#: left over, more operations than OpenBLAS gives to one thread, a single row times a narrow matrix.
LOOKED_AT = ((40, 20, 100), (60, 300, 10), (13, 100, 3), (64, 256, 250), (900, 40, 40))


@cache
def rows_stand_alone(dtype: np.dtype) -> bool:
    """Whether :func:`rowwise_dot` keeps its promise with this BLAS, by trying it on a few shapes.

    Done once in a process, in 3 ms, with the threads that the BLAS has then. Each of the shapes is
    computed whole, in parts of 1 to 11 rows, and with the rows in another order.

    Of OpenBLAS's kernels it holds in float32 for SkylakeX (every processor with AVX-512),
    Sandybridge and Nehalem, also with NumPy 1.26: on 5,000 random shapes up to 3000 x 3000 x 2048
    no bit differed, with 1 to 8 threads. It does not for Haswell (AVX2), where a sum depends on the
    place of its row among twelve, and for MKL.
    """
    rng = np.random.default_rng(0)
    for n_rows, n_in, n_out in LOOKED_AT:
        x = rng.standard_normal((n_rows, n_in)).astype(dtype)
        W = rng.standard_normal((n_in, n_out)).astype(dtype)
        whole, again = np.empty((2, n_rows, n_out), dtype=dtype)
        rowwise_dot(x, W, whole)
        rowwise_dot(x[::-1].copy(), W, again)
        if not np.array_equal(whole, again[::-1]):
            return False
        start = 0
        for size in range(1, 12):
            rows = slice(start, start + size)
            rowwise_dot(x[rows], W, again[rows])
            if not np.array_equal(whole[rows], again[rows]):
                return False
            start = min(start + size, n_rows - 11)
    return True
