"""Groups of rows, as the user passes them: the same patient, shop, sensor.

In: labels of any kind. Out: a number for each row, or an error that names the first row without a
label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np


class Groups(NamedTuple):
    """For each row of X the number of its group, from 0 on, and the user's label."""

    codes: np.ndarray
    labels: np.ndarray


def check_groups(groups: Any, n_rows: int) -> Groups | None:
    """The groups of the rows of X, or a ValueError about the first thing wrong with them."""
    if groups is None:
        return None
    labels = _as_vector(groups)
    if labels.shape != (n_rows,):
        raise ValueError(
            f"groups must have shape ({n_rows},), one label per row of X. Got shape {labels.shape}."
        )
    missing = np.flatnonzero(_is_missing(labels))
    if len(missing):
        raise ValueError(
            f"groups has no label (NaN, None, NA) for {len(missing)} of {n_rows} rows, the first "
            f"of them row {missing[0]}. Give each row that belongs to no other a label of its own."
        )
    return Groups(_codes(labels), labels)


def _as_vector(groups: Any) -> np.ndarray:
    series = nw.from_native(groups, allow_series=True, eager_only=True, pass_through=True)
    if isinstance(series, nw.Series):
        # Of a nullable kind, to_numpy may give floats.
        return _of_objects(series.to_list()) if series.is_null().any() else series.to_numpy()
    if hasattr(groups, "shape"):
        return np.asarray(groups)
    if isinstance(groups, Sequence) and not isinstance(groups, str):
        return _of_objects(groups)
    return np.asarray(groups, dtype=object)


def _of_objects(values: Sequence[Any]) -> np.ndarray:
    """One object for each, whatever they are: 1 and "1" stay two."""
    array = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        array[i] = value
    return array


def _is_missing(labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind in "mM":
        return np.isnat(labels)
    if labels.dtype.kind in "fc":
        return np.isnan(labels)
    if labels.dtype != object:
        return np.zeros(len(labels), dtype=bool)
    return np.fromiter(map(_is_no_label, labels), dtype=bool, count=len(labels))


def _is_no_label(value: Any) -> bool:
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        # pandas.NA is neither equal nor not.
        return True


def _codes(labels: np.ndarray) -> np.ndarray:
    if labels.dtype != object:
        return np.unique(labels, return_inverse=True)[1].ravel()
    try:
        kinds = dict.fromkeys(labels)
    except TypeError:
        raise ValueError(
            "groups must hold labels that can be compared: numbers, text, dates. Got "
            f"{type(labels[0]).__name__}."
        ) from None
    try:
        # The order of the rows shall not matter.
        names = sorted(kinds)
    except TypeError:
        names = sorted(kinds, key=lambda label: (type(label).__name__, repr(label)))
    number = {name: i for i, name in enumerate(names)}
    return np.fromiter((number[label] for label in labels), dtype=np.intp, count=len(labels))
