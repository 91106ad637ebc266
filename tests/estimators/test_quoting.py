"""Messages that quote the user: a short part of what may be a whole document, everywhere."""

import itertools
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.inspection import find_learning_rate
from sknumpynet.options import options_of
from sknumpynet.quoting import MOST, quoted, quoted_list

#: Fits of few epochs, which teach next to nothing.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Training was cut short by max_iter"),
    pytest.mark.filterwarnings("ignore:The network predicts no better than a constant"),
]

ESTIMATORS = [NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor]
CLASSIFIERS = [NumpyMLPClassifier, TabularMLPClassifier]
REGRESSORS = [NumpyMLPRegressor, TabularMLPRegressor]

#: Longer than any message may be, though several values are quoted in one.
HUGE = "x'\n" * 3000
LONGEST = 1500
rng = np.random.default_rng(0)
X = rng.standard_normal((60, 2))
y = np.arange(60) % 2
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 2, "n_bags": 1, "random_state": 0}


def told(call, *args, **kwargs):
    """What the error of the call, and the warnings, say: something, and short."""
    texts = said(call, *args, **kwargs)
    assert texts
    return texts


def said(call, *args, **kwargs):
    """What the error of the call says, and all warnings, if any: each of them is short."""
    texts = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            call(*args, **kwargs)
        except Exception as error:
            texts.append(f"{type(error).__name__}: {error}")
    # Of fits of few epochs, which teach nothing.
    others = ("few to converge", "no better than a constant")
    told = [str(w.message) for w in caught]
    texts += [text for text in told if not any(other in text for other in others)]
    for text in texts:
        assert len(text) < LONGEST, text[:300]
    return texts


class Wordy:
    def __repr__(self):
        return HUGE


class Silent:
    def __repr__(self):
        raise RuntimeError("no")


#: As many layers of a single unit, or frequencies: allowed.
TAKES_ONES = ("hidden_layer_sizes", "max_frequency")
SIZES = [1] * 10**5
HUGE_VALUES = [
    HUGE, HUGE.encode(), [HUGE], {HUGE: HUGE}, 10**5000, np.array([HUGE]), Wordy(), Silent(),
    SIZES, pd.DataFrame({HUGE: [HUGE]}), type(HUGE, (), {}),
]  # fmt: skip


#: What is compared with the columns and classes only in a fit.
ACCEPTED = {
    ("categorical_features", list), ("categorical_features", np.ndarray), ("class_weight", dict),
    ("class_weight", list),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("estimator_class", [NumpyMLPClassifier, NumpyMLPRegressor])
def test_values_of_options(estimator_class):
    for name, value in itertools.product(options_of(estimator_class), HUGE_VALUES):
        if (name, type(value)) in ACCEPTED or (value is SIZES and name in TAKES_ONES):
            continue
        (text,) = told(estimator_class(**{name: value}).fit, X, y)
        assert name in text


@pytest.mark.parametrize("features", [[HUGE], [HUGE] * 1000, [10**30], [HUGE, 1], [b"x" * 10**6]])
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_names_in_categorical_features(estimator_class, features):
    model = estimator_class(categorical_features=features)
    for table in (X, pd.DataFrame(X, columns=["a", "b"]), pl.DataFrame({HUGE + "y": y, "b": y})):
        (text,) = told(model.fit, table, y)
        assert "categorical_features" in text


@pytest.mark.parametrize(
    "weight", [{HUGE: 1.0}, {0: HUGE}, {0: 1.0, 1: 1.0, HUGE: 1.0}, [{HUGE: 1.0}], {HUGE: HUGE}]
)
@pytest.mark.parametrize("estimator_class", CLASSIFIERS)
def test_keys_and_values_of_class_weight(estimator_class, weight):
    model = estimator_class(class_weight=weight, **SMALL)
    for labels in (y, np.where(y, "a", HUGE), np.column_stack([y, y]), np.column_stack([y, y + 1])):
        for text in said(model.fit, X, labels):
            assert "class_weight" in text
    assert told(model.fit, X, np.column_stack([y, y, y]))


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"]
)
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_names_of_columns(estimator_class, make):
    model = estimator_class(**SMALL)
    fits = make({HUGE: X[:, 0], "b": X[:, 1]})
    bad = {
        "infinite": np.r_[np.inf, X[1:, 0]],
        "lists": [[1]] * 60,
        "too large": np.r_[1e308, -1e308, X[2:, 0]],
        "levels": [f"{i}{HUGE}" for i in range(60)],
    }
    for column in bad.values():
        table = make({HUGE: column, "b": X[:, 1]})
        said(model.fit, table, y)
        said(model.fit, fits, y, X_val=table, y_val=y)
    assert any("Left out of X" in text for text in told(model.fit, table, y))
    told(model.fit, fits, y, X_val=make({HUGE: 1e3 + X[:, 0], "b": X[:, 1]}), y_val=y)
    told(estimator_class(categorical_features=None).fit, make({HUGE: ["a"] * 60}), y)
    model = estimator_class(**SMALL, early_stopping=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(fits, y)
    for column in bad.values():
        said(model.predict, make({HUGE: column, "b": X[:, 1]}))
    told(model.predict, make({HUGE: ["a"] * 60, "b": X[:, 1]}))
    told(model.predict, make({"b": X[:, 1], HUGE: X[:, 0]}))
    told(model.predict, make({HUGE + HUGE: X[:, 0], "b": X[:, 1]}))
    told(model.predict, make({f"{HUGE}{j}": X[:, 0] for j in range(50)}))


@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_cells(estimator_class):
    model = estimator_class(**SMALL)
    cells = [HUGE, [HUGE], Wordy(), HUGE.encode(), 10**5000, pd.Interval(0, 1), {HUGE: 1}]
    for cell, other in itertools.product(cells, (1.0, "a", pd.Timestamp(0), None)):
        if (cell is HUGE and other in ("a", None)) or (isinstance(cell, int) and other is None):
            continue
        column = pd.Series([cell, other] * 30, dtype=object)
        for features in ("from_dtype", [0]):
            model.set_params(categorical_features=features)
            told(model.fit, pd.DataFrame({"a": column, "b": X[:, 1]}), y)
            told(model.fit, np.column_stack([column, X[:, 1]]), y)
            told(model.fit, list(zip(column, X[:, 1], strict=True)), y)
    told(model.set_params(categorical_features=None).fit, np.array([[HUGE, "1"]] * 60), y)
    told(model.fit, [[HUGE, 1.0]] * 60, y)
    told(model.fit, HUGE, y)
    told(model.fit, {HUGE: HUGE}, y)
    told(model.fit, [{HUGE: HUGE}] * 60, y)


@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_cells_of_predictions(estimator_class):
    model = estimator_class(**SMALL)
    frame = pd.DataFrame({"a": X[:, 0], "day": pd.Timestamp(0)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(frame, y)
    for name in frame:
        told(model.predict, frame.assign(**{name: HUGE}))
        told(model.predict, frame.assign(**{name: [[HUGE]] * 60}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    told(model.predict, [[HUGE, 1.0]])
    told(model.predict, np.array([[HUGE, "1"]]))
    told(model.predict, np.array([[HUGE, 1.0]], dtype=object))
    told(model.predict, HUGE)
    told(model.predict, [{HUGE: HUGE}])
    told(model.predict, {HUGE: HUGE})


@pytest.mark.parametrize("estimator_class", REGRESSORS)
def test_targets_of_regressors(estimator_class):
    for target in ([HUGE] * 60, [[HUGE, 1.0]] * 60, [HUGE, 1.0] * 30, [Wordy()] * 60, HUGE, [HUGE]):
        told(estimator_class(**SMALL).fit, X, target)
    told(estimator_class(**SMALL).fit, X, y, sample_weight=[HUGE] * 60)


@pytest.mark.parametrize("estimator_class", CLASSIFIERS)
def test_labels(estimator_class):
    labels = np.where(y, "a", HUGE)
    told(estimator_class(**SMALL).fit, X, [HUGE, 1] * 30)
    said(estimator_class(**SMALL).fit, X, [Wordy()] * 60)
    told(estimator_class(**SMALL).fit, X, HUGE)
    model = estimator_class(**SMALL, warm_start=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, labels)
    told(model.fit, X, np.where(y, "b", HUGE))
    told(model.partial_fit, X, np.where(y, "b", HUGE))
    told(model.fit, X, labels, X_val=X, y_val=np.where(y, HUGE + "b", HUGE))


@pytest.mark.parametrize("estimator_class", CLASSIFIERS)
def test_classes(estimator_class):
    model = estimator_class(**SMALL)
    told(model.partial_fit, X, y, classes=[HUGE])
    told(model.partial_fit, X, y, classes=HUGE)
    told(model.partial_fit, X, y, classes=[HUGE, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.partial_fit(X, np.where(y, "a", HUGE), classes=["a", HUGE])
    told(model.partial_fit, X, np.where(y, "a", HUGE), classes=["a", HUGE + HUGE])
    told(model.partial_fit, X, np.where(y, "a", HUGE), classes=[f"{i}{HUGE}" for i in range(9)])
    told(model.partial_fit, X, np.where(y, "a", HUGE + HUGE))


@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_what_a_scorer_says(estimator_class):
    def scorer(estimator, X, y):
        raise RuntimeError(HUGE)

    told(estimator_class(scoring=scorer, early_stopping=True, n_bags=1).fit, X, y)
    told(find_learning_rate, estimator_class(), X, y, lowest=HUGE)
    told(find_learning_rate, estimator_class(), X, y, n_steps=HUGE)


def test_a_value_is_cut_and_a_short_one_is_not():
    assert quoted("a") == "'a'"
    assert quoted([1, "b"]) == "[1, 'b']"
    assert quoted("a" * 58) == repr("a" * 58)
    for value in HUGE_VALUES:
        assert len(quoted(value)) <= MOST
    assert quoted("a" * 59) == "'" + "a" * 56 + "..."
    assert quoted(Silent()) == "<Silent>"
    assert quoted_list("ab") == "'a', 'b'"
    assert len(quoted_list(map(str, range(10**4)))) < 500
    assert quoted_list([HUGE] * 100).endswith("..., ...")
