"""Checked input: weights, the rows to train on, and the rows to validate on.

In: what the user passed to fit, after scikit-learn's validation. Out: which rows of which table,
with which weights, for training and for validation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array

from ..frames import StoredRows, as_array, as_frame, is_dict, rows_of, with_rows_to_take
from ..matrix import Matrix
from ..rows import DistinctRows, Rows, RowsOfRank, usable_rows
from ..targets import refuse_no_numbers
from ..training import Collective
from .groups import Groups

#: Sums of weights that can be divided by, and multiplied with squares, within float64.
LEAST_TOTAL, MOST_TOTAL = 1e-100, 1e100

#: Equal rows are merged where all rows make one step together (L-BFGS, a batch of all rows), on
#: tables of at most so many rows: a row of weight 2 and the row twice then give the same model to
#: the last bit. Rows split off, and those that remain, stay in the order of their content, so that
#: the order of the table changes no bit either. A large file would not like to be read like that.
CONTENT_LIMIT = 20_000


@dataclass(frozen=True)
class Share:
    """Rows of a table with their targets: what one of training and validation works on.

    ``y`` are the targets in the user's terms and ``codes`` as numbers, both for all rows of X.
    ``n_samples`` is the number of rows, merged ones counted one by one. ``given`` are X and y as
    the user passed them, and ``name`` is what the user calls X. ``groups`` are those of all rows.
    """

    X: Matrix
    y: Any
    codes: np.ndarray
    rows: Rows
    n_samples: int
    given: tuple[Any, Any]
    name: str
    groups: Groups | None = None

    @classmethod
    def all_of(
        cls,
        X: Matrix,
        y: Any,
        codes: np.ndarray,
        weight: np.ndarray | None,
        given: tuple[Any, Any],
        name: str = "X",
        groups: Groups | None = None,
        ranks: Collective | None = None,
    ) -> Share:
        """Every row of positive weight; of ``ranks``, those that this one has."""
        rows = usable_rows(len(codes), weight)
        if ranks is not None:
            rows = RowsOfRank(rows.index, rows.weight, ranks)
        if not rows.n_rows:
            raise ValueError(
                "No row of positive weight is left: class_weight gives every class in y weight 0."
            )
        total = rows.total()
        if not LEAST_TOTAL <= total <= MOST_TOTAL:
            raise ValueError(
                f"The weights of the rows of {name} (sample_weight times class_weight) must add to "
                f"a number between {LEAST_TOTAL:g} and {MOST_TOTAL:g}. They add to {total:g}."
            )
        return cls(X, y, codes, rows, rows.n_rows, given, name, groups)

    def only(self, rows: Rows, n_samples: int) -> Share:
        """Some rows of the same table."""
        return replace(self, rows=rows, n_samples=n_samples)

    def as_given(self) -> tuple[Any, Any]:
        """The rows as the user knows them: of a frame as a frame, of a series as a series."""
        X, y = self.given
        index = self.rows.index
        # A list of labels is not what NumPy makes of it: numbers beside text would become text.
        y = self.y if isinstance(y, (list, tuple)) else y
        y = _rows_as_given(y, self.y, index)
        if isinstance(X, StoredRows):
            return X.rows(index), y
        if is_dict(X):
            return rows_of(X, index), y
        frame = as_frame(X)
        # Not of what was made of it: there, columns of text are codes.
        X = as_array(X) if frame is None else nw.to_native(frame)
        return _rows_as_given(X, self.X, index), y

    def weight_of_mean_one(self) -> np.ndarray | None:
        """The rows' weights divided by their mean."""
        return self.rows.of_mean_one()

    def targets_of_all(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Targets of the rows, of the encoded ones of the table, and their weights of mean 1."""
        return self.rows.standing_for_all(y[self.rows.index])


def _rows_as_given(given: Any, checked: Any, index: np.ndarray) -> Any:
    """Rows of a frame or series as one; of anything else, those of the array made of it."""
    if sp.issparse(given):
        return checked[index]
    rows = nw.from_native(given, eager_only=True, allow_series=True, pass_through=True)
    if not isinstance(rows, (nw.DataFrame, nw.Series)):
        rows = np.asarray(given)
    # A frame of one column may stand for a vector.
    if len(rows.shape) != checked.ndim:
        return checked[index]
    rows = rows if isinstance(rows, np.ndarray) else with_rows_to_take(rows)
    return nw.to_native(rows[index], pass_through=True)


def check_weights(
    sample_weight: Any, n_samples: int, name: str = "sample_weight", *, least_one: bool = True
) -> np.ndarray | None:
    """Weights as float64 (n_samples,), or a ValueError about the first thing wrong with them.

    ``least_one``: one of them has to be positive.
    """
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n_samples, sample_weight)
    refuse_no_numbers(np.asarray(sample_weight), name)
    try:
        weight = check_array(sample_weight, ensure_2d=False, dtype=np.float64, input_name=name)
    except ValueError as error:
        raise ValueError(f"{error}{_first_not_finite(sample_weight)}") from None
    if weight.ndim != 1 or len(weight) != n_samples:
        raise ValueError(
            f"{name} must have shape ({n_samples},), one weight per row of X. "
            f"Got shape {weight.shape}."
        )
    negative = np.flatnonzero(weight < 0)
    if len(negative):
        raise ValueError(f"{name} must be >= 0. Got {weight[negative[0]]:g} for row {negative[0]}.")
    if least_one and not weight.any():
        raise ValueError(f"{name} must have a positive entry. Got only zeros: no row is left.")
    return weight


def _first_not_finite(weight: Any) -> str:
    try:
        places = np.flatnonzero(~np.isfinite(np.asarray(weight, dtype=np.float64)))
    except (TypeError, ValueError):
        return ""
    return f" The first is in row {places[0]}." if len(places) else ""


def merge_rows(table: Share) -> Share:
    """Equal rows merged into one with their weight, unless the table is large.

    Nor where other ranks may have the same ones.
    """
    n = len(table.rows.index)
    if n > CONTENT_LIMIT or not table.rows.alone:
        return table
    distinct = DistinctRows(table.X, table.codes, table.rows)
    return table.only(distinct.merged(np.arange(distinct.n_groups)), n)
