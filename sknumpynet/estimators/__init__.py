"""Step 8 of 9: scikit-learn. Classifiers and regressors, and what is read of a fitted one."""

from .classifier import NumpyMLPClassifier
from .regressor import NumpyMLPRegressor
from .tabular import TabularMLPClassifier, TabularMLPRegressor

__all__ = [
    "NumpyMLPClassifier",
    "NumpyMLPRegressor",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
]
