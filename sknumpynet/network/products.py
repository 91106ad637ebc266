"""Matrix products, the large ones in pieces that several threads may share.

In: products ``out = x W``, independent of each other. Out: the same, done. The cuts follow from the
shapes alone, and each piece is a single call of the BLAS, so that the result has the same bits
however many threads there are and whichever of them does what.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

#: x, W, out.
Product = tuple[np.ndarray, np.ndarray, np.ndarray]

#: (function, x, W, out), to be called as ``function(x, W, out)``.
Piece = tuple[Callable[..., Any], np.ndarray, np.ndarray, np.ndarray]

#: Floating-point operations of a product for each of two pieces, at least: 0.12 ms, where handing a
#: piece to another thread takes 0.015. See DECISIONS: pieces of a product.
WORTH_SHARING = 1e7

#: The same where there are more pieces: small ones cost a BLAS of one thread 10 to 30 %. See
#: DECISIONS: pieces of a product.
OF_MANY = 5e7

#: Pieces of a product, at most; their rows or columns come in so many, which suits the BLAS.
MOST_PIECES, MULTIPLE = 16, 16


class Products:
    """How a caller makes its products: alone, one piece after the other.

    ``begin`` and ``end`` stand around the products that belong together, a step of the training.
    """

    def begin(self) -> None:
        """A step begins."""

    def end(self, n_rows: int) -> None:
        """It ends; it had so many rows."""

    def dot(self, x: np.ndarray, W: np.ndarray, out: np.ndarray) -> np.ndarray:
        """``out = x W``."""
        self.dots((x, W, out))
        return out

    def dots(self, *products: Product) -> None:
        """``out = x W`` for each, in any order."""
        self.run([piece for product in products for piece in pieces(*product)])

    def run(self, found: Sequence[Piece]) -> None:
        """Do all of them; a piece writes where no other does."""
        for function, x, W, out in found:
            function(x, W, out)


class Whole(Products):
    """The same for products too small to be cut, which need no looking at."""

    def __init__(self) -> None:
        # Half a microsecond, a tenth of a tiny step.
        self.dot = np.dot  # type: ignore[method-assign, assignment]

    def dots(self, *products: Product) -> None:
        for x, W, out in products:
            whole(x, W, out)


def whole(x: np.ndarray, W: np.ndarray, out: np.ndarray) -> None:
    """``out = x W``. np.matmul takes half a microsecond more, but any ``out``."""
    (np.dot if out.flags.c_contiguous else np.matmul)(x, W, out)


@lru_cache(maxsize=1024)
def cuts(n_rows: int, n_terms: int, n_columns: int) -> tuple[bool, tuple[slice, ...]] | None:
    """Whether rows are cut, or columns, and where; None for a product that stays whole.

    The longer side of the result is cut, so that least has to be read twice; never the sums.
    """
    n_operations = 2.0 * n_rows * n_terms * n_columns
    if n_operations < 2 * WORTH_SHARING:
        return None
    n = min(MOST_PIECES, max(2, int(n_operations / OF_MANY)))
    # A power of two, because two threads that share three pieces need as long as for four.
    n = 1 << (n.bit_length() - 1)
    size = max(n_rows, n_columns)
    step = -(-size // (n * MULTIPLE)) * MULTIPLE
    if step >= size:
        return None
    return n_rows > n_columns, tuple(slice(a, min(a + step, size)) for a in range(0, size, step))


def pieces(x: np.ndarray, W: np.ndarray, out: np.ndarray) -> list[Piece]:
    """Those of one product. np.dot would copy some of them, for up to half as long as it takes."""
    cut = cuts(x.shape[0], x.shape[1], W.shape[1])
    if cut is None:
        return [(whole, x, W, out)]
    by_rows, parts = cut
    if by_rows:
        return [(np.matmul, x[part], W, out[part]) for part in parts]
    return [(np.matmul, x, W[:, part], out[:, part]) for part in parts]
