"""Every option of the estimators, declared once.

In: nothing. Out: dataclasses whose fields are the constructor parameters of the estimators; see
``options.py`` for what follows from a declaration. A new option is one field here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.metrics import get_scorer_names

from ..encoding import FEATURE_SCALINGS
from ..losses import REGRESSION_LOSSES
from ..network import ACTIVATIONS
from ..optimizers import SCHEDULES, SOLVERS
from .options import (
    AUTO,
    BOOLEAN,
    INFINITY,
    NONE,
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


def _is_layer_sizes(value: Any) -> bool:
    if is_integer(value):
        return value >= 1
    return is_plain_sequence(value) and all(is_integer(v) and v >= 1 for v in value)


def _is_activation(value: Any) -> bool:
    if isinstance(value, str):
        return value in ACTIVATIONS
    return is_plain_sequence(value) and all(isinstance(v, str) and v in ACTIVATIONS for v in value)


def _is_dtype(value: Any) -> bool:
    return isinstance(value, (str, type, np.dtype)) and value in (
        "float32", "float64", np.float32, np.float64,
    )  # fmt: skip


def _is_scoring(value: Any) -> bool:
    return value in ("loss", *get_scorer_names()) if isinstance(value, str) else callable(value)


def _is_class_weight(value: Any) -> bool:
    balanced = isinstance(value, str) and value == "balanced"
    return value is None or balanced or isinstance(value, (Mapping, list, tuple))


@estimator_with_options
class CommonParameters(BaseEstimator):
    """Options of all estimators."""

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
    solver: str = option(
        "adam",
        one_of(SOLVERS),
        names_in(SOLVERS),
        "training",
        """"adam" and "sgd" go through mini-batches; "lbfgs" is a quasi-Newton method on all rows at
        once, good for some thousand rows.""",
    )
    alpha: float = option(
        0.0001,
        number(0),
        "float",
        "training",
        """Penalty: ``alpha / (2 n_samples) * sum of squared weights`` is added to the mean loss. It
        means the same for every solver and batch size. With ``sample_weight``, n_samples is the sum
        of the weights: 1000 rows of weight 1/1000 are penalized like a table of one row, for which
        with ``alpha=1`` training converges to a constant; see ``fit``. >= 0.""",
    )
    batch_size: int | str = option(
        "auto",
        AUTO | integer(1),
        'int or "auto"',
        "training",
        """Rows per step of "adam" and "sgd". "auto" makes batches of equal size of about 200 rows,
        and below 1,600 rows about 8 steps an epoch of at least 32 rows. Larger than n_samples means
        all rows.""",
    )
    learning_rate: str = option(
        "constant",
        one_of(SCHEDULES),
        names_in(SCHEDULES),
        "training",
        """Only for "sgd". "invscaling" is ``learning_rate_init / (t + 1) ** power_t`` after t
        samples; "adaptive" divides the rate by 5 each time ``n_iter_no_change`` epochs bring
        nothing, and ends at 1e-6.""",
    )
    learning_rate_init: float = option(
        0.001,
        number(0, closed="neither"),
        "float",
        "training",
        'Step size of "adam" and "sgd". > 0.',
    )
    power_t: float = option(0.5, number(0), "float", "training", 'Exponent of "invscaling". >= 0.')
    momentum: float = option(
        0.9, number(0, 1, closed="both"), "float", "training", 'Only for "sgd". In [0, 1].'
    )
    nesterovs_momentum: bool = option(
        True, BOOLEAN, "bool", "training", 'Only for "sgd" with momentum > 0.'
    )
    beta_1: float = option(
        0.9, number(0, 1), "float", "training", 'Decay rate of the mean gradient of "adam". [0, 1).'
    )
    beta_2: float = option(
        0.999, number(0, 1), "float", "training", "The same of its mean square. In [0, 1)."
    )
    epsilon: float = option(
        1e-8,
        number(0, closed="neither"),
        "float",
        "training",
        'Added to the root of the second moment of "adam". > 0.',
    )
    shuffle: bool = option(
        True, BOOLEAN, "bool", "training", "Draw a new order of the rows in each epoch."
    )
    max_iter: int = option(
        200,
        integer(1),
        "int",
        "stopping",
        """Most epochs ("adam", "sgd") or iterations ("lbfgs"). A ConvergenceWarning tells where
        they cut training short: after 10 or fewer, or if the last tenth of them still gained
        much.""",
    )
    max_fun: int = option(
        15000, integer(1), "int", "stopping", 'Most evaluations of the loss by "lbfgs".'
    )
    tol: float = option(
        1e-4,
        number(0),
        "float",
        "stopping",
        """Smallest improvement that counts as one, as a fraction of the loss of the best constant
        prediction (with a scorer in ``scoring``: in the units of the score). "lbfgs" stops when no
        entry of the gradient is larger. >= 0.""",
    )
    n_iter_no_change: float = option(
        20,
        integer(1) | INFINITY,
        "int or inf",
        "stopping",
        "Training ends after exactly this many epochs without improvement.",
    )
    early_stopping: bool | str = option(
        "auto",
        BOOLEAN | AUTO,
        'bool or "auto"',
        "stopping",
        """Stop when the validation score has not improved for ``n_iter_no_change`` epochs, and give
        back the weights of the best epoch. Validates on ``X_val`` if it is passed to ``fit``, else
        on rows split off from X, of classes in proportion. Equal rows stay on one side of the
        split; no unit of a column, order of the rows or constant column changes it. "auto" is
        True for "adam" and "sgd" from 50 distinct rows on or with ``X_val``, never for "lbfgs".
        Setting it to False alone lets the default layers overfit small tables.""",
    )
    validation_fraction: float = option(
        0.1,
        number(0, 1, closed="neither"),
        "float",
        "stopping",
        "Fraction of the distinct rows that early stopping splits off. In (0, 1).",
    )
    scoring: Any = option(
        "loss",
        Allowed(
            _is_scoring,
            "'loss', the name of a scikit-learn scorer, or a callable (estimator, X, y)",
        ),
        "str or callable",
        "stopping",
        """What early stopping watches: the validation "loss", the name of a scikit-learn scorer, or
        a callable ``(estimator, X, y) -> float``, which is given the validation rows as they came,
        of a data frame as a data frame.""",
    )
    warm_start: bool = option(
        False,
        BOOLEAN,
        "bool",
        "stopping",
        "Let ``fit`` go on from the present weights, moments and validation rows.",
    )
    feature_scaling: str | None = option(
        "standard",
        one_of(FEATURE_SCALINGS),
        names_in(FEATURE_SCALINGS),
        "columns",
        """What happens to the columns of X first. None: nothing. "standard": mean 0 and variance 1.
        "robust": median 0 and interquartile range 1. "quantile": a normal distribution, but as
        "standard" for a column of which one value has more than 0.3 of the rows. Except with None,
        columns of two values become zeros and ones, and values beyond 4 are bounded smoothly, by
        10, so that a row far out is not predicted far out. Learned from the training rows with
        their weights. Sparse X is never filled in.""",
        settled=as_is,
    )
    random_state: Any = option(
        None,
        None,
        "int, RandomState instance or None",
        "computation",
        """Seed of the starting weights, the order of the rows and the validation split. An int
        gives the same weights to the last bit in every run.""",
    )
    verbose: bool | int = option(
        False,
        BOOLEAN | integer(0),
        "bool or int",
        "computation",
        "Print a line every epoch, or every ``verbose``-th; the first and the last always.",
    )
    dtype: str = option(
        "float32",
        Allowed(_is_dtype, "one of 'float32', 'float64'"),
        names_in(("float32", "float64")),
        "computation",
        """In which the network is trained and predicts; predictions are float64 arrays. In float32
        (errors of about 1e-6) the prediction for a row has the same bits whatever rows come with
        it, as also its place, their number and the number of threads. Where the BLAS cannot give
        that, which is tried once in a process, the network predicts in float64, the same to 1e-12:
        MKL, and OpenBLAS on processors with AVX2 but no AVX-512.""",
    )
    n_threads: int | None = option(
        None,
        NONE | integer(1),
        "int or None",
        "computation",
        """Threads of the BLAS for matrix products. By default what they are worth, at most what the
        BLAS uses anyway: small networks take one. Set 1 on a machine that is busy with other work,
        where threads wait for each other, and where results have to be the same to the last bit in
        several processes: a BLAS rounds differently with another number of threads. The number
        belongs to the process, so it is set, and afterwards given back, from the main thread only:
        a fit in another thread takes what it finds.""",
    )


@estimator_with_options
class ClassifierParameters(CommonParameters):
    """Options of classifiers."""

    class_weight: Any = option(
        None,
        Allowed(
            _is_class_weight,
            "None, 'balanced', a dict from class to weight, or a list of dicts for multilabel "
            "targets",
        ),
        'dict, list of dicts, "balanced" or None',
        "loss",
        """Weight of each class, multiplied with ``sample_weight``. "balanced" gives every class the
        same total. For multilabel targets a list with a dict {0: w, 1: w} per label.""",
    )


@estimator_with_options
class RegressorParameters(CommonParameters):
    """Options of regressors."""

    loss: str = option(
        "squared_error",
        one_of(REGRESSION_LOSSES),
        names_in(REGRESSION_LOSSES),
        "loss",
        """Half the squared error, or half the Poisson deviance with a log link (y >= 0: counts,
        rates).""",
        settled=as_is,
    )
    target_scaling: bool = option(
        True,
        BOOLEAN,
        "bool",
        "loss",
        """Train on y in units of its own (standard deviations from the mean; multiples of the mean
        for "poisson"), learned from the training rows. Predictions are in the units of y; losses,
        ``alpha`` and ``tol`` refer to the scaled y.""",
        settled=as_is,
    )


def _one_activation_per_layer(options: Any) -> str | None:
    n_hidden = len(layer_sizes(options.hidden_layer_sizes))
    names = activation_names(options.activation, n_hidden)
    if len(names) == n_hidden:
        return None
    return (
        f"activation={options.activation!r} names {len(names)} layers, but hidden_layer_sizes has "
        f"{n_hidden}: give one name for all hidden layers, or one for each."
    )


#: What must hold of several options together: from the estimator to what is wrong, or None.
RULES = (_one_activation_per_layer,)
