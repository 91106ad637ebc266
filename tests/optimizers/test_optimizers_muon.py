"""Muon against singular value decompositions, and which arrays of a network it moves."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from catalogue import options_with
from sknumpynet.optimizers import OPTIMIZERS, SGD, Muon

SHAPES = [(1, 1), (1, 7), (7, 1), (20, 20), (16, 21), (21, 16), (10, 60), (60, 10)]


def first_step(G, dtype="float64", lr=1.0):
    """The first step from 0: that of the gradient alone."""
    theta = np.zeros(G.size, dtype=dtype)
    Muon(lr, G.shape).step(theta, G.reshape(-1).astype(dtype))
    return -theta.reshape(G.shape)


def random(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_step_has_the_singular_vectors_of_the_gradient_and_values_near_1(shape, dtype):
    G = random(shape)
    U, S, Vt = np.linalg.svd(G, full_matrices=False)
    S /= np.linalg.norm(S)
    step = first_step(G, dtype) / np.sqrt(max(1, shape[1] / shape[0]))
    inside = U.T @ step @ Vt.T
    values = np.diag(inside)
    np.testing.assert_allclose(inside, np.diag(values), atol=2e-3)
    np.testing.assert_allclose(U @ inside @ Vt, step, atol=2e-3)
    assert ((values > 0.65) & (values < 1.25))[S > 0.005].all()
    assert (values > 0).all()


@pytest.mark.parametrize("shape", [(30, 30), (40, 30), (30, 40), (200, 30), (30, 200)])
def test_float32_is_as_good_as_float64_also_for_nearly_dependent_columns(shape):
    """Long matrices go through the square of their smaller side."""
    U, _, Vt = np.linalg.svd(random(shape), full_matrices=False)
    G = U * np.geomspace(1, 1e-6, 30) @ Vt
    double, single = first_step(G), first_step(G, "float32")
    assert np.abs(double - single).max() < 3e-3 * np.abs(double).max()
    assert np.linalg.norm(double, 2) < 1.25 * np.sqrt(max(1, shape[1] / shape[0]))


@pytest.mark.parametrize("shape", [(8, 8), (8, 40)])
def test_a_matrix_of_rank_1_gives_a_step_of_rank_1(shape):
    G = np.outer(random(shape[0]), random(shape[1], 1))
    values = np.linalg.svd(first_step(G, "float32"), compute_uv=False)
    assert values[0] > 0.65
    assert values[1] < 1e-2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])
def test_a_loss_in_other_units_gives_the_same_steps(factor, dtype):
    thetas = np.zeros((2, 12), dtype=dtype)
    for theta, unit in zip(thetas, (1.0, factor), strict=True):
        optimizer = Muon(0.1, (3, 4))
        for g in random((100, 12)):
            optimizer.step(theta, (unit * g).astype(dtype))
    np.testing.assert_allclose(*thetas, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("mu", [0.0, 0.5, 0.95])
def test_momentum_is_nesterovs(mu):
    """For a single number the orthogonal matrix is its sign: that of (1 - mu) g + mu m."""
    gradients = np.random.default_rng(1).normal(size=200)
    theta, optimizer, m, signs = np.zeros(1), Muon(1.0, (1, 1), mu), 0.0, []
    steps = []
    for g in gradients:
        before = theta.item()
        optimizer.step(theta, np.array([g]))
        steps.append(before - theta.item())
        m = mu * m + (1 - mu) * g
        signs.append(np.sign((1 - mu) * g + mu * m))
    np.testing.assert_array_equal(np.sign(steps), signs)
    assert np.ptp(np.abs(steps)) < 1e-9


def test_a_dead_unit_leaves_no_denormal_numbers():
    theta, optimizer = np.zeros(12, dtype=np.float32), Muon(0.01, (3, 4))
    tiny = np.finfo(np.float32).tiny
    for step, g in enumerate(random((2500, 12)).astype(np.float32)):
        g[:4] *= step < 10
        optimizer.step(theta, g)
        m = optimizer.state()["m"]
        assert ((m == 0) | (np.abs(m) >= tiny)).all()
    np.testing.assert_array_equal(m[:4], 0)
    before = theta.copy()
    optimizer.step(theta, np.zeros(12, dtype=np.float32))
    np.testing.assert_array_equal(theta[:4], before[:4])


@pytest.mark.parametrize("g", [0.0, 1e-20])
def test_no_gradient_is_no_step(g):
    theta = np.ones(4)
    Muon(0.1, (2, 2)).step(theta, np.full(4, g))
    np.testing.assert_array_equal(theta, 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_not_made_finite(bad):
    theta = np.ones(4)
    with np.errstate(invalid="ignore", over="ignore"):
        Muon(0.1, (2, 2)).step(theta, np.array([1.0, bad, 0.0, 0.0]))
    assert not np.isfinite(theta).all()


def test_scratch_is_not_pickled():
    optimizer = Muon(0.1, (50, 50))
    optimizer.step(np.zeros(2500), random(2500))
    assert len(pickle.dumps(optimizer)) < 1.1 * 2500 * 8 + 1000


# Which arrays of a network.

ARRAYS = {
    "first": ((4, 6), "weight", "hidden"),
    "second": ((6, 3), "weight", "hidden"),
    "scale": ((6,), "weight", "hidden"),
    "members": ((2, 6), "weight", "members"),
    "embedding": ((5, 2), "weight", "embedding"),
    "head": ((3, 2), "weight", "output"),
    "heads": ((2, 3, 1), "weight", "output"),
    "offset": ((6,), "offset", "hidden"),
}


def layout():
    slots, start = {}, 0
    for name, (shape, role, group) in ARRAYS.items():
        stop = start + int(np.prod(shape))
        slots[name] = SimpleNamespace(where=slice(start, stop), shape=shape, role=role, group=group)
        start = stop
    return slots, start


def moved(solver, theta, gradient, **options):
    """What one step does to each array."""
    slots, _ = layout()
    optimizer = OPTIMIZERS[solver](options_with(**options), list(slots.values()))
    after = theta.copy()
    optimizer.step(after, gradient.copy())
    return {name: (after - theta)[slot.where] for name, slot in slots.items()}


@pytest.mark.parametrize("solver", ["adamw", "muon"])
@pytest.mark.parametrize("rate", [0.001, 0.01])
def test_only_weights_between_layers_decay_at_their_rate(solver, rate):
    """Without a gradient a step is the decay."""
    theta = np.ones(layout()[1])
    options = {"learning_rate_init": rate, "muon_learning_rate": 0.02, "weight_decay": 0.5}
    steps = moved(solver, theta, np.zeros_like(theta), **options)
    for name, step in steps.items():
        of_muon = solver == "muon" and name in ("first", "second")
        expected = {"first": 1, "second": 1, "head": 1, "heads": 1}.get(name, 0)
        expected *= -0.5 * (0.02 if of_muon else rate)
        np.testing.assert_allclose(step, expected, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize(("own", "rate"), [("auto", 0.01), (0.03, 0.03)])
def test_hidden_matrices_are_orthogonalised_and_the_rest_is_adams(own, rate):
    slots, size = layout()
    g = random(size)
    options = {"learning_rate_init": 1e-3, "muon_learning_rate": own, "weight_decay": 0.0}
    steps = moved("muon", np.zeros(size), g, **options)
    adam = moved("adam", np.zeros(size), g, **options)
    for name, step in steps.items():
        if name in ("first", "second"):
            G = g[slots[name].where].reshape(slots[name].shape)
            expected = -first_step(G, lr=rate).reshape(-1)
            np.testing.assert_allclose(step, expected, rtol=1e-10)
        else:
            np.testing.assert_allclose(step, adam[name], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("own", ["auto", 0.03])
def test_both_rates_of_muon_follow_the_schedule(own):
    slots, size = layout()
    options = options_with(learning_rate_init=1e-3, muon_learning_rate=own, weight_decay=0.1)
    optimizers = [OPTIMIZERS["muon"](options, list(slots.values())) for _ in range(2)]
    optimizers[1].learning_rate = 1e-4
    thetas = np.ones((2, size))
    for theta, optimizer in zip(thetas, optimizers, strict=True):
        optimizer.step(theta, random(size))
    np.testing.assert_allclose(thetas[0] - 1, 10 * (thetas[1] - 1), rtol=1e-9)


def test_decay_does_not_go_through_the_moments():
    """Adam divides a penalty by the size of the gradient, and so forgets it where that is large."""
    size = layout()[1]
    options = {"learning_rate_init": 0.01, "weight_decay": 0.5}
    steps = [
        moved("adamw", np.full(size, 2.0), unit * np.ones(size), **options)["head"]
        for unit in (1.0, 1e4)
    ]
    np.testing.assert_allclose(steps, -0.01 - 0.01 * 0.5 * 2.0, rtol=1e-6)


def test_decay_shrinks_weights_geometrically():
    theta = np.ones(3)
    slot = SimpleNamespace(where=slice(0, 3), shape=(3, 1), role="weight", group="hidden")
    options = options_with(learning_rate_init=0.1, weight_decay=0.5)
    optimizer = OPTIMIZERS["adamw"](options, [slot])
    for _ in range(20):
        optimizer.step(theta, np.zeros(3))
    np.testing.assert_allclose(theta, 0.95**20)


def test_adam_and_adamw_go_on_from_each_other():
    """What decays is no state, so that moments are kept where the solver changes."""
    size, slots = layout()[1], list(layout()[0].values())
    first, second = (OPTIMIZERS[name](options_with(), slots) for name in ("adam", "adamw"))
    other = SGD(0.1)
    first.step(np.zeros(size), random(size))
    second.load(first.state())
    other.load(first.state())
    assert second.state()["t"] == 1
    assert other.state()["velocity"] is None


# A factor that is used for some steps.


@pytest.mark.parametrize("shape", [(12, 12), (30, 10), (10, 30)])
def test_between_new_factors_the_last_is_applied_at_its_length(shape):
    """With gradients of one kind the factor is the same at each step, so that nothing changes."""
    G = random(shape).reshape(-1)
    thetas = np.zeros((2, G.size))
    for theta, every in zip(thetas, (1, 4), strict=True):
        optimizer = Muon(0.1, shape, every=every)
        for scale in (1.0, 3.0, 0.2, 7.0, 1.0):
            optimizer.step(theta, scale * G)
    np.testing.assert_allclose(thetas[1], thetas[0], rtol=1e-9, atol=1e-12)


def test_all_steps_between_have_the_length_of_the_one_before():
    theta, optimizer = np.zeros(600), Muon(1.0, (20, 30), 0.5, every=3)
    lengths, factors = [], []
    for g in random((6, 600)):
        before = theta.copy()
        optimizer.step(theta, g)
        lengths.append(np.linalg.norm(theta - before))
        factors.append(optimizer.state()["factor"])
    assert lengths[:3] == pytest.approx([lengths[0]] * 3)
    assert lengths[3:] == pytest.approx([lengths[3]] * 3)
    assert lengths[3] != pytest.approx(lengths[0], rel=1e-6)
    assert factors[0] is factors[2]
    assert factors[3] is not factors[2]


def test_another_optimizer_goes_on_with_the_factor():
    steps = random((7, 600))
    theta, optimizer = np.zeros(600), Muon(0.1, (20, 30), every=4)
    for g in steps[:2]:
        optimizer.step(theta, g.copy())
    again, other = theta.copy(), Muon(0.1, (20, 30), every=4)
    other.load(optimizer.state())
    for g in steps[2:]:
        optimizer.step(theta, g.copy())
        other.step(again, g.copy())
    np.testing.assert_array_equal(again, theta)
