"""Step 3 of 7: raw scores and targets -> one number and its gradient."""

from .classification import BinaryLogLoss, MulticlassLogLoss
from .loss import Loss
from .regression import REGRESSION_LOSSES, Poisson, SquaredError

__all__ = [
    "REGRESSION_LOSSES",
    "BinaryLogLoss",
    "Loss",
    "MulticlassLogLoss",
    "Poisson",
    "SquaredError",
]
