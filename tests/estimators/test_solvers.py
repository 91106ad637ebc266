"""Solvers and schedules of the tables in the estimators, and optimizers that wrap optimizers."""

import pickle

import numpy as np
import pytest
from sklearn.datasets import make_regression

from catalogue import FIRST_ORDER
from sknumpynet import NumpyMLPRegressor
from sknumpynet.optimizers import (
    OPTIMIZERS,
    SCHEDULES,
    SGD,
    SOLVERS,
    Adam,
    Averaged,
    Clipped,
    Grouped,
    Optimizer,
    Rule,
    Schedule,
)
from sknumpynet.options import options_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = make_regression(120, 5, noise=10.0, random_state=0)
SMALL = {
    "ema_decay": None,
    "hidden_layer_sizes": (8,),
    "batch_size": 30,
    "learning_rate_init": 0.01,
    "n_iter_no_change": np.inf,
    "max_iter": 10,
    "random_state": 0,
}
N_TRAINED = 5 * 8 + 8 + 8 + 1


def grouped(o, slots):
    rate = o.learning_rate_init
    rules = [
        Rule(slice(0, 40), Averaged(Adam(rate), 0.9)),
        Rule(slice(40, N_TRAINED), SGD(rate), 0.5),
    ]
    return Grouped(rate, rules)


ADAM, SGD_ROW = OPTIMIZERS["adam"], OPTIMIZERS["sgd"]
WRAPPED = {
    "clipped": lambda o, slots: Clipped(ADAM(o, slots), 0.1),
    "averaged": lambda o, slots: Averaged(SGD_ROW(o, slots), 0.9),
    "both": lambda o, slots: Averaged(Clipped(ADAM(o, slots), 0.1), 0.9),
    "grouped": grouped,
}


@pytest.fixture(params=WRAPPED)
def wrapped(request, monkeypatch):
    """Another optimizer under the name "adam"."""
    monkeypatch.setitem(OPTIMIZERS, "adam", WRAPPED[request.param])


class Still(Optimizer):
    learning_rate = 1.0

    def step(self, theta, gradient):
        pass


def test_the_solvers_are_lbfgs_and_the_table():
    solver = options_of(NumpyMLPRegressor)["solver"]
    assert all(solver.allowed.test(name) for name in ("lbfgs", *OPTIMIZERS))
    assert len(SOLVERS) == 1 + len(OPTIMIZERS)


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_each_name_trains_with_its_own_row(name, monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, name, lambda o, slots: Still())
    for solver in OPTIMIZERS:
        losses = (
            NumpyMLPRegressor(solver=solver, **SMALL | {"shuffle": False}).fit(X, y).loss_curve_
        )
        assert (len(set(losses)) == 1) == (solver == name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_two_fits_with_warm_start_are_one(wrapped, dtype):
    """Moments, means and raw weights go on, also through a pickle, to the last bit."""
    options = SMALL | {"dtype": dtype}
    whole = NumpyMLPRegressor(**options).fit(X, y)
    half = NumpyMLPRegressor(**options | {"max_iter": 5}, warm_start=True).fit(X, y)
    half = pickle.loads(pickle.dumps(half)).fit(X, y)
    np.testing.assert_array_equal(half.network_.theta, whole.network_.theta)


def test_a_stream_goes_on_through_pickles(wrapped):
    one = NumpyMLPRegressor(**SMALL)
    other = NumpyMLPRegressor(**SMALL)
    for _ in range(4):
        one.partial_fit(X, y)
        other = pickle.loads(pickle.dumps(other)).partial_fit(X, y)
    np.testing.assert_array_equal(one.network_.theta, other.network_.theta)


def test_what_is_wrapped_is_forgotten_after_a_plain_fit(wrapped):
    wide = SMALL | {"hidden_layer_sizes": (2000,), "max_iter": 1}
    size = len(pickle.dumps(NumpyMLPRegressor(solver="lbfgs", **wide).fit(X, y)))
    allowed = size + 2000
    assert len(pickle.dumps(NumpyMLPRegressor(**wide).fit(X, y))) < allowed


def test_early_stopping_judges_the_mean(monkeypatch):
    """A large rate makes raw weights noisy: their mean has the lower validation loss."""
    noisy = SMALL | {"learning_rate_init": 0.1, "max_iter": 60, "early_stopping": True}
    noisy |= {"solver": "adam", "ema_decay": None}
    raw = NumpyMLPRegressor(**noisy).fit(X, y)
    monkeypatch.setitem(OPTIMIZERS, "adam", lambda o, slots: Averaged(ADAM(o, slots), 0.98))
    mean = NumpyMLPRegressor(**noisy).fit(X, y)
    late_losses = [np.median(m.history_["validation_loss"][30:]) for m in (mean, raw)]
    assert late_losses[0] < late_losses[1]


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_a_schedule_acts_on_every_solver(solver, monkeypatch):
    def falling(options):
        first = options.learning_rate_init
        return Schedule(lambda progress, n_seen, cuts: first * (1 - progress))

    monkeypatch.setitem(SCHEDULES, "constant", falling)
    model = NumpyMLPRegressor(solver=solver, learning_rate="constant", **SMALL).fit(X, y)
    last_steps = [0.01 * (1 - (4 * epoch - 1) / 40) for epoch in range(1, 11)]
    assert model.history_["learning_rate"] == pytest.approx(last_steps)


def rates_of(model):
    return model.history_["learning_rate"]


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_warm_up_and_cosine_in_steps(solver):
    """Of 40 steps 8 are warm-up; the history has the last rate of each epoch of 4."""
    model = NumpyMLPRegressor(solver=solver, learning_rate="cosine", warmup=0.2, **SMALL)
    falling = [0.01 * np.cos(np.pi * (4 * epoch - 9) / 64) ** 2 for epoch in range(3, 11)]
    assert rates_of(model.fit(X, y)) == pytest.approx([0.005, 0.01, *falling])


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_fit_is_a_plan_of_its_own_and_a_stream_is_none(name):
    options = SMALL | {"learning_rate": name, "warmup": 0.2, "max_iter": 5}
    model = NumpyMLPRegressor(warm_start=True, **options).fit(X, y)
    model.fit(X, y)
    assert rates_of(model)[:5] == rates_of(model)[5:]
    stream = NumpyMLPRegressor(**options)
    for _ in range(3):
        stream.partial_fit(X, y)
    assert rates_of(stream) == [0.01] * 3


# Gradients of bounded length, averaged weights.


def test_the_gradient_has_at_most_this_length():
    """Plain descent moves by the rate times the length."""
    options = SMALL | {"solver": "sgd", "momentum": 0.0, "batch_size": 120, "max_iter": 1}
    start = NumpyMLPRegressor(**options | {"learning_rate_init": 1e-12}).fit(X, y).network_.theta
    for longest, expected in ((1e-3, 1e-5), (1e9, None)):
        model = NumpyMLPRegressor(max_grad_norm=longest, **options).fit(X, y)
        length = np.linalg.norm(model.network_.theta - start)
        if expected is None:
            plain = NumpyMLPRegressor(**options).fit(X, y)
            np.testing.assert_array_equal(model.network_.theta, plain.network_.theta)
            assert length > 1e-3
        else:
            assert length == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_averaged_weights_validate_and_predict(early_stopping):
    """Against the raw weights after every step, taken from fits of one batch an epoch."""
    options = SMALL | {"batch_size": 120, "dtype": "float64", "weight_decay": 0.01}
    paths = [
        NumpyMLPRegressor(early_stopping=False, **options | {"max_iter": n})
        .fit(X[:100], y[:100])
        .network_.theta
        for n in range(1, 11)
    ]
    options["ema_decay"] = 0.5
    model = NumpyMLPRegressor(early_stopping=early_stopping, **options)
    model.fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    losses = []
    for n in range(1, 11):
        mean = np.average(paths[:n], axis=0, weights=0.5 ** np.arange(n, 0, -1.0))
        twin = pickle.loads(pickle.dumps(model))
        twin.network_.theta[:] = mean
        losses.append(twin.score(X[100:], y[100:]))
    order = np.argsort(np.argsort(losses))
    found = model.history_["validation_loss"]
    np.testing.assert_array_equal(np.argsort(np.argsort(np.negative(found))), order)
    kept = int(np.argmax(losses)) + 1 if early_stopping else 10
    expected = np.average(paths[:kept], axis=0, weights=0.5 ** np.arange(kept, 0, -1.0))
    np.testing.assert_allclose(model.network_.theta, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("solver", FIRST_ORDER)
@pytest.mark.parametrize("change", [{"ema_decay": 0.9}, {"max_grad_norm": 1e9}])
def test_averages_and_clipping_may_be_set_and_unset_while_training_goes_on(solver, change):
    """The moments stay: with a mean of the last weights alone nothing changes at all."""
    if "ema_decay" in change:
        change = {"ema_decay": 0.0} if solver != "schedule_free" else {}
    options = SMALL | {"solver": solver, "max_iter": 3, "warm_start": True}
    plain, changed = NumpyMLPRegressor(**options), NumpyMLPRegressor(**options)
    for setting in ({}, change, {}, change, change, {}):
        off = dict.fromkeys(change)
        plain.fit(X, y)
        changed.set_params(**off | setting).fit(X, y)
        np.testing.assert_array_equal(changed.network_.theta, plain.network_.theta)
