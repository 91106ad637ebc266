"""Raw columns of a frame as inputs: what they hold, gaps, levels that are new."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from onnx.reference import ReferenceEvaluator

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.onnx import as_inputs, to_onnx
from sknumpynet.onnx.columns import NO_DATE

from .sessions import assert_same, run, shaken

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Left out of X"),
    pytest.mark.filterwarnings("ignore:.*count as missing"),
]

N = 160
SMALL = {"hidden_layer_sizes": (6, 4), "max_iter": 2, "random_state": 0}


def instants(rng, n, first="1890-01-01", days=80_000):
    return pd.to_datetime(first) + pd.to_timedelta(rng.integers(0, days * 86_400, n), unit="s")


def frame(n=N, seed=0, new=()):
    """Every kind of column; in each a tenth is missing. ``new`` levels are among the others."""
    rng = np.random.default_rng(seed)
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    X = pd.DataFrame(
        {
            "number": rng.normal(size=n) * 50 + 3,
            "whole": pd.array(rng.integers(0, 5, n), dtype="Int64"),
            "small": rng.normal(size=n).astype(np.float32),
            "truth": rng.random(n) < 0.5,
            "text": rng.choice(["a", "b", "ä", *new], n),
            "two": rng.choice(["m", "f"], n),
            "many": rng.choice([f"level {i}" for i in range(40)] + [*new], n),
            "moment": instants(rng, n),
            "zoned": instants(rng, n, "2020-01-01", 900).tz_localize("UTC"),
            "while": pd.to_timedelta(rng.integers(0, 10**6, n), unit="s"),
            "o'clock": [dt.time(h, m) for h, m in rng.integers(0, 24, (n, 2)).tolist()],
            "money": [f"${v:,}" for v in rng.integers(0, 10**6, n)],
            "written": days.strftime("%d.%m.%Y"),
            "yes": rng.choice(["yes", "No ", " YES", "nO"], n),
            "one": "x",
            "nothing": np.nan,
            "id": [f"A{i}" for i in range(n)],
        }
    )
    X["zoned"] = X["zoned"].dt.tz_convert("Europe/Berlin")
    for name in set(X) - {"two", "truth", "one", "nothing", "id"}:
        X.loc[rng.random(n) < 0.1, name] = None
    return X


def target(X):
    return X["number"].fillna(0) / 50 + (X["text"] == "a")


LOOKED_AT = [name for name in frame(2) if name not in ("one", "nothing", "id")]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"feature_scaling": "quantile", "numeric_embedding": "cosine", "n_members": 2},
        {"feature_scaling": "robust", "max_one_hot": 2, "n_bags": 2, "early_stopping": True},
        {"feature_scaling": None, "missing_indicator": False, "dtype": "float64"},
    ],
)
def test_every_kind_of_column(options):
    X = frame()
    model = shaken(NumpyMLPRegressor(**SMALL | options).fit(X, target(X)), 0.1)
    new = frame(seed=1, new=["never seen", ""])
    if options.get("feature_scaling", "") is None:
        X, new = (f.assign(number=f["number"] / 50, whole=1.0) for f in (X, new))
    onx = assert_same(model, X)
    assert_same(model, new)
    assert [each.name for each in onx.graph.input] == LOOKED_AT


@pytest.mark.parametrize(
    "options",
    [
        {"numeric_embedding": "piecewise_linear", "n_bags": 2, "early_stopping": True},
        {"feature_scaling": "quantile", "numeric_embedding": "cosine", "n_members": 2},
        {"loss": "quantile", "quantile": [0.1, 0.5, 0.9], "n_members": 2},
    ],
)
def test_by_the_letter_of_the_standard(options):
    """In the evaluator of onnx, which defines what operators mean, and knows no onnxruntime."""
    # Its regular expressions need another package in old versions.
    X = frame().drop(columns="yes")
    model = shaken(NumpyMLPRegressor(**SMALL | options).fit(X, target(X)), 0.1)
    (found,) = ReferenceEvaluator(to_onnx(model)).run(None, as_inputs(model, X))
    expected = model.predict(X)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        found.reshape(expected.shape), expected, rtol=1e-5, atol=1e-5 * scale
    )


def test_yes_and_no_however_they_are_written():
    """With any blanks around them, and in letters that are the same without case."""
    X = pd.DataFrame({"c": ["yes", "no", None] * 20})
    model = shaken(NumpyMLPRegressor(**SMALL).fit(X, np.arange(60.0)))
    blanks = [chr(i) for i in range(0x3001) if chr(i).isspace()]
    texts = [f"{b}{word}{b * 2}" for b in blanks for word in ("Yes", "nO", "N", "y", "ye s")]
    assert_same(
        model, pd.DataFrame({"c": [*texts, "ye\u017f", "", " ", "yes\n", "maybe", "yesno"]})
    )


def test_frames_of_another_library():
    X = frame()[["number", "text", "moment", "zoned", "yes", "many"]]
    X["zoned"] = X["zoned"].dt.tz_convert("UTC")
    model = shaken(NumpyMLPRegressor(**SMALL).fit(X, target(X)))
    onx = assert_same(model, pl.from_pandas(X))
    # And another clock, by which it is told to be what it was in fit.
    zoned = X.assign(zoned=X["zoned"].dt.tz_convert("America/New_York"))
    assert_array_equal(
        run(onx, as_inputs(model, zoned))["variable"], run(onx, as_inputs(model, X))["variable"]
    )


LEVELS = {
    "integers": [3, 1, 7],
    "fractions": [0.1, 2.5, 3.0],
    "float32": np.array([0.1, 0.7, 3.0], dtype=np.float32),
    "truth values": [True, False],
    "dates": pd.to_datetime(["2020-02-29", "2020-03-01", "1999-12-31"]),
    "dates of a zone": pd.to_datetime(["2020-02-29", "2020-03-01"]).tz_localize("Europe/Rome"),
    "durations": pd.to_timedelta([1, 5, 90], unit="h"),
    "more than are compared at once": np.arange(300) * 3,
}


@pytest.mark.parametrize("name", LEVELS)
def test_levels_that_are_no_text(name):
    rng = np.random.default_rng(0)
    known = pd.Series(LEVELS[name])
    places = np.arange(600) % len(known)
    X = pd.DataFrame({"c": pd.Categorical(known.iloc[places])})
    X.loc[rng.random(600) < 0.1, "c"] = None
    model = shaken(NumpyMLPRegressor(**SMALL).fit(X, places.astype(float)))
    onx = assert_same(model, X)
    # Others, beside them, are no level.
    feeds = as_inputs(model, X)
    other = feeds["c"].dtype.type(12345)
    unknown = run(onx, {"c": np.full((1, 1), other)})["variable"]
    missing = NO_DATE if feeds["c"].dtype == np.int64 else np.nan
    gap = run(onx, {"c": np.full((1, 1), missing, dtype=feeds["c"].dtype)})["variable"]
    assert_array_equal(unknown, gap)


def test_fractions_that_had_more_digits_in_another_frame():
    """As predict compares them: by the digits of the column that has fewer."""
    X = pd.DataFrame({"c": pd.Categorical(np.array([0.1, 0.7, 2.0] * 20, dtype=np.float32))})
    model = shaken(NumpyMLPRegressor(**SMALL).fit(X, np.arange(60.0)))
    doubles = pd.DataFrame({"c": pd.Categorical([0.1, 0.7, 2.0])})
    found = run(to_onnx(model), {"c": np.array([[0.1], [0.7], [2.0], [2.0 + 1e-12]])})["variable"]
    np.testing.assert_allclose(found[:3, 0], model.predict(doubles), rtol=1e-5)
    assert found[3] != found[2]


def test_numbers_in_float32():
    """As predict takes a frame of float32."""
    rng = np.random.default_rng(0)
    # Of the last two levels float32 makes one, which is none.
    levels = np.array([0.1, 2.0, 0.7, 0.7 + 1e-12])
    X = pd.DataFrame({"a": rng.normal(size=80), "c": pd.Categorical(levels[np.arange(80) % 4])})
    X["text"] = np.where(X["a"] > 0, "x", "y")
    model = shaken(NumpyMLPRegressor(**SMALL).fit(X, np.arange(80.0)))
    onx = to_onnx(model, dtype="float32")
    found = run(onx, as_inputs(model, X, dtype=np.float32))["variable"]
    assert found.dtype == np.float32
    small = X.astype({"a": np.float32})
    small["c"] = pd.Categorical(levels.astype(np.float32)[np.arange(80) % 4])
    np.testing.assert_allclose(found[:, 0], model.predict(small), rtol=1e-5, atol=1e-4)
    assert abs(model.predict(small) - model.predict(X)).max() > 1e-2


def test_an_array_in_float32():
    X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    model = shaken(NumpyMLPClassifier(**SMALL).fit(X, X[:, 0] > 0))
    found = run(to_onnx(model, dtype=np.float32, zipmap="columns"), {"X": X})
    assert {found[name].dtype for name in ("i0", "i1")} == {np.dtype(np.float32)}
    np.testing.assert_allclose(found["i1"], model.predict_proba(X)[:, 1], rtol=1e-5)
    with pytest.raises(ValueError, match="dtype must be 'float64' or 'float32'. Got 'float16'"):
        to_onnx(model, dtype="float16")


def test_no_text_where_that_is_a_level():
    X = pd.DataFrame({"c": ["", "a", "b"] * 20})
    model = shaken(NumpyMLPRegressor(**SMALL).fit(X, np.arange(60.0)))
    assert_same(model, X)


def test_inputs_say_what_they_hold():
    X = frame()
    model = NumpyMLPRegressor(**SMALL).fit(X, target(X))
    onx = to_onnx(model)
    about = {each.key: each.value for each in onx.metadata_props}
    assert json.loads(about["feature_names"]) == list(X)
    said = json.loads(about["inputs"])
    assert said == {each.name: each.doc_string for each in onx.graph.input}
    assert said["zoned"] == (
        f"microseconds since 1970 by the clock of Europe/Berlin, {NO_DATE} where missing"
    )
    assert said["text"] == "text, '' where missing"
    assert said["money"] == "what its text spells: numbers, NaN where missing"


@pytest.mark.parametrize(
    ("levels", "why"),
    [
        ([2**53, 2**53 + 1], "integers beyond the digits of float64"),
        (pd.Index([1, "a"], dtype=object), "levels of several kinds"),
    ],
)
def test_levels_that_no_input_holds_are_refused(levels, why):
    X = pd.DataFrame({"c": pd.Categorical.from_codes([0, 1] * 30, categories=levels)})
    model = NumpyMLPRegressor(**SMALL).fit(X, np.arange(60.0))
    with pytest.raises(ValueError, match=f"Column 'c' of X cannot be exported: it has {why}"):
        to_onnx(model)


def test_constants_alone():
    X = pd.DataFrame({"c": ["x"] * 60, "d": [None] * 60})
    y = np.arange(60) % 2
    model = NumpyMLPClassifier(**SMALL).fit(X, y)
    assert_same(model, X)


def test_dates_of_all_years():
    """Around the ends of years, of which some are leap years."""
    ends = [np.datetime64(f"{year}-01-01") for year in (1600, 1700, 1900, 1970, 2000, 2100, 2400)]
    days = np.concatenate([end + np.arange(-370, 370, dtype="m8[D]") for end in ends])
    X = pd.DataFrame({"c": days.astype("M8[s]") + np.timedelta64(12345, "s")})
    model = shaken(NumpyMLPRegressor(dtype="float64", **SMALL).fit(X, np.arange(len(X)) % 7.0))
    assert_same(model, X, rtol=1e-9)


def test_numbers_of_an_array_and_levels_beside_them():
    X = np.array([[1.5, "a"], [2.5, "b"], [None, "c"]] * 20, dtype=object)
    model = shaken(NumpyMLPRegressor(**SMALL).fit(X, np.arange(60.0)))
    onx = assert_same(model, X)
    assert [each.name for each in onx.graph.input] == ["x0", "x1"]


def test_sparse_rows_are_given_dense():
    import scipy.sparse as sp

    X = sp.random(80, 30, density=0.2, format="csr", random_state=0)
    model = NumpyMLPRegressor(**SMALL).fit(X, np.arange(80.0))
    assert_same(shaken(model), X.toarray())
    assert_same(model, X)
    assert type(as_inputs(model, X)["X"]) is np.ndarray


@pytest.mark.parametrize("levels", [["x", ""], ["x", "", "missing"]])
def test_nothing_written_and_nothing_known(levels):
    """The level "" is not what is missing."""
    X = pd.DataFrame({"c": [*levels, None] * 20, "a": np.arange(20.0 * len([*levels, None]))})
    model = shaken(NumpyMLPRegressor(**SMALL).fit(X, X["a"]))
    onx = assert_same(model, X)
    assert model.predict(X)[1] != pytest.approx(model.predict(X.assign(c=None))[1])
    assert_same(model, X.assign(c=None))
    missing = "missing_" if "missing" in levels else "missing"
    assert onx.graph.input[0].doc_string == f"text, {missing!r} where missing"


def test_a_stream():
    """Of whose columns one shows something in its second part."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=60), "b": 1.0, "c": None})
    later = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60), "c": 2.0})
    model = NumpyMLPRegressor(**SMALL)
    model.partial_fit(X, np.arange(60.0)).partial_fit(later, np.arange(60.0))
    assert_same(shaken(model), later)
