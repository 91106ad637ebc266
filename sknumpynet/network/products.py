"""Matrix products, the large ones in pieces that several threads may share.

In: products ``out = x W``, independent of each other. Out: the same, done. The cuts follow from the
shapes alone, and each piece is a single call of the BLAS, so that the result has the same bits
however many threads there are and whichever of them does what. Who is alone makes the product in
one call where that has been tried to give these bits, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from .trials import Product, agree

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

#: np.dot fills its result with zeros first, np.matmul needs 0.5 us more to begin: from so many
#: numbers on it is faster. 200 x 100: 4.5 us for 5.4; 256 x 256 by 50 terms: 39 us for 54.
ZEROED = 2**13

#: Rows, terms and columns of a product that is none of vectors.
FEWEST_TERMS = 2


class Products:
    """How a caller makes its products: alone, one piece after the other.

    ``begin`` and ``end`` stand around the products that belong together, a step of the training.
    """

    def begin(self) -> None:
        """A step begins."""

    def end(self, n_rows: int) -> None:
        """It ends; it had so many rows."""

    def excuse(self, seconds: float) -> None:
        """So much of the step was not spent on it."""

    def dot(self, x: np.ndarray, W: np.ndarray, out: np.ndarray) -> np.ndarray:
        """``out = x W``."""
        self.dots((x, W, out))
        return out

    def dots(self, *products: Product) -> None:
        """``out = x W`` for each, in any order."""
        self.run([piece for product in products for piece in self._alone(product)])

    def _alone(self, product: Product) -> list[Piece]:
        """One call, if it has the bits of the pieces: a whole fit takes 0.81 to 0.99 of the time.

        See DECISIONS: pieces of a product.
        """
        x, W, _ = product
        cut = cuts(x.shape[0], x.shape[1], W.shape[1]) is not None
        if cut and not agree(product, whole, _in_pieces, self.excuse):
            return pieces(*product)
        return [(whole, *product)]

    def run(self, found: Sequence[Piece]) -> None:
        """Do all of them; a piece writes where no other does."""
        for function, x, W, out in found:
            function(x, W, out)


class Whole(Products):
    """The same for products too small to be cut, which need no looking at.

    Parameters
    ----------
    n_operations : float
        Of the largest of them.
    """

    def __init__(self, n_operations: float = 0.0) -> None:
        # Half a microsecond, a tenth of a tiny step.
        large = n_operations >= 2 * ZEROED * FEWEST_TERMS
        self.dot = whole if large else np.dot  # type: ignore[method-assign, assignment]

    def dots(self, *products: Product) -> None:
        for x, W, out in products:
            whole(x, W, out)


def whole(x: np.ndarray, W: np.ndarray, out: np.ndarray) -> Any:
    """``out = x W``, by the function of NumPy that is faster; both give the same bits."""
    if out.flags.c_contiguous and (out.size < ZEROED or not _of_matrices(x, W)):
        return np.dot(x, W, out)
    return np.matmul(x, W, out)


def _of_matrices(x: np.ndarray, W: np.ndarray) -> bool:
    """Whether np.matmul calls the BLAS's product of matrices, without copies.

    Of vectors it makes loops of its own: 256 x 1 by 1 x 100 takes 40 us, by np.dot 8.
    """
    in_rows = x.itemsize in x.strides and W.itemsize in W.strides
    return in_rows and min(*x.shape, W.shape[1]) >= FEWEST_TERMS


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


def _in_pieces(x: np.ndarray, W: np.ndarray, out: np.ndarray) -> None:
    for function, *arrays in pieces(x, W, out):
        function(*arrays)
