"""X that is no table: one sentence about what it is, in every method that takes X."""

import dataclasses
import pathlib
from collections import deque, namedtuple

import numpy as np
import pandas as pd
import pytest

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

ESTIMATORS = [NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor]
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 2, "n_bags": 1, "random_state": 0}
x = np.random.default_rng(0).standard_normal(60)
X = np.column_stack([x, x])
y = np.arange(60) % 2

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@dataclasses.dataclass
class Record:
    a: float


Named = namedtuple("Named", "a b")

NO_TABLES = {
    "empty dict": (dict, "X is an empty dict"),
    "a tuple of records": (
        lambda: tuple({"a": v} for v in x),
        r"a tuple of dict \(of rows: pandas.DataFrame",
    ),
    "a deque of records": (lambda: deque({"a": v} for v in x), "a deque of dict"),
    "an array of records": (lambda: np.array([{"a": v} for v in x]), "an array of dict"),
    "dataclasses": (lambda: [Record(v) for v in x], "a list of Record"),
    "generator": (lambda: (v for v in X), "X is a generator"),
    "map": (lambda: map(list, X), "X is a map"),
    "zip": (lambda: zip(x, x, strict=True), "X is a zip"),
    "set": (lambda: set(x.tolist()), "X is a set"),
    "values": (lambda: {"a": x}.values(), "X is an object of type dict_values"),
    "text": (lambda: "x.csv", r"X is a text \(str\)"),
    "bytes": (lambda: b"x", r"X is a text \(bytes\)"),
    "texts": (lambda: ["a", "b"] * 30, "X is a list of str"),
    "path": (lambda: pathlib.Path("x.csv"), "X is an object of type .*Path"),
    "None": (lambda: None, "X is an object of type NoneType"),
    "number": (lambda: 3, "X is an object of type int"),
    "class": (lambda: dict, "X is an object of type type"),
    "groups": (lambda: pd.DataFrame({"a": x}).groupby("a"), "X is an object of type DataFrameGr"),
    "empty list": (list, "X is an empty list"),
}


@pytest.fixture(scope="module")
def fitted():
    return {cls: cls(**SMALL).partial_fit(X, y, *([None, [0, 1]] if "Cl" in cls.__name__ else []))
            for cls in ESTIMATORS}  # fmt: skip


@pytest.mark.parametrize("kind", NO_TABLES)
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_it_is_told_in_every_method(estimator_class, kind, fitted):
    make, message = NO_TABLES[kind]
    message = f"{message}.*, which is no table: pass a DataFrame or an array"
    model = estimator_class(**SMALL)
    trained = fitted[estimator_class]
    calls = [
        lambda: model.fit(make(), y),
        lambda: trained.partial_fit(make(), y),
        lambda: trained.predict(make()),
        lambda: trained.score(make(), y),
    ]
    if make() is not None:
        calls.append(lambda: model.fit(X, y, X_val=make(), y_val=y))
    if hasattr(model, "predict_proba"):
        calls.append(lambda: trained.predict_proba(make()))
    for call in calls:
        with pytest.raises(TypeError, match=message):
            call()


@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_rows_of_several_lengths(estimator_class, fitted):
    ragged = [*X[:30].tolist(), [1.0, 2.0, 3.0]]
    for call in (lambda: estimator_class(**SMALL).fit(ragged, y[:31]),
                 lambda: fitted[estimator_class].predict(ragged)):  # fmt: skip
        with pytest.raises(ValueError, match="several lengths: 2 in row 0, 3 in row 30"):
            call()


@pytest.mark.parametrize("make", [
    list, tuple, deque,
    lambda X: X.tolist(),
    lambda X: [tuple(row) for row in X],
    lambda X: [Named(*row) for row in X],
    lambda X: [pd.Series(row) for row in X],
    np.asfortranarray,
])  # fmt: skip
def test_what_numpy_makes_a_table_of_is_taken(make):
    one, other = (NumpyMLPRegressor(**SMALL).fit(table, y) for table in (make(X), X))
    assert np.array_equal(one.predict(make(X)), other.predict(X))
