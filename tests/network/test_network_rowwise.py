"""Rows of a product: right, and the same to the last bit whatever other rows there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from threadpoolctl import threadpool_limits

from sknumpynet.network import rows_stand_alone, rowwise, rowwise_dot
from sknumpynet.network.rowwise import COLUMNS_OF_FEW_ROWS, TERMS, WIDE

FLOAT32 = np.dtype("float32")


def product(x, W):
    out = np.full((len(x), W.shape[1]), np.nan, dtype=x.dtype)
    rowwise_dot(x, W, out)
    return out


def draw(n_rows, n_in, n_out, dtype="float32"):
    rng = np.random.default_rng(n_rows + 7 * n_in + 31 * n_out)
    return rng.normal(size=(n_rows, n_in)).astype(dtype), rng.normal(size=(n_in, n_out))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("of_parameters", ["float32", "float64"])
@pytest.mark.parametrize("n_in", [1, 5, TERMS, TERMS + 1, 3 * TERMS - 1])
@pytest.mark.parametrize("n_out", [1, 15, 17, 100, WIDE, WIDE + 1, COLUMNS_OF_FEW_ROWS + 1])
def test_it_is_the_product(n_in, n_out, dtype, of_parameters):
    rounding = max(np.finfo(dtype).eps, np.finfo(of_parameters).eps)
    for n_rows in (1, 2, 3, 4, 30):
        x, W = draw(n_rows, n_in, n_out, dtype)
        W = W.astype(of_parameters)
        before = x.copy(), W.copy()
        wide_x, wide_W = x.astype(np.float64), W.astype(np.float64)
        most = n_in * rounding * (np.abs(wide_x) @ np.abs(wide_W))
        assert (np.abs(product(x, W) - wide_x @ wide_W) <= most).all()
        assert_array_equal(x, before[0])
        assert_array_equal(W, before[1])


@settings(deadline=None, max_examples=60)
@given(
    n_rows=st.integers(1, 300),
    n_in=st.integers(1, 800),
    n_out=st.integers(1, 300),
    data=st.data(),
)
def test_rows_are_the_same_in_any_company_at_any_place(n_rows, n_in, n_out, data):
    """For the BLAS that it holds for; with others predictions are computed in float64."""
    x, W = draw(n_rows, n_in, n_out)
    W = W.astype("float32")
    places = data.draw(st.lists(st.integers(0, n_rows - 1), min_size=1, max_size=40))
    with threadpool_limits(1):
        whole = product(x, W)
    with threadpool_limits(2):
        some = product(x[places], W)
    assert not rows_stand_alone(FLOAT32) or np.array_equal(some, whole[places])


def row_after_row(x, W, out):
    for i in range(len(x)):
        out[i] = (x[i][:, np.newaxis] * W).sum(axis=0)


def by_number_of_rows(x, W, out):
    row_after_row(x, W, out)
    out *= 1 + len(x) * np.finfo(out.dtype).eps


def by_place(x, W, out):
    row_after_row(x, W, out)
    out[6::12] *= 1 + 2 * np.finfo(out.dtype).eps


def by_the_row_before(x, W, out):
    row_after_row(x, W, out)
    out[1:] += 1e-6 * x[:-1, :1]


@pytest.mark.parametrize(
    ("dot", "expected"),
    [
        (row_after_row, True),
        (by_number_of_rows, False),
        (by_place, False),
        (by_the_row_before, False),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_blas_that_does_not_keep_rows_apart_is_found_out(dot, expected, dtype, monkeypatch):
    monkeypatch.setattr(rowwise, "rowwise_dot", dot)
    assert rows_stand_alone.__wrapped__(np.dtype(dtype)) is expected


def test_it_is_looked_at_once():
    rows_stand_alone(FLOAT32)
    before = rows_stand_alone.cache_info().misses
    rows_stand_alone(np.dtype(np.float32))
    assert rows_stand_alone.cache_info().misses == before
