"""Columns of X as inputs of a graph, and the table of numbers that these become.

In: what fit has learned of the columns. Out: an input for each that is looked at, and of these the
numbers and codes that a frame becomes, where the values of the inputs are those of the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..frames.columns import CategoryColumn, DateColumn, EmptyColumn, NumberColumn
from ..frames.families import SEVERAL, ZONED
from ..frames.free_text import FreeTextColumn
from ..frames.read_column import ReadColumn
from ..frames.spelled_columns import SpelledDateColumn, SpelledNumberColumn, YesNoColumn
from ..quoting import quoted
from .builder import DOUBLE, ML, TEXT, WHOLE, Graph, Value
from .search import count_up_to
from .table import NoExporterError, exporter, exporter_of

#: For a missing date: NaT of NumPy, read as a whole number.
NO_DATE = np.iinfo(np.int64).min

#: What Python's str.strip takes away, for any kind of regular expressions.
_BLANKS = f"[{''.join(c for c in map(chr, range(0x3001)) if c.isspace())}]*"

#: What the values of an input are.
NUMBERS = "numbers, NaN where missing"
TEXTS = "text, '' where missing"

#: What to do with levels that no input holds.
AS_TEXT = "Make text of them before fit, by astype(str)."


class ColumnInput(NamedTuple):
    """What a column of X is given as: its dtype, and what the values mean."""

    dtype: np.dtype
    what: str


class ColumnGraph:
    """A kind of columns of X as nodes."""

    def given(self, column: Any) -> ColumnInput:
        """The input of a column."""
        raise NotImplementedError

    def numbers(self, column: Any, g: Graph, x: Value) -> Value:
        """From its values (B, 1) to the column of the table (B, 1)."""
        raise NotImplementedError


def column_graph(column: ReadColumn) -> ColumnGraph:
    """Who exports the column."""
    return exporter_of(column, f"Column {quoted(column.name)} of X")


class Table:
    """The columns of the table, each made when it is first asked for.

    Parameters
    ----------
    graph : Graph
    columns : sequence of ReadColumn
    values : dict of Value
        (B, 1) of those columns of X that are looked at, by their numbers.
    """

    def __init__(
        self, graph: Graph, columns: Sequence[ReadColumn], values: dict[int, Value]
    ) -> None:
        self._graph, self._columns, self._values = graph, columns, values
        self._of = sources_of(columns)
        self._known: dict[int, Value] = {}

    def take(self, index: Sequence[int], dtype: np.dtype) -> Value:
        """Some of its columns (B, n)."""
        columns = [self._column(self._of[j]) for j in index]
        return self._graph.concat([self._graph.cast(column, dtype) for column in columns], 1)

    def _column(self, j: int) -> Value:
        if j not in self._known:
            column = self._columns[j]
            exports = column_graph(column)
            self._known[j] = exports.numbers(column, self._graph, self._values[j])
        return self._known[j]


def sources_of(columns: Sequence[ReadColumn]) -> list[int]:
    """The column of X that each column of the table comes from."""
    return [j for j, column in enumerate(columns) for _ in range(column.width)]


class Matrix:
    """The same of one input (B, n_features) that holds numbers alone."""

    def __init__(self, graph: Graph, x: Value, n_features: int) -> None:
        self._graph, self._x, self._n = graph, x, n_features

    def take(self, index: Sequence[int], dtype: np.dtype) -> Value:
        """Some of its columns (B, n)."""
        x = self._graph.cast(self._x, dtype)
        whole = list(index) == list(range(self._n))
        return x if whole else self._graph.take(x, index, 1)


class NumberGraph(ColumnGraph):
    """Numbers, those too that text spells."""

    def given(self, column: Any) -> ColumnInput:
        spelled = isinstance(column, SpelledNumberColumn)
        return ColumnInput(DOUBLE, f"what its text spells: {NUMBERS}" if spelled else NUMBERS)

    def numbers(self, column: Any, g: Graph, x: Value) -> Value:
        return x


class TimeGraph(ColumnGraph):
    """Dates, times of day and durations, those too that text spells."""

    def given(self, column: Any) -> ColumnInput:
        spelled = isinstance(column, SpelledDateColumn)
        family = column.by.family if spelled else column.family
        what = times(family, f" by the clock of {column.zone}" if column.zone else "")
        return ColumnInput(WHOLE, f"what its text spells: {what}" if spelled else what)

    def numbers(self, column: Any, g: Graph, x: Value) -> Value:
        return _with_nan(g, x)


class DurationGraph(NumberGraph):
    """Numbers, of which some are durations."""

    def _of(self, column: Any) -> ColumnGraph:
        return TimeGraph() if column.family == "durations" else NumberGraph()

    def given(self, column: Any) -> ColumnInput:
        return self._of(column).given(column)

    def numbers(self, column: Any, g: Graph, x: Value) -> Value:
        return self._of(column).numbers(column, g, x)


class YesNoGraph(ColumnGraph):
    """Text that says yes or no, as it is written."""

    def given(self, column: Any) -> ColumnInput:
        return ColumnInput(TEXT, TEXTS)

    def numbers(self, column: Any, g: Graph, x: Value) -> Value:
        no, yes = (
            g.cast(g.op("RegexFullMatch", x, dtype=bool, pattern=_pattern(words)), WHOLE)
            for words in (column.by.no, column.by.yes)
        )
        return no + yes * 2


class CategoryGraph(ColumnGraph):
    """Levels of one kind."""

    def given(self, column: Any) -> ColumnInput:
        keys = column.keys
        if not keys or all(isinstance(key, str) for key in keys):
            missing = text_where_missing(column)
            return ColumnInput(TEXT, f"text, {missing!r} where missing" if missing else TEXTS)
        if column.family == SEVERAL:
            raise refused(column, f"it has levels of several kinds. {AS_TEXT}")
        as_floats = [float(key) for key in keys]
        if as_floats != keys or len(set(as_floats)) < len(keys):
            raise refused(column, f"it has integers beyond the digits of float64. {AS_TEXT}")
        if column.family == "numbers":
            return ColumnInput(DOUBLE, NUMBERS)
        return ColumnInput(WHOLE, times(column.family, " in UTC" * (column.family == ZONED)))

    def numbers(self, column: Any, g: Graph, x: Value) -> Value:
        keys = column.keys
        if x.dtype == TEXT:
            return g.op(
                "LabelEncoder",
                x,
                dtype=WHOLE,
                domain=ML,
                keys_strings=keys or [""],
                values_int64s=range(1, len(keys) + 1) if keys else [0],
                default_int64=0,
            )
        digits = [
            d for d in (column._precision, x.dtype, DOUBLE) if d is not None and d.kind == "f"
        ]
        coarser = min(digits, key=lambda d: d.itemsize)
        return _code(g, _with_nan(g, x), np.array(keys, dtype=np.float64), coarser)


class FreeTextGraph(ColumnGraph):
    """What ONNX has no operator for."""

    def given(self, column: Any) -> ColumnInput:
        raise refused(
            column,
            "it is free text, and ONNX has no operator for the sequences of letters that its "
            "vectors are made of. Drop it, set text_components=0, or make numbers of it first.",
        )


exporter(NumberColumn)(DurationGraph())
exporter(EmptyColumn)(NumberGraph())
exporter(SpelledNumberColumn)(NumberGraph())
exporter(DateColumn)(TimeGraph())
exporter(SpelledDateColumn)(TimeGraph())
exporter(YesNoColumn)(YesNoGraph())
exporter(CategoryColumn)(CategoryGraph())
exporter(FreeTextColumn)(FreeTextGraph())


def text_where_missing(column: ReadColumn) -> str:
    """What an input of text holds there: "", or a text that is no level where that is one.

    What is no level has the code of a missing one.
    """
    levels, missing = getattr(column, "levels", ()), ""
    while missing in levels:
        missing = f"{missing}_" if missing else "missing"
    return missing


def times(family: str, clock: str) -> str:
    """What the values of an input of times are."""
    since = {"durations": "", "times of day": " since midnight"}.get(family, " since 1970")
    return f"microseconds{since}{clock}, {NO_DATE} where missing"


def refused(column: ReadColumn, why: str) -> NoExporterError:
    """The error about a column of X."""
    return NoExporterError(f"Column {quoted(column.name)} of X cannot be exported: {why}")


def _with_nan(g: Graph, x: Value) -> Value:
    """Whole numbers as floats, NaN where missing."""
    if x.dtype != WHOLE:
        return g.cast(x, DOUBLE)
    return g.where(g.op("Equal", x, NO_DATE, dtype=bool), np.nan, g.cast(x, DOUBLE))


def _pattern(words: Sequence[str]) -> str:
    """The words, whatever their case, with blanks around them."""
    return f"(?i){_BLANKS}(?:{'|'.join(words)}){_BLANKS}"


def _code(g: Graph, x: Value, keys: np.ndarray, digits: np.dtype) -> Value:
    """1 + the place of x among the levels; 0 if it is none of them.

    Where x or the levels had fewer ``digits`` than float64, fractions are compared with these; of
    two levels that become one it is neither.
    """
    codes = np.arange(1, len(keys) + 1)
    code = _looked_up(g, x, keys, codes)
    if digits == DOUBLE:
        return code
    fractions = np.flatnonzero(keys != np.floor(keys))
    rounded, first, n = np.unique(
        keys[fractions].astype(digits).astype(DOUBLE), return_index=True, return_counts=True
    )
    of_rounded = np.where(n > 1, 0, codes[fractions][first])
    about = _looked_up(g, g.cast(g.cast(x, digits), DOUBLE), rounded, of_rounded)
    is_fraction = g.op("Not", g.op("Equal", g.op("Floor", x), x, dtype=bool))
    unknown = g.op("Equal", code, 0, dtype=bool)
    return code + g.where(g.op("And", unknown, is_fraction), about, 0)


def _looked_up(g: Graph, x: Value, keys: np.ndarray, codes: np.ndarray) -> Value:
    """The code of the key that x is; 0 if it is none."""
    if not len(keys):
        return g.where(g.is_nan(x), g.constant(0, WHOLE), 0)
    order = np.argsort(keys)
    # What is below all of them is at the place of none.
    place = count_up_to(g, x, keys[order][np.newaxis])
    key = g.take(g.constant(np.append(np.nan, keys[order])), place, 0)
    code = g.take(g.constant(np.append(0, codes[order]), WHOLE), place, 0)
    return g.where(g.op("Equal", key, x, dtype=bool), code, 0)
