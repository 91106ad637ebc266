"""As many BLAS threads as products are worth, one for vectors, afterwards what there was before."""

import threading

import pytest
from threadpoolctl import ThreadpoolController

from sknumpynet.optimizers.vectors import BLOCK, BLOCK_OF_ONE_THREAD
from sknumpynet.training import blas_threads_for, in_threads, threads
from sknumpynet.training.threads import (
    NEVER_SHARED,
    NEVER_SHARED_OF_MATRICES,
    WORTH_SHARING,
    _controllers,
)

SMALL, LARGE = WORTH_SHARING / 2, WORTH_SHARING * 2


def libraries():
    return ThreadpoolController().select(user_api="blas").lib_controllers


def n_threads():
    """Threads of each BLAS in this process."""
    return [library.get_num_threads() for library in libraries()]


def set_threads(numbers):
    """From whatever thread: newer threadpoolctl lets one thread only, until it is freed, do so."""
    for library, number in zip(libraries(), numbers, strict=True):
        free = getattr(library, "clear_controlling_thread", lambda force: None)
        free(force=True)
        library.set_num_threads(number)
        free(force=True)


@pytest.fixture
def before():
    """Two threads (where the BLAS can), as a user may have set them."""
    usual = n_threads()
    set_threads([2] * len(usual))
    yield n_threads()
    set_threads(usual)


def test_small_products_use_one_thread_and_leave_no_trace(before):
    with blas_threads_for(SMALL):
        assert set(n_threads()) <= {1}
    assert n_threads() == before


def test_large_products_keep_their_threads_and_vectors_have_one(before):
    vectors, products = (c.lib_controllers for c in _controllers())
    with blas_threads_for(2 * LARGE) as block:
        assert [library.num_threads for library in products] == [2] * len(products)
        assert [library.num_threads for library in vectors] == [1] * len(vectors)
        assert block == (BLOCK_OF_ONE_THREAD if vectors else BLOCK)
    assert n_threads() == before


@pytest.mark.parametrize(
    ("n_operations", "wanted", "expected"),
    [
        (NEVER_SHARED, None, 1),
        (1.9 * WORTH_SHARING, None, 1),
        (2 * WORTH_SHARING, None, 2),
        (1e15, None, 2),
        (1e15, 1, 1),
        (NEVER_SHARED, 2, 2),
    ],
)
def test_threads_are_those_that_the_product_is_worth_or_the_users(
    before, n_operations, wanted, expected
):
    products = _controllers()[1].lib_controllers
    with blas_threads_for(n_operations, wanted):
        assert {library.num_threads for library in products} == {expected}
    assert n_threads() == before


def test_a_limit_from_outside_is_not_exceeded(before):
    products = _controllers()[1].lib_controllers
    set_threads([1] * len(before))
    with blas_threads_for(1e15):
        assert {library.num_threads for library in products} == {1}


def test_a_blas_that_numpy_and_scipy_share_gets_short_vectors(before, monkeypatch):
    products = _controllers()[1]
    shared = (ThreadpoolController().select(filepath=[]), products)
    monkeypatch.setattr(threads, "_controllers", lambda: shared)
    with blas_threads_for(LARGE * 2) as block:
        # OpenBLAS shares vectors of more than 10,000 numbers.
        assert block == BLOCK < 10_000
    with blas_threads_for(SMALL) as block:
        assert block == BLOCK_OF_ONE_THREAD


def test_another_blas_with_fewer_threads_hides_nothing(before, monkeypatch):
    """As the one that another package may bring."""

    class Both:
        def info(self):
            return [*products.info(), {"num_threads": 1}]

        def limit(self, **options):
            return products.limit(**options)

    vectors, products = _controllers()
    monkeypatch.setattr(threads, "_controllers", lambda: (vectors, Both()))
    with blas_threads_for(1e15, 1):
        assert {library.num_threads for library in products.lib_controllers} == {1}
    with blas_threads_for(1e15):
        assert {library.num_threads for library in products.lib_controllers} == {1}


def test_where_there_are_no_vectors_their_library_is_left_alone(before):
    vectors = _controllers()[0].lib_controllers
    with blas_threads_for(SMALL, vectors=False):
        assert [library.num_threads for library in vectors] == [2] * len(vectors)


def test_matrices_are_shared_later_than_vectors(before):
    """Setting a limit takes time, so it is not set where OpenBLAS keeps to one thread anyway."""
    with blas_threads_for(NEVER_SHARED_OF_MATRICES - 1, vectors=False):
        assert n_threads() == before
    with blas_threads_for(NEVER_SHARED_OF_MATRICES, vectors=False):
        products = _controllers()[1].lib_controllers
        assert {library.num_threads for library in products} == {1}


def test_contexts_may_be_nested(before):
    with blas_threads_for(SMALL):
        with blas_threads_for(SMALL):
            pass
        assert set(n_threads()) <= {1}
    assert n_threads() == before


def interrupted():
    with blas_threads_for(SMALL):
        raise KeyboardInterrupt


def test_an_exception_restores_the_threads(before):
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert n_threads() == before


@pytest.mark.parametrize("a_lives_on", [False, True])
def test_fits_that_overlap_in_two_threads_leave_no_trace(before, a_lives_on):
    """A opens, B opens, A closes, B closes; A's thread ends, or waits for work as in a pool."""
    a_is_open, b_is_open, a_is_closed, end = (threading.Event() for _ in range(4))
    seen = []

    def a():
        with blas_threads_for(SMALL):
            a_is_open.set()
            b_is_open.wait(10)
        a_is_closed.set()
        if a_lives_on:
            end.wait(10)

    def b():
        a_is_open.wait(10)
        with blas_threads_for(SMALL):
            b_is_open.set()
            a_is_closed.wait(10)
            if not a_lives_on:
                pair[0].join()
            seen.extend(n_threads())

    pair = [threading.Thread(target=f) for f in (a, b)]
    for thread in pair:
        thread.start()
    pair[1].join()
    after = n_threads()
    end.set()
    pair[0].join()
    assert seen == before, "only the main thread limits"
    assert after == before


def test_parts_are_done_in_several_threads_with_one_blas_thread_each(before):
    found, blas, together = [], [], threading.Barrier(2, timeout=60)

    def call(part):
        # Neither comes past this before the other is there, too.
        together.wait()
        found.append((part, threading.current_thread()))
        blas.append({library.num_threads for library in _controllers()[1].lib_controllers})

    in_threads(call, [1, 2, 3, 4], 10 * LARGE, 2)
    assert sorted(part for part, _ in found) == [1, 2, 3, 4]
    assert len({thread for _, thread in found}) == 2
    assert blas == [{1}] * 4
    assert n_threads() == before


@pytest.mark.parametrize(("n_operations", "asked"), [(SMALL, None), (10 * LARGE, 1)])
def test_small_parts_are_done_one_after_the_other(before, n_operations, asked):
    found = []
    products = _controllers()[1].lib_controllers

    def call(part):
        found.append((part, threading.current_thread(), {lib.num_threads for lib in products}))

    in_threads(call, range(3), n_operations, asked)
    assert found == [(part, threading.main_thread(), {1}) for part in range(3)]
    assert n_threads() == before


def test_outside_the_main_thread_parts_are_done_where_they_are(before):
    found = []

    def parts():
        in_threads(lambda _: found.append(threading.current_thread()), range(3), 10 * LARGE, 2)

    thread = threading.Thread(target=parts)
    thread.start()
    thread.join()
    assert found == [thread] * 3
    assert n_threads() == before


def test_an_error_in_a_part_is_raised_and_ends_the_others(before):
    done = []

    def call(part):
        if part == 0:
            raise KeyboardInterrupt
        done.append(part)
        # Long enough for the error to be seen.
        threading.Event().wait(0.05)

    with pytest.raises(KeyboardInterrupt):
        in_threads(call, range(100), 10 * LARGE, 2)
    assert len(done) < 50
    assert n_threads() == before
