"""Step 3 of 7: raw scores and targets -> one number and its gradient."""

from .classification import BinaryLogLoss, MulticlassLogLoss
from .deviances import Gamma, Poisson, Tweedie
from .gaussian import GaussianNLL
from .loss import Loss
from .quantile import Quantile
from .regression import AbsoluteError, Huber, LogCosh, SquaredError
from .table import REGRESSION_LOSSES

__all__ = [
    "REGRESSION_LOSSES",
    "AbsoluteError",
    "BinaryLogLoss",
    "Gamma",
    "GaussianNLL",
    "Huber",
    "LogCosh",
    "Loss",
    "MulticlassLogLoss",
    "Poisson",
    "Quantile",
    "SquaredError",
    "Tweedie",
]
