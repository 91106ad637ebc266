"""Hashes of rows: the same for the same content, wherever and however it is stored."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from sknumpynet.rows import row_hashes, rows

# Few enough that equal values come up; float32 holds them too.
VALUES = st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 2.0**99, np.inf, -np.inf, np.nan])
TABLES = st_np.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=VALUES)
MASK = 2**64 - 1


def hashes_of(X):
    return row_hashes(X, np.arange(X.shape[0], dtype=np.int32))


def mixed(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def by_hand(row):
    """The formula in Python's integers."""
    total = 0
    for j, value in enumerate(row, 1):
        value = np.nan if value != value else float(value) + 0.0
        bits = int.from_bytes(np.array(value, dtype=">f8").tobytes(), "big")
        bits = ((bits ^ (bits >> 32)) * 0xBF58476D1CE4E5B9) & MASK
        total += (mixed((j * 0x9E3779B97F4A7C15) & MASK) | 1) * (bits ^ (bits >> 32))
    return mixed((total + 0x9E3779B97F4A7C15) & MASK)


@settings(max_examples=100, deadline=None)
@given(TABLES)
def test_the_hash_is_the_formula_s(X):
    assert hashes_of(X).tolist() == [by_hand(row) for row in X]


def test_the_hash_is_the_same_in_every_version():
    """Rows held out by their hash stay held out."""
    X = np.array([[0, 0, 0], [1, 2, 3], [-0.5, np.nan, 1e300]])
    assert hashes_of(X).tolist() == [
        16294208416658607535,
        12597170734430490220,
        15287381454153890029,
    ]


def test_the_hash_is_the_same_in_another_process():
    code = (
        "import numpy as np; from sknumpynet.rows import row_hashes; "
        "print(*row_hashes(np.arange(12.0).reshape(4, 3), np.arange(4)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [int(h) for h in out.stdout.split()] == hashes_of(np.arange(12.0).reshape(4, 3)).tolist()


def stored_in_many_ways(X):
    kept = np.signbit(X) | (X != 0)
    i, j = np.nonzero(kept)
    yield X.astype(np.float32)
    yield X.astype(">f8")
    yield np.asfortranarray(X)
    yield np.repeat(X, 2, axis=1)[:, ::2]
    yield np.where(X == 0, -0.0, X)
    yield np.column_stack([X, np.zeros((len(X), 2))])
    yield sp.csr_matrix(X)
    # With stored zeros.
    yield sp.csr_matrix((X[i, j].astype(np.float32), (i, j)), shape=X.shape)


@settings(max_examples=100, deadline=None)
@given(TABLES)
def test_storage_and_dtype_change_nothing(X):
    expected = hashes_of(X)
    for stored in stored_in_many_ways(X):
        np.testing.assert_array_equal(hashes_of(stored), expected)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int32, np.int64, np.uint8, np.float16])
def test_whole_numbers_are_hashed_by_value(dtype):
    X = np.random.default_rng(0).integers(0, 2, size=(20, 5)).astype(dtype)
    np.testing.assert_array_equal(hashes_of(X), hashes_of(X.astype(float)))


def test_every_missing_value_is_one():
    payloads = [0x7FF8000000000000, 0xFFF8000000000000, 0x7FF8000000000001, 0x7FFFFFFFFFFFFFFF]
    X = np.array(payloads, dtype=np.uint64).view(np.float64)[:, None]
    assert len(set(hashes_of(X).tolist())) == 1


@pytest.mark.parametrize("sparse", [False, True])
def test_blocks_and_the_order_of_the_rows_change_nothing(monkeypatch, sparse, tmp_path):
    X = np.round(np.random.default_rng(0).standard_normal((300, 7)))
    expected = hashes_of(X)
    file = np.memmap(tmp_path / "X", dtype=np.float64, mode="w+", shape=X.shape)
    file[:] = X
    stored = sp.csr_matrix(X) if sparse else file
    order = np.random.default_rng(1).permutation(300)
    monkeypatch.setattr(rows, "MOST_ROWS", 17)
    np.testing.assert_array_equal(row_hashes(stored, order), expected[order])
    np.testing.assert_array_equal(row_hashes(stored, order[:0]), expected[:0])


def test_an_empty_table_has_hashes():
    assert hashes_of(np.zeros((3, 0))).tolist() == hashes_of(sp.csr_matrix((3, 4))).tolist()


@pytest.mark.parametrize(
    "X",
    [
        np.array(list(itertools.product([0, 1], repeat=16))),
        np.array(list(itertools.product([-1.0, 1.0], repeat=16))),
        np.array(list(itertools.product(range(16), repeat=4))),
        np.array(list(itertools.product([0, 0.1, 0.2, -0.1], repeat=8))),
        np.arange(100_000.0)[:, None],
        np.eye(2000),
        np.random.default_rng(0).standard_normal((50_000, 1)).astype(np.float32),
    ],
    ids=["bits", "signs", "digits", "decimals", "numbers", "places", "float32"],
)
def test_rows_that_differ_have_different_hashes(X):
    found = hashes_of(X)
    assert len(np.unique(found)) == len(np.unique(X, axis=0))
    # And each bit is 1 in half of them, so any part of the bits will do.
    ones = ((found[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).mean(axis=0)
    assert abs(ones - 0.5).max() < 6 * 0.5 / np.sqrt(len(X))
