"""One BLAS thread for all who want it, afterwards what there was; our own threads share."""

import threading
from contextlib import contextmanager

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from sknumpynet import NumpyMLPClassifier
from sknumpynet.blas import ONE_THREAD, blas_of_products
from sknumpynet.network import WORTH_SHARING, Products, Whole, like
from sknumpynet.optimizers.vectors import BLOCK, BLOCK_OF_ONE_THREAD
from sknumpynet.training import in_threads, one_blas_thread, shared_products, threads
from sknumpynet.training.crew import Crew
from sknumpynet.training.pace import Pace
from sknumpynet.training.sharing import SharedProducts
from sknumpynet.training.threads import (
    NEVER_SHARED,
    NEVER_SHARED_OF_MATRICES,
    usable_threads,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL, LARGE = WORTH_SHARING / 2, WORTH_SHARING * 10


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


@pytest.mark.parametrize("n_operations", [NEVER_SHARED, SMALL, LARGE])
def test_the_blas_has_one_thread_and_leaves_no_trace(before, n_operations):
    with one_blas_thread(n_operations) as block:
        assert set(n_threads()) <= {1}
        assert block == BLOCK_OF_ONE_THREAD
    assert n_threads() == before


@pytest.mark.parametrize(("vectors", "least"), [(1, NEVER_SHARED), (0, NEVER_SHARED_OF_MATRICES)])
def test_what_the_blas_does_not_share_is_left_alone(before, vectors, least):
    """Setting a limit takes time."""
    with one_blas_thread(least - 1, vectors=bool(vectors)) as block:
        assert n_threads() == before
        # OpenBLAS shares vectors of more than 10,000 numbers.
        assert block == BLOCK < 10_000
    with one_blas_thread(least, vectors=bool(vectors)):
        assert set(n_threads()) <= {1}


def test_contexts_may_be_nested(before):
    with one_blas_thread(SMALL):
        with one_blas_thread(SMALL):
            pass
        assert set(n_threads()) <= {1}
    assert n_threads() == before


def interrupted():
    with one_blas_thread(SMALL):
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
        with one_blas_thread(SMALL):
            a_is_open.set()
            b_is_open.wait(10)
        a_is_closed.set()
        if a_lives_on:
            end.wait(10)

    def b():
        a_is_open.wait(10)
        with one_blas_thread(SMALL):
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
    assert set(seen) == {1}, "as long as one of them wants it"
    assert after == before


def test_threads_are_lent_for_a_product_and_to_one_fit_alone(before):
    with one_blas_thread(LARGE):
        with ONE_THREAD.lend(2) as lent:
            assert lent
            assert {library.num_threads for library in blas_of_products()} == {2}
        assert set(n_threads()) == {1}
        there, end = threading.Event(), threading.Event()

        def other():
            with one_blas_thread(LARGE):
                there.set()
                end.wait(10)

        thread = threading.Thread(target=other)
        thread.start()
        there.wait(10)
        with ONE_THREAD.lend(2) as lent:
            assert not lent
            assert set(n_threads()) == {1}
        end.set()
        thread.join()
        with ONE_THREAD.lend(2) as lent:
            assert lent
    assert n_threads() == before


def test_who_comes_waits_until_the_lent_threads_are_back(before):
    seen, begun = [], threading.Event()

    def other():
        begun.set()
        with one_blas_thread(LARGE):
            seen.extend(n_threads())

    thread = threading.Thread(target=other)
    with one_blas_thread(LARGE):
        with ONE_THREAD.lend(2):
            thread.start()
            begun.wait(10)
            thread.join(0.02)
            assert not seen
        thread.join()
    assert set(seen) == {1}


def test_a_limit_from_outside_is_not_exceeded(before, monkeypatch):
    monkeypatch.setattr(threads, "cpu_count", lambda: 2)
    assert usable_threads() == min(before)
    with one_blas_thread(LARGE):
        # Ours is none.
        assert usable_threads() == min(before)
    set_threads([1] * len(before))
    assert usable_threads() == 1


def test_nor_is_the_number_of_processors(before, monkeypatch):
    monkeypatch.setattr(threads, "cpu_count", lambda: 1)
    assert usable_threads() == 1


@pytest.mark.parametrize(
    ("n_operations", "wanted", "expected"),
    [
        (1.9 * WORTH_SHARING, None, Whole),
        (1.9 * WORTH_SHARING, 2, Whole),
        (2 * WORTH_SHARING, None, SharedProducts),
        (LARGE, 1, Products),
        (LARGE, 2, SharedProducts),
    ],
)
def test_only_what_is_worth_it_may_be_shared(before, monkeypatch, n_operations, wanted, expected):
    monkeypatch.setattr(threads, "cpu_count", lambda: 2)
    with shared_products(n_operations, wanted) as products:
        assert type(products) is expected


def product(n_rows=256, n_terms=300, n_columns=256, dtype="float32"):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n_rows, n_terms)).astype(dtype)
    W = rng.standard_normal((n_terms, n_columns)).astype(dtype)
    return x, W, np.empty((n_rows, n_columns), dtype=dtype)


class Always(Pace):
    def goes_well(self):
        return True


def test_a_blas_that_rounds_differently_is_found_out(monkeypatch):
    """And its products are done by the crew, with the bits of a single thread."""
    lent = [False]

    @contextmanager
    def lend(n):
        lent[0] = True
        yield True
        lent[0] = False

    def whole(x, W, out):
        np.matmul(x, W, out=out)
        if lent[0]:
            out[0, 0] = np.nextafter(out[0, 0], np.inf)

    monkeypatch.setattr("sknumpynet.training.sharing.whole", whole)
    monkeypatch.setattr("sknumpynet.training.sharing._PROVED", {})
    crew = Crew(2)
    shared = SharedProducts(2, crew, Always(), lend)
    (x, W, found), (*_, expected) = product(), product()
    Products().dot(x, W, expected)
    shared.dots((x, W, found))
    crew.close()
    assert np.array_equal(found, expected)
    assert not lent[0]


def test_a_proof_has_the_same_layout():
    x, W, out = product()
    for given in [(x.T[:, :100], W, out), (x, W.T, out[:, :30]), (x[3:], W[:, 5:9], out)]:
        for made, array in zip(like(given), given, strict=True):
            assert made.shape == array.shape
            assert made.strides == array.strides
            assert made.dtype == array.dtype


def pieces_that(calls):
    return [(lambda x, W, out, f=f: f(), None, None, None) for f in calls]


def test_a_crew_does_every_piece_once_and_its_caller_helps():
    crew, done, together = Crew(2), [], threading.Barrier(2, timeout=60)

    def call(i):
        if i < 2:
            # Neither comes past this before the other is there, too.
            together.wait()
        done.append((i, threading.current_thread()))

    crew.run(pieces_that([lambda i=i: call(i) for i in range(20)]))
    crew.close()
    assert sorted(i for i, _ in done) == list(range(20))
    assert len({thread for _, thread in done}) == 2


def test_a_thread_that_gets_no_processor_delays_nothing():
    """It comes to the first job when all jobs are done."""
    free = threading.Event()
    crew, done = Crew(2, prepare=lambda: free.wait(60)), []
    for i in range(5):
        crew.run(pieces_that([lambda i=i: done.append(i)] * 3))
    assert done == [i for i in range(5) for _ in range(3)]
    free.set()
    crew.close()
    assert len(done) == 15


@pytest.mark.parametrize("where", ["caller", "crew"])
def test_an_error_in_a_piece_is_raised_when_nobody_is_at_one(where):
    crew, together, left = Crew(2), threading.Barrier(2, timeout=60), []

    def call():
        in_caller = threading.current_thread() is threading.main_thread()
        together.wait()
        if in_caller == (where == "caller"):
            raise KeyboardInterrupt
        # Long enough for the other to be first.
        threading.Event().wait(0.02)
        left.append(True)

    with pytest.raises(KeyboardInterrupt):
        crew.run(pieces_that([call, call]))
    assert left == [True]
    crew.close()


def test_a_crew_ends_with_its_fit(before, monkeypatch):
    monkeypatch.setattr(threads, "cpu_count", lambda: 2)
    monkeypatch.setattr(Pace, "goes_well", lambda pace: True)
    monkeypatch.setattr(SharedProducts, "_is_proved", lambda products, product: False)
    X = np.random.default_rng(0).standard_normal((300, 30))
    NumpyMLPClassifier((256, 256), batch_size=300, max_iter=2).fit(X, X[:, 0] > 0)
    assert not [thread for thread in threading.enumerate() if thread.name == "sknumpynet"]
    assert n_threads() == before


def test_fits_in_threads_have_the_same_bits(before):
    X = np.random.default_rng(0).standard_normal((600, 30))
    y, found = X[:, 0] > 0, []

    def fit():
        model = NumpyMLPClassifier((256, 256), batch_size=300, max_iter=2, random_state=0)
        found.append(model.fit(X, y).network_.theta.tobytes())

    fit()
    pair = [threading.Thread(target=fit) for _ in range(3)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert n_threads() == before


def test_parts_are_done_in_several_threads_with_one_blas_thread_each(before):
    found, blas, together = [], [], threading.Barrier(2, timeout=60)

    def call(part):
        # Neither comes past this before the other is there, too.
        together.wait()
        found.append((part, threading.current_thread()))
        blas.extend(n_threads())

    in_threads(call, [1, 2, 3, 4], LARGE, 2)
    assert sorted(part for part, _ in found) == [1, 2, 3, 4]
    assert len({thread for _, thread in found}) == 2
    assert set(blas) == {1}
    assert n_threads() == before


@pytest.mark.parametrize(("n_operations", "asked"), [(SMALL, None), (LARGE, 1)])
def test_small_parts_are_done_one_after_the_other(before, n_operations, asked):
    found = []
    in_threads(
        lambda part: found.append((part, threading.current_thread(), set(n_threads()))),
        range(3),
        n_operations,
        asked,
    )
    assert found == [(part, threading.main_thread(), {1}) for part in range(3)]
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
        in_threads(call, range(100), LARGE, 2)
    assert len(done) < 50
    assert n_threads() == before
