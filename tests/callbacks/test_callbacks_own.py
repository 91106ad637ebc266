"""The callbacks of the package: EarlyStop by a figure of one's own, OptunaPruning by a trial's."""

import pickle
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_validate

from sknumpynet import NumpyMLPRegressor
from sknumpynet.callbacks import EarlyStop, FitCallback, OptunaPruning

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
rng = np.random.default_rng(0)
X = rng.normal(size=(120, 3))
y = X[:, 0] - X[:, 1] ** 2
SMALL = {"hidden_layer_sizes": (4,), "random_state": 0, "early_stopping": False, "tol": 0}


def script(figures):
    """A monitor that gives these figures for the epochs 1, 2, ..."""
    return lambda model: figures[len(model.history_["epoch"]) - 1]


@pytest.mark.parametrize(
    ("figures", "options", "stopped_after"),
    [
        ([1, 2, 3, 3, 3, 9], {"n_iter_no_change": 2}, 5),
        ([3, 1, 2, 4, 1, 1, 1, 9], {"n_iter_no_change": 3}, 7),
        ([5, 4, 3, 3, 9], {"n_iter_no_change": 1, "greater_is_better": False}, 4),
        ([1.0, 1.1, 1.2, 1.3, 9], {"n_iter_no_change": 3, "tol": 0.5}, 4),
        ([-np.inf, -np.inf, 0, 9], {"n_iter_no_change": 2}, 2),
    ],
)
def test_early_stop_counts_epochs_without_improvement(figures, options, stopped_after):
    stop = EarlyStop(script(figures), **options)
    model = NumpyMLPRegressor(**SMALL).set_callbacks(stop).fit(X, y)
    assert model.n_iter_ == stopped_after
    # And again from the start, in the next fit.
    assert model.fit(X, y).n_iter_ == stopped_after


def test_early_stop_counts_for_each_model_of_bags():
    stop = EarlyStop(script([2, 1, 1, 1, 1]), n_iter_no_change=3)
    model = NumpyMLPRegressor(n_bags=3, **SMALL).set_callbacks(stop).fit(X, y)
    assert [len(found.history["loss"]) for found in model._found.founds] == [4, 4, 4]
    assert not np.isnan(model.oof_prediction_).any()
    assert stop._trainings == {}


def test_early_stop_forgets_a_fit_that_failed():
    stop = EarlyStop(script([1.0, np.nan]))
    model = NumpyMLPRegressor(**SMALL).set_callbacks(stop)
    with pytest.raises(ValueError, match=r"monitor=.* of EarlyStop gave nan"):
        model.fit(X, y)
    assert stop._trainings == {}
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        (("loss",), TypeError, "monitor must be a callable .* Got 'loss'"),
        ((len, 0), ValueError, "n_iter_no_change must be >= 1. Got 0"),
        ((len, 1, -1.0), ValueError, "tol must be >= 0. Got -1.0"),
    ],
)
def test_what_early_stop_does_not_take(arguments, error, match):
    names = ("monitor", "n_iter_no_change", "tol")
    with pytest.raises(error, match=match):
        EarlyStop(**dict(zip(names, arguments, strict=False)))


class Trial:
    """Of Optuna, as far as it is asked; to be pruned at a step, or never."""

    def __init__(self, direction="MINIMIZE", prune_at=None):
        self.study = SimpleNamespace(direction=SimpleNamespace(name=direction))
        self.reported, self.prune_at = {}, prune_at

    def report(self, value, step):
        assert step not in self.reported
        self.reported[step] = value

    def should_prune(self):
        return self.prune_at in self.reported


class TrialPruned(Exception):  # noqa: N818
    """The name is Optuna's."""


@pytest.fixture
def fake_optuna(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", SimpleNamespace(TrialPruned=TrialPruned))


VALIDATED = {**SMALL, "early_stopping": True, "max_iter": 12}


@pytest.mark.filterwarnings("ignore:Training was cut short")
@pytest.mark.parametrize("monitor", [None, "loss", "validation_loss", "score", "own"])
@pytest.mark.parametrize("direction", ["MINIMIZE", "MAXIMIZE"])
def test_a_trial_is_told_of_each_epoch(monitor, direction):
    name = monitor or {"MINIMIZE": "validation_loss", "MAXIMIZE": "score"}[direction]
    trial = Trial(direction)
    if name == "own":
        pruning = OptunaPruning(trial, lambda model: model.n_iter_ / 2)
    else:
        pruning = OptunaPruning(trial, monitor)
    model = NumpyMLPRegressor(**VALIDATED).set_callbacks(pruning)
    if (name == "score") != (direction == "MAXIMIZE") and name != "own":
        with pytest.raises(
            ValueError, match=f"is for a study .* This one has .{direction.lower()}"
        ):
            model.fit(X, y)
        return
    model.fit(X, y)
    expected = [n / 2 for n in range(1, 13)] if name == "own" else model.history_[name]
    assert trial.reported == dict(enumerate(expected))


@pytest.mark.usefixtures("fake_optuna")
def test_a_trial_that_is_to_be_pruned_ends_the_fit():
    trial = Trial(prune_at=3)
    model = NumpyMLPRegressor(**VALIDATED).set_callbacks(OptunaPruning(trial))
    with pytest.raises(TrialPruned, match="after epoch 4"):
        model.fit(X, y)
    assert len(trial.reported) == 4
    assert not hasattr(model, "coefs_")


@pytest.mark.filterwarnings("ignore:Training was cut short")
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_of_several_trainings_a_trial_follows_the_first(n_jobs):
    trial = Trial()
    model = NumpyMLPRegressor(n_bags=2, n_jobs=n_jobs, **VALIDATED)
    model.set_callbacks(OptunaPruning(trial)).fit(X, y)
    if n_jobs is None:
        assert trial.reported == dict(enumerate(model.history_["validation_loss"]))
    trial = Trial()
    pruned = NumpyMLPRegressor(**VALIDATED).set_callbacks(OptunaPruning(trial))
    cross_validate(clone(pruned), X, y, cv=2, error_score="raise")
    assert len(trial.reported) == 12


def test_a_trial_without_validation_rows_is_told_what_to_do():
    model = NumpyMLPRegressor(**SMALL).set_callbacks(OptunaPruning(Trial()))
    with pytest.raises(ValueError, match="Set early_stopping=True, pass X_val"):
        model.fit(X, y)
    with pytest.raises(ValueError, match="monitor must be one of .* Got 'r2'"):
        OptunaPruning(Trial(), "r2")


@pytest.mark.filterwarnings("ignore:Training was cut short")
def test_a_study_prunes_its_bad_trials_and_ends_with_a_good_one():
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    rates = [1e-2, 2e-2, 1e-5, 5e-3, 1e-6]

    def objective(trial):
        rate = trial.suggest_categorical("learning_rate_init", rates)
        model = NumpyMLPRegressor(learning_rate_init=rate, **VALIDATED)
        return model.set_callbacks(OptunaPruning(trial)).fit(X, y).best_validation_score_

    pruner = optuna.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=3)
    study = optuna.create_study(direction="maximize", pruner=pruner)
    for rate in rates:
        study.enqueue_trial({"learning_rate_init": rate})
    study.optimize(objective, n_trials=len(rates))
    states = dict(zip(rates, [trial.state.name for trial in study.trials], strict=True))
    assert (states[1e-5], states[1e-6]) == ("PRUNED", "PRUNED")
    assert study.best_params["learning_rate_init"] >= 5e-3
    assert len(study.trials[2].intermediate_values) == 4
    # The best is tried once more, without a study.
    assert objective(optuna.trial.FixedTrial(study.best_params)) == study.best_value


@pytest.mark.parametrize("callback", [EarlyStop(len), OptunaPruning(Trial())])
def test_they_are_callbacks_that_can_be_pickled(callback):
    assert isinstance(callback, FitCallback)
    assert type(pickle.loads(pickle.dumps(callback))) is type(callback)
