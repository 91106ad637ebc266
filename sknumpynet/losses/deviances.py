"""Half the deviances of positive targets, with the link log: the mean is exp(raw).

In: raw scores and targets (B, n_targets). Out: value, gradient, prediction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax, xlogy

from .loss import HIGHEST, Loss, finish, log_mean_exp, weighted_mean


@dataclass(frozen=True)
class Deviance(Loss):
    """A loss of the mean ``exp(raw)`` whose best constant is the mean of y.

    Measured in another unit, y = b y', it is multiplied by a power of b.
    """

    out_activation = "exp"
    target_unit = "mean"

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # The slope is sum w (exp(r) - y) times a power of exp(r) = 0. With no event at all the
        # optimum is at -inf: half an event in all the rows is assumed then.
        mean = weighted_mean(y, weight)
        return np.log(np.where(mean > 0, mean, 0.5 / len(y)))

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return np.exp(np.minimum(raw, HIGHEST))

    def combine(self, raw: np.ndarray) -> np.ndarray:
        return log_mean_exp(raw)

    def combine_slopes(self, raw: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        return softmax(raw, axis=0) * slopes

    def raw_in_units(self, unit: Any, shift: Any) -> tuple[Any, Any]:
        return 1.0, np.log(unit)


def _below(y: np.ndarray, lowest: float) -> tuple[float, str] | None:
    """The lowest y, if it is not >= 0; with ``lowest`` > 0, not > 0."""
    value = float(y.min())
    if value >= lowest:
        return None
    return value, "y > 0" if lowest else "y >= 0"


def _times_exp(y: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """``y exp(exponent)``, and 0 where y is, also if the exponential overflows."""
    return y * np.exp(exponent * (y > 0))


#: A target > 0 is at least this.
ABOVE_0 = float(np.nextafter(0.0, 1.0))


@dataclass(frozen=True)
class Poisson(Deviance):
    """``l = exp(raw) - y raw + y log y - y``, half the Poisson deviance, link log, y >= 0.

    Measured in another unit, y = b y', both l and the deviance are multiplied by b.
    """

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        return _below(y, 0.0)

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        mean = np.exp(raw)
        # Before raw may be overwritten by d_raw. At raw = log y the four terms cancel to 0.
        losses = mean - y * raw
        losses += xlogy(y, y)
        losses -= y
        if d_raw is not None:
            np.subtract(mean, y, out=d_raw)
        return finish(losses, weight, len(raw), d_raw)

    def rounding(self, y: np.ndarray) -> float:
        # Some roundings of the largest of the four terms, which cancel.
        highest = float(y.max())
        largest = max(highest, abs(float(xlogy(highest, highest))))
        return 4.0 * float(np.finfo(y.dtype).eps) * largest


@dataclass(frozen=True)
class Gamma(Deviance):
    """``l = raw - log y + y exp(-raw) - 1``, half the gamma deviance, link log, y > 0.

    It looks at the ratio of y and the mean, and so does not depend on the unit of y.
    """

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        return _below(y, ABOVE_0)

    def losses(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        losses = _times_exp(y, -raw)
        losses -= 1.0
        losses += raw
        # A y > 0 may be 0 in float32.
        losses -= np.log(np.maximum(y, np.finfo(y.dtype).tiny))
        return losses

    def slopes(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 1.0 - _times_exp(y, -raw)

    def rounding(self, y: np.ndarray) -> float:
        # Some roundings of the largest of the four terms, which cancel.
        largest = max(1.0, *(abs(float(np.log(bound))) for bound in (y.min(), y.max()) if bound))
        return 4.0 * float(np.finfo(y.dtype).eps) * largest


@dataclass(frozen=True)
class Tweedie(Deviance):
    """Half the Tweedie deviance of ``power`` p > 1 other than 2, link log.

    With m = exp(raw), a = 2 - p and b = 1 - p it is ``l = m^a / a - y m^b / b + y^a / (a b)``: of a
    variance that grows with the p-th power of the mean. p -> 1 is Poisson's, p -> 2 the gamma's,
    and 3 the inverse Gaussian; between 1 and 2 y may be 0 (sums of a Poisson number of gamma
    amounts). Near 1 and 2 the three terms are large and cancel: l loses digits, its gradient does
    not. Measured in another unit, y = c y', l is multiplied by c^a.

    References
    ----------
    Jørgensen (1987), "Exponential dispersion models", J. R. Stat. Soc. B 49, 127-162.
    """

    power: float = 1.5

    @classmethod
    def made_from(cls, parameters: Mapping[str, Any]) -> Loss:  # type: ignore[override]
        """Poisson's and the gamma deviance for the powers 1 and 2."""
        power = float(parameters["power"])
        limits: dict[float, Loss] = {1.0: Poisson(), 2.0: Gamma()}
        return limits.get(power) or cls(power)

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        return _below(y, 0.0 if self.power < 2 else ABOVE_0)

    @property
    def _exponents(self) -> tuple[float, float]:
        return 2.0 - self.power, 1.0 - self.power

    def losses(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        a, b = self._exponents
        losses = np.exp(a * raw) * (1.0 / a)
        losses -= _times_exp(y, b * raw) * (1.0 / b)
        if a < 0:
            # A y > 0 may be 0 in float32.
            y = np.maximum(y, np.finfo(y.dtype).tiny)
        losses += y**a * (1.0 / (a * b))
        return losses

    def slopes(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        a, b = self._exponents
        return np.exp(a * raw) - _times_exp(y, b * raw)

    def rounding(self, y: np.ndarray) -> float:
        # As for Poisson's: at m = y the terms are y^a over a, b and a b. A rounding of the
        # exponents a log y and b log y is divided by a and b again.
        a, b = self._exponents
        factor = max(1.0 / abs(a * b), 1.0 / abs(a), 1.0 / abs(b))
        bounds = [float(bound) for bound in (y.min(), y.max()) if bound > 0] or [1.0]
        largest = max(bound**a * max(factor, abs(float(np.log(bound)))) for bound in bounds)
        return 4.0 * float(np.finfo(y.dtype).eps) * largest
