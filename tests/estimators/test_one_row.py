"""Predictions of one row at a time: what is kept between calls is nobody's business."""

import copy
import pickle
import threading

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sknumpynet import NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.network import rows_stand_alone
from sknumpynet.network.lending import FEW_ROWS
from sknumpynet.network.network import MOST_IDLE

rng = np.random.default_rng(0)
N = 120
X = pd.DataFrame({
    "a": np.where(rng.random(N) < 0.1, np.nan, rng.standard_normal(N)),
    "b": rng.choice(["u", "v", "w"], N),
    "c": rng.standard_normal(N),
})  # fmt: skip
y = rng.standard_normal(N)

MODELS = {
    "plain": lambda: NumpyMLPRegressor((8, 4), max_iter=2, random_state=0),
    "float64": lambda: NumpyMLPRegressor((8,), max_iter=2, dtype="float64", random_state=0),
    "members": lambda: NumpyMLPRegressor((8,), n_members=3, max_iter=2, random_state=0),
    "bags": lambda: TabularMLPRegressor(max_iter=2, n_bags=2, random_state=0),
}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]().fit(X, y)


def same(model, found, expected):
    """To the bit in float32, where the BLAS allows it; else to 1e-12, as is promised."""
    if model.dtype == "float32" and rows_stand_alone(np.dtype("float32")):
        return np.array_equal(found, expected)
    return np.allclose(found, expected, rtol=1e-12, atol=1e-12)


def one_by_one(model, frame=X, n=20):
    return np.concatenate([model.predict(frame.iloc[[i]]) for i in range(n)])


def test_the_same_bits_as_among_others(model):
    expected = model.predict(X)
    assert same(model, one_by_one(model), expected[:20])
    for n in (2, 3, FEW_ROWS, FEW_ROWS + 1):
        assert same(model, model.predict(X.iloc[:n]), expected[:n])
    rows = X.to_dict("records")
    assert np.array_equal([model.predict(row)[0] for row in rows[:20]], one_by_one(model))


def test_pickles_and_copies_do_not_grow(model):
    before = len(pickle.dumps(model))
    expected = one_by_one(model)
    assert all(m.network.idle for m in model._models)
    assert len(pickle.dumps(model)) == before
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert not any(m.network.idle for m in other._models)
        assert np.array_equal(one_by_one(other), expected)
    assert not hasattr(clone(model), "_models")


def test_weights_that_are_changed_in_place_count_at_once(model):
    before = one_by_one(model)
    network = model.network_
    changes = [
        lambda: np.multiply(model.coefs_[0], 1.5, out=model.coefs_[0]),
        lambda: np.add(network.theta, 0.25, out=network.theta),
        lambda: setattr(network, "theta", network.theta * 0.5),
    ]
    for change in changes:
        change()
        after = one_by_one(model)
        assert not np.array_equal(after, before)
        assert same(model, after, model.predict(X)[:20])
        before = after


def test_threads_have_one_each(model):
    expected, found = model.predict(X), {}
    start = threading.Barrier(6)

    def call(k):
        start.wait()
        found[k] = [one_by_one(model, n=30) for _ in range(5)]

    threads = [threading.Thread(target=call, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert all(same(model, one, expected[:30]) for many in found.values() for one in many)
    assert all(len(m.network.idle) <= MOST_IDLE for m in model._models)


def test_an_error_on_the_way_leaves_nothing_behind(model):
    expected = one_by_one(model)
    with pytest.raises((TypeError, ValueError), match="Column 'a'"):
        model.predict({"a": "text", "b": "u", "c": 1.0})
    with pytest.raises(ValueError, match="infinity"):
        model.predict({"a": np.inf, "b": "u", "c": 1.0})
    assert np.array_equal(one_by_one(model), expected)


def test_a_row_beyond_float32(model):
    row = X.iloc[[0]].assign(a=1e200)
    both = pd.concat([row, X.iloc[1:40]])
    assert same(model, model.predict(row), model.predict(both)[:1])
    assert same(model, one_by_one(model, both), model.predict(both)[:20])
