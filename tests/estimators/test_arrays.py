"""Arrays of dates and of objects in the estimators: as frames, and as meta-estimators hand them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from polars_in_sklearn import skip_unless_known
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 80
rng = np.random.default_rng(0)
DAYS = np.datetime64("2020-01-01") + rng.integers(0, 900, (N, 2))
DAYS[3, 0] = "NaT"
LENGTHS = rng.integers(0, 90, (N, 2)).astype("m8[D]")
LENGTHS[5, 1] = "NaT"
y = (rng.random(N) + (DAYS[:, 1] > np.datetime64("2021-06-01")) > 0.9).astype(int)

#: Every library's nullable types, where NumPy's array of them is one of objects.
MIXED = pd.DataFrame(
    {
        "count": pd.array([*rng.integers(0, 9, N - 1), None], dtype="Int64"),
        "share": pd.array([None, *rng.random(N - 1)], dtype="Float64"),
        "paid": pd.array([*(rng.random(N - 1) < 0.5), None], dtype="boolean"),
        "color": pd.array([*rng.choice(["red", "blue"], N - 1), None], dtype="string"),
        "size": pd.Categorical([*rng.choice(["s", "m", "l"], N - 1), None]),
        "since": pd.Series(DAYS[:, 0].astype("M8[ns]")),
        "zoned": pd.Series(DAYS[:, 0].astype("M8[ns]")).dt.tz_localize("Europe/Berlin"),
        "length": pd.Series(LENGTHS[:, 1].astype("m8[ns]")),
    }
)


def classifier(**options):
    small = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0, "early_stopping": False}
    return NumpyMLPClassifier(**(small | options))


@pytest.mark.parametrize("array", [DAYS, LENGTHS], ids=["dates", "durations"])
def test_dates_in_arrays_are_those_of_frames(array):
    kind = array.dtype.kind
    frame = pd.DataFrame(array.astype(f"{kind}8[ns]"), columns=["a", "b"])
    expected = classifier().fit(frame, y).predict_proba(frame)
    assert len(np.unique(expected[:, 0])) > N / 2
    forms = [array.astype(f"{kind}8[{unit}]") for unit in ("D", "s", "ms", "us", "ns")]
    forms += [forms[3].astype(object), forms[3].tolist(), frame.astype(object).to_numpy()]
    for form in forms:
        model = classifier().fit(form, y)
        for other in forms:
            assert_array_equal(model.predict_proba(other), expected)


def test_dates_in_arrays_in_every_method():
    ends = {"X_val": DAYS[:20].astype("M8[s]"), "y_val": y[:20]}
    model = classifier(early_stopping=True).fit(DAYS, y, **ends)
    units = classifier(early_stopping=True).fit(DAYS.astype("M8[ns]"), y, **ends)
    assert_array_equal(units.predict_proba(DAYS), model.predict_proba(DAYS))
    parts = classifier(solver="adam").partial_fit(DAYS, y, classes=[0, 1])
    parts.partial_fit(DAYS.astype("M8[ms]"), y)
    same = classifier(solver="adam").partial_fit(DAYS, y, classes=[0, 1]).partial_fit(DAYS, y)
    assert_array_equal(parts.predict_proba(DAYS), same.predict_proba(DAYS))
    with pytest.raises(TypeError, match="holds numbers .* but it held dates in fit"):
        parts.partial_fit(DAYS.astype("i8"), y)
    with pytest.raises(TypeError, match="holds numbers .* but it held dates in fit"):
        classifier().fit(DAYS, y, X_val=np.zeros((2, 2)), y_val=[0, 1])


def held_by(library):
    if library == "pandas":
        return MIXED
    if library == "arrow in pandas":
        return MIXED.astype({"color": pd.ArrowDtype(pa.string())}).convert_dtypes(
            dtype_backend="pyarrow"
        )
    return MIXED.convert_dtypes(dtype_backend="numpy_nullable")


@pytest.mark.parametrize("library", ["pandas", "arrow in pandas", "nullable"])
def test_a_nullable_frame_s_own_array(library):
    frame = held_by(library)
    model = classifier().fit(frame, y)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        found = model.predict_proba(frame.to_numpy())
    assert_array_equal(found, model.predict_proba(frame))


def test_frames_of_one_nullable_type():
    for columns in (["count"], ["share"], ["paid"], ["zoned"], ["count", "share", "paid"]):
        frame = MIXED[columns]
        # Without names, of which scikit-learn would warn.
        model = classifier().fit(frame.set_axis(range(len(columns)), axis=1), y)
        expected = classifier().fit(frame, y).predict_proba(frame)
        assert_array_equal(model.predict_proba(frame.to_numpy()), expected)


def test_fitted_on_such_an_array():
    frame = MIXED.drop(columns="paid")
    model = classifier().fit(frame.to_numpy(), y)
    expected = classifier().fit(frame, y).predict_proba(frame)
    assert_array_equal(model.predict_proba(frame.to_numpy()), expected)
    assert_array_equal(model.predict_proba(frame.to_numpy().tolist()), expected)
    assert "x3=blue" in model.encoded_feature_names_ or "x2=blue" in model.encoded_feature_names_


def test_text_in_an_array_is_a_category_unless_told_otherwise():
    array = MIXED[["share", "size"]].to_numpy(dtype=object)
    by_dtype = classifier().fit(array, y).predict_proba(array)
    for features in ([1], [False, True]):
        named = classifier(categorical_features=features).fit(array, y)
        assert_array_equal(named.predict_proba(array), by_dtype)
    with pytest.raises(ValueError, match=r"Column 1 of X holds text \(.*categorical_features"):
        classifier(categorical_features=None).fit(array, y)


@pytest.mark.parametrize("form", ["array", "list", "batch"])
def test_scorers_are_handed_the_same_values(form):
    table = MIXED[["share", "size", "since"]].astype({"share": float})
    array = table.to_numpy(dtype=object)
    forms = {"array": array, "list": array.tolist(), "batch": pa.RecordBatch.from_pandas(table)}
    X = forms[form]
    seen = []

    def scorer(model, X, y):
        seen.append((X, model.predict_proba(X)))
        return 0.5

    options = {"early_stopping": True, "validation_fraction": 0.5, "scoring": scorer}
    model = classifier(**options).fit(X, y)
    held_out, found = seen[-1]
    values = held_out if isinstance(held_out, np.ndarray) else held_out.to_pandas().to_numpy()
    assert values.dtype == object
    assert {type(v) for v in values[:, 1]} <= {str, np.str_, float, type(None)}
    assert len(found) == len(values)
    assert model.best_validation_score_ == 0.5


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
def test_behind_a_column_transformer(output):
    if output == "polars":
        skip_unless_known()
    frame = MIXED if output == "pandas" else MIXED.drop(columns="zoned")
    if output == "default":
        # scikit-learn refuses to put pandas.NA into an array.
        frame = frame[["size", "since", "length"]].assign(count=np.arange(N) % 7.0)
    columns = ColumnTransformer(
        [("first", FunctionTransformer(feature_names_out="one-to-one"), ["count", "size"])],
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform=output)
    X = pl.from_pandas(frame) if output == "polars" else frame
    model = make_pipeline(columns, classifier()).fit(X, y)
    order = ["count", "size", *(c for c in frame.columns if c not in ("count", "size"))]
    expected = classifier().fit(frame[order], y).predict_proba(frame[order])
    assert_array_equal(model.predict_proba(X), expected)


def test_a_regressor_whose_rows_are_lists():
    rows = [[i, "even" if i % 2 == 0 else "odd", None if i == 7 else i / 2] for i in range(40)]
    target = [float(i % 2) for i in range(40)]
    options = {"hidden_layer_sizes": (8,), "max_iter": 60, "learning_rate_init": 0.02}
    model = NumpyMLPRegressor(random_state=0, **options).fit(rows, target)
    assert model.score(rows, target) > 0.9
