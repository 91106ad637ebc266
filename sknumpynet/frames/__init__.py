"""Step 1 of 9: any frame -> one table of numbers. What a column holds, whatever the library."""

from .arrays import as_array
from .dicts import in_order, is_dict, rows_of
from .lazy import LazyRows, OpenFiles, StoredRows, in_memory, lazily, store
from .of_ranks import ReaderOfRank
from .reader import AsItIs, FrameReader
from .sources import as_frame, names_of
from .table_columns import TableColumn, TableColumns
from .take import with_all_columns, with_rows_to_take

__all__ = [
    "AsItIs",
    "FrameReader",
    "LazyRows",
    "OpenFiles",
    "ReaderOfRank",
    "StoredRows",
    "TableColumn",
    "TableColumns",
    "as_array",
    "as_frame",
    "in_memory",
    "in_order",
    "is_dict",
    "lazily",
    "names_of",
    "rows_of",
    "store",
    "with_all_columns",
    "with_rows_to_take",
]
