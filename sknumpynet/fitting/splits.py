"""Which rows are trained on, and which validate: split off, in parts, or as a splitter says.

In: the rows of a table, with their groups, and the options. Out: pairs of rows to train on and rows
to validate on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..optimizers import goes_through_batches
from ..quoting import quoted, told
from ..rows import RowClusters, has_few_values, weighted_rows
from ..telling import warn
from .share import CONTENT_LIMIT, Share

#: The rows to train on, and those to validate on.
Pair = tuple[Share, Share]


def split_off(
    table: Share,
    options: Any,
    strata: np.ndarray | None,
    seed: int,
    *,
    least: int | None = None,
) -> Pair | None:
    """The rows to train on, and a part to validate on.

    With the option ``splitter`` these are its last split. Otherwise equal rows, unless all columns
    have few values, and those of one group, stay on one side. Which rows these are depends on the
    distinct rows and on how they compare, and so on neither the order of the rows nor the unit of a
    column. The rows of each part are in the order of their content, which is that of y: they need
    shuffling.

    Parameters
    ----------
    table : Share
    options : object with the options as attributes
        Without ``shuffle`` rows are left in the order of the table, as in large tables.
    strata : ndarray or None
        A class per row, to be shared out in proportion.
    seed : int
    least : int or None
        With fewer distinct rows, or less than two that can be held out, nothing is split off: the
        result is None. Without ``least``, the latter is a ValueError.
    """
    if options.splitter is not None:
        return _by_splitter(table, options.splitter)[-1]
    n, fraction = len(table.rows.index), options.validation_fraction
    rng = np.random.default_rng(seed)
    clusters = _clusters(table, fraction)
    if least is not None and clusters.n_distinct < least:
        return None
    kept, held_out = clusters.split(fraction, strata, rng)
    n_held_out = clusters.n_rows(held_out)
    if table.groups is not None and (not len(held_out) or not len(kept)):
        raise ValueError(_too_few_groups(clusters, "one of them to validate on, and one of each "
                                         "class to train on"))  # fmt: skip
    if n_held_out < 2 and table.groups is None:
        if least is not None:
            return None
        raise ValueError(
            f"The validation set is too small: validation_fraction={fraction:g} of "
            f"n_samples = {n} rows, {clusters.n_distinct} of them different, leaves {n_held_out} "
            "to validate on. Increase validation_fraction, or pass X_val and y_val."
        )
    parts = [clusters.rows(part) for part in (kept, held_out)]
    if not options.shuffle or n > CONTENT_LIMIT:
        parts = [rows.by_number() for rows in parts]
    train, validation = (table.only(rows, len(rows.index)) for rows in parts)
    return train, validation


def in_parts(
    table: Share,
    options: Any,
    n_parts: int,
    strata: np.ndarray | None,
    rng: np.random.Generator,
    *,
    least: int | None = None,
) -> list[Pair] | None:
    """The table in so many parts: for each the rows of all others, and its own.

    With the option ``splitter`` these are its splits. Otherwise equal rows, unless all columns have
    few values, and those of one group, stay in one part, and classes are shared out in proportion.
    With fewer distinct rows than ``least`` there are none. Without ``least``, too few are a
    ValueError.
    """
    if options.splitter is not None:
        return _by_splitter(table, options.splitter)
    clusters = _clusters(table, 1.0 / n_parts)
    if least is not None and clusters.n_distinct < least:
        return None
    if clusters.n_distinct < 2 * n_parts:
        raise ValueError(
            f"n_bags={n_parts} leaves less than two different rows to each: there are "
            f"{clusters.n_distinct}. It may be at most {clusters.n_distinct // 2}."
        )
    if clusters.n_clusters < n_parts:
        raise ValueError(_too_few_groups(clusters, f"one for each of n_bags={n_parts}"))
    part_of = clusters.deal(n_parts, strata, rng)
    found = []
    for part in range(n_parts):
        sides = np.flatnonzero(part_of != part), np.flatnonzero(part_of == part)
        train, held_out = (clusters.rows(side).by_number() for side in sides)
        found.append(
            (table.only(train, len(train.index)), table.only(held_out, len(held_out.index)))
        )
    return found


def _clusters(table: Share, share: float) -> RowClusters:
    """What stays together; of groups with common rows as much as a part of this share holds.

    Where all columns have few values, rows to come repeat those trained on, and rows to validate on
    have to do so as often: phishing is predicted with 0.85 of the loss. See DECISIONS: cases that
    look the same.
    """
    codes = None if table.groups is None else table.groups.codes
    clusters = RowClusters(table.X, table.codes, table.rows, codes, share)
    repeated = clusters.n_distinct < len(table.rows.index)
    if codes is None and repeated and has_few_values(table.X, table.rows):
        clusters.take_apart()
    return clusters


def _too_few_groups(clusters: RowClusters, needed: str) -> str:
    n = clusters.n_clusters
    return (
        f"groups has too few of them: there must be {needed}. The rows of positive weight have "
        f"{n} (groups with equal rows are one)."
    )


def warn_if_not_split(table: Share, options: Any) -> None:
    """Warn if the options split nothing off, where the user says how.

    Not for a small table: that it is not split is what ``early_stopping="auto"`` means.
    """
    if options.early_stopping == "auto" and goes_through_batches(options.solver):
        return
    names = [
        name
        for name, value in (("groups", table.groups), ("splitter", options.splitter))
        if value is not None
    ]
    if names:
        warn(
            f"{' and '.join(names)}: without effect, no row is split off to validate on "
            f"(early_stopping={options.early_stopping!r}, solver={options.solver!r}). Set "
            "early_stopping=True, or n_bags to 2 or more."
        )


# The option splitter.


def _by_splitter(table: Share, splitter: Any) -> list[Pair]:
    """The splits of the rows of X by a splitter, or by a list of pairs."""
    shown = f"splitter={quoted(splitter)}"
    pairs = _told(table, splitter, shown) if hasattr(splitter, "split") else list(splitter)
    if not pairs:
        raise ValueError(f"{shown} gives no split.")
    found = []
    for number, pair in enumerate(pairs):
        train, held_out = (_row_numbers(side, table, shown, number) for side in _two(pair, shown))
        both = np.intersect1d(train, held_out)
        if len(both):
            raise ValueError(
                f"{shown} has row {both[0]} on both sides of split {number}: what is "
                "trained on cannot validate."
            )
        _refuse_cut_groups(table, shown, train, held_out, number)
        found.append((_part(table, train), _part(table, held_out)))
    return found


def _told(table: Share, splitter: Any, shown: str) -> list[Any]:
    """What the splitter gives; its errors are told to be its own."""
    groups = table.groups
    try:
        return list(splitter.split(*table.given, None if groups is None else groups.labels))
    except Exception as error:
        if groups is None and "groups" in str(error):
            raise ValueError(
                f"{shown} needs groups: fit(X, y, groups=...), one label per row. A "
                "Pipeline or a search hands them on by metadata routing: "
                "set_fit_request(groups=True)."
            ) from error
        raise ValueError(
            f"{shown} cannot split the rows of X. {type(error).__name__}: {told(error)}"
        ) from error


def _two(pair: Any, shown: str) -> tuple[Any, Any]:
    try:
        train, held_out = pair
    except (TypeError, ValueError):
        raise ValueError(
            f"{shown} must give pairs of row numbers, to train on and to validate on. Got "
            f"{quoted(pair)}."
        ) from None
    return train, held_out


def _row_numbers(side: Any, table: Share, shown: str, number: int) -> np.ndarray:
    """The rows of positive weight on one side of a split."""
    n_rows, rows = table.X.shape[0], np.asarray(side)
    if rows.dtype == bool and rows.shape == (n_rows,):
        rows = np.flatnonzero(rows)
    if rows.ndim == 1 and rows.dtype.kind in "iu" and len(rows):
        if rows.min() < 0 or rows.max() >= n_rows:
            raise ValueError(
                f"{shown} gives row numbers from {rows.min()} to {rows.max()}, and X has "
                f"{n_rows} rows."
            )
        rows = rows[np.isin(rows, table.rows.index)]
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or not len(rows):
        raise ValueError(
            f"{shown} must give the numbers of one or more rows of positive weight for "
            f"each side. Split {number} has {quoted(side)}."
        )
    return rows


def _refuse_cut_groups(
    table: Share, shown: str, train: np.ndarray, held_out: np.ndarray, number: int
) -> None:
    if table.groups is None:
        return
    codes, labels = table.groups
    both = np.intersect1d(codes[train], codes[held_out])
    if len(both):
        row = int(np.flatnonzero(codes == both[0])[0])
        raise ValueError(
            f"{shown} has rows of one group on both sides of split {number}: group "
            f"{quoted(labels[row])}. Take a splitter that keeps groups together (GroupKFold), "
            "leave out splitter, or leave out groups."
        )


def _part(table: Share, numbers: np.ndarray) -> Share:
    """These rows, in the order of the table; one that is given twice counts twice."""
    numbers, times = np.unique(numbers, return_counts=True)
    weight = times.astype(np.float64)
    if table.rows.weight is not None:
        # The rows of the table are in its order, too.
        weight *= table.rows.weight[np.searchsorted(table.rows.index, numbers)]
    return table.only(weighted_rows(numbers, weight), int(times.sum()))
