"""Patience, to the epoch, and the weights of the best one."""

import math

import numpy as np
import pytest

from sknumpynet.training import last_gain
from sknumpynet.training.stopping import BestWeights, Patience


def epochs_until_over(patience, figures):
    for epoch, figure in enumerate(figures, start=1):
        patience.update(figure)
        if patience.over:
            return epoch
    return None


@pytest.mark.parametrize("n", [1, 2, 10])
def test_patience_is_over_after_exactly_n_epochs_without_improvement(n):
    assert epochs_until_over(Patience(n, 0.0), [1.0] + [1.0] * 50) == 1 + n


def test_an_improvement_starts_the_count_anew():
    figures = [1.0, 1.0, 1.0, 0.9, 0.9, 0.95, 0.9]
    assert epochs_until_over(Patience(3, 0.0), figures) == 7


@pytest.mark.parametrize(
    ("tol", "figure", "counts"),
    [(0.1, 0.85, True), (0.1, 0.95, False), (0.25, 0.75, False), (0.0, 1.0, False)],
)
def test_an_improvement_must_be_larger_than_tol(tol, figure, counts):
    patience = Patience(1, tol)
    patience.update(1.0)
    patience.update(figure)
    assert patience.over is not counts


def test_a_small_improvement_is_the_best_all_the_same():
    patience = Patience(1, 0.1)
    assert [patience.update(figure) for figure in (1.0, 0.95, 0.97, 0.95)] == [
        True,
        True,
        False,
        False,
    ]
    assert patience.best == 0.95


def test_the_first_figure_is_an_improvement_whatever_it_is():
    patience = Patience(1, 0.1)
    assert patience.update(1e300)
    assert not patience.over


def test_the_best_of_an_earlier_run_has_to_be_beaten():
    patience = Patience(2, 0.0)
    patience.best = 0.5
    assert [patience.update(figure) for figure in (0.6, 0.5)] == [False, False]
    assert patience.over


def test_infinite_patience_is_never_over():
    assert epochs_until_over(Patience(math.inf, 0.0), [1.0] * 1000) is None


def test_a_figure_that_is_nan_is_no_improvement():
    patience = Patience(2, 0.0)
    patience.update(1.0)
    assert not patience.update(math.nan)
    assert (patience.best, patience.over) == (1.0, False)


@pytest.mark.parametrize(
    ("figures", "gain"),
    [
        ([3.0, 1.0], 2.0),
        ([1.0, 3.0], 0.0),
        ([1.0], 0.0),
        # 20 figures: the last two against the best of the others.
        ([5.0] * 17 + [4.0, 3.5, 3.0], 1.0),
        ([5.0] * 17 + [4.0, 3.5, 9.0], 0.5),
        ([2.0] + [5.0] * 17 + [3.0, 3.0], 0.0),
        ([5.0] * 19 + [4.0] * 2, 1.0),
    ],
)
def test_the_gain_of_the_last_tenth(figures, gain):
    assert last_gain(figures) == gain


def test_the_best_weights_come_back_into_the_same_array():
    theta = np.arange(3.0)
    best = BestWeights(theta)
    theta += 1
    best.keep(4)
    theta += 1
    best.restore()
    np.testing.assert_array_equal(theta, [1, 2, 3])
    assert best.epoch == 4


def test_without_a_best_epoch_the_start_comes_back():
    theta = np.arange(3.0)
    best = BestWeights(theta)
    theta *= np.nan
    best.restore()
    np.testing.assert_array_equal(theta, [0, 1, 2])
    assert best.epoch == 0


def test_marked_weights_are_kept_instead_of_the_present_ones():
    theta = np.zeros(2)
    best = BestWeights(theta)
    for epoch in (1, 2, 3):
        best.mark(epoch - 1)
        theta += 1
        if epoch < 3:
            best.keep(epoch)
    best.restore()
    np.testing.assert_array_equal(theta, 1)
    assert best.epoch == 1


def test_patience_that_was_over_counts_anew():
    patience = Patience(2, 0.0)
    assert epochs_until_over(patience, [1.0] * 50) == 3
    patience.cut()
    assert not patience.over
    assert epochs_until_over(patience, [1.0] * 50) == 2
    patience.cut()
    assert (patience.cuts, patience.best) == (2, 1.0)


@pytest.mark.parametrize("n_before", [0, 1, 3, 5])
def test_patience_goes_on_from_its_state(n_before):
    figures = [3.0, 2.0, 2.0, 1.9, 1.9, 1.9, 1.9, 1.9]
    whole, first, second = Patience(3, 0.05), Patience(3, 0.05), Patience(3, 0.05)
    for figure in figures[:n_before]:
        first.update(figure)
    second.load(first.state())
    rest = [(second.update(f), second.over) for f in figures[n_before:]]
    assert rest == [(whole.update(f), whole.over) for f in figures][n_before:]


@pytest.mark.parametrize("marks", [False, True])
def test_best_weights_go_on_from_their_state(marks):
    theta = np.zeros(2)
    first, second = BestWeights(theta), BestWeights(theta)
    if marks:
        first.mark(0)
    theta += 1
    first.keep(1)
    if marks:
        first.mark(1)
    second.load(first.state())
    for best in (first, second):
        theta[:] = 7
        best.restore()
        np.testing.assert_array_equal(theta, 0 if marks else 1)
        assert best.epoch == (0 if marks else 1)
    theta[:] = 7
    second.keep(2)
    theta[:] = 9
    second.restore()
    np.testing.assert_array_equal(theta, 1 if marks else 7)
    assert second.epoch == (1 if marks else 2)
    first.restore()
    np.testing.assert_array_equal(theta, 0 if marks else 1)
