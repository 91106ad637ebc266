"""Large products are cut by their shapes alone, and the pieces are all of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sknumpynet.network import WORTH_SHARING, Products, Whole, pieces, whole
from sknumpynet.network.products import MOST_PIECES, cuts

#: (rows, terms, columns, pieces)
SHAPES = [
    (10, 20, 30, 1),
    (200, 256, 256, 2),
    (256, 200, 256, 2),
    (1600, 128, 128, 2),
    (200, 1024, 1024, 8),
    (37, 999, 1001, 2),
    (1, 5000, 3000, 2),
    (20000, 600, 7, 2),
    (3, 4_000_000, 2, 1),
    (8000, 400, 800, MOST_PIECES),
]


@pytest.mark.parametrize(("n_rows", "n_terms", "n_columns", "n"), SHAPES)
def test_pieces_cover_the_longer_side_once(n_rows, n_terms, n_columns, n):
    found = cuts(n_rows, n_terms, n_columns)
    if n == 1:
        assert found is None
        return
    by_rows, parts = found
    assert len(parts) == n
    covered = np.concatenate([np.arange(part.start, part.stop) for part in parts])
    size = n_rows if by_rows else n_columns
    assert size == max(n_rows, n_columns)
    assert list(covered) == list(range(size))


@pytest.mark.parametrize("products", [Products(), Whole()])
@pytest.mark.parametrize("shape", [(5, 4, 3), (260, 256, 300), (700, 200, 100), (40, 900, 301)])
def test_products(products, shape):
    n_rows, n_terms, n_columns = shape
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((n_rows, n_terms)), rng.standard_normal((n_terms, n_columns))
    wide = np.full((n_rows, n_columns + 3), np.nan)
    out, backward = np.empty((2, n_rows, n_columns))
    products.dot(x, W, out)
    products.dots((x, W, wide[:, :n_columns]), (np.asfortranarray(x), W.T.copy().T, backward))
    for found in (out, wide[:, :n_columns], backward):
        assert_allclose(found, x @ W, rtol=0, atol=1e-11)
    assert np.isnan(wide[:, n_columns:]).all()


def test_no_piece_without_need():
    """A product that is not worth sharing is a single call."""
    n = int((WORTH_SHARING) ** (1 / 3))
    x, W, out = np.ones((3, n, n))
    assert [piece[0] for piece in pieces(x, W, out)] == [whole]
