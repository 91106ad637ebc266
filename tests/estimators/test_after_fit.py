"""partial_fit after fit: what the fit has found is kept, and changes of the data are learned."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import make_friedman1
from sklearn.metrics import log_loss, mean_squared_error

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor

X, z = make_friedman1(1700, noise=1.0, random_state=0)
FIT, NEW, TEST = slice(0, 800), slice(800, 1200), slice(1200, None)
SMALL = {"hidden_layer_sizes": (64,), "random_state": 0}
TARGETS = {
    NumpyMLPRegressor: z,
    NumpyMLPClassifier: np.array(["low", "middle", "high"])[np.digitize(z, [12.0, 17.0])],
}


def loss(model, y):
    if isinstance(model, NumpyMLPRegressor):
        return mean_squared_error(y[TEST], model.predict(X[TEST]))
    return log_loss(y[TEST], model.predict_proba(X[TEST]), labels=model.classes_)


def further(model, y, rows, n_calls):
    model = copy.deepcopy(model)
    for part in np.array_split(np.arange(len(X))[rows], n_calls):
        model.partial_fit(X[part], y[part])
    return model


@pytest.fixture(scope="module", params=[(c, w) for c in TARGETS for w in (False, True)], ids=str)
def fitted(request):
    cls, warm = request.param
    return cls(**SMALL, warm_start=warm).fit(X[FIT], TARGETS[cls][FIT]), TARGETS[cls]


@pytest.mark.parametrize("n_calls", [1, 5, 20, 100])
def test_further_rows_do_not_undo_it(fitted, n_calls):
    model, y = fitted
    assert loss(further(model, y, NEW, n_calls), y) < 1.02 * loss(model, y)


def test_a_single_row_does_not_either(fitted):
    """At the full rate it made the loss several times as large."""
    model, y = fitted
    assert loss(further(model, y, slice(800, 801), 1), y) < 1.01 * loss(model, y)


def test_nor_do_the_same_rows(fitted):
    model, y = fitted
    once = further(model, y, FIT, 1)
    assert loss(once, y) < 1.03 * loss(model, y)
    assert loss(further(once, y, FIT, 1), y) < 1.03 * loss(model, y)


def test_another_relation_is_learned(fitted):
    model, y = fitted
    if isinstance(model, NumpyMLPRegressor):
        y = y + 5.0 * np.sign(X[:, 5] - 0.5)
    else:
        y = np.where(X[:, 5] > 0.5, "middle", y)
    before = loss(model, y)
    for _ in range(15):
        model = further(model, y, NEW, 1)
    assert loss(model, y) < 0.55 * before


@pytest.mark.filterwarnings("ignore:Training was cut short")
def test_rates_of_a_stream_and_of_one_after_a_fit():
    """Of a batch with a quarter of the rows half of the rate, which is half of that of a fit."""
    options = SMALL | {"batch_size": 40, "max_iter": 12, "n_iter_no_change": 100}
    stream = NumpyMLPRegressor(**options).partial_fit(X[FIT], z[FIT])
    stream.partial_fit(X[NEW], z[NEW])
    assert stream.history_["learning_rate"] == [0.002] * 2
    model = NumpyMLPRegressor(**options).fit(X[FIT], z[FIT])
    for n_rows in (40, 400, 10):
        model.partial_fit(X[:n_rows], z[:n_rows])
    assert_allclose(model.history_["learning_rate"][-4:], [0.002, 0.001, 0.001, 0.0005])


@pytest.mark.filterwarnings("ignore:Training was cut short")
def test_options_that_were_set_hold():
    model = NumpyMLPRegressor(**SMALL, max_iter=12).fit(X[FIT], z[FIT])
    chosen = [further(model, z, NEW, 1)]
    chosen.append(further(model.set_params(ema_decay=0.5, weight_decay=0.25), z, NEW, 1))
    chosen = [one.report_.models[0].chosen for one in chosen]
    assert chosen[0]["weight_decay"] == 1.0
    # Batches of 50 rows after batches of 90.
    assert chosen[0]["ema_decay"] == pytest.approx(0.9 ** (50 / 90))
    assert not {"ema_decay", "weight_decay"} & set(chosen[1])


@pytest.mark.filterwarnings("ignore:Training was cut short")
def test_a_file_goes_on_with_the_same_bits():
    model = TabularMLPRegressor(**SMALL, max_iter=2, n_bags=2).fit(X[:80], z[:80])
    loaded = pickle.loads(pickle.dumps(model))
    for part in (slice(80, 130), slice(130, 131)):
        model.partial_fit(X[part], z[part])
        loaded = pickle.loads(pickle.dumps(loaded.partial_fit(X[part], z[part])))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
