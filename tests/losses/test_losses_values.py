"""Values and gradients against mpmath with 60 digits, also where clipping would show."""

import mpmath
import numpy as np
import pytest

from sknumpynet.losses import BinaryLogLoss, MulticlassLogLoss, Poisson, SquaredError

mpmath.mp.dps = 60
EXTREME = [-1e4, -1000.0, -100.0, -37.0, -1.0, -1e-8, 0.0, 0.3, 20.0, 37.0, 100.0, 1000.0, 1e4]


def exact_squared_error(raw, y):
    return (mpmath.mpf(raw) - mpmath.mpf(y)) ** 2 / 2


def exact_poisson(raw, y):
    """Half the deviance of scikit-learn's ``mean_poisson_deviance``, from the mean exp(raw)."""
    raw, y = mpmath.mpf(raw), mpmath.mpf(y)
    mean = mpmath.exp(raw)
    return mean - y + (y * (mpmath.log(y) - raw) if y else 0)


def exact_binary(raw, y):
    """Minus the log of the probability that the logistic model gives to y."""
    odds = mpmath.exp(mpmath.mpf(raw))
    return -mpmath.log(odds / (1 + odds) if y else 1 / (1 + odds))


def exact_multiclass(raw, y):
    powers = [mpmath.exp(mpmath.mpf(r)) for r in raw]
    return -mpmath.log(powers[y] / mpmath.fsum(powers))


def check(loss, raw, y, exact, scale, dtype):
    """One row: value and gradient to a few roundings of the largest term of the formula.

    ``exact`` is a function of the list of raw scores.
    """
    raw = np.array([raw], dtype=dtype)
    tolerance = 8 * np.finfo(dtype).eps
    d_raw = np.empty_like(raw)
    value = loss.value(raw, y, None, d_raw)
    scores = [float(r) for r in raw[0]]
    assert abs(value - exact(scores)) <= tolerance * scale
    for k, r in enumerate(scores):
        slope = mpmath.diff(lambda t, k=k: exact([*scores[:k], t, *scores[k + 1 :]]), r)
        assert abs(float(d_raw[0, k]) - slope) <= tolerance * max(1, abs(slope))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("raw", EXTREME)
@pytest.mark.parametrize("y", [-1000.0, 0.0, 0.5])
def test_squared_error(raw, y, dtype):
    target = np.array([[y]], dtype=dtype)

    def exact(r):
        return exact_squared_error(r[0], float(target[0, 0]))

    raw_in_dtype = float(np.array(raw, dtype=dtype))
    check(SquaredError(), [raw], target, exact, float(exact([raw_in_dtype])), dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("raw", [-1e4, -1000.0, -37.0, -1.0, 0.0, 0.7, 5.0, 80.0])
@pytest.mark.parametrize("y", [0.0, 0.25, 1.0, 7.0, 1e5])
def test_poisson(raw, y, dtype):
    scale = max(1.0, np.exp(raw), abs(y * raw), y * abs(np.log(y)) if y else 0)
    target = np.array([[y]], dtype=dtype)
    check(Poisson(), [raw], target, lambda r: exact_poisson(r[0], y), scale, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("raw", EXTREME)
@pytest.mark.parametrize("y", [0, 1])
def test_binary_log_loss(raw, y, dtype):
    scale = max(1.0, abs(raw))
    target = np.array([[y]], dtype=dtype)
    check(BinaryLogLoss(), [raw], target, lambda r: exact_binary(r[0], y), scale, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "raw",
    [
        [0.0, 0.0, 0.0],
        [1.0, -2.0, 0.5],
        [1000.0, -1000.0, 0.0],
        [1e4, 1e4 - 1, -1e4],
        [-1e4, -1e4, -1e4 + 2],
        [40.0, 0.0, 0.0],
        [3.0],
    ],
)
def test_multiclass_log_loss(raw, dtype):
    scale = max(1.0, *np.abs(raw))
    for y in range(len(raw)):
        loss = MulticlassLogLoss(len(raw))
        check(loss, raw, np.array([y]), lambda r, y=y: exact_multiclass(r, y), scale, dtype)


@pytest.mark.parametrize(
    ("loss", "raw", "y", "value"),
    [
        (SquaredError(), [[3.0]], [[1.0]], 2.0),
        (SquaredError(), [[3.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], 1.5),
        (Poisson(), [[0.0]], [[1.0]], 0.0),
        (Poisson(), [[np.log(2)]], [[0.0]], 2.0),
        (BinaryLogLoss(), [[0.0]], [[1.0]], np.log(2)),
        (BinaryLogLoss(), [[0.0, 0.0]], [[1.0, 0.0]], 2 * np.log(2)),
        (BinaryLogLoss(), [[-1000.0]], [[1.0]], 1000.0),
        (MulticlassLogLoss(4), [[0.0, 0.0, 0.0, 0.0]], [2], np.log(4)),
        (MulticlassLogLoss(2), [[-1e4, 0.0]], [0], 1e4),
        (MulticlassLogLoss(1), [[5.0], [-3.0]], [0, 0], 0.0),
    ],
)
def test_values_by_hand(loss, raw, y, value):
    """Summed over outputs, averaged over rows."""
    assert loss.value(np.array(raw), np.array(y), None) == pytest.approx(value, rel=1e-14)
