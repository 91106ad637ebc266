"""Labels of any kind: which there are, in order, and the code of each.

In: a column of labels without missing values, as an array. Out: the distinct labels, sorted, as an
array of the same kind; codes. Labels of NumPy's own dtypes are sorted by NumPy, others (dates,
Decimal, Enum, Period, Interval) as Python objects that can be hashed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..frames.families import as_objects, family_of
from ..quoting import MOST_OF_A_MESSAGE, quoted, quoted_list
from .read import natural, read_target

#: Kinds of dtype whose values NumPy sorts.
SORTED = frozenset("biufUSMm")


def labels_in(column: Any, name: str = "y") -> np.ndarray:
    """The distinct labels of a column, sorted; ``name`` of the column is for messages."""
    column = natural(np.asarray(column))
    if column.dtype.kind != "O":
        return np.unique(column)
    try:
        distinct = list(dict.fromkeys(column.tolist()))
    except TypeError:
        raise _not_hashable(column, name) from None
    _refuse_several_families(distinct, column, name)
    try:
        return as_objects(sorted(distinct))
    except TypeError:
        types = {type(label): label for label in reversed(distinct)}
        if len(types) > 1:
            one, other, *_ = types.values()
            raise _mixed(one, other, column, name) from None
        # Members of an Enum, for example, are in no order: by their names.
        return as_objects(sorted(distinct, key=repr))


def listed(classes: Any) -> np.ndarray:
    """The same for classes that the user lists; tuples are labels."""
    if isinstance(classes, (list, tuple)) and all(isinstance(label, tuple) for label in classes):
        classes = as_objects(list(classes))
    return labels_in(np.ravel(read_target(classes, "classes")), "classes")


def codes_of(column: Any, classes: np.ndarray) -> np.ndarray:
    """The place of each label in ``classes``; -1 for one that is not there."""
    column = natural(np.asarray(column))
    kinds = {column.dtype.kind, classes.dtype.kind}
    if len(kinds) > 1 or not kinds <= SORTED:
        table = {_key(label): code for code, label in enumerate(_as_list(classes))}
        labels = _as_list(column)
        try:
            known = {label: table.get(_key(label), -1) for label in dict.fromkeys(labels)}
        except TypeError:
            raise _not_hashable(column, "y") from None
        return np.fromiter(map(known.__getitem__, labels), np.int32, len(labels))
    codes = np.searchsorted(classes, column).astype(np.int32)
    codes[classes.take(codes, mode="clip") != column] = -1
    return codes


def same_kind(column: np.ndarray, classes: np.ndarray) -> bool:
    """Whether labels and classes are both text, or both something else."""
    column = natural(np.asarray(column))
    if not (column.size and classes.size):
        return True
    return (_family(column[0]) == "text") == (_family(classes[0]) == "text")


def shown(labels: Iterable[Any]) -> str:
    """The distinct labels, for a message."""
    distinct = labels_in(labels)
    text = str(distinct)
    return text if len(text) <= MOST_OF_A_MESSAGE else f"[{quoted_list(distinct.tolist())}]"


def _family(label: Any) -> str | None:
    return family_of(type(label))


def _as_list(labels: np.ndarray) -> list[Any]:
    # Of dates NumPy's own: those in nanoseconds would become integers.
    return list(labels) if labels.dtype.kind in "Mm" else labels.tolist()


def _key(label: Any) -> Any:
    """A Python object that is equal where the labels are, whatever library holds them."""
    if isinstance(label, (np.datetime64, np.timedelta64)):
        return label.astype(f"{label.dtype.kind}8[us]").item()
    if isinstance(label, dt.date) and not isinstance(label, dt.datetime):
        return dt.datetime(label.year, label.month, label.day)
    return label


def _refuse_several_families(distinct: list[Any], column: np.ndarray, name: str) -> None:
    """ValueError if numbers, text and other families of values are labels side by side."""
    by_family: dict[str | None, Any] = {}
    for label in distinct:
        by_family.setdefault(_family(label), label)
    if len(by_family) > 1:
        one, other, *_ = by_family.values()
        raise _mixed(one, other, column, name)


def _mixed(one: Any, other: Any, column: np.ndarray, name: str) -> ValueError:
    values = column.tolist()
    rows = sorted((values.index(label), label) for label in (one, other))
    first, second = (f"{quoted(v)} ({type(v).__name__}) in row {row}" for row, v in rows)
    return ValueError(
        f"{name} must hold labels of one kind. Got {first} beside {second}. Make them one kind, "
        "for example text by astype(str)."
    )


def _not_hashable(column: np.ndarray, name: str) -> ValueError:
    for row, label in enumerate(column.tolist()):
        try:
            hash(label)
        except TypeError:
            return ValueError(
                f"{name} must hold labels that can be told apart. Got {quoted(label)} of type "
                f"{type(label).__name__} in row {row}. Several labels for a row are a matrix of 0 "
                "and 1, as scikit-learn's MultiLabelBinarizer makes it."
            )
    raise AssertionError("all labels can be told apart")
