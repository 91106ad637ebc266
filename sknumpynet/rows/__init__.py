"""Rows of a table: which are used, with which weights, and which are equal."""

from .clusters import RowClusters
from .distinct import DistinctRows
from .few_values import has_few_values
from .hashes import row_hashes
from .of_ranks import RowsOfRank
from .rows import Rows, row_blocks, usable_rows, weighted_rows

__all__ = [
    "DistinctRows",
    "RowClusters",
    "Rows",
    "RowsOfRank",
    "has_few_values",
    "row_blocks",
    "row_hashes",
    "usable_rows",
    "weighted_rows",
]
