"""A start that is not finite is an error that names its cause, and leaves the estimator alone."""

import copy
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning

from catalogue import FEATURE_SCALINGS, LOSSES, REGRESSION_LOSSES, SOLVERS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3))
Y = X[:, 0] + 0.1 * RNG.normal(size=30)
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 5, "random_state": 0}


def regressor(**options):
    return NumpyMLPRegressor(**SMALL | options)


def with_column(j, factor):
    table = X.copy()
    table[:, j] *= factor
    return table


LIGHT = np.ones(30)
LIGHT[7] = 1e-80
#: y that is constant but for the row of almost no weight: its spread is that weight's root.
ONE_ASIDE = np.zeros(30)
ONE_ASIDE[7] = 1.0

CASES = {
    "weights of the issue": (
        regressor(),
        ([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0], [1, 1e-80, 1e-80]),
        r"cause is sample_weight: row 1 has 3e-80 of the mean weight.*y=1 .*weight 0",
    ),
    "a light row sets the scale of y": (
        regressor(),
        (X, ONE_ASIDE, LIGHT),
        "cause is sample_weight: row 7 has 1.03e-80",
    ),
    "y of 1e38": (
        regressor(target_scaling=False),
        (X, Y * 1e38),
        r"cause is y: in row \d+ it is .*e\+38.*target_scaling=True.*dtype='float64'",
    ),
    "y of 1e154": (
        regressor(target_scaling=False, dtype="float64"),
        (X, Y * 1e154),
        r"float64.*cause is y: in row \d+ it is .*e\+154.*target_scaling=True\.$",
    ),
    "y of 1e154, lbfgs": (
        regressor(target_scaling=False, dtype="float64", solver="lbfgs"),
        (X, Y * 1e154),
        "cause is y",
    ),
    "a link that overflows": (
        regressor(loss="poisson", feature_scaling=None),
        (with_column(1, 1e4), np.abs(Y)),
        r"cause is column 1 of X: in row \d+ it is -?\d.*feature_scaling=None.*exponentials.*"
        "feature_scaling='standard'",
    ),
    "a link that overflows before a scorer": (
        regressor(loss="poisson", feature_scaling=None, early_stopping=True, scoring="r2"),
        (with_column(1, 1e4), np.abs(Y)),
        "cause is column 1 of X",
    ),
    "a link that overflows, lbfgs": (
        regressor(loss="poisson", feature_scaling=None, solver="lbfgs"),
        (with_column(1, 1e4), np.abs(Y)),
        "cause is column 1 of X",
    ),
    "beyond single precision": (
        NumpyMLPClassifier(feature_scaling=None, **SMALL),
        (with_column(2, 1e60), Y > 0),
        "float32.*cause is column 2 of X",
    ),
    "beyond single precision, sparse": (
        NumpyMLPClassifier(feature_scaling=None, **SMALL),
        (sp.csr_array(with_column(2, 1e60)), Y > 0),
        "float32.*cause is column 2 of X",
    ),
    "a penalty that overflows": (
        regressor(alpha=1e300),
        (X, Y, np.full(30, 1e-40)),
        r"cause is alpha=1e\+300: divided by the sum of the weights of the rows, 3e-39",
    ),
    "weights whose sum overflows": (
        regressor(),
        (X, Y, np.full(30, 1e308)),
        r"weights of the rows of X .*between 1e-100 and 1e\+100. They add to inf",
    ),
    "weights whose mean has no reciprocal": (
        regressor(),
        (X, Y, np.full(30, 1e-320)),
        "weights of the rows of X .* They add to 2.99997e-319",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_cause_is_named_and_the_estimator_is_as_it_was(case):
    model, arguments, message = CASES[case]
    model = copy.deepcopy(model)
    before = dict(vars(model))
    with pytest.raises(ValueError, match=message):
        model.fit(*arguments)
    assert vars(model) == before
    # One that was fitted before still is what it was.
    simple_y = Y > 0 if isinstance(model, NumpyMLPClassifier) else np.abs(Y)
    model.set_params(feature_scaling="standard").fit(X, simple_y)
    model.set_params(feature_scaling=before["feature_scaling"])
    fitted, theta = dict(vars(model)), model.network_.theta.copy()
    with pytest.raises(ValueError, match=message):
        model.fit(*arguments)
    assert vars(model) == fitted
    np.testing.assert_array_equal(model.network_.theta, theta)


def test_the_column_has_its_name():
    frame = pytest.importorskip("pandas").DataFrame(with_column(1, 1e60), columns=list("abc"))
    with pytest.raises(ValueError, match="cause is column 'b' of X: in row"):
        regressor(feature_scaling=None).fit(frame, Y)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("container", [np.asarray, sp.csr_array])
def test_a_robust_column_of_tiny_numbers_is_a_column_like_any_other(container, dtype):
    options = {"feature_scaling": "robust", "dtype": dtype, "max_iter": 30}
    tiny, plain = container(with_column(0, 1e-310)), container(X)
    found = regressor(**options).fit(tiny, Y).predict(tiny)
    np.testing.assert_allclose(found, regressor(**options).fit(plain, Y).predict(plain), rtol=1e-3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"X_val": with_column(1, 1e60), "y_val": Y},
            r"X_val and y_val cannot .*column 1 of X_val",
        ),
        ({"X_val": X, "y_val": Y * 1e200}, r"cause is y_val: in row \d+ it is .*e\+"),
    ],
)
@pytest.mark.filterwarnings("ignore:X_val does not look like X")
def test_validation_rows_that_overflow(given, message):
    with pytest.raises(ValueError, match=message):
        regressor(early_stopping=True, feature_scaling=None).fit(X, Y, **given)


@pytest.mark.parametrize("value", [1.0, 2.0])
def test_a_light_row_may_set_the_scale_of_a_column(value):
    # Its 1e40 spreads from the others are bounded; columns of zeros and ones are not scaled.
    table = ONE_ASIDE[:, np.newaxis] * [0, value, 0] + X * [1, 0, 1]
    assert np.isfinite(regressor().fit(table, Y, LIGHT).predict(table)).all()
    model = NumpyMLPClassifier(class_weight={0: 1.0, 1: 1e-80}, **SMALL)
    assert np.isfinite(model.fit(table, ONE_ASIDE.astype(int)).predict_proba(table)).all()


def test_a_part_of_a_stream_that_overflows_is_not_learned():
    model = regressor(feature_scaling=None).fit(X, Y)
    theta = model.network_.theta.copy()
    with pytest.raises(ValueError, match="cause is y: in row"):
        model.partial_fit(X, Y * 1e200)
    with pytest.raises(ValueError, match="cause is y: in row 0 it is 1e"):
        model.partial_fit(X[:1], [1e200])
    with pytest.raises(ValueError, match="cause is column 2 of X: in row"):
        model.partial_fit(with_column(2, 1e60), Y)
    np.testing.assert_array_equal(model.network_.theta, theta)
    assert model.partial_fit(X, Y).score(X, Y) > -1


def test_weights_that_the_user_set_to_nonsense():
    model = regressor(warm_start=True).fit(X, Y)
    for value in (1e38, np.nan):
        model.coefs_[0][...] = value
        with pytest.raises(ValueError, match="cause is coefs_ or intercepts_, which reach"):
            model.fit(X, Y)


def test_divergence_in_training_keeps_the_start_and_warns():
    model = regressor(solver="sgd", learning_rate_init=1e30, batch_size=30)
    with pytest.warns(ConvergenceWarning, match="diverged"):
        model.fit(X, Y)
    assert np.isfinite(model.predict(X)).all()


def any_scale(rng):
    """Half of the time 1, else anything up to the range of floats."""
    width = rng.choice([0, 0, 0, 10, 45, 160, 308])
    return 10.0 ** rng.uniform(-width, width)


def random_fit(seed):
    """An estimator and data, both of any scale."""
    rng = np.random.default_rng(seed)
    n, most = int(rng.integers(4, 30)), 1.7e308
    with np.errstate(over="ignore"):
        table = rng.normal(size=(n, 3)) * [any_scale(rng) for _ in range(3)]
        table[rng.integers(n)] *= any_scale(rng)
        y = rng.normal(size=n) * any_scale(rng)
        y[rng.integers(n)] *= any_scale(rng)
        weight = rng.random(n) + 0.01
        weight[rng.integers(n)] *= any_scale(rng)
    table, y = np.clip(table, -most, most), np.clip(y, -most, most)
    options = SMALL | {
        "solver": str(rng.choice(SOLVERS)),
        "feature_scaling": [*FEATURE_SCALINGS][rng.integers(len(FEATURE_SCALINGS))],
        "dtype": str(rng.choice(["float32", "float64"])),
        "alpha": min(1e-4 * any_scale(rng), 1e300),
        "early_stopping": bool(rng.random() < 0.3),
        "batch_size": int(rng.integers(2, 40)),
        "learning_rate_init": min(max(1e-3 * any_scale(rng), 1e-300), 1e300),
    }
    if rng.random() < 0.3:
        model, y = NumpyMLPClassifier(**options), rng.integers(0, 3, n)
    else:
        loss = str(rng.choice(REGRESSION_LOSSES))
        y = np.abs(y) if LOSSES[loss].loss.find_invalid(y) else y
        target_scaling = bool(rng.random() < 0.5)
        model = NumpyMLPRegressor(loss=loss, target_scaling=target_scaling, **options)
    table = sp.csr_array(table) if rng.random() < 0.2 else table
    return model, table, y, (weight if rng.random() < 0.5 else None)


NAMED = ("The cause is ", "cannot measure column", "cannot measure y", "weights of the rows of X")


def refusal(model, *data):
    """The message of the ValueError of a fit, None without. Warnings of NumPy are errors."""
    try:
        model.fit(*data)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("first", range(0, 300, 30))
def test_any_fit_predicts_finite_numbers_or_names_what_is_wrong(first):
    outcomes = set()
    for seed in range(first, first + 30):
        model, table, y, weight = random_fit(seed)
        refused = refusal(model, table, y, weight)
        if refused is not None:
            assert any(text in refused for text in NAMED), (seed, refused)
            outcomes.add("named")
            continue
        with warnings.catch_warnings():
            # scikit-learn's check of X sums it.
            warnings.filterwarnings("ignore", message=".* encountered in", category=RuntimeWarning)
            raw = model._raw_scores(table)
            predicted = model.predict(table)
        assert np.isfinite(raw).all(), seed
        assert np.isfinite(predicted).all(), seed
        outcomes.add("fitted")
    assert outcomes == {"named", "fitted"}
