"""Options about the columns of X.

In: nothing. Out: a dataclass of options.
"""

from __future__ import annotations

from sklearn.base import BaseEstimator

from ...encoding import FEATURE_SCALINGS
from ..options import (
    as_is,
    estimator_with_options,
    names_in,
    one_of,
    option,
)


@estimator_with_options
class ColumnsParameters(BaseEstimator):
    """Options of the group "columns"."""

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
