"""Every option of the estimators, declared once.

In: nothing. Out: dataclasses whose fields are the constructor parameters of the estimators, group
by group; see ``options.py`` for what follows from a declaration. A new option is one field in the
file of its group.
"""

from .columns import ColumnsParameters
from .computation import ComputationParameters
from .declare import estimator_with_options
from .loss import (
    ClassifierLossParameters,
    RegressorLossParameters,
    classification_loss,
    regression_loss,
    smoothing_is_of_the_log_loss,
)
from .network import (
    NetworkParameters,
    activations_of,
    dropout_rates,
    frequencies,
    layer_sizes,
    lbfgs_needs_a_fixed_loss,
    one_activation_per_layer,
    one_rate_per_layer,
)
from .stopping import StoppingParameters
from .training import TrainingParameters, lbfgs_has_its_own_steps, one_average

__all__ = [
    "RULES",
    "ClassifierParameters",
    "CommonParameters",
    "RegressorParameters",
    "activations_of",
    "classification_loss",
    "dropout_rates",
    "frequencies",
    "layer_sizes",
    "regression_loss",
    "smoothing_is_of_the_log_loss",
]


@estimator_with_options
class CommonParameters(
    NetworkParameters,
    TrainingParameters,
    StoppingParameters,
    ColumnsParameters,
    ComputationParameters,
):
    """Options of all estimators."""


@estimator_with_options
class ClassifierParameters(ClassifierLossParameters, CommonParameters):
    """Options of classifiers."""


@estimator_with_options
class RegressorParameters(RegressorLossParameters, CommonParameters):
    """Options of regressors."""


#: What must hold of several options together: from the estimator to what is wrong, or None.
RULES = (
    one_activation_per_layer,
    one_rate_per_layer,
    lbfgs_needs_a_fixed_loss,
    lbfgs_has_its_own_steps,
    one_average,
)
