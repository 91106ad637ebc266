"""What all kinds of encoded columns have in common.

In: columns of the table of numbers, with what the training rows say about them. Out: a group of
columns of the same kind that encodes its share of a block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from ..frames import TableColumn
from ..matrix import Matrix
from ..packed import packed, unpacked
from ..rows import Rows
from .in_training import Change
from .statistics import ColumnsOf


@dataclass(frozen=True)
class Options:
    """The options of :class:`~.table.TableEncoder`, which documents them."""

    feature_scaling: str | None = "standard"
    stream: bool = False
    missing_indicator: bool = True
    max_one_hot: float = 32
    min_frequency: float = 2


class Trained(NamedTuple):
    """A column of the table, and what the training rows say about it.

    Attributes
    ----------
    index : int
        Its number in the table.
    column : TableColumn
    kept : ndarray
        The codes of a category that are encoded on their own; all others count as 0, missing or
        unknown.
    rest : str or None
        What the training rows of the code 0 are: "missing", "other" if rare levels are among them,
        None if there are none.
    n_pooled, pooled : int, float
        Levels that are not kept though training rows have them, and the weight of these rows.
    """

    index: int  # type: ignore[assignment] # In place of the method of tuples.
    column: TableColumn
    kept: np.ndarray = np.zeros(0, dtype=np.intp)
    rest: str | None = None
    n_pooled: int = 0
    pooled: float = 0.0

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def kind(self) -> str:
        """What its numbers are."""
        return self.column.kind

    @property
    def n_groups(self) -> int:
        """Groups that the training rows fall into: the levels kept, and the rest."""
        return len(self.kept) + (self.rest is not None)

    def label(self, code: int) -> str:
        """Name of a level, as in "sex=female"."""
        return f"{self.name}={self.column.levels[code - 1]}"


class Embedding(NamedTuple):
    """An encoded column that holds codes, to be looked up in a table of rows.

    Attributes
    ----------
    column : int
        Its number among the encoded columns.
    n_codes : int
        The codes are 0 (missing, unknown and rare levels) to ``n_codes - 1``.
    width : int
        Columns that it becomes.
    """

    column: int
    n_codes: int
    width: int


class ColumnGroup:
    """Columns of one kind: their share of the encoded block, and the names of it.

    Attributes
    ----------
    index : ndarray
        Numbers of the columns in the table.
    n_columns : int
        Number of encoded columns.
    sources : ndarray of shape (n_columns,)
        Number of the table's column that each encoded one comes from.
    names : list of str
        Of the network's inputs that they become: several for a column that is embedded.
    n_numbers : int
        The first so many encoded columns are scaled numbers.
    embeddings : sequence of Embedding
        With columns counted from the part's first one.
    pooled : ndarray of shape (columns, 2) or None
        Of each column, how many levels were too rare to be kept, and the weight of their rows; None
        if there are none.
    """

    pooled: np.ndarray | None = None

    sources: np.ndarray
    names: list[str]
    n_columns: int
    n_numbers: int = 0
    embeddings: Sequence[Embedding] = ()

    def __init__(self, columns: Sequence[Trained], options: Options) -> None:
        self.index = np.array([column.index for column in columns], dtype=np.intp)
        # But for kinds of which a column becomes several.
        self.sources = self.index
        if any(column.n_pooled for column in columns):
            self.pooled = np.array([(column.n_pooled, column.pooled) for column in columns])

    def becomes(self, place: int, n_inputs: int) -> str:
        """What its column at this place became, for people; ``n_inputs``: columns of the network.

        By default the name of the kind.
        """
        return type(self).__name__.lower()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"names": packed(self.names)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, names=unpacked(state["names"]))

    @staticmethod
    def takes(column: Trained, options: Options) -> bool:
        """Whether the column is of this kind."""
        raise NotImplementedError

    def fit(
        self, X: Matrix, rows: Rows, columns: Sequence[Trained], y: np.ndarray | None = None
    ) -> ColumnGroup:
        """Learn what else is needed from the training rows; ``y``: targets of all rows of X."""
        return self

    @property
    def open(self) -> np.ndarray:
        """Numbers of the table's columns that have shown nothing so far, of a stream."""
        return self.index[:0]

    @property
    def fixed(self) -> np.ndarray:
        """Numbers of the others, of which something has been learned for good."""
        return np.setdiff1d(self.index, self.open)

    def further(self, X: Matrix, rows: Rows) -> tuple[ColumnGroup, np.ndarray]:
        """The group after another part of a stream, in which open columns may show something.

        And the numbers of those that few rows have shown all that is known of.
        """
        return self, self.index[:0]

    def in_training(
        self, X: Matrix, rows: Rows, y: np.ndarray, generator: Callable[[], np.random.Generator]
    ) -> Change | None:
        """What sets these rows apart, which are to be trained on; None: nothing.

        Asked in each fit, also in one that goes on, of which ``fit`` has not seen the rows. Those
        who draw ask for the ``generator``.
        """
        return None

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        """Encode the block (of the whole table) into ``out`` (B, n_columns), of float dtype."""
        raise NotImplementedError

    def encode_sparse(self, block: sp.csr_matrix, dtype: np.dtype) -> tuple[Any, np.ndarray | None]:
        """Encode a CSR block of the whole table, see :class:`~.table.TableEncoder`."""
        raise ValueError("Only numbers can be sparse.")

    def of(self, X: Matrix) -> Any:
        """The part's columns of a table: the table itself where they are all."""
        n = X.shape[1]
        return X if len(self.index) == n else ColumnsOf(X, self.index)

    def of_block(self, block: np.ndarray) -> np.ndarray:
        """The same of a block, as an array."""
        if len(self.index) == block.shape[1]:
            return block
        return np.take(block, self.index, axis=1)
