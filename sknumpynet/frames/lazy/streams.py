"""Lazy frames as batches of rows, of each library in its own way.

In: a LazyFrame of polars, a relation of duckdb, a dataset, scanner or reader of pyarrow, or what
gives a stream of Arrow. Out: eager narwhals frames of some rows each, in the order of one run of
the query. Nothing is promised about the order in another run: what belongs together is read in one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from ..no_table import is_lazy

#: Rows of a batch (10 MB of 20 columns of float64).
AT_ONCE = 2**16


class Stream(NamedTuple):
    """A lazy frame.

    Attributes
    ----------
    kind : str
        What messages call it.
    names : list of str
        Of its columns.
    run : callable
        () -> iterator of frames of polars or pyarrow.
    """

    kind: str
    names: list[str]
    run: Callable[[], Iterator[Any]]

    def batches(self) -> Iterator[Any]:
        """Narwhals frames of at most :data:`AT_ONCE` rows, each of at least one.

        Small batches, as those of many small files, are put together: each costs what hundreds of
        rows do.
        """
        few: list[Any] = []
        n = 0
        for batch in self.run():
            frame = nw.from_native(batch, eager_only=True)
            for start in range(0, len(frame), AT_ONCE):
                part = frame[start : start + AT_ONCE] if len(frame) > AT_ONCE else frame
                if n + len(part) > AT_ONCE:
                    yield _together(few)
                    few, n = [], 0
                few.append(part)
                n += len(part)
                if n >= AT_ONCE // 2:
                    yield _together(few)
                    few, n = [], 0
        if few:
            yield _together(few)


def _together(frames: list[Any]) -> Any:
    return frames[0] if len(frames) == 1 else nw.concat(frames)


def stream_of(X: Any) -> Stream | None:
    """X as a stream, if it is a lazy frame of which there is one."""
    # What narwhals would say takes it 50 us, of a row that is predicted in 400.
    libraries = {base.__module__.partition(".")[0] for base in type(X).__mro__}
    if libraries <= _EAGER:
        return None
    if "narwhals" in libraries:
        return stream_of(nw.to_native(X, pass_through=True)) if is_lazy(X) else None
    for library, kind_of in _KINDS.items():
        if library in libraries:
            return kind_of(X)
    if hasattr(X, "__arrow_c_stream__") and not _is_eager(X):
        return _of_arrow_stream(X)
    return None


#: Libraries that have no lazy frames: asked first, as what they have is passed most.
_EAGER = {"builtins", "numpy", "pandas", "scipy"}


def _is_eager(X: Any) -> bool:
    known = nw.from_native(X, allow_series=True, pass_through=True)
    # A batch, an array, a table of pyarrow and its like have all of their values, too.
    return isinstance(known, (nw.DataFrame, nw.Series)) or hasattr(X, "__arrow_c_array__")


def _of_polars(X: Any) -> Stream | None:
    if not nw.dependencies.is_polars_lazyframe(X):
        return None
    if not hasattr(X, "collect_batches"):
        raise TypeError(
            "X is a LazyFrame of polars, which gives its rows batch by batch from polars 1.34 on. "
            f"This is polars {sys.modules['polars'].__version__}: install a newer one, or pass "
            "X.collect()."
        )
    names = X.collect_schema().names()
    return Stream("LazyFrame", names, lambda: iter(X.collect_batches(chunk_size=AT_ONCE)))


def _of_duckdb(X: Any) -> Stream | None:
    if not isinstance(X, sys.modules["duckdb"].DuckDBPyRelation):
        return None

    def run() -> Iterator[Any]:
        # Another relation of the same rows: one that has been read is at its end.
        rows = X.project("*")
        read = getattr(rows, "to_arrow_reader", None) or rows.fetch_record_batch
        yield from _tables(read(AT_ONCE))

    return Stream("DuckDBPyRelation", list(X.columns), run)


def _of_pyarrow(X: Any) -> Stream | None:
    import pyarrow as pa

    if isinstance(X, pa.RecordBatchReader):
        return Stream("RecordBatchReader", X.schema.names, lambda: _tables(X))
    dataset = sys.modules.get("pyarrow.dataset")
    if dataset is None:
        return None
    if isinstance(X, dataset.Scanner):
        names = X.projected_schema.names
        return Stream("Scanner", names, lambda: _tables(X.to_reader()))
    if isinstance(X, dataset.Dataset):
        options = _how_to_scan(X, dataset)
        return Stream("Dataset", X.schema.names, lambda: _tables(X.scanner(**options).to_reader()))
    return None


def _how_to_scan(X: Any, dataset: Any) -> dict[str, Any]:
    """Options of a scanner that holds little at once."""
    options = {"batch_size": AT_ONCE, "batch_readahead": 2, "fragment_readahead": 1}
    if isinstance(getattr(X, "format", None), getattr(dataset, "ParquetFileFormat", ())):
        # Else it keeps what it has read until the end of the file: 1400 MB of one of 1300, not 140.
        plain = dataset.ParquetFragmentScanOptions(pre_buffer=False)
        options["fragment_scan_options"] = plain
    return options


def _of_arrow_stream(X: Any) -> Stream:
    import pyarrow as pa

    def run() -> Iterator[Any]:
        yield from _tables(pa.RecordBatchReader.from_stream(X))

    names = pa.RecordBatchReader.from_stream(X).schema.names
    return Stream(type(X).__name__, names, run)


def _tables(reader: Any) -> Iterator[Any]:
    import pyarrow as pa

    for batch in reader:
        yield pa.Table.from_batches([batch])


_KINDS: dict[str, Callable[[Any], Stream | None]] = {
    "polars": _of_polars,
    "duckdb": _of_duckdb,
    "_duckdb": _of_duckdb,
    "pyarrow": _of_pyarrow,
}
