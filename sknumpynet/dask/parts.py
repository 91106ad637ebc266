"""Dask collections as parts of rows that belong together, and parts as one table again.

In: arrays, frames and series of Dask. Out: for each of their partitions the delayed X, y and
weights; and the rows of several parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import dask.array as da
import numpy as np
import scipy.sparse as sp

from dask import is_dask_collection

from ..quoting import quoted


class Part(NamedTuple):
    """Rows of one partition, and its number."""

    X: Any
    y: Any
    weight: Any = None
    number: Any = 0

    @property
    def arrays(self) -> tuple[Any, Any, Any]:
        return self[:3]


def parts_of(X: Any, y: Any, weight: Any, suffix: str = "") -> list[Part]:
    """A part of delayed arrays for each partition of X.

    y and weights have the partitions of X; those of arrays of known lengths are brought to that.
    """
    names = [f"X{suffix}", f"y{suffix}", f"sample_weight{suffix}"]
    for name, given in zip(names, (X, y, weight), strict=True):
        if given is not None and not is_dask_collection(given):
            raise TypeError(
                f"{name} must be an array or a frame of Dask, as the others are. Got "
                f"{type(given).__name__}: dask.array.from_array({name}, chunks=...), or fit with "
                "to_local()."
            )
    columns = [_delayed(X, names[0], None)]
    lengths = _lengths(X)
    columns += [
        [None] * len(columns[0]) if given is None else _delayed(given, name, lengths)
        for name, given in zip(names[1:], (y, weight), strict=True)
    ]
    n = len(columns[0])
    for name, parts in zip(names[1:], columns[1:], strict=True):
        if len(parts) != n:
            raise ValueError(
                f"{name} must have the partitions of {names[0]}, which has {n}. Got {len(parts)}: "
                "repartition one of them, with known lengths."
            )
    arrays = zip(*columns, strict=True)
    return [Part(*of_one)._replace(number=number) for number, of_one in enumerate(arrays)]


def _lengths(X: Any) -> tuple[int, ...] | None:
    """Rows of each partition, if they are known without looking."""
    chunks = getattr(X, "chunks", None)
    return None if chunks is None or any(np.isnan(n) for n in chunks[0]) else tuple(chunks[0])


def _delayed(given: Any, name: str, lengths: tuple[int, ...] | None) -> list[Any]:
    if not isinstance(given, da.Array):
        return list(given.to_delayed())
    if given.ndim not in (1, 2):
        raise ValueError(f"{name} must have one or two dimensions. Got shape {given.shape}.")
    wanted: dict[int, Any] = {1: -1} if given.ndim == 2 else {}
    if lengths is not None and _lengths(given) not in (None, lengths):
        if sum(given.chunks[0]) != sum(lengths):
            raise ValueError(
                f"{name} has {sum(given.chunks[0])} rows, and X {sum(lengths)}: they must be as "
                "many."
            )
        wanted[0] = lengths
    return list(given.rechunk(wanted).to_delayed().ravel())


def n_rows(X: Any) -> int:
    """Rows of a partition of X."""
    return int(X.shape[0])


def together(parts: Sequence[Part], suffix: str = "") -> Part:
    """The rows of several parts, in their order."""
    for part in parts:
        n = n_rows(part.X)
        for what, given in (("y", part.y), ("sample_weight", part.weight)):
            if given is not None and len(given) != n:
                raise ValueError(
                    f"Partition {part.number} of X{suffix} has {n} rows, and that of "
                    f"{what}{suffix} {len(given)}."
                )
    if len(parts) == 1:
        return parts[0]
    columns = zip(*(part.arrays for part in parts), strict=True)
    return Part(*(_stacked(column) for column in columns))


def _stacked(arrays: Sequence[Any]) -> Any:
    first = arrays[0]
    if first is None:
        return None
    if sp.issparse(first):
        return sp.vstack(arrays, format="csr")
    if isinstance(first, np.ndarray):
        return np.concatenate(arrays)
    if type(first).__module__.split(".")[0] == "pandas":
        import pandas as pd

        return pd.concat(arrays)
    raise TypeError(f"Partitions of type {quoted(type(first).__name__)} cannot be put together.")
