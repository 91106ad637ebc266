"""The gradient checker: it accepts right gradients and must reject wrong ones."""

from dataclasses import dataclass

import numpy as np
import pytest

from sknumpynet.inspection import GradientCheck, check_gradient
from sknumpynet.losses import BinaryLogLoss, SquaredError
from sknumpynet.network import Linear, Network
from sknumpynet.network.activations.table import Logistic, Tanh
from sknumpynet.training import Batch, Objective

SIZE = 40
A = np.random.default_rng(0).normal(size=(SIZE, SIZE)) / SIZE
THETA = np.random.default_rng(1).normal(size=SIZE)


def smooth(theta):
    """sum sin(A theta), whose gradient is A^T cos(A theta)."""
    return float(np.sin(A @ theta).sum()), A.T @ np.cos(A @ theta)


def spoiled(change):
    """``smooth`` with another gradient."""
    return lambda theta: (smooth(theta)[0], change(smooth(theta)[1]))


def with_entry(gradient, value):
    gradient[SIZE // 2] = value
    return gradient


def test_a_right_gradient_is_accepted():
    assert check_gradient(smooth, THETA).error < 1e-8


@pytest.mark.parametrize(
    "change",
    [
        lambda g: -g,
        lambda g: 0.5 * g,
        lambda g: 1.00001 * g,
        lambda g: g + 1e-5,
        lambda g: g[::-1],
        lambda g: 0 * g,
        lambda g: with_entry(g, 0.0),
        lambda g: with_entry(g, g[SIZE // 2] + 1e-4),
    ],
    ids=["sign", "half", "scale", "offset", "order", "zero", "one entry", "one entry a bit"],
)
def test_a_wrong_gradient_is_rejected(change):
    assert check_gradient(spoiled(change), THETA).error > 1e-6


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_rejected(value):
    """Whichever way round it is asked: an error of nan would be neither below nor above 1e-6."""
    assert check_gradient(spoiled(lambda g: with_entry(g, value)), THETA).error > 1e-6


def test_the_slopes_are_those_along_unit_directions():
    plane = np.array([3.0, 4.0])
    check = check_gradient(lambda t: (float(plane @ t), plane), np.zeros(2), n_directions=200)
    assert check.analytic.shape == check.numeric.shape == (200,)
    np.testing.assert_allclose(check.numeric, check.analytic, atol=1e-9)
    assert 4.9 < np.abs(check.analytic).max() <= 5


def test_the_error_is_the_largest_relative_to_the_largest_slope():
    check = GradientCheck(np.array([1.0, -4.0, 2.0]), np.array([1.0, -4.0, 2.5]))
    assert check.error == pytest.approx(0.5 / 4)
    assert GradientCheck(np.zeros(3), np.zeros(3)).error == 0


def test_theta_is_left_alone_and_the_gradient_may_be_a_reused_buffer():
    theta, buffer = THETA.copy(), np.empty(SIZE)
    theta.flags.writeable = False

    def evaluate(t):
        value, gradient = smooth(t)
        buffer[:] = gradient
        t += 1  # What it is given is its own.
        return value, buffer

    assert check_gradient(evaluate, theta).error < 1e-8


def test_entries_of_theta_beyond_the_gradient_stay_fixed():
    def evaluate(theta):
        np.testing.assert_array_equal(theta[-5:], THETA[-5:])
        value, gradient = smooth(theta)
        return value, gradient[:-5]

    assert check_gradient(evaluate, THETA).error < 1e-8


def test_the_seed_decides_the_directions():
    first, again, other = (check_gradient(smooth, THETA, seed=seed).analytic for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_the_step_fits_the_dtype():
    def evaluate(theta):
        return float(theta @ theta), 2 * theta

    theta = np.linspace(1, 2, 5, dtype=np.float32)
    assert check_gradient(evaluate, theta).error < 1e-2
    assert check_gradient(evaluate, theta, step=1e-9).error > 0.5


@dataclass(frozen=True)
class WrongSign(Tanh):
    def backward(self, dy, p, ws):
        return -super().backward(dy, p, ws)


@dataclass(frozen=True)
class ForgottenFactor(Logistic):
    def backward(self, dy, p, ws):
        return dy * (1 - ws.y)


@dataclass(frozen=True)
class OneWrongEntry(Linear):
    def backward(self, dy, p, ws):
        dx = super().backward(dy, p, ws)
        ws.g.W[0, 0] *= 1.001
        return dx


@dataclass(frozen=True)
class ForgottenOffset(Linear):
    def backward(self, dy, p, ws):
        dx = super().backward(dy, p, ws)
        ws.g.b[...] = 0
        return dx


class HalfGradient(BinaryLogLoss):
    """Its gradient is that of half the loss."""

    def value(self, raw, y, weight, d_raw=None):
        loss = super().value(raw, y, weight, d_raw)
        d_raw *= 0.5
        return loss


def error_of(layer, loss=None):
    network = Network.initialized([Linear(3, 4, first=True), layer, Linear(4, 2)], "float64", rng())
    network.theta[:] = rng().normal(size=network.theta.size)
    batch = Batch(rng().normal(size=(9, 3)), rng().normal(size=(9, 2)))
    objective = Objective(network, loss or SquaredError(), 0.1, 9)
    return check_gradient(lambda theta: objective(theta, batch), network.theta.copy()).error


def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize("layer", [Tanh(n=4), Logistic(n=4), Linear(4, 4)])
def test_right_layers_are_accepted(layer):
    assert error_of(layer) < 1e-6


@pytest.mark.parametrize(
    "layer", [WrongSign(n=4), ForgottenFactor(n=4), OneWrongEntry(4, 4), ForgottenOffset(4, 4)]
)
def test_wrong_layers_are_rejected(layer):
    assert error_of(layer) > 1e-5


def test_a_wrong_loss_is_rejected():
    assert error_of(Tanh(n=4), HalfGradient()) > 0.1
