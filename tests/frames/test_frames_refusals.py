"""What the reader says of tables and values that it does not take."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sknumpynet import NumpyMLPRegressor
from sknumpynet.encoding import TableEncoder
from sknumpynet.frames import FrameReader
from sknumpynet.rows import usable_rows


def learned(X, features="from_dtype"):
    reader = FrameReader(features)
    return reader.learn(X), reader


TEXT = {"t": ["a", "b", "a"], "n": [1, 2, 3]}


# Tables.


def test_a_lazy_frame():
    """A reader by itself wants them opened; an estimator does that."""
    for X in (pl.LazyFrame(TEXT), pl.LazyFrame({"n": [1.0]})):
        with pytest.raises(TypeError, match=r"X is a lazy frame \(LazyFrame of polars\)"):
            learned(X)
    _, reader = learned(pl.DataFrame(TEXT))
    with pytest.raises(TypeError, match="X is a lazy frame"):
        reader.read(pl.LazyFrame(TEXT))


def test_a_frame_of_dask():
    dd = pytest.importorskip("dask.dataframe")
    X = dd.from_pandas(pd.DataFrame(TEXT), npartitions=2)
    with pytest.raises(TypeError, match="X is a lazy frame .*The estimators of sknumpynet.dask"):
        NumpyMLPRegressor().fit(X, [1.0, 2.0, 3.0])


def test_a_batch_of_pyarrow_is_a_table():
    batch = pa.RecordBatch.from_pydict(TEXT)
    table, reader = learned(batch)
    np.testing.assert_array_equal(table, [[1, 1], [2, 2], [1, 3]])
    assert [column.name for column in reader.columns] == ["t", "n"]
    np.testing.assert_array_equal(reader.read(batch), reader.read(pa.table(TEXT)))
    with pytest.raises(ValueError, match="Column 't' of X holds text"):
        learned(batch, None)


@pytest.mark.parametrize("fill", [np.nan, 1.0])
def test_a_frame_of_sparse_columns_that_are_not_filled_with_zeros(fill):
    X = pd.DataFrame({"a": [fill, 1.0, 2.0], "b": [fill, fill, 7.0]})
    sparse = X.astype(pd.SparseDtype(float, fill))
    table, reader = learned(sparse)
    np.testing.assert_array_equal(table, X)
    np.testing.assert_array_equal(reader.read(X), X)
    np.testing.assert_array_equal(learned(X)[1].read(sparse), X)


# Values.


def test_text_while_fitting_and_later():
    for X in (pd.DataFrame(TEXT), pl.DataFrame(TEXT), pa.table(TEXT)):
        with pytest.raises(ValueError, match=r"'t' of X holds text \('a' in row 0\)") as caught:
            learned(X, None)
        assert "in fit" not in str(caught.value)
        assert "categorical_features names the column" in str(caught.value)
    _, reader = learned(pd.DataFrame({"t": [1, 2, 3], "n": [1, 2, 3]}))
    with pytest.raises(ValueError, match=r"held numbers in fit. Convert it to numbers"):
        reader.read(pd.DataFrame(TEXT))


def test_text_where_the_categories_were_numbers():
    _, reader = learned(pd.DataFrame({"t": [1, 2, 3], "n": [1, 2, 3]}), ["t"])
    with pytest.raises(
        TypeError, match="'t' of X holds text.*but it held numbers in fit"
    ) as caught:
        reader.read(pd.DataFrame(TEXT))
    assert "categorical_features" not in str(caught.value)


# pandas 2.1 stumbles over it where it looks for a dtype, and goes on.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("features", ["from_dtype", ["c"]])
@pytest.mark.parametrize(
    "values", [[Decimal("sNaN"), 1.0], [1.0, Decimal("sNaN")], ["a", Decimal("sNaN")]]
)
def test_a_number_that_signals_an_error(values, features):
    X = pd.DataFrame({"c": pd.Series(values, dtype=object)})
    row = [isinstance(v, Decimal) for v in values].index(True)
    message = rf"Column 'c' of X holds Decimal\('sNaN'\) in row {row}.*put None for it"
    with pytest.raises(TypeError, match=message):
        learned(X, features)


def test_decimals_that_are_not_numbers_are_missing():
    X = pd.DataFrame({"c": pd.Series([Decimal("NaN"), Decimal("1.5"), None], dtype=object)})
    np.testing.assert_array_equal(learned(X)[0][:, 0], [np.nan, 1.5, np.nan])


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        (pd.period_range("2020-01", periods=3, freq="M"), r"\.dt\.to_timestamp\(\)"),
        (pd.interval_range(0, 3), r"astype\('category'\)"),
        (pd.Series([b"ab", b"c", b"d"], dtype=object), "decode it to text"),
        (np.array([1j, 2, 3]), "two columns of numbers"),
        (pd.Series([[1], [2], [3]], dtype=object), r"text for example by astype\(str\)"),
    ],
)
def test_what_to_do_with_values_that_no_column_takes(values, advice):
    with pytest.raises(TypeError, match=f"Column 'c' of X holds .* in row 0.*{advice}"):
        learned(pd.DataFrame({"c": values, "n": [1, 2, 3]}))


def test_the_advice_on_periods_and_intervals_helps():
    months = pd.Series(pd.period_range("2020-01", periods=3, freq="M"))
    assert learned(pd.DataFrame({"c": months.dt.to_timestamp()}))[1].columns[0].kind == "date"
    ranges = pd.Series(pd.interval_range(0, 3)).astype("category")
    np.testing.assert_array_equal(learned(pd.DataFrame({"c": ranges}))[0][:, 0], [1, 2, 3])


# Columns that are left out.


def fit(X, **options):
    reader = FrameReader()
    table = reader.learn(X)
    encoder = TableEncoder(**options)
    return encoder.fit(table, usable_rows(len(table), None), reader.table_columns(table))


@pytest.mark.parametrize("n", [2, 20])
def test_a_small_table_of_names(n):
    X = pd.DataFrame({"n": range(n), "name": [f"p{j}" for j in range(n)]})
    with pytest.warns(UserWarning, match=r"Left out of X: 'name'.*min_frequency=2") as caught:
        encoder = fit(X)
    assert encoder.names == ["n"]
    assert "partial_fit" not in str(caught[0].message)
    with pytest.raises(ValueError, match="No column of X is left to learn from: 'name'"):
        fit(X[["name"]])
    assert len(fit(X[["name"]], min_frequency=1).names) == (1 if n == 2 else n)
    # One level, seen once among gaps, is a constant.
    fit(pd.DataFrame({"n": range(3), "name": ["p", None, None]}))


def test_a_stream_that_begins_with_few_rows_says_what_to_do():
    rng = np.random.default_rng(0)
    levels = [f"l{j}" for j in range(500)]
    X = pd.DataFrame({"n": range(40), "c": rng.permutation(levels)[:40]})
    with pytest.warns(UserWarning, match="'c'.*pass more rows first, or declare all levels"):
        assert fit(X, stream=True).names == ["n"]
    declared = X.assign(c=pd.Categorical(X["c"], categories=levels))
    assert len(fit(declared, stream=True).embeddings) == 1
