"""A fit in a file, to go on where it was: what is written, how, and whose it is.

Beside the steps: it knows numbers, text and files, and nothing of networks.
"""

from .digest import digest
from .facts import Facts, of_option, of_table
from .file import CheckpointError
from .keeper import Keeper, SavedFit, Saving

__all__ = [
    "CheckpointError",
    "Facts",
    "Keeper",
    "SavedFit",
    "Saving",
    "digest",
    "of_option",
    "of_table",
]
