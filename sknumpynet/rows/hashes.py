"""A 64-bit hash of each row's content.

In: a table (dense or CSR) and row numbers. Out: numbers that are equal for equal rows, and almost
never for others: whoever needs to be certain compares. They are the same in every process, on
every machine, in every order of the rows, and however the table is stored.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from .rows import block_rows, select

#: Multipliers of SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number
#: generators"), and the step of its state.
FIRST_FACTOR, SECOND_FACTOR = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
STEP = np.uint64(0x9E3779B97F4A7C15)

#: What every missing value (NaN) counts as: there are many of them.
MISSING = np.uint64(0x7FF8000000000000)

HALF = np.uint64(32)


def row_hashes(X: Matrix, index: np.ndarray) -> np.ndarray:
    """h_i = mix(step + sum over j of odd_j mix(bits of float64 X_ij)) modulo 2^64, uint64 (n,).

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n, d)
        Numbers. Their values count, not their dtype: -0.0 is 0.0, all NaN are one, and what a CSR
        matrix does not store is 0. (Whole numbers beyond 2^53 count as the nearest float64.)
    index : ndarray of row numbers

    Notes
    -----
    0 is mixed to 0, so what is 0 adds nothing: a sparse row costs its stored numbers alone, and
    columns of 0 behind the others change no hash. ``odd_j`` can be divided by modulo 2^64 and
    mixing is one to one, so rows that differ in a single column never have one hash; others have
    it with a probability of about 2^-64.
    """
    odd = _mixed(STEP * np.arange(1, X.shape[1] + 1, dtype=np.uint64)) | np.uint64(1)
    hashes = np.empty(len(index), dtype=np.uint64)
    step = block_rows(X)
    for start in range(0, len(index), step):
        part = slice(start, start + step)
        block = select(X, index[part])
        hashes[part] = _sparse_sums(block, odd) if sp.issparse(X) else _bits(block) @ odd
    return _mixed(hashes + STEP)


def _sparse_sums(block: sp.csr_matrix, odd: np.ndarray) -> np.ndarray:
    """Sums over the stored numbers of each row, as differences of running sums."""
    sums = np.zeros(block.nnz + 1, dtype=np.uint64)
    np.cumsum(_bits(block.data) * odd[block.indices], out=sums[1:])
    return sums[block.indptr[1:]] - sums[block.indptr[:-1]]


def _bits(values: np.ndarray) -> np.ndarray:
    """The mixed bits of values as float64, in one form for each value."""
    # Adding 0.0 makes -0.0 positive.
    numbers = np.add(values, 0.0, dtype=np.float64, order="C")
    missing = np.isnan(numbers)
    bits = numbers.view(np.uint64)
    if missing.any():
        bits[missing] = MISSING
    # A half of SplitMix64 is enough here: what is high in a number must come down, as a product
    # only moves it up, and few digits leave the lower half of the bits empty.
    bits ^= bits >> HALF
    bits *= FIRST_FACTOR
    bits ^= bits >> HALF
    return bits


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """The output function of SplitMix64: one to one, and each bit depends on all."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * FIRST_FACTOR
    numbers = (numbers ^ (numbers >> np.uint64(27))) * SECOND_FACTOR
    return numbers ^ (numbers >> np.uint64(31))
