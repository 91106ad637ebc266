"""What happened in each epoch: a dict of lists, and printed lines.

In: numbers at the end of an epoch. Out: ``history_``, ready for ``pandas.DataFrame``, and text.
"""

from __future__ import annotations

import math

#: Columns of the history. ``validation_loss`` and ``score`` are nan without validation rows.
COLUMNS = ("epoch", "loss", "validation_loss", "score", "learning_rate", "seconds")


#: Why training ends, and how it is said.
REASONS = {
    "converged": "it converged",
    "max_iter": "the limit max_iter is reached",
    "max_time": "the limit max_time of seconds is reached",
    "max_fun": "the limit max_fun of evaluations of the loss is reached",
    "stuck": "the line search found no lower loss",
    "diverged": "it diverged, the loss or a weight is not finite",
    "interrupted": "it was interrupted",
    "stopped": "it was stopped",
}


class History:
    """Grows by one entry an epoch.

    Parameters
    ----------
    columns : dict of lists, optional
        An earlier history to go on with (it is not changed).
    limit : int, optional
        Keep this many last entries only.
    """

    def __init__(self, columns: dict[str, list] | None = None, limit: int | None = None) -> None:
        self.columns: dict[str, list] = {
            name: list(columns[name]) if columns else [] for name in COLUMNS
        }
        self._limit = limit

    @property
    def last_epoch(self) -> int:
        epochs = self.columns["epoch"]
        return epochs[-1] if epochs else 0

    def append(self, **entry: float) -> None:
        for name, column in self.columns.items():
            column.append(entry[name])
        if self._limit is not None:
            for column in self.columns.values():
                del column[: -self._limit]


class Printer:
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
    """

    def __init__(
        self,
        every: int,
        first_epoch: int,
        max_iter: int,
        score_name: str | None = None,
        unit: str = "epochs",
    ) -> None:
        self._every, self._first_epoch, self._max_iter = every, first_epoch, max_iter
        self._score_name, self._unit = score_name, unit
        self._unprinted: dict[str, float] | None = None

    def __call__(self, entry: dict[str, float]) -> bool:
        """Take the entry of an epoch; never stops."""
        if self._every:
            self._unprinted = entry
            n_iter = entry["epoch"] - self._first_epoch
            if n_iter == 1 or n_iter % self._every == 0:
                self._print()
        return False

    def end(self, n_iter: int, reason: str) -> None:
        """Say how training ended."""
        self._print()
        if self._every and self._max_iter > 1:
            print(f"Training ended after {n_iter} {self._unit}: {REASONS[reason]}.")

    def _print(self) -> None:
        if self._unprinted is not None:
            most = self._first_epoch + self._max_iter
            print(epoch_line(self._unprinted, most, self._score_name))
            self._unprinted = None


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
