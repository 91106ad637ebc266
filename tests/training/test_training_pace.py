"""When steps are shared: decided by a clock that the test turns."""

import numpy as np
import pytest

from sknumpynet.training.pace import Pace


class Machine:
    """A clock, and steps that take so many seconds alone and shared."""

    def __init__(self, alone, shared):
        self.alone, self.shared = alone, shared
        self.now, self.n_shared, self.n = 0.0, 0, 0
        self.pace = Pace(lambda: self.now)

    def run(self, seconds, n_rows=100):
        """Steps for about so long: the seconds of one, and the share of those that were shared."""
        start, n, n_shared = self.now, 0, 0
        while self.now - start < seconds:
            self.pace.begin()
            shared = self.pace.shared
            times = self.shared if shared else self.alone
            self.now += times() if callable(times) else times
            self.pace.end(n_rows)
            n, n_shared = n + 1, n_shared + shared
        return (self.now - start) / n, n_shared / n


@pytest.mark.parametrize("step", [2e-4, 1e-3, 2e-2, 0.5])
def test_what_is_faster_is_nearly_always_done(step):
    seconds, shared = Machine(step, 0.6 * step).run(600 * step + 2)
    assert shared > 0.9
    assert seconds < 0.65 * step


@pytest.mark.parametrize("slower", [1.0, 1.3, 5, 50])
@pytest.mark.parametrize("step", [2e-4, 1e-3, 2e-2])
def test_trials_of_what_is_slower_cost_little(step, slower):
    seconds, _ = Machine(step, slower * step).run(200 * step + 20 * slower * step + 5)
    assert seconds < 1.15 * step


@pytest.mark.parametrize("step", [2e-4, 1e-3])
def test_what_sharing_costs_behind_it_is_its_cost_too(step):
    """Threads that wait for the next product take the processor for another while."""
    machine, ended = None, [-1.0]

    def alone():
        return 3 * step if machine.now - ended[0] < 0.05 else step

    def shared():
        ended[0] = machine.now + 15e-3
        return 15e-3

    machine = Machine(alone, shared)
    seconds, _ = machine.run(60)
    assert seconds < 1.1 * step


def test_a_single_thread_begins():
    pace = Pace(lambda: 0.0)
    assert not pace.shared
    assert not pace.goes_well()


def test_when_another_process_becomes_busy_sharing_ends_at_once():
    machine = Machine(1e-3, 0.6e-3)
    machine.run(2)
    machine.shared = 2e-2
    start, n = machine.now, 0
    while machine.pace.shared or n == 0:
        machine.run(1e-9)
        n += 1
    # One stalled step, and perhaps the ones alone of a look that was under way.
    assert n <= 8
    assert machine.now - start < 5e-2
    machine.run(1)
    seconds, _ = machine.run(5)
    assert seconds < 1.15e-3


def test_when_the_other_process_ends_sharing_begins_again():
    machine = Machine(1e-3, 2e-2)
    machine.run(5)
    machine.shared = 0.6e-3
    machine.run(3)
    assert machine.run(2)[1] > 0.9


def test_a_quota_that_sharing_uses_up_belongs_to_it():
    """50 ms of each 100 are processor time of two threads; alone one is never stopped."""
    used = [0.0]

    def shared():
        used[0] += 0.7e-3
        if used[0] >= 0.05:
            used[0] = 0.0
            return 0.05
        return 0.7e-3

    seconds, _ = Machine(1e-3, shared).run(20)
    assert seconds < 1.15e-3


@pytest.mark.parametrize("stalled", ["alone", "shared"])
def test_a_rare_hiccup_does_not_end_it_for_long(stalled):
    rng = np.random.default_rng(0)

    def now_and_then(seconds):
        return lambda: seconds + (5e-3 if rng.random() < 2e-3 else 0.0)

    machine = Machine(1e-3, 0.6e-3)
    setattr(machine, stalled, now_and_then(getattr(machine, stalled)))
    assert machine.run(20)[1] > 0.85


def test_shorter_batches_are_no_reason():
    """The last of an epoch has fewer rows, and takes less time."""
    machine = Machine(1e-3, 0.6e-3)
    machine.run(2)
    for _ in range(200):
        machine.run(1e-9, n_rows=60 if machine.pace.shared else 100)
    assert machine.pace.shared or machine.run(0.1)[1] > 0.5


def test_behind_a_stall_the_rest_of_a_step_is_done_alone():
    machine = Machine(1e-3, 0.6e-3)
    machine.run(0.5)
    while not machine.pace.shared:
        machine.run(1e-9)
    machine.pace.begin()
    assert machine.pace.goes_well()
    machine.now += 0.1
    assert not machine.pace.goes_well()
    machine.pace.excuse(0.1)
    assert machine.pace.goes_well()
