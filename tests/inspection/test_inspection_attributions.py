"""Attributions: exact where they can be, beside exact Shapley values, and complete everywhere."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.datasets import make_friedman1
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from catalogue import LOSSES
from sknumpynet import (
    Activation,
    Loss,
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
)
from sknumpynet.inspection import attributions

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = make_friedman1(300, n_features=6, random_state=0)
SHORT = {"max_iter": 20, "early_stopping": False, "random_state": 0}
SMALL = {"hidden_layer_sizes": (12,), **SHORT}
COLORS = ["red", "green", "blue", "grey", "pink", "black"]


@dataclass(frozen=True)
class Square(Activation):
    def value(self, x):
        return x * x

    def slope(self, x, y):
        return 2 * x


def raw_frame(n=300):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.uniform(0, 1, n),
            "color": rng.choice(COLORS, n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), "D"),
            "often": np.where(rng.uniform(size=n) < 0.2, np.nan, rng.normal(size=n)),
        }
    )
    level = frame["color"].map(COLORS.index) / 3
    return frame, level * (1 + frame["size"]) + frame["often"].fillna(2.0) + frame[
        "day"
    ].dt.month / 6


def shapley(function, X, background):
    """By the sum over all coalitions: absent columns have the values of a background row."""
    n, d = X.shape
    value = {}
    for coalition in itertools.product([False, True], repeat=d):
        total = 0.0
        for i in range(len(background)):
            other = pd.concat([background.iloc[[i]]] * n, ignore_index=True)
            for j in np.flatnonzero(coalition):
                other[other.columns[j]] = X[X.columns[j]].to_numpy()
            total = total + function(other.astype(X.dtypes))
        value[coalition] = total / len(background)
    found = np.zeros((n, d))
    for coalition, before in value.items():
        size = sum(coalition)
        for j in np.flatnonzero(~np.array(coalition)):
            larger = tuple(c or k == j for k, c in enumerate(coalition))
            weight = math.factorial(size) * math.factorial(d - size - 1) / math.factorial(d)
            found[:, j] += weight * (value[larger] - before)
    return found


def test_of_a_linear_model_the_coefficient_times_the_difference():
    est = NumpyMLPRegressor((), dtype="float64", feature_scaling=None, **SHORT).fit(X, y)
    found = attributions(est, X[:20], background=X[20:90])
    unit = est._model.target.unit
    expected = est.coefs_[0][:, 0] * unit * (X[:20] - X[20:90].mean(axis=0))
    np.testing.assert_allclose(found.values, expected, rtol=1e-9, atol=1e-12)
    assert found.error < 1e-9
    np.testing.assert_allclose(found.base_values, est.predict(X[20:90]).mean(), rtol=1e-9)
    np.testing.assert_array_equal(found.data, X[:20])
    assert found.feature_names == ["x0", "x1", "x2", "x3", "x4", "x5"]


def test_of_products_of_two_columns_the_exact_shapley_values():
    """Squares of sums: a polynomial of degree 2."""
    est = NumpyMLPRegressor((7,), activation=Square(), dtype="float64", **SHORT)
    est.fit(X[:, :4], y)
    frame = pd.DataFrame(X[:, :4])
    exact = shapley(lambda f: est.predict(f.to_numpy()), frame[:5], frame[100:108])
    found = attributions(est, X[:5, :4], background=X[100:108, :4])
    # A column that is scaled is bounded beyond 4 standard deviations alone.
    np.testing.assert_allclose(found.values, exact, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("max_one_hot", [10, 2])
def test_on_a_raw_frame_close_to_exact_shapley_values(max_one_hot):
    """Dates, missing numbers, categories that are one-hot or embedded."""
    frame, target = raw_frame()
    est = NumpyMLPRegressor((30,), max_one_hot=max_one_hot, random_state=0, max_iter=60)
    est.fit(frame, target)
    exact = shapley(est.predict, frame[:12].reset_index(drop=True), frame[50:65])
    found = attributions(est, frame[:12], background=frame[50:65]).values
    assert np.corrcoef(found.ravel(), exact.ravel())[0, 1] > 0.97
    assert np.abs(found - exact).max() < 0.35 * np.abs(exact).max()


def test_far_from_what_one_gradient_says():
    """A wrong way to sum is noticed: the plain gradient times the difference is not complete."""
    est = NumpyMLPRegressor((30,), activation="tanh", random_state=0, max_iter=60).fit(X, y)
    found = attributions(est, X[:30], background=X)
    exact = est.predict(X[:30]) - found.base_values
    h = 1e-4
    slopes = np.stack(
        [(est.predict(X[:30] + h * e) - est.predict(X[:30] - h * e)) / (2 * h) for e in np.eye(6)],
        1,
    )
    plain = (slopes * (X[:30] - X.mean(axis=0))).sum(axis=1)
    assert np.abs(found.values.sum(axis=1) - exact).max() < 1e-9
    assert np.abs(plain - exact).max() > 0.5


OPTIONS = [
    {
        "hidden_layer_sizes": (8, 8, 5),
        "residual": True,
        "normalization": "batch",
        "dropout": 0.3,
        "learning_rate_init": 0.001,
    },
    {"normalization": "layer", "activation": "selu", "dropout": 0.2},
    {"numeric_embedding": "cosine", "n_members": 3},
    {"numeric_embedding": "piecewise_linear"},
    {"n_members": 2},
    {"hidden_layer_sizes": (), "n_members": 2},
    {"n_bags": 2, "early_stopping": True},
    {"n_bags": 2, "early_stopping": True, "n_members": 2, "numeric_embedding": "cosine"},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_complete_with_all_layers_members_and_bags(options):
    frame, target = raw_frame()
    classes = pd.cut(target, 3, labels=["low", "mid", "high"]).astype(str)
    for est, t in ((NumpyMLPRegressor, target), (NumpyMLPClassifier, classes)):
        model = est(**SMALL | {"max_one_hot": 4, "max_iter": 5} | options).fit(frame, t)
        found = attributions(model, frame[:20], background=frame, n_background=20)
        scores = model.predict(frame[:20]) if t is target else model.decision_function(frame[:20])
        np.testing.assert_allclose(found.values.sum(axis=1) + found.base_values, scores, rtol=1e-9)
        assert found.error < 0.1
        assert found.output_names == (["y"] if t is target else ["high", "low", "mid"])


LOSS_OPTIONS = [
    ({"loss": "poisson"}, np.log),
    ({"loss": "gamma"}, np.log),
    ({"loss": "absolute_error"}, None),
    ({"loss": "quantile", "quantile": [0.1, 0.5, 0.9]}, None),
]


@pytest.mark.parametrize(("options", "scale"), LOSS_OPTIONS)
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_complete_in_the_units_of_y_or_its_logarithm(options, scale, n_outputs):
    Y = np.abs(np.column_stack([y, 3 * y + 5])[:, :n_outputs].squeeze()) + 1
    est = NumpyMLPRegressor(**SMALL | options, n_members=2).fit(X, Y)
    found = attributions(est, X[:15], background=X[50:80])
    expected = est.predict(X[:15])
    expected = expected if scale is None else scale(expected)
    sums = found.values.sum(axis=1) + found.base_values
    np.testing.assert_allclose(sums, expected.reshape(sums.shape), rtol=1e-9)
    if "quantile" in options:
        assert found.output_names[-1] == f"y{'1' if n_outputs > 1 else ''}: quantile 0.9"
    assert found.values.shape[2:] == ((len(found.output_names),) if sums.ndim > 1 else ())


def test_of_a_mean_with_a_spread():
    est = NumpyMLPRegressor(**SMALL, loss="gaussian_nll", n_members=2).fit(X, y)
    found = attributions(est, X[:15], background=X[50:80])
    mean, std = est.predict(X[:15], return_std=True)
    sums = found.values.sum(axis=1) + found.base_values
    np.testing.assert_allclose(sums, np.column_stack([mean, np.log(std)]), rtol=1e-4)
    assert found.output_names == ["y: mean", "y: log std"]
    np.testing.assert_array_equal(found.of("y: mean").values, found.values[:, :, 0])


def test_classes_labels_and_several_outputs():
    labels = np.column_stack([y > 14, y > 10]).astype(int)
    several = np.column_stack([np.where(y > 14, "a", "b"), np.digitize(y, [9, 16])])
    for target, names in (
        (y > 14, ["True"]),
        (labels, ["0", "1"]),
        (several.astype(object), ["y0=a", "y0=b", "y1=0", "y1=1", "y1=2"]),
    ):
        est = NumpyMLPClassifier(**SMALL).fit(X, target)
        found = attributions(est, X[:9])
        scores = est.decision_function(X[:9])
        scores = np.hstack(scores) if isinstance(scores, list) else scores
        np.testing.assert_allclose(found.values.sum(axis=1) + found.base_values, scores, rtol=1e-6)
        assert found.output_names == names
    assert found.importances().shape == (6, 5)
    frame = found.as_frame()
    np.testing.assert_array_equal(frame["y1=2"]["x3"], found.of(-1).values[:, 3])


def test_sparse_rows_and_columns_that_say_nothing():
    dense = np.random.default_rng(0).poisson(0.5, (80, 9)).astype(float)
    dense[:, 4] = 2.0
    est = NumpyMLPRegressor(**SMALL, dtype="float64").fit(sp.csr_matrix(dense), dense[:, 0])
    found = attributions(est, sp.csr_matrix(dense[:10]), background=sp.csr_matrix(dense))
    np.testing.assert_allclose(found.values, attributions(est, dense[:10], dense).values)
    np.testing.assert_array_equal(found.values[:, 4], 0)
    np.testing.assert_array_equal(found.data, dense[:10])


def test_the_same_rows_whatever_comes_with_them_and_the_default_background():
    est = NumpyMLPRegressor(**SMALL).fit(X, y)
    found = attributions(est, X[:40])
    np.testing.assert_array_equal(found.values, attributions(est, X[:40], X[:40]).values)
    few = attributions(est, X, n_background=7, random_state=1)
    again = attributions(est, X, n_background=7, random_state=1)
    np.testing.assert_array_equal(few.values, again.values)
    assert not np.array_equal(few.values, attributions(est, X, n_background=7).values)


def test_frames_of_any_library():
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    frame, target = raw_frame(60)
    est = NumpyMLPRegressor(**SMALL).fit(frame, target)
    found = attributions(est, frame)
    for other in (pl.from_pandas(frame), pa.Table.from_pandas(frame)):
        np.testing.assert_allclose(attributions(est, other).values, found.values, atol=1e-6)
    assert found.feature_names == ["size", "color", "day", "often"]
    assert found.data[3, 1] == frame["color"][3]
    assert list(found.as_frame()) == found.feature_names
    assert repr(found).startswith("Attributions(60 rows, 4 columns; mean size: ")


@pytest.mark.parametrize("name", LOSSES)
def test_slopes_of_combined_scores(name):
    check_slopes(LOSSES[name].loss)


def check_slopes(loss):
    rng = np.random.default_rng(0)
    n_raw = loss.n_raw(2)
    raw, slopes = rng.normal(size=(3, 5, n_raw)), rng.normal(size=(5, n_raw))
    found, step = loss.combine_slopes(raw, slopes), 1e-5
    direction = rng.normal(size=raw.shape)
    rise = loss.combine(raw + step * direction) - loss.combine(raw - step * direction)
    expected = (rise * slopes).sum() / (2 * step)
    np.testing.assert_allclose((found * direction).sum(), expected, rtol=1e-6, atol=1e-8)


def test_a_loss_of_ones_own_that_combines():
    @dataclass(frozen=True)
    class InSinh(Loss):
        def predict(self, raw):
            return np.sinh(raw)

        def combine(self, raw):
            return np.arcsinh(np.sinh(raw).mean(axis=0))

    check_slopes(InSinh())


def test_what_cannot_be_explained():
    est = NumpyMLPRegressor(**SMALL).fit(X, y)
    with pytest.raises(NotFittedError):
        attributions(clone(est), X)
    with pytest.raises(TypeError, match="of a Pipeline, pass its last step"):
        attributions(make_pipeline(est), X)
    with pytest.raises(ValueError, match="n_background must be an integer >= 1. Got 0"):
        attributions(est, X, n_background=0)
    with pytest.raises(ValueError, match="no rows|0 sample"):
        attributions(est, X[:0])
    with pytest.raises(ValueError, match="5 features, but NumpyMLPRegressor is expecting 6"):
        attributions(est, X, background=X[:, :5])
    with pytest.raises(ValueError, match="output must be one of y. Got 'z'"):
        attributions(est, X[:5]).of("z")


@pytest.mark.filterwarnings("error::UserWarning")
def test_of_an_ensemble_with_calibrated_bags():
    model = TabularMLPClassifier((8,), n_members=2, max_iter=4, random_state=0).fit(X, y > 14)
    found = attributions(model, X[:10], n_background=10)
    scores = model.decision_function(X[:10])
    np.testing.assert_allclose(found.values.sum(axis=1) + found.base_values, scores, rtol=1e-9)
