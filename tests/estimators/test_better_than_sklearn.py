"""Where scikit-learn's MLP is wrong: one test a point, each of which its behaviour would fail."""

import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes, load_digits, make_classification, make_regression
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor

from catalogue import FIRST_ORDER, SOLVERS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.inspection import check_gradient
from sknumpynet.losses import SquaredError
from sknumpynet.network import Architecture, Network, build_layers
from sknumpynet.training import Batch, Objective

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

#: Trains on every row given, as scikit-learn does by default.
#: First-order solvers that scikit-learn has, too.
OF_SKLEARN = ("sgd", "adam")
ALL_ROWS = {"early_stopping": False, "n_iter_no_change": 10}
#: As long as the rows are no more, all of them make one batch.
ONE_BATCH = {"batch_size": 1000}


def blobs(n=200, seed=0, **options):
    return make_classification(n, 8, n_informative=6, random_state=seed, **options)


def test_multi_output_gradient_belongs_to_the_loss():
    # scikit-learn's gradient is n_outputs times that of its loss.
    rng = np.random.default_rng(0)
    network = Network.initialized(build_layers(Architecture(4, [6], ["tanh"], 3)), "float64", rng)
    objective = Objective(network, SquaredError(), penalty=0.1, max_batch=20)
    batch = Batch(rng.standard_normal((20, 4)), rng.standard_normal((20, 3)))
    check = check_gradient(lambda theta: objective(theta, batch), network.theta.copy())
    assert check.error < 1e-6


def test_lbfgs_agrees_with_adam_on_several_outputs():
    X, Y = make_regression(100, 4, n_targets=3, noise=1.0, random_state=0)
    options = {"hidden_layer_sizes": (), "alpha": 30.0, "dtype": "float64", "tol": 1e-12}
    options |= ALL_ROWS | ONE_BATCH | {"random_state": 0}
    a = NumpyMLPRegressor(solver="lbfgs", **options).fit(X, Y)
    options |= {"solver": "adam", "learning_rate_init": 0.01, "max_iter": 5000}
    b = NumpyMLPRegressor(**options).fit(X, Y)
    assert_allclose(a.coefs_[0], b.coefs_[0], atol=1e-4)
    assert a.loss_ == pytest.approx(b.loss_, abs=1e-6)


def test_early_stopping_split_is_stratified_for_three_classes():
    # In scikit-learn it is not: n_outputs_ is 3 then.
    X, y = blobs(400, n_classes=3, weights=[0.9, 0.07, 0.03])
    seen = []

    def remember(estimator, X_val, y_val):
        seen.append(y_val)
        return 0.0

    for seed in range(10):
        NumpyMLPClassifier(
            (5,), early_stopping=True, scoring=remember, max_iter=1, random_state=seed
        ).fit(X, y)
    for y_val in seen:
        counts = np.bincount(y_val, minlength=3)
        assert_allclose(counts, np.bincount(y) * 0.1, atol=1.01)


def test_early_stopping_survives_a_class_with_one_row():
    X, y = blobs(60)
    y[:] = 0
    y[7] = 1
    with pytest.raises(ValueError, match="least populated"):
        MLPClassifier(early_stopping=True).fit(X, y)
    held_out = []

    def remember(estimator, X_val, y_val):
        held_out.extend(y_val)
        return 0.0

    for seed in range(20):
        model = NumpyMLPClassifier((5,), early_stopping=True, scoring=remember, random_state=seed)
        model.set_params(max_iter=1).fit(X, y)
    # The row is there to learn from.
    assert held_out
    assert 1 not in held_out
    assert_array_equal(model.classes_, [0, 1])


@pytest.mark.parametrize("solver", SOLVERS)
def test_batches_of_weight_zero(solver):
    # scikit-learn divides by the sum of a batch's weights.
    X, y = make_regression(100, 3, random_state=0)
    w = np.zeros(100)
    w[:5] = 1.0
    options = {"solver": solver, "batch_size": 10, "shuffle": False, "random_state": 0}
    model = NumpyMLPRegressor((20,), **options).fit(X, y, w)
    assert np.isfinite(model.predict(X)).all()
    # Rows of weight 0 are as good as absent.
    alone = NumpyMLPRegressor((20,), **options).fit(X[:5], y[:5])
    assert_array_equal(alone.predict(X), model.predict(X))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_row_of_weight_two_is_that_row_twice(solver, early_stopping):
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:80], y[:80]
    w = np.random.default_rng(0).integers(0, 4, 80)
    # To the last bit where all rows make one batch.
    options = {"solver": solver, "early_stopping": early_stopping, "alpha": 1.0, "random_state": 0}
    options |= ONE_BATCH | {"hidden_layer_sizes": (20, 10), "max_iter": 30}
    weighted = NumpyMLPRegressor(**options).fit(X, y, w)
    repeated = NumpyMLPRegressor(**options).fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    assert_array_equal(weighted.network_.theta, repeated.network_.theta)


def test_weights_are_normalised_over_the_data_set():
    # One epoch of SGD on batches of 1: a row of weight 3 moves three times as far as one of weight
    # 1.
    X = np.ones((4, 1))
    y = np.array([1.0, 0.0, 0.0, 0.0])
    options = {
        "hidden_layer_sizes": (),
        "solver": "sgd",
        "momentum": 0.0,
        "learning_rate_init": 1e-3,
        "batch_size": 1,
        "shuffle": False,
        "max_iter": 1,
        "alpha": 0.0,
        "dtype": "float64",
        "feature_scaling": None,
        "target_scaling": False,
        "random_state": 0,
    }
    w = np.array([3.0, 1.0, 1.0, 1.0])
    by_weight = NumpyMLPRegressor(**options).fit(X, y, w).loss_
    by_rows = NumpyMLPRegressor(**options).fit(X[[0, 0, 0, 1, 2, 3]], y[[0, 0, 0, 1, 2, 3]]).loss_
    assert by_weight == pytest.approx(by_rows, rel=1e-2)


def test_negative_weights_are_refused():
    X, y = blobs(20)
    w = np.ones(20)
    w[3] = -0.5
    with pytest.raises(ValueError, match=r"sample_weight must be >= 0. Got -0.5 for row 3"):
        NumpyMLPClassifier().fit(X, y, w)


def test_early_stopping_watches_the_loss_and_gives_back_the_best_epoch():
    X, y = blobs(300, flip_y=0.3)
    model = NumpyMLPClassifier(
        (100,), early_stopping=True, learning_rate_init=0.02, n_iter_no_change=20, random_state=0
    ).fit(X, y)
    losses = np.array(model.history_["validation_loss"])
    assert_allclose(model.validation_scores_, -losses)
    assert model.best_validation_score_ == -losses.min()
    assert losses.argmin() < len(losses) - 1, "the last epoch was the best: the test shows nothing"
    again = NumpyMLPClassifier(
        (100,),
        learning_rate_init=0.02,
        early_stopping=True,
        n_iter_no_change=np.inf,
        max_iter=int(losses.argmin()) + 1,
        random_state=0,
    ).fit(X, y)
    assert_array_equal(again.network_.theta, model.network_.theta)


@pytest.mark.parametrize("patience", [1, 2, 7])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_patience_is_exact(patience, early_stopping):
    X, y = blobs(100)
    model = NumpyMLPClassifier(
        (20,), tol=1e9, n_iter_no_change=patience, early_stopping=early_stopping, random_state=0
    ).fit(X, y)
    # Nothing ever improves by 1e9 times the loss, except the first epoch on no epoch at all.
    assert model.n_iter_ == 1 + patience
    peer = MLPClassifier(tol=1e9, n_iter_no_change=patience, random_state=0).fit(X, y)
    assert peer.n_iter_ != model.n_iter_


def test_tol_is_relative_to_the_scale_of_the_loss():
    X, y = make_regression(200, 5, noise=5.0, random_state=0)
    options = {"tol": 1e-3, "learning_rate_init": 0.01, "max_iter": 2000, "random_state": 0}
    options |= ALL_ROWS | {"batch_size": 200}
    epochs = [NumpyMLPRegressor((), **options).fit(X, y * unit).n_iter_ for unit in (1e-3, 1, 1e3)]
    assert len(set(epochs)) == 1
    assert epochs[0] < 2000
    peers = [
        MLPRegressor(hidden_layer_sizes=(1,), **options).fit(X, y * unit).n_iter_
        for unit in (1e-3, 1e3)
    ]
    assert 5 * peers[0] < peers[1]


def test_tol_scales_with_unscaled_targets():
    # Full-batch gradient descent is linear in y: in another unit of y it takes the same epochs.
    X, y = make_regression(150, 5, noise=5.0, random_state=0)
    epochs = []
    for unit in (1e-2, 1.0, 1e2):
        model = NumpyMLPRegressor(
            (),
            solver="sgd",
            momentum=0.0,
            learning_rate_init=0.05,
            target_scaling=False,
            alpha=0.0,
            tol=1e-4,
            max_iter=3000,
            dtype="float64",
            random_state=0,
            **ALL_ROWS,
            **ONE_BATCH,
        )
        epochs.append(model.fit(X, y * unit).n_iter_)
    assert max(epochs) < 3000
    assert max(epochs) - min(epochs) <= 0.1 * max(epochs)


def test_alpha_means_the_same_at_every_batch_size_and_solver():
    X, y = load_diabetes(return_X_y=True)
    options = {"hidden_layer_sizes": (), "alpha": 300.0, "random_state": 0, "dtype": "float64"}
    options |= ALL_ROWS
    norms = []
    for solver, batch_size, rate in [("lbfgs", 1, 1), ("adam", 442, 1e-2), ("adam", 34, 1e-3)]:
        model = NumpyMLPRegressor(
            solver=solver, batch_size=batch_size, learning_rate_init=rate, max_iter=2000, **options
        )
        norms.append(np.linalg.norm(model.set_params(tol=1e-7).fit(X, y).coefs_[0]))
    assert_allclose(norms, norms[0], rtol=0.03)


def test_partial_fit_draws_a_new_order_each_call():
    X, y = make_regression(60, 3, random_state=0)
    options = {"batch_size": 1, "random_state": 0, "learning_rate_init": 0.01} | ALL_ROWS
    options["hidden_layer_sizes"] = (20,)
    model = NumpyMLPRegressor(**options).partial_fit(X, y).partial_fit(X, y)
    two_epochs = NumpyMLPRegressor(max_iter=2, **options).fit(X, y)
    # The second call continues the stream of orders; scikit-learn repeats the first.
    assert_array_equal(model.network_.theta, two_epochs.network_.theta)


def test_partial_fit_history_stays_bounded():
    X, y = make_regression(4, 2, random_state=0)
    model = NumpyMLPRegressor(3, random_state=0)
    for _ in range(1005):
        model.partial_fit(X, y)
    assert {len(column) for column in model.history_.values()} == {1000}
    assert model.history_["epoch"][-1] == 1005


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_warm_start_keeps_moments_and_goes_on(solver):
    X, y = make_regression(100, 3, random_state=0)
    options = {"solver": solver, "random_state": 0, "batch_size": 20, "hidden_layer_sizes": (20,)}
    options |= ALL_ROWS | {"n_iter_no_change": np.inf}
    model = NumpyMLPRegressor(max_iter=5, warm_start=True, **options).fit(X, y)
    model.set_params(max_iter=7).fit(X, y)
    at_once = NumpyMLPRegressor(max_iter=12, **options).fit(X, y)
    assert_array_equal(model.network_.theta, at_once.network_.theta)
    assert model.loss_curve_ == at_once.loss_curve_
    assert model.t_ == at_once.t_ == 1200
    assert model.n_iter_ == 7


def test_warm_start_keeps_the_validation_rows():
    X, y = blobs(200)
    rows = []

    def remember(estimator, X_val, y_val):
        rows.append(X_val)
        target = estimator._model.target
        return -estimator._model.loss.value(
            estimator._raw_scores(X_val),
            target.encode(target.codes(np.asarray(y_val)), np.dtype("float32")),
            None,
        )

    model = NumpyMLPClassifier(
        (20,), early_stopping=True, scoring=remember, warm_start=True, max_iter=3, random_state=0
    )
    model.fit(X, y).fit(X, y)
    for X_val in rows[1:]:
        assert_array_equal(X_val, rows[0])


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_divergence_stops_at_once_with_finite_weights(solver):
    X, y = make_regression(300, 5, random_state=0)
    model = NumpyMLPRegressor(
        solver=solver, learning_rate_init=1e12, batch_size=50, feature_scaling=None, random_state=0
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    assert [w.category for w in caught] == [ConvergenceWarning]
    message = str(caught[0].message)
    assert "diverged in epoch" in message
    assert "Lower learning_rate_init (it is 1e+12)" in message
    assert model.n_iter_ < 20
    assert all(np.isfinite(W).all() for W in model.coefs_)
    assert np.isfinite(model.predict(X)).all()
    if solver not in OF_SKLEARN:
        return
    peer = MLPRegressor(solver=solver, learning_rate_init=1e12, batch_size=50, random_state=0)
    with pytest.raises(ValueError, match="non-finite"), np.errstate(all="ignore"):
        peer.fit(X.astype(np.float32), y.astype(np.float32))


def test_lbfgs_stays_in_float32_and_has_a_curve(capsys):
    X, y = load_diabetes(return_X_y=True)
    model = NumpyMLPRegressor(
        (100,), solver="lbfgs", max_iter=20, verbose=5, alpha=1.0, random_state=0
    ).fit(X, y)
    assert all(W.dtype == np.float32 for W in model.coefs_)
    assert len(model.loss_curve_) == model.n_iter_ == 20
    assert (np.diff(model.loss_curve_) < 0).all()
    printed = [line for line in capsys.readouterr().out.splitlines() if "Iteration" in line]
    assert [int(line.split()[1].split("/")[0]) for line in printed] == [1, 5, 10, 15, 20]
    peer = MLPRegressor(solver="lbfgs", early_stopping=True, max_iter=20, random_state=0).fit(X, y)
    assert not hasattr(peer, "loss_curve_")
    assert not hasattr(peer, "validation_scores_")


def test_a_single_class_gives_one_probability_column():
    X, _ = blobs(30)
    model = NumpyMLPClassifier((20,), random_state=0).fit(X, np.full(30, "only"))
    assert_array_equal(model.predict(X), np.full(30, "only"))
    assert_array_equal(model.predict_proba(X), np.ones((30, 1)))
    assert_array_equal(model.predict_log_proba(X), np.zeros((30, 1)))
    assert model.score(X, np.full(30, "only")) == 1.0


def test_poisson_refuses_negative_targets():
    X, y = make_regression(20, 2, random_state=0)
    y = np.abs(y)
    y[4] = -2.5
    with pytest.raises(ValueError, match=r"loss='poisson' takes y >= 0. Got y with the value -2.5"):
        NumpyMLPRegressor(loss="poisson").fit(X, y)


def test_changed_layers_under_warm_start_are_a_clear_error():
    X, y = make_regression(30, 2, random_state=0)
    model = NumpyMLPRegressor((5,), warm_start=True, max_iter=2, random_state=0).fit(X, y)
    before = model.network_.theta.copy()
    model.set_params(hidden_layer_sizes=(6,))
    with pytest.raises(ValueError, match=r"hidden_layer_sizes was \(5,\) and not \(6,\)"):
        model.fit(X, y)
    assert_array_equal(model.network_.theta, before)


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_pickle_is_about_the_size_of_the_weights(solver):
    X, y = load_digits(return_X_y=True)
    options = {"solver": solver, "max_iter": 2, "random_state": 0, "numeric_embedding": None}
    model = NumpyMLPClassifier((256, 256), **options).fit(X, y)
    weights = model.network_.theta.nbytes
    assert len(pickle.dumps(model)) < 1.05 * weights + 20_000
    if solver in OF_SKLEARN:
        peer = MLPClassifier((256, 256), solver=solver, max_iter=2, random_state=0)
        assert len(pickle.dumps(peer.fit(X.astype(np.float32), y))) > 1.9 * weights
    # Where training goes on, the moments stay.
    model.partial_fit(X, y)
    assert len(pickle.dumps(model)) > 1.9 * weights


def test_log_loss_is_not_clipped():
    # One row far on the wrong side: scikit-learn's loss stops at -log(eps).
    X = np.array([[1000.0], [-1000.0]])
    model = NumpyMLPClassifier((), feature_scaling=None, dtype="float64", max_iter=1)
    model.fit(X, [0, 1])
    model.coefs_ = [[[1.0]]]
    model.intercepts_ = [[0.0]]
    raw = model._raw_scores(X)
    target = model._model.target
    y = target.encode(target.codes(np.array([0, 1])), np.dtype("float64"))
    loss = model._model.loss.value(raw, y, None)
    assert loss == pytest.approx(1000.0)
    assert model.predict_log_proba(X)[0, 0] < -700


@pytest.mark.parametrize("options", [{"hidden_layer_sizes": (100,), **ALL_ROWS}, {}])
def test_raw_units_do_not_matter(options):
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = NumpyMLPRegressor(random_state=0, **options)
    ours = model.fit(X_train, y_train).score(X_test, y_test)
    shifted = X * np.logspace(-3, 3, X.shape[1]) + 1e4
    a, b = train_test_split(shifted, random_state=0)
    moved = model.fit(a, y_train).score(b, y_test)
    assert moved == pytest.approx(ours, abs=0.02)
    assert MLPRegressor(random_state=0).fit(a, y_train).score(b, y_test) < 0
