"""The reader of frames and arrays: what it takes, what it refuses, and what it leaves alone."""

import datetime as dt
import pickle
import tracemalloc
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from sklearn.ensemble import HistGradientBoostingClassifier

from sknumpynet.frames import FrameReader

from .libraries import CATEGORIES, COLUMNS, ZONE, expected_numbers, frame_of


def read(X, categorical_features="from_dtype"):
    return FrameReader(categorical_features).learn(X)


def kinds(X, categorical_features="from_dtype"):
    reader = FrameReader(categorical_features)
    reader.learn(X)
    return [column.kind for column in reader.columns]


# Tables as they are.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_frame_of_floats_is_not_copied(dtype):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 3)).astype(dtype), columns=[*"abc"])
    reader = FrameReader()
    table = reader.learn(X)
    assert table.dtype == dtype
    assert np.shares_memory(table, X.to_numpy())
    assert np.shares_memory(reader.read(X), X.to_numpy())
    array = X.to_numpy()
    assert read(array) is array


def test_float32_where_it_holds_every_number():
    exact = {"a": np.array([1, 2**24], dtype="int64"), "b": [True, False], "c": ["x", "y"]}
    assert read(pd.DataFrame(exact)).dtype == np.float32
    assert read(pd.DataFrame(exact | {"d": [0.5, np.nan]})).dtype == np.float32
    assert read(pd.DataFrame(exact | {"d": [0.1, 0.2]})).dtype == np.float64
    assert read(pd.DataFrame(exact | {"d": [1, 2**24 + 1]})).dtype == np.float64
    table = read(pd.DataFrame(exact | {"d": [1.0, 1e300]}))
    assert table.dtype == np.float64
    assert table[1, 3] == 1e300


def test_memory_above_a_frame_is_below_two_float32_copies():
    n, d = 50_000, 20
    X = pd.DataFrame({f"c{j}": np.arange(n, dtype="float32") for j in range(d)})
    X["t"] = pd.Categorical(["a", "b"] * (n // 2))
    FrameReader().learn(X[:10])
    tracemalloc.start()
    read(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The table itself, and a part of the column of categories.
    assert peak < 2 * 4 * n * d


def test_nothing_of_the_frame_is_changed_or_kept():
    X = pd.DataFrame(
        {
            "a": [1.5, np.nan, 2.0] * 400,
            "b": ["x", None, "y"] * 400,
            "c": pd.Categorical(["u", "v", None] * 400),
            "d": pd.to_datetime(["2020-01-01", None, "2020-01-02"] * 400),
        }
    )
    before = X.copy(deep=True)
    reader = FrameReader()
    table = reader.learn(X)
    table[:] = 0
    pd.testing.assert_frame_equal(X, before)
    assert len(pickle.dumps(reader)) < 2000
    again = pickle.loads(pickle.dumps(reader))
    np.testing.assert_array_equal(again.read(X), reader.read(X))


def test_columns_of_integer_names_and_rows_of_any_index():
    X = pd.DataFrame({0: [1, 2], 1: ["a", "b"]}, index=["p", "p"])
    reader = FrameReader([1])
    np.testing.assert_array_equal(reader.learn(X), [[1, 1], [2, 2]])
    assert [column.name for column in reader.columns] == ["x0", "x1"]


def test_a_chunked_dictionary_with_missing_values():
    # pyarrow gives the last level for a missing one, and narwhals with it.
    parts = [pa.array(v).dictionary_encode() for v in (["x", None], ["z", "y"], [None, "x"])]
    np.testing.assert_array_equal(
        read(pa.table({"c": pa.chunked_array(parts)}))[:, 0], [1, 0, 3, 2, 0, 1]
    )


@pytest.mark.parametrize("name", CATEGORIES)
def test_a_long_column_is_read_as_a_short_one(name):
    values = [*COLUMNS[name].values, None]
    reader = FrameReader()
    long = frame_of(name, values * 1000)
    np.testing.assert_array_equal(
        reader.learn(long)[:, 0], np.tile(expected_numbers(name, values), 1000)
    )
    np.testing.assert_array_equal(reader.read(long), np.tile(reader.read(long[:9]), (1000, 1)))
    new = [None, *(["zz", "b"] if isinstance(values[0], str) else [5, 7])] * 3000
    np.testing.assert_array_equal(
        reader.read(frame_of(name, new))[:, 0], expected_numbers(name, new, values)
    )


# Dates.


def test_dates_are_exact_to_the_microsecond():
    stamps = pd.to_datetime(
        ["1700-01-01 00:00:00.000001", "2024-05-06 07:08:09.123457", "2250-12-31 23:59:59.999999"]
    )
    for unit in ("us", "ns"):
        table = read(pd.DataFrame({"t": stamps.astype(f"datetime64[{unit}]")}))
        back = table[:, 0].astype("int64").astype("M8[us]")
        np.testing.assert_array_equal(back, stamps.to_numpy().astype("M8[us]"))


def test_nanoseconds_of_a_duration_are_kept():
    table = read(pd.DataFrame({"t": pd.to_timedelta([1, 500, 2001], unit="ns")}))
    np.testing.assert_allclose(table[:, 0], [0.001, 0.5, 2.001], rtol=1e-15)


def test_a_time_zone_is_the_clock_on_the_wall_of_training():
    local = pd.Series(pd.to_datetime(["2024-03-30 08:00", "2024-07-01 08:00"])).dt.tz_localize(ZONE)
    reader = FrameReader()
    table = reader.learn(pd.DataFrame({"t": local}))
    day = 86_400e6
    np.testing.assert_array_equal(table[:, 0] % day, 8 * 3600e6)
    # The same instants, told in another zone by another library.
    for zone in ("UTC", "America/New_York"):
        other = pl.from_pandas(pd.DataFrame({"t": local.dt.tz_convert(zone)}))
        np.testing.assert_array_equal(reader.read(other), table)


# Categories.


def test_which_columns_are_categories():
    X = pd.DataFrame(
        {
            "n": [1, 2, 3],
            "c": pd.Categorical([7, 9, 7]),
            "t": ["a", "b", "a"],
            "o": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"], ordered=True),
            "d": pd.to_datetime(["2020-01-01"] * 3),
        }
    )
    assert kinds(X) == ["number", "category", "category", "category", "date"]
    for features in (["n", "t", "o"], [0, 2, 3], [True, False, True, True, False]):
        assert kinds(X, features) == ["category", "number", "category", "category", "date"]
        assert kinds(X, np.array(features)) == kinds(X, features)
    np.testing.assert_array_equal(read(X, ["n", "t", "o"])[:, 1], [7, 9, 7])
    assert kinds(X[["n", "d", "c"]], None) == ["number", "date", "number"]
    assert kinds(X[["n", "d", "c"]], []) == ["number", "date", "number"]


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (["no"], "categorical_features names 'no', which is no column of X"),
        ([2], r"must be in \[0, 1\]"),
        ([-1], r"must be in \[0, 1\]"),
        ([True], r"must have shape \(2,\)"),
        ([0.5], "must hold names .* Got 0.5"),
        (["a", 1], "must hold names|names '1'"),
        ("a", "must be 'from_dtype', None, or a list"),
    ],
)
def test_categorical_features_that_are_none(features, message):
    with pytest.raises(ValueError, match=message):
        read(pd.DataFrame({"a": [1, 2], "b": [1, 2]}), features)


def test_names_need_a_frame():
    with pytest.raises(ValueError, match="X has no names of columns"):
        read(np.zeros((3, 2)), ["a"])


@pytest.mark.parametrize("features", ["from_dtype", ["a", "c"], [0, 2], [True, False, True]])
def test_the_mask_is_that_of_scikit_learn(features):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.integers(0, 3, 50), "b": rng.normal(size=50)})
    X["c"] = pd.Categorical(rng.choice(["x", "y"], 50))
    model = HistGradientBoostingClassifier(categorical_features=features, max_iter=1)
    expected = model.fit(X, X.b > 0).is_categorical_
    assert [kind == "category" for kind in kinds(X, features)] == expected.tolist()


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_text_where_it_is_not_a_category(make):
    X = make({"n": [1, 2], "t": ["a", "b"]})
    for features in (None, ["n"]):
        with pytest.raises(ValueError, match=r"Column 't' of X holds text \('a' in row 0\).*categ"):
            read(X, features)


def test_levels_of_any_kind_sort_and_have_labels():
    X = pd.DataFrame(
        {
            "i": pd.cut([1.0, 5.0, 9.0, 5.0], [0, 2, 6, 10]),
            "b": pd.Categorical([True, False, True, None]),
            "m": pd.Categorical(["a", 1, 1, None]),
            "f": pd.Categorical([2.5, 1.0, None, 1.0]),
            "t": pd.Categorical(pd.to_datetime(["2021-01-01", "2020-01-01", None, "2020-01-01"])),
        }
    )
    reader = FrameReader()
    np.testing.assert_array_equal(
        reader.learn(X),
        [[1, 2, 2, 2, 2], [2, 1, 1, 1, 1], [3, 2, 1, 0, 0], [2, 0, 0, 1, 1]],
    )
    assert [column.levels for column in reader.columns] == [
        ("(0, 2]", "(2, 6]", "(6, 10]"),
        ("False", "True"),
        ("1", "a"),
        ("1", "2.5"),
        ("2020-01-01T00:00:00", "2021-01-01T00:00:00"),
    ]
    np.testing.assert_array_equal(reader.read(X[::-1]), reader.read(X)[::-1])


# Values of another type than in training.

TYPES = {
    "numbers": [7, 8, 7],
    "text": ["7", "8", "7"],
    "dates": [dt.datetime(2020, 1, 1), dt.datetime(2021, 1, 1), None],
    "durations": [dt.timedelta(1), dt.timedelta(2), None],
}


@pytest.mark.parametrize("learned", TYPES)
@pytest.mark.parametrize("later", TYPES)
@pytest.mark.parametrize("category", [False, True])
def test_another_type_of_values_is_told(learned, later, category):
    reader = FrameReader(["c"] if category or learned == "text" else "from_dtype")
    table = reader.learn(pd.DataFrame({"c": TYPES[learned]}))
    X = pl.DataFrame({"c": TYPES[later]})
    if learned == later:
        np.testing.assert_array_equal(reader.read(X), table)
        return
    message = rf"Column 'c' of X holds {later} \(.* in row 0\)"
    with pytest.raises((TypeError, ValueError), match=message):
        reader.read(X)


def test_a_zone_where_there_was_none():
    naive = pd.DataFrame({"t": pd.to_datetime(["2020-01-01"])})
    zoned = pd.DataFrame({"t": naive.t.dt.tz_localize(ZONE)})
    for first, second in ((naive, zoned), (zoned, naive)):
        reader = FrameReader()
        reader.learn(first)
        with pytest.raises(TypeError, match=r"'t' of X holds dates.*it held dates.*in fit"):
            reader.read(second)


def test_levels_are_compared_by_value_whatever_holds_the_numbers():
    reader = FrameReader(["c"])
    reader.learn(pd.DataFrame({"c": [7, 8, 9]}))
    for column in (
        pd.array([9, None, 7], dtype="Int8"),
        pd.array([9, None, 7], dtype="float[pyarrow]"),
        pd.Categorical([9, None, 7]),
        pd.Series([Decimal(9), None, 7.0], dtype=object),
    ):
        np.testing.assert_array_equal(reader.read(pd.DataFrame({"c": column}))[:, 0], [3, 0, 1])
    np.testing.assert_array_equal(reader.read(np.array([[7.5], [8.0], [np.nan]]))[:, 0], [0, 2, 0])


# Errors.


@pytest.mark.parametrize(
    ("values", "shown", "row"),
    [
        ([None, [1, 2], [3]], r"\[1, 2\]", 1),
        (["a", "b", {"k": 1}], r"\{'k': 1\}", 2),
        ([b"ab", b"c"], "b'ab'", 0),
        ([1.0, 2 + 1j], r"\(2\+1j\)", 1),
        ([object()], "object", 0),
        ([pd.Period("2020-01")], "Period", 0),
    ],
)
def test_objects_that_no_column_takes(values, shown, row):
    X = pd.DataFrame({"fine": range(len(values)), "bad": pd.Series(values, dtype=object)})
    with pytest.raises(TypeError, match=f"Column 'bad' of X holds .*{shown}.* in row {row}, of ty"):
        read(X)
    with pytest.raises(TypeError, match="Column 'bad' of X"):
        read(X, ["bad"])


@pytest.mark.parametrize(
    ("values", "row"),
    [(["a", 1, 2.5], 1), ([1, None, "a"], 2), (["a"] * 150 + [3], 150), (["a"] * 9000 + [3], 9000)],
)
def test_objects_of_several_kinds(values, row):
    X = pd.DataFrame({"bad": pd.Series(values, dtype=object)})
    with pytest.raises(TypeError, match=f"Column 'bad' of X mixes .* in row {row}"):
        read(X)


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (pl.Series([None, [1]]), r"\[1\]"),
        (pl.Series([{"k": 1}, {"k": 2}]), r"\{'k': 1\}"),
        (pl.Series([None, b"ab"]), "b'ab'"),
        (pa.array([None, [1]]), r"\[1\]"),
        (pa.array([None, b"ab"]), "b'ab'"),
        (pa.array([None, {"k": 1}]), r"\{'k': 1\}"),
    ],
)
def test_nested_types(column, shown):
    X = (
        pl.DataFrame({"bad": column})
        if isinstance(column, pl.Series)
        else pa.table({"bad": column})
    )
    with pytest.raises(TypeError, match=f"Column 'bad' of X holds {shown} in row [01], of type"):
        read(X)


def test_a_complex_column():
    with pytest.raises(TypeError, match=r"Column 'z' of X holds .*1j.* in row 0, of type complex"):
        read(pd.DataFrame({"z": np.array([1j, 2])}))


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize(
    "make",
    [
        lambda X: pd.DataFrame(X),
        lambda X: pd.DataFrame(X).assign(t="a"),
        lambda X: pl.DataFrame(X),
        lambda X: pa.table({k: pa.array(v, from_pandas=True) for k, v in X.items()}),
        lambda X: pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in X.items()}),
    ],
)
def test_infinity(make, value):
    X = make({"a": np.array([1.0, 2.5, 3.0]), "b": np.array([np.nan, 0.25, value])})
    message = rf"Input X contains infinity or a value too large.* Column 'b' holds {value} in row 2"
    with pytest.raises(ValueError, match=message):
        read(X)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_no_rows(make):
    with pytest.raises(ValueError, match=r"Found array with 0 sample\(s\) \(shape=\(0, 2\)\)"):
        read(make({"a": np.zeros(0), "b": np.zeros(0)}))


# Arrays.


def test_arrays_of_numbers_pass_as_before():
    for X in (
        np.arange(6).reshape(3, 2),
        [[1, 2], [3, 4]],
        np.array([[1, 2.5], [3, None]], object),
    ):
        table = read(X)
        assert table.dtype == np.float64
        np.testing.assert_array_equal(table, np.asarray(X, dtype=float))
    X = sp.csr_matrix(np.eye(3))
    assert read(X) is X


def test_numeric_arrays_with_categories():
    X = np.array([[5.0, 1], [2.0, np.nan], [5.0, 3], [np.nan, 4]])
    before = X.copy()
    reader = FrameReader([0])
    np.testing.assert_array_equal(reader.learn(X), [[2, 1], [1, np.nan], [2, 3], [0, 4]])
    np.testing.assert_array_equal(reader.read(X[:1] + 1), [[0, 2]])
    np.testing.assert_array_equal(X, before)


def test_arrays_of_objects_and_text_with_categories():
    missing = [None, np.nan, pd.NA]
    X = np.array(
        [["b", 1.5], ["a", None], [missing[0], 2], [missing[1], 3], [missing[2], 4]], object
    )
    reader = FrameReader([True, False])
    expected = [[2, 1.5], [1, np.nan], [0, 2], [0, 3], [0, 4]]
    np.testing.assert_array_equal(reader.learn(X), expected)
    text = np.array([["b", "1.5"], ["c", "7"]])
    np.testing.assert_array_equal(reader.read(text), [[2, 1.5], [0, 7]])
    np.testing.assert_array_equal(FrameReader([0]).learn(text), [[1, 1.5], [2, 7]])
    assert [c.name for c in reader.columns] == ["x0", "x1"]


def test_a_frame_and_an_array_may_follow_each_other():
    frame = pd.DataFrame({"t": ["a", "b", "a"], "n": [1, 2, 3]})
    reader = FrameReader()
    table = reader.learn(frame)
    np.testing.assert_array_equal(reader.read(frame.to_numpy()), table)
    reader = FrameReader()
    numbers = reader.learn(np.array([[1.0, 2], [3, 4]]))
    np.testing.assert_array_equal(reader.read(pl.DataFrame({"a": [1, 3], "b": [2, 4]})), numbers)


def test_sparse_data():
    X = sp.csr_matrix(np.array([[0, 1.0], [np.nan, 0]]))
    with pytest.raises(ValueError, match="Input X contains NaN.*dense arrays and frames only"):
        read(X)
    with pytest.raises(ValueError, match="X is sparse, but"):
        read(sp.csr_matrix(np.eye(2)), [0])
    reader = FrameReader()
    reader.learn(pd.DataFrame({"t": ["a", "b"]}))
    with pytest.raises(ValueError, match="X is sparse, but"):
        reader.read(sp.csr_matrix(np.eye(2)))
    with pytest.raises(ValueError, match="Input X contains infinity"):
        read(sp.csr_matrix(np.diag([1, np.inf])))


def test_a_column_named_sparse_is_a_column():
    np.testing.assert_array_equal(read(pd.DataFrame({"sparse": ["a", "b"]})), [[1], [2]])


def test_a_frame_of_sparse_columns_is_a_sparse_matrix():
    X = pd.DataFrame.sparse.from_spmatrix(sp.csr_matrix(np.eye(4)))
    table = read(X)
    assert sp.issparse(table)
    np.testing.assert_array_equal(table.toarray(), np.eye(4))
