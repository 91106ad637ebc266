"""What happened in each epoch: a dict of lists, and one printed line.

In: numbers at the end of an epoch. Out: ``history_``, ready for ``pandas.DataFrame``.
"""

from __future__ import annotations

import math

#: Columns of the history. ``validation_loss`` and ``score`` are nan without validation rows.
COLUMNS = ("epoch", "loss", "validation_loss", "score", "learning_rate", "seconds")


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
                del column[: -self._limit]


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
