"""Tables moved row by row: where the rows are in the end, what is touched, what stays."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from catalogue import OPTIMIZERS, options_with
from sknumpynet.optimizers import OPTIMIZERS as TABLE
from sknumpynet.optimizers import Adam, Averaged, ByRows, Clipped, Tables, optimizer_for

from .axpy import axpy_has_no_ends

# Two tables in one array, with plain weights around it.
SLOTS = [
    SimpleNamespace(where=slice(0, 6), shape=(3, 2), role="weight", group="hidden", tables=()),
    SimpleNamespace(
        where=slice(6, 126),
        shape=(120,),
        role="weight",
        group="embedding",
        tables=((20, 3), (30, 2)),
    ),
    SimpleNamespace(where=slice(126, 131), shape=(5,), role="offset", group="hidden", tables=()),
]
SIZE, N_ROWS = 131, 50
SOLVERS = {name: case for name, case in OPTIMIZERS.items() if name != "muon on offsets"}
every_solver = pytest.mark.parametrize("name", SOLVERS)

# What the rules approximate between two meetings, beside the moves of ten steps at these rates.
FAR = {"adam": 1e-4, "adamw": 1e-4, "muon": 1e-4, "nadam": 1e-4}


def make(name, wrap=lambda optimizer: optimizer, rate=0.01, **options):
    """(moved row by row, the same with all entries at every step)."""
    case = SOLVERS[name]
    changes = {"learning_rate_init": rate, "muon_learning_rate": rate} | case.options | options
    pair = [wrap(TABLE[case.solver](options_with(**changes), SLOTS)) for _ in range(2)]
    return ByRows(pair[0], Tables.of(SLOTS)), pair[1]


class Course:
    """Some steps with the gradients of a few rows, once by rows and once with all entries."""

    def __init__(self, by_rows, dense, seed=0, dtype="float64"):
        self.rng, self.by_rows, self.dense = np.random.default_rng(seed), by_rows, dense
        self.theta = self.rng.normal(size=SIZE).astype(dtype)
        self.expected = self.theta.copy()
        self.tables = Tables.of(SLOTS)
        # Some rows are common, most are rare, and the last ones never come.
        self.share = np.append(np.geomspace(1, 1e-3, N_ROWS - 4), [0, 0, 0, 0])

    def steps(self, n, share=None):
        for optimizer, theta in ((self.by_rows, self.theta), (self.dense, self.expected)):
            optimizer.to_training(theta)
        yield from self.steps_in_an_epoch(n, share)

    def steps_in_an_epoch(self, n, share=None):
        for i in range(n):
            rows = np.flatnonzero(
                self.rng.random(N_ROWS) < (self.share if share is None else share)
            )
            entries, _ = self.tables.entries(rows)
            gradient = np.zeros(SIZE, self.theta.dtype)
            for part in (*self.tables.elsewhere, entries):
                gradient[part] = self.rng.normal(0.3, 1, size=gradient[part].shape)
            for optimizer in (self.by_rows, self.dense):
                # A schedule, and Nadam's and Adam's corrections, change the rate on the way.
                optimizer.learning_rate = 0.01 * (1 + np.cos(i / 40))
            met = self.by_rows.meet(self.theta, rows)
            # What a batch reads is where dense steps have led it.
            yield met, self.theta[met.entries], self.expected[met.entries]
            unread = gradient.copy()
            unread[np.setdiff1d(np.arange(6, 126), entries)] = np.nan
            self.by_rows.step(self.theta, unread)
            self.dense.step(self.expected, gradient)

    def run(self, n, share=None):
        for _ in self.steps(n, share):
            pass
        return self

    def judged(self):
        self.by_rows.to_evaluation(self.theta)
        self.dense.to_evaluation(self.expected)
        return self


def assert_equal(name, course, slack=1.0):
    far = slack * FAR.get(name, 1e-9)
    np.testing.assert_allclose(course.theta, course.expected, rtol=0, atol=far)


@every_solver
def test_rows_are_where_dense_steps_would_have_led_them(name):
    """At every meeting and after every epoch; with moments that change their unit on the way."""
    course = Course(*make(name))
    for _ in range(2):
        for _, read, expected in course.steps(90):
            np.testing.assert_allclose(read, expected, rtol=0, atol=FAR.get(name, 1e-9))
        assert_equal(name, course.judged())


@every_solver
@pytest.mark.parametrize(("dtype", "far"), [("float64", 1e-14), ("float32", 1e-6)])
def test_all_rows_at_every_step_are_dense_steps(name, dtype, far):
    course = Course(*make(name), dtype=dtype).run(70, share=np.ones(N_ROWS)).judged()
    far = 0.0 if axpy_has_no_ends(dtype) else far
    np.testing.assert_allclose(course.theta, course.expected, rtol=far, atol=far)


@every_solver
def test_a_step_without_a_meeting_is_one_of_all_rows(name):
    by_rows, dense = make(name)
    course = Course(by_rows, dense).run(70)
    gradient = course.rng.normal(size=SIZE)
    by_rows.step(course.theta, gradient.copy())
    dense.step(course.expected, gradient)
    assert_equal(name, course.run(5).judged())


@every_solver
def test_rows_that_never_come_stay_as_they_are(name):
    course = Course(*make(name))
    entries, _ = course.tables.entries(np.arange(N_ROWS - 4, N_ROWS))
    before = course.theta[entries]
    course.run(100).judged()
    np.testing.assert_allclose(course.theta[entries], before, rtol=1e-14)


@every_solver
def test_a_step_touches_what_was_met_and_no_more(name):
    """Also where the units of moments change, in all that is remembered."""
    by_rows, dense = make(name, lambda optimizer: Averaged(Clipped(optimizer, 0.1), 0.9))
    course = Course(by_rows, dense).run(60)
    for _ in range(10):
        before = pickle.loads(pickle.dumps((course.theta, vectors_of(by_rows))))
        for met, _, _ in course.steps_in_an_epoch(1):
            others = np.setdiff1d(np.arange(6, 126), met.entries)
        for old, new in zip(
            (before[0], *before[1]), (course.theta, *vectors_of(by_rows)), strict=True
        ):
            np.testing.assert_array_equal(old[others], new[others])


# What wraps a rule.


def test_clipped_gradients_are_those_of_dense_steps():
    course = Course(*make("momentum", lambda optimizer: Clipped(optimizer, 5.0))).run(100).judged()
    assert_equal("momentum", course)


@pytest.mark.parametrize("from_start", [False, True])
@pytest.mark.parametrize("name", ["plain", "adagrad", "rmsprop"])
def test_averages_are_those_of_dense_steps_where_rows_stand_still_meanwhile(name, from_start):
    course = Course(*make(name, lambda optimizer: Averaged(optimizer, 0.95, from_start)))
    for _ in range(2):
        assert_equal(name, course.run(100).judged())


@pytest.mark.parametrize("name", ["adam", "nesterov", "schedule_free"])
def test_averages_are_early_by_the_steps_in_which_momentum_fades(name):
    course = Course(*make(name, lambda optimizer: Averaged(optimizer, 0.99))).run(200).judged()
    moved = np.abs(course.expected - Course(*make(name)).theta).max()
    assert np.abs(course.theta - course.expected).max() < 0.06 * moved


def test_weights_set_from_outside_are_gone_on_from():
    course = Course(*make("adam", lambda optimizer: Averaged(optimizer, 0.9))).run(40).judged()
    for theta in (course.theta, course.expected):
        theta[:] = np.linspace(0, 1, SIZE)
    course.run(40, share=np.zeros(N_ROWS)).judged()
    np.testing.assert_allclose(course.theta, course.expected, atol=0.02)


# States.


@every_solver
def test_training_goes_on_from_a_state_with_rows_or_without(name):
    course = Course(*make(name)).run(70).judged()
    state = course.by_rows.state()
    by_rows, dense = make(name)
    by_rows.load(state)
    dense.load(state)
    again = Course(by_rows, dense)
    again.theta, again.expected = course.theta.copy(), course.theta.copy()
    assert_equal(name, again.run(70).judged())
    # And the same bits twice.
    more = Course(course.by_rows, make(name)[1])
    more.theta = course.theta
    np.testing.assert_array_equal(more.run(70).judged().theta, again.theta)


def test_how_long_ago_rows_were_met_is_part_of_the_state():
    course = Course(*make("adam")).run(10, share=np.zeros(N_ROWS)).judged()
    by_rows, _ = make("adam")
    by_rows.load(course.by_rows.state())
    assert (by_rows.meet(course.theta, np.array([3])).last == -10).all()
    by_rows.load({})
    assert (by_rows.meet(course.theta, np.array([3])).last == 0).all()


def test_rows_that_were_met_in_vain_are_moved_once():
    """A batch that diverged, or that Ctrl-C ended, is met and makes no step."""
    course = Course(*make("nesterov")).run(20)
    rows = np.arange(0, N_ROWS, 2)
    course.by_rows.meet(course.theta, rows)
    course.by_rows.meet(course.theta, rows)
    assert_equal("nesterov", course.judged())


# When.


def options(**changes):
    return options_with(solver="adam", max_grad_norm=None, **changes)


LARGE = [SimpleNamespace(**vars(SLOTS[1]) | {"where": slice(0, 12_000), "tables": ((4000, 3),)})]


@pytest.mark.parametrize(("batch_size", "by_rows"), [(1, True), (100, True), (101, False)])
def test_tables_that_are_small_beside_a_batch_are_moved_whole(batch_size, by_rows):
    assert isinstance(optimizer_for(options(), LARGE, None, batch_size), ByRows) is by_rows


def test_without_tables_there_is_nothing_to_meet():
    assert isinstance(optimizer_for(options(), SLOTS[::2], None, 1), Adam)
    assert isinstance(optimizer_for(options(), [], None, 1), Adam)


def test_steps_that_grow_without_a_gradient_are_not_put_off():
    assert isinstance(optimizer_for(options(beta_1=0.9, beta_2=0.5), LARGE, None, 1), Adam)


def vectors_of(optimizer):
    """All that is remembered of every entry of theta, by the optimizer and those inside."""
    found = [
        value
        for value in vars(optimizer).values()
        if isinstance(value, np.ndarray) and value.size == SIZE
    ]
    for inner in (getattr(optimizer, "inner", None), *getattr(optimizer, "rules", ())):
        if inner is not None:
            found += vectors_of(getattr(inner, "optimizer", inner))
    return found
