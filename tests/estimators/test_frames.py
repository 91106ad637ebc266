"""Raw frames in the estimators: text, gaps and dates in scikit-learn's tools, from any library."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from polars_in_sklearn import skip_unless_known
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Worker processes of joblib do not inherit the filters of pytest.
    pytest.mark.filterwarnings("ignore:A worker stopped while some jobs:UserWarning"),
]

N = 240


def made_frame(n=N, seed=0):
    """Numbers with gaps, text of few and of many levels, a category, a bool and dates; and y."""
    rng = np.random.default_rng(seed)
    city = rng.choice([f"city{i:02d}" for i in range(35)], n)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n).astype(float),
            "city": city,
            "color": rng.choice(["red", "green", "blue"], n),
            "paid": rng.random(n) < 0.5,
            "sex": rng.choice(["f", "m"], n),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
        }
    )
    score = (frame["color"] == "red") * 2.0 + (frame["age"] > 50) + (city < "city15")
    frame.loc[rng.random(n) < 0.2, "age"] = np.nan
    frame.loc[rng.random(n) < 0.1, "color"] = None
    return frame, (score + rng.normal(0, 0.3, n) > 1.7).astype(int).to_numpy()


X, y = made_frame()


def classifier(**options):
    small = {"hidden_layer_sizes": (20,), "max_iter": 30, "learning_rate_init": 0.01}
    return NumpyMLPClassifier(**small | options, random_state=0)


LIBRARIES = {
    "pandas": lambda frame: frame,
    "pandas, nullable": lambda frame: frame.convert_dtypes(),
    "pandas, pyarrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
}


@pytest.mark.parametrize("learned", LIBRARIES)
def test_the_library_changes_no_bit(learned):
    expected = classifier().fit(X, y).predict_proba(X)
    model = classifier().fit(LIBRARIES[learned](X), y)
    for convert in LIBRARIES.values():
        assert_array_equal(model.predict_proba(convert(X)), expected)
    assert list(model.feature_names_in_) == list(X.columns)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(LIBRARIES[learned](X[X.columns[::-1]]))


def test_a_raw_frame_is_as_good_as_the_encoded_one():
    """Beside a pipeline that knows all the levels; a constant prediction loses 0.69."""
    X_train, y_train = made_frame(2000, 2)
    X_test, y_test = made_frame(4000, 1)
    # The plain network: embedded, the 0/1 columns of the pipeline would be numbers, too.
    options = {"max_iter": 100, "numeric_embedding": None, "ema_decay": None, "solver": "adam"}
    raw = classifier(**options).fit(X_train, y_train)
    columns = ColumnTransformer(
        [
            ("numbers", SimpleImputer(add_indicator=True), ["age"]),
            ("text", OneHotEncoder(handle_unknown="ignore"), ["city", "color", "sex"]),
        ],
        sparse_threshold=0,
    )
    encoded = make_pipeline(columns, classifier(**options)).fit(X_train, y_train)
    losses = [log_loss(y_test, model.predict_proba(X_test)) for model in (raw, encoded)]
    assert losses[0] < min(0.4, 1.05 * losses[1])


def test_each_row_of_the_first_weights_has_a_name():
    model = classifier().fit(X, y)
    names = model.encoded_feature_names_
    assert len(names) == len(set(names)) == len(model.coefs_[0])
    assert names[:4] == ["age", "paid", "age missing", "since"]
    assert names[4:7] == ["since: sin of week", "since: cos of week", "since: sin of week / 2"]
    assert "sex=m" in names
    assert "sex=f" not in names
    assert names[-6:] == [f"city[{i}]" for i in range(6)]
    assert {f"color={c}" for c in ("red", "green", "blue")} | {"color missing"} <= set(names)
    # Without a hidden layer it stays the linear model.
    names = classifier(hidden_layer_sizes=()).fit(X, y).encoded_feature_names_
    assert sum(name.startswith("city=") for name in names) > 30
    assert not any("[" in name for name in names)


def test_no_hidden_layer_is_logistic_regression_on_one_hot_columns():
    text = X[["city", "sex"]].astype(str)
    options = {"solver": "lbfgs", "alpha": 1.0, "max_iter": 5000, "tol": 1e-9, "dtype": "float64"}
    options |= {"feature_scaling": None, "min_frequency": 1}
    model = classifier(hidden_layer_sizes=(), **options).fit(text, y)
    encoder = OneHotEncoder(sparse_output=False)
    columns = encoder.fit_transform(text)
    # Of two levels ours makes one column, -1 and 1.
    columns = np.hstack([2 * columns[:, -1:] - 1, columns[:, :-2]])
    peer = LogisticRegression(C=1.0, max_iter=5000, tol=1e-9).fit(columns, y)
    assert_allclose(model.predict_proba(text), peer.predict_proba(columns), atol=1e-5)


# Rows and weights.


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_row_of_weight_2_is_that_row_twice(solver):
    options = {"solver": solver, "batch_size": 10_000, "early_stopping": solver == "adam"}
    w = np.where(np.arange(N) < 60, 2.0, 1.0)
    twice = pd.concat([X, X[:60]], ignore_index=True)
    weighted = classifier(**options).fit(X, y, w)
    repeated = classifier(**options).fit(twice, np.concatenate([y, y[:60]]))
    assert_array_equal(weighted.predict_proba(X), repeated.predict_proba(X))


def test_equal_rows_with_gaps_stay_on_one_side_of_the_split():
    """All rows are copies of some that have gaps: what is held out is never trained on."""
    few = X[X["age"].isna() & X["color"].notna()].head(30)
    table = pd.concat([few] * 8, ignore_index=True)
    seen = []

    def remember(model, X_val, y_val):
        seen.append(X_val)
        return 1.0

    labels = np.tile(np.arange(30) % 2, 8)
    classifier(scoring=remember, early_stopping=True, max_iter=2).fit(table, labels)
    held_out = seen[0]
    assert isinstance(held_out, pd.DataFrame)
    counts = held_out.groupby(list(table.columns), dropna=False).size()
    assert (counts == 8).all()


def test_validation_rows_teach_nothing():
    """Levels, means and indicators come from the training rows with a weight."""
    X_val = X[:50].assign(city="elsewhere", age=1e6)
    rest, labels = X[50:], y[50:]
    plain = classifier(early_stopping=False).fit(rest, labels)
    with (
        pytest.warns(UserWarning, match="Column 'age' runs from"),
        pytest.warns(UserWarning, match="column 'city' holds 'elsewhere'"),
    ):
        validated = classifier(early_stopping=False).fit(rest, labels, X_val=X_val, y_val=y[:50])
    assert_array_equal(plain.predict_proba(rest), validated.predict_proba(rest))
    both = pd.concat([rest, X_val], ignore_index=True)
    weight = np.r_[np.ones(len(rest)), np.zeros(50)]
    weighted = classifier(early_stopping=False).fit(both, np.r_[labels, y[:50]], weight)
    assert weighted.encoded_feature_names_ == plain.encoded_feature_names_
    assert_allclose(plain.predict_proba(rest), weighted.predict_proba(rest), atol=1e-5)


@pytest.mark.parametrize("scoring", ["accuracy", lambda model, X, y: model.score(X, y)])
def test_scorers_see_the_frame(scoring):
    model = classifier(scoring=scoring, early_stopping=True, max_iter=3)
    model.fit(X[40:], y[40:], X_val=X[:40], y_val=y[:40])
    assert model.best_validation_score_ == model.score(X[:40], y[:40])


def test_categories_of_validation_rows_are_no_shift():
    """The levels of X_val come at one end of the alphabet; codes are not sizes."""
    X_val = X.sort_values("city").tail(40).assign(color="blue")
    classifier(max_iter=2).fit(X, y, X_val=X_val, y_val=y[X_val.index])  # a warning is an error


# Going on.


def test_partial_fit_learns_the_levels_in_its_first_call():
    model = classifier().partial_fit(X[:100], y[:100], classes=[0, 1])
    names = model.encoded_feature_names_
    for start in range(100, N, 70):
        later = X[start : start + 70].assign(city="somewhere new")
        with pytest.warns(UserWarning, match="'city' holds 'somewhere new'"):
            model.partial_fit(later, y[start : start + 70])
    assert model.encoded_feature_names_ == names
    assert np.isfinite(model.predict_proba(X)).all()


def test_partial_fit_knows_the_levels_that_a_dtype_declares():
    levels = pd.CategoricalDtype(["blue", "green", "red"])
    first = pd.DataFrame({"color": pd.Series(["red"] * 8 + ["blue"] * 8, dtype=levels)})
    model = classifier().partial_fit(first, [0, 1] * 8, classes=[0, 1])
    wanted = ["color=blue", "color=green", "color=red", "color missing"]
    assert model.encoded_feature_names_ == wanted


def test_warm_start_keeps_levels():
    model = classifier(warm_start=True, max_iter=3).fit(X, y)
    names = model.encoded_feature_names_
    with pytest.warns(UserWarning, match="'city' holds 'new'"):
        model.fit(X.assign(city="new"), y)
    assert model.encoded_feature_names_ == names
    for name, value in {"max_one_hot": 40, "categorical_features": ["city"]}.items():
        with pytest.raises(ValueError, match=f"whose {name} was"):
            copy.copy(model).set_params(**{name: value}).fit(X, y)


# What is said.


def test_a_column_that_carries_nothing_is_named_once():
    table = X.assign(name=[f"person {i}" for i in range(N)])
    with pytest.warns(UserWarning, match="Left out of X: 'name'.*skrub's TextEncoder") as caught:
        model = classifier().fit(table, y)
    told = [warning for warning in caught if "Left out" in str(warning.message)]
    assert [warning.filename for warning in told] == [__file__]
    assert "person 7" not in str(pickle.dumps(model))
    # A warning that is an error leaves the estimator as it was.
    before = dict(model.__dict__)
    with pytest.raises(UserWarning, match="Left out"):
        model.fit(table, y)
    assert model.__dict__ == before
    without = classifier().fit(X, y)
    assert_array_equal(model.predict_proba(table), without.predict_proba(X))
    assert_array_equal(model.predict_proba(table.assign(name=None)), without.predict_proba(X))


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([1, 2], TypeError, r"Column 'color'.*\[1, 2\].*row 3"),
        (1 + 2j, TypeError, r"Column 'color'.*\(1\+2j\).*row 3"),
        (b"red", TypeError, "Column 'color'.*b'red'.*row 3"),
    ],
)
def test_values_that_no_column_takes(value, error, message):
    table = X.astype({"color": object})
    table.at[3, "color"] = value
    model = classifier()
    with pytest.raises(error, match=message):
        model.fit(table, y)
    assert not hasattr(model, "classes_")
    model.fit(X, y)
    with pytest.raises(error, match=message):
        model.predict(table)


def test_another_type_in_predict_is_an_error():
    model = classifier().fit(X, y)
    with pytest.raises(TypeError, match="Column 'sex' of X holds numbers.*but it held text in fit"):
        model.predict(X.assign(sex=1))
    with pytest.raises(ValueError, match="Column 'age' of X holds text"):
        model.predict(X.assign(age="7"))


def test_infinity_is_named_with_its_column():
    with pytest.raises(ValueError, match="infinity.*Column 'age' holds inf in row 5"):
        classifier().fit(X.assign(age=np.where(np.arange(N) == 5, np.inf, 1.0)), y)


def test_the_column_behind_a_start_that_overflows_has_its_name():
    """Encoded columns stand in another order than those of X."""
    table = X.assign(age=np.where(np.arange(N) == 5, 1e30, 1.0), paid=1.0)
    with pytest.raises(ValueError, match="column 'age' of X: in row 5 it is 1e\\+30"):
        NumpyMLPRegressor(feature_scaling=None, early_stopping=False).fit(table, y)


def test_numbers_as_categories():
    """Codes in no order: as numbers they say little, as categories everything."""
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 40, 800)
    table = pd.DataFrame({"code": codes, "noise": rng.normal(size=800)})
    effect = rng.normal(size=40)[codes]
    r2 = [
        # Functions of a number find some of it.
        NumpyMLPRegressor(
            (20,),
            categorical_features=features,
            numeric_embedding=None,
            max_iter=50,
            random_state=0,
        )
        .fit(table[:600], effect[:600])
        .score(table[600:], effect[600:])
        for features in (None, ["code"])
    ]
    assert r2[0] < 0.3
    assert r2[1] > 0.8


def test_nothing_of_the_frame_is_changed_or_kept():
    table, labels = made_frame(3000, 5)
    before = table.copy(deep=True)
    model = classifier().fit(table, labels)
    model.predict(table)
    pd.testing.assert_frame_equal(table, before)
    assert len(pickle.dumps(model)) < 12_000 + model.network_.theta.nbytes
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict_proba(table), model.predict_proba(table))


# In scikit-learn's tools.


def in_a_pipeline():
    return make_pipeline("passthrough", classifier()).fit(X, y).score(X, y)


def behind_a_column_transformer(library):
    if library == "polars":
        skip_unless_known()
    columns = ColumnTransformer(
        [("age", StandardScaler(), ["age"])],
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform=library)
    model = make_pipeline(columns, classifier()).fit(LIBRARIES[library](X), y)
    assert "sex=m" in model[-1].encoded_feature_names_
    return model.score(LIBRARIES[library](X), y)


def in_grid_search():
    grid = {"max_one_hot": [2, 40], "missing_indicator": [True, False]}
    return GridSearchCV(classifier(), grid, cv=3, n_jobs=2).fit(X, y).best_score_


def in_cross_validate():
    return cross_validate(classifier(), pl.from_pandas(X), y, cv=3)["test_score"].mean()


def in_permutation_importance():
    model = classifier().fit(X, y)
    found = permutation_importance(model, X, y, n_repeats=3, random_state=0)
    assert X.columns[found.importances_mean.argmax()] == "color"
    return model.score(X, y)


def calibrated():
    return CalibratedClassifierCV(classifier(), cv=3).fit(X, y).score(X, y)


def stacked():
    numbers = make_pipeline(
        ColumnTransformer([("age", SimpleImputer(), ["age"])]), LogisticRegression()
    )
    model = StackingClassifier([("net", classifier()), ("line", numbers)], cv=3)
    return model.fit(X, y).score(X, y)


def in_partial_dependence():
    plt = pytest.importorskip("matplotlib.pyplot")
    model = classifier().fit(X, y)
    table = X.fillna({"color": "blue"})
    display = PartialDependenceDisplay.from_estimator(
        model, table, ["color"], categorical_features=["color", "sex", "city"]
    )
    (found,) = display.pd_results
    plt.close(display.figure_)
    assert list(found["grid_values"][0]) == ["blue", "green", "red"]
    assert found["average"][0].argmax() == 2
    return model.score(X, y)


@pytest.mark.parametrize(
    "workflow",
    [
        in_a_pipeline,
        lambda: behind_a_column_transformer("pandas"),
        lambda: behind_a_column_transformer("polars"),
        in_grid_search,
        in_cross_validate,
        in_permutation_importance,
        calibrated,
        stacked,
        in_partial_dependence,
    ],
)
def test_workflow(workflow):
    assert workflow() > 0.75


def test_a_frame_of_one_row_and_of_a_constant_column():
    model = classifier().fit(X.assign(constant="same", empty=None), y)
    assert np.isfinite(model.predict_proba(X.assign(constant="same", empty=None)[:1])).all()
    names = model.encoded_feature_names_
    weights = model.coefs_[0]
    assert {"constant", "empty"} <= set(names)
    assert np.isfinite(weights).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = classifier(early_stopping=False).fit(X[:1], y[:1])
    assert_array_equal(alone.predict(X[:1]), y[:1])
