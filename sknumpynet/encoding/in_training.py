"""What sets rows that are trained on apart from all others: a kind of column may encode them so.

In: rows as ``encode`` leaves them, and which of the training rows they are. Out: the same rows,
changed in place. What is changed belongs to one fit, is made anew by a fit that goes on, and is not
kept with a model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Change:
    """What becomes of encoded columns in rows that are trained on.

    Statistics of targets leave out the row's own; inputs get noise, or are masked.

    Attributes
    ----------
    drawn : bool
        Whether it is another one each time that a row comes. L-BFGS compares losses of the same
        rows and cannot have such.
    """

    drawn = False

    def __call__(self, encoded: np.ndarray, where: slice | np.ndarray) -> None:
        """Change the encoded rows in place; ``where`` they stand among the training rows."""
        raise NotImplementedError


class Changes(Change):
    """Several, each of its own columns."""

    def __init__(self, parts: Sequence[tuple[slice, Change]]) -> None:
        self._parts = parts
        self.drawn = any(change.drawn for _, change in parts)

    def __call__(self, encoded: np.ndarray, where: slice | np.ndarray) -> None:
        for columns, change in self._parts:
            change(encoded[:, columns], where)
