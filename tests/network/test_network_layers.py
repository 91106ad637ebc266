"""What layers compute, and the contract about overwriting and scratch."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import ACTIVATIONS as CASES
from catalogue import input_of, layers_of
from sknumpynet.network import (
    ACTIVATIONS,
    Architecture,
    Layout,
    Linear,
    Network,
    SparseRows,
    Workspace,
    build_layers,
    sparse,
)
from sknumpynet.network.layer import Scratch

SHAPES = st.fixed_dictionaries(
    {
        "n_features": st.integers(1, 5),
        "hidden": st.lists(
            st.tuples(st.integers(1, 6), st.sampled_from(sorted(CASES))), max_size=3
        ),
        "n_outputs": st.integers(1, 3),
        "max_batch": st.integers(1, 9),
        "seed": st.integers(0, 2**16),
    }
)


def random_network(n_features, hidden, n_outputs, seed, dtype=np.float64):
    """A network with every parameter at random, the output layer too."""
    layers = build_layers(
        Architecture(n_features, [n for n, _ in hidden], [a for _, a in hidden], n_outputs)
    )
    network = Network.initialized(layers, dtype, np.random.default_rng(seed))
    network.theta[:] = np.random.default_rng(seed).normal(size=network.theta.size)
    return network


def run(layer, x):
    return layer.forward(x, SimpleNamespace(), Scratch(layer, len(x), x.dtype))


@pytest.mark.parametrize("name", CASES)
def test_values_of_activations(name):
    x, y = np.array([CASES[name].x]), [CASES[name].y]
    np.testing.assert_allclose(run(ACTIVATIONS[name](n=3), x), y, rtol=1e-15)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_activations_do_not_overflow(name, dtype):
    x = np.array([[-1e30, -1e4, -100, 100, 1e4, 1e30]], dtype=dtype)
    layer = ACTIVATIONS[name](n=6)
    ws = Scratch(layer, 1, x.dtype, training=True)
    y = layer.forward(x, SimpleNamespace(), ws)
    assert np.isfinite(y).all()
    assert np.isfinite(layer.backward(np.ones_like(x), SimpleNamespace(), ws)).all()


@pytest.mark.parametrize("layer", [one for ways in layers_of(4).values() for one in ways])
def test_no_layer_writes_to_its_input(layer):
    layout = Layout([layer])
    p = layout.views(np.ones(layout.size))[0]
    x = input_of(layer, np.random.default_rng(0).normal(size=(3, 4)))
    x.flags.writeable = False
    layer.forward(x, p, Scratch(layer, 3, x.dtype))


def test_relu_has_slope_0_at_the_kink():
    x = np.array([[0.0, -0.0, 1.0]])
    layer = ACTIVATIONS["relu"](n=3)
    ws = Scratch(layer, 1, x.dtype, training=True)
    layer.forward(x, SimpleNamespace(), ws)
    dx = layer.backward(np.full((1, 3), 5.0), SimpleNamespace(), ws)
    np.testing.assert_array_equal(dx, [[0.0, 0.0, 5.0]])


def test_linear_adds_weighted_columns_and_offset():
    p = SimpleNamespace(W=np.array([[1.0, 10.0], [2.0, 20.0]]), b=np.array([0.5, -0.5]))
    x = np.array([[1.0, 1.0], [0.0, 3.0], [0.0, 0.0]])
    layer = Linear(2, 2)
    y = layer.forward(x, p, Scratch(layer, 3, x.dtype))
    np.testing.assert_array_equal(y, [[3.5, 29.5], [6.5, 59.5], [0.5, -0.5]])


def test_a_first_layer_gives_no_gradient_of_the_data():
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
    gradients = []
    for first in (True, False):
        p = SimpleNamespace(W=np.ones((2, 3)), b=np.zeros(3))
        g = SimpleNamespace(W=np.empty((2, 3)), b=np.empty(3))
        layer = Linear(2, 3, first=first)
        ws = Scratch(layer, 4, x.dtype, g, training=True)
        layer.forward(x, p, ws)
        assert (layer.backward(dy.copy(), p, ws) is None) == first
        gradients.append(np.concatenate([g.W.ravel(), g.b]))
    np.testing.assert_array_equal(*gradients)


@settings(max_examples=40, deadline=None)
@given(SHAPES, st.data())
def test_forward_leaves_x_alone_and_rows_do_not_mix(shape, data):
    max_batch, seed = shape.pop("max_batch"), shape["seed"]
    network = random_network(**shape)
    n_rows = data.draw(st.integers(1, max_batch))
    x = np.random.default_rng(seed).normal(size=(max_batch, shape["n_features"]))
    x.flags.writeable = False
    workspace = Workspace(network, max_batch)
    alone = [network.forward(x[i : i + 1], workspace).copy() for i in range(n_rows)]
    network.forward(x, workspace)
    raw = network.forward(x[:n_rows], workspace)
    assert raw.shape == (n_rows, shape["n_outputs"])
    np.testing.assert_allclose(raw, np.concatenate(alone), rtol=1e-10, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(SHAPES)
def test_the_gradient_of_a_batch_is_the_sum_over_its_rows(shape):
    max_batch, seed = shape.pop("max_batch"), shape["seed"]
    network = random_network(**shape)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(max_batch, shape["n_features"]))
    d_raw = rng.normal(size=(max_batch, shape["n_outputs"]))
    workspace = Workspace(network, max_batch, training=True)
    total = np.zeros_like(workspace.gradient)
    for i in range(max_batch):
        network.forward(x[i : i + 1], workspace)
        network.backward(d_raw[i : i + 1].copy(), workspace)
        total += workspace.gradient
    network.forward(x, workspace)
    network.backward(d_raw.copy(), workspace)
    assert workspace.gradient.shape == (network.layout.n_trained,)
    np.testing.assert_allclose(workspace.gradient, total, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("block", [1, 7, 8192])
@pytest.mark.parametrize("shift", [None, np.array([0.5, -2.0, 0.0, 7.0])])
def test_sparse_rows_are_the_dense_matrix_plus_shift(shift, block, monkeypatch):
    monkeypatch.setattr(sparse, "GER_BLOCK", block)
    rng = np.random.default_rng(0)
    matrix = sp.random(6, 4, density=0.4, format="csr", random_state=1)
    dense = matrix.toarray() + (0 if shift is None else shift)
    x, W, dy = SparseRows(matrix, shift), rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    y, dW = np.full((6, 3), np.nan), np.full((4, 3), np.nan)
    x.multiply(W, out=y)
    x.multiply_transposed(dy, dy.sum(axis=0), out=dW)
    assert len(x) == 6
    np.testing.assert_allclose(y, dense @ W, rtol=1e-13)
    np.testing.assert_allclose(dW, dense.T @ dy, rtol=1e-13)


def test_scratch_for_fewer_rows_is_the_first_rows_of_the_same_buffers():
    layer = Linear(3, 2)
    whole = Scratch(layer, 5, np.dtype(np.float32), training=True)
    part = whole.first(3)
    assert part.y.shape == (3, 2)
    assert part.y.dtype == np.float32
    assert np.shares_memory(whole.y[:3], part.y)
    assert not np.shares_memory(whole.y, whole.dx)
    np.testing.assert_array_equal(part.ones, [1, 1, 1])


@pytest.mark.parametrize("layer", [one for ways in layers_of(3).values() for one in ways])
def test_a_caller_that_only_predicts_has_no_buffers_of_the_backward_pass(layer):
    wanted = {name for name, buffer in layer.buffers().items() if not buffer.training}
    assert set(Scratch(layer, 5, np.dtype(np.float32))._buffers) == wanted
    assert "dx" not in wanted
    assert "slope" not in wanted


def test_buffers_are_bound_once_for_each_number_of_rows():
    workspace = Workspace(random_network(3, [(4, "tanh")], 2, 0), 5)
    assert workspace.steps(3) is workspace.steps(3)
    for (_, _, part), (_, _, whole) in zip(workspace.steps(3), workspace.steps(5), strict=True):
        assert np.shares_memory(part.y, whole.y)
