"""Warnings point to the line of the user's, whatever stands between."""

import functools
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingRegressor
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, telling

X = np.random.default_rng(0).normal(size=(60, 2))
y = X[:, 0]
NAMES = pd.DataFrame({"a": y, "text": [f"t{i}" for i in range(60)]})
SHORT = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}


class Decorated(NumpyMLPRegressor):
    """Of a user who wraps fit, twice."""

    def fit(self, *args, **kwargs):
        return functools.partial(super().fit, *args, **kwargs)()


def line_of(call):
    """The files and numbers of the lines that the warnings of the call point to."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert caught
    return {(warning.filename, warning.lineno) for warning in caught}


CALLS = {
    "fit": lambda: NumpyMLPRegressor(**SHORT).fit(X, y),
    "partial_fit": lambda: NumpyMLPClassifier(calibrate=True).partial_fit(X, y > 0, classes=[0, 1]),
    "bags": lambda: NumpyMLPRegressor(n_bags=2, **SHORT).fit(X, y),
    "a pipeline": lambda: make_pipeline(StandardScaler(), NumpyMLPRegressor(**SHORT)).fit(X, y),
    "a search": lambda: GridSearchCV(NumpyMLPRegressor(**SHORT), {"alpha": [0]}, cv=2).fit(X, y),
    "cross-validation": lambda: cross_validate(NumpyMLPRegressor(**SHORT), X, y, cv=2),
    "bagging": lambda: BaggingRegressor(NumpyMLPRegressor(**SHORT), 2).fit(X, y),
    "several outputs": lambda: MultiOutputRegressor(NumpyMLPRegressor(**SHORT)).fit(X, np.c_[y, y]),
    "calibration": lambda: CalibratedClassifierCV(NumpyMLPClassifier(**SHORT), cv=2).fit(X, y > 0),
    "X_val": lambda: NumpyMLPRegressor(**SHORT).fit(X, y, X_val=1e4 * X, y_val=y),
    "a column left out": lambda: NumpyMLPRegressor(**SHORT).fit(NAMES, y),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_it_is_the_users_line(name):
    (code,) = {CALLS[name].__code__}
    assert line_of(CALLS[name]) == {(__file__, code.co_firstlineno)}


def test_a_subclass_that_wraps_fit_is_the_users_line():
    found = line_of(lambda: Decorated(**SHORT).fit(X, y))
    assert {name for name, _ in found} == {__file__}


def test_a_file_of_another_version(monkeypatch):
    file = pickle.dumps(NumpyMLPRegressor())
    monkeypatch.setattr("sknumpynet.__version__", "0.0")
    found = line_of(lambda: pickle.loads(file))
    assert {name for name, _ in found} == {__file__}


def test_without_a_line_of_the_users_it_is_the_outermost(monkeypatch):
    """As in a process of joblib."""
    monkeypatch.setattr(telling, "_is_a_tool", lambda frame: True)
    with pytest.warns(UserWarning, match="said"):
        telling.warn("said")


# Once in a search.


def told_by(call):
    """The texts of the warnings of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(warning.message) for warning in caught]


def search(n_jobs=None):
    options = SHORT | {"early_stopping": False}
    grid = {"max_iter": [1, 2, 3], "solver": ["adam", "sgd"]}
    return GridSearchCV(NumpyMLPRegressor(**options), grid, cv=2, n_jobs=n_jobs).fit(X, y)


def test_once_in_a_search_and_anew_in_the_next():
    for _ in range(2):
        (told,) = told_by(search)
        assert "too few to converge" in told
        assert told.endswith("(Told once for the fits of a search.)")


def test_a_plain_fit_tells_every_time():
    model = make_pipeline(StandardScaler(), NumpyMLPRegressor(**SHORT))
    for _ in range(2):
        (told,) = told_by(lambda: model.fit(X, y))
        assert "Told once" not in told


def test_a_line_of_the_users_in_a_loop_tells_every_time():
    """What the user repeats is no search."""
    assert len(told_by(lambda: [NumpyMLPRegressor(**SHORT).fit(X, y) for _ in range(3)])) == 3
    assert len(told_by(lambda: [CALLS["cross-validation"]() for _ in range(3)])) == 3


@pytest.fixture
def in_a_search(monkeypatch):
    """As if a search called: its frame, and what is told."""
    frame, told = FakeFrame("sklearn.model_selection._search"), []
    monkeypatch.setattr(telling.inspect, "currentframe", lambda: frame)
    monkeypatch.setattr(telling.warnings, "warn", lambda *args, **kwargs: told.append(args))
    return frame, told


class FakeFrame:
    def __init__(self, module):
        self.f_globals, self.f_locals, self.f_back = {"__name__": module}, {}, None


def test_other_kinds_and_things_are_told(in_a_search):
    for fold in range(2):
        for name in ("text", "other", "7 km"):
            telling.warn(f"Left out: {name!r} ({fold} rows, {fold / 3:.3g} of them new).")
            telling.warn(f"Left out: {name!r} ({fold} rows, {fold / 3:.3g} of them new).", Other)
        telling.warn(f"Column 1 lies {fold}e-5 away.")
        telling.warn(f"Column 2 lies {-fold - 1e300} away.")
    assert len(in_a_search[1]) == 8


class Other(UserWarning):
    pass


def test_nothing_piles_up(in_a_search, monkeypatch):
    monkeypatch.setattr(telling, "_MOST", 3)
    frame, told = in_a_search
    for name in "abcdefgh":
        telling.warn(f"Left out: {name!r}")
        assert len(frame.f_locals[telling._TOLD]) <= 3
    assert len(told) == 8


def test_an_error_is_one_for_every_fit():
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.filterwarnings("ignore", category=FitFailedWarning)
        with pytest.raises(ValueError, match="All the 3 fits failed"):
            cross_validate(NumpyMLPRegressor(**SHORT), X, y, cv=3)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_in_processes_and_threads(backend):
    """Those of a process are its own affair; the fit on all rows at the end is in this one."""
    with parallel_config(backend=backend):
        told = told_by(lambda: search(n_jobs=2))
    assert len(told) == 1 if backend == "loky" else 1 <= len(told) <= 3


def test_bags_in_processes_tell_in_every_fit():
    """Their processes live on from one fit to the next."""
    model = NumpyMLPRegressor(n_bags=2, n_jobs=2, **SHORT)
    for _ in range(2):
        assert len(told_by(lambda: model.fit(X, y))) == 1
