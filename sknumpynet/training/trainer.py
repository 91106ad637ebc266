"""The loops that lower the objective: epochs of batches, or iterations of L-BFGS.

In: an objective, batches, an optimizer, and limits. Out: the network's theta at its end (the best
epoch after early stopping, divergence or Ctrl-C, otherwise the last), the history, and why training
ended.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..optimizers import Optimizer, Schedule, minimize_lbfgs
from .batches import Batch, Batches
from .history import History, epoch_line
from .objective import Objective
from .stopping import BestWeights, Patience

#: () -> (validation loss, score); the score is better when higher.
Validation = Callable[[], tuple[float, float]]


#: Why training ends, and how it is said.
REASONS = {
    "converged": "it converged",
    "max_iter": "the limit max_iter is reached",
    "max_fun": "the limit max_fun of evaluations of the loss is reached",
    "stuck": "the line search found no lower loss",
    "diverged": "it diverged, the loss or a weight is not finite",
    "interrupted": "it was interrupted",
}


@dataclass(frozen=True)
class Limits:
    """When training ends, and what decides.

    Parameters
    ----------
    max_iter : int
        Most epochs (iterations of L-BFGS).
    n_iter_no_change : int or inf
        Patience in epochs.
    tol : float
        Smallest improvement that counts, in the units of what is watched.
    early_stopping : bool
        Watch the validation score instead of the training loss, and give back the best epoch.
    """

    max_iter: int
    n_iter_no_change: float
    tol: float
    early_stopping: bool = False


@dataclass(frozen=True)
class Outcome:
    """How training ended.

    ``reason`` is one of :data:`REASONS`; ``kept_epoch`` is the epoch after which the network had
    the weights that it has, None for the start.
    """

    reason: str
    n_iter: int
    kept_epoch: int | None
    best_figure: float


class StartNotFiniteError(ArithmeticError):
    """The loss of the starting weights is not finite, so that there is nothing to go on from.

    Parameters
    ----------
    in_validation : bool
        Whether it is the loss on the validation rows, which early stopping begins with.
    """

    def __init__(self, in_validation: bool) -> None:
        super().__init__(in_validation)
        self.in_validation = in_validation


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
    verbose : int
        Print every so many epochs, 0 for never. The first and the last are always printed.
    score_name : str, optional
        Name under which the score is printed; None if it is the negative validation loss.
    """

    def __init__(
        self,
        objective: Objective,
        limits: Limits,
        history: History,
        *,
        validation: Validation | None = None,
        verbose: int = 0,
        score_name: str | None = None,
    ) -> None:
        self._objective, self._limits, self._history = objective, limits, history
        self._theta = objective.network.theta
        self._validation, self._verbose, self._score_name = validation, verbose, score_name
        self._first_epoch = history.last_epoch
        self._n_iter = 0
        self._clock = time.perf_counter()
        self._unprinted: dict[str, float] | None = None
        self._by_epoch = False
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
        if self._first_epoch:
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
        self._by_epoch = True

        def loop() -> str:
            reason = self._epochs(batches, optimizer, schedule, n_seen, n_samples)
            if reason == "diverged" or self._limits.early_stopping:
                return reason
            # Losses are measured before each step. What the last step has led to is still to see.
            last_loss = self._objective.value(self._last_batch)
            return reason if math.isfinite(last_loss) else "diverged"

        return self._run(loop, batches)

    def run_lbfgs(self, batches: Batches, *, max_fun: int, gtol: float) -> Outcome:
        """Iterations of L-BFGS on all rows of ``batches``."""
        return self._run(lambda: self._lbfgs(batches, max_fun, gtol), batches)

    def _run(self, loop: Callable[[], str], batches: Batches) -> Outcome:
        # Overflow is told by the loss that is not finite, once, and not by NumPy at every step.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            try:
                reason = loop()
            except KeyboardInterrupt:
                reason = "interrupted"
            restored = self._limits.early_stopping or reason in ("diverged", "interrupted")
            if restored:
                self._best.restore()
            if reason == "diverged" and self._best.epoch == 0:
                # The start is all that is left. Its own loss costs a pass, here and not before
                # every training.
                start_loss, _ = self._objective.over(self._theta, batches)
                if not math.isfinite(start_loss):
                    raise StartNotFiniteError(in_validation=False)
        if self._unprinted is not None:
            self._print(self._unprinted)
        if self._verbose and self._limits.max_iter > 1:
            unit = "epochs" if self._by_epoch else "iterations"
            print(f"Training ended after {self._n_iter} {unit}: {REASONS[reason]}.")
        last_epoch = self._first_epoch + self._n_iter
        return Outcome(
            reason=reason,
            n_iter=self._n_iter,
            kept_epoch=(self._best.epoch if restored else last_epoch) or None,
            best_figure=min(self._patience.best, self._to_beat),
        )

    def _epochs(
        self,
        batches: Batches,
        optimizer: Optimizer,
        schedule: Schedule,
        n_seen: int,
        n_samples: int,
    ) -> str:
        trained = self._theta[: self._objective.network.layout.n_trained]
        for _ in range(self._limits.max_iter):
            if not self._limits.early_stopping:
                self._best.mark()
            total = 0.0
            for batch in batches:
                loss, gradient = self._objective(self._theta, batch)
                total += len(batch.x) * loss
                if not math.isfinite(loss):
                    break
                optimizer.step(trained, gradient)
            self._last_batch = batch
            learning_rate = optimizer.learning_rate
            if not self._after_epoch(total / batches.n_rows, learning_rate):
                return "diverged"
            n_seen += n_samples
            optimizer.learning_rate = schedule.after_epoch(learning_rate, n_seen)
            if self._patience.over:
                next_rate = schedule.out_of_patience(optimizer.learning_rate)
                if next_rate is None:
                    return "converged"
                optimizer.learning_rate = next_rate
                self._patience.n_without = 0
        return "max_iter"

    def _lbfgs(self, batches: Batches, max_fun: int, gtol: float) -> str:
        trained = self._theta[: self._objective.network.layout.n_trained]
        diverged = False

        def after_iteration(loss: float) -> bool:
            nonlocal diverged
            diverged = not self._after_epoch(loss, math.nan)
            return diverged or (self._limits.early_stopping and self._patience.over)

        result = minimize_lbfgs(
            lambda _: self._objective.over(self._theta, batches),
            trained,
            after_iteration=after_iteration,
            max_iter=self._limits.max_iter,
            max_fun=max_fun,
            gtol=gtol,
        )
        if self._n_iter == 0:
            # The start was the optimum already, or no step could be made: it is the only entry.
            after_iteration(self._objective.over(self._theta, batches)[0])
        if diverged or not np.isfinite(self._theta).all():
            return "diverged"
        if result.limit:
            return "max_iter" if result.n_iter >= self._limits.max_iter else "max_fun"
        return "stuck" if result.stuck else "converged"

    def _validate(self) -> tuple[float, float]:
        return (math.nan, math.nan) if self._validation is None else self._validation()

    def _after_epoch(self, loss: float, learning_rate: float) -> bool:
        """Record the epoch; False if its loss or its weights are not finite."""
        finite = math.isfinite(loss) and bool(np.isfinite(self._theta).all())
        validation_loss, score = self._validate() if finite else (math.nan, math.nan)
        self._n_iter += 1
        now = time.perf_counter()
        entry = {
            "epoch": self._first_epoch + self._n_iter,
            "loss": loss,
            "validation_loss": validation_loss,
            "score": score,
            "learning_rate": learning_rate,
            "seconds": now - self._clock,
        }
        self._clock = now
        self._history.append(**entry)
        if self._verbose:
            self._unprinted = entry
            if self._n_iter == 1 or self._n_iter % self._verbose == 0:
                self._print(entry)
        if finite:
            figure = -score if self._limits.early_stopping else loss
            if self._patience.update(figure) and not figure > self._to_beat:
                before = self._by_epoch and not self._limits.early_stopping
                self._best.keep(self._first_epoch + self._n_iter - before)
        return finite

    def _print(self, entry: dict[str, float]) -> None:
        print(epoch_line(entry, self._first_epoch + self._limits.max_iter, self._score_name))
        self._unprinted = None
