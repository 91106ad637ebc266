"""Where gradient descent is after n steps, from closed forms that its recursion does not show."""

import numpy as np
import pytest

from sknumpynet.optimizers import SGD


def path(optimizer, gradient, n_steps, start=0.0):
    """The points of n steps in one dimension."""
    theta, points = np.array([float(start)]), []
    for _ in range(n_steps):
        optimizer.step(theta, np.array([gradient(theta[0])]))
        points.append(theta.item())
    return np.array(points)


def test_without_momentum_a_parabola_decays_geometrically():
    points = path(SGD(0.1, momentum=0.0), lambda x: 2 * x, 10, start=3.0)
    np.testing.assert_allclose(points, 3 * 0.8 ** np.arange(1, 11))


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_0_is_plain_descent(nesterov):
    points = path(SGD(0.1, momentum=0.0, nesterov=nesterov), lambda x: 2 * x, 10, start=3.0)
    np.testing.assert_allclose(points, path(SGD(0.1, momentum=1e-300), lambda x: 2 * x, 10, 3.0))


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_a_steady_slope_is_descended_at_the_terminal_speed(momentum):
    lr, slope = 0.1, 4.0
    points = path(SGD(lr, momentum, nesterov=False), lambda x: slope, 400)
    assert points[0] == pytest.approx(-lr * slope)
    assert points[-1] - points[-2] == pytest.approx(-lr * slope / (1 - momentum))


def test_on_a_steady_slope_nesterov_is_one_step_ahead():
    steps = [
        np.diff(path(SGD(0.1, 0.9, nesterov), lambda x: 4.0, 20), prepend=0.0)
        for nesterov in (False, True)
    ]
    np.testing.assert_allclose(steps[1][:-1], steps[0][1:])


def test_nesterov_takes_the_gradient_where_momentum_leads():
    """Sutskever et al. 2013, eqs. 3-4, for the point ahead: theta + momentum * velocity."""
    lr, momentum, theta, velocity, ahead = 0.05, 0.9, 3.0, 0.0, []
    for _ in range(20):
        velocity = momentum * velocity - lr * 2 * (theta + momentum * velocity)
        theta += velocity
        ahead.append(theta + momentum * velocity)
    np.testing.assert_allclose(path(SGD(lr, momentum), lambda x: 2 * x, 20, start=3.0), ahead)


def test_momentum_1_never_slows_down():
    points = path(SGD(0.1, momentum=1.0, nesterov=False), lambda x: 1.0 if x == 0 else 0.0, 5)
    np.testing.assert_allclose(points, -0.1 * np.arange(1, 6))
