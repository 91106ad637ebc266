"""Learning rates as pure functions of where training stands, and what the end of patience means."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sknumpynet.optimizers import OPTIMIZERS, SCHEDULES, Schedule, schedule_for

OPTIONS = SimpleNamespace(solver="sgd", learning_rate_init=0.3, power_t=0.5)


def options(**changes):
    return SimpleNamespace(**(vars(OPTIONS) | changes))


# Of every schedule: (changed options, progress, n_seen, cuts) -> rate, worked out by hand.
VALUES = {
    "constant": [({}, 0.0, 0, 0, 0.3), ({}, 0.5, 1000, 2, 0.3)],
    "invscaling": [
        ({}, 0.0, 0, 0, 0.3),
        ({}, 0.9, 8, 0, 0.1),
        ({}, 0.0, 899, 1, 0.01),
        ({"power_t": 1.0}, 0.0, 2, 0, 0.1),
        ({"power_t": 0.0}, 0.0, 1000, 0, 0.3),
    ],
    "adaptive": [
        ({}, 0.5, 1000, 0, 0.3),
        ({}, 0.0, 0, 1, 0.06),
        ({}, 0.0, 0, 3, 0.0024),
    ],
}
# Of every schedule: how often training goes on when patience ends, from a rate of 1e-3.
CUTS = {"constant": 0, "invscaling": 0, "adaptive": 5}
every_schedule = pytest.mark.parametrize("name", sorted(SCHEDULES))


def test_every_schedule_has_its_values():
    assert set(VALUES) == set(CUTS) == set(SCHEDULES)


@pytest.mark.parametrize(
    ("name", "changes", "progress", "n_seen", "cuts", "rate"),
    [(name, *row) for name, rows in VALUES.items() for row in rows],
)
def test_exact_values(name, changes, progress, n_seen, cuts, rate):
    schedule = SCHEDULES[name](options(**changes))
    assert schedule.rate(progress, n_seen, cuts) == pytest.approx(rate, rel=1e-14)


@every_schedule
def test_a_schedule_is_pure(name):
    """Asked in another order, by another schedule, it says the same; and it can't be changed."""
    places = [(k / 7, 50 * (k // 3), k % 3) for k in range(7)]
    one, other = SCHEDULES[name](OPTIONS), SCHEDULES[name](OPTIONS)
    forwards = [one.rate(*place) for place in places]
    assert [other.rate(*place) for place in reversed(places)] == forwards[::-1]
    assert [one.rate(*place) for place in places] == forwards
    with pytest.raises(AttributeError):
        one.most_cuts = 1


@every_schedule
@pytest.mark.parametrize("solver", sorted(OPTIMIZERS))
def test_rates_are_python_floats_above_0(name, solver):
    """Also of options that are not: NumPy's float64 would promote float32 arrays."""
    given = options(solver=solver, learning_rate_init=np.float64(0.3), power_t=np.float64(0.5))
    for progress in (0.0, 0.01, 0.5, 0.99):
        rate = schedule_for(SimpleNamespace(**vars(given), learning_rate=name)).rate(progress, 7, 1)
        assert type(rate) is float
        assert 0 < rate <= 0.3


@every_schedule
def test_how_often_training_goes_on_when_patience_ends(name):
    schedule = SCHEDULES[name](options(learning_rate_init=1e-3))
    ends = (cuts for cuts in range(100) if schedule.ends(0.5, 100, cuts))
    assert next(ends, math.inf) == CUTS[name]


def test_adaptive_is_divided_by_5_until_it_is_tiny():
    schedule = SCHEDULES["adaptive"](options(learning_rate_init=1e-3))
    rates = [schedule.rate(0.0, 0, cuts) for cuts in range(6)]
    assert rates == pytest.approx([1e-3, 2e-4, 4e-5, 8e-6, 1.6e-6, 3.2e-7])
    assert [schedule.ends(0.0, 0, cuts) for cuts in range(6)] == [False] * 5 + [True]


def test_adaptive_ends_at_exactly_1e_6():
    assert SCHEDULES["adaptive"](options(learning_rate_init=1e-6)).ends(0.0, 0, 0)


def test_a_schedule_may_allow_a_few_cuts():
    schedule = Schedule(lambda progress, n_seen, cuts: 0.1**cuts, most_cuts=2)
    assert [schedule.ends(0.0, 0, cuts) for cuts in range(4)] == [False, False, True, True]


@pytest.mark.parametrize("solver", sorted(OPTIMIZERS))
@pytest.mark.parametrize("name", ["constant", "invscaling", "adaptive"])
def test_scikit_learns_schedules_act_on_sgd_only(name, solver):
    given = SimpleNamespace(**vars(options(solver=solver)), learning_rate=name)
    place = (0.5, 10_000, 1)
    falls = schedule_for(given).rate(*place) < 0.3
    assert falls == (solver == "sgd" and name in ("invscaling", "adaptive"))
    assert math.isclose(schedule_for(given).rate(0.0, 0, 0), 0.3)
