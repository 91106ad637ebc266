"""What every optimizer promises: it descends, in place, in one dtype, resumes and forgets."""

import inspect
import pickle
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from sknumpynet import optimizers
from sknumpynet.optimizers import (
    OPTIMIZERS,
    SGD,
    SOLVERS,
    Adam,
    Averaged,
    Clipped,
    Grouped,
    Optimizer,
    Rule,
)


@dataclass(frozen=True)
class Entry:
    """One way to run an optimizer of the table."""

    solver: str
    options: dict = field(default_factory=dict)
    # Vectors it remembers, each as long as theta.
    n_moments: int = 0
    # The learning rate for the valley of Rosenbrock.
    valley: float = 1e-4
    # Whether the step of an entry depends on that entry's gradient alone.
    entrywise: bool = True


# The test below says that no name of the table is missing.
ENTRIES = {
    "plain": Entry("sgd", {"momentum": 0.0, "nesterovs_momentum": False}, valley=1e-3),
    "momentum": Entry("sgd", {"nesterovs_momentum": False}, n_moments=1),
    "nesterov": Entry("sgd", {"nesterovs_momentum": True}, n_moments=1),
    "adam": Entry("adam", n_moments=2, valley=0.02),
}
OPTIONS = {"momentum": 0.9, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}


def halves(make, size):
    cut = size // 2
    rules = [Rule(slice(0, cut), make(cut)), Rule(slice(cut, size), make(size - cut))]
    return Grouped(make(size).learning_rate, rules)


# From a function size -> optimizer and a size to one around it.
WRAPPERS = {
    Grouped: halves,
    Clipped: lambda make, size: Clipped(make(size), 2.0),
    Averaged: lambda make, size: Averaged(make(size), 0.8),
}


def builders():
    """Every entry, every wrapper around it, and every pair of wrappers around Adam."""
    for name, entry in ENTRIES.items():

        def plain(lr, size, entry=entry):
            slot = SimpleNamespace(where=slice(0, size), shape=(size,), role="weight", group="all")
            options = SimpleNamespace(**(OPTIONS | entry.options), learning_rate_init=lr)
            return OPTIMIZERS[entry.solver](options, [slot])

        def around(wrap, inner):
            return lambda lr, size: wrap(lambda part: inner(lr, part), size)

        yield name, entry, plain
        for kind, wrap in WRAPPERS.items():
            once = around(wrap, plain)
            yield f"{kind.__name__}({name})", entry, once
            if name == "adam":
                for outer, wrap_again in WRAPPERS.items():
                    yield (
                        f"{outer.__name__}({kind.__name__}({name}))",
                        entry,
                        around(wrap_again, once),
                    )


BUILDERS = {name: (entry, build) for name, entry, build in builders()}
every_optimizer = pytest.mark.parametrize("name", BUILDERS)
WITH_STATE = [name for name, (entry, _) in BUILDERS.items() if entry.n_moments]


def make(name, lr=0.02, size=5):
    return BUILDERS[name][1](lr, size)


def gradients(n_steps, size=5, dtype="float64", seed=0):
    return np.random.default_rng(seed).normal(size=(n_steps, size)).astype(dtype)


def run(optimizer, theta, steps):
    for gradient in steps:
        optimizer.step(theta, gradient.copy())
    return theta


def arrays_of(state):
    """All arrays of a state, which may hold states."""
    for value in state.values():
        if isinstance(value, dict):
            yield from arrays_of(value)
        elif isinstance(value, np.ndarray):
            yield value


def test_every_optimizer_has_an_entry():
    assert {entry.solver for entry in ENTRIES.values()} == set(OPTIMIZERS)
    classes = {c for _, c in inspect.getmembers(optimizers, inspect.isclass)}
    classes = {c for c in classes if issubclass(c, Optimizer) and c is not Optimizer}
    assert {type(make(name)) for name in BUILDERS} == classes
    assert set(SOLVERS) == {"lbfgs", *OPTIMIZERS}


@every_optimizer
def test_a_parabola_is_descended_to_its_bottom(name):
    bottom, theta = np.array([1.0, -2.0, 3.0]), np.zeros(3)
    optimizer = make(name, size=3)
    for _ in range(1500):
        optimizer.step(theta, np.array([1.0, 3.0, 10.0]) * (theta - bottom))
    optimizer.to_evaluation(theta)
    np.testing.assert_allclose(theta, bottom, atol=1e-3)


@every_optimizer
def test_the_valley_of_rosenbrock_is_followed(name):
    theta = np.array([-1.2, 1.0])
    optimizer = make(name, BUILDERS[name][0].valley, size=2)
    for _ in range(6000):
        optimizer.step(theta, rosen_der(theta))
    optimizer.to_evaluation(theta)
    assert rosen(theta) < 0.02
    np.testing.assert_allclose(theta, 1, atol=0.25)


@every_optimizer
def test_theta_moves_in_place_against_the_first_gradient(name):
    theta = np.zeros(4)
    alias = theta
    make(name, size=4).step(theta, np.array([1.0, -1.0, 2.0, 0.0]))
    np.testing.assert_array_equal(np.sign(alias), [-1, 1, -1, 0])


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.entrywise])
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
    assert sum(array.size for array in arrays) == 5 * n_vectors


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


@pytest.mark.parametrize("name", [name for name in BUILDERS if "Averaged" not in name])
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
