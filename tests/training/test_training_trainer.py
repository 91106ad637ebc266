"""Epochs of mini-batches: when they end, which weights are kept, what is recorded and printed."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sknumpynet.encoding import TableEncoder
from sknumpynet.losses import Poisson, SquaredError
from sknumpynet.network import Architecture, Network, build_layers
from sknumpynet.optimizers import SCHEDULES, SGD, Adam
from sknumpynet.rows import usable_rows
from sknumpynet.training import (
    Batches,
    History,
    Limits,
    Objective,
    Printer,
    StartNotFiniteError,
    Trainer,
)

N_ROWS = 40
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N_ROWS, 3))
Y = (X @ [[1.0], [-2.0], [0.5]]) + 3


def make_objective(loss=None, kind=Objective, dtype="float64", **options):
    layers = build_layers(Architecture(3, (), [], 1))
    network = Network.initialized(layers, dtype, np.random.default_rng(1))
    return kind(network, loss or SquaredError(), 0.0, N_ROWS, **options)


def make_batches(batch_size=10, y=Y, dtype="float64"):
    encoder = TableEncoder(None).fit(X, usable_rows(N_ROWS, None))
    return Batches(X.astype(dtype), encoder, np.dtype(dtype), batch_size, y=y.astype(dtype))


def limits(max_iter=20, n_iter_no_change=math.inf, tol=0.0, early_stopping=False):
    return Limits(max_iter, n_iter_no_change, tol, early_stopping)


class Run:
    """A training, with what it left behind."""

    def __init__(
        self,
        objective=None,
        *,
        optimizer=None,
        batches=None,
        schedule="constant",
        history=None,
        n_seen=0,
        validation=None,
        verbose=0,
        score_name=None,
        **limits_,
    ):
        self.objective = objective or make_objective()
        self.theta = self.objective.network.theta
        self.start = self.theta.copy()
        self.history = history or History()
        limit = limits(**limits_)
        printer = Printer(verbose, self.history.last_epoch, limit.max_iter, score_name)
        trainer = Trainer(
            self.objective, limit, self.history, validation=validation, reporters=[printer]
        )
        optimizer = optimizer or SGD(0.05)
        options = SimpleNamespace(learning_rate_init=optimizer.learning_rate, power_t=0.5)
        self.outcome = trainer.run_stochastic(
            batches or make_batches(),
            optimizer,
            SCHEDULES[schedule](options),
            n_seen=n_seen,
            n_samples=N_ROWS,
        )

    @property
    def columns(self):
        return self.history.columns


class Scripted:
    """Stands in for an objective: ``losses[k]`` is the loss of theta = (k, k, ...).

    With plain descent at rate 1 and one batch an epoch, theta counts the epochs: epoch e measures
    ``losses[e - 1]`` and ends at theta = e. An exception among the losses is raised.
    """

    def __init__(self, losses):
        self.network = make_objective().network
        self.network.theta[:] = 0
        self.losses, self.n_calls = list(losses), 0

    def __call__(self, theta, batch):
        self.n_calls += 1
        loss = self.losses[int(min(theta[0], len(self.losses) - 1))]
        if isinstance(loss, BaseException):
            raise loss
        return loss, -np.ones(self.network.layout.n_trained)

    def over(self, theta, batches):
        results = [self(theta, batch) for batch in batches]
        return results[0]

    def value(self, batch):
        return self(self.network.theta, batch)[0]


def scripted_run(losses, scores=None, **options):
    """A run in which theta is the number of the epoch; ``scores[k]`` is the score of theta = k."""
    objective = Scripted(losses)
    options = {"optimizer": SGD(1.0, 0.0), "batches": make_batches(N_ROWS)} | options
    if scores is not None:

        def validation():
            score = scores[int(objective.network.theta[0])]
            return -score, score

        options["validation"] = validation
    return Run(objective, **options)


def kept(run):
    """The epoch that the weights are those of, after a check that the outcome says the same."""
    (epoch,) = set(run.theta)
    assert run.outcome.kept_epoch == (epoch or None)
    return int(epoch)


# The plain course.


@pytest.mark.parametrize("optimizer", [SGD(0.05), Adam(0.1)])
@pytest.mark.parametrize("batch_size", [10, 40])
def test_a_linear_model_finds_its_coefficients(optimizer, batch_size):
    run = Run(optimizer=optimizer, batches=make_batches(batch_size), max_iter=500)
    p = run.objective.network.parameters()[0]
    np.testing.assert_allclose(p.W.ravel(), [1, -2, 0.5], atol=1e-3)
    np.testing.assert_allclose(p.b, 3, atol=1e-3)


def test_max_iter_is_the_number_of_epochs():
    run = Run(max_iter=7)
    assert (run.outcome.reason, run.outcome.n_iter, run.outcome.kept_epoch) == ("max_iter", 7, 7)
    assert run.columns["epoch"] == [1, 2, 3, 4, 5, 6, 7]
    assert all(seconds >= 0 for seconds in run.columns["seconds"])


def test_the_loss_of_an_epoch_is_the_mean_over_its_rows():
    """Without steps, the loss of unequal batches is that of the data."""
    run = Run(optimizer=SGD(1e-300, 0.0), batches=make_batches(15), max_iter=2)
    (batch,) = make_batches(N_ROWS)
    expected = run.objective(run.theta, batch)[0]
    assert run.columns["loss"] == pytest.approx([expected] * 2, rel=1e-12)


def test_without_validation_its_columns_are_nan():
    run = Run(max_iter=3)
    assert np.isnan(run.columns["validation_loss"] + run.columns["score"]).all()


@pytest.mark.parametrize("n", [1, 3, 10])
def test_patience_is_exact(n):
    run = scripted_run([1.0] * 100, n_iter_no_change=n, max_iter=100)
    assert (run.outcome.reason, run.outcome.n_iter) == ("converged", 1 + n)


def test_without_early_stopping_the_last_weights_are_kept():
    run = scripted_run([3.0, 1.0, 2.0, 2.0], n_iter_no_change=2)
    assert (run.outcome.n_iter, kept(run), run.outcome.best_figure) == (4, 4, 1.0)


def test_statistics_are_not_trained():
    objective = Scripted([1.0])
    objective.network.layout.n_trained -= 2
    run = Run(objective, optimizer=SGD(1.0, 0.0), batches=make_batches(N_ROWS), max_iter=1)
    assert list(run.theta) == [1, 1, 0, 0]


# Learning rates.


def test_the_rate_of_an_epoch_is_recorded():
    run = Run(optimizer=SGD(0.5), schedule="invscaling", max_iter=3, batches=make_batches(N_ROWS))
    assert run.columns["learning_rate"] == pytest.approx([0.5, 0.5 / 41**0.5, 0.5 / 81**0.5])


def test_the_rate_goes_on_from_the_samples_of_an_earlier_fit():
    run = Run(optimizer=SGD(0.5), schedule="invscaling", max_iter=2, n_seen=59)
    assert run.columns["learning_rate"][1] == pytest.approx(0.5 / 100**0.5)


def test_the_adaptive_rate_is_divided_by_5_whenever_patience_ends():
    run = scripted_run(
        [1.0] * 100, schedule="adaptive", optimizer=SGD(1e-4, 0.0), n_iter_no_change=2, max_iter=100
    )
    rates = [1e-4] * 3 + [2e-5] * 2 + [4e-6] * 2 + [8e-7] * 2
    assert run.columns["learning_rate"] == pytest.approx(rates)
    assert run.outcome.reason == "converged"


# Early stopping.


def test_early_stopping_gives_back_the_best_epoch():
    scores = [0.0, 0.1, 0.5, 0.4, 0.6, 0.6, 0.5, 0.3, 0.9]
    run = scripted_run(range(10, 0, -1), scores, early_stopping=True, n_iter_no_change=3)
    assert (run.outcome.reason, run.outcome.n_iter) == ("converged", 7)
    assert (kept(run), run.outcome.best_figure) == (4, -0.6)
    assert run.columns["score"] == scores[1:8]
    assert run.columns["validation_loss"] == [-score for score in scores[1:8]]


def test_the_best_epoch_is_given_back_also_at_max_iter():
    run = scripted_run([1.0] * 3, [0.0, 0.1, 0.3, 0.2], early_stopping=True, max_iter=3)
    assert (run.outcome.reason, kept(run)) == ("max_iter", 2)


def test_epochs_that_are_all_worse_than_the_start_give_back_the_start():
    run = scripted_run([1.0] * 3, [0.9, 0.5, 0.7, 0.6], early_stopping=True, max_iter=3)
    assert (run.outcome.reason, run.outcome.n_iter) == ("max_iter", 3)
    assert kept(run) == 0
    assert run.outcome.best_figure == -0.9


def test_without_early_stopping_validation_is_recorded_only():
    run = scripted_run([3.0, 2.0, 1.0], [0.0, 0.9, 0.5, 0.1], n_iter_no_change=1, max_iter=3)
    assert (run.outcome.reason, kept(run)) == ("max_iter", 3)
    assert run.columns["score"] == [0.9, 0.5, 0.1]


def earlier_history(n_epochs):
    history = History()
    columns = ("loss", "validation_loss", "score", "learning_rate", "seconds")
    for epoch in range(1, n_epochs + 1):
        history.append(epoch=epoch, **dict.fromkeys(columns, 1.0))
    return history


def test_going_on_counts_epochs_on():
    run = Run(history=earlier_history(5), max_iter=3)
    assert run.columns["epoch"] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (run.outcome.n_iter, run.outcome.kept_epoch) == (3, 8)


@pytest.mark.parametrize(
    ("scores", "kept_epoch", "theta"), [([0.4, 0.2, 0.3], None, 0), ([0.4, 0.2, 0.5], 7, 2)]
)
def test_going_on_with_early_stopping_has_to_beat_the_start(scores, kept_epoch, theta):
    run = scripted_run(
        [1.0] * 2, scores, history=earlier_history(5), early_stopping=True, max_iter=2
    )
    assert run.outcome.kept_epoch == kept_epoch
    np.testing.assert_array_equal(run.theta, theta)


# Divergence.


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_training_at_once(bad):
    run = scripted_run([3.0, 2.0, bad, 1.0])
    assert (run.outcome.reason, run.outcome.n_iter) == ("diverged", 3)
    assert not math.isfinite(run.columns["loss"][-1])
    assert len(run.columns["epoch"]) == 3


def test_the_rest_of_an_epoch_is_not_run_after_divergence():
    objective = Scripted([1.0, math.nan, 1.0])
    run = Run(objective, optimizer=SGD(1.0, 0.0), batches=make_batches(10), max_iter=5)
    assert (run.outcome.reason, run.outcome.n_iter) == ("diverged", 1)
    # Two batches of the epoch, and all four of them at the start that is left.
    assert objective.n_calls == 2 + 4
    np.testing.assert_array_equal(run.theta, 0)


@pytest.mark.parametrize(
    ("losses", "epochs"),
    [
        ([3.0, 2.0, 2.5, math.nan], {1, 2}),
        ([3.0, 2.0, 1.0, math.nan], {1, 2}),
        ([3.0, math.inf], {0}),
        ([3.0, 1e9, math.nan], {0}),
        ([3.0, 2.0, 1e9, math.nan], {1}),
    ],
)
def test_after_divergence_good_weights_are_back(losses, epochs):
    """An epoch that measured a low loss may have ended at weights that were already lost."""
    run = scripted_run(losses)
    assert run.outcome.reason == "diverged"
    assert kept(run) in epochs


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_start_that_is_not_finite_is_an_error(bad):
    with pytest.raises(StartNotFiniteError) as caught:
        scripted_run([bad, 1.0, 1.0])
    assert not caught.value.in_validation


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_validation_loss_that_is_not_finite_at_the_start_is_an_error(bad):
    with pytest.raises(StartNotFiniteError) as caught:
        scripted_run([1.0] * 5, [bad, 0.1, 0.2], early_stopping=True, max_iter=2)
    assert caught.value.in_validation
    # Rows that are only watched decide nothing.
    assert scripted_run([1.0] * 5, [bad, bad, bad], max_iter=2).outcome.n_iter == 2


@pytest.mark.parametrize("limit", [{"max_iter": 2}, {"n_iter_no_change": 1, "max_iter": 9}])
def test_a_last_step_that_blows_up_is_divergence(limit):
    """No epoch measures the loss after the last step."""
    run = scripted_run([3.0, 3.0, math.inf], **limit)
    assert (run.outcome.reason, run.outcome.n_iter) == ("diverged", 2)
    assert kept(run) == 0


def test_weights_that_are_not_finite_are_divergence_too():
    """A step may overflow where the loss before it was finite."""
    objective = Scripted([1.0])
    objective.network.theta[:] = 1e308
    run = Run(objective, optimizer=SGD(1e308, 0.0), batches=make_batches(N_ROWS))
    assert (run.outcome.reason, run.outcome.n_iter) == ("diverged", 1)
    np.testing.assert_array_equal(run.theta, 1e308)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [10, 40])
@pytest.mark.parametrize("loss", [SquaredError(), Poisson()])
@pytest.mark.parametrize("learning_rate", [1e1, 1e30])
def test_a_rate_that_is_far_too_large_leaves_a_model_no_worse_than_the_start(
    dtype, batch_size, loss, learning_rate
):
    """Finite weights are not enough: their loss has to be one that training had reached."""
    y = np.abs(Y)
    objective = make_objective(loss, dtype=dtype)
    (batch,) = make_batches(N_ROWS, y, dtype)
    start_loss = objective(objective.network.theta, batch)[0]
    run = Run(
        objective,
        optimizer=SGD(learning_rate, 0.0),
        batches=make_batches(batch_size, y, dtype),
        max_iter=1000,
    )
    assert run.outcome.reason == "diverged"
    assert np.isfinite(run.theta).all()
    with np.errstate(over="ignore", invalid="ignore"):
        assert objective(run.theta, batch)[0] <= start_loss


# Ctrl-C.


def test_an_interruption_keeps_the_best_epoch():
    run = scripted_run([3.0, 1.0, 2.0, 4.0, KeyboardInterrupt()])
    assert (run.outcome.reason, run.outcome.n_iter) == ("interrupted", 4)
    assert kept(run) in (1, 2)
    assert run.columns["loss"] == [3.0, 1.0, 2.0, 4.0]


def test_an_interruption_in_the_first_epoch_keeps_the_start():
    run = scripted_run([KeyboardInterrupt()])
    assert (run.outcome.n_iter, kept(run)) == (0, 0)


class InterruptedInStep(SGD):
    """Ctrl-C in the middle of the n-th step, when theta is half moved."""

    def __init__(self, n):
        super().__init__(1.0, 0.0)
        self.steps_left = n

    def step(self, theta, gradient):
        self.steps_left -= 1
        if self.steps_left == 0:
            theta[:2] = np.nan
            raise KeyboardInterrupt
        super().step(theta, gradient)


@pytest.mark.parametrize(("n", "epochs"), [(1, {0}), (3, {1, 2})])
def test_an_interruption_within_a_step_leaves_no_half_moved_weights(n, epochs):
    run = scripted_run([3.0, 2.0, 1.0], optimizer=InterruptedInStep(n))
    assert run.outcome.reason == "interrupted"
    assert kept(run) in epochs


def test_an_interruption_of_early_stopping_keeps_the_best_score():
    run = scripted_run(
        [3.0, 2.0, 1.0, KeyboardInterrupt()], [0.0, 0.7, 0.9, 0.8], early_stopping=True
    )
    assert (run.outcome.reason, kept(run)) == ("interrupted", 2)


def test_other_exceptions_are_not_swallowed():
    with pytest.raises(MemoryError):
        scripted_run([1.0, MemoryError()])


# Printing.


def printed_epochs(text):
    lines = [line for line in text.splitlines() if line.startswith("Iteration")]
    return [int(line.split("/")[0].removeprefix("Iteration")) for line in lines]


@pytest.mark.parametrize(
    ("verbose", "epochs"),
    [
        (0, []),
        (1, [1, 2, 3, 4, 5, 6, 7]),
        (3, [1, 3, 6, 7]),
        (7, [1, 7]),
        (100, [1, 7]),
    ],
)
def test_every_nth_epoch_is_printed_and_the_first_and_last(verbose, epochs, capsys):
    Run(max_iter=7, verbose=verbose)
    text = capsys.readouterr().out
    assert printed_epochs(text) == epochs
    assert bool(text) == bool(verbose)


def test_the_end_says_why(capsys):
    scripted_run([3.0, math.nan], verbose=10)
    lines = capsys.readouterr().out.splitlines()
    assert printed_epochs("\n".join(lines)) == [1, 2]
    assert lines[-1] == (
        "Training ended after 2 epochs, kept the start of 2: it diverged, the loss or a weight is "
        "not finite."
    )


def test_the_end_is_said_in_words(capsys):
    scripted_run([3.0] * 20, verbose=1, max_iter=3)
    last = capsys.readouterr().out.splitlines()[-1]
    assert (
        last == "Training ended after 3 epochs, kept epoch 3 of 3: the limit max_iter is reached."
    )


def test_printed_lines_are_aligned(capsys):
    """From a loss of 12 down to one below 1, and from one digit to two of the epoch."""
    losses = np.geomspace(12, 0.01, 11)
    scripted_run(losses, [0, *losses], verbose=1, max_iter=11, score_name="s")
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Iteration")]
    assert len(lines) == 11
    for text in ("loss =", "validation loss", "s =", "learning rate"):
        assert len({line.index(text) for line in lines}) == 1
