"""The contract of a loss on raw scores.

In: raw scores (B, n_raw) as the last layer gives them, encoded targets, weights. Out: one number,
its gradient with respect to the raw scores, and predictions. Value and gradient come from one
function, and no probability is clipped in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np

from .best_constant import lowest_constant

#: Exponentials of raw scores are predicted up to this, 1e304: losses are finite far above.
HIGHEST = 700.0

#: A kind of loss.
L = TypeVar("L", bound="Loss")


@dataclass(frozen=True)
class Loss:
    """A loss summed over targets and averaged over rows: ``L = 1/B sum_i w_i l(y_i, raw_i)``.

    It is the base of every loss, also of your own, which the regressor takes as ``loss`` (an
    object, or the class where there are no parameters). For one raw score for each target define
    ``losses`` and ``slopes``; everything else has a default. Parameters are the fields of a frozen
    dataclass, so that losses compare by value, and clones, pickles and grids of values work.
    ``fit`` first tries them on a few rows, and names the class and the method if a result has the
    wrong shape, or is not finite; its dtype may be any.

    Weights have mean 1 over the *data set*, so that the mean of L over the batches of an epoch is
    the weighted mean of l over the data, whatever weights a batch holds.

    Attributes
    ----------
    out_activation : str
        Of the class: name of the function from raw scores to predictions, the estimators'
        ``out_activation_``.
    target_unit : {"standard", "mean", None}
        Of the class: in which units a target may be measured without changing the problem (after
        ``in_unit``): y = a + b y' for an additive error ("standard"), y = b y' for a positive one
        ("mean"), none for a class. ``target_scaling`` scales y accordingly, and leaves it as it is
        where this is None.

    Examples
    --------
    Expectiles, which are to the mean what quantiles are to the median:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from sknumpynet import Loss, NumpyMLPRegressor
    >>> from sknumpynet.inspection import check_gradient
    >>> @dataclass(frozen=True)
    ... class Expectile(Loss):
    ...     share: float = 0.9
    ...     target_unit = "standard"
    ...
    ...     def losses(self, raw, y):
    ...         return np.where(raw < y, self.share, 1 - self.share) * (raw - y) ** 2
    ...
    ...     def slopes(self, raw, y):
    ...         return 2 * np.where(raw < y, self.share, 1 - self.share) * (raw - y)
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-1, 1, size=(200, 1))
    >>> y = X[:, 0] + rng.normal(size=200)
    >>> def total(raw):
    ...     raw, d_raw = raw[:, np.newaxis], np.empty((200, 1))
    ...     return Expectile(0.8).value(raw, y[:, np.newaxis], None, d_raw), d_raw.ravel()
    >>> check_gradient(total, np.zeros(200)).error < 1e-6
    True
    >>> model = NumpyMLPRegressor((10,), loss=Expectile(0.9), random_state=0).fit(X, y)
    >>> bool(np.mean(model.predict(X) > y) > 0.7)
    True
    """

    out_activation: ClassVar[str] = "identity"
    target_unit: ClassVar[str | None] = None

    @classmethod
    def made_from(cls: type[L], parameters: Mapping[str, Any]) -> L:
        """The loss with those of the ``parameters`` (of an estimator) that are its options."""
        return cls(**{field.name: parameters[field.name] for field in fields(cls)})

    def in_unit(self, unit: np.ndarray | None) -> Loss:
        """The same loss for targets that are divided by ``unit`` (n_targets,); None for classes.

        A loss with an option in the target's unit gives one with another value of it: Python
        numbers, which can be compared and keep float32 in float32.
        """
        return self

    def n_raw(self, n_targets: int) -> int:
        """Raw scores of each row, for so many columns of y."""
        return n_targets

    def raw_of(self, targets: np.ndarray) -> np.ndarray:
        """Which raw scores (n_raw,) tell of some targets alone; both are masks.

        By default those in the same places. Where there are others than one for each target, and
        the loss does not say, all of all targets.
        """
        n_raw = self.n_raw(len(targets))
        return targets if n_raw == len(targets) else np.full(n_raw, targets.all())

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        """A target outside the loss's domain and what the domain is, or None if all are inside."""
        return None

    def losses(self, raw: np.ndarray, y: Any) -> np.ndarray:
        """``l(y, raw)`` of each row and target, (B, n_targets); nothing is overwritten."""
        raise NotImplementedError(f"{type(self).__name__} does not define losses(self, raw, y).")

    def slopes(self, raw: np.ndarray, y: Any) -> np.ndarray:
        """``dl/d(raw)``, (B, n_raw); nothing is overwritten."""
        raise NotImplementedError(f"{type(self).__name__} does not define slopes(self, raw, y).")

    def value(
        self, raw: np.ndarray, y: Any, weight: np.ndarray | None, d_raw: np.ndarray | None = None
    ) -> float:
        """``1/B sum_i w_i l(y_i, raw_i)``, and its gradient in ``d_raw`` (which may be ``raw``).

        Of ``losses`` and ``slopes``; where these share work, a loss defines it instead.
        """
        losses = self.losses(raw, y)
        if d_raw is not None:
            d_raw[...] = self.slopes(raw, y)
        return finish(losses, weight, len(raw), d_raw)

    def of_rows(self, raw: np.ndarray, y: Any) -> np.ndarray | None:
        """The loss of each row (B,), summed over targets; None where there is ``value`` alone.

        A subclass with a ``value`` of its own need not have the ``losses`` that it inherits.
        """
        kinds = (vars(kind) for kind in type(self).__mro__)
        own = next(names for names in kinds if "value" in names or "losses" in names)
        return self.losses(raw, y).sum(axis=1) if "losses" in own else None

    def intercept_only(self, y: Any, weight: np.ndarray | None) -> np.ndarray:
        """The constant raw scores (n_raw,) with the smallest loss over the rows ``y``.

        By default sought from 0 along the gradient; a loss that knows them defines it.
        """
        return lowest_constant(self.value, y, weight, np.zeros(self.n_raw(y.shape[1])))

    def rounding(self, y: Any) -> float:
        """What may be left, by rounding, of the loss of the best constant where y is constant.

        Above it that loss is the unit of ``tol``. 0 says that nothing is left.
        """
        return 0.0

    def tol_unit(self, best: float, y: Any) -> float:
        """The unit of ``tol``, where the best constant has the loss ``best`` over the rows ``y``.

        That loss; 1 where it is nothing.
        """
        return best if best > self.rounding(y) else 1.0

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Point predictions in the unit of the encoded target, or the probabilities of classes.

        From (n, n_raw) to (n, n_targets), or to (n, n_targets, k) if there are k for each target.
        By default the raw scores.
        """
        return raw

    def point(self, raw: np.ndarray) -> np.ndarray:
        """One prediction for each target, (n, n_targets), where ``predict`` gives several."""
        return self.predict(raw)

    def spread(self, raw: np.ndarray) -> np.ndarray | None:
        """Standard deviations (n, n_targets) in the unit of the encoded target, if it has any."""
        return None

    def combine(self, raw: np.ndarray) -> np.ndarray:
        """From the raw scores of k members, (k, n, n_raw), those of their mean prediction.

        ``predict(combine(raw)) = mean_k predict(raw_k)``: the mean is taken of predictions
        (probabilities, means), never of raw scores, and the result (n, n_raw) can be used as any.
        """
        if type(self).predict is not Loss.predict:
            raise NotImplementedError(
                f"{type(self).__name__} does not combine predictions of members: it defines "
                "predict, but not combine(self, raw)."
            )
        return raw.mean(axis=0)

    def combine_slopes(self, raw: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """Slopes of the members' raw scores, (k, n, n_raw), from those of the combined ones.

        ``slopes`` (n, n_raw) are dl/d(combine(raw)). By differences for a loss of your own that
        defines ``combine`` alone.
        """
        if type(self).combine is Loss.combine:
            return np.broadcast_to(slopes / len(raw), raw.shape)
        found, step = np.empty(raw.shape), 1e-5
        for k, _, j in np.ndindex(len(raw), 1, raw.shape[2]):
            moved = [np.array(raw, dtype=np.float64) for _ in range(2)]
            moved[0][k, :, j] += step
            moved[1][k, :, j] -= step
            rise = self.combine(moved[0]) - self.combine(moved[1])
            found[k, :, j] = (rise * slopes).sum(axis=1) / (2 * step)
        return found

    def raw_in_units(self, unit: Any, shift: Any) -> tuple[Any, Any]:
        """Factors and shifts (n_raw,) that bring raw scores to the units of y.

        A target of those of the loss is ``unit`` times it plus ``shift``, (n_targets,) each, or
        None for classes. By default they are applied where raw scores are predictions.
        """
        if unit is None or type(self).predict is not Loss.predict:
            return 1.0, 0.0
        return unit, shift

    def raw_names(self, targets: list[str]) -> list[str]:
        """What the raw scores are called, for targets of these names."""
        n_raw = self.n_raw(len(targets))
        return targets if n_raw == len(targets) else [f"raw score {j}" for j in range(n_raw)]


def log_sum_exp(values: np.ndarray, axis: int) -> np.ndarray:
    """``log sum exp(values)`` over an axis, which stays with length 1, without overflow.

    With m of the terms the largest, ``max + log m + log(1 + rest / m)``: Blanchard, Higham and
    Higham (2021), "Accurately computing the log-sum-exp and softmax functions". For 16 numbers
    scipy's takes 90 us, of them 80 before it begins.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        largest = values.max(axis=axis, keepdims=True)
        at = values == largest
        number = at.sum(axis=axis, keepdims=True, dtype=values.dtype)
        terms = np.exp(values - largest)
        terms[at] = 0.0
        rest = terms.sum(axis=axis, keepdims=True)
        rest /= number
        found = np.log1p(rest) + np.log(number) + largest
        if np.isfinite(found).all():
            return found
        # As C has it for infinite terms.
        directly = np.log(np.exp(values).sum(axis=axis, keepdims=True))
        return np.where(np.isfinite(found), found, directly)


def log_mean_exp(values: np.ndarray) -> np.ndarray:
    """``log 1/k sum_k exp(values_k)`` over the first axis, without overflow."""
    return log_sum_exp(values, 0)[0] - math.log(len(values))


def weighted_mean(values: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Mean over rows in float64, (n_targets,): ``sum_i w_i v_i / sum_i w_i``."""
    if weight is None:
        return values.mean(axis=0, dtype=np.float64)
    return (weight.astype(np.float64) @ values) / weight.sum(dtype=np.float64)


def finish(
    losses: np.ndarray, weight: np.ndarray | None, n_rows: int, d_raw: np.ndarray | None
) -> float:
    """Average the rows' ``losses`` (B,) or (B, n_targets), and bring ``d_raw`` to the same average.

    Python floats keep float32 arrays in float32; the sum alone is accumulated in float64.
    """
    if weight is not None:
        weight = weight.reshape((-1,) + (1,) * (losses.ndim - 1))
        losses = losses * weight
        if d_raw is not None:
            d_raw *= weight.reshape(-1, 1)
    if d_raw is not None:
        d_raw *= 1.0 / n_rows
    return float(np.add.reduce(losses, axis=None, dtype=np.float64)) / n_rows
