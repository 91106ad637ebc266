"""What became of each column of X.

In: the reader and the encoder of a model, and counts of the rows. Out: a row of the report for each
column of X.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..encoding import TableEncoder
from ..fitting.found import Ensemble, Model

#: Of a column of a stream.
NOT_FIXED = "not fixed yet: it has shown one value, or none"
#: Of one that had no value in the first part: text and dates that come later are not read.
NO_VALUE = "no value in the first part of the stream: from now on only numbers are read"


class ColumnReport(NamedTuple):
    """A column of X after a fit.

    Attributes
    ----------
    name : str
    became : str
        "number", "date", "one-hot of 5", "40 levels, embedded in 7", "constant", "left out"; or the
        name of a kind of your own.
    why : str
        Why it was taken for that, where its dtype does not say.
    inputs : int
        Columns that it became in front of the network.
    missing : int
        Rows of positive weight without a value, those whose value could not be read among them.
    unread : int
        Values in fit that could not be read as what the column is, and count as missing.
    pooled_levels, pooled_rows : int
        Levels that count as unknown, since they were rare among the training rows, and the weight
        of their rows. With ``n_bags`` > 1 of the first model.
    """

    name: str
    became: str
    why: str = ""
    inputs: int = 1
    missing: int = 0
    unread: int = 0
    pooled_levels: int = 0
    pooled_rows: int = 0

    @property
    def left_out(self) -> bool:
        """Whether nothing is learned from it."""
        return self.inputs == 0

    @property
    def notable(self) -> bool:
        """Whether there is more to say than what it became."""
        return bool(self.left_out or self.why or self.missing or self.pooled_levels)


def columns_of(found: Ensemble, n_columns: int, names: Sequence[str] | None) -> list[ColumnReport]:
    """All columns of X; ``names`` if they have any."""
    model = found.first.model
    read = model.reader.columns
    n_table = model.encoder.n_features
    columns = [None] * n_columns if read is None else read
    starts = np.cumsum([0, *(1 if column is None else column.width for column in columns)])
    missing = None if found.account is None else found.account.n_missing
    became = _became(model, n_table)
    pooled = _pooled(model.encoder, n_table)
    not_fixed = set(model.encoder.open_columns)
    rows = []
    for j, column in enumerate(columns):
        of_table = range(int(starts[j]), int(starts[j + 1]))
        inputs = sum(became[i][1] for i in of_table)
        what = became[of_table[0]][0] if inputs else "left out"
        levels, n_rows = pooled[of_table[0]]
        name = f"x{j}" if column is None else column.name
        why = ["" if column is None else column.why]
        if any(i in not_fixed for i in of_table):
            was_empty = column is not None and column.kind == "empty"
            why.append(NO_VALUE if was_empty else NOT_FIXED)
        rows.append(
            ColumnReport(
                name=str(name if names is None else names[j]),
                became=what,
                why="; ".join(part for part in why if part),
                inputs=inputs,
                missing=0 if missing is None else int(missing[of_table[0]]),
                unread=0 if column is None else column.n_unread,
                pooled_levels=int(levels),
                pooled_rows=round(float(n_rows)),
            )
        )
    return rows


def _became(model: Model, n_table: int) -> list[tuple[str, int]]:
    """Of each column of the table, what it became and the number of inputs."""
    found: list[tuple[str, int]] = [("left out", 0)] * n_table
    for group in model.encoder.groups:
        widths = {embedding.column: embedding.width for embedding in group.embeddings}
        for place, j in enumerate(group.index.tolist()):
            n = widths.get(place) or int(np.count_nonzero(group.sources == j))
            found[j] = group.becomes(place, n), n
    return found


def _pooled(encoder: TableEncoder, n_table: int) -> Any:
    found = np.zeros((n_table, 2))
    for group in encoder.groups:
        if group.pooled is not None:
            found[group.index] = group.pooled
    return found
