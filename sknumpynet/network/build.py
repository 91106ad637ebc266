"""From the options of an estimator to the list of layers.

In: sizes and names. Out: frozen layers, in the order of the forward pass; no numbers yet.
"""

from __future__ import annotations

from collections.abc import Sequence

from .activations import ACTIVATIONS
from .layer import Layer
from .linear import Linear


def build_layers(
    n_features: int, hidden_layer_sizes: Sequence[int], activations: Sequence[str], n_raw: int
) -> list[Layer]:
    """Linear and activation for every hidden layer, then a linear layer to the raw scores.

    Parameters
    ----------
    n_features, n_raw : int
        Columns of the encoded table and of the raw scores.
    hidden_layer_sizes : sequence of int
        Units of each hidden layer; empty for a linear model.
    activations : sequence of str
        A key of ``ACTIVATIONS`` for each hidden layer.
    """
    layers: list[Layer] = []
    n_in = n_features
    for n_units, name in zip(hidden_layer_sizes, activations, strict=True):
        activation = ACTIVATIONS[name](n_units)
        first = not layers
        initializer = activation.first_initializer if first else activation.initializer
        layers += [Linear(n_in, n_units, initializer, spread_offsets=True, first=first), activation]
        n_in = n_units
    layers.append(Linear(n_in, n_raw, first=not layers, group="output"))
    return layers
