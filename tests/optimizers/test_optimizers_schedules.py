"""Learning rates as pure functions of where training stands, and what the end of patience means."""

import math

import numpy as np
import pytest

from catalogue import FIRST_ORDER, options_with
from catalogue import SCHEDULES as CASES
from sknumpynet.optimizers import SCHEDULES, Schedule, scaled, schedule_for

OPTIONS = {"solver": "sgd", "learning_rate_init": 0.3, "power_t": 0.5}


def options(**changes):
    return options_with(**OPTIONS | changes)


every_schedule = pytest.mark.parametrize("name", CASES)


@pytest.mark.parametrize(
    ("name", "changes", "progress", "n_seen", "cuts", "rate"),
    [(name, *row) for name, case in CASES.items() for row in case.values],
)
def test_exact_values(name, changes, progress, n_seen, cuts, rate):
    schedule = SCHEDULES[name](options(**changes))
    assert schedule.rate(progress, n_seen, cuts) == pytest.approx(rate, rel=1e-14)


@every_schedule
def test_a_schedule_is_pure(name):
    """Asked in another order, by another schedule, it says the same; and it can't be changed."""
    places = [(k / 7, 50 * (k // 3), k % 3) for k in range(7)]
    one, other = SCHEDULES[name](options()), SCHEDULES[name](options())
    forwards = [one.rate(*place) for place in places]
    assert [other.rate(*place) for place in reversed(places)] == forwards[::-1]
    assert [one.rate(*place) for place in places] == forwards
    with pytest.raises(AttributeError):
        one.most_cuts = 1


@every_schedule
@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_rates_are_python_floats_above_0(name, solver):
    """Also of options that are not: NumPy's float64 would promote float32 arrays."""
    floats = {"learning_rate_init": np.float64(0.3), "power_t": np.float64(0.5)}
    schedule = schedule_for(options(solver=solver, learning_rate=name, **floats))
    for progress in (0.0, 0.01, 0.5, 0.99):
        rate = schedule.rate(progress, 7, 1)
        assert type(rate) is float
        assert 0 < rate <= 0.3


@every_schedule
def test_how_often_training_goes_on_when_patience_ends(name):
    schedule = SCHEDULES[name](options(learning_rate_init=1e-3))
    ends = (cuts for cuts in range(100) if schedule.ends(0.5, 100, cuts))
    assert next(ends, math.inf) == CASES[name].cuts


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


@pytest.mark.parametrize("solver", FIRST_ORDER)
@pytest.mark.parametrize("name", ["constant", "invscaling", "adaptive"])
def test_scikit_learns_schedules_act_on_sgd_only(name, solver):
    given = options(solver=solver, learning_rate=name)
    place = (0.5, 10_000, 1)
    falls = schedule_for(given).rate(*place) < 0.3
    assert falls == (solver == "sgd" and name in ("invscaling", "adaptive"))
    assert math.isclose(schedule_for(given).rate(0.0, 0, 0), 0.3)


# Warm-up.


def rates_of(schedule, n_planned):
    return [schedule.at(n, n_planned, 0, 0) for n in range(n_planned)]


@pytest.mark.parametrize("solver", FIRST_ORDER)
@pytest.mark.parametrize("name", [name for name in CASES if name != "one_cycle"])
def test_the_rate_rises_evenly_and_the_schedule_has_the_rest(name, solver):
    given = options(solver=solver, learning_rate=name, warmup=0.25)
    warm = rates_of(schedule_for(given), 80)
    assert warm[:20] == pytest.approx([0.3 * (n + 1) / 20 for n in range(20)], rel=1e-12)
    plain = rates_of(schedule_for(options(solver=solver, learning_rate=name)), 60)
    assert warm[20:] == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize("n_planned", [1, 3, 8, 1000])
@pytest.mark.parametrize("warmup", [0.05, 0.3, 0.99])
def test_no_step_is_lost_to_a_warm_up(n_planned, warmup):
    rates = rates_of(schedule_for(options(learning_rate="constant", warmup=warmup)), n_planned)
    assert all(0 < rate <= 0.3 for rate in rates)
    assert np.diff(rates).min(initial=0.0) >= 0
    assert rates[-1] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("max_iter", "cycles"),
    [(1, [(0, 1)]), (2, [(0, 1), (1, 1)]), (6, [(0, 3), (3, 3)]), (7, [(0, 4), (4, 3)])],
)
def test_the_cycles_share_the_epochs(max_iter, cycles):
    schedule = SCHEDULES["cosine_restarts"](options())
    found = [schedule.cycle(epoch, max_iter) for epoch in range(max_iter)]
    assert found == [cycle for cycle in cycles for _ in range(cycle[1])]
    assert SCHEDULES["cosine"](options()).cycle(max_iter - 1, max_iter) == (0, max_iter)


def test_one_cycle_takes_the_warm_up_for_its_rise():
    for warmup, top in ((0.0, 300), (0.1, 100)):
        rates = rates_of(schedule_for(options(learning_rate="one_cycle", warmup=warmup)), 1000)
        assert int(np.argmax(rates)) == top
        assert rates[0] == pytest.approx(0.012)


@pytest.mark.parametrize("name", CASES)
def test_a_stream_has_no_end_for_a_schedule_to_follow(name):
    schedule = schedule_for(options(learning_rate=name, warmup=0.5), endless=True)
    needs_none = name in ("constant", "invscaling", "adaptive", "plateau")
    places = [(n, 10, 50 * n, 0) for n in range(10)]
    rates = [schedule.at(*place) for place in places]
    if name == "invscaling":
        assert rates == [0.3 / (n_seen + 1) ** 0.5 for _, _, n_seen, _ in places]
    else:
        assert rates == [0.3] * 10
    assert SCHEDULES[name](options()).planned == (not needs_none)


@every_schedule
def test_a_scaled_schedule_ends_where_the_other_does(name):
    schedule = SCHEDULES[name](options())
    half = scaled(schedule, 0.5)
    for progress in (0.0, 0.4, 1.0):
        for cuts in range(12):
            assert half.rate(progress, 7, cuts) == 0.5 * schedule.rate(progress, 7, cuts)
            assert half.ends(progress, 7, cuts) == schedule.ends(progress, 7, cuts)
