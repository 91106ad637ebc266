"""The columns of the table: what their numbers are, and which column of X each comes from.

In: the columns of X, as they were learned. Out: one list for all who work on the table. A column of
X becomes any number of them; messages alone go back to X, by the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..quoting import quoted


class TableColumn(NamedTuple):
    """A column of the table.

    Attributes
    ----------
    name : str
    kind : {"number", "category", "date", "text", "empty", "left out"}
        What its numbers mean. Those of "number" have a size, by which rows may be compared; "text"
        is one of the numbers of a vector;
        "empty" had none; "left out" are zeros that nothing is learned from.
    levels : tuple of str
        Labels of the codes 1, 2, ... of a category.
    declared : bool
        Whether a category dtype says what the levels are.
    source : int
        Number of the column of X.
    """

    name: str
    kind: str = "number"
    levels: tuple[str, ...] = ()
    declared: bool = False
    source: int = 0


class TableColumns:
    """All columns of a table, in their order.

    Parameters
    ----------
    n : int
        How many there are.
    columns : sequence of ReadColumn, optional
        What the columns of X are. Default: each is one column of numbers.
    names : sequence, optional
        Of the columns of X. Default: numbers in messages.
    """

    def __init__(
        self, n: int, columns: Sequence[Any] | None = None, names: Sequence[Any] | None = None
    ) -> None:
        self._n, self._of_X, self._names = n, columns, names

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[TableColumn]:
        if self._own is not None:
            yield from self._own
            return
        names = [f"x{j}" for j in range(self._n)] if self._names is None else self._names
        for j, name in enumerate(names):
            yield TableColumn(str(name), source=j)

    @cached_property
    def _own(self) -> list[TableColumn] | None:
        # Not made for arrays, which may have very many columns.
        if self._of_X is None:
            return None
        return [
            one._replace(source=j) for j, column in enumerate(self._of_X) for one in column.becomes
        ]

    @property
    def n_sources(self) -> int:
        """Number of columns of X."""
        return self._n if self._of_X is None else len(self._of_X)

    @property
    def numbers(self) -> np.ndarray | None:
        """Which of them have a size, by which rows may be compared; None: all."""
        if self._own is None:
            return None
        return np.flatnonzero([column.kind == "number" for column in self._own])

    @property
    def categories(self) -> np.ndarray:
        """Which of them hold codes."""
        own = () if self._own is None else self._own
        return np.array([j for j, c in enumerate(own) if c.kind == "category"], dtype=np.intp)

    def source(self, j: int) -> int:
        """Number of the column of X that column j of the table comes from."""
        return j if self._own is None else self._own[j].source

    def label(self, j: int) -> str:
        """What messages call that column of X."""
        source = self.source(j)
        return str(source) if self._names is None else quoted(str(self._names[source]))
