"""Fits on a cluster in one process: the same models as locally, lazy predictions, refusals."""

import pickle
import subprocess
import sys
import warnings

import dask.array as da
import dask.dataframe as dd
import distributed
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier
from sknumpynet.dask import (
    CollectiveError,
    DaskNumpyMLPClassifier,
    DaskNumpyMLPRegressor,
    DaskTabularMLPClassifier,
    DaskTabularMLPRegressor,
)

#: L-BFGS makes 10 times as much of a rounding error every 8 iterations or so.
LBFGS = {"solver": "lbfgs", "dtype": "float64", "alpha": 1.0, "max_iter": 12, "random_state": 0}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(203, 4))
X[RNG.random(203) < 0.1, 1] = np.nan
Y = np.sin(X[:, 0]) + 0.1 * RNG.normal(size=203)
LABELS = np.array(["no", "yes"])[(Y > 0).astype(int)]
WEIGHT = RNG.integers(1, 4, 203).astype(float)

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Of Dask, when a cluster of one process is closed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module", params=[1, 2, 3])
def client(request):
    yield from _client(request.param)


@pytest.fixture(scope="module")
def two():
    yield from _client(2)


def _client(n):
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=n, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def on(client, *arrays):
    """The arrays where they are and stay."""
    with client.as_current():
        arrays = client.persist(list(arrays))
        distributed.wait(arrays)
        return arrays


def in_parts(array, rows=50):
    return da.from_array(array, chunks=(rows, *(max(1, n // 2) for n in array.shape[1:])))


def test_the_model_is_that_of_a_local_fit(client):
    # Columns are in several chunks, and y has other ones than X.
    model = DaskNumpyMLPRegressor((6,), client=client, **LBFGS)
    assert model.fit(in_parts(X), in_parts(Y, 70), in_parts(WEIGHT)) is model
    local = NumpyMLPRegressor((6,), **LBFGS).fit(X, Y, WEIGHT)
    predicted = model.predict(in_parts(X))
    assert isinstance(predicted, da.Array)
    assert predicted.chunks == ((50, 50, 50, 50, 3),)
    assert predicted.dtype == np.float64
    np.testing.assert_allclose(predicted.compute(), local.predict(X), rtol=0, atol=1e-10)
    np.testing.assert_array_equal(model.predict(X), model.to_local().predict(X))
    assert type(model.to_local()) is NumpyMLPRegressor
    assert model.n_iter_ == local.n_iter_
    assert model.score(in_parts(X), in_parts(Y)) == pytest.approx(local.score(X, Y))


def test_classes_on_a_frame(client):
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame["city"] = RNG.choice(["Oslo", "Rome", "Bonn"], 203)
    frame["kind"] = pd.Categorical(RNG.choice(["u", "v"], 203), categories=["v", "u", "w"])
    frame["label"] = LABELS
    lazy = dd.from_pandas(frame, npartitions=5)
    model = DaskNumpyMLPClassifier((6,), client=client, class_weight="balanced", **LBFGS)
    model.fit(lazy.drop(columns="label"), lazy["label"])
    given = frame.drop(columns="label")
    local = NumpyMLPClassifier((6,), class_weight="balanced", **LBFGS).fit(given, LABELS)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.feature_names_in_.tolist() == local.feature_names_in_.tolist()
    lazy = lazy.drop(columns="label")
    for method in ("predict_proba", "predict_log_proba", "decision_function"):
        found, wanted = getattr(model, method)(lazy), getattr(local, method)(given)
        assert isinstance(found, da.Array)
        assert found.shape[1:] == wanted.shape[1:]
        np.testing.assert_allclose(found.compute(), wanted, rtol=1e-9, atol=1e-9)
    assert model.predict(lazy).compute().tolist() == local.predict(given).tolist()


def test_rows_to_validate_on_decide(two):
    options = {"batch_size": 1000, "dtype": "float64", "max_iter": 40, "random_state": 0,
               "early_stopping": True, "learning_rate_init": 0.03}  # fmt: skip
    train, val = slice(0, 150), slice(150, None)
    model = DaskNumpyMLPRegressor((6,), client=two, **options).fit(
        in_parts(X[train]), in_parts(Y[train]), X_val=in_parts(X[val], 20),
        y_val=in_parts(Y[val], 20), sample_weight_val=in_parts(WEIGHT[val], 20),
    )  # fmt: skip
    local = NumpyMLPRegressor((6,), **options).fit(
        X[train], Y[train], X_val=X[val], y_val=Y[val], sample_weight_val=WEIGHT[val]
    )
    np.testing.assert_allclose(
        model.history_["validation_loss"], local.history_["validation_loss"], rtol=1e-8
    )
    assert model.best_iteration_ == local.best_iteration_


@pytest.mark.parametrize("Model", [DaskTabularMLPClassifier, DaskTabularMLPRegressor])
def test_the_tabular_ones_learn_and_repeat_to_the_last_bit(two, Model):
    y = Y if Model is DaskTabularMLPRegressor else LABELS
    # Of all columns: parts of them have to be joined, on one of the workers or the other.
    parts = on(two, da.from_array(X, chunks=(50, -1)), in_parts(y))

    def fitted():
        model = Model(
            (16,), n_members=2, max_iter=60, client=two, random_state=3, batch_size=32, dropout=0.1
        )
        return model.fit(*parts)

    model = fitted()
    assert model.score(X, y) > (0.5 if Model is DaskTabularMLPRegressor else 0.8)
    assert model.validation_scores_ is not None
    np.testing.assert_array_equal(model.network_.theta, fitted().network_.theta)


def test_workers_of_no_rows_and_partitions_of_none(two):
    empty = da.concatenate([in_parts(X[:0], 1), in_parts(X[:30], 30), in_parts(X[:0], 1)])
    y = da.concatenate([in_parts(Y[:0], 1), in_parts(Y[:30], 30), in_parts(Y[:0], 1)])
    model = DaskNumpyMLPRegressor((3,), client=two, **LBFGS).fit(empty, y)
    local = NumpyMLPRegressor((3,), **LBFGS).fit(X[:30], Y[:30])
    np.testing.assert_allclose(model.predict(X), local.predict(X), rtol=0, atol=1e-10)
    assert model.predict(empty).compute().shape == (30,)
    with pytest.raises(ValueError, match="X has no rows"):
        DaskNumpyMLPRegressor((3,), client=two).fit(in_parts(X[:0], 1), in_parts(Y[:0], 1))


def test_copies_and_files_know_no_client_and_clones_do(two):
    model = DaskNumpyMLPRegressor((3,), client=two, timeout=7, **LBFGS)
    assert model.get_params()["client"] is two
    other = clone(model)
    assert other.client is two
    assert (other.timeout, other.alpha, other.hidden_layer_sizes) == (7, 1.0, (3,))
    model.fit(in_parts(X), in_parts(Y))
    again = pickle.loads(pickle.dumps(model))
    assert again.client is None
    assert model.client is two
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert not hasattr(clone(model), "n_iter_")


def test_seeds_of_a_generator_are_drawn_here(two):
    # All columns in one chunk: Dask may put several together elsewhere each time.
    parts = on(two, da.from_array(X, chunks=(50, -1)), in_parts(Y))

    def fitted(rng):
        model = DaskNumpyMLPRegressor((3,), max_iter=2, client=two, random_state=rng)
        return model.fit(*parts).network_.theta

    rng = np.random.default_rng(5)
    first, second = fitted(rng), fitted(rng)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, fitted(np.random.default_rng(5)))


def test_warnings_of_the_workers_are_given_here(two):
    model = DaskNumpyMLPRegressor((3,), max_iter=2, client=two, random_state=0)
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        model.fit(in_parts(X), in_parts(Y))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"normalization": "batch"}, "normalization='batch' is not supported on several"),
        ({"n_bags": 2}, "n_bags=2 is not supported on several machines"),
        ({"timeout": 0}, "timeout of DaskNumpyMLPRegressor must be a number > 0"),
        ({"client": 3}, "client of DaskNumpyMLPRegressor must be a distributed.Client or None"),
        ({"alpha": -1}, "alpha of DaskNumpyMLPRegressor must be"),
    ],
)
def test_options_are_refused_before_anything_is_computed(two, options, text):
    with pytest.raises(ValueError, match=text):
        DaskNumpyMLPRegressor(**{"client": two, **options}).fit(None, None)


def test_what_does_not_belong_together_is_refused(two):
    model = DaskNumpyMLPRegressor((3,), client=two, **LBFGS)
    with pytest.raises(TypeError, match="y must be an array or a frame of Dask, as the others"):
        model.fit(in_parts(X), Y)
    with pytest.raises(ValueError, match="y has 200 rows, and X 203"):
        model.fit(in_parts(X), in_parts(Y[:200]))
    with pytest.raises(ValueError, match="X_val and y_val go together"):
        model.fit(in_parts(X), in_parts(Y), X_val=in_parts(X))
    with pytest.raises(ValueError, match="groups is not supported on several machines"):
        model.fit(in_parts(X), in_parts(Y), groups=in_parts(Y))
    with pytest.raises(AttributeError, match="to_local"):
        model.partial_fit(X, Y)
    assert not hasattr(DaskNumpyMLPRegressor, "partial_fit")
    assert not hasattr(model, "partial_fit")
    assert not hasattr(model, "n_iter_")


def test_an_error_of_the_rows_is_raised_here_and_the_model_stays(two):
    model = DaskNumpyMLPRegressor((3,), client=two, **LBFGS).fit(in_parts(X), in_parts(Y))
    theta = model.network_.theta.copy()
    wrong = X.copy()
    wrong[180, 2] = np.inf
    with pytest.raises(ValueError, match="Input X contains infinity"):
        model.fit(in_parts(wrong), in_parts(Y))
    np.testing.assert_array_equal(model.network_.theta, theta)
    # Nothing of it is left on the workers.
    assert model.fit(in_parts(X), in_parts(Y)).n_iter_ == 12


def test_messages_say_whose_rows_they_count(two):
    # On the second worker alone, whose rows are two of the four partitions.
    rows = da.from_array(X[:200], chunks=(50, -1))
    X_parts, y = on(two, rows, in_parts(np.r_[Y[:150], np.full(50, np.nan)]))
    places = two.who_has(X_parts)
    last = next(w for key, (w,) in places.items() if key[1] == 3)
    its = sorted(key[1] for key, (w,) in places.items() if w == last)
    text = f"50 values are missing.*first in row {50 * its.index(3)}.*worker {last}"
    text += rf".*partitions {', '.join(map(str, its))}\.\)"
    with pytest.raises(ValueError, match=text):
        DaskNumpyMLPRegressor((3,), client=two, **LBFGS).fit(X_parts, y)


def test_partitions_of_other_lengths_are_named(two):
    frame = dd.from_pandas(pd.DataFrame(X), npartitions=4)
    y = dd.from_pandas(pd.Series(Y), npartitions=4)
    y = y[y.index != frame.divisions[2]]
    with pytest.raises(ValueError, match="Partition 2 of X has 51 rows, and that of y 50"):
        DaskNumpyMLPRegressor((3,), client=two, **LBFGS).fit(frame, y)


def test_lines_are_printed_by_one_worker(two, capsys):
    model = DaskNumpyMLPRegressor((3,), max_iter=3, client=two, random_state=0, verbose=1)
    model.fit(*on(two, in_parts(X), in_parts(Y)))
    lines = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("Iter")] == [
        f"Iteration {n}/3" for n in (1, 2, 3)
    ]


def test_without_dask_the_extra_is_named():
    code = "import sys; sys.modules['distributed'] = None; import sknumpynet.dask"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "pip install 'sknumpynet[dask]'" in done.stderr


def test_one_model_of_several_outputs(two):
    y = np.column_stack([Y, -Y])
    model = DaskNumpyMLPRegressor((3,), client=two, **LBFGS).fit(in_parts(X), in_parts(y))
    assert model.predict(in_parts(X)).shape == (203, 2)
    labels = np.column_stack([LABELS, LABELS == "no"]).astype(str)
    several = DaskNumpyMLPClassifier((3,), client=two, **LBFGS).fit(in_parts(X), in_parts(labels))
    assert several.predict(in_parts(X)).compute().shape == (203, 2)
    with pytest.raises(ValueError, match="predict_proba of several outputs is a list"):
        several.predict_proba(in_parts(X))


def test_defaults_are_those_of_the_local_one():
    mine, theirs = DaskTabularMLPClassifier().get_params(), TabularMLPClassifier().get_params()
    assert mine == {**theirs, "client": None, "timeout": 300.0}
    assert issubclass(CollectiveError, RuntimeError)
