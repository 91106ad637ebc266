"""Options of the network: its layers.

In: nothing. Out: a dataclass of options, and what they come to.
"""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator

from ...network import ACTIVATIONS, NUMERIC_EMBEDDINGS
from ..options import (
    AUTO,
    Allowed,
    as_is,
    estimator_with_options,
    integer,
    is_integer,
    is_plain_sequence,
    names_in,
    number,
    one_of,
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


def frequencies(max_frequency: Any) -> tuple[float, ...]:
    """The ceilings as a tuple; a single number serves all members."""
    if is_plain_sequence(max_frequency):
        return tuple(float(value) for value in max_frequency)
    return (float(max_frequency),)


def _is_frequencies(value: Any) -> bool:
    if is_plain_sequence(value):
        return len(value) > 0 and all(_FREQUENCY.test(v) for v in value)
    return _FREQUENCY.test(value)


def _is_layer_sizes(value: Any) -> bool:
    if is_integer(value):
        return value >= 1
    return is_plain_sequence(value) and all(is_integer(v) and v >= 1 for v in value)


def _is_activation(value: Any) -> bool:
    if isinstance(value, str):
        return value in ACTIVATIONS
    return is_plain_sequence(value) and all(isinstance(v, str) and v in ACTIVATIONS for v in value)


_FREQUENCY = number(0, closed="neither")


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
    numeric_embedding: str | None = option(
        None,
        one_of([None, *NUMERIC_EMBEDDINGS]),
        names_in([None, *NUMERIC_EMBEDDINGS]),
        "network",
        """Turns every number into ``embedding_width`` of them, by functions that are learned, so
        that the network finds steps and waves in it. "cosine": the number itself and cosines of it,
        ``a cos(2 pi (w x + v)) + c``. "piecewise_linear": linear between 48 quantiles of the
        training rows. A fit on a sparse X ignores it.""",
        settled=as_is,
    )
    embedding_width: int | str = option(
        "auto",
        AUTO | integer(2),
        '"auto" or int',
        "network",
        """With ``numeric_embedding``: numbers that each number becomes. "auto": 16, and fewer for
        tables of more than 93 numbers, so that there are at most 1500.""",
        settled=as_is,
    )
    max_frequency: Any = option(
        (0.3, 1.2, 10.0),
        Allowed(_is_frequencies, "a number > 0 or a sequence of them, which is not empty"),
        "float or sequence of float",
        "network",
        """With ``numeric_embedding="cosine"``: the highest frequency w that cosines start at, in
        cycles per unit of a scaled column. The others lie below, down to 0.03 (a thirtieth of the
        highest, if that is below 1). Of several each holds for as many members, the highest for
        those left over, too: a member never sees frequencies that start above its own. Fewer
        members than values take those in the middle, a network alone takes 1.2 of the default.""",
        settled=lambda value, estimator: frequencies(value),
    )
    n_members: int = option(
        1,
        integer(1),
        "int",
        "network",
        """Networks that are trained at once, and whose predictions are averaged. They share all
        hidden layers, but each multiplies what goes into the first by a vector of its own, and has
        output weights of its own (TabM-mini). A step takes as long as one of so many networks;
        their number of parameters is about that of one.""",
        settled=as_is,
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
