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
    """

    n_features: int
    hidden_layer_sizes: Sequence[int]
    activations: Sequence[str | Activation]
    n_raw: int
    dropout: Sequence[float] = ()


def build_layers(a: Architecture) -> list[Layer]:
    """The hidden layers, each of several, then a linear layer to the raw scores."""
    layers: list[Layer] = []
    n_in = a.n_features
    rates = a.dropout or [0.0] * len(a.hidden_layer_sizes)
    for n_units, named, rate in zip(a.hidden_layer_sizes, a.activations, rates, strict=True):
        activation = replace(activation_of(named), n=n_units)
        layers += _hidden(n_in, activation, rate, first=not layers)
        n_in = n_units
    layers.append(Linear(n_in, a.n_raw, first=not layers, group="output"))
    return layers


def activation_of(named: str | Activation) -> Activation:
    """The activation of this name, or as it is."""
    return ACTIVATIONS[named]() if isinstance(named, str) else named


def _hidden(n_in: int, activation: Activation, rate: float, first: bool) -> list[Layer]:
    """Linear, activation, dropout."""
    a, n_units = activation, activation.n
    initializer, gain = (a.first_initializer, a.first_gain) if first else (a.initializer, a.gain)
    linear = Linear(n_in, n_units, initializer, spread_offsets=True, first=first, gain=gain)
    return [linear, activation, *([Dropout(n_units, rate)] if rate else [])]
