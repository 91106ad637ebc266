"""Warnings point to the line of the user's, whatever stands between."""

import functools
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingRegressor
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
