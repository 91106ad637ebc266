"""Everything in the catalogue, exported: it predicts the same in onnxruntime, or is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from onnx import helper

import catalogue
from catalogue.columns import N_ROWS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.network import ACTIVATIONS, Heads, MemberLinear, Network
from sknumpynet.network.network import Workspace
from sknumpynet.onnx import Graph, Value, to_onnx
from sknumpynet.onnx.builder import OPSET
from sknumpynet.onnx.layers import network_graph
from sknumpynet.onnx.table import exporter_of
from sknumpynet.options import options_of

from .sessions import assert_same, run, shaken

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Left out of X"),
]

RNG = np.random.default_rng(0)
#: Gaps, a column of mostly one value, one of two values, and outliers.
X = RNG.normal(size=(60, 5)) * [1, 100, 1, 1, 1e-3]
X[::6, 2] = np.nan
X[:, 3] = X[:, 3] > 1.2
X[:40, 4] = 0.0
Y = np.sin(X[:, 0]) + X[:, 1] / 100
#: Rows to predict, some of them far away.
NEW = np.concatenate([X[:20], X[:20] * 7 + 1.0, np.full((1, 5), np.nan)])
SMALL = {"hidden_layer_sizes": (6, 4), "max_iter": 2, "random_state": 0}


def fitted(cls, y=None, **options):
    y = Y if y is None else y
    return shaken(cls(**SMALL | options).fit(X, y))


def test_every_class_has_an_exporter():
    """So that a new one is not forgotten; that it can be exported is said by other tests."""
    for layers in catalogue.layers_of(4).values():
        predicting = [part for layer in layers for part in layer.as_it_predicts()]
        assert all(exporter_of(layer) is not None for layer in predicting)
    for case in catalogue.LOSSES.values():
        assert exporter_of(case.loss) is not None


# Layer by layer.


def graph_of(network, n_columns):
    """The layers alone; of members an axis is in front."""
    dtype = network.theta.dtype
    g = Graph(taken=["x", "y"])
    y = network_graph(network, g, Value(g, "x", dtype))
    if y.name == "x":
        y = g.op("Identity", y)
    g.rename(y, "y")
    members = isinstance(network.layers[-1], (Heads, MemberLinear))
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    return helper.make_model(
        helper.make_graph(
            g.nodes,
            "layer",
            [helper.make_tensor_value_info("x", kind, [None, n_columns])],
            [helper.make_tensor_value_info("y", kind, [None] * (3 if members else 2))],
            g.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
    )


LAYERS = [
    (kind.__name__, i, layer)
    for kind, layers in catalogue.layers_of(4).items()
    for i, layer in enumerate(layers)
    # Heads of one member stand behind several elsewhere.
    if layer.as_it_predicts()
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "i", "layer"), LAYERS, ids=[f"{n}-{i}" for n, i, _ in LAYERS])
def test_a_layer(name, i, layer, dtype):
    rng = np.random.default_rng(1)
    network = Network.initialized([layer], dtype, rng)
    network.theta += 0.5 * np.abs(rng.normal(size=network.theta.size))
    for p in network.parameters():
        if "edges" in vars(p):
            p.edges[...] = np.sort(rng.normal(size=p.edges.shape))
            # Fewer bins than there is room for.
            p.edges[0, 3:] = p.edges[0, min(3, p.edges.shape[1] - 1)]
    x = catalogue.input_of(layer, rng.normal(size=(30, 4)) * 3).astype(dtype)
    predicts = network.as_it_predicts()
    expected = predicts.forward(x, Workspace(predicts, len(x)))
    found = run(graph_of(network, 4), {"x": x})["y"]
    found = found.reshape(expected.shape)
    # In float64 the normal distribution function is a formula of 1.2e-7, the epsilon of a
    # normalization a float32.
    digits = 1e-11 if dtype == "float64" and name != "Gelu" else 2e-6
    assert_allclose(found, expected, rtol=digits, atol=digits * np.abs(expected).max())


@pytest.mark.parametrize("name", catalogue.ACTIVATIONS)
def test_an_activation_is_what_it_was_worked_out_to_be(name):
    """By the catalogue's values, which are not the package's."""
    case = catalogue.ACTIVATIONS[name]
    network = Network([ACTIVATIONS[name](n=1)], np.zeros(0))
    found = run(graph_of(network, 1), {"x": np.array(case.x)[:, np.newaxis]})["y"]
    assert_allclose(found.ravel(), case.y, rtol=2e-7, atol=1e-15)


# Option by option.

OPTIONS = [
    (cls, name)
    for cls in (NumpyMLPRegressor, NumpyMLPClassifier)
    for name in options_of(cls)
    if cls is NumpyMLPRegressor
    or catalogue.case_of(cls, name) is not catalogue.OPTIONS[name]
    or name not in options_of(NumpyMLPRegressor)
]


@pytest.mark.parametrize(("cls", "name"), OPTIONS, ids=[f"{c.__name__}-{n}" for c, n in OPTIONS])
def test_an_option(cls, name):
    case = catalogue.case_of(cls, name)
    y = np.exp(Y) if name in ("loss", "power") else Y
    y = y if cls is NumpyMLPRegressor else (Y > 0).astype(int)
    for value in case.valid:
        options = {**SMALL, **case.where, name: value}
        if name == "activation" and isinstance(value, list):
            options["hidden_layer_sizes"] = (4,)
        if name in ("dropout",) and isinstance(value, tuple):
            options["hidden_layer_sizes"] = (4,)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = cls(**options).fit(X, y)
        assert_same(shaken(model), NEW)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scaling", catalogue.FEATURE_SCALINGS)
@pytest.mark.parametrize("embedding", [None, *catalogue.NUMERIC_EMBEDDINGS])
def test_scalings_and_embeddings(scaling, embedding, dtype):
    options = {"feature_scaling": scaling, "numeric_embedding": embedding, "dtype": dtype}
    new = NEW[:-1] / [1, 100, 1, 1, 1e-3] if scaling is None else NEW
    assert_same(fitted(NumpyMLPRegressor, n_members=3, **options), new, rtol=2e-5)


def test_many_quantiles_of_some_columns():
    """More knots than are compared one by one, beside columns with few."""
    rng = np.random.default_rng(3)
    wide = np.column_stack(
        [rng.normal(size=9000), rng.integers(0, 4, 9000), rng.exponential(size=9000)]
    )
    model = NumpyMLPRegressor((3,), feature_scaling="quantile", max_iter=1, random_state=0)
    model.fit(wide, wide[:, 0])
    knots = wide[:300].copy()
    # At knots, between them, outside.
    knots[:200, 0] = model._models[0].encoder.scaling._knots[0][0][:200]
    knots[200:210] *= 100
    assert_same(shaken(model), knots)


# Targets and losses.

CLASSES = {
    "two": np.where(Y > 0, "yes", "no"),
    "three": np.digitize(Y, [-0.5, 0.5]) * 5 - 2,
    "truth values": Y > 0,
    "floats": np.where(Y > 0, 2.0, 7.0),
    "one": np.full(60, "only"),
    "labels of a row": np.stack([Y > 0, Y > 0.5, Y < 1], axis=1).astype(int),
    "several outputs": np.stack(
        [np.where(Y > 0, "a", "b"), np.digitize(Y, [-1, 1]).astype(str)], 1
    ),
}


@pytest.mark.parametrize("many", [{}, {"n_members": 2}, {"n_bags": 2, "early_stopping": True}])
@pytest.mark.parametrize("loss", ["log_loss", "focal"])
@pytest.mark.parametrize("y", CLASSES)
def test_classes(y, loss, many):
    assert_same(fitted(NumpyMLPClassifier, CLASSES[y], loss=loss, **many), NEW)


@pytest.mark.parametrize("many", [{}, {"n_members": 2}, {"n_bags": 2, "early_stopping": True}])
@pytest.mark.parametrize("y", [np.exp(Y), np.exp(np.stack([Y, -Y], axis=1))], ids=["one", "two"])
@pytest.mark.parametrize("loss", catalogue.REGRESSION_LOSSES)
def test_numbers(loss, y, many):
    several = {"quantile": (0.1, 0.5, 0.8)} if loss == "quantile" else {}
    assert_same(fitted(NumpyMLPRegressor, y, loss=loss, **many, **several), NEW)


def test_a_temperature():
    y = CLASSES["three"]
    model = fitted(NumpyMLPClassifier, y, n_bags=2, early_stopping=True, calibrate=True)
    assert_same(model, NEW)


# Columns.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", catalogue.COLUMN_KINDS)
def test_a_kind_of_column(name, dtype):
    case = catalogue.COLUMN_KINDS[name]
    frame = pd.DataFrame({"a": np.sin(np.arange(N_ROWS) * 1.7), "c": case.values})
    y = np.cos(np.arange(N_ROWS))
    model = NumpyMLPRegressor(dtype=dtype, **SMALL).fit(frame, y)
    if case.read_by == "FreeTextColumn":
        with pytest.raises(ValueError, match="'c' of X cannot be exported: it is free text"):
            to_onnx(model)
        return
    shaken(model)
    assert_same(model, frame)
    gaps = frame.copy()
    gaps.loc[::3, "c"] = None
    assert_same(model, gaps)
