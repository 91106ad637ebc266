"""Few rows, read by their Python objects: the same bits, or the same error, as among many."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sknumpynet.frames import FrameReader
from sknumpynet.frames.few_rows import FEW, FewRows

from .libraries import COLUMNS, frame_of
from .test_frames_random import objects, of_polars, tables

#: Copies of a frame that are more rows than few.
COPIES = FEW + 1


def read(reader, X):
    return np.concatenate(list(reader.blocks(X)))


def many(frame):
    """The rows of a frame, and enough others."""
    if isinstance(frame, pd.DataFrame):
        return pd.concat([frame] * COPIES, ignore_index=True)
    return (pl if isinstance(frame, pl.DataFrame) else pa).__dict__[
        "concat" if isinstance(frame, pl.DataFrame) else "concat_tables"
    ]([frame] * COPIES)


def one(frame, i):
    return frame.iloc[[i]] if isinstance(frame, pd.DataFrame) else frame[i : i + 1]


def read_or_error(reader, X):
    try:
        return read(reader, X)
    except (TypeError, ValueError) as error:
        return type(error), str(error)


def same(few, whole):
    """Whether few rows are the first ones of the whole; or both the same error."""
    if isinstance(few, tuple) or isinstance(whole, tuple):
        assert few == whole
    else:
        np.testing.assert_array_equal(few, whole[: len(few)])


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(tables(), tables(), st.sampled_from(["from_dtype", [0], None]))
def test_rows_one_by_one_few_and_many(columns, later, features):
    if features != "from_dtype":
        columns = {k: v for k, v in columns.items() if not k.startswith("text")}
    reader = FrameReader(features)
    reader.learn(of_polars(columns))
    values = {name: later.get(name, []) for name in columns}
    n = max(map(len, values.values()))
    values = {k: (v + [None] * n)[:n] for k, v in values.items()}
    frame = of_polars(values)
    for X in (frame, frame.to_arrow(), frame.to_pandas(), objects(values)):
        whole = read(reader, many(X))
        same(read(reader, X), whole)
        for i in range(n):
            np.testing.assert_array_equal(read(reader, one(X, i)), whole[[i]])
    # A dict of the same Python objects.
    same(read(reader, values), read(reader, many(objects(values))))
    for i in range(n):
        alone = {k: v[i] for k, v in values.items()}
        np.testing.assert_array_equal(read(reader, alone), whole[[i]])


@pytest.mark.parametrize("features", ["from_dtype", [0]])
@pytest.mark.parametrize("name", COLUMNS)
def test_every_dtype(name, features):
    """As number, date or text as its dtype says, and as a category."""
    column = COLUMNS[name]
    values = [*column.values[:6], None] if column.nullable else column.values[:6]
    reader = FrameReader(features)
    reader.learn(frame_of(name, values))
    other = frame_of(name, [*values[::-1], column.values[7]])
    same(read(reader, other), read(reader, many(other)))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(COLUMNS)), st.sampled_from(sorted(COLUMNS)), st.booleans())
def test_a_column_of_another_dtype_than_in_fit(learned, given, category):
    reader = FrameReader([0] if category else "from_dtype")
    reader.learn(frame_of(learned, COLUMNS[learned].values))
    X = frame_of(given, COLUMNS[given].values)
    same(read_or_error(reader, X), read_or_error(reader, many(X)))


def of_ticks(ticks, physical, dtype):
    return pl.DataFrame({"a": pl.Series(ticks, dtype=physical).cast(dtype), "b": [1.0, 2.0]})


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": np.array(["2300-01-01", "20000-05-05T07"], "M8[s]"), "b": [1.0, 2.0]}),
        of_ticks([57 * 10**13, 0], pl.Int64, pl.Datetime("ms")),
        of_ticks([10**7, 0], pl.Int32, pl.Date),
        pd.DataFrame({"a": [2**63 + 1, None], "b": [1.0, 2.0]}, dtype=object),
        pd.DataFrame({"a": pd.Series([2**60, None], dtype="Int64"), "b": [1.0, np.nan]}),
        pd.DataFrame({"a": np.array([0.1, 0.7], "f4"), "b": [1.0, np.nan]}),
        pd.DataFrame({"a": np.array([0.1, 0.7], "f4"), "b": np.array([0.1, 0.7], "f4")}),
        pd.DataFrame({"a": pd.Categorical([0.5, None]), "b": [1.0, 2.0]}),
        pd.DataFrame({"a": np.array([1.5, 2.5], ">f8"), "b": [1, 2]}),
    ],
)
@pytest.mark.parametrize("features", ["from_dtype", ["a"]])
def test_values_that_objects_might_lose(frame, features):
    reader = FrameReader(features)
    reader.learn(many(frame))
    few, whole = read(reader, frame), read(reader, many(frame))
    assert few.dtype == whole.dtype
    same(few, whole)


def test_they_are_read_as_few():
    for X in (pd.DataFrame({"a": ["x"], "b": [1]}), pl.DataFrame({"a": ["x"], "b": [1]}),
              pa.table({"a": ["x"], "b": [1]})):  # fmt: skip
        assert isinstance(FrameReader().opened(X), FewRows)
        assert not isinstance(FrameReader().opened(many(X)), FewRows)


def test_infinity_is_told_with_its_column():
    reader = FrameReader()
    reader.learn(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}))
    for X in (pd.DataFrame({"a": [np.inf], "b": ["x"]}), {"a": [np.inf], "b": ["x"]}):
        with pytest.raises(ValueError, match="infinity.*Column 'a' holds inf in row 0"):
            read(reader, X)
