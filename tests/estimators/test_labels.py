"""Labels of every kind come back as they went in, from every method; a missing one is told."""

import datetime as dt
import enum
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier
from sknumpynet.losses import REGRESSION_LOSSES

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

CODES = np.tile([2, 0, 1, 1, 0, 2], 10)
X = np.eye(3)[CODES] + np.random.default_rng(0).normal(size=(60, 3)) * 0.1
SMALL = {"hidden_layer_sizes": (8,), "solver": "lbfgs", "max_iter": 30, "random_state": 0}


class Color(enum.Enum):
    BLUE = 3
    GREEN = 1
    RED = 2


class Size(enum.IntEnum):
    S = 1
    M = 2
    L = 3


def objects(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def of(levels):
    return [levels[code] for code in CODES]


BIG = 2**53
LABELS = {
    "ints": objects(of([7, 8, 9])),
    "dates": objects(of([dt.date(2020, 1, day) for day in (1, 2, 3)])),
    "times": objects(of([dt.time(hour) for hour in (1, 2, 3)])),
    "Decimal": objects(of([Decimal("0.1"), Decimal("0.2"), Decimal(3)])),
    "Enum": of(list(Color)),
    "IntEnum": of(list(Size)),
    "Period": pd.Series(of([pd.Period(f"2020-0{month}", "M") for month in (1, 2, 3)])),
    "tuples": objects(of([("a", 1), ("a", 2), ("b", 1)])),
    "pd.cut": pd.cut(pd.Series(CODES), 3),
    "last column": pd.DataFrame({"a": "text", "y": of([7, 8, 9])}).to_numpy()[:, -1],
    "Int64": pd.Series(of([BIG, BIG + 1, BIG + 2]), dtype="Int64"),
    "arrow-backed": pd.Series(of([BIG, BIG + 1, BIG + 2]), dtype="int64[pyarrow]"),
    "Float64": pd.Series(of([1.0, 2.0, 3.0]), dtype="Float64"),
    "datetime64": np.array(of(["2020-01-01", "2020-01-02", "2020-01-03"]), dtype="M8[D]"),
    "polars": pl.Series(of([BIG, BIG + 1, BIG + 2])),
    "pyarrow": pa.array(of(["a", "b", "c"])),
}


def listed(y):
    return y.to_pylist() if hasattr(y, "to_pylist") else list(y)


@pytest.mark.parametrize("name", LABELS)
def test_labels_come_back_as_they_went_in(name):
    y = LABELS[name]
    model = NumpyMLPClassifier(**SMALL).fit(X, y)
    assert len(model.classes_) == 3
    assert all(a == b for a, b in zip(listed(model.predict(X)), listed(y), strict=True))
    assert model.score(X, y) == 1.0
    assert model.score(X, objects(listed(y))) == 1.0
    p = model.predict_proba(X)
    np.testing.assert_array_equal(model.classes_[p.argmax(axis=1)], model.predict(X))
    assert model.decision_function(X).shape == p.shape


@pytest.mark.parametrize("name", LABELS)
def test_and_so_they_do_on_every_way_in(name):
    y, rows = LABELS[name], sp.csr_matrix(X)
    classes = NumpyMLPClassifier(**SMALL).fit(X, y).classes_
    model = NumpyMLPClassifier((8,), learning_rate_init=0.1, random_state=0)
    for listing in (classes, list(classes), list(classes)[::-1], None):
        for _ in range(10):
            model.partial_fit(rows, y, classes=listing)
    assert model.score(rows, y) == 1.0
    with pytest.raises(ValueError, match="is not the same as on the last call to partial_fit"):
        model.partial_fit(rows, y, classes=list(classes)[:2])
    short = {"max_iter": 3, "hidden_layer_sizes": (8,), "random_state": 0}
    given = NumpyMLPClassifier(**short).fit(rows, y, X_val=rows, y_val=y)
    assert len(given.history_["validation_loss"]) == 3
    # A metric of scikit-learn would refuse many of them.
    watched = NumpyMLPClassifier(**short, early_stopping=True, scoring="accuracy").fit(X, y)
    assert max(watched.validation_scores_) <= 1
    if name != "tuples":
        # Which scikit-learn's own splitters refuse.
        assert cross_val_score(clone(watched).set_params(scoring="loss"), X, y, cv=2).shape == (2,)
    weights = {label: 1.0 + code for code, label in enumerate(classes)}
    bags = TabularMLPClassifier((8,), max_iter=2, n_bags=2, class_weight=weights, random_state=0)
    assert bags.fit(X, y).oof_prediction_.shape == (60, 3)


def test_class_weights_find_their_labels():
    for name in ("Enum", "dates", "Int64", "datetime64", "pd.cut"):
        y = LABELS[name]
        plain = NumpyMLPClassifier(**SMALL).fit(X, y)
        wanted = dict(zip(plain.classes_, (1.0, 5.0, 0.5), strict=True))
        by_class = NumpyMLPClassifier(**SMALL, class_weight=wanted).fit(X, y)
        weight = np.array([wanted[label] for label in plain.predict(X)])
        by_row = NumpyMLPClassifier(**SMALL).fit(X, y, sample_weight=weight)
        np.testing.assert_array_equal(by_class.predict_proba(X), by_row.predict_proba(X))
        with pytest.raises(ValueError, match="are not in class_weight, which has .*elsewhere"):
            NumpyMLPClassifier(class_weight={"elsewhere": 2.0}).fit(X, y)


def test_labels_are_given_to_a_scorer_as_they_are():
    seen = []

    def watch(model, X, y):
        seen.append([row[1] for row in y])
        return 0.0

    y = [[int(code > 0), "uvw"[code]] for code in CODES]
    model = NumpyMLPClassifier((4,), max_iter=1, early_stopping=True, scoring=watch)
    model.fit(X, y)
    assert set(seen[0]) <= set("uvw")
    assert [type(label) for label in model.predict(X)[0]] == [int, str]


def test_a_score_of_labels_of_another_kind_is_an_error():
    model = NumpyMLPClassifier(**SMALL).fit(X, of(["a", "b", "c"]))
    with pytest.raises(ValueError, match=r"y has \[0 1 2\], the classes are \['a' 'b' 'c'\]"):
        model.score(X, CODES)
    assert model.score(X, of(["a", "b", "elsewhere"])) == pytest.approx(2 / 3)


# Missing ones.

GAPS = [None if i in (7, 9) else int(code) for i, code in enumerate(CODES)]
TOLD = "2 values are missing, the first in row 7"


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.fit(X, GAPS),
        lambda model: model.fit(X, CODES, X_val=X, y_val=GAPS),
        lambda model: model.fit(X, np.column_stack([CODES, pd.Series(GAPS)])),
        lambda model: model.fit(X, CODES).score(X, GAPS),
        lambda model: model.fit(X, CODES).partial_fit(X, GAPS),
        lambda model: model.fit(sp.csr_matrix(X), pd.Series(GAPS, dtype="Int64")),
    ],
)
@pytest.mark.parametrize("estimator", [NumpyMLPClassifier, NumpyMLPRegressor])
def test_a_missing_target_is_told_by_every_method(call, estimator):
    with pytest.raises(ValueError, match=TOLD):
        call(estimator((4,), max_iter=2))


@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_a_missing_target_is_told_whatever_the_loss(loss):
    with pytest.raises(ValueError, match=TOLD):
        NumpyMLPRegressor(loss=loss).fit(X, pd.Series(GAPS, dtype="Float64"))


@pytest.mark.parametrize("gap", [None, float("nan"), pd.NA])
def test_a_missing_class_is_told(gap):
    with pytest.raises(ValueError, match="classes must not contain missing values.*place 3"):
        NumpyMLPClassifier().partial_fit(X, CODES, classes=[0, 1, 2, gap])
