"""Outputs of hidden layers against transform; dead and saturated units, gradients, by hand."""

import numpy as np
import pytest
import scipy.sparse as sp

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.inspection.layer_statistics import gradient_sizes, layer_statistics

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 3))
y = X[:, 0]
SHORT = {"max_iter": 2, "random_state": 0, "feature_scaling": None, "early_stopping": False}


def statistics(model, X=X):
    return layer_statistics(model._model, X)


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", ["elu", "softsign"]])
@pytest.mark.parametrize("n_members", [1, 3])
def test_outputs_are_those_of_transform(activation, n_members):
    model = NumpyMLPRegressor((5, 4), activation, n_members=n_members, **SHORT).fit(X, y)
    found = statistics(model)
    assert [layer.name for layer in found] == ["hidden layer 0", "hidden layer 1"]
    for i, layer in enumerate(found):
        by_member = layer.outputs.transpose(1, 0, 2).reshape(len(X), -1)
        np.testing.assert_allclose(by_member, model.transform(X, layer=i), rtol=1e-4, atol=1e-5)
        assert layer.n_units == (5, 4)[i]
        assert layer.dead.shape == (n_members, layer.n_units)


def test_within_residual_blocks_they_are_those_of_the_activation():
    options = {"residual": True, "dropout": 0.1, "normalization": "batch"}
    model = NumpyMLPRegressor((4, 4), "tanh", **options, **SHORT).fit(X, y)
    first, second = statistics(model)
    assert second.activation == "Tanh"
    given = model.transform(X, layer=1) - model.transform(X, layer=0)
    np.testing.assert_allclose(second.outputs[0], given, atol=1e-5)
    assert first.outputs.shape == (1, 300, 4)


def test_dead_units():
    model = NumpyMLPRegressor((4, 3), **SHORT).fit(X, y)
    model.coefs_[0][:, 1] = 0.0
    model.intercepts_[0][2] = -1e3
    first, second = statistics(model)
    assert first.dead.tolist() == [[False, True, True, False]]
    assert first.share_dead == 0.5
    assert first.share_saturated == 0.0
    assert second.share_dead < 1


@pytest.mark.parametrize("activation", ["tanh", "logistic", "hard_tanh"])
def test_saturated_units(activation):
    model = NumpyMLPRegressor((4,), activation, **SHORT).fit(X, y)
    assert statistics(model)[0].share_saturated == 0.0
    model.coefs_[0][:, [0, 2]] *= 1e4
    (layer,) = statistics(model)
    assert layer.saturated.tolist() == [[True, False, True, False]]
    assert layer.share_dead == 0.0


def test_gradients_against_a_closed_form():
    """Of a linear model with the loss (r - y)^2 / 2: X^T (r - y) / n."""
    model = NumpyMLPRegressor((), target_scaling=False, dtype="float64", alpha=0, **SHORT)
    model.fit(X, y)
    (found,) = gradient_sizes(model._model, X, y[:, np.newaxis])
    gradient = X.T @ (model.predict(X) - y) / len(X)
    assert found.name == "output layer"
    assert found.gradient == pytest.approx(np.sqrt(np.mean(gradient**2)))
    assert found.weights == pytest.approx(np.sqrt(np.mean(model.coefs_[0] ** 2)))


def test_gradients_of_all_layers_change_nothing():
    model = NumpyMLPClassifier(
        (4, 4), residual=True, normalization="batch", dropout=0.2, n_members=2, **SHORT
    ).fit(X, y > 0)
    before = model.network_.theta.copy()
    found = gradient_sizes(model._model, X, model._model.target.encode((y > 0).astype(int), "f8"))
    assert [one.name for one in found] == ["hidden layer 0", "hidden layer 1", "output layer"]
    assert all(one.gradient > 0 and one.weights > 0 for one in found)
    np.testing.assert_array_equal(model.network_.theta, before)


def test_sparse_rows_and_many_rows():
    many = sp.random(5000, 3, 0.5, format="csr", random_state=0)
    model = NumpyMLPRegressor((4,), **SHORT).fit(many, many.toarray()[:, 0])
    (layer,) = statistics(model, many)
    assert layer.outputs.shape == (1, 2000, 4)
