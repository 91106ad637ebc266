"""Every operation against central differences, and wrong operations that the check must reject."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from sknumpynet.graph import (
    Add,
    Input,
    Linear,
    MatMul,
    MeanSquaredError,
    Multiply,
    Node,
    Parameter,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
    backpropagate,
    evaluate,
    operations,
    topological_order,
)


def numerical_gradient(node, x, step=1e-5):
    """Return ``(f(x + step) - f(x - step)) / (2 step)`` for each entry of x, f the sum of node.

    The error is of the order of step^2 from the curvature and 1e-16 / step from rounding, so about
    1e-10 in each.
    """
    original = x.value
    gradient = np.zeros_like(original)
    for index in np.ndindex(original.shape):
        ends = []
        for sign in (1, -1):
            moved = original.copy()
            moved[index] += sign * step
            x.value = moved
            ends.append(evaluate(node).sum())
        gradient[index] = (ends[0] - ends[1]) / (2 * step)
    x.value = original
    return gradient


def check_gradients(node):
    """Compare the gradients of all inputs of the graph with the numerical ones.

    The entries of ``node`` are weighted at random, as errors may cancel in a plain sum.
    """
    shape = evaluate(node).shape
    weighted = node * np.random.default_rng(1).uniform(1, 2, shape)
    evaluate(weighted)
    backpropagate(weighted)
    leaves = [x for x in topological_order(node) if isinstance(x, Input)]
    for x in leaves:
        expected = numerical_gradient(weighted, x)
        assert x.gradient.shape == x.value.shape
        np.testing.assert_allclose(x.gradient, expected, rtol=1e-6, atol=1e-6)


def normal(*shape, seed=0):
    return Input(np.random.default_rng([seed, *shape]).normal(size=shape))


def away_from_zero(*shape):
    x = normal(*shape)
    x.value = x.value + 0.1 * np.sign(x.value)  # no kink of ReLU within the step
    return x


CASES = {
    Add: lambda: Add(normal(3, 2), normal(3, 2, seed=1)),
    Multiply: lambda: Multiply(normal(3, 2), normal(3, 2, seed=1)),
    MatMul: lambda: MatMul(normal(3, 4), normal(4, 2)),
    Linear: lambda: Linear(normal(3, 4), normal(4, 2), normal(2)),
    ReLU: lambda: ReLU(away_from_zero(3, 4)),
    Sigmoid: lambda: Sigmoid(normal(3, 4)),
    Tanh: lambda: Tanh(normal(3, 4)),
    Softmax: lambda: Softmax(normal(3, 4)),
    # The rows of the targets must sum to 1, also while they are moved: hence a softmax of them.
    SoftmaxCrossEntropy: lambda: SoftmaxCrossEntropy(normal(3, 4), Softmax(normal(3, 4, seed=1))),
    MeanSquaredError: lambda: MeanSquaredError(normal(3, 2), normal(3, 2, seed=1)),
}


def test_every_operation_is_in_the_table():
    defined = {
        value
        for value in vars(operations).values()
        if isinstance(value, type) and issubclass(value, Node) and value is not Node
    }
    assert defined == set(CASES)


@pytest.mark.parametrize("operation", CASES, ids=lambda operation: operation.__name__)
def test_operation(operation):
    check_gradients(CASES[operation]())


def test_network_with_a_jump_and_a_shared_weight():
    X, T = normal(5, 3), Softmax(normal(5, 3, seed=1))
    W, b = Parameter(normal(3, 3, seed=2).value), Parameter(normal(3).value)
    hidden = Tanh(Linear(X, W, b))
    again = Sigmoid(Linear(hidden, W, b)) + hidden * X
    check_gradients(SoftmaxCrossEntropy(again @ W, T))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3, 2), ()),
        ((), (3, 2)),
        ((3, 2), (2,)),
        ((3, 2), (1, 2)),
        ((3, 2), (3, 1)),
        ((3, 1), (1, 2)),
        ((3, 2), (1, 1)),
        ((4, 3, 2), (3, 1)),
        ((1,), ()),
    ],
)
@pytest.mark.parametrize("operation", [Add, Multiply])
def test_broadcasting(operation, a, b):
    check_gradients(operation(normal(*a), normal(*b, seed=1)))


@settings(deadline=None, max_examples=50)
@given(
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=4, min_side=0, max_side=3),
    operation=st.sampled_from([Add, Multiply]),
)
def test_gradients_have_the_shape_of_the_value_whatever_was_broadcast(shapes, operation):
    a, b = (Input(np.full(shape, 2.0)) for shape in shapes.input_shapes)
    y = operation(a, b)
    evaluate(y)
    backpropagate(y)
    # Each entry of y gives the same gradient to one entry of a and one of b: 1, or the other side.
    each = 1 if operation is Add else 2
    for x in (a, b):
        assert x.gradient.shape == x.value.shape
        assert x.gradient.sum() == each * y.value.size


class SigmoidWithoutItsSecondFactor(Sigmoid):
    def backward(self, dy, x):
        return dy * self.value


class TanhDividedByX(Tanh):
    def backward(self, dy, x):
        return dy * (1 - self.value**2) / x**2


class LinearWithMeanOffset(Linear):
    def backward(self, dY, X, W, b):
        return dY @ W.T, X.T @ dY, dY.mean(axis=0)


class MultiplyWithSidesExchanged(Multiply):
    def backward(self, dy, a, b):
        return dy * a, dy * b


class AlmostReLU(ReLU):
    def backward(self, dy, x):
        return dy * (x > 0) * (1 + 1e-4)


@pytest.mark.parametrize(
    "build",
    [
        lambda: SigmoidWithoutItsSecondFactor(normal(3, 4)),
        lambda: TanhDividedByX(normal(3, 4)),
        lambda: LinearWithMeanOffset(normal(3, 4), normal(4, 2), normal(2)),
        lambda: MultiplyWithSidesExchanged(normal(3, 2), normal(3, 2, seed=1)),
        lambda: AlmostReLU(away_from_zero(3, 4)),
    ],
    ids=["sigmoid", "tanh", "linear", "multiply", "relu"],
)
def test_the_check_rejects_a_wrong_operation(build):
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_gradients(build())
