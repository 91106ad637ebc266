"""One dtype end to end: in training a float32 network no float64 array arises.

A spy, an ndarray that notes the dtype of every array made from it or computed with it, stands in
for theta, the inputs, and every buffer that is allocated on the way.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse as sp

from catalogue import ACTIVATIONS, LOSSES, OPTIMIZER_BUILDERS
from sknumpynet.losses import BinaryLogLoss
from sknumpynet.network import Architecture, Network, SparseRows, build_layers
from sknumpynet.network.activations.table import Tanh
from sknumpynet.optimizers import SGD
from sknumpynet.training import Batch, Objective

N_ROWS, N_FEATURES = 12, 4
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


def spy(array):
    return array.astype(SINGLE).view(Spy)


def rows(kind):
    if kind == "dense":
        return spy(np.random.default_rng(1).normal(size=(N_ROWS, N_FEATURES)))
    matrix = sp.random(N_ROWS, N_FEATURES, 0.5, format="csr", dtype=SINGLE, random_state=0)
    return SparseRows(matrix, spy(np.ones(N_FEATURES)))


def train(case, kind="dense", *, layer=None, loss=None, make=None, n_steps=70, **more):
    """Some steps (70: Adam looks after its moments every 64), with weights and penalty.

    ``layer`` stands in for the first activation, ``loss`` for that of the case; ``make`` is
    (learning rate, size) -> optimizer, ``more`` are options of the architecture.
    """
    layers = build_layers(
        Architecture(N_FEATURES, [5] * len(ACTIVATIONS), [*ACTIVATIONS], case.n_raw, **more)
    )
    layers[1] = layer or layers[1]
    network = Network.initialized(layers, SINGLE, np.random.default_rng(2))
    network.theta = network.theta.view(Spy)
    y = case.data(N_ROWS)
    batch = Batch(rows(kind), spy(y) if y.dtype.kind == "f" else y, spy(np.linspace(0, 2, N_ROWS)))
    make = make or OPTIMIZER_BUILDERS["adam"][1]
    optimizer = make(0.001, network.layout.n_trained)
    Spy.seen.clear()  # The starting values are drawn in float64.
    objective = Objective(network, loss or case.loss, 0.1, N_ROWS, np.random.default_rng(3))
    for _ in range(n_steps):
        _, gradient = objective(network.theta, batch)
        theta = network.theta[: network.layout.n_trained]
        optimizer.to_training(theta)
        optimizer.step(theta, gradient)
        optimizer.to_evaluation(theta)
    objective.over(network.theta, [batch, batch])
    assert isinstance(gradient, Spy)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
@pytest.mark.parametrize("case", LOSSES.values(), ids=LOSSES)
def test_the_objective_stays_in_float32(case, kind, seen):
    train(case, kind, n_steps=2)
    assert seen() == {SINGLE}


@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
@pytest.mark.parametrize("residual", [False, True])
def test_all_layers_stay_in_float32(normalization, residual, seen):
    more = {
        "normalization": normalization,
        "residual": residual,
        "dropout": [0.2] * len(ACTIVATIONS),
    }
    train(LOSSES["squared_error"], n_steps=2, **more)
    assert seen() == {SINGLE}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZER_BUILDERS)
def test_steps_stay_in_float32(name, seen):
    train(LOSSES["squared_error"], make=OPTIMIZER_BUILDERS[name][1])
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
        return super().value(raw, y * np.ones(y.shape[1]), weight, d_raw)


class DoubleStep(SGD):
    def step(self, theta, gradient):
        theta -= 0.1 * gradient.astype("float64")


@pytest.mark.parametrize("layer", [DoubleForward(n=5), DoubleBackward(n=5)])
def test_the_spy_sees_a_layer_that_leaves_float32(layer, seen):
    train(LOSSES["squared_error"], layer=layer, n_steps=1)
    assert np.dtype("float64") in seen()


def test_the_spy_sees_a_loss_that_leaves_float32(seen):
    train(LOSSES["multilabel"], loss=DoubleTarget(), n_steps=1)
    assert np.dtype("float64") in seen()


def test_the_spy_sees_an_optimizer_that_leaves_float32(seen):
    train(LOSSES["squared_error"], make=lambda lr, size: DoubleStep(lr), n_steps=1)
    assert np.dtype("float64") in seen()
