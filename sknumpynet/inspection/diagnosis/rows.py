"""Findings about the columns of X: wild ones, one that tells the target, other validation rows.

In: a subject. Out: a finding, or None.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from ...encoding import find_shift
from ..layer_statistics import evenly_spaced
from .finding import Finding
from .subject import Subject

#: Without scaling, columns differ in size by more than this factor.
SIZES = 100.0

#: Scaled by its deviation, a column has an interquartile range of less than this: a few values far
#: away have left no room for the others. A normal law has 1.35, log-normal of sigma 2 has 0.04.
SQUEEZED = 0.02

#: What a single column tells of the target on rows held out: R^2, or the accuracy beyond that of
#: the most frequent class.
LEAK = 0.985

#: Columns that are looked at, the most, and levels of a category whose rows are compared.
MOST_COLUMNS, MOST_LEVELS = 500, 20

#: Rows to validate on and others are told apart by this area under the ROC curve. Rows split at
#: random have 0.5, by 200 and more of either within 0.06.
APART, FEWEST_ROWS = 0.75, 40


def wild_columns(subject: Subject) -> Finding | None:
    """Columns of very different sizes without scaling, or one with values far away with it."""
    scaling = subject.est.feature_scaling
    numbers = subject.columns.numbers
    table = subject.table
    if sp.issparse(table) or scaling in ("robust", "quantile"):
        return None
    columns = np.arange(table.shape[1]) if numbers is None else numbers
    if not len(columns):
        return None
    values = np.asarray(table[:, columns], dtype=np.float64)
    if scaling is None:
        return _unequal_sizes(subject, values, columns)
    with np.errstate(all="ignore"):
        low, high = np.nanquantile(values, [0.25, 0.75], axis=0)
        spread = np.nanstd(values, axis=0)
        squeezed = np.where((spread > 0) & (high > low), (high - low) / spread, np.inf)
    j = int(np.argmin(squeezed))
    if squeezed[j] >= SQUEEZED:
        return None
    far = np.nanmax(np.abs(values[:, j] - np.nanmedian(values[:, j])))
    figure = float(far / (high[j] - low[j]))
    text = (
        f"Column {subject.columns.label(int(columns[j]))} has values {figure:.3g} times as far "
        f"from its median as its middle half is wide: scaled by its deviation, the middle half is "
        f"{squeezed[j]:.2g} wide."
    )
    advice = "Set feature_scaling='quantile' or 'robust' (it is 'standard'), or correct the values."
    return Finding("wild columns", figure, text, advice, "feature_scaling")


def _unequal_sizes(subject: Subject, values: np.ndarray, columns: np.ndarray) -> Finding | None:
    with np.errstate(all="ignore"):
        sizes = np.sqrt(np.nanmean(values**2, axis=0))
    there = np.flatnonzero(np.isfinite(sizes) & (sizes > 0))
    if not len(there):
        return None
    most, least = there[np.argmax(sizes[there])], there[np.argmin(sizes[there])]
    # A column of its own, too, may be far from what weights are drawn for.
    figure = float(max(sizes[most] / sizes[least], sizes[most]))
    if figure < SIZES:
        return None
    text = (
        f"Columns are given as they are, and differ in size by a factor of {figure:.3g}: "
        f"{subject.columns.label(int(columns[most]))} is about {sizes[most]:.3g}, "
        f"{subject.columns.label(int(columns[least]))} about {sizes[least]:.3g}."
    )
    advice = "Set feature_scaling='standard' (it is None)."
    return Finding("wild columns", figure, text, advice, "feature_scaling")


def leaking_column(subject: Subject) -> Finding | None:
    """A single column tells the target of rows held out."""
    table = subject.table[subject.sample]
    if len(subject.sample) < FEWEST_ROWS:
        return None
    # y, column by column; of a single one that is all.
    codes = np.asarray(subject.rows.codes[subject.rows.rows.index][subject.sample])
    targets = codes.reshape(len(codes), -1).T
    best, where = 0.0, 0
    for j in range(min(table.shape[1], MOST_COLUMNS)):
        column = table[:, [j]].toarray() if sp.issparse(table) else table[:, [j]]
        told = min(_told_by(column, target, subject.numeric) for target in targets)
        if told > best:
            best, where = told, j
    if best < LEAK:
        return None
    what = "R2" if subject.numeric else "share of what the most frequent class leaves"
    text = (
        f"Column {subject.columns.label(where)} alone tells y on rows held out ({what} "
        f"{best:.3f}): most likely it was made from y, or is known only after it."
    )
    return Finding("a leaking column", best, text, "Leave it out of X, if so.", "X")


def _told_by(column: np.ndarray, target: np.ndarray, numeric: bool) -> float:
    """How much a tree on one half of the rows tells of the other half, at most 1."""
    half = np.arange(len(target)) % 2 == 0
    options = {"max_leaf_nodes": 64, "min_samples_leaf": 3, "random_state": 0}
    tree = DecisionTreeRegressor(**options) if numeric else DecisionTreeClassifier(**options)
    if len(np.unique(target[half])) < 2 or len(np.unique(target[~half])) < 2:
        return 0.0
    score = float(tree.fit(column[half], target[half]).score(column[~half], target[~half]))
    if numeric:
        return score
    most = np.bincount(target[~half].astype(int) - int(target.min())).max() / (~half).sum()
    return (score - most) / (1.0 - most)


def other_validation_rows(subject: Subject) -> Finding | None:
    """Rows of X_val can be told from those of X."""
    kind, given = "validation rows unlike the training rows", subject.given
    if given is None:
        return None
    found = find_shift(
        subject.rows.X, subject.rows.rows, given.X, given.rows, subject.columns.numbers
    )
    option = "X_val"
    if found is not None:
        text = (
            f"Column {subject.columns.label(found.column)} runs from {found.here[0]:.4g} to "
            f"{found.here[1]:.4g} in X_val and from {found.training[0]:.4g} to "
            f"{found.training[1]:.4g} in X; its means lie {found.distance:.3g} deviations apart."
        )
        advice = "Send X_val through the same transformers as X."
        return Finding(kind, found.distance, text, advice, option)
    table, here = subject.table, given.X[given.rows.index]
    n, columns = min(2000, here.shape[0], table.shape[0]), _comparable(subject)
    if n < FEWEST_ROWS or not len(columns):
        return None
    X, X_val = (rows[evenly_spaced(rows.shape[0], n)][:, columns] for rows in (table, here))
    area, column = _told_apart(X, X_val)
    if area < APART:
        return None
    text = (
        f"A forest tells rows of X_val from rows of X (area under the ROC curve {area:.2f}, 0.5 "
        f"where they are alike), most by column {subject.columns.label(int(columns[column]))}."
    )
    advice = (
        "Draw both from the same rows, or judge by X_val alone if later rows look like it; leave "
        "out a column that only says when a row was recorded."
    )
    return Finding(kind, area, text, advice, option)


def _comparable(subject: Subject) -> np.ndarray:
    """Numbers of the columns in which rows that were not trained on look like others.

    Not so levels that are rare, of which many are unknown there, nor directions of free text.
    """
    if subject.columns.numbers is None:
        return np.arange(min(len(subject.columns), MOST_COLUMNS))
    few = [
        column.kind in ("number", "date")
        or (column.kind == "category" and len(column.levels) <= MOST_LEVELS)
        for column in subject.columns
    ]
    return np.flatnonzero(few)[:MOST_COLUMNS]


def _told_apart(X: Any, X_val: Any) -> tuple[float, int]:
    """Area under the curve of a forest that tells the rows apart, and its first column."""
    both = sp.vstack([X, X_val]).tocsr() if sp.issparse(X) else np.vstack([X, X_val])
    which = np.repeat([0, 1], [X.shape[0], X_val.shape[0]])
    forest = RandomForestClassifier(50, min_samples_leaf=5, random_state=0)
    scores = cross_val_predict(forest, both, which, cv=3, method="predict_proba")[:, 1]
    column = int(np.argmax(forest.fit(both, which).feature_importances_))
    return float(roc_auc_score(which, scores)), column
