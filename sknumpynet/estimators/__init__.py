"""Step 6 of 7: scikit-learn. The classifier, the regressor, their options, one fit."""

from .classifier import NumpyMLPClassifier
from .regressor import NumpyMLPRegressor

__all__ = ["NumpyMLPClassifier", "NumpyMLPRegressor"]
