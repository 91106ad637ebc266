"""scikit-learn's own callbacks, and its pipelines and searches that hand them on, take part."""

import copy
import pickle
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import BaggingRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.callbacks import FitCallback
from sknumpynet.callbacks.protocol import OF_A_FIT

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn < 1.9")
pytestmark = [
    pytest.mark.filterwarnings("ignore:Training was cut short"),
    # What stands in front of the network may know of none.
    pytest.mark.filterwarnings("ignore:The estimator AsItIs does not support callbacks"),
]

rng = np.random.default_rng(0)
FRAME = pd.DataFrame(rng.normal(size=(90, 3)), columns=list("abc"))
FRAME["text"] = np.where(FRAME["c"] > 0, "high", "low")
y = (FRAME["a"] - FRAME["b"] ** 2).to_numpy()
EPOCHS = 3
SMALL = {"hidden_layer_sizes": (4,), "random_state": 0, "max_iter": EPOCHS}
MODEL = NumpyMLPRegressor(**SMALL)


class AsItIs(BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X

    def __sklearn_is_fitted__(self):
        return True


def count(log, depth):
    return sum(len(entry["task_id_path"]) == depth for entry in log.data)


#: What is fitted, its steps: how deep epochs lie, how many there are, and scores of other tasks.
FITS = {
    "alone": (clone(MODEL), 2, EPOCHS, 1),
    "lbfgs": (clone(MODEL).set_params(solver="lbfgs"), 2, EPOCHS, 1),
    "bags": (clone(MODEL).set_params(n_bags=2), 3, 2 * EPOCHS, 3),
    "bags in processes": (clone(MODEL).set_params(n_bags=2, n_jobs=2), 3, 2 * EPOCHS, 3),
    "pipeline": (make_pipeline(AsItIs(), MODEL), 3, EPOCHS, 1),
    "search": (GridSearchCV(MODEL, {"alpha": [0.0, 1.0]}, cv=2), 4, 4 * EPOCHS, 5 + EPOCHS),
}


def innermost(estimator):
    while not isinstance(estimator, NumpyMLPRegressor):
        steps = getattr(estimator, "steps", None)
        estimator = steps[-1][1] if steps else estimator.estimator
    return estimator


@pytest.mark.parametrize("name", FITS)
def test_scoring_monitor_sees_every_epoch(name):
    estimator, depth, n_epochs, n_others = FITS[name]
    estimator, monitor = clone(estimator), callback.ScoringMonitor(scoring="r2")
    innermost(estimator).set_callbacks(monitor)
    estimator.fit(FRAME, y)
    (log,) = monitor.get_logs(select="all")
    assert count(log, depth) == n_epochs
    assert len(log.data) == n_epochs + n_others
    last = log.data[-1]["r2"] if name in ("alone", "lbfgs") else None
    if last is not None:
        assert last == pytest.approx(r2_score(y, estimator.predict(FRAME)))


@pytest.mark.parametrize("name", FITS)
def test_progress_bars_come_to_their_end(name, capsys):
    pytest.importorskip("rich")
    estimator, *_ = FITS[name]
    bar = callback.ProgressBar(max_propagation_depth=None)
    clone(estimator).set_callbacks(bar).fit(FRAME, y)
    shown = capsys.readouterr().out
    assert "NumpyMLPRegressor - fit" in shown
    assert "100%" in shown
    assert not re.search(r"\b[0-9]{1,2}%", shown.splitlines()[-1])


@pytest.mark.parametrize("name", FITS)
def test_the_bits_are_the_same_with_callbacks(name):
    estimator, *_ = FITS[name]
    plain, watched = clone(estimator).fit(FRAME, y), clone(estimator)
    innermost(watched).set_callbacks(callback.ScoringMonitor(scoring="r2"))
    assert plain.predict(FRAME).tobytes() == watched.fit(FRAME, y).predict(FRAME).tobytes()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_of_processes_brings_everything_back(n_jobs):
    """The search hands on its bar, the network has a monitor: no warning, no trace left of it."""
    monitor = callback.ScoringMonitor(scoring="r2")
    search = GridSearchCV(
        clone(MODEL).set_callbacks(monitor), {"alpha": [0.0, 1.0]}, cv=2, n_jobs=n_jobs
    )
    search.set_callbacks(Bar()).fit(FRAME, y)
    (log,) = monitor.get_logs(select="all")
    assert count(log, 4) == 4 * EPOCHS
    best = vars(search.best_estimator_)
    assert best["_skl_callbacks"] == [monitor]
    assert not best.keys() & {*OF_A_FIT}


class Bar(FitCallback):
    """One that a search hands on."""

    max_propagation_depth = None

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        pass


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_cross_validate_has_a_run_for_each_fold(n_jobs):
    monitor = callback.ScoringMonitor(scoring="r2")
    found = cross_validate(clone(MODEL).set_callbacks(monitor), FRAME, y, cv=3, n_jobs=n_jobs)
    assert not np.isnan(found["test_score"]).any()
    assert [len(log.data) for log in monitor.get_logs(select="all")] == [EPOCHS + 1] * 3


def test_an_ensemble_of_scikit_learn_is_watched():
    monitor = callback.ScoringMonitor(scoring="r2")
    X = FRAME[["a", "b"]].to_numpy()
    BaggingRegressor(clone(MODEL).set_callbacks(monitor), 2, random_state=0).fit(X, y)
    assert [len(log.data) for log in monitor.get_logs(select="all")] == [EPOCHS + 1] * 2


def test_partial_fit_and_weights_are_watched():
    monitor = callback.ScoringMonitor(scoring="accuracy")
    model = NumpyMLPClassifier(**SMALL).set_callbacks(monitor)
    weight = np.linspace(0, 1, 90)
    for _ in range(3):
        model.partial_fit(FRAME, y > 0, weight, classes=[False, True])
        scores = [row["accuracy"] for row in monitor.get_logs().data]
        assert scores == pytest.approx([model.score(FRAME, y > 0, weight)] * 2)
    assert len(monitor.get_logs(select="all")) == 3


def test_a_training_that_diverges_says_so_and_not_that_it_has_no_score():
    monitor = callback.ScoringMonitor(scoring="r2")
    model = NumpyMLPRegressor(solver="sgd", learning_rate_init=1e30, **SMALL)
    with pytest.warns(match="Training diverged in epoch 1"):
        model.set_callbacks(monitor).fit(FRAME, y)
    assert [log["task_name"] for log in monitor.get_logs().data] == ["fit"]


def test_a_fitted_copy_has_nothing_of_an_earlier_fit():
    """Of columns with names none are left, where this X has none."""
    seen = []

    class Look(FitCallback):
        def on_fit_task_end(self, estimator, context, *, X=None, fitted_estimator=None):
            seen.append(fitted_estimator.predict(X))
            assert not hasattr(fitted_estimator, "feature_names_in_")

    model = clone(MODEL).fit(FRAME, y)
    model.set_callbacks(Look()).fit(FRAME[["a", "b"]].to_numpy(), y)
    assert len(seen) == EPOCHS + 1
    assert seen[-1].tobytes() == model.predict(FRAME[["a", "b"]].to_numpy()).tobytes()


# The checks of scikit-learn for those who take part in the protocol, on these estimators.

utils = pytest.importorskip("sklearn.callback.tests._utils")


def recorded(*callbacks):
    return clone(MODEL).set_callbacks(*callbacks)


@pytest.mark.parametrize("kind", ["RecordingCallback", "RecordingAutoPropagatedCallback"])
def test_hooks_are_counted(kind):
    record = getattr(utils, kind)()
    recorded(record).fit(FRAME, y)
    counts = [record.count_hooks(name) for name in ("setup", "teardown")]
    assert counts == [1, 1]
    for name in ("on_fit_task_begin", "on_fit_task_end"):
        assert record.count_hooks(name) == 1 + EPOCHS


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_hooks_of_a_meta_estimator_are_counted(n_jobs):
    handed_on, own = utils.RecordingAutoPropagatedCallback(), utils.RecordingCallback()
    outer = utils.MetaEstimator(recorded(own), n_outer=2, n_inner=2, n_jobs=n_jobs)
    outer.set_callbacks(handed_on).fit(FRAME, y)
    n_tasks = 1 + 2 + 4 * (1 + EPOCHS)
    for name in ("on_fit_task_begin", "on_fit_task_end"):
        assert handed_on.count_hooks(name) == n_tasks
        assert own.count_hooks(name) == 4 * (1 + EPOCHS)
    assert (handed_on.count_hooks("setup"), handed_on.count_hooks("teardown")) == (1, 1)
    assert (own.count_hooks("setup"), own.count_hooks("teardown")) == (4, 4)


def test_the_trees_of_tasks_are_one():
    record = utils.RecordingAutoPropagatedCallback()
    outer = utils.MetaEstimator(clone(MODEL), n_outer=1, n_inner=2).set_callbacks(record)
    outer.fit(FRAME, y)
    root = next(call["context"] for call in record.record if call["name"] == "setup")
    names = [(task.estimator_name, task.task_name) for task in root]
    fit = [("NumpyMLPRegressor", "fit"), *[("NumpyMLPRegressor", "epoch")] * EPOCHS]
    assert names == [("MetaEstimator", "fit"), ("MetaEstimator", "outer"), *fit, *fit]
    assert len({task.root_uuid for task in root}) == 1
    sources = {task.source_task_name for task in root if task.task_name == "fit"}
    assert sources == {None, "inner"}


def test_callbacks_that_are_handed_on_are_not_to_be_set_within():
    outer = utils.MetaEstimator(recorded(utils.RecordingAutoPropagatedCallback()))
    with pytest.raises(TypeError, match="can't have auto-propagated callbacks"):
        outer.fit(FRAME, y)


@pytest.mark.parametrize("where", ["setup", "on_fit_task_begin", "on_fit_task_end", "teardown"])
def test_one_that_fails_is_torn_down(where):
    failing = utils.FailingCallback(fail_at=where)
    model = recorded(failing)
    with pytest.raises(ValueError, match=f"Failing callback failed at {where}"):
        model.fit(FRAME, y)
    assert (failing.count_hooks("setup"), failing.count_hooks("teardown")) == (1, 1)
    assert not vars(model).keys() & {*OF_A_FIT}


def test_only_what_was_set_up_is_torn_down():
    failing, other = utils.FailingCallback(fail_at="setup"), utils.RecordingCallback()
    with pytest.raises(ValueError, match="failed at setup"):
        recorded(failing, other).fit(FRAME, y)
    assert (other.count_hooks("setup"), other.count_hooks("teardown")) == (0, 0)


def test_several_errors_at_the_end_are_all_raised():
    model = recorded(*(utils.FailingCallback(fail_at="teardown") for _ in range(2)))
    with pytest.raises(Exception, match="teardown errors occurred") as caught:
        model.fit(FRAME, y)
    assert len(caught.value.exceptions) == 2


def test_a_hook_with_other_parameters_is_refused():
    with pytest.raises(TypeError, match="has parameters that are not valid"):
        recorded(utils.NotValidHookCallback()).fit(FRAME, y)


def test_one_that_stops_stops():
    stop = utils.StopFitCallback()
    assert recorded(stop).fit(FRAME, y).n_iter_ == 1
    assert stop.count_hooks("on_fit_task_end") == 2


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_fits_side_by_side_in_a_function_that_knows_of_no_callbacks(backend):
    from sklearn.utils.parallel import Parallel, delayed

    record = utils.RecordingCallback()
    model = recorded(record)
    Parallel(n_jobs=2, backend=backend)(delayed(fit_clone)(model) for _ in range(3))
    assert (record.count_hooks("setup"), record.count_hooks("teardown")) == (3, 3)
    assert record.count_hooks("on_fit_task_end") == 3 * (1 + EPOCHS)


def fit_clone(model):
    clone(model).fit(FRAME, y)


@pytest.mark.parametrize("fitted", [False, True])
def test_estimators_with_callbacks_are_pickled_and_go_on(fitted):
    monitor = callback.ScoringMonitor(scoring="r2")
    model = recorded(monitor)
    if fitted:
        model.fit(FRAME, y)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        (its,) = other.fit(FRAME, y)._skl_callbacks
        assert len(its.get_logs(select="all")) == 1 + fitted
    assert len(monitor.get_logs(select="all") if fitted else []) == fitted


def test_they_are_read_in_a_fresh_process(tmp_path):
    path = tmp_path / "model.pickle"
    monitor = callback.ScoringMonitor(scoring="r2")
    path.write_bytes(pickle.dumps(recorded(monitor).fit(FRAME, y)))
    code = (
        "import pickle, sys; model = pickle.load(open(sys.argv[1], 'rb')); "
        "print(len(model._skl_callbacks[0].get_logs().data))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == str(1 + EPOCHS)
