"""The rows that early stopping holds out: the same for the same data, however it is written."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits, load_wine, make_regression
from sklearn.utils.estimator_checks import (
    check_sample_weight_equivalence_on_dense_data,
    check_sample_weight_equivalence_on_sparse_data,
)

from catalogue import KINDS_OF_SOLVERS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

OPTIONS = {
    "hidden_layer_sizes": (20,),
    "feature_scaling": "standard",
    "batch_size": 50,
    "dtype": "float64",
    "early_stopping": True,
    "max_iter": 8,
    "random_state": 0,
}


def held_out(estimator, X, y):
    """The first column of the rows on which the scorer is asked, and their targets, sorted."""
    seen = []

    def remember(model, X_val, y_val):
        first = X_val[:, :1].toarray() if sp.issparse(X_val) else X_val[:, :1]
        seen.append(np.column_stack([first, y_val]))
        return 0.0

    estimator(**OPTIONS | {"scoring": remember, "max_iter": 1}).fit(X, y)
    return seen[0][np.lexsort(seen[0].T)]


@pytest.mark.parametrize("load", [load_wine, load_digits])
def test_units_do_not_change_the_model(load):
    # Powers of two: scaling undoes them to the last bit.
    X, y = load(return_X_y=True)
    units = 2.0 ** (np.arange(X.shape[1]) % 5 - 1)
    expected = NumpyMLPClassifier(**OPTIONS).fit(X, y).predict_proba(X)
    for unit in (2.0, units):
        model = NumpyMLPClassifier(**OPTIONS).fit(X * unit, y)
        assert_array_equal(model.predict_proba(X * unit), expected)


def test_units_do_not_change_the_model_of_a_regressor():
    X, y = make_regression(300, 4, random_state=0)
    expected = NumpyMLPRegressor(**OPTIONS).fit(X, y).predict(X)
    assert_array_equal(NumpyMLPRegressor(**OPTIONS).fit(X * 2, y).predict(X * 2), expected)
    assert_array_equal(NumpyMLPRegressor(**OPTIONS).fit(X, y * 4).predict(X), expected * 4)


@pytest.mark.parametrize("estimator", [NumpyMLPClassifier, NumpyMLPRegressor])
def test_a_further_column_does_not_change_the_rows(estimator):
    X, y = load_wine(return_X_y=True)
    if estimator is NumpyMLPRegressor:
        y = X[:, 1] + np.random.default_rng(0).random(len(y))
    expected = held_out(estimator, X, y)
    assert_array_equal(held_out(estimator, np.column_stack([X, np.ones(len(y))]), y), expected)
    assert_array_equal(held_out(estimator, sp.csr_matrix(X), y), expected)
    if estimator is NumpyMLPRegressor:
        assert_array_equal(held_out(estimator, np.column_stack([X, X[:, ::-1]]), y), expected)


@pytest.mark.parametrize("solver", KINDS_OF_SOLVERS)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_order_of_the_rows_does_not_change_the_model(solver, weighted):
    X, y = load_wine(return_X_y=True)
    X, y = np.concatenate([X, X[:40]]), np.concatenate([y, y[:40]])
    rng = np.random.default_rng(0)
    weight = rng.choice([0.1, 0.2, 0.7], len(y)) if weighted else None
    expected = NumpyMLPClassifier(solver=solver, **OPTIONS).fit(X, y, weight)
    for _ in range(3):
        order = rng.permutation(len(y))
        model = NumpyMLPClassifier(solver=solver, **OPTIONS)
        model.fit(X[order], y[order], weight[order] if weighted else None)
        assert_array_equal(model.network_.theta, expected.network_.theta)


def test_without_shuffling_rows_are_trained_on_in_the_order_of_the_table():
    X, y = load_wine(return_X_y=True)
    options = OPTIONS | {"shuffle": False, "max_iter": 1}
    model = NumpyMLPClassifier(**options).fit(X, y)
    backwards = NumpyMLPClassifier(**options).fit(X[::-1], y[::-1])
    # One epoch, over the same rows: only their order can make a difference.
    assert_array_equal(
        held_out(NumpyMLPClassifier, X, y), held_out(NumpyMLPClassifier, X[::-1], y[::-1])
    )
    assert np.abs(model.network_.theta - backwards.network_.theta).max() > 1e-3


@pytest.mark.parametrize("estimator", [NumpyMLPClassifier, NumpyMLPRegressor])
@pytest.mark.parametrize(
    "check",
    [check_sample_weight_equivalence_on_dense_data, check_sample_weight_equivalence_on_sparse_data],
)
def test_weights_are_repetitions_for_scikit_learn_too(estimator, check):
    check(estimator.__name__, estimator(early_stopping=True, max_iter=20, random_state=0))


@pytest.mark.parametrize(
    ("n_values", "times", "apart"), [(32, 20, True), (33, 20, False), (32, 16, False)]
)
def test_equal_rows_are_cases_of_their_own_where_all_columns_have_few_values(
    n_values, times, apart
):
    """Of 60 different rows, so many times each; from 1,000 rows on."""
    X = np.column_stack([np.arange(60) % n_values, np.arange(60) // n_values]).repeat(times, axis=0)
    y = np.arange(len(X)) // times % 2
    held = held_out(NumpyMLPClassifier, X.astype(float), y)
    assert len(held) == len(X) / 10
    counts = np.unique(held, axis=0, return_counts=True)[1]
    assert (counts % times == 0).all() != apart
