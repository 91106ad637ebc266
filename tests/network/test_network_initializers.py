"""Starting values: the literature's bounds and variances, and what they do to a signal."""

import math

import numpy as np
import pytest

from sknumpynet.network import ACTIVATIONS, Linear, Network, Workspace, build_layers
from sknumpynet.network.initializers import fill_uniform

FAN_IN, FAN_OUT = 400, 300
# Variances that the papers ask for: Glorot and Bengio 2010 (eq. 12), He et al. 2015 (eq. 10). The
# logistic function has a quarter of tanh's slope at 0, so 16 times the variance.
GLOROT, HE = 2 / (FAN_IN + FAN_OUT), 2 / FAN_IN
VARIANCES = {"identity": GLOROT, "tanh": GLOROT, "logistic": 16 * GLOROT, "relu": HE}
# He's factor 2 makes up for what the relu before takes away. Before the first layer there is none.
FIRST_VARIANCES = VARIANCES | {"relu": GLOROT}


def hidden_layers(name, sizes, n_features):
    """The linear layers of a network, with their initialized parameters."""
    layers = build_layers(n_features, sizes, [name] * len(sizes), 2)
    network = Network.initialized(layers, "float64", np.random.default_rng(0))
    return [
        p
        for layer, p in zip(layers, network.parameters(), strict=True)
        if isinstance(layer, Linear)
    ]


def test_every_activation_has_its_variances():
    assert set(VARIANCES) == set(FIRST_VARIANCES) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize(("place", "variances"), [(0, FIRST_VARIANCES), (1, VARIANCES)])
def test_weights_are_uniform_with_the_variance_of_the_literature(name, place, variances):
    # The layer before, or the table, has FAN_IN columns.
    sizes = [FAN_IN] * place + [FAN_OUT]
    W = hidden_layers(name, sizes, FAN_IN)[place].W
    assert W.shape == (FAN_IN, FAN_OUT)
    bound = math.sqrt(3 * variances[name])
    assert 0.999 * bound < np.abs(W).max() <= bound
    assert W.var() == pytest.approx(variances[name], rel=0.02)
    assert abs(W.mean()) < 5 * math.sqrt(variances[name] / W.size)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_hidden_offsets_spread_within_the_bound_of_the_weights(name):
    for p in hidden_layers(name, (200, 200), 200)[:-1]:
        assert 0.9 * np.abs(p.W).max() < np.abs(p.b).max() <= np.abs(p.W).max() * 1.01


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_the_output_layer_has_variance_for_linear_units_and_offsets_0(name):
    output = hidden_layers(name, (2000,), 3)[-1]
    assert output.W.var() == pytest.approx(2 / (2000 + 2), rel=0.05)
    np.testing.assert_array_equal(output.b, 0)


def test_he_keeps_the_size_of_a_signal_over_five_layers():
    layers = build_layers(200, [600] * 6, ["relu"] * 6, 1)
    network = Network.initialized(layers, "float64", np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(200, 200))
    squares = []
    for layer, p, ws in Workspace(network, 200).steps(200)[:-1]:
        x = layer.forward(x, p, ws)
        if not isinstance(layer, Linear):
            squares.append((x**2).mean())
    assert squares[5] == pytest.approx(squares[0], rel=0.15)


@pytest.mark.parametrize("bound", [0.0, 0.1, 3.0])
def test_fill_uniform_stays_within_its_bound_and_returns_it(bound):
    array = np.full((50, 40), np.nan)
    assert fill_uniform(array, bound, np.random.default_rng(0)) == bound
    assert np.abs(array).max() <= bound
    assert array.std() == pytest.approx(bound / math.sqrt(3), rel=0.05)
