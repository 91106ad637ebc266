"""Step 4 of 9: raw scores and targets -> one number and its gradient."""

from .classification import BinaryLogLoss, MulticlassLogLoss
from .deviances import Gamma, Poisson, Tweedie
from .focal import BinaryFocal, MulticlassFocal
from .forms import LossForms
from .gaussian import GaussianNLL
from .loss import Loss
from .outputs import SeveralOutputs
from .quantile import Quantile
from .regression import AbsoluteError, Huber, LogCosh, SquaredError
from .table import CLASSIFICATION_LOSSES, REGRESSION_LOSSES

__all__ = [
    "CLASSIFICATION_LOSSES",
    "REGRESSION_LOSSES",
    "AbsoluteError",
    "BinaryFocal",
    "BinaryLogLoss",
    "Gamma",
    "GaussianNLL",
    "Huber",
    "LogCosh",
    "Loss",
    "LossForms",
    "MulticlassFocal",
    "MulticlassLogLoss",
    "Poisson",
    "Quantile",
    "SeveralOutputs",
    "SquaredError",
    "Tweedie",
]
