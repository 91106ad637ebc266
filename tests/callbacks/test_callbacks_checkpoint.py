"""Checkpoint: what it takes, what it refuses by name, and what becomes of the file."""

import os
import pickle
import re
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.callbacks import Checkpoint, CheckpointError, EarlyStop, FitCallback
from sknumpynet.checkpoints import keeper
from sknumpynet.checkpoints.file import read, write

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = X[:, 0] - X[:, 1] ** 2
SMALL = {"hidden_layer_sizes": (4,), "random_state": 0, "max_iter": 4}
needs_search = pytest.mark.skipif(
    not hasattr(GridSearchCV, "set_callbacks"), reason="Searches have callbacks from 1.9 on."
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fit.npz"


class Calls(FitCallback):
    """Calls a function after each epoch."""

    def __init__(self, function):
        self.function = function

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        return self.function() if context.task_name == "epoch" else None

    def teardown(self, estimator, context):
        pass


def fail():
    raise LookupError


def left(path, estimator=None, *data, every=1, **given):
    """The path of a file that a fit has left after an epoch, or two."""
    estimator = NumpyMLPRegressor(**SMALL) if estimator is None else estimator
    counts = iter(range(99))
    estimator.set_callbacks(Checkpoint(path, every), Calls(lambda: next(counts) and fail()))
    with pytest.raises(LookupError):
        estimator.fit(*(data or (X, y)), **given)
    return path


def goes_on(path, estimator=None, *data, every="10min", **given):
    estimator = NumpyMLPRegressor(**SMALL) if estimator is None else estimator
    return estimator.set_callbacks(Checkpoint(path, every)).fit(*(data or (X, y)), **given)


# Parameters.


@pytest.mark.parametrize(
    ("every", "n_epochs", "seconds"),
    [
        (1, 1, None),
        (20, 20, None),
        ("30s", None, 30.0),
        ("10min", None, 600.0),
        ("1.5 h", None, 5400),
    ],
)
def test_how_often(every, n_epochs, seconds):
    saving = Checkpoint("x", every).saving
    assert (saving.n_epochs, saving.seconds) == (n_epochs, seconds)


@pytest.mark.parametrize("every", [0, -1, 2.5, True, None, "10", "ten min", "5m", "0s", "-1s", ""])
def test_how_often_not(every):
    with pytest.raises(ValueError, match="every of Checkpoint must be an integer >= 1"):
        Checkpoint("x", every)


def test_it_is_shown_pickled_and_cloned():
    checkpoint = Checkpoint("a.npz", every=3, keep=True)
    assert repr(checkpoint) == "Checkpoint('a.npz', every=3, keep=True)"
    assert pickle.loads(pickle.dumps(checkpoint)).saving == checkpoint.saving
    model = clone(NumpyMLPRegressor(**SMALL).set_callbacks(checkpoint))
    assert model._skl_callbacks[0].saving == checkpoint.saving


def test_it_is_saved_as_often_as_it_is_said(path):
    saved = []
    sizes = Calls(
        lambda: saved.append(
            read(path) and read(path)["models"]["0"]["state"]["training"]["progress"]
        )
    )
    model = NumpyMLPRegressor(**SMALL | {"max_iter": 8, "early_stopping": False})
    model.set_callbacks(Checkpoint(path, every=3), sizes).fit(X, y)
    # What is seen after an epoch was saved after one before.
    assert [state and state["n_iter"] for state in saved] == [None] * 3 + [3] * 3 + [6] * 2


def test_it_is_saved_when_the_time_has_come(path, monkeypatch):
    now = iter(np.arange(0.0, 1e6, 20.0))
    monkeypatch.setattr(keeper.time, "monotonic", lambda: next(now))
    saved = []
    model = NumpyMLPRegressor(**SMALL | {"max_iter": 8, "early_stopping": False})
    seen = Calls(lambda: saved.append(path.exists()))
    model.set_callbacks(Checkpoint(path, every="70s"), seen).fit(X, y)
    assert saved == [False] * 4 + [True] * 4


# The end.


def test_the_file_is_removed_or_kept(path):
    goes_on(path)
    assert not path.exists()
    NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path, 1, keep=True)).fit(X, y)
    assert path.exists()


def test_a_fit_that_fails_leaves_it(path):
    assert left(path).exists()


@pytest.mark.parametrize(("n_bags", "after"), [(1, 2), (3, 2), (3, 5)])
def test_after_ctrl_c_it_stays_and_is_named(n_bags, after, path):
    def interrupt():
        raise KeyboardInterrupt

    options = SMALL | {"n_bags": n_bags}
    whole = NumpyMLPRegressor(**options).fit(X, y)
    counts = iter(range(99))
    model = NumpyMLPRegressor(**options)
    model.set_callbacks(Checkpoint(path, 1), Calls(lambda: next(counts) == after and interrupt()))
    message = f"interrupted by user.* fit, called again, goes on from {re.escape(repr(str(path)))}"
    with pytest.warns(UserWarning, match=message):
        model.fit(X, y)
    assert path.exists()
    again = goes_on(path, NumpyMLPRegressor(**options))
    np.testing.assert_array_equal(again.predict(X), whole.predict(X))
    np.testing.assert_array_equal(again.oof_prediction_, whole.oof_prediction_)


def test_ctrl_c_that_is_raised_names_it_too(path):
    def interrupt():
        raise KeyboardInterrupt

    counts = iter(range(99))
    model = NumpyMLPRegressor(**SMALL, on_interrupt="raise")
    model.set_callbacks(Checkpoint(path, 1), Calls(lambda: next(counts) == 2 and interrupt()))
    with pytest.raises(KeyboardInterrupt, match=f"goes on from {re.escape(repr(str(path)))}"):
        model.fit(X, y)
    assert path.exists()


@pytest.mark.parametrize("n_bags", [1, 3])
def test_after_ctrl_c_behind_training_it_stays(n_bags, path, monkeypatch):
    """While probabilities are calibrated."""

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    options, labels = SMALL | {"n_bags": n_bags, "calibrate": True}, y > 0
    options["early_stopping"] = True
    whole = NumpyMLPClassifier(**options).fit(X, labels)
    monkeypatch.setattr("sknumpynet.fitting.calibration.minimize_scalar", interrupt)
    with pytest.warns(UserWarning, match="alibrated.* fit, called again, goes on from"):
        goes_on(path, NumpyMLPClassifier(**options), X, labels, every=1)
    monkeypatch.undo()
    again = goes_on(path, NumpyMLPClassifier(**options), X, labels)
    np.testing.assert_array_equal(again.predict_proba(X), whole.predict_proba(X))
    assert not path.exists()


def test_of_bags_a_callback_that_stops_ends_the_fit(path):
    class StopsBags(Calls):
        def on_fit_task_end(self, estimator, context):
            return context.task_name == "model"

    model = NumpyMLPRegressor(**SMALL, n_bags=3)
    model.set_callbacks(Checkpoint(path, 1), StopsBags(None))
    with pytest.warns(UserWarning, match="stopped by a callback: 1 of 3 models.*exist.$"):
        model.fit(X, y)
    assert not path.exists()


def test_a_callback_that_stops_ends_the_fit(path):
    model = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path, 1), Calls(lambda: True))
    assert model.fit(X, y).n_iter_ == 1
    assert not path.exists()


def test_a_warning_that_is_an_error_leaves_it(path):
    """The estimator is what it was before, so the fit may be tried again."""
    model = NumpyMLPRegressor(**SMALL | {"max_iter": 2}).set_callbacks(Checkpoint(path, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Warning, match="cut short"):
            model.fit(X, y)
    assert path.exists()


# Another fit.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0.5}, "alpha was 0.0001 and is 0.5"),
        ({"hidden_layer_sizes": (4, 4)}, r"hidden_layer_sizes was \(4,\) and is \(4, 4\)"),
        ({"random_state": 1}, "random_state was 0 and is 1"),
        ({"random_state": np.random.default_rng(0)}, "random_state was 0 and is a Generator"),
        ({"max_iter": 5, "tol": 0.5}, r"max_iter was 4 and is 5; tol was .* and is 0.5"),
        ({"splitter": KFold(3)}, "splitter was None and is KFold"),
        ({"warm_start": True}, "warm_start was False and is True"),
    ],
)
def test_other_options(options, message, path):
    left(path)
    with pytest.raises(CheckpointError, match="is that of another fit: " + message):
        goes_on(path, NumpyMLPRegressor(**SMALL | options))
    assert path.exists()


def test_options_of_one_look_but_another_content(path):
    def splits(n):
        return [(np.arange(n), np.arange(n, 60)) for _ in range(20)]

    left(path, NumpyMLPRegressor(**SMALL, splitter=splits(40)))
    with pytest.raises(CheckpointError, match="splitter was .* with another content"):
        goes_on(path, NumpyMLPRegressor(**SMALL, splitter=[*splits(40)[:-1], *splits(30)[:1]]))


def test_more_differences_are_counted(path):
    left(path)
    others = {"alpha": 0.1, "tol": 0.1, "beta_1": 0.1, "beta_2": 0.2, "epsilon": 0.1}
    with pytest.raises(CheckpointError, match="alpha .*; .*; .*; and 2 more. For several fits"):
        goes_on(path, NumpyMLPRegressor(**SMALL | others))


def test_options_without_effect_may_change(path, capsys):
    whole = NumpyMLPRegressor(**SMALL).fit(X, y)
    left(path)
    fitted = goes_on(path, NumpyMLPRegressor(**SMALL, verbose=1, n_threads=1, n_jobs=1))
    np.testing.assert_array_equal(fitted.predict(X), whole.predict(X))


def test_another_estimator(path):
    left(path)
    with pytest.raises(CheckpointError, match="it was a NumpyMLPRegressor and is a Tabular"):
        goes_on(path, TabularMLPRegressor(**SMALL))


frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(city=["x", "y", "z"] * 20)
WEIGHT = np.arange(60) + 1.0
HELD_OUT = {"X_val": frame[:20], "y_val": y[:20]}


@pytest.mark.parametrize(
    ("data", "given", "message"),
    [
        ((frame[:50], y[:50]), {}, "X had 60 rows and has 50"),
        (
            (frame.assign(a=X[:, 0] + (np.arange(60) == 7)), y),
            {},
            "X has other values in column 'a'",
        ),
        ((frame[::-1], y), {}, "X has other values[.]"),
        ((frame.assign(city=["x", "y", "q"] * 20), y), {}, "X has other values in column 'city'"),
        ((frame.assign(a=X[:, 1], b=X[:, 0]), y), {}, "X has other values in column 'a', 'b'"),
        ((frame.rename(columns={"a": "other"}), y), {}, "X had a column 'a'"),
        ((frame.drop(columns="b"), y), {}, "X had a column 'b'"),
        ((frame.assign(new=y), y), {}, "X has now a column 'new'"),
        ((frame[["b", "a", "c", "city"]], y), {}, "the columns of X have another order"),
        ((frame, y + (np.arange(60) == 3)), {}, "y has other values"),
        ((frame, y), {"sample_weight": WEIGHT}, "sample_weight was not there"),
        ((frame, y), {"groups": np.arange(60) // 2}, "groups was not there"),
        ((frame, y), HELD_OUT, "X_val was not there; y_val was not there"),
    ],
)
def test_other_rows(data, given, message, path):
    left(path, None, frame, y)
    with pytest.raises(CheckpointError, match=message):
        goes_on(path, None, *data, **given)


@pytest.mark.parametrize(
    ("before", "now", "message"),
    [
        ({"sample_weight": WEIGHT}, {}, "sample_weight is missing"),
        (
            {"sample_weight": WEIGHT},
            {"sample_weight": WEIGHT + 1},
            "sample_weight has other values",
        ),
        ({"groups": np.arange(60) // 2}, {"groups": np.arange(60) // 3}, "groups has other values"),
        (HELD_OUT, HELD_OUT | {"X_val": frame[20:40]}, "X_val has other values"),
        (HELD_OUT, HELD_OUT | {"y_val": y[:20] + 1}, "y_val has other values"),
        (
            HELD_OUT,
            HELD_OUT | {"sample_weight_val": WEIGHT[:20]},
            "sample_weight_val was not there",
        ),
    ],
)
def test_other_weights_groups_and_rows_to_validate_on(before, now, message, path):
    left(path, None, frame, y, **before)
    with pytest.raises(CheckpointError, match=message):
        goes_on(path, None, frame, y, **now)


def test_arrays_have_columns_by_number_and_a_kind(path):
    left(path)
    with pytest.raises(CheckpointError, match="X had 3 columns and has 2"):
        goes_on(path, None, X[:, :2], y)
    with pytest.raises(CheckpointError, match="X has other values in column 2[.]"):
        goes_on(path, None, X * [1, 1, 2], y)
    with pytest.raises(CheckpointError, match="X was dense float64 and is dense float32"):
        goes_on(path, None, X.astype(np.float32), y)


def test_other_labels(path):
    labels = np.array(["a", "b"])[(y > 0).astype(int)]
    left(path, NumpyMLPClassifier(**SMALL), X, labels)
    with pytest.raises(CheckpointError, match="y has other values"):
        goes_on(path, NumpyMLPClassifier(**SMALL), X, np.where(labels == "a", "a", "c"))


def test_a_warm_start_from_another_model(path):
    options = SMALL | {"warm_start": True}
    left(path, NumpyMLPRegressor(**options).fit(X, y))
    with pytest.raises(CheckpointError, match="the model of an earlier fit is missing"):
        goes_on(path, NumpyMLPRegressor(**options))
    with pytest.raises(CheckpointError, match="the model of an earlier fit has other values"):
        goes_on(path, NumpyMLPRegressor(**options).fit(X, y).fit(X, y))


@pytest.mark.parametrize("kind", [np.random.default_rng, np.random.RandomState])
def test_a_generator_in_another_state(kind, path):
    left(path, NumpyMLPRegressor(**SMALL | {"random_state": kind(3)}))
    source = kind(4)
    with pytest.raises(CheckpointError, match="random_state, a .*, is in another state. Seed it"):
        goes_on(path, NumpyMLPRegressor(**SMALL | {"random_state": source}))
    # It was not drawn from.
    assert source.random() == kind(4).random()


# Files that are no good.


def test_a_damaged_file(path):
    content = bytearray(left(path).read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    before = NumpyMLPRegressor(**SMALL).fit(X, y)
    predicted = before.predict(X)
    with pytest.raises(CheckpointError, match="damaged or cut.*Remove it to begin the fit anew"):
        goes_on(path, before)
    np.testing.assert_array_equal(before.predict(X), predicted)
    assert path.read_bytes() == content


def test_a_file_of_another_version(path):
    content = read(left(path))
    versions = content["facts"]["versions"]
    write(
        path, content | {"facts": content["facts"] | {"versions": versions | {"sknumpynet": "9"}}}
    )
    with pytest.raises(CheckpointError, match="was written by sknumpynet 9, and this is"):
        goes_on(path)
    write(path, content | {"facts": content["facts"] | {"versions": versions | {"NumPy": "1.2"}}})
    with pytest.warns(UserWarning, match=r"written with NumPy 1\.2 and not .*up to rounding"):
        goes_on(path)


def test_another_tree(path):
    for tree in ([], {}, {"facts": 3}, {"facts": {"versions": {}}}):
        write(path, tree)
        with pytest.raises(CheckpointError, match="holds what no fit has written"):
            goes_on(path)


def test_other_splits_of_the_same_rows(path):
    content = read(left(path))
    content["models"]["0"]["about"]["rows"] = "other"
    write(path, content)
    with pytest.raises(CheckpointError, match="split the same rows otherwise"):
        goes_on(path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CheckpointError, match="whose folder is not there"):
        goes_on(tmp_path / "no" / "fit.npz")
    with pytest.raises(CheckpointError, match="the folder .*no/', which is not there"):
        goes_on(f"{tmp_path / 'no'}/")


# Where nothing can be saved.


def test_a_splitter_that_draws(path):
    model = NumpyMLPRegressor(**SMALL, n_bags=2, splitter=ShuffleSplit(2))
    with pytest.raises(ValueError, match="splitter=ShuffleSplit.*Set its random_state"):
        goes_on(path, model)
    goes_on(path, model.set_params(splitter=ShuffleSplit(2, random_state=0)))
    goes_on(path, model.set_params(splitter=KFold(2)))


def test_partial_fit_is_refused(path):
    model = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path))
    with pytest.raises(ValueError, match="partial_fit is one epoch .* save the estimator itself"):
        model.partial_fit(X, y)


def test_two_are_refused(path):
    model = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path), Checkpoint(path))
    with pytest.raises(ValueError, match="One Checkpoint is enough"):
        model.fit(X, y)


def test_lbfgs_says_that_nothing_is_saved(path):
    model = NumpyMLPRegressor(**SMALL, solver="lbfgs").set_callbacks(Checkpoint(path, 1))
    with pytest.warns(UserWarning, match="saves nothing of solver='lbfgs' before its end"):
        model.fit(X, y)


# Where it cannot be written.


@pytest.mark.parametrize("n_bags", [1, 3])
def test_a_file_that_cannot_be_written_is_told_once_and_the_fit_goes_on(n_bags, path, monkeypatch):
    whole = NumpyMLPRegressor(**SMALL, n_bags=n_bags).fit(X, y)

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sknumpynet.checkpoints.file.os.fsync", full)
    model = NumpyMLPRegressor(**SMALL, n_bags=n_bags).set_callbacks(Checkpoint(path, 1))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    told = [str(w.message) for w in caught if "Checkpoint" in str(w.message)]
    assert len(told) == 1
    assert re.search(r"could not write .*No space left on device.*The fit goes on", told[0])
    np.testing.assert_array_equal(model.predict(X), whole.predict(X))
    assert not list(path.parent.iterdir())


def test_another_fit_takes_the_file(path):
    """Begun within the first, and so later: it goes on from the file, which is its own then."""
    whole = NumpyMLPRegressor(**SMALL).fit(X, y)
    counts, second = iter(range(9)), []

    def begin_another():
        if next(counts) == 1:
            model = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path, 1, keep=True))
            second.append(model.fit(X, y))

    first = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path, 1), Calls(begin_another))
    with pytest.warns(UserWarning, match="Another fit has written to it meanwhile"):
        first.fit(X, y)
    for model in (first, *second):
        np.testing.assert_array_equal(model.predict(X), whole.predict(X))
    # It is not the first's to be removed.
    assert path.exists()


FULL = """
import resource, warnings
import numpy as np
from sknumpynet import NumpyMLPRegressor
from sknumpynet.callbacks import Checkpoint
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = X[:, 0] - X[:, 1] ** 2
resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, MOST))
model = NumpyMLPRegressor((4,), max_iter=4, random_state=0)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model.set_callbacks(Checkpoint("PATH", 1, keep=True)).fit(X, y)
print([str(w.message) for w in caught if "Checkpoint" in str(w.message)])
print(model.n_iter_)
"""


@pytest.mark.skipif(os.name == "nt", reason="There is no limit of file sizes.")
def test_a_full_disk_leaves_the_earlier_file(path):
    before = left(path).read_bytes()
    source = FULL.replace("MOST", str(len(before) // 2)).replace("PATH", str(path))
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    told, n_iter = done.stdout.splitlines()
    assert told.count("could not write") == 1
    assert "File too large" in told
    assert n_iter == "4"
    assert os.listdir(path.parent) == ["fit.npz"]
    assert path.read_bytes() == before


# Several fits.


def search(path, keep=True, **options):
    model = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path, 1, keep=keep))
    grid = {"numpymlpregressor__alpha": [0.0, 0.1]}
    return GridSearchCV(make_pipeline(StandardScaler(), model), grid, cv=3, **options)


def test_a_search_has_a_file_for_each_fit_in_a_folder(tmp_path):
    first = search(tmp_path).fit(X, y)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    # Two values, three parts, and the best for all rows.
    assert len(files) == 7
    # One was under way when the search was killed.
    lost = next(iter(files))
    (tmp_path / lost).unlink()
    with parallel_config("threading"):
        again = search(tmp_path, n_jobs=2).fit(X, y)
    for name in ("mean_test_score", "rank_test_score"):
        np.testing.assert_array_equal(again.cv_results_[name], first.cv_results_[name])
    assert {path.name for path in tmp_path.iterdir()} == {*files}
    assert {path.name for path in tmp_path.iterdir() if path.read_bytes() != files[path.name]} <= {
        lost
    }


def test_a_folder_is_left_empty(tmp_path):
    search(tmp_path, keep=False).fit(X, y)
    assert not list(tmp_path.iterdir())
    model = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(tmp_path, 1))
    cross_validate(model, X, y, cv=3)
    assert not list(tmp_path.iterdir())


def test_a_search_with_one_file_is_told_to_take_a_folder(path):
    left(path)
    with pytest.raises(ValueError, match="as in a search, give Checkpoint a folder"):
        search(path).fit(X, y)


@needs_search
def test_it_is_set_on_what_it_can_save(path):
    outer = search(path).set_callbacks(Checkpoint(path))
    with pytest.raises(ValueError, match="set on a GridSearchCV, which it cannot save"):
        outer.fit(X, y)


# Other callbacks.


@pytest.mark.parametrize("n_bags", [1, 2])
def test_a_callback_that_counts_goes_on_counting(n_bags, path):
    options = SMALL | {"n_bags": n_bags, "max_iter": 30}

    def stop():
        # The best comes early.
        return EarlyStop(lambda model: -abs(model.history_["epoch"][-1] - 3), n_iter_no_change=5)

    whole = NumpyMLPRegressor(**options).set_callbacks(stop()).fit(X, y)
    assert whole.n_iter_ == 8
    for n_epochs in (5, 2):
        counts = iter(range(99))
        figures = Calls(lambda counts=counts, n=n_epochs: next(counts) == n and fail())
        model = NumpyMLPRegressor(**options).set_callbacks(Checkpoint(path, 1), stop(), figures)
        with pytest.raises(LookupError):
            model.fit(X, y)
    again = NumpyMLPRegressor(**options).set_callbacks(Checkpoint(path, 1), stop()).fit(X, y)
    assert again.history_["epoch"] == whole.history_["epoch"]
    np.testing.assert_array_equal(again.predict(X), whole.predict(X))


def test_a_callback_may_count_in_numbers_and_text(path):
    class Counts(Calls):
        def training_state(self, context):
            return self

    model = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path, 1), Counts(lambda: None))
    with pytest.raises(TypeError, match="A Counts cannot be saved.*training_state of a callback"):
        model.fit(X, y)


def test_epochs_keep_their_numbers(path):
    class Numbers(Calls):
        def on_fit_task_begin(self, estimator, context):
            if context.task_name == "epoch":
                self.function(context.task_id)

        def on_fit_task_end(self, estimator, context):
            pass

    left(path)
    numbers = []
    model = NumpyMLPRegressor(**SMALL).set_callbacks(Checkpoint(path), Numbers(numbers.append))
    model.fit(X, y)
    # Two were done, of which the second was not saved: another callback failed before.
    assert numbers == [1, 2, 3]


# What is printed.


def test_verbose_says_where_it_goes_on(path, capsys):
    left(path)
    goes_on(path, NumpyMLPRegressor(**SMALL, verbose=1))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Training goes on after epoch 1, from {str(path)!r}."
    assert lines[1].startswith("Iteration 2/4")


def test_verbose_says_what_has_ended(path, capsys):
    options = SMALL | {"n_bags": 2}
    counts = iter(range(99))
    model = NumpyMLPRegressor(**options)
    model.set_callbacks(Checkpoint(path, 1), Calls(lambda: next(counts) == 5 and fail()))
    with pytest.raises(LookupError):
        model.fit(X, y)
    capsys.readouterr()
    goes_on(path, NumpyMLPRegressor(**options, verbose=2))
    lines = capsys.readouterr().out.splitlines()
    before = f"Model 1 of 2  Training had ended after 4 epochs: it is read from {str(path)!r}."
    assert lines[0] == before
    assert lines[1] == f"Model 2 of 2  Training goes on after epoch 1, from {str(path)!r}."
    # Nothing is printed without.
    goes_on(path, NumpyMLPRegressor(**options))
    assert capsys.readouterr().out == ""
