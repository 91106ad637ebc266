"""From a table of numbers to the arrays that a network takes.

In: rows of the table, dense (NaN for missing, codes for categories) or CSR. Out: blocks in the
network's dtype: scaled numbers, 0/1 columns, and the codes of wide categories.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..frames import TableColumns
from ..matrix import Matrix
from ..rows import Rows
from .group import ColumnGroup, Embedding, Options
from .in_training import Changes
from .kinds import make_groups
from .numbers import Numbers
from .open_columns import are_few, warn_of_few
from .scaling import ColumnTooLargeError, Scaling


class TableEncoder:
    """Learns what each column becomes from the training rows, then encodes any block of rows.

    Parameters
    ----------
    feature_scaling : {None, "standard", "robust", "quantile"}
        Of numbers and dates.
    stream : bool
        Whether the rows are the first of several parts (partial_fit).
    missing_indicator : bool
        Whether a number that is missing in some of the rows gets a column that says where.
    max_one_hot : int
        Categories of more levels are embedded.
    min_frequency : float
        Levels of fewer rows count as unknown.
    linear : bool
        Whether the network has no hidden layer: every category is one-hot then.

    Attributes
    ----------
    n_columns : int
        Number of columns of an encoded block.
    sources : ndarray of shape (n_columns,)
        Number of the table's column that each encoded one comes from.
    names : list of str
        Of the network's inputs, which are more than ``n_columns`` if columns are embedded.
    numbers : list of int
        The encoded columns that are scaled numbers.
    embeddings : list of Embedding
        The encoded columns that hold codes; they are the last ones.
    """

    def __init__(
        self,
        feature_scaling: str | None = "standard",
        *,
        stream: bool = False,
        missing_indicator: bool = True,
        max_one_hot: int = 32,
        min_frequency: float = 2,
        linear: bool = False,
    ) -> None:
        most = math.inf if linear else max_one_hot
        self.options = Options(feature_scaling, stream, missing_indicator, most, min_frequency)

    def fit(
        self,
        X: Matrix,
        rows: Rows,
        columns: TableColumns | None = None,
        y: np.ndarray | None = None,
        *,
        counted: Rows | None = None,
    ) -> TableEncoder:
        """Learn from ``rows`` of X.

        Parameters
        ----------
        X : ndarray or CSR matrix
        rows : Rows
        columns : TableColumns, optional
            What the columns are; default: numbers.
        y : ndarray of shape (n, n_targets), optional
            Encoded targets of all rows of X, for kinds of columns that look at them.
        counted : Rows, optional
            The same with weights by which it is told how frequent a level is; default: ``rows``.
        """
        columns = TableColumns(X.shape[1]) if columns is None else columns
        try:
            groups = make_groups(X, rows, columns, y, self.options, counted)
        except ColumnTooLargeError as error:
            raise self._too_large(columns.label(error.column)) from None
        self._take(groups, X.shape[1])
        if self.options.stream and are_few(X, rows):
            # What a dtype declares is not learned of rows.
            declared = [j for j, column in enumerate(columns) if column.declared]
            fixed = np.concatenate([part.fixed for part in groups])
            warn_of_few(np.setdiff1d(fixed, declared), columns)
        return self

    def further(self, X: Matrix, rows: Rows, columns: TableColumns | None = None) -> TableEncoder:
        """The encoder after another part of a stream; it is this one if no column is open.

        A column that has been constant or empty so far, and is so no more, is measured by all rows
        so far. The others, and the encoded columns, stay what they are.
        """
        if not len(self.open_columns):
            return self
        columns = TableColumns(X.shape[1]) if columns is None else columns
        try:
            found = [part.further(X, rows) for part in self.groups]
        except ColumnTooLargeError as error:
            raise self._too_large(columns.label(error.column)) from None
        other = copy.copy(self)
        other._take([part for part, _ in found], X.shape[1])
        warn_of_few(np.concatenate([few for _, few in found]), columns)
        return other

    def _too_large(self, label: str) -> ValueError:
        return ValueError(
            f"feature_scaling={self.options.feature_scaling!r} cannot measure column {label} of X: "
            "its values are so large that their mean or variance overflows. Divide the column by a "
            "power of ten."
        )

    def _take(self, groups: list[ColumnGroup], n_features: int) -> None:
        """Encode by these groups a table of so many columns."""
        self.groups = groups
        self._ends = np.cumsum([part.n_columns for part in self.groups]).tolist()
        self.n_columns, self._n_features = self._ends[-1], n_features
        self.sources = np.concatenate([part.sources for part in self.groups])
        self.names = [name for part in self.groups for name in part.names]
        starts = [0, *self._ends]
        self.numbers = [
            start + j
            for part, start in zip(self.groups, starts, strict=False)
            for j in range(part.n_numbers)
        ]
        self.embeddings = [
            Embedding(start + column, n_codes, width)
            for part, start in zip(self.groups, starts, strict=False)
            for column, n_codes, width in part.embeddings
        ]

    def __getstate__(self) -> dict[str, Any]:
        # The groups say all else.
        names = ("options", "groups", "_n_features")
        return {name: self.__dict__[name] for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._take(self.groups, self._n_features)

    @property
    def open_columns(self) -> list[int]:
        """Numbers of the table's columns whose statistics go on: they have shown nothing so far.

        All others are fixed. Of a stream only, see ``further``.
        """
        return sorted(j for part in self.groups for j in part.open.tolist())

    def in_training(
        self, X: Matrix, rows: Rows, y: np.ndarray, generator: Callable[[], np.random.Generator]
    ) -> Changes | None:
        """What sets these rows of X apart, which are to be trained on; None: nothing.

        Others, and these at any other time, are as ``encode`` leaves them. ``y`` as in ``fit``.
        """
        changes, start = [], 0
        for part, end in zip(self.groups, self._ends, strict=True):
            change = part.in_training(X, rows, y, generator)
            if change is not None:
                changes.append((slice(start, end), change))
            start = end
        if changes and sp.issparse(X):
            raise ValueError("Sparse rows are encoded alike in training and at any other time.")
        return Changes(changes) if changes else None

    @property
    def n_features(self) -> int:
        """Columns of the table."""
        return self._n_features

    @property
    def left_out(self) -> set[int]:
        """Numbers of the table's columns that carry nothing."""
        return set(range(self._n_features)) - set(self.sources.tolist())

    @property
    def scaling(self) -> Scaling:
        """The scaling of the numbers, of a table that has numbers."""
        return self._numbers.scaling

    @property
    def _numbers(self) -> Numbers:
        return next(part for part in self.groups if isinstance(part, Numbers))

    def changes_nothing(self, X: np.ndarray) -> bool:
        """Whether encoding changes no value of the table X."""
        only_numbers = len(self.groups) == 1 and isinstance(self.groups[0], Numbers)
        if not only_numbers or self.options.feature_scaling is not None:
            return False
        # A missing value makes the minimum NaN.
        return self.n_columns == X.shape[1] and not (X.size and math.isnan(X.min()))

    def encode(self, block: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Encode a dense block into ``out`` (B, n_columns)."""
        if len(self.groups) == 1:
            self.groups[0].encode(block, out)
            return out
        start = 0
        for part, end in zip(self.groups, self._ends, strict=True):
            part.encode(block, out[:, start:end])
            start = end
        return out

    def encode_sparse(self, block: sp.csr_matrix, dtype: np.dtype) -> tuple[Any, np.ndarray | None]:
        """A CSR matrix S and a row s with ``encoded = S + 1 s^T``, never filled in.

        For tables of numbers, of which some may have been empty.
        """
        encoded = [part.encode_sparse(block, dtype) for part in self.groups]
        if len(encoded) == 1:
            return encoded[0]
        shifts = [
            np.zeros(matrix.shape[1], dtype=dtype) if shift is None else shift
            for matrix, shift in encoded
        ]
        matrix = sp.hstack([matrix for matrix, _ in encoded], format="csr", dtype=dtype)
        return matrix, np.concatenate(shifts)
