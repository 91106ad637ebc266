"""Batch and layer normalization against scikit-learn's scaler, and batches of hardly any rows."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from sknumpynet.inspection import check_gradient
from sknumpynet.losses import SquaredError
from sknumpynet.network import BatchNorm, LayerNorm, Linear, Network, Workspace
from sknumpynet.training import Batch, Objective

N = 4
RNG = np.random.default_rng(0)
X = 5 + 3 * RNG.normal(size=(50, N)) * [1, 10, 0.1, 2]
WEIGHT = RNG.integers(0, 4, size=50).astype(float)


def make(*layers, dtype="float64"):
    return Network.initialized(layers, dtype, np.random.default_rng(1))


def trained(network, x, weight=None):
    return network.forward(x, Workspace(network, len(x), training=True), weight).copy()


def predicted(network, x):
    return network.forward(x, Workspace(network, len(x))).copy()


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_a_batch_is_scaled_by_its_weighted_mean_and_variance(weight):
    z = trained(make(BatchNorm(N)), X, weight)
    expected = StandardScaler().fit(X, sample_weight=weight)
    np.testing.assert_allclose(z, expected.transform(X), rtol=2e-3, atol=2e-5)
    # The variances are increased by 1e-5.
    exact = (X - expected.mean_) / np.sqrt(expected.var_ + 1e-5)
    np.testing.assert_allclose(z, exact, rtol=1e-10)


def test_a_layer_scales_each_row():
    network = make(LayerNorm(N))
    exact = StandardScaler().fit(X.T)
    expected = ((X.T - exact.mean_) / np.sqrt(exact.var_ + 1e-5)).T
    np.testing.assert_allclose(trained(network, X), expected, rtol=1e-10)
    np.testing.assert_array_equal(predicted(network, X), trained(network, X))


@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm])
def test_scale_and_shift_come_after(kind):
    network = make(kind(N))
    z = trained(network, X)
    (p,) = network.parameters()
    p.scale[...], p.shift[...] = [1, 2, 3, 4], [0, -1, 0, 7]
    np.testing.assert_allclose(trained(network, X), z * p.scale + p.shift, rtol=1e-12)


@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm])
def test_neither_scale_nor_statistics_are_decayed(kind):
    network = make(kind(N))
    assert network.layout.n_decayed == 0
    assert network.layout.n_trained == 2 * N
    np.testing.assert_array_equal(network.theta[: 2 * N], [1] * N + [0] * N)


@pytest.mark.parametrize("rows", [1, 2, 7, 64])
def test_running_averages_come_to_those_of_the_stream(rows):
    """However few rows a batch has, with or without weights."""
    rng = np.random.default_rng(3)
    network, mean, sd = make(BatchNorm(N)), np.array([5, -3, 0, 100]), np.array([1, 2, 0.5, 3])
    workspace = Workspace(network, rows, training=True)
    found = []
    for step in range(6000):
        weight = None if step % 2 else rng.integers(1, 3, size=rows).astype(float)
        network.forward(mean + sd * rng.normal(size=(rows, N)), workspace, weight)
        if step >= 1500:
            (p,) = network.parameters()
            found.append([p.mean.copy(), p.variance.copy()])
    # At any moment they are those of the last 200 rows, or 10 batches; on average exact.
    means, variances = np.mean(found, axis=0)
    np.testing.assert_allclose((means - mean) / sd, 0, atol=0.1)
    np.testing.assert_allclose(variances / sd**2, 1, atol=0.08)
    assert np.std([m[0] for m, _ in found]) < 0.25


@pytest.mark.parametrize(
    ("x", "weight"),
    [
        (X[:1], None),
        (X[:1], np.array([2.5])),
        (X[:3], np.array([0.0, 2.0, 0.0])),
        (X[:3], np.zeros(3)),
    ],
    ids=["one row", "one weighted row", "one row that counts", "no row that counts"],
)
def test_where_there_is_no_variance_running_averages_stand_in(x, weight):
    network = make(BatchNorm(N))
    for _ in range(100):
        trained(network, X)
    before, expected = network.theta.copy(), predicted(network, x)
    np.testing.assert_array_equal(trained(network, x, weight), expected)
    (p,), changed = network.parameters(), network.theta != before
    if weight is None or weight.any():
        (row,) = x if weight is None or len(x) == 1 else x[weight > 0]
        assert (np.abs(p.mean - row) < np.abs(before[2 * N : 3 * N] - row)).all()
    else:
        assert not changed.any()
    assert (p.variance > 0).all()


@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm])
@pytest.mark.parametrize("rows", [1, 2, 30])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_at_any_number_of_rows(kind, rows, weighted):
    network = make(Linear(N, 5, first=True), kind(5), Linear(5, 2))
    trained(network, X)
    batch = Batch(X[:rows], RNG.normal(size=(rows, 2)), WEIGHT[:rows] if weighted else None)
    objective = Objective(network, SquaredError(), 0.3, rows)
    assert check_gradient(lambda theta: objective(theta, batch), network.theta.copy()).error < 1e-5


def test_constant_columns_stay_finite():
    x = np.full((20, N), 7.0, dtype="float32")
    network = make(BatchNorm(N), dtype="float32")
    for _ in range(2000):
        assert np.isfinite(trained(network, x)).all()
    # Rounding of 7 by the root of 1e-5.
    np.testing.assert_allclose(predicted(network, x), 0, atol=4e-3)
    assert np.isfinite(network.theta).all()
    assert np.isfinite(trained(make(LayerNorm(N), dtype="float32"), x)).all()


def test_a_wider_call_computes_in_its_own_dtype():
    narrow = make(BatchNorm(N), dtype="float32")
    for _ in range(50):
        trained(narrow, X.astype("float32"))
    expected = predicted(narrow.astype("float64"), X)
    found = narrow.forward(X, Workspace(narrow, len(X), dtype=np.dtype("float64")))
    np.testing.assert_allclose(found, expected, rtol=1e-14)
