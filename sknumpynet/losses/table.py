"""The names of losses, which are the values of the option ``loss``.

A new loss is one class and one row here; its options are the estimators' too.
"""

from __future__ import annotations

from .classification import BinaryLogLoss, LogisticLoss, MulticlassLogLoss, SoftmaxLoss
from .deviances import Gamma, Poisson, Tweedie
from .focal import BinaryFocal, MulticlassFocal
from .gaussian import GaussianNLL
from .loss import Loss
from .quantile import Quantile
from .regression import AbsoluteError, Huber, LogCosh, SquaredError

#: Of the regressor.
REGRESSION_LOSSES: dict[str, type[Loss]] = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": Huber,
    "log_cosh": LogCosh,
    "quantile": Quantile,
    "poisson": Poisson,
    "gamma": Gamma,
    "tweedie": Tweedie,
    "gaussian_nll": GaussianNLL,
}

#: Of the classifier: for one score per label, and for one score per class.
CLASSIFICATION_LOSSES: dict[str, tuple[type[LogisticLoss], type[SoftmaxLoss]]] = {
    "log_loss": (BinaryLogLoss, MulticlassLogLoss),
    "focal": (BinaryFocal, MulticlassFocal),
}
