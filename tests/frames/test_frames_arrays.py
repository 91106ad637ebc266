"""Arrays and lists of dates, text and any objects are read as frames of the same values are."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal

from sknumpynet.frames import FrameReader

from .libraries import COLUMNS, frame_of

DAYS = np.array([["2020-01-02", "1969-05-05"], ["NaT", "2021-01-01"]], "M8[D]")
LENGTHS = np.array([[1, -3], ["NaT", 2]], "m8[D]")
UNITS = ["D", "h", "m", "s", "ms", "us", "ns"]


def learned(X, features="from_dtype"):
    reader = FrameReader(features)
    return reader.learn(X), reader


def forms(array):
    """The same dates or durations in all that holds them."""
    objects = array.astype(f"{array.dtype.kind}8[us]").astype(object)
    frame = pd.DataFrame(array.astype(f"{array.dtype.kind}8[ns]"), columns=["a", "b"])
    return {
        **{unit: array.astype(f"{array.dtype.kind}8[{unit}]") for unit in UNITS},
        "big-endian": array.astype(f">{array.dtype.kind}8[ms]"),
        "columns first": np.asfortranarray(array),
        "objects": objects,
        "list": objects.tolist(),
        "list of scalars of NumPy": [list(row) for row in array.astype(f"{array.dtype.kind}8[ns]")],
        "objects of pandas": frame.astype(object).to_numpy(),
        "pandas": frame,
        "polars": pl.from_pandas(frame),
    }


@pytest.mark.parametrize("array", [DAYS, LENGTHS], ids=["dates", "durations"])
@pytest.mark.parametrize("form", forms(DAYS))
def test_dates_are_the_same_numbers_whatever_holds_them(array, form):
    expected = array.astype("i8") * 86_400e6
    expected[1, 0] = np.nan
    table, reader = learned(forms(array)[form])
    assert_array_equal(table, expected)
    assert {c.kind for c in reader.columns} == {"date" if array is DAYS else "number"}
    for other in forms(array).values():
        assert_array_equal(reader.read(other), expected)


@pytest.mark.parametrize("features", ["from_dtype", [0, 1]])
def test_nanoseconds_are_kept_in_objects(features):
    frame = pd.DataFrame(
        {
            "a": pd.to_datetime(["2020-01-01 00:00:00.123456789", None]),
            "b": pd.to_timedelta([1234567, 5], "ns"),
        }
    )
    table, reader = learned(frame, features)
    assert_array_equal(reader.read(frame.to_numpy()), table)
    scalars = np.empty((2, 2), dtype=object)
    for j, name in enumerate("ab"):
        scalars[:, j] = list(frame[name].to_numpy())
    assert isinstance(scalars[0, 0], np.datetime64)
    assert_array_equal(reader.read(scalars), table)


@pytest.mark.parametrize("array", [DAYS, LENGTHS], ids=["dates", "durations"])
def test_numbers_and_dates_do_not_stand_for_one_another(array):
    _, numbers = learned(np.ones((2, 2)))
    _, dates = learned(array)
    kind = "dates" if array is DAYS else "durations"
    for form in forms(array).values():
        with pytest.raises(TypeError, match=f"holds {kind} .*but it held numbers in fit"):
            numbers.read(form)
    for form in (np.ones((2, 2)), [[1, 2], [3, 4]], np.ones((2, 2), object)):
        with pytest.raises(TypeError, match=f"holds numbers .*but it held {kind} in fit"):
            dates.read(form)
    with pytest.raises(ValueError, match="X is sparse, but"):
        dates.read(sp.csr_matrix(np.eye(2)))


# NumPy 2.5 deprecates them.
@pytest.mark.filterwarnings("ignore:The 'generic' unit:DeprecationWarning")
def test_durations_without_a_unit():
    with pytest.raises(ValueError, match="Column 0 of X holds durations without a unit"):
        learned(np.array([[1, 2]], "m8"))


# Objects.


@pytest.mark.parametrize("name", COLUMNS)
def test_a_frame_s_own_array_is_read_as_the_frame(name):
    values = list(COLUMNS[name].values)
    if COLUMNS[name].nullable:
        values[2] = None
    column = frame_of(name, values)
    # Beside text all is objects, in pyarrow's to_pandas too.
    table, reader = learned(column)
    objects = np.empty((len(values), 1), dtype=object)
    objects[:, 0] = pd.Series(list(_values_of(column)), dtype=object).to_numpy()
    assert_array_equal(reader.read(objects), table)
    assert_array_equal(reader.read(objects.tolist()), table)


def _values_of(frame):
    if isinstance(frame, pd.DataFrame):
        return frame.to_numpy(dtype=object)[:, 0]
    return frame["c"].to_pylist() if hasattr(frame["c"], "to_pylist") else frame["c"].to_list()


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT, np.datetime64("NaT", "s")])
def test_whatever_is_missing(missing):
    rows = [["a", 1, dt.date(2020, 1, 1), True], [missing] * 4, ["b", 2, dt.date(2020, 1, 2), None]]
    day = 86_400e6
    expected = [[1, 1, 18262 * day, 1], [0, np.nan, np.nan, np.nan], [2, 2, 18263 * day, np.nan]]
    table, reader = learned(rows)
    assert_array_equal(table, expected)
    assert [c.kind for c in reader.columns] == ["category", "number", "date", "number"]
    assert_array_equal(reader.read(np.array(rows, dtype=object)), table)
    numbers = np.array([[1, missing], [missing, 2.5]], dtype=object)
    assert_array_equal(learned(numbers)[0], [[1, np.nan], [np.nan, 2.5]])
    _, reader = learned(np.ones((1, 2)))
    assert_array_equal(reader.read(numbers), [[1, np.nan], [np.nan, 2.5]])


def test_numbers_of_all_types_are_numbers():
    X = np.array([[1, Decimal("1.5")], [Fraction(1, 4), np.float32(2)], ["7", True]], dtype=object)
    table, reader = learned(X)
    assert_array_equal(table, [[1, 1.5], [0.25, 2], [7, 1]])
    assert reader.columns is None


def test_text_is_a_category_unless_it_spells_numbers():
    X = np.array([["b", "1.5", "7"], ["a", "2", "x"]])
    for array in (X, X.astype(object), X.tolist()):
        table, reader = learned(array)
        assert_array_equal(table, [[2, 1.5, 1], [1, 2, 2]])
        assert [c.kind for c in reader.columns] == ["category", "number", "category"]
        for features in (None, [1]):
            with pytest.raises(ValueError, match=r"Column 0 of X holds text \('b' in row 0\)"):
                learned(array, features)
    # In a frame it is text, and an array is read as what the frame held.
    reader = FrameReader(parse_text=False)
    reader.learn(pd.DataFrame({"t": ["10", "9"]}))
    assert_array_equal(reader.read(np.array([["9"], ["10"], ["1"]], dtype=object)), [[2], [1], [0]])


def test_levels_of_several_kinds():
    frame = pd.DataFrame(
        {
            "m": pd.Categorical(["a", 1, 1, None]),
            "i": pd.cut([1.0, 5.0, 9.0, 5.0], [0, 2, 6, 10]),
            "p": pd.Categorical(pd.period_range("2020-01", periods=4, freq="M")),
        }
    )
    table, reader = learned(frame)
    assert_array_equal(reader.read(frame.to_numpy()), table)
    # In an array nothing says that they are levels.
    with pytest.raises(TypeError, match="Column 0 of X mixes text and numbers"):
        learned(frame[["m"]].to_numpy())


@pytest.mark.parametrize("value", [{"k": 1}, [1], b"ab", 1j, object()])
def test_objects_that_no_column_takes(value):
    rows = np.array([[1.0, 2.0], [3.0, None]], dtype=object)
    rows[1, 1] = value
    _, reader = learned(np.ones((1, 2)))
    for read in (FrameReader().learn, reader.read):
        with pytest.raises(TypeError, match="Column 1 of X holds .* in row 1, of type"):
            read(rows)


def test_what_a_mask_hides_is_missing():
    hidden = [[False, True], [False, False]]
    for array in (np.array([[1.5, 99.0], [2.0, 3.0]]), np.array([[1, 99], [2, 3]])):
        table, reader = learned(np.ma.masked_array(array, hidden))
        assert_array_equal(table, [[array[0, 0], np.nan], [2, 3]])
        assert reader.columns is None
        assert_array_equal(learned(np.ma.masked_array(array))[0], array)
    table, _ = learned(np.ma.masked_array(DAYS, hidden))
    assert_array_equal(np.isnat(DAYS) | hidden, np.isnan(table))
    table, _ = learned(np.ma.masked_array(np.array([["a", "b"], ["c", "d"]]), hidden))
    assert_array_equal(table, [[1, 0], [2, 1]])


def test_a_structured_array_is_told():
    X = np.array([(1.0, "a")], dtype=[("x", float), ("t", "U1")])
    with pytest.raises(TypeError, match=r"structured array of the fields \['x', 't'\].*DataFrame"):
        learned(X)
