"""What every optimizer promises: it descends, in place, in one dtype, resumes and forgets."""

import inspect
import pickle

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from sknumpynet import optimizers
from sknumpynet.optimizers import SGD, Adam, Optimizer

# A row per way to run an optimizer; the test below says that no class is missing.
OPTIMIZERS = {
    "plain": lambda lr=0.02: SGD(lr, momentum=0.0),
    "momentum": lambda lr=0.02: SGD(lr, momentum=0.9, nesterov=False),
    "nesterov": lambda lr=0.02: SGD(lr, momentum=0.9, nesterov=True),
    "adam": lambda lr=0.02: Adam(lr),
}
WITH_STATE = ["momentum", "nesterov", "adam"]
every_optimizer = pytest.mark.parametrize("name", sorted(OPTIMIZERS))


def gradients(n_steps, size=5, dtype="float64", seed=0):
    return np.random.default_rng(seed).normal(size=(n_steps, size)).astype(dtype)


def run(optimizer, theta, steps):
    for gradient in steps:
        optimizer.step(theta, gradient.copy())
    return theta


def test_every_optimizer_has_a_row():
    classes = {c for _, c in inspect.getmembers(optimizers, inspect.isclass)}
    classes = {c for c in classes if issubclass(c, Optimizer) and c is not Optimizer}
    assert {type(make()) for make in OPTIMIZERS.values()} == classes


@every_optimizer
def test_a_parabola_is_descended_to_its_bottom(name):
    bottom, theta = np.array([1.0, -2.0, 3.0]), np.zeros(3)
    optimizer = OPTIMIZERS[name]()
    for _ in range(1500):
        optimizer.step(theta, np.array([1.0, 3.0, 10.0]) * (theta - bottom))
    np.testing.assert_allclose(theta, bottom, atol=1e-3)


@pytest.mark.parametrize(("name", "lr"), [("momentum", 1e-4), ("nesterov", 1e-4), ("adam", 0.02)])
def test_the_valley_of_rosenbrock_is_followed(name, lr):
    theta = np.array([-1.2, 1.0])
    optimizer = OPTIMIZERS[name](lr)
    for _ in range(6000):
        optimizer.step(theta, rosen_der(theta))
    assert rosen(theta) < 0.02
    np.testing.assert_allclose(theta, 1, atol=0.25)


@every_optimizer
def test_theta_moves_in_place_against_the_first_gradient(name):
    theta = np.zeros(4)
    alias = theta
    OPTIMIZERS[name]().step(theta, np.array([1.0, -1.0, 2.0, 0.0]))
    np.testing.assert_array_equal(np.sign(alias), [-1, 1, -1, 0])


@every_optimizer
def test_entries_do_not_mix(name):
    steps = gradients(20)
    together = run(OPTIMIZERS[name](), np.zeros(5), steps)
    alone = [run(OPTIMIZERS[name](), np.zeros(1), steps[:, j : j + 1]).item() for j in range(5)]
    np.testing.assert_array_equal(together, alone)


@every_optimizer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_theta_and_moments_keep_the_dtype(name, dtype):
    optimizer, theta = OPTIMIZERS[name](), np.zeros(5, dtype=dtype)
    run(optimizer, theta, gradients(70, dtype=dtype))
    arrays = [getattr(optimizer, state) for state in optimizer.state]
    arrays = [array for array in arrays if isinstance(array, np.ndarray)]
    assert {array.dtype for array in [theta, *arrays]} == {np.dtype(dtype)}
    assert len(arrays) == {"plain": 0, "momentum": 1, "nesterov": 1, "adam": 2}[name]


@every_optimizer
def test_float32_follows_float64(name):
    double = run(OPTIMIZERS[name](), np.zeros(5), gradients(50))
    single = run(OPTIMIZERS[name](), np.zeros(5, "float32"), gradients(50, dtype="float32"))
    np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-5)


@every_optimizer
def test_resuming_equals_going_on(name):
    steps = gradients(30)
    whole = run(OPTIMIZERS[name](), np.zeros(5), steps)
    first, second = OPTIMIZERS[name](), OPTIMIZERS[name]()
    theta = run(first, np.zeros(5), steps[:10])
    second.resume(first)
    np.testing.assert_array_equal(run(second, theta, steps[10:]), whole)


@pytest.mark.parametrize("name", WITH_STATE)
def test_resuming_copies_the_state_but_not_the_options(name):
    first, second = OPTIMIZERS[name](0.5), OPTIMIZERS[name](0.25)
    run(first, np.zeros(5), gradients(3))
    before = pickle.dumps(first)
    second.resume(first)
    assert second.learning_rate == 0.25
    run(second, np.zeros(5), gradients(3))
    assert pickle.dumps(first) == before


@pytest.mark.parametrize("name", WITH_STATE)
def test_resuming_in_another_dtype_converts_the_moments(name):
    double, single = OPTIMIZERS[name](), OPTIMIZERS[name]()
    theta = run(double, np.zeros(5), gradients(10))
    single.resume(double, np.dtype("float32"))
    theta_single = run(single, theta.astype("float32"), gradients(10, dtype="float32"))
    np.testing.assert_allclose(theta_single, run(double, theta, gradients(10)), rtol=1e-4)
    arrays = [getattr(single, state) for state in single.state]
    assert {a.dtype for a in arrays if isinstance(a, np.ndarray)} == {np.dtype("float32")}


@pytest.mark.parametrize("earlier", [None, SGD(0.1), Adam()])
def test_resuming_from_nothing_or_another_kind_starts_anew(earlier):
    if earlier is not None:
        run(earlier, np.zeros(5), gradients(3))
    name = "adam" if isinstance(earlier, SGD) else "nesterov"
    optimizer = OPTIMIZERS[name]()
    optimizer.resume(earlier)
    fresh = run(OPTIMIZERS[name](), np.zeros(5), gradients(5))
    np.testing.assert_array_equal(run(optimizer, np.zeros(5), gradients(5)), fresh)


@pytest.mark.parametrize("name", WITH_STATE)
def test_forgetting_drops_moments_and_keeps_options(name):
    optimizer = OPTIMIZERS[name](0.5)
    run(optimizer, np.zeros(10_000), gradients(3, 10_000))
    optimizer.forget()
    assert optimizer.learning_rate == 0.5
    assert len(pickle.dumps(optimizer)) < 1000
    fresh = run(OPTIMIZERS[name](0.5), np.zeros(5), gradients(5))
    np.testing.assert_array_equal(run(optimizer, np.zeros(5), gradients(5)), fresh)


@every_optimizer
def test_the_learning_rate_can_change_between_steps(name):
    fast, slow = OPTIMIZERS[name](0.5), OPTIMIZERS[name](0.5)
    slow.learning_rate = 0.05
    g = gradients(1)
    np.testing.assert_allclose(
        run(fast, np.zeros(5), g), 10 * run(slow, np.zeros(5), g), rtol=1e-12
    )
