"""Step 6 of 7: scikit-learn. Classifiers and regressors, their options, one fit."""

from .classifier import NumpyMLPClassifier
from .regressor import NumpyMLPRegressor
from .tabular import TabularMLPClassifier, TabularMLPRegressor

__all__ = [
    "NumpyMLPClassifier",
    "NumpyMLPRegressor",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
]
