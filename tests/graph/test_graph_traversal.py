"""The walk through the graph: order, shared nodes, deep chains, nothing left over, clear errors."""

import gc
import weakref

import numpy as np
import pytest

from sknumpynet.graph import (
    Input,
    Linear,
    MeanSquaredError,
    Node,
    Parameter,
    ReLU,
    backpropagate,
    evaluate,
    find_parameters,
    sgd_update,
    topological_order,
)


def test_every_node_comes_once_and_after_its_inputs():
    a, b = Input(1), Input(2)
    c = a + b
    d = c * a
    e = (d + c) * (d * b)
    order = topological_order(e)
    assert len(order) == len(set(order)) == 7
    assert order[-1] is e
    for i, node in enumerate(order):
        assert all(source in order[:i] for source in node.inputs)


def test_a_shared_node_gets_the_sum():
    x = Input(3)
    shared = x * x  # 9
    y = shared * 4 + shared * shared  # 4 s + s^2: dy/ds = 4 + 2 s = 22, dy/dx = 22 * 2 x = 132
    assert evaluate(y) == 117
    backpropagate(y)
    assert shared.gradient == 22
    assert x.gradient == 132


def test_many_ways_through_the_graph_cost_one_visit_per_node():
    # 60 times y = y + y: 2^60 ways from the end to x, and as many copies of x in the sum.
    x = Input(1)
    y = x
    for _ in range(60):
        y = y + y
    assert evaluate(y) == 2**60
    backpropagate(y)
    assert x.gradient == 2**60


def test_a_chain_of_5000_nodes_and_its_end():
    x = Input(1)
    y = x
    for i in range(5000):
        y = y * -1 if i % 2 else y + 0.5
    evaluate(y)
    backpropagate(y)
    assert x.gradient == 1  # 2500 changes of sign
    assert y.gradient == 1
    assert "Multiply" in repr(y)

    start, end = weakref.ref(x), weakref.ref(y)
    gc.disable()  # freed by reference counts alone: there is no circle
    try:
        del x, y
        assert start() is None
        assert end() is None
    finally:
        gc.enable()


def test_a_long_chain_that_the_garbage_collector_must_free():
    y = x = Input(1)
    for _ in range(5000):
        y = y + 1
    x.circle = y  # no graph has one, but an attribute may make it
    end = weakref.ref(y)
    del x, y
    gc.collect()
    assert end() is None


def test_gradients_start_at_zero_each_time():
    x = Input(3)
    y = x * x
    for _ in range(3):
        evaluate(y)
        backpropagate(y)
        assert x.gradient == 6


def test_a_gradient_belongs_to_the_last_call_and_is_not_changed_by_the_next():
    x = Input(3)
    first, second = x * x, x * 5
    evaluate(first)
    backpropagate(first)
    kept = x.gradient
    evaluate(second)
    backpropagate(second)
    assert kept == 6
    assert x.gradient == 5


def test_only_the_nodes_below_the_given_one_take_part():
    x = Input(3)
    y = x * 2
    unused = x * 100
    evaluate(unused)
    evaluate(y)
    backpropagate(y)
    assert x.gradient == 2
    assert unused.gradient is None


def test_an_input_alone():
    x = Input([1, 2])
    np.testing.assert_array_equal(evaluate(x), [1, 2])
    backpropagate(x)
    np.testing.assert_array_equal(x.gradient, [1, 1])


def test_the_gradient_of_an_array_is_that_of_its_sum():
    x = Input([1, 2, 3])
    y = x * x
    weighted = y * [1, 0, 10]
    evaluate(weighted)
    backpropagate(y)
    np.testing.assert_array_equal(x.gradient, [2, 4, 6])
    backpropagate(weighted)
    np.testing.assert_array_equal(x.gradient, [2, 0, 60])


def test_an_input_without_value_is_named():
    with pytest.raises(ValueError, match="Input 'batch' has no value yet"):
        evaluate(Input(name="batch") * 2)


def test_backpropagate_wants_an_evaluated_graph():
    y = Input(1, name="x") * Input(2, name="y")
    with pytest.raises(ValueError, match=r"Multiply\('x', 'y'\) has no value yet: evaluate before"):
        backpropagate(y)
    with pytest.raises(ValueError, match="Input 'x' has no value yet"):
        backpropagate(Input(name="x"))


def test_backpropagate_refuses_values_that_belong_to_an_earlier_batch():
    x = Input([1, 2], name="x")
    y = ReLU(x * 3) + 1
    evaluate(y)
    x.value = [1, 2, 3]
    with pytest.raises(ValueError, match="was computed before Input 'x' got its present value"):
        backpropagate(y)
    evaluate(y)
    backpropagate(y)
    np.testing.assert_array_equal(x.gradient, [3, 3, 3])


def test_backpropagate_refuses_after_a_failed_evaluation():
    x = Input([1, 2])
    y = x + np.array([10, 20])
    evaluate(y)
    x.value = [1, 2, 3]
    with pytest.raises(ValueError, match="cannot be computed"):
        evaluate(y)
    with pytest.raises(ValueError, match="evaluate again"):
        backpropagate(y)


def test_backpropagate_refuses_after_a_step_without_evaluation():
    w = Parameter(1, name="w")
    y = w * 3
    evaluate(y)
    backpropagate(y)
    sgd_update([w], learning_rate=0.1)
    with pytest.raises(ValueError, match="Parameter 'w' got its present value"):
        backpropagate(y)


class Double(Node):
    def forward(self, x):
        return 2 * x

    def backward(self, dy, x):
        return 2 * dy


class ForwardReturnsNothing(Double):
    def forward(self, x):
        np.maximum(x, 0)


class BackwardReturnsNothing(Double):
    def backward(self, dy, x):
        2 * dy


class BackwardReturnsTwo(Double):
    def backward(self, dy, x):
        return 2 * dy, 2 * dy


class BackwardReturnsAnotherShape(Double):
    def backward(self, dy, x):
        return dy.sum(axis=0)


class NoBackward(Node):
    def forward(self, x):
        return x


def test_a_node_of_ones_own():
    x = Input([[1, 2]], name="x")
    y = Double(x) * 3
    np.testing.assert_array_equal(evaluate(y), [[6, 12]])
    backpropagate(y)
    np.testing.assert_array_equal(x.gradient, [[6, 6]])


@pytest.mark.parametrize(
    ("operation", "error", "message"),
    [
        (ForwardReturnsNothing, TypeError, "the forward of {} returned nothing"),
        (BackwardReturnsNothing, TypeError, "the backward of {} returned nothing for Input 'x'"),
        (BackwardReturnsTwo, TypeError, "the backward of {} returned 2 gradients for 1 inputs"),
        (BackwardReturnsAnotherShape, ValueError, "the backward of {} returned a gradient of sha"),
        (NoBackward, NotImplementedError, "NoBackward has no backward"),
    ],
)
def test_slips_in_a_node_of_ones_own_are_named(operation, error, message):
    y = operation(Input([[1, 2]], name="x"), name="mine")

    def run():
        evaluate(y)
        backpropagate(y)

    with pytest.raises(error, match=message.format(f"{operation.__name__} 'mine'")):
        run()


def test_find_parameters_lists_each_once():
    X = Input(name="X")
    W, b, V, c = (Parameter(name=name) for name in "WbVc")
    hidden = Linear(X, W, b)
    loss = MeanSquaredError(Linear(hidden, V, c) + hidden @ W, Input())
    assert find_parameters(loss) == [W, b, V, c]


def test_sgd_update_takes_one_step_for_each_parameter():
    w, v = Parameter([1, 2]), Parameter(3)
    loss = w * v
    evaluate(loss)
    backpropagate(loss)
    before = w.value
    sgd_update((parameter for parameter in [w, v, w]), learning_rate=0.5)
    np.testing.assert_array_equal(w.value, [1 - 0.5 * 3, 2 - 0.5 * 3])
    assert v.value == 3 - 0.5 * (1 + 2)
    np.testing.assert_array_equal(before, [1, 2])  # a step makes a new array


@pytest.mark.parametrize("learning_rate", [0, -0.1, float("nan")])
def test_sgd_update_refuses_a_learning_rate_that_is_not_above_zero(learning_rate):
    with pytest.raises(ValueError, match=f"learning_rate must be above 0, got {learning_rate}"):
        sgd_update([], learning_rate)


def test_sgd_update_names_a_parameter_without_gradient():
    with pytest.raises(ValueError, match="Parameter 'w' has no gradient"):
        sgd_update([Parameter(1, name="w")], learning_rate=0.1)
