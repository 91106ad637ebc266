"""Lazy frames: run once, batch by batch, into files that no folder shows."""

from .files import OpenFiles
from .rows import LazyRows, collected, in_memory, lazily
from .stored import StoredColumns, StoredRows, store
from .streams import stream_of

__all__ = [
    "LazyRows",
    "OpenFiles",
    "StoredColumns",
    "StoredRows",
    "collected",
    "in_memory",
    "lazily",
    "store",
    "stream_of",
]
