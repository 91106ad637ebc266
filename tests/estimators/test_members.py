"""Ensembles trained at once and embeddings of numbers, as options of the estimators."""

import pickle
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from catalogue import NUMERIC_EMBEDDINGS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.fitting.prediction import BUFFER_SIZE, FEWEST_ROWS, MOST_ROWS, rows_at_once
from sknumpynet.network import (
    Heads,
    LevelEmbedding,
    Linear,
    MemberLinear,
    Network,
    rows_stand_alone,
)
from sknumpynet.network.embeddings import NumericEmbedding
from sknumpynet.options import plan_for

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

BOTH = [NumpyMLPClassifier, NumpyMLPRegressor]
FINE = {"max_frequency": (0.3, 1.2, 10.0), "embedding_width": 24}
SMALL = {"hidden_layer_sizes": (6, 5), "max_iter": 3, "random_state": 0, **FINE}
KINDS = [None, *NUMERIC_EMBEDDINGS]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4))
CLASSES = np.digitize(X[:, 0] + X[:, 1] ** 2, [0, 1])


def raw(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def fitted(cls=NumpyMLPRegressor, X=X, **options):
    y = CLASSES if cls is NumpyMLPClassifier else X[:, 0] * 3
    y = y if not sp.issparse(X) else np.asarray(y.todense()).ravel()
    return cls(**SMALL | options).fit(X, y)


def width_of_a_number(embedding_width, n_columns, n_rows):
    model = NumpyMLPRegressor(numeric_embedding="cosine", embedding_width=embedding_width)
    plan = plan_for(model, n_rows, n_rows, early_stopping=False, stream=False)
    return plan.network.width(n_columns)


@pytest.mark.parametrize("n_columns", [1, 8, 62, 63, 750, 751, 5000])
def test_width_of_an_embedding(n_columns):
    width = width_of_a_number("auto", n_columns, 2000)
    assert n_columns * width <= max(1500, n_columns)
    assert 1 <= width <= 24
    assert (width == 24) == (n_columns <= 62)
    assert (width == 1) == (n_columns > 750)
    assert width_of_a_number(7, n_columns, 2000) == 7
    assert width_of_a_number("auto", n_columns, 1999) == min(8, width)


@pytest.mark.parametrize(("n_rows", "start"), [(50, 0.3), (799, 0.3), (800, 0.0)])
def test_where_an_embedded_number_starts(n_rows, start):
    plan = plan_for(NumpyMLPRegressor(), n_rows, n_rows, early_stopping=False, stream=False)
    assert plan.network.number_start == start


@pytest.mark.parametrize("cls", BOTH)
def test_a_small_table_starts_with_its_numbers(cls):
    """But for what a step of training changes."""
    model = fitted(cls, numeric_embedding="cosine", n_members=3, max_iter=1, solver="sgd",
                   learning_rate_init=1e-6)  # fmt: skip
    embedding, vectors, *_ = model.network_.parameters()
    assert_allclose(embedding.scale, np.outer(np.eye(24)[0], [0.3] * 4), atol=1e-3)
    assert_allclose(np.abs(vectors.r[:2, :4]), 1, atol=1e-3)


@pytest.mark.parametrize("cls", BOTH)
def test_one_member_without_embedding_is_the_plain_network(cls):
    plain, one = fitted(cls), fitted(cls, n_members=1, numeric_embedding=None)
    assert_array_equal(one.network_.theta, plain.network_.theta)
    assert all(isinstance(layer, Linear) for layer in plain.network_.layers[::2])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cls", BOTH)
def test_predictions_are_means_over_members(cls, kind):
    """Each on its own: with all vectors and heads set to those of one member."""
    model = fitted(cls, numeric_embedding=kind, n_members=3, max_iter=20, max_frequency=10)
    expected = raw(model, X)
    *_, heads = model.network_.parameters()
    (vectors,) = (p.r for p in model.network_.parameters() if hasattr(p, "r"))
    r, W, b = vectors.copy(), heads.W.copy(), heads.b.copy()
    each = []
    for j in range(3):
        vectors[...], heads.W[...], heads.b[...] = r[j], W[j], b[j]
        each.append(raw(model, X))
    assert_allclose(np.mean(each, axis=0), expected, rtol=1e-4, atol=1e-5)
    assert np.std(each, axis=0).max() > 1e-3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_members", [1, 2, 9, 16])
def test_a_row_is_predicted_the_same_whatever_rows_come_with_it(n_members, kind, dtype):
    model = fitted(
        hidden_layer_sizes=(40, 20), numeric_embedding=kind, n_members=n_members, dtype=dtype
    )
    table = np.random.default_rng(1).normal(size=(400, 4))
    together = model.predict(table)
    exact = dtype == "float32" and rows_stand_alone(np.dtype(dtype))
    tolerance = 0 if exact else 1e-12
    for n in (1, 2, 3, 33, 129):
        parts = [model.predict(table[i : i + n]) for i in range(0, min(400, 12 * n), n)]
        part = np.concatenate(parts)
        assert_allclose(part, together[: len(part)], rtol=tolerance, atol=tolerance)


@pytest.mark.filterwarnings("ignore:numeric_embedding=.*is not used")
@pytest.mark.parametrize("kind", NUMERIC_EMBEDDINGS)
@pytest.mark.parametrize("n_members", [1, 3])
def test_a_sparse_table_has_no_embedding_but_may_be_predicted_by_one(kind, n_members):
    S = sp.random(80, 5, density=0.4, format="csr", random_state=1)
    y = np.asarray(S.sum(axis=1)).ravel()
    options = SMALL | {"n_members": n_members, "feature_scaling": None}
    without = NumpyMLPRegressor(**options).fit(S, y)
    on_sparse = NumpyMLPRegressor(numeric_embedding=kind, **options).fit(S, y)
    assert_array_equal(on_sparse.network_.theta, without.network_.theta)
    dense = S.toarray()
    on_dense = NumpyMLPRegressor(numeric_embedding=kind, **options).fit(dense, y)
    assert isinstance(on_dense.network_.layers[0], NumericEmbedding)
    assert_array_equal(on_dense.predict(S), on_dense.predict(dense))


@pytest.mark.filterwarnings("ignore:numeric_embedding=.*is not used")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cls", BOTH)
def test_sparse_and_dense_members_agree(cls, kind):
    S = sp.random(80, 5, density=0.4, format="csr", random_state=1)
    y = (np.asarray(S.sum(axis=1)).ravel() > 1).astype(int)
    options = SMALL | {"n_members": 3, "solver": "lbfgs", "dtype": "float64"}
    dense = cls(**options).fit(S.toarray(), y)
    sparse = cls(numeric_embedding=kind, **options).fit(S, y)
    assert_allclose(raw(sparse, S), raw(dense, S.toarray()), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cls", BOTH)
def test_a_row_of_weight_k_is_that_row_k_times(cls, kind):
    weight = np.random.default_rng(2).integers(1, 4, size=len(X))
    again = np.repeat(np.arange(len(X)), weight)
    y = CLASSES if cls is NumpyMLPClassifier else X[:, 0] * 3
    options = SMALL | {"solver": "lbfgs", "numeric_embedding": kind, "n_members": 3}
    weighted = cls(**options).fit(X, y, sample_weight=weight)
    repeated = cls(**options).fit(X[again], y[again])
    assert_array_equal(weighted.network_.theta, repeated.network_.theta)


@pytest.mark.parametrize("kind", NUMERIC_EMBEDDINGS)
def test_members_never_see_frequencies_above_their_ceiling(kind):
    model = fitted(numeric_embedding=kind, embedding_width=16, n_members=8, alpha=0.1)
    layer = model.network_.layers[1]
    r = model.network_.parameters()[1].r
    # Four numbers; of 15 frequencies from 0.03 to 10 six are up to 0.3, and nine up to 1.2.
    groups = ((2, 4 * 7), (2, 4 * 10), (4, 4 * 16))
    assert layer.groups == (groups if kind == "cosine" else ((8, 4 * 16),))
    n_seen = [n for k, n in layer.groups for _ in range(k)]
    for vector, n in zip(r, n_seen, strict=True):
        assert_array_equal(vector[n:], 0)
        assert (vector[:n] != 0).all()


@pytest.mark.parametrize("kind", NUMERIC_EMBEDDINGS)
@pytest.mark.parametrize("n_members", [1, 4])
def test_steps_and_waves_are_learned(kind, n_members):
    x = np.random.default_rng(3).uniform(-2, 2, size=(2000, 1))
    y = np.sin(8 * x[:, 0]) + (x[:, 0] > 0.3)
    options = {
        "max_iter": 25,
        "random_state": 0,
        "n_members": n_members,
        "learning_rate_init": 0.01,
    }
    plain = NumpyMLPRegressor((32,), numeric_embedding=None, **options).fit(x[:1500], y[:1500])
    model = NumpyMLPRegressor((32,), numeric_embedding=kind, **FINE, **options).fit(
        x[:1500], y[:1500]
    )
    before, after = (1 - m.score(x[1500:], y[1500:]) for m in (plain, model))
    assert after < 0.05
    assert after < before / 3


def test_fitted_attributes_of_members():
    model = fitted(NumpyMLPClassifier, numeric_embedding="cosine", n_members=4)
    assert [W.shape for W in model.coefs_] == [(96, 6), (6, 5), (4, 5, 3)]
    assert [b.shape for b in model.intercepts_] == [(6,), (5,), (4, 3)]
    assert model.n_layers_ == 4
    model.coefs_ = [0 * W for W in model.coefs_]
    model.intercepts_[2] = np.zeros((4, 3))
    assert_allclose(model.predict_proba(X), 1 / 3, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cls", BOTH)
def test_fits_pickles_and_parts_of_a_stream(cls, kind):
    options = {"numeric_embedding": kind, "n_members": 3}
    model, again = fitted(cls, **options), fitted(cls, **options)
    assert_array_equal(model.network_.theta, again.network_.theta)
    twin = pickle.loads(pickle.dumps(model))
    assert_array_equal(raw(twin, X), raw(model, X))
    assert model.network_.theta.dtype == np.float32
    stream = cls(**SMALL | options)
    y = CLASSES if cls is NumpyMLPClassifier else X[:, 0]
    classes = {"classes": [0, 1, 2]} if cls is NumpyMLPClassifier else {}
    stream.partial_fit(X[:60], y[:60], **classes).partial_fit(X[60:], y[60:])
    assert np.isfinite(raw(stream, X)).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_members", 3),
        ("numeric_embedding", "piecewise_linear"),
        ("embedding_width", 5),
        ("max_frequency", 7),
    ],
)
def test_what_was_built_stays(name, value):
    model = fitted(numeric_embedding="cosine", n_members=2, warm_start=True)
    with pytest.raises(ValueError, match=rf"{name} was .* and not .*Set it back"):
        model.set_params(**{name: value}).fit(X, X[:, 0])


@pytest.mark.parametrize("kind", KINDS)
def test_no_hidden_layer(kind):
    y = X[:, 0] * 2 + 1
    model = NumpyMLPRegressor(
        (), solver="lbfgs", numeric_embedding=kind, n_members=3, max_iter=500, random_state=0
    ).fit(X, y)
    assert model.score(X, y) > 0.98
    assert isinstance(model.network_.layers[-1], MemberLinear)


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_with_categories(kind):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=300),
            "few": rng.choice(list("abc"), size=300),
            "many": rng.choice([f"level {i}" for i in range(40)], size=300),
            "missing": np.where(rng.random(300) < 0.2, np.nan, rng.normal(size=300)),
        }
    )
    y = frame["number"] + (frame["few"] == "a")
    model = NumpyMLPRegressor((20,), numeric_embedding=kind, n_members=4, random_state=0)
    model.fit(frame, y)
    layers = model.network_.layers
    assert isinstance(layers[0], LevelEmbedding)
    assert isinstance(layers[1], MemberLinear if kind is None else NumericEmbedding)
    if kind is not None:
        # Not what says where a number is missing, and not the categories.
        assert layers[1].numeric == (0, 1)
    assert isinstance(layers[-1], Heads)
    assert model.score(frame, y) > 0.5
    assert_allclose(model.predict(frame[:1]), model.predict(frame)[:1], rtol=1e-10)


@pytest.mark.parametrize("normalization", ["batch", "layer"])
@pytest.mark.parametrize("cls", BOTH)
def test_with_every_other_kind_of_layer(cls, normalization):
    options = {"hidden_layer_sizes": (8, 8, 5), "numeric_embedding": "cosine", "n_members": 3}
    options |= {"normalization": normalization, "residual": True, "dropout": 0.1, "max_iter": 40}
    # Of 12 rows to validate on it is chance whether the first epochs are its best.
    options["early_stopping"] = False
    model = fitted(cls, **options)
    assert model.network_.layers[-1] == Heads(3, 5, 3 if cls is NumpyMLPClassifier else 1)
    y = CLASSES if cls is NumpyMLPClassifier else X[:, 0] * 3
    assert model.score(X, y) > 0.4
    assert_allclose(raw(model, X[:1]), raw(model, X)[:1], rtol=1e-10)


def test_blocks_of_sparse_rows_are_cut_by_what_is_stored():
    """Not by the columns that a dense row would have: 64 rows at a time for 5,000 of them."""
    S = sp.random(300, 5000, density=1e-3, format="csr", random_state=0)
    network = Network.initialized(
        [Linear(5000, 8, first=True)], "float32", np.random.default_rng(0)
    )
    encoder = SimpleNamespace(n_columns=5000)
    assert rows_at_once(network, encoder, S) == MOST_ROWS
    assert rows_at_once(network, encoder, sp.csr_array(S)) == MOST_ROWS
    assert rows_at_once(network, encoder, S.toarray()) == FEWEST_ROWS
    assert rows_at_once(network, encoder, sp.csr_matrix(np.ones((2, 5000)))) == FEWEST_ROWS
    members = Network.initialized(
        [MemberLinear(((8, 5000),), 5000, 100, first=True)], "float32", np.random.default_rng(0)
    )
    assert rows_at_once(members, encoder, S) == BUFFER_SIZE // 800


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_validation_and_prediction_of_sparse_rows_take_few_blocks(solver, monkeypatch):
    sizes = []
    plain = Network.forward

    def forward(self, x, *args, **options):
        sizes.append(len(x))
        return plain(self, x, *args, **options)

    S = sp.random(600, 3000, density=2e-2, format="csr", random_state=0)
    y = np.asarray(S.sum(axis=1)).ravel()
    monkeypatch.setattr(Network, "forward", forward)
    model = NumpyMLPRegressor(
        (4,), n_members=3, solver=solver, batch_size=600, max_iter=2, early_stopping=True,
        random_state=0,
    )  # fmt: skip
    model.fit(S, y)
    model.predict(S)
    model.score(S, y)
    assert set(sizes) == {540, 270, 60, 600}
