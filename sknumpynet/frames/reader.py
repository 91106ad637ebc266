"""The door: a frame of any library, or an array, becomes one table of numbers.

In: pandas, polars and pyarrow tables, arrays, CSR matrices. Out: a dense float table (CSR stays
CSR) in which a missing number is NaN and a category is its code: 0 missing or unknown, 1 to m the
levels in sorted order. What a column is, and its levels, are learned once, by ``learn``. It may
become several columns of the table.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils import assert_all_finite

from ..quoting import quoted, quoted_list
from ..telling import warn
from .columns import LeftOutColumn, ReadColumn
from .few_rows import FewRows, few_rows_of
from .lazy import LazyRows
from .lists import ListSource
from .read_column import DEFAULTS, ReadOptions
from .sources import ArraySource, FrameSource, Opened, refuse_none, source_of
from .table_columns import TableColumns
from .tables import learn_table, plain_columns, read_table
from .unknown import Levels, warn_if_lost

#: Columns that one warning tells of.
MOST_TOLD = 8

#: Numbers of a table that are looked at here: scikit-learn takes 15 us to begin.
SMALL = 2**10

#: Rows of a frame that are read at once for predictions (10 MB of 40 columns).
BLOCK = 2**15


class FrameReader:
    """Learns what the columns of X are, and reads tables with these columns.

    Parameters
    ----------
    categorical_features : {"from_dtype", None} or array-like of str, int or bool
        Which columns are categories, as in scikit-learn's HistGradientBoosting. "from_dtype": those
        of a frame with a category or Enum dtype, and text, which in an array spells no numbers.
        Text in other columns is an error.
    parse_text : bool
        Whether text that spells numbers, dates, or yes and no, is read as that.
    text_components : int
        Most numbers that free text becomes: see :mod:`.free_text`. 0: it is a category as other
        text.
    min_frequency : float
        Text of fewer rows is rare.

    Attributes
    ----------
    columns : list of ReadColumn, or None
        What each column of X is. None if X was no frame and has no categories: all are numbers.
    """

    #: Whether it is told where levels are new.
    tells = True

    # Files of before hold none.
    parse_text = True
    options = DEFAULTS

    def __init__(
        self,
        categorical_features: Any = "from_dtype",
        parse_text: bool = True,
        *,
        text_components: int = 30,
        min_frequency: float = 2,
    ) -> None:
        self.categorical_features, self.parse_text = categorical_features, parse_text
        self.options = ReadOptions(text_components, min_frequency)
        self.columns: list[ReadColumn] | None = None

    def learn(self, X: Any, estimator: Any = None) -> Any:
        """Learn the columns of X, and read it. ``estimator`` is for scikit-learn's messages."""
        self.columns = None
        source = source_of(X, estimator)
        wanted = self.wanted(source)
        table, self.columns = learn_table(source, wanted, self.options, self.parse_text)
        tell(self.columns or [])
        return self._checked(table, source)

    def wanted(self, source: Any) -> list[bool | None]:
        """Whether each column of the source is to be a category; None: as its dtype says."""
        features = self.categorical_features
        if isinstance(features, str) and features == "from_dtype":
            return [None] * source.shape[1]
        return categorical_mask(features, source.names, source.shape[1]).tolist()

    def table_columns(self, table: Any, names: Sequence[Any] | None = None) -> TableColumns:
        """What the columns of the table are; ``names`` of those of X are for messages."""
        return TableColumns(table.shape[1], self.columns, names)

    def leave_out(self, numbers: set[int]) -> None:
        """Forget the columns of X that become only columns of the table of these numbers.

        They are read as zeros from now on.
        """
        if self.columns is None:
            return
        start = 0
        for j, column in enumerate(self.columns):
            if numbers.issuperset(range(start, start + column.width)):
                self.columns[j] = LeftOutColumn(column)
            start += column.width

    def read(self, X: Any, estimator: Any = None) -> Any:
        """The table of X, of the same columns in the same order as the X of ``learn``.

        Names and number of the columns are compared beforehand, see ``estimators.names``.
        """
        return self._table(source_of(X, estimator))

    def opened(self, X: Any, estimator: Any = None) -> Any:
        """What X is read from by ``blocks``, and by who looks at it again."""
        if isinstance(X, (ListSource, FrameSource, ArraySource, Opened)):
            return X
        few = few_rows_of(X)
        return source_of(X, estimator) if few is None else few

    def blocks(self, X: Any, estimator: Any = None) -> Iterator[Any]:
        """The same in blocks of rows, so that a large frame needs little memory; arrays at once.

        Numbers are float64 in all of them: what a row becomes depends on no other row.
        """
        if isinstance(X, LazyRows):
            yield from self._blocks_of(X, estimator)
            return
        source = source_of(self.opened(X, estimator), estimator)
        n = source.shape[0]
        if isinstance(source, FewRows):
            try:
                yield self._table(source, np.float64)
            except (TypeError, ValueError, ArithmeticError):
                # For the message of the source that looks at each column.
                yield self._table(source.frame, np.float64)
            return
        if isinstance(source, ArraySource) or n <= BLOCK:
            yield self._table(source, np.float64)
            return
        for start in range(0, n, BLOCK):
            try:
                yield self._table(source.part(start, start + BLOCK), np.float64)
            except (TypeError, ValueError):
                # For a message with the number of the row.
                yield self._table(source, np.float64)[start : start + BLOCK]

    def _blocks_of(self, X: LazyRows, estimator: Any) -> Iterator[Any]:
        for batch in X.batches():
            try:
                yield self._table(source_of(batch), np.float64)
            except (TypeError, ValueError) as error:
                start = X.n_rows - len(batch)
                if not start:
                    raise
                raise type(error)(f"{error} Rows are counted from row {start} of X on.") from None
        if not X.n_rows:
            refuse_none((0, len(X.names)), estimator)

    def levels(self) -> Levels:
        """A count of the rows whose levels are known, for the tables of one call."""
        return Levels(self.columns or () if self.tells else ())

    def warn_if_lost(self, X: Any, estimator: Any = None) -> None:
        """Warn of columns of X with levels that come too late to be learned."""
        warn_if_lost(self.columns or (), X, estimator)

    def silent(self) -> FrameReader:
        """The same, but that it tells of no levels."""
        other = copy.copy(self)
        other.tells = False
        return other

    @property
    def takes_numbers(self) -> bool:
        """Whether it reads columns of numbers as such, whatever they hold."""
        features = self.categorical_features
        none = isinstance(features, str) or features is None or not len(features)
        return none and self._is_plain

    @property
    def _is_plain(self) -> bool:
        """Whether all columns are numbers, read as an array is."""
        return self.columns is None or all(column.is_plain for column in self.columns)

    def _table(self, source: Any, dtype: Any = None) -> np.ndarray:
        """Of the source; ``dtype`` where it is not stored as a table already."""
        table = source.whole() if self._is_plain else None
        if table is None:
            table = read_table(source, self.columns or plain_columns(source.labels), dtype)
        return self._checked(table, source)

    def _checked(self, table: Any, source: Any) -> Any:
        """The table, or scikit-learn's ValueError about infinity with the column that holds it."""
        if sp.issparse(table):
            return _checked_sparse(table)
        if table.size <= SMALL and not np.isinf(table).any():
            return table
        try:
            assert_all_finite(table, allow_nan=True, input_name="X")
        except ValueError as error:
            row, j = (int(found[0]) for found in np.nonzero(np.isinf(table)))
            label = source.labels[self.table_columns(table).source(j)]
            where = f"Column {label} holds {table[row, j]} in row {row}."
            raise ValueError(f"{error} {where}") from None
        return table


class AsItIs:
    """Reads tables that have been read before."""

    columns = None

    def opened(self, X: Any, estimator: Any = None) -> Any:
        """The table X."""
        return X

    def read(self, X: Any, estimator: Any = None) -> Any:
        """The table X."""
        return X

    def blocks(self, X: Any, estimator: Any = None) -> Iterator[Any]:
        """The table X, at once."""
        yield X

    def levels(self) -> Levels:
        """Nothing is counted."""
        return Levels()

    def silent(self) -> AsItIs:
        """The same."""
        return self


def categorical_mask(features: Any, names: Any, n_features: int) -> np.ndarray:
    """Which columns ``categorical_features`` names: names, numbers, or a mask; None: none of them.

    Parameters
    ----------
    features : array-like or None
    names : list or None
        Of the columns, if they have any.
    n_features : int
    """
    mask = np.zeros(n_features, dtype=bool)
    given = np.asarray([] if features is None else features)
    if given.ndim != 1:
        raise ValueError(
            "categorical_features must be 'from_dtype', None, or a list of names or numbers of "
            f"columns, or a mask. Got {quoted(features)}."
        )
    if not len(given):
        return mask
    if given.dtype == bool:
        if len(given) != n_features:
            raise ValueError(
                f"categorical_features as a mask must have shape ({n_features},), one entry per "
                f"column of X. Got shape {given.shape}."
            )
        return given
    if given.dtype.kind in "iu":
        if given.min() < 0 or given.max() >= n_features:
            raise ValueError(
                f"categorical_features as numbers of columns must be in [0, {n_features - 1}]. "
                f"Got {quoted(features)}."
            )
        mask[given] = True
        return mask
    wrong = next((f for f in given.tolist() if not isinstance(f, str)), None)
    if wrong is not None:
        raise ValueError(
            "categorical_features must hold names (str), numbers (int) or a mask (bool). "
            f"Got {quoted(wrong)}."
        )
    for name in given.tolist():
        mask[_place_of(name, names)] = True
    return mask


def _place_of(name: str, names: list[Any] | None) -> int:
    if names is None:
        raise ValueError(
            f"categorical_features names the column {quoted(name)}, but X has no names of columns: "
            "pass their numbers or a mask."
        )
    if name not in names:
        raise ValueError(
            f"categorical_features names {quoted(name)}, which is no column of X. It has: "
            f"{quoted_list(names)}."
        )
    return names.index(name)


def tell(columns: list[ReadColumn]) -> None:
    """Warn of text that was read, or was not, in a way that may be wrong."""
    doubts = [f"{quoted(column.name)} {column.doubt}" for column in columns if column.doubt]
    if doubts:
        more = f" And {len(doubts) - MOST_TOLD} more." if len(doubts) > MOST_TOLD else ""
        warn(
            f"Text in X: {'. '.join(doubts[:MOST_TOLD])}.{more} parse_text=False takes all text "
            "for names."
        )


def _checked_sparse(table: Any) -> Any:
    assert_all_finite(table.data, allow_nan=True, input_name="X")
    if np.isnan(table.data).any():
        raise ValueError(
            "Input X contains NaN. Missing values are taken in dense arrays and frames only, and X "
            "is sparse: impute them, or pass a dense X."
        )
    return table
