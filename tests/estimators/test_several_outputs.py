"""Several outputs of classes at once, the focal loss and smoothed labels."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputClassifier

from sknumpynet import NumpyMLPClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, THREE = make_classification(
    240, 6, n_informative=5, n_redundant=0, n_classes=3, class_sep=1.5, random_state=0
)
TWO = (X[:, 0] > 0.3).astype(int)
Y = np.column_stack([THREE, TWO])
WEIGHT = np.random.default_rng(0).integers(1, 4, size=len(X))
SMALL = {"hidden_layer_sizes": (20,), "max_iter": 60, "random_state": 0}
LINEAR = {
    "hidden_layer_sizes": (), "solver": "lbfgs", "dtype": "float64", "tol": 1e-10, "max_iter": 3000,
}  # fmt: skip


def test_shapes_are_those_of_a_random_forest():
    model = NumpyMLPClassifier(**SMALL).fit(X, Y)
    peer = RandomForestClassifier(10, random_state=0).fit(X, Y)
    assert isinstance(model.classes_, list)
    for mine, theirs in zip(model.classes_, peer.classes_, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for name in ("predict_proba", "predict_log_proba"):
        mine, theirs = getattr(model, name)(X), getattr(peer, name)
        with np.errstate(divide="ignore"):
            theirs = theirs(X)
        assert [p.shape for p in mine] == [p.shape for p in theirs]
    assert [scores.shape for scores in model.decision_function(X)] == [(240, 3), (240, 2)]
    for p in model.predict_proba(X):
        np.testing.assert_allclose(p.sum(axis=1), 1)
        assert (p > 0).all()
    assert model.predict(X).shape == peer.predict(X).shape
    assert model.n_outputs_ == peer.n_outputs_ == 2
    assert model.coefs_[-1].shape == (20, 5)
    assert (model.predict(X) == Y).mean() > 0.85


def test_without_a_hidden_layer_it_is_a_logistic_regression_for_each():
    model = NumpyMLPClassifier(**LINEAR, alpha=1.0, feature_scaling=None)
    model.fit(X, Y, sample_weight=WEIGHT)
    for column, p in zip(Y.T, model.predict_proba(X), strict=True):
        # Two scores for two classes: each half of the log odds, so that the penalty is halved.
        C = 1.0 if len(np.unique(column)) > 2 else 2.0
        peer = LogisticRegression(C=C, tol=1e-10, max_iter=3000)
        expected = peer.fit(X, column, sample_weight=WEIGHT).predict_proba(X)
        np.testing.assert_allclose(p, expected, atol=1e-5)


def test_the_score_is_that_of_a_multi_output_classifier():
    model = NumpyMLPClassifier(**SMALL).fit(X, Y)
    right = (model.predict(X) == Y).all(axis=1)
    assert model.score(X, Y) == right.mean()
    assert model.score(X, Y, WEIGHT) == pytest.approx(np.average(right, weights=WEIGHT))
    peer = MultiOutputClassifier(LogisticRegression()).fit(X, Y)
    peer.predict = model.predict
    assert model.score(X, Y) == peer.score(X, Y)
    assert np.isfinite(cross_val_score(clone(model), X, Y, cv=3)).all()
    search = GridSearchCV(model, {"loss": ["log_loss", "focal"]}, cv=2).fit(X, Y)
    assert search.best_score_ > 0.5


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (np.array([["b", "x"], ["a", "y"], ["c", "x"], ["a", "y"]]), "U"),
        (np.array([[1.0, 7.0], [2.0, 7.0], [3.0, 8.0], [3.0, 8.0]]), "f"),
        (pd.DataFrame({"one": ["b", "a", "c", "a"], "two": [3, 4, 3, 4]}), "O"),
        # Two values, but no indicator.
        (np.array([[1, 2], [2, 2], [1, 1], [2, 1]]), "i"),
    ],
)
def test_labels_of_any_kind_come_back(labels, kind):
    table, labels = np.tile(np.eye(4), (10, 1)), labels
    repeated = (
        pd.concat([labels] * 10) if isinstance(labels, pd.DataFrame) else np.tile(labels, (10, 1))
    )
    model = NumpyMLPClassifier((20,), solver="lbfgs", random_state=0).fit(table, repeated)
    found = model.predict(np.eye(4))
    np.testing.assert_array_equal(found, np.asarray(labels))
    assert found.dtype.kind == kind
    assert model.score(table, repeated) == 1.0


def test_one_stays_what_it_is_in_pickles_and_part_by_part():
    model = NumpyMLPClassifier(**SMALL, learning_rate_init=0.01)
    parts = np.array_split(np.arange(240), 6)
    # In the first part both look like 0 and 1.
    parts[0] = np.flatnonzero(THREE < 2)[:40]
    for part in parts * 30:
        model.partial_fit(X[part], Y[part], classes=[[0, 1, 2], [0, 1]])
    assert [len(classes) for classes in model.classes_] == [3, 2]
    assert model.score(X, Y) > 0.7
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    with pytest.raises(ValueError, match="is not the same as on the last call to partial_fit"):
        model.partial_fit(X, Y, classes=[[0, 1, 2], [0, 1, 2]])
    with pytest.raises(ValueError, match=r"not in `self.classes_\[1\]`"):
        model.partial_fit(X, np.column_stack([THREE, TWO + 1]))
    with pytest.raises(ValueError, match="another kind of target"):
        model.partial_fit(X, THREE)


def test_warm_start_wants_the_same_classes():
    model = NumpyMLPClassifier(**SMALL, warm_start=True).fit(X, Y)
    model.fit(X, Y)
    with pytest.raises(ValueError, match="the same classes as in the previous"):
        model.fit(X[THREE < 2], np.column_stack([THREE, TWO])[THREE < 2])


def test_an_indicator_takes_no_other_values_later():
    model = NumpyMLPClassifier(**SMALL).fit(X, np.column_stack([TWO, 1 - TWO]))
    with pytest.raises(ValueError, match="`y` must hold 0 and 1"):
        model.partial_fit(X, Y)


@pytest.mark.parametrize("options", [{"n_members": 3}, {"n_bags": 3}])
@pytest.mark.parametrize("loss", ["log_loss", "focal"])
def test_several_networks_are_averaged(loss, options):
    model = NumpyMLPClassifier(**SMALL | options, loss=loss).fit(X, Y)
    assert model.score(X, Y) > 0.6
    for p in model.predict_proba(X):
        np.testing.assert_allclose(p.sum(axis=1), 1)
    if "n_bags" in options:
        assert [p.shape for p in model.oof_prediction_] == [(240, 3), (240, 2)]
        assert all(np.isfinite(p).all() for p in model.oof_prediction_)


def test_class_weights_are_multiplied_as_scikit_learn_does():
    from sklearn.utils.class_weight import compute_sample_weight

    for option in ("balanced", [{0: 1.0, 1: 5.0, 2: 0.5}, {0: 1.0, 1: 3.0}]):
        weighted = NumpyMLPClassifier(**LINEAR, alpha=0.1, class_weight=option).fit(X, Y)
        plain = NumpyMLPClassifier(**LINEAR, alpha=0.1)
        plain.fit(X, Y, sample_weight=compute_sample_weight(option, Y))
        for mine, theirs in zip(weighted.predict_proba(X), plain.predict_proba(X), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)
    with pytest.raises(ValueError, match="for several outputs one dict for each"):
        NumpyMLPClassifier(class_weight={0: 1.0}).fit(X, Y)


def test_a_rare_class_of_any_output_is_shared_out():
    """Combinations of the classes are nearly all different, classes are not."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, size=(800, 4))
    y[:, 2] = 0
    y[:40, 2] = 1
    y[0, 3] = 77
    seen = []

    def watch(estimator, X, y):
        seen.append(y)
        return 0.0

    table = rng.normal(size=(800, 3))
    model = NumpyMLPClassifier((5,), max_iter=1, early_stopping=True, scoring=watch, random_state=0)
    model.fit(table, y)
    validation = seen[-1]
    assert len(validation) == 80
    assert 3 <= (validation[:, 2] == 1).sum() <= 5
    assert not (validation[:, 3] == 77).any()


# Losses.


@pytest.mark.parametrize("y", [TWO, THREE, np.column_stack([TWO, 1 - TWO]), Y])
def test_focal_without_gamma_is_the_log_loss(y):
    options = {**SMALL, "dtype": "float64", "max_iter": 10}
    focal = NumpyMLPClassifier(loss="focal", gamma=0, **options).fit(X, y)
    plain = NumpyMLPClassifier(**options).fit(X, y)
    np.testing.assert_allclose(focal.loss_curve_, plain.loss_curve_, rtol=1e-9)
    np.testing.assert_array_equal(focal.predict(X), plain.predict(X))


@pytest.mark.parametrize("gamma", [0.3, 2.0, 5.0])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_focal_starts_at_its_best_constant(gamma, n_classes):
    """By search over the probabilities, weights included."""
    y = np.repeat([0, 0, 0, 1, 1, 2], 10) % n_classes
    weight = 1.0 + 2 * (y == 1)
    ones = np.ones((len(y), 1))
    model = NumpyMLPClassifier(
        (), loss="focal", gamma=gamma, dtype="float64", learning_rate_init=1e-300, max_iter=1,
        early_stopping=False,
    ).fit(ones, y, sample_weight=weight)  # fmt: skip
    p = model.predict_proba(ones[:1])[0]
    share = np.bincount(y, weights=weight) / weight.sum()

    def loss(p):
        return -(share * (1 - p) ** gamma * np.log(p)).sum()

    for shift in np.random.default_rng(0).normal(size=(200, n_classes)) * 1e-3:
        other = p * np.exp(shift)
        assert loss(p) <= loss(other / other.sum()) + 1e-13
    # Nearer to each other than the frequencies.
    assert np.ptp(p) < np.ptp(share)


@pytest.mark.parametrize("y", [TWO, THREE])
def test_smoothed_labels_bound_the_probabilities(y):
    options = {"hidden_layer_sizes": (60,), "solver": "lbfgs", "max_iter": 500, "alpha": 0.0}
    options |= {"dtype": "float64", "random_state": 0}
    sure = NumpyMLPClassifier(**options).fit(X, y).predict_proba(X)
    smooth = NumpyMLPClassifier(label_smoothing=0.1, **options).fit(X, y)
    n_classes = len(smooth.classes_)
    # Fitted to the last row, the probabilities are the smoothed targets.
    expected = np.full(sure.shape, 0.1 / n_classes)
    expected[np.arange(len(y)), y] += 0.9
    assert np.abs(smooth.predict_proba(X) - expected).mean() < 0.01
    assert sure.max() > 1 - 1e-4


def test_smoothing_is_of_the_log_loss():
    model = NumpyMLPClassifier(loss="focal", label_smoothing=0.1)
    with pytest.raises(ValueError, match=r"label_smoothing=0.1 goes with loss='log_loss' only"):
        model.fit(X, THREE)


def test_warm_start_settles_them():
    model = NumpyMLPClassifier(**SMALL, warm_start=True, gamma=3.0).fit(X, THREE)
    model.set_params(gamma=1.0).fit(X, THREE)
    model.set_params(label_smoothing=0.2)
    with pytest.raises(ValueError, match=r"whose label_smoothing was 0.0 and not 0.2"):
        model.fit(X, THREE)
