"""What every optimizer promises: it descends, in place, in one dtype, resumes and forgets."""

import pickle

import numpy as np
import pytest
from scipy.optimize import rosen

from catalogue import OPTIMIZER_BUILDERS as BUILDERS
from catalogue import OPTIMIZERS
from sknumpynet.optimizers import SGD, Adam

every_optimizer = pytest.mark.parametrize("name", BUILDERS)
WITH_STATE = [name for name, (case, _) in BUILDERS.items() if case.n_moments]


def make(name, lr=0.02, size=5):
    return BUILDERS[name][1](lr, size)


def gradients(n_steps, size=5, dtype="float64", seed=0):
    return np.random.default_rng(seed).normal(size=(n_steps, size)).astype(dtype)


def run(optimizer, theta, steps):
    for gradient in steps:
        optimizer.step(theta, gradient.copy())
    return theta


def arrays_of(state):
    """All arrays of numbers in a state, which may hold states."""
    for value in state.values():
        if isinstance(value, dict):
            yield from arrays_of(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield value


@pytest.mark.slow
@every_optimizer
def test_a_parabola_is_descended_to_its_bottom(name):
    bottom, theta = np.array([1.0, -2.0, 3.0]), np.zeros(3)
    optimizer = make(name, BUILDERS[name][0].bowl, size=3)
    for _ in range(1500):
        optimizer.step(theta, np.array([1.0, 3.0, 10.0]) * (theta - bottom))
    optimizer.to_evaluation(theta)
    np.testing.assert_allclose(theta, bottom, atol=BUILDERS[name][0].near)


@pytest.mark.slow
@every_optimizer
def test_the_valley_of_rosenbrock_is_followed(name):
    theta = np.array([-1.2, 1.0])
    optimizer = make(name, BUILDERS[name][0].valley, size=2)
    for _ in range(6000):
        x, y = theta.tolist()
        # rosen_der(theta) of scipy, which takes twice as long as the rest.
        optimizer.step(theta, np.array([400 * x * (x * x - y) - 2 * (1 - x), 200 * (y - x * x)]))
    optimizer.to_evaluation(theta)
    assert rosen(theta) < 0.02
    np.testing.assert_allclose(theta, 1, atol=0.25)


@every_optimizer
def test_theta_moves_in_place_against_the_first_gradient(name):
    theta = np.zeros(4)
    alias = theta
    make(name, size=4).step(theta, np.array([1.0, -1.0, 2.0, 0.0]))
    np.testing.assert_array_equal(np.sign(alias), [-1, 1, -1, 0])


@pytest.mark.parametrize("name", [name for name, case in OPTIMIZERS.items() if case.entrywise])
def test_entries_do_not_mix(name):
    steps = gradients(20)
    together = run(make(name), np.zeros(5), steps)
    alone = [run(make(name, size=1), np.zeros(1), steps[:, j : j + 1]).item() for j in range(5)]
    np.testing.assert_array_equal(together, alone)


@every_optimizer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_theta_and_moments_keep_the_dtype(name, dtype):
    optimizer, theta = make(name), np.zeros(5, dtype=dtype)
    run(optimizer, theta, gradients(70, dtype=dtype))
    optimizer.to_evaluation(theta)
    arrays = [theta, *arrays_of(optimizer.state())]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    # A mean of weights and the raw ones are two more vectors.
    n_vectors = 1 + BUILDERS[name][0].n_moments + 2 * name.count("Averaged")
    assert sum(array.size for array in arrays if array.ndim == 1) == 5 * n_vectors


@every_optimizer
def test_float32_follows_float64(name):
    double = run(make(name), np.zeros(5), gradients(50))
    single = run(make(name), np.zeros(5, "float32"), gradients(50, dtype="float32"))
    np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-5)


@every_optimizer
def test_the_learning_rate_can_change_between_steps(name):
    fast, slow = make(name, 0.5), make(name, 0.5)
    slow.learning_rate = 0.05
    g = gradients(1)
    np.testing.assert_allclose(
        run(fast, np.zeros(5), g), 10 * run(slow, np.zeros(5), g), rtol=1e-12
    )


@every_optimizer
def test_the_block_length_changes_nothing(name):
    steps = gradients(3, 40)
    one, other = make(name, size=40), make(name, size=40)
    other.block = 7
    thetas = run(one, np.zeros(40), steps), run(other, np.zeros(40), steps)
    # A sum over blocks, as that of a norm, is rounded otherwise.
    np.testing.assert_allclose(*thetas, rtol=1e-13, atol=1e-15)
    assert other.block == 7


# States.


@every_optimizer
def test_resuming_equals_going_on(name):
    """From a copy of the state after 10 steps, also twice; with weights to judge in between."""
    steps = gradients(30)
    whole = run(make(name), np.zeros(5), steps)
    first = make(name)
    theta = run(first, np.zeros(5), steps[:10])
    first.to_evaluation(theta)
    state, start = first.state(), theta.copy()
    for second in (make(name), make(name)):
        second.load(state)
        theta = start.copy()
        second.to_training(theta)
        np.testing.assert_array_equal(run(second, theta, steps[10:]), whole)


@every_optimizer
def test_a_pickled_optimizer_goes_on(name):
    steps = gradients(30)
    optimizer = make(name)
    theta = run(optimizer, np.zeros(5), steps[:10])
    optimizer = pickle.loads(pickle.dumps(optimizer))
    whole = run(make(name), np.zeros(5), steps)
    np.testing.assert_array_equal(run(optimizer, theta, steps[10:]), whole)


@every_optimizer
def test_resuming_copies_the_state_but_not_the_options(name):
    first, second = make(name, 0.5), make(name, 0.25)
    run(first, np.zeros(5), gradients(3))
    before = pickle.dumps(first)
    second.load(first.state())
    assert second.learning_rate == 0.25
    run(second, np.zeros(5), gradients(3))
    assert pickle.dumps(first) == before


@pytest.mark.parametrize("name", WITH_STATE)
def test_resuming_in_another_dtype_converts_the_moments(name):
    double, single = make(name), make(name)
    theta = run(double, np.zeros(5), gradients(10))
    double.to_evaluation(theta)
    single.load(double.state(), np.dtype("float32"))
    theta_single = theta.astype("float32")
    for optimizer, vector in ((single, theta_single), (double, theta)):
        optimizer.to_training(vector)
        run(optimizer, vector, gradients(10, dtype=vector.dtype))
    np.testing.assert_allclose(theta_single, theta, rtol=1e-4)
    assert {a.dtype for a in arrays_of(single.state())} == {np.dtype("float32")}


@every_optimizer
@pytest.mark.parametrize("other", ["nothing", "nesterov", "adam", "Grouped(adam)"])
def test_resuming_from_nothing_or_another_kind_starts_anew(name, other):
    state = {}
    if other != "nothing":
        earlier = make(other)
        run(earlier, np.zeros(5), gradients(3))
        state = earlier.state()
    optimizer = make(name)
    if state.get("kind") == optimizer.state()["kind"]:
        state = {}
    run(optimizer, np.zeros(5), gradients(2))
    optimizer.load(state)
    fresh = run(make(name), np.zeros(5), gradients(5))
    np.testing.assert_array_equal(run(optimizer, np.zeros(5), gradients(5)), fresh)


@every_optimizer
def test_forgetting_drops_moments_and_keeps_options(name):
    size = 10_000
    optimizer, theta = make(name, 0.5, size), np.zeros(size)
    run(optimizer, theta, gradients(3, size))
    optimizer.to_evaluation(theta)
    optimizer.forget()
    assert optimizer.learning_rate == 0.5
    assert len(pickle.dumps(optimizer)) < 2000
    fresh = run(make(name, 0.5, size), np.zeros(size), gradients(5, size))
    np.testing.assert_array_equal(run(optimizer, np.zeros(size), gradients(5, size)), fresh)


@pytest.mark.parametrize(
    "name",
    [name for name, (case, _) in BUILDERS.items() if "Averaged" not in name and not case.averages],
)
def test_where_nothing_is_averaged_the_trained_weights_are_judged(name):
    optimizer, theta = make(name), np.zeros(5)
    run(optimizer, theta, gradients(3))
    for change in (optimizer.to_evaluation, optimizer.to_training):
        before = theta.copy()
        change(theta)
        np.testing.assert_array_equal(theta, before)


def test_kinds_are_told_apart_by_name():
    assert SGD(0.1).state() == {"kind": "SGD", "velocity": None}
    assert Adam().state()["kind"] == "Adam"
