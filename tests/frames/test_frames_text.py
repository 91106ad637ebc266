"""Text that spells numbers, dates, or yes and no is read as that; names stay names."""

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynet.frames import FrameReader

from .text_columns import COLUMNS, DATE, MISTAKES, NUMBER

MAKERS = {
    "str": pd.DataFrame,
    "object": lambda data: pd.DataFrame(data, dtype=object),
    "pandas string": lambda data: pd.DataFrame(data, dtype="string"),
    "pandas pyarrow": lambda data: pd.DataFrame(data, dtype="string[pyarrow]"),
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
    "objects": lambda data: np.array(list(data.values()), dtype=object).T,
}


def learned(X, features="from_dtype", parse_text=True):
    """The table, the reader and the warnings."""
    reader = FrameReader(features, parse_text)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return reader.learn(X), reader, [str(w.message) for w in caught]


def numbers_of(first):
    """Microseconds of dates and times of day; numbers as they are."""
    if isinstance(first[0], str):
        days = [f"1970-01-01T{text}" if text[2] == ":" else text for text in first]
        return np.array(days, "M8[us]").astype(np.int64)
    return first


@pytest.mark.parametrize("name", COLUMNS)
def test_what_a_column_of_text_becomes(name):
    case = COLUMNS[name]
    table, reader, told = learned(pd.DataFrame({name: case.values}))
    (column,) = reader.columns
    becomes = MISTAKES.get(name, case.wanted)
    assert type(column).__name__ == becomes
    if case.first:
        assert_allclose(table[: len(case.first), 0], numbers_of(case.first), rtol=1e-12)
    if becomes in (NUMBER, DATE):
        assert column.why.startswith("text: ")
    assert len(told) == (case.warned and name not in MISTAKES)
    assert all(repr(name) in message and "parse_text=False" in message for message in told)
    assert_array_equal(reader.read(pd.DataFrame({name: case.values})), table)


def test_a_person_would_change_two_of_them_at_most():
    assert len(COLUMNS) >= 60
    wrong = [name for name, kind in MISTAKES.items() if COLUMNS[name].wanted != kind]
    assert len(wrong) == len(MISTAKES) <= 2


@pytest.mark.parametrize("library", MAKERS)
def test_the_same_from_any_library(library):
    names = ["TotalCharges", "Date", "Partner", "app size", "Contract", "German date"]
    data = {name: COLUMNS[name].values for name in names}
    expected, _, _ = learned(pd.DataFrame(data))
    X = MAKERS[library](data)
    table, reader, _ = learned(X)
    assert_array_equal(table, expected)
    again = pickle.loads(pickle.dumps(reader))
    for other in MAKERS.values():
        assert_array_equal(again.read(other({k: v[:9] for k, v in data.items()})), expected[:9])


def test_gaps_are_missing_beside_text():
    values = ["1,234.5", None, "?", "7", np.nan, "12"]
    for X in (pd.DataFrame({"a": values}), np.array(values, dtype=object)[:, None]):
        table, reader, told = learned(X)
        assert_array_equal(table[:, 0], [1234.5, np.nan, np.nan, 7, np.nan, 12])
        assert reader.columns[0].n_unread == 1
        assert not told


def test_what_does_not_parse_later_is_missing():
    X = pd.DataFrame({"n": ["1,5 kg", "2,25 kg"], "d": ["31.1.2020", "1.2.2020"], "y": ["y", "N"]})
    _, reader, _ = learned(X)
    later = {"n": ["3 kg", "3 lb", "x"], "d": ["2.3.2021", "2021-03-02", "30.2.2021"]}
    table = reader.read(pd.DataFrame(later | {"y": ["Yes ", "maybe", "no"]}))
    day = np.datetime64("2021-03-02", "us").astype(int)
    assert_array_equal(table, [[3, day, 2], [np.nan, np.nan, 0], [np.nan, np.nan, 1]])


def test_real_numbers_dates_and_booleans_later_are_what_the_text_spells():
    X = pd.DataFrame({"n": ["$1.50", "$2"], "d": ["2020-01-31", "2020-02-01"], "y": ["y", "n"]})
    _, reader, _ = learned(X)
    later = pd.DataFrame({"n": [7, 8], "d": pd.to_datetime(["2020-01-31"] * 2), "y": [True, False]})
    day = np.datetime64("2020-01-31", "us").astype(int)
    assert_array_equal(reader.read(later), [[7, day, 2], [8, day, 1]])
    with pytest.raises(TypeError, match=r"'n' of X holds dates .* but it held text in fit"):
        reader.read(later.assign(n=later["d"]))
    zoned = later.assign(d=later["d"].dt.tz_localize("UTC"))
    with pytest.raises(TypeError, match=r"'d' of X holds dates with a time zone"):
        reader.read(zoned)
    _, reader, _ = learned(pd.DataFrame({"d": ["2020-01-31T00:00+02:00", "2020-02-01 01:00+0200"]}))
    zoned = pd.DataFrame({"d": pd.to_datetime(["2020-01-30T22:00Z"])})
    assert_array_equal(reader.read(zoned), [[day]])
    text = pd.DataFrame({"d": ["2020-01-30T22:00Z", "2020-01-31 00:00", "2020-01-31T03:00 +03:00"]})
    assert_array_equal(reader.read(text)[:, 0], [day] * 2 + [day + 2 * 3600e6])


def test_several_zones_are_told_by_the_clock_of_utc():
    table, reader, _ = learned(pd.DataFrame({"d": ["2020-01-31T00:00+02:00", "2020-01-31 00:00Z"]}))
    day = np.datetime64("2020-01-31", "us").astype(int)
    assert_array_equal(table[:, 0], [day - 2 * 3600e6, day])
    assert reader.columns[0].zone == "UTC"


def test_text_among_numbers():
    values = [1.5, "2,000", "?", 3, "x"]
    X = pd.DataFrame({"a": pd.Series(values * 9 + [1.0] * 300, dtype=object)})
    table, reader, (told,) = learned(X)
    assert_array_equal(table[:5, 0], [1.5, 2000, np.nan, 3, np.nan])
    assert "'a' is read as numbers, 9 rows count as missing: 'x'" in told
    assert_array_equal(reader.read(pd.DataFrame({"a": [True, 2.5]})), [[1], [2.5]])
    assert_array_equal(reader.read(pd.DataFrame({"a": ["7", "?"]})), [[7], [np.nan]])
    for parse, mixed in ((False, X), (True, pd.DataFrame({"a": [1, "b", "c", 2]}))):
        with pytest.raises(TypeError, match="Column 'a' of X mixes numbers and text: "):
            learned(mixed, parse_text=parse)
    _, reader, _ = learned(pd.DataFrame({"a": [1.5, 2.5]}))
    with pytest.raises(TypeError, match="Column 'a' of X mixes numbers and text: "):
        reader.read(pd.DataFrame({"a": [1, "b"]}))


def test_who_says_that_a_column_is_a_category():
    X = pd.DataFrame({"a": ["1.5", "2.5", "?"], "b": ["1", "2", "3"]})
    kinds = {
        "named": learned(X, ["a"]),
        "dtype": learned(X.astype({"a": "category"})),
        "off": learned(X, parse_text=False),
    }
    for table, reader, told in kinds.values():
        assert_array_equal(table[:, 0], [1, 2, 3])
        assert reader.columns[0].levels == ("1.5", "2.5", "?")
        assert not told


def test_nothing_is_a_category_where_no_column_may_be():
    X = pd.DataFrame({"a": ["01", "2", "3"] * 9, "b": ["2020-01-02"] * 27})
    table, _, told = learned(X, None)
    assert_array_equal(table[:3, 0], [1, 2, 3])
    assert not told
    for values in (["yes", "no"], ["a", "b"]):
        with pytest.raises(ValueError, match=r"Column 't' of X holds text \('"):
            learned(pd.DataFrame({"t": values}), None)
    with pytest.raises(ValueError, match=r"nothing tells the day from the month"):
        learned(pd.DataFrame({"t": ["3/4/2020", "5/6/2020"]}), None)


def test_one_warning_tells_of_all_columns():
    doubtful = {"d": ["3/4/2020", "5/6/2020"] * 30, "n": ["free", *[f"${i}" for i in range(59)]]}
    doubtful["u"] = ["12", *[f"{i}.{100 + i}" for i in range(1, 60)]]
    table, _, (told,) = learned(pd.DataFrame(doubtful))
    assert "'d' holds dates of which nothing tells the day from the month" in told
    assert "'n' is read as numbers, 1 row counts as missing: 'free'" in told
    assert "'u' is read as numbers, '1.101' is read as 1101" in told
    assert_array_equal(table[:2, 2], [12, 1101])
    many = pd.DataFrame({f"c{i}": doubtful["d"] for i in range(20)})
    assert "And 12 more." in learned(many)[2][0]


def test_text_that_can_no_longer_be_read_is_told_once():
    X = pd.DataFrame(
        {"n": [f"${i}.5" for i in range(40)], "d": [f"2020-01-{i % 30 + 1}" for i in range(40)]}
    )
    _, reader, _ = learned(X)

    def told(X):
        levels = reader.levels()
        levels.count(reader.read(X))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            levels.warn_if_new(X)
        return [str(w.message) for w in caught]

    assert told(X[:9]) == []
    assert told(pd.DataFrame({"n": ["€5"] * 8 + ["$7"], "d": ["?"] * 9})) == []
    (message,) = told(X[:9].assign(n=[f"€{i}" for i in range(8)] + ["?"]))
    assert message == (
        "X holds only text that cannot be read as that of fit: column 'n' holds '€0', '€1', '€2', "
        "... (8 of 8 values cannot be read), fit saw '$0.5', '$1.5', '$2.5', .... It counts as "
        "missing. Write it as in fit."
    )
    assert "column 'd' holds '1.2.2020'" in told(X[:9].assign(d="1.2.2020"))[0]


@pytest.mark.parametrize("huge", [10**400, -(10**400)])
def test_an_integer_beyond_all_floats_among_text_is_an_error_that_names_the_column(huge):
    for text in ("", "1", "a"):
        with pytest.raises((TypeError, ValueError), match="'c'"):
            FrameReader().learn(pd.DataFrame({"c": pd.Series([huge, text], dtype=object)}))
    reader = FrameReader()
    reader.learn(pd.DataFrame({"c": pd.Series(["1.5", "2.25", 3.75, "4.5"] * 20, dtype=object)}))
    with pytest.raises((TypeError, ValueError), match="'c'"):
        reader.read(pd.DataFrame({"c": pd.Series([huge, "1.5"], dtype=object)}))
