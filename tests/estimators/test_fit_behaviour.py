"""Around fit: stopping, scoring, history, going on, errors that leave no trace, memory, threads."""

import copy
import itertools
import pickle
import threading
import tracemalloc
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris, make_classification, make_regression
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, log_loss
from threadpoolctl import threadpool_limits

from catalogue import FEATURE_SCALINGS, FIRST_ORDER, KINDS_OF_SOLVERS, RATES, SCALINGS, SOLVERS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.blas import blas
from sknumpynet.encoding import TableEncoder
from sknumpynet.network import Linear
from sknumpynet.options import plan
from sknumpynet.training.pace import Pace
from sknumpynet.training.sharing import SharedProducts

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X_iris, y_iris = load_iris(return_X_y=True)
NAMES = load_iris().target_names[y_iris]
X_diabetes, y_diabetes = load_diabetes(return_X_y=True)
SMALL = {
    "hidden_layer_sizes": (8,),
    "max_iter": 30,
    "learning_rate_init": 0.02,
    "early_stopping": False,
    "n_iter_no_change": 10,
    "random_state": 0,
}
STOPPING = SMALL | {"early_stopping": True}


# Targets.


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["no", "yes"]),
        np.array([-3, 7]),
        np.array([False, True]),
        np.array(["no", "yes"], dtype=object),
        np.array([0.0, 2.0]),
        np.array(["a", "b", "c"]),
        np.array([5, 9, 11], dtype=np.uint8),
        np.array([("x" * i) for i in (1, 2, 3)], dtype=object),
    ],
)
def test_labels_of_any_kind(labels):
    codes = y_iris % len(labels)
    y = labels[codes]
    model = NumpyMLPClassifier(**SMALL).fit(X_iris, y)
    assert_array_equal(model.classes_, np.unique(labels))
    predicted = model.predict(X_iris)
    assert predicted.dtype == model.classes_.dtype
    proba = model.predict_proba(X_iris)
    assert proba.shape == (150, len(labels))
    assert_allclose(proba.sum(axis=1), 1.0)
    assert_array_equal(predicted, model.classes_[proba.argmax(axis=1)])
    scores = model.decision_function(X_iris)
    if len(labels) == 2:
        assert_array_equal(predicted, model.classes_[(scores > 0).astype(int)])
    else:
        assert_array_equal(predicted, model.classes_[scores.argmax(axis=1)])


def test_multilabel():
    Y = np.column_stack([y_iris == 0, y_iris == 1, y_iris > 0, np.ones(150)]).astype(int)
    model = NumpyMLPClassifier(**SMALL | {"max_iter": 200}).fit(X_iris, Y)
    proba = model.predict_proba(X_iris)
    assert proba.shape == Y.shape
    assert_array_equal(model.predict(X_iris), proba > 0.5)
    assert accuracy_score(Y, model.predict(X_iris)) > 0.9
    assert model.out_activation_ == "logistic"
    sparse = NumpyMLPClassifier(**SMALL | {"max_iter": 200}).fit(X_iris, sp.csr_matrix(Y))
    assert_array_equal(sparse.network_.theta, model.network_.theta)


def test_several_outputs():
    Y = np.column_stack([y_diabetes, -100 * y_diabetes + 3, X_diabetes[:, 0]])
    model = NumpyMLPRegressor(**SMALL).fit(X_diabetes, Y)
    assert model.predict(X_diabetes).shape == Y.shape
    assert model.score(X_diabetes, Y) > 0.5
    # A column vector is a single output, with scikit-learn's warning.
    with pytest.warns(match="column-vector y was passed"):
        one = NumpyMLPRegressor(**SMALL).fit(X_diabetes, Y[:, :1])
    assert one.predict(X_diabetes).shape == (442,)


def test_poisson_counts():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((500, 3))
    y = rng.poisson(np.exp(1 + X[:, 0]))
    model = NumpyMLPRegressor(loss="poisson", **SMALL).fit(X, y)
    assert (model.predict(X) > 0).all()
    assert_allclose(model.predict(X).mean(), y.mean(), rtol=0.05)
    assert model.out_activation_ == "exp"
    thousands = NumpyMLPRegressor(loss="poisson", **SMALL).fit(X, 1000 * y)
    assert_allclose(thousands.predict(X), 1000 * model.predict(X), rtol=0.02)


# Weights.


def test_class_weight_is_a_weight_of_rows():
    w = np.array([1.0, 4.0, 0.5])
    by_class = NumpyMLPClassifier(class_weight=dict(zip(np.unique(NAMES), w, strict=True)), **SMALL)
    by_rows = NumpyMLPClassifier(**SMALL)
    assert_array_equal(
        by_class.fit(X_iris, NAMES).network_.theta,
        by_rows.fit(X_iris, NAMES, w[y_iris]).network_.theta,
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_balanced_gives_every_class_the_same_total(weighted):
    X, y = X_iris[40:], y_iris[40:]
    sample_weight = np.random.default_rng(0).random(len(y)) if weighted else np.ones(len(y))
    totals = np.bincount(y, weights=sample_weight)
    w = sample_weight * (totals.sum() / (3 * totals))[y]
    balanced = NumpyMLPClassifier(class_weight="balanced", **SMALL).fit(X, y, sample_weight)
    by_rows = NumpyMLPClassifier(**SMALL).fit(X, y, w)
    assert_allclose(balanced.predict_proba(X), by_rows.predict_proba(X), atol=1e-4)


def test_class_weight_makes_no_level_frequent():
    """Each id of a rare class was a level of its own, since its one row weighed several."""
    n = 200
    y = np.arange(n) % 20 == 0
    X = pd.DataFrame({"id": [f"c{i}" for i in range(n)], "x": np.arange(n) % 7})
    options = {"solver": "lbfgs", "random_state": 0}
    for weight in ("balanced", {True: 50.0, False: 3.0}, {True: 0.5, False: 1e-3}):
        with pytest.warns(UserWarning, match="Left out of X: 'id'"):
            model = NumpyMLPClassifier(
                (4,), class_weight=weight, solver="lbfgs", random_state=0
            ).fit(X, y)
        assert model.encoded_feature_names_ == ["x"]
    # One row of weight 2 is that row twice.
    twice = NumpyMLPClassifier((4,), class_weight="balanced", max_one_hot=n, **options)
    assert len(twice.fit(X, y, np.full(n, 2.0)).encoded_feature_names_) == n + 1


def test_class_weight_of_labels():
    Y = np.column_stack([y_iris == 0, y_iris == 2]).astype(int)
    tables = [{0: 1.0, 1: 3.0}, {0: 0.5, 1: 1.0}]
    w = np.where(Y[:, 0], 3.0, 1.0) * np.where(Y[:, 1], 1.0, 0.5)
    listed = NumpyMLPClassifier(class_weight=tables, **SMALL).fit(X_iris, Y)
    by_rows = NumpyMLPClassifier(**SMALL).fit(X_iris, Y, w)
    assert_array_equal(listed.network_.theta, by_rows.network_.theta)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.ones(3), r"must have shape \(150,\).*Got shape \(3,\)"),
        (np.ones((150, 2)), r"must have shape \(150,\)"),
        (np.zeros(150), "Got only zeros"),
        (np.full(150, np.nan), "NaN"),
    ],
)
def test_weights_that_cannot_be_used(weight, message):
    with pytest.raises(ValueError, match=message):
        NumpyMLPClassifier(**SMALL).fit(X_iris, y_iris, weight)


def test_offsets_start_at_the_intercept_only_optimum():
    standing_still = {"learning_rate_init": 1e-30, "max_iter": 1, "dtype": "float64"}
    w = np.arange(150) + 1.0
    model = NumpyMLPClassifier(**SMALL | standing_still).fit(X_iris, y_iris, w)
    shares = np.bincount(y_iris, weights=w) / w.sum()
    assert_allclose(model.intercepts_[-1] - model.intercepts_[-1][0], np.log(shares / shares[0]))


# Early stopping and scoring.


def test_validation_on_given_rows():
    model = NumpyMLPClassifier(**STOPPING)
    model.fit(X_iris[::2], NAMES[::2], X_val=X_iris[1::2], y_val=NAMES[1::2])
    kept = -log_loss(NAMES[1::2], model.predict_proba(X_iris[1::2]))
    assert model.best_validation_score_ == pytest.approx(kept, rel=1e-5)
    assert model.best_validation_score_ == max(model.validation_scores_)
    # All of X was trained on.
    assert model.t_ == 75 * model.n_iter_


def test_given_rows_without_early_stopping_are_only_watched():
    watched = NumpyMLPClassifier(**SMALL)
    watched.fit(X_iris, y_iris, X_val=X_iris[:20], y_val=y_iris[:20])
    plain = NumpyMLPClassifier(**SMALL).fit(X_iris, y_iris)
    assert_array_equal(watched.network_.theta, plain.network_.theta)
    assert np.isfinite(watched.history_["validation_loss"]).all()
    assert np.isnan(plain.history_["validation_loss"]).all()
    assert plain.validation_scores_ is None


def test_weights_of_given_rows_count():
    fit = {"X_val": X_iris, "y_val": y_iris}
    only_zeros = NumpyMLPClassifier(**STOPPING)
    only_zeros.fit(X_iris, y_iris, **fit, sample_weight_val=(y_iris == 0).astype(float))
    by_hand = NumpyMLPClassifier(**STOPPING)
    by_hand.fit(X_iris, y_iris, X_val=X_iris[:50], y_val=y_iris[:50])
    assert_allclose(only_zeros.validation_scores_, by_hand.validation_scores_, rtol=1e-5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"X_val": X_iris}, "X_val needs y_val"),
        ({"y_val": y_iris}, "go with X_val"),
        ({"X_val": X_iris[:, :2], "y_val": y_iris}, "features"),
        ({"X_val": X_iris, "y_val": y_iris + 1}, "classes not in"),
        ({"X_val": X_iris, "y_val": y_iris, "sample_weight_val": [1]}, "sample_weight_val must"),
        ({"X_val": X_iris, "y_val": np.eye(3, dtype=int)[y_iris]}, "another kind of target"),
    ],
)
def test_validation_rows_that_cannot_be_used(given, message):
    with pytest.raises(ValueError, match=message):
        NumpyMLPClassifier(**SMALL).fit(X_iris, y_iris, **given)


@pytest.mark.parametrize("solver", KINDS_OF_SOLVERS)
@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss", "roc_auc_ovr"])
def test_any_scorer_decides(scoring, solver):
    X, y = make_classification(400, 6, n_informative=4, n_classes=3, flip_y=0.3, random_state=1)
    frame = pytest.importorskip("pandas").DataFrame(X).rename(columns=str)
    model = NumpyMLPClassifier(scoring=scoring, solver=solver, **STOPPING | {"max_iter": 100})
    model.fit(frame[:300], y[:300], X_val=frame[300:], y_val=y[300:])
    from sklearn.metrics import get_scorer

    assert get_scorer(scoring)(model, frame[300:], y[300:]) == pytest.approx(
        max(model.validation_scores_)
    )
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert len(model.validation_scores_) == model.n_iter_
    assert_allclose(model.history_["score"], model.validation_scores_)


# Going on.


def test_fit_starts_anew_without_warm_start():
    model = NumpyMLPClassifier(**SMALL).fit(X_iris, y_iris)
    first = model.network_.theta.copy()
    assert_array_equal(model.fit(X_iris, y_iris).network_.theta, first)
    assert len(model.loss_curve_) == model.n_iter_
    model.fit(X_iris[:, :2], NAMES)
    assert model.n_features_in_ == 2
    assert_array_equal(model.classes_, np.unique(NAMES))


@pytest.mark.slow
@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_partial_fit_of_a_stream(solver):
    model = NumpyMLPClassifier(solver=solver, **SMALL | {"learning_rate_init": RATES[solver]})
    for _ in range(60):
        for part in np.array_split(np.random.default_rng(1).permutation(150), 5):
            model.partial_fit(X_iris[part], NAMES[part], classes=np.unique(NAMES))
    assert model.score(X_iris, NAMES) > 0.9
    assert model.t_ == 60 * 150
    with pytest.raises(ValueError, match="not the same as on last call|on the last call"):
        model.partial_fit(X_iris, NAMES, classes=["x", "y"])
    with pytest.raises(ValueError, match="classes not in `self.classes_`"):
        model.partial_fit(X_iris, np.where(NAMES == "setosa", "new", NAMES))


def test_partial_fit_after_fit_goes_on():
    model = NumpyMLPRegressor(**SMALL).fit(X_diabetes, y_diabetes)
    epochs, loss = model.history_["epoch"][-1], model.loss_
    for _ in range(20):
        model.partial_fit(X_diabetes, y_diabetes)
    assert model.history_["epoch"][-1] == epochs + 20
    assert model.loss_ < loss


def test_partial_fit_errors():
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        NumpyMLPClassifier().partial_fit(X_iris, y_iris)
    with pytest.raises(ValueError, match="class_weight='balanced'"):
        NumpyMLPClassifier(class_weight="balanced").partial_fit(X_iris, y_iris, classes=[0, 1, 2])
    with pytest.raises(AttributeError):
        NumpyMLPRegressor(solver="lbfgs").partial_fit(X_diabetes, y_diabetes)


def test_views_of_the_weights_are_the_model():
    model = NumpyMLPRegressor(**SMALL).fit(X_diabetes, y_diabetes)
    before = model.predict(X_diabetes)
    model.coefs_[-1][...] *= 2
    model.intercepts_[-1][...] *= 2
    unit, mean = y_diabetes.std(), y_diabetes.mean()
    assert_allclose(model.predict(X_diabetes) - mean, 2 * (before - mean), atol=1e-4 * unit)
    model.coefs_ = [np.zeros_like(W) for W in model.coefs_]
    model.intercepts_[-1] = [0.0]
    assert_allclose(model.predict(X_diabetes), mean)
    with pytest.raises(ValueError, match="cannot be set to one of"):
        model.coefs_[0] = np.zeros((2, 2))
    with pytest.raises(ValueError, match="2 arrays, one per layer. Got 1"):
        model.intercepts_ = [0.0]
    twin = copy.deepcopy(model)
    twin.intercepts_[-1][...] = 1.0
    assert_allclose(model.predict(X_diabetes), mean)
    assert_allclose(twin.predict(X_diabetes), mean + unit, rtol=1e-6)


# Errors and interruptions.


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("where", ["X", "y"])
def test_input_that_is_not_finite(bad, where):
    X, y = X_diabetes.copy(), y_diabetes.copy()
    (X if where == "X" else y).flat[3] = bad
    if where == "X" and np.isnan(bad):
        X = sp.csr_matrix(X)
    with pytest.raises(ValueError, match="NaN|infinity"):
        NumpyMLPRegressor().fit(X, y)


@pytest.mark.parametrize("name", ["report_", "network_", "best_iteration_"])
def test_what_fit_finds_is_not_there_before(name):
    model = NumpyMLPClassifier(**SMALL)
    with pytest.raises(NotFittedError, match="NumpyMLPClassifier is not fitted yet. Call fit"):
        getattr(model, name)
    assert not hasattr(model, name)


def test_a_failed_fit_leaves_the_estimator_as_it_was():
    model = NumpyMLPClassifier(**SMALL)
    with pytest.raises(ValueError, match="column 1 of X"):
        model.fit(X_iris * [1, 1e307, 1, 1], y_iris)
    assert vars(model).keys() == clone(model).get_params().keys()
    with pytest.raises(NotFittedError):
        model.predict(X_iris)
    model.fit(X_iris, y_iris)
    theta, history = model.network_.theta.copy(), copy.deepcopy(model.history_)

    def fails(estimator, X, y):
        raise RuntimeError("scorer broke")

    for warm_start in (False, True):
        model.set_params(early_stopping=True, scoring=fails, warm_start=warm_start)
        with pytest.raises(ValueError, match="scorer broke"):
            model.fit(X_iris[:, :3] if not warm_start else X_iris, y_iris)
        assert model.n_features_in_ == 4
        assert_array_equal(model.network_.theta, theta)
        assert_array_equal(model.history_["loss"], history["loss"])
        assert np.isnan(model.history_["score"]).all()


def test_names_of_columns_in_errors():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X_iris * [1, 1, 1e307, 1], columns=["a", "b", "huge", "d"])
    with pytest.raises(ValueError, match="column 'huge' of X"):
        NumpyMLPClassifier().fit(frame, y_iris)


@pytest.mark.parametrize("solver", SOLVERS)
def test_interrupting_keeps_the_best_model(solver):
    seen = []

    def interrupts(estimator, X, y):
        seen.append(estimator.network_.theta.copy())
        # The first call is about the start.
        if len(seen) == 7:
            raise KeyboardInterrupt
        return float(len(seen) if len(seen) < 5 else 0)

    model = NumpyMLPClassifier(solver=solver, scoring=interrupts, **STOPPING)
    with pytest.warns(
        UserWarning, match="interrupted by user after 5 (epochs.*epoch|iterations.*iteration) 3"
    ):
        model.fit(X_iris, y_iris)
    assert_array_equal(model.network_.theta, seen[3])
    assert model.n_iter_ == 5
    assert model.best_validation_score_ == 4.0


def test_nothing_given_is_modified():
    X, y = X_iris.copy(), y_iris.copy()
    w, X_val, y_val = np.ones(150), X[:20].copy(), y[:20].copy()
    given = [X, y, w, X_val, y_val]
    for array in given:
        array.flags.writeable = False
    kept = [array.copy() for array in given]
    model = NumpyMLPClassifier(**SMALL)
    parameters = copy.deepcopy(model.get_params())
    model.fit(X, y, w, X_val=X_val, y_val=y_val)
    model.predict(X)
    for a, b in zip(given, kept, strict=True):
        assert_array_equal(a, b)
    assert model.get_params() == parameters
    matrix = sp.csr_matrix(X)
    before = matrix.copy()
    NumpyMLPClassifier(**SMALL).fit(matrix, y).predict(matrix)
    assert (matrix != before).nnz == 0


@pytest.mark.parametrize(("fitted", "given"), [(1, 2), (2, 1), (2, 3)])
def test_validation_targets_of_another_shape(fitted, given):
    Y = np.column_stack([y_diabetes] * 3)
    y, y_val = (Y[:, 0] if n == 1 else Y[:, :n] for n in (fitted, given))
    with pytest.raises(ValueError, match=f"y has {given} outputs where {fitted} are fitted"):
        NumpyMLPRegressor(**SMALL).fit(X_diabetes, y, X_val=X_diabetes, y_val=y_val)


def test_a_scorer_need_not_know_weights():
    w = np.random.default_rng(0).random(150)

    def of_three(estimator, X, y):
        return estimator.score(X, y)

    model = NumpyMLPClassifier(scoring=of_three, **STOPPING)
    assert model.fit(X_iris, y_iris, w).best_validation_score_ > 0.8
    regressor = NumpyMLPRegressor(scoring="neg_max_error", **STOPPING)
    regressor.fit(X_diabetes, y_diabetes, y_diabetes)
    assert regressor.best_validation_score_ < 0


def test_a_scorer_that_knows_weights_gets_them():
    seen = []

    def weighted(estimator, X, y, sample_weight=None):
        seen.append(sample_weight)
        return 0.0

    NumpyMLPClassifier(scoring=weighted, **STOPPING | {"max_iter": 1}).fit(
        X_iris, y_iris, y_iris + 1.0
    )
    assert set(np.unique(seen[-1])) <= {1.0, 2.0, 3.0}


def test_a_score_that_is_not_a_number():
    model = NumpyMLPClassifier(scoring=lambda *_: np.nan, **STOPPING)
    with pytest.raises(ValueError, match="gave nan on the .* validation rows"):
        model.fit(X_iris, y_iris)
    assert not hasattr(model, "network_")


def broken(estimator, X, y):
    raise RuntimeError("scorer broke")


@pytest.mark.parametrize(
    ("estimator", "y", "scoring", "original"),
    [
        (NumpyMLPRegressor, y_diabetes, "roc_auc", "has none of the following attributes"),
        (NumpyMLPClassifier, NAMES, "r2", "could not convert string to float"),
        # scikit-learn 1.6 misses a label 1, later releases see three classes.
        (NumpyMLPClassifier, NAMES, "precision", "ValueError: "),
        (NumpyMLPClassifier, NAMES, broken, "RuntimeError: scorer broke"),
        (NumpyMLPClassifier, NAMES, lambda *_: None, "not 'NoneType'"),
    ],
)
def test_a_scorer_that_does_not_suit_is_named(estimator, y, scoring, original):
    X = X_iris if y is NAMES else X_diabetes
    model = estimator(scoring=scoring, **STOPPING)
    with pytest.raises(ValueError, match="^scoring=.* it must suit the estimator and y") as caught:
        model.fit(X, y)
    assert repr(scoring) in str(caught.value)
    assert original in str(caught.value)
    assert str(caught.value.__cause__) in str(caught.value)
    assert not hasattr(model, "network_")


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(("solver", "rate"), [("sgd", 30.0), ("sgd", 1e6), ("adam", 1e30)])
def test_after_divergence_the_model_is_of_use(solver, rate, early_stopping):
    model = NumpyMLPRegressor(
        solver=solver, learning_rate_init=rate, early_stopping=early_stopping, random_state=0
    ).fit(X_diabetes, y_diabetes)
    # No worse than a start that has learned nothing, whose weights are random.
    assert model.score(X_diabetes, y_diabetes) > -3


def test_moments_that_blew_up_are_not_gone_on_with():
    model = NumpyMLPRegressor(
        (100,), solver="sgd", learning_rate_init=1e5, warm_start=True, random_state=0
    )
    with pytest.warns(match="diverged"):
        model.fit(X_diabetes, y_diabetes)
    model.set_params(learning_rate_init=1e-2).fit(X_diabetes, y_diabetes)
    assert model.score(X_diabetes, y_diabetes) > 0.3


def test_going_on_with_another_target_or_loss_is_refused():
    model = NumpyMLPRegressor(warm_start=True, **SMALL).fit(X_diabetes, y_diabetes)
    for change in ({"loss": "poisson"}, {"target_scaling": False}, {"activation": "tanh"}):
        before = {name: model.get_params()[name] for name in change}
        with pytest.raises(ValueError, match=f"whose {next(iter(change))} was"):
            model.set_params(**change).fit(X_diabetes, y_diabetes)
        model.set_params(**before).fit(X_diabetes, y_diabetes)


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_going_on_in_another_dtype(solver):
    model = NumpyMLPRegressor(solver=solver, warm_start=True, **SMALL).fit(X_diabetes, y_diabetes)
    model.set_params(dtype="float64").fit(X_diabetes, y_diabetes)
    moments = [v for v in vars(model._found.first.optimizer).values() if isinstance(v, np.ndarray)]
    assert {array.dtype for array in [*model.coefs_, *moments]} == {np.dtype("float64")}


def test_a_part_of_a_stream_may_lack_a_class():
    model = NumpyMLPClassifier(warm_start=True, **SMALL)
    for label in (0, 1, 2):
        part = y_iris == label
        model.partial_fit(X_iris[part], y_iris[part], classes=[0, 1, 2])
    assert_array_equal(model.classes_, [0, 1, 2])


def test_a_column_that_is_constant_in_the_first_part_of_a_stream():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((4000, 2))
    X[:40, 0] = 0.0
    y = 3 * X[:, 0] + X[:, 1]
    model = NumpyMLPRegressor((100,), learning_rate_init=0.01, random_state=0)
    for start in range(0, 4000, 40):
        model.partial_fit(X[start : start + 40], y[start : start + 40])
    assert model.score(X[2000:], y[2000:]) > 0.95


def test_weights_count_in_a_stream_of_single_rows():
    def probability(weight):
        model = NumpyMLPClassifier((), solver="sgd", learning_rate_init=0.01, random_state=0)
        for i in range(100):
            y = [i % 2]
            model.partial_fit([[1.0]], y, [weight if i % 2 else 1.0], classes=[0, 1])
        return model.predict_proba([[1.0]])[0, 1]

    assert probability(1.0) < 0.55
    assert probability(20.0) > 0.8


def test_class_weight_that_leaves_no_row():
    with pytest.raises(ValueError, match="class_weight gives every class in y weight 0"):
        NumpyMLPClassifier(class_weight=dict.fromkeys(range(3), 0.0)).fit(X_iris, y_iris)


def test_balanced_weights_of_validation_rows_are_those_of_training():
    X, y = X_iris[40:], y_iris[40:]
    model = NumpyMLPClassifier(class_weight="balanced", **STOPPING)
    model.fit(X, y, X_val=X_iris, y_val=y_iris)
    w = (1.0 / np.bincount(y))[y_iris]
    kept = -log_loss(y_iris, model.predict_proba(X_iris), sample_weight=w)
    assert model.best_validation_score_ == pytest.approx(kept, rel=1e-4)


def test_sparse_entries_stored_in_parts():
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, 100, 600), rng.integers(0, 5, 600)
    parts = sp.coo_array((rng.random(600), (rows, columns)), shape=(100, 5))
    X = parts.toarray()
    matrix = sp.csr_array((100, 5))
    order = np.argsort(rows, kind="stable")
    counts = np.bincount(rows, minlength=100)
    matrix = sp.csr_array(
        (parts.data[order], columns[order], np.concatenate(([0], np.cumsum(counts)))), (100, 5)
    )
    assert matrix.nnz > np.count_nonzero(X)
    stored = matrix.nnz
    for feature_scaling in FEATURE_SCALINGS:
        model = NumpyMLPRegressor(feature_scaling=feature_scaling, dtype="float64", **SMALL)
        expected = model.fit(X, X[:, 0]).predict(X)
        assert_allclose(model.predict(matrix), expected, rtol=1e-9)
        assert_allclose(clone(model).fit(matrix, X[:, 0]).predict(X), expected, rtol=1e-6)
    assert matrix.nnz == stored


@pytest.mark.parametrize("unit", [1e-100, 1e-40, 1e-30, 1e30, 1e39, 1e100])
@pytest.mark.parametrize("feature_scaling", SCALINGS)
def test_any_unit_of_the_columns(unit, feature_scaling):
    options = SMALL | {"feature_scaling": feature_scaling}
    plain = NumpyMLPRegressor(**options).fit(X_diabetes, y_diabetes)
    scaled = NumpyMLPRegressor(**options).fit(X_diabetes * unit, y_diabetes)
    assert_allclose(
        scaled.predict(X_diabetes * unit), plain.predict(X_diabetes), rtol=0.02, atol=2.0
    )


@pytest.mark.parametrize("container", [np.asarray, sp.csr_array])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e6, 1.6e9])
def test_a_constant_column_that_moves_later_is_harmless(value, container):
    X = np.column_stack([X_diabetes, np.full(442, value)])
    model = NumpyMLPRegressor(**SMALL).fit(container(X), y_diabetes)
    expected = model.predict(X)
    assert model.score(X, y_diabetes) > 0.4
    X[:, -1] += 1000.0
    assert_allclose(model.predict(X), expected)
    # One value at the rounding of the others is not a scale either.
    X[:, -1] = 0.1
    X[0, -1] = np.nextafter(0.1, 1)
    model.fit(X, y_diabetes)
    X[:, -1] = 0.2
    assert model.score(X, y_diabetes) > 0.4


def test_rows_that_differ_are_never_merged():
    # Few significant bits, signs, and class codes: what a careless hash confuses.
    x = np.arange(-96, 97) / 64
    for column in range(4):
        X = np.zeros((193, 4))
        X[:, column] = x
        model = NumpyMLPRegressor((100,), solver="lbfgs", max_iter=500, random_state=0)
        model.fit(X, x**2)
        assert model.score(X, x**2) > 0.99
    shares = NumpyMLPClassifier((100,), random_state=0, max_iter=500)
    shares.fit(np.ones((90, 3)), np.repeat([0, 1, 2], 30))
    assert_allclose(shares.predict_proba(np.ones((1, 3))), 1 / 3, atol=0.01)


# Output.


def test_verbose_prints_aligned_lines(capsys):
    model = NumpyMLPClassifier(verbose=10, **STOPPING | {"max_iter": 25})
    model.set_params(n_iter_no_change=np.inf).fit(X_iris, y_iris)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Iteration")]
    assert [int(line.split()[1].split("/")[0]) for line in lines] == [1, 10, 20, 25]
    assert len({len(line) for line in lines}) == 1
    assert len({line.index("validation loss") for line in lines}) == 1
    NumpyMLPClassifier(**SMALL).fit(X_iris, y_iris)
    assert capsys.readouterr().out == ""


def test_reaching_max_iter_is_said_once():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        NumpyMLPClassifier(**SMALL | {"max_iter": 2}).fit(X_iris, y_iris)
    assert len(caught) == 1
    assert "max_iter=2" in str(caught[0].message)
    assert caught[0].filename == __file__


# Sparse, memory, threads, copies.


@pytest.mark.parametrize("feature_scaling", FEATURE_SCALINGS)
@pytest.mark.parametrize("solver", KINDS_OF_SOLVERS)
@pytest.mark.parametrize("container", [sp.csr_matrix, sp.csr_array, sp.csc_matrix, sp.coo_array])
def test_sparse_equals_dense(container, solver, feature_scaling):
    rng = np.random.default_rng(0)
    X = rng.random((250, 12)) * (rng.random((250, 12)) < 0.3) * np.logspace(-2, 2, 12)
    X[:, 3] = 5.0
    y = X[:, -1] - X[:, -2] + X[:, 0] * 100
    options = SMALL | {"solver": solver, "feature_scaling": feature_scaling, "dtype": "float64"}
    options |= {"max_iter": 10, "batch_size": 60, "learning_rate_init": 1e-3}
    dense = NumpyMLPRegressor(**options).fit(X, y)
    sparse = NumpyMLPRegressor(**options).fit(container(X), y)
    scale = y.std()
    assert_allclose(sparse.predict(X), dense.predict(X), rtol=1e-5, atol=1e-5 * scale)
    assert_allclose(sparse.predict(container(X)), sparse.predict(X), rtol=1e-9, atol=1e-9 * scale)
    assert_allclose(dense.predict(container(X)), dense.predict(X), rtol=1e-9, atol=1e-9 * scale)


def peak_above(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mapped", [False, True])
def test_memory_above_the_data_is_that_of_a_batch(tmp_path, dtype, mapped):
    n, d = 60_000, 100
    X = np.random.default_rng(0).standard_normal((n, d)).astype(dtype)
    y = X[:, 0] > 0
    if mapped:
        np.save(tmp_path / "X.npy", X)
        X = np.load(tmp_path / "X.npy", mmap_mode="r")
    model = NumpyMLPClassifier((16,), numeric_embedding=None, max_iter=1, random_state=0)
    peak = peak_above(lambda: model.fit(X, y))
    # A few numbers per row (order, targets), and blocks; X itself is 24 or 48 MB.
    assert peak < 40 * n + 12e6 < X.nbytes
    # Embedded, as by default, blocks have 8 numbers a column.
    embedded = NumpyMLPClassifier((16,), max_iter=1, random_state=0)
    assert peak_above(lambda: embedded.fit(X, y)) < 40 * n + 16e6
    assert peak_above(lambda: model.predict(X)) < 40 * n + 12e6


def test_memory_of_sparse_input():
    n, d = 5_000, 3000
    X = sp.random(n, d, density=0.005, format="csr", dtype=np.float32, random_state=0)
    y = np.asarray(X[:, 0].todense()).ravel() > 0
    model = NumpyMLPClassifier((8,), max_iter=1, random_state=0, class_weight="balanced")
    assert peak_above(lambda: model.fit(X, y)) < 30e6 < n * d * 4


def test_predict_from_many_threads():
    model = NumpyMLPClassifier((50, 50), max_iter=5, random_state=0).fit(X_iris, y_iris)
    X = np.tile(X_iris, (40, 1))
    expected, found = model.predict_proba(X), {}

    def work(i):
        found[i] = model.predict_proba(X)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in found.values():
        assert_array_equal(result, expected)
    assert len(found) == 8


def test_copies_and_files_predict_the_same(tmp_path):
    model = NumpyMLPClassifier(**SMALL).fit(X_iris, NAMES)
    expected = model.predict_proba(X_iris)
    joblib.dump(model, tmp_path / "model.joblib")
    for twin in (
        pickle.loads(pickle.dumps(model)),
        copy.copy(model),
        copy.deepcopy(model),
        joblib.load(tmp_path / "model.joblib"),
    ):
        assert_array_equal(twin.predict_proba(X_iris), expected)


@pytest.mark.parametrize("estimator_class", [NumpyMLPClassifier, NumpyMLPRegressor])
def test_same_seed_same_bits_in_any_number_of_jobs(estimator_class):
    X, y = make_regression(300, 5, random_state=0)
    y = (y > 0).astype(int)

    def theta(seed):
        return estimator_class(**SMALL | {"random_state": seed}).fit(X, y).network_.theta

    one_by_one = [theta(seed) for seed in range(4)]
    in_two_jobs = joblib.Parallel(n_jobs=2)(joblib.delayed(theta)(seed) for seed in range(4))
    for a, b in zip(one_by_one, in_two_jobs, strict=True):
        assert_array_equal(a, b)
    assert not np.array_equal(one_by_one[0], one_by_one[1])


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_columns", [30, 784])
def test_the_number_of_threads_changes_no_bit(dtype, n_columns, monkeypatch):
    """Nor who shares: the BLAS where it was proved to add in one order, our own threads."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((1100, n_columns)), rng.standard_normal(1100)
    options = {"max_iter": 2, "dtype": dtype, "random_state": 0, "batch_size": 500}
    found = set()
    for n_blas, n_threads in itertools.product((1, 2), (1, 2, 3, None)):
        for lends in (True, False):
            # As if sharing were always faster.
            monkeypatch.setattr(Pace, "goes_well", lambda pace: True)
            if not lends:
                monkeypatch.setattr(SharedProducts, "_is_proved", lambda products, product: False)
            with threadpool_limits(n_blas):
                model = NumpyMLPRegressor((256, 256), n_threads=n_threads, **options).fit(X, y)
                found.add(model.network_.theta.tobytes() + model.predict(X).tobytes())
            monkeypatch.undo()
    assert len(found) == 1


def test_random_state_instance_moves_on():
    rng = np.random.RandomState(0)
    first = NumpyMLPClassifier(**SMALL | {"random_state": rng}).fit(X_iris, y_iris)
    second = NumpyMLPClassifier(**SMALL | {"random_state": rng}).fit(X_iris, y_iris)
    assert not np.array_equal(first.network_.theta, second.network_.theta)


def blas_threads():
    return {library.get_num_threads() for library in blas()}


def test_fit_and_predict_leave_the_blas_one_thread_of_its_own(monkeypatch):
    seen = []

    def score(estimator, X, y):
        seen.append(blas_threads())
        return estimator.score(X, y)

    def forward(self, x, p, ws):
        seen.append(blas_threads())
        return original(self, x, p, ws)

    X, y = load_iris(return_X_y=True)
    X = np.hstack([X] * 30)
    model = NumpyMLPClassifier((100,), max_iter=2, early_stopping=True, scoring=score)
    before = blas_threads()
    model.fit(X, y)
    assert seen == [{1}] * 3
    original = Linear.forward
    monkeypatch.setattr(Linear, "forward", forward)
    model.predict(X)
    assert seen == [{1}] * 5
    assert blas_threads() == before


@pytest.mark.parametrize(("cache", "per_epoch"), [(2**23, 0), (0, 1)])
def test_a_small_table_is_encoded_once_in_a_fit(cache, per_epoch, monkeypatch):
    def encode(self, block, out):
        counts.append(len(block))
        return original(self, block, out)

    original = TableEncoder.encode
    monkeypatch.setattr(TableEncoder, "encode", encode)
    monkeypatch.setattr(plan, "CACHE", cache)
    X, y = load_iris(return_X_y=True)
    encoded = []
    for max_iter in (1, 6):
        counts = []
        options = SMALL | {"batch_size": 50, "max_iter": max_iter}
        NumpyMLPClassifier(**options).fit(X, y)
        encoded.append(sum(counts))
    # And once more in the end, to compare its loss with that of a constant.
    assert encoded == [2 * len(X), len(X) * (2 + 5 * per_epoch)]
