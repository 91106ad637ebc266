"""Dropout: which units stay, with what factor, and by whose chance."""

from types import SimpleNamespace

import numpy as np
import pytest

from sknumpynet.network import ACTIVATIONS, AlphaDropout, Architecture, Dropout, build_layers
from sknumpynet.network.layer import Scratch

NONE = SimpleNamespace()
X = np.random.default_rng(0).uniform(1, 2, size=(1000, 101))


def scratch(layer, x=X, seed=1, training=True):
    rng = np.random.default_rng(seed)
    return Scratch(layer, len(x), x.dtype, NONE if training else None, rng, training)


def masks(rate, seed=1, n=1):
    """The factors of ``n`` calls."""
    layer = Dropout(X.shape[1], rate)
    ws = scratch(layer, seed=seed)
    return [layer.forward(X, NONE, ws) / X for _ in range(n)]


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.3, 0.5, 0.9])
def test_units_are_left_out_at_the_rate_and_the_others_make_up_for_it(rate):
    factors = masks(rate)[0]
    sd = np.sqrt(rate * (1 - rate) / X.size)
    assert abs((factors == 0).mean() - rate) < 4 * sd
    np.testing.assert_allclose(factors[factors != 0], 1 / (1 - rate), rtol=2e-4)
    assert abs(factors.mean() - 1) < 4 * sd / (1 - rate)


def test_the_mean_over_many_draws_is_the_input():
    mean = np.mean(masks(0.25, n=400), axis=0)
    # Standard deviation of a mean of 400: sqrt(1/3) / 20.
    assert abs(mean.mean() - 1) < 1e-3
    assert mean.std() == pytest.approx(np.sqrt(1 / 3) / 20, rel=0.02)


def test_units_rows_and_calls_are_independent():
    one, two = (factors == 0 for factors in masks(0.5, n=2))
    correlations = [
        np.corrcoef(one.ravel(), two.ravel())[0, 1],
        *(np.corrcoef(one[:, j:].ravel(), one[:, :-j].ravel())[0, 1] for j in range(1, 9)),
        np.corrcoef(one[1:].ravel(), one[:-1].ravel())[0, 1],
    ]
    assert np.abs(correlations).max() < 4 / np.sqrt(X.size - 8000)
    # Each row has its own: the shares of the rows spread as those of a binomial law.
    assert one.mean(axis=1).std() == pytest.approx(np.sqrt(0.25 / X.shape[1]), rel=0.1)


def test_the_seed_decides():
    np.testing.assert_array_equal(masks(0.5, n=3), masks(0.5, n=3))
    assert (masks(0.5)[0] != masks(0.5, seed=2)[0]).any()


@pytest.mark.parametrize("rate", [1 - 1e-9, 1 - 2.0**-16, 1e-9])
def test_extreme_rates_give_finite_factors(rate):
    factors = masks(rate)[0]
    assert np.isfinite(factors).all()
    assert factors.max() <= 2**16


def test_a_prediction_uses_all_units_and_draws_nothing():
    layer = Dropout(X.shape[1], 0.5)
    ws = scratch(layer, training=False)
    assert layer.forward(X, NONE, ws) is X
    assert ws.rng.random() == np.random.default_rng(1).random()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_was_left_out_gets_no_gradient(dtype):
    layer, x = Dropout(X.shape[1], 0.3), X.astype(dtype)
    ws = scratch(layer, x)
    y = layer.forward(x, NONE, ws)
    dx = layer.backward(np.ones_like(x), NONE, ws)
    assert y.dtype == dx.dtype == dtype
    np.testing.assert_allclose(dx, y / x, rtol=1e-6)


# Behind selu.


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.7])
def test_alpha_dropout_keeps_mean_and_variance(rate):
    x = np.random.default_rng(2).normal(size=(3000, 101))
    layer = AlphaDropout(101, rate)
    y = layer.forward(x, NONE, scratch(layer, x))
    assert abs(y.mean()) < 0.01
    assert y.var() == pytest.approx(1, abs=0.02)
    # Those that were dropped all have one value.
    values, counts = np.unique(y.round(12), return_counts=True)
    assert counts.max() / y.size == pytest.approx(rate, abs=0.01)
    low = values[counts.argmax()]
    kept = (y - low) > 1e-9
    slope, offset = np.polyfit(x[kept], y[kept], 1)
    # Its value is what a unit far below 0 has, times the same slope, plus the same offset.
    lowest = ACTIVATIONS["selu"](n=1).forward(
        np.array([[-1e3]]), NONE, scratch(ACTIVATIONS["selu"](n=1), np.zeros((1, 1)))
    )
    assert low == pytest.approx(slope * lowest[0, 0] + offset, rel=1e-9)
    dx = layer.backward(np.ones_like(x), NONE, scratch_after(layer, x))
    np.testing.assert_allclose(dx[dx != 0], slope, rtol=1e-9)


def scratch_after(layer, x):
    ws = scratch(layer, x)
    layer.forward(x, NONE, ws)
    return ws


def test_selu_has_it_and_others_have_dropout():
    layers = build_layers(Architecture(3, (4, 5), ["selu", "elu"], 1, dropout=[0.2, 0.3]))
    assert layers[2] == AlphaDropout(4, 0.2)
    assert layers[5] == Dropout(5, 0.3)
    assert AlphaDropout(X.shape[1], 0.5).forward(
        X, NONE, scratch(AlphaDropout(X.shape[1], 0.5), training=False)
    ) is X  # fmt: skip
