"""Columns that a library holds but cannot do everything with: dictionaries, views, byte orders."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

ESTIMATORS = [NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor]
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 2, "n_bags": 1, "random_state": 0}
N = 60
rng = np.random.default_rng(0)
x = rng.standard_normal(N)
y = np.arange(N) % 2

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

#: Values of dictionaries, of which some are missing, or twice there.
VALUES = {
    "text": pa.array(["a", None, "b"]),
    "large text": pa.array(["a", None, "b"], pa.large_string()),
    "integers": pa.array([1, None, 2]),
    "floats": pa.array([1.5, None, 2.5]),
    "not a number": pa.array([1.5, float("nan"), 2.5]),
    "bools": pa.array([False, None, True]),
    "dates": pa.array([1, None, 2], pa.date32()),
    "times": pa.array([1, None, 2], pa.timestamp("us")),
    "zoned": pa.array([1, None, 2], pa.timestamp("us", "Europe/Paris")),
    "fixed": pa.array([1, None, 2], pa.timestamp("us", "+05:30")),
    "decimals": pa.array([1, None, 2]).cast(pa.decimal128(24, 2)),
    "bytes": pa.array([b"a", None, b"b"]),
}
PLACES = np.arange(N) % 3


def dictionary(values, gaps=False):
    places = [None if gaps and i % 5 == 0 else int(p) for i, p in enumerate(PLACES)]
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int8()), values)


def as_table(column):
    return pa.table({"c": column, "x": x})


def as_pandas(column):
    series = pd.Series(column, dtype=pd.ArrowDtype(column.type))
    return pd.DataFrame({"c": series, "x": x})


def as_chunks(column):
    return as_table(pa.chunked_array([column[:25], column[25:]]))


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("make", [as_table, as_chunks, as_pandas])
@pytest.mark.parametrize("kind", VALUES)
def test_a_dictionary_may_list_what_is_missing(kind, make, gaps):
    X = make(dictionary(VALUES[kind], gaps))
    model = NumpyMLPClassifier(**SMALL).fit(X, y)
    column = model._model.reader.columns[0]
    assert (column.kind, len(column.levels)) == ("category", 2)
    # As where the rows themselves are missing.
    codes = [-1 if p == 1 or (gaps and i % 5 == 0) else p // 2 for i, p in enumerate(PLACES)]
    plain = pd.DataFrame({"c": pd.Categorical.from_codes(codes, ["a", "b"]), "x": x})
    expected = NumpyMLPClassifier(**SMALL).fit(plain, y).predict_proba(plain)
    np.testing.assert_array_equal(model.predict_proba(X), expected)


def test_a_dictionary_of_nothing():
    X = as_table(dictionary(pa.array([None, None, None], pa.string())))
    model = NumpyMLPClassifier(**SMALL).fit(X, y)
    assert model.predict(X).shape == (N,)


def test_a_dictionary_of_numbers_that_are_to_be_numbers():
    X = as_table(dictionary(VALUES["integers"]))
    model = NumpyMLPClassifier(**SMALL, categorical_features=None).fit(X, y)
    plain = as_table(pa.array([[1, None, 2][p] for p in PLACES]))
    assert np.array_equal(model.predict_proba(X), model.predict_proba(plain))


def scorer(estimator, X, y):
    return float((estimator.predict(X) == y).mean())


BIG_ENDIAN = {dtype: np.arange(N).astype(dtype) for dtype in (">f8", ">f4", ">i4", ">i8", ">u2")}


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("dtype", BIG_ENDIAN)
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_byte_orders_of_other_machines_with_a_scorer_of_ones_own(estimator_class, dtype, alone):
    def table(column):
        return pd.DataFrame({"c": column} if alone else {"c": column, "x": x, "t": ["a", "b"] * 30})

    seen = []

    def scorer(estimator, X, y):
        seen.append(X)
        return float(estimator.predict(X).sum())

    options = {**SMALL, "scoring": scorer, "early_stopping": True}
    column = BIG_ENDIAN[dtype]
    model = estimator_class(**options).fit(table(column), pd.Series(y.astype(">i8")))
    native = estimator_class(**options).fit(table(column.astype(column.dtype.newbyteorder("="))), y)
    assert np.array_equal(model.network_.theta, native.network_.theta)
    assert all(isinstance(X, pd.DataFrame) for X in seen)
    assert model.validation_scores_ == native.validation_scores_


def test_levels_of_another_byte_order():
    column = np.where(PLACES == 1, np.nan, PLACES).astype(">f8")
    X = pd.DataFrame({"c": column, "x": x})
    options = {**SMALL, "categorical_features": ["c"], "scoring": scorer, "early_stopping": True}
    model = NumpyMLPClassifier(**options).fit(X, y)
    assert model._model.reader.columns[0].levels == ("0", "2")
    assert np.array_equal(model.predict(X), model.predict(X.astype({"c": "f8"})))


@pytest.mark.skipif(not hasattr(pa, "string_view"), reason="pyarrow has no views")
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_text_that_pyarrow_looks_at_with_a_scorer_of_ones_own(estimator_class):
    plain = as_table(pa.array([["a", None, "b"][p] for p in PLACES]))
    views = plain.set_column(0, "c", plain["c"].cast(pa.string_view()))
    options = {**SMALL, "scoring": scorer, "early_stopping": True}
    model, other = (estimator_class(**options).fit(X, y) for X in (views, plain))
    assert np.array_equal(model.network_.theta, other.network_.theta)
    assert np.array_equal(model.predict(views), other.predict(plain))
