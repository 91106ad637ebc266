"""The loops that lower the objective: epochs of batches, or iterations of L-BFGS.

In: an objective, batches, an optimizer, a schedule, and limits. Out: the network's theta at its end
(the best epoch after early stopping, divergence or Ctrl-C, otherwise the last), the history, and
why training ended. On the way every epoch is told to reporters, any of which may stop it, and the
whole state can be taken, to go on elsewhere.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..optimizers import Optimizer, Schedule, minimize_lbfgs
from .batches import Batch, Batches
from .first_steps import FirstSteps
from .history import History
from .horizon import Horizon
from .objective import Objective
from .outcome import Limits, Outcome, StartNotFiniteError
from .progress import Progress
from .reporters import Reporter
from .stopping import BestWeights, Patience

#: () -> (validation loss, score); the score is better when higher.
Validation = Callable[[], tuple[float, float]]


class Trainer:
    """Trains one network once.

    Raises :class:`StartNotFiniteError` where the start is of no use. What is not finite later is
    divergence, and an outcome.

    Parameters
    ----------
    objective : Objective
    limits : Limits
    history : History
        Grows by an entry an epoch.
    validation : callable, optional
        Asked after every epoch, see :data:`Validation`.
    reporters : sequence of Reporter
        Told of every epoch (iteration).
    generators : sequence of numpy.random.Generator
        Those that batches and layers draw from, if ``state`` is to be asked: it takes 3 us an epoch
        to note where one of them was.
    """

    def __init__(
        self,
        objective: Objective,
        limits: Limits,
        history: History,
        *,
        validation: Validation | None = None,
        reporters: Sequence[Reporter] = (),
        generators: Sequence[np.random.Generator] = (),
    ) -> None:
        self._objective, self._limits, self._history = objective, limits, history
        self._theta = objective.network.theta
        self._trained = self._theta[: objective.network.layout.n_trained]
        self._validation, self._reporters = validation, tuple(reporters)
        self._optimizer: Optimizer | None = None
        self._progress = Progress(history.last_epoch, generators)
        # What ``load`` brought, for the optimizer, and theta before it was set to the best.
        self._loaded: dict[str, Any] | None = None
        self._last: np.ndarray | None = None
        self._clock = time.perf_counter()
        self._deadline = self._clock + limits.max_time
        self._unseen = 0.0
        self._last_batch: Batch | None = None
        self._best = BestWeights(self._theta)
        self._patience = Patience(limits.n_iter_no_change, limits.tol)
        # The best epoch has to beat the start, which may be the best of an earlier fit.
        self._to_beat = math.inf
        if limits.early_stopping:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                validation_loss, score = self._validate()
            if not math.isfinite(validation_loss):
                raise StartNotFiniteError(in_validation=True)
            self._to_beat = -score
        if history.last_epoch:
            self._patience.best = self._to_beat

    def run_stochastic(
        self,
        batches: Batches,
        optimizer: Optimizer,
        schedule: Schedule,
        *,
        n_seen: int,
        n_samples: int,
    ) -> Outcome:
        """Epochs of mini-batches.

        ``n_seen`` samples have been seen before, and an epoch shows ``n_samples`` (more than the
        rows of ``batches`` where equal rows are merged).
        """
        self._optimizer = optimizer
        if self._loaded is not None:
            optimizer.load(self._loaded["optimizer"])
            optimizer.learning_rate = self._loaded["learning_rate"]
            self._loaded = None

        def loop() -> str:
            reason = self._epochs(batches, optimizer, schedule, n_seen, n_samples)
            if reason == "diverged" or self._limits.early_stopping or self._last_batch is None:
                return reason
            # Losses are measured before each step. What the last step has led to is still to see.
            last_loss = self._objective.value(self._last_batch)
            return reason if math.isfinite(last_loss) else "diverged"

        return self._run(loop, batches)

    def run_lbfgs(self, batches: Batches, *, max_fun: int, gtol: float) -> Outcome:
        """Iterations of L-BFGS on all rows of ``batches``."""
        return self._run(lambda: self._lbfgs(batches, max_fun, gtol), batches)

    def state(self) -> dict[str, Any]:
        """All that ``load`` needs to go on as if nothing had happened, as copies.

        To be asked in or after ``run_stochastic`` (the state of L-BFGS is within SciPy). At the end
        of an epoch, as by a reporter, going on is exact to the last bit. After Ctrl-C within
        an epoch, too, unless it came in the middle of a batch, which is then done again; where
        tables are moved row by row, up to rounding.
        """
        if self._optimizer is None:
            raise RuntimeError("There is a state in and after run_stochastic only.")
        return copy.deepcopy(
            {
                "theta": self._theta if self._last is None else self._last,
                "optimizer": self._optimizer.state(),
                "learning_rate": self._optimizer.learning_rate,
                "progress": self._progress.state(),
                "to_beat": self._to_beat,
                "patience": self._patience.state(),
                "best": self._best.state(),
                "history": self._history.columns,
            }
        )

    def load(self, state: dict[str, Any]) -> None:
        """Go on, in the next ``run_stochastic``, where another trainer was.

        Objective, limits, batches, schedule, samples seen and the number of generators have to be
        those that the other was given.
        """
        self._theta[:] = state["theta"]
        self._loaded = state
        self._progress.load(state["progress"])
        # The time that was spent counts.
        n_iter = self._progress.n_iter
        self._deadline -= sum(state["history"]["seconds"][-n_iter:]) if n_iter else 0.0
        self._to_beat = state["to_beat"]
        self._patience.load(state["patience"])
        self._best.load(state["best"])
        self._history.columns = History(state["history"]).columns

    def so_far(self) -> Outcome:
        """How training would have ended after the last epoch, with the weights as they are."""
        return self._outcome("stopped", self._progress.epoch)

    def _outcome(self, reason: str, kept_epoch: int) -> Outcome:
        return Outcome(
            reason=reason,
            n_iter=self._progress.n_iter,
            kept_epoch=kept_epoch or None,
            best_figure=min(self._patience.best, self._to_beat),
            unseen=self._unseen,
            first_loss=self._progress.first_loss,
        )

    # The loops.

    def _run(self, loop: Callable[[], str], batches: Batches) -> Outcome:
        # Overflow is told by the loss that is not finite, once, and not by NumPy at every step.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            try:
                reason = loop()
            except KeyboardInterrupt:
                reason = "interrupted"
                if self._optimizer is not None:
                    self._optimizer.to_evaluation(self._trained)
            restored = self._limits.early_stopping or reason in ("diverged", "interrupted")
            if restored:
                self._last = self._theta.copy()
                self._best.restore()
            if reason == "diverged" and self._best.epoch == 0:
                # The start is all that is left. Its own loss costs a pass, here and not before
                # every training.
                start_loss, _ = self._objective.over(self._theta, batches)
                # Layers may have learned from it.
                self._best.restore()
                if not math.isfinite(start_loss):
                    raise StartNotFiniteError(in_validation=False)
        outcome = self._outcome(reason, self._best.epoch if restored else self._progress.epoch)
        for reporter in self._reporters:
            reporter.end(outcome)
        return outcome

    def _epochs(
        self,
        batches: Batches,
        optimizer: Optimizer,
        schedule: Schedule,
        n_seen: int,
        n_samples: int,
    ) -> str:
        max_iter, patience = self._limits.max_iter, self._patience
        seconds = self._history.columns["seconds"]
        spent = seconds[len(seconds) - self._progress.n_iter :]
        horizon = Horizon(schedule, batches.n_batches, max_iter, self._deadline, spent)
        stop = False
        while True:
            n_iter = self._progress.n_iter
            share, seen = n_iter / max_iter, n_seen + n_iter * n_samples
            if patience.over:
                if schedule.ends(share, seen, patience.cuts):
                    return "converged"
                patience.cut()
            done = n_iter >= max_iter
            if stop or done or (n_iter and self._time_is_over()):
                # The rate of the step that would come next, which scikit-learn shows after a fit.
                optimizer.learning_rate = horizon.rate(n_iter, 0, seen, patience.cuts)
                return "stopped" if stop else "max_iter" if done else "max_time"
            n_since_best = self._progress.epoch - self._best.epoch
            if self._limits.early_stopping and horizon.is_reached(n_iter, n_since_best):
                return "converged"
            loss = self._epoch(batches, optimizer, horizon, seen)
            finite, stop = self._after_epoch(loss, optimizer.learning_rate)
            if not finite:
                return "diverged"

    def _epoch(self, batches: Batches, optimizer: Optimizer, horizon: Horizon, seen: int) -> float:
        """Steps over the batches that are left; the mean loss of all, each before its step."""
        trained, cuts, progress = self._trained, self._patience.cuts, self._progress
        if not progress.n_done:
            for reporter in self._reporters:
                reporter.before_epoch(progress.epoch + 1, self)
            progress.begin_epoch()
            if not self._limits.early_stopping:
                self._best.mark(progress.epoch)
        optimizer.to_training(trained)
        rows_met = self._objective.network.rows_met if optimizer.meets_rows else None
        timed = self._deadline < math.inf
        first = None if progress.n_iter else FirstSteps(self._reporters, batches.n_batches)
        rate = horizon.rates(progress.n_iter, seen, cuts)
        for batch in self._left(batches) if progress.n_done else batches:
            optimizer.learning_rate = rate(progress.n_done)
            rows = None if rows_met is None else rows_met(batch.x)
            if rows is not None:
                batch = batch._replace(met=optimizer.meet(trained, rows))
            loss, gradient = self._objective(self._theta, batch)
            if not (progress.n_iter or progress.n_done):
                progress.first_loss = loss
            if not math.isfinite(loss):
                progress.total += loss
                break
            optimizer.step(trained, gradient)
            progress.total += batch.n_rows * loss
            progress.n_done += 1
            self._last_batch = batch
            if first is not None:
                first.step_done(self)
            if timed and self._time_is_over():
                self._unseen = max(0.0, 1.0 - progress.n_done * batches.batch_size / batches.n_rows)
                break
        optimizer.to_evaluation(trained)
        return progress.total / (batches.n_rows * (1.0 - self._unseen))

    def _left(self, batches: Batches) -> Iterator[Batch]:
        """The batches without those that were done before ``load``, in the order they had."""
        left = iter(batches)
        for _ in range(self._progress.n_done):
            next(left)
        self._progress.draw_on()
        return left

    def _lbfgs(self, batches: Batches, max_fun: int, gtol: float) -> str:
        finite, stop, late = True, False, False

        def after_iteration(loss: float) -> bool:
            nonlocal finite, stop, late
            finite, stop = self._after_epoch(loss, math.nan)
            late = self._time_is_over()
            return not finite or stop or out_of_patience() or late

        def out_of_patience() -> bool:
            return self._limits.early_stopping and self._patience.over

        result = minimize_lbfgs(
            lambda _: self._objective.over(self._theta, batches),
            self._trained,
            after_iteration=after_iteration,
            max_iter=self._limits.max_iter,
            max_fun=max_fun,
            gtol=gtol,
        )
        if self._progress.n_iter == 0:
            # The start was the optimum already, or no step could be made: it is the only entry.
            after_iteration(self._objective.over(self._theta, batches)[0])
        if not finite or not np.isfinite(self._theta).all():
            return "diverged"
        if stop and not out_of_patience():
            return "stopped"
        if late and not out_of_patience():
            return "max_time"
        if result.limit:
            return "max_iter" if result.n_iter >= self._limits.max_iter else "max_fun"
        return "stuck" if result.stuck else "converged"

    def _time_is_over(self) -> bool:
        return time.perf_counter() >= self._deadline

    def _validate(self) -> tuple[float, float]:
        return (math.nan, math.nan) if self._validation is None else self._validation()

    def _after_epoch(self, loss: float, learning_rate: float) -> tuple[bool, bool]:
        """Record and report the epoch: whether loss and weights are finite, and whether to stop."""
        # Counting takes 1.6 us where .all() takes 3.7, of an epoch of 60 on a small table.
        n_finite = np.count_nonzero(np.isfinite(self._theta))
        finite = math.isfinite(loss) and n_finite == self._theta.size
        validation_loss, score = self._validate() if finite else (math.nan, math.nan)
        self._progress.end_epoch()
        epoch = self._progress.epoch
        now = time.perf_counter()
        entry = {
            "epoch": epoch,
            "loss": loss,
            "validation_loss": validation_loss,
            "score": score,
            "learning_rate": learning_rate,
            "seconds": now - self._clock,
        }
        self._clock = now
        self._history.append(**entry)
        if finite:
            figure = -score if self._limits.early_stopping else loss
            if self._patience.update(figure) and not figure > self._to_beat:
                self._best.keep(epoch)
        # Each is told, whatever the others say.
        stops = [reporter.after_epoch(entry, self) for reporter in self._reporters]
        return finite, any(stops)
