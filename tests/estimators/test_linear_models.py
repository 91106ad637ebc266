"""Without a hidden layer the estimators are scikit-learn's linear models, at their optimum."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import softmax
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.preprocessing import scale

from catalogue import FIRST_ORDER, RATES
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

EXACT = {
    "hidden_layer_sizes": (),
    "solver": "lbfgs",
    "tol": 1e-10,
    "max_iter": 5000,
    "dtype": "float64",
    "feature_scaling": None,
    "random_state": 0,
}


def quiet_fit(estimator, *args, **kwargs):
    import warnings

    with warnings.catch_warnings():
        # The line search ends at the rounding of the loss, below the tolerance asked for.
        warnings.filterwarnings("ignore", message="L-BFGS found no lower loss")
        return estimator.fit(*args, **kwargs)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_ridge(n_outputs, weighted):
    X, y = load_diabetes(return_X_y=True)
    X, y = scale(X), scale(y)
    Y = y if n_outputs == 1 else np.column_stack([y, np.sin(X[:, 2]) + y])
    w = np.random.default_rng(0).integers(0, 4, len(y)).astype(float) if weighted else None
    alpha = 30.0
    ridge = Ridge(alpha=alpha, tol=1e-12).fit(X, Y, sample_weight=w)
    net = quiet_fit(NumpyMLPRegressor(alpha=alpha, target_scaling=False, **EXACT), X, Y, w)
    assert_allclose(net.coefs_[0].T.squeeze(), ridge.coef_, atol=1e-4)
    assert_allclose(net.predict(X), ridge.predict(X), atol=1e-4)


@pytest.mark.parametrize("target_scaling", [False, True])
def test_poisson_regression(target_scaling):
    X, y = load_diabetes(return_X_y=True)
    X = scale(X)
    alpha = 0.0 if target_scaling else 0.5
    glm = PoissonRegressor(alpha=alpha, tol=1e-10, max_iter=5000).fit(X, y)
    # PoissonRegressor divides the deviance by n, not the penalty.
    net = NumpyMLPRegressor(
        loss="poisson", alpha=alpha * len(y), target_scaling=target_scaling, **EXACT
    )
    quiet_fit(net, X, y)
    assert_allclose(net.coefs_[0][:, 0], glm.coef_, atol=1e-4)
    assert_allclose(net.predict(X), glm.predict(X), rtol=1e-4)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_logistic_regression(load, class_weight):
    X, y = load(return_X_y=True)
    X, y = scale(X)[20:], y[20:]
    C = 0.3
    peer = LogisticRegression(C=C, class_weight=class_weight, tol=1e-10, max_iter=5000).fit(X, y)
    net = NumpyMLPClassifier(alpha=1 / C, class_weight=class_weight, **EXACT)
    quiet_fit(net, X, y)
    assert_allclose(net.predict_proba(X), peer.predict_proba(X), atol=1e-4)
    assert_allclose(softmax(net.decision_function(X), axis=1), net.predict_proba(X), atol=1e-12)


def test_binary_logistic_regression():
    X, y = load_iris(return_X_y=True)
    X, y = scale(X[50:]), y[50:] == 2
    C = 0.3
    peer = LogisticRegression(C=C, tol=1e-10, max_iter=5000).fit(X, y)
    net = quiet_fit(NumpyMLPClassifier(alpha=1 / C, **EXACT), X, y)
    assert_allclose(net.coefs_[0].T, peer.coef_, atol=1e-4)
    assert_allclose(net.intercepts_[0], peer.intercept_, atol=1e-4)
    assert_allclose(net.decision_function(X), peer.decision_function(X), atol=1e-4)


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_first_order_solvers_reach_the_same_optimum(solver):
    X, y = load_diabetes(return_X_y=True)
    X, y = scale(X), scale(y)
    ridge = Ridge(alpha=30.0).fit(X, y)
    options = {**EXACT, "solver": solver, "tol": 0.0, "n_iter_no_change": np.inf}
    options |= {"max_iter": 3000, "learning_rate_init": RATES[solver], "batch_size": len(y)}
    options["weight_decay"] = 0.0
    if solver != "schedule_free":
        # Steps measured by recent gradients do not all become shorter near the optimum: at a
        # constant rate nadam is now 1e-6 away, now 1e-3, as the rounding of the machine has it.
        options["learning_rate"] = "cosine"
    options["early_stopping"] = False
    net = NumpyMLPRegressor(alpha=30.0, target_scaling=False, **options)
    # At the optimum nothing was cut short, whatever the limit: a warning would be an error here.
    net.fit(X, y)
    assert_allclose(net.coefs_[0][:, 0], ridge.coef_, atol=1e-4)
