"""Targets that are dates, and the containers that a scorer of one's own is given."""

import datetime

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score, make_scorer

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pd = pytest.importorskip("pandas")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, CODES = load_iris(return_X_y=True)
NAMES = load_iris().target_names[CODES]
#: Its index is not the row numbers.
FRAME = pd.DataFrame(X, columns=["a", "b", "c", "d"], index=np.arange(150) * 7 + 3)
SERIES = pd.Series(NAMES, index=FRAME.index, name="species")
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 30, "learning_rate_init": 0.02, "random_state": 0}

DAYS = np.array(["2020-01-01", "2021-05-05", "2022-02-02"], dtype="datetime64[D]")
DATES = {
    "days": DAYS[CODES],
    "nanoseconds": DAYS.astype("datetime64[ns]")[CODES],
    "series": pd.Series(DAYS.astype("datetime64[ns]")[CODES]),
    "time zone": pd.Series(DAYS.astype("datetime64[ns]")[CODES]).dt.tz_localize("UTC"),
    "objects": DAYS.astype(object)[CODES],
    "list": list(DAYS.astype(object)[CODES]),
    "times": [datetime.datetime(2020 + int(c), 1, 1, 12, 30) for c in CODES],
}
SPANS = {
    "days": (DAYS - DAYS[0])[CODES],
    "series": pd.Series((DAYS - DAYS[0]).astype("timedelta64[ns]")[CODES]),
    "objects": [datetime.timedelta(days=int(c)) for c in CODES],
}


@pytest.mark.parametrize("kind", DATES)
def test_a_regressor_refuses_dates(kind):
    with pytest.raises(ValueError, match=r"y of datetimes: convert .* to seconds: \(y - y.min"):
        NumpyMLPRegressor(**SMALL).fit(X, DATES[kind])


@pytest.mark.parametrize("kind", SPANS)
def test_a_regressor_refuses_spans_of_time(kind):
    with pytest.raises(ValueError, match="y of timedeltas: convert .* to seconds: y / np"):
        NumpyMLPRegressor(**SMALL).fit(X, SPANS[kind])


def test_the_conversions_in_the_messages_work():
    for y in (DATES["series"], DATES["nanoseconds"]):
        seconds = (y - y.min()) / np.timedelta64(1, "s")
        assert NumpyMLPRegressor(**SMALL).fit(X, seconds).score(X, seconds) > 0.5
    for y in (SPANS["series"], SPANS["days"]):
        seconds = y / np.timedelta64(1, "s")
        assert NumpyMLPRegressor(**SMALL).fit(X, seconds).score(X, seconds) > 0.5


def test_validation_targets_that_are_dates_are_refused_too():
    with pytest.raises(ValueError, match="y of datetimes"):
        NumpyMLPRegressor(**SMALL).fit(X, CODES, X_val=X, y_val=DATES["days"])


@pytest.mark.parametrize("y", [DATES["days"], DATES["series"], SPANS["days"]])
def test_dates_may_be_classes(y):
    classes = np.unique(np.asarray(y))
    options = SMALL | {"early_stopping": True, "scoring": "accuracy"}
    model = NumpyMLPClassifier(**options).fit(X, y)
    by_codes = NumpyMLPClassifier(**options).fit(X, CODES)
    assert_array_equal(model.classes_, classes)
    assert_array_equal(model.predict(X), classes[by_codes.predict(X)])
    assert model.score(X, y) == by_codes.score(X, CODES)
    stream = NumpyMLPClassifier(**SMALL)
    for _ in range(60):
        stream.partial_fit(X, y, classes=classes)
    assert stream.score(X, y) > 0.9


def test_a_missing_date_is_no_class():
    y = DATES["days"].copy()
    y[3] = np.datetime64("NaT", "s")
    with pytest.raises(ValueError, match="y must not contain missing.* 1 value is .* in row 3"):
        NumpyMLPClassifier(**SMALL).fit(X, y)


# What a scorer of one's own gets.


class Scorer:
    """Remembers what it was given."""

    def __init__(self):
        self.given = []

    def __call__(self, estimator, X, y):
        self.given.append((X, y))
        return accuracy_score(y, estimator.predict(X))


def test_rows_that_are_split_off_come_as_the_frame_and_series_they_are_from():
    scorer = Scorer()
    model = NumpyMLPClassifier(early_stopping=True, scoring=scorer, **SMALL).fit(FRAME, SERIES)
    for X_held, y_held in scorer.given:
        pd.testing.assert_frame_equal(X_held, FRAME.loc[X_held.index])
        pd.testing.assert_series_equal(y_held, SERIES.loc[X_held.index])
    assert 10 <= len(X_held) <= 20
    assert model.best_validation_score_ > 0.8


def test_given_validation_rows_come_as_they_were_given():
    scorer = Scorer()
    model = NumpyMLPClassifier(early_stopping=True, scoring=scorer, **SMALL)
    model.fit(FRAME[::2], SERIES[::2], X_val=FRAME[1::2], y_val=SERIES[1::2])
    pd.testing.assert_frame_equal(scorer.given[-1][0], FRAME[1::2])
    pd.testing.assert_series_equal(scorer.given[-1][1], SERIES[1::2])


def test_a_scorer_may_group_by_a_column():
    def worst_group(estimator, X, y):
        right = estimator.predict(X) == y
        return right.groupby(X["d"] > 1).mean().min()

    model = NumpyMLPClassifier(early_stopping=True, scoring=worst_group, **SMALL)
    assert model.fit(FRAME, SERIES).best_validation_score_ > 0.5


@pytest.mark.parametrize("container", [np.asarray, sp.csr_array, lambda X: X.tolist()])
def test_arrays_sparse_rows_and_lists_come_as_before(container):
    scorer, given = Scorer(), container(X)
    NumpyMLPClassifier(early_stopping=True, scoring=scorer, **SMALL).fit(given, NAMES.tolist())
    X_held, y_held = scorer.given[-1]
    assert isinstance(X_held, sp.csr_array if sp.issparse(given) else np.ndarray)
    assert isinstance(y_held, np.ndarray)
    assert set(y_held) == set(NAMES)


def test_kinds_that_are_mixed():
    """Validation rows without the columns' names: scikit-learn says so once, not every epoch."""
    scorer = Scorer()
    model = NumpyMLPClassifier(early_stopping=True, scoring=scorer, **SMALL)
    with pytest.warns(UserWarning, match="feature names"):
        model.fit(FRAME, SERIES, X_val=X, y_val=NAMES)
    assert isinstance(scorer.given[-1][0], np.ndarray)
    # A frame of one column is the vector that it stands for.
    with pytest.warns(match="column-vector y was passed"):
        model.fit(FRAME, SERIES.to_frame())
    assert scorer.given[-1][1].ndim == 1


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss", make_scorer(accuracy_score)])
def test_scorers_of_scikit_learn_take_frames_without_a_warning(scoring):
    of_frame, of_array = (
        NumpyMLPClassifier(early_stopping=True, scoring=scoring, **SMALL).fit(*data)
        for data in ((FRAME, SERIES), (X, NAMES))
    )
    assert of_frame.validation_scores_ == of_array.validation_scores_


@pytest.mark.parametrize("several", [False, True])
def test_a_regressors_scorer_gets_its_frames(several):
    target = FRAME[["a", "b"]] if several else FRAME["a"]
    seen = []

    def score(estimator, X, y):
        seen.append((X, y))
        return estimator.score(X, y)

    NumpyMLPRegressor(early_stopping=True, scoring=score, **SMALL).fit(FRAME[["c", "d"]], target)
    assert type(seen[-1][1]) is type(target)
    assert_array_equal(seen[-1][1], target.loc[seen[-1][0].index])
