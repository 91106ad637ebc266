"""The range test: what it measures, what it suggests, and that the estimator stays as it is."""

import matplotlib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, make_friedman1
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from catalogue import FIRST_ORDER
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.fitting import rising_rates
from sknumpynet.inspection import LearningRateCurve, find_learning_rate
from sknumpynet.training import Trainer

matplotlib.use("Agg")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = make_friedman1(600, noise=0.5, random_state=0)
SMALL = {"hidden_layer_sizes": (20,), "batch_size": 50, "random_state": 0}


@pytest.mark.slow
@pytest.mark.parametrize("solver", FIRST_ORDER)
@pytest.mark.parametrize("task", ["numbers", "classes"])
def test_the_suggestion_trains_better_than_far_smaller_and_far_larger_rates(solver, task):
    if task == "numbers":
        # The network of a fit without early stopping, which does not embed numbers.
        est, data = NumpyMLPRegressor(solver=solver, numeric_embedding=None, **SMALL), (X, y)
    else:
        est = NumpyMLPClassifier(solver=solver, **SMALL)
        data = tuple(part[:600] for part in load_digits(return_X_y=True))
    found = find_learning_rate(est, *data).suggestion
    losses = []
    for rate in (found, found / 100, found * 300):
        model = clone(est).set_params(learning_rate_init=rate, max_iter=20, early_stopping=False)
        losses.append(model.fit(*data).best_loss_)
    assert losses[0] == min(losses)


def test_on_a_quadratic_it_stays_below_the_rate_at_which_descent_diverges():
    """Plain descent of half the mean squared error diverges above 2 / (largest curvature)."""
    Z = scale(X) * np.geomspace(1, 3, X.shape[1])
    design = np.hstack([Z, np.ones((len(Z), 1))])
    most = 2 / np.linalg.eigvalsh(design.T @ design / len(Z)).max()
    est = NumpyMLPRegressor(
        (), solver="sgd", momentum=0.0, batch_size=len(Z), feature_scaling=None, alpha=0.0,
        random_state=0,
    )  # fmt: skip
    curve = find_learning_rate(est, Z, y)
    assert most / 100 < curve.suggestion < most / 2
    # It goes on until the loss is far larger, and no farther.
    assert most < curve.learning_rates[-1] < 10
    assert curve.losses[-1] > 3 * curve.losses[0]
    assert len(curve.losses) == len(curve.learning_rates) == len(curve.smoothed) < 200


def test_the_losses_are_those_of_a_training_at_these_rates():
    """Of all rows in one batch: with weights, a fit whose schedule says the same rates."""
    weight = np.random.default_rng(0).integers(1, 4, size=600)
    options = SMALL | {"batch_size": 600, "solver": "sgd", "early_stopping": False}
    curve = find_learning_rate(
        NumpyMLPRegressor(**options), X, y, weight, lowest=1e-3, highest=0.1, n_steps=20
    )
    np.testing.assert_allclose(curve.learning_rates, np.geomspace(1e-3, 0.1, 20))
    by_hand = NumpyMLPRegressor(warm_start=True, max_iter=1, **options)
    losses = []
    for rate in curve.learning_rates:
        by_hand.set_params(learning_rate_init=rate).fit(X, y, weight)
        losses.append(by_hand.loss_)
    np.testing.assert_allclose(curve.losses, losses, rtol=1e-5)


@pytest.mark.parametrize("fitted", [False, True])
def test_the_estimator_is_not_changed(fitted):
    est = NumpyMLPRegressor(early_stopping=True, warm_start=True, max_iter=3, **SMALL)
    if fitted:
        est.fit(X, y)
    before, theta = dict(vars(est)), est.network_.theta.copy() if fitted else None
    curve = find_learning_rate(est, X, y)
    assert vars(est) == before
    if fitted:
        np.testing.assert_array_equal(est.network_.theta, theta)
    again = find_learning_rate(clone(est), X, y)
    np.testing.assert_array_equal(again.losses, curve.losses)
    assert again.suggestion == curve.suggestion


def test_schedule_warm_up_time_and_patience_are_left_out(capsys):
    plain = find_learning_rate(NumpyMLPRegressor(**SMALL), X, y)
    others = NumpyMLPRegressor(
        learning_rate="cosine", warmup=0.5, max_time=1e-9, n_iter_no_change=1, max_iter=1, tol=10.0,
        verbose=True, **SMALL,
    )  # fmt: skip
    np.testing.assert_array_equal(find_learning_rate(others, X, y).losses, plain.losses)
    assert capsys.readouterr().out == ""


def test_fewer_steps_than_an_epoch_are_enough():
    curve = find_learning_rate(
        NumpyMLPRegressor(**SMALL | {"batch_size": 5}), X, y, highest=1e-3, n_steps=30
    )
    assert len(curve.losses) == 30


@pytest.mark.parametrize(
    ("options", "arguments", "message"),
    [
        ({"solver": "lbfgs"}, {}, "solver='lbfgs' has no learning rate"),
        ({}, {"lowest": 0.0}, "lowest=0.0 and highest=10.0 must be"),
        ({}, {"lowest": 1.0, "highest": 0.1}, "0 < lowest < highest"),
        ({}, {"n_steps": 19}, "n_steps must be an integer >= 20. Got 19"),
        ({}, {"n_steps": 20.5}, "n_steps must be an integer"),
        ({"alpha": -1}, {}, "alpha of NumpyMLPRegressor must be"),
        ({"solver": "sgd"}, {"lowest": 1e3, "highest": 1e4}, "fell at no learning rate from 1e"),
    ],
)
def test_what_is_refused(options, arguments, message):
    with pytest.raises(ValueError, match="must|has no|fell") as caught:
        find_learning_rate(NumpyMLPRegressor(**SMALL | options), X, y, **arguments)
    assert message in str(caught.value)


def test_ctrl_c_is_ctrl_c(monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        find_learning_rate(NumpyMLPRegressor(**SMALL), X, y)


def test_the_picture():
    curve = LearningRateCurve(np.geomspace(1e-3, 1, 5), np.arange(5.0), np.arange(5.0) + 1, 0.02)
    ax = curve.plot()
    assert ax.get_xscale() == "log"
    raw, smoothed, suggestion = ax.get_lines()
    np.testing.assert_array_equal(raw.get_ydata(), curve.losses)
    np.testing.assert_array_equal(smoothed.get_ydata(), curve.smoothed)
    assert set(suggestion.get_xdata()) == {0.02}
    assert curve.plot(ax) is ax
    matplotlib.pyplot.close(ax.figure)


def test_it_is_shown_in_a_line():
    curve = LearningRateCurve(np.geomspace(1e-3, 1, 500), np.ones(500), np.ones(500), 0.0213)
    shown = "suggestion=0.0213, 500 learning rates from 0.001 to 1"
    assert repr(curve) == f"LearningRateCurve({shown})"


def test_a_classifier_that_is_to_calibrate_itself_says_nothing():
    plain, calibrated = (
        find_learning_rate(NumpyMLPClassifier(calibrate=c, **SMALL), X, y > 0)
        for c in (False, True)
    )
    np.testing.assert_array_equal(calibrated.losses, plain.losses)


def test_a_pipeline_is_refused_by_its_name():
    with pytest.raises(TypeError, match=r"pass its last step.*Got Pipeline"):
        find_learning_rate(make_pipeline(NumpyMLPRegressor()), np.ones((30, 2)), np.ones(30))


def test_the_network_is_that_of_fit(monkeypatch):
    """What "auto" means depends on the rows, and on whether some of them are held out."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(700, 3))
    model = NumpyMLPRegressor((4,), max_iter=1, random_state=0)
    seen = []
    objective = rising_rates.RecordedObjective

    class Watched(objective):
        def __init__(self, losses, most, network, *args):
            seen.append(network)
            super().__init__(losses, most, network, *args)

    monkeypatch.setattr(rising_rates, "RecordedObjective", Watched)
    find_learning_rate(model, X, X[:, 0], n_steps=20)
    model.fit(X, X[:, 0])
    assert seen[0].layers == model.network_.layers
