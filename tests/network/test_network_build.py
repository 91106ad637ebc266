"""From sizes and names to layers."""

from dataclasses import fields

import pytest

from catalogue import ACTIVATIONS
from sknumpynet.network import (
    Architecture,
    BatchNorm,
    Dropout,
    LayerNorm,
    Layout,
    Linear,
    build_layers,
)
from sknumpynet.network.activations.table import Identity, Logistic, Relu, Tanh


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
    assert layers[1::2] == [Relu(n=4), Tanh(n=6), Logistic(n=3), Identity(n=2)]
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
    todo = build_layers(
        Architecture(
            *(5, (4, 4, 3), [name] * 3, 2),
            dropout=[0.1] * 3,
            normalization="batch",
            residual=True,
        )
    )
    for layer in todo:
        todo += layer.layers()
        for field in fields(layer):
            if field.name != "body":
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


@pytest.mark.parametrize(("normalization", "kind"), [("batch", BatchNorm), ("layer", LayerNorm)])
def test_the_order_within_a_hidden_layer(normalization, kind):
    a = Architecture(5, (4, 3), ["relu"] * 2, 1, [0.1, 0.2], normalization)
    layers = build_layers(a)
    assert [type(layer) for layer in layers] == [Linear, kind, Relu, Dropout] * 2 + [Linear]
    assert [layer.n for layer in layers if type(layer) is kind] == [4, 3]


def test_there_is_a_way_around_each_hidden_layer_but_the_first():
    a = Architecture(4, (4, 4, 3), ["tanh"] * 3, 1, [0.1] * 3, "layer", residual=True)
    *first, equal, narrower, output = build_layers(a)
    assert [type(layer) for layer in first] == [Linear, LayerNorm, Tanh, Dropout]
    for block, n_in, n_out in [(equal, 4, 4), (narrower, 4, 3)]:
        assert [type(layer) for layer in block.body] == [Linear, LayerNorm, Tanh, Dropout]
        assert (block.n_in, block.n_out) == (n_in, n_out)
    assert output == Linear(3, 1, group="output")
    assert "S" not in equal.parameters()
    assert narrower.parameters()["S"].shape == (4, 3)
