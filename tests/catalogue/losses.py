"""Losses, with data for them, exact values and values by hand.

A new loss is one entry of ``LOSSES``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np

from sknumpynet.losses import REGRESSION_LOSSES as TABLE
from sknumpynet.losses import (
    AbsoluteError,
    BinaryFocal,
    BinaryLogLoss,
    Gamma,
    GaussianNLL,
    Huber,
    LogCosh,
    Loss,
    MulticlassFocal,
    MulticlassLogLoss,
    Poisson,
    Quantile,
    SeveralOutputs,
    SquaredError,
    Tweedie,
)

EXTREME = [-1e4, -1000.0, -100.0, -37.0, -1.0, -1e-8, 0.0, 0.3, 20.0, 37.0, 100.0, 1000.0, 1e4]


@dataclass(frozen=True)
class LossCase:
    """A loss, data for it, and what it must give.

    ``exact`` is the loss of one row with one target in mpmath, from (raw scores, y). It is
    compared, with its derivatives, for every (raw scores, y) of ``rows``, to some roundings of
    ``scale(raw, y)``, the largest term of the formula.
    """

    # From a number of raw scores to the loss.
    make: Callable[[int], Loss]
    n_raw: int
    out_activation: str
    # (generator, n_rows) -> encoded targets, that ask for n_raw raw scores.
    targets: Callable[[np.random.Generator, int], np.ndarray]
    exact: Callable[[Sequence[float], Any], Any]
    scale: Callable[[Sequence[float], Any], float]
    rows: Sequence[tuple] = ()
    # (raw scores of rows, targets, value): summed over outputs, averaged over rows.
    by_hand: Sequence[tuple] = ()
    # (raw scores of rows, predictions).
    predictions: Sequence[tuple] = ()
    # (targets, what find_invalid says).
    domain: Sequence[tuple] = ()
    # The entry of the same class that has its name in the table of losses.
    variant_of: str = ""
    # Without corners, so that the best constant is found along the gradient.
    smooth: bool = True
    # 0 for a perfect prediction. Otherwise it may be anything.
    vanishes: bool = True
    # (raw scores, b, a) -> those for the targets a + b y (for positive ones b y).
    moved: Callable[[np.ndarray, float, float], np.ndarray] | None = None

    @property
    def loss(self) -> Loss:
        return self.make(self.n_raw)

    def data(self, n_rows: int, seed: int = 0) -> np.ndarray:
        return self.targets(np.random.default_rng(seed), n_rows)


def exact_squared_error(raw, y):
    return (mpmath.mpf(raw[0]) - mpmath.mpf(y)) ** 2 / 2


def exact_poisson(raw, y):
    """Half the deviance of scikit-learn's ``mean_poisson_deviance``, from the mean exp(raw)."""
    raw, y = mpmath.mpf(raw[0]), mpmath.mpf(y)
    mean = mpmath.exp(raw)
    return mean - y + (y * (mpmath.log(y) - raw) if y else 0)


def exact_absolute_error(raw, y):
    return abs(mpmath.mpf(raw[0]) - mpmath.mpf(y))


def exact_huber(delta):
    """The area under the slope, a line that is cut at the height ``delta``."""

    def exact(raw, y):
        size = abs(mpmath.mpf(raw[0]) - mpmath.mpf(y))
        return size**2 / 2 - max(size - mpmath.mpf(delta), 0) ** 2 / 2

    return exact


def exact_log_cosh(raw, y):
    return mpmath.log(mpmath.cosh(mpmath.mpf(raw[0]) - mpmath.mpf(y)))


def exact_pinball(*levels):
    def exact(raw, y):
        total = mpmath.mpf(0)
        for q, score in zip(levels, map(mpmath.mpf, raw), strict=True):
            error = mpmath.mpf(y) - score
            total += mpmath.mpf(q) * error if error > 0 else (1 - mpmath.mpf(q)) * -error
        return total

    return exact


def exact_gamma(raw, y):
    """Half the deviance of scikit-learn's ``mean_gamma_deviance``, from the mean exp(raw)."""
    ratio = mpmath.mpf(y) / mpmath.exp(mpmath.mpf(raw[0]))
    return ratio - mpmath.log(ratio) - 1


def exact_tweedie(power):
    """Half the deviance: the integral of (y - t) / t^power from the mean to y."""

    def exact(raw, y):
        mean, y, p = mpmath.exp(mpmath.mpf(raw[0])), mpmath.mpf(y), mpmath.mpf(power)

        def integral(t):
            return y * t ** (1 - p) / (1 - p) - t ** (2 - p) / (2 - p)

        # At 0, for p < 2 and y = 0, it is 0.
        return (integral(y) if y else 0) - (integral(mean) if y else -(mean ** (2 - p)) / (2 - p))

    return exact


def exact_normal(raw, y):
    """Minus the log density, without log(2 pi) / 2."""
    mean, variance = mpmath.mpf(raw[0]), mpmath.exp(2 * mpmath.mpf(raw[1])) + mpmath.mpf("1e-6")
    return mpmath.log(variance) / 2 + (mpmath.mpf(y) - mean) ** 2 / (2 * variance)


def exact_binary(raw, y):
    """Minus the log of the probability that the logistic model gives to y."""
    odds = mpmath.exp(mpmath.mpf(raw[0]))
    return -mpmath.log(odds / (1 + odds) if y else 1 / (1 + odds))


def exact_multiclass(raw, y):
    powers = [mpmath.exp(mpmath.mpf(r)) for r in raw]
    return -mpmath.log(powers[y] / mpmath.fsum(powers))


def real_targets(rng, n_rows):
    return rng.normal(3, 2, size=(n_rows, 3))


def error_scale(raw, y):
    """The largest of the error, its size in the formula, and 1."""
    return max(1.0, abs(raw[0]), abs(y), abs(raw[0] - y))


def exact_smooth_binary(raw, y, s=0.25):
    """The mean of the losses of the two labels, by their smoothed shares."""
    share = mpmath.mpf(s) / 2
    return (1 - share) * exact_binary(raw, y) + share * exact_binary(raw, 1 - y)


def exact_smooth_multiclass(raw, y, s=0.25):
    mean = mpmath.fsum(exact_multiclass(raw, k) for k in range(len(raw))) / len(raw)
    return (1 - mpmath.mpf(s)) * exact_multiclass(raw, y) + mpmath.mpf(s) * mean


def exact_focal(gamma):
    """The log loss times a power of the probability of the other classes."""

    def exact(raw, y):
        powers = [mpmath.exp(mpmath.mpf(r)) for r in raw]
        others = mpmath.fsum(p for k, p in enumerate(powers) if k != y)
        return (others / mpmath.fsum(powers)) ** mpmath.mpf(gamma) * exact_multiclass(raw, y)

    return exact


def exact_binary_focal(gamma):
    exact = exact_focal(gamma)
    return lambda raw, y: exact([0, *raw], int(y))


def exact_several(raw, y):
    """Two outputs, of two and of three classes, that are both y."""
    return exact_multiclass(raw[:2], y) + exact_smooth_multiclass(raw[2:], y)


BINARY = LossCase(
    make=lambda n_raw: BinaryLogLoss(),
    n_raw=1,
    out_activation="logistic",
    targets=lambda rng, n_rows: (rng.random((n_rows, 1)) < 0.3).astype(float),
    exact=exact_binary,
    scale=lambda raw, y: max(1.0, abs(raw[0])),
    rows=[([raw], y) for raw in EXTREME for y in (0, 1)],
    by_hand=[
        ([[0.0]], [[1.0]], np.log(2)),
        ([[0.0, 0.0]], [[1.0, 0.0]], 2 * np.log(2)),
        ([[-1000.0]], [[1.0]], 1000.0),
    ],
    predictions=[([[np.log(3), 0.0, 1e4, -1e4]], [[0.75, 0.5, 1.0, 0.0]])],
)
MULTICLASS_ROWS = [
    [0.0, 0.0, 0.0],
    [1.0, -2.0, 0.5],
    [1000.0, -1000.0, 0.0],
    [1e4, 1e4 - 1, -1e4],
    [-1e4, -1e4, -1e4 + 2],
    [40.0, 0.0, 0.0],
    [3.0],
]
LOSSES = {
    "squared_error": LossCase(
        make=lambda n_raw: SquaredError(),
        n_raw=3,
        out_activation="identity",
        targets=lambda rng, n_rows: rng.normal(3, 2, size=(n_rows, 3)),
        exact=exact_squared_error,
        scale=lambda raw, y: (raw[0] - y) ** 2 / 2,
        rows=[([raw], y) for raw in EXTREME for y in (-1000.0, 0.0, 0.5)],
        by_hand=[
            ([[3.0]], [[1.0]], 2.0),
            ([[3.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], 1.5),
        ],
        predictions=[([[-3.0, 5.0]], [[-3.0, 5.0]])],
        domain=[([[-1e9]], None)],
    ),
    "absolute_error": LossCase(
        make=lambda n_raw: AbsoluteError(),
        n_raw=3,
        out_activation="identity",
        targets=real_targets,
        exact=exact_absolute_error,
        scale=error_scale,
        rows=[([raw], y) for raw in EXTREME for y in (-1000.5, 0.125, 0.5)],
        by_hand=[
            ([[3.0]], [[1.0]], 2.0),
            ([[3.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], 2.0),
        ],
        predictions=[([[-3.0, 5.0]], [[-3.0, 5.0]])],
        domain=[([[-1e9]], None)],
        smooth=False,
    ),
    "huber": LossCase(
        make=lambda n_raw: Huber(1.25),
        n_raw=3,
        out_activation="identity",
        targets=real_targets,
        exact=exact_huber(1.25),
        scale=error_scale,
        rows=[([raw], y) for raw in EXTREME for y in (-1000.0, 0.0, 0.5)],
        by_hand=[([[2.0]], [[1.0]], 0.5), ([[5.0]], [[1.0]], 1.25 * 4 - 1.25**2 / 2)],
        predictions=[([[-3.0, 5.0]], [[-3.0, 5.0]])],
        domain=[([[-1e9]], None)],
    ),
    "huber, a delta for each target": LossCase(
        make=lambda n_raw: Huber((0.5, 2.0)),
        n_raw=2,
        out_activation="identity",
        targets=lambda rng, n_rows: rng.normal(3, 2, size=(n_rows, 2)),
        exact=exact_huber(1.25),
        scale=error_scale,
        by_hand=[([[1.0, 1.0]], [[0.0, 0.0]], 0.5 * 0.75 + 0.5)],
        variant_of="huber",
    ),
    "log_cosh": LossCase(
        make=lambda n_raw: LogCosh(1.0),
        n_raw=3,
        out_activation="identity",
        targets=real_targets,
        exact=exact_log_cosh,
        scale=error_scale,
        rows=[([raw], y) for raw in EXTREME for y in (-1000.0, 0.0, 0.5)],
        by_hand=[
            ([[np.log(2)]], [[0.0]], np.log(1.25)),
            # e^2 / 2 - e^4 / 12 to all its digits.
            ([[1e-4]], [[0.0]], 5e-9 - 1e-16 / 12),
        ],
        predictions=[([[-3.0, 5.0]], [[-3.0, 5.0]])],
        domain=[([[-1e9]], None)],
    ),
    "log_cosh, another delta": LossCase(
        make=lambda n_raw: LogCosh(0.5),
        n_raw=3,
        out_activation="identity",
        targets=real_targets,
        exact=exact_log_cosh,
        scale=error_scale,
        by_hand=[([[np.log(2) / 2]], [[0.0]], np.log(1.25) / 4)],
        variant_of="log_cosh",
    ),
    "quantile": LossCase(
        make=lambda n_raw: Quantile(0.75),
        n_raw=3,
        out_activation="identity",
        targets=real_targets,
        exact=exact_pinball(0.75),
        scale=error_scale,
        rows=[([raw], y) for raw in EXTREME for y in (-1000.5, 0.125, 0.5)],
        by_hand=[([[3.0]], [[1.0]], 0.5), ([[1.0]], [[3.0]], 1.5)],
        predictions=[([[-3.0, 5.0]], [[-3.0, 5.0]])],
        domain=[([[-1e9]], None)],
        smooth=False,
    ),
    "quantile, several": LossCase(
        make=lambda n_raw: Quantile((0.25, 0.5, 0.875)),
        n_raw=6,
        out_activation="identity",
        targets=lambda rng, n_rows: rng.normal(3, 2, size=(n_rows, 2)),
        exact=exact_pinball(0.25, 0.5, 0.875),
        scale=lambda raw, y: max(1.0, *(abs(r - y) for r in raw)),
        rows=[
            (raw, y)
            for raw in ([0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [1e4, 0.0, -1e4], [1000.0, 1e-8, 37.0])
            for y in (-1000.5, 0.125, 1.5)
        ],
        # 1/4 of 4, 1/2 of 2, 1/8 of 1; 3/4 of 1, 1/2 of 4, 7/8 of 2.
        by_hand=[([[0.0, 2.0, 5.0]], [[4.0]], 2.125), ([[5.0, 0.0, 2.0]], [[4.0]], 4.5)],
        predictions=[([[2.0, 1.0, 3.0, 0.0, 0.0, -1.0]], [[[1, 2, 3], [-1, 0, 0]]])],
        variant_of="quantile",
        smooth=False,
    ),
    "gaussian_nll": LossCase(
        make=lambda n_raw: GaussianNLL(),
        n_raw=4,
        out_activation="identity",
        targets=lambda rng, n_rows: rng.normal(3, 2, size=(n_rows, 2)),
        exact=exact_normal,
        scale=lambda raw, y: max(
            1.0, abs(raw[1]), (raw[0] - y) ** 2 / (np.exp(min(2 * raw[1], 700)) + 1e-6)
        ),
        rows=[
            ([mean, log_spread], y)
            for mean in (-1e4, -1.0, 0.3, 1e4)
            for log_spread in (-1e4, -20.0, -7.0, -1.0, 0.0, 0.25, 20.0, 1e4)
            for y in (-1000.0, 0.0, 0.5)
        ],
        by_hand=[
            ([[1.0, 0.0]], [[3.0]], np.log(1.000001) / 2 + 2 / 1.000001),
            ([[1.0, -1e4]], [[1.0]], np.log(1e-3)),
        ],
        predictions=[([[-3.0, 5.0, 0.1, 0.2]], [[-3.0, 5.0]])],
        domain=[([[-1e9]], None)],
        vanishes=False,
        # So that the variance with the floor of 1e-6 is b^2 times as large.
        moved=lambda raw, b, a: np.hstack(
            [
                a + b * raw[:, :2],
                np.log(b**2 * np.exp(2 * raw[:, 2:]) + (b**2 - 1) * 1e-6) / 2,
            ]
        ),
    ),
    "gamma": LossCase(
        make=lambda n_raw: Gamma(),
        n_raw=3,
        out_activation="exp",
        targets=lambda rng, n_rows: rng.gamma(2.0, size=(n_rows, 3)),
        exact=exact_gamma,
        scale=lambda raw, y: max(1.0, abs(raw[0]), abs(np.log(y)), y * np.exp(-raw[0])),
        rows=[
            ([raw], y)
            for raw in (-40.0, -1.0, 0.0, 0.7, 5.0, 80.0, 1000.0, 1e4)
            for y in (1e-6, 0.25, 1.0, 7.0, 1e5)
        ],
        by_hand=[([[0.0]], [[1.0]], 0.0), ([[np.log(2)]], [[1.0]], np.log(2) - 0.5)],
        predictions=[([[np.log(3), 0.0, -1e4]], [[3.0, 1.0, 0.0]])],
        domain=[([[1e-300, 2.0]], None), ([[3.0, 0.0], [2.0, 1.0]], (0.0, "y > 0"))],
    ),
    "tweedie": LossCase(
        make=lambda n_raw: Tweedie(1.5),
        n_raw=3,
        out_activation="exp",
        targets=lambda rng, n_rows: (
            rng.gamma(2.0, size=(n_rows, 3)) * (rng.random((n_rows, 3)) < 0.6)
        ),
        exact=exact_tweedie(1.5),
        scale=lambda raw, y: max(
            1.0, 4 * y**0.5, 2 * np.exp(raw[0] / 2), 2 * y * np.exp(min(-raw[0] / 2, 700))
        ),
        rows=[
            ([raw], y)
            for raw in (-37.0, -1.0, 0.0, 0.7, 5.0, 80.0)
            for y in (0.0, 0.25, 1.0, 7.0, 1e5)
        ]
        + [([-1e4], 0.0)],
        by_hand=[([[0.0]], [[1.0]], 0.0), ([[2 * np.log(2)]], [[0.0]], 4.0)],
        predictions=[([[np.log(3), 0.0, -1e4]], [[3.0, 1.0, 0.0]])],
        domain=[([[0.0, 2.0]], None), ([[3.0, -0.5], [-2.0, 1.0]], (-2.0, "y >= 0"))],
    ),
    "tweedie, power 3": LossCase(
        make=lambda n_raw: Tweedie(3.0),
        n_raw=3,
        out_activation="exp",
        targets=lambda rng, n_rows: rng.gamma(3.0, size=(n_rows, 3)) + 0.1,
        exact=exact_tweedie(3.0),
        scale=lambda raw, y: max(1.0, 1 / y, np.exp(-raw[0]), y * np.exp(-2 * raw[0])),
        rows=[([raw], y) for raw in (-15.0, -1.0, 0.7, 5.0, 80.0, 1e4) for y in (0.25, 1.0, 7.0)],
        # Half the deviance (y - m)^2 / (m^2 y) of the inverse Gaussian.
        by_hand=[([[np.log(2)]], [[3.0]], 1 / 24)],
        domain=[([[3.0, 0.0], [2.0, 1.0]], (0.0, "y > 0"))],
        variant_of="tweedie",
    ),
    "poisson": LossCase(
        make=lambda n_raw: Poisson(),
        n_raw=3,
        out_activation="exp",
        targets=lambda rng, n_rows: rng.poisson(2.0, size=(n_rows, 3)).astype(float),
        exact=exact_poisson,
        scale=lambda raw, y: max(
            1.0, np.exp(raw[0]), abs(y * raw[0]), y * abs(np.log(y)) if y else 0
        ),
        rows=[
            ([raw], y)
            for raw in (-1e4, -1000.0, -37.0, -1.0, 0.0, 0.7, 5.0, 80.0)
            for y in (0.0, 0.25, 1.0, 7.0, 1e5)
        ],
        by_hand=[([[0.0]], [[1.0]], 0.0), ([[np.log(2)]], [[0.0]], 2.0)],
        predictions=[([[np.log(3), 0.0, -1e4]], [[3.0, 1.0, 0.0]])],
        domain=[([[0.0, 2.0]], None), ([[3.0, -0.5], [-2.0, 1.0]], (-2.0, "y >= 0"))],
    ),
    "binary": BINARY,
    # The same loss, of which the exact values are looked at above.
    "multilabel": replace(
        BINARY,
        n_raw=3,
        targets=lambda rng, n_rows: (rng.random((n_rows, 3)) < 0.6).astype(float),
        rows=(),
        by_hand=(),
        predictions=(),
    ),
    "multiclass": LossCase(
        make=MulticlassLogLoss,
        n_raw=3,
        out_activation="softmax",
        targets=lambda rng, n_rows: np.resize([0, 1, 2, 2, 2, 1], n_rows),
        exact=exact_multiclass,
        scale=lambda raw, y: max(1.0, *np.abs(raw)),
        rows=[(raw, y) for raw in MULTICLASS_ROWS for y in range(len(raw))],
        by_hand=[
            ([[0.0, 0.0, 0.0, 0.0]], [2], np.log(4)),
            ([[-1e4, 0.0]], [0], 1e4),
            ([[5.0], [-3.0]], [0, 0], 0.0),
        ],
        predictions=[
            ([np.log([1, 2, 5])], [[0.125, 0.25, 0.625]]),
            ([[1e4, -1e4, 1e4]], [[0.5, 0.0, 0.5]]),
        ],
    ),
    "binary, smoothed": replace(
        BINARY,
        make=lambda n_raw: BinaryLogLoss(0.25),
        exact=exact_smooth_binary,
        by_hand=[([[0.0]], [[1.0]], np.log(2)), ([[-1000.0]], [[1.0]], 875.0)],
    ),
    "multiclass, smoothed": LossCase(
        make=lambda n_raw: MulticlassLogLoss(n_raw, 0.25),
        n_raw=3,
        out_activation="softmax",
        targets=lambda rng, n_rows: np.resize([0, 1, 2, 2, 2, 1], n_rows),
        exact=exact_smooth_multiclass,
        scale=lambda raw, y: max(1.0, *np.abs(raw)),
        rows=[(raw, y) for raw in MULTICLASS_ROWS for y in range(len(raw))],
        by_hand=[
            ([[0.0] * 4], [2], np.log(4)),
            ([[0.0, -1000.0]], [0], 125.0),
            ([[5.0]], [0], 0.0),
        ],
    ),
    "binary focal": replace(
        BINARY,
        make=lambda n_raw: BinaryFocal(2.0),
        exact=exact_binary_focal(2.0),
        by_hand=[
            ([[0.0]], [[1.0]], np.log(2) / 4),
            ([[np.log(3)]], [[1.0]], np.log(4 / 3) / 16),
            ([[-1000.0]], [[1.0]], 1000.0),
        ],
    ),
    "multilabel focal": replace(
        BINARY,
        make=lambda n_raw: BinaryFocal(0.5),
        n_raw=3,
        targets=lambda rng, n_rows: (rng.random((n_rows, 3)) < 0.6).astype(float),
        rows=(),
        by_hand=[([[0.0, 0.0]], [[1.0, 0.0]], 2 * np.log(2) / np.sqrt(2))],
        predictions=(),
    ),
    "multiclass focal": LossCase(
        make=lambda n_raw: MulticlassFocal(n_raw, 1.5),
        n_raw=3,
        out_activation="softmax",
        targets=lambda rng, n_rows: np.resize([0, 1, 2, 2, 2, 1], n_rows),
        exact=exact_focal(1.5),
        scale=lambda raw, y: max(1.0, *np.abs(raw)),
        rows=[(raw, y) for raw in MULTICLASS_ROWS for y in range(len(raw))],
        by_hand=[
            ([[0.0] * 4], [2], 0.75**1.5 * np.log(4)),
            ([[-1e4, 0.0]], [0], 1e4),
            ([[5.0], [-3.0]], [0, 0], 0.0),
        ],
        predictions=[([np.log([1, 2, 5])], [[0.125, 0.25, 0.625]])],
    ),
    "several outputs": LossCase(
        make=lambda n_raw: SeveralOutputs((MulticlassLogLoss(2), MulticlassLogLoss(3, 0.25))),
        n_raw=5,
        out_activation="softmax",
        targets=lambda rng, n_rows: np.column_stack(
            [np.resize([0, 1, 1], n_rows), np.resize([0, 1, 2, 2, 2, 1], n_rows)]
        ),
        exact=exact_several,
        scale=lambda raw, y: max(1.0, *np.abs(raw)),
        rows=[
            ([*two, *three], y)
            for two in ([0.0, 0.5], [-1e4, 1e4])
            for three in ([0.0, 0.0, 0.0], [1.0, -2.0, 0.5], [1000.0, -1000.0, 0.0])
            for y in (0, 1)
        ],
        by_hand=[([[0.0] * 5], [[1, 2]], np.log(6))],
        predictions=[([[0.0, np.log(3), *np.log([1, 2, 5])]], [[0.25, 0.75, 0.125, 0.25, 0.625]])],
    ),
}
#: The values of the option ``loss`` of the regressor.
REGRESSION_LOSSES = [name for name in LOSSES if name in TABLE]
#: Entries for numbers, and for classes.
NUMBER_LOSSES = [name for name, case in LOSSES.items() if type(case.loss) in TABLE.values()]
CLASS_LOSSES = [name for name in LOSSES if name not in NUMBER_LOSSES]
