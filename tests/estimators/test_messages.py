"""What a fit warns of: only what is true, and before the estimator is changed."""

import inspect
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_iris,
    make_friedman1,
    make_gaussian_quantiles,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from catalogue import KINDS_OF_SOLVERS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.fitting.endings import cut_short, rate_too_high
from sknumpynet.fitting.training import Training
from sknumpynet.options import plan_for
from sknumpynet.training import History, Outcome

X_iris, y_iris = load_iris(return_X_y=True)
X_gauss, y_gauss = make_gaussian_quantiles(n_samples=1000, n_features=5, random_state=0)
X_friedman, y_friedman = make_friedman1(400, noise=0.5, random_state=0)
EXPLICIT = {"hidden_layer_sizes": (100,), "batch_size": 200, "random_state": 0}
EXPLICIT |= {"solver": "adam", "learning_rate_init": 0.001}


def messages_of(model, *data):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(*data)
    return [str(w.message) for w in caught]


def curve(figures, *, early_stopping=False, scale=1.0, tol=1e-4, scoring="loss"):
    """What is said about a fit with this loss, or score, after each epoch."""
    history = History()
    for epoch, figure in enumerate(figures, start=1):
        entry = {"loss": figure, "score": figure, "validation_loss": figure}
        history.append(epoch=epoch, learning_rate=0.1, seconds=0.1, **entry)
    outcome = Outcome("max_iter", len(figures), len(figures), 0.0)
    est = NumpyMLPClassifier(tol=tol, scoring=scoring)
    plan = plan_for(est, 200, 200, early_stopping=early_stopping, stream=False)
    return cut_short(Training(outcome, None, history, 1.0, scale, True), plan)


EPOCHS = np.arange(200)


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        # A straight line has as far to go as it has come.
        (1.0 - EPOCHS / 400, True),
        (np.exp(-EPOCHS / 100), True),
        # Near its end.
        (np.exp(-EPOCHS / 30), False),
        (0.5 + 0.5 * np.exp(-EPOCHS / 40), False),
        # A slow fall in the unit of the loss, but at the pace of all epochs.
        (1.0 - EPOCHS / 4000, True),
        # Below tol nothing falls.
        (1.0 - EPOCHS * 1e-8, False),
        (np.ones(200), False),
        # Noise is no fall: the best of the last tenth against the best before.
        (0.5 + 0.1 * np.cos(EPOCHS), False),
    ],
)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_the_training_loss_was_still_falling(losses, said, scale):
    sign = curve(list(losses * scale), scale=scale)
    assert sign == ("the training loss was still falling" if said else None)


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (-1.0 + EPOCHS / 400, True),
        (-np.exp(-EPOCHS / 50), True),
        (-np.exp(-EPOCHS / 20), False),
        # The best was long ago.
        (-np.abs(EPOCHS - 100) / 100, False),
        (np.zeros(200), False),
    ],
)
def test_the_validation_score_was_still_rising(scores, said):
    for scoring in ("loss", "accuracy"):
        sign = curve(list(scores), early_stopping=True, scoring=scoring)
        assert sign == ("the validation score was still rising" if said else None)


@pytest.mark.parametrize("scores", [[np.nan] * 200, [np.nan, *[0.5] * 199], [-np.inf] * 200])
def test_epochs_without_a_score_say_nothing(scores):
    assert curve(scores, early_stopping=True) is None


@pytest.mark.parametrize("n", [1, 2, 10])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_few_epochs_show_no_end(n, early_stopping):
    assert curve([0.5] * n, early_stopping=early_stopping) == f"{n} epochs are too few to converge"
    assert curve([0.5] * 11, early_stopping=early_stopping) is None


def test_a_fit_that_is_about_done_does_not_warn_at_max_iter():
    X, y = load_breast_cancer(return_X_y=True)
    model = NumpyMLPClassifier(max_iter=200, early_stopping=False, **EXPLICIT)
    assert messages_of(model, X, y) == []
    assert model.n_iter_ == 200


def test_where_it_fires_more_epochs_lower_the_training_loss():
    model = NumpyMLPClassifier(max_iter=200, early_stopping=False, **EXPLICIT)
    (message,) = messages_of(model, X_gauss, y_gauss)
    assert "max_iter=200: the training loss was still falling" in message
    assert "More epochs may overfit: set early_stopping=True" in message
    before = model.loss_
    model.set_params(max_iter=600)
    messages_of(model, X_gauss, y_gauss)
    assert model.loss_ < 0.5 * before


@pytest.mark.parametrize("solver", KINDS_OF_SOLVERS)
def test_regression_that_is_cut_short(solver):
    model = NumpyMLPRegressor(
        **EXPLICIT | {"solver": solver, "max_iter": 12, "early_stopping": False}
    )
    (message,) = messages_of(model, X_friedman, y_friedman)
    assert "max_iter=12: the training loss was still falling. Increase max_iter, or" in message


def test_early_stopping_that_is_cut_short():
    options = EXPLICIT | {"early_stopping": True, "validation_fraction": 0.2}
    model = NumpyMLPClassifier(max_iter=60, **options)
    (message,) = messages_of(model, X_gauss, y_gauss)
    assert "max_iter=60: the validation score was still rising. Increase max_iter." in message
    scored = model.set_params(scoring="roc_auc_ovr")
    assert "the validation score was still rising" in messages_of(scored, X_gauss, y_gauss)[0]


def test_early_stopping_that_is_past_its_best():
    X, y = load_diabetes(return_X_y=True)
    model = NumpyMLPRegressor(
        early_stopping=True, n_iter_no_change=np.inf, **EXPLICIT | {"learning_rate_init": 0.01}
    )
    assert messages_of(model, X, y) == []
    assert int(np.argmax(model.validation_scores_)) < 0.9 * model.max_iter


@pytest.mark.parametrize("solver", KINDS_OF_SOLVERS)
def test_max_fun_and_max_iter_are_told_apart(solver):
    limit = {"max_fun": 5} if solver == "lbfgs" else {"max_iter": 5}
    model = NumpyMLPRegressor(**EXPLICIT | limit | {"solver": solver})
    (message,) = messages_of(model, X_friedman, y_friedman)
    assert f"cut short by {next(iter(limit))}=5" in message


@pytest.mark.parametrize("solver", KINDS_OF_SOLVERS)
def test_a_time_that_is_too_short(solver):
    model = NumpyMLPRegressor(max_time=1e-9, **EXPLICIT | {"solver": solver})
    (message,) = messages_of(model, X_friedman, y_friedman)
    assert "cut short by max_time=1e-09: 1 epochs" in message.replace("iterations", "epochs")
    assert "Increase max_time" in message
    # One step of 200 rows, or of all.
    assert model.t_ == (200 if solver == "adam" else 400)
    assert model.n_iter_ == 1


def test_partial_fit_has_no_end():
    NumpyMLPClassifier(**EXPLICIT).partial_fit(X_iris, y_iris, classes=[0, 1, 2])


# A learning rate that is far too high, with losses that stay finite.

X_scaled = scale(X_iris)


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["adam", "nadam", "rmsprop", "muon"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("classes", [False, True])
def test_a_rate_that_is_far_too_high(solver, early_stopping, classes):
    rate = 0.5 if solver == "muon" else 1000.0
    options = {"solver": solver, "learning_rate_init": rate, "early_stopping": early_stopping}
    options |= {"numeric_embedding": None, "n_iter_no_change": 20}
    if classes:
        model, data = NumpyMLPClassifier(**options, random_state=0), (X_gauss, y_gauss)
    else:
        model, data = NumpyMLPRegressor(**options, random_state=0), (X_friedman, y_friedman)
    (message,) = messages_of(model, *data)
    assert "never got below that of the best constant prediction" in message
    assert f"Lower learning_rate_init (it is {rate:g})." in message
    assert "max_iter" not in message
    assert ("The weights of " in message) is early_stopping
    constant = np.log(3) if classes else 0.5
    assert min(model.loss_curve_) > constant
    if not classes and not early_stopping:
        # The one in the message is what an independent recipe gives, with y in its own unit.
        assert "best constant prediction, 0.5, and" in message


def test_a_rate_that_is_far_too_high_on_iris():
    model = NumpyMLPClassifier(
        solver="adam", learning_rate_init=1000, early_stopping=False, random_state=0
    )
    (message,) = messages_of(model, X_scaled, y_iris)
    assert "never got below that of the best constant prediction, 1.1, and was" in message


def far(losses, scores=None, *, draws=False, first=1.0, constant=1.0):
    """Whether the rate is blamed for such losses, in training and on validation rows."""
    history = History()
    for epoch, loss in enumerate(losses):
        validation_loss = np.nan if scores is None else scores[epoch]
        entry = {"loss": loss, "score": np.nan, "validation_loss": validation_loss}
        history.append(epoch=epoch + 1, learning_rate=0.1, seconds=0.1, **entry)
    outcome = Outcome("converged", len(losses), None, 0.0, first_loss=first)
    model = SimpleNamespace(network=SimpleNamespace(draws=draws))
    training = Training(outcome, None, history, constant, 1.0, True)
    said = rate_too_high(training, model, validated=scores is not None)
    return said is not None


def test_when_the_rate_is_blamed():
    high, validated = [50.0] * 20, [60.0] * 20
    assert far(high)
    assert far(high, validated)
    assert far(high, [np.nan, *validated[1:-1], np.nan])
    # An epoch was good, or the last.
    assert not far([*high, 0.9, *high])
    assert not far([*high, 5.0])
    assert not far(high, [0.9, *validated[1:]])
    # It is no more than ten times what it was above the constant before the first step.
    assert not far(high, first=7.0)
    assert not far(high, constant=-100.0, first=1.0)
    assert not far([5.0] * 20)
    # Dropout makes the training loss larger, but no validation loss.
    assert not far(high, draws=True)
    assert far(high, validated, draws=True)
    # Few epochs, L-BFGS.
    assert not far(high[:10])
    assert not far(high, first=np.nan)


def test_the_rate_of_muons_matrices_is_named_where_it_is_set():
    model = NumpyMLPClassifier(
        solver="muon", muon_learning_rate=5, early_stopping=False, random_state=0
    )
    (message,) = messages_of(model, X_scaled, y_iris)
    assert "Lower learning_rate_init (it is 0.002) or muon_learning_rate (it is 5)." in message


NOISE = np.random.default_rng(0)
NOTHING = {
    "normal": (NumpyMLPRegressor, {}, NOISE.normal(size=150)),
    "heavy tails": (NumpyMLPRegressor, {}, NOISE.standard_cauchy(size=150)),
    "counts": (NumpyMLPRegressor, {"loss": "poisson"}, NOISE.poisson(0.1, size=150)),
    "spread": (NumpyMLPRegressor, {"loss": "gaussian_nll"}, NOISE.normal(size=150)),
    # Small beside its mean: a network that starts at random is far above the constant.
    "narrow": (NumpyMLPRegressor, {"loss": "gamma"}, 100 + NOISE.normal(size=150)),
    "one value": (NumpyMLPRegressor, {}, np.ones(150)),
    "classes": (NumpyMLPClassifier, {}, NOISE.integers(0, 3, 150)),
    "rare class": (NumpyMLPClassifier, {}, np.arange(150) % 50 == 0),
}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"early_stopping": False},
        {"solver": "sgd", "learning_rate_init": 0.01},
        {"solver": "muon", "early_stopping": False},
        {"dropout": 0.8, "early_stopping": False},
        {"alpha": 1000.0, "early_stopping": False},
        {"hidden_layer_sizes": (50,) * 8, "early_stopping": False},
        {"solver": "lbfgs"},
    ],
    ids=str,
)
@pytest.mark.parametrize(("estimator", "loss", "y"), NOTHING.values(), ids=NOTHING)
def test_where_there_is_nothing_to_learn_the_rate_is_not_blamed(estimator, loss, y, options):
    model = estimator(**{"hidden_layer_sizes": (30,), "max_iter": 30} | options | loss)
    model.set_params(random_state=0)
    X = np.random.default_rng(1).normal(size=(150, 4))
    assert [m for m in messages_of(model, X, y) if "learning_rate_init" in m] == []


# The estimator is changed last.


def fitted():
    return NumpyMLPClassifier(max_iter=300, tol=0.01, **EXPLICIT).fit(X_iris, y_iris)


def unfitted():
    return NumpyMLPClassifier(**EXPLICIT)


@pytest.mark.parametrize("make", [fitted, unfitted])
def test_a_warning_that_is_an_error_leaves_the_estimator_as_it_was(make):
    model = make().set_params(max_iter=2)
    before = dict(vars(model))
    with pytest.raises(ConvergenceWarning):
        model.fit(X_iris[:, :2], y_iris + 1)
    assert vars(model) == before


@pytest.mark.parametrize("make", [fitted, unfitted])
def test_ctrl_c_while_it_warns_leaves_the_estimator_as_it_was(make, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    model = make().set_params(max_iter=2)
    before = dict(vars(model))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", interrupted)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X_iris[:, :2], y_iris + 1)
    assert vars(model) == before


def test_behind_a_warning_the_estimator_is_fitted():
    model = unfitted().set_params(max_iter=2)
    with pytest.warns(ConvergenceWarning, match="cut short by max_iter=2") as caught:
        model.fit(X_iris, y_iris)
    assert [w.filename for w in caught] == [__file__]
    assert model.n_iter_ == 2
    assert model.predict(X_iris).shape == (150,)


# Sample weights that are proportions.


def test_what_the_docstrings_say_of_weights_that_add_to_one():
    X, y = make_friedman1(500, random_state=0)
    options = {"solver": "lbfgs", "random_state": 0, "hidden_layer_sizes": (100,)}
    model = NumpyMLPRegressor(alpha=1, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert model.fit(X, y).score(X, y) > 0.985
        assert model.fit(X, y, np.full(500, 1 / 500)).score(X, y) < 0.005
        # It is the penalty of alpha=500 with weights of 1.
        same = NumpyMLPRegressor(alpha=500, **options).fit(X, y)
    np.testing.assert_allclose(model.predict(X), same.predict(X), rtol=1e-3)
    for estimator in (NumpyMLPRegressor, NumpyMLPClassifier):
        assert "like a table of one row" in " ".join(inspect.getdoc(estimator).split())
        assert "which add to 1" in " ".join(inspect.getdoc(estimator.fit).split())


def test_what_the_classifiers_docstring_says_of_weights_that_add_to_one():
    def most(weight):
        model = NumpyMLPClassifier(alpha=1, max_iter=200, early_stopping=False, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(X_iris, y_iris, weight).predict_proba(X_iris).max()

    assert most(None) > 0.95
    assert most(np.full(150, 1 / 150)) < 0.5
