"""Rows of a stream that validate it, of all parts so far, and the weights that were best on them.

In: the rows held out of one part after the other. Out: as many of them as a model may keep, the
same ones whatever the order of the parts, and how often they came.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix, is_sparse
from ..rows import Rows
from .share import Share

#: Different rows that are kept to validate on: those of the smallest hashes, so the same of a
#: stream in any order. They are in the files of the model.
MOST_KEPT = 4096


@dataclass(frozen=True)
class HeldOut:
    """Rows of a stream to validate on, and the best weights by them.

    Attributes
    ----------
    X, y, codes, weight : arrays of n rows, or None
        As in a :class:`~.share.Share`; ``weight`` is None if all are 1.
    hashes : ndarray of uint64
        Of the rows with their targets, ascending.
    is_new : bool
        Whether the last part has changed them.
    best : ndarray or None
        Theta after the call ``best_call``, that of the lowest figure, ``best_figure``.
    n_without : int
        Calls in a row without an improvement.
    """

    X: Matrix
    y: Any
    codes: np.ndarray
    weight: np.ndarray | None
    hashes: np.ndarray
    is_new: bool = True
    best: np.ndarray | None = None
    best_call: int = 0
    best_figure: float = math.inf
    n_without: int = 0

    def share(self) -> Share | None:
        """To validate on; None where there are too few."""
        n = len(self.hashes)
        if n < 2:
            return None
        rows = Rows(np.arange(n), self.weight)
        return Share(self.X, self.y, self.codes, rows, n, (None, None), "X")

    def __add__(self, other: HeldOut) -> HeldOut:
        """With the rows of a later part, as far as they are among those of the smallest hashes."""
        hashes = np.concatenate([self.hashes, other.hashes])
        _, first = np.unique(hashes, return_index=True)
        first = first[:MOST_KEPT]
        if len(first) == len(self.hashes) and (first < len(self.hashes)).all():
            return replace(self, is_new=False)
        weight = None
        if self.weight is not None or other.weight is not None:
            weight = np.concatenate([_weights(one) for one in (self, other)])[first]
        stack: Any = sp.vstack if is_sparse(self.X) else np.concatenate
        X = stack([self.X, other.X])
        return replace(
            self,
            X=X.tocsr()[first] if is_sparse(self.X) else X[first],
            y=np.concatenate([self.y, other.y])[first],
            codes=np.concatenate([self.codes, other.codes])[first],
            weight=weight,
            hashes=hashes[first],
            is_new=True,
        )


def _weights(held_out: HeldOut) -> np.ndarray:
    n = len(held_out.hashes)
    return np.ones(n) if held_out.weight is None else held_out.weight
