"""Validation rows that were not transformed as the training rows, and those that only differ."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from sknumpynet.encoding import find_shift
from sknumpynet.rows import Rows, usable_rows


def shift(X, X_val, weight=None, weight_val=None):
    return find_shift(
        X, usable_rows(X.shape[0], weight), X_val, usable_rows(X_val.shape[0], weight_val)
    )


def splits(X, n_val, n_splits=20):
    rng = np.random.default_rng(0)
    for _ in range(n_splits):
        order = rng.permutation(len(X))
        yield X[order[n_val:]], X[order[:n_val]]


def heavy_tails(rng):
    return rng.standard_cauchy((2000, 10))


def very_skewed(rng):
    return np.exp(3 * rng.standard_normal((2000, 10)))


def rare_ones(rng):
    return (rng.random((2000, 100)) < 10.0 ** rng.uniform(-3.5, -1, 100)).astype(float)


def mostly_zero_amounts(rng):
    return rare_ones(rng) * np.exp(2 * rng.standard_normal((2000, 100)))


@pytest.mark.parametrize("make", [heavy_tails, very_skewed, rare_ones, mostly_zero_amounts])
@pytest.mark.parametrize("n_val", [10, 20, 50, 200])
def test_random_splits_are_alike(make, n_val):
    for train, validation in splits(make(np.random.default_rng(1)), n_val):
        assert shift(train, validation) is None
        assert shift(sp.csr_array(train), sp.csr_array(validation)) is None


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris, load_wine, load_diabetes])
@pytest.mark.parametrize("n_val", [20, 50])
def test_real_tables(load, n_val):
    for train, validation in splits(load().data, n_val):
        assert shift(train, validation) is None
        scaler = StandardScaler().fit(train)
        assert shift(scaler.transform(train), scaler.transform(validation)) is None
        assert shift(scaler.transform(train), validation) is not None
        assert shift(train, scaler.transform(validation)) is not None


@pytest.mark.parametrize("scaler", [MinMaxScaler(), RobustScaler()])
def test_other_scalers(scaler):
    X = load_breast_cancer().data
    for train, validation in splits(X, 50, 3):
        assert shift(scaler.fit_transform(train), validation) is not None


def test_later_rows_are_alike_if_they_are_fewer():
    # A clock that goes on, a price that rises, a version that changes once, a season, noise.
    t = np.arange(1000.0)
    noise = np.random.default_rng(0).standard_normal(1000)
    X = np.c_[t, np.exp(t / 1000) + 0.1 * noise, t > 780, np.sin(t / 50), noise]
    for n_val in (20, 50, 200, 450):
        assert shift(X[:-n_val], X[-n_val:]) is None
        assert shift(X[n_val:], X[:n_val]) is None
    # Next year's rows are not.
    assert shift(X[:100], X[-200:]).column == 0


def test_what_is_found():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((500, 4))
    X_val = X[:40] * [1, 3, 1, 1] + [0, 16, 0, 9]
    found = shift(X, X_val)
    assert (found.column, len(found.columns), found.collapsed) == (1, 2, False)
    means = X_val[:, 1].mean() - X[:, 1].mean()
    assert found.distance == pytest.approx(means / X[:, 1].std())
    np.testing.assert_array_equal(found.training, [X[:, 1].min(), X[:, 1].max()])
    np.testing.assert_array_equal(found.here, [X_val[:, 1].min(), X_val[:, 1].max()])
    found = shift(X, X[:40] / [20, 30, 40, 1])
    assert (found.column, len(found.columns), found.collapsed) == (2, 3, True)


@pytest.mark.parametrize("container", [sp.csr_array, sp.csr_matrix, np.asfortranarray, np.float32])
def test_containers_agree(container):
    rng = np.random.default_rng(0)
    # More rows than a block has; zeros are outside the range of column 0.
    X = rng.standard_normal((20_000, 7)).astype(np.float32) * (rng.random((20_000, 7)) < 0.3)
    X[:, 0] = rng.random(20_000) + 5
    X_val = X[:5000].copy()
    X_val[rng.random(5000) < 0.7, 0] = 0
    expected = shift(X.astype(float), X_val.astype(float))
    assert expected.column == 0
    found = shift(container(X), container(X_val))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_a_weight_is_that_many_rows():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 2))
    X_val = np.r_[X[:30], X[:20] + 50]
    assert shift(X, X_val) is None
    weight = np.r_[np.ones(30), np.full(20, 3.0)]
    repeated = shift(X, np.repeat(X_val, weight.astype(int), axis=0))
    weighted = shift(X, X_val, weight_val=weight)
    assert weighted.distance == pytest.approx(repeated.distance)
    assert weighted.column == repeated.column
    # Rows of weight 0 are absent.
    assert shift(X, X_val, weight_val=np.r_[np.ones(30), np.zeros(20)]) is None
    far_away = np.r_[X, X + 50]
    assert shift(far_away, X[:30] + 50) is None
    assert shift(far_away, X[:30] + 50, weight=np.r_[np.ones(300), np.zeros(300)]) is not None


def test_only_the_rows_given_count():
    X = np.random.default_rng(0).standard_normal((400, 3))
    X[200:] += 100
    first, last = np.arange(200), np.arange(200, 400)
    assert find_shift(X, Rows(first[:150], None), X, Rows(first[150:], None)) is None
    assert find_shift(X, Rows(first, None), X, Rows(last, None)).distance > 90


def test_what_cannot_be_told():
    X = np.random.default_rng(0).standard_normal((100, 3))
    # A few rows; a column that does not vary in training; one that does not vary here.
    assert shift(X, X[:9] + 100) is None
    X[:, 1] = 7.0
    moved = X[:50].copy()
    moved[:, 1] = np.arange(50)
    assert shift(X, moved) is None
    assert shift(X, np.tile(X[:1], (50, 1))) is None
    # Ranges that overflow.
    X[:2, 0] = [-1.7e308, 1.7e308]
    assert shift(X, X[:50]) is None
