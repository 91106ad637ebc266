"""Order of rows by their values: that of NumPy's lexsort, however the table is stored."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from sknumpynet.rows import compare, order
from sknumpynet.rows.order import ordered

# float32 holds them too; few enough that equal rows and zeros of both signs come up.
VALUES = st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 1e30, -(2.0**-99), np.inf, -np.inf, np.nan])
TABLES = st_np.arrays(
    np.float64, st.tuples(st.integers(1, 12), st.integers(1, 40)), elements=VALUES
)


def to_csr(X):
    """Stored zeros and all: what is not stored is decided by the sign bit."""
    kept = np.signbit(X) | (X != 0)
    i, j = np.nonzero(kept)
    return sp.csr_matrix((X[i, j], (i, j)), shape=X.shape)


def stored_in_many_ways(X):
    narrow = X.astype(np.float32)
    return [X, narrow, np.asfortranarray(X), to_csr(X), sp.csr_matrix(X), sp.csr_matrix(narrow)]


def by_lexsort(table):
    """The order, and whether a row differs from the one before."""
    by = np.lexsort(table.T[::-1])
    one, next_one = table[by[:-1]], table[by[1:]]
    equal = (one == next_one) | (np.isnan(one) & np.isnan(next_one))
    return by, np.concatenate(([True], ~equal.all(axis=1)))


def agree(X, y=None):
    """Every way to store X gives the order of lexsort."""
    y = np.zeros((len(X), 1)) if y is None else y
    by, new = by_lexsort(np.column_stack([y, X]))
    for stored in stored_in_many_ways(X):
        found, found_new = ordered([y, stored], np.arange(len(X), dtype=np.int32))
        np.testing.assert_array_equal(found, by)
        np.testing.assert_array_equal(found_new, new)


@settings(max_examples=300, deadline=None)
@given(TABLES, st.data())
def test_the_order_is_that_of_y_then_of_the_columns(X, data):
    shape = st.tuples(st.just(len(X)), st.integers(1, 2))
    agree(X, data.draw(st_np.arrays(np.float64, shape, elements=st.sampled_from([0.0, -0.0, 1.0]))))


@pytest.mark.parametrize("width", [1, 3, 16])
@pytest.mark.parametrize("block", [1, 50, 2**17])
@pytest.mark.parametrize(("few", "codes"), [(4096, 8), (0, 1), (0, 8), (0, 65)])
def test_the_order_does_not_depend_on_how_much_is_read_at_once(
    monkeypatch, width, block, few, codes
):
    monkeypatch.setattr(compare, "FIRST_WIDTH", width)
    monkeypatch.setattr(compare, "BLOCK_SIZE", block * width)
    monkeypatch.setattr(compare, "MANY_ROWS", few)
    monkeypatch.setattr(compare, "FEWEST_CODES", codes)
    rng = np.random.default_rng(0)
    X = rng.integers(-1, 2, size=(120, 70)) * (rng.random((120, 70)) < 0.1)
    X[:, 40:50] = 2.0
    agree(np.concatenate([X, X[::3], np.zeros((5, 70))]).astype(float))


@pytest.mark.parametrize("kind", ["0/1", "rare", "constant first", "last", "equal", "continuous"])
def test_long_tables(kind):
    rng, n = np.random.default_rng(0), 20_000
    X = {
        "0/1": lambda: rng.integers(0, 2, size=(n, 30)),
        "rare": lambda: rng.random((n, 60)) < 0.03,
        "constant first": lambda: np.c_[
            np.ones((n, 40)), np.zeros((n, 9)), rng.random((n, 3)) < 0.5
        ],
        "last": lambda: np.c_[np.full((n, 30), -0.4), rng.permutation(n)],
        "equal": lambda: np.ones((n, 50)),
        "continuous": lambda: rng.standard_normal((n, 4)).astype(np.float32),
    }[kind]()
    agree(X.astype(float), rng.integers(0, 3, size=(n, 1)))


@pytest.mark.parametrize("late", [-3.0, 0.25, 2.0, np.nan])
@pytest.mark.parametrize("constant", [False, True])
def test_columns_of_two_values_with_another_one_late(late, constant):
    rng, n = np.random.default_rng(0), 20_000
    X = rng.choice([-0.5, 1.5], size=(n, 90), p=[0.9, 0.1])
    if constant:
        X[:, ::3] = -0.5
    X[-3:, 12] = X[-9:, 40] = X[:, 70] = late
    X[5000:6000] = X[:1000]
    agree(X, rng.integers(0, 3, size=(n, 1)))


def test_some_rows_of_a_table_keep_their_numbers():
    X = np.array([[3.0], [1.0], [2.0], [1.0], [0.0]])
    for stored in stored_in_many_ways(np.column_stack([np.zeros(5), X])):
        found, new = ordered([stored], np.array([0, 1, 2, 3]))
        np.testing.assert_array_equal(found, [1, 3, 2, 0])
        np.testing.assert_array_equal(new, [True, False, True, True])


def test_a_table_is_not_read_where_the_one_before_tells_all_rows_apart():
    found, new = ordered([np.array([[3], [1], [2]]), "not a table"], np.arange(3))
    np.testing.assert_array_equal(found, [1, 2, 0])
    assert new.all()


def test_the_user_s_matrix_keeps_its_stored_zeros():
    X = sp.csr_matrix((np.zeros(4), ([0, 0, 1, 2], [0, 1, 1, 0])), shape=(3, 2))
    assert not ordered([X], np.arange(3))[1][1:].any()
    assert X.nnz == 4


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("kind", ["stairs", "digits", "equal"])
def test_rounds_are_few_however_many_columns_tell_the_rows_apart(monkeypatch, kind, sparse):
    rng, n, n_columns = np.random.default_rng(0), 5000, 400
    X = {
        # Each column tells a few rows from the rest.
        "stairs": lambda: np.arange(n_columns) < rng.integers(0, n_columns, n)[:, None],
        "digits": lambda: (
            rng.integers(1, 256, (n, n_columns)) * (rng.random((n, n_columns)) < 0.01)
        ),
        "equal": lambda: np.ones((n, n_columns)),
    }[kind]()
    rounds = []
    sort = order._sorted

    def counted(run, *others):
        rounds.append(len(run))
        return sort(run, *others)

    monkeypatch.setattr(order, "_sorted", counted)
    X = X.astype(float)
    ordered([sp.csr_matrix(X) if sparse else X], np.arange(n))
    # A column at a time, it would take 400.
    assert 1 <= len(rounds) <= 25
    assert sum(rounds) <= 12 * n
