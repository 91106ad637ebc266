"""Scalings of columns with missing values, against the same columns without these rows."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.impute import SimpleImputer

from sknumpynet.encoding import FEATURE_SCALINGS, TableEncoder
from sknumpynet.frames import FrameReader, TableColumns
from sknumpynet.rows import Rows, usable_rows

every_scaling = pytest.mark.parametrize("name", FEATURE_SCALINGS)


def make_table(n=500, seed=0):
    """Columns of several kinds and the same with gaps."""
    rng = np.random.default_rng(seed)
    full = np.column_stack(
        [
            rng.normal(1e6, 1, n),
            rng.exponential(1e-3, n),
            rng.integers(0, 2, n),
            np.full(n, 7.0),
            rng.normal(size=n),
            rng.poisson(3, n),
        ]
    )
    gaps = rng.random(full.shape) < [0.3, 0.01, 0.5, 0.2, 0.0, 0.9]
    return full, np.where(gaps, np.nan, full)


def encode(encoder, X, dtype="float64"):
    return encoder.encode(X, np.empty((len(X), encoder.n_columns), dtype=dtype))


@every_scaling
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_column_is_scaled_as_if_the_missing_rows_were_not_there(name, weighted, dtype):
    X = make_table()[1].astype(dtype)
    weight = np.random.default_rng(1).integers(1, 4, len(X)).astype(float) if weighted else None
    rows = usable_rows(len(X), weight)
    encoded = encode(TableEncoder(name, missing_indicator=False).fit(X, rows), X)
    for j in range(X.shape[1]):
        there = ~np.isnan(X[:, j])
        column = X[there][:, [j]]
        alone = TableEncoder(name).fit(
            column, usable_rows(len(column), None if weight is None else weight[there])
        )
        expected = encode(alone, column)[:, 0]
        np.testing.assert_allclose(encoded[there, j], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("name", "strategy"), [("standard", "mean"), ("robust", "median")])
def test_what_is_missing_becomes_the_centre(name, strategy):
    full, X = make_table()
    encoder = TableEncoder(name, missing_indicator=False).fit(X, usable_rows(len(X), None))
    encoded = encode(encoder, X)
    numbers = [0, 1, 3, 4, 5]
    np.testing.assert_array_equal(encoded[:, numbers][np.isnan(X[:, numbers])], 0)
    # Also that of the column of zeros and ones: as if it had been imputed first.
    filled = SimpleImputer(strategy=strategy).fit(X).transform(X)
    np.testing.assert_allclose(encoded, encode(encoder, filled), atol=1e-9)
    # And where a value is missing for the first time later.
    late = TableEncoder(name).fit(full, usable_rows(len(X), None))
    np.testing.assert_array_equal(encode(late, X)[np.isnan(X[:, 1]), 1], 0)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_scaling_what_is_missing_becomes_the_mean(weighted, dtype):
    full, X = make_table()
    X[:, 1] = np.where(np.isnan(X[:, 1]), np.nan, 1000 + 10 * X[:, 0] - 1e7)
    weight = np.random.default_rng(1).integers(1, 4, len(X)).astype(float) if weighted else None
    rows = usable_rows(len(X), weight)
    encoder = TableEncoder(None, missing_indicator=False).fit(X.astype(dtype), rows)
    encoded = encode(encoder, X, dtype)
    expected = SimpleImputer().fit(X if weight is None else np.repeat(X, weight.astype(int), 0))
    np.testing.assert_allclose(encoded, expected.transform(X), rtol=1e-6)
    # Where a value is missing for the first time later, and where rows are sparse in training.
    late = TableEncoder(None).fit(full, rows)
    mean = np.average(full, axis=0, weights=weight)
    np.testing.assert_allclose(encode(late, np.full((1, 6), np.nan))[0], mean, rtol=1e-12)
    late = TableEncoder(None).fit(sp.csr_matrix(full), rows)
    np.testing.assert_allclose(encode(late, np.full((1, 6), np.nan))[0], mean, rtol=1e-12)


def test_without_scaling_sums_that_overflow_are_harmless():
    X = np.array([[1e308, np.nan], [1e308, np.nan], [np.nan, 1e308]])
    encoder = TableEncoder(None).fit(X, usable_rows(3, None), TableColumns(2, names=["a", "b"]))
    assert encoder.names == ["a", "b", "a missing", "b missing"]
    assert np.isfinite(encode(encoder, X)).all()
    with np.errstate(over="ignore"):
        assert TableEncoder(None).fit(X[:2, :1], usable_rows(2, None)).names == ["x0"]


@every_scaling
def test_sparse_rows_after_dense_ones_with_gaps(name):
    full, X = make_table()
    X[:, 5] = np.where(X[:, 5] > 3, np.nan, X[:, 5])
    encoder = TableEncoder(name).fit(X, usable_rows(len(X), None))
    assert encoder.n_columns > 6
    later = full[:50].copy()
    later[:, 1:3] = 0
    matrix, shift = encoder.encode_sparse(sp.csr_matrix(later), np.dtype("float64"))
    assert matrix.shape == (50, encoder.n_columns)
    found = matrix.toarray() + (0 if shift is None else shift)
    np.testing.assert_allclose(found, encode(encoder, later), rtol=1e-7, atol=1e-7)
    np.testing.assert_array_equal(found[:, 6:], 0)


@every_scaling
def test_sparse_rows_after_a_column_without_values(name):
    X = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [np.nan] * 3, "c": [0.0, np.nan, 7.0]})
    reader = FrameReader()
    table = reader.learn(X)
    encoder = TableEncoder(name).fit(
        table, usable_rows(3, None), columns=reader.table_columns(table)
    )
    assert encoder.names == ["a", "c", "c missing", "b"]
    later = np.array([[0.0, 5.0, 3.0], [2.0, 0.0, 0.0]])
    matrix, shift = encoder.encode_sparse(reader.read(sp.csr_matrix(later)), np.dtype("float64"))
    found = matrix.toarray() + (0 if shift is None else shift)
    np.testing.assert_allclose(found, encode(encoder, reader.read(later)), atol=1e-12)


def test_sparse_rows_need_a_table_of_numbers():
    X = pd.DataFrame({"t": ["a", "b", "a", "b"], "n": [1.0, 2.0, 3.0, 4.0]})
    reader = FrameReader()
    table = reader.learn(X)
    for columns in (["t", "n"], ["t"]):
        part = [0, 1][: len(columns)]
        encoder = TableEncoder().fit(
            table[:, part],
            usable_rows(4, None),
            TableColumns(len(part), reader.columns[: len(part)]),
        )
        with pytest.raises(ValueError, match="Only numbers can be sparse"):
            encoder.encode_sparse(sp.csr_matrix(np.eye(len(columns))), np.dtype("float32"))


@every_scaling
@pytest.mark.parametrize("high", [1.0, 5.0])
def test_two_values_with_gaps_become_zeros_and_ones(name, high):
    X = make_table()[1][:, [2]] * high
    encoder = TableEncoder(name).fit(X, usable_rows(len(X), None))
    encoded, there = encode(encoder, X), ~np.isnan(X[:, 0])
    np.testing.assert_array_equal(encoded[there, 0], X[there, 0] / (high if name else 1.0))
    np.testing.assert_array_equal(encoded[:, 1], ~there)
    filled = encoded[~there, 0]
    assert (filled == filled[0]).all()
    if name != "robust":
        assert filled[0] == pytest.approx(X[there].mean() / (high if name else 1.0))


@every_scaling
def test_indicators_are_of_training_rows_alone(name):
    X = np.column_stack([np.arange(10.0), np.arange(10.0), np.arange(10.0) ** 2])
    X[9, 0] = X[3, 1] = np.nan
    encoder = TableEncoder(name).fit(
        X, Rows(np.arange(9), None), TableColumns(3, names=["a", "b", "c"])
    )
    assert encoder.names == ["a", "b", "c", "b missing"]
    encoded = encode(encoder, X)
    assert np.isfinite(encoded).all()
    np.testing.assert_array_equal(encoded[:, 3], np.arange(10) == 3)
    off = TableEncoder(name, missing_indicator=False).fit(X, Rows(np.arange(9), None))
    np.testing.assert_array_equal(encode(off, X), encoded[:, :3])


@every_scaling
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_column_without_values_is_harmless(name, dtype):
    X = np.full((40, 2), np.nan, dtype=dtype)
    X[:, 1] = np.arange(40)
    encoder = TableEncoder(name).fit(X, usable_rows(40, None))
    assert encoder.n_columns == 2
    encoded = encode(encoder, X, dtype)
    np.testing.assert_array_equal(encoded[:, 0], 0)
    assert len(np.unique(encoded[:, 1])) > 30


@every_scaling
def test_a_table_in_many_blocks_has_its_gaps_found(name):
    # The first block has gaps only, the last one none.
    X = np.random.default_rng(0).normal(3, 2, size=(20_000, 3))
    X[:5000, 0] = X[7000, 1] = np.nan
    encoder = TableEncoder(name).fit(X, usable_rows(len(X), None))
    assert encoder.names == ["x0", "x1", "x2", "x0 missing", "x1 missing"]
    if name == "standard":
        np.testing.assert_allclose(encoder.scaling.center, np.nanmean(X, axis=0), rtol=1e-12)
        spread = 1 / encoder.scaling.factor
        np.testing.assert_allclose(spread, np.nanstd(X, axis=0), rtol=1e-12)


def test_a_mean_far_from_the_first_rows_with_gaps():
    # The first value that is there misleads by 1e8 spreads.
    X = np.concatenate([[np.nan, 0.0], 1e8 + np.random.default_rng(0).normal(size=30_000)])[:, None]
    X[100] = np.nan
    rows = Rows(np.arange(len(X)), np.where(np.arange(len(X)) < 2, 1e-25, 1.0))
    encoder = TableEncoder("standard").fit(X, rows)
    assert 1 / encoder.scaling.factor[0] == pytest.approx(np.nanstd(X[2:]), rel=1e-6)


def test_only_a_table_without_gaps_is_passed_on_as_it_is():
    X = np.random.default_rng(0).normal(size=(30, 3))
    encoder = TableEncoder(None).fit(X, usable_rows(30, None))
    assert encoder.changes_nothing(X)
    late = X.copy()
    late[3, 1] = np.nan
    assert not encoder.changes_nothing(late)
    assert encode(encoder, late)[3, 1] == pytest.approx(X[:, 1].mean())
    assert not TableEncoder("standard").fit(X, usable_rows(30, None)).changes_nothing(X)
    assert not TableEncoder(None).fit(late, usable_rows(30, None)).changes_nothing(X)


def test_sparse_tables_have_no_indicators():
    X = sp.random(50, 4, 0.3, "csr", random_state=0)
    encoder = TableEncoder("standard").fit(X, usable_rows(50, None))
    assert encoder.names == ["x0", "x1", "x2", "x3"]
    assert encoder.encode_sparse(X, np.dtype("float32"))[0].shape == (50, 4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["standard", "robust"])
def test_a_value_beyond_the_dtype_in_units_of_the_spread_is_bounded(name, dtype):
    X = np.array([[0.0], [1e-29], [3e-29], [np.nan]], dtype=dtype)
    encoder = TableEncoder(name).fit(X, usable_rows(4, None))
    later = np.array([[3e38], [-3e38], [np.nan]], dtype=dtype)
    for out in ("float32", "float64"):
        np.testing.assert_array_equal(encode(encoder, later, out)[:, 0], [10, -10, 0])
