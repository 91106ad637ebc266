"""Callbacks on the estimators are told what scikit-learn's protocol says, whatever its version."""

import copy
import pickle

import numpy as np
import pytest
from joblib import parallel_config
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.utils import get_tags

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.callbacks import FitCallback
from sknumpynet.callbacks.protocol import OF_A_FIT

pytestmark = pytest.mark.filterwarnings("ignore:The network predicts no better than a constant")
rng = np.random.default_rng(0)
X = rng.normal(size=(120, 3))
y = X[:, 0] - X[:, 1] ** 2
SMALL = {"hidden_layer_sizes": (4,), "random_state": 0}
ESTIMATORS = [NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor]


def target_of(estimator):
    return y > 0 if is_classifier(estimator) else y


class Record(FitCallback):
    """Notes every call: the hook, the path of the task, what was given."""

    def __init__(self, stop_at=None, fail_at=None):
        self.calls, self.stop_at, self.fail_at = [], stop_at, fail_at

    def note(self, hook, estimator, context, **given):
        path, task = [], context
        while task is not None:
            path, task = [(task.task_name, task.task_id), *path], task.parent
        self.calls.append((hook, path, estimator, given))
        if hook == self.fail_at:
            raise LookupError(f"failed at {hook}")
        return self.stop_at is not None and self.stop_at(path, given)

    def setup(self, estimator, context):
        self.note("setup", estimator, context)

    def teardown(self, estimator, context):
        self.note("teardown", estimator, context)

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        most = context.max_subtasks
        self.note("begin", estimator, context, X=X, y=y, metadata=metadata, most=most)

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        given = {"X": X, "y": y, "metadata": metadata, "fitted": fitted_estimator}
        return self.note("end", estimator, context, **given)

    def paths(self, hook):
        return [path for name, path, _, _ in self.calls if name == hook]

    def given(self, hook, key, depth):
        return [
            given[key] for name, path, _, given in self.calls if (name, len(path)) == (hook, depth)
        ]


FIT = ("fit", 0)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_fit_is_a_task_and_its_epochs_are_tasks_of_it(solver):
    record, model = Record(), NumpyMLPRegressor(solver=solver, max_iter=3, tol=0, **SMALL)
    assert model.set_callbacks(record) is model
    with pytest.warns(match="cut short by max_iter=3"):
        model.fit(X, y)
    epochs = [[FIT, ("epoch", i)] for i in range(3)]
    begun_and_ended = [("begin", [FIT])]
    for epoch in epochs:
        begun_and_ended += [("begin", epoch), ("end", epoch)]
    expected = [("setup", [FIT]), *begun_and_ended, ("end", [FIT]), ("teardown", [FIT])]
    assert [call[:2] for call in record.calls] == expected
    assert record.given("begin", "most", 1) == [3]
    assert record.given("begin", "most", 2) == [0, 0, 0]
    assert {id(estimator) for _, _, estimator, _ in record.calls} == {id(model)}


@pytest.mark.filterwarnings("ignore:Training was cut short")
@pytest.mark.parametrize("cls", ESTIMATORS)
def test_every_estimator_has_callbacks_and_the_same_bits_with_them(cls):
    options = {**SMALL, "max_iter": 3, "n_bags": 1}
    target = target_of(cls())
    plain, watched = cls(**options), cls(**options).set_callbacks(Record())
    plain.fit(X, target, sample_weight=np.ones(120))
    watched.fit(X, target, sample_weight=np.ones(120))
    assert plain.network_.theta.tobytes() == watched.network_.theta.tobytes()
    assert vars(watched).keys() - vars(plain).keys() == {"_skl_callbacks"}
    assert get_tags(plain) == get_tags(watched)
    watched.partial_fit(X, target)
    plain.partial_fit(X, target)
    assert plain.network_.theta.tobytes() == watched.network_.theta.tobytes()
    record = watched._skl_callbacks[0]
    assert record.paths("begin")[-2:] == [[("partial_fit", 0)], [("partial_fit", 0), ("epoch", 0)]]


@pytest.mark.filterwarnings("ignore:Training was cut short")
def test_hooks_are_given_what_the_user_passed():
    weights = np.ones(120)
    record = Record()
    NumpyMLPRegressor(max_iter=2, **SMALL).set_callbacks(record).fit(X, y, weights)
    for hook in ("begin", "end"):
        for depth in (1, 2):
            assert all(given is X for given in record.given(hook, "X", depth))
            assert all(given is y for given in record.given(hook, "y", depth))
            metadata = record.given(hook, "metadata", depth)
            assert [given["sample_weight"] is weights for given in metadata] == [True] * depth


@pytest.mark.filterwarnings("ignore:Training was cut short")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_after_each_epoch_a_fitted_copy_is_there(solver):
    """It is the model of a fit of so many epochs; nothing changes it later."""
    options = {**SMALL, "solver": solver, "early_stopping": False, "tol": 0}
    record = Record()
    model = NumpyMLPRegressor(max_iter=3, **options).set_callbacks(record).fit(X, y)
    copies = record.given("end", "fitted", 2)
    for n, fitted in enumerate(copies, 1):
        shorter = NumpyMLPRegressor(max_iter=n, **options).fit(X, y)
        assert fitted.network_.theta.tobytes() == shorter.network_.theta.tobytes()
        assert np.array_equal(fitted.predict(X), shorter.predict(X))
        assert fitted.history_["loss"] == model.history_["loss"][:n]
        assert vars(shorter).keys() - vars(fitted).keys() == set()
        assert not vars(fitted).keys() & {*OF_A_FIT}
        assert pickle.loads(pickle.dumps(fitted)).n_iter_ == n
    (whole,) = record.given("end", "fitted", 1)
    assert whole.network_.theta.tobytes() == model.network_.theta.tobytes()


@pytest.mark.filterwarnings("ignore:Training was cut short")
def test_a_fitted_copy_may_be_trained_without_touching_the_fit():
    class Meddler(Record):
        def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
            fitted_estimator.set_callbacks().partial_fit(X, y)
            fitted_estimator.coefs_[0][:] = 0.0

    options = {**SMALL, "max_iter": 4, "dropout": 0.2, "warm_start": True}
    plain = NumpyMLPRegressor(**options).fit(X, y)
    watched = NumpyMLPRegressor(**options).set_callbacks(Meddler()).fit(X, y)
    assert plain.network_.theta.tobytes() == watched.network_.theta.tobytes()
    plain.fit(X, y)
    watched.fit(X, y)
    assert plain.network_.theta.tobytes() == watched.network_.theta.tobytes()


@pytest.mark.filterwarnings("ignore:Training was cut short")
@pytest.mark.parametrize("fail_at", ["setup", "begin", "end", "teardown"])
def test_an_error_ends_the_fit_and_leaves_the_estimator(fail_at):
    record = Record(fail_at=fail_at)
    model = NumpyMLPRegressor(max_iter=20, **SMALL).set_callbacks(record)
    with pytest.raises(LookupError, match=f"failed at {fail_at}"):
        model.fit(X, y)
    hooks = [name for name, *_ in record.calls]
    assert (hooks.count("setup"), hooks.count("teardown")) == (1, 1)
    # By then the fit has come to its end.
    assert hasattr(model, "coefs_") == (fail_at == "teardown")
    assert not vars(model).keys() & {*OF_A_FIT}


def test_an_error_of_the_fit_tears_down():
    record = Record()
    model = NumpyMLPRegressor(**SMALL).set_callbacks(record)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, np.full(120, np.nan))
    assert [name for name, *_ in record.calls] == ["setup", "teardown"]
    assert not vars(model).keys() & {*OF_A_FIT}


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_true_stops(solver, recwarn):
    record = Record(stop_at=lambda path, given: path[-1] == ("epoch", 3))
    model = NumpyMLPRegressor(solver=solver, tol=0, **SMALL).set_callbacks(record).fit(X, y)
    assert model.n_iter_ == 4
    assert list(recwarn) == []
    if solver == "adam":
        assert model.best_validation_score_ == max(model.validation_scores_)


def test_true_at_the_end_of_a_model_begins_no_other():
    record = Record(stop_at=lambda path, given: path[-1] == ("model", 1))
    model = NumpyMLPRegressor(n_bags=4, max_iter=30, **SMALL).set_callbacks(record)
    with pytest.warns(UserWarning, match=r"stopped by a callback: 2 of 4 models \(n_bags\) exist"):
        model.fit(X, y)
    models = [path[-1] for path in record.paths("end") if len(path) == 2]
    assert models == [("model", 0), ("model", 1)]
    assert 0 < np.isnan(model.oof_prediction_).sum() < 120
    (whole,) = record.given("end", "fitted", 1)
    assert np.array_equal(whole.predict(X), model.predict(X))


@pytest.mark.filterwarnings("ignore:Training was cut short")
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_models_of_bags_are_tasks_with_epochs(n_jobs):
    """With threads hooks are called side by side, but of each model in their order."""
    record = Record()
    model = NumpyMLPRegressor(n_bags=2, n_jobs=n_jobs, max_iter=2, **SMALL)
    plain = clone(model).fit(X, y)
    with parallel_config("threading"):
        model.set_callbacks(record).fit(X, y)
    assert np.array_equal(plain.predict(X), model.predict(X))
    for number in (0, 1):
        whole = [FIT, ("model", number)]
        epochs = [[*whole, ("epoch", i)] for i in (0, 1)]
        calls = [("begin", whole)]
        for epoch in epochs:
            calls += [("begin", epoch), ("end", epoch)]
        calls.append(("end", whole))
        assert [call[:2] for call in record.calls if call[1][:2] == whole] == calls
    assert record.given("begin", "most", 1) == [2]
    assert record.given("begin", "most", 2) == [2, 2]
    last = {path[1]: given["fitted"] for hook, path, _, given in record.calls if len(path) == 3
            and hook == "end"}  # fmt: skip
    assert last["model", 1].history_["epoch"] == [1, 2]


def test_ctrl_c_ends_the_epoch_that_has_begun():
    class Stop(Record):
        def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
            super().on_fit_task_begin(estimator, context, X=X, y=y, metadata=metadata)
            if context.task_id == 2:
                raise KeyboardInterrupt

    record = Stop()
    model = NumpyMLPRegressor(**SMALL).set_callbacks(record)
    with pytest.warns(UserWarning, match="interrupted by user after 2 epochs"):
        model.fit(X, y)
    assert record.paths("begin") == [[FIT], *([FIT, ("epoch", i)] for i in (0, 1, 2))]
    assert record.paths("end") == [*([FIT, ("epoch", i)] for i in (0, 1, 2)), [FIT]]
    assert [given is None for given in record.given("end", "fitted", 2)] == [False, False, True]


@pytest.mark.parametrize("callback", [None, Record, object()])
def test_what_is_no_callback_is_refused(callback):
    with pytest.raises(TypeError, match="FitCallback"):
        NumpyMLPRegressor().set_callbacks(callback)


def test_copies_clones_and_pickles_have_the_callbacks():
    record = Record()
    model = NumpyMLPRegressor(**SMALL).set_callbacks(record)
    assert clone(model)._skl_callbacks == [record]
    assert copy.copy(model)._skl_callbacks == [record]
    assert len(pickle.loads(pickle.dumps(model))._skl_callbacks) == 1
    assert "_skl_callbacks" not in vars(clone(model.set_callbacks()))


@pytest.mark.usefixtures("routing")
def test_clones_keep_all_that_scikit_learns_keep():
    model = NumpyMLPRegressor((3, 2), alpha=0.5).set_fit_request(sample_weight=True)
    other = clone(model)
    assert other.get_params() == model.get_params()
    assert other.get_metadata_routing().fit.requests["sample_weight"] is True


@pytest.fixture
def routing():
    with config_context(enable_metadata_routing=True):
        yield
