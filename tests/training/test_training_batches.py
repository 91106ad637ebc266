"""Batches: every row once an epoch, in a new order, in one small buffer."""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp

from sknumpynet.encoding import TableEncoder
from sknumpynet.network import SparseRows
from sknumpynet.rows import usable_rows
from sknumpynet.training import Batches
from sknumpynet.training.batches import STRIDED

N_ROWS = 25
FLOAT = np.dtype("float64")
# Row i holds i and 100 + i, its target is 1000 + i and its weight 2000 + i.
X = np.column_stack([np.arange(N_ROWS), np.arange(N_ROWS) + 100]).astype(float)
Y, WEIGHT = 1000 + np.arange(N_ROWS), 2000.0 + np.arange(N_ROWS)


def make(table=X, batch_size=10, *, dtype=FLOAT, scaling=None, **options):
    encoder = TableEncoder(scaling).fit(table, usable_rows(table.shape[0], None))
    return Batches(table, encoder, dtype, batch_size, **options)


def dense(x):
    if isinstance(x, SparseRows):
        return x.matrix.toarray() + (0 if x.shift is None else x.shift)
    return x


def epoch(batches):
    """The batches of one epoch, each copied before the next overwrites it."""
    return [dense(batch.x).copy() for batch in batches]


def order(batches):
    return np.concatenate(epoch(batches))[:, 0].astype(int)


def rng(seed=0):
    return np.random.default_rng(seed)


def csr(table):
    return sp.csr_matrix(table)


def fortran(table):
    return np.asfortranarray(table)


@pytest.mark.parametrize("make_table", [np.asarray, fortran, csr])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(
    ("batch_size", "sizes"),
    [(10, [10, 10, 5]), (1, [1] * 25), (24, [24, 1]), (25, [25]), (1000, [25]), (0, [1] * 25)],
)
def test_every_row_comes_once_an_epoch(make_table, shuffle, batch_size, sizes):
    batches = make(make_table(X), batch_size, shuffle=rng() if shuffle else None)
    for _ in range(3):
        blocks = epoch(batches)
        assert [len(block) for block in blocks] == sizes
        rows = np.concatenate(blocks)
        np.testing.assert_array_equal(rows[np.argsort(rows[:, 0])], X)
    assert batches.n_rows == N_ROWS


@pytest.mark.parametrize("make_table", [np.asarray, fortran, csr])
def test_an_epoch_may_show_some_of_the_rows_others_each_time(make_table):
    index = np.arange(1, 25)
    batches = make(make_table(X), 4, index=index, y=Y, shuffle=rng(), most_shown=10)
    assert (batches.n_rows, batches.n_batches) == (10, 3)
    seen = []
    for _ in range(20):
        assert [len(rows) for rows in epoch(batches)] == [4, 4, 2]
        rows = np.concatenate([batch.y for batch in batches]) - 1000
        assert len({*rows}) == 10
        seen.append(tuple(rows))
    assert len({*seen}) == 20
    assert set().union(*seen) == {*index}
    assert len(order(make(X, 4, most_shown=10))) == 25
    assert len(order(make(X, 40, shuffle=rng(), most_shown=10))) == 10


def test_the_order_is_new_in_every_epoch_and_the_seeds():
    first, second = make(shuffle=rng()), make(shuffle=rng())
    orders = [order(first) for _ in range(3)]
    assert len({tuple(o) for o in orders}) == 3
    for expected in orders:
        np.testing.assert_array_equal(order(second), expected)
    assert tuple(order(make(shuffle=rng(1)))) != tuple(orders[0])


def test_the_generator_goes_on_where_it_was():
    """Two objects with one generator, as in two calls of partial_fit."""
    generator = rng()
    assert tuple(order(make(shuffle=generator))) != tuple(order(make(shuffle=generator)))


def test_without_shuffle_the_order_is_that_of_the_index():
    np.testing.assert_array_equal(order(make()), np.arange(N_ROWS))
    index = np.array([7, 3, 3, 20])
    np.testing.assert_array_equal(order(make(batch_size=3, index=index)), index)


def test_a_single_batch_is_not_shuffled():
    np.testing.assert_array_equal(order(make(batch_size=N_ROWS, shuffle=rng())), np.arange(N_ROWS))


@pytest.mark.parametrize("make_table", [np.asarray, csr])
@pytest.mark.parametrize("index", [None, np.array([20, 4, 9, 1, 17, 5, 6])])
@pytest.mark.parametrize("batch_size", [3, 100])
def test_targets_and_weights_go_with_their_rows(make_table, index, batch_size):
    weight = WEIGHT if index is None else WEIGHT[index]
    batches = make(
        make_table(X), batch_size, index=index, y=Y, weight=weight, shuffle=rng(), dtype=FLOAT
    )
    for _ in range(2):
        for batch in batches:
            row = dense(batch.x)[:, 0]
            np.testing.assert_array_equal(batch.y, 1000 + row)
            np.testing.assert_array_equal(batch.weight, 2000 + row)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("make_table", [np.asarray, csr])
def test_rows_and_weights_come_in_the_dtype_of_the_network(dtype, make_table):
    batches = make(make_table(X), 10, dtype=np.dtype(dtype), weight=WEIGHT, scaling="standard")
    for batch in batches:
        parts = [batch.x.matrix, batch.x.shift] if isinstance(batch.x, SparseRows) else [batch.x]
        assert {part.dtype for part in [*parts, batch.weight]} == {np.dtype(dtype)}


@pytest.mark.parametrize("make_table", [np.asarray, csr])
def test_rows_are_encoded(make_table):
    blocks = np.concatenate(epoch(make(make_table(X), 7, scaling="standard")))
    np.testing.assert_allclose(blocks, (X - X.mean(axis=0)) / X.std(axis=0), atol=1e-12)


class CountingEncoder(TableEncoder):
    """Counts how often a block is encoded."""

    def __init__(self):
        super().__init__("standard")
        self.n_blocks = 0

    def encode(self, block, out):
        self.n_blocks += 1
        return super().encode(block, out)

    def encode_sparse(self, block, dtype):
        self.n_blocks += 1
        return super().encode_sparse(block, dtype)


@pytest.mark.parametrize("make_table", [np.asarray, csr])
@pytest.mark.parametrize(("batch_size", "every_epoch"), [(25, False), (10, True)])
def test_a_single_batch_is_encoded_once_for_all_epochs(make_table, batch_size, every_epoch):
    encoder = CountingEncoder().fit(X, usable_rows(N_ROWS, None))
    batches = Batches(make_table(X), encoder, FLOAT, batch_size)
    list(batches)
    first = encoder.n_blocks
    for _ in range(3):
        list(batches)
    assert encoder.n_blocks == first * (4 if every_epoch else 1)


TABLES = {"array": np.asarray, "fortran": fortran, "csr": csr}


@pytest.mark.parametrize("scaling", [None, "standard"])
@pytest.mark.parametrize("table", sorted(TABLES))
@pytest.mark.parametrize("index", [None, np.arange(N_ROWS), np.array([20, 4, 9, 1, 17, 5, 6])])
@pytest.mark.parametrize("shuffle", [False, True])
def test_encoded_rows_that_are_kept_give_the_same_batches(scaling, table, index, shuffle):
    options = {
        "scaling": scaling,
        "index": index,
        "y": Y,
        "weight": None if index is None else WEIGHT[index],
    }

    def epochs(cache):
        batches = make(
            TABLES[table](X), 3, shuffle=rng() if shuffle else None, cache=cache, **options
        )
        return [(dense(b.x).copy(), b.y.copy(), b.weight) for _ in range(3) for b in batches]

    for kept, anew in zip(epochs(10**6), epochs(0), strict=True):
        for a, b in zip(kept, anew, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("make_table", "room"),
    [(np.asarray, 25 * 2 * 8), (fortran, 25 * 2 * 8 // STRIDED), (csr, 49 * (8 + 4))],
)
@pytest.mark.parametrize("fits", [True, False])
def test_rows_are_kept_where_there_is_room_for_all(make_table, room, fits):
    encoder = CountingEncoder().fit(X, usable_rows(N_ROWS, None))
    table = make_table(X)
    batches = Batches(table, encoder, FLOAT, 10, cache=room if fits else room - 1)
    list(batches)
    first = encoder.n_blocks
    list(batches)
    assert encoder.n_blocks == (first if fits else 2 * first)


def test_small_batches_are_gathered_together_and_large_ones_share_a_buffer():
    # 40 columns: a chunk of 2^15 numbers is 819 rows.
    table = np.random.default_rng(0).normal(size=(3000, 40))
    small = [b.x for b in make(table, 100, shuffle=rng(), scaling="standard")]
    assert [len(x) for x in small] == [100] * 30
    assert small[0].base is small[1].base
    assert len(small[0].base) == 800
    large = [b.x for b in make(table, 1000, shuffle=rng(), scaling="standard")]
    assert np.shares_memory(large[0], large[1])


def test_rows_that_need_no_encoding_are_not_copied_and_cannot_be_written_to():
    for batch in make(batch_size=10):
        assert np.shares_memory(batch.x, X)
        assert not batch.x.flags.writeable


def test_the_table_is_not_written_to():
    table = X.copy()
    table.flags.writeable = False
    for batch in make(table, 10, shuffle=rng(), scaling="standard"):
        batch.x[:] = np.nan


def test_a_table_in_a_file_is_read_row_by_row(tmp_path):
    table = np.memmap(tmp_path / "X", dtype="float32", mode="w+", shape=X.shape)
    table[:] = X
    batches = make(table, 10, shuffle=rng(), dtype=np.dtype("float32"))
    np.testing.assert_array_equal(np.sort(order(batches)), np.arange(N_ROWS))


def peak_of(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["array", "file", "csr"])
def test_memory_is_one_batch_and_not_the_table(kind, tmp_path):
    shape = (20_000, 100)
    if kind == "csr":
        table = sp.random(*shape, density=0.2, format="csr", dtype="float32", random_state=0)
    elif kind == "array":
        table = np.zeros(shape, dtype="float32")
    else:
        table = np.memmap(tmp_path / "X", dtype="float32", mode="w+", shape=shape)
    encoder = TableEncoder("standard").fit(table[:100], usable_rows(100, None))

    def one_epoch():
        batches = Batches(table, encoder, np.dtype("float32"), 200, shuffle=rng())
        assert sum(len(batch.x) for batch in batches) == shape[0]

    # Of 8 MB (CSR: 3 MB). The order of the rows takes 160 kB, a batch 80 kB.
    assert peak_of(one_epoch) < 800_000


def test_learning_the_scaling_of_a_file_needs_no_copy_of_it(tmp_path):
    table = np.memmap(tmp_path / "X", dtype="float32", mode="w+", shape=(300_000, 20))
    rows = usable_rows(len(table), None)
    # A block of at most 2^20 numbers in float64 is 8 MB at most; here it has 4096 rows.
    assert peak_of(lambda: TableEncoder("standard").fit(table, rows)) < 4_000_000
