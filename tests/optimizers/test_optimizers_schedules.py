"""Learning rates from epoch to epoch."""

import pytest

from sknumpynet.optimizers import SCHEDULES


def test_the_names_are_scikit_learns():
    assert set(SCHEDULES) == {"constant", "invscaling", "adaptive"}


@pytest.mark.parametrize("name", ["constant", "adaptive"])
def test_a_constant_rate_stays(name):
    schedule = SCHEDULES[name](0.3, 0.5)
    assert schedule.start(1000) == 0.3
    assert schedule.after_epoch(0.1, 1000) == 0.1


@pytest.mark.parametrize(
    ("power_t", "n_seen", "rate"),
    [(0.5, 0, 0.3), (0.5, 8, 0.1), (0.5, 899, 0.01), (1.0, 2, 0.1), (0.0, 1000, 0.3)],
)
def test_invscaling_falls_with_a_power_of_the_samples_seen(power_t, n_seen, rate):
    schedule = SCHEDULES["invscaling"](0.3, power_t)
    assert schedule.start(n_seen) == pytest.approx(rate)
    assert schedule.after_epoch(0.05, n_seen) == pytest.approx(rate)


@pytest.mark.parametrize("name", ["constant", "invscaling"])
def test_training_ends_with_patience(name):
    assert SCHEDULES[name](0.3).out_of_patience(0.1) is None


def test_adaptive_divides_by_5_until_it_is_tiny():
    schedule = SCHEDULES["adaptive"](1e-3)
    rates = [schedule.start(0)]
    while (rate := schedule.out_of_patience(rates[-1])) is not None:
        rates.append(rate)
    assert rates == pytest.approx([1e-3, 2e-4, 4e-5, 8e-6, 1.6e-6, 3.2e-7])


def test_adaptive_ends_at_exactly_1e_6():
    assert SCHEDULES["adaptive"](1.0).out_of_patience(1e-6) is None
