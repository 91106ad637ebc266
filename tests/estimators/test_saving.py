"""Files of every format: all a model can hold comes back to the bit, and training goes on."""

import datetime as dt
import enum
import io
import pickle
from decimal import Decimal

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
import skops.io
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from catalogue import COPIES, FORMATS, REGRESSION_LOSSES
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

REGRESSORS = [NumpyMLPRegressor, TabularMLPRegressor]
CLASSIFIERS = [NumpyMLPClassifier, TabularMLPClassifier]
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 2, "n_bags": 1, "random_state": 0}
N = 60
RNG = np.random.default_rng(0)
X = RNG.random((N, 3))
#: Every regression loss takes it.
y = X[:, 0] + 0.5
LABELS = np.array(["a", "b", "c"])[np.arange(N) % 3]


class Grade(enum.Enum):
    """For categories that are members of an Enum."""

    GOOD = 1
    FAIR = 2
    BAD = 3


#: Three values of every type that a column, or the dtype of a category, may hold.
VALUES = {
    "text": ["a", "b", "c"],
    "integers": [1, 2, 2**70],
    "fractions": [0.5, 1.5, 1e30],
    "bools": [True, False, True],
    "decimals": [Decimal(1) / 3, Decimal(2), Decimal("0.1")],
    "dates": [dt.date(2020, 1, day) for day in (1, 2, 3)],
    "times": [dt.datetime(2020, 1, day, 5) for day in (1, 2, 3)],
    "times with a zone": [pd.Timestamp(2020, 1, day, tz="Europe/Berlin") for day in (1, 2, 3)],
    "durations": [dt.timedelta(days=days) for days in (1, 2, 3)],
    "times of day": [dt.time(hour) for hour in (1, 2, 3)],
}
#: Those that only a category holds.
LEVELS = VALUES | {
    "text and numbers": ["1", 1, 2.5],
    "periods": list(pd.period_range("2020", periods=3)),
    "intervals": list(pd.interval_range(0, 3)),
    "tuples": [(1, 2), (3, 4), (5,)],
    "bytes": [b"a", b"b", b"c"],
    "an enum": list(Grade),
}


def column(values, dtype=object):
    return pd.Series([values[i % 3] for i in range(N)], dtype=dtype)


def frame(**columns):
    return pd.DataFrame({"x": X[:, 0], **columns})


def check_copy(model, copied, X, y):
    """The copy predicts the same bits, and goes on from where the model stands."""
    assert_array_equal(copied.predict(X), model.predict(X))
    if hasattr(model, "predict_proba"):
        assert_array_equal(copied.predict_proba(X), model.predict_proba(X))
    assert copied.history_ == model.history_
    assert_array_equal(
        copied.partial_fit(X, y).network_.theta, model.partial_fit(X, y).network_.theta
    )


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("cls", REGRESSORS)
@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_every_loss_of_a_regressor(loss, cls, format_):
    model = cls(loss=loss, **SMALL).fit(X, y)
    check_copy(model, FORMATS[format_](model), X, y)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("cls", CLASSIFIERS)
@pytest.mark.parametrize("loss", ["log_loss", "focal"])
@pytest.mark.parametrize(
    "target",
    [LABELS, LABELS == "a", np.eye(3, dtype=int)[np.arange(N) % 3], np.c_[LABELS, LABELS[::-1]]],
    ids=["several classes", "two classes", "labels", "several outputs"],
)
def test_every_loss_and_kind_of_target_of_a_classifier(target, loss, cls, format_):
    model = cls(loss=loss, **SMALL).fit(X, target)
    # predict_proba of several outputs is a list.
    copied = FORMATS[format_](model)
    assert_array_equal(np.hstack(copied.predict_proba(X)), np.hstack(model.predict_proba(X)))
    assert_array_equal(copied.predict(X), model.predict(X))
    copied.partial_fit(X, target)
    assert_array_equal(copied.network_.theta, model.partial_fit(X, target).network_.theta)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("values", VALUES)
def test_every_type_of_values_in_a_column(values, format_):
    table = frame(c=column(VALUES[values]))
    model = NumpyMLPRegressor(**SMALL).fit(table, y)
    check_copy(model, FORMATS[format_](model), table, y)


@pytest.mark.parametrize("max_one_hot", [1, 32], ids=["embedded", "one-hot"])
@pytest.mark.parametrize(
    ("levels", "format_"),
    # skops has no members of an Enum, whatever holds them.
    [(levels, f) for levels in LEVELS for f in FORMATS if (levels, f) != ("an enum", "skops")],
)
def test_every_type_of_levels_of_a_category(levels, format_, max_one_hot):
    """True and False, 1 and "1" stay two levels in formats whose keys are text."""
    table = frame(c=column(LEVELS[levels], "category"))
    model = NumpyMLPRegressor(max_one_hot=max_one_hot, **SMALL).fit(table, y)
    check_copy(model, FORMATS[format_](model), table, y)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("cls", REGRESSORS)
@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "arrays", "sparse"])
def test_whole_tables_of_every_library(library, cls, format_):
    dates = column(VALUES["dates"], "datetime64[ns]")
    gaps = np.where(np.arange(N) % 7 == 0, np.nan, X[:, 1])
    table = frame(text=column(["a", None, "c"]), dates=dates, gaps=gaps, empty=[None] * N)
    table = {
        "pandas": table,
        "polars": pl.DataFrame(table.to_dict("list"), schema_overrides={"gaps": pl.Float64}),
        "pyarrow": pa.Table.from_pandas(table),
        "arrays": X,
        "sparse": sp.csr_matrix(np.where(X < 0.5, 0, X)),
    }[library]
    model = cls(**SMALL).fit(table, y)
    check_copy(model, FORMATS[format_](model), table, y)


@pytest.mark.parametrize("format_", COPIES)
@pytest.mark.parametrize("cls", [*REGRESSORS, *CLASSIFIERS])
def test_models_that_are_not_fitted_and_bags(cls, format_):
    target = LABELS if cls in CLASSIFIERS else y
    model = cls(**SMALL | {"n_bags": 3})
    assert COPIES[format_](model).get_params() == model.get_params()
    assert not hasattr(COPIES[format_](model), "network_")
    model.fit(X, target)
    copied = COPIES[format_](model)
    assert_array_equal(copied.predict(X), model.predict(X))
    assert_array_equal(copied.oof_prediction_, model.oof_prediction_)


@pytest.mark.parametrize("format_", COPIES)
def test_models_inside_tools_of_scikit_learn(format_):
    pipeline = make_pipeline(StandardScaler(), NumpyMLPRegressor(**SMALL))
    search = GridSearchCV(pipeline, {"numpymlpregressor__alpha": [0.1, 1.0]}, cv=2)
    copied = COPIES[format_](search)
    assert_array_equal(copied.fit(X, y).predict(X), search.fit(X, y).predict(X))
    assert_array_equal(COPIES[format_](search).predict(X), search.predict(X))


def test_a_memory_mapped_model_predicts_the_same(tmp_path):
    model = NumpyMLPRegressor((300, 300), max_iter=1, random_state=0).fit(X, y)
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert isinstance(mapped.network_.theta, np.memmap)
    assert_array_equal(mapped.predict(X), model.predict(X))


def test_arrays_leave_a_pickle_out_of_band():
    model, buffers = NumpyMLPRegressor((300, 300), max_iter=1, random_state=0).fit(X, y), []
    data = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
    assert len(data) < 12_000
    assert_array_equal(pickle.loads(data, buffers=buffers).predict(X), model.predict(X))


def test_a_skops_file_holds_nothing_but_data_and_classes_of_the_package():
    """Nothing for a user to trust but what he has installed: no functions, no bound methods."""
    table = frame(text=column(["a", "b", "c"]), dates=column(VALUES["dates"], "datetime64[ns]"))
    for model in (TabularMLPRegressor(**SMALL), NumpyMLPRegressor(**SMALL)):
        file = io.BytesIO()
        skops.io.dump(model.fit(table, y), file)
        names = skops.io.get_untrusted_types(file=file)
        assert names
        assert {name.partition(".")[0] for name in names} == {"sknumpynet"}
