"""Building expressions: operators, numbers and arrays among nodes, names, feeding values."""

import numpy as np
import pytest

from sknumpynet.graph import (
    Add,
    Input,
    Linear,
    MatMul,
    Multiply,
    Parameter,
    ReLU,
    backpropagate,
    evaluate,
)

MATRIX = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("other", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), True])
def test_numbers_mix_with_nodes_from_both_sides(other):
    x = Input(3)
    assert evaluate(x + other) == evaluate(other + x) == 3 + other
    assert evaluate(x * other) == evaluate(other * x) == 3 * other


def test_arrays_mix_with_nodes_from_both_sides():
    x = Input([[0, 1], [2, 3]])
    expected = {
        Add: (x.value + MATRIX, MATRIX + x.value),
        Multiply: (x.value * MATRIX, MATRIX * x.value),
        MatMul: (x.value @ MATRIX, MATRIX @ x.value),
    }
    for nodes in [(x + MATRIX, MATRIX + x), (x * MATRIX, MATRIX * x), (x @ MATRIX, MATRIX @ x)]:
        for node, value in zip(nodes, expected[type(nodes[0])], strict=True):
            np.testing.assert_array_equal(evaluate(node), value)


def test_operators_keep_the_order_of_their_sides():
    x = Input(MATRIX)
    for node, sides in [(x + 1, (x, 1)), (1 + x, (1, x)), (x * 2, (x, 2)), (2 * x, (2, x))]:
        for source, side in zip(node.inputs, sides, strict=True):
            assert source is side or source.value == side


def test_the_sum_of_a_list_of_nodes():
    nodes = [Input(1), Input(2), Input(3)]
    assert evaluate(sum(nodes)) == 6


def test_an_array_where_a_node_is_expected_becomes_an_input():
    layer = Linear(MATRIX, Parameter([[1], [1]]), [0.5])
    np.testing.assert_array_equal(evaluate(layer), [[3.5], [7.5]])
    assert [type(source) for source in layer.inputs] == [Input, Parameter, Input]


def test_values_are_float64_and_single_numbers_have_no_axes():
    x = Input(np.array([1, 2], dtype=np.int8))
    assert x.value.dtype == np.float64
    y = Input(2) * 3
    evaluate(y)
    backpropagate(y)
    for array in (y.value, y.gradient, y.inputs[0].gradient):
        assert isinstance(array, np.ndarray)
        assert array.dtype == np.float64
        assert array.shape == ()


def test_an_input_copies_so_that_nobody_changes_it_from_outside():
    data = np.zeros(2)
    x = Input(data)
    data[0] = 7
    assert x.value[0] == 0


def test_new_batches_may_have_another_size():
    x = Input()
    y = ReLU(x @ np.ones((2, 1)))
    for rows in (1, 4, 2):
        x.value = np.ones((rows, 2))
        assert evaluate(y).shape == (rows, 1)
        backpropagate(y)
        assert x.gradient.shape == (rows, 2)


def test_names_in_the_representation_reach_one_step_deep():
    a, b = Input(1, name="a"), Parameter(2)
    assert repr(a) == "Input 'a'"
    assert repr(b) == "Parameter"
    assert repr(a * b) == "Multiply('a', Parameter)"
    assert repr(a + a * 2) == "Add('a', Multiply)"
    assert repr(Multiply(a, b, name="area")) == "Multiply 'area'"


def test_wrong_number_of_inputs_is_refused_when_the_node_is_built():
    with pytest.raises(TypeError, match="Linear got 2 inputs: missing a required argument: 'b'"):
        Linear(Input(), Parameter())
    with pytest.raises(TypeError, match="ReLU got 2 inputs"):
        ReLU(Input(), Input())
