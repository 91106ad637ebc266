"""The door of several ranks: what a column of X is, is learned of the rows of all.

In: the X of each rank. Out: the same columns everywhere, and each rank's own table. Of text and
categories the ranks tell each other every value, with its rows; of numbers and dates, that they are
such.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ..quoting import quoted
from .columns import column_for
from .families import MIXED, NOTHING, SEVERAL, Values, as_objects
from .reader import FrameReader, tell
from .sources import source_of
from .tables import are_empty, names_for, plain_columns, read_as

#: Most distinct values of a column of text or categories that ranks tell each other.
MOST_DISTINCT = 500_000


class Ranks(Protocol):
    """What is needed of :class:`sknumpynet.training.Collective`."""

    rank: int

    def gather(self, value: Any) -> list[Any]: ...


class ReaderOfRank:
    """Lets a reader learn what the columns of the X of all ranks are.

    Parameters
    ----------
    reader : FrameReader
        Later it reads by itself.
    ranks : Ranks
    """

    def __init__(self, reader: FrameReader, ranks: Ranks) -> None:
        self._reader, self._ranks = reader, ranks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def learn(self, X: Any, estimator: Any = None) -> Any:
        """See :meth:`FrameReader.learn`."""
        reader, gather = self._reader, self._ranks.gather
        reader.columns = None
        source = source_of(X, estimator)
        _refuse_others(gather((source.shape[1], source.names)))
        wanted = reader.wanted(source)
        table: Any = None if any(wanted) else source.whole()
        if all(gather(table is not None)):
            if source.names is not None:
                empty = np.logical_and.reduce(gather(are_empty(table)))
                reader.columns = plain_columns(names_for(source), empty)
            return reader.read(X, estimator)
        reader.columns = self._columns(source, wanted)
        if self._ranks.rank == 0:
            tell(reader.columns)
        return reader.read(X, estimator)

    def _columns(self, source: Any, wanted: Sequence[bool | None]) -> list[Any]:
        names, columns = names_for(source), []
        for j, category in enumerate(wanted):
            label = source.labels[j]
            levels = self._of_all(source.levels(j), label)
            values = self._of_all(source.values(j, category), label)
            assert values is not None
            values = read_as(values, levels, category, names[j], self._reader.parse_text)
            options = self._reader.options
            columns.append(column_for(values, levels, category, names[j], label, options))
        return columns

    def _of_all(self, values: Values | None, label: str) -> Values | None:
        """The values of a column on all ranks; None where one of them has None."""
        told = None if values is None else _told(values, label)
        found: list[Values] = self._ranks.gather(told)
        if any(one is None for one in found):
            return None
        return _merged(found, label)


def _refuse_others(found: Sequence[tuple[int, Any]]) -> None:
    for rank, one in enumerate(found):
        if one != found[0]:
            raise ValueError(
                f"The columns of X are not the same everywhere: {_shown(*found[0])} on rank 0, "
                f"{_shown(*one)} on rank {rank}."
            )


def _shown(n: int, names: Any) -> str:
    return f"{n} columns" if names is None else quoted(list(names))


def _told(values: Values, label: str) -> Values:
    """What other ranks need to know of the values."""
    if values.places is None:
        there = values.data[~np.isnan(values.data)][:1] if values.family != NOTHING else []
        return values._replace(data=np.array(there))
    if len(values.data) > MOST_DISTINCT:
        raise ValueError(
            f"Column {label} of X has {len(values.data)} distinct values on one rank, and at most "
            f"{MOST_DISTINCT} are told to the others. Drop it, or encode what it says."
        )
    return values._replace(places=None, of_all=values.times)


def _merged(found: Sequence[Values], label: str) -> Values:
    """One column of several parts, as if it had a row of each value."""
    there = [one for one in found if one.family != NOTHING]
    if not there:
        return Values(NOTHING, np.full(1, np.nan))
    families = {one.family for one in there}
    if families == {"text", MIXED}:
        families = {MIXED}
    if len(families) > 1 and SEVERAL not in families:
        first, second = sorted(families)[:2]
        raise TypeError(
            f"Column {label} of X holds {first} on one rank and {second} on another. Convert it to "
            "one type."
        )
    family = SEVERAL if SEVERAL in families else families.pop()
    if any(one.of_all is None for one in there):
        return there[0]._replace(family=family)
    times: dict[Any, int] = {}
    for one in there:
        assert one.of_all is not None
        for key, n in zip(one.data.tolist(), one.of_all.tolist(), strict=True):
            times[key] = times.get(key, 0) + n
    precisions = [one.precision for one in there if one.precision is not None]
    return Values(
        family,
        as_objects(list(times)),
        np.arange(len(times)),
        there[0].zone,
        min(precisions, key=lambda p: p.itemsize, default=None),
        of_all=np.array(list(times.values()), dtype=np.int64),
    )
