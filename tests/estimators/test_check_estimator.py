"""The estimator checks of scikit-learn: all, for solvers of every kind, none expected to fail."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

REGRESSOR_VARIANTS = [{"loss": "gamma", "hidden_layer_sizes": (50,)}, {"loss": "gaussian_nll"}]
VARIANTS = [
    {},
    {"early_stopping": True},
    # All rows at each of 200 iterations: the default layers would take minutes.
    {"solver": "lbfgs", "hidden_layer_sizes": (50,)},
    {"solver": "sgd"},
    {"solver": "muon", "hidden_layer_sizes": (50,), "learning_rate": "cosine", "warmup": 0.1},
    {"dtype": "float64"},
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    [E(**options) for E in (NumpyMLPClassifier, NumpyMLPRegressor) for options in VARIANTS]
    + [NumpyMLPRegressor(**options) for options in REGRESSOR_VARIANTS]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)
