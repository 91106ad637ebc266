"""The same values in the columns of every library: what the tests of frames are run on."""

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

NUMBERS = [3, 7, 3, 12, 100, 7, 0, 12]
HALVES = [0.5, -7.25, 3.0, 1024.0, 0.5, 2.5, 0.0, 3.0]
BOOLEANS = [True, False, False, True, True, False, True, True]
TEXT = ["b", "a", "c", "a", "é", "b", "c", "a"]
DATES = [dt.date(2024, 2, 29), dt.date(1969, 12, 31), dt.date(2020, 7, 4), dt.date(2024, 2, 29)] * 2
TIMES = [
    dt.datetime(2024, 3, 31, 1, 59, 59, 250_000),
    dt.datetime(1969, 12, 31, 23, 0),
    dt.datetime(2020, 7, 4, 12, 30),
    dt.datetime(2001, 1, 1),
] * 2
LENGTHS = [dt.timedelta(days=3), dt.timedelta(hours=-1), dt.timedelta(microseconds=1000)] * 3
CLOCKS = [dt.time(1, 2, 3), dt.time(23, 59), dt.time(0), dt.time(12, 0, 0, 5)] * 2
ZONE = "Europe/Berlin"


class Column(NamedTuple):
    """How a library holds a column of some values; ``build(values, levels)``."""

    values: list
    frame: Any
    build: Any
    nullable: bool = True


def _pandas(dtype):
    return lambda values, levels=None: pd.Series(values, dtype=dtype)


def _pandas_arrow(dtype):
    return _pandas(pd.ArrowDtype(dtype))


def _of_pandas(column):
    return pd.DataFrame({"c": column})


def _polars(dtype):
    return lambda values, levels=None: pl.Series(values, dtype=dtype)


def _of_polars(column):
    return pl.DataFrame({"c": column})


def _arrow(dtype):
    return lambda values, levels=None: pa.array(values, dtype)


def _of_arrow(column):
    return pa.table({"c": column})


def _category(ordered):
    def build(values, levels=None):
        levels = sorted({v for v in values if v is not None}) if levels is None else levels
        return pd.Series(pd.Categorical(values, categories=levels, ordered=ordered))

    return build


def _enum(values, levels=None):
    levels = sorted({v for v in values if v is not None}) if levels is None else levels
    return pl.Series(values, dtype=pl.Enum(levels))


def _dictionary(dtype):
    def build(values, levels=None):
        levels = sorted({v for v in values if v is not None}) if levels is None else levels
        codes = [None if v is None else levels.index(v) for v in values]
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(levels, dtype))

    return build


def _zoned_pandas(values, levels=None):
    return pd.Series(values, dtype="datetime64[us]").dt.tz_localize(ZONE)


def _zoned_polars(values, levels=None):
    return pl.Series(values, dtype=pl.Datetime("us")).dt.replace_time_zone(ZONE)


def _zoned_arrow(values, levels=None):
    series = _zoned_pandas(values)
    return pa.array(series, pa.timestamp("us", ZONE), from_pandas=True)


def _polars_decimals(values, levels=None):
    text = [None if v is None else repr(v) for v in values]
    return pl.Series(text, dtype=pl.String).cast(pl.Decimal(12, 4))


def _decimals(values):
    return [None if v is None else Decimal(repr(v)) for v in values]


COLUMNS: dict[str, Column] = {}
for name in ("int8", "int16", "int32", "int64", "uint8", "uint64"):
    upper = name.replace("uint", "UInt").replace("int", "Int") if name[0] == "i" else (
        name.replace("uint", "UInt")
    )  # fmt: skip
    COLUMNS[f"pandas {name}"] = Column(NUMBERS, _of_pandas, _pandas(name), nullable=False)
    COLUMNS[f"pandas {upper}"] = Column(NUMBERS, _of_pandas, _pandas(upper))
    of_arrow, of_polars = getattr(pa, name)(), getattr(pl, upper)
    COLUMNS[f"pandas {name}[pyarrow]"] = Column(NUMBERS, _of_pandas, _pandas_arrow(of_arrow))
    COLUMNS[f"polars {upper}"] = Column(NUMBERS, _of_polars, _polars(of_polars))
    COLUMNS[f"pyarrow {name}"] = Column(NUMBERS, _of_arrow, _arrow(of_arrow))
for name, of_arrow in (("float32", pa.float32()), ("float64", pa.float64())):
    upper = name.title()
    COLUMNS[f"pandas {name}"] = Column(HALVES, _of_pandas, _pandas(name))
    COLUMNS[f"pandas {upper}"] = Column(HALVES, _of_pandas, _pandas(upper))
    COLUMNS[f"pandas {name}[pyarrow]"] = Column(HALVES, _of_pandas, _pandas_arrow(of_arrow))
    COLUMNS[f"polars {upper}"] = Column(HALVES, _of_polars, _polars(getattr(pl, upper)))
    COLUMNS[f"pyarrow {name}"] = Column(HALVES, _of_arrow, _arrow(of_arrow))

of_us, of_ns, length = pa.timestamp("us"), pa.timestamp("ns"), pa.duration("us")
decimal = pa.decimal128(12, 4)
COLUMNS |= {
    "pandas float16": Column(HALVES, _of_pandas, _pandas("float16")),
    "pandas objects of numbers": Column(HALVES, _of_pandas, _pandas(object)),
    "pandas objects of decimals": Column(
        HALVES, _of_pandas, lambda values, levels=None: pd.Series(_decimals(values), dtype=object)
    ),
    "pandas decimal[pyarrow]": Column(
        HALVES,
        _of_pandas,
        lambda values, levels=None: pd.Series(_decimals(values), dtype=pd.ArrowDtype(decimal)),
    ),
    "polars Decimal": Column(
        HALVES,
        _of_polars,
        _polars_decimals,
    ),
    "pyarrow decimal": Column(
        HALVES, _of_arrow, lambda values, levels=None: pa.array(_decimals(values), decimal)
    ),
    "pandas bool": Column(BOOLEANS, _of_pandas, _pandas("bool"), nullable=False),
    "pandas objects of bool": Column(BOOLEANS, _of_pandas, _pandas(object)),
    "pandas boolean": Column(BOOLEANS, _of_pandas, _pandas("boolean")),
    "pandas bool[pyarrow]": Column(BOOLEANS, _of_pandas, _pandas_arrow(pa.bool_())),
    "polars Boolean": Column(BOOLEANS, _of_polars, _polars(pl.Boolean)),
    "pyarrow bool": Column(BOOLEANS, _of_arrow, _arrow(pa.bool_())),
    "pandas objects of text": Column(TEXT, _of_pandas, _pandas(object)),
    "pandas string": Column(TEXT, _of_pandas, _pandas("string")),
    "pandas string[pyarrow]": Column(TEXT, _of_pandas, _pandas_arrow(pa.string())),
    "polars String": Column(TEXT, _of_polars, _polars(pl.String)),
    "pyarrow string": Column(TEXT, _of_arrow, _arrow(pa.string())),
    "pyarrow large_string": Column(TEXT, _of_arrow, _arrow(pa.large_string())),
    "pandas category": Column(TEXT, _of_pandas, _category(ordered=False)),
    "pandas ordered category": Column(TEXT, _of_pandas, _category(ordered=True)),
    "pandas category of numbers": Column(NUMBERS, _of_pandas, _category(ordered=False)),
    "polars Categorical": Column(TEXT, _of_polars, _polars(pl.Categorical)),
    "polars Enum": Column(TEXT, _of_polars, _enum),
    "pyarrow dictionary": Column(TEXT, _of_arrow, _dictionary(pa.string())),
    "pyarrow dictionary of numbers": Column(NUMBERS, _of_arrow, _dictionary(pa.int64())),
    "pandas objects of dates": Column(DATES, _of_pandas, _pandas(object)),
    "pandas date[pyarrow]": Column(DATES, _of_pandas, _pandas_arrow(pa.date32())),
    "polars Date": Column(DATES, _of_polars, _polars(pl.Date)),
    "pyarrow date32": Column(DATES, _of_arrow, _arrow(pa.date32())),
    "pyarrow date64": Column(DATES, _of_arrow, _arrow(pa.date64())),
    "pandas objects of datetimes": Column(TIMES, _of_pandas, _pandas(object)),
    "pandas datetime64[ns]": Column(TIMES, _of_pandas, _pandas("datetime64[ns]")),
    "pandas datetime64[ms]": Column(TIMES, _of_pandas, _pandas("datetime64[ms]")),
    "pandas timestamp[pyarrow]": Column(TIMES, _of_pandas, _pandas_arrow(of_us)),
    "polars Datetime(us)": Column(TIMES, _of_polars, _polars(pl.Datetime("us"))),
    "polars Datetime(ns)": Column(TIMES, _of_polars, _polars(pl.Datetime("ns"))),
    "pyarrow timestamp(us)": Column(TIMES, _of_arrow, _arrow(of_us)),
    "pyarrow timestamp(ns)": Column(TIMES, _of_arrow, _arrow(of_ns)),
    "pandas datetime64[us, zone]": Column(TIMES, _of_pandas, _zoned_pandas),
    "polars Datetime(us, zone)": Column(TIMES, _of_polars, _zoned_polars),
    "pyarrow timestamp(us, zone)": Column(TIMES, _of_arrow, _zoned_arrow),
    "pandas timedelta64[ns]": Column(LENGTHS, _of_pandas, _pandas("timedelta64[ns]")),
    "pandas duration[pyarrow]": Column(LENGTHS, _of_pandas, _pandas_arrow(length)),
    "polars Duration": Column(LENGTHS, _of_polars, _polars(pl.Duration("us"))),
    "pyarrow duration": Column(LENGTHS, _of_arrow, _arrow(length)),
    "pandas objects of times": Column(CLOCKS, _of_pandas, _pandas(object)),
    "polars Time": Column(CLOCKS, _of_polars, _polars(pl.Time)),
    "pyarrow time64": Column(CLOCKS, _of_arrow, _arrow(pa.time64("us"))),
}

#: The columns whose values are levels, and those that declare them in an order of their own.
DECLARING = [
    "pandas category",
    "pandas ordered category",
    "pandas category of numbers",
    "polars Enum",
    "pyarrow dictionary",
    "pyarrow dictionary of numbers",
]
CATEGORIES = [
    name
    for name, column in COLUMNS.items()
    if column.values is TEXT or name in DECLARING or name == "polars Categorical"
]


def frame_of(name, values, levels=None):
    """A frame of one column "c" that holds ``values`` (None: missing)."""
    column = COLUMNS[name]
    return column.frame(column.build(values, levels))


def expected_numbers(name, values, levels=None):
    """What the column becomes in the table of numbers, by plain Python."""
    if name in CATEGORIES:
        levels = sorted({v for v in levels or COLUMNS[name].values if v is not None})
        return np.array([levels.index(v) + 1 if v in levels else 0 for v in values], dtype=float)
    return np.array([_number(v) for v in values], dtype=float)


def _number(value):
    if value is None:
        return np.nan
    micro = dt.timedelta(microseconds=1)
    if isinstance(value, dt.datetime):
        return (value - dt.datetime(1970, 1, 1)) // micro
    if isinstance(value, dt.date):
        return (value - dt.date(1970, 1, 1)) // micro
    if isinstance(value, dt.timedelta):
        return value // micro
    if isinstance(value, dt.time):
        return _number(dt.datetime.combine(dt.date(1970, 1, 1), value))
    return float(value)
