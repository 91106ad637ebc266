"""Displays draw what they are given: their numbers against those of the estimator."""

import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import norm
from sklearn.datasets import load_digits, make_friedman1

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.inspection import (
    AttributionBarDisplay,
    AttributionBeeswarmDisplay,
    LayerStatisticsDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    PredictionIntervalDisplay,
    attributions,
)

matplotlib.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = make_friedman1(200, random_state=0)
SHORT = {"max_iter": 8, "random_state": 0}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def model():
    return NumpyMLPRegressor((12, 6), early_stopping=True, **SHORT).fit(X, y)


def drawn(display):
    """Drawn for real: text that cannot be laid out would raise, or warn."""
    display.figure_.canvas.draw()
    return display


def test_loss_curves_of_several(model):
    other = NumpyMLPRegressor((4,), early_stopping=False, **SHORT).fit(X, y)
    display = drawn(LossCurveDisplay.from_estimator({"a": model, "b": other}))
    lines = {line.get_label(): line for line in display.ax_.lines}
    np.testing.assert_allclose(lines["a: training"].get_ydata(), model.loss_curve_)
    np.testing.assert_allclose(
        lines["a: validation"].get_ydata(), model.history_["validation_loss"]
    )
    np.testing.assert_allclose(lines["b: training"].get_ydata(), other.loss_curve_)
    best = int(np.argmax(model.validation_scores_)) + 1
    kept = lines[f"a: kept, epoch {best}"]
    assert kept.get_ydata() == [model.history_["validation_loss"][best - 1]]
    assert [name for name in lines if name.startswith("b")] == ["b: training"]
    assert len(LossCurveDisplay.from_estimator([model, other]).histories) == 2


def test_where_the_start_was_kept_no_epoch_is_marked():
    scores = iter([0.0, -2.0, -1.0])
    options = SHORT | {"max_iter": 2, "early_stopping": True}
    kept = NumpyMLPRegressor((4,), scoring=lambda *_: next(scores), **options).fit(X, y)
    assert kept.best_iteration_ is None
    display = drawn(LossCurveDisplay.from_estimator(kept))
    assert [line.get_label() for line in display.ax_.lines] == ["training", "validation"]


def test_axes_are_the_users_own(model):
    _, ax = plt.subplots()
    for display in (
        LossCurveDisplay.from_estimator(model, ax=ax),
        NetworkDisplay.from_estimator(model, ax=ax),
        AttributionBarDisplay.from_estimator(model, X[:9], ax=ax),
        LayerStatisticsDisplay.from_estimator(model, X, ax=ax),
    ):
        assert display.ax_ is ax
        assert display.figure_ is ax.figure


def test_bars_and_points_of_attributions(model):
    found = attributions(model, X[:30])
    bars = drawn(AttributionBarDisplay.from_attributions(found, max_columns=4)).ax_
    largest = np.sort(found.importances())[-4:]
    np.testing.assert_allclose([bar.get_width() for bar in bars.patches], largest)
    names = [label.get_text() for label in bars.get_yticklabels()]
    assert names[-1] == found.feature_names[int(np.argmax(found.importances()))]
    swarm = drawn(AttributionBeeswarmDisplay.from_attributions(found)).ax_
    points = np.concatenate([c.get_offsets()[:, 0] for c in swarm.collections])
    np.testing.assert_allclose(np.sort(points), np.sort(found.values.ravel()))
    heights = np.concatenate([c.get_offsets()[:, 1] for c in swarm.collections])
    assert np.abs(heights - np.round(heights)).max() < 0.45


def test_a_swarm_of_one_output():
    est = NumpyMLPClassifier((5,), **SHORT).fit(X, np.digitize(y, [9, 16]))
    with pytest.raises(
        ValueError, match="a beeswarm shows one output: pass output, one of 0, 1, 2"
    ):
        AttributionBeeswarmDisplay.from_estimator(est, X[:9])
    display = AttributionBeeswarmDisplay.from_estimator(est, X[:9], output="1")
    assert display.ax_.get_xlabel() == "attribution to the score of 1"
    bars = AttributionBarDisplay.from_estimator(est, X[:9]).ax_
    assert len(bars.patches) == 30


def test_intervals_and_their_coverage():
    options = {"loss": "quantile", "quantile": [0.1, 0.5, 0.9]}
    est = NumpyMLPRegressor((8,), **SHORT | options).fit(X, y)
    display = drawn(PredictionIntervalDisplay.from_estimator(est, X, y))
    low, _, high = est.predict(X).T
    assert display.coverage_ == np.mean((low <= y) & (y <= high))
    assert display.nominal == 0.8
    normal = NumpyMLPRegressor((8,), loss="gaussian_nll", **SHORT).fit(X, y)
    display = PredictionIntervalDisplay.from_estimator(normal, X, y, coverage=0.5)
    mean, std = normal.predict(X, return_std=True)
    np.testing.assert_allclose(display.upper, norm.ppf(0.75, mean, std))
    assert display.nominal == 0.5


def test_intervals_of_any_model():
    display = PredictionIntervalDisplay.from_predictions([1, 2, 3, 9], [0, 0, 0, 0], [2, 2, 2, 2])
    assert display.coverage_ == 0.5
    assert display.ax_.get_title() == "50% inside"
    with pytest.raises(ValueError, match="must have one shape"):
        PredictionIntervalDisplay.from_predictions([1, 2], [0, 0], [2])


def test_intervals_of_what_has_none(model):
    with pytest.raises(ValueError, match="intervals need loss='quantile' with several"):
        PredictionIntervalDisplay.from_estimator(model, X, y)
    both = NumpyMLPRegressor((4,), **SHORT).fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="one output"):
        PredictionIntervalDisplay.from_estimator(both, X, y)
    with pytest.raises(ValueError, match="coverage must be between 0 and 1. Got 90"):
        PredictionIntervalDisplay.from_estimator(model, X, y, coverage=90)


def test_a_network_with_images_of_its_first_layer():
    digits, labels = load_digits(return_X_y=True)
    est = NumpyMLPClassifier((10, 5), feature_scaling=None, **SHORT).fit(digits, labels)
    with pytest.raises(ValueError, match=r"given 512 columns.*fit with numeric_embedding=None"):
        NetworkDisplay.from_estimator(est, image_shape=(8, 8))
    est.set_params(numeric_embedding=None).fit(digits, labels)
    display = drawn(NetworkDisplay.from_estimator(est, image_shape=(8, 8)))
    text = " ".join(t.get_text() for t in display.ax_.texts)
    assert "650 parameters" in text
    tiles, second, last = (image.get_array() for image in display.ax_.images)
    np.testing.assert_allclose(
        tiles[:8, :8],
        est.coefs_[0][:, 0].reshape(8, 8) / np.abs(est.coefs_[0][:, 0]).max(),
        rtol=1e-6,
    )
    np.testing.assert_array_equal(second, est.coefs_[1])
    np.testing.assert_array_equal(last, est.coefs_[2])
    with pytest.raises(ValueError, match="has 63 pixels, but the first layer is given 64"):
        NetworkDisplay.from_estimator(est, image_shape=(7, 9))


def test_a_network_of_members_and_blocks():
    options = {"n_members": 2, "residual": True, "normalization": "layer", "max_iter": 2}
    est = TabularMLPRegressor((8, 8), n_bags=1, random_state=0, **options).fit(X, y)
    assert "2 x 8" in " ".join(
        t.get_text() for t in drawn(NetworkDisplay.from_estimator(est)).ax_.texts
    )


def test_hidden_layers_in_words():
    est = NumpyMLPRegressor((10, 6), **SHORT).fit(X, y)
    est.intercepts_[0][:4] = -1e3
    display = drawn(LayerStatisticsDisplay.from_estimator(est, X, y))
    h = est.transform(X, layer=0)
    words = [text.get_text() for text in display.ax_.texts]
    assert words[0].startswith(
        f"mean {h.mean():.2f}, std {h.std():.2f}, dead 40%, saturated 0%, gradient "
    )
    ends = [max(line.get_xdata()) for line in display.ax_.lines if 0 in np.round(line.get_ydata())]
    np.testing.assert_allclose(max(ends), h.max(), rtol=1e-4)
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == ["hidden layer 0\nRelu", "hidden layer 1\nRelu"]


def test_hidden_layers_of_members_and_of_classes():
    members = NumpyMLPClassifier((6,), activation="tanh", n_members=3, **SHORT).fit(X, y > 14)
    display = drawn(LayerStatisticsDisplay.from_estimator(members, X, y > 14))
    assert display.statistics[0].outputs.shape == (3, len(X), 6)
    assert [found.name for found in display.gradients] == ["hidden layer 0", "output layer"]
    assert LayerStatisticsDisplay.from_estimator(members, X).gradients == []
    linear = NumpyMLPClassifier((), **SHORT).fit(X, y > 14)
    assert drawn(LayerStatisticsDisplay.from_estimator(linear, X)).statistics == []


def test_without_matplotlib(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="LossCurveDisplay.plot needs matplotlib"):
        LossCurveDisplay.from_estimator(model)


def test_intervals_of_a_classifier():
    est = NumpyMLPClassifier((4,), **SHORT).fit(X, y > 15)
    with pytest.raises(TypeError, match="of a regressor. Got NumpyMLPClassifier"):
        PredictionIntervalDisplay.from_estimator(est, X, y > 15)


def test_the_text_of_a_box_stays_in_it_in_small_axes():
    est = NumpyMLPRegressor((4,) * 5, **SHORT).fit(X, y)
    figure, grid = plt.subplots(3, 3, figsize=(15, 12))
    ax = NetworkDisplay.from_estimator(est, ax=grid[0, 1]).ax_
    figure.canvas.draw()
    for text, box in zip(ax.texts, ax.patches, strict=True):
        assert text.get_window_extent().height < box.get_window_extent().height
