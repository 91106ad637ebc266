"""What is wrong with what was passed is told by its name, with the value or the row."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.callbacks import EarlyStop

X, y = load_diabetes(return_X_y=True, as_frame=True)
X_iris, y_iris = load_iris(return_X_y=True, as_frame=True)


@pytest.mark.parametrize(
    ("X_val", "y_val", "said"),
    [
        (X.drop(columns="bmi"), y, "yet now missing:\n- bmi"),
        (X, y[:-3], r"inconsistent numbers of samples: \[442, 439\]"),
        (X.assign(bmi="a"), y, "Column 'bmi' of X holds text"),
        (X.replace({"bmi": {X["bmi"][3]: np.inf}}), y, "Column 'bmi' holds inf in row"),
    ],
)
def test_rows_to_validate_are_told_from_those_to_train(X_val, y_val, said):
    with pytest.raises((TypeError, ValueError), match=f"X_val and y_val(.|\n)*{said}"):
        NumpyMLPRegressor(max_iter=1).fit(X, y, X_val=X_val, y_val=y_val)
    with pytest.raises(ValueError, match="^Found input variables with inconsistent"):
        NumpyMLPRegressor(max_iter=1).fit(X, y[:-3])


def test_a_class_to_validate_that_is_not_trained():
    few = y_iris < 2
    with pytest.raises(ValueError, match=r"X_val and y_val .*\[0 1\].*\[0 1 2\]"):
        NumpyMLPClassifier(max_iter=1).fit(X_iris[few], y_iris[few], X_val=X_iris, y_val=y_iris)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_target(value):
    infinite = y.where(y.index != 7, value)
    said = (
        rf"Input y contains infinity or a value too large for dtype\('float64'\).*{value}.* row 7"
    )
    for target in (infinite, infinite.tolist(), np.c_[y, infinite]):
        with pytest.raises(ValueError, match=said):
            NumpyMLPRegressor().fit(X, target)
    with pytest.raises(ValueError, match="Input y_val contains infinity.* row 7"):
        NumpyMLPRegressor().fit(X, y, X_val=X, y_val=infinite)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weight_that_is_no_number(value):
    weight = np.ones(len(y))
    weight[[5, 9]] = value
    with pytest.raises(ValueError, match="Input sample_weight contains .*The first is in row 5"):
        NumpyMLPRegressor().fit(X, y, sample_weight=weight)


def test_a_frame_without_columns():
    with pytest.raises(ValueError, match=r"0 feature\(s\) \(shape=\(442, 0\)\).*minimum of 1"):
        NumpyMLPRegressor().fit(X[[]], y)
    # Of sparse columns alone there are some.
    sparse = pd.DataFrame({"a": pd.arrays.SparseArray([0.0, 1.0] * 10, fill_value=0.0)})
    model = NumpyMLPClassifier((20,), solver="lbfgs", random_state=0)
    assert model.fit(sparse, [0, 1] * 10).n_features_in_ == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([5.1, 3.5, 1.4, 0.2], "Expected 2D array, got 1D array instead"),
        ((5.1, 3.5, 1.4, 0.2), "Expected 2D array, got 1D array instead"),
        (["a", "b"], "X is a list of str, which is no table"),
    ],
)
def test_a_row_that_is_no_table(row, said):
    for table in (X_iris, np.asarray(X_iris)):
        model = NumpyMLPClassifier((8,), solver="lbfgs", random_state=0).fit(table, y_iris)
        with pytest.raises((ValueError, TypeError), match=said):
            model.predict(row)


def test_a_monitor_that_gives_no_number():
    model = NumpyMLPRegressor().set_callbacks(EarlyStop(lambda net: "better"))
    with pytest.raises(TypeError, match="EarlyStop must give a number. Got 'better' of type str"):
        model.fit(X, y)
