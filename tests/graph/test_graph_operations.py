"""Values of the operations: known numbers, extreme arguments, and shapes that must be refused."""

import numpy as np
import pytest

from sknumpynet.graph import (
    Add,
    Input,
    Linear,
    MatMul,
    MeanSquaredError,
    Parameter,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
    backpropagate,
    evaluate,
)


def value_and_gradient(operation, x):
    x = Input(x)
    y = operation(x)
    evaluate(y)
    backpropagate(y)
    return y.value, x.gradient


def test_sigmoid_is_exact_far_from_zero():
    y, dx = value_and_gradient(Sigmoid, [-800.0, -40.0, 0.0, 40.0, 800.0])
    # For x = -40, 1 / (1 + exp(40)) = exp(-40) up to a relative 4e-18.
    np.testing.assert_allclose(y, [0, np.exp(-40), 0.5, 1, 1], rtol=1e-15)
    np.testing.assert_allclose(dx[:4], [0, np.exp(-40), 0.25, 0], rtol=1e-15, atol=1e-20)
    assert np.isfinite(dx).all()


def test_relu_at_its_kink_has_gradient_zero():
    y, dx = value_and_gradient(ReLU, [-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(y, [0, 0, 2])
    np.testing.assert_array_equal(dx, [0, 0, 1])


def test_tanh_far_from_zero():
    y, dx = value_and_gradient(Tanh, [-800.0, 0.0, 800.0])
    np.testing.assert_array_equal(y, [-1, 0, 1])
    np.testing.assert_array_equal(dx, [0, 1, 0])


def test_softmax_known_probabilities_and_extreme_scores():
    scores = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]])
    np.testing.assert_allclose(
        evaluate(Softmax(scores)), [[0.125, 0.25, 0.625], [0.375, 0.375, 0.25]], rtol=1e-14
    )
    np.testing.assert_array_equal(evaluate(Softmax(Input([[1e4, -1e4, 1e4]]))), [[0.5, 0, 0.5]])


def test_cross_entropy_known_loss_and_gradient():
    scores = Input(np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))
    targets = Input([[0, 0, 1], [1, 0, 0]])
    loss = SoftmaxCrossEntropy(scores, targets)
    assert evaluate(loss) == pytest.approx(-(np.log(0.625) + np.log(0.375)) / 2, rel=1e-14)
    backpropagate(loss)
    probabilities = np.array([[0.125, 0.25, 0.625], [0.375, 0.375, 0.25]])
    np.testing.assert_allclose(scores.gradient, (probabilities - targets.value) / 2, rtol=1e-14)


def test_cross_entropy_of_a_hopeless_score_is_finite_and_exact():
    scores = Input([[0.0, 5000.0]])
    loss = SoftmaxCrossEntropy(scores, Input([[1, 0]]))
    assert evaluate(loss) == 5000
    backpropagate(loss)
    np.testing.assert_array_equal(scores.gradient, [[-1, 1]])


def test_mean_squared_error_is_the_mean_over_all_entries():
    prediction, target = Input([[1, 2], [3, 4]]), Input([[1, 2], [3, 8]])
    loss = MeanSquaredError(prediction, target)
    assert evaluate(loss) == 4
    backpropagate(loss)
    np.testing.assert_array_equal(prediction.gradient, [[0, 0], [0, -2]])
    np.testing.assert_array_equal(target.gradient, [[0, 0], [0, 2]])


def test_linear_equals_matmul_and_add():
    rng = np.random.default_rng(0)
    X, W, b = Input(rng.normal(size=(5, 3))), Parameter(rng.normal(size=(3, 2))), Parameter([1, 2])
    gradients = []
    for layer in (Linear(X, W, b), X @ W + b):
        loss = MeanSquaredError(layer, np.ones((5, 2)))
        evaluate(loss)
        backpropagate(loss)
        gradients.append([node.gradient for node in (X, W, b)])
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)


def arrays(*shapes):
    return [Input(np.ones(shape), name=name) for name, shape in zip("ABC", shapes, strict=False)]


@pytest.mark.parametrize(
    ("operation", "shapes", "reason"),
    [
        (Add, [(2, 3), (2,)], "broadcast"),
        (MatMul, [(2, 3), (2, 3)], "as many columns"),
        (MatMul, [(2, 3), (3,)], "must be matrices"),
        (MatMul, [(), (3, 2)], "must be matrices"),
        (Linear, [(2, 3), (4, 5), (5,)], "as many columns"),
        (Linear, [(2, 3), (3, 5), (2,)], "one entry for each column"),
        (Linear, [(2, 3), (3, 5), (2, 1)], "one entry for each column"),
        (Linear, [(2, 3), (3, 5), ()], "one entry for each column"),
        (Softmax, [(3,)], "must be a matrix"),
        (SoftmaxCrossEntropy, [(3,), (3,)], "must be a matrix"),
        (SoftmaxCrossEntropy, [(2, 3), (2, 1)], "same shape"),
        (SoftmaxCrossEntropy, [(2, 3), (2, 3)], "must sum to 1"),
        (MeanSquaredError, [(3, 1), (3,)], "same shape"),
    ],
)
def test_the_error_names_the_node_its_inputs_their_shapes_and_the_reason(operation, shapes, reason):
    inputs = arrays(*shapes)
    node = operation(*inputs, name="the culprit")
    after = ReLU(node) + 1
    with pytest.raises(ValueError, match=reason) as error:
        evaluate(after)
    message = str(error.value)
    assert f"{operation.__name__} 'the culprit'" in message
    for source, shape in zip(inputs, shapes, strict=True):
        assert f"{source.name!r} {shape}" in message


def test_the_error_of_a_node_without_name_names_its_inputs():
    X, W = Input(np.ones((2, 3)), name="X"), Parameter(np.ones((2, 3)), name="W")
    with pytest.raises(ValueError, match=r"MatMul\('X', 'W'\) cannot be computed"):
        evaluate(X @ W)
