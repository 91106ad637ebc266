"""The option ``class_weight``: from None, "balanced" or dictionaries to a weight per row.

In: the option, the known classes, the rows' codes and their own weights. Out: the product of both
weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..frames.families import as_objects
from ..quoting import quoted, quoted_list
from .labels import codes_of


def class_tables(
    class_weight: Any,
    classes: Sequence[np.ndarray],
    in_list: bool,
    codes: np.ndarray,
    weight: np.ndarray | None,
) -> list[np.ndarray] | None:
    """A table from code to weight for each column of ``codes``, or None.

    Parameters
    ----------
    class_weight : None, "balanced", dict or list of dicts
        A dict from class to weight; for a multilabel target one dict {0: w, 1: w} per label, for
        several outputs one dict for each.
    classes : sequence of ndarray
        The known classes of each column.
    in_list : bool
        Whether there may be several columns, so that the dicts are in a list.
    codes : ndarray of shape (n,) or (n, n_columns)
        Of the rows to be fitted, which "balanced" counts.
    weight : ndarray of shape (n,) or None
        Weights of these rows.
    """
    if class_weight is None:
        return None
    columns = codes.reshape(len(codes), -1).T
    if isinstance(class_weight, str):
        pairs = zip(columns, classes, strict=True)
        return [_balanced(column, weight, len(of_column)) for column, of_column in pairs]
    dicts = class_weight if in_list else [class_weight]
    _check_dicts(dicts, class_weight, len(columns))
    return [_from_dict(table, of_column) for table, of_column in zip(dicts, classes, strict=True)]


def times_class_weight(
    tables: list[np.ndarray] | None, codes: np.ndarray, weight: np.ndarray | None
) -> np.ndarray | None:
    """The rows' ``weight`` (None: 1 each) times that of their class, or of all their labels."""
    if tables is None:
        return weight
    product = np.ones(len(codes)) if weight is None else weight.copy()
    for column, table in zip(codes.reshape(len(codes), -1).T, tables, strict=True):
        product *= table[column]
    return product


def _balanced(column: np.ndarray, weight: np.ndarray | None, n_classes: int) -> np.ndarray:
    """``n / (n_classes n_c)``: every class gets the same share of the total weight."""
    n_c = np.bincount(column, weights=weight, minlength=n_classes).astype(np.float64)
    table = np.zeros(n_classes)
    present = n_c > 0
    table[present] = n_c.sum() / (np.count_nonzero(present) * n_c[present])
    return table


def _check_dicts(dicts: Any, class_weight: Any, n_columns: int) -> None:
    if isinstance(dicts, Mapping) or len(dicts) != n_columns:
        fits = False
    else:
        fits = all(isinstance(table, Mapping) for table in dicts)
    if not fits:
        raise ValueError(
            "class_weight must be a dict from class to weight, or for a multilabel target a list "
            "of one dict {0: w, 1: w} per label, and for several outputs one dict for each. Got "
            f"{quoted(class_weight)}."
        )


def _from_dict(table: Mapping, classes: np.ndarray) -> np.ndarray:
    """The weight of each class; 1 where the dict has none, if all of it is of classes."""
    weights, keys = np.ones(len(classes)), list(table)
    codes = codes_of(as_objects(keys), classes)
    given = codes >= 0
    weights[codes[given]] = np.array([_weight_of(*item) for item in table.items()])[given]
    missing = np.setdiff1d(np.arange(len(classes)), codes)
    if len(missing) and not given.all():
        unknown = [key for key, known in zip(keys, given, strict=True) if not known]
        raise ValueError(
            f"The classes, [{quoted_list(classes[missing].tolist())}], are not in class_weight, "
            f"which has [{quoted_list(unknown)}] instead."
        )
    return weights


def _weight_of(label: Any, weight: Any) -> float:
    try:
        number = float(weight)
    except (TypeError, ValueError, OverflowError):
        number = np.nan
    if not 0 <= number < np.inf:
        raise ValueError(
            f"class_weight must hold finite weights >= 0. Got {quoted(weight)} for the class "
            f"{quoted(label)}."
        )
    return number
