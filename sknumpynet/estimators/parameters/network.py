"""Options of the network: its layers.

In: nothing. Out: a dataclass of options, and what they come to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.base import BaseEstimator

from ...network import ACTIVATIONS, NUMERIC_EMBEDDINGS, Activation
from ...optimizers import goes_through_batches
from ..options import (
    AUTO,
    Allowed,
    as_is,
    estimator_with_options,
    integer,
    is_integer,
    is_number,
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


def activations_of(activation: Any, n_hidden: int) -> tuple[str | Activation, ...]:
    """A name or an activation of the user's for each hidden layer; a single one serves all."""
    given = activation if is_plain_sequence(activation) else [activation] * n_hidden
    return tuple(str(v) if isinstance(v, str) else v() if isinstance(v, type) else v for v in given)


def dropout_rates(dropout: Any, n_hidden: int) -> tuple[float, ...]:
    """A rate for each hidden layer; a single number serves all."""
    if is_number(dropout):
        return (float(dropout),) * n_hidden
    return tuple(float(rate) for rate in dropout)


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
    """A name, a class, or an object of which the columns are not set: positional parameters are."""
    if isinstance(value, str):
        return value in ACTIVATIONS
    if isinstance(value, type):
        return issubclass(value, Activation)
    return isinstance(value, Activation) and value.n == 0


def _is_activation_or_sequence(value: Any) -> bool:
    if is_plain_sequence(value):
        return all(_is_activation(v) for v in value)
    return _is_activation(value)


def _is_dropout(value: Any) -> bool:
    if is_number(value):
        return 0 <= value < 1
    return is_plain_sequence(value) and all(is_number(v) and 0 <= v < 1 for v in value)


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
            _is_activation_or_sequence,
            f"one of {', '.join(repr(name) for name in ACTIVATIONS)}, an Activation of your own "
            "(parameters by name, n not set), or a sequence of these, one per hidden layer",
        ),
        f"{names_in(ACTIVATIONS)}, Activation, or a sequence of these",
        "network",
        """Function after each hidden layer: one for all, or one per layer. Beside the names it may
        be one of your own, see :class:`sknumpynet.Activation`.""",
        settled=lambda value, estimator: activations_of(
            value, len(layer_sizes(estimator.hidden_layer_sizes))
        ),
        positional=True,
    )
    dropout: Any = option(
        0.0,
        Allowed(_is_dropout, "a number >= 0 and < 1, or a sequence of these, one per hidden layer"),
        "float or sequence of float",
        "network",
        """Rate at which units of a hidden layer are left out by chance, at every step of training
        anew: one for all layers, or one per layer. Predictions use all units. Not with "lbfgs".""",
        settled=lambda value, estimator: dropout_rates(
            value, len(layer_sizes(estimator.hidden_layer_sizes))
        ),
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
        """With ``numeric_embedding``: numbers that each number becomes. "auto": 24, and fewer for
        tables of more than 62 numbers, so that there are at most 1500.""",
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
    return _one_per_layer(options, "activation", "names", "name", activations_of)


def one_rate_per_layer(options: Any) -> str | None:
    """What is wrong if ``dropout`` has rates for more or fewer layers than there are."""
    return _one_per_layer(options, "dropout", "has rates for", "rate", dropout_rates)


def _one_per_layer(
    options: Any, name: str, verb: str, unit: str, per_layer: Callable[[Any, int], tuple]
) -> str | None:
    n_hidden, value = len(layer_sizes(options.hidden_layer_sizes)), getattr(options, name)
    n_given = len(per_layer(value, n_hidden))
    if n_given == n_hidden:
        return None
    return (
        f"{name}={value!r} {verb} {n_given} layers, but hidden_layer_sizes has {n_hidden}: "
        f"give one {unit} for all hidden layers, or one for each."
    )


def dropout_needs_batches(options: Any) -> str | None:
    """What is wrong if a loss that changes by chance is to be minimized by L-BFGS."""
    if goes_through_batches(options.solver) or not any(dropout_rates(options.dropout, 1)):
        return None
    return (
        f"dropout={options.dropout!r} cannot be used with solver={options.solver!r}, whose steps "
        "compare losses that dropout changes by chance. Set dropout=0, or another solver."
    )
