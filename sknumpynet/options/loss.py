"""Options of losses and targets, which differ between the kinds of estimators.

In: nothing. Out: a dataclass of options for each kind.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from ..losses import CLASSIFICATION_LOSSES, REGRESSION_LOSSES, Loss, LossForms
from ..quoting import quoted
from .declare import (
    AUTO,
    BOOLEAN,
    Allowed,
    as_float,
    as_is,
    estimator_with_options,
    is_number,
    is_plain_sequence,
    names_in,
    number,
    one_of,
    option,
)

#: Types of values that are floats, or no numbers.
_PLAIN = frozenset({float, bool, str, tuple, type(None)})


def regression_loss(options: Any) -> Loss:
    """The loss that the options of a regressor ask for, in units of y."""
    loss = options.loss
    if isinstance(loss, str):
        return REGRESSION_LOSSES[loss].made_from(_as_floats(options))
    return loss() if isinstance(loss, type) else loss


def classification_loss(options: Any, target: Any) -> Loss:
    """The loss that the options of a classifier ask for, in the form that its target takes."""
    return target.loss_of(LossForms(*CLASSIFICATION_LOSSES[options.loss], _as_floats(options)))


def _as_floats(options: Any) -> dict[str, Any]:
    """The options by name. Numbers are floats: NumPy computes with a Fraction as with an object."""
    # Most need no look at all: it takes 1.5 us each.
    return {
        name: v if type(v) in _PLAIN or not is_number(v) else as_float(v)
        for name, v in vars(options).items()
    }


def smoothing_is_of_the_log_loss(options: Any) -> str | None:
    """What is wrong if labels are to be smoothed for the focal loss."""
    if not options.label_smoothing or options.loss == "log_loss":
        return None
    return (
        f"label_smoothing={quoted(options.label_smoothing)} goes with loss='log_loss' only. Got "
        f"loss={options.loss!r}. Set label_smoothing=0."
    )


def _is_regression_loss(value: Any) -> bool:
    if isinstance(value, str):
        return value in REGRESSION_LOSSES
    return issubclass(value, Loss) if isinstance(value, type) else isinstance(value, Loss)


def _is_quantile(value: Any) -> bool:
    if not is_plain_sequence(value):
        return _LEVEL.test(value)
    if not len(value) or not all(_LEVEL.test(q) for q in value):
        return False
    return all(float(low) < float(high) for low, high in itertools.pairwise(value))


_LEVEL = number(0, 1, closed="neither")


def _if_used(name: str) -> Callable[[Any, Any], Any]:
    """For ``settled``: what the loss makes of the option, None for a loss that has none such."""

    def settled(value: Any, estimator: Any) -> Any:
        kind = REGRESSION_LOSSES.get(estimator.loss) if isinstance(estimator.loss, str) else None
        if kind is None or name not in {field.name for field in fields(kind)}:
            return None
        return tuple(map(float, value)) if is_plain_sequence(value) else value

    return settled


def _is_class_weight(value: Any) -> bool:
    balanced = isinstance(value, str) and value == "balanced"
    return value is None or balanced or isinstance(value, (Mapping, list, tuple))


@estimator_with_options
class ClassifierLossParameters(BaseEstimator):
    """Options of the group "loss" of classifiers."""

    loss: str = option(
        "log_loss",
        one_of(CLASSIFICATION_LOSSES),
        names_in(CLASSIFICATION_LOSSES),
        "loss",
        """What is minimized: "log_loss", or "focal", in which rows count little that are predicted
        well (``gamma``): its probabilities are nearer to 1/2 than frequencies are.""",
        settled=as_is,
    )
    gamma: float = option(
        2.0,
        number(0),
        "float",
        "loss",
        """Of the loss "focal", -(1 - p)^gamma log p for the probability p of the true class. >= 0;
        0 is the log loss.""",
        settled=lambda value, estimator: value if estimator.loss == "focal" else None,
    )
    label_smoothing: float = option(
        0.0,
        number(0, 1),
        "float",
        "loss",
        """Share of each target of "log_loss" that is spread evenly over all classes, which keeps
        probabilities from 0 and 1. In [0, 1).""",
        settled=as_is,
    )
    class_weight: Mapping[Any, float] | Sequence[Mapping[Any, float]] | str | None = option(
        None,
        Allowed(
            _is_class_weight,
            "None, 'balanced', a dict from class to weight, or a list of dicts for multilabel "
            "targets and several outputs",
            ("balanced",),
        ),
        'dict, list of dicts, "balanced" or None',
        "loss",
        """Weight of each class, multiplied with ``sample_weight``. "balanced" gives every class the
        same total. For multilabel targets a list with a dict {0: w, 1: w} per label, for several
        outputs one with a dict for each; the weights of a row's labels are multiplied.""",
    )

    calibrate: bool | str = option(
        False,
        AUTO | BOOLEAN,
        'bool or "auto"',
        "loss",
        """Divide the raw scores by the number (a temperature between 1/4 and 4) that gives the
        lowest loss on the validation rows; with ``n_bags`` it is one for all models, by the rows
        that each left out. "auto" does so with bags only. Where there are no validation rows a
        UserWarning tells, in a stream at the first ``partial_fit`` only.""",
    )


@estimator_with_options
class RegressorLossParameters(BaseEstimator):
    """Options of the group "loss" of regressors."""

    loss: str | Loss | type[Loss] = option(
        "squared_error",
        Allowed(
            _is_regression_loss,
            f"one of {', '.join(repr(name) for name in REGRESSION_LOSSES)}, or a Loss of your own",
            tuple(REGRESSION_LOSSES),
        ),
        f"{names_in(REGRESSION_LOSSES)} or Loss",
        "loss",
        """What is minimized, and so what is predicted. The mean: "squared_error" (half of it);
        "poisson" (y >= 0: counts, rates), "gamma" (y > 0) and "tweedie" (``power``), half the
        deviances with a log link; "gaussian_nll", which also learns a standard deviation for each
        row, at least 1/1000 of that of y, see ``predict``. The median: "absolute_error". Between
        mean and median, little moved by outliers: "huber" and its smooth form "log_cosh"
        (``delta``). Quantiles: "quantile" (``quantile``). Or what your own loss says, see
        :class:`sknumpynet.Loss`.""",
        settled=lambda value, estimator: (
            value if isinstance(value, str) else regression_loss(estimator)
        ),
    )
    delta: float | str = option(
        "auto",
        AUTO | number(0, closed="neither"),
        'float or "auto"',
        "loss",
        """The error, in the unit of y, beyond which "huber" and "log_cosh" grow like absolute
        errors. "auto" is a standard deviation of y, or 1 with ``target_scaling=False``. > 0.""",
        settled=_if_used("delta"),
    )
    quantile: float | Sequence[float] | np.ndarray = option(
        0.5,
        Allowed(_is_quantile, "a number > 0 and < 1, or an ascending sequence of these"),
        "float or ascending sequence of float",
        "loss",
        """What the loss "quantile" predicts: one, or several by one network, in which case
        predictions have one more axis, and never cross: they are sorted. In (0, 1).""",
        settled=_if_used("quantile"),
    )
    power: float = option(
        1.5,
        number(1),
        "float",
        "loss",
        """Of the loss "tweedie", whose variance grows with this power of the mean: 1 is "poisson",
        2 "gamma", 3 the inverse Gaussian; y >= 0 below 2, y > 0 from 2 on. >= 1.""",
        settled=_if_used("power"),
    )
    target_scaling: bool = option(
        True,
        BOOLEAN,
        "bool",
        "loss",
        """Train on y in units of its own (standard deviations from the mean; multiples of the mean
        for "poisson", "gamma" and "tweedie"; what a Loss of your own says), learned from the
        training rows. Predictions are in the units of y; losses,
        ``alpha`` and ``tol`` refer to the scaled y.""",
        settled=as_is,
    )
