"""Options of the network: its layers.

In: nothing. Out: a dataclass of options, and what they come to.
"""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator

from ...network import ACTIVATIONS
from ..options import (
    Allowed,
    estimator_with_options,
    is_integer,
    is_plain_sequence,
    names_in,
    option,
)


def layer_sizes(hidden_layer_sizes: Any) -> tuple[int, ...]:
    """The hidden layers as a tuple; a single number is one layer."""
    if is_integer(hidden_layer_sizes):
        return (int(hidden_layer_sizes),)
    return tuple(int(size) for size in hidden_layer_sizes)


def activation_names(activation: Any, n_hidden: int) -> tuple[str, ...]:
    """A name for each hidden layer; a single name serves all."""
    if isinstance(activation, str):
        return (activation,) * n_hidden
    return tuple(str(name) for name in activation)


def _is_layer_sizes(value: Any) -> bool:
    if is_integer(value):
        return value >= 1
    return is_plain_sequence(value) and all(is_integer(v) and v >= 1 for v in value)


def _is_activation(value: Any) -> bool:
    if isinstance(value, str):
        return value in ACTIVATIONS
    return is_plain_sequence(value) and all(isinstance(v, str) and v in ACTIVATIONS for v in value)


@estimator_with_options
class NetworkParameters(BaseEstimator):
    """Options of the group "network"."""

    hidden_layer_sizes: Any = option(
        (256, 128),
        Allowed(_is_layer_sizes, "an integer >= 1 or a sequence of them, which may be empty"),
        "int or sequence of int",
        "network",
        "Units of each hidden layer. An empty sequence gives a linear model.",
        settled=lambda value, estimator: layer_sizes(value),
        positional=True,
    )
    activation: Any = option(
        "relu",
        Allowed(
            _is_activation,
            f"one of {', '.join(repr(name) for name in ACTIVATIONS)}, or a sequence of these "
            "names, one per hidden layer",
        ),
        f"{names_in(ACTIVATIONS)} or a sequence of these",
        "network",
        "Function after each hidden layer: one name for all, or one per layer.",
        settled=lambda value, estimator: activation_names(
            value, len(layer_sizes(estimator.hidden_layer_sizes))
        ),
        positional=True,
    )


def one_activation_per_layer(options: Any) -> str | None:
    """What is wrong if ``activation`` names more or fewer layers than there are."""
    n_hidden = len(layer_sizes(options.hidden_layer_sizes))
    names = activation_names(options.activation, n_hidden)
    if len(names) == n_hidden:
        return None
    return (
        f"activation={options.activation!r} names {len(names)} layers, but hidden_layer_sizes has "
        f"{n_hidden}: give one name for all hidden layers, or one for each."
    )
