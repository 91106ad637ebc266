"""Random frames: finite encodings or one of the named errors, whatever the library."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sknumpynet.encoding import FEATURE_SCALINGS, TableEncoder
from sknumpynet.frames import FrameReader
from sknumpynet.rows import usable_rows

from .libraries import CATEGORIES, COLUMNS

#: Beginnings of the errors that a frame of any values may end in.
NAMED = ("Column '", "No column of X is left", "Input X contains infinity", "feature_scaling=")

floats = st.floats(width=32, allow_infinity=False)
VALUES = {
    "number": st.one_of(floats, st.integers(-1000, 1000)),
    "flag": st.booleans(),
    "text": st.sampled_from(["", "a", "b", "é", "7", "nan", "None", " a", "\N{GRINNING FACE}"]),
    "day": st.dates(dt.date(1700, 1, 1), dt.date(2250, 1, 1)),
    "time": st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2250, 1, 1)),
    "length": st.timedeltas(dt.timedelta(days=-1000), dt.timedelta(days=1000)),
}
ODD = st.one_of(
    st.sampled_from([float("inf"), 1e300, -1e308, b"x", [1], {"k": 2}, 2j, 10**400, dt.time(3)]),
    *VALUES.values(),
)


def check_named(error):
    assert str(error).startswith(NAMED)
    assert "'" in str(error) or str(error).startswith("No column")


@st.composite
def tables(draw, max_columns=5):
    """Lists of values by column, of one kind and maybe missing."""
    n = draw(st.integers(1, 12))
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=max_columns))
    # Text alone may be left out, and then nothing would be left.
    columns = {"number": draw(st.lists(floats, min_size=n, max_size=n))}
    for j, kind in enumerate(kinds):
        value = st.one_of(VALUES[kind], st.none()) if draw(st.booleans()) else VALUES[kind]
        columns[f"{kind}{j}"] = draw(st.lists(value, min_size=n, max_size=n))
    return columns


@st.composite
def options(draw):
    return {
        "feature_scaling": draw(st.sampled_from(list(FEATURE_SCALINGS))),
        "missing_indicator": draw(st.booleans()),
        "max_one_hot": draw(st.sampled_from([1, 3, 16])),
        "min_frequency": draw(st.sampled_from([1, 2])),
        "linear": draw(st.booleans()),
        "stream": draw(st.booleans()),
    }


def objects(columns):
    """Every column of Python objects."""
    return pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in columns.items()})


POLARS = {
    "number": pl.Float64,
    "flag": pl.Boolean,
    "text": pl.String,
    "day": pl.Date,
    "time": pl.Datetime("us"),
    "length": pl.Duration("us"),
}


def of_polars(columns):
    schema = {name: POLARS[name.rstrip("0123456789")] for name in columns}
    return pl.DataFrame(columns, schema=schema, strict=False)


def encode(encoder, table, dtype=np.float64):
    return encoder.encode(table, np.empty((len(table), encoder.n_columns), dtype=dtype))


def fit_encoder(table, reader, n_rows, given):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Left out of X")
        rows = usable_rows(n_rows, None)
        return TableEncoder(**given).fit(table, rows, reader.table_columns(table))


@settings(deadline=None, max_examples=150)
@given(tables(), options(), st.data())
def test_the_library_and_the_order_of_rows_do_not_matter(columns, given_options, data):
    frame = of_polars(columns)
    reader = FrameReader()
    table = reader.learn(frame)
    encoder = fit_encoder(table, reader, len(frame), given_options)
    encoded = encode(encoder, table)
    assert np.isfinite(encoded).all()
    assert np.isfinite(encode(encoder, table.astype(np.float64), np.float32)).all()
    for other in (frame.to_arrow(), frame.to_pandas()):
        np.testing.assert_array_equal(encode(encoder, reader.read(other)), encoded)
        again = FrameReader()
        again_table = again.learn(other)
        own = fit_encoder(again_table, again, len(frame), given_options)
        if own.names == encoder.names:
            # Sums over a table that is stored column by column may differ in the last bit.
            np.testing.assert_allclose(encode(own, again_table), encoded, rtol=1e-9, atol=1e-9)
        else:
            # pandas knows no type of a column of text or dates that are all missing.
            assert any(all(v is None for v in column) for column in columns.values())
    order = data.draw(st.permutations(range(len(frame))))
    shuffled = reader.read(frame[order])
    np.testing.assert_array_equal(encode(encoder, shuffled), encoded[order])


@settings(deadline=None, max_examples=150)
@given(tables(), tables(), options())
def test_other_values_later_are_finite_or_an_error(columns, later, given_options):
    reader = FrameReader()
    try:
        table = reader.learn(objects(columns))
        encoder = fit_encoder(table, reader, len(table), given_options)
        names = list(columns)
        later = dict(zip(names, list(later.values()) * len(names), strict=False))
        read = reader.read(objects(later))
    except (TypeError, ValueError) as error:
        check_named(error)
        return
    assert np.isfinite(encode(encoder, table)).all()
    assert np.isfinite(encode(encoder, read)).all()
    assert np.isfinite(encode(encoder, read.astype(np.float64), np.float32)).all()


@settings(deadline=None, max_examples=150)
@given(st.lists(ODD, min_size=1, max_size=4), options(), st.sampled_from(["from_dtype", None, [0]]))
def test_odd_objects_are_finite_or_an_error(values, given_options, features):
    X = pd.DataFrame({"c": pd.Series([*values, None], dtype=object), "n": 0.5})
    reader = FrameReader(features)
    try:
        table = reader.learn(X)
        encoder = fit_encoder(table, reader, len(table), given_options)
    except (TypeError, ValueError) as error:
        check_named(error)
        return
    assert np.isfinite(encode(encoder, table)).all()


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(COLUMNS)), options(), st.data())
def test_any_dtype_in_any_state(name, given_options, data):
    column = COLUMNS[name]
    value = st.sampled_from(column.values)
    value = st.one_of(value, st.none()) if column.nullable else value
    reader = FrameReader()
    first, later = (data.draw(st.lists(value, min_size=1, max_size=20)) for _ in range(2))
    table = reader.learn(column.frame(column.build(first)))
    if name in CATEGORIES:
        given_options["min_frequency"] = 1
    encoder = fit_encoder(table, reader, len(table), given_options)
    assert np.isfinite(encode(encoder, table)).all()
    read = reader.read(column.frame(column.build(later)))
    assert np.isfinite(encode(encoder, read)).all()
