"""A fit in which nothing was learned warns; others do not."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, make_classification, make_friedman1
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

DIABETES = load_diabetes(return_X_y=True, scaled=False)
CANCER = load_breast_cancer(return_X_y=True)
RNG = np.random.default_rng(0)


def messages(model, X, y):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    return [str(w.message) for w in caught if issubclass(w.category, ConvergenceWarning)]


def no_better(model, X, y):
    return any("no better than a constant" in text for text in messages(model, X, y))


def test_a_rate_that_is_far_too_high():
    options = {"solver": "adam", "learning_rate_init": 1.0, "random_state": 0}
    (text,) = messages(NumpyMLPClassifier(**options), *CANCER)
    assert text.startswith("The network predicts no better than a constant (validation loss ")
    assert "Lower learning_rate_init (it is 1)" in text
    X, y = DIABETES
    (text,) = messages(NumpyMLPRegressor(**options), X, y)
    assert "learning_rate_init" in text


@pytest.mark.parametrize("model", [NumpyMLPRegressor, NumpyMLPClassifier])
def test_raw_columns_that_are_not_scaled(model):
    X, y = DIABETES if model is NumpyMLPRegressor else CANCER
    # With a decay of weights the classifier learns even so.
    (text,) = messages(model(feature_scaling=None, solver="adam", random_state=0), X * 1000.0, y)
    assert "no better than a constant" in text
    assert "Set feature_scaling='standard' (it is None)" in text


@pytest.mark.parametrize(
    ("model", "data"), [(NumpyMLPRegressor, DIABETES), (NumpyMLPClassifier, CANCER)]
)
def test_targets_that_were_shuffled(model, data):
    X, y = data
    (text,) = messages(model(random_state=0), X, np.random.default_rng(0).permutation(y))
    assert "check that their rows belong together" in text


def test_rows_out_of_step():
    X, y = DIABETES
    order = np.random.default_rng(0).permutation(len(y))
    assert no_better(NumpyMLPRegressor(random_state=0), X[order][1:], y[order][:-1])
    assert not no_better(NumpyMLPRegressor(random_state=0), X[order], y[order])


def test_a_schedule_that_is_far_too_short():
    X, y = make_classification(300, 20, n_informative=5, random_state=0)
    model = TabularMLPClassifier(max_iter=5, learning_rate_init=0.0005, random_state=0)
    (text,) = messages(model, X, y)
    assert text.startswith("Training was cut short by max_iter=5")
    assert text.endswith("Increase max_iter.")


def test_few_epochs_are_not_blamed_alone():
    X, y = DIABETES
    few = {"max_iter": 8, "random_state": 0}
    (text,) = messages(NumpyMLPRegressor(feature_scaling=None, **few), X * 1000.0, y)
    assert text.startswith("Training was cut short by max_iter=8")
    assert "Set feature_scaling='standard' (it is None)" in text
    model = NumpyMLPRegressor(learning_rate_init=10.0, early_stopping=False, **few)
    (text,) = messages(model, X, y)
    assert "Lower learning_rate_init (it is 10). Increase max_iter." in text
    (text,) = messages(NumpyMLPRegressor(**few), X, np.random.default_rng(0).permutation(y))
    assert "no better than a constant" in text
    assert "learning_rate_init" not in text
    assert not no_better(NumpyMLPRegressor(**few), X, y)


@pytest.mark.parametrize("model", [NumpyMLPRegressor, NumpyMLPClassifier])
def test_few_epochs_are_enough_for_a_constant_target(model):
    X, _ = DIABETES
    assert messages(model(max_iter=3, random_state=0), X, np.ones(len(X))) == []


def test_no_time_for_an_epoch():
    X, y = make_friedman1(3000, random_state=0)
    (text,) = messages(TabularMLPRegressor(max_time=0.01, random_state=0), X, y)
    assert "Use NumpyMLPClassifier or NumpyMLPRegressor" in text


def test_several_bags_warn_once():
    X, y = RNG.normal(size=(150, 4)), RNG.integers(0, 2, 150)
    model = NumpyMLPClassifier((8,), n_bags=3, random_state=0)
    assert sum("no better" in text for text in messages(model, X, y)) == 1


def test_a_penalty_that_leaves_nothing():
    X, y = DIABETES
    (text,) = messages(NumpyMLPRegressor(solver="lbfgs", alpha=1e8, random_state=0), X, y)
    assert "Lower alpha" in text


@pytest.mark.parametrize("model", [NumpyMLPRegressor, NumpyMLPClassifier])
def test_a_constant_target_is_no_alarm(model):
    X, _ = DIABETES
    assert messages(model(random_state=0), X, np.ones(len(X))) == []


def test_a_stream_is_not_judged():
    X, y = RNG.normal(size=(100, 3)), RNG.normal(size=100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        NumpyMLPRegressor((8,), random_state=0).partial_fit(X, y)


def sample(seed, *, signal):
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(60, 400)), int(rng.integers(2, 8))
    X = rng.normal(size=(n, d))
    z = signal * (X[:, 0] + X[:, 1] ** 2) + rng.normal(size=n)
    return X, z > np.median(z)


def test_with_signal_it_is_quiet_and_with_noise_it_fires():
    """Of noise some is found to be related by chance: 9 of 10 at least fire over 250 fits."""
    small = {"hidden_layer_sizes": (16,), "random_state": 0}
    quiet = [not no_better(NumpyMLPClassifier(**small), *sample(s, signal=2.0)) for s in range(12)]
    fires = [no_better(NumpyMLPClassifier(**small), *sample(s, signal=0.0)) for s in range(12)]
    assert all(quiet)
    assert sum(fires) >= 8
