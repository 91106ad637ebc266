"""The door for y: values stay what they are, and what is missing is told."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp

from sknumpynet.targets import NumberTarget, UnknownClasses

# A table of one column is taken as a column, with a warning of scikit-learn.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")

BIG = 2**53
IDS = [BIG, BIG + 1, BIG + 2, BIG]
TEXT = ["b", "a", "c", "a"]
FLAGS = [True, False, True, True]
DAYS = [dt.date(2020, 1, day) for day in (2, 1, 3, 1)]


def objects(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def read(y):
    target = UnknownClasses()
    return target.check(target.read(y, "y"))


@pytest.mark.parametrize(
    ("y", "kind", "values"),
    [
        (IDS, "i", IDS),
        (objects(IDS), "i", IDS),
        (pd.Series(IDS, dtype="Int64"), "i", IDS),
        (pd.array(IDS, dtype="Int64"), "i", IDS),
        (pd.Series(IDS, dtype="int64[pyarrow]"), "i", IDS),
        (pd.Series(IDS, dtype="category"), "i", IDS),
        (pd.DataFrame({"y": IDS}).astype("Int64"), "i", IDS),
        (pd.DataFrame({"a": TEXT, "y": IDS}).to_numpy()[:, -1], "i", IDS),
        (pl.Series(IDS), "i", IDS),
        (pa.array(IDS), "i", IDS),
        (pa.chunked_array([IDS[:1], IDS[1:]]), "i", IDS),
        (pa.table({"y": IDS}), "i", IDS),
        (range(4), "i", [0, 1, 2, 3]),
        ([2**64, -1, 2**64 + 1, 7], "O", [2**64, -1, 2**64 + 1, 7]),
        (FLAGS, "b", FLAGS),
        (objects(FLAGS), "b", FLAGS),
        (pd.Series(FLAGS, dtype="boolean"), "b", FLAGS),
        (pd.Series(FLAGS, dtype="bool[pyarrow]"), "b", FLAGS),
        (pa.array(FLAGS), "b", FLAGS),
        (pd.Series([1.0, 2.0], dtype="Float64"), "f", [1.0, 2.0]),
        (objects([1, 2.0]), "f", [1.0, 2.0]),
        (objects([BIG + 1, 2.0]), "O", [BIG + 1, 2.0]),
        ([BIG + 1, 2.0], "O", [BIG + 1, 2.0]),
        (TEXT, "U", TEXT),
        (objects(TEXT), "O", TEXT),
        (pd.Series(TEXT, dtype="string"), "O", TEXT),
        (pl.Series(TEXT, dtype=pl.Categorical), "O", TEXT),
        (pa.array(TEXT).dictionary_encode(), "O", TEXT),
        (objects(DAYS), "O", DAYS),
        (pd.Series(DAYS, dtype=pd.ArrowDtype(pa.date32())), "O", DAYS),
        (np.array(DAYS, dtype="M8[D]"), "M", DAYS),
        (objects([Decimal("1.5"), Decimal("0.1")]), "O", [Decimal("1.5"), Decimal("0.1")]),
        (np.ma.array([1, 2], mask=False), "i", [1, 2]),
        ([np.array(1), np.array(2)], "i", [1, 2]),
        (pa.RecordBatch.from_arrays([pa.array(IDS)], ["y"]), "i", IDS),
    ],
)
def test_one_column_comes_as_it_is(y, kind, values):
    found = read(y)
    assert found.dtype.kind == kind
    assert found.tolist() == values


def test_dates_with_a_time_zone_keep_it():
    days = [dt.datetime(2020, 1, day, tzinfo=dt.timezone.utc) for day in (2, 1)]
    for y in (objects(days), pd.Series(days), pl.Series(days), pa.array(days)):
        assert read(y).tolist() == days


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="NumPy 1 has no such dtype")
def test_numpys_strings():
    y = np.array(TEXT, dtype=np.dtypes.StringDType())
    assert UnknownClasses().learn(read(y)).classes.tolist() == ["a", "b", "c"]
    y = np.array(["a", np.nan], dtype=np.dtypes.StringDType(na_object=np.nan))
    with pytest.raises(ValueError, match="1 value is missing, the first in row 1"):
        read(y)


@pytest.mark.parametrize(
    ("y", "columns"),
    [
        ([[0, "u"], [1, "v"]], [[0, 1], ["u", "v"]]),
        (np.array([[0, "u"], [1, "v"]], dtype=object), [[0, 1], ["u", "v"]]),
        (pd.DataFrame({"a": IDS[:2], "b": ["u", "v"]}), [IDS[:2], ["u", "v"]]),
        (pd.DataFrame({"a": IDS[:2], "b": [0.0, 1.0]}), [IDS[:2], [0.0, 1.0]]),
        (pl.DataFrame({"a": IDS[:2], "b": ["u", "v"]}), [IDS[:2], ["u", "v"]]),
        (pa.table({"a": IDS[:2], "b": DAYS[1:3]}), [IDS[:2], DAYS[1:3]]),
        (pd.DataFrame([[1, 3], [2, 4]], columns=["a", "a"]), [[1, 2], [3, 4]]),
    ],
)
def test_several_columns_keep_their_kinds(y, columns):
    y = read(y)
    target = UnknownClasses().learn(y)
    assert target.kind == "several"
    assert [classes.tolist() for classes in target.classes] == columns
    found = target.decode(target.codes(y))
    assert [np.array(column.tolist()).tolist() for column in found.T] == columns


ZERO_ONE = np.array([[1, 0], [0, 0], [1, 1]])


@pytest.mark.parametrize(
    "y",
    [
        ZERO_ONE.astype(object),
        ZERO_ONE.astype(bool).astype(object),
        ZERO_ONE.tolist(),
        pd.DataFrame(ZERO_ONE).astype("Int64"),
        pd.DataFrame({"a": pd.array([True, False, True], dtype="boolean"), "b": ZERO_ONE[:, 1]}),
        pl.DataFrame({"a": [True, False, True], "b": ZERO_ONE[:, 1]}),
        sp.csc_matrix(ZERO_ONE),
        sp.coo_array(ZERO_ONE),
    ],
)
def test_zeros_and_ones_are_an_indicator_whatever_holds_them(y):
    y = read(y)
    target = UnknownClasses().learn(y)
    assert target.kind == "multilabel"
    np.testing.assert_array_equal(target.codes(y), ZERO_ONE)


on_both_doors = pytest.mark.parametrize(
    "target", [UnknownClasses(), NumberTarget("standard")], ids=["class", "real"]
)
NAN = float("nan")
MISSING = {
    "None beside text": ["a", "b", None, "a", None],
    "NaN beside text": ["a", "b", NAN, "a", NAN],
    "None among objects": objects(["a", "b", None, "a", None]),
    "pd.NA": objects([1, 2, pd.NA, 1, pd.NA]),
    "pd.NaT": objects([*DAYS[:2], pd.NaT, DAYS[0], pd.NaT]),
    "NaN": np.array([1.0, 0.0, NAN, 1.0, NAN]),
    "None beside numbers": [1, 0, None, 1, None],
    "NaT": np.array(["2020-01-01", "2020-01-02", "NaT", "2020-01-01", "NaT"], dtype="M8[D]"),
    "Int64": pd.Series([1, 0, None, 1, None], dtype="Int64"),
    "string": pd.Series(["a", "b", None, "a", None], dtype="string"),
    "category": pd.Series(["a", "b", None, "a", None], dtype="category"),
    "pandas of arrow": pd.Series([1, 0, None, 1, None], dtype="int64[pyarrow]"),
    "pd.cut": pd.cut(np.array([0.1, 1.1, 9.0, 0.2, 9.0]), [0, 1, 2]),
    "polars": pl.Series([1, 0, None, 1, None]),
    "polars NaN": pl.Series([1.0, 0.0, NAN, 1.0, None]),
    "pyarrow": pa.array([1, 0, None, 1, None]),
    "chunks": pa.chunked_array([["a", "b", None], ["a", None]]),
    "masked": np.ma.array([1, 0, 9, 1, 9], mask=[0, 0, 1, 0, 1]),
    "Decimal": objects([Decimal(1), Decimal(2), Decimal("nan"), Decimal(1), Decimal("sNaN")]),
}


@on_both_doors
@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_told_the_same_way(name, target):
    for called, X in (("y", "X"), ("y_val", "X_val")):
        told = (
            rf"^{called} must not contain missing values .*: 2 values are missing, the first in "
            rf"row 2. Drop these rows from {X} and {called}, or fill {called}.$"
        )
        with pytest.raises(ValueError, match=told):
            target.read(MISSING[name], called)


@on_both_doors
@pytest.mark.parametrize(
    "y",
    [
        [[0, 1], [1, None], [1, 0]],
        np.array([[0, 1], [1, NAN], [1, 0]]),
        np.ma.array([[0, 1], [1, 1], [1, 0]], mask=[[0, 0], [0, 1], [0, 0]]),
        pd.DataFrame({"a": [0, 1, 1], "b": [1, None, 0]}),
        pd.DataFrame({"a": [0, 1, 1], "b": [1, None, 0]}).astype("Int64"),
        pl.DataFrame({"a": ["u", "v", "v"], "b": [1, None, 0]}),
        pa.table({"a": [0, 1, 1], "b": [1, None, 0]}),
        sp.csr_matrix(np.array([[0, 1], [1, NAN], [1, 0]])),
    ],
    ids=lambda y: type(y).__name__,
)
def test_of_several_columns_the_column_is_told(y, target):
    with pytest.raises(ValueError, match="1 value is missing, the first in row 1, column 1"):
        target.read(y, "y")


@pytest.mark.parametrize(
    ("y", "told"),
    [
        (["b", 1], r"'b' \(str\) in row 0 beside 1 \(int\) in row 1.*astype\(str\)"),
        (objects([1, 1, "b"]), r"1 \(int\) in row 0 beside 'b' \(str\) in row 2"),
        (objects(["b", DAYS[0]]), r"'b' \(str\) in row 0 beside .*\(date\) in row 1"),
        (objects([DAYS[0], dt.datetime(2020, 1, 1)]), r"\(date\) in row 0 .*\(datetime\) in row 1"),
        (objects([pd.Interval(0, 1), pd.Period("2020", "D")]), r"\(Interval\) .*\(Period\)"),
        ([[1], [2, 3]], r"\[1\] of type list in row 0.*MultiLabelBinarizer"),
        (objects([{1}, {2}]), r"\{1\} of type set in row 0"),
    ],
)
def test_labels_that_are_not_of_one_kind_are_refused(y, told):
    with pytest.raises(ValueError, match=told):
        UnknownClasses().learn(read(y))


@pytest.mark.parametrize(
    "y", [[0.5, 1.0], objects([0.5, 1.0]), pd.Series([0.5, 1.0], dtype="Float64"), [[0.5], [1]]]
)
def test_numbers_with_fractions_are_no_labels(y):
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        read(y)


@pytest.mark.parametrize(
    ("classes", "y"),
    [
        (np.array(DAYS, dtype="M8[D]"), DAYS),
        (np.array(DAYS, dtype="M8[ns]"), objects([pd.Timestamp(day) for day in DAYS])),
        (objects([pd.Timestamp(day) for day in DAYS]), pd.Series(DAYS, dtype="datetime64[ns]")),
        (objects(DAYS), np.array(DAYS, dtype="M8[D]")),
        (np.array(IDS), objects(IDS)),
        (np.array(TEXT), objects(TEXT)),
        (objects([Decimal("0.5"), Decimal(1), Decimal(2)]), [1.0, 2.0, 1.0]),
    ],
)
def test_labels_are_found_whatever_holds_them(classes, y):
    target = UnknownClasses().learn(read(classes))
    codes = target.known_codes(read(y))
    assert (codes >= 0).all()
    assert len(set(codes)) == len(set(read(y).tolist()))


@pytest.mark.skipif(not hasattr(pa, "string_view"), reason="an older pyarrow")
def test_text_that_is_looked_at():
    y = pa.array(TEXT).cast(pa.string_view())
    assert read(y).tolist() == read(pd.Series(y, dtype=pd.ArrowDtype(y.type))).tolist() == TEXT


@on_both_doors
def test_what_is_no_column_is_told(target):
    for y in (3, "text", {"a": 1}, {1, 2}):
        with pytest.raises(ValueError, match="^y_val must hold a value for each row. Got "):
            target.read(y, "y_val")
    with pytest.raises(TypeError, match="^y is a lazy frame"):
        target.read(pl.LazyFrame({"y": [1, 2]}), "y")


@pytest.mark.parametrize("y", [["1", "b"], objects([1.5, "b"]), np.array([1.5, "b"], dtype=object)])
def test_a_regressor_says_what_is_no_number(y):
    with pytest.raises(ValueError, match=r"y must hold numbers. Got 'b' of type str in row 1"):
        NumberTarget("standard").read(y, "y")
