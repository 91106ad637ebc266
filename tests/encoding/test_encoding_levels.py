"""Levels of categories: told apart by their exact values, whatever holds them, and labelled."""

import datetime as dt
from decimal import Decimal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sknumpynet.frames import FrameReader

BIG = 2**53


def learned(X, features="from_dtype"):
    reader = FrameReader(features)
    return reader.learn(X)[:, 0], reader


def codes_of(values, levels):
    levels = sorted(set(levels))
    return [levels.index(v) + 1 if v in levels else 0 for v in values]


INTEGERS = {
    "pandas category": lambda v: pd.DataFrame({"c": pd.Categorical(v)}),
    "pandas int64": lambda v: pd.DataFrame({"c": np.array(v, dtype="int64")}),
    "pandas uint64": lambda v: pd.DataFrame({"c": np.array(v, dtype="uint64")}),
    "pandas Int64": lambda v: pd.DataFrame({"c": pd.array(v, dtype="Int64")}),
    "pandas int64[pyarrow]": lambda v: pd.DataFrame({"c": pd.array(v, dtype="int64[pyarrow]")}),
    "pandas objects": lambda v: pd.DataFrame({"c": pd.Series(v, dtype=object)}),
    "polars": lambda v: pl.DataFrame({"c": pl.Series(v, dtype=pl.Int64)}),
    "pyarrow": lambda v: pa.table({"c": pa.array(v, pa.int64())}),
    "pyarrow dictionary": lambda v: pa.table({"c": pa.array(v, pa.int64()).dictionary_encode()}),
    "array": lambda v: np.array(v, dtype="int64")[:, None],
    "array of objects": lambda v: np.array(v, dtype=object)[:, None],
    "list": lambda v: [[value] for value in v],
}
every_integer = pytest.mark.parametrize("kind", INTEGERS)


@every_integer
def test_integers_that_float64_does_not_hold_are_levels_of_their_own(kind):
    values = [BIG + 1, BIG, BIG + 1, BIG + 3, 5]
    found, reader = learned(INTEGERS[kind](values), [0])
    np.testing.assert_array_equal(found, codes_of(values, values))
    later = [BIG + 2, BIG + 1, 5, BIG]
    for other in INTEGERS.values():
        np.testing.assert_array_equal(reader.read(other(later))[:, 0], codes_of(later, values))
    assert reader.columns[0].levels == ("5", str(BIG), str(BIG + 1), str(BIG + 3))


@every_integer
def test_gaps_do_not_make_floats_of_integers(kind):
    if kind in ("pandas int64", "pandas uint64", "array"):
        values = [BIG + 1, BIG, 7]
    else:
        values = [BIG + 1, None, BIG, 7]
    found, _ = learned(INTEGERS[kind](values), [0])
    np.testing.assert_array_equal(found, codes_of(values, [7, BIG, BIG + 1]))


def test_an_integer_never_seen_is_unknown_however_near():
    _, reader = learned(pd.DataFrame({"c": pd.Categorical([5, 2**60])}))
    later = pd.DataFrame({"c": [2**60 + 100, 2**60, 5]})
    np.testing.assert_array_equal(reader.read(later)[:, 0], [0, 2, 1])
    # A float that is this integer is it, and its neighbour is not.
    later = pd.DataFrame({"c": [2.0**60, np.nextafter(2.0**60, 0), 5.0]})
    np.testing.assert_array_equal(reader.read(later)[:, 0], [2, 0, 1])


def test_integers_of_any_size():
    values = [2**64 + 1, 2**64, 2**70, -(2**65), 2**64 + 1]
    X = pd.DataFrame({"c": pd.Series(values, dtype=object)})
    found, reader = learned(X, ["c"])
    np.testing.assert_array_equal(found, codes_of(values, values))
    near = pd.DataFrame({"c": pd.Series([2**64 + 2, 2**70], dtype=object)})
    np.testing.assert_array_equal(reader.read(near)[:, 0], [0, 4])
    if hasattr(pl, "Int128"):
        X = pl.DataFrame({"c": pl.Series(values, dtype=pl.Int128)})
        np.testing.assert_array_equal(reader.read(X)[:, 0], found)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(BIG - 2, BIG + 2), min_size=1),
    st.lists(st.integers(BIG - 3, BIG + 3), min_size=1),
    st.sampled_from([k for k in INTEGERS if "uint" not in k]),
    st.sampled_from([k for k in INTEGERS if "uint" not in k]),
)
def test_any_integers_in_any_dtype(values, later, first, second):
    found, reader = learned(INTEGERS[first](values), [0])
    np.testing.assert_array_equal(found, codes_of(values, set(values)))
    read = reader.read(INTEGERS[second](later))[:, 0]
    np.testing.assert_array_equal(read, codes_of(later, set(values)))


# Floats.

TENTHS = [0.1, 0.2, 0.1, 5.0, 1 / 3]
FLOATS = {
    "pandas float32": lambda v: pd.DataFrame({"c": np.array(v, dtype="float32")}),
    "pandas float64": lambda v: pd.DataFrame({"c": np.array(v, dtype="float64")}),
    "pandas Float32": lambda v: pd.DataFrame({"c": pd.array(v, dtype="Float32")}),
    "pandas category of float32": lambda v: pd.DataFrame(
        {"c": pd.Categorical(np.array(v, dtype="float32"))}
    ),
    "polars Float32": lambda v: pl.DataFrame({"c": pl.Series(v, dtype=pl.Float32)}),
    "polars Float64": lambda v: pl.DataFrame({"c": pl.Series(v, dtype=pl.Float64)}),
    "pyarrow float": lambda v: pa.table({"c": pa.array(v, pa.float32())}),
    "array of float32": lambda v: np.array(v, dtype="float32")[:, None],
}


@pytest.mark.parametrize("first", FLOATS)
@pytest.mark.parametrize("second", FLOATS)
def test_float32_or_64_does_not_matter(first, second):
    found, reader = learned(FLOATS[first](TENTHS), [0])
    np.testing.assert_array_equal(found, codes_of(TENTHS, set(TENTHS)))
    np.testing.assert_array_equal(reader.read(FLOATS[second](TENTHS))[:, 0], found)
    never = FLOATS[second]([0.15, 0.1000001, 0.3333])
    np.testing.assert_array_equal(reader.read(never)[:, 0], 0)
    assert [label[:3] for label in reader.columns[0].levels] == ["0.1", "0.2", "0.3", "5"]
    assert reader.columns[0].levels[:2] == ("0.1", "0.2")


def test_float32_takes_no_integer_for_another():
    _, reader = learned(pd.DataFrame({"c": np.array([2**24, 3], dtype="float32")}), ["c"])
    for later in ([2**24 + 1, 2**24], [2.0**24 + 1, 2.0**24]):
        np.testing.assert_array_equal(reader.read(pd.DataFrame({"c": later}))[:, 0], [0, 2])


def test_two_levels_that_are_one_in_float32_are_told_apart_in_float64_alone():
    values = [0.1, 0.1 + 1e-12, 0.7]
    found, reader = learned(pd.DataFrame({"c": values}), ["c"])
    np.testing.assert_array_equal(found, [1, 2, 3])
    later = pd.DataFrame({"c": np.array(values, dtype="float32")})
    np.testing.assert_array_equal(reader.read(later)[:, 0], [0, 0, 3])


def test_false_is_a_level_and_not_missing():
    X = np.array([[False], [True], [None], [False]], dtype=object)
    np.testing.assert_array_equal(learned(X, [0])[0], [1, 2, 0, 1])


# Labels.


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([True, False], ("False", "True")),
        (pd.to_timedelta(["1D", "36h"]), ("1 day, 0:00:00", "1 day, 12:00:00")),
        (pd.to_datetime(["2020-01-01 00:00:00.5", "2020-01-01 00:00:00.0"]), None),
        (pd.array([dt.time(7, 30), dt.time(1)], dtype=object), ("01:00:00", "07:30:00")),
        ([7, "7"], ("7", "'7'")),
        ([7, "7", "x"], ("7", "'7'", "x")),
        ([7.0, 7.5], ("7", "7.5")),
        ([Decimal("7.50"), 3], ("3", "7.5")),
    ],
)
def test_labels(values, labels):
    X = pd.DataFrame({"c": pd.Categorical(values)})
    levels = learned(X)[1].columns[0].levels
    if labels is None:
        labels = ("2020-01-01T00:00:00", "2020-01-01T00:00:00.500000")
    assert levels == labels


def test_a_bool_that_is_named_as_a_category():
    for X in (pd.DataFrame({"c": [True, False]}), pl.DataFrame({"c": [True, False]})):
        assert learned(X, ["c"])[1].columns[0].levels == ("False", "True")


def test_the_labels_are_made_once():
    _, reader = learned(pd.DataFrame({"c": ["a", "b"]}))
    assert reader.columns[0].levels is reader.columns[0].levels


# Dtypes that some library cannot tell apart itself.


def dictionary_in_pandas(values):
    dtype = pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    return pd.DataFrame({"c": pd.Series(values).astype(dtype)})


def test_a_dictionary_of_pyarrow_in_pandas():
    values = ["b", None, "a", "c"] * 25
    expected = codes_of(values, "abc")
    found, reader = learned(dictionary_in_pandas(values))
    np.testing.assert_array_equal(found, expected)
    assert reader.columns[0].declared
    np.testing.assert_array_equal(reader.read(dictionary_in_pandas(["c", "z"]))[:, 0], [3, 0])
    _, reader = learned(pl.DataFrame({"c": values}))
    np.testing.assert_array_equal(reader.read(dictionary_in_pandas(values))[:, 0], expected)


@pytest.mark.parametrize("n", [10, 40_000])
def test_string_views_of_any_length(n):
    values = ["b", None, "a", "a long text that is not stored inline", "b"] * (n // 5)
    # pyarrow 15 has no views.
    X = pa.table({"c": pa.array(values, getattr(pa, "string_view", pa.string)())})
    found, reader = learned(X)
    np.testing.assert_array_equal(found, codes_of(values, {v for v in values if v}))
    np.testing.assert_array_equal(reader.read(pl.DataFrame({"c": values}))[:, 0], found)


@pytest.mark.parametrize(
    "make",
    [
        lambda v: pd.DataFrame({"c": v}),
        lambda v: pd.DataFrame({"c": pd.Series(v, dtype=object)}),
        lambda v: pd.DataFrame({"c": pd.Categorical(v)}),
        lambda v: pl.DataFrame({"c": v}),
        lambda v: pl.DataFrame({"c": pl.Series(v, dtype=pl.Categorical)}),
        lambda v: pa.table({"c": v}),
        lambda v: pa.table({"c": pa.array(v).dictionary_encode()}),
    ],
)
def test_wide_text_in_several_parts(make):
    n = 70_000
    values = [None if i % 1000 == 7 else f"level {i * 7 % 50_001}" for i in range(n)]
    found, reader = learned(make(values))
    place = {level: i + 1 for i, level in enumerate(sorted({v for v in values if v}))}
    np.testing.assert_array_equal(found, [place.get(v, 0) for v in values])
    later = make([*values[:10], "new", None])
    np.testing.assert_array_equal(reader.read(later)[:, 0], [*found[:10], 0, 0])


def test_reading_of_text_looks_at_each_value_a_few_times(monkeypatch):
    """Counts instead of seconds: a quadratic reader asks for every level in every part."""
    looked_at = 0

    class Text(str):
        __slots__ = ()

        def __hash__(self):
            nonlocal looked_at
            looked_at += 1
            return super().__hash__()

    replace_strict = nw.Series.replace_strict

    def counted(self, old, *args, **options):
        nonlocal looked_at
        looked_at += len(old)
        return replace_strict(self, old, *args, **options)

    monkeypatch.setattr(nw.Series, "replace_strict", counted)
    n = 80_000
    X = pd.DataFrame({"c": pd.Series([Text(i) for i in range(n)], dtype=object)})
    learned(X)
    assert looked_at < 12 * n


# Lists.


def test_a_list_with_nan_among_text():
    X = [["a", 1.0], [np.nan, 2.0], ["b", 3.0], [None, np.nan]]
    reader = FrameReader([0])
    np.testing.assert_array_equal(reader.learn(X), [[1, 1], [0, 2], [2, 3], [0, np.nan]])
    assert reader.columns[0].levels == ("a", "b")
    np.testing.assert_array_equal(reader.read([[np.nan, 5], ["b", 6]]), [[0, 5], [2, 6]])
    np.testing.assert_array_equal(
        FrameReader([1]).learn([[1, 2**60 + 1], [2, 2**60]]), [[1, 2], [2, 1]]
    )
