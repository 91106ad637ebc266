"""Free text through the estimators: it is learned from, saved, told of; with bags and scorers."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import cross_val_score

from catalogue import FORMATS
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

WORDS = ["lamp", "chair", "table", "phone", "watch", "bottle", "jacket", "camera", "bicycle"]
KINDS = ["cheap", "premium", "vintage", "wireless", "compact", "heavy"]
N = 300
_rng = np.random.default_rng(0)
_word, _kind = _rng.integers(0, len(WORDS), N), _rng.integers(0, len(KINDS), N)
PRICE = _rng.normal(size=9)[_word] + _rng.normal(size=6)[_kind]
TITLES = [
    f"{KINDS[k]} {WORDS[w]} no. {i}" for i, (k, w) in enumerate(zip(_kind, _word, strict=True))
]
X = pd.DataFrame({"number": _rng.normal(size=N), "title": TITLES})
Y = PRICE + 0.2 * _rng.normal(size=N)
SMALL = {"max_iter": 5, "random_state": 0}


def test_it_is_learned_from():
    model = NumpyMLPRegressor(random_state=0)
    with pytest.warns(UserWarning, match="Left out of X: 'title'"):
        without = cross_val_score(model.set_params(text_components=0), X, Y, cv=2).mean()
    assert without < 0.1
    assert cross_val_score(model.set_params(text_components=30), X, Y, cv=2).mean() > 0.8


@pytest.mark.parametrize(
    "model",
    [
        NumpyMLPClassifier(scoring="accuracy", **SMALL),
        NumpyMLPClassifier(hidden_layer_sizes=(), **SMALL),
        NumpyMLPRegressor(n_bags=2, **SMALL),
        NumpyMLPRegressor(solver="lbfgs", **SMALL),
        TabularMLPClassifier(n_bags=1, **SMALL),
        TabularMLPRegressor(n_bags=2, **SMALL),
    ],
    ids=lambda model: repr(model),
)
def test_with_all_that_a_fit_does(model):
    y = Y if "Regressor" in type(model).__name__ else (Y > 0).astype(int) + (Y > 1)
    model.fit(X, y)
    names = model.encoded_feature_names_
    assert {"title: text 0", "title: text 14"} <= set(names)
    assert len([name for name in names if name.startswith("title")]) <= 30
    assert model.score(X, y) > 0
    assert_array_equal(model.predict(pl.from_pandas(X)), model.predict(X))
    again = type(model)(**model.get_params()).fit(pl.from_pandas(X), y)
    assert_array_equal(again.predict(X), model.predict(X))


@pytest.mark.parametrize("name", FORMATS)
def test_files(name):
    model = NumpyMLPRegressor(**SMALL).fit(X, Y)
    assert_array_equal(FORMATS[name](model).predict(X), model.predict(X))


def test_a_file_holds_no_texts_and_little_else():
    model = NumpyMLPRegressor(**SMALL).fit(X, Y)
    model.predict(X)
    data = pickle.dumps(model)
    assert b"no. 7" not in data
    assert len(data) < len(pickle.dumps(NumpyMLPRegressor(**SMALL).fit(X[["number"]], Y))) + 2e5


def test_it_goes_on_with_what_the_first_call_has_learned():
    model = NumpyMLPRegressor(**SMALL).partial_fit(X[:100], Y[:100])
    names = model.encoded_feature_names_
    assert "title: text 9" in names
    # Numbers too, as text.
    model.partial_fit(X[100:].assign(title="17"), Y[100:])
    assert model.encoded_feature_names_ == names
    warm = NumpyMLPRegressor(warm_start=True, **SMALL).fit(X, Y)
    assert warm.fit(X[:50], Y[:50]).encoded_feature_names_ == names + [
        f"title: text {i}" for i in range(10, 30)
    ]
    with pytest.raises(ValueError, match="whose text_components was 30 and not 5"):
        warm.set_params(text_components=5).fit(X, Y)


def test_missing_and_unknown_texts():
    gaps = X.assign(title=[None if i % 5 == 0 else t for i, t in enumerate(TITLES)])
    model = NumpyMLPRegressor(**SMALL).fit(gaps, Y)
    assert model.encoded_feature_names_[-1] == "title missing"
    for other in (None, np.nan, "", "ξξξ", "words " * 10**5):
        assert np.isfinite(
            model.predict(gaps.assign(title=pd.Series([other] * N, dtype=object)))
        ).all()
    with pytest.raises(TypeError, match="Column 'title' of X holds numbers"):
        model.predict(gaps.assign(title=1.0))
    # Never missing in training: as the mean.
    model = NumpyMLPRegressor(**SMALL).fit(X, Y)
    assert np.isfinite(model.predict(X.assign(title=None))).all()


def test_silent_text_is_told_of_and_left_out():
    rng = np.random.default_rng(1)
    silent = X.assign(note=[f"{rng.choice(WORDS)} and {rng.choice(KINDS)} {i}" for i in range(N)])
    with pytest.warns(UserWarning, match="Left out of X: 'note'") as told:
        model = NumpyMLPRegressor(**SMALL).fit(silent, Y)
    named = [w.filename for w in told if "Left out" in str(w.message)]
    assert named == [__file__]
    without = NumpyMLPRegressor(**SMALL).fit(X, Y)
    assert_allclose(model.predict(silent.assign(note=3)), without.predict(X), rtol=1e-6)


def test_only_texts():
    assert NumpyMLPRegressor(random_state=0).fit(X[["title"]], Y).score(X[["title"]], Y) > 0.8
    model = NumpyMLPRegressor(**SMALL).fit(np.array(TITLES, dtype=object)[:, None], Y)
    assert model.encoded_feature_names_[0] == "x0: text 0"
