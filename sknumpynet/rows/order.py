"""Rows put in order by their values, by comparison: column after column from the left.

In: tables (dense or CSR) with the same rows, and row numbers. Out: the numbers in order, and where
the values change. The order says nothing but what is smaller, so a change of a column's unit keeps
it, and so does a further column wherever the ones before it tell the rows apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from .codes import changes
from .runs import Runs
from .tables import Table, table_of

#: So few rows are first sorted by the first columns alone: 200 x 10 in 0.04 ms instead of 0.14.
FEW = 2000


def ordered(tables: list[Any], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put rows in order by the columns of the first table, then by those of the next.

    Parameters
    ----------
    tables : list of ndarrays and CSR matrices of shape (n, any)
        CSR matrices in canonical format. A table is read only where rows are still equal.
    rows : ndarray of row numbers

    Returns
    -------
    order : ndarray
        The rows in order. Equal ones stay in the order in which they came.
    new : ndarray of bool
        Whether a row differs from the one before.
    """
    found = _by_first_columns(tables, rows) if len(rows) <= FEW else None
    if found is not None:
        return found
    runs = Runs(len(rows))
    for number, X in enumerate(tables):
        if runs.may_end():
            runs.sort()
        if not len(runs.open):
            break
        _read(table_of(X), tables[number + 1 :], rows, runs)
    runs.sort()
    by = runs.order()
    return rows[by], changes(runs.rank[by])


def _by_first_columns(tables: list[Any], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The order by the first column of each table, if that tells all apart and skips none."""
    columns: list[np.ndarray] = []
    for X in tables:
        if sp.issparse(X) or not X.shape[1]:
            return None
        columns.insert(0, X[rows, 0])
        by = np.lexsort(columns)
        new = np.logical_or.reduce([changes(column[by]) for column in columns])
        if new.all():
            return rows[by], new
        if X.shape[1] > 1:
            return None
    return None


def _read(table: Table, behind: list[Any], rows: np.ndarray, runs: Runs) -> None:
    """Let the columns of a table decide, until they are read or no rows are open."""
    column = 0
    while column < table.depth and len(runs.open):
        for values in table.columns(rows[runs.open], column):
            column += 1
            if not runs.add(values):
                break
        else:
            return
        # The block that it is a column of is not needed any more.
        del values
        runs.sort()
        if runs.stuck and column < table.depth and len(runs.open):
            runs.merge([table.behind(column), *map(table_of, behind)], rows)
