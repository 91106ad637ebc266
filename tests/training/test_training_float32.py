"""One dtype end to end: in training a float32 network no float64 array arises.

A spy, an ndarray that notes the dtype of every array made from it or computed with it, stands in
for theta, the inputs, and every buffer that is allocated on the way.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse as sp

from sknumpynet.losses import BinaryLogLoss, MulticlassLogLoss, Poisson, SquaredError
from sknumpynet.network import Network, SparseRows, build_layers
from sknumpynet.network.activations import Tanh
from sknumpynet.optimizers import SGD, Adam
from sknumpynet.training import Batch, Objective

N_ROWS, N_FEATURES, N_OUTPUTS = 12, 4, 3
SINGLE = np.dtype("float32")


class Spy(np.ndarray):
    """Notes the dtypes of all arrays of real numbers (scalars are free, and sums are float64)."""

    seen: set = set()  # noqa: RUF012

    def __array_finalize__(self, other):
        self.note(self)

    @classmethod
    def note(cls, array):
        if array.ndim and array.dtype.kind == "f":
            cls.seen.add(array.dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        for array in inputs:
            if isinstance(array, np.ndarray):
                self.note(array)
        plain = [np.asarray(x) if isinstance(x, Spy) else x for x in inputs]
        if out is not None:
            options["out"] = tuple(np.asarray(o) if isinstance(o, Spy) else o for o in out)
        result = getattr(ufunc, method)(*plain, **options)
        if out is not None:
            return out[0]
        return result.view(Spy) if isinstance(result, np.ndarray) else result


@pytest.fixture
def seen(monkeypatch):
    """The dtypes seen; whatever the package allocates is a spy, too."""
    for name in ("empty", "zeros", "ones"):
        allocate = getattr(np, name)
        monkeypatch.setattr(
            np, name, lambda *a, allocate=allocate, **k: allocate(*a, **k).view(Spy)
        )
    monkeypatch.setattr(Spy, "seen", set())
    return lambda: Spy.seen


RNG = np.random.default_rng(0)
LOSSES = [
    (SquaredError(), RNG.normal(size=(N_ROWS, N_OUTPUTS))),
    (Poisson(), RNG.poisson(2.0, size=(N_ROWS, N_OUTPUTS))),
    (BinaryLogLoss(), RNG.integers(0, 2, size=(N_ROWS, N_OUTPUTS))),
    (MulticlassLogLoss(N_OUTPUTS), RNG.integers(0, N_OUTPUTS, size=N_ROWS)),
]
OPTIMIZERS = [SGD(0.1), SGD(0.1, nesterov=False), SGD(0.1, 0.0), Adam()]


def spy(array):
    return array.astype(SINGLE).view(Spy)


def rows(kind):
    if kind == "dense":
        return spy(np.random.default_rng(1).normal(size=(N_ROWS, N_FEATURES)))
    matrix = sp.random(N_ROWS, N_FEATURES, 0.5, format="csr", dtype=SINGLE, random_state=0)
    return SparseRows(matrix, spy(np.ones(N_FEATURES)))


def train(layers, loss, y, kind="dense", optimizer=None, n_steps=70):
    """Some steps (70: Adam looks after its moments every 64), with weights and penalty."""
    network = Network.initialized(layers, SINGLE, np.random.default_rng(2))
    network.theta = network.theta.view(Spy)
    y = spy(y) if y.ndim == 2 else y
    batch = Batch(rows(kind), y, spy(np.linspace(0, 2, N_ROWS)))
    optimizer = optimizer or Adam()
    Spy.seen.clear()  # The starting values are drawn in float64.
    objective = Objective(network, loss, 0.1, N_ROWS)
    for _ in range(n_steps):
        _, gradient = objective(network.theta, batch)
        optimizer.step(network.theta[: network.layout.n_trained], gradient)
    objective.over(network.theta, [batch, batch])
    assert isinstance(gradient, Spy)


def make_layers(activations=("relu", "tanh", "logistic", "identity")):
    return build_layers(N_FEATURES, (5, 4, 3, 2), activations, N_OUTPUTS)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
@pytest.mark.parametrize(("loss", "y"), LOSSES, ids=lambda value: type(value).__name__)
def test_the_objective_stays_in_float32(loss, y, kind, seen):
    train(make_layers(), loss, y, kind, n_steps=2)
    assert seen() == {SINGLE}


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_steps_stay_in_float32(optimizer, seen):
    train(make_layers(), *LOSSES[0], optimizer=optimizer)
    assert seen() == {SINGLE}


@dataclass(frozen=True)
class DoubleForward(Tanh):
    def forward(self, x, p, ws):
        return super().forward(x.astype("float64"), p, ws)


@dataclass(frozen=True)
class DoubleBackward(Tanh):
    def backward(self, dy, p, ws):
        # What np.sqrt(2.0) does to a float32 array in NumPy 2.
        dy *= np.array([2.0]) * np.sqrt(ws.y * ws.y)
        return dy


class DoubleTarget(BinaryLogLoss):
    def value(self, raw, y, weight, d_raw=None):
        return super().value(raw, y * np.ones(N_OUTPUTS), weight, d_raw)


class DoubleStep(SGD):
    def step(self, theta, gradient):
        theta -= 0.1 * gradient.astype("float64")


@pytest.mark.parametrize("layer", [DoubleForward(5), DoubleBackward(5)])
def test_the_spy_sees_a_layer_that_leaves_float32(layer, seen):
    layers = make_layers()
    layers[1] = layer
    train(layers, *LOSSES[0], n_steps=1)
    assert np.dtype("float64") in seen()


def test_the_spy_sees_a_loss_that_leaves_float32(seen):
    train(make_layers(), DoubleTarget(), LOSSES[2][1], n_steps=1)
    assert np.dtype("float64") in seen()


def test_the_spy_sees_an_optimizer_that_leaves_float32(seen):
    train(make_layers(), *LOSSES[0], optimizer=DoubleStep(0.1), n_steps=1)
    assert np.dtype("float64") in seen()
