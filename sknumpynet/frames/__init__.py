"""Step 1 of 9: any frame -> one table of numbers. What a column holds, whatever the library."""

from .reader import AsItIs, FrameReader
from .sources import names_of, refuse_lazy

__all__ = ["AsItIs", "FrameReader", "names_of", "refuse_lazy"]
