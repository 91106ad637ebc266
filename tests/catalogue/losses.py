"""Losses, with data for them, exact values and values by hand.

A new loss is one entry of ``LOSSES``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np

from sknumpynet.losses import REGRESSION_LOSSES as TABLE
from sknumpynet.losses import BinaryLogLoss, Loss, MulticlassLogLoss, Poisson, SquaredError

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


def exact_binary(raw, y):
    """Minus the log of the probability that the logistic model gives to y."""
    odds = mpmath.exp(mpmath.mpf(raw[0]))
    return -mpmath.log(odds / (1 + odds) if y else 1 / (1 + odds))


def exact_multiclass(raw, y):
    powers = [mpmath.exp(mpmath.mpf(r)) for r in raw]
    return -mpmath.log(powers[y] / mpmath.fsum(powers))


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
}
#: The values of the option ``loss``, and the losses for classes.
REGRESSION_LOSSES = [name for name in LOSSES if name in TABLE]
CLASS_LOSSES = [name for name in LOSSES if name not in TABLE]
