"""L-BFGS in place: the optimum, the limits, what the callback sees, and how the end is named."""

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from sknumpynet.optimizers import minimize_lbfgs

START = [1.3, 0.7, 0.8, 1.9, 1.2]


def rosenbrock(theta):
    return float(rosen(theta)), rosen_der(theta)


def minimize(evaluate=rosenbrock, start=START, dtype="float64", after=lambda loss: False, **limits):
    theta = np.array(start, dtype=dtype)
    options = {"max_iter": 500, "max_fun": 1000, "gtol": 1e-7} | limits
    return theta, minimize_lbfgs(evaluate, theta, after_iteration=after, **options)


def test_rosenbrock_is_minimized_in_place():
    theta, result = minimize()
    np.testing.assert_allclose(theta, 1, rtol=1e-5)
    assert (result.limit, result.stuck) == (False, False)


def test_float32_stays_float32_and_is_evaluated_in_it():
    dtypes = set()

    def evaluate(theta):
        dtypes.add(theta.dtype)
        value, gradient = rosenbrock(theta.astype(float))
        return value, gradient.astype(theta.dtype)

    theta, _ = minimize(evaluate, dtype="float32", gtol=1e-3)
    assert dtypes == {theta.dtype} == {np.dtype("float32")}
    np.testing.assert_allclose(theta, 1, atol=5e-3)


def test_the_callback_sees_the_loss_of_the_theta_that_is_set():
    theta, losses = np.array(START), []

    def after(loss):
        assert loss == rosen(theta)
        losses.append(loss)
        return False

    options = {"max_iter": 500, "max_fun": 1000, "gtol": 1e-7}
    result = minimize_lbfgs(rosenbrock, theta, after_iteration=after, **options)
    assert len(losses) == result.n_iter > 10
    assert (np.diff([rosen(START), *losses]) <= 0).all()
    assert rosen(theta) == losses[-1]


@pytest.mark.parametrize("max_iter", [1, 4])
def test_max_iter_is_exact(max_iter):
    losses = []
    _, result = minimize(after=losses.append, max_iter=max_iter)
    assert len(losses) == result.n_iter == max_iter
    assert result.limit


def test_max_fun_stops_at_the_end_of_the_iteration():
    calls = []

    def evaluate(theta):
        calls.append(1)
        return rosenbrock(theta)

    _, result = minimize(evaluate, max_fun=7)
    assert result.limit
    assert 7 <= len(calls) < 7 + 20


def test_the_callback_can_stop():
    losses = []

    def after(loss):
        losses.append(loss)
        return len(losses) == 5

    theta, result = minimize(after=after)
    np.testing.assert_array_equal(theta, minimize(max_iter=5)[0])
    assert result.n_iter == len(losses) == 5
    assert (result.limit, result.stuck) == (False, False)


def test_the_gradient_may_be_one_reused_array():
    buffer = np.empty(len(START))

    def evaluate(theta):
        buffer[:] = rosen_der(theta)
        return float(rosen(theta)), buffer

    np.testing.assert_array_equal(minimize(evaluate)[0], minimize()[0])


def test_at_the_optimum_nothing_happens():
    losses = []
    theta, result = minimize(start=[1.0, 1.0], after=losses.append)
    np.testing.assert_array_equal(theta, 1)
    assert (result.n_iter, result.limit, result.stuck, losses) == (0, False, False, [])


def test_gtol_is_the_largest_entry_of_the_gradient_that_is_good_enough():
    theta, result = minimize(gtol=0.1)
    assert 1e-6 < np.abs(rosen_der(theta)).max() <= 0.1
    assert not result.limit


@pytest.mark.parametrize(("dtype", "low_enough"), [("float64", 1e-10), ("float32", 1e-6)])
@pytest.mark.parametrize("unit", [1e-10, 1e-5, 1.0, 1e5])
def test_the_unit_of_the_loss_does_not_decide_when_it_is_low_enough(unit, dtype, low_enough):
    """SciPy's relative tolerance is an absolute one for losses below 1."""

    def evaluate(theta):
        value, gradient = rosenbrock(theta.astype(float))
        return unit * value, (unit * gradient).astype(theta.dtype)

    theta, _ = minimize(evaluate, dtype=dtype, gtol=unit * 1e-7)
    assert rosen(theta.astype(float)) < low_enough


def test_a_direction_without_descent_is_called_stuck():
    """Here the gradient points the wrong way, so no step along it lowers the loss."""
    theta, result = minimize(lambda theta: (float(rosen(theta)), -rosen_der(theta)))
    np.testing.assert_array_equal(theta, START)
    assert (result.limit, result.stuck) == (False, True)


def test_with_gtol_0_it_goes_on_while_the_loss_falls_and_ends_well():
    """1 + sum x^4 / 4 has a gradient that never is 0, and rounding makes it flat."""

    def bowl(theta):
        return 1 + float((theta**4).sum()) / 4, theta**3

    nearest, result = minimize(bowl, [1.0, -2.0], gtol=0.0)
    near, _ = minimize(bowl, [1.0, -2.0], gtol=1e-12)
    assert np.abs(nearest).max() < np.abs(near).max()
    assert not result.stuck
    assert not result.limit
