"""A fit that was cut goes on to the last bit: every option, optimizer, schedule and kind of column.

Whole fits are the reference; a fit that goes on begins from the file alone, in a new estimator.
"""

import copy
import pickle
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from joblib import parallel_config
from sklearn.base import is_classifier
from sklearn.model_selection import KFold, ShuffleSplit

from catalogue import COLUMN_KINDS, OPTIMIZERS, SCHEDULES, case_of, options_for
from catalogue.columns import N_ROWS
from catalogue.own_columns import OWN_GROUPS
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.callbacks import Checkpoint
from sknumpynet.checkpoints.file import read, write
from sknumpynet.encoding import kinds
from sknumpynet.fitting.resume import Place
from sknumpynet.training import Reporter

from .resuming import bits, crashed, resumed

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:calibrate=True:UserWarning"),
]
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = np.abs(X[:, 0] - X[:, 1] ** 2) + 0.5
PLAIN = [NumpyMLPClassifier, NumpyMLPRegressor]
TABULAR = [TabularMLPClassifier, TabularMLPRegressor]
SMALL = {"hidden_layer_sizes": (4, 3), "random_state": 0, "max_iter": 5, "batch_size": 16}


def target_of(cls):
    return (y > 1).astype(int) if is_classifier(cls()) else y


def check(cls, options, path, cuts=(1, 2), every=1, data=None, **given):
    """Whole and in pieces, each with options of its own: some are used up."""
    data = (X, target_of(cls)) if data is None else data

    def make():
        return cls(**copy.deepcopy(SMALL | options))

    whole = make().fit(*data, **given)
    assert bits(resumed(make, path, cuts, *data, every=every, **given), data[0]) == bits(
        whole, data[0]
    )


def values():
    """Each value of each option with which training has epochs."""
    for cls, name in options_for(*PLAIN):
        case = case_of(cls, name)
        for k, value in enumerate(case.valid):
            # A time that is over ends training anywhere, and L-BFGS saves nothing.
            if name != "max_time" and "lbfgs" not in (value, case.where.get("solver")):
                one_layer = {"hidden_layer_sizes": 4} if value in (["tanh"], (0.5,)) else {}
                options = one_layer | case.where | {name: value}
                yield pytest.param(cls, options, id=f"{cls.__name__}-{name}-{k}")


@pytest.mark.slow
@pytest.mark.parametrize(("cls", "options"), values())
def test_every_option(cls, options, tmp_path):
    if options.get("max_iter") == 1:
        pytest.skip("A single epoch is not cut.")
    check(cls, options, tmp_path / "fit.npz", cuts=(1,))


@pytest.mark.parametrize("ema_decay", [None, 0.9])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(name, ema_decay, tmp_path):
    case = OPTIMIZERS[name]
    if case.averages and ema_decay:
        pytest.skip("It averages by itself.")
    options = {"solver": case.solver, "learning_rate_init": case.rate, "ema_decay": ema_decay}
    check(NumpyMLPRegressor, case.options | options, tmp_path / "fit.npz")


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule(name, tmp_path):
    # Patience is over again and again, and rates are cut.
    hasty = {"n_iter_no_change": 1, "tol": 0.5, "max_iter": 8, "early_stopping": False}
    # Several cycles, where there are such.
    options = {"solver": "sgd", "learning_rate": name, "learning_rate_init": 0.1, "max_iter": 12}
    check(NumpyMLPRegressor, options | hasty, tmp_path / "fit.npz", cuts=(1,))
    check(NumpyMLPRegressor, options, tmp_path / "fit.npz", cuts=(2, 5))


@pytest.mark.parametrize("options", [{}, {"n_bags": 1}])
@pytest.mark.parametrize("cls", TABULAR)
def test_bags_dropout_members_and_averages(cls, options, tmp_path):
    check(cls, options | {"max_iter": 8}, tmp_path / "fit.npz")


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_bags_side_by_side(backend, tmp_path):
    """Each saves its own in the one file, and leaves the others' in it."""
    path, options = tmp_path / "fit.npz", SMALL | {"max_iter": 4}
    with parallel_config(backend):
        crashed(TabularMLPRegressor(**options, n_jobs=2), 3, Checkpoint(path, 1), X, y)
        crashed(TabularMLPRegressor(**options, n_jobs=2), 1, Checkpoint(path, 1), X, y)
    # Which of them were under way is up to the pool.
    assert len(read(path)["models"]) >= 2
    # One after the other it goes on as well.
    fitted = TabularMLPRegressor(**options).set_callbacks(Checkpoint(path)).fit(X, y)
    assert bits(fitted, X) == bits(TabularMLPRegressor(**options).fit(X, y), X)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_cuts_anywhere_in_bags(every, tmp_path):
    """Within the first, between two, in the last, before anything is saved."""
    options = {"n_bags": 3, "dropout": 0.2}
    check(NumpyMLPClassifier, options, tmp_path / "fit.npz", cuts=(1, 5, 5, 3), every=every)


def test_bags_of_lbfgs_are_saved_when_they_are_done(tmp_path):
    options = {"solver": "lbfgs", "n_bags": 3}

    def make():
        return NumpyMLPRegressor(**SMALL | options)

    path = tmp_path / "fit.npz"
    crashed(make(), 7, Checkpoint(path, every=100), X, y)
    assert path.exists()
    # Less than what two bags take.
    fitted = make().set_callbacks(Checkpoint(path)).fit(X, y)
    assert bits(fitted, X) == bits(make().fit(X, y), X)


@pytest.mark.parametrize(
    "splitter", [KFold(3), ShuffleSplit(3, random_state=1), [(np.arange(40), np.arange(40, 60))]]
)
def test_a_splitter(splitter, tmp_path):
    n_bags = 1 if isinstance(splitter, list) else 3
    check(NumpyMLPRegressor, {"splitter": splitter, "n_bags": n_bags}, tmp_path / "fit.npz")


def test_weights_groups_and_rows_to_validate_on(tmp_path):
    weight = np.arange(60) % 3
    path = tmp_path / "fit.npz"
    for cls in PLAIN:
        data = X, target_of(cls)
        check(cls, {}, path, sample_weight=weight)
        check(cls, {}, path, groups=np.arange(60) // 3)
        check(cls, {}, path, X_val=X[:20], y_val=data[1][:20], sample_weight_val=weight[:20] + 1)


def test_sparse_rows_and_several_outputs(tmp_path):
    path = tmp_path / "fit.npz"
    check(NumpyMLPRegressor, {}, path, data=(sp.csr_matrix(X * (X > 0)), np.c_[y, -y]))
    check(NumpyMLPClassifier, {}, path, data=(X, np.c_[y > 1, y > 2].astype(int)))
    check(NumpyMLPClassifier, {}, path, data=(X, np.array(["a", "b", "c"])[np.arange(60) % 3]))


CASES = COLUMN_KINDS | {kind.__name__: case for kind, case in OWN_GROUPS.items()}


@pytest.mark.filterwarnings("ignore:Left out of X")
@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_column(name, tmp_path, monkeypatch):
    own = tuple(kind for kind in OWN_GROUPS if kind.__name__ == CASES[name].encoded_by)
    monkeypatch.setattr(kinds, "KINDS", (*own, *kinds.KINDS))
    numbers, column = np.sin(np.arange(N_ROWS) * 1.7), CASES[name].values
    dtype = None if hasattr(column, "dtype") else object
    frame = pd.DataFrame({"before": numbers, "c": pd.Series(column, dtype=dtype)})
    check(NumpyMLPRegressor, {}, tmp_path / "fit.npz", data=(frame, numbers))


def test_large_tables_are_moved_row_by_row(tmp_path):
    levels = np.array([f"level {i}" for i in range(3000)], dtype=object)
    column = np.repeat(levels, 2)[rng.permutation(6000)]
    frame = pd.DataFrame({"c": column, "x": rng.normal(size=6000)})
    options = {"batch_size": 10, "max_iter": 3, "min_frequency": 1}
    data = frame, frame.x.to_numpy()
    check(NumpyMLPRegressor, options, tmp_path / "fit.npz", data=data, cuts=(1,))


# Fits that go on with an earlier one.


def begun(**options):
    return NumpyMLPRegressor(**SMALL | {"warm_start": True} | options).fit(X, y)


@pytest.mark.parametrize("options", [{}, {"n_bags": 2}, {"early_stopping": False}])
def test_a_warm_start_goes_on_from_the_same_model(options, tmp_path):
    path = tmp_path / "fit.npz"
    whole = begun(**options).fit(X, y)
    # In another process it comes out of a file.
    again = pickle.loads(pickle.dumps(begun(**options)))
    crashed(again, 3, Checkpoint(path, 1), X, y)
    again = pickle.loads(pickle.dumps(begun(**options))).set_callbacks(Checkpoint(path, 1))
    assert bits(again.fit(X, y), X) == bits(whole, X)
    assert not path.exists()


def test_after_a_fit_that_was_cut_a_later_one_is_the_same(tmp_path):
    def make():
        return NumpyMLPRegressor(**SMALL, warm_start=True, dropout=0.3)

    fitted = resumed(make, tmp_path / "fit.npz", (2,), X, y).set_callbacks()
    assert bits(fitted.fit(X, y).partial_fit(X, y), X) == bits(
        make().fit(X, y).fit(X, y).partial_fit(X, y), X
    )


# Ends of training.


@pytest.mark.parametrize("n_bags", [1, 2])
def test_a_training_that_diverges_does_so_again(n_bags, tmp_path):
    options = {"solver": "sgd", "learning_rate_init": 5.0, "n_bags": n_bags, "max_iter": 30}
    options |= {"early_stopping": n_bags > 1, "hidden_layer_sizes": (), "momentum": 0.0}
    whole = NumpyMLPRegressor(**SMALL | options).fit(X, y)
    assert whole._found.first.outcome.reason == "diverged"
    assert whole.n_iter_ > 3
    cuts = (whole.n_iter_ - 2, 1)
    check(NumpyMLPRegressor, options, tmp_path / "fit.npz", cuts=cuts)


def test_the_best_epoch_may_lie_before_the_cut(tmp_path):
    options = {"learning_rate_init": 0.1, "n_iter_no_change": 4, "max_iter": 200}
    options["early_stopping"] = True
    whole = NumpyMLPRegressor(**SMALL | options).fit(X, y)
    kept = whole._found.first.outcome.kept_epoch
    assert 1 < kept < whole.n_iter_ < 200
    check(NumpyMLPRegressor, options, tmp_path / "fit.npz", cuts=(kept + 1,))


def test_time_that_was_spent_counts(tmp_path):
    path = tmp_path / "fit.npz"
    options = SMALL | {"max_time": 1000.0}
    crashed(NumpyMLPRegressor(**options), 2, Checkpoint(path, 1), X, y)
    content = read(path)
    history = content["models"]["0"]["state"]["training"]["history"]
    history["seconds"] = [500.0, 500.0]
    write(path, content)
    fitted = NumpyMLPRegressor(**options).set_callbacks(Checkpoint(path)).fit(X, y)
    # One epoch more would be one too many.
    assert fitted.n_iter_ == 2


def test_time_that_was_spent_on_earlier_models_counts(tmp_path):
    path = tmp_path / "fit.npz"
    options = SMALL | {"max_time": 1000.0, "n_bags": 3}
    crashed(NumpyMLPRegressor(**options), 6, Checkpoint(path, 1), X, y)
    content = read(path)
    assert [model["kind"] for model in content["models"].values()] == ["ended", "under way"]
    content["models"]["0"]["state"]["history"]["seconds"] = [100.0] * 5
    content["models"]["1"]["state"]["training"]["history"]["seconds"] = [100.0]
    write(path, content)
    fitted = NumpyMLPRegressor(**options).set_callbacks(Checkpoint(path)).fit(X, y)
    planned = [found.account.max_time for found in fitted._found.founds]
    # Of the first epochs of the second model, too; the others take next to no time.
    np.testing.assert_allclose(planned, [1000.0 / 3, 500.0 / 2, 400.0], rtol=0.05)


# What is drawn.


@pytest.mark.parametrize("kind", [np.random.default_rng, np.random.RandomState])
def test_a_generator_is_left_as_by_a_fit_that_was_not_cut(kind, tmp_path):
    path = tmp_path / "fit.npz"
    of_whole = kind(3)
    whole = NumpyMLPRegressor(**SMALL | {"random_state": of_whole}).fit(X, y)

    # In another process, where it is seeded again.
    make = lambda source: NumpyMLPRegressor(**SMALL | {"random_state": source})  # noqa: E731
    crashed(make(kind(3)), 2, Checkpoint(path, 1), X, y)
    again = kind(3)
    fitted = make(again).set_callbacks(Checkpoint(path)).fit(X, y)
    assert bits(fitted, X) == bits(whole, X)
    assert again.random(3).tolist() == copy.deepcopy(of_whole).random(3).tolist()

    # In the same, where it has been drawn from.
    again = kind(3)
    crashed(make(again), 2, Checkpoint(path, 1), X, y)
    fitted = make(again).set_callbacks(Checkpoint(path)).fit(X, y)
    assert bits(fitted, X) == bits(whole, X)
    assert again.random(3).tolist() == of_whole.random(3).tolist()


@pytest.mark.parametrize("n_bags", [1, 2])
def test_without_a_seed_the_seed_of_the_fit_that_was_cut_is_used(n_bags, tmp_path):
    path = tmp_path / "fit.npz"
    options = SMALL | {"random_state": None, "n_bags": n_bags}
    np.random.seed(1)  # noqa: NPY002
    whole = NumpyMLPRegressor(**options).fit(X, y)
    np.random.seed(1)  # noqa: NPY002
    crashed(NumpyMLPRegressor(**options), 2, Checkpoint(path, 1), X, y)
    np.random.seed(2)  # noqa: NPY002
    fitted = NumpyMLPRegressor(**options).set_callbacks(Checkpoint(path)).fit(X, y)
    assert bits(fitted, X) == bits(whole, X)


# A plain fit.


@pytest.mark.parametrize("every", [1, 2, "1h"])
def test_saving_changes_no_bit(every, tmp_path):
    for cls in (NumpyMLPRegressor, TabularMLPClassifier):
        data = X, target_of(cls)
        saved = cls(**SMALL).set_callbacks(Checkpoint(tmp_path / "fit.npz", every)).fit(*data)
        assert bits(saved, X) == bits(cls(**SMALL).fit(*data), X)


def test_what_is_kept_is_read_and_nothing_is_trained(tmp_path):
    for options in ({}, {"n_bags": 2}, {"warm_start": True}, {"solver": "lbfgs"}):
        path = tmp_path / f"{len(options)}{list(options)}.npz"
        make = lambda: NumpyMLPRegressor(**SMALL | options)  # noqa: B023, E731
        whole = make().set_callbacks(Checkpoint(path, keep=True)).fit(X, y)
        written = path.read_bytes()
        again = make().set_callbacks(Checkpoint(path, keep=True)).fit(X, y)
        assert bits(again, X) == bits(whole, X)
        # Seconds are those of the first.
        assert again.history_["seconds"] == whole.history_["seconds"]
        assert path.read_bytes() == written


class Counter(Reporter):
    """Has a state of its own."""

    def __init__(self, n):
        self.n = n

    def state(self):
        return self.n

    def load(self, state):
        self.n = state


def test_of_several_reporters_of_one_class_each_has_its_state():
    class Kept:
        saved = None

        def model(self, number):
            return self.saved

        def save(self, number, what):
            self.saved = what

    keeper = Kept()

    def place():
        task = SimpleNamespace(number=0, name="", unit_of=None)
        return Place(task, keeper, SimpleNamespace(verbose=0), {})

    first = place()
    first.reporters([Counter(3), Reporter(), Counter(5)])
    first.note({"history": {"epoch": [1]}})
    # In a process of its own a model has others between them.
    later = [Counter(0), Counter(0), Reporter()]
    second = place()
    second.reporters(later)
    second.begin(SimpleNamespace(load=lambda state: None))
    assert [one.n for one in later[:2]] == [3, 5]
