"""What a checkpoint was written for, and how something else differs from it.

In: the options of an estimator and what it is fitted on. Out: facts in plain text, to be kept in
the file, and sentences about those that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..matrix import Matrix
from ..quoting import quoted
from ..rows import row_hashes
from .digest import digest

#: Numbers and columns of a table up to which each column has a digest of its own, for messages
#: (at most 0.2 s, and 40 kB of the file).
MOST_BY_COLUMN = 10**7, 1000

#: Columns that a message names.
MOST_COLUMNS = 3

#: The facts by their names: texts and numbers, or dicts of these.
Facts = dict[str, Any]


def of_option(value: Any) -> list[str]:
    """How a message shows a value, and its digest."""
    return [quoted(value), digest(value)]


def of_table(X: Matrix, names: Any, meaning: Any, columns: Iterable[tuple[str, Any]]) -> Facts:
    """Of a table: its rows, its columns, its values.

    ``meaning`` is what reads its numbers. ``columns`` are, for each of its columns, what messages
    call it and what reads that one.
    """
    stored = "sparse" if not isinstance(X, np.ndarray) else "dense"
    return {
        "rows": int(X.shape[0]),
        "columns": None if names is None else [str(name) for name in names],
        "width": int(X.shape[1]),
        "kind": f"{stored} {X.dtype}",
        "values": digest([row_hashes(X, np.arange(X.shape[0])), meaning]),
        "by column": _by_column(X, columns),
    }


def _by_column(X: Matrix, columns: Iterable[tuple[str, Any]]) -> dict[str, str] | None:
    """A digest of each column of X, of which the table may have several; None of large tables."""
    numbers, width = MOST_BY_COLUMN
    if not isinstance(X, np.ndarray) or X.size > numbers or X.shape[1] > width:
        return None
    parts: dict[str, list[Any]] = {}
    hashes = row_hashes(X.T, np.arange(X.shape[1])).tolist()
    for (label, meaning), values in zip(columns, hashes, strict=True):
        parts.setdefault(label, [meaning]).append(values)
    return {label: digest(of_column) for label, of_column in parts.items()}


def differences(then: Facts, now: Facts) -> list[str]:
    """What was different then, in short sentences; none if all is the same."""
    if then["estimator"] != now["estimator"]:
        return [f"it was a {then['estimator']} and is a {now['estimator']}"]
    return [
        *_of_options(then["options"], now["options"]),
        *(text for name in now["data"] for text in _of_data(name, then, now)),
    ]


def _of_options(then: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> Iterator[str]:
    for name, (shown, content) in now.items():
        # What another version did not know.
        before, content_before = then.get(name, ("unknown", ""))
        if content != content_before:
            same = "" if shown != before else " with another content"
            yield f"{name} was {before} and is {shown}{same}"


def _of_data(name: str, then: Facts, now: Facts) -> Iterator[str]:
    old, new = then["data"].get(name), now["data"][name]
    if old == new:
        return
    if old is None:
        yield f"{name} was not there"
    elif new is None:
        yield f"{name} is missing"
    elif isinstance(old, str):
        yield f"{name} has other values"
    else:
        yield from _of_table(name, old, new)


def _of_table(name: str, old: Facts, new: Facts) -> Iterator[str]:
    if old["rows"] != new["rows"]:
        yield f"{name} had {old['rows']} rows and has {new['rows']}"
    if old["columns"] != new["columns"] or old["width"] != new["width"]:
        yield _of_columns(name, old, new)
    elif old["kind"] != new["kind"]:
        yield f"{name} was {old['kind']} and is {new['kind']}"
    elif old["rows"] == new["rows"]:
        yield f"{name} has other values{_where(old['by column'] or {}, new['by column'] or {})}"


def _where(old: dict[str, str], new: dict[str, str]) -> str:
    """In which columns, if that is known."""
    others = [label for label in new if old.get(label) != new[label]]
    if not others or len(others) == len(new) > 1:
        return ""
    shown = ", ".join(others[:MOST_COLUMNS])
    more = f" and {len(others) - MOST_COLUMNS} more" if len(others) > MOST_COLUMNS else ""
    return f" in column {shown}{more}"


def _of_columns(name: str, old: Facts, new: Facts) -> str:
    for one, other, how in ((old, new, "had"), (new, old, "has now")):
        missing = [c for c in one["columns"] or () if c not in (other["columns"] or ())]
        if missing and other["columns"] is not None:
            return f"{name} {how} a column {quoted(missing[0])}"
    if old["width"] != new["width"]:
        return f"{name} had {old['width']} columns and has {new['width']}"
    return f"the columns of {name} have another order or other names"
