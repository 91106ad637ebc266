"""Relatives of Adam, and schedule-free AdamW: their steps in cases with a closed form."""

import math

import numpy as np
import pytest

from sknumpynet.optimizers import Adagrad, Adam, Lion, NAdam, RMSprop, ScheduleFree
from sknumpynet.optimizers.vectors import BLOCK

from .axpy import axpy_has_no_ends

RNG = np.random.default_rng(0)


def path(optimizer, gradients):
    theta, points = np.zeros(1), []
    for g in gradients:
        optimizer.step(theta, np.array([float(g)]))
        points.append(theta.item())
    return np.array(points)


# RMSprop.


def test_rmsprop_divides_by_a_decaying_mean_of_squares():
    """For a steady gradient that mean is 1 - decay^t of its square."""
    points = path(RMSprop(0.01, 0.9, 1e-20), [-3.0] * 200)
    expected = np.cumsum(0.01 / np.sqrt(1 - 0.9 ** np.arange(1, 201)))
    np.testing.assert_allclose(points, expected, rtol=1e-9)


def test_rmsprop_is_adam_without_momentum_but_for_the_start():
    gradients = RNG.normal(size=4000)
    ours, adam = (
        path(optimizer, gradients)
        for optimizer in (RMSprop(0.01, 0.99), Adam(0.01, beta_1=0.0, beta_2=0.99))
    )
    np.testing.assert_allclose(np.diff(ours)[2000:], np.diff(adam)[2000:], rtol=1e-6)


# Adagrad.


@pytest.mark.parametrize("gradient", [-1e-3, 5.0])
def test_adagrad_on_a_steady_slope_slows_down_with_the_root_of_the_steps(gradient):
    points = path(Adagrad(0.1, 1e-20), [gradient] * 300)
    expected = -np.sign(gradient) * 0.1 * np.cumsum(1 / np.sqrt(np.arange(1, 301)))
    np.testing.assert_allclose(points, expected, rtol=1e-9)


def test_adagrad_remembers_a_large_gradient_for_ever():
    points = path(Adagrad(1.0), [1000.0] + [1.0] * 500)
    np.testing.assert_allclose(np.diff(points), -1e-3, rtol=1e-3)


# NAdam.


@pytest.mark.parametrize("gradient", [-1e-6, 1.0, 1e6])
def test_nadam_on_a_steady_slope_goes_at_the_rate(gradient):
    """With mu near beta_1 the two shares add to 1."""
    steps = np.diff(path(NAdam(0.01, epsilon=1e-20), [gradient] * 3000))
    np.testing.assert_allclose(steps[-100:], -np.sign(gradient) * 0.01, rtol=0.02)


def test_nadam_is_published_recursions():
    """Dozat's algorithm with the figures of PyTorch, written for one number."""
    gradients, beta_1, beta_2 = RNG.normal(size=150), 0.8, 0.95
    m = v = theta = 0.0
    mus = [beta_1 * (1 - 0.5 * 0.96 ** (t * 0.004)) for t in range(1, 152)]
    expected = []
    for t, g in enumerate(gradients, 1):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        now, then = math.prod(mus[:t]), math.prod(mus[: t + 1])
        mean = mus[t] * m / (1 - then) + (1 - mus[t - 1]) * g / (1 - now)
        theta -= 0.01 * mean / math.sqrt(v / (1 - beta_2**t))
        expected.append(theta)
    found = path(NAdam(0.01, beta_1, beta_2, 1e-30), gradients)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


# Lion.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e-20, 1.0, 1e30])
def test_a_step_of_lion_is_the_rate_in_every_coordinate(size, dtype):
    gradients = (size * RNG.normal(size=(100, 50))).astype(dtype)
    theta, optimizer = np.zeros(50, dtype=dtype), Lion(2.0**-10)
    for g in gradients:
        before = theta.copy()
        optimizer.step(theta, g)
        np.testing.assert_array_equal(np.abs(theta - before), 2.0**-10)


@pytest.mark.parametrize(("beta_1", "memory"), [(0.9, 0.99), (0.0, 0.5), (0.5, 0.01)])
def test_lion_turns_where_the_mean_with_the_new_gradient_does(beta_1, memory):
    gradients = RNG.normal(size=300)
    steps = np.diff(path(Lion(1.0, beta_1, memory), gradients), prepend=0.0)
    m, signs = 0.0, []
    for g in gradients:
        signs.append(-np.sign(beta_1 * m + (1 - beta_1) * g))
        m = memory * m + (1 - memory) * g
    np.testing.assert_array_equal(steps, signs)


def test_lion_stands_still_without_a_gradient():
    np.testing.assert_array_equal(path(Lion(0.1), [0.0] * 5), 0)


# Schedule-free.


def judged(optimizer, theta):
    optimizer.to_evaluation(theta)
    found = theta.copy()
    optimizer.to_training(theta)
    return found


@pytest.mark.parametrize("beta_1", [0.0, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_schedule_free_judges_the_mean_of_its_steps(beta_1, dtype):
    """Algorithm 1 of the paper, for two numbers of which the first decays."""
    rate, beta_2, decay = 0.01, 0.95, 0.2
    gradients = RNG.normal(size=(150, 2)).astype(dtype)
    theta = np.ones(2, dtype=dtype)
    optimizer = ScheduleFree(rate, beta_1, beta_2, 1e-20, decay, [slice(0, 1)])
    z, x, v, weight = np.ones(2), np.ones(2), np.zeros(2), 0.0
    for t, g in enumerate(gradients.astype("float64"), 1):
        y = (1 - beta_1) * z + beta_1 * x
        np.testing.assert_allclose(theta, y, rtol=1e-5)
        optimizer.step(theta, g.astype(dtype))
        v = beta_2 * v + (1 - beta_2) * g * g
        lr_t = rate * math.sqrt(1 - beta_2**t)
        z = z - lr_t * (g / np.sqrt(v) + decay * y * [1, 0])
        weight += lr_t**2
        x = x + lr_t**2 / weight * (z - x)
        np.testing.assert_allclose(judged(optimizer, theta), x, rtol=1e-5)


def test_schedule_free_at_a_constant_rate_judges_the_plain_mean():
    """Of steps of one length (a steady gradient, no second moment to learn): half the way."""
    optimizer, theta = ScheduleFree(0.01, 0.9, 0.0, 1e-20), np.zeros(1)
    for _ in range(100):
        optimizer.step(theta, np.ones(1))
    assert judged(optimizer, theta).item() == pytest.approx(-0.01 * np.arange(1, 101).mean())


def test_schedule_free_goes_on_from_weights_set_from_outside():
    optimizer, theta = ScheduleFree(0.01, 0.9, 0.0, 1e-20), np.zeros(3)
    for _ in range(50):
        optimizer.step(theta, np.ones(3))
    optimizer.to_evaluation(theta)
    theta[:] = 7.0
    optimizer.to_training(theta)
    np.testing.assert_allclose(theta, 7)
    for _ in range(4):
        optimizer.step(theta, np.ones(3))
    np.testing.assert_allclose(judged(optimizer, theta), 7 - 0.025)


def test_schedule_free_at_a_rate_of_0_stands_still():
    optimizer, theta = ScheduleFree(0.01), np.ones(2)
    optimizer.learning_rate = 0.0
    optimizer.step(theta, np.ones(2))
    np.testing.assert_array_equal(judged(optimizer, theta), 1)


def test_changing_twice_is_changing_once():
    optimizer, theta = ScheduleFree(0.1), np.zeros(2)
    for _ in range(5):
        optimizer.step(theta, np.ones(2))
    y = theta.copy()
    optimizer.to_evaluation(theta)
    x = theta.copy()
    optimizer.to_evaluation(theta)
    np.testing.assert_array_equal(theta, x)
    optimizer.to_training(theta)
    optimizer.to_training(theta)
    np.testing.assert_array_equal(theta, y)
    assert (x > y).all()


# All.


KINDS = {
    "nadam": (NAdam, ("m", "v")),
    "rmsprop": (RMSprop, ("v",)),
    "adagrad": (Adagrad, ("total",)),
    "lion": (Lion, ("m",)),
    "schedule_free": (ScheduleFree, ("v",)),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("size", [BLOCK - 1, 2 * BLOCK + 3])
def test_blocks_have_no_borders(name, size):
    make = KINDS[name][0]
    gradients = RNG.normal(size=(3, size))
    whole, optimizer = np.ones(size), make(0.01)
    parts, first, second = np.ones(size), make(0.01), make(0.01)
    cut = size // 3
    for g in gradients:
        optimizer.step(whole, g.copy())
        first.step(parts[:cut], g[:cut].copy())
        second.step(parts[cut:], g[cut:].copy())
    np.testing.assert_allclose(whole, parts, rtol=0.0 if axpy_has_no_ends("float64") else 1e-14)
    assert (whole != 1).all()


@pytest.mark.parametrize("name", KINDS)
def test_moments_of_a_gradient_that_ends_are_never_denormal(name):
    make, moments = KINDS[name]
    theta, optimizer = np.zeros(3, dtype=np.float32), make(0.01)
    tiny = np.finfo(np.float32).tiny
    for step in range(8000):
        g = 1.0 if step < 10 else 0.0
        optimizer.step(theta, np.array([g, 1e-3 * g, 1.0], dtype=np.float32))
        for moment in moments:
            m = getattr(optimizer, moment)
            assert ((m == 0) | (np.abs(m) >= tiny)).all()
    assert np.isfinite(theta).all()
