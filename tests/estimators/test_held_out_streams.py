"""partial_fit with early_stopping=True: rows held out by their content, and the end of a stream."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.metrics import log_loss, mean_squared_error

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.fitting import held_out as module
from sknumpynet.rows import row_hashes

N = 2000
rng = np.random.default_rng(0)
X = rng.normal(size=(N, 4))
Y = np.sin(X[:, 0]) + X[:, 1] * X[:, 2] + 0.3 * rng.normal(size=N)
CLASSES = np.where(Y > 0, "yes", "no")
OPTIONS = {"hidden_layer_sizes": (16,), "random_state": 0, "early_stopping": True}


def parts(*arrays, size=500):
    for start in range(0, len(arrays[0]), size):
        yield [array[start : start + size] for array in arrays]


def through(model, X, y, n_epochs=1, **options):
    for _ in range(n_epochs):
        for part, its_y in parts(X, y):
            model.partial_fit(part, its_y, **options)
            if model.converged_:
                return model
    return model


def held_out_rows(model):
    return model._found.first.held_out


def spy_on(model):
    """All rows that the model is trained on."""
    seen = []
    model.set_callbacks()
    objective = type(model)._find

    def find(self, *passed, **course):
        from sknumpynet.training import Objective

        class Spy(Objective):
            def __call__(self, theta, batch):
                seen.append(np.array(batch.x))
                return super().__call__(theta, batch)

        return objective(self, *passed, new_objective=Spy, **course)

    model._find = find.__get__(model)
    return seen


def test_what_is_held_out_is_never_trained_on():
    options = OPTIONS | {"feature_scaling": None, "dtype": "float64"}
    models = [NumpyMLPRegressor(**options) for _ in range(2)]
    for seed, model in enumerate(models):
        seen = spy_on(model)
        order = np.random.default_rng(seed).permutation(N)
        # In another order and in other parts, and some rows many times.
        for where in np.array_split(np.r_[order, order[:300]], 3 + seed):
            model.partial_fit(X[where], Y[where])
        trained = {row.tobytes() for row in np.concatenate(seen)}
        validated = {row.tobytes() for row in held_out_rows(model).X}
        assert not trained & validated
        assert trained | validated == {row.tobytes() for row in X}
        assert 0.07 < len(validated) / N < 0.13
    assert_array_equal(held_out_rows(models[0]).X, held_out_rows(models[1]).X)
    assert_array_equal(held_out_rows(models[0]).y, held_out_rows(models[1]).y)


def test_the_share_is_validation_fraction():
    hashes = row_hashes(X, np.arange(N))
    for fraction in (0.05, 0.5):
        model = through(NumpyMLPRegressor(**OPTIONS, validation_fraction=fraction), X, Y)
        assert len(held_out_rows(model).hashes) == (hashes < fraction * 2.0**64).sum()


def test_losses_are_those_of_the_rows_held_out():
    model = through(NumpyMLPRegressor(**OPTIONS, target_scaling=False), X, Y, 2)
    rows = held_out_rows(model)
    expected = mean_squared_error(rows.y, model.predict(rows.X)) / 2
    assert model.history_["validation_loss"][-1] == pytest.approx(expected, rel=1e-5)
    assert model.validation_scores_ == [-v for v in model.history_["validation_loss"]]
    assert model.report_.models[0].n_held_out == len(rows.hashes)
    model = through(NumpyMLPClassifier(**OPTIONS), X, CLASSES, 2, classes=["no", "yes"])
    rows = held_out_rows(model)
    expected = log_loss(rows.y, model.predict_proba(rows.X))
    assert model.history_["validation_loss"][-1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("scoring", ["loss", "r2"])
def test_a_stream_says_when_it_stops_learning(scoring):
    options = OPTIONS | {"scoring": scoring, "learning_rate_init": 0.01, "tol": 0}
    model = through(NumpyMLPRegressor(**options, n_iter_no_change=12), X, Y, 200)
    assert model.converged_
    last = model.history_["epoch"][-1]
    scores = np.array(model.history_["score"])
    # The first calls are judged on fewer rows: they cannot be the best here.
    assert model.best_iteration_ == np.argmax(scores[4:]) + 5
    assert last - model.best_iteration_ >= 12
    assert model.best_validation_score_ == pytest.approx(scores.max(), rel=1e-6)
    # The weights are those of the best call.
    rows = held_out_rows(model)
    assert_array_equal(model.network_.theta, rows.best)
    if scoring == "r2":
        assert model.score(rows.X, rows.y) == pytest.approx(scores.max(), rel=1e-6)
    fitted = clone(model).set_params(max_iter=200).fit(X, Y)
    assert fitted.converged_
    test = rng.normal(size=(1000, 4))
    target = np.sin(test[:, 0]) + test[:, 1] * test[:, 2]
    assert model.score(test, target) > fitted.score(test, target) - 0.05
    assert "none of the" in str(model.report_)
    # It may go on.
    before = model.best_iteration_
    model.partial_fit(X, Y)
    assert not model.converged_
    assert model.history_["epoch"][-1] == last + 1 > before


def test_without_asking_nothing_is_held_out():
    plain, auto, never = (
        through(NumpyMLPRegressor(**OPTIONS | {"early_stopping": value}), X, Y, 3)
        for value in ("auto", "auto", False)
    )
    assert held_out_rows(auto) is None
    assert not auto.converged_
    assert auto.validation_scores_ is None
    assert np.isnan(auto.history_["validation_loss"]).all()
    assert_array_equal(plain.network_.theta, never.network_.theta)


def test_the_number_of_rows_kept_is_limited(monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 50)
    monkeypatch.setattr("sknumpynet.fitting.stream.MOST_KEPT", 50)
    order = rng.permutation(N)
    first, second = (
        through(NumpyMLPRegressor(**OPTIONS), X[index], Y[index], 2)
        for index in (np.arange(N), order)
    )
    assert len(held_out_rows(first).hashes) == 50
    assert_array_equal(held_out_rows(first).X, held_out_rows(second).X)
    # Only those are validated on, and no other of those held out is trained on.
    assert first.t_ == 2 * (N - (row_hashes(X, np.arange(N)) < 0.1 * 2.0**64).sum())


def test_a_pickle_goes_on_with_the_same_bits():
    options = OPTIONS | {"n_iter_no_change": 3, "learning_rate_init": 0.02}
    whole = through(NumpyMLPRegressor(**options), X, Y, 20)
    model = NumpyMLPRegressor(**options)
    for _ in range(20):
        for part, y in parts(X, Y):
            if not (hasattr(model, "network_") and model.converged_):
                model = pickle.loads(pickle.dumps(model)).partial_fit(part, y)
    assert whole.converged_
    assert_array_equal(model.network_.theta, whole.network_.theta)
    assert model.history_["validation_loss"] == whole.history_["validation_loss"]


def test_frames_and_columns_that_are_left_out():
    """Rows are told by the same columns before and after one is left out."""
    frame = pd.DataFrame(X, columns=[*"abcd"]).assign(
        c=np.where(X[:, 2] > 0, "up", "down"), id=[f"id{i}" for i in range(N)]
    )
    model = NumpyMLPRegressor(**OPTIONS)
    with pytest.warns(UserWarning, match="Left out of X: 'id'"):
        model.partial_fit(frame, Y)
    n = len(held_out_rows(model).hashes)
    model.partial_fit(frame, Y)
    assert len(held_out_rows(model).hashes) == n
    model.predict(frame)


def test_sparse_rows_weights_and_several_outputs():
    sparse, weight = sp.csr_matrix(np.where(np.abs(X) > 1, X, 0)), rng.integers(0, 3, N)
    model = NumpyMLPRegressor(**OPTIONS)
    y = np.column_stack([Y, -Y])
    for part, its_y, w in parts(sparse.toarray(), y, weight):
        model.partial_fit(sp.csr_matrix(part), its_y, w)
    rows = held_out_rows(model)
    assert sp.issparse(rows.X)
    assert rows.X.shape[0] == len(rows.y) == len(rows.weight)
    assert set(rows.weight) == {1, 2}
    assert np.isfinite(model.history_["validation_loss"]).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_of_bags_that_go_on():
    model = TabularMLPRegressor((8,), random_state=0, n_bags=2, max_iter=2, early_stopping=True)
    model.fit(X, Y)
    through(model, X, Y, 3)
    assert [found.held_out is not None for found in model._found.founds] == [True, True]
    assert np.isfinite(model.history_["validation_loss"]).all()


def test_parts_of_few_rows():
    hashes = row_hashes(X, np.arange(N))
    is_out = hashes < 0.1 * 2.0**64
    out, kept = X[is_out][:1], X[~is_out]
    model = NumpyMLPRegressor(**OPTIONS)
    with pytest.raises(ValueError, match=r"needs rows to train on: all 1 of X are held out"):
        model.partial_fit(out, [0.0])
    assert not hasattr(model, "network_")
    model.partial_fit(kept[:100], Y[:100])
    before = model.network_.theta.copy()
    model.partial_fit(out, [0.0])
    assert_array_equal(model.network_.theta, before)
    assert len(held_out_rows(model).hashes) == 1
    model.partial_fit(kept[:100], Y[:100])
    assert np.isnan(model.history_["validation_loss"]).all()
    model.partial_fit(X[is_out][1:30], Y[is_out][1:30])
    model.partial_fit(kept[:100], Y[:100])
    assert np.isfinite(model.history_["validation_loss"][-1])


def test_a_scorer_of_rows_is_refused():
    model = NumpyMLPRegressor(**OPTIONS, scoring=lambda estimator, X, y: 0.0)
    with pytest.raises(ValueError, match="early_stopping=True holds rows of a stream out as"):
        model.partial_fit(X, Y)


def test_calibration_is_told():
    model = NumpyMLPClassifier(**OPTIONS, calibrate=True)
    with pytest.warns(UserWarning, match="calibrate=True does nothing"):
        model.partial_fit(X, CLASSES, classes=["no", "yes"])
