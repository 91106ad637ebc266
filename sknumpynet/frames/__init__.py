"""Step 1 of 9: any frame -> one table of numbers. What a column holds, whatever the library."""

from .arrays import as_array
from .reader import AsItIs, FrameReader
from .sources import as_frame, names_of
from .table_columns import TableColumn, TableColumns
from .take import with_all_columns, with_rows_to_take

__all__ = [
    "AsItIs",
    "FrameReader",
    "TableColumn",
    "TableColumns",
    "as_array",
    "as_frame",
    "names_of",
    "with_all_columns",
    "with_rows_to_take",
]
