"""Options of losses and targets, which differ between the kinds of estimators.

In: nothing. Out: a dataclass of options for each kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import BaseEstimator

from ...losses import REGRESSION_LOSSES
from ..options import (
    BOOLEAN,
    Allowed,
    as_is,
    estimator_with_options,
    names_in,
    one_of,
    option,
)


def _is_class_weight(value: Any) -> bool:
    balanced = isinstance(value, str) and value == "balanced"
    return value is None or balanced or isinstance(value, (Mapping, list, tuple))


@estimator_with_options
class ClassifierLossParameters(BaseEstimator):
    """Options of the group "loss" of classifiers."""

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

    calibrate: bool = option(
        False,
        BOOLEAN,
        "bool",
        "loss",
        """Divide the raw scores by the number (a temperature between 1/4 and 4) that gives the
        lowest loss on the validation rows, if there are any.""",
    )


@estimator_with_options
class RegressorLossParameters(BaseEstimator):
    """Options of the group "loss" of regressors."""

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
