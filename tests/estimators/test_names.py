"""Names of columns are compared in every frame, in every method, by scikit-learn's rules."""

import datetime as dt
import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from sknumpynet import NumpyMLPRegressor
from sknumpynet.estimators import names as names_module

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
VALUES = rng.normal(size=(30, 3))
y = VALUES @ [1.0, -2.0, 0.5]

FRAMES = {
    "pandas": lambda X: X,
    "polars": pl.from_pandas,
    "pyarrow table": pa.Table.from_pandas,
    "pyarrow batch": pa.RecordBatch.from_pandas,
}

NAMES = {
    "int": [0, 1, 2],
    "other int": [5, 3, 8],
    "float": [0.5, 1.5, 2.0],
    "date": list(pd.date_range("2020-01-01", periods=3)),
    "day": [dt.date(2020, 1, d) for d in (1, 2, 3)],
    "tuple": [("a", "x"), ("a", "y"), ("b", "x")],
    "levels": list(pd.MultiIndex.from_product([["a"], [1, 2, 3]])),
    "period": list(pd.period_range("2020-01", periods=3, freq="M")),
    "bool and none": [True, False, None],
    "text": ["u", "v", "w"],
}


def regressor(**options):
    small = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0, "early_stopping": False}
    return NumpyMLPRegressor(**(small | options))


def named(names, library="pandas", order=(0, 1, 2)):
    columns = pd.MultiIndex.from_tuples(names) if isinstance(names[0], tuple) else list(names)
    frame = pd.DataFrame(VALUES)
    frame.columns = columns
    return FRAMES[library](frame.iloc[:, list(order)])


def calls(model, X):
    """All ways into a model that is fitted."""
    return {
        "predict": lambda: model.predict(X),
        "score": lambda: model.score(X, y),
        "partial_fit": lambda: clone_fitted(model).partial_fit(X, y),
        "warm fit": lambda: clone_fitted(model).set_params(warm_start=True).fit(X, y),
    }


def clone_fitted(model):
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.parametrize("later", FRAMES)
def test_another_order_in_every_library(library, later):
    model = regressor().fit(named(["a", "b", "c"], library), y)
    assert list(model.feature_names_in_) == ["a", "b", "c"]
    assert model.n_features_in_ == 3
    expected = regressor().fit(named(["a", "b", "c"]), y).predict(named(["a", "b", "c"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_array_equal(model.predict(named(["a", "b", "c"], later)), expected)
    for call in calls(model, named(["a", "b", "c"], later, (0, 2, 1))).values():
        with pytest.raises(ValueError, match="same order as.*fit.\n- b, where X has c\n- c, where"):
            call()
    with pytest.raises(ValueError, match="unseen at fit time:\n- d\n.*yet now missing:\n- a\n"):
        model.predict(named(["d", "b", "c"], later))


@pytest.mark.parametrize("kind", NAMES)
def test_another_order_of_names_of_any_kind(kind):
    X = named(NAMES[kind])
    model = regressor().fit(X, y)
    assert hasattr(model, "feature_names_in_") == (kind == "text")
    same = X.copy()
    assert_array_equal(model.predict(same), clone_fitted(model).predict(X))
    assert_array_equal(model.predict(same.iloc[:, [0, 1, 2]]), model.predict(X))
    for call in calls(model, named(NAMES[kind], order=(1, 0, 2))).values():
        with pytest.raises(ValueError, match="must be in the same order as they were in fit.\n- "):
            call()
    ends = {"X_val": named(NAMES[kind], order=(2, 0, 1)), "y_val": y}
    with pytest.raises(ValueError, match="must be in the same order"):
        regressor(early_stopping=True).fit(X, y, **ends)
    with pytest.raises(ValueError, match="must be in the same order"):
        make_pipeline("passthrough", model).predict(ends["X_val"])


@pytest.mark.parametrize("kind", [kind for kind in NAMES if kind != "text"])
def test_names_of_any_kind_that_are_others(kind):
    model = regressor().fit(named(NAMES[kind]), y)
    others = [*NAMES[kind][1:], NAMES[kind][0]]
    others[2] = ("c", "z") if kind in ("tuple", "levels") else 99
    with pytest.raises(ValueError, match="unseen at fit time:\n- .*\n.*yet now missing:"):
        model.predict(named(others))
    with pytest.raises(ValueError, match="X has 2 features, but NumpyMLPRegressor is expecting 3"):
        model.predict(named(NAMES[kind], order=(0, 1)))


def test_the_numbers_that_pandas_gives_are_no_names():
    nameless = named([0, 1, 2])
    for kind in ("other int", "date", "tuple"):
        other = named([5, 3, 8] if kind == "other int" else NAMES[kind])
        other = other.set_axis([7, 8, 9], axis=1) if kind == "other int" else other
        for X, later in ((nameless, other), (other, nameless)):
            model = regressor().fit(X, y)
            assert_array_equal(model.predict(later), model.predict(X))
    model = regressor().fit(nameless, y)
    with pytest.raises(ValueError, match="unseen at fit time:\n- 3\n.*missing:\n- 0\n"):
        model.predict(named([1, 2, 3]))


def test_numbers_as_names_in_a_library_of_text():
    model = regressor().fit(named([5, 3, 8]), y)
    assert_array_equal(model.predict(named(["5", "3", "8"], "polars")), model.predict(VALUES))
    with pytest.raises(ValueError, match="same order as they were in fit.\n- 5, where X has 3"):
        model.predict(named(["5", "3", "8"], "polars", (1, 0, 2)))


def test_what_scikit_learn_warns_of():
    text, numbers = named(["a", "b", "c"]), named([7, 8, 9])
    for X, later in ((text, numbers), (text, VALUES), (numbers, text), (VALUES, text)):
        told = []
        for model in (LinearRegression(), regressor()):
            model.fit(X, y)
            with pytest.warns(UserWarning, match="feature names") as caught:
                model.predict(later)
            told.append(str(caught[0].message).replace(type(model).__name__, "Model"))
        assert told[0] == told[1]
    batch = named(["a", "b", "c"], "pyarrow batch")
    with pytest.warns(UserWarning, match="X has feature names, but NumpyMLPRegressor was fitted"):
        regressor().fit(VALUES, y).predict(batch)


def test_text_beside_other_names():
    X = named(["a", 1, 2])
    for call in (lambda: regressor().fit(X, y), lambda: regressor().fit(VALUES, y).predict(X)):
        with pytest.raises(TypeError, match=r"all input features have string names.*'int', 'str'"):
            call()


def test_names_are_forgotten_with_the_fit():
    model = regressor().fit(named([5, 3, 8]), y)
    model.fit(VALUES, y)
    model.predict(named([3, 5, 8]))
    model.fit(named(["a", "b", "c"]), y)
    model.fit(named([5, 3, 8]), y)
    assert not hasattr(model, "feature_names_in_")
    with pytest.raises(ValueError, match="same order"):
        model.predict(named([3, 5, 8]))
    with pytest.raises(ValueError, match="y_val"):
        model.fit(named([3, 5, 8]), y, y_val=y)
    # A fit that fails leaves the names as they were.
    model.predict(named([5, 3, 8]))


def test_a_frame_of_sparse_columns():
    sparse = pd.DataFrame.sparse.from_spmatrix(sp.eye(30, 3, format="csr"))
    model = regressor().fit(sparse, y)
    with pytest.raises(ValueError, match="same order"):
        model.predict(sparse[[1, 0, 2]])


def test_scikit_learn_need_not_know_the_library(monkeypatch):
    """As scikit-learn up to 1.8 does not know polars 2."""
    monkeypatch.setattr(names_module, "validate_data", None)
    model = regressor().fit(named(["a", "b", "c"], "polars"), y)
    assert list(model.feature_names_in_) == ["a", "b", "c"]
    with pytest.raises(ValueError, match="same order"):
        model.predict(named(["a", "b", "c"], "polars", (1, 0, 2)))


def test_long_names_are_cut():
    long = ["n" * 10**6 + end for end in "abc"]
    model = regressor().fit(named(long), y)
    for X in (named(long, order=(1, 0, 2)), named(["m" * 10**6, *long[:2]])):
        with pytest.raises(ValueError, match="feature names should match") as caught:
            model.predict(X)
        assert len(str(caught.value)) < 600


# Columns that fit has left out.


def with_text(n=30, library="pandas"):
    columns = {"u": VALUES[:, 0], "id": [f"r{i}" for i in range(30)], "v": VALUES[:, 1]}
    columns |= {"note": [f"n{i}" for i in range(30)], "w": ["x", "y", "z"] * 10}
    return FRAMES[library](pd.DataFrame(columns).iloc[:n])


@pytest.mark.filterwarnings("ignore:Left out of X")
@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.parametrize("missing", [["id"], ["note"], ["id", "note"]])
def test_a_column_that_was_left_out_is_not_required(library, missing):
    X = with_text(library=library)
    model = regressor(warm_start=True).fit(X, y)
    less = FRAMES[library](with_text().drop(columns=missing))
    np.testing.assert_array_equal(model.predict(less), model.predict(X))
    other = regressor(warm_start=True).fit(X, y)
    np.testing.assert_array_equal(model.fit(less, y).predict(less), other.fit(X, y).predict(X))


@pytest.mark.filterwarnings("ignore:Left out of X")
def test_of_the_other_columns_names_and_order_are_compared():
    X = with_text()
    model = regressor().fit(X, y)
    less = X.drop(columns="id")
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(less[["v", "u", "note", "w"]])
    with pytest.raises(ValueError, match="yet now missing:\n- w\n$"):
        model.predict(less.drop(columns="w"))
    with pytest.raises(ValueError, match="unseen at fit time:\n- more\n$"):
        model.predict(less.assign(more=1.0))
    told = pytest.warns(UserWarning, match="does not have valid feature names")
    with told, pytest.raises(ValueError, match="X has 4 features, but"):
        model.predict(less.to_numpy())
