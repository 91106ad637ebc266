"""Losses with options, several raw scores for each target, or a prediction of several parts.

A delta in the target's unit (Huber), several predictions (quantiles), a mean with its spread.
"""

import pickle
import warnings
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import scipy.stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_pinball_loss

from sknumpynet import NumpyMLPRegressor
from sknumpynet.inspection import check_gradient
from sknumpynet.losses import GaussianNLL, Huber, LogCosh, MulticlassLogLoss, Quantile, SquaredError
from sknumpynet.network import Architecture, Network, build_layers
from sknumpynet.training import Batch, Objective

N_ROWS, N_TARGETS = 14, 2


RNG = np.random.default_rng(0)
Y = RNG.normal(1, 2, size=(N_ROWS, N_TARGETS))
WEIGHT = np.array([1, 2, 1, 3, 1, 1, 2, 1, 5, 1, 1, 1, 2, 6])
QUANTILES = (0.1, 0.5, 0.9)
LOSSES = [Huber(1.0), Huber((0.5, 2.0)), LogCosh(1.0), Quantile(QUANTILES), GaussianNLL()]
every_loss = pytest.mark.parametrize("loss", LOSSES, ids=repr)
weights = pytest.mark.parametrize("weight", [None, WEIGHT / WEIGHT.mean()], ids=["equal", "own"])


def raw_of(loss, seed=1):
    return np.random.default_rng(seed).normal(size=(N_ROWS, loss.n_raw(N_TARGETS)))


def test_values_are_those_of_scipy_and_scikit_learn():
    raw = raw_of(Huber())
    expected = scipy.special.huber([0.5, 2.0], raw - Y).sum() / N_ROWS
    assert Huber((0.5, 2.0)).value(raw, Y, None) == pytest.approx(expected, rel=1e-13)
    loss = Quantile((0.05, 0.6))
    raw = raw_of(loss)
    columns = [(raw[:, 0::2], 0.05), (raw[:, 1::2], 0.6)]
    expected = sum(N_TARGETS * mean_pinball_loss(Y, column, alpha=q) for column, q in columns)
    assert loss.value(raw, Y, None) == pytest.approx(expected, rel=1e-13)
    raw = raw_of(GaussianNLL())
    density = scipy.stats.norm.logpdf(Y, raw[:, :2], np.sqrt(np.exp(2 * raw[:, 2:]) + 1e-6))
    expected = -density.sum() / N_ROWS - N_TARGETS * np.log(2 * np.pi) / 2
    assert GaussianNLL().value(raw, Y, None) == pytest.approx(expected, rel=1e-13)


@every_loss
@weights
def test_gradients_through_the_objective(loss, weight):
    layers = build_layers(Architecture(3, (5,), ["tanh"], loss.n_raw(N_TARGETS)))
    network = Network.initialized(layers, "float64", np.random.default_rng(2))
    network.start_at(loss.intercept_only(Y, weight))
    objective = Objective(network, loss, 0.3, N_ROWS)
    batch = Batch(np.random.default_rng(3).normal(size=(N_ROWS, 3)), Y, weight)
    check = check_gradient(lambda theta: objective(theta, batch), network.theta.copy())
    assert check.error < 1e-6


@every_loss
@weights
def test_raw_scores_start_at_the_best_constant(loss, weight):
    shape = (N_ROWS, loss.n_raw(N_TARGETS))

    def constant(scores):
        return loss.value(np.broadcast_to(scores, shape), Y, weight)

    start = loss.intercept_only(Y, weight)
    best = scipy.optimize.minimize(constant, start, method="Nelder-Mead", options={"maxiter": 4000})
    assert start.shape == shape[1:]
    assert constant(start) <= best.fun + 1e-9


@every_loss
def test_options_are_fields_and_made_from_the_parameters_of_an_estimator(loss):
    parameters = {"delta": 1.0, "quantile": [0.1, 0.5, 0.9], "alpha": 0.1, "loss": "huber"}
    made = type(loss).made_from(parameters)
    assert type(made) is type(loss)
    assert made == pickle.loads(pickle.dumps(made)) == replace(made)
    assert getattr(made, "delta", 1.0) == 1.0
    assert SquaredError.made_from(parameters) == SquaredError()
    with pytest.raises(KeyError, match="n_classes"):
        MulticlassLogLoss.made_from(parameters)
    with pytest.raises(FrozenInstanceError):
        made.delta = 2.0


@pytest.mark.parametrize("delta", [1.0, (0.5, 2.0)])
def test_a_loss_in_another_unit_is_the_same_loss(delta):
    unit, raw = np.array([1000.0, 0.01]), raw_of(Huber())
    loss = Huber(tuple(np.broadcast_to(delta, 2) * unit)).in_unit(unit)
    assert loss.value(raw, Y, None) == pytest.approx(Huber(delta).value(raw, Y, None), rel=1e-12)
    assert SquaredError().in_unit(unit) == SquaredError()


def test_members_of_a_normal_likelihood_combine_to_mean_and_spread_of_their_mixture():
    raw = np.array([[[0.0, np.log(1.0)]], [[3.0, np.log(2.0)]]])
    samples = np.random.default_rng(0).normal([[0.0], [3.0]], [[1.0], [2.0]], size=(2, 400_000))
    mean, log_sd = GaussianNLL().combine(raw)[0]
    assert mean == pytest.approx(samples.mean(), abs=0.01)
    assert np.exp(log_sd) == pytest.approx(samples.std(), rel=0.01)


def trained(loss, y, **options):
    """A regressor whose loss is ``loss``, and the rows that it was trained on."""

    X = np.random.default_rng(5).normal(size=(len(y), 3))
    options = {"max_iter": 30, "random_state": 0, "dtype": "float64", "batch_size": 50} | options
    options.setdefault("early_stopping", False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return NumpyMLPRegressor((10,), loss=loss, **options).fit(X, y), X


def outliers(n):
    rng = np.random.default_rng(6)
    return rng.standard_t(1.5, size=n) + 5


@pytest.mark.parametrize("unit", [1000.0, 0.001])
def test_an_option_in_the_targets_unit_scales_with_it(unit):
    y = outliers(200)
    (model, X), (scaled, _) = trained(Huber(0.7), y), trained(Huber(0.7 * unit), unit * y)
    np.testing.assert_allclose(scaled.predict(X) / unit, model.predict(X), rtol=1e-6, atol=1e-6)
    other, _ = trained(Huber(0.7), unit * y)
    assert np.abs(other.predict(X) / unit - model.predict(X)).max() > 0.01


@pytest.mark.parametrize("n_targets", [1, 2])
def test_an_estimator_with_two_raw_scores_for_each_target(n_targets):
    y = outliers(200 * n_targets).reshape(200, n_targets)
    y = y[:, 0] if n_targets == 1 else y
    model, X = trained(GaussianNLL(), y, early_stopping=True)
    assert model.n_outputs_ == n_targets
    assert model.coefs_[-1].shape == (10, 2 * n_targets)
    assert model.predict(X).shape == y.shape
    mean, std = model.predict(X, return_std=True)
    np.testing.assert_array_equal(mean, model.predict(X))
    assert std.shape == y.shape
    # The other scores are the log of the spread in the target's unit, but for the floor.
    log_sd = model._raw_scores(X)[:, n_targets:] + np.log(model._model.target.unit)
    np.testing.assert_allclose(std.reshape(log_sd.shape), np.exp(log_sd), rtol=1e-3)
    assert 0.2 < std.mean() / np.std(y) < 5


@pytest.mark.parametrize("n_targets", [1, 2])
def test_an_estimator_that_predicts_several_quantiles(n_targets):
    y = 100 * outliers(600 * n_targets).reshape(600, n_targets)
    y = y[:, 0] if n_targets == 1 else y
    model, X = trained(Quantile((0.2, 0.7)), y, learning_rate_init=0.01)
    prediction = model.predict(X)
    assert model.n_outputs_ == n_targets
    assert prediction.shape == (*y.shape, 2)
    below = (y[..., None] <= prediction).mean(axis=0)
    np.testing.assert_allclose(below, np.broadcast_to([0.2, 0.7], below.shape), atol=0.06)
