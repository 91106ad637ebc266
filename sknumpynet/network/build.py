"""From the options of an estimator to the list of layers.

In: an ``Architecture``, sizes and names. Out: frozen layers, in the order of the forward pass; no
numbers yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .activations import ACTIVATIONS
from .layer import Layer
from .levels import LevelEmbedding
from .linear import Linear


@dataclass(frozen=True)
class Architecture:
    """What a network is built of.

    Parameters
    ----------
    n_features : int
        Columns of the encoded table.
    hidden_layer_sizes : sequence of int
        Units of each hidden layer; empty for a linear model.
    activations : sequence of str
        A key of ``ACTIVATIONS`` for each hidden layer.
    n_raw : int
        Columns of the raw scores.
    embeddings : sequence of (column, n_codes, width)
        The last columns of the table, if they hold codes to be looked up.
    """

    n_features: int
    hidden_layer_sizes: Sequence[int]
    activations: Sequence[str]
    n_raw: int
    embeddings: Sequence[tuple[int, int, int]] = ()


def build_layers(a: Architecture) -> list[Layer]:
    """Linear and activation for every hidden layer, then a linear layer to the raw scores."""
    layers: list[Layer] = []
    n_in = a.n_features
    if a.embeddings:
        sizes = tuple((n_codes, width) for _, n_codes, width in a.embeddings)
        embedding = LevelEmbedding(n_in - len(sizes), sizes)
        layers.append(embedding)
        n_in = embedding.n_out
    for i, (n_units, name) in enumerate(zip(a.hidden_layer_sizes, a.activations, strict=True)):
        activation = ACTIVATIONS[name](n_units)
        initializer = activation.initializer if i else activation.first_initializer
        first = not layers
        layers += [Linear(n_in, n_units, initializer, spread_offsets=True, first=first), activation]
        n_in = n_units
    layers.append(Linear(n_in, a.n_raw, first=not layers, group="output"))
    return layers
