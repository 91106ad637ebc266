"""The estimators with the defaults that do best on tables, untuned.

In and out: those of ``NumpyMLPClassifier`` and ``NumpyMLPRegressor``, of which they are subclasses
that change nothing but defaults.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .auto import TABULAR, Auto
from .classifier import NumpyMLPClassifier
from .options import estimator_with_options, other_default
from .parameters import CommonParameters
from .regressor import NumpyMLPRegressor


@estimator_with_options
class TabularParameters(CommonParameters):
    """The defaults of both."""

    hidden_layer_sizes: Any = other_default(CommonParameters, "hidden_layer_sizes", (128, 128, 128))
    n_members: int = other_default(CommonParameters, "n_members", 8)
    numeric_embedding: str | None = other_default(CommonParameters, "numeric_embedding", "cosine")
    feature_scaling: str | None = other_default(CommonParameters, "feature_scaling", "quantile")
    solver: str = other_default(CommonParameters, "solver", "muon")
    learning_rate: str = other_default(CommonParameters, "learning_rate", "cosine")
    learning_rate_init: float = other_default(CommonParameters, "learning_rate_init", 0.0025)
    warmup: float = other_default(CommonParameters, "warmup", 0.05)
    weight_decay: float = other_default(CommonParameters, "weight_decay", 0.005)
    n_bags: int | str = other_default(CommonParameters, "n_bags", "auto")
    max_iter: int | str = other_default(CommonParameters, "max_iter", "auto")
    n_iter_no_change: float = other_default(CommonParameters, "n_iter_no_change", np.inf)


_ABOUT = """
    The network is an ensemble of 8 that share their hidden layers (TabM-mini), on numbers
    embedded in cosines of three ranges of frequencies, trained by Muon at a rate that rises and
    falls once; the weights are those of the epoch with the lowest validation loss of the mean
    prediction. For a frame as it is, without a scaler, encoder or tuning; a fit takes about as
    long as ten of ``NumpyMLP*``.
"""


@estimator_with_options
class TabularMLPClassifier(TabularParameters, NumpyMLPClassifier):
    """The classifier."""

    _auto: ClassVar[Auto] = TABULAR

    dropout: Any = other_default(CommonParameters, "dropout", 0.1)


@estimator_with_options
class TabularMLPRegressor(TabularParameters, NumpyMLPRegressor):
    """The regressor."""

    _auto: ClassVar[Auto] = TABULAR
