"""A limit of seconds: training ends after the step or iteration that crosses it."""

import math

import numpy as np
import pytest

from sknumpynet import NumpyMLPRegressor
from sknumpynet.encoding import TableEncoder
from sknumpynet.losses import SquaredError
from sknumpynet.network import Architecture, Network, build_layers
from sknumpynet.optimizers import SGD, schedule_for
from sknumpynet.rows import usable_rows
from sknumpynet.training import Batches, History, Limits, Objective, Reporter, Trainer, trainer

N_ROWS, BATCH = 40, 10
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N_ROWS, 3))
Y = (X @ [[1.0], [-2.0], [0.5]]) + 3


class Ticking(Objective):
    """Each evaluation takes a second of the clock."""

    now = 0.0

    def __call__(self, theta, batch):
        Ticking.now += 1.0
        return super().__call__(theta, batch)


class Noting(SGD):
    """Notes the rate of each step."""

    rates = ()

    def step(self, theta, gradient, met=None):
        Noting.rates.append(self.learning_rate)
        super().step(theta, gradient, met)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(Ticking, "now", 0.0)
    monkeypatch.setattr(trainer.time, "perf_counter", lambda: Ticking.now)


def start():
    layers = build_layers(Architecture(3, (), [], 1))
    return Network.initialized(layers, "float64", np.random.default_rng(1))


def train(
    max_time, *, solver="sgd", batch_size=BATCH, max_iter=10, validation=None,
    schedule="constant", warmup=0.0, reporters=(), state=None, **limits,
):  # fmt: skip
    network = start()
    objective = Ticking(network, SquaredError(), 0.0, N_ROWS)
    encoder = TableEncoder(None).fit(X, usable_rows(N_ROWS, None))
    batches = Batches(X, encoder, np.dtype("float64"), batch_size, y=Y)
    history = History()
    limits = Limits(max_iter, math.inf, 0.0, max_time=max_time, **limits)
    run = Trainer(
        objective, limits, history, validation=validation and (lambda: validation(network)),
        reporters=reporters,
    )  # fmt: skip
    if state is not None:
        run.load(state)
    if solver == "lbfgs":
        return run.run_lbfgs(batches, max_fun=1000, gtol=1e-12), history.columns, network
    options = NumpyMLPRegressor(learning_rate_init=0.05, learning_rate=schedule, warmup=warmup)
    Noting.rates = []
    outcome = run.run_stochastic(
        batches, Noting(0.05, 0.0), schedule_for(options), n_seen=0, n_samples=N_ROWS
    )
    return outcome, history.columns, network


@pytest.mark.parametrize(
    ("max_time", "n_iter", "unseen"),
    [(0.5, 1, 0.75), (1.0, 1, 0.75), (1.5, 1, 0.5), (4.0, 1, 0.0), (4.5, 2, 0.75), (11.0, 3, 0.25)],
)
def test_it_ends_after_the_step_that_crosses_the_limit(max_time, n_iter, unseen):
    outcome, columns, network = train(max_time)
    assert (outcome.reason, outcome.n_iter, outcome.unseen) == ("max_time", n_iter, unseen)
    assert Ticking.now == math.ceil(max_time)
    assert len(columns["loss"]) == n_iter
    assert outcome.kept_epoch == n_iter
    n_steps = round(4 * (n_iter - unseen))
    np.testing.assert_allclose(network.theta, descended(start().theta, n_steps), rtol=1e-10)


def descended(theta, n_steps):
    """Plain descent of the squared error, batch after batch."""
    theta = theta.copy()
    for step in range(n_steps):
        rows = slice(BATCH * (step % 4), BATCH * (step % 4 + 1))
        x = np.hstack([X[rows], np.ones((BATCH, 1))])
        theta -= 0.05 * x.T @ (x @ theta - Y[rows, 0]) / BATCH
    return theta


def test_the_loss_of_a_part_of_an_epoch_is_the_mean_over_its_rows():
    """The first batch alone, at the start."""
    _, columns, _ = train(1.0)
    _, whole, _ = train(math.inf, batch_size=N_ROWS, max_iter=1)
    losses = []
    for first in range(0, N_ROWS, BATCH):
        rows, network = slice(first, first + BATCH), start()
        raw = X[rows] @ network.arrays("W")[0] + network.arrays("b")[0]
        losses.append(((raw - Y[rows]) ** 2).mean() / 2)
    assert columns["loss"] == pytest.approx([losses[0]])
    assert whole["loss"] == pytest.approx([np.mean(losses)])


def test_without_a_limit_or_below_it_nothing_changes():
    plain, limited = train(math.inf), train(1000.0)
    assert plain[0] == limited[0]
    assert plain[0].reason == "max_iter"
    np.testing.assert_array_equal(plain[2].theta, limited[2].theta)


def test_at_both_limits_it_is_max_iter():
    assert train(40.0)[0].reason == "max_iter"


def test_early_stopping_gives_back_the_best_epoch():
    scores = iter([0.0, 0.5, 0.9, 0.7, 0.8])
    thetas = []

    def validation(network):
        thetas.append(network.theta.copy())
        score = next(scores)
        return -score, score

    outcome, columns, network = train(13.0, validation=validation, early_stopping=True)
    assert (outcome.reason, outcome.n_iter, outcome.kept_epoch) == ("max_time", 4, 2)
    assert columns["score"] == [0.5, 0.9, 0.7, 0.8]
    np.testing.assert_array_equal(network.theta, thetas[2])


# A schedule that is planned ends with the time.


def cosine(share):
    return 0.025 * (1 + math.cos(math.pi * share))


@pytest.mark.parametrize("schedule", ["cosine", "cosine_restarts"])
def test_a_short_training_sees_a_whole_cycle(schedule):
    """10 of 40 planned steps, each of a second: the first, then by the time that is spent."""
    outcome, _, _ = train(10.0, schedule=schedule)
    assert outcome.reason == "max_time"
    assert Noting.rates == pytest.approx([cosine(second / 10) for second in range(10)])


def test_the_warm_up_is_shortened_too():
    train(10.0, schedule="cosine", warmup=0.4)
    warm = [0.05 * (4 * second + 1) / 16 for second in range(4)]
    assert Noting.rates[:4] == pytest.approx(warm)
    assert Noting.rates[4:] == pytest.approx([cosine(share / 6) for share in range(6)])


@pytest.mark.parametrize("schedule", ["cosine", "cosine_restarts", "one_cycle"])
def test_where_the_time_suffices_it_changes_nothing(schedule):
    free = train(math.inf, schedule=schedule)
    rates = Noting.rates
    bounded = train(39.5, schedule=schedule)
    assert bounded[0].n_iter == 10
    assert Noting.rates == rates
    np.testing.assert_array_equal(bounded[2].theta, free[2].theta)


def test_the_second_cycle_has_the_rest_of_the_time():
    train(30.0, schedule="cosine_restarts")
    rates = Noting.rates
    assert rates[:20] == pytest.approx([cosine(step / 20) for step in range(20)])
    assert rates[20:] == pytest.approx([cosine(step / 10) for step in range(10)])


def test_a_schedule_without_a_plan_does_not_mind_the_time():
    train(10.0, schedule="constant")
    assert Noting.rates == [0.05] * 10


class Stopping(Reporter):
    """Stops after some epochs, and keeps the state of the training."""

    takes_state = True

    def __init__(self, n_epochs):
        self._left = n_epochs

    def after_epoch(self, entry, trainer):
        self._left -= 1
        self.kept = trainer.state()
        return not self._left


@pytest.mark.parametrize("n_epochs", [1, 4, 6])
@pytest.mark.parametrize("schedule", ["cosine", "cosine_restarts"])
def test_who_goes_on_has_the_rates_of_who_was_not_interrupted(schedule, n_epochs):
    """There is time for 30 of 40 steps: what was spent before counts, of each cycle its own."""
    train(30.0, schedule=schedule)
    rates, stopping = Noting.rates, Stopping(n_epochs)
    train(30.0, schedule=schedule, reporters=[stopping])
    first, Ticking.now = Noting.rates, 1000.0
    train(30.0, schedule=schedule, state=stopping.kept)
    assert first + Noting.rates == pytest.approx(rates)


# The second cycle comes where the first still improved.


@pytest.mark.parametrize(("best", "n_iter"), [(1, 5), (3, 5), (4, 5), (5, 10)])
def test_another_cycle_begins_only_where_the_last_epochs_were_the_best(best, n_iter):
    epochs = iter(range(11))

    def validation(network):
        score = -abs(next(epochs) - best)
        return -score, score

    outcome, _, _ = train(
        math.inf, validation=validation, early_stopping=True, schedule="cosine_restarts"
    )
    assert (outcome.n_iter, outcome.kept_epoch) == (n_iter, best)
    assert outcome.reason == ("max_iter" if n_iter == 10 else "converged")
    assert len(Noting.rates) == 4 * n_iter


def test_without_validation_rows_both_cycles_are_trained():
    assert train(math.inf, schedule="cosine_restarts")[0].n_iter == 10


def test_lbfgs_ends_after_the_iteration_that_crosses_the_limit():
    free, columns, _ = train(math.inf, solver="lbfgs", batch_size=N_ROWS, max_iter=50)
    evaluations = Ticking.now
    assert free.reason == "converged"
    Ticking.now = 0.0
    outcome, cut, _ = train(evaluations - 2.5, solver="lbfgs", batch_size=N_ROWS, max_iter=50)
    assert outcome.reason == "max_time"
    assert evaluations - 2.5 <= Ticking.now < evaluations
    assert cut["loss"] == columns["loss"][: outcome.n_iter]
    assert outcome.n_iter < free.n_iter
