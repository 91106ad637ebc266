"""A lazy frame at the door of an estimator.

In: X as it was passed, and what goes with its rows: values, or the name of a column of a lazy X.
Out: of a fit an X that has been read once into files, of a prediction one that will be read batch
by batch; and the values.
"""

from __future__ import annotations

from typing import Any

from ..frames import FrameReader, LazyRows, OpenFiles, StoredRows, lazily, store
from .names import check_columns


def opened(
    estimator: Any,
    files: OpenFiles,
    X: Any,
    reader: FrameReader,
    passed: dict[str, Any],
    *,
    reset: bool,
    name: str = "X",
) -> tuple[Any, dict[str, Any]]:
    """X, in ``files`` if it is lazy, and what was passed beside it, nothing of which is lazy.

    ``reset``: the names of its columns are to be learned, and not to be compared.
    """
    X, known = lazily(X, passed, name)
    if not isinstance(X, LazyRows):
        return X, known
    # Names that are wrong are to be told before the rows are read.
    X = check_columns(estimator, X, reset=reset)
    files.add(X)
    # Own scorers are given rows.
    stored = store(X, numbers=reader.takes_numbers and not callable(estimator.scoring))
    files.add(stored)
    return stored, known | X.taken()


def release(estimator: Any, X: Any) -> None:
    """Let go of what nobody needs when the table of X has been made."""
    if isinstance(X, StoredRows) and not callable(estimator.scoring):
        X.release()


def to_score(files: OpenFiles, X: Any, y: Any, sample_weight: Any) -> tuple[Any, dict[str, Any]]:
    """X to be predicted, and what was passed; both are settled by :func:`with_taken`."""
    X, passed = lazily(X, {"y": y, "sample_weight": sample_weight})
    if isinstance(X, LazyRows):
        files.add(X)
    return X, passed


def with_taken(X: Any, passed: dict[str, Any]) -> tuple[Any, Any]:
    """y and weights, when all rows have been predicted."""
    if isinstance(X, LazyRows):
        passed = passed | X.taken()
    return passed["y"], passed["sample_weight"]
