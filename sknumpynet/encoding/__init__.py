"""Step 2 of 9: table -> the network's input. What each kind of column becomes."""

from .group import Embedding
from .in_training import Change
from .kinds import KINDS
from .scaling import FEATURE_SCALINGS
from .shift import Shift, find_shift
from .table import TableEncoder

__all__ = [
    "FEATURE_SCALINGS",
    "KINDS",
    "Change",
    "Embedding",
    "Shift",
    "TableEncoder",
    "find_shift",
]
