"""Step 6 of 7: scikit-learn. The classifier and the regressor, their options, and one fit of them."""

from .classifier import NumpyMLPClassifier
from .regressor import NumpyMLPRegressor

__all__ = ["NumpyMLPClassifier", "NumpyMLPRegressor"]
