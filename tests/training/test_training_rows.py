"""Fits with large tables: equal to those that move them whole, and what an epoch touches."""

import copy
import pickle

import numpy as np
import pytest

from catalogue import FIRST_ORDER, RATES
from sknumpynet import NumpyMLPRegressor, TabularMLPClassifier
from sknumpynet.losses import SquaredError
from sknumpynet.network import LevelEmbedding, Linear, Network
from sknumpynet.optimizers import Adam, Averaged, ByRows, Optimizer, Schedule, Tables, rows
from sknumpynet.training import Batch, Batches, History, Limits, Objective, Reporter, Trainer

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
N_LEVELS = 60
CODES = np.concatenate([np.repeat(np.arange(N_LEVELS), 3), RNG.integers(0, 5, 120)])
X = np.column_stack([RNG.normal(size=len(CODES)), CODES])[RNG.permutation(len(CODES))]
Y = X[:, 0] + RNG.normal(size=N_LEVELS)[X[:, 1].astype(int)]


@pytest.fixture
def by_rows_always(monkeypatch):
    def switch(on=True):
        monkeypatch.setattr(rows, "WORTH_IT", 0 if not on else 1)

    return switch


def fitted(**options):
    return NumpyMLPRegressor(
        (8,),
        categorical_features=[1],
        max_one_hot=2,
        min_frequency=1,
        batch_size=10,
        dtype="float64",
        random_state=0,
        **{"max_iter": 3, "early_stopping": False} | options,
    ).fit(X, Y)


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_a_fit_is_that_with_whole_tables(solver, by_rows_always):
    options = {"solver": solver, "alpha": 0, "learning_rate_init": RATES[solver]}
    models = []
    for on in (False, True):
        by_rows_always(on)
        models.append(fitted(max_grad_norm=1.0, **options))
    whole, alone = models
    np.testing.assert_allclose(alone.predict(X), whole.predict(X), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(alone.loss_curve_, whole.loss_curve_, rtol=1e-4)


@pytest.mark.parametrize("solver", ["sgd", "adam", "adagrad"])
def test_with_a_penalty_the_optimum_is_the_same(solver, by_rows_always):
    """A row gets the penalty of all the steps since it was met when it is met."""
    losses = []
    for on in (False, True):
        by_rows_always(on)
        model = fitted(
            solver=solver, alpha=5.0, max_iter=60, learning_rate="cosine", n_iter_no_change=np.inf,
            learning_rate_init={"sgd": 0.02, "adam": 0.02, "adagrad": 0.1}[solver],
        )  # fmt: skip
        E = model._model.network.theta[: model._model.network.layout.slots[0].where.stop]
        losses.append((model.loss_curve_[-1], float(E @ E)))
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.03)


@pytest.mark.parametrize("options", [{"ema_decay": 0.9}, {"early_stopping": True}])
def test_going_on_is_exact(options, by_rows_always):
    """In two calls, through a pickle: the moments and how long ago rows were met."""
    by_rows_always()
    whole = fitted(warm_start=True, **options | {"max_iter": 2})
    half = pickle.loads(pickle.dumps(whole))
    states = [model._found.first.optimizer.state()["rows"] for model in (whole, half)]
    assert states[0].min() < 0
    np.testing.assert_array_equal(*states)
    for model in (whole, half):
        model.fit(X, Y)
    np.testing.assert_array_equal(half.predict(X), whole.predict(X))


def test_members_averages_and_early_stopping_go_with_tables(by_rows_always):
    labels = np.median(Y) < Y
    scores = []
    for on in (False, True):
        by_rows_always(on)
        model = TabularMLPClassifier(
            (8,), categorical_features=[1], max_one_hot=2, min_frequency=1, n_members=2, n_bags=1,
            max_iter=5, batch_size=10, dtype="float64", random_state=0, embedding_width=3,
            learning_rate_init=0.0025,
        ).fit(X, labels)  # fmt: skip
        scores.append(model.predict_proba(X))
    np.testing.assert_allclose(scores[1], scores[0], atol=0.02)


class Keeping(Reporter):
    takes_state = True

    def __init__(self, states):
        self.states = states

    def after_epoch(self, entry, trainer):
        self.states.append(trainer.state())


def test_another_trainer_goes_on_from_the_state_of_one_after_an_epoch():
    states = []

    def setting():
        averaged = Averaged(Adam(0.1), 0.9)
        return trainer_for(60, 200, 10, averaged, report=Keeping(states))

    first, batches, optimizer, network = setting()
    run(first, batches, optimizer)
    second, batches, optimizer, again = setting()
    second.load(states[0])
    assert run(second, batches, optimizer).n_iter == 2
    np.testing.assert_array_equal(again.theta, network.theta)
    assert second._history.columns["loss"] == first._history.columns["loss"]


# What an epoch touches.


class Counting(Optimizer):
    """Counts the entries that it is asked to move or to catch up."""

    coasts = True

    def __init__(self):
        self.learning_rate, self.n_touched = 0.1, 0

    def step(self, theta, gradient, met=None):
        for part in met.parts:
            self.n_touched += theta[part].size
            theta[part] -= 0.1 * gradient[part]

    def coast(self, theta, met):
        self.n_touched += met.behind().entries.size

    def load(self, state, dtype=None):
        pass


def trainer_for(n_rows, n_levels, batch_size, optimizer, penalty=0.1, report=None):
    rng = np.random.default_rng(1)
    layers = [LevelEmbedding(1, ((n_levels, 3),)), Linear(4, 1)]
    network = Network.initialized(layers, np.dtype("float64"), rng)
    x = np.column_stack([rng.normal(size=n_rows), rng.integers(0, n_levels, n_rows)])
    batches = Batches(x, AsIs(), np.dtype("float64"), batch_size, y=x[:, :1], shuffle=rng)
    objective = Objective(network, SquaredError(), penalty, batch_size)
    limits = Limits(max_iter=2, n_iter_no_change=np.inf, tol=0.0)
    reporters = [report] if report else []
    trainer = Trainer(objective, limits, History(), reporters=reporters, generators=[rng])
    return trainer, batches, ByRows(optimizer, Tables.of(network.layout.slots)), network


class AsIs:
    n_columns = 2

    def changes_nothing(self, X):
        return True


def run(trainer, batches, optimizer):
    schedule = Schedule(lambda progress, n_seen, cuts: 0.1)
    n_rows = batches.n_rows
    return trainer.run_stochastic(batches, optimizer, schedule, n_seen=0, n_samples=n_rows)


def touched(n_rows, n_levels, batch_size):
    counting = Counting()
    trainer, batches, optimizer, _ = trainer_for(n_rows, n_levels, batch_size, counting)
    assert run(trainer, batches, optimizer).n_iter == 2
    return counting.n_touched / 2


def test_an_epoch_touches_as_many_entries_as_it_has_rows_and_levels_not_their_product():
    for n_rows, n_levels, batch_size in ((400, 50, 10), (400, 5000, 10), (4000, 5000, 10)):
        # At most a step and a way for each row, all rows once at the end, 5 other entries a step.
        most = 2 * 3 * n_rows + 3 * n_levels + 5 * n_rows // batch_size
        assert touched(n_rows, n_levels, batch_size) <= most


def test_the_gradient_of_what_was_not_met_is_neither_written_nor_read():
    trainer, batches, optimizer, network = trainer_for(40, 500, 10, Adam())
    gradient = trainer._objective._workspace.gradient
    batch = next(iter(batches))
    met = optimizer.meet(network.theta, network.rows_met(batch.x))
    others = np.setdiff1d(np.arange(1500), met.entries)
    gradient[others] = np.nan
    before = network.theta.copy()
    trainer._objective(network.theta, batch._replace(met=met))
    assert np.isnan(gradient[others]).all()
    optimizer.step(network.theta, gradient)
    np.testing.assert_array_equal(network.theta[others], before[others])
    assert np.isfinite(network.theta).all()
    # Asked without, the objective gives all of it.
    assert np.isfinite(trainer._objective(network.theta, Batch(batch.x, batch.y))[1]).all()


def test_the_penalty_is_that_of_all_weights():
    """In the loss, too: rows that are met at every step have nothing to make up for."""
    trainer, batches, optimizer, network = trainer_for(40, 30, 10, Adam())
    theta, objective, whole = network.theta, trainer._objective, copy.deepcopy(network)
    dense = Objective(whole, SquaredError(), 0.1, 10)
    batch = next(iter(batches))
    for _ in range(4):
        met = optimizer.meet(theta, np.arange(30))
        loss, gradient = objective(theta, batch._replace(met=met))
        expected, of_all = dense(theta, Batch(batch.x, batch.y))
        assert loss == pytest.approx(expected, rel=1e-13)
        inside = met.entries[np.isin(met.entries, optimizer.tables.entries(met.rows)[0])]
        used = np.flatnonzero(of_all[inside] - 0.1 * theta[inside])
        np.testing.assert_allclose(gradient[inside][used], of_all[inside][used], rtol=1e-12)
        optimizer.step(theta, of_all.copy())


def test_a_row_gets_the_penalty_of_the_steps_that_it_missed_across_epochs():
    trainer, batches, optimizer, network = trainer_for(40, 30, 10, Adam())
    theta, all_rows = network.theta, np.arange(30)
    for n, rows_of in ((3, all_rows[:1]), (4, all_rows[1:])):
        for _ in range(n):
            optimizer.meet(theta, rows_of)
            optimizer.step(theta, np.zeros(theta.size))
        optimizer.to_evaluation(theta)
    batch = next(iter(batches))
    met = optimizer.meet(theta, all_rows)
    gradient = trainer._objective(theta, batch._replace(met=met))[1][:3].copy()
    of_loss = trainer._objective(theta, Batch(batch.x, batch.y))[1][:3] - 0.1 * theta[:3]
    np.testing.assert_allclose(gradient - of_loss, 5 * 0.1 * theta[:3], rtol=1e-9)
