"""What every loss promises: weights, in-place gradients, the best constant, links and domains."""

import numpy as np
import pytest
import scipy.optimize
from sklearn.metrics import (
    log_loss,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
    mean_tweedie_deviance,
)

from catalogue import CLASS_LOSSES, LOSSES, NUMBER_LOSSES
from sknumpynet.losses import (
    BinaryLogLoss,
    Gamma,
    Loss,
    MulticlassLogLoss,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)
from sknumpynet.training import constant_loss

N_ROWS = 12
RNG = np.random.default_rng(0)
TARGETS = {name: (case.loss, case.data(N_ROWS)) for name, case in LOSSES.items()}
RAW = {name: RNG.normal(size=(N_ROWS, case.n_raw)) for name, case in LOSSES.items()}
WHOLE_WEIGHTS = np.array([1, 2, 1, 3, 1, 1, 2, 1, 5, 1, 1, 1])
every_loss = pytest.mark.parametrize("name", sorted(TARGETS))


def mean_one(weight):
    return weight / weight.mean()


@every_loss
@pytest.mark.parametrize("weight", [None, mean_one(WHOLE_WEIGHTS)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_may_overwrite_the_raw_scores(name, weight, dtype):
    loss, y = TARGETS[name]
    y = y.astype(dtype) if y.dtype.kind == "f" else y
    raw = RAW[name].astype(dtype)
    weight = None if weight is None else weight.astype(dtype)
    d_raw = np.full_like(raw, np.nan)
    value = loss.value(raw, y, weight, d_raw)
    np.testing.assert_array_equal(raw, RAW[name].astype(dtype))
    assert loss.value(raw, y, weight, raw) == value
    np.testing.assert_array_equal(raw, d_raw)
    assert d_raw.dtype == dtype


@every_loss
def test_without_d_raw_nothing_is_written(name):
    loss, y = TARGETS[name]
    raw, y, weight = RAW[name].copy(), y.copy(), mean_one(WHOLE_WEIGHTS)
    for array in (raw, y, weight):
        array.flags.writeable = False
    value = loss.value(raw, y, weight)
    assert type(value) is float
    assert value == loss.value(raw, y, weight, np.empty_like(raw))


@every_loss
def test_a_row_of_weight_k_is_that_row_k_times(name):
    loss, y = TARGETS[name]
    raw, d_raw = RAW[name], np.empty_like(RAW[name])
    value = loss.value(raw, y, mean_one(WHOLE_WEIGHTS), d_raw)
    repeated = np.repeat(np.arange(N_ROWS), WHOLE_WEIGHTS)
    d_raw_repeated = np.empty_like(raw[repeated])
    assert value == pytest.approx(loss.value(raw[repeated], y[repeated], None, d_raw_repeated))
    sums = np.zeros_like(d_raw)
    np.add.at(sums, repeated, d_raw_repeated)
    np.testing.assert_allclose(d_raw, sums, rtol=1e-12)


@every_loss
def test_weights_of_a_batch_are_not_normalised_again(name):
    loss, y = TARGETS[name]
    raw, d_raw = RAW[name], np.full_like(RAW[name], np.nan)
    assert loss.value(raw, y, np.full(N_ROWS, 3.0)) == pytest.approx(3 * loss.value(raw, y, None))
    assert loss.value(raw, y, np.zeros(N_ROWS), d_raw) == 0
    np.testing.assert_array_equal(d_raw, 0)


@pytest.mark.parametrize("name", [name for name in TARGETS if not LOSSES[name].smooth])
@pytest.mark.parametrize("weight", [None, mean_one(WHOLE_WEIGHTS)], ids=["equal", "weighted"])
def test_no_target_is_a_better_constant_where_the_loss_has_corners(name, weight):
    """Between two of them it is linear: if there is a better constant, one of them is."""
    loss, y = TARGETS[name]
    shape = RAW[name].shape

    def constant(scores):
        return loss.value(np.broadcast_to(scores, shape), y, weight)

    start = loss.intercept_only(y, weight)
    assert start.shape == (shape[1],)
    of_target = np.repeat(np.arange(y.shape[1]), shape[1] // y.shape[1])
    for k, j in enumerate(of_target):
        others = np.tile(start, (len(y), 1))
        others[:, k] = y[:, j]
        assert constant(start) <= min(constant(other) for other in others) + 1e-12


@pytest.mark.parametrize("name", [name for name in TARGETS if LOSSES[name].smooth])
@pytest.mark.parametrize("weight", [None, mean_one(WHOLE_WEIGHTS)], ids=["equal", "weighted"])
def test_intercept_only_is_the_best_constant(name, weight):
    loss, y = TARGETS[name]
    shape = RAW[name].shape

    def constant(scores):
        return loss.value(np.broadcast_to(scores, shape), y, weight)

    best = scipy.optimize.minimize(constant, np.zeros(shape[1]), method="BFGS", tol=1e-9)
    start = loss.intercept_only(y, weight)
    assert start.shape == (shape[1],)
    assert constant(start) == pytest.approx(best.fun, abs=1e-9)
    assert constant(start) <= best.fun + 1e-12
    predictions = [loss.predict(np.array([scores])) for scores in (start, best.x)]
    np.testing.assert_allclose(*predictions, rtol=1e-4)


def test_an_absent_class_counts_as_half_a_row():
    y = np.array([0, 2, 2, 2])
    with_half_a_row = MulticlassLogLoss(4).intercept_only(
        np.array([0, 2, 2, 2, 1, 3]), np.array([1, 1, 1, 1, 0.5, 0.5]) * (6 / 5)
    )
    loss = MulticlassLogLoss(4)
    np.testing.assert_allclose(
        loss.predict(loss.intercept_only(y, None)[None]),
        loss.predict(with_half_a_row[None]),
    )


@pytest.mark.parametrize(("label", "n_rows"), [(0, 1), (0, 10), (1, 10), (1, 1000)])
def test_a_label_that_is_always_or_never_there_lacks_half_a_row(label, n_rows):
    loss = BinaryLogLoss()
    raw = loss.intercept_only(np.full((n_rows, 1), float(label)), None)
    p = loss.predict(raw[None]).item()
    assert abs(label - p) * n_rows == pytest.approx(0.5)


def test_no_event_at_all_counts_as_half_an_event():
    raw = Poisson().intercept_only(np.zeros((20, 1)), None)
    assert np.exp(raw) * 20 == pytest.approx(0.5)


def test_a_single_class_has_one_score_and_no_loss():
    loss = MulticlassLogLoss(1)
    assert loss.intercept_only(np.zeros(5, dtype=int), None).shape == (1,)
    raw = np.array([[7.0], [-7.0]])
    d_raw = np.empty_like(raw)
    assert loss.value(raw, np.array([0, 0]), None, d_raw) == 0
    np.testing.assert_array_equal(d_raw, 0)
    np.testing.assert_array_equal(loss.predict(raw), 1)


def test_intercepts_of_float32_targets_are_summed_in_float64():
    # In float32, 2^24 + 1 = 2^24.
    y = np.full((4097, 1), 4096.0, dtype=np.float32)
    y[0] += 1
    for weight in (None, np.ones(len(y), dtype=np.float32)):
        mean = SquaredError().intercept_only(y, weight)
        assert mean.dtype == np.float64
        np.testing.assert_allclose(mean, 4096 + 1 / 4097, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "raw", "prediction"),
    [(name, *row) for name, case in LOSSES.items() for row in case.predictions],
)
def test_predictions(name, raw, prediction):
    raw = np.array(raw)
    np.testing.assert_allclose(LOSSES[name].make(raw.shape[1]).predict(raw), prediction, rtol=1e-14)


@every_loss
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_members_combine_to_the_mean_of_their_predictions(name, dtype):
    loss, _ = TARGETS[name]
    raw = np.random.default_rng(1).normal(0, 3, size=(5, *RAW[name].shape)).astype(dtype)
    expected = np.mean([loss.predict(member) for member in raw], axis=0)
    combined = loss.combine(raw)
    assert combined.shape == RAW[name].shape
    assert combined.dtype == dtype
    tolerance = 1e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(loss.predict(combined), expected, rtol=tolerance)


@pytest.mark.parametrize(
    ("loss", "raw", "prediction"),
    [
        (BinaryLogLoss(), [[[1e4]], [[-1e4]]], [[0.5]]),
        (MulticlassLogLoss(2), [[[1e4, -1e4]], [[-1e4, 1e4]]], [[0.5, 0.5]]),
        (Poisson(), [[[-1e4]], [[np.log(4)]]], [[2.0]]),
    ],
)
def test_members_that_are_sure_of_opposites_combine_without_overflow(loss, raw, prediction):
    np.testing.assert_allclose(loss.predict(loss.combine(np.array(raw))), prediction, rtol=1e-12)


@every_loss
@pytest.mark.parametrize("weight", [None, mean_one(WHOLE_WEIGHTS)], ids=["equal", "weighted"])
def test_losses_of_rows_are_those_that_value_averages(name, weight):
    loss, y = TARGETS[name]
    losses = loss.of_rows(RAW[name], y)
    if losses is None:
        assert type(loss) not in (SquaredError, BinaryLogLoss, MulticlassLogLoss)
        return
    assert losses.shape == (N_ROWS,)
    expected = loss.value(RAW[name], y, weight)
    assert np.average(losses, weights=weight) == pytest.approx(expected, rel=1e-12)


def test_a_value_of_ones_own_is_asked_in_place_of_inherited_losses():
    class TwiceAsMuch(BinaryLogLoss):
        def value(self, raw, y, weight, d_raw=None):
            return 2 * super().value(raw, y, weight, d_raw)

    assert TwiceAsMuch().of_rows(np.zeros((3, 1)), np.ones((3, 1))) is None


def test_a_loss_that_does_not_combine_says_so():
    class Logarithmic(Loss):
        def predict(self, raw):
            return np.exp(raw)

    with pytest.raises(NotImplementedError, match="Logarithmic does not combine"):
        Logarithmic().combine(np.zeros((2, 3, 1)))
    # The default prediction is the raw scores, and its mean is theirs.
    np.testing.assert_array_equal(Loss().combine(np.arange(4.0).reshape(2, 2, 1)), [[1], [2]])


@every_loss
def test_raw_scores_per_target(name):
    loss, y = TARGETS[name]
    assert loss.n_raw(1 if y.ndim == 1 else y.shape[1]) == RAW[name].shape[1]


@pytest.mark.parametrize("name", [name for name in NUMBER_LOSSES if LOSSES[name].vanishes])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("constant", [0.1, 1.0, 7.3, 1e3 + 0.1, 123456.7])
def test_the_loss_of_a_constant_target_is_rounding_and_that_of_another_is_not(
    name, dtype, constant
):
    loss = TARGETS[name][0]
    n_targets = TARGETS[name][1].shape[1]
    y = np.full((50, n_targets), constant, dtype=dtype)
    best = loss.intercept_only(y, None).astype(dtype)
    assert constant_loss(loss, best, y, None) <= loss.rounding(y)
    y[::2] *= 1.02
    best = loss.intercept_only(y, None).astype(dtype)
    assert constant_loss(loss, best, y, None) > 2 * loss.rounding(y)


@pytest.mark.parametrize("name", CLASS_LOSSES)
def test_classes_that_are_all_alike_leave_no_rounding(name):
    loss, y = TARGETS[name]
    assert loss.rounding(y) == 0


def test_values_are_those_of_scikit_learns_metrics():
    raw, y = RAW["squared_error"][:, :2], TARGETS["squared_error"][1][:, :2]
    assert SquaredError().value(raw, y, None) == pytest.approx(mean_squared_error(y, raw))
    raw, y = RAW["poisson"][:, :1], TARGETS["poisson"][1][:, :1]
    deviance = mean_poisson_deviance(y.ravel(), np.exp(raw).ravel())
    assert Poisson().value(raw, y, None) == pytest.approx(deviance / 2)
    raw, y = RAW["gamma"][:, :1], TARGETS["gamma"][1][:, :1]
    for loss, power in ((Gamma(), 2), (Tweedie(1.2), 1.2), (Tweedie(3.0), 3)):
        deviance = mean_tweedie_deviance(y.ravel(), np.exp(raw).ravel(), power=power)
        assert loss.value(raw, y, None) == pytest.approx(deviance / 2)
    assert mean_gamma_deviance(y, np.exp(raw)) == pytest.approx(2 * Gamma().value(raw, y, None))
    raw, y = RAW["quantile, several"], TARGETS["quantile, several"][1]
    raw = raw.reshape(N_ROWS, 2, 3)
    expected = sum(
        2 * mean_pinball_loss(y, raw[:, :, j], alpha=q) for j, q in enumerate((0.05, 0.6, 0.8))
    )
    loss = Quantile((0.05, 0.6, 0.8))
    assert loss.value(raw.reshape(N_ROWS, 6), y, None) == pytest.approx(expected)
    for name in ("binary", "multiclass"):
        loss, y = TARGETS[name]
        expected = log_loss(y, loss.predict(RAW[name]))
        assert loss.value(RAW[name], y, None) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "y", "found"),
    [(name, *row) for name, case in LOSSES.items() for row in case.domain],
)
def test_targets_out_of_the_domain_are_found(name, y, found):
    assert LOSSES[name].loss.find_invalid(np.array(y)) == found


@pytest.mark.parametrize("name", NUMBER_LOSSES)
def test_the_unit_of_a_target_does_not_change_the_problem(name):
    """With y in another unit and the raw scores moved along, losses differ by one factor.

    One that does not vanish: and by a constant.
    """
    (loss, y), raw, unit, shift = TARGETS[name], RAW[name], 2.5, 7.0
    other = loss.in_unit(np.full(y.shape[1], 1 / unit))
    moved = LOSSES[name].moved
    if loss.target_unit == "standard":
        moved = moved or (lambda r, b, a: a + b * r)
        y_moved = shift + unit * y
    else:
        assert loss.target_unit == "mean"
        moved = lambda r, b, a: r + np.log(b)  # noqa: E731
        y_moved = unit * y
    raws = (raw, raw / 3, raw / 7)
    values = [other.value(moved(r, unit, shift), y_moved, None) for r in raws]
    expected = [loss.value(r, y, None) for r in raws]
    if not LOSSES[name].vanishes:
        assert values[2] - expected[2] == pytest.approx(y.shape[1] * np.log(unit))
        values, expected = (np.array(v[:2]) - v[2] for v in (values, expected))
    assert values[0] / values[1] == pytest.approx(expected[0] / expected[1])


@every_loss
def test_names_of_the_output_activations(name):
    """Those of scikit-learn, where it has them."""
    assert LOSSES[name].loss.out_activation == LOSSES[name].out_activation


def test_sorting_quantiles_lowers_their_loss():
    loss, y = TARGETS["quantile, several"]
    raw = RAW["quantile, several"] + 3
    assert (np.diff(raw.reshape(N_ROWS, 2, 3), axis=2) < 0).any()
    ordered = loss.predict(raw).reshape(raw.shape)
    assert loss.value(ordered, y, None) < loss.value(raw, y, None)
