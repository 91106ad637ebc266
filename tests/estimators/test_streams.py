"""partial_fit: columns that the first part of a stream does not show, or shows in few rows."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.metrics import r2_score

from sknumpynet import NumpyMLPRegressor, TabularMLPRegressor

N = 3000
rng = np.random.default_rng(0)
X = np.column_stack([rng.normal(size=(N, 2)), np.repeat([2012.0, 2013.0, 2014.0], N // 3)])
y = 3 * (X[:, 2] - 2013) + X[:, 0] + np.sin(2 * X[:, 1])
OPTIONS = {"hidden_layer_sizes": (32,), "learning_rate_init": 0.01, "random_state": 0}


def through(model, X, y, n_epochs=1, size=500):
    for _ in range(n_epochs):
        for start in range(0, len(X), size):
            model.partial_fit(X[start : start + size], y[start : start + size])
    return model


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"feature_scaling": "robust"},
        {"feature_scaling": "quantile"},
        {"numeric_embedding": "piecewise_linear"},
        {"numeric_embedding": "cosine"},
    ],
)
def test_three_years_of_a_log_sorted_by_time(options):
    model = through(NumpyMLPRegressor(**OPTIONS | {"solver": "adam"} | options), X, y, 12)
    assert r2_score(y, model.predict(X)) > 0.97


def test_of_members():
    model = through(TabularMLPRegressor(**OPTIONS, n_members=4), X, y, 12)
    assert r2_score(y, model.predict(X)) > 0.9


def test_a_pickle_goes_on_with_the_same_bits():
    whole = through(NumpyMLPRegressor(**OPTIONS), X, y)
    model = NumpyMLPRegressor(**OPTIONS)
    for start in range(0, N, 500):
        model = pickle.loads(pickle.dumps(model))
        model.partial_fit(X[start : start + 500], y[start : start + 500])
    assert_array_equal(model.network_.theta, whole.network_.theta)
    assert_array_equal(model.predict(X), whole.predict(X))


def test_a_part_that_fails_leaves_what_was_there():
    model = through(NumpyMLPRegressor(**OPTIONS), X[:500], y[:500])
    before = model.predict(X)
    bad = X[:500].copy()
    bad[:, 2] = 1e308 * np.linspace(-1, 1, 500)
    with pytest.raises(ValueError, match="cannot measure column 2"):
        model.partial_fit(bad, y[:500])
    assert_array_equal(model.predict(X), before)
    assert model._model.encoder.open_columns == [2]


def test_edges_are_taken_where_the_values_are():
    options = OPTIONS | {"numeric_embedding": "piecewise_linear"}
    model = through(NumpyMLPRegressor(**options), X[:500], y[:500])
    late = X[:500].copy()
    late[:, 2] = rng.normal(2012, 3, 500)
    before = model.network_.arrays("edges")[0].copy()
    model.partial_fit(late, y[:500])
    edges = model.network_.arrays("edges")[0]
    assert_array_equal(edges[:2], before[:2])
    assert len(np.unique(before[2])) == 1
    assert len(np.unique(edges[2])) > 40


def test_few_rows_in_the_first_call_are_told_once():
    model = NumpyMLPRegressor(**OPTIONS)
    with pytest.warns(UserWarning, match=r"Fewer than 50 .* columns 0, 1 of X are") as caught:
        model.partial_fit(X[:20], y[:20])
    assert len(caught) == 1
    assert caught[0].filename == __file__
    for start in range(20, 200, 20):
        model.partial_fit(X[start : start + 20], y[start : start + 20])


@pytest.mark.parametrize("first", ["a", None])
@pytest.mark.parametrize("dtype", [object, "category"])
def test_levels_that_come_too_late_are_told(first, dtype):
    frame = pd.DataFrame({"n": X[:400, 0], "c": pd.Series([first] * 400, dtype=dtype)})
    model = NumpyMLPRegressor(**OPTIONS).partial_fit(frame, y[:400])
    model.partial_fit(frame, y[:400])
    later = frame.assign(c=pd.Series(["a", "b", "c", "d"] * 100, dtype=dtype))
    with pytest.warns(UserWarning, match="Column 'c' of X showed no level, or one") as caught:
        model.partial_fit(later, y[:400])
    assert len(caught) == 1


def test_dates_in_a_column_that_was_empty_are_told():
    frame = pd.DataFrame({"n": X[:400, 0], "d": [None] * 400})
    model = NumpyMLPRegressor(**OPTIONS).partial_fit(frame, y[:400])
    with pytest.warns(UserWarning, match="Column 'd' of X showed no level"):
        model.partial_fit(frame.assign(d=pd.date_range("2020", periods=400)), y[:400])


def test_empty_columns_take_numbers_later():
    frame = pd.DataFrame({"n": X[:1500, 0], "late": X[:1500, 1]})
    frame.loc[:499, "late"] = np.nan
    model = NumpyMLPRegressor(**OPTIONS)
    through(model, frame, frame["late"].fillna(0), 20)
    assert model._model.encoder.open_columns == []
    rest = frame[500:]
    assert r2_score(rest["late"], model.predict(rest)) > 0.95
