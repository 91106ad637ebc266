"""Predictions: in the network's dtype, the same for a row in any company, without a copy."""

import threading
import time
import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from threadpoolctl import threadpool_limits

from catalogue import ACTIVATIONS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.fitting import prediction
from sknumpynet.network import rows_stand_alone

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N_ROWS = 1100
NARROW_AND_WIDE = {
    "linear": (),
    "small": (7,),
    "default": (100,),
    "two": (300, 33),
    "wide": (1500, 20),
}
KINDS_OF_X = {
    "float64": np.asarray,
    "float32": lambda X: X.astype(np.float32),
    "columns": np.asfortranarray,
    "sparse": sp.csr_matrix,
}
TASKS = {
    "one number": (NumpyMLPRegressor, lambda Z: Z[:, 0]),
    "ten numbers": (NumpyMLPRegressor, lambda Z: Z[:, :10] ** 2),
    "two classes": (NumpyMLPClassifier, lambda Z: Z[:, 0] > 0),
    "three classes": (NumpyMLPClassifier, lambda Z: Z[:, :3].argmax(axis=1)),
    "ten labels": (NumpyMLPClassifier, lambda Z: (Z[:, :10] > 0).astype(int)),
}


def table(n_columns, n_rows=N_ROWS):
    rng = np.random.default_rng(0)
    X = 3.0 + 2.0 * rng.standard_normal((n_rows, n_columns))
    return X * (rng.random(X.shape) < 0.7)


def fitted(task="three classes", hidden=(100,), n_columns=12, **options):
    estimator_class, target = TASKS[task]
    X = table(n_columns, 200)
    y = target(X @ np.random.default_rng(1).standard_normal((n_columns, 10)))
    return estimator_class(hidden, max_iter=1, random_state=0, **options).fit(X, y)


def predictions(model, X):
    return getattr(model, "predict_proba", model.predict)(X)


def assert_same(found, expected):
    """To the last bit, or where they must be computed in float64, to 1e-12."""
    if rows_stand_alone(np.dtype("float32")):
        assert_array_equal(found, expected)
    else:
        assert_allclose(found, expected, rtol=1e-12)


def assert_independent_of_company(model, X):
    """The rows of X have their predictions alone, in any number, at any place, twice."""
    rng, n = np.random.default_rng(2), X.shape[0]
    whole = predictions(model, X)
    some = rng.permutation(n)[:10]
    alone = np.concatenate([predictions(model, X[i : i + 1]) for i in some])
    assert_same(alone, whole[some])
    for size in (2, 3, 31, 600):
        rows = rng.integers(0, n, size)
        assert_same(predictions(model, X[rows]), whole[rows])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("hidden", NARROW_AND_WIDE.values(), ids=NARROW_AND_WIDE)
@pytest.mark.parametrize("kind", KINDS_OF_X)
def test_predictions_do_not_depend_on_the_company(task, hidden, kind):
    assert_independent_of_company(fitted(task, hidden), KINDS_OF_X[kind](table(12)))


@pytest.mark.parametrize(
    ("activation", "feature_scaling"),
    [
        *(("identity", None), ("logistic", "standard"), ("tanh", "robust"), ("relu", "quantile")),
        *((name, "standard") for name in [*ACTIVATIONS][4:]),
    ],
)
@pytest.mark.parametrize("n_columns", [1, 300])
@pytest.mark.parametrize("kind", ["float64", "sparse"])
def test_nor_do_they_with_any_scaling_or_activation(activation, feature_scaling, n_columns, kind):
    model = fitted(
        "ten numbers", (40,), n_columns, activation=activation, feature_scaling=feature_scaling
    )
    assert_independent_of_company(model, KINDS_OF_X[kind](table(n_columns, 700)))


@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("hidden", [(40, 40, 17), (3, 3), (300, 300, 1)])
def test_nor_do_they_with_any_layers(normalization, residual, hidden):
    model = fitted(
        *("ten numbers", hidden), normalization=normalization, residual=residual, dropout=0.2
    )
    assert_independent_of_company(model, table(12, 700))


@pytest.mark.parametrize("kind", KINDS_OF_X)
def test_nor_on_the_number_of_threads(kind):
    model, X = fitted(hidden=(300, 300), n_columns=300), KINDS_OF_X[kind](table(300))
    found = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            found.append(predictions(model.set_params(n_threads=n_threads), X))
    assert_same(*found)
    with threadpool_limits(2):
        assert_same(predictions(model, X[:3]), found[0][:3])


@pytest.mark.parametrize("kind", ["float64", "columns", "sparse"])
def test_many_rows_are_shared_among_threads(kind, monkeypatch):
    """Each has the prediction that it has alone, those beyond float32 too, without a warning."""
    model = fitted("ten numbers", (40,), n_columns=12, feature_scaling=None)
    X = table(12, 3000)
    X[[5, 2999]] *= 1e39
    X = KINDS_OF_X[kind](X)
    expected = model.predict(X)
    seen = set()
    first = prediction.raw_scores

    def raw_scores(*args):
        seen.add(threading.current_thread())
        # So that none is done before the other has begun.
        time.sleep(0.02)
        return first(*args)

    monkeypatch.setattr(prediction, "raw_scores", raw_scores)
    monkeypatch.setattr(prediction, "PART", 100)
    assert_same(model.set_params(n_threads=2).predict(X), expected)
    assert len(seen - {threading.main_thread()}) == 2


def test_float64_networks_keep_twelve_digits():
    model, X = fitted("ten numbers", (300, 33), dtype="float64"), table(12)
    alone = np.concatenate([predictions(model, X[i : i + 1]) for i in range(20)])
    assert_allclose(alone, predictions(model, X)[:20], rtol=1e-12)


def in_float64(model):
    """A twin whose network is float64 throughout."""
    twin = model._as_it_is_now()
    twin.network_ = model.network_.astype(np.float64)
    return twin


@pytest.mark.parametrize("kind", ["float64", "sparse"])
def test_they_are_float64_of_float32_scores(kind):
    model, X = fitted(hidden=(50, 50)), KINDS_OF_X[kind](table(12))
    raw, proba = model.decision_function(X), model.predict_proba(X)
    assert raw.dtype == proba.dtype == np.float64
    if rows_stand_alone(np.dtype("float32")):
        assert_array_equal(raw, raw.astype(np.float32))
    assert_allclose(raw, in_float64(model).decision_function(X), rtol=0, atol=3e-5)
    assert_allclose(proba.sum(axis=1), 1.0, rtol=1e-15)
    assert fitted("one number").predict(table(12)).dtype == np.float64


@pytest.mark.parametrize("kind", KINDS_OF_X)
@pytest.mark.parametrize("n_rows", [1, 50, N_ROWS])
@pytest.mark.parametrize("hidden", [(), (40, 300), (1100,)])
def test_where_the_blas_does_not_allow_it_they_are_computed_in_float64(
    kind, n_rows, hidden, monkeypatch
):
    """As a whole where there are several blocks, otherwise the network is converted in parts."""
    layers = {"normalization": "batch", "residual": True, "dropout": 0.1}
    # Rows are encoded in float32 before; these are the same in both.
    model = fitted("ten numbers", hidden, **layers, feature_scaling=None)
    X = KINDS_OF_X[kind](table(12)[:n_rows].astype(np.float32).astype(float))
    monkeypatch.setattr(prediction, "rows_stand_alone", lambda dtype: False)
    found = model.predict(X)
    assert_allclose(found, in_float64(model).predict(X), rtol=1e-12)
    alone = np.concatenate([model.predict(X[i : i + 1]) for i in range(min(n_rows, 20))])
    assert_allclose(found[:20], alone, rtol=1e-12)
    assert model.network_.theta.dtype == np.float32


@pytest.mark.filterwarnings("ignore:numeric_embedding=.*is not used")
@pytest.mark.parametrize("kind", KINDS_OF_X)
def test_in_narrow_bins_they_are_those_of_float32(kind, monkeypatch):
    """A tenth of the values differ by some of float32's roundings, which are bins of their own."""
    X = table(12)
    X[:, 0] = np.where(np.arange(N_ROWS) % 10, X[:, 0], 1.0 + 1e-6 * np.arange(N_ROWS))
    X, y = KINDS_OF_X[kind](X), X[:, 1]
    model = NumpyMLPRegressor(
        (8,), max_iter=2, random_state=0, numeric_embedding="piecewise_linear"
    ).fit(X, y)
    n = model.network_.layout.n_trained
    model.network_.theta[:n] += np.random.default_rng(0).normal(size=n)
    found = []
    for stand_alone in (True, False):
        monkeypatch.setattr(prediction, "rows_stand_alone", lambda dtype, as_is=stand_alone: as_is)
        found.append(model.predict(X))
    assert_allclose(*found, rtol=0, atol=1e-5 * np.abs(found[0]).max())


@pytest.mark.parametrize(("stand_alone", "most"), [(True, 1e6), (False, 6e6)])
def test_a_row_is_predicted_without_a_copy_of_the_network(stand_alone, most, monkeypatch):
    monkeypatch.setattr(prediction, "rows_stand_alone", lambda dtype: stand_alone)
    model = fitted(hidden=(2048, 2048), n_columns=20)
    row = table(20)[:1]
    assert model.network_.theta.nbytes > 16e6
    tracemalloc.start()
    try:
        model.predict(row)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most


@pytest.mark.parametrize("stand_alone", [True, False])
@pytest.mark.parametrize("n_rows", [1, N_ROWS])
def test_a_change_in_place_shows_at_once(stand_alone, n_rows, monkeypatch):
    monkeypatch.setattr(prediction, "rows_stand_alone", lambda dtype: stand_alone)
    model, X = fitted("one number"), table(12)[:n_rows]
    before = model.predict(X)
    model.coefs_[-1][...] = 0.0
    model.intercepts_[-1][...] = 0.0
    constant = model.predict(X)
    assert (constant == constant[0]).all()
    assert (before != constant).any()


@pytest.mark.parametrize("kind", ["float64", "sparse"])
def test_rows_beyond_float32_are_predicted_and_leave_the_others_alone(kind):
    model = fitted("ten numbers", feature_scaling=None)
    X = table(12)
    expected = model.predict(KINDS_OF_X[kind](X))
    far = [3, 700]
    X[far] *= 1e39
    found = model.predict(KINDS_OF_X[kind](X))
    exact = in_float64(model).predict(X)
    assert_allclose(found[far], exact[far], rtol=1e-12)
    assert np.isfinite(exact).all()
    near = np.setdiff1d(np.arange(N_ROWS), far)
    assert_same(found[near], expected[near])
