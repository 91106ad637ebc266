"""Losses of the error raw - y for real targets (B, n_targets): squared, absolute, in between.

In: raw scores and targets. Out: value, gradient, prediction (the raw scores themselves).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from .best_constant import weighted_quantiles, where_slopes_balance
from .loss import Loss, finish, weighted_mean


@dataclass(frozen=True)
class SquaredError(Loss):
    """``l = 1/2 (raw - y)^2``, link identity, y real.

    The factor 1/2 makes the gradient ``raw - y`` and is scikit-learn's.
    """

    target_unit = "standard"

    def losses(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        return _half_squares(raw - y)

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        difference = np.subtract(raw, y, out=d_raw)
        return finish(_half_squares(difference), weight, len(raw), d_raw)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # d/dr sum w (r - y)^2 / 2 = sum w (r - y) = 0.
        return weighted_mean(y, weight)

    def rounding(self, y: np.ndarray) -> float:
        # The square of some digits of y. A product of Python floats overflows to inf.
        error = _rounding_error(y)
        return error * error


def _half_squares(difference: np.ndarray) -> np.ndarray:
    losses = difference * difference
    losses *= 0.5
    return losses


def _rounding_error(y: np.ndarray) -> float:
    """Some digits of the largest y."""
    return 8.0 * float(np.finfo(y.dtype).eps) * float(np.abs(y).max())


@dataclass(frozen=True)
class AbsoluteError(Loss):
    """``l = |raw - y|``, link identity, y real: predicts the median.

    Its slope is that of the sign, 0 at raw = y.
    """

    target_unit = "standard"

    def losses(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.abs(raw - y)

    def slopes(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.sign(raw - y)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        return weighted_quantiles(y, weight, [0.5])[:, 0]

    def rounding(self, y: np.ndarray) -> float:
        return _rounding_error(y)


@dataclass(frozen=True)
class SquaredToAbsolute(Loss):
    """A loss about e^2 / 2 for errors far below ``delta``, and delta |e| far above.

    Parameters
    ----------
    delta : float, tuple of float or "auto"
        In the unit of y, for each target. "auto" is 1 in the unit that the target is trained in.
    """

    delta: float | tuple[float, ...] | str = "auto"

    target_unit = "standard"

    def in_unit(self, unit: np.ndarray | None) -> Loss:
        if isinstance(self.delta, str) or unit is None:
            return self
        return replace(self, delta=tuple(float(d) for d in self.delta / unit))

    def _widths(self, dtype: np.dtype) -> np.ndarray:
        """Of each target, or one for all; ``dtype`` holds them, and errors divided by them."""
        delta = 1.0 if isinstance(self.delta, str) else self.delta
        info = np.finfo(dtype)
        return np.clip(delta, math.sqrt(info.tiny), float(info.max)).astype(dtype)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        widths = np.broadcast_to(self._widths(np.dtype(np.float64)), y.shape[1:])
        return where_slopes_balance(self._slope, y, weight, widths)

    def _slope(self, ratio: np.ndarray) -> np.ndarray:
        """From e / delta to the slope / delta, between -1 and 1."""
        raise NotImplementedError

    def rounding(self, y: np.ndarray) -> float:
        # That of an error of some digits, which is at most its square and delta times it.
        error = _rounding_error(y)
        return error * min(error, float(np.max(self._widths(np.dtype(np.float64)))))


@dataclass(frozen=True)
class Huber(SquaredToAbsolute):
    """``l = e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2)``, e = raw - y.

    References
    ----------
    Huber (1964), "Robust estimation of a location parameter", Ann. Math. Statist. 35, 73-101.
    """

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        delta = self._widths(raw.dtype)
        error = raw - y
        # With c = e clipped to +-delta both cases are c (e - c / 2), and the slope is c.
        clipped = np.clip(error, -delta, delta, out=d_raw)
        error -= 0.5 * clipped
        error *= clipped
        return finish(error, weight, len(raw), d_raw)

    def _slope(self, ratio: np.ndarray) -> np.ndarray:
        return np.clip(ratio, -1.0, 1.0)


@dataclass(frozen=True)
class LogCosh(SquaredToAbsolute):
    """``l = delta^2 log cosh(e / delta)``, e = raw - y: Huber's loss without its corner."""

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        delta = self._widths(raw.dtype)
        ratio = (raw - y) / delta
        # log cosh z = |z| - log 2 + log(1 + exp(-2 |z|)), which loses its digits near 0: with
        # t = tanh(z / 2) it is log((1 + t^2) / (1 - t^2)) = 2 artanh(t^2).
        size = np.abs(ratio)
        far = size + (np.log1p(np.exp(-2 * size)) - math.log(2.0))
        half = np.tanh(0.5 * np.minimum(size, 2))
        losses = np.where(size < 1, 2 * np.arctanh(half * half), far)
        losses *= delta
        losses *= delta
        if d_raw is not None:
            np.tanh(ratio, out=d_raw)
            d_raw *= delta
        return finish(losses, weight, len(raw), d_raw)

    def _slope(self, ratio: np.ndarray) -> np.ndarray:
        return np.tanh(ratio)
