"""The graph and the core, two derivations of one gradient: they agree to 1e-10 in float64.

The graph knows a formula per node and adds over all uses; the core knows layers that write to views
of one vector. They share no code but NumPy, so an error would have to be made twice to pass here.
"""

import numpy as np
import pytest
import scipy.sparse as sp

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, graph
from sknumpynet.losses import BinaryLogLoss, MulticlassLogLoss, SquaredError
from sknumpynet.network import ACTIVATIONS, Architecture, Linear, Network, SparseRows, build_layers
from sknumpynet.training import Batch, Objective

N_ROWS, N_COLUMNS = 9, 4

#: What the core calls an activation, as a node of the graph.
NODES = {
    "identity": lambda node: node,
    "logistic": graph.Sigmoid,
    "relu": graph.ReLU,
    "tanh": graph.Tanh,
}

NETWORKS = [
    ((), ()),
    ((5,), ("identity",)),
    ((5,), ("logistic",)),
    ((5,), ("relu",)),
    ((5,), ("tanh",)),
    ((6, 3, 5, 4), ("relu", "tanh", "identity", "logistic")),
]


def squared_error(scores, y, n_outputs):
    """The core halves the squares, sums over outputs and averages over rows."""
    return graph.MeanSquaredError(scores, y) * (n_outputs / 2)


def multiclass(scores, y, n_outputs):
    return graph.SoftmaxCrossEntropy(scores, np.eye(n_outputs)[y])


def binary(scores, y, n_outputs):
    """One score s is a softmax of the two scores 0 and s."""
    two_scores = scores @ np.array([[0.0, 1.0]])
    return graph.SoftmaxCrossEntropy(two_scores, np.hstack([1 - y, y]))


def real_targets(rng, n_outputs):
    return rng.normal(size=(N_ROWS, n_outputs))


def labels(rng, n_outputs):
    return rng.integers(n_outputs, size=N_ROWS)


def zeros_and_ones(rng, n_outputs):
    return rng.integers(2, size=(N_ROWS, 1)).astype(float)


LOSSES = {
    "squared_error": (SquaredError(), squared_error, real_targets, 1),
    "squared_error of three": (SquaredError(), squared_error, real_targets, 3),
    "multiclass": (MulticlassLogLoss(3), multiclass, labels, 3),
    "binary": (BinaryLogLoss(), binary, zeros_and_ones, 1),
}


def random_network(rng, sizes, activations, n_outputs):
    """All parameters drawn at random, also those that the core would start at 0."""
    layers = build_layers(Architecture(N_COLUMNS, sizes, activations, n_outputs))
    network = Network.initialized(layers, "float64", rng)
    network.theta[:] = rng.normal(size=network.theta.size)
    return network


def as_graph(network, X):
    """The raw scores as a node, and its parameters in the order of the core's linear layers."""
    node, parameters = graph.Input(X), []
    for layer, p in zip(network.layers, network.parameters(), strict=True):
        if isinstance(layer, Linear):
            W, b = graph.Parameter(p.W), graph.Parameter(p.b)
            parameters += [W, b]
            node = graph.Linear(node, W, b)
        else:
            (name,) = (name for name, kind in ACTIVATIONS.items() if type(layer) is kind)
            node = NODES[name](node)
    return node, parameters


def in_pairs(network, vector):
    """The arrays of a vector like theta in the order of ``as_graph``: W, b, W, b, ..."""
    views = [p for p in network.layout.views(vector) if hasattr(p, "W")]
    return [array for p in views for array in (p.W, p.b)]


def compare(network, loss, batch, graph_loss, parameters, penalty=0.0):
    """Loss and every gradient, by the core's Objective and by the graph; returns the latter."""
    value, gradient = Objective(network, loss, penalty, len(batch.x))(network.theta, batch)
    assert value == pytest.approx(float(graph.evaluate(graph_loss)), rel=1e-12)
    graph.backpropagate(graph_loss)
    expected = [parameter.gradient for parameter in parameters]
    scale = max(np.abs(array).max() for array in expected)
    for ours, array in zip(in_pairs(network, gradient), expected, strict=True):
        np.testing.assert_allclose(ours, array, rtol=0, atol=1e-10 * scale)
    return expected


def test_every_activation_with_a_node_is_compared():
    assert set(NODES) <= set(ACTIVATIONS)
    assert {name for _, names in NETWORKS for name in names} == set(NODES)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(("sizes", "activations"), NETWORKS, ids=lambda value: str(value))
def test_loss_and_gradient(name, sizes, activations):
    loss, node, targets, n_outputs = LOSSES[name]
    rng = np.random.default_rng([len(sizes), n_outputs])
    network = random_network(rng, sizes, activations, n_outputs)
    X, y = rng.normal(size=(N_ROWS, N_COLUMNS)), targets(rng, n_outputs)
    scores, parameters = as_graph(network, X)
    gradients = compare(network, loss, Batch(X, y), node(scores, y, n_outputs), parameters)
    assert all(np.any(gradient != 0) for gradient in gradients)


def test_at_the_kink_of_relu():
    """With all hidden parameters 0 every unit is at its kink, where both take the slope 0."""
    rng = np.random.default_rng(0)
    network = random_network(rng, (5, 4), ("relu", "relu"), 2)
    for p in network.parameters()[:-1]:
        for array in vars(p).values():
            array[...] = 0
    X, y = rng.normal(size=(N_ROWS, N_COLUMNS)), real_targets(rng, 2)
    scores, parameters = as_graph(network, X)
    loss = squared_error(scores, y, 2)
    gradients = compare(network, SquaredError(), Batch(X, y), loss, parameters)
    assert [bool(np.any(gradient != 0)) for gradient in gradients] == [False] * 5 + [True]


def test_penalty():
    rng = np.random.default_rng(1)
    network = random_network(rng, (5, 4), ("tanh", "relu"), 2)
    X, y = rng.normal(size=(N_ROWS, N_COLUMNS)), real_targets(rng, 2)
    scores, parameters = as_graph(network, X)
    total = squared_error(scores, y, 2)
    for W in parameters[::2]:  # 0.5 * 0.3 * the sum of the squared weights
        squares = graph.MeanSquaredError(W, np.zeros(W.value.shape)) * W.value.size
        total = total + 0.5 * 0.3 * squares
    compare(network, SquaredError(), Batch(X, y), total, parameters, penalty=0.3)


def test_weights_of_rows():
    rng = np.random.default_rng(2)
    network = random_network(rng, (5,), ("logistic",), 2)
    X, y = rng.normal(size=(N_ROWS, N_COLUMNS)), real_targets(rng, 2)
    weight = rng.uniform(0, 3, size=N_ROWS)
    scores, parameters = as_graph(network, X)
    root = np.sqrt(weight).reshape(-1, 1)
    weighted = squared_error(scores * root, root * y, 2)
    compare(network, SquaredError(), Batch(X, y, weight), weighted, parameters)


def test_sparse_rows_with_a_shift():
    rng = np.random.default_rng(3)
    network = random_network(rng, (5,), ("tanh",), 3)
    matrix = sp.random(N_ROWS, N_COLUMNS, density=0.4, format="csr", random_state=0)
    shift = rng.normal(size=N_COLUMNS)
    y = labels(rng, 3)
    scores, parameters = as_graph(network, matrix.toarray() + shift)
    batch = Batch(SparseRows(matrix, shift), y)
    compare(network, MulticlassLogLoss(3), batch, multiclass(scores, y, 3), parameters)


@pytest.mark.parametrize("estimator", [NumpyMLPRegressor, NumpyMLPClassifier])
def test_twenty_steps_of_a_fit(estimator):
    """With all rows in a batch, an epoch of the estimator is a step of ``sgd_update``."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(30, N_COLUMNS))
    model = estimator(
        (6, 5),
        ("tanh", "relu"),
        solver="sgd",
        momentum=0,
        batch_size=30,
        learning_rate_init=0.1,
        alpha=0,
        feature_scaling=None,
        dtype="float64",
        random_state=0,
    )
    if estimator is NumpyMLPRegressor:
        y, loss_node, raw_scores = rng.normal(size=(30, 2)), squared_error, model.predict
        model.set_params(target_scaling=False).partial_fit(X, y)
    else:
        y, loss_node, raw_scores = np.arange(30) % 3, multiclass, model.decision_function
        model.partial_fit(X, y, classes=[0, 1, 2])

    scores, parameters = as_graph(model.network_, X)
    loss = loss_node(scores, y, model.n_outputs_)
    losses = []
    for _ in range(20):
        losses.append(float(graph.evaluate(loss)))
        graph.backpropagate(loss)
        graph.sgd_update(parameters, learning_rate=0.1)
        model.partial_fit(X, y)

    assert losses[-1] < losses[0]
    np.testing.assert_allclose(model.loss_curve_[1:], losses, rtol=1e-10)
    arrays = in_pairs(model.network_, model.network_.theta)
    for ours, parameter in zip(arrays, parameters, strict=True):
        np.testing.assert_allclose(ours, parameter.value, rtol=0, atol=1e-10)
    np.testing.assert_allclose(raw_scores(X), graph.evaluate(scores), rtol=0, atol=1e-10)
