"""Frames whose rows can be taken, where the library that holds them cannot take all of its types.

In: a narwhals frame or series. Out: the same values in types that pandas and pyarrow take rows of:
numbers in the byte order of this machine, and text where pyarrow looks at text of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from .dicts import is_dict, with_all_keys
from .sources import Opened, any_frame

#: Types of pyarrow by their names, and those of the same values that it has all functions for.
VIEWS = {"string_view": "string", "binary_view": "binary"}


def with_all_columns(X: Any, names: Sequence[str]) -> Any:
    """The frame or dict with the columns ``names`` in this order, zeros where it has none."""
    if is_dict(X):
        return with_all_keys(X, names)
    if isinstance(X, Opened):
        return X.with_all(list(names))
    frame = any_frame(X)
    missing = {name: nw.lit(0.0) for name in names if name not in frame.columns}
    return nw.to_native(frame.with_columns(**missing).select(*names))


def with_rows_to_take(rows: Any) -> Any:
    """The frame or series, with columns of other types where need be."""
    native = nw.to_native(rows)
    if nw.dependencies.is_pandas_like_dataframe(native):
        return nw.from_native(_of_this_machine(native), eager_only=True)
    if nw.dependencies.is_pandas_like_series(native):
        frame = _of_this_machine(native.to_frame())
        return nw.from_native(frame.iloc[:, 0], series_only=True)
    if nw.dependencies.is_pyarrow_table(native):
        for j, field in enumerate(native.schema):
            if str(field.type) in VIEWS:
                column = native.column(j).cast(VIEWS[str(field.type)])
                native = native.set_column(j, field.name, column)
        return nw.from_native(native, eager_only=True)
    if str(getattr(native, "type", "")) in VIEWS:
        return nw.from_native(native.cast(VIEWS[str(native.type)]), series_only=True)
    return rows


def _of_this_machine(frame: Any) -> Any:
    swapped = {
        name: dtype.newbyteorder("=")
        for name, dtype in frame.dtypes.items()
        if isinstance(dtype, np.dtype) and not dtype.isnative
    }
    return frame.astype(swapped) if swapped else frame
