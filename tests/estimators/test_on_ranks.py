"""Fits on several ranks are those of one on the same rows: what is learned of rows, and steps."""

import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning

from on_ranks import call_on_ranks, parts_of
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.callbacks import Checkpoint, EarlyStop
from sknumpynet.checkpoints import CheckpointError
from sknumpynet.encoding import TableEncoder
from sknumpynet.estimators import of_ranks
from sknumpynet.estimators.of_ranks import fit_on_rank
from sknumpynet.fitting import train
from sknumpynet.optimizers import OPTIMIZERS
from sknumpynet.options import drawn_seeds
from sknumpynet.rows import Rows
from sknumpynet.training import Batch, BatchesOfRank, CollectiveError, Objective

#: L-BFGS makes 10 times as much of a rounding error every 8 iterations or so.
LBFGS = {
    "solver": "lbfgs", "dtype": "float64", "alpha": 1.0, "tol": 1e-3, "max_iter": 15,
    "random_state": 0,
}  # fmt: skip


def numbers(n=240):
    """Numbers of all kinds: two values, one value, missing, large and small."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 7))
    X[:, 1] = X[:, 1] > 0.5
    X[:, 2] = 3.0
    X[rng.random(n) < 0.2, 3] = np.nan
    X[:, 4] = 1e9 + X[:, 4]
    X[:, 5] = np.round(2.0 * X[:, 5])
    # Rows of the first rank have but one value of the last two, and none of the next.
    X[: n // 3, 6] = 1.0
    X[: n // 3, 1] = 0.0
    X[: n // 3, 3] = np.nan
    return X


def frame(n=240):
    """Columns of all kinds."""
    rng = np.random.default_rng(1)
    X = numbers(n)
    days = np.datetime64("2024-01-01") + rng.integers(0, 500, n).astype("m8[D]")
    return pd.DataFrame(
        {
            "number": X[:, 0],
            "missing": X[:, 3],
            "city": rng.choice(["Oslo", "Rome", "Bonn", "Nice"], n),
            "spelled": [f"{v:.2f}" for v in X[:, 0] * 3],
            "yes": np.where(rng.random(n) < 0.3, "yes", "no"),
            "kind": pd.Categorical(rng.choice(["a", "b", "c"], n), categories=["c", "b", "a", "z"]),
            "many": [f"level {i % 40}" for i in range(n)],
            "day": days.astype("M8[ns]"),
            "flag": rng.random(n) < 0.5,
            "text": [
                f"{w} about {v}" for w, v in zip(
                    np.array(["a long talk", "one short note"])[(X[:, 0] > 0).astype(int)],
                    rng.permutation(n), strict=True)
            ],
        }
    )  # fmt: skip


def targets(X, n_outputs=1):
    x = np.nan_to_num(np.asarray(X)[:, 0])
    y = np.sin(2.0 * x) + 0.3 * np.random.default_rng(2).normal(size=len(x))
    return y if n_outputs == 1 else np.column_stack([y, x * y])


def take(X, rows):
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def on_ranks(make, X, y, parts, weight=None, validation=(None, None, None), timeout=60.0):
    """The estimators of all ranks, or what they raised."""

    def call(ranks):
        rows = parts[ranks.rank]
        own = None if weight is None else weight[rows]
        here = validation[ranks.rank] if isinstance(validation, list) else validation
        return fit_on_rank(make(), ranks, take(X, rows), y[rows], own, here)

    found = call_on_ranks(call, len(parts), timeout)
    errors = [one for one in found if isinstance(one, Exception)]
    own = [one for one in errors if not isinstance(one, CollectiveError)]
    if errors:
        raise (own or errors)[0]
    first = found[0].network_.theta
    for other in found[1:]:
        np.testing.assert_array_equal(other.network_.theta, first)
    return found


def local_fit(model, *args, **others):
    with warnings.catch_warnings():
        # Few iterations.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(*args, **others)


def encoded(model, X):
    """What the network is given."""
    found = model._models[0].encoder
    table = model._table(X)
    if sp.issparse(table):
        matrix, shift = found.encode_sparse(table, np.dtype(np.float64))
        return matrix.toarray() + (0.0 if shift is None else shift)
    return found.encode(table, np.empty((len(table), found.n_columns)))


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("how", ["in order", "dealt"])
def test_lbfgs_finds_the_model_of_a_local_fit(size, how):
    X = numbers()
    y = targets(X)

    def make():
        return NumpyMLPRegressor((8,), **LBFGS)

    local = local_fit(make(), X, y)
    parts = parts_of(len(y), size, np.random.default_rng(3) if how == "dealt" else None)
    found = on_ranks(make, X, y, parts)
    np.testing.assert_allclose(found[0].predict(X), local.predict(X), rtol=0, atol=1e-10)
    np.testing.assert_allclose(found[0].loss_, local.loss_, rtol=1e-12)
    assert found[0].t_ == pytest.approx(found[0].n_iter_ * len(y))


@pytest.mark.parametrize("size", [2, 3])
def test_with_weights_two_targets_and_few_rows(size):
    X, rng = numbers(), np.random.default_rng(5)
    y, weight = targets(X, 2), rng.integers(0, 3, len(X)).astype(float)
    # A rank all of whose rows count nothing, and one of a single row.
    parts = [np.arange(1), np.arange(1, 200), np.arange(200, 240)][-size:]
    weight[200:] = 0.0
    rows = np.concatenate(parts)

    def make():
        return NumpyMLPRegressor((6,), **LBFGS)

    local = local_fit(make(), X[rows], y[rows], weight[rows])
    found = on_ranks(make, X, y, parts, weight)
    np.testing.assert_allclose(found[0].predict(X), local.predict(X), rtol=0, atol=1e-10)


@pytest.mark.parametrize("weight", [None, "balanced", {"a": 2.0, "b": 1.0, "c": 0.5}])
def test_classes_that_some_ranks_lack(weight):
    X = numbers()
    y = np.array(["a", "b", "c"])[np.digitize(targets(X), [-0.5, 0.6])]
    order = np.argsort(y, kind="stable")
    parts = np.array_split(order, 3)

    def make():
        return NumpyMLPClassifier((6,), class_weight=weight, **LBFGS)

    local = local_fit(make(), X, y)
    for one in on_ranks(make, X, y, parts):
        assert one.classes_.tolist() == ["a", "b", "c"]
        np.testing.assert_allclose(one.predict_proba(X), local.predict_proba(X), atol=1e-10)


def test_class_weight_makes_no_level_frequent_on_ranks():
    y = np.arange(240) % 20 == 0
    X = pd.DataFrame({"c": [f"c{i % 100}" if i < 150 else f"d{i}" for i in range(240)]})
    X["x"] = np.arange(240) % 7

    def make():
        return NumpyMLPClassifier((4,), class_weight="balanced", **LBFGS)

    local = local_fit(make(), X, y)
    # The other ranks have no row of the rare class.
    found = on_ranks(make, X, y, [np.flatnonzero(y), *np.array_split(np.flatnonzero(~y), 2)])[0]
    assert found.encoded_feature_names_ == local.encoded_feature_names_
    assert found.report_.columns[0].pooled_levels == local.report_.columns[0].pooled_levels == 140


def test_labels_of_several_columns_and_objects():
    X = numbers()
    noise = np.random.default_rng(7).normal(size=(len(X), 2))
    y = (np.nan_to_num(X[:, [0, 3]]) + noise > 0).astype(int)

    def make():
        return NumpyMLPClassifier((4,), class_weight="balanced", **LBFGS)

    local = local_fit(make(), X, y)
    found = on_ranks(make, X, y, parts_of(len(X), 2))[0]
    np.testing.assert_allclose(found.predict_proba(X), local.predict_proba(X), atol=1e-10)
    as_objects = np.array([f"{a}" if b else "none" for a, b in y], dtype=object)
    local = local_fit(make(), X, as_objects)
    found = on_ranks(make, X, as_objects, parts_of(len(X), 3))[0]
    assert found.classes_.tolist() == local.classes_.tolist()
    np.testing.assert_allclose(found.predict_proba(X), local.predict_proba(X), atol=1e-10)


@pytest.mark.parametrize("scaling", [None, "standard", "robust", "quantile"])
@pytest.mark.parametrize("kind", ["array", "frame", "sparse"])
def test_columns_become_what_they_become_locally(kind, scaling):
    X = {"array": numbers, "frame": frame, "sparse": numbers}[kind]()
    y = targets(numbers())
    if kind == "sparse":
        # A full column of such numbers would lose digits.
        X = np.nan_to_num(X) - 1e9 * (np.arange(7) == 4)
        X = sp.csr_matrix(np.where(np.abs(X) > 0.8, X, 0.0))

    def make():
        return NumpyMLPRegressor(
            (3,), feature_scaling=scaling, max_one_hot=5, solver="lbfgs", dtype="float64",
            max_iter=1, random_state=0,
        )  # fmt: skip

    local = local_fit(make(), X, y)
    for one in on_ranks(make, X, y, parts_of(len(y), 3)):
        assert one.encoded_feature_names_ == local.encoded_feature_names_
        np.testing.assert_allclose(encoded(one, X), encoded(local, X), rtol=1e-12, atol=1e-12)
        assert str(one.report_.as_frame()) == str(local.report_.as_frame())


def test_a_large_table_is_measured_by_few_numbers_of_each_rank(monkeypatch):
    from sknumpynet.rows import of_ranks as rows_of_ranks

    X, y = numbers(3000), targets(numbers(3000))
    # A tenth of the rows at one value.
    X[::10, 0] = 0.25
    monkeypatch.setattr(rows_of_ranks, "EXACT", 1000)
    monkeypatch.setattr(rows_of_ranks, "GROUPS", 200)

    def make(loss="squared_error"):
        return NumpyMLPRegressor(
            (3,), loss=loss, feature_scaling="quantile", solver="lbfgs", dtype="float64",
            max_iter=1, random_state=0,
        )  # fmt: skip

    local = local_fit(make(), X, y)
    found = on_ranks(make, X, y, parts_of(len(y), 3))[0]
    a, b = encoded(found, X)[:, 0], encoded(local, X)[:, 0]
    from scipy.special import ndtr

    # Shares of the rows are right to one group and one knot.
    assert np.abs(ndtr(a) - ndtr(b)).max() < 1 / 200 + 1 / 100
    # Means are exact.
    start, wanted = (one.network_.layers for one in (found, local))
    assert start == wanted
    np.testing.assert_allclose(found.loss_curve_[0], local.loss_curve_[0], rtol=1e-3)


@pytest.mark.parametrize("Model", [TabularMLPClassifier, TabularMLPRegressor])
def test_ensembles_on_a_frame_learn(Model):
    X = frame(600)
    y = targets(numbers(600))
    y = y if Model is TabularMLPRegressor else y > 0

    def make():
        return Model(
            random_state=0, hidden_layer_sizes=(16, 16), n_members=4, max_iter=12, dropout=0.1,
            max_one_hot=5,
        )  # fmt: skip

    found = on_ranks(make, X, y, parts_of(len(y), 2))
    again = on_ranks(make, X, y, parts_of(len(y), 2))
    np.testing.assert_array_equal(found[0].network_.theta, again[0].network_.theta)
    assert found[0].score(X, y) > (0.5 if Model is TabularMLPRegressor else 0.8)
    assert found[0].validation_scores_ is not None
    assert "several machines" in str(found[0].report_)


def test_rows_held_out_do_not_depend_on_who_has_them():
    X, y = numbers(400), targets(numbers(400))
    y[7:9], X[7] = y[200], X[200]

    def make():
        return NumpyMLPRegressor(
            (4,), early_stopping=True, batch_size=1000, dtype="float64", max_iter=20,
            n_iter_no_change=np.inf, random_state=0,
        )  # fmt: skip

    one = on_ranks(make, X, y, parts_of(400, 1))[0]
    n = one._found.first.account.n_held_out
    assert 20 < n < 60
    for parts in (parts_of(400, 2), parts_of(400, 3, np.random.default_rng(0))):
        found = on_ranks(make, X, y, parts)[0]
        assert found._found.first.account.n_held_out == n
        np.testing.assert_allclose(
            found.history_["validation_loss"], one.history_["validation_loss"], rtol=1e-8
        )
        assert found.best_iteration_ == one.best_iteration_


def test_rows_to_validate_on_may_be_on_one_rank_alone():
    X, y = numbers(), targets(numbers())
    X_val, y_val = numbers(300)[240:], targets(numbers(300))[240:]

    def make():
        return NumpyMLPRegressor(
            (8,), batch_size=1000, dtype="float64", max_iter=40, random_state=0,
            early_stopping=True, learning_rate_init=0.03,
        )  # fmt: skip

    local = local_fit(make(), X, y, X_val=X_val, y_val=y_val)
    validation = [(None, None, None), (X_val, y_val, None)]
    found = on_ranks(make, X, y, parts_of(240, 2), validation=validation)[0]
    np.testing.assert_allclose(
        found.history_["validation_loss"], local.history_["validation_loss"], rtol=1e-8
    )
    assert found.best_iteration_ == local.best_iteration_


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"n_bags": 3}, "n_bags=3 is not supported on several machines. Set n_bags=1"),
        ({"normalization": "batch"}, "normalization='batch' is not .* Set normalization='layer'"),
        ({"scoring": "r2"}, "scoring='r2' is not .* Set scoring='loss'"),
        ({"splitter": [([0], [1])]}, "splitter=.* is not .* pass X_val and y_val"),
        ({"warm_start": True}, "warm_start=True is not"),
        ({"max_time": 3.0}, "max_time=3.0 is not .* Set max_iter"),
        ({"solver": "best"}, "solver of NumpyMLPRegressor must be one of"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(options, text):
    X, y = numbers(), targets(numbers())
    with pytest.raises(ValueError, match=text):
        on_ranks(lambda: NumpyMLPRegressor((2,), **options), X, y, parts_of(240, 2))


def test_callbacks_are_refused():
    X, y = numbers(), targets(numbers())

    def make():
        return NumpyMLPRegressor((2,)).set_callbacks(EarlyStop(lambda estimator: 0.0))

    with pytest.raises(ValueError, match="EarlyStop is not supported on several machines"):
        on_ranks(make, X, y, parts_of(240, 2))


def test_an_error_on_one_rank_is_an_error_on_all():
    X, y = numbers(), targets(numbers())
    X[150, 0] = np.inf

    def call(ranks):
        rows = parts_of(240, 3)[ranks.rank]
        return fit_on_rank(NumpyMLPRegressor((2,), random_state=0), ranks, X[rows], y[rows])

    found = call_on_ranks(call, 3)
    assert isinstance(found[1], ValueError)
    for rank in (0, 2):
        assert isinstance(found[rank], CollectiveError)
        assert "Rank 1 failed: ValueError: Input X contains infinity" in str(found[rank])


def test_columns_and_labels_have_to_be_the_same_everywhere():
    X, y = numbers(), targets(numbers())

    def columns(ranks):
        return fit_on_rank(NumpyMLPRegressor((2,)), ranks, X[:, : 3 + ranks.rank], y)

    assert "4 columns on rank 1" in str(call_on_ranks(columns, 2)[0])

    def labels(ranks):
        of_rank = (y > 0).astype(int) if ranks.rank else np.where(y > 0, "a", "b")
        return fit_on_rank(NumpyMLPClassifier((2,)), ranks, X, of_rank)

    assert "y is not the same kind of labels" in str(call_on_ranks(labels, 2)[0])

    def kinds(ranks):
        one = pd.DataFrame({"a": list("xyxy") if ranks.rank else [1.0, 2.0, 3.0, 5.0], "b": "q"})
        return fit_on_rank(NumpyMLPRegressor((2,)), ranks, one, np.arange(4.0))

    assert "'a' of X holds numbers on one rank and text on another" in str(
        call_on_ranks(kinds, 2)[0]
    )


class OfAllRanks:
    """The batches of all ranks, put together: what one process is given that has all rows."""

    def __init__(self, sizes, seed, X, encoder, dtype, batch_size, *, index, y, weight, **options):
        ends = np.cumsum([0, *sizes])
        self._generators = [np.random.default_rng(0) for _ in sizes]
        self._seed, self._epoch = seed, 0
        parts = [slice(a, b) for a, b in zip(ends, ends[1:], strict=False)]
        options.pop("shuffle")
        self._parts = [
            BatchesOfRank(
                sizes, rank, X, encoder, dtype, batch_size, index=index[where], y=y,
                weight=None if weight is None else weight[where], shuffle=generator, **options,
            )
            for rank, (where, generator) in enumerate(zip(parts, self._generators, strict=True))
        ]  # fmt: skip
        first = self._parts[0]
        self.n_rows, self.batch_size = first.n_rows, first.batch_size
        self.n_batches = first.n_batches
        self.largest = self.batch_size + len(sizes)

    def __iter__(self):
        self._epoch += 1
        for rank, generator in enumerate(self._generators):
            fresh = np.random.default_rng((self._seed, rank, self._epoch, 0))
            generator.bit_generator.state = fresh.bit_generator.state
        for batches in zip(*self._parts, strict=True):
            there = [batch for batch in batches if len(batch.x)]
            weights = [batch.weight for batch in there]
            yield Batch(
                np.concatenate([batch.x for batch in there]),
                np.concatenate([batch.y for batch in there]),
                None if weights[0] is None else np.concatenate(weights),
            )


def test_of_batches_of_many_rows_on_many_ranks_little_is_remembered():
    X = np.random.default_rng(0).normal(size=(12, 2)).astype(np.float32)
    encoder = TableEncoder(None).fit(X, Rows(np.arange(12), None))
    sizes = [12] + [10**7] * 999
    tracemalloc.start()
    batches = BatchesOfRank(sizes, 0, X, encoder, np.dtype(np.float32), 10**6)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e6
    n_rows, found = 0, []
    for batch in batches:
        n_rows += batch.n_rows
        found.append(batch.x.copy())
    assert n_rows == sum(sizes)
    assert max(map(len, found)) == batches.largest
    np.testing.assert_array_equal(np.concatenate(found), X)


@pytest.mark.parametrize("solver", sorted(set(OPTIMIZERS) - {"lbfgs"}))
@pytest.mark.parametrize("options", [{}, {"n_members": 3, "numeric_embedding": "cosine"}])
def test_steps_are_those_of_one_process_that_is_given_the_same_batches(
    solver, options, monkeypatch
):
    X, y = frame()[["number", "missing", "many", "city"]], targets(numbers())
    weight = np.random.default_rng(0).uniform(0.5, 2.0, len(y))
    # The second has fewer rows than an epoch has steps.
    sizes = [150, 5, 85]
    parts = np.split(np.arange(240), np.cumsum(sizes)[:-1])

    def make():
        return NumpyMLPRegressor(
            (6, 5), solver=solver, dtype="float64", batch_size=17, max_iter=4, random_state=0,
            max_one_hot=8, learning_rate_init=1e-3, early_stopping=False, alpha=0.1,
            ema_decay=None if solver == "schedule_free" else 0.9,
            **options,
        )  # fmt: skip

    found = on_ranks(make, X, y, parts, weight)[0]
    seed = drawn_seeds(0).batches

    def batches(counts, rank, *args, **given):
        return OfAllRanks(sizes, seed, *args, **given)

    monkeypatch.setattr(train, "BatchesOfRank", batches)
    monkeypatch.setattr(of_ranks, "ObjectiveOfAll", lambda ranks, *args: Objective(*args))
    local = on_ranks(make, X, y, [np.arange(240)], weight)[0]
    assert len(local.loss_curve_) == 4
    np.testing.assert_allclose(found.loss_curve_, local.loss_curve_, rtol=1e-10)
    np.testing.assert_allclose(found.network_.theta, local.network_.theta, rtol=0, atol=1e-8)


class FailsError(Exception):
    pass


def test_a_fit_that_failed_goes_on_from_its_checkpoint_on_other_ranks_too(tmp_path, monkeypatch):
    X, y = frame()[["number", "missing", "city"]], targets(numbers())
    path = tmp_path / "fit.npz"

    def make(saved=True, max_iter=12):
        model = NumpyMLPRegressor(
            (6,), batch_size=40, max_iter=max_iter, random_state=0, early_stopping=True,
            n_iter_no_change=np.inf, dropout=0.2, learning_rate_init=0.01,
        )  # fmt: skip
        return model.set_callbacks(Checkpoint(path, every=1)) if saved else model

    whole = on_ranks(lambda: make(False), X, y, parts_of(240, 2))[0]
    n_epochs = 0

    class Failing(train.SameEverywhere):
        def after_epoch(self, entry, trainer):
            nonlocal n_epochs
            n_epochs += 1
            if entry["epoch"] == 8:
                raise FailsError("the power is gone")
            super().after_epoch(entry, trainer)

    with monkeypatch.context() as patch:
        patch.setattr(train, "SameEverywhere", Failing)
        with pytest.raises(FailsError):
            on_ranks(make, X, y, parts_of(240, 2))
    assert path.exists()
    again = on_ranks(make, X, y, parts_of(240, 2))[0]
    # The same to the last bit, its draws too.
    np.testing.assert_array_equal(again.network_.theta, whole.network_.theta)
    assert again.history_["loss"] == whole.history_["loss"]
    assert not path.exists()
    with monkeypatch.context() as patch:
        patch.setattr(train, "SameEverywhere", Failing)
        with pytest.raises(FailsError):
            on_ranks(make, X, y, parts_of(240, 2))
    # On three ranks, with other rows on each.
    other = on_ranks(make, X, y, parts_of(240, 3, np.random.default_rng(0)))[0]
    assert other.history_["loss"][:7] == whole.history_["loss"][:7]
    assert len(other.history_["loss"]) == 12


def test_a_checkpoint_of_other_rows_is_refused(tmp_path, monkeypatch):
    X, y = numbers(), targets(numbers())

    def make():
        model = NumpyMLPRegressor((2,), max_iter=3, random_state=0, batch_size=50)
        return model.set_callbacks(Checkpoint(tmp_path / "fit.npz", every=1, keep=True))

    first = on_ranks(make, X, y, parts_of(240, 2))[0]
    # It had ended: it is read.
    again = on_ranks(make, X, y, parts_of(240, 3))[0]
    np.testing.assert_array_equal(again.network_.theta, first.network_.theta)
    y = y.copy()
    y[100] += 1.0
    with pytest.raises(CheckpointError, match="is that of another fit: y has other values"):
        on_ranks(make, X, y, parts_of(240, 2))
