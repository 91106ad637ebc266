"""Whether equal rows of a table are cases that happen to look the same, or one case twice.

In: a table and which of its rows. Out: yes or no. Where every column has few values, as in a
questionnaire, later rows repeat earlier ones, too; where one is measured, equal rows are copies.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from .rows import Rows, row_blocks

#: Values that a column of such a table has at most, and rows that it has at least: few would not
#: tell. See DECISIONS: cases that look the same.
MOST_VALUES, LEAST_ROWS = 32, 1000


def has_few_values(X: Matrix, rows: Rows) -> bool:
    """Whether no column of a dense table has more than ``MOST_VALUES`` in these rows."""
    if sp.issparse(X) or len(rows.index) < LEAST_ROWS:
        return False
    # The first rows tell of nearly all other tables.
    known = [_values(X[rows.index[:LEAST_ROWS], j]) for j in range(X.shape[1])]
    if any(len(values) > MOST_VALUES for values in known):
        return False
    for block, _ in row_blocks(X, rows):
        for j, values in enumerate(known):
            known[j] = _with(values, block[:, j])
            if len(known[j]) > MOST_VALUES:
                return False
    return True


def _values(column: np.ndarray) -> np.ndarray:
    """The different values, without what is missing."""
    return np.unique(column[~np.isnan(column)])


def _with(known: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The values with those of a column; to look them up is quicker than to sort it."""
    if not len(known):
        return _values(column)
    place = np.minimum(np.searchsorted(known, column), len(known) - 1)
    new = column[known[place] != column]
    return np.union1d(known, _values(new)) if len(new) else known
