"""One BLAS thread for small products, and what there was before afterwards."""

import threading

import pytest
from threadpoolctl import ThreadpoolController

from sknumpynet.training import blas_threads_for
from sknumpynet.training.threads import WORTH_SHARING

SMALL, LARGE = WORTH_SHARING / 2, WORTH_SHARING * 2


def n_threads():
    """Threads of each BLAS in this process."""
    controller = ThreadpoolController().select(user_api="blas")
    return [library["num_threads"] for library in controller.info()]


@pytest.fixture
def before():
    """Two threads (where the BLAS can), as a user may have set them."""
    with ThreadpoolController().limit(limits=2, user_api="blas"):
        yield n_threads()


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


def test_an_exception_restores_the_threads(before):
    with pytest.raises(KeyboardInterrupt), blas_threads_for(SMALL):
        raise KeyboardInterrupt
    assert n_threads() == before


def test_fits_that_overlap_in_two_threads_share_the_limit(before):
    """A opens, B opens, A closes, B closes."""
    b_is_open, a_is_closed = threading.Event(), threading.Event()

    def b():
        with blas_threads_for(SMALL):
            b_is_open.set()
            a_is_closed.wait(5)

    thread = threading.Thread(target=b)
    with blas_threads_for(SMALL):
        thread.start()
        assert b_is_open.wait(5)
    assert set(n_threads()) <= {1}
    a_is_closed.set()
    thread.join()
    assert n_threads() == before
