"""Activations of a hidden layer as columns: against a pass by hand, and as a step of a pipeline."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_wine(return_X_y=True, as_frame=True)
SHORT = {"max_iter": 4, "early_stopping": False, "random_state": 0}
TINY = {
    **{"hidden_layer_sizes": (6,), "n_members": 2, "max_iter": 3, "embedding_width": 3},
    "n_bags": 1,
}


@pytest.fixture(scope="module")
def model():
    return NumpyMLPClassifier((20, 7), activation="tanh", dtype="float64", **SHORT).fit(X, y)


def test_a_pass_by_hand(model):
    h, W, b = model.transform(X, layer="input"), model.coefs_, model.intercepts_
    np.testing.assert_allclose(h.mean(axis=0), 0, atol=1e-4)
    first = np.tanh(h @ W[0] + b[0])
    second = np.tanh(first @ W[1] + b[1])
    np.testing.assert_allclose(model.transform(X, layer=0), first, rtol=1e-12)
    np.testing.assert_allclose(model.transform(X, layer=-2), first, rtol=1e-12)
    for last in (model.transform(X), model.transform(X, layer=1), model.transform(X, -1)):
        np.testing.assert_allclose(last, second, rtol=1e-12)
    scores = second @ W[2] + b[2]
    np.testing.assert_allclose(scores, model.decision_function(X), rtol=1e-10)


def test_the_rows_of_members_and_of_bags_stand_side_by_side():
    options = SHORT | TINY | {"n_bags": 3, "early_stopping": True, "calibrate": False}
    model = TabularMLPClassifier(**options).fit(X, y)
    h = model.transform(X).reshape(len(X), 3, 2, 6)
    probabilities = []
    for bag, found in enumerate(model._models):
        network = found.network
        heads = network.parameters()[-1]
        for member in range(2):
            scores = h[:, bag, member] @ heads.W[member] + heads.b[member]
            p = np.exp(scores - scores.max(axis=1, keepdims=True))
            probabilities.append(p / p.sum(axis=1, keepdims=True))
    mean = np.mean(probabilities, axis=0)
    np.testing.assert_allclose(mean, model.predict_proba(X), rtol=1e-4)
    assert len(model.get_feature_names_out()) == 36


@pytest.mark.parametrize(
    "options",
    [
        {"hidden_layer_sizes": (9, 9, 5), "residual": True, "normalization": "batch"},
        {"normalization": "layer", "dropout": 0.5, "hidden_layer_sizes": (9, 5)},
        {"numeric_embedding": "piecewise_linear", "hidden_layer_sizes": (5,)},
    ],
)
def test_the_last_layer_makes_the_scores_of_it(options):
    model = NumpyMLPRegressor(**SHORT, **options).fit(X, y)
    h = model.transform(X)
    assert h.shape == (len(X), 5)
    raw = h @ model.coefs_[-1] + model.intercepts_[-1]
    unit, shift = model._model.target.unit, model._model.target.shift
    np.testing.assert_allclose(raw[:, 0] * unit + shift, model.predict(X), rtol=1e-4)
    # A row does not depend on the others.
    np.testing.assert_array_equal(model.transform(X[:40])[7], h[7])


def test_without_a_hidden_layer_it_is_the_encoded_columns():
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan, 4.0] * 9, "b": list("xyzz") * 9})
    model = NumpyMLPClassifier((), **SHORT).fit(frame, [0, 1, 0, 1] * 9)
    h = model.transform(frame)
    assert model.encoded_feature_names_ == ["a", "a missing", "b=x", "b=y", "b=z"]
    np.testing.assert_array_equal(
        h[:4, 1:], [[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1], [0, 0, 0, 1]]
    )
    assert len(model.get_feature_names_out()) == 5
    np.testing.assert_array_equal(model.transform(frame, layer="input"), h)
    with pytest.raises(ValueError, match="there is no hidden layer. Got 0"):
        model.transform(frame, layer=0)


@pytest.mark.parametrize("layer", [0, "input"])
def test_sparse_and_dense_agree(layer):
    dense = np.random.default_rng(0).poisson(0.3, (60, 12)).astype(float)
    model = NumpyMLPClassifier((8,), dtype="float64", **SHORT).fit(dense, dense[:, 0] > 0)
    expected = model.transform(dense, layer=layer)
    found = model.transform(sp.csr_matrix(dense), layer=layer)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_frames_have_the_names_of_the_layer(model):
    frames = clone(model).set_output(transform="pandas").fit(X, y)
    h = frames.transform(X, layer=0)
    assert list(h.columns[[0, 19]]) == ["numpymlpclassifier0", "numpymlpclassifier19"]
    assert h.index.equals(X.index)
    last = frames.transform(X)
    assert list(last.columns) == list(frames.get_feature_names_out())
    np.testing.assert_array_equal(last, model.transform(X))
    with sklearn.config_context(transform_output="pandas"):
        assert list(model.transform(X, layer=0).columns) == list(h.columns)
    assert isinstance(model.transform(X), np.ndarray)


def test_in_front_of_a_model():
    net = NumpyMLPClassifier((20,), random_state=0)
    pipe = make_pipeline(net, LogisticRegression()).fit(X, y)
    assert pipe.score(X, y) > 0.95
    assert pipe[-1].n_features_in_ == 20
    np.testing.assert_allclose(pipe[:-1].fit_transform(X, y), pipe[:-1].transform(X))
    names = make_pipeline(net, Ridge()).set_output(transform="pandas").fit(X, y)[-1]
    assert names.feature_names_in_[0] == "numpymlpclassifier0"


def test_what_is_no_layer_is_told(model):
    for layer in (2, -3, True, "last", None, 0.0):
        with pytest.raises(ValueError, match="layer must be 'input', or an integer from -2 to 1"):
            model.transform(X, layer=layer)
    with pytest.raises(ValueError, match="X has 12 features, but NumpyMLPClassifier is expecting"):
        clone(model).fit(X.to_numpy(), y).transform(X.to_numpy()[:, 1:])
    with pytest.raises(sklearn.exceptions.NotFittedError):
        clone(model).transform(X)
    assert not hasattr(clone(model), "_n_features_out")


def test_several_outputs_and_late_batches():
    data = load_diabetes(return_X_y=True)
    Y = np.column_stack([data[1], -data[1]])
    model = NumpyMLPRegressor((8, 4), max_iter=2, random_state=0)
    model.partial_fit(data[0], Y)
    assert model.transform(data[0]).shape == (len(Y), 4)


@pytest.mark.parametrize("cls", [TabularMLPClassifier, TabularMLPRegressor])
def test_the_others_are_steps_too(cls):
    model = cls(**SHORT | TINY).fit(X, y)
    assert model.transform(X).shape == (len(X), 12)
    assert len(model.get_feature_names_out()) == 12


def checks_of_transformers():
    for cls in (TabularMLPClassifier, TabularMLPRegressor):
        for estimator, check in estimator_checks_generator(cls(**TINY)):
            name = check.func.__name__
            if any(part in name for part in ("transform", "feature_names_out", "set_output")):
                yield pytest.param(estimator, check, id=f"{cls.__name__}-{name}")


@pytest.mark.parametrize(("estimator", "check"), checks_of_transformers())
def test_scikit_learn_checks(estimator, check):
    check(estimator)
