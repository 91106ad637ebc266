"""Columns that have shown nothing in the first part of a stream are measured when they do."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from catalogue import SCALINGS
from sknumpynet.encoding import TableEncoder
from sknumpynet.frames import FrameReader, TableColumns
from sknumpynet.rows import usable_rows

every_scaling = pytest.mark.parametrize("name", SCALINGS)
NEW = np.random.default_rng(9).normal(20, 5, (50, 5))


def stream_of(name, parts, weights=None, columns=None, **options):
    """An encoder that has seen these parts, one after the other."""
    weights = [None] * len(parts) if weights is None else weights
    rows = [usable_rows(X.shape[0], w) for X, w in zip(parts, weights, strict=True)]
    encoder = TableEncoder(name, stream=True, **options).fit(parts[0], rows[0], columns)
    for X, r in zip(parts[1:], rows[1:], strict=True):
        encoder = encoder.further(X, r, columns)
    return encoder


def encode(encoder, X):
    return encoder.encode(X, np.empty((X.shape[0], encoder.n_columns)))


def encode_sparse(encoder, X):
    matrix, shift = encoder.encode_sparse(X, np.dtype("float64"))
    return matrix.toarray() + (0 if shift is None else shift)


def parts_of_a_log(sparse=False):
    """A column that varies at once, a constant, zeros, one of two values later, one never."""
    rng = np.random.default_rng(0)
    parts = []
    for i in range(3):
        X = np.column_stack(
            [
                rng.normal(size=200),
                np.full(200, 2012.0) if i == 0 else rng.normal(2013, 2, 200),
                np.zeros(200) if i == 0 else rng.poisson(1.0, 200),
                np.full(200, 3.0) if i < 2 else rng.choice([3.0, 7.0], 200),
                np.full(200, -4.0),
            ]
        )
        parts.append(sp.csr_matrix(X) if sparse else X)
    return parts


@every_scaling
@pytest.mark.parametrize("weighted", [False, True])
def test_a_column_is_measured_by_all_rows_so_far(name, weighted):
    parts = parts_of_a_log()
    rng = np.random.default_rng(1)
    weights = [rng.integers(0, 4, 200).astype(float) if weighted else None for _ in parts]
    encoder = stream_of(name, parts, weights)
    # Of the two columns that showed themselves in the second part, the third says nothing more.
    for column, n in ((1, 2), (2, 2), (3, 3)):
        X = np.concatenate([part[:, [column]] for part in parts[:n]])
        weight = np.concatenate(weights[:n]) if weighted else None
        whole = TableEncoder(name).fit(X, usable_rows(len(X), weight))
        np.testing.assert_allclose(
            encode(encoder, NEW)[:, column], encode(whole, NEW[:, [column]])[:, 0], atol=1e-9
        )
    first = TableEncoder(name).fit(parts[0][:, :1], usable_rows(200, weights[0]))
    expected = encode(first, NEW[:, :1])
    np.testing.assert_allclose(encode(encoder, NEW)[:, :1], expected, rtol=1e-10)
    assert encoder.open_columns == [4]


@every_scaling
def test_sparse_is_dense(name):
    dense, sparse = (stream_of(name, parts_of_a_log(s)) for s in (False, True))
    np.testing.assert_allclose(
        encode_sparse(sparse, sp.csr_matrix(NEW)), encode(dense, NEW), rtol=1e-8, atol=1e-8
    )
    assert sparse.open_columns == dense.open_columns == [4]


@every_scaling
def test_columns_that_are_empty_or_have_gaps(name):
    rng = np.random.default_rng(0)
    a, b, c = (rng.normal(100, 7, (200, 3)) for _ in range(3))
    a[:, 0] = np.nan
    a[::3, 1], a[1::3, 1], a[2::3, 1] = 5.0, np.nan, 5.0
    b[:, 0] = 8.0
    b[::2, 1] = np.nan
    encoder = stream_of(name, [a, b])
    assert encoder.names == ["x0", "x1", "x2", "x1 missing"]
    assert encoder.open_columns == [0]
    # A constant is 0 from the part on in which it comes.
    np.testing.assert_array_equal(encode(encoder, b)[:, 0], 0)
    encoder = encoder.further(c, usable_rows(200, None))
    for column, rows in ((0, [a, b, c]), (1, [a, b])):
        X = np.concatenate([part[:, [column]] for part in rows])
        whole = TableEncoder(name, missing_indicator=False).fit(X, usable_rows(len(X), None))
        np.testing.assert_allclose(
            encode(encoder, c)[:, column], encode(whole, c[:, [column]])[:, 0], atol=1e-9
        )
    assert encoder.open_columns == []


@every_scaling
def test_a_stream_of_single_rows_is_measured_by_its_first_fifty(name):
    X = np.random.default_rng(0).normal(50, 3, (80, 2))
    seen = []
    encoder = TableEncoder(name, stream=True).fit(X[:1], usable_rows(1, None))
    for i in range(1, 80):
        seen.append(len(encoder.open_columns))
        encoder = encoder.further(X[i : i + 1], usable_rows(1, None))
    assert seen == [2] * 49 + [0] * 30
    whole = TableEncoder(name).fit(X[:50], usable_rows(50, None))
    np.testing.assert_allclose(encode(encoder, X), encode(whole, X), atol=1e-9)


def test_nothing_is_open_where_all_is_shown_or_all_is_there():
    X = np.random.default_rng(0).normal(size=(100, 3))
    encoder = stream_of("standard", [X])
    assert encoder.open_columns == []
    assert encoder.further(X + 5, usable_rows(100, None)) is encoder
    X[:, 0] = 1
    whole = TableEncoder().fit(X, usable_rows(100, None))
    assert whole.open_columns == []
    assert whole.further(X, usable_rows(100, None)) is whole
    assert stream_of(None, [X]).open_columns == []


@every_scaling
def test_an_encoder_is_not_changed_by_what_comes_later(name):
    parts = parts_of_a_log()
    first = stream_of(name, parts[:1])
    before = pickle.dumps(first)
    second = first.further(parts[1], usable_rows(200, None))
    assert pickle.dumps(first) == before
    assert second.open_columns == [3, 4]
    again = pickle.loads(before).further(parts[1], usable_rows(200, None))
    np.testing.assert_array_equal(encode(again, NEW), encode(second, NEW))


def test_memory_is_bounded():
    X = np.zeros((10, 50))
    encoder = TableEncoder(stream=True).fit(X, usable_rows(10, None))
    sizes = []
    for _ in range(40):
        encoder = encoder.further(X, usable_rows(10, None))
        sizes.append(len(pickle.dumps(encoder)))
    assert max(sizes) < 10 * 50 * 50 * 8
    assert sizes[5] == pytest.approx(sizes[-1], rel=0.01)


def test_constant_dates():
    days = [pd.Timestamp("2020-01-01")] * 60, pd.date_range("2020-01-02", periods=60, freq="7h")
    frames = [pd.DataFrame({"day": d}) for d in days]
    reader = FrameReader()
    tables = [reader.learn(frames[0]), reader.read(frames[1])]
    columns = TableColumns(1, reader.columns)
    encoder = stream_of("standard", tables, columns=columns)
    both = np.concatenate(tables)
    whole = TableEncoder().fit(both, usable_rows(120, None), columns)
    np.testing.assert_allclose(encode(encoder, both)[:, 0], encode(whole, both)[:, 0], atol=1e-6)


def test_values_too_large_to_measure_name_the_column():
    X = np.zeros((60, 3))
    X[:, 0] = np.arange(60)
    later = X.copy()
    later[:, 2] = 1e308 * np.linspace(-1, 1, 60)
    with pytest.raises(ValueError, match="cannot measure column 2 of X"):
        stream_of("standard", [X, later])


# What is told.


def told(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(w.message) for w in caught]


def test_columns_that_few_rows_have_fixed_are_named():
    X = np.random.default_rng(0).normal(size=(100, 8))
    (message,) = told(lambda: stream_of("standard", [X[:49]]))
    assert "Fewer than 50 different rows" in message
    assert "columns 0, 1, 2, 3, 4 and 3 more of X" in message
    assert not told(lambda: stream_of("standard", [X[:50]]))
    # Rows that repeat say nothing new.
    (message,) = told(lambda: stream_of("standard", [np.concatenate([X[:20]] * 40)]))
    assert "columns 0" in message
    assert not told(lambda: stream_of(None, [X[:10]]))
    assert not told(lambda: TableEncoder().fit(X[:10], usable_rows(10, None)))


def test_a_column_that_is_open_is_not_among_them():
    X = np.random.default_rng(0).normal(size=(100, 2))
    X[:20, 1] = 6
    (message,) = told(lambda: stream_of("standard", [X[:20]]))
    assert "column 0 of X is" in message
    # It goes on until enough have come.
    assert len(told(lambda: stream_of("standard", [X[:20], X[20:40], X[40:]]))) == 1


def test_a_column_that_comes_late_and_in_few_rows():
    X = np.random.default_rng(0).normal(size=(200, 2))
    X[:190, 1] = np.nan
    (message,) = told(lambda: stream_of("standard", [X[:100], X[100:]]))
    assert "column 1 of X is" in message
    X[:, 1] = 6
    X[190:, 1] = 7
    assert not told(lambda: stream_of("standard", [X[:100], X[100:]]))
