"""The penalty on the weights, ``factor/2 ||W||^2``, in the loss and in its gradient.

In: a parameter vector, of which the weights come first, and the gradient of a loss. Out: the
penalty, its gradient added. Of tables whose rows are moved when a batch has them, such a row gets
all that the steps since it was last met would have added: the penalty of the sum stays what it is.
"""

from __future__ import annotations

import numpy as np

from ..optimizers import Met
from ..optimizers.vectors import axpy, blocks, dot


class Penalty:
    """``factor/2 ||W||^2`` for ``W = theta[:n_decayed]``.

    Parameters
    ----------
    factor : float
        ``alpha / n_samples``.
    theta, gradient : ndarray
        Vectors that are changed in place from call to call.
    n_decayed : int
    block : int
        Numbers of a vector that the BLAS is given at once.
    """

    def __init__(
        self, factor: float, theta: np.ndarray, gradient: np.ndarray, n_decayed: int, block: int
    ) -> None:
        self.factor = float(factor)
        self._W, self._gradient, self._block = theta[:n_decayed], gradient[:n_decayed], block
        self._all = self._in_blocks(slice(0, n_decayed))
        # Of rows that are met: their squares as they were counted last, and the sum of all.
        self._elsewhere: list[tuple[np.ndarray, np.ndarray, list[np.ndarray]]] = []
        self._counted = theta[:0].copy()
        self._sum = 0.0

    def _in_blocks(self, part: slice) -> list[tuple[np.ndarray, np.ndarray, list[np.ndarray]]]:
        """Weights and their gradient, block by block.

        Their squares are summed in parts of one size, so that the last digits of the loss do not
        depend on ``block``.
        """
        W, gradient = self._W[part], self._gradient[part]
        return [
            (W[where], gradient[where], [W[where][part] for part in blocks(W[where].size)])
            for where in blocks(W.size, self._block)
        ]

    def add(self, met: Met | None = None) -> float:
        """Add ``factor W`` to the gradient; return ``factor/2 ||W||^2``.

        With ``met``, of tables to these entries alone, for each step since they were met. In the
        sum of squares other entries count as they were when they were met, or at the start of the
        epoch.
        """
        if met is None:
            return 0.5 * self.factor * self._add_to(self._all)
        if not met.now:
            self._count_all(met)
        return 0.5 * self.factor * (self._add_to(self._elsewhere) + self._add_to_met(met))

    def _add_to(self, parts: list[tuple[np.ndarray, np.ndarray, list[np.ndarray]]]) -> float:
        dtype = self._W.dtype
        add, product, squares = axpy(dtype), dot(dtype), 0.0
        for W, gradient, pieces in parts:
            add(W, gradient, a=self.factor)
            for piece in pieces:
                squares += product(piece, piece)
        return squares

    def _count_all(self, met: Met) -> None:
        """The squares of all tables."""
        parts = met.within(slice(0, self._W.size)).elsewhere
        self._elsewhere = [block for part in parts for block in self._in_blocks(part)]
        self._counted = np.square(self._W)
        for part in parts:
            self._counted[part] = 0
        self._sum = float(self._counted.sum(dtype=np.float64))

    def _add_to_met(self, met: Met) -> float:
        met = met.within(slice(0, self._W.size))
        W = self._W[met.entries]
        factor = met.spread(self.factor * (met.now + 1 - met.last), W.dtype)
        self._gradient[met.entries] += factor * W
        W *= W
        before = self._counted[met.entries]
        self._sum += float(W.sum(dtype=np.float64) - before.sum(dtype=np.float64))
        self._counted[met.entries] = W
        return self._sum
