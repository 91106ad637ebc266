"""Order of rows by their values: that of NumPy's lexsort, however the table is stored."""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from sknumpynet.rows import DistinctRows, codes, runs, tables, usable_rows
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


@st.composite
def few_distinct_rows(draw):
    """Rows of which most are there several times; some differ in the last columns alone."""
    start = np.array(draw(st.lists(VALUES, min_size=6, max_size=6)))
    kinds = draw(st_np.arrays(np.float64, (4, 12), elements=VALUES))
    kinds[:, :6] = np.where(draw(st.booleans()), start, kinds[:, :6])
    return kinds[draw(st.lists(st.integers(0, 3), min_size=1, max_size=30))]


@settings(max_examples=100, deadline=None)
@given(few_distinct_rows(), st.data())
def test_equal_rows(X, data):
    agree(X, data.draw(st_np.arrays(np.float64, (len(X), 1), elements=st.sampled_from([0.0, 1.0]))))


#: What decides how much is read, sorted and compared at once.
AT_ONCE = {
    "a column at a time": {(tables, "ROW_BYTES"): 1, (tables, "BLOCK_SIZE"): 3},
    "codes of few rows": {(codes, "SAMPLE"): 7},
    "few levels": {(codes, "SAMPLE"): 7, (codes, "MOST_LEVELS"): 2, (codes, "WIDEST"): 1},
    "no codes": {(codes, "WIDEST"): 0},
    "short keys": {(runs, "KEY_BITS"): 9},
    "equal rows at once": {(runs, "COLUMNS"): 0},
    "equal rows late": {(runs, "COLUMNS"): 68, (runs, "SILENT"): 99, (runs, "SORTED"): 99},
    "equal rows never": {(runs, "COLUMNS"): 999, (runs, "SILENT"): 999, (runs, "SORTED"): 999},
}


@pytest.mark.parametrize("hashes", ["good", "two", "one"])
@pytest.mark.parametrize("limits", AT_ONCE.values(), ids=AT_ONCE)
def test_neither_limits_nor_hashes_decide_the_order(monkeypatch, limits, hashes):
    """Rows of one hash that differ are no equal rows."""
    for (module, name), value in limits.items():
        monkeypatch.setattr(module, name, value)
    good = tables.row_hashes
    few = {"good": 2**64 - 1, "two": 1, "one": 0}[hashes]
    monkeypatch.setattr(tables, "row_hashes", lambda X, index: good(X, index) & np.uint64(few))
    rng = np.random.default_rng(0)
    X = rng.integers(-1, 2, size=(120, 70)) * (rng.random((120, 70)) < 0.1)
    X[:, 40:50] = 2.0
    X = np.concatenate([X, X[::3], np.zeros((5, 70))]).astype(float)
    X[::7, 3] = np.nan
    agree(X, rng.integers(0, 2, size=(len(X), 1)))
    # Where all columns that come first are equal.
    late = np.c_[np.ones((90, 20)), rng.integers(0, 3, size=(90, 3)) / 3]
    agree(late, np.c_[np.zeros((90, 12)), rng.integers(0, 2, size=90)])


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


@pytest.mark.slow
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
def test_sorts_are_few_however_many_columns_tell_the_rows_apart(monkeypatch, kind, sparse):
    rng, n, n_columns = np.random.default_rng(0), 5000, 400
    X = {
        # Each column tells a few rows from the rest.
        "stairs": lambda: np.arange(n_columns) < rng.integers(0, n_columns, n)[:, None],
        "digits": lambda: (
            rng.integers(1, 256, (n, n_columns)) * (rng.random((n, n_columns)) < 0.01)
        ),
        "equal": lambda: np.ones((n, n_columns)),
    }[kind]()
    sizes = []
    sort = runs.by_number

    def counted(numbers, *others):
        sizes.append(len(numbers))
        return sort(numbers, *others)

    monkeypatch.setattr(runs, "by_number", counted)
    X = X.astype(float)
    ordered([sp.csr_matrix(X) if sparse else X], np.arange(n))
    # By a column at a time, it would be up to 400.
    assert 1 <= len(sizes) <= 60
    assert sum(sizes) <= 15 * n


KINDS = {
    "bits": lambda rng, n: rng.integers(0, 2, (n, 100)).astype(np.float32),
    "continuous": lambda rng, n: rng.standard_normal((n, 50)),
    "few levels": lambda rng, n: np.round(rng.standard_normal((n, 50)), 1),
    "each row twice": lambda rng, n: np.repeat(rng.standard_normal((n // 2, 50)), 2, axis=0),
    "equal": lambda rng, n: np.ones((n, 50)),
    "sparse": lambda rng, n: sp.random(n, 500, 0.02, random_state=0, format="csr"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_a_hundred_bytes_a_row(kind):
    """Of a table of 400: no copy of it."""
    rng, n = np.random.default_rng(0), 20_000
    X, y, rows = KINDS[kind](rng, n), rng.integers(0, 2, n), usable_rows(n, None)
    tracemalloc.start()
    try:
        DistinctRows(X, y, rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Blocks of 1 MB beside it.
    assert peak < 100 * n + 4e6
