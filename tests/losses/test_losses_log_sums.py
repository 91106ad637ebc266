"""Logarithms of sums of exponentials, against mpmath and SciPy."""

import mpmath
import numpy as np
import pytest
from scipy.special import logsumexp

from sknumpynet.losses.loss import log_mean_exp, log_sum_exp


@pytest.mark.parametrize("values", [
    [0.0], [1e3, 1e3], [-1e3, -1e3, -1e3], [700.0, -700.0], [1e-9, 0.0], [3.0, 3.0, 1.0, -40.0],
    [-1e-17, -40.0],
])  # fmt: skip
def test_to_the_last_digits(values):
    with mpmath.workdps(60):
        exact = mpmath.log(sum(mpmath.exp(mpmath.mpf(v)) for v in values))
        mean = exact - mpmath.log(len(values))
    column = np.array(values)[:, np.newaxis]
    np.testing.assert_allclose(log_sum_exp(column, 0), [[float(exact)]], rtol=1e-15)
    np.testing.assert_allclose(log_mean_exp(column), [float(mean)], rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_as_scipy_has_it(dtype, axis):
    rng = np.random.default_rng(0)
    for scale in (1e-3, 1.0, 30.0, 1e3):
        values = (scale * rng.standard_normal((5, 3, 4))).astype(dtype)
        found = log_sum_exp(values, axis)
        assert found.dtype == dtype
        tolerance = 4 * np.finfo(dtype).eps
        expected = logsumexp(values, axis=axis, keepdims=True)
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("values", [
    [np.inf, 1.0], [np.inf, np.inf], [-np.inf, 1.0], [-np.inf, -np.inf], [np.inf, -np.inf],
    [np.nan, 1.0], [np.nan, np.inf],
])  # fmt: skip
def test_infinite_terms(values):
    column = np.array(values)[:, np.newaxis]
    with np.errstate(all="raise"):
        found = log_sum_exp(column, 0)
    with np.errstate(all="ignore"):
        expected = logsumexp(column, axis=0, keepdims=True)
    np.testing.assert_array_equal(found, expected)
