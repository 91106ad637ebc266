"""What the losses of the regressor learn, from their starting constant to their predictions."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.optimize
from sklearn.base import clone
from sklearn.datasets import make_friedman1
from sklearn.linear_model import GammaRegressor, QuantileRegressor, TweedieRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV

from catalogue import REGRESSION_LOSSES
from sknumpynet import Loss, NumpyMLPRegressor
from sknumpynet.inspection import check_gradient
from sknumpynet.losses import REGRESSION_LOSSES as TABLE
from sknumpynet.losses import Huber, SquaredError
from sknumpynet.network import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X, Y = make_friedman1(150, n_features=5, noise=1.0, random_state=0)
Y = Y + RNG.gamma(1.0, 3.0, size=150)
WEIGHT = RNG.integers(1, 5, size=150)
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 4, "random_state": 0}
LINEAR = {"hidden_layer_sizes": (), "alpha": 0.0, "dtype": "float64", "random_state": 0}
SEVERAL = [0.05, 0.5, 0.95]


NOTHING_LEARNED = {
    "hidden_layer_sizes": (),
    "dtype": "float64",
    "max_iter": 1,
    "learning_rate_init": 1e-300,
    "early_stopping": False,
}


def start(y, weight=None, **options):
    """What a network predicts that has not learned anything yet."""
    ones = np.ones((len(y), 1))
    model = NumpyMLPRegressor(**NOTHING_LEARNED, **options)
    return model.fit(ones, y, sample_weight=weight).predict(ones[:1])[0]


def best(loss, y):
    """The constant with the smallest sum of ``loss(error)``, by search."""
    found = scipy.optimize.minimize_scalar(
        lambda r: loss(y - r).sum(), bounds=(y.min(), y.max()), options={"xatol": 1e-11}
    )
    return found.x


def huber(delta):
    return lambda e: np.where(np.abs(e) < delta, e * e / 2, delta * (np.abs(e) - delta / 2))


STATISTICS = {
    "squared_error": ({}, np.mean),
    "absolute_error": ({}, np.median),
    "huber": ({"delta": 0.8}, lambda y: best(huber(0.8), y)),
    "huber, auto": ({}, None),
    "log_cosh": ({"delta": 0.8}, lambda y: best(lambda e: np.log(np.cosh(e / 0.8)), y)),
    "quantile": ({"quantile": 0.9}, lambda y: np.quantile(y, 0.9, method="averaged_inverted_cdf")),
    "quantile, several": (
        {"quantile": SEVERAL},
        lambda y: np.quantile(y, SEVERAL, method="averaged_inverted_cdf"),
    ),
    "poisson": ({}, np.mean),
    "gamma": ({}, np.mean),
    "tweedie": ({"power": 1.3}, np.mean),
    "gaussian_nll": ({}, np.mean),
}


@pytest.mark.parametrize("target_scaling", [True, False])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
@pytest.mark.parametrize("name", STATISTICS)
def test_training_starts_at_the_known_statistic(name, weight, target_scaling):
    options, statistic = STATISTICS[name]
    repeated = Y if weight is None else np.repeat(Y, weight)
    if statistic is None:
        delta = repeated.std() if target_scaling else 1.0
        expected = best(huber(delta), repeated)
    else:
        expected = statistic(repeated)
    found = start(Y, weight, loss=name.split(",")[0], target_scaling=target_scaling, **options)
    np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_every_loss_has_a_statistic():
    assert {name.split(",")[0] for name in STATISTICS} == set(TABLE)


def test_the_spread_starts_at_the_standard_deviation():
    model = NumpyMLPRegressor(**NOTHING_LEARNED, loss="gaussian_nll")
    ones = np.ones((len(Y), 1))
    mean, std = model.fit(ones, Y, sample_weight=WEIGHT).predict(ones[:1], return_std=True)
    repeated = np.repeat(Y, WEIGHT)
    np.testing.assert_allclose([mean[0], std[0]], [repeated.mean(), repeated.std()], rtol=1e-9)


# Targets that are refused.


@pytest.mark.parametrize(
    ("options", "value", "domain"),
    [
        ({"loss": "poisson"}, -0.5, "y >= 0"),
        ({"loss": "gamma"}, 0.0, "y > 0"),
        ({"loss": "gamma"}, -2.0, "y > 0"),
        ({"loss": "tweedie"}, -0.5, "y >= 0"),
        ({"loss": "tweedie", "power": 1}, -0.5, "y >= 0"),
        ({"loss": "tweedie", "power": 2}, 0.0, "y > 0"),
        ({"loss": "tweedie", "power": 3.0}, 0.0, "y > 0"),
    ],
)
def test_a_target_out_of_the_domain_is_refused_with_its_value(options, value, domain):
    y = Y.copy()
    y[7] = value
    with pytest.raises(ValueError, match=f"takes {domain}. Got y with the value {value:g}"):
        NumpyMLPRegressor(**SMALL, **options).fit(X, y)
    y[7] = 0 if ">=" in domain else 1e-300
    NumpyMLPRegressor(**SMALL, **options).fit(X, y)


# Without a hidden layer.


@pytest.mark.parametrize(
    ("options", "peer"),
    [
        ({"loss": "gamma"}, GammaRegressor(alpha=0, tol=1e-9, max_iter=5000)),
        (
            {"loss": "tweedie", "power": 1.4},
            TweedieRegressor(power=1.4, alpha=0, link="log", tol=1e-9, max_iter=5000),
        ),
        (
            {"loss": "tweedie", "power": 3},
            TweedieRegressor(power=3, alpha=0, link="log", tol=1e-9, max_iter=5000),
        ),
    ],
)
def test_without_a_hidden_layer_it_is_scikit_learns_linear_model(options, peer):
    model = NumpyMLPRegressor(**LINEAR, **options, solver="lbfgs", tol=1e-9, max_iter=5000)
    found = model.fit(X, Y, sample_weight=WEIGHT).predict(X)
    expected = peer.fit(X, Y, sample_weight=WEIGHT).predict(X)
    np.testing.assert_allclose(found, expected, rtol=2e-4)


def test_linear_quantiles_are_scikit_learns():
    model = NumpyMLPRegressor(
        **LINEAR, loss="quantile", quantile=[0.2, 0.8], solver="adam", learning_rate_init=0.02,
        learning_rate="cosine", max_iter=400, n_iter_no_change=np.inf, early_stopping=False,
    )  # fmt: skip
    found = model.fit(X, Y).predict(X)
    for j, q in enumerate([0.2, 0.8]):
        expected = QuantileRegressor(quantile=q, alpha=0).fit(X, Y).predict(X)
        np.testing.assert_allclose(found[:, j], expected, atol=0.05 * Y.std())


# Predictions.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_quantiles_have_a_last_axis_and_never_cross(n_outputs, dtype):
    y = Y if n_outputs == 1 else np.column_stack([Y, -Y])
    model = NumpyMLPRegressor(
        (20,), loss="quantile", quantile=SEVERAL, max_iter=30, learning_rate_init=0.05,
        dtype=dtype, random_state=0,
    ).fit(X, y)  # fmt: skip
    far = np.random.default_rng(1).normal(0, 20, size=(3000, 5))
    prediction = model.predict(far)
    assert prediction.shape == (3000, *y.shape[1:], 3)
    assert (np.diff(prediction, axis=-1) >= 0).all()
    # They would cross: the scores are not in order everywhere.
    raw = model._raw_scores(far).reshape(3000, n_outputs, 3)
    assert (np.diff(raw, axis=-1) < 0).any()
    assert model.n_outputs_ == n_outputs
    assert model.score(X, y) == pytest.approx(r2_score(y, model.predict(X)[..., 1]))
    one = clone(model).set_params(quantile=[0.3]).fit(X, y)
    assert one.predict(X).shape == (*y.shape, 1)
    assert one.score(X, y) == pytest.approx(r2_score(y, one.predict(X)[..., 0]))


def test_the_score_is_that_of_the_quantile_next_to_the_median():
    model = NumpyMLPRegressor(**SMALL, loss="quantile", quantile=[0.1, 0.45, 0.7]).fit(X, Y)
    assert model.score(X, Y, WEIGHT) == pytest.approx(
        r2_score(Y, model.predict(X)[:, 1], sample_weight=WEIGHT)
    )
    grid = {"quantile": [[0.1, 0.9], 0.5, [0.4, 0.5]]}
    search = GridSearchCV(model, grid, cv=2).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_intervals_of_known_noise():
    """The noise of every row is known: its quantiles and its standard deviation are learned."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(3000, 1))
    sd = 100 * (0.2 + np.abs(x[:, 0]))
    y = 1000 + sd * rng.normal(size=3000)
    options = {"hidden_layer_sizes": (30,), "learning_rate_init": 0.01, "random_state": 0}
    model = NumpyMLPRegressor(loss="gaussian_nll", **options).fit(x, y)
    mean, std = model.predict(x, return_std=True)
    assert np.abs(std / sd - 1).mean() < 0.1
    assert np.abs(mean - 1000).mean() < 15
    model = NumpyMLPRegressor(loss="quantile", quantile=[0.1, 0.9], **options).fit(x, y)
    low, high = model.predict(x).T
    assert np.abs((high - low) / (2 * 1.2816 * sd) - 1).mean() < 0.12
    assert np.mean((low <= y) & (y <= high)) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("loss", [name for name in REGRESSION_LOSSES if name != "gaussian_nll"])
def test_other_losses_have_no_standard_deviation(loss):
    model = NumpyMLPRegressor(**SMALL, loss=loss).fit(X, Y)
    with pytest.raises(ValueError, match=f"loss='gaussian_nll'. It was loss='{loss}'"):
        model.predict(X, return_std=True)


@pytest.mark.parametrize("loss", ["huber", "absolute_error", "log_cosh"])
def test_outliers_move_the_prediction_little(loss):
    y = X[:, 0] * 10
    spoiled = y.copy()
    spoiled[::10] += 1000
    options = {**LINEAR, "learning_rate_init": 0.05, "learning_rate": "cosine", "max_iter": 300}
    options |= {"early_stopping": False, "n_iter_no_change": np.inf}
    model = NumpyMLPRegressor(loss=loss, delta=1.0, **options).fit(X, spoiled)
    assert np.abs(model.predict(X) - y).max() < 3
    assert np.abs(NumpyMLPRegressor(**options).fit(X, spoiled).predict(X) - y).max() > 50


@pytest.mark.parametrize("value", [0.0, -3.0, 1e6])
@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_a_constant_target_is_predicted(loss, value):
    if TABLE[loss].target_unit == "mean":
        value = abs(value) + (loss == "gamma")
    y = np.full(60, value)
    assert start(y, loss=loss) == pytest.approx(value, rel=1e-9, abs=0.01)
    model = NumpyMLPRegressor(**SMALL, loss=loss).fit(X[:60], y)
    assert np.isfinite(model.predict(X)).all()
    assert np.isfinite(model.loss_)


@pytest.mark.parametrize("options", [{"n_members": 3}, {"n_bags": 3}])
@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_several_networks_are_averaged(loss, options):
    quantile = SEVERAL if loss == "quantile" else 0.5
    model = NumpyMLPRegressor(**SMALL | options, loss=loss, quantile=quantile).fit(X, Y)
    assert np.isfinite(model.predict(X)).all()
    assert np.isfinite(model.score(X, Y))
    if "n_bags" in options:
        others = [model._with_model(one, named=True) for one in model._models]
        expected = np.mean([other.predict(X) for other in others], axis=0)
        np.testing.assert_allclose(model.predict(X), expected, rtol=1e-5)
        assert model.oof_prediction_.shape == model.predict(X).shape
    if loss == "gaussian_nll":
        assert (model.predict(X, return_std=True)[1] > 0).all()


# Going on.


def test_warm_start_settles_the_options_that_the_loss_has():
    model = NumpyMLPRegressor(**SMALL, loss="quantile", quantile=SEVERAL, warm_start=True)
    model.fit(X, Y)
    model.set_params(quantile=np.array(SEVERAL), delta=3.0, power=2).fit(X, Y)
    model.set_params(quantile=[0.1, 0.9])
    with pytest.raises(ValueError, match=r"whose quantile was \(0.05, 0.5, 0.95\)"):
        model.fit(X, Y)
    model.set_params(quantile=SEVERAL, loss="huber")
    with pytest.raises(ValueError, match="whose loss was 'quantile'"):
        model.fit(X, Y)


# A loss of one's own.


@dataclass(frozen=True)
class Expectile(Loss):
    share: float = 0.9
    target_unit = "standard"

    def losses(self, raw, y):
        return np.where(raw < y, self.share, 1 - self.share) * (raw - y) ** 2

    def slopes(self, raw, y):
        return 2 * np.where(raw < y, self.share, 1 - self.share) * (raw - y)


class OwnSquare(Loss):
    target_unit = "standard"

    def losses(self, raw, y):
        return 0.5 * (raw - y) ** 2

    def slopes(self, raw, y):
        return raw - y


@pytest.mark.parametrize("own", [OwnSquare, OwnSquare(), SquaredError, SquaredError()])
def test_it_computes_what_the_name_does(own):
    named = NumpyMLPRegressor(**SMALL, dtype="float64").fit(X, Y)
    model = NumpyMLPRegressor(**SMALL, dtype="float64", loss=own).fit(X, Y)
    np.testing.assert_allclose(model.predict(X), named.predict(X), rtol=1e-6)
    assert model.out_activation_ == "identity"


def test_its_start_is_sought():
    found = start(Y, WEIGHT, loss=Expectile(0.8))
    y = np.repeat(Y, WEIGHT)
    expected = best(lambda e: np.where(e > 0, 0.8, 0.2) * e * e, y)
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_clone_pickle_and_partial_fit(solver):
    model = NumpyMLPRegressor(**SMALL, loss=Expectile(0.7), solver=solver)
    twin = clone(model)
    assert twin.loss == model.loss
    before = repr(model)
    assert "Expectile(share=0.7)" in before
    predicted = model.fit(X, Y).predict(X)
    assert repr(model) == before
    np.testing.assert_array_equal(twin.fit(X, Y).predict(X), predicted)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), predicted)
    if solver == "adam":
        copy.partial_fit(X, Y)


def test_grid_search_over_names_and_objects():
    grid = {"loss": ["huber", Expectile(0.1), Expectile(0.9), Huber(0.1)]}
    search = GridSearchCV(NumpyMLPRegressor(**SMALL), grid, cv=2).fit(X, Y)
    assert len(set(search.cv_results_["mean_test_score"])) == 4


def test_warm_start_knows_whether_it_is_the_same():
    model = NumpyMLPRegressor(**SMALL, loss=Expectile(0.9), warm_start=True).fit(X, Y)
    model.set_params(loss=Expectile(share=0.9)).fit(X, Y)
    model.set_params(loss=Expectile(0.8))
    with pytest.raises(ValueError, match=r"loss was Expectile\(share=0.9\) .*share=0.8"):
        model.fit(X, Y)


@pytest.mark.parametrize("wrong", [lambda x: x, int, 3, ACTIVATIONS["relu"]()])
def test_what_is_no_loss_is_refused(wrong):
    with pytest.raises(ValueError, match="or a Loss of your own. Got"):
        NumpyMLPRegressor(**SMALL, loss=wrong).fit(X, Y)


def test_without_slopes_fit_says_so_and_leaves_the_estimator():
    class Half(Loss):
        def losses(self, raw, y):
            return 0.5 * np.abs(raw - y)

    model = NumpyMLPRegressor(**SMALL, loss=Half())
    before = dict(vars(model))
    with pytest.raises(NotImplementedError, match="Half does not define slopes"):
        model.fit(X, Y)
    assert vars(model) == before


def test_its_gradient_can_be_checked():
    def total(raw, loss):
        raw, d_raw = raw[:, np.newaxis], np.empty((len(raw), 1))
        return loss.value(raw, Y[:, np.newaxis], None, d_raw), d_raw.ravel()

    class Slip(Expectile):
        def slopes(self, raw, y):
            return super().slopes(raw, y) / 2

    at = RNG.normal(10, 3, size=len(Y))
    assert check_gradient(lambda raw: total(raw, Expectile(0.8)), at).error < 1e-6
    assert check_gradient(lambda raw: total(raw, Slip(0.8)), at).error > 0.1


@pytest.mark.parametrize("options", [{}, {"n_members": 2}, {"n_bags": 2}])
@pytest.mark.parametrize("unit", [1.0, 1e8])
@pytest.mark.parametrize("loss", ["gaussian_nll", "poisson", "gamma", "tweedie", "squared_error"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_far_from_the_training_rows_predictions_are_finite(loss, unit, options):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 2))
    y = (np.abs(X[:, 0] + rng.standard_normal(100)) + 0.1) * unit
    model = NumpyMLPRegressor(
        (8,), loss=loss, feature_scaling=None, max_iter=20, random_state=0, **options
    ).fit(X, y)
    assert np.abs(model.predict(1e5 * X)).max() > y.max()
    for size in (1e2, 1e5, 1e30, 1e300):
        assert np.isfinite(model.predict(size * X)).all()
        if loss == "gaussian_nll":
            _, std = model.predict(size * X, return_std=True)
            assert np.isfinite(std).all()
            assert (std > 0).all()
