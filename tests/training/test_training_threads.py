"""One BLAS thread for small products, and what there was before afterwards."""

import threading

import pytest
from threadpoolctl import ThreadpoolController

from sknumpynet.training import blas_threads_for
from sknumpynet.training.threads import WORTH_SHARING

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


def test_large_products_are_left_alone(before):
    with blas_threads_for(LARGE):
        assert n_threads() == before


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
                threads[0].join()
            seen.extend(n_threads())

    threads = [threading.Thread(target=f) for f in (a, b)]
    for thread in threads:
        thread.start()
    threads[1].join()
    after = n_threads()
    end.set()
    threads[0].join()
    assert seen == before, "only the main thread limits"
    assert after == before
