"""What happened in each epoch: a dict of lists.

In: numbers at the end of an epoch. Out: ``history_``, ready for ``pandas.DataFrame``.
"""

from __future__ import annotations

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
            for column in self.columns.values():
                del column[: -self._limit]
