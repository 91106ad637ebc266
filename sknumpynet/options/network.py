"""Options of the network: its layers.

In: nothing. Out: a dataclass of options, and what they come to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from ..network import ACTIVATIONS, INITIALIZERS, NORMALIZATIONS, NUMERIC_EMBEDDINGS, Activation
from ..optimizers import goes_through_batches
from ..quoting import quoted
from .declare import (
    AUTO,
    BOOLEAN,
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
    shown_with_default,
)


def layer_sizes(options: Any, n_rows: float = math.inf) -> tuple[int, ...]:
    """The hidden layers as a tuple, for so many training rows; a single number is one layer."""
    sizes = options.hidden_layer_sizes
    if isinstance(sizes, str):
        return options._auto.layers(n_rows)
    return (int(sizes),) if is_integer(sizes) else tuple(int(size) for size in sizes)


def _n_layers(options: Any) -> int:
    """Hidden layers, for ``settled``: where "auto" counts them, those of many rows of any classes.

    Of other rows it may count otherwise, and their fit goes on with the layers that there are.
    """
    if isinstance(options.hidden_layer_sizes, str):
        return len(type(options)._auto.layers(math.inf))
    return len(layer_sizes(options))


def activations_of(activation: Any, n_hidden: int) -> tuple[str | Activation, ...]:
    """A name or an activation of the user's for each hidden layer; a single one serves all."""
    given = activation if is_plain_sequence(activation) else [activation] * n_hidden
    return tuple(str(v) if isinstance(v, str) else v() if isinstance(v, type) else v for v in given)


def dropout_rates(dropout: Any, n_hidden: int) -> tuple[float, ...]:
    """A rate for each hidden layer; a single number serves all."""
    if is_number(dropout):
        return (float(dropout),) * n_hidden
    return tuple(float(rate) for rate in dropout)


def frequencies(max_frequency: Any) -> tuple[float, ...] | None:
    """The ceilings as a tuple; a single number serves all members. None for "auto"."""
    if isinstance(max_frequency, str):
        return None
    if is_plain_sequence(max_frequency):
        return tuple(float(value) for value in max_frequency)
    return (float(max_frequency),)


def _is_frequencies(value: Any) -> bool:
    if is_plain_sequence(value):
        return len(value) > 0 and all(_FREQUENCY.test(v) for v in value)
    return _FREQUENCY.test(value)


def _is_layer_sizes(value: Any) -> bool:
    if is_plain_sequence(value):
        return all(_UNITS.test(v) for v in value)
    return _UNITS.test(value)


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
    if is_plain_sequence(value):
        return all(_RATE.test(v) for v in value)
    return _RATE.test(value)


_FREQUENCY, _RATE, _UNITS = number(0, closed="neither"), number(0, 1), integer(1)


@estimator_with_options
class NetworkParameters(BaseEstimator):
    """Options of the group "network"."""

    hidden_layer_sizes: int | str | Sequence[int] | np.ndarray = option(
        (256, 128),
        AUTO
        | Allowed(_is_layer_sizes, "an integer >= 1 or a sequence of them, which may be empty"),
        'int, sequence of int or "auto"',
        "network",
        """Units of each hidden layer. An empty sequence gives a linear model. "auto" is (256, 128)
        for ``NumpyMLP*``; for ``TabularMLP*`` (64, 64) up to 1,000 training rows and where few rows
        are of other classes (see ``n_bags``), and (128, 128, 128) for more of them and where
        ``partial_fit`` begins.""",
        settled=lambda value, estimator: (
            value if isinstance(value, str) else layer_sizes(estimator)
        ),
        positional=True,
    )
    activation: (
        str | Activation | type[Activation] | Sequence[str | Activation | type[Activation]]
    ) = option(
        "relu",
        Allowed(
            _is_activation_or_sequence,
            f"one of {', '.join(repr(name) for name in ACTIVATIONS)}, an Activation of your own "
            "(n not set), or a sequence of these, one per hidden layer",
            tuple(ACTIVATIONS),
        ),
        f"{names_in(ACTIVATIONS)}, Activation, or a sequence of these",
        "network",
        """Function after each hidden layer: one for all, or one per layer. Beside the names it may
        be one of your own, see :class:`sknumpynet.Activation`.""",
        settled=lambda value, estimator: activations_of(value, _n_layers(estimator)),
        positional=True,
    )
    dropout: float | Sequence[float] | np.ndarray = option(
        0.0,
        Allowed(_is_dropout, "a number >= 0 and < 1, or a sequence of these, one per hidden layer"),
        "float or sequence of float",
        "network",
        """Rate at which units of a hidden layer are left out by chance, at every step of training
        anew: one for all layers, or one per layer. Predictions use all units. Behind "selu" it is
        alpha-dropout, which keeps mean and variance. Not for "lbfgs".""",
        settled=lambda value, estimator: dropout_rates(value, _n_layers(estimator)),
    )
    normalization: str | None = option(
        None,
        one_of(NORMALIZATIONS),
        names_in(NORMALIZATIONS),
        "network",
        """Bring hidden units to mean 0 and variance 1 before their activation: over the rows of a
        "batch", by their weights (a prediction uses running averages of these), or over the units
        of a "layer", row by row. Scale and shift behind it are learned, and not decayed. "batch"
        is not for "lbfgs".""",
        settled=as_is,
    )
    residual: bool = option(
        False,
        BOOLEAN,
        "bool",
        "network",
        """Add to each hidden layer but the first what it was given; where the width changes,
        through a matrix, which is not among ``coefs_``. The order is: linear, normalization,
        activation, dropout, sum. For deep networks.""",
        settled=lambda value, estimator: bool(value),
    )
    init: str = option(
        "auto",
        one_of(("auto", *INITIALIZERS)),
        names_in(("auto", *INITIALIZERS)),
        "network",
        """How the weights of hidden layers are drawn. "auto" is what suits their activation, so
        that signals keep their size: between "relu" layers He's, between "tanh" layers Glorot's,
        otherwise LeCun's times 1 / sqrt(E[f(z)^2]); at the columns of the table Glorot's, for
        "selu" LeCun's. A name stands for what its paper says; "orthogonal" has the size of He's.
        With ``residual``, those of L blocks are divided by L^0.75.""",
    )
    numeric_embedding: str | None = option(
        "auto",
        one_of([None, "auto", *NUMERIC_EMBEDDINGS]),
        names_in([None, "auto", *NUMERIC_EMBEDDINGS]),
        "network",
        """Turns every number into ``embedding_width`` of them, by functions that are learned, so
        that the network finds steps and waves in it. "cosine": the number itself and cosines of it,
        ``a cos(2 pi (w x + v)) + c``, where a starts at 0, but below 800 training rows at 0.3 for
        the number itself. "piecewise_linear": linear between 48 quantiles of the training rows.
        "auto": the latter, with early stopping in ``fit``, from 600 training rows on
        (``NumpyMLPRegressor``: 300), otherwise None. Numbers of a sparse X are not embedded, which
        a UserWarning tells where it was set; nor, with "auto", those in front of a network without
        hidden layers.""",
        settled=as_is,
    )
    embedding_width: int | str = option(
        "auto",
        AUTO | integer(2),
        '"auto" or int',
        "network",
        """With ``numeric_embedding``: numbers that each number becomes. "auto": 8 below 2,000
        training rows, where few are of other classes (see ``n_bags``), or with
        ``numeric_embedding="auto"``, otherwise 24, and fewer where they would be more than 1500 in
        all.""",
        settled=as_is,
    )
    max_frequency: float | str | Sequence[float] | np.ndarray = option(
        "auto",
        AUTO | Allowed(_is_frequencies, "a number > 0 or a sequence of them, which is not empty"),
        '"auto", float or sequence of float',
        "network",
        """With ``numeric_embedding="cosine"``: the highest frequency w that cosines start at, in
        cycles per unit of a scaled column. The others lie below, down to 0.03 (a thirtieth of the
        highest, if that is below 1). Of several each holds for as many members, the highest for
        those left over, too: a member never sees frequencies that start above its own. Fewer
        members than values take those in the middle. "auto" is 0.3 below 2,000 training rows and
        where few are of other classes (see ``n_bags``), otherwise (0.3, 1.2, 10).""",
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
    n_hidden, value = len(layer_sizes(options)), getattr(options, name)
    n_given = len(per_layer(value, n_hidden))
    if isinstance(options.hidden_layer_sizes, str) and n_given == len(per_layer(value, 0)):
        return (
            f"{name}={quoted(value)} {verb} {n_given} layers, but hidden_layer_sizes='auto' has "
            f"as many as suit the rows: give one {unit} for all of them, or set hidden_layer_sizes."
        )
    if n_given == n_hidden:
        return None
    return (
        f"{name}={quoted(value)} {verb} {n_given} layers, but hidden_layer_sizes has {n_hidden}: "
        f"give one {unit} for all hidden layers, or one for each."
    )


def lbfgs_needs_a_fixed_loss(options: Any) -> str | None:
    """What is wrong if the loss of a row depends on chance or on other rows with L-BFGS."""
    if goes_through_batches(options.solver):
        return None
    if any(dropout_rates(options.dropout, 1)):
        name, instead = "dropout", "dropout=0"
    elif options.normalization == "batch":
        name, instead = "normalization", "normalization='layer'"
    else:
        return None
    return (
        f"{shown_with_default(options, name)} cannot be used with solver={options.solver!r}, which "
        "compares losses of the same rows: they would differ by chance, or with the block of rows "
        f"that they are computed in. Set {instead}, or another solver."
    )
