"""From the options of an estimator to the list of layers.

In: an ``Architecture``, sizes and names. Out: frozen layers, in the order of the forward pass; no
numbers yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .activation import Activation
from .activations import ACTIVATIONS
from .dropout import Dropout
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
    activations : sequence of str or Activation
        For each hidden layer a key of ``ACTIVATIONS``, or an activation whose ``n`` is not set.
    n_raw : int
        Columns of the raw scores.
    dropout : sequence of float
        A rate for each hidden layer; empty for none.
    embeddings : sequence of (column, n_codes, width)
        The last columns of the table, if they hold codes to be looked up.
    """

    n_features: int
    hidden_layer_sizes: Sequence[int]
    activations: Sequence[str | Activation]
    n_raw: int
    dropout: Sequence[float] = ()
    embeddings: Sequence[tuple[int, int, int]] = ()


def build_layers(a: Architecture) -> list[Layer]:
    """The hidden layers, each of several, then a linear layer to the raw scores."""
    layers: list[Layer] = []
    n_in = a.n_features
    if a.embeddings:
        sizes = tuple((n_codes, width) for _, n_codes, width in a.embeddings)
        embedding = LevelEmbedding(n_in - len(sizes), sizes)
        layers.append(embedding)
        n_in = embedding.n_out
    rates = a.dropout or [0.0] * len(a.hidden_layer_sizes)
    hidden = zip(a.hidden_layer_sizes, a.activations, rates, strict=True)
    for i, (n_units, named, rate) in enumerate(hidden):
        activation = replace(activation_of(named), n=n_units)
        linear = _linear_before(activation, n_in, of_table=i == 0, first=not layers)
        layers += [linear, activation, *([Dropout(n_units, rate)] if rate else [])]
        n_in = n_units
    layers.append(Linear(n_in, a.n_raw, first=not layers, group="output"))
    return layers


def activation_of(named: str | Activation) -> Activation:
    """The activation of this name, or as it is."""
    return ACTIVATIONS[named]() if isinstance(named, str) else named


def _linear_before(a: Activation, n_in: int, *, of_table: bool, first: bool) -> Linear:
    """What feeds the activation, with the initializer that suits it."""
    initializer, gain = (a.first_initializer, a.first_gain) if of_table else (a.initializer, a.gain)
    return Linear(n_in, a.n, initializer, spread_offsets=True, first=first, gain=gain)
