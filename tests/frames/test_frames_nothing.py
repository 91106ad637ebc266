"""Columns in which all is missing: nothing, whatever dtype the library gives them."""

import datetime as dt
import io

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sknumpynet.encoding import TableEncoder
from sknumpynet.frames import FrameReader
from sknumpynet.rows import usable_rows

LEARNED = {
    "numbers": [1.5, 2.0, 0.25],
    "text": ["b", "a", "b"],
    "dates": [dt.datetime(2020, 1, 1), dt.datetime(2021, 1, 1), dt.datetime(2020, 1, 2)],
    "durations": [dt.timedelta(1), dt.timedelta(2), dt.timedelta(3)],
    "flags": [True, False, True],
}
every_type = pytest.mark.parametrize("kind", LEARNED)


def columns_without_values():
    """Name -> frame of a column "c" of two rows without values, and numbers "n"."""

    def pandas(values, **options):
        return pd.DataFrame({"c": pd.Series(values, **options), "n": [1, 2]})

    def polars(dtype):
        return pl.DataFrame({"c": pl.Series([None] * 2, dtype=dtype), "n": [1, 2]})

    return {
        "NaN": pd.DataFrame([{"c": np.nan, "n": 1}, {"c": np.nan, "n": 2}]),
        "None": pd.DataFrame([{"c": None, "n": 1}, {"c": None, "n": 2}]),
        "NaT": pd.DataFrame([{"c": pd.NaT, "n": 1}, {"c": pd.NaT, "n": 2}]),
        "NaN objects": pandas([np.nan, None], dtype=object),
        "read_csv": pd.read_csv(io.StringIO("c,n\n,1\n,2\n")),
        "float32": pandas([np.nan] * 2, dtype="float32"),
        "Int64": pandas([None] * 2, dtype="Int64"),
        "string": pandas([None] * 2, dtype="string"),
        "category": pandas([None] * 2, dtype="category"),
        "zoned": pandas(pd.to_datetime([None] * 2).tz_localize("America/New_York")),
        "timedelta": pandas([None] * 2, dtype="timedelta64[ns]"),
        "null[pyarrow]": pandas([None] * 2, dtype=pd.ArrowDtype(pa.null())),
        "polars Null": pl.DataFrame([{"c": None, "n": 1}, {"c": None, "n": 2}]),
        "polars String": polars(pl.String),
        "polars NaN": pl.DataFrame({"c": [float("nan")] * 2, "n": [1, 2]}),
        "polars List": polars(pl.List(pl.Int8)),
        "pyarrow null": pa.table({"c": pa.nulls(2), "n": [1, 2]}),
        "pyarrow dictionary": pa.table(
            {"c": pa.array([None] * 2, pa.dictionary(pa.int8(), pa.string())), "n": [1, 2]}
        ),
        "objects": np.array([[None, 1], [np.nan, 2]], dtype=object),
        "list": [[None, 1], [np.nan, 2]],
    }  # fmt: skip


every_nothing = pytest.mark.parametrize("name", columns_without_values())


def frame(kind):
    return pd.DataFrame({"c": LEARNED[kind], "n": [1, 2, 3]})


@every_nothing
@every_type
@pytest.mark.parametrize("category", [False, True])
def test_later(name, kind, category):
    reader = FrameReader(["c"] if category or kind == "text" else "from_dtype")
    reader.learn(frame(kind))
    read = reader.read(columns_without_values()[name])
    expected = 0.0 if category or kind == "text" else np.nan
    np.testing.assert_array_equal(read, [[expected, 1], [expected, 2]])


@every_nothing
@every_type
@pytest.mark.parametrize("stream", [False, True])
def test_in_training(name, kind, stream):
    reader = FrameReader()
    table = reader.learn(columns_without_values()[name])
    assert (np.isnan(table[:, 0]) | (table[:, 0] == 0)).all()
    encoder = TableEncoder(stream=stream).fit(
        table, usable_rows(2, None), columns=reader.table_columns(table)
    )
    encoded = encoder.encode(table, np.empty((2, encoder.n_columns)))
    j = encoder.sources.tolist().index(0)
    np.testing.assert_array_equal(encoded[:, j], 0)
    if reader.columns is None:
        return
    # What comes later is taken, whatever it is.
    later = reader.read(frame(kind))
    encoded = encoder.encode(later, np.empty((3, encoder.n_columns)))
    assert np.isfinite(encoded).all()
    if not stream or kind == "text":
        np.testing.assert_array_equal(encoded[:, j], 0)


@every_nothing
@pytest.mark.parametrize("features", [["c"], [0], [True, False]])
def test_as_a_category(name, features):
    X = columns_without_values()[name]
    reader = FrameReader([0] if features == ["c"] and not hasattr(X, "columns") else features)
    table = reader.learn(X)
    np.testing.assert_array_equal(table, [[0, 1], [0, 2]])
    assert reader.columns[0].kind == "category"
    for kind in LEARNED:
        np.testing.assert_array_equal(reader.read(frame(kind)), [[0, 1], [0, 2], [0, 3]])


def test_numbers_of_a_stream_whose_first_part_had_none():
    reader = FrameReader()
    table = reader.learn(pd.DataFrame({"c": [np.nan] * 3, "n": [1.0, 2.0, 3.0]}))
    encoder = TableEncoder(stream=True).fit(
        table, usable_rows(3, None), columns=reader.table_columns(table)
    )
    later = reader.read(pd.DataFrame({"c": [0.5, -2.0], "n": [2.0, 2.0]}))
    np.testing.assert_array_equal(encoder.encode(later, np.empty((2, 2))), [[0.5, 0], [-2, 0]])


def test_a_frame_of_floats_without_a_column_is_still_read_as_a_whole():
    X = pd.DataFrame({"c": np.full(9, np.nan), "n": np.arange(9.0)})
    reader = FrameReader()
    assert np.shares_memory(reader.learn(X), X.to_numpy())
    assert np.shares_memory(reader.read(X), X.to_numpy())
    # Some rows without a value are no column without.
    X.loc[8, "c"] = 1.0
    reader.learn(X)
    with pytest.raises(ValueError, match="Column 'c' of X holds text"):
        reader.read(pd.DataFrame({"c": ["a"], "n": [1.0]}))
