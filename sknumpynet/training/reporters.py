"""Who is told of every epoch, and may stop training: printed lines, and what else hangs there.

In: the entry of the history for an epoch, and the trainer. Out: whether to stop. A new reporter is
one class; it may ask the trainer for its whole state.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

from .outcome import Outcome, how_it_ended


class InTraining(Protocol):
    """What a reporter may ask of the trainer."""

    def state(self) -> dict[str, Any]:
        """All that is needed to go on elsewhere, as copies."""

    def so_far(self) -> Outcome:
        """How training would have ended after the last epoch, with the weights as they are."""


class Reporter:
    """Told before and after every epoch (iteration of L-BFGS); this one does nothing.

    All reporters of a training are told of an epoch, in their order, also where one of them stops
    it.

    Attributes
    ----------
    takes_state : bool
        Whether it asks for ``trainer.state()``, for which the trainer has to be given the
        generators.
    """

    takes_state = False

    def before_epoch(self, epoch: int, trainer: InTraining) -> None:
        """An epoch begins; ``epoch`` counts those of earlier fits. L-BFGS does not know when."""

    def after_first_steps(self, seconds: float, trainer: InTraining) -> None:
        """By the first steps, an epoch takes so long; only of epochs longer than a second."""

    def after_epoch(self, entry: dict[str, float], trainer: InTraining) -> bool | None:
        """An epoch is done, and all about it recorded in ``entry``; True stops."""

    def end(self, outcome: Outcome) -> None:
        """Training has ended."""

    def state(self) -> Any:
        """What it needs to go on in another process, of numbers and text alone; None: nothing."""

    def load(self, state: Any) -> None:
        """Training goes on where it was when another one gave this state."""


class Printer(Reporter):
    """Prints every ``every`` epochs (0: never), and always the first and the last.

    Parameters
    ----------
    every : int
    first_epoch : int
        Epochs of an earlier fit.
    max_iter : int
        Most epochs of this one. The end of a single one is not told.
    score_name : str, optional
        Name under which the score is printed; None if it is the negative validation loss.
    unit : str
        What is counted.
    name : str
        Which of several models it is; lines begin with it.
    """

    def __init__(
        self,
        every: int,
        first_epoch: int,
        max_iter: int,
        score_name: str | None = None,
        unit: str = "epochs",
        name: str = "",
    ) -> None:
        self._every, self._first_epoch, self._max_iter = every, first_epoch, max_iter
        self._score_name, self._unit = score_name, unit
        self._name = name
        self._unprinted: dict[str, float] | None = None

    def after_epoch(self, entry: dict[str, float], trainer: InTraining) -> None:
        if self._every:
            self._unprinted = entry
            n_iter = entry["epoch"] - self._first_epoch
            if n_iter == 1 or n_iter % self._every == 0:
                self._print()

    def end(self, outcome: Outcome) -> None:
        self._print()
        if self._every and self._max_iter > 1:
            last = self._first_epoch + outcome.n_iter
            print(end_line(outcome, last, self._unit, self._name), flush=True)

    def close(self) -> None:
        """There is nothing to close."""

    def _print(self) -> None:
        if self._unprinted is not None:
            most = self._first_epoch + self._max_iter
            # A file that is looked at while training goes on shall not be empty.
            line = epoch_line(self._unprinted, most, self._score_name)
            print(after_name(self._name, line), flush=True)
            self._unprinted = None


def after_name(name: str, text: str) -> str:
    """The text behind the name of a model, if it has one."""
    return f"{name}  {text}" if name else text


def end_line(outcome: Outcome, last: int, unit: str, name: str) -> str:
    """How a training ended, with the epoch ``last``; which of several models ``name`` says."""
    kept = f"{unit[:-1]} {outcome.kept_epoch}" if outcome.kept_epoch else "the start"
    text = f"Training ended after {outcome.n_iter} {unit}, kept {kept} of {last}"
    return after_name(name, f"{text}: {how_it_ended(outcome, last)}.")


def epoch_line(entry: dict[str, float], max_epoch: int, score_name: str | None) -> str:
    """One aligned line about an epoch; without validation rows it is shorter."""
    width = len(str(max_epoch))
    parts = [
        f"Iteration {int(entry['epoch']):>{width}}/{max_epoch}",
        f"loss = {entry['loss']:<11.5g}",
    ]
    if not math.isnan(entry["validation_loss"]):
        parts.append(f"validation loss = {entry['validation_loss']:<11.5g}")
    if score_name is not None and not math.isnan(entry["score"]):
        parts.append(f"{score_name} = {entry['score']:<11.5g}")
    if not math.isnan(entry["learning_rate"]):
        parts.append(f"learning rate = {entry['learning_rate']:.2e}")
    parts.append(f"time = {entry['seconds']:.3f} s")
    return "  ".join(parts)
