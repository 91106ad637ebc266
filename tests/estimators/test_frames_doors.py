"""Frames in the estimators: large integers, time zones, gaps without a type, sparse after dense."""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 300
z = np.random.default_rng(0).integers(0, 2, N)


def classifier(**options):
    small = {"hidden_layer_sizes": (10,), "max_iter": 30, "learning_rate_init": 0.05}
    return NumpyMLPClassifier(**small | options, random_state=0)


# Levels.


def test_identifiers_beyond_float64():
    X = pd.DataFrame({"id": pd.Categorical(2**53 + z)})
    model = classifier().fit(X, z)
    assert model.score(X, z) == 1.0
    assert model.encoded_feature_names_ == [f"id={2**53 + 1}"]


def test_an_identifier_never_seen_is_not_its_neighbour():
    X = pd.DataFrame({"id": pd.Categorical(np.where(z, 2**60, 5))})
    model = classifier().fit(X, z)
    known, new = (model.predict_proba(pd.DataFrame({"id": [v]})) for v in (2**60, 2**60 + 100))
    assert known[0, 1] > 0.9
    assert abs(new[0, 1] - 0.5) < 0.3
    assert_array_equal(new, model.predict_proba(pd.DataFrame({"id": [7]})))


# Dates.


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Ho_Chi_Minh", "Etc/GMT+5"])
def test_dates_of_any_zone(zone):
    X = pd.DataFrame({"t": pd.date_range("2020", periods=N, freq="7h", tz=zone)})
    model = classifier().fit(X, z)
    expected = model.predict_proba(X)
    assert_array_equal(model.predict_proba(pl.from_pandas(X)), expected)
    other = pd.DataFrame({"t": X["t"].dt.tz_convert("UTC")})
    assert_array_equal(model.predict_proba(other), expected)


# Gaps.


@pytest.mark.parametrize("value", [np.nan, None, pd.NaT])
def test_rows_without_text(value):
    X = pd.DataFrame({"c": np.where(z, "yes", "no"), "n": np.arange(N)})
    model = classifier().fit(X, z)
    later = pd.DataFrame([{"c": value, "n": 1}])
    expected = model.predict_proba(pd.DataFrame({"c": pd.Series([None], dtype=object), "n": [1]}))
    assert_array_equal(model.predict_proba(later), expected)
    if value is None:
        assert_array_equal(model.predict_proba(pl.DataFrame([{"c": None, "n": 1}])), expected)


def test_a_stream_whose_first_part_has_no_text():
    X = pd.DataFrame({"c": np.where(z, "yes", "no"), "n": np.arange(N)})
    model = classifier().partial_fit(X[:50].assign(c=np.nan), z[:50], classes=[0, 1])
    with pytest.warns(UserWarning, match="Column 'c' of X showed no level"):
        model.partial_fit(X[50:], z[50:])
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("make", [lambda X: X, lambda X: X.to_numpy(dtype=object)])
def test_a_category_without_any_value(make):
    X = pd.DataFrame({"c": [np.nan] * N, "x": z})
    model = classifier(categorical_features=[0]).fit(make(X), z)
    assert model.score(make(X), z) == 1.0


# Sparse rows after dense ones.


def table_with_zeros(n=N, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    X[rng.random(X.shape) < 0.6] = 0.0
    return X


@pytest.mark.parametrize("scaling", [None, "standard", "robust", "quantile"])
def test_sparse_rows_in_every_place_after_dense_ones_with_gaps(scaling):
    X = table_with_zeros()
    gaps = X.copy()
    gaps[::7, 1] = np.nan
    sparse = sp.csr_matrix(X)
    model = classifier(feature_scaling=scaling, dtype="float64", early_stopping=False)
    model.fit(gaps, z, X_val=sparse, y_val=z)
    assert model.encoded_feature_names_ == ["x0", "x1", "x2", "x3", "x1 missing"]
    assert_allclose(model.predict_proba(sparse), model.predict_proba(X), rtol=1e-9)
    model = classifier(feature_scaling=scaling).partial_fit(gaps, z, classes=[0, 1])
    assert np.isfinite(model.partial_fit(sparse, z).predict_proba(sparse)).all()


def test_without_scaling_a_gap_is_an_ordinary_row():
    rng = np.random.default_rng(1)
    X = rng.normal(1000, 10, (600, 1))
    model = NumpyMLPRegressor((), feature_scaling=None, solver="lbfgs", early_stopping=False)
    model.set_params(max_iter=2000, dtype="float64", random_state=0).fit(X, X[:, 0])
    assert model.predict([[np.nan]])[0] == pytest.approx(X.mean(), rel=1e-3)


# Names.


@pytest.mark.parametrize(
    "convert",
    [
        lambda X: pd.DataFrame(X, columns=[*"abcd"]),
        lambda X: pa.table(dict(zip("abcd", X.T, strict=True))),
    ],
)
@pytest.mark.filterwarnings("ignore:X has feature names, but:UserWarning")
def test_names_are_not_those_of_x_val(convert):
    X = table_with_zeros()
    model = classifier().fit(X, z, X_val=convert(X), y_val=z)
    assert model.encoded_feature_names_ == ["x0", "x1", "x2", "x3"]
    with pytest.warns(UserWarning, match="X_val does not look like X.*Column 'a' runs from"):
        classifier().fit(X, z, X_val=convert(X + 1e3), y_val=z)


# Many rows.


def large_frame(n=100_000):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n, 20)), columns=[f"c{j}" for j in range(20)])
    return X.assign(text=rng.choice(["a", "b", "c"], n), whole=np.arange(n) % 7)


def test_predictions_read_a_frame_in_blocks():
    X = large_frame()
    model = classifier(max_iter=1).fit(X[:1000], z[np.arange(1000) % N])
    frames = [X, pl.from_pandas(X), pa.Table.from_pandas(X, preserve_index=False)]
    model.predict(frames[0][:40_000])
    found = []
    for frame in frames:
        tracemalloc.start()
        found.append(model.predict_proba(frame))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # A float64 table would take 18 MB; a block takes 6, and the predictions 2.
        assert peak < 13e6
    assert_array_equal(found[1], found[0])
    assert_array_equal(found[2], found[0])
    # What a row becomes depends on no other row.
    rows = np.r_[:5, 32_766:32_770, 99_999]
    assert_array_equal(model.predict_proba(X.iloc[rows]), found[0][rows])
    alone = [model.predict_proba(X[i : i + 1]) for i in rows]
    assert_array_equal(np.concatenate(alone), found[0][rows])


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [("c3", np.inf, ValueError), ("text", [1], TypeError), ("whole", "x", TypeError)],
)
def test_errors_in_a_later_block_name_the_row(column, value, error):
    X = large_frame(70_000)
    model = classifier(max_iter=1).fit(X[:1000], z[np.arange(1000) % N])
    X[column] = X[column].astype(object if error is TypeError else float)
    X.at[69_000, column] = value
    with pytest.raises(error, match=f"olumn '{column}'.* in row 69000"):
        model.predict(X)
