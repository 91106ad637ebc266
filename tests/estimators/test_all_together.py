"""Losses, solvers, activations and structures together: every pair of loss and solver.

The activations and the structures are dealt out in turn, so that each meets every loss and solver.
"""

import itertools
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from catalogue import ACTIVATIONS, REGRESSION_LOSSES, SOLVERS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.inspection import check_gradient
from sknumpynet.training import Batch, Objective

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

STRUCTURES = {
    "plain": {},
    "dropout": {"dropout": 0.1},
    "batch": {"normalization": "batch"},
    "layer": {"normalization": "layer"},
    "residual": {"residual": True},
    "all": {"dropout": 0.1, "normalization": "layer", "residual": True},
}
#: These compare losses of the same rows: no chance, and no other rows, in them.
NOT_WITH_LBFGS = {"dropout", "batch", "all"}

rng = np.random.default_rng(0)
X = rng.normal(size=(120, 4))
Y = {
    NumpyMLPRegressor: np.exp(0.8 * X[:, 0] + 0.1 * rng.normal(size=120)),
    NumpyMLPClassifier: (X[:, 0] > 0).astype(int) + (X[:, 1] > 1),
}
WEIGHT = rng.integers(1, 3, 120).astype(float)
RATES = {"sgd": 0.005, "muon": 0.003, "lion": 0.001, "adagrad": 0.05}


def cases():
    activations = itertools.cycle(ACTIVATIONS)
    structures = itertools.cycle(STRUCTURES)
    losses = [(NumpyMLPRegressor, name) for name in REGRESSION_LOSSES]
    losses += [(NumpyMLPClassifier, name) for name in ("log_loss", "focal")]
    for (cls, loss), solver in itertools.product(losses, SOLVERS):
        structure = next(structures)
        while solver == "lbfgs" and structure in NOT_WITH_LBFGS:
            structure = next(structures)
        yield cls, loss, solver, next(activations), structure


CASES = list(cases())


def test_every_activation_and_structure_meets_every_solver():
    for which, names in ((3, set(ACTIVATIONS)), (4, set(STRUCTURES))):
        met = {case[which] for case in CASES}
        assert met == names


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case[1:])))
def test_they_go_together(case):
    cls, loss, solver, activation, structure = case
    y = Y[cls]
    options = {"loss": loss, "solver": solver, "activation": activation, **STRUCTURES[structure]}
    options |= {"learning_rate_init": RATES.get(solver, 0.01), "max_iter": 25, "batch_size": 40}
    if solver == "sgd":
        # The slope of a Gaussian has no bound.
        options["max_grad_norm"] = 1.0
    model = cls((8, 8), **options, early_stopping=False, random_state=0)
    model.fit(X, y, WEIGHT)
    # The loss falls, and predictions are numbers in float64 of a network in float32.
    assert min(model.loss_curve_[1:]) < model.loss_curve_[0]
    assert model.network_.theta.dtype == np.float32
    predicted = model.predict(X)
    assert np.isfinite(predicted).all()
    # The same again, by a clone and by a pickle.
    twin = clone(model).fit(X, y, WEIGHT)
    assert_array_equal(twin.network_.theta, model.network_.theta)
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), predicted)
    # Row by row as all at once.
    assert_allclose(np.concatenate([model.predict(X[i : i + 1]) for i in range(4)]), predicted[:4])
    if solver != "lbfgs":
        given = {"classes": np.unique(y)} if cls is NumpyMLPClassifier else {}
        stream = clone(model).partial_fit(X[:60], y[:60], **given)
        before = stream.network_.theta.copy()
        stream.partial_fit(X[60:], y[60:])
        assert np.isfinite(stream.predict(X)).all()
        assert (stream.network_.theta != before).any()


@pytest.mark.parametrize("structure", ["plain", "batch", "layer", "residual"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_of_the_whole(activation, structure):
    """Of a fitted network, by directions; chance has no gradient."""
    options = {"activation": activation, "dtype": "float64", "max_iter": 2, **STRUCTURES[structure]}
    model = NumpyMLPRegressor((6, 5), **options, early_stopping=False, random_state=0)
    network = model.fit(X, Y[NumpyMLPRegressor]).network_
    objective = Objective(network, model._model.loss, 0.3, 20)
    batch = Batch(X[:20], Y[NumpyMLPRegressor][:20, np.newaxis], np.linspace(0.5, 1.5, 20))
    n, start = network.layout.n_trained, network.theta.copy()

    def evaluate(theta):
        network.theta[:n], network.theta[n:] = theta[:n], start[n:]
        value, gradient = objective(network.theta, batch)
        return value, gradient

    assert check_gradient(evaluate, start[:n].copy()).error < 1e-5
