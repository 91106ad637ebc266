"""A lazy X as rows that come in batches, and the columns of it that are something else.

In: X, and for y and whatever else goes with the rows a name of a column of X, another lazy frame or
anything. Out: batches of X without these columns; and what was named, of the same run of the query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from ...quoting import quoted, quoted_list
from ..dicts import from_rows
from ..no_table import refuse_lazy
from ..sources import FrameSource, Opened
from ..take import with_all_columns
from .files import FullError, OpenFiles, no_room
from .spool import Spool
from .streams import Stream, stream_of


class LazyRows(Opened):
    """X, of which nobody knows how many rows it has before they were read.

    Parameters
    ----------
    stream : Stream
    apart : mapping of str to str, optional
        Names of columns that are no part of X, by what they are.
    name : str
        What the user calls X.

    Attributes
    ----------
    n_rows : int
        Rows that have been read.
    """

    def __init__(
        self, stream: Stream, apart: Mapping[str, str] | None = None, name: str = "X"
    ) -> None:
        self._stream, self._apart, self._name = stream, dict(apart or {}), name
        for role, name in self._apart.items():
            if name not in stream.names:
                raise ValueError(
                    f"{role}={quoted(name)} is no column of {self._name}, which is a lazy frame "
                    f"({stream.kind}). It has: {quoted_list(stream.names)}."
                )
        self.names = [name for name in stream.names if name not in self._apart.values()]
        self._own = self.names
        self._head: Any = None
        self.n_rows = 0
        self._taken: dict[str, Spool] = {}

    def source(self) -> FrameSource:
        return FrameSource(self._head)

    def with_all(self, names: list[str]) -> LazyRows:
        """The same with these columns, zeros where it has none."""
        self.names = names
        return self

    def batches(self) -> Iterator[Any]:
        """Narwhals frames of the columns of X; what is apart is put aside on the way."""
        self.close()
        self._taken = {role: Spool() for role in self._apart}
        self._head, self.n_rows = None, 0
        for batch in self._stream.batches():
            for role, name in self._apart.items():
                self._put_aside(role, batch.select(name))
            self.n_rows += len(batch)
            batch = batch.select(self._own) if self._apart else batch
            if self.names is not self._own:
                batch = nw.from_native(with_all_columns(batch, self.names), eager_only=True)
            self._head = batch if self._head is None else self._head
            yield batch

    def taken(self) -> dict[str, Any]:
        """What was put aside, as series of the library; it is given once."""
        found = {role: _only_column(spool.column(0)) for role, spool in self._taken.items()}
        self.close()
        return found

    def close(self) -> None:
        """Forget what was put aside."""
        for spool in self._taken.values():
            spool.close()
        self._taken = {}

    def _put_aside(self, role: str, column: Any) -> None:
        spool = self._taken[role]
        try:
            spool.append(column)
        except FullError as error:
            needed = spool.row_size * (self.n_rows + len(column))
            raise no_room(error, round(needed), f"{role} of the first rows") from None


def lazily(
    X: Any, passed: Mapping[str, Any] | None = None, name: str = "X"
) -> tuple[Any, dict[str, Any]]:
    """X as :class:`LazyRows`, if it is lazy, rows as columns; and what goes with its rows.

    Of a lazy X that may be the name of a column, which is then left to ``taken``, and missing here.
    Lazy frames are read.
    """
    passed = passed or {}
    stream = None if isinstance(X, Opened) else stream_of(X)
    if stream is None:
        return from_rows(X), {role: collected(value, role) for role, value in passed.items()}
    named = {role: value for role, value in passed.items() if isinstance(value, str)}
    rest = {role: value for role, value in passed.items() if role not in named}
    rows = LazyRows(stream, named, name)
    return rows, {role: collected(value, role) for role, value in rest.items()}


def in_memory(X: Any, passed: Mapping[str, Any], name: str = "X") -> tuple[Any, dict[str, Any]]:
    """X, as an eager frame if it is lazy, and what goes with its rows, see :func:`lazily`."""
    X, known = lazily(X, passed, name)
    if not isinstance(X, LazyRows):
        return X, known
    with OpenFiles() as files:
        files.add(X)
        batches = list(X.batches())
        return nw.to_native(nw.concat(batches, how="vertical")), known | X.taken()


def collected(values: Any, name: str) -> Any:
    """A lazy frame as an eager one, and as a series if it has one column; all else as it is."""
    stream = stream_of(values)
    if stream is None:
        if values is not None:
            refuse_lazy(values, name)
        return values
    spool = Spool()
    try:
        for batch in stream.batches():
            spool.append(batch)
        columns = [spool.column(j) for j in range(len(stream.names))] if spool.n_rows else []
    finally:
        spool.close()
    if len(columns) == 1:
        return _only_column(columns[0])
    if not columns:
        raise ValueError(f"{name} is a lazy frame ({stream.kind}) without any rows.")
    return nw.to_native(nw.concat(columns, how="horizontal"))


def _only_column(frame: Any) -> Any:
    return nw.to_native(frame.get_column(frame.columns[0]))
