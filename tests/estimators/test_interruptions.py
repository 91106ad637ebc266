"""Ctrl-C at any moment of a fit of one model or several: what is trained is kept and told."""

import _thread
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import warnings

import joblib
import numpy as np
import pytest
from sklearn.datasets import make_friedman1
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.encoding import TableEncoder
from sknumpynet.fitting import bags, calibration, learned, look_back
from sknumpynet.training import Trainer

#: Fits of few epochs, which teach next to nothing.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Training was cut short by max_iter"),
    pytest.mark.filterwarnings("ignore:The network predicts no better than a constant"),
]

X, numbers = make_friedman1(120, random_state=0)
labels = (numbers > np.median(numbers)).astype(int)
#: More at once than training needs, so that there is a temperature to be found.
OPTIONS = {"hidden_layer_sizes": (8,), "max_iter": 15, "random_state": 0, "tol": 0.0}
OPTIONS |= {"n_iter_no_change": np.inf, "learning_rate": "cosine"}


@pytest.fixture(autouse=True)
def ctrl_c_is_not_ignored():
    """As in programs that a shell has started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupted_at(n, function):
    """The function, of which the n-th call is interrupted when it is half done."""
    calls = []

    def call(*args, **kwargs):
        calls.append(1)
        if len(calls) == n:
            raise KeyboardInterrupt
        return function(*args, **kwargs)

    return call


def interrupted_search(function, **options):
    """As scipy's: the temperatures that it has tried are in the network."""
    function(0.3)
    function(-0.5)
    raise KeyboardInterrupt


def thetas(model):
    return [one.network.theta for one in model._models]


def assert_same(first, second):
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


# In turn.


def test_in_the_search_for_the_temperature(monkeypatch):
    plain = NumpyMLPClassifier(**OPTIONS).fit(X, labels)
    monkeypatch.setattr(calibration, "minimize_scalar", interrupted_search)
    with pytest.warns(UserWarning, match="after training: the model is kept as trained, not cal"):
        model = NumpyMLPClassifier(**OPTIONS, calibrate=True).fit(X, labels)
    assert_same(thetas(model), thetas(plain))


def test_in_the_search_for_the_temperature_of_several(monkeypatch):
    options = OPTIONS | {"n_bags": 3}
    plain = NumpyMLPClassifier(**options).fit(X, labels)
    monkeypatch.setattr(calibration, "minimize_scalar", interrupted_search)
    told = r"3 of 3 models \(n_bags\) exist. They are not calibrated.$"
    with pytest.warns(UserWarning, match=told) as caught:
        model = NumpyMLPClassifier(**options, calibrate=True).fit(X, labels)
    assert [w.filename for w in caught] == [__file__]
    assert_same(thetas(model), thetas(plain))
    np.testing.assert_array_equal(model.oof_prediction_, plain.oof_prediction_)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("cls", [NumpyMLPClassifier, NumpyMLPRegressor])
def test_in_predictions_out_of_fold(cls, n, monkeypatch):
    y, options = (labels if cls is NumpyMLPClassifier else numbers), OPTIONS | {"n_bags": 3}
    whole = cls(**options).fit(X, y)
    monkeypatch.setattr(bags, "_predict", interrupted_at(n, bags._predict))
    told = "3 of 3 models .* exist. oof_prediction_ is incomplete"
    with pytest.warns(UserWarning, match=told):
        model = cls(**options).fit(X, y)
    assert_same(thetas(model), thetas(whole))
    known = ~np.isnan(model.oof_prediction_.reshape(len(y), -1)).any(axis=1)
    assert known.sum() == 40 * (n - 1)
    np.testing.assert_array_equal(model.oof_prediction_[known], whole.oof_prediction_[known])
    assert model.oof_prediction_.shape == whole.oof_prediction_.shape


@pytest.mark.parametrize("n", [2, 3])
def test_between_two_models(n, monkeypatch):
    options = OPTIONS | {"n_bags": 3}
    whole = NumpyMLPRegressor(**options).fit(X, numbers)
    monkeypatch.setattr(TableEncoder, "fit", interrupted_at(n, TableEncoder.fit))
    with pytest.warns(UserWarning, match=rf"by user: {n - 1} of 3 models \(n_bags\) exist.$"):
        model = NumpyMLPRegressor(**options).fit(X, numbers)
    assert_same(thetas(model), thetas(whole)[: n - 1])
    assert np.isfinite(model.oof_prediction_).sum() == 40 * (n - 1)
    expected = np.mean(
        [model._with_model(one, named=True).predict(X) for one in model._models], axis=0
    )
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("epoch", "told"),
    [
        # Of the third model nothing but the weights that it starts with.
        (1, r"2 of 3 models \(n_bags\) exist.$"),
        (5, "3 of 3 models .* exist, 1 of them not to the end.$"),
    ],
)
def test_while_a_model_is_trained(epoch, told, monkeypatch):
    monkeypatch.setattr(Trainer, "_epoch", interrupted_at(30 + epoch, Trainer._epoch))
    with pytest.warns(UserWarning, match=told):
        model = NumpyMLPRegressor(**OPTIONS, n_bags=3).fit(X, numbers)
    assert np.isfinite(model.oof_prediction_).sum() == (80 if epoch == 1 else 120)


# Raised.

RAISE = OPTIONS | {"on_interrupt": "raise"}


@pytest.mark.parametrize("n_bags", [1, 3])
def test_it_is_raised_if_wanted(n_bags, monkeypatch):
    model = NumpyMLPRegressor(**RAISE, n_bags=n_bags).fit(X, numbers)
    before = [theta.copy() for theta in thetas(model)]
    monkeypatch.setattr(Trainer, "_epoch", interrupted_at(5, Trainer._epoch))
    with pytest.raises(KeyboardInterrupt, match="Training interrupted by user"):
        model.fit(X[:, ::-1], numbers)
    assert_same(thetas(model), before)


def test_it_is_raised_in_the_search_for_the_temperature(monkeypatch):
    monkeypatch.setattr(calibration, "minimize_scalar", interrupted_search)
    with pytest.raises(KeyboardInterrupt, match="not calibrated"):
        NumpyMLPClassifier(**RAISE, calibrate=True).fit(X, labels)


@pytest.mark.parametrize(("on_interrupt", "n_fits"), [("keep", 4), ("raise", 1)])
def test_in_a_search(on_interrupt, n_fits, monkeypatch):
    """With "keep" scikit-learn goes on with the next fit; what is raised ends the search."""
    begun = []
    first = interrupted_at(1, Trainer._epochs)

    def epochs(self, *args):
        begun.append(1)
        return first(self, *args) if len(begun) == 1 else "converged"

    monkeypatch.setattr(Trainer, "_epochs", epochs)
    estimator = NumpyMLPRegressor(**OPTIONS, on_interrupt=on_interrupt)
    search = GridSearchCV(estimator, {"alpha": [0, 1]}, cv=2, refit=False)
    told = (
        pytest.raises(KeyboardInterrupt)
        if on_interrupt == "raise"
        else pytest.warns(UserWarning, match="interrupted by user")
    )
    with told:
        search.fit(X, numbers)
    assert len(begun) == n_fits


def test_before_there_is_a_model(monkeypatch):
    monkeypatch.setattr(TableEncoder, "fit", interrupted_at(1, TableEncoder.fit))
    model = NumpyMLPRegressor(**OPTIONS, n_bags=3)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, numbers)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_while_the_first_model_is_begun_its_start_is_kept(monkeypatch):
    monkeypatch.setattr(Trainer, "_epoch", interrupted_at(1, Trainer._epoch))
    with pytest.warns(UserWarning, match="1 of 3 models .* exist, 1 of them not to the end"):
        model = NumpyMLPRegressor(**OPTIONS, n_bags=3).fit(X, numbers)
    assert np.isfinite(model.predict(X)).all()


def test_of_models_that_go_on_all_stay(monkeypatch):
    model = NumpyMLPRegressor(**OPTIONS, n_bags=3, warm_start=True).fit(X, numbers)
    before = [theta.copy() for theta in thetas(model)]
    monkeypatch.setattr(Trainer, "_epoch", interrupted_at(16, Trainer._epoch))
    with pytest.warns(UserWarning, match="2 of 3 models .* went on, 1 of them not to the end"):
        model.fit(X, numbers)
    after = thetas(model)
    assert not np.array_equal(after[0], before[0])
    assert_same(after[1:], before[1:])


def test_after_an_interruption_the_models_there_are_go_on(monkeypatch):
    options = OPTIONS | {"n_bags": 3, "warm_start": True}
    with monkeypatch.context() as patch:
        patch.setattr(TableEncoder, "fit", interrupted_at(3, TableEncoder.fit))
        with pytest.warns(UserWarning, match="2 of 3"):
            model = NumpyMLPRegressor(**options).fit(X, numbers)
    missing = np.isnan(model.oof_prediction_)
    model.fit(X, numbers)
    assert len(model._models) == 2
    np.testing.assert_array_equal(np.isnan(model.oof_prediction_), missing)


# In several processes or threads.


class Endless:
    """A scorer of training that would never end; it makes a file after some epochs."""

    def __init__(self, path):
        self.path, self.n_calls = str(path), 0

    def __call__(self, estimator, X, y):
        self.n_calls += 1
        if self.n_calls == 4:
            with open(f"{self.path}-{os.getpid()}-{threading.get_ident()}", "w"):
                pass
        return float(self.n_calls)


def interrupt_when_there_are(n_files, folder):
    """Ctrl-C in the main thread, as soon as there are so many files."""

    def wait():
        while len(os.listdir(folder)) < n_files:
            time.sleep(0.01)
        _thread.interrupt_main()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_side_by_side_all_that_are_trained_stop_and_are_kept(backend, tmp_path):
    # Threads share the scorer, processes do not.
    model = NumpyMLPRegressor(**OPTIONS | {"max_iter": 10**6, "learning_rate": "constant"})
    model.set_params(n_bags=4, n_jobs=2, scoring=Endless(tmp_path / "epochs"), early_stopping=True)
    thread = interrupt_when_there_are(2 if backend == "loky" else 1, tmp_path)
    told = r"(1|2) of 4 models \(n_bags\) exist, \1 of them not to the end"
    with joblib.parallel_config(backend=backend), pytest.warns(UserWarning, match=told):
        model.fit(X, numbers)
    thread.join()
    assert np.isfinite(model.predict(X)).all()
    assert np.isfinite(model.oof_prediction_).sum() == 30 * len(model._models)


def test_an_error_elsewhere_is_an_error(tmp_path):
    model = NumpyMLPRegressor(**OPTIONS, n_bags=2, n_jobs=2, scoring="no_such_scorer_yet")
    model.scoring = lambda estimator, X, y: 1 / 0
    with pytest.raises(ValueError, match="ZeroDivisionError"):
        model.fit(X, numbers)


SCRIPT = """
    import os, sys, warnings
    import numpy as np
    from sklearn.datasets import make_friedman1
    from sknumpynet import NumpyMLPRegressor
    sys.path.insert(0, sys.argv[2])
    from endless import Endless

    if __name__ == "__main__":
        X, y = make_friedman1(120, random_state=0)
        model = NumpyMLPRegressor((8,), max_iter=10**6, n_iter_no_change=np.inf, n_bags=3)
        model.set_params(n_jobs=2, early_stopping=True, scoring=Endless(sys.argv[1]))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(X, y)
        print(len(model._models), np.isfinite(model.predict(X)).all(), caught[-1].message)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a group of processes")
def test_ctrl_c_in_a_terminal_which_goes_to_all_processes(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    source = textwrap.dedent(
        """
        import os

        class Endless:
            def __init__(self, path):
                self.path, self.n_calls = path, 0

            def __call__(self, estimator, X, y):
                self.n_calls += 1
                if self.n_calls == 4:
                    open(os.path.join(self.path, str(os.getpid())), "w").close()
                return float(self.n_calls)
        """
    )
    (tmp_path / "endless.py").write_text(source)
    (tmp_path / "script.py").write_text(textwrap.dedent(SCRIPT))
    command = [sys.executable, tmp_path / "script.py", files, tmp_path]
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    while len(os.listdir(files)) < 2 and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert out.startswith(("1 True", "2 True")), err
    assert "of 3 models (n_bags) exist" in out


# While the report is made.


@pytest.mark.parametrize("n_bags", [1, 3])
@pytest.mark.parametrize("what", ["losses_on", "with_linear"])
def test_a_model_that_is_trained_is_kept(what, n_bags, monkeypatch):
    whole = NumpyMLPRegressor(**OPTIONS, n_bags=n_bags).fit(X, numbers)
    monkeypatch.setattr(look_back, what, interrupted_at(1, getattr(look_back, what)))
    told = "kept as trained" if n_bags == 1 else r"1 of 3 models \(n_bags\) exist\."
    with pytest.warns(UserWarning, match=told):
        model = NumpyMLPRegressor(**OPTIONS, n_bags=n_bags).fit(X, numbers)
    assert_same(thetas(model), thetas(whole)[:1])
    assert model.report_.models[0].training is None
    assert "it was interrupted" in repr(model.report_)


def test_or_interrupted_when_it_is_judged(monkeypatch):
    noise = np.random.default_rng(0).normal(size=len(X))
    monkeypatch.setattr(learned, "relation", interrupted_at(1, learned.relation))
    with pytest.warns(UserWarning, match="kept as trained"):
        model = NumpyMLPRegressor(**OPTIONS | {"learning_rate_init": 1.0}).fit(X, noise)
    assert np.isfinite(model.predict(X)).all()


def test_without_memory_for_a_report_there_is_a_model(monkeypatch):
    def no_memory(*args):
        raise MemoryError

    monkeypatch.setattr(look_back, "losses_on", no_memory)
    model = NumpyMLPRegressor(**OPTIONS).fit(X, numbers)
    assert np.isfinite(model.predict(X)).all()
    assert "not enough memory" in repr(model.report_)


def test_nothing_is_left_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    shown = warnings._showwarnmsg_impl
    with joblib.parallel_config(backend="threading"):
        NumpyMLPRegressor(**OPTIONS, n_bags=4, n_jobs=4).fit(X, numbers)
    assert list(tmp_path.iterdir()) == []
    # Of several threads that catch warnings one would go on for ever.
    assert warnings._showwarnmsg_impl is shown
