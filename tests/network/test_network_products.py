"""Large products are cut by their shapes alone, and the pieces are all of them.

Who is alone makes one call of them, where that is found to give the same bits.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sknumpynet.network import WORTH_SHARING, Products, Whole, pieces, whole
from sknumpynet.network import products as module
from sknumpynet.network.products import MOST_PIECES, ZEROED, cuts
from sknumpynet.network.trials import ASKED_BEFORE

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


@pytest.fixture
def calls(monkeypatch):
    """Shapes of the results of the calls that products come to; nothing has been tried yet."""
    made, whole_of_module = [], whole
    monkeypatch.setattr("sknumpynet.network.trials._FOUND", {})

    def counted(x, W, out):
        made.append(out.shape)
        return whole_of_module(x, W, out)

    monkeypatch.setattr(module, "whole", counted)
    return made


def large(dtype="float32"):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((256, 300)).astype(dtype)
    return x, rng.standard_normal((300, 512)).astype(dtype), np.empty((256, 512), dtype)


def test_pieces_of_one_thread_become_one_call_if_tried(calls):
    """After a few products, and the trial's time is told, so that no step is blamed for it."""
    products, told = Products(), []
    products.excuse = told.append
    product = large()
    for n in range(ASKED_BEFORE):
        products.dots(product)
        assert not calls, n
    bits = product[2].tobytes()
    products.dots(product)
    assert len(told) == 1
    assert told[0] > 0
    # By this BLAS both have the same bits or not; either way the result has.
    assert product[2].tobytes() == bits
    calls.clear()
    products.dots(product)
    assert product[2].tobytes() == bits
    assert len(told) == 1
    # Another layout is another question.
    products.dots((np.asfortranarray(product[0]), *product[1:]))
    assert len(told) == 1


def test_one_call_of_other_bits_is_never_made(monkeypatch, calls):
    def differs(x, W, out):
        np.matmul(x, W, out)
        out[-1, -1] = np.nextafter(out[-1, -1], np.float32(np.inf))

    monkeypatch.setattr(module, "whole", differs)
    products, product = Products(), large()
    products.dots(product)
    bits = product[2].tobytes()
    for _ in range(ASKED_BEFORE + 2):
        product[2].fill(np.nan)
        products.dots(product)
        assert product[2].tobytes() == bits


def test_one_call_of_the_same_bits_is_made(monkeypatch, calls):
    """Whatever this BLAS does: here both ways are the same loop over rows."""
    made = []

    def by_rows(x, W, out):
        made.append(out.shape)
        for row, of_row in zip(x, out, strict=True):
            of_row[:] = row[0] * W[0]

    monkeypatch.setattr(module, "whole", by_rows)
    monkeypatch.setattr(module.np, "matmul", by_rows)
    products, product = Products(), large()
    for _ in range(ASKED_BEFORE + 1):
        products.dots(product)
    made.clear()
    products.dots(product)
    assert made == [(256, 512)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "shape", [(200, 10, 100), (100, 200, 90), (300, 1, 40), (1, 30, 9000), (9000, 30, 1)]
)
def test_both_functions_of_numpy_give_the_same_bits(shape, dtype):
    """A large result is made by another function of NumPy than np.dot; see ZEROED."""
    n_rows, n_terms, n_columns = shape
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n_rows, n_terms)).astype(dtype)
    W = rng.standard_normal((n_terms, n_columns)).astype(dtype)
    assert n_rows * n_columns >= ZEROED
    for a, b in [(x, W), (np.asfortranarray(x), W), (x, np.asfortranarray(W))]:
        found, expected = np.empty((2, n_rows, n_columns), dtype)
        whole(a, b, found)
        np.dot(a, b, expected)
        assert np.array_equal(found, expected)


def test_columns_that_lie_apart_go_to_np_dot():
    """Of them np.matmul makes slow loops of its own, with other bits."""
    rng = np.random.default_rng(0)
    x, W, out = rng.standard_normal((3, 200, 400)).astype(np.float32)
    x, W, out = x[:, ::2], W[:, ::2], np.empty((200, 200), np.float32)
    assert np.array_equal(whole(x, W, out), np.dot(x.copy(), W.copy()))
