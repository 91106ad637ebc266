"""Multilayer perceptrons for scikit-learn on a hand-written NumPy backpropagation core.

The subpackages are steps; reading them in order follows the data: frames (any frame to a table),
encoding (table to arrays), network (to raw scores), losses (to a number), optimizers (from its
gradient to a step), training (epochs), fitting (one fit), estimators (scikit-learn) and inspection
(looking at a fitted estimator). Beside them stand rows (which, and which are equal), targets (y)
and options (what a user may say). ``graph`` is a
separate small system to learn backpropagation with.
"""

from .estimators import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from .losses import Loss
from .network import Activation

__all__ = [
    "Activation",
    "Loss",
    "NumpyMLPClassifier",
    "NumpyMLPRegressor",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
]
__version__ = "0.1.0"
