"""What a session of onnxruntime is given for the rows of a frame.

In: a fitted estimator and X. Out: an array for each input, as :func:`~.model.to_onnx` declares it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..estimators.names import check_columns
from ..frames.read_column import ReadColumn
from ..frames.sources import source_of
from ..matrix import is_sparse
from .builder import DOUBLE, TEXT
from .columns import NO_DATE, column_graph, text_where_missing
from .model import columns_looked_at, models_of, number_type


def as_inputs(estimator: Any, X: Any, *, dtype: Any = "float64") -> dict[str, np.ndarray]:
    """The rows of X as the inputs of the model that :func:`to_onnx` gives.

    To compare predictions here; elsewhere, the inputs say what they hold, in ``doc_string``.

    Parameters
    ----------
    estimator : estimator
        The one that was exported.
    X : data frame or array-like of shape (n_samples, n_features)
    dtype : {"float64", "float32"}
        As of :func:`to_onnx`.

    Returns
    -------
    dict of ndarray
        By the names of the inputs, for ``InferenceSession.run``.

    Examples
    --------
    >>> import pandas as pd
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.onnx import as_inputs
    >>> X = pd.DataFrame({"km": [5.0, None] * 30, "to": ["Rome", "Oslo", None] * 20})
    >>> model = NumpyMLPRegressor((4,), solver="lbfgs", random_state=0).fit(X, X["km"].fillna(0))
    >>> as_inputs(model, X[:2])
    {'km': array([[ 5.],
           [nan]]), 'to': array([['Rome'],
           ['Oslo']], dtype=object)}
    """
    models = models_of(estimator)
    columns, numbers = models[0].reader.columns, number_type(dtype)
    X = check_columns(estimator, X, reset=False)
    if columns is None:
        table = models[0].reader.read(X, estimator)
        return {"X": (table.toarray() if is_sparse(table) else np.asarray(table)).astype(numbers)}
    source = source_of(X, estimator)
    found = {}
    for j in columns_looked_at(models):
        column = columns[j]
        given = column_graph(column).given(column).dtype
        rows = _rows(column, source, j, given)[:, np.newaxis]
        found[column.name] = rows.astype(numbers) if given == DOUBLE else rows
    return found


def _rows(column: ReadColumn, source: Any, j: int, dtype: np.dtype) -> np.ndarray:
    """The values of column j of the source in the dtype of its input, (n,)."""
    values = column.values(source, j)
    # Refuses what predict refuses.
    numbers = np.broadcast_to(column.numbers_of(values, source.labels[j]), source.shape[:1])
    if dtype == TEXT:
        missing = text_where_missing(column)
        if values.places is None:
            # The numbers 0 and 1 where text said no and yes; or nothing at all.
            return np.array([missing, *column.levels], dtype=object)[numbers.astype(np.intp)]
        return np.append(values.data.astype(object), missing)[values.places]
    if column.kind == "category":
        keys = np.zeros(0) if values.places is None else values.data.astype(np.float64)
        places = -1 if values.places is None else values.places
        numbers = np.broadcast_to(np.append(keys, np.nan)[places], numbers.shape)
    if dtype == DOUBLE:
        return numbers.astype(DOUBLE)
    missing = np.isnan(numbers)
    whole = np.round(np.where(missing, 0.0, numbers)).astype(dtype)
    whole[missing] = NO_DATE
    return whole
