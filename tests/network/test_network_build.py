"""From sizes and names to layers."""

from dataclasses import fields

import pytest

from catalogue import ACTIVATIONS
from sknumpynet.network import Architecture, Layout, Linear, build_layers
from sknumpynet.network.activations import Identity, Logistic, Relu, Tanh


def linear_layers(layers):
    return [layer for layer in layers if isinstance(layer, Linear)]


@pytest.mark.parametrize("sizes", [(), (4,), (4, 6, 3)])
def test_sizes_chain_from_features_to_outputs(sizes):
    linear = linear_layers(build_layers(Architecture(5, sizes, ["relu"] * len(sizes), 2)))
    assert [layer.n_in for layer in linear] == [5, *sizes]
    assert [layer.n_out for layer in linear] == [*sizes, 2]


def test_each_hidden_layer_has_its_own_activation_and_the_output_none():
    layers = build_layers(
        Architecture(5, (4, 6, 3, 2), ["relu", "tanh", "logistic", "identity"], 1)
    )
    assert layers[1::2] == [Relu(4), Tanh(6), Logistic(3), Identity(2)]
    assert isinstance(layers[-1], Linear)


@pytest.mark.parametrize("sizes", [(), (4,), (4, 6)])
def test_only_the_first_layer_sees_the_data(sizes):
    linear = linear_layers(build_layers(Architecture(5, sizes, ["tanh"] * len(sizes), 2)))
    assert [layer.first for layer in linear] == [True] + [False] * len(sizes)


def test_layers_are_descriptions_that_compare_by_value():
    assert build_layers(Architecture(5, (4,), ["relu"], 2)) == build_layers(
        Architecture(5, (4,), ["relu"], 2)
    )
    assert build_layers(Architecture(5, (4,), ["relu"], 2)) != build_layers(
        Architecture(5, (4,), ["tanh"], 2)
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_layers_hold_plain_data(name):
    """A pickle of them then depends on no function's name."""
    for layer in build_layers(Architecture(5, (4, 4), [name] * 2, 2)):
        for field in fields(layer):
            assert isinstance(getattr(layer, field.name), (bool, int, float, str))


def test_the_output_layer_is_a_group_of_its_own():
    layout = Layout(build_layers(Architecture(5, (4, 3), ["relu"] * 2, 2)))
    assert [slot.group for slot in layout.slots] == ["hidden", "hidden", "output"] * 2
    assert [slot.layer for slot in layout.slots] == [(0,), (2,), (4,)] * 2


def test_a_name_is_needed_for_each_hidden_layer():
    with pytest.raises(ValueError, match=r"zip\(\)"):
        build_layers(Architecture(5, (4, 6), ["relu"], 2))


def test_the_names_are_those_of_scikit_learn():
    assert {"identity", "logistic", "tanh", "relu"} <= set(ACTIVATIONS)
