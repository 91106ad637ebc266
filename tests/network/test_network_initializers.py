"""Starting values: the literature's bounds and variances, and what they do to a signal."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from catalogue import ACTIVATIONS, UNIFORM
from catalogue import INITIALIZERS as VARIANCES
from sknumpynet.network import INITIALIZERS, Architecture, Linear, Network, Workspace, build_layers
from sknumpynet.network.initializers import fill_uniform
from sknumpynet.network.layer import Scratch

FAN_IN, FAN_OUT = 400, 300


def hidden_layers(name, sizes, n_features):
    """The linear layers of a network, with their initialized parameters."""
    layers = build_layers(Architecture(n_features, sizes, [name] * len(sizes), 2))
    network = Network.initialized(layers, "float64", np.random.default_rng(0))
    return [
        p
        for layer, p in zip(layers, network.parameters(), strict=True)
        if isinstance(layer, Linear)
    ]


@pytest.mark.parametrize("name", VARIANCES)
@pytest.mark.parametrize(("fan_in", "fan_out"), [(400, 300), (60, 900)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_every_initializer_has_the_variance_of_the_literature(name, fan_in, fan_out, gain):
    W = np.full((fan_in, fan_out), np.nan)
    bound = INITIALIZERS[name](W, np.random.default_rng(0), gain)
    variance = gain**2 * VARIANCES[name](fan_in, fan_out)
    assert W.var() == pytest.approx(variance, rel=0.02)
    assert bound == pytest.approx(math.sqrt(3 * variance))
    if name in UNIFORM:
        assert np.abs(W).max() <= bound


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("place", [0, 1])
def test_weights_are_uniform_with_the_variance_of_the_literature(name, place):
    case = ACTIVATIONS[name]
    initializer = case.initializer if place else case.first_initializer
    gain = case.gain if place else case.first_gain
    variance = gain**2 * VARIANCES[initializer](FAN_IN, FAN_OUT)
    # The layer before, or the table, has FAN_IN columns.
    sizes = [FAN_IN] * place + [FAN_OUT]
    W = hidden_layers(name, sizes, FAN_IN)[place].W
    assert W.shape == (FAN_IN, FAN_OUT)
    bound = math.sqrt(3 * variance)
    assert 0.999 * bound < np.abs(W).max() <= bound
    assert W.var() == pytest.approx(variance, rel=0.02)
    assert abs(W.mean()) < 5 * math.sqrt(variance / W.size)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_hidden_offsets_spread_within_the_bound_of_the_weights(name):
    for p in hidden_layers(name, (200, 200), 200)[:-1]:
        assert 0.9 * np.abs(p.W).max() < np.abs(p.b).max() <= np.abs(p.W).max() * 1.01


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_output_layer_has_variance_for_linear_units_and_offsets_0(name):
    output = hidden_layers(name, (2000,), 3)[-1]
    assert output.W.var() == pytest.approx(2 / (2000 + 2), rel=0.05)
    np.testing.assert_array_equal(output.b, 0)


# With Glorot's, tanh and its like lose some at every layer.
KEEPING = [name for name, case in ACTIVATIONS.items() if case.initializer != "glorot_uniform"]


@pytest.mark.parametrize("name", KEEPING)
def test_a_signal_of_variance_1_leaves_a_layer_with_variance_1(name):
    """Before the activation of one layer and before that of the next (around 0, of all units)."""
    z = np.random.default_rng(1).normal(size=(500, 300))
    activation, linear = build_layers(Architecture(2, [300, 3000], [name] * 2, 1))[1:3]
    p = Network.initialized([linear], "float64", np.random.default_rng(0)).parameters()[0]
    x = activation.forward(z, SimpleNamespace(), Scratch(activation, len(z), z.dtype))
    assert ((x @ p.W) ** 2).mean() == pytest.approx(1, rel=0.06)


def test_he_keeps_the_size_of_a_signal_over_five_layers():
    layers = build_layers(Architecture(200, [600] * 6, ["relu"] * 6, 1))
    network = Network.initialized(layers, "float64", np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(200, 200))
    squares = []
    for layer, p, ws in Workspace(network, 200).steps(200)[:-1]:
        x = layer.forward(x, p, ws)
        if not isinstance(layer, Linear):
            squares.append((x**2).mean())
    assert squares[5] == pytest.approx(squares[0], rel=0.15)


@pytest.mark.parametrize("name", [name for name in VARIANCES if name.endswith("_normal")])
def test_normal_entries_are_normal(name):
    W = np.empty((300, 200))
    INITIALIZERS[name](W, np.random.default_rng(0))
    assert stats.kstest((W / W.std()).ravel(), "norm").pvalue > 0.01


@pytest.mark.parametrize("shape", [(30, 30), (40, 7), (7, 40)])
def test_orthogonal_matrices_are_so_and_of_any_orientation(shape):
    W = np.empty(shape)
    traces = []
    for seed in range(200):
        INITIALIZERS["orthogonal"](W, np.random.default_rng(seed))
        products = W.T @ W if shape[0] >= shape[1] else W @ W.T
        size = 2 * max(1, shape[1] / shape[0])
        np.testing.assert_allclose(products, size * np.eye(min(shape)), atol=1e-12)
        traces.append(np.trace(W))
    # Of uniform ones the mean is 0.
    assert abs(np.mean(traces)) < 4 * np.std(traces) / np.sqrt(200)


@pytest.mark.parametrize("name", VARIANCES)
@pytest.mark.parametrize("residual", [False, True])
def test_a_name_stands_for_all_hidden_layers_whatever_their_activation(name, residual):
    a = Architecture(30, (400, 300), ["gelu", "logistic"], 2, residual=residual, init=name)
    network = Network.initialized(build_layers(a), "float64", np.random.default_rng(0))
    first, second, output = network.arrays("W")
    assert first.var() == pytest.approx(VARIANCES[name](30, 400), rel=0.05)
    assert second.var() == pytest.approx(VARIANCES[name](400, 300), rel=0.02)
    assert output.var() == pytest.approx(2 / (300 + 2), rel=0.15)


def test_blocks_with_a_way_around_add_little_each_so_that_depth_does_not_blow_up():
    a = Architecture(50, (50,) * 21, ["relu"] * 21, 1, residual=True)
    network = Network.initialized(build_layers(a), "float64", np.random.default_rng(0))
    W = network.arrays("W")
    assert W[5].var() == pytest.approx(2 / 50 / 20**1.5, rel=0.1)
    x = np.random.default_rng(1).normal(size=(200, 50))
    sizes = []
    for layer, p, ws in Workspace(network, 200).steps(200)[:-1]:
        x = layer.forward(x, p, ws)
        sizes.append((x**2).mean())
    assert 1 < sizes[-1] / sizes[1] < 20


@pytest.mark.parametrize("bound", [0.0, 0.1, 3.0])
def test_fill_uniform_stays_within_its_bound_and_returns_it(bound):
    array = np.full((50, 40), np.nan)
    assert fill_uniform(array, bound, np.random.default_rng(0)) == bound
    assert np.abs(array).max() <= bound
    assert array.std() == pytest.approx(bound / math.sqrt(3), rel=0.05)
