"""Same start, same batches, float64: the weights of scikit-learn's MLP, to 1e-8 after 20 epochs.

scikit-learn divides the penalty by the rows of the batch, we by those of the data set; alpha is set
so that both are the same.
"""

import inspect
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

N, BATCH, EPOCHS, ALPHA = 120, 40, 20, 0.5
RNG = np.random.default_rng(0)
X = RNG.standard_normal((N, 6))
SCORE = X @ RNG.standard_normal((6, 3)) + 0.5 * np.sin(2 * X[:, :3])
TARGETS = {
    "regression": SCORE[:, 0] + 0.1 * RNG.standard_normal(N),
    "poisson": RNG.poisson(np.exp(0.3 * SCORE[:, 0])).astype(float),
    "binary": SCORE[:, 0] > 0,
    "multiclass": np.array(["a", "b", "c"])[SCORE.argmax(axis=1)],
    "multilabel": (SCORE > 0).astype(int),
}
SOLVERS = {
    "adam": {"solver": "adam", "learning_rate_init": 0.01},
    "sgd": {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.05},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "learning_rate_init": 0.02},
    "nesterov": {"solver": "sgd", "learning_rate_init": 0.02},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5},
    "lbfgs": {"solver": "lbfgs"},
}


def train(estimator, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X, y)


def started_at(peer_class, coefs, intercepts, **options):
    """scikit-learn's estimator, beginning with the given weights."""

    class Started(peer_class):
        def _init_coef(self, fan_in, fan_out, dtype):
            i = next(
                i for i, W in enumerate(coefs) if W.shape == (fan_in, fan_out) and i not in used
            )
            used.add(i)
            return coefs[i].copy(), intercepts[i].copy()

    used: set = set()
    # The subclass inherits the constructor, and with it get_params.
    Started.__init__ = peer_class.__init__
    return Started(**options)


def both(task, options, activation="tanh"):
    regression = task in ("regression", "poisson")
    ours, peer = (
        (NumpyMLPRegressor, MLPRegressor) if regression else (NumpyMLPClassifier, MLPClassifier)
    )
    loss = {"loss": "poisson"} if task == "poisson" else {}
    if loss and "loss" not in inspect.signature(peer.__init__).parameters:
        pytest.skip("scikit-learn has loss='poisson' since 1.7")
    common = {
        "hidden_layer_sizes": (7, 5),
        "activation": activation,
        "batch_size": BATCH,
        "shuffle": False,
        "max_iter": EPOCHS,
        "tol": 0.0,
        "n_iter_no_change": 1000,
        "early_stopping": False,
        "random_state": 0,
        **loss,
        **options,
    }
    raw = {"dtype": "float64", "feature_scaling": None}
    if regression:
        raw["target_scaling"] = False
    y = TARGETS[task]
    standing_still = {"solver": "adam", "learning_rate_init": 1e-300, "max_iter": 1}
    start = train(ours(**{**common, **raw, **standing_still}), y)
    n_batches = 1 if options["solver"] == "lbfgs" else N // BATCH
    mine = train(ours(alpha=ALPHA * n_batches, **common, **raw), y)
    theirs = train(started_at(peer, start.coefs_, start.intercepts_, alpha=ALPHA, **common), y)
    return start, mine, theirs


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("task", TARGETS)
def test_weights_are_equal(task, solver):
    start, mine, theirs = both(task, SOLVERS[solver])
    assert mine.n_iter_ == theirs.n_iter_
    for name in ("coefs_", "intercepts_"):
        for a, b, before in zip(
            getattr(mine, name), getattr(theirs, name), getattr(start, name), strict=True
        ):
            assert np.abs(a - before).max() > 1e-3, "nothing was learned"
            assert_allclose(a, b, rtol=0, atol=1e-8)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_activations_are_equal(activation):
    _, mine, theirs = both("multiclass", SOLVERS["adam"], activation)
    for a, b in zip(mine.coefs_, theirs.coefs_, strict=True):
        assert_allclose(a, b, rtol=0, atol=1e-8)
    assert_allclose(mine.predict_proba(X), theirs.predict_proba(X), atol=1e-8)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_loss_curves_are_equal(task):
    _, mine, theirs = both(task, SOLVERS["nesterov"])
    assert_allclose(mine.loss_curve_, theirs.loss_curve_, rtol=1e-9)
