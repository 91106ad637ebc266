"""The gradient table: every layer and every loss against differences of the one objective.

They are those of the catalogue. In float64, to 1e-6.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from catalogue import ACTIVATIONS, LOSSES, input_of, layers_of
from sknumpynet import network
from sknumpynet.inspection import check_gradient
from sknumpynet.network import (
    Architecture,
    Layer,
    Layout,
    Linear,
    Network,
    RunningNorm,
    SparseRows,
    build_layers,
)
from sknumpynet.network.layer import Scratch
from sknumpynet.training import Batch, Objective

N_ROWS, N_FEATURES = 11, 4

# Hidden layers by their activations; the sizes differ from each other.
NETWORKS = {
    "no hidden layer": [],
    **{name: [name] for name in ACTIVATIONS},
    "three relu": ["relu"] * 3,
    "mixed": ["tanh", "relu", "identity", "logistic"],
}
SIZES = (6, 5, 7, 2)


def rows(kind):
    """A batch's x: dense, or sparse with a shift beside it."""
    rng = np.random.default_rng(1)
    if kind == "dense":
        return rng.normal(size=(N_ROWS, N_FEATURES))
    matrix = sp.random(N_ROWS, N_FEATURES, density=0.5, format="csr", random_state=2)
    return SparseRows(matrix, rng.normal(size=N_FEATURES) if kind == "sparse, shifted" else None)


def objective_error(layers, loss, batch, penalty):
    net = Network.initialized(layers, "float64", np.random.default_rng(3))
    net.theta[:] += np.random.default_rng(4).normal(0, 0.3, size=net.theta.size)
    objective = Objective(net, loss, penalty, N_ROWS)
    return check_gradient(lambda theta: objective(theta, batch), net.theta.copy()).error


@pytest.mark.parametrize(
    ("kind", "weighted", "penalty"),
    [
        ("dense", False, 0.0),
        ("dense", True, 0.7),
        ("sparse", True, 0.7),
        ("sparse, shifted", False, 0.7),
    ],
)
# A network and a loss meet in one array, the raw scores and their gradient: each network with one
# loss of several scores, and each loss with one network, are all there is to their product.
@pytest.mark.parametrize(
    ("name", "loss"),
    [
        *((name, "multiclass") for name in NETWORKS),
        *(("mixed", loss) for loss in LOSSES),
    ],
)
def test_gradient_of_the_objective(name, loss, kind, weighted, penalty):
    activations, case = NETWORKS[name], LOSSES[loss]
    layers = build_layers(
        Architecture(N_FEATURES, SIZES[: len(activations)], activations, case.n_raw)
    )
    weight = np.linspace(0, 2, N_ROWS) if weighted else None
    batch = Batch(rows(kind), case.data(N_ROWS), weight)
    assert objective_error(layers, case.loss, batch, penalty) < 1e-6


@pytest.mark.parametrize(
    "layer", [layer for layers in layers_of(N_FEATURES).values() for layer in layers]
)
def test_gradient_of_a_layer_by_its_input_and_parameters(layer):
    """Of ``sum c y`` for random c, with respect to x and to the parameters, one after the other."""
    rng = np.random.default_rng(5)
    layout = Layout([layer])
    theta = rng.normal(size=layout.size)
    if isinstance(layer, RunningNorm):
        # Its last statistics are variances and a share.
        theta[layout.n_trained :] = np.abs(theta[layout.n_trained :])
    x = rng.uniform(0.1, 2, size=(N_ROWS, N_FEATURES)) * rng.choice([-1, 1], (N_ROWS, N_FEATURES))
    x = input_of(layer, x)

    def run(x, theta):
        g = np.full(layout.n_trained, np.nan)
        draws = np.random.default_rng(8)
        ws = Scratch(layer, N_ROWS, np.dtype("float64"), layout.views(g)[0], draws, training=True)
        p = layout.views(theta)[0]
        y = layer.forward(x, p, ws)
        c = np.cos(np.arange(y.size)).reshape(y.shape)
        value = float((c * y).sum())
        return value, layer.backward(c, p, ws), g

    def by_input(v):
        value, dx, _ = run(v.reshape(x.shape), theta)
        return value, dx.ravel()

    def by_parameters(v):
        value, _, g = run(x, v)
        return value, g

    if not getattr(layer, "first", False):
        assert check_gradient(by_input, x.ravel()).error < 1e-6
    if layout.n_trained:
        assert check_gradient(by_parameters, theta).error < 1e-6


@pytest.mark.parametrize("case", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_of_a_loss_by_the_raw_scores(case, weighted):
    loss, y = case.loss, case.data(N_ROWS)
    raw = np.random.default_rng(6).normal(0, 2, size=(N_ROWS, case.n_raw))
    weight = np.linspace(0, 2, N_ROWS) if weighted else None

    def evaluate(v):
        d_raw = np.empty_like(raw)
        return loss.value(v.reshape(raw.shape), y, weight, d_raw), d_raw.ravel()

    assert check_gradient(evaluate, raw.ravel()).error < 1e-7


def test_statistics_have_no_gradient():
    """A made-up layer that shifts by a statistic: the gradient ends before it."""

    class Shift(Layer):
        def parameters(self):
            return {"mean": network.Parameter((N_FEATURES,), "statistic")}

        def forward(self, x, p: SimpleNamespace, ws):
            return x - p.mean

        def backward(self, dy, p, ws):
            return dy

    case = LOSSES["squared_error"]
    layers = [Shift(), Linear(N_FEATURES, case.n_raw)]
    net = Network(layers, np.random.default_rng(7).normal(size=Layout(layers).size))
    objective = Objective(net, case.loss, 0.3, N_ROWS)
    batch = Batch(rows("dense"), case.data(N_ROWS))
    assert objective(net.theta, batch)[1].size == net.theta.size - N_FEATURES
    assert check_gradient(lambda theta: objective(theta, batch), net.theta.copy()).error < 1e-6
