"""A constant target is predicted as that constant; one that varies later is learned then."""

import numpy as np
import pytest

from sknumpynet import NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.losses import REGRESSION_LOSSES, Loss

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
VARYING = np.exp(X[:, 0])
POSITIVE = {"poisson", "gamma", "tweedie"}
OPTIONS = {
    "default": {},
    "lbfgs": {"solver": "lbfgs"},
    "muon": {"solver": "muon"},
    "schedule_free": {"solver": "schedule_free"},
    "sgd": {"solver": "sgd"},
    "linear": {"hidden_layer_sizes": ()},
    "members": {"n_members": 2},
    "bags": {"n_bags": 2},
    "float64": {"dtype": "float64"},
    "unscaled": {"target_scaling": False},
    "layers": {"normalization": "batch", "dropout": 0.2},
    "early stopping": {"early_stopping": True},
}


def small(**options):
    return {
        "hidden_layer_sizes": (6,),
        "max_iter": 5,
        "random_state": 0,
        "ema_decay": None,
        **options,
    }


@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_constant_is_predicted(loss, options):
    # Scaled, the network adds nothing; otherwise it gives a number of float32, or its logarithm.
    rtol = 1e-6 if options.get("target_scaling") is False else 1e-14
    weight = rng.uniform(0.1, 2.0, size=len(X))
    for constant in (1 / 3, 123456.7, 1e-9) + (() if loss in POSITIVE else (-5.2, 0.0)):
        model = NumpyMLPRegressor(loss=loss, **small(**options))
        model.fit(X, np.full(len(X), constant), sample_weight=weight)
        np.testing.assert_allclose(model.predict(X), constant, rtol=rtol)


@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
@pytest.mark.parametrize("estimator", [NumpyMLPRegressor, TabularMLPRegressor])
def test_so_is_that_of_one_of_several_outputs(loss, estimator):
    Y = np.column_stack([VARYING, np.full(len(X), 7.3), 2 * VARYING])
    # The 6 rows that validate are too few to stop by.
    options = small(max_iter=150, n_bags=1, learning_rate_init=0.02, n_iter_no_change=np.inf)
    model = estimator(loss=loss, **options)
    predicted = model.fit(X, Y).predict(X)
    np.testing.assert_allclose(predicted[:, 1], 7.3, rtol=1e-14)
    for j in (0, 2):
        assert np.corrcoef(predicted[:, j], Y[:, j])[0, 1] > 0.7


def test_so_are_all_quantiles_and_the_mean_beside_a_spread():
    Y = np.column_stack([VARYING, np.full(len(X), 7.3)])
    model = NumpyMLPRegressor(loss="quantile", quantile=(0.1, 0.5, 0.9), **small()).fit(X, Y)
    np.testing.assert_allclose(model.predict(X)[:, 1], 7.3, rtol=1e-14)
    assert np.ptp(model.predict(X)[:, 0], axis=1).min() > 0
    model = NumpyMLPRegressor(loss="gaussian_nll", **small()).fit(X, Y)
    mean, std = model.predict(X, return_std=True)
    np.testing.assert_allclose(mean[:, 1], 7.3, rtol=1e-14)
    assert np.ptp(std[:, 1]) == 0 < std[0, 1] < 0.002


@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_so_it_is_part_by_part(loss):
    model = NumpyMLPRegressor(loss=loss, **small(learning_rate_init=0.1))
    for _ in range(3):
        model.partial_fit(X, np.full(len(X), 7.3))
        np.testing.assert_allclose(model.predict(X), 7.3, rtol=1e-14)


class LogRatio(Loss):
    """A loss of one's own without a unit."""

    def losses(self, raw, y):
        return np.log(np.cosh(raw - 2 * y))

    def slopes(self, raw, y):
        return np.tanh(raw - 2 * y)


def test_a_loss_of_ones_own_has_its_own_best_constant():
    model = NumpyMLPRegressor(loss=LogRatio, **small()).fit(X, np.full(len(X), 1.5))
    np.testing.assert_allclose(model.predict(X), 3.0, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_a_target_that_varies_later_is_learned_as_if_it_began_there(loss, scale):
    options = small(loss=loss, learning_rate_init=0.02, hidden_layer_sizes=(16,))
    late, fresh = NumpyMLPRegressor(**options), NumpyMLPRegressor(**options)
    for _ in range(2):
        late.partial_fit(X, np.full(len(X), 7.3))
    y = scale * VARYING
    for _ in range(80):
        late.partial_fit(X, y)
        fresh.partial_fit(X, y)
    found, wanted = (np.abs(model.predict(X) - y).mean() for model in (late, fresh))
    assert found < max(1.5 * wanted, 0.1 * np.abs(y - y.mean()).mean())


def test_two_constants_one_after_the_other():
    model = NumpyMLPRegressor(**small(learning_rate_init=0.02, hidden_layer_sizes=(16,)))
    model.partial_fit(X, np.full(len(X), 5e6))
    first = model._model.target
    model.partial_fit(X, np.full(len(X), 9e6))
    # An earlier fit keeps what it knows.
    assert first.constant.all()
    y = np.where(X[:, 0] > 0, 5e6, 9e6)
    for _ in range(150):
        model.partial_fit(X, y)
    assert model.score(X, y) > 0.8


def test_one_of_several_outputs_varies_later():
    model = NumpyMLPRegressor(**small(learning_rate_init=0.02, hidden_layer_sizes=(16,)))
    early = np.column_stack([VARYING, np.full(len(X), 1e3)])
    for _ in range(30):
        model.partial_fit(X, early)
    unit = model._model.target.unit
    later = np.column_stack([VARYING, 1e3 * VARYING])
    for _ in range(150):
        model.partial_fit(X, later)
    assert model._model.target.unit[0] == unit[0]
    assert model.score(X, later) > 0.9


def test_warm_start_learns_what_was_constant():
    model = NumpyMLPRegressor(**small(warm_start=True, solver="lbfgs", max_iter=200))
    model.fit(X, np.full(len(X), 5.0))
    assert model.fit(X, 1e6 * VARYING).score(X, 1e6 * VARYING) > 0.95


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_so_do_bags_that_go_on(n_jobs):
    model = NumpyMLPRegressor(**small(n_bags=2, n_jobs=n_jobs, learning_rate_init=0.02))
    model.fit(X, np.full(len(X), 5.0))
    for _ in range(2):
        model.partial_fit(X, np.full(len(X), 5.0))
        np.testing.assert_allclose(model.predict(X), 5.0, rtol=1e-14)
    y = 1e6 * VARYING
    model.partial_fit(X, y)
    # Both start at the mean, in one unit.
    np.testing.assert_allclose(model.predict(X).mean(), y.mean(), rtol=0.2)
    model.set_params(n_jobs=None)
    for _ in range(150):
        model.partial_fit(X, y)
    assert model.score(X, y) > 0.8
