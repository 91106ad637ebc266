"""Optimizers around optimizers, against what they say in closed form or computed directly."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from sknumpynet.optimizers import SGD, Adam, Averaged, Clipped, Grouped, Rule, spans
from sknumpynet.optimizers.vectors import norm

RNG = np.random.default_rng(0)


def steps_of(optimizer, gradients):
    """The moves of theta, step by step."""
    theta = np.zeros(gradients.shape[1], dtype=gradients.dtype)
    points = [theta.copy()]
    for g in gradients:
        optimizer.step(theta, g.copy())
        points.append(theta.copy())
    return np.diff(points, axis=0)


# Clipped.


@pytest.mark.parametrize("size", [1, 3, 20_000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_long_gradient_keeps_its_direction_and_gets_the_length(size, dtype):
    g = RNG.normal(size=(1, size)).astype(dtype)
    g *= 30 / np.linalg.norm(g)
    (step,) = steps_of(Clipped(SGD(1.0, 0.0), 7.5), g)
    np.testing.assert_allclose(step, -g[0] / 4, rtol=1e-5)
    assert np.linalg.norm(step) == pytest.approx(7.5, rel=1e-5)


@pytest.mark.parametrize("length", [0.0, 1.0, 7.49])
def test_a_short_gradient_is_left_alone(length):
    g = np.array([[0.6, -0.8]]) * length
    np.testing.assert_array_equal(steps_of(Clipped(SGD(1.0, 0.0), 7.5), g), -g)


def test_adam_sees_the_clipped_gradients():
    """Steps of Adam do not depend on the unit of all gradients, but on that of some of them."""
    gradients = RNG.normal(size=(20, 4))
    spiked = gradients.copy()
    spiked[10] *= 1e6
    lengths = np.linalg.norm(spiked, axis=1, keepdims=True)
    by_hand = spiked * np.minimum(1, 2.0 / lengths)
    np.testing.assert_allclose(
        steps_of(Clipped(Adam(), 2.0), spiked), steps_of(Adam(), by_hand), rtol=1e-10
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e30])
def test_the_norm_is_that_of_linalg(dtype, size):
    """Squares of 1e30 are not numbers of float32."""
    x = (size * RNG.normal(size=20_001)).astype(dtype)
    expected = np.linalg.norm(x.astype("float64"))
    assert norm(x, 8192) == pytest.approx(expected, rel=1e-5)


def test_a_norm_beyond_float64_is_found_too():
    assert norm(np.array([3e200, 4e200]), 8192) == pytest.approx(5e200)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_not_made_finite(bad):
    with np.errstate(invalid="ignore"):
        step = steps_of(Clipped(SGD(1.0, 0.0), 1.0), np.array([[1.0, bad]]))
    assert not np.isfinite(step).all()


def test_training_may_go_on_with_clipping_or_without():
    gradients = RNG.normal(size=(5, 3))
    first, second = Adam(), Clipped(Adam(), 1e9)
    steps_of(first, gradients)
    second.load(first.state())
    np.testing.assert_array_equal(steps_of(second, gradients), steps_of(first, gradients))


# Grouped.


def test_each_part_is_moved_by_its_rule_at_its_share_of_the_rate():
    gradients = RNG.normal(size=(20, 7))
    rules = [
        Rule(slice(5, 7), Adam(9.0), 3.0),
        Rule(slice(0, 2), SGD(9.0, 0.0)),
        Rule(slice(2, 4), SGD(9.0, 0.5), 0.1),
    ]
    steps = steps_of(Grouped(0.01, rules), gradients)
    np.testing.assert_array_equal(steps[:, :2], steps_of(SGD(0.01, 0.0), gradients[:, :2]))
    np.testing.assert_allclose(steps[:, 2:4], steps_of(SGD(0.001, 0.5), gradients[:, 2:4]))
    np.testing.assert_array_equal(steps[:, 4], 0)
    np.testing.assert_allclose(steps[:, 5:], steps_of(Adam(0.03), gradients[:, 5:]))


def test_rules_that_overlap_are_refused():
    with pytest.raises(ValueError, match=r"slice\(0, 3, None\) and slice\(2, 4, None\) overlap"):
        Grouped(0.1, [Rule(slice(2, 4), SGD(0.1)), Rule(slice(0, 3), SGD(0.1))])


def test_a_part_that_is_new_starts_anew_and_the_others_go_on():
    gradients = RNG.normal(size=(10, 4))
    first = Grouped(0.1, [Rule(slice(0, 2), Adam()), Rule(slice(2, 4), Adam())])
    steps_of(first, gradients)
    second = Grouped(0.1, [Rule(slice(0, 2), Adam()), Rule(slice(2, 4), SGD(0.1))])
    second.load(first.state())
    steps = steps_of(second, gradients)
    np.testing.assert_array_equal(steps[:, :2], steps_of(first, gradients)[:, :2])
    np.testing.assert_allclose(steps[:, 2:], steps_of(SGD(0.1), gradients[:, 2:]), atol=1e-12)


def slots(*rows):
    start = 0
    for shape, role, group in rows:
        stop = start + int(np.prod(shape))
        yield SimpleNamespace(where=slice(start, stop), shape=shape, role=role, group=group)
        start = stop


LAYOUT = list(
    slots(
        ((2, 3), "weight", "embedding"),
        ((3, 3), "weight", "hidden"),
        ((3, 1), "weight", "hidden"),
        ((3,), "offset", "hidden"),
        ((1,), "offset", "hidden"),
    )
)


def test_spans_are_the_parts_with_one_key():
    found = spans(LAYOUT, lambda slot: (slot.role, slot.group))
    assert [(key, where) for key, where, _ in found] == [
        (("weight", "embedding"), slice(0, 6)),
        (("weight", "hidden"), slice(6, 18)),
        (("offset", "hidden"), slice(18, 22)),
    ]
    assert [len(members) for _, _, members in found] == [1, 2, 2]


def test_spans_do_not_reach_over_slots_that_are_left_out():
    found = spans([LAYOUT[1], LAYOUT[3], LAYOUT[4]], lambda slot: slot.group)
    assert [where for _, where, _ in found] == [slice(6, 15), slice(18, 22)]


# Averaged.


def judged(optimizer, theta):
    optimizer.to_evaluation(theta)
    found = theta.copy()
    optimizer.to_training(theta)
    return found


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_mean_is_that_of_the_weights_after_each_step(decay, dtype):
    """Against numpy.average over the stored path of the optimizer inside, run on its own."""
    gradients = RNG.normal(size=(40, 3)).astype(dtype)
    path = np.cumsum(steps_of(SGD(0.1), gradients), axis=0)
    optimizer, theta = Averaged(SGD(0.1), decay), np.zeros(3, dtype=dtype)
    for t, g in enumerate(gradients, 1):
        optimizer.step(theta, g.copy())
        weights = [decay ** (t - k) for k in range(1, t + 1)]
        expected = np.average(path[:t].astype("float64"), axis=0, weights=weights)
        np.testing.assert_allclose(judged(optimizer, theta), expected, rtol=2e-5, atol=1e-6)
        np.testing.assert_allclose(theta, path[t - 1], rtol=1e-4, atol=1e-6)


def test_the_mean_calms_noise_around_the_bottom():
    """The variance of a mean with these weights is (1 - decay) / (1 + decay) of a single one's."""
    rng, optimizer, theta = np.random.default_rng(0), Averaged(SGD(1.0, 0.0), 0.9), np.zeros(5000)
    for _ in range(200):
        # The noise of a step is gone with the next: theta is white noise.
        optimizer.step(theta, theta + rng.normal(size=5000))
    ratio = judged(optimizer, theta).var() / theta.var()
    assert ratio == pytest.approx(0.1 / 1.9, rel=0.1)


def test_changing_twice_is_changing_once():
    optimizer, theta = Averaged(SGD(1.0, 0.0), 0.5), np.zeros(1)
    for _ in range(2):
        optimizer.step(theta, -np.ones(1))
    for change, value in ((optimizer.to_evaluation, 5 / 3), (optimizer.to_training, 2.0)):
        change(theta)
        change(theta)
        assert theta.item() == pytest.approx(value)


def test_before_the_first_step_theta_is_what_is_judged():
    optimizer, theta = Averaged(SGD(1.0, 0.0), 0.5), np.full(1, 3.0)
    assert judged(optimizer, theta) == theta == 3


def test_a_mean_from_the_start_on_is_that_of_weights_that_never_moved_before():
    """Against numpy.average over a long time at the start, and the path after it."""
    gradients, start = RNG.normal(size=(30, 3)), np.array([1.0, -2.0, 3.0])
    path = start + np.cumsum(steps_of(SGD(0.1), gradients), axis=0)
    optimizer, theta = Averaged(SGD(0.1), 0.9, from_start=True), start.copy()
    for t, g in enumerate(gradients, 1):
        optimizer.step(theta, g.copy())
        points = np.concatenate([np.tile(start, (400, 1)), path[:t]])
        expected = np.average(points, axis=0, weights=0.9 ** np.arange(len(points))[::-1])
        np.testing.assert_allclose(judged(optimizer, theta), expected, rtol=1e-12)


def test_such_a_mean_starts_anew_where_weights_are_set_from_outside():
    optimizer, theta = Averaged(SGD(1.0, 0.0), 0.5, from_start=True), np.zeros(1)
    for _ in range(5):
        optimizer.step(theta, -np.ones(1))
    optimizer.to_evaluation(theta)
    theta[:] = 100.0
    optimizer.to_training(theta)
    assert judged(optimizer, theta) == 100
    optimizer.step(theta, -np.ones(1))
    assert judged(optimizer, theta) == pytest.approx(100.5)


def test_weights_set_from_outside_are_gone_on_from_and_the_mean_starts_anew():
    optimizer, theta = Averaged(SGD(1.0, 0.0), 0.5), np.zeros(1)
    for _ in range(5):
        optimizer.step(theta, -np.ones(1))
    optimizer.to_evaluation(theta)
    theta[:] = 100.0
    optimizer.to_training(theta)
    assert theta == 100
    optimizer.step(theta, -np.ones(1))
    optimizer.step(theta, -np.ones(1))
    assert judged(optimizer, theta) == pytest.approx((102 + 0.5 * 101) / 1.5)


def test_a_mean_of_one_part_only():
    rules = [Rule(slice(0, 1), Averaged(SGD(1.0, 0.0), 0.5)), Rule(slice(1, 2), SGD(1.0, 0.0))]
    optimizer, theta = Grouped(1.0, rules), np.zeros(2)
    for _ in range(2):
        optimizer.step(theta, -np.ones(2))
    np.testing.assert_allclose(judged(optimizer, theta), [5 / 3, 2])
    np.testing.assert_array_equal(theta, 2)


@pytest.mark.parametrize("inner", [Adam, lambda: Grouped(1e-3, [Rule(slice(0, 3), Adam())])])
def test_training_may_go_on_with_averages_or_without(inner):
    gradients = RNG.normal(size=(5, 3))
    plain, averaged, twice = inner(), Averaged(inner(), 0.5), Averaged(Averaged(inner(), 0.5), 0.9)
    steps_of(plain, gradients)
    expected = steps_of(pickle.loads(pickle.dumps(plain)), gradients)
    before = plain.state()
    for optimizer in (averaged, twice, averaged, inner()):
        optimizer.load(before)
        again = pickle.loads(pickle.dumps(optimizer))
        np.testing.assert_array_equal(steps_of(again, gradients), expected)
        before = optimizer.state()


def test_averages_of_averages_keep_their_own_means():
    gradients = RNG.normal(size=(5, 3))
    first, second = (Averaged(Averaged(SGD(0.1), 0.5), 0.9) for _ in range(2))
    steps_of(first, gradients)
    second.load(first.state())
    for mine, theirs in ((first, second), (first.inner, second.inner)):
        np.testing.assert_array_equal(mine.mean, theirs.mean)
    assert not np.array_equal(first.mean, first.inner.mean)
