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
from .texts import LEAST_CHANCE, Texts, unrelated

#: The kinds in the order of their encoded columns. A column is of the first kind that takes it.
KINDS: tuple[type[ColumnGroup], ...] = (Numbers, Dates, Texts, Constant, Binary, OneHot, Embedded)


def make_groups(
    X: Matrix,
    rows: Rows,
    columns: TableColumns,
    y: np.ndarray | None,
    options: Options,
    counted: Rows | None = None,
) -> list[ColumnGroup]:
    """The columns of the table X by their kinds, learned from the given rows.

    Levels are counted by the weights of ``counted``, if given.
    """
    by_kind: dict[type[ColumnGroup], list[Trained]] = {kind: [] for kind in KINDS}
    for column in _train(X, rows, columns, y, options, rows if counted is None else counted):
        kind = next(kind for kind in KINDS if kind.takes(column, options))
        by_kind[kind].append(column)
    return [
        kind(members, options).fit(X, rows, members, y)
        for kind, members in by_kind.items()
        if members
    ]


def _train(
    X: Matrix,
    rows: Rows,
    columns: TableColumns,
    y: np.ndarray | None,
    options: Options,
    counted: Rows,
) -> list[Trained]:
    """What the rows say about each column, without those that carry nothing."""
    trained: list[Trained] = []
    of_rare: list[str] = []
    for j, column in enumerate(columns):
        seen = Trained(j, column)
        found: Trained | None = seen
        if column.kind == "category":
            found = train_category(X, counted, seen, options)
        if found is None:
            of_rare.append(column.name)
        else:
            trained.append(found)
    trained, silent = _without_silent_texts(X, rows, trained, y, options)
    why = _why_left_out(of_rare, silent, options)
    if why and not trained:
        raise ValueError(f"No column of X is left to learn from: {why}")
    if why:
        warn(f"Left out of X: {why}")
    return trained


def _without_silent_texts(
    X: Matrix, rows: Rows, trained: list[Trained], y: np.ndarray | None, options: Options
) -> tuple[list[Trained], list[str]]:
    """The columns without texts that say nothing about the target, and the names of those.

    They stay where there is nothing else to learn from, and in the first part of a stream, which
    is a small one.
    """
    texts = [column for column in trained if column.kind == "text"]
    if not texts or y is None or options.stream:
        return trained, []
    out = unrelated(X, rows, texts, y, options)
    if len(out) == len(trained):
        return trained, []
    silent = dict.fromkeys(column.name for column in texts if column.index in out)
    return [column for column in trained if column.index not in out], list(silent)


def _why_left_out(of_rare: list[str], silent: list[str], options: Options) -> str:
    """The columns and what to do about them; "" if there are none."""
    parts = []
    if of_rare:
        least = float(options.min_frequency)
        parts.append(
            f"{quoted_list(of_rare)}. Nearly every row is a level of its own there (min_frequency="
            f"{least:g}), from which nothing can be learned. Drop such a column, or encode what "
            "it says, text for example with skrub's TextEncoder or scikit-learn's TfidfVectorizer."
        )
        if options.stream:
            parts.append(
                "Levels are learned in the first call of partial_fit: if later rows repeat them, "
                "pass more rows first, or declare all levels by a category dtype."
            )
    if silent:
        parts.append(
            f"{quoted_list(silent)}. A linear fit of its text explains the target no better than "
            f"chance would (F test, p > {LEAST_CHANCE:g}). Drop such a column, or encode what it "
            "says."
        )
    return " ".join(parts)
