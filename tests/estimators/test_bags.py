"""Several models that go on: all of them, each with the rows that it has left out, or an error."""

import pickle
import time

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.datasets import make_friedman1
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

#: Fits of few epochs, which teach next to nothing.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Training was cut short by max_(iter|time)"),
    pytest.mark.filterwarnings("ignore:The network predicts no better than a constant"),
]

X, numbers = make_friedman1(120, random_state=0)
labels = np.array(["low", "middle", "high"])[np.digitize(numbers, np.quantile(numbers, [0.3, 0.7]))]
OPTIONS = {"hidden_layer_sizes": (8,), "max_iter": 11, "random_state": 0, "tol": 1.0}
OPTIONS |= {"n_iter_no_change": np.inf, "learning_rate": "cosine"}
ALL = [NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor]


def target_of(cls):
    return labels if cls in (NumpyMLPClassifier, TabularMLPClassifier) else numbers


def bagged(cls, **options):
    return cls(**OPTIONS | {"n_bags": 3} | options)


def thetas(model):
    return [one.network.theta.copy() for one in model._models]


def mean_of_all(model):
    predict = "predict_proba" if hasattr(model, "classes_") else "predict"
    alone = [getattr(model._with_model(one, named=True), predict)(X) for one in model._models]
    return getattr(model, predict)(X), np.mean(alone, axis=0)


@pytest.mark.parametrize("how", ["fit, then partial_fit", "warm_start", "warm_start set later"])
@pytest.mark.parametrize("cls", ALL)
def test_all_models_go_on(cls, how):
    y = target_of(cls)
    model = bagged(cls, warm_start=how == "warm_start").fit(X, y)
    before = thetas(model)
    if how == "fit, then partial_fit":
        model.partial_fit(X, y)
        assert model.oof_prediction_ is None
    else:
        model.set_params(warm_start=True).fit(X, y)
        assert np.isfinite(model.oof_prediction_).all()
    after = thetas(model)
    assert len(after) == len(before) == 3
    assert not any(np.array_equal(a, b) for a, b in zip(after, before, strict=True))
    np.testing.assert_allclose(*mean_of_all(model), rtol=1e-5)


@pytest.mark.parametrize("random_state", [0, None])
def test_each_model_is_validated_on_the_rows_that_it_has_left_out(random_state):
    seen = []

    def scorer(estimator, X, y):
        seen.append(tuple(X[:, 0]))
        return 0.0

    model = bagged(NumpyMLPRegressor, warm_start=True, scoring=scorer, random_state=random_state)
    model.fit(X, numbers)
    first, seen[:] = list(dict.fromkeys(seen)), []
    model.fit(X, numbers)
    assert list(dict.fromkeys(seen)) == first
    assert len(first) == 3


def test_two_fits_with_warm_start_are_one_of_twice_as_many_epochs():
    options = {"learning_rate": "constant", "early_stopping": False}
    once = bagged(NumpyMLPRegressor, **options | {"max_iter": 22}).fit(X, numbers)
    twice = bagged(NumpyMLPRegressor, **options, warm_start=True).fit(X, numbers).fit(X, numbers)
    for a, b in zip(thetas(once), thetas(twice), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(once.oof_prediction_, twice.oof_prediction_)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_auto_goes_on_with_as_many_as_there_are(n_jobs):
    model = bagged(TabularMLPRegressor, n_bags="auto", n_jobs=n_jobs).fit(X, numbers)
    assert len(model._models) == 5
    model = pickle.loads(pickle.dumps(model)).partial_fit(X, numbers).partial_fit(X, numbers)
    assert len(model._models) == 5
    # Also with more rows than "auto" makes several models of.
    model.set_params(warm_start=True).fit(np.tile(X, (10, 1)), np.tile(numbers, 10))
    assert len(model._models) == 5
    assert len(clone(model).fit(X, numbers)._models) == 1


@pytest.mark.parametrize("cls", ALL)
def test_a_fit_that_starts_anew_forgets_them(cls):
    model, y = bagged(cls).fit(X, target_of(cls)), target_of(cls)
    model.set_params(n_bags=1).fit(X, y)
    assert len(model._models) == 1
    model.partial_fit(X, y)
    assert len(model._models) == 1


@pytest.mark.parametrize("how", ["warm_start=True", "partial_fit"])
@pytest.mark.parametrize(("before", "now"), [(3, 1), (1, 3), (3, 4)])
def test_another_number_is_refused(before, now, how):
    model = bagged(NumpyMLPRegressor, n_bags=before).fit(X, numbers)
    theta = thetas(model)
    model.set_params(n_bags=now, warm_start=True)
    told = f"^{how} goes on with .* whose n_bags was {before} and not {now}. Set it back, or start"
    with pytest.raises(ValueError, match=told):
        (model.fit if how == "warm_start=True" else model.partial_fit)(X, numbers)
    np.testing.assert_array_equal(thetas(model), theta)


def test_what_they_do_not_go_on_with():
    model = bagged(NumpyMLPRegressor, warm_start=True).fit(X, numbers)
    with pytest.raises(ValueError, match=r"3 models of the earlier fit .* Leave out X_val, or sta"):
        model.fit(X, numbers, X_val=X, y_val=numbers)
    with pytest.raises(ValueError, match=r"with partial_fit: .* Set n_bags=1, or begin with fit"):
        bagged(NumpyMLPRegressor).partial_fit(X, numbers)


def test_calibration_stays_of_all():
    model = bagged(NumpyMLPClassifier, calibrate=True, warm_start=True).fit(X, labels)
    model.fit(X, labels)
    np.testing.assert_allclose(*mean_of_all(model), rtol=1e-5)
    assert np.isfinite(model.oof_prediction_).all()


def test_lines_and_warnings_say_which_model(capsys):
    X = np.random.default_rng(0).normal(size=(60, 2))
    options = {"hidden_layer_sizes": (3,), "random_state": 0, "verbose": True, "n_bags": 3}
    model = NumpyMLPRegressor(**options, max_iter=3, warm_start=True)
    about = (
        r"Increase max_iter. \(This is model 1 of 3 of n_bags; 3 of them give such a warning.\)$"
    )
    for _ in range(2):
        with pytest.warns(ConvergenceWarning, match=about):
            model.fit(X, X[:, 0])
        printed = capsys.readouterr().out
        # The report follows.
        assert printed.endswith(model.report_.short + "\n")
        lines = [line for line in printed.splitlines() if line.startswith("Model")]
        for number in (1, 2, 3):
            its = [line for line in lines if line.startswith(f"Model {number} of 3  ")]
            assert [line.split("  ")[1][:8] for line in its] == [*["Iteratio"] * 3, "Training"]
        assert len(lines) == 12


def test_a_single_model_is_not_numbered(capsys):
    X = np.random.default_rng(0).normal(size=(60, 2))
    with pytest.warns(ConvergenceWarning, match=r"Increase max_iter.$"):
        NumpyMLPRegressor((3,), max_iter=3, verbose=True, early_stopping=True).fit(X, X[:, 0])
    assert "Model" not in capsys.readouterr().out


# max_time.


def shares(monkeypatch, how="fit", **options):
    """The seconds that each of three models plans with, where an epoch takes one of a clock."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def scorer(estimator, X, y):
        now[0] += 1.0
        return now[0]

    model = NumpyMLPRegressor(
        (4,), n_bags=3, max_iter=3, scoring=scorer, random_state=0, **options
    ).fit(X, numbers)
    if how == "partial_fit":
        model.partial_fit(X, numbers)
    return model, [found.account.max_time for found in model._found.founds]


@pytest.mark.parametrize(
    ("max_time", "planned"),
    [
        # Each looks at its score once before the first of three epochs.
        (30.0, [30.0 / 3, 26.0 / 2, 22.0]),
        # The first epoch crosses the limit.
        (4.5, [4.5 / 3, 2.5 / 2, 0.5]),
        (0.3, [0.1, 0.0, 0.0]),
    ],
)
@pytest.mark.parametrize("how", ["fit", "warm_start"])
def test_models_in_turn_share_what_is_left_of_max_time(max_time, planned, how, monkeypatch):
    model, found = shares(monkeypatch, max_time=max_time, warm_start=how == "warm_start")
    np.testing.assert_allclose(found, planned)
    assert f"it had {planned[0]:.3g} s of max_time" in " ".join(repr(model.report_).split())
    if how == "warm_start":
        model.fit(X, numbers)
        again = [found.account.max_time for found in model._found.founds]
        np.testing.assert_allclose(again, planned)


def test_partial_fit_shares_max_time_in_each_call(monkeypatch):
    # A part of a stream is not scored, so that the clock stands still.
    _, found = shares(monkeypatch, how="partial_fit", max_time=30.0)
    np.testing.assert_allclose(found, [10.0, 15.0, 30.0])


@pytest.mark.parametrize(("n_jobs", "n_rounds"), [(2, 2), (3, 1), (8, 1)])
def test_models_side_by_side_share_max_time_in_rounds(n_jobs, n_rounds, monkeypatch):
    with parallel_config("threading"):
        _, found = shares(monkeypatch, max_time=300.0, n_jobs=n_jobs)
    np.testing.assert_allclose(found, [300.0 / n_rounds] * 3)


def test_without_max_time_none_has_a_share(monkeypatch):
    model, found = shares(monkeypatch)
    assert found == [np.inf] * 3
    assert "max_time" not in repr(model.report_)
