"""Step 1 of 7: table -> arrays. Rows, columns and targets as numbers for a network."""

from .clusters import RowClusters
from .columns import KINDS
from .distinct import DistinctRows
from .frame import AsItIs, FrameReader
from .part import Embedding
from .rows import Rows, usable_rows, weighted_rows
from .scaling import FEATURE_SCALINGS
from .shift import Shift, find_shift
from .sources import names_of, refuse_lazy
from .table import TableEncoder
from .take import with_rows_to_take
from .targets import ClassTarget, NumberTarget, Target

__all__ = [
    "FEATURE_SCALINGS",
    "KINDS",
    "AsItIs",
    "ClassTarget",
    "DistinctRows",
    "Embedding",
    "FrameReader",
    "NumberTarget",
    "RowClusters",
    "Rows",
    "Shift",
    "TableEncoder",
    "Target",
    "find_shift",
    "names_of",
    "refuse_lazy",
    "usable_rows",
    "weighted_rows",
    "with_rows_to_take",
]
