"""From the options of an estimator to the list of layers.

In: an ``Architecture``, sizes and names. Out: frozen layers, in the order of the forward pass; no
numbers yet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .activation import Activation
from .activations import ACTIVATIONS
from .layer import Layer
from .levels import LevelEmbedding
from .linear import Linear
from .normalization import NORMALIZATIONS
from .residual import Residual


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
    normalization : str or None
        A key of ``NORMALIZATIONS``, for all hidden layers.
    residual : bool
        Whether there is a way around each hidden layer but the first, which makes units of columns.
    embeddings : sequence of (column, n_codes, width)
        The last columns of the table, if they hold codes to be looked up.
    """

    n_features: int
    hidden_layer_sizes: Sequence[int]
    activations: Sequence[str | Activation]
    n_raw: int
    dropout: Sequence[float] = ()
    normalization: str | None = None
    residual: bool = False
    embeddings: Sequence[tuple[int, int, int]] = ()


def build_layers(a: Architecture) -> list[Layer]:
    """Embeddings, the hidden layers, and a linear layer to the raw scores.

    A hidden layer is linear, normalization, activation, dropout; ``residual`` adds what the whole
    of it was given.
    """
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
        activation = ACTIVATIONS[named]() if isinstance(named, str) else named
        activation = replace(activation, n=n_units)
        linear = _linear(a, i, activation, n_in, first=not layers)
        block = (linear, *_behind(a.normalization, activation, rate))
        layers += [Residual(block, n_in, n_units)] if a.residual and i else block
        n_in = n_units
    layers.append(Linear(n_in, a.n_raw, first=not layers, group="output"))
    return layers


def _linear(a: Architecture, i: int, activation: Activation, n_in: int, *, first: bool) -> Linear:
    """The linear layer of hidden layer i, with starting values that suit its activation."""
    if i:
        initializer, gain = activation.initializer, activation.gain
    else:
        initializer, gain = activation.first_initializer, activation.first_gain
    if a.residual and i:
        # Each of L blocks adds 1 / L of what it would alone: the sum then grows to e times the
        # first at most, and not by a factor in each block.
        gain /= math.sqrt(len(a.hidden_layer_sizes) - 1)
    return Linear(n_in, activation.n, initializer, spread_offsets=True, first=first, gain=gain)


def _behind(normalization: str | None, activation: Activation, rate: float) -> Iterator[Layer]:
    """What a hidden layer has behind its linear layer."""
    kind = NORMALIZATIONS[normalization]
    if kind is not None:
        yield kind(activation.n)
    yield activation
    if rate:
        yield activation.dropout(activation.n, rate)
