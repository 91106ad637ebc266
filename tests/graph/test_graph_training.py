"""Learning with the graph as a reader would write it: regression, digits, a list of layers."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits

from sknumpynet.graph import (
    Input,
    Linear,
    MeanSquaredError,
    Parameter,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    backpropagate,
    evaluate,
    find_parameters,
    sgd_update,
)


def dense(x, n_inputs, n_outputs, rng, name):
    W = Parameter(rng.normal(size=(n_inputs, n_outputs)) / np.sqrt(n_inputs), name=f"W {name}")
    b = Parameter(np.zeros(n_outputs), name=f"b {name}")
    return Linear(x, W, b, name=name)


def train(loss, steps, learning_rate):
    costs = []
    for _ in range(steps):
        costs.append(float(evaluate(loss)))
        backpropagate(loss)
        sgd_update(find_parameters(loss), learning_rate)
    return costs


def test_a_two_layer_network_on_diabetes():
    rng = np.random.default_rng(0)
    data, target = load_diabetes(return_X_y=True)
    X = Input(data / data.std(axis=0))
    y = Input(((target - target.mean()) / target.std()).reshape(-1, 1))
    hidden = Sigmoid(dense(X, 10, 8, rng, "hidden"))
    loss = MeanSquaredError(dense(hidden, 8, 1, rng, "output"), y)
    costs = train(loss, steps=300, learning_rate=0.1)
    assert costs[0] > 0.9  # the variance of y is 1
    assert costs[-1] < 0.55


def test_mini_batches_of_digits():
    rng = np.random.default_rng(0)
    images, labels = load_digits(return_X_y=True)
    images = images / 16
    shuffled = rng.permutation(len(images))
    training, test = shuffled[:1400], shuffled[1400:]

    X, T = Input(name="images"), Input(name="targets")
    hidden = ReLU(dense(X, 64, 50, rng, "hidden"))
    scores = dense(hidden, 50, 10, rng, "scores")
    loss = SoftmaxCrossEntropy(scores, T)
    one_hot = np.eye(10)
    for _ in range(20):
        for batch in np.array_split(rng.permutation(training), 44):
            X.value, T.value = images[batch], one_hot[labels[batch]]
            evaluate(loss)
            backpropagate(loss)
            sgd_update(find_parameters(loss), learning_rate=0.3)

    X.value = images[test]
    accuracy = (evaluate(scores).argmax(axis=1) == labels[test]).mean()
    assert accuracy >= 0.95


@pytest.mark.parametrize("activations", [[Tanh], [Tanh, Tanh], [Sigmoid, Tanh, Tanh]])
def test_a_list_of_layers_of_any_length(activations):
    rng = np.random.default_rng(0)
    X = np.array([[1, 1], [0, 0], [12, 5]])
    layer, width = Input(X), 2
    for i, activation in enumerate(activations):
        layer, width = activation(dense(layer, width, 8, rng, f"hidden {i}")), 8
    loss = MeanSquaredError(dense(layer, width, 1, rng, "output"), [[1], [0], [-1]])
    assert train(loss, steps=3000, learning_rate=0.1)[-1] < 1e-3
