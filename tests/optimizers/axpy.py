"""Whether the BLAS adds all entries of a vector alike; for AVX2 alone it does not at the end."""

import numpy as np
from scipy.linalg.blas import get_blas_funcs


def axpy_has_no_ends(dtype):
    """By trying it: each entry alone has the bits that it has among others."""
    x, y = np.random.default_rng(0).normal(size=(2, 400)).astype(dtype)
    axpy = get_blas_funcs("axpy", dtype=dtype)
    whole = axpy(x, y.copy(), a=0.37)
    return all(axpy(x[i : i + 1], y[i : i + 1].copy(), a=0.37)[0] == whole[i] for i in range(400))
