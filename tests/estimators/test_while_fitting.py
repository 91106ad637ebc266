"""A fit in another thread replaces the model at any moment: a call is of the old one or the new."""

import itertools
import threading

import numpy as np
import pytest
from sklearn.datasets import load_iris

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

#: Fits of few epochs, which teach next to nothing.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Training was cut short by max_iter"),
    pytest.mark.filterwarnings("ignore:The network predicts no better than a constant"),
]

X, species = load_iris(return_X_y=True)
PETALS, SEPALS = X[:, 2] * 1000.0, X[:, 1] * 1e-3 - 5.0
OPTIONS = {"hidden_layer_sizes": (6,), "max_iter": 20, "early_stopping": False, "random_state": 0}
OPTIONS |= {"tol": 1.0, "n_iter_no_change": 11}

#: For each kind of target one before and one after a fit in another thread.
LABELS = {
    "classes": (np.array(["a", "b", "c"])[species], species[::-1] + 10),
    "two classes, then three": (species == 0, np.array(["a", "b", "c"])[species]),
    "three classes, then labels": (species, np.eye(3, dtype=int)[species]),
    "labels, then several outputs": (
        np.eye(3, dtype=int)[species],
        np.column_stack([species, 7 - species]),
    ),
    "several outputs": (
        np.column_stack([species, species > 0]),
        np.column_stack([species > 1, species + 3]),
    ),
}
NUMBERS = {
    "units": ({}, PETALS, SEPALS),
    "one output, then two": ({}, PETALS, np.column_stack([PETALS, X[:, 0]])),
    "spread": ({"loss": "gaussian_nll"}, PETALS, SEPALS),
    "counts": ({"loss": "poisson"}, PETALS, species * 1.0),
    "quantiles": ({"loss": "quantile", "quantile": [0.1, 0.5]}, PETALS, -PETALS),
}


def states(model, *targets):
    """What the model is after a fit of each of the targets."""
    for y in targets:
        yield dict(vars(model.fit(X, y)))


def same(a, b):
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return np.array_equal(a, b)


def outcomes_of(call, model, before, after):
    """What the call gives if the state is replaced behind its 1st, 2nd, ... look at the model."""

    class Replaced(type(model)):
        def __getattribute__(self, name):
            found = object.__getattribute__(self, name)
            if self is watched and next(looks) == moment:
                object.__setattr__(self, "__dict__", dict(after))
            return found

    for moment in itertools.count():
        watched, looks = None, itertools.count()
        one = object.__new__(Replaced)
        one.__dict__.update(before)
        watched = one
        yield call(one)
        watched = None
        if next(looks) <= moment:
            assert moment > 0
            return


def check(call, model, before, after):
    expected = []
    for state in (before, after):
        one = object.__new__(type(model))
        one.__dict__.update(state)
        expected.append(call(one))
    assert not same(*expected)
    for found in outcomes_of(call, model, before, after):
        assert any(same(found, one) for one in expected)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
@pytest.mark.parametrize("kind", LABELS)
def test_labels_and_probabilities_are_of_one_model(kind, method):
    model = NumpyMLPClassifier(**OPTIONS)
    check(lambda one: getattr(one, method)(X[::9]), model, *states(model, *LABELS[kind]))


@pytest.mark.parametrize(
    "targets",
    [
        (species, 2 - species),
        (np.column_stack([species, species > 0]), np.column_stack([2 - species, species > 1])),
    ],
    ids=["classes", "several outputs"],
)
def test_a_score_is_of_one_model(targets):
    model = NumpyMLPClassifier(**OPTIONS)
    check(lambda one: one.score(X, targets[0]), model, *states(model, *targets))


@pytest.mark.parametrize("method", ["predict", "score"])
@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_are_of_one_model(kind, method):
    options, *targets = NUMBERS[kind]
    model = NumpyMLPRegressor(**OPTIONS, **options)
    given = (np.abs(targets[0]),) if method == "score" else ()
    if given and kind == "one output, then two":
        return
    check(lambda one: getattr(one, method)(X, *given), model, *states(model, *targets))


def test_prediction_and_spread_are_of_one_model():
    options, *targets = NUMBERS["spread"]
    model = NumpyMLPRegressor(**OPTIONS, **options)
    check(lambda one: one.predict(X, return_std=True), model, *states(model, *targets))


def test_names_and_weights_are_of_one_model():
    pd = pytest.importorskip("pandas")
    model = NumpyMLPRegressor(**OPTIONS)
    frame = pd.DataFrame(X, columns=list("abcd"))
    before = dict(vars(model.fit(frame, PETALS)))
    embedded = model.set_params(numeric_embedding="cosine", embedding_width=2)
    after = dict(vars(embedded.fit(frame.rename(columns={"a": "z"}), PETALS)))
    check(lambda one: one.encoded_feature_names_, model, before, after)


@pytest.mark.parametrize("name", ["coefs_", "intercepts_"])
def test_weights_are_set_all_or_none(name):
    model = NumpyMLPRegressor(**OPTIONS).fit(X, PETALS)
    before, network = model.predict(X), model.network_
    arrays = [np.zeros_like(array) for array in getattr(model, name)]
    with pytest.raises(ValueError, match="cannot be set to one of"):
        setattr(model, name, [arrays[0], np.zeros(99)])
    np.testing.assert_array_equal(model.predict(X), before)
    setattr(model, name, arrays)
    assert not np.array_equal(model.predict(X), before)
    # Whoever predicts at that time has the old ones, all of them.
    assert model.network_ is not network
    assert all(np.any(array) for array in network.arrays("W"))


def test_threads_that_predict_while_one_fits():
    """Units a million times apart: a mixture would lie between."""
    targets = PETALS, SEPALS
    model = NumpyMLPRegressor(**OPTIONS).fit(X, targets[0])
    done, found = threading.Event(), []

    def predict():
        while not done.is_set():
            found.append(float(np.median(model.predict(X))))

    threads = [threading.Thread(target=predict) for _ in range(2)]
    for thread in threads:
        thread.start()
    for i in range(12):
        model.fit(X, targets[i % 2])
    done.set()
    for thread in threads:
        thread.join()
    expected = [float(np.median(model.fit(X, y).predict(X))) for y in targets]
    assert found
    assert set(found) <= set(expected)
