"""What each column of the table becomes, by its kind: the table of kinds, and who is of which.

In: the columns of the table as the reader learned them, and the training rows. Out: groups of
columns that become the same. A new kind is one class (a :class:`~.group.ColumnGroup`) and one row
of ``KINDS``.
"""

from __future__ import annotations

import numpy as np

from ..frames import TableColumns
from ..matrix import Matrix
from ..quoting import quoted_list
from ..rows import Rows
from ..telling import warn
from .categories import Binary, Constant, Embedded, OneHot, train_category
from .dates import Dates
from .group import ColumnGroup, Options, Trained
from .numbers import Numbers

#: The kinds in the order of their encoded columns. A column is of the first kind that takes it.
KINDS: tuple[type[ColumnGroup], ...] = (Numbers, Dates, Constant, Binary, OneHot, Embedded)


def make_groups(
    X: Matrix, rows: Rows, columns: TableColumns, y: np.ndarray | None, options: Options
) -> list[ColumnGroup]:
    """The columns of the table X by their kinds, learned from the given rows."""
    by_kind: dict[type[ColumnGroup], list[Trained]] = {kind: [] for kind in KINDS}
    for column in _train(X, rows, columns, options):
        kind = next(kind for kind in KINDS if kind.takes(column, options))
        by_kind[kind].append(column)
    return [
        kind(members, options).fit(X, rows, members, y)
        for kind, members in by_kind.items()
        if members
    ]


def _train(X: Matrix, rows: Rows, columns: TableColumns, options: Options) -> list[Trained]:
    """What the rows say about each column, without those that carry nothing."""
    trained: list[Trained] = []
    left_out: list[str] = []
    for j, column in enumerate(columns):
        seen = Trained(j, column)
        found: Trained | None = seen
        if column.kind == "category":
            found = train_category(X, rows, seen, options)
        if found is None:
            left_out.append(column.name)
        else:
            trained.append(found)
    if not left_out:
        return trained
    shown = quoted_list(left_out)
    least = float(options.min_frequency)
    why = f"Nearly every row is a level of its own there (min_frequency={least:g})"
    what = (
        "Drop such a column, or encode text with skrub's TextEncoder or scikit-learn's "
        "TfidfVectorizer."
    )
    if options.stream:
        what += (
            " Levels are learned in the first call of partial_fit: if later rows repeat them, pass "
            "more rows first, or declare all levels by a category dtype."
        )
    if not trained:
        raise ValueError(f"No column of X is left to learn from: {shown}. {why}. {what}")
    warn(f"Left out of X: {shown}. {why}, from which nothing can be learned. {what}")
    return trained
