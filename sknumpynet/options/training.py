"""Options of training: the solver, its steps and batches.

In: nothing. Out: a dataclass of options.
"""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator

from ..optimizers import SCHEDULES, SOLVERS, goes_through_batches
from ..quoting import quoted
from .declare import (
    AUTO,
    BOOLEAN,
    NONE,
    estimator_with_options,
    integer,
    names_in,
    number,
    one_of,
    option,
    shown_with_default,
)


@estimator_with_options
class TrainingParameters(BaseEstimator):
    """Options of the group "training"."""

    solver: str = option(
        "adamw",
        one_of(SOLVERS),
        names_in(SOLVERS),
        "training",
        """"lbfgs" is a quasi-Newton method on all rows at once, good for some thousand rows. The
        others go through mini-batches. "adamw": "adam" with ``weight_decay``. "muon":
        orthogonalised momentum (0.95) for the matrices of hidden layers, the first included, and
        "adamw" for all else. "schedule_free": "adamw" at a constant rate whose averaged weights
        validate and predict. "nadam": "adam" with Nesterov's momentum. "rmsprop" (decay 0.99),
        "adagrad", and "lion" (memory 0.99), which wants a rate 3 to 10 times smaller.""",
    )
    alpha: float = option(
        0.0001,
        number(0),
        "float",
        "training",
        """Penalty: ``alpha / (2 n_samples) * sum of squared weights`` is added to the mean loss. It
        means the same for every solver and batch size. With ``sample_weight``, n_samples is the sum
        of the weights: 1000 rows of weight 1/1000 are penalized like a table of one row, for which
        with ``alpha=1`` training converges to a constant; see ``fit``. >= 0. Levels in a large
        embedding (40 times as many as rows in a batch) get it when a batch has them, for all steps
        since.""",
    )
    weight_decay: float | str = option(
        "auto",
        AUTO | number(0),
        'float or "auto"',
        "training",
        """Only for "adamw", "muon", "schedule_free" and "lion", beside ``alpha``, which stays a
        penalty in the loss: every step takes the fraction ``rate * weight_decay`` off the weights
        between layers, whatever the gradient. Biases, scales and embeddings stay. "auto" is 1
        below 10,000 training rows and 0.3 above for "adamw" with early stopping and hidden layers,
        otherwise, and where ``partial_fit`` begins, 0.01. >= 0.""",
    )
    batch_size: int | str = option(
        "auto",
        AUTO | integer(1),
        'int or "auto"',
        "training",
        """Rows per step of all solvers but "lbfgs". "auto" makes batches of equal size of about 200
        rows, and below 1,600 rows about 8 steps an epoch of at least 32 rows. Larger than n_samples
        means all rows.""",
    )
    learning_rate: str = option(
        "constant",
        one_of(SCHEDULES),
        names_in(SCHEDULES),
        "training",
        """How the rate changes from ``learning_rate_init`` on. "invscaling", only for "sgd": rate /
        ``(t + 1) ** power_t`` after t samples. "adaptive", only for "sgd": divided by 5 each time
        ``n_iter_no_change`` epochs bring nothing; training ends at 1e-6. "plateau": times
        ``learning_rate_decay`` then; training ends at the fourth time. The others follow the
        planned steps, ``max_iter`` epochs from the beginning of a fit: "cosine" falls to 0;
        "cosine_restarts" does so twice, in half of them each, but with early stopping the second
        time only if the best epoch was among the last fifth of the first;
        "one_cycle" rises from a 25th for the first 0.3 of them, or the share ``warmup``, then falls
        to a 250,000th; "exponential" falls evenly to ``learning_rate_decay`` of the first; "step"
        is multiplied with that at one half and three quarters. A stream has no end, so that in
        ``partial_fit`` these are constant.""",
    )
    learning_rate_init: float = option(
        0.002,
        number(0, closed="neither"),
        "float",
        "training",
        'Step size of all solvers but "lbfgs"; half of it in ``partial_fit`` after a fit. > 0.',
    )
    muon_learning_rate: float | str = option(
        "auto",
        AUTO | number(0, closed="neither"),
        'float or "auto"',
        "training",
        """Step size of the matrices that "muon" orthogonalises; it rises and falls with the other.
        "auto" is 10 times ``learning_rate_init``. > 0.""",
    )
    learning_rate_decay: float = option(
        0.1,
        number(0, 1, closed="neither"),
        "float",
        "training",
        'Factor of "plateau", "exponential" and "step". In (0, 1).',
    )
    warmup: float = option(
        0.0,
        number(0, 1),
        "float",
        "training",
        """Share of the planned steps (``max_iter`` epochs) over which the rate first rises evenly
        from near 0, whatever the schedule, which gets the rest of them. Not in ``partial_fit``. In
        [0, 1).""",
    )
    power_t: float = option(0.5, number(0), "float", "training", 'Exponent of "invscaling". >= 0.')
    momentum: float = option(
        0.9, number(0, 1, closed="both"), "float", "training", 'Only for "sgd". In [0, 1].'
    )
    nesterovs_momentum: bool = option(
        True, BOOLEAN, "bool", "training", 'Only for "sgd" with momentum > 0.'
    )
    beta_1: float = option(
        0.9,
        number(0, 1),
        "float",
        "training",
        'Decay rate of the mean gradient of "adam" and its kin. In [0, 1).',
    )
    beta_2: float = option(
        0.999, number(0, 1), "float", "training", "The same of its mean square. In [0, 1)."
    )
    epsilon: float = option(
        1e-8,
        number(0, closed="neither"),
        "float",
        "training",
        "Added to the root of the second moment. > 0.",
    )
    max_grad_norm: float | None = option(
        None,
        NONE | number(0, closed="neither"),
        "float or None",
        "training",
        """Longest gradient: of a longer one the step takes the direction and this length. Not for
        "lbfgs". > 0.""",
    )
    ema_decay: float | str | None = option(
        "auto",
        NONE | AUTO | number(0, 1),
        'float, "auto" or None',
        "training",
        """Weights to validate, stop on and predict with are a mean of those after each step, of
        which each counts this much less than the next; training goes on from the raw ones. 0.99
        averages over the last 100 steps or so. "auto" averages over an epoch, 20 to 100 steps; of
        ``NumpyMLP*`` without early stopping, and where ``partial_fit`` begins, it is None; see
        there for a stream after a fit. Not for "lbfgs", nor with "schedule_free", which has an
        average of its own ("auto" is None there). In
        [0, 1).""",
    )
    shuffle: bool = option(
        True, BOOLEAN, "bool", "training", "Draw a new order of the rows in each epoch."
    )


def one_average(options: Any) -> str | None:
    """What is wrong if the weights are to be averaged twice."""
    if options.ema_decay in (None, "auto") or options.solver != "schedule_free":
        return None
    return (
        f"ema_decay={quoted(options.ema_decay)} averages the weights, and solver='schedule_free' "
        "averages them already: set ema_decay=None, or solver='adamw'."
    )


def lbfgs_has_its_own_steps(options: Any) -> str | None:
    """What is wrong if the steps of L-BFGS are to be shortened, or averaged."""
    if goes_through_batches(options.solver):
        return None
    for name in ("max_grad_norm", "ema_decay"):
        if getattr(options, name) not in (None, "auto"):
            return (
                f"{shown_with_default(options, name)} cannot be used with "
                f"solver={options.solver!r}, which finds the length of each step by the loss after "
                f"it. Set {name}=None, or another solver."
            )
    return None
