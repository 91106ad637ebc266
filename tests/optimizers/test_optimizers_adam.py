"""Adam: the size of its steps in cases with a closed form, block borders, denormal numbers."""

import math

import numpy as np
import pytest

from sknumpynet.optimizers import Adam, moments
from sknumpynet.optimizers.moments import to_first_unit
from sknumpynet.optimizers.vectors import BLOCK, BLOCK_OF_ONE_THREAD


def path(optimizer, gradients):
    theta, points = np.zeros(1), []
    for g in gradients:
        optimizer.step(theta, np.array([float(g)]))
        points.append(theta.item())
    return np.array(points)


@pytest.mark.parametrize("gradient", [-1e-6, 1.0, 1e6])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.9), (0.0, 0.0)])
def test_a_steady_gradient_of_any_size_gives_steps_of_the_learning_rate(gradient, betas):
    """With both means corrected for their start at 0, from the first step on."""
    points = path(Adam(0.01, *betas, epsilon=1e-20), [gradient] * 200)
    np.testing.assert_allclose(points, -np.sign(gradient) * 0.01 * np.arange(1, 201), rtol=1e-9)


@pytest.mark.parametrize(("beta_1", "beta_2"), [(0.9, 0.999), (0.5, 0.8)])
def test_the_second_step_after_a_gradient_that_ends(beta_1, beta_2):
    """The means of (g, 0) and (g^2, 0) with weights (beta, 1) have the factor beta / (1 + beta)."""
    points = path(Adam(0.01, beta_1, beta_2, epsilon=1e-20), [3.0, 0.0])
    ratio = beta_1 / (1 + beta_1) / math.sqrt(beta_2 / (1 + beta_2))
    assert points[1] - points[0] == pytest.approx(-0.01 * ratio)


def test_without_a_first_moment_steps_are_gradients_in_units_of_their_root_mean_square():
    optimizer = Adam(1.0, beta_1=0.0, beta_2=0.999999, epsilon=1e-20)
    points = path(optimizer, [3.0, 4.0])
    assert points[1] - points[0] == pytest.approx(-4 / math.sqrt(12.5), rel=1e-5)


def test_epsilon_is_added_before_the_correction_of_the_second_moment():
    """Kingma and Ba, end of section 2: at t = 1 sqrt(v) is sqrt(1 - beta_2) |g|, here 1/2."""
    points = path(Adam(1.0, beta_1=0.9, beta_2=0.75, epsilon=0.5), [1.0])
    assert points[0] == pytest.approx(-0.5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])
def test_a_loss_in_other_units_gives_the_same_steps(factor, dtype):
    gradients = np.random.default_rng(0).normal(size=(100, 50)).astype(dtype)
    thetas = np.zeros((2, 50), dtype=dtype)
    for theta, unit in zip(thetas, (1.0, factor), strict=True):
        optimizer = Adam(0.01, epsilon=1e-20)
        for g in gradients:
            optimizer.step(theta, g * np.array(unit, dtype=dtype))
    np.testing.assert_allclose(*thetas, rtol=1e-5)


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3])
def test_blocks_have_no_borders(size):
    gradients = np.random.default_rng(0).normal(size=(3, size))
    whole, optimizer = np.ones(size), Adam()
    parts, first, second = np.ones(size), Adam(), Adam()
    cut = size // 3
    for g in gradients:
        optimizer.step(whole, g.copy())
        first.step(parts[:cut], g[:cut].copy())
        second.step(parts[cut:], g[cut:].copy())
    np.testing.assert_array_equal(whole, parts)
    assert (whole != 1).all()


def moments_of(optimizer):
    return [m for m in optimizer.state().values() if isinstance(m, np.ndarray)]


def test_moments_of_a_gradient_that_ends_become_exactly_0():
    """And never denormal on the way, with which computing is many times slower."""
    theta, optimizer = np.zeros(3, dtype=np.float32), Adam(beta_2=0.9)
    tiny = np.finfo(np.float32).tiny
    for step in range(1000):
        g = 1.0 if step < 10 else 0.0
        optimizer.step(theta, np.array([g, 1e-3 * g, 1.0], dtype=np.float32))
        for moment in moments_of(optimizer):
            assert ((moment == 0) | (np.abs(moment) >= tiny)).all()
    for moment in moments_of(optimizer):
        np.testing.assert_array_equal(moment != 0, [False, False, True])


def test_a_parameter_without_gradient_stands_still_and_can_start_again():
    theta, optimizer = np.zeros(2), Adam(0.01, beta_2=0.9)
    for step in range(1000):
        optimizer.step(theta, np.array([float(step < 10), 1.0]))
    before = theta.copy()
    optimizer.step(theta, np.array([0.0, 1.0]))
    assert theta[0] == before[0]
    assert theta[1] == pytest.approx(before[1] - 0.01)
    optimizer.step(theta, np.array([1.0, 1.0]))
    assert theta[0] < before[0]


def test_moments_of_small_gradients_are_not_dropped():
    """A gradient of 1e-6 still counts in float32, whose smallest normal number is 1e-38."""
    theta, optimizer = np.zeros(1, dtype=np.float32), Adam(0.01, epsilon=1e-12)
    for _ in range(640):
        optimizer.step(theta, np.full(1, 1e-6, dtype=np.float32))
    assert theta.item() == pytest.approx(-6.4, rel=1e-3)


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.8), (0.0, 0.999), (0.9, 0.0), (1e-4, 0.9)])
@pytest.mark.parametrize("n_before", [1, 30, 64, 65, 100])
def test_a_resumed_optimizer_goes_on_with_means_in_its_own_units(betas, n_before):
    """With other decay rates the means stay, as the recursions of the paper say."""
    gradients = np.random.default_rng(1).normal(size=(n_before + 40, 3))
    first, theta = Adam(0.01, 0.7, 0.95), np.zeros(3)
    m, v, expected = np.zeros(3), np.zeros(3), np.zeros(3)
    for t, g in enumerate(gradients, 1):
        if t <= n_before:
            optimizer, b1, b2 = first, 0.7, 0.95
        elif t == n_before + 1:
            optimizer, (b1, b2) = Adam(0.01, *betas), betas
            optimizer.load(first.state())
        optimizer.step(theta, g.copy())
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        expected -= 0.01 * math.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + 1e-8)
        np.testing.assert_allclose(theta, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_block_lengths_change_nothing(dtype):
    gradients = np.random.default_rng(0).normal(size=(70, 40_000)).astype(dtype)
    thetas = np.ones((2, 40_000), dtype=dtype)
    for theta, block in zip(thetas, (BLOCK, BLOCK_OF_ONE_THREAD), strict=True):
        optimizer = Adam()
        optimizer.block = block
        for g in gradients:
            optimizer.step(theta, g.copy())
    np.testing.assert_array_equal(*thetas)


@pytest.mark.parametrize("n_moments", [1, 2])
def test_an_interrupt_while_the_units_change_costs_a_decay_at_most(n_moments, monkeypatch):
    """Ctrl-C may come between any two operations; training may go on with what it leaves."""
    changed = []

    def interrupted(moment, *args):
        to_first_unit(moment, *args)
        changed.append(moment)
        if len(changed) == n_moments:
            raise KeyboardInterrupt

    rng, theta, optimizer = np.random.default_rng(0), np.zeros(50), Adam(1e-3)
    for _ in range(64):
        optimizer.step(theta, 1 + rng.normal(size=50))
    monkeypatch.setattr(moments, "to_first_unit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        optimizer.step(theta, 1 + rng.normal(size=50))
    monkeypatch.undo()
    for _ in range(100):
        before = theta.copy()
        optimizer.step(theta, 1 + rng.normal(size=50))
        # A decay too many of v, by 0.999^64, makes steps 3 % longer; they are at most lr before.
        assert np.abs(theta - before).max() < 4e-3
