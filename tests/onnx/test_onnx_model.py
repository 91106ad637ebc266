"""The model as a file: what it says of itself, its size, its names; what is refused."""

import json
import pickle
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import onnx
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sknumpynet
from sknumpynet import Activation, Loss, NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.network.activations import Tanh
from sknumpynet.onnx import LossGraph, exporter, to_onnx
from sknumpynet.onnx.table import EXPORTERS

from .sessions import assert_same, run, shaken

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.sin(X[:, 0])
SMALL = {"hidden_layer_sizes": (6, 4), "max_iter": 2, "random_state": 0}


def model_of(cls=NumpyMLPRegressor, y=Y, **options):
    return shaken(cls(**SMALL | options).fit(X, y))


def test_it_says_who_made_it():
    onx = to_onnx(model_of())
    assert (onx.producer_name, onx.producer_version) == ("sknumpynet", sknumpynet.__version__)
    assert onx.graph.name == "NumpyMLPRegressor"
    about = {each.key: each.value for each in onx.metadata_props}
    assert about["estimator"] == "NumpyMLPRegressor"
    assert json.loads(about["feature_names"]) == ["x0", "x1", "x2"]
    assert {(e.domain, e.version) for e in onx.opset_import} == {("", 20), ("ai.onnx.ml", 3)}


def test_a_file_is_about_the_size_of_the_weights(tmp_path):
    """Also of many levels, of members and of bags, which have the levels together."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=2000), "c": [f"level {i}" for i in range(1000)] * 2})
    for options in (
        {"hidden_layer_sizes": (400, 400)},
        {"hidden_layer_sizes": (64, 64), "n_members": 8, "numeric_embedding": "cosine"},
        {"n_bags": 3, "early_stopping": True, "hidden_layer_sizes": (64, 64)},
    ):
        model = NumpyMLPRegressor(max_iter=1, random_state=0, **options).fit(frame, frame["a"])
        onnx.save(to_onnx(model), tmp_path / "model.onnx")
        size = (tmp_path / "model.onnx").stat().st_size
        assert size < 1.3 * len(pickle.dumps(model)) + 20_000


def test_the_model_is_of_the_weights_at_that_time():
    model = model_of()
    onx, before = to_onnx(model), model.predict(X)
    model.network_.theta[:] = 0.0
    assert_allclose(run(onx, {"X": X})["variable"][:, 0], before, rtol=1e-5, atol=1e-6)


def test_nothing_of_the_model_is_changed():
    model = model_of(n_members=2, numeric_embedding="piecewise_linear", normalization="batch")
    before = pickle.dumps(model)
    to_onnx(model)
    assert pickle.dumps(model) == before


def test_a_search():
    search = GridSearchCV(NumpyMLPClassifier(**SMALL), {"alpha": [0, 1]}, cv=2).fit(X, Y > 0)
    assert_same(search.best_estimator_, X)


def test_the_defaults_for_tables():
    assert_same(
        shaken(TabularMLPRegressor(max_iter=2, n_bags=2, random_state=0).fit(X, Y), 0.02), X
    )


def test_names_that_outputs_have():
    names = ["label", "probabilities", "constant"]
    model = NumpyMLPClassifier(**SMALL).fit(pd.DataFrame(X, columns=names), Y > 0)
    onx = to_onnx(model)
    assert [each.name for each in onx.graph.input] == names
    assert [each.name for each in onx.graph.output] == ["label_1", "probabilities_1"]
    found = run(onx, {name: X[:, [j]] for j, name in enumerate(names)})
    assert_array_equal(found["label_1"], model.predict(pd.DataFrame(X, columns=names)))


@pytest.mark.parametrize("y", [np.where(Y > 0, "b", "a"), np.where(Y > 0, 5, 3), Y > 0])
def test_zipmap(y):
    model = model_of(NumpyMLPClassifier, y)
    p = model.predict_proba(X)
    found = run(to_onnx(model, zipmap=True), {"X": X})
    assert list(found) == ["output_label", "output_probability"]
    assert_array_equal(found["output_label"], model.predict(X))
    for row, expected in zip(found["output_probability"], p, strict=True):
        assert list(row) == model.classes_.tolist()
        assert_allclose(list(row.values()), expected, rtol=1e-5)
    found = run(to_onnx(model, zipmap="columns"), {"X": X})
    kind = "s" if y.dtype.kind == "U" else "i"
    names = [f"{kind}{c}" if kind == "s" else f"i{int(c)}" for c in model.classes_]
    assert list(found) == ["output_label", *names]
    assert_allclose(np.stack([found[name] for name in names], axis=1), p, rtol=1e-5)


@pytest.mark.parametrize("cls", [NumpyMLPRegressor, NumpyMLPClassifier])
def test_zipmap_is_refused(cls):
    y = Y if cls is NumpyMLPRegressor else np.stack([Y > 0, Y < 0], axis=1).astype(int)
    model = model_of(cls, y)
    with pytest.raises(ValueError, match="zipmap=True is for classifiers of one class per row"):
        to_onnx(model, zipmap=True)
    with pytest.raises(ValueError, match="zipmap must be True, False or 'columns'. Got 'rows'"):
        to_onnx(model, zipmap="rows")


def test_what_is_no_fitted_estimator_is_refused():
    with pytest.raises(NotFittedError, match="not fitted"):
        to_onnx(NumpyMLPRegressor())
    model = make_pipeline(StandardScaler(), NumpyMLPRegressor(**SMALL)).fit(X, Y)
    with pytest.raises(TypeError, match=r"exported by skl2onnx after sknumpynet\.onnx\.register"):
        to_onnx(model)
    with pytest.raises(TypeError, match="takes a fitted estimator of sknumpynet. Got 3"):
        to_onnx(3)


def test_labels_that_onnx_does_not_have_are_refused():
    days = np.where(Y > 0, np.datetime64("2020-01-01"), np.datetime64("2021-01-01"))
    with pytest.raises(ValueError, match=r"Labels like .* cannot be exported"):
        to_onnx(model_of(NumpyMLPClassifier, days))


# Parts of the user's own.


@dataclass(frozen=True)
class Bend(Activation):
    amount: float = 0.5

    def value(self, x):
        return x + self.amount * (np.sqrt(1 + x * x) - 1)

    def slope(self, x, y):
        return 1 + self.amount * x / np.sqrt(1 + x * x)


class Renamed(Tanh):
    """It computes what tanh does."""


class Doubled(Tanh):
    def forward(self, x, p, ws):
        return np.multiply(super().forward(x, p, ws), 2, out=ws.y)


@dataclass(frozen=True)
class Expectile(Loss):
    share: float = 0.9

    def losses(self, raw, y):
        return np.where(raw < y, self.share, 1 - self.share) * (raw - y) ** 2

    def slopes(self, raw, y):
        return 2 * np.where(raw < y, self.share, 1 - self.share) * (raw - y)


@dataclass(frozen=True)
class Squared(Expectile):
    """The prediction is the square of the score."""

    def predict(self, raw):
        return raw**2


class SquaredGraph(LossGraph):
    def predict(self, loss, g, raw, n_targets):
        return raw * raw


@pytest.fixture
def own():
    """Exporters of this test alone."""
    before = dict(EXPORTERS)
    yield
    EXPORTERS.clear()
    EXPORTERS.update(before)


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_activation_of_the_users(dtype):
    model = model_of(activation=[Bend(0.9), "relu"], dtype=dtype)
    with pytest.raises(ValueError, match=r"activation=Bend\(amount=0.9\) cannot be exported"):
        to_onnx(model)

    @exporter(Bend)
    def bend(activation, g, x):
        return x + activation.amount * (g.op("Sqrt", 1 + x * x) - 1)

    assert_same(model, X)


@pytest.mark.usefixtures("own")
def test_a_loss_of_the_users():
    # Its scores are its predictions, as those of the base are.
    assert_same(model_of(loss=Expectile(0.8), n_bags=2, early_stopping=True), X)
    model = model_of(loss=Squared(0.8))
    with pytest.raises(ValueError, match=r"loss=Squared\(share=0.8\) cannot be exported: nobody"):
        to_onnx(model)
    exporter(Squared)(SquaredGraph())
    assert_same(model, X)


def test_an_exporter_is_that_of_classes_that_compute_the_same():
    assert_same(model_of(activation=Renamed), X)
    with pytest.raises(ValueError, match=r"what a Doubled is in ONNX. Say it by .*\(Doubled\)"):
        to_onnx(model_of(activation=Doubled))


def test_the_package_imports_none_of_it():
    code = "import sknumpynet, sys; print([m for m in sys.modules if m.startswith('onnx')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_onnx_it_says_what_to_install():
    code = "import sys; sys.modules['onnx'] = None; import sknumpynet.onnx"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "needs the package onnx: pip install 'sknumpynet[onnx]'" in done.stderr


def test_a_column_without_a_name_is_refused():
    model = NumpyMLPRegressor(**SMALL).fit(pd.DataFrame(X, columns=["a", "", "b"]), Y)
    with pytest.raises(ValueError, match="has the name '', which no input has: rename it"):
        to_onnx(model)
