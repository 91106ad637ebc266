"""Training in two halves, the second by another trainer from the state of the first; reports."""

import math
import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from sknumpynet.encoding import TableEncoder
from sknumpynet.losses import SquaredError
from sknumpynet.network import Architecture, Network, build_layers
from sknumpynet.optimizers import SCHEDULES, SGD, Adam, Averaged, Clipped, Grouped, Rule, Schedule
from sknumpynet.rows import usable_rows
from sknumpynet.training import Batches, History, Limits, Objective, Reporter, Trainer

N_ROWS, BATCH, N_BATCHES = 90, 20, 5
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N_ROWS, 3))
Y = np.sin(X @ [[1.0], [-2.0], [0.5]]) + RNG.normal(size=(N_ROWS, 1))
OPTIONS = SimpleNamespace(learning_rate_init=0.02, power_t=0.5)


class Noisy(Objective):
    """Draws, as dropout does, and may be interrupted before its n-th call."""

    def __init__(self, *args, noise, calls=None):
        super().__init__(*args)
        self.noise, self.calls_left = noise, calls

    def __call__(self, theta, batch):
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise KeyboardInterrupt
        loss, gradient = super().__call__(theta, batch)
        gradient += self.noise.normal(size=gradient.shape) * 0.01
        return loss, gradient


def grouped():
    return Grouped(0.02, [Rule(slice(0, 10), Adam()), Rule(slice(10, 25), SGD(0.02), 2.0)])


def distance(theta, length=1.95):
    """From a length of theta that it passes on its way: falls, then rises."""
    return abs(float(np.linalg.norm(theta)) - length)


def progressing(progress, n_seen, cuts):
    """A rate that depends on all it may."""
    return 0.02 * (1.1 - progress) * 0.5**cuts / (1 + n_seen / 1000)


CASES = {
    "adam": {"optimizer": lambda: Adam(0.02)},
    "plain sgd": {"optimizer": lambda: SGD(0.02, 0.0)},
    "momentum, invscaling": {"optimizer": lambda: SGD(0.02), "schedule": "invscaling"},
    "adaptive, with cuts": {
        "optimizer": lambda: SGD(0.02),
        "schedule": "adaptive",
        "n_iter_no_change": 2,
        "tol": 0.05,
    },
    "by progress": {
        "optimizer": lambda: Adam(0.02),
        "schedule": Schedule(progressing, most_cuts=math.inf),
        "n_iter_no_change": 2,
        "tol": 0.05,
    },
    "early stopping": {"optimizer": lambda: Adam(0.02), "early_stopping": True},
    "early stopping in vain": {
        "optimizer": lambda: Adam(0.02),
        "early_stopping": True,
        "length": 2.55,
    },
    "averaged": {
        "optimizer": lambda: Averaged(Clipped(Adam(0.02), 0.5), 0.9),
        "early_stopping": True,
    },
    "averaged, no early stopping": {"optimizer": lambda: Averaged(SGD(0.02), 0.9)},
    "grouped": {"optimizer": grouped},
    "not shuffled": {"optimizer": lambda: Adam(0.02), "shuffle": False},
    "one batch": {"optimizer": lambda: Adam(0.02), "batch_size": N_ROWS},
    "float32": {"optimizer": lambda: Averaged(Adam(0.02), 0.9), "dtype": "float32"},
    "after an earlier fit": {"optimizer": lambda: Adam(0.02), "earlier": 3},
}
every_case = pytest.mark.parametrize("case", CASES)


class Course:
    """A trainer with all it needs, made anew from the same seeds."""

    def __init__(
        self,
        optimizer,
        schedule="constant",
        *,
        stop_after=None,
        calls=None,
        seed=1,
        shuffle=True,
        batch_size=BATCH,
        dtype="float64",
        earlier=0,
        max_iter=10,
        n_iter_no_change=math.inf,
        tol=0.0,
        early_stopping=False,
        length=1.95,
    ):
        start, *generators = (np.random.default_rng([seed, i]) for i in range(3))
        network = Network.initialized(
            build_layers(Architecture(3, (5,), ["tanh"], 1)), dtype, start
        )
        objective = Noisy(
            network, SquaredError(), 0.1, N_ROWS, None, noise=generators[1], calls=calls
        )
        encoder = TableEncoder(None).fit(X, usable_rows(N_ROWS, None))
        self.batches = Batches(
            X.astype(dtype),
            encoder,
            np.dtype(dtype),
            batch_size,
            y=Y.astype(dtype),
            shuffle=generators[0] if shuffle else None,
        )
        self.history = History()
        for epoch in range(1, earlier + 1):
            names = ("loss", "validation_loss", "score", "learning_rate", "seconds")
            self.history.append(epoch=epoch, **dict.fromkeys(names, 1.0))
        self.theta, self.optimizer = network.theta, optimizer()
        self.schedule = schedule if isinstance(schedule, Schedule) else SCHEDULES[schedule](OPTIONS)
        self.states = []

        def validation():
            value = distance(network.theta, length)
            return value, -value

        class Taker(Reporter):
            takes_state = True

            def after_epoch(_, entry, trainer):  # noqa: N805
                self.states.append(trainer.state())
                return entry["epoch"] - earlier == stop_after

        self.trainer = Trainer(
            objective,
            Limits(max_iter, n_iter_no_change, tol, early_stopping),
            self.history,
            validation=validation,
            reporters=[Taker()],
            generators=generators,
        )
        self.n_seen = 77 * bool(earlier)

    def run(self):
        self.outcome = self.trainer.run_stochastic(
            self.batches, self.optimizer, self.schedule, n_seen=self.n_seen, n_samples=N_ROWS
        )
        return self

    def facts(self):
        """All that may be seen of it but the seconds, to the last bit."""
        columns = {k: v for k, v in self.history.columns.items() if k != "seconds"}
        best = self.trainer.state()["best"]["theta"].tobytes()
        return self.theta.tobytes(), best, repr(columns), self.outcome


def continued(case, state):
    """By a trainer that would have started and drawn otherwise."""
    course = Course(**CASES[case], seed=2)
    course.trainer.load(state)
    return course.run()


@every_case
@pytest.mark.parametrize("n_first", [1, 5, 9])
def test_two_halves_are_one_whole(case, n_first):
    whole = Course(**CASES[case]).run()
    assert whole.outcome.n_iter == 10
    first = Course(**CASES[case], stop_after=n_first).run()
    assert (first.outcome.reason, first.outcome.n_iter) == ("stopped", n_first)
    second = continued(case, pickle.loads(pickle.dumps(first.trainer.state())))
    assert second.facts() == whole.facts()


@every_case
def test_a_state_is_a_copy_that_serves_more_than_once(case):
    """Taken by the function that hears of each epoch, while training goes on."""
    whole = Course(**CASES[case]).run()
    for state in (whole.states[3], whole.states[6], whole.states[3]):
        assert continued(case, state).facts() == whole.facts()


@pytest.mark.parametrize("case", [case for case in CASES if case != "one batch"])
@pytest.mark.parametrize("n_calls", [0, 1, 2, 3 * N_BATCHES, 3 * N_BATCHES + 1, 10 * N_BATCHES - 1])
def test_an_epoch_that_was_interrupted_between_batches_is_finished(case, n_calls):
    whole = Course(**CASES[case]).run()
    first = Course(**CASES[case], calls=n_calls).run()
    assert (first.outcome.reason, first.outcome.n_iter) == ("interrupted", n_calls // N_BATCHES)
    assert continued(case, first.trainer.state()).facts() == whole.facts()


def test_cases_are_not_trivial():
    """Cuts happen, the best epoch is not the last, and order and noise act."""
    assert (
        len(set(Course(**CASES["adaptive, with cuts"]).run().history.columns["learning_rate"])) > 1
    )
    assert Course(**CASES["early stopping"]).run().outcome.kept_epoch not in (None, 10)
    shuffled, fixed = (Course(**CASES[case]).run().theta for case in ("adam", "not shuffled"))
    assert (shuffled != fixed).all()


def test_a_training_that_had_ended_does_not_go_on():
    options = {"optimizer": lambda: SGD(1e-9), "n_iter_no_change": 2, "tol": 1.0, "max_iter": 20}
    first = Course(**options).run()
    assert (first.outcome.reason, first.outcome.n_iter) == ("converged", 3)
    second = Course(**options)
    second.trainer.load(first.trainer.state())
    second.run()
    assert second.outcome == first.outcome
    np.testing.assert_array_equal(second.theta, first.theta)


def test_without_a_run_there_is_no_state():
    with pytest.raises(RuntimeError, match="run_stochastic"):
        Course(lambda: SGD(0.1)).trainer.state()


# The function that hears of each epoch.


def test_every_epoch_is_reported_when_it_is_recorded():
    course = Course(lambda: SGD(0.1), max_iter=4).run()
    assert [state["progress"]["n_iter"] for state in course.states] == [1, 2, 3, 4]
    assert [len(state["history"]["loss"]) for state in course.states] == [1, 2, 3, 4]
    assert course.outcome.reason == "max_iter"


def test_who_stops_in_early_stopping_gets_the_best_so_far():
    course = Course(**CASES["early stopping"], stop_after=8).run()
    scores = course.history.columns["score"]
    assert course.outcome.reason == "stopped"
    assert course.outcome.kept_epoch == 1 + int(np.argmax(scores)) < 8
    assert -distance(course.theta) == max(scores)


def test_patience_that_ends_at_the_same_time_is_the_reason():
    options = {"optimizer": lambda: SGD(1e-9), "n_iter_no_change": 2, "tol": 1.0}
    assert Course(**options, stop_after=3).run().outcome.reason == "converged"


@pytest.mark.parametrize("answer", [True, np.True_, 1])
def test_lbfgs_is_stopped_too(answer):
    entries = []

    class Counter(Reporter):
        def after_epoch(self, entry, trainer):
            entries.append(entry)
            return answer if len(entries) == 3 else None

    course = Course(lambda: SGD(0.1))
    limits = Limits(100, math.inf, 0.0)
    objective = Objective(course.trainer._objective.network, SquaredError(), 0.0, N_ROWS)
    trainer = Trainer(objective, limits, History(), reporters=[Counter()])
    outcome = trainer.run_lbfgs(course.batches, max_fun=1000, gtol=0.0)
    assert (outcome.reason, outcome.n_iter, outcome.kept_epoch) == ("stopped", 3, 3)
    assert [entry["epoch"] for entry in entries] == [1, 2, 3]


# Schedules and averages within a training.


def test_the_schedule_is_asked_at_every_step():
    asked = []

    def rate(progress, n_seen, cuts):
        asked.append((progress, n_seen, cuts))
        return 0.01

    course = Course(lambda: Adam(), Schedule(rate), max_iter=3).run()
    # After the end, what the next step would have.
    assert asked.pop() == (1.0, 270, 0)
    assert course.optimizer.learning_rate == 0.01
    steps = 3 * N_BATCHES
    assert [progress for progress, _, _ in asked] == pytest.approx(np.arange(steps) / steps)
    assert [n_seen for _, n_seen, _ in asked] == [0] * 5 + [90] * 5 + [180] * 5
    assert {cuts for _, _, cuts in asked} == {0}


class Counting(SGD):
    """Moves by the rate at every step, whatever the gradient."""

    def step(self, theta, gradient, met=None):
        theta += self.learning_rate


def test_each_step_is_at_the_rate_of_the_schedule():
    course = Course(lambda: Counting(9.0), Schedule(lambda p, n, c: 0.001 * (1 + p)), max_iter=4)
    start = course.theta.copy()
    course.run()
    steps = 4 * N_BATCHES
    moved = 0.001 * sum(1 + k / steps for k in range(steps))
    np.testing.assert_allclose(course.theta - start, moved)
    assert course.history.columns["learning_rate"][-1] == pytest.approx(0.001 * (1 + 19 / 20))


def test_the_mean_is_validated_and_left_while_raw_weights_are_trained():
    seen = []
    course = Course(lambda: Averaged(Counting(9.0), 0.5), Schedule(lambda *_: 1.0), max_iter=3)
    start = course.theta.copy()
    course.trainer._validation = lambda: (seen.append(course.theta - start), (0.0, 0.0))[1]
    course.run()
    expected = []
    for n in (5, 10, 15):
        weights = 0.5 ** np.arange(n)[::-1]
        expected.append(np.average(np.arange(1, n + 1), weights=weights))
    np.testing.assert_allclose(seen, np.repeat(expected, start.size).reshape(3, -1))
    np.testing.assert_allclose(course.theta - start, expected[-1])


def test_the_best_mean_is_given_back():
    course = Course(**CASES["averaged"]).run()
    scores = course.history.columns["score"]
    assert -distance(course.theta) == max(scores)


def test_after_an_interruption_the_mean_starts_anew_from_the_weights_that_are_back():
    course = Course(**CASES["averaged, no early stopping"], calls=3 * N_BATCHES + 2).run()
    assert course.outcome.reason == "interrupted"
    course.optimizer.to_training(course.theta)
    course.optimizer.step(course.theta, np.ones_like(course.theta))
    raw = course.theta.copy()
    course.optimizer.to_evaluation(course.theta)
    np.testing.assert_array_equal(course.theta, raw)


# Reporters.


class Recorder(Reporter):
    """Notes what it is told, and by whom; stops in an epoch."""

    def __init__(self, name, log, stop_in=None):
        self.name, self.log, self.stop_in = name, log, stop_in

    def before_epoch(self, epoch, trainer):
        self.log.append((self.name, "before", epoch, trainer))

    def after_epoch(self, entry, trainer):
        self.log.append((self.name, "after", entry["epoch"], trainer))
        return entry["epoch"] == self.stop_in

    def end(self, outcome):
        self.log.append((self.name, "end", outcome.reason, outcome.n_iter))


@pytest.mark.parametrize("stops", ["a", "b"])
def test_every_reporter_is_told_of_every_epoch_and_any_may_stop(stops):
    log, course = [], Course(lambda: SGD(0.1))
    reporters = [Recorder(name, log, 2 if name == stops else None) for name in "ab"]
    objective = Objective(course.trainer._objective.network, SquaredError(), 0.0, N_ROWS)
    trainer = Trainer(objective, Limits(9, math.inf, 0.0), History(), reporters=reporters)
    trainer.run_stochastic(course.batches, SGD(0.1), course.schedule, n_seen=0, n_samples=N_ROWS)
    wanted = [
        (name, what, epoch, trainer)
        for epoch in (1, 2)
        for what in ("before", "after")
        for name in "ab"
    ]
    assert log == [*wanted, ("a", "end", "stopped", 2), ("b", "end", "stopped", 2)]


def test_a_reporter_that_does_nothing_changes_nothing():
    one, other = Course(lambda: SGD(0.1)), Course(lambda: SGD(0.1))
    other.trainer._reporters += (Reporter(),)
    assert one.run().facts() == other.run().facts()
