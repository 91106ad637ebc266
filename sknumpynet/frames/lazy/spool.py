"""Columns of batches in a file, so that a lazy frame is run once and read as often as need be.

In: eager frames of polars or pyarrow, batch by batch. Out: a column of all batches, or all columns
of one. Each column of each batch is a piece of Arrow's stream format, which keeps all types as they
are, with its place in the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw

from .files import NamelessFile


class Spool:
    """Frames of the same columns.

    Attributes
    ----------
    row_size : float
        Bytes of a row, as far as it is known.
    """

    def __init__(self) -> None:
        self._file = NamelessFile()
        # Of each batch the place and size of each column.
        self._pieces: list[list[tuple[int, int]]] = []
        self._lengths: list[int] = []
        self._is_polars = False
        self.row_size = 0.0

    @property
    def n_rows(self) -> int:
        return sum(self._lengths)

    def append(self, batch: Any) -> None:
        """A narwhals frame."""
        self._is_polars = batch.implementation.is_polars()
        columns, pieces = [_encoded(batch.select(name)) for name in batch.columns], []
        size = self._file.size + sum(map(len, columns))
        self.row_size = size / (self.n_rows + len(batch))
        for data in columns:
            pieces.append((self._file.size, len(data)))
            self._file.write(data)
        self._pieces.append(pieces)
        self._lengths.append(len(batch))

    def column(self, j: int) -> Any:
        """All rows of column j, as a narwhals frame of one column."""
        return nw.concat([self._piece(pieces[j]) for pieces in self._pieces])

    def batches(self) -> Iterator[tuple[int, Any]]:
        """The number of the first row, and all columns of a batch."""
        start = 0
        for pieces, length in zip(self._pieces, self._lengths, strict=True):
            yield start, nw.concat([self._piece(piece) for piece in pieces], how="horizontal")
            start += length

    def close(self) -> None:
        self._file.close()

    def _piece(self, place: tuple[int, int]) -> Any:
        return nw.from_native(_decoded(self._file.read(*place), self._is_polars), eager_only=True)


def _encoded(frame: Any) -> Any:
    """A frame as bytes. Names, small integers and dates take a fraction of their size."""
    native, out = nw.to_native(frame), io.BytesIO()
    if frame.implementation.is_polars():
        native.write_ipc_stream(out, compression="lz4")
        return out.getbuffer()
    import pyarrow as pa

    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(out, native.schema, options=options) as stream:
        stream.write_table(native)
    return out.getbuffer()


def _decoded(data: bytes, is_polars: bool) -> Any:
    if is_polars:
        import polars as pl

        return pl.read_ipc_stream(io.BytesIO(data))
    import pyarrow as pa

    with pa.ipc.open_stream(data) as stream:
        return stream.read_all()
