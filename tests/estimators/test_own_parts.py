"""A mistake in a loss or an activation of the user's own is told by its name, before training."""

from dataclasses import dataclass

import numpy as np
import pytest

from sknumpynet import Activation, Loss, NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.losses import GaussianNLL, Poisson, Quantile

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
Y = np.round(np.abs(X[:, 0]) + RNG.random(80), 1)
Y[7] = 0.0
SMALL = {"hidden_layer_sizes": (8, 5), "max_iter": 4, "random_state": 0}


class Square(Loss):
    def losses(self, raw, y):
        return (raw - y) ** 2

    def slopes(self, raw, y):
        return 2 * (raw - y)


class Bend(Activation):
    def value(self, x):
        return x + 0.5 * np.sqrt(1 + x * x)

    def slope(self, x, y):
        return 1 + 0.5 * x / np.sqrt(1 + x * x)


def own(parent, **methods):
    """The class ``Mine``, with other methods than its parent."""
    return type("Mine", (parent,), methods)


@dataclass(frozen=True)
class Whole(Loss):
    """One that shares work."""

    slip: str = ""

    def value(self, raw, y, weight, d_raw=None):
        error = raw - y
        if d_raw is not None and self.slip != "no slopes":
            d_raw[...] = error / len(raw)
        loss = 0.5 * error * error
        return np.nan if self.slip == "nan" else loss if self.slip == "rows" else float(loss.mean())


def squares_in_place(self, raw, y):
    raw -= y
    raw *= 2
    return raw


def cut_in_place(self, x):
    x[x < 0] = 0
    return x


class Linex(Loss):
    """Overflows far from y, where training never is."""

    def losses(self, raw, y):
        return np.exp(y - raw) - (y - raw) - 1

    def slopes(self, raw, y):
        return 1 - np.exp(y - raw)


LOSSES = {
    "it writes to the scores": (
        own(Square, slopes=squares_in_place),
        r"Mine\.slopes wrote to raw\. It may be needed again",
    ),
    "lists of several lengths": (
        own(Square, losses=lambda self, raw, y: [(raw - y) ** 2, 1]),
        r"(?s)Mine\.losses gave .* wanted real numbers of shape \(4, 1\)",
    ),
    "losses of one dimension": (
        own(Square, losses=lambda self, raw, y: ((raw - y) ** 2)[:, 0]),
        r"Mine\.losses gave shape \(4,\), wanted \(4, 1\)",
    ),
    "losses of all rows with all": (
        own(Square, losses=lambda self, raw, y: (raw - y.ravel()) ** 2),
        r"Mine\.losses gave shape \(4, 4\), wanted \(4, 1\)",
    ),
    "slopes of one dimension": (
        own(Square, slopes=lambda self, raw, y: 2 * (raw - y)[:, 0]),
        r"Mine\.slopes gave shape \(4,\), wanted \(4, 1\)",
    ),
    "no result": (
        own(Square, slopes=lambda self, raw, y: None),
        r"Mine\.slopes gave None, wanted real numbers of shape \(4, 1\)",
    ),
    "nan for negative scores": (
        own(Square, losses=lambda self, raw, y: np.sqrt(raw) - y),
        r"Mine\.losses gave nan for finite input, raw=\S+, y=0",
    ),
    "slopes at the minimum": (
        own(Square, slopes=lambda self, raw, y: (raw - y) / np.abs(raw - y)),
        r"Mine\.slopes gave nan for finite input, raw=0\.0, y=0\.0",
    ),
    "inf where y is 0, which one row is": (
        own(Square, losses=lambda self, raw, y: (raw - np.log(y)) ** 2),
        r"Mine\.losses gave inf for finite input, raw=\S+, y=0\.0",
    ),
    "n_raw": (own(Square, n_raw=lambda self, n: 1.5), r"Mine\.n_raw gave 1\.5, wanted an integer"),
    "intercept_only": (
        own(Square, intercept_only=lambda self, y, weight: y.mean(axis=0)[:, np.newaxis]),
        r"Mine\.intercept_only gave shape \(1, 1\), wanted \(1,\)",
    ),
    "intercept_only of nothing": (
        own(Square, intercept_only=lambda self, y, weight: np.full(1, np.nan)),
        r"Mine\.intercept_only gave nan for finite input",
    ),
    "predict": (
        own(Square, predict=lambda self, raw: raw[:, 0]),
        r"Mine\.predict gave shape \(4,\), wanted \(4, 1\)",
    ),
    "point": (
        own(Square, point=lambda self, raw: raw.sum()),
        r"Mine\.point gave shape \(\), wanted \(4, 1\)",
    ),
    "combine": (
        own(Square, combine=lambda self, raw: raw),
        r"Mine\.combine gave shape \(2, 4, 1\), wanted \(4, 1\)",
    ),
    "value": (Whole("nan"), r"Whole\.value gave nan for finite input"),
    "value of rows": (Whole("rows"), r"Whole\.value gave shape \(4, 1\), wanted \(\)"),
    "no gradient": (Whole("no slopes"), r"Whole\.value \(d_raw\) gave nan for finite input, raw="),
}

ACTIVATIONS = {
    "it writes to its input": (own(Bend, value=cut_in_place), r"Mine\.value wrote to x\."),
    "value of rows": (
        own(Bend, value=lambda self, x: x.sum(axis=1)),
        r"Mine\.value gave shape \(3,\), wanted \(3, 2\)",
    ),
    "slope that is one number": (
        own(Bend, slope=lambda self, x, y: 1.0),
        r"Mine\.slope gave shape \(\), wanted \(3, 2\)",
    ),
    "no result": (own(Bend, value=lambda self, x: None), r"Mine\.value gave None, wanted real"),
    "nan for negative numbers": (
        own(Bend, value=lambda self, x: np.sqrt(x)),
        r"Mine\.value gave nan for finite input, x=-2\.0",
    ),
    "slope at 0": (
        own(Bend, slope=lambda self, x, y: np.abs(x) / x),
        r"Mine\.slope gave nan for finite input, x=0\.0",
    ),
}


def refused(model, y, message):
    before = dict(vars(model))
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert vars(model) == before


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize(("loss", "message"), LOSSES.values(), ids=LOSSES)
def test_what_is_wrong_with_a_loss(loss, message, solver):
    refused(NumpyMLPRegressor(**SMALL, loss=loss, solver=solver), Y, message)


@pytest.mark.parametrize(("activation", "message"), ACTIVATIONS.values(), ids=ACTIVATIONS)
@pytest.mark.parametrize("estimator", [NumpyMLPRegressor, NumpyMLPClassifier])
def test_what_is_wrong_with_an_activation(estimator, activation, message):
    y = Y if estimator is NumpyMLPRegressor else Y > 1
    for which in (activation, activation(), ["relu", activation]):
        refused(estimator(**SMALL, activation=which), y, message)


def test_in_a_stream_it_is_told_too():
    loss, message = LOSSES["slopes of one dimension"]
    with pytest.raises(ValueError, match=message):
        NumpyMLPRegressor(**SMALL, loss=loss).partial_fit(X[:1], Y[:1])


def test_several_targets():
    loss = own(Square, losses=lambda self, raw, y: ((raw - y) ** 2).sum(axis=1))
    message = r"Mine\.losses gave shape \(4,\), wanted \(4, 2\)"
    refused(NumpyMLPRegressor(**SMALL, loss=loss), np.column_stack([Y, Y]), message)


@pytest.mark.parametrize("size", [1e30, 1e300])
def test_what_overflows_for_huge_targets_is_no_mistake_of_the_loss(size):
    model = NumpyMLPRegressor(**SMALL, loss=Square, target_scaling=False)
    refused(model, size * (1 + Y), "The cause is y: in row")


class Double(Square):
    """All it gives is float64."""

    target_unit = "standard"

    def losses(self, raw, y):
        return super().losses(raw.astype(np.float64), y)

    def slopes(self, raw, y):
        return super().slopes(raw.astype(np.float64), y)

    def predict(self, raw):
        return raw.astype(np.float64)

    def combine(self, raw):
        return raw.mean(axis=0, dtype=np.float64)


class DoubleBend(Bend):
    def value(self, x):
        return super().value(x.astype(np.float64))

    def slope(self, x, y):
        return super().slope(x.astype(np.float64), y)


@pytest.mark.parametrize("solver", ["adam", "sgd", "muon", "lbfgs"])
@pytest.mark.parametrize("n_members", [1, 3])
def test_float64_in_a_float32_fit_is_harmless(solver, n_members):
    options = SMALL | {"solver": solver, "n_members": n_members, "early_stopping": True}
    model = NumpyMLPRegressor(**options, loss=Double, activation=DoubleBend).fit(X, Y)

    class Plain(Square):
        target_unit = "standard"

    plain = NumpyMLPRegressor(**options, loss=Plain, activation=Bend).fit(X, Y)
    assert model.network_.theta.dtype == np.float32
    np.testing.assert_allclose(model.predict(X), plain.predict(X), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "loss", [GaussianNLL, Poisson, Quantile([0.1, 0.5, 0.9]), Whole, Double(), Square]
)
@pytest.mark.parametrize("y", [Y, np.column_stack([Y, Y + 1]), np.ones(80)])
def test_what_is_right_passes(loss, y):
    NumpyMLPRegressor(**SMALL, loss=loss, activation=[Bend(), Bend]).fit(X, y)


def test_they_are_tried_once_for_each_fit_that_starts_anew():
    sizes = []

    class Counted(Bend):
        def value(self, x):
            sizes.append(x.shape)
            return super().value(x)

    model = NumpyMLPRegressor(**SMALL, activation=[Counted, "relu"], warm_start=True)
    for _ in range(2):
        model.fit(X, Y)
        assert sizes.count((3, 2)) == 1


def test_a_loss_may_overflow_where_training_never_is():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(200, 2))
    y = 300 + table[:, 0]
    model = NumpyMLPRegressor((10,), loss=Linex, learning_rate_init=0.01, random_state=0)
    assert model.fit(table, y).score(table, y) > 0.8
