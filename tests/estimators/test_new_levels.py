"""Categories that hold only levels which fit has not seen are told of, and no others."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 120
rng = np.random.default_rng(0)
X = pd.DataFrame(
    {
        "sex": rng.choice(["male", "female"], N),
        "id": [f"u{i // 2}" for i in range(N)],
        "rare": [f"r{i}" if i % 3 == 0 else "often" for i in range(N)],
        "x": rng.random(N),
    }
)
y = (X["sex"] == "male").to_numpy() + 0.1 * X["x"].to_numpy()
SHORT = X.assign(sex=X["sex"].map({"male": "M", "female": "F"}))


def regressor(**options):
    options = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0} | options
    return NumpyMLPRegressor(**options)


@pytest.fixture(scope="module")
def model():
    return regressor().fit(X, y)


def told(call, *args, **kwargs):
    """The messages of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(*args, **kwargs)
    return [str(w.message) for w in caught if "ConvergenceWarning" not in str(w.category)]


@pytest.mark.parametrize("library", [pd.DataFrame, pl.from_pandas])
def test_predict_names_the_column_and_both_spellings(library):
    (message,) = told(regressor().fit(library(X), y).predict, library(SHORT))
    for words in ("column 'sex'", "'M'", "'F'", "'female', 'male'", f"{N} of {N}"):
        assert words in message
    assert "'id'" not in message


def test_a_blank_at_the_end_is_seen(model):
    (message,) = told(model.predict, X.assign(sex=X["sex"] + " "))
    assert "'male '" in message


def test_it_is_told_once_of_all_blocks_and_of_the_users_line(model):
    many = pd.concat([SHORT] * 300, ignore_index=True)
    with pytest.warns(UserWarning, match="36000 of 36000") as caught:
        model.predict(many)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_classifier_and_score():
    model = NumpyMLPClassifier((4,), max_iter=2, random_state=0).fit(X, y > 0.5)
    for call in (model.predict, model.predict_proba, lambda A: model.score(A, y > 0.5)):
        assert len(told(call, SHORT)) == 1


def test_one_row_of_a_known_level_is_enough(model):
    mixed = SHORT.copy()
    mixed.loc[N - 1, "sex"] = "male"
    assert not told(model.predict, mixed)


def test_missing_is_not_new(model):
    assert not told(model.predict, X.assign(sex=None))
    half = SHORT.assign(sex=SHORT["sex"].where(np.arange(N) % 2 == 0))
    assert f"{N // 2} of {N // 2}" in told(model.predict, half)[0]


def test_new_levels_that_were_to_be_expected_are_not_told(model):
    # A third of the rows of fit had a level of their own; a single row may have a new one.
    assert not told(model.predict, X.assign(rare="r777")[:5])
    assert not told(model.predict, SHORT[:1])
    assert told(model.predict, SHORT[:3])
    unique = X.assign(id=[f"v{i}" for i in range(N)])
    some = regressor(min_frequency=1).fit(unique, y)
    assert not told(some.predict, unique.assign(id=[f"w{i}" for i in range(N)]))


def test_numbers_as_categories():
    codes = np.c_[np.arange(N) % 3, np.arange(N) % 2]
    model = regressor(categorical_features=[0]).fit(codes, y)
    (message,) = told(model.predict, codes + np.array([10, 0]))
    assert "column 0 holds 10, 11, 12" in message
    assert "fit saw 0, 1, 2" in message


def test_validation_rows_with_other_levels():
    (message,) = told(regressor().fit, X, y, X_val=SHORT[:40], y_val=y[:40])
    assert message.startswith("X_val does not look like X: column 'sex' holds")
    mostly = pd.concat([SHORT[:30], X[:20]])
    (message,) = told(regressor().fit, X, y, X_val=mostly, y_val=y[:50])
    assert "30 of 50" in message
    fewer = pd.concat([SHORT[:20], X[:30]])
    assert not told(regressor().fit, X, y, X_val=fewer, y_val=y[:50])


def test_a_scorer_on_such_rows_does_not_repeat_it():
    def score(model, A, b):
        return model.score(A, b)

    options = {"scoring": score, "max_iter": 3, "early_stopping": True}
    assert len(told(regressor(**options).fit, X, y, X_val=SHORT[:40], y_val=y[:40])) == 1


def test_a_fit_that_goes_on():
    stream, again = regressor().partial_fit(X, y), regressor(warm_start=True).fit(X, y)
    for later in (stream.partial_fit, again.fit):
        (message,) = told(later, SHORT, y)
        assert "fit saw 'female', 'male'" in message
