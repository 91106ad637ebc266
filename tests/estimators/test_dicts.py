"""X as a dict of columns, or of the values of one row."""

from collections import OrderedDict, UserDict

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor

N = 80
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
rng = np.random.default_rng(0)
COLUMNS = {
    "age": [None if i % 7 == 0 else float(v) for i, v in enumerate(rng.integers(1, 90, N))],
    "rooms": rng.integers(1, 6, N).tolist(),
    "sex": [("f", "m", None)[i] for i in rng.integers(0, 3, N)],
    "joined": [np.datetime64("2024-01-01", "us").item() + pd.Timedelta(days=int(i)).to_pytimedelta()
               for i in rng.integers(0, 700, N)],
    "spelled": [f"{v:,.2f}" for v in rng.random(N) * 5000],
}  # fmt: skip
y = np.array([v or 0 for v in COLUMNS["age"]]) + np.array(COLUMNS["rooms"])

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Text in X"),
]


@pytest.fixture(scope="module")
def model():
    return NumpyMLPRegressor(**SMALL).fit(pd.DataFrame(COLUMNS), y)


def row(i):
    return {name: column[i] for name, column in COLUMNS.items()}


@pytest.mark.parametrize("estimator_class", [NumpyMLPRegressor, TabularMLPRegressor])
@pytest.mark.parametrize("kind", [dict, OrderedDict, UserDict])
def test_a_fit_is_that_of_a_frame(estimator_class, kind):
    of_dict = estimator_class(**SMALL).fit(kind(COLUMNS), y)
    for frame in (pd.DataFrame(COLUMNS), pl.DataFrame(COLUMNS)):
        of_frame = estimator_class(**SMALL).fit(frame, y)
        assert of_dict.feature_names_in_.tolist() == of_frame.feature_names_in_.tolist()
        assert np.array_equal(of_dict.network_.theta, of_frame.network_.theta)
        assert np.array_equal(of_dict.predict(kind(COLUMNS)), of_frame.predict(frame))


@pytest.mark.parametrize("make", [list, tuple, np.array, pd.Series, pl.Series])
def test_columns_of_any_kind(make):
    numbers = {"a": rng.random(N).tolist(), "b": rng.integers(0, 3, N).tolist()}
    expected = NumpyMLPRegressor(**SMALL).fit(pd.DataFrame(numbers), y)
    X = {name: make(column) for name, column in numbers.items()}
    found = NumpyMLPRegressor(**SMALL).fit(X, y)
    assert np.array_equal(found.network_.theta, expected.network_.theta)
    assert np.array_equal(found.predict(X), expected.predict(pd.DataFrame(numbers)))


def test_rows_by_name_whatever_their_order(model):
    frame = pd.DataFrame(COLUMNS)
    expected = model.predict(frame)
    for i in range(12):
        alone = row(i)
        mixed = dict(sorted(alone.items()))
        assert list(mixed) != list(alone)
        for X in (alone, mixed, {name: [value] for name, value in mixed.items()}):
            assert np.array_equal(model.predict(X), model.predict(frame.iloc[[i]]))
    turned = dict(reversed(COLUMNS.items()))
    assert np.array_equal(model.predict(turned), expected)
    assert model.score(turned, y) == model.score(pd.DataFrame(COLUMNS), y)
    assert np.array_equal(model.transform(turned), model.transform(pd.DataFrame(COLUMNS)))


def test_nothing_of_it_is_modified(model):
    X = {name: list(column[:3]) for name, column in reversed(COLUMNS.items())}
    before = {name: list(column) for name, column in X.items()}
    model.predict(X)
    assert before == X
    assert list(X) == list(before)


@pytest.mark.parametrize(("change", "error", "message"), [
    (lambda X: X.pop("sex"), ValueError, "yet now missing:\n- sex"),
    (lambda X: X.update(sez=X.pop("sex")), ValueError, "unseen at fit time:\n- sez\n.*\n- sex"),
    (lambda X: X.update(more=[1, 2]), ValueError, "unseen at fit time:\n- more"),
    (lambda X: X.update(rooms=[1]), ValueError, "several lengths: 2 in 'age', 1 in 'rooms'"),
    (lambda X: X.update(rooms=3), TypeError, "'rooms' is a single value.*and 'age' a column"),
    (lambda X: X.update(rooms=np.ones((2, 2))), TypeError, r"Column 'rooms' .* of shape \(2, 2\)"),
    (lambda X: X.update(rooms={"a": 1}), TypeError, "Column 'rooms' of X is of type dict"),
    (lambda X: X.update(rooms=["many", 2]), TypeError, "Column 'rooms' of X mixes|'rooms'"),
    (lambda X: X.update(rooms=[10**400, 2]), ValueError, "Column 'rooms' of X"),
    (lambda X: X.update(sex=[[1], "f"]), TypeError, r"Column 'sex' of X holds \[1\] in row 0"),
    (lambda X: X.update({name: [] for name in X}), ValueError, "0 sample"),
    (lambda X: X.clear(), (TypeError, ValueError), "missing|empty"),
])  # fmt: skip
def test_errors_name_the_column(model, change, error, message):
    X = {name: list(column[:2]) for name, column in COLUMNS.items()}
    change(X)
    with pytest.raises(error, match=rf"(?s){message}"):
        model.predict(X)


def test_an_empty_dict_is_no_table():
    with pytest.raises(TypeError, match="X is an empty dict, which is no table"):
        NumpyMLPRegressor(**SMALL).fit({}, y)


def test_columns_that_fit_has_left_out_need_not_be_there():
    X = {**COLUMNS, "id": [f"id {i}" for i in range(N)]}
    with pytest.warns(UserWarning, match="Left out of X: 'id'"):
        model = NumpyMLPRegressor(**SMALL).fit(X, y)
    expected = model.predict(X)
    assert np.array_equal(model.predict(COLUMNS), expected)
    assert np.array_equal(model.predict(dict(sorted(row(3).items()))), model.predict(row(3)))


def test_scorers_are_given_rows_that_predict_takes():
    seen = []

    def score(estimator, X, y):
        seen.append(X)
        return estimator.score(X, y)

    options = {**SMALL, "early_stopping": True, "scoring": score}
    of_dict = NumpyMLPRegressor(**options).fit(COLUMNS, y)
    assert type(seen[0]) is dict
    assert list(seen[0]) == list(COLUMNS)
    of_frame = NumpyMLPRegressor(**options).fit(pd.DataFrame(COLUMNS), y)
    assert of_dict.validation_scores_ == of_frame.validation_scores_


def test_partial_fit_and_rows_to_validate_on():
    turned = dict(reversed(COLUMNS.items()))
    label = (y > np.median(y)).astype(int)
    one = NumpyMLPClassifier(**SMALL).partial_fit(COLUMNS, label, classes=[0, 1])
    other = NumpyMLPClassifier(**SMALL).partial_fit(pd.DataFrame(COLUMNS), label, classes=[0, 1])
    one.partial_fit(turned, label)
    other.partial_fit(pd.DataFrame(COLUMNS), label)
    assert np.array_equal(one.network_.theta, other.network_.theta)
    one = NumpyMLPClassifier(**SMALL).fit(COLUMNS, label, X_val=turned, y_val=label)
    other = NumpyMLPClassifier(**SMALL).fit(COLUMNS, label, X_val=COLUMNS, y_val=label)
    assert one.history_["validation_loss"] == other.history_["validation_loss"]


def test_a_list_of_dicts_is_rows(model):
    frame = pd.DataFrame(COLUMNS)
    rows = [row(i) for i in range(N)]
    turned = [dict(reversed(one.items())) for one in rows]
    assert np.array_equal(model.predict(rows), model.predict(COLUMNS))
    assert np.array_equal(model.predict(turned[:3]), model.predict(frame[:3]))
    assert np.array_equal(model.predict(rows[:1]), model.predict(rows[0]))
    assert np.array_equal(model.transform(rows), model.transform(COLUMNS))
    assert model.score(rows, y) == model.score(COLUMNS, y)
    again = NumpyMLPRegressor(**SMALL).fit(rows, y)
    assert again.network_.theta.tobytes() == model.network_.theta.tobytes()


@pytest.mark.parametrize(("rows", "error", "message"), [
    ([row(0), {**row(1), "more": 1}], ValueError, r"row 1 has \[?'more'\]? beyond them"),
    ([row(0), {"age": 1}], ValueError, r"row 1 lacks .*'sex'.*None is what is missing"),
    ([row(0), 3], TypeError, "Row 1 of X is a int, and row 0 a dict"),
    ([{}, {}], TypeError, "X is an empty dict"),
    ([{"sez": 1}], ValueError, "unseen at fit time:\n- sez"),
])  # fmt: skip
def test_rows_of_other_keys_are_named(model, rows, error, message):
    with pytest.raises(error, match=message):
        model.predict(rows)
