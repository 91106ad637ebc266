"""The one objective: loss, penalty, many batches as one, and the passes that only predict."""

import numpy as np
import pytest

from sknumpynet.losses import BinaryLogLoss, MulticlassLogLoss, Poisson, SquaredError
from sknumpynet.network import Architecture, Network, Workspace, build_layers
from sknumpynet.training import Batch, Objective, constant_loss, mean_loss, raw_scores

N_ROWS = 23
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(N_ROWS, 3)), RNG.normal(size=(N_ROWS, 2))
WEIGHT = RNG.exponential(size=N_ROWS)
WEIGHT /= WEIGHT.mean()


def make_network(sizes=(5,), dtype="float64"):
    layers = build_layers(Architecture(3, sizes, ["tanh"] * len(sizes), 2))
    network = Network.initialized(layers, dtype, np.random.default_rng(1))
    network.theta[:] = np.random.default_rng(2).normal(size=network.theta.size)
    return network


def parts(*sizes, weight=WEIGHT):
    """The data as batches of these sizes."""
    ends = np.cumsum(sizes)
    slices = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    return [Batch(X[s], Y[s], None if weight is None else weight[s]) for s in slices]


def weights_of(network):
    return network.theta[: network.layout.n_decayed]


@pytest.mark.parametrize("sizes", [(23,), (10, 13), (10, 10, 3), (1,) * 23])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("penalty", [0.0, 0.5])
def test_batches_add_up_to_the_whole(sizes, weight, penalty):
    network = make_network()
    objective = Objective(network, SquaredError(), penalty, N_ROWS)
    loss, gradient = objective(network.theta, *parts(N_ROWS, weight=weight))
    gradient = gradient.copy()
    total_loss, total = objective.over(network.theta, parts(*sizes, weight=weight))
    assert total_loss == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(total, gradient, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("sizes", [(23,), (10, 10, 3)])
def test_the_penalty_is_half_the_squared_weights_once(sizes):
    network, penalty = make_network(), 0.5
    free, penalised = (
        Objective(network, SquaredError(), p, N_ROWS).over(network.theta, parts(*sizes))
        for p in (0.0, penalty)
    )
    weights = sum(float((p.W**2).sum()) for p in network.parameters() if hasattr(p, "W"))
    assert penalised[0] - free[0] == pytest.approx(penalty / 2 * weights)
    difference = penalised[1] - free[1]
    n_decayed = network.layout.n_decayed
    np.testing.assert_allclose(difference[:n_decayed], penalty * weights_of(network), rtol=1e-9)
    np.testing.assert_allclose(difference[n_decayed:], 0, atol=1e-15)


def test_no_batch_is_an_error():
    network = make_network()
    with pytest.raises(ValueError, match="no batch"):
        Objective(network, SquaredError(), 0.0, 5).over(network.theta, [])


def test_another_theta_is_copied_into_the_network():
    network, (batch,) = make_network(), parts(N_ROWS)
    objective = Objective(network, SquaredError(), 0.1, N_ROWS)
    there = make_network()
    there.theta *= 0.5
    expected = Objective(there, SquaredError(), 0.1, N_ROWS)(there.theta, batch)
    loss, gradient = objective(there.theta.copy(), batch)
    assert loss == expected[0]
    np.testing.assert_array_equal(gradient, expected[1])
    np.testing.assert_array_equal(network.theta, there.theta)


def test_evaluating_changes_neither_theta_nor_data():
    network, (batch,) = make_network(), parts(N_ROWS)
    before = [a.copy() for a in (network.theta, batch.x, batch.y, batch.weight)]
    Objective(network, SquaredError(), 0.1, N_ROWS)(network.theta, batch)
    for array, expected in zip((network.theta, *batch[:3]), before, strict=True):
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("sizes", [(23,), (10, 10, 3)])
def test_mean_loss_is_the_objective_without_penalty(sizes):
    network = make_network()
    expected = Objective(network, SquaredError(), 0.0, N_ROWS)(network.theta, *parts(N_ROWS))[0]
    value = mean_loss(network, SquaredError(), parts(*sizes), N_ROWS)
    assert value == pytest.approx(expected, rel=1e-12)


def test_mean_loss_in_a_workspace_sees_parameters_that_have_changed():
    layers = build_layers(Architecture(X.shape[1], (5,), ("relu",), 2, n_members=3))
    network = Network.initialized(layers, "float64", np.random.default_rng(0))
    workspace = Workspace(network, N_ROWS)
    for _ in range(3):
        network.theta += np.linspace(0.1, 0.2, network.theta.size)
        again = mean_loss(network, SquaredError(), parts(10, 13), N_ROWS, workspace)
        assert again == mean_loss(network, SquaredError(), parts(10, 13), N_ROWS)


@pytest.mark.parametrize("sizes", [(23,), (7, 7, 7, 2)])
def test_raw_scores_fill_the_rows_in_order(sizes):
    network, out = make_network(), np.full((N_ROWS, 2), np.nan)
    raw_scores(network, SquaredError(), parts(*sizes), out, max(sizes))
    expected = network.forward(X, Workspace(network, N_ROWS))
    np.testing.assert_allclose(out, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (SquaredError(), np.arange(20.0).reshape(10, 2)),
        (Poisson(), np.arange(20.0).reshape(10, 2)),
        (BinaryLogLoss(), np.arange(20).reshape(10, 2) % 2),
        (MulticlassLogLoss(2), np.arange(10) % 2),
    ],
)
@pytest.mark.parametrize("weight", [None, np.linspace(0, 2, 10)])
@pytest.mark.parametrize("block", [3, 4096])
def test_the_loss_of_a_constant(loss, y, weight, block):
    raw = np.array([0.3, -0.7])
    expected = loss.value(np.tile(raw, (10, 1)), y, weight)
    assert constant_loss(loss, raw, y, weight, block) == pytest.approx(expected, rel=1e-12)
