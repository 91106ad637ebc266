"""Numbers: scaled, imputed and bounded by scikit-learn's transformers.

In: the encoder of a model's numbers. Out: a Pipeline, its statistics, and the rows of weights for
the columns that it makes.
"""

from __future__ import annotations

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from ..encoding.bound import BOUND, NEAR
from ..encoding.numbers import Numbers
from ..encoding.scaling import Affine, Scaling
from .refused import refused

#: From here on the hyperbolic tangent is 1 in float64.
FAR = 100.0


class ScaledNumbers:
    """Columns of numbers that vary, or that are missing at times, as a Pipeline.

    A value x becomes z = (x - center) / spread, and what is missing its place ``fill`` on that
    scale. Beyond 4 it is bounded (see :mod:`..encoding.bound`), which is a sum of three columns::

        clip(z, -4, 4) + 6 tanh(max(z - 4, 0) / 6) + 6 tanh(min(z + 4, 0) / 6)

    so that the first layer has three rows for it, w, 6 w and 6 w.

    Parameters
    ----------
    group : Numbers
    bounded : bool

    Attributes
    ----------
    index : ndarray
        Numbers of the columns in the table.
    stand_in : ndarray of shape (3, n)
        Rows to fit it to, in which those columns miss a value that are given one more that says so.
    pipeline : Pipeline
        Not fitted.
    """

    def __init__(self, group: Numbers, bounded: bool) -> None:
        scaling, n = group.scaling, len(group.index)
        if isinstance(scaling, Affine):
            center, spread, fill = scaling.center, scaling._divisor, scaling._fill
        elif type(scaling) is Scaling:
            center, spread, fill = np.zeros(n), np.ones(n), scaling._mean
        else:
            raise refused(
                f"feature_scaling={group.feature_scaling!r}",
                "its QuantileTransformer interpolates otherwise",
            )
        is_told = np.zeros(n, dtype=bool)
        is_told[group._missing] = True
        varies = np.isfinite(spread)
        self._used = np.flatnonzero(varies | is_told)
        self._varies, self._told = varies[self._used], is_told[self._used]
        self._rows = np.concatenate([self._used, n + np.arange(len(group._missing))])
        self.index = group.index[self._used]
        self._center, self._fill = center[self._used], np.nan_to_num(fill[self._used])
        # A constant column has no weight, and is there for the one that says where it is missing.
        self._spread = np.where(self._varies, spread[self._used], 1.0)
        self._bounded = bounded and isinstance(scaling, Affine)
        # Statistics are about these, and set afterwards.
        self.stand_in = np.array([[-1.0], [1.0], [0.0]]) + self._center
        self.stand_in[2, self._told] = np.nan
        imputer = SimpleImputer(add_indicator=bool(self._told.any()))
        steps = [("impute", imputer)]
        if self._bounded:
            steps = [("scale", StandardScaler()), *steps, ("bound", _bound())]
        self.pipeline = Pipeline(steps)

    def set_statistics(self, pipeline: Pipeline) -> None:
        """Those of the model, in the pipeline that was fitted to the rows that stand in."""
        imputer = pipeline["impute"]
        if not self._bounded:
            imputer.statistics_ = self._center + self._fill * self._spread
            return
        scaler = pipeline["scale"]
        scaler.mean_, scaler.scale_ = self._center, self._spread
        scaler.var_ = self._spread**2
        imputer.statistics_ = self._fill
        parts = dict(pipeline["bound"].transformer_list)
        _set_range(parts["within"], -NEAR, NEAR)
        width = FAR * (BOUND - NEAR)
        _set_range(parts["above"]["clip"], NEAR, NEAR + width)
        _set_range(parts["below"]["clip"], -NEAR - width, -NEAR)

    def weights(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From the rows of weights of the model's columns those of its own, and further offsets."""
        used = rows[self._rows].copy()
        n = len(self._used)
        used[:n][~self._varies] = 0.0
        if not self._bounded:
            used[:n] /= self._spread[:, np.newaxis]
            return used, -self._center @ used[:n]
        beyond = (BOUND - NEAR) * used
        # Nothing is beyond of the columns that say what is missing.
        beyond[n:] = 0.0
        return np.concatenate([used, beyond, beyond]), np.zeros(rows.shape[1])


def _bound() -> FeatureUnion:
    def tail(low: float, high: float) -> Pipeline:
        clip = MinMaxScaler((low, high), clip=True)
        return Pipeline([("clip", clip), ("tanh", FunctionTransformer(np.tanh))])

    within = MinMaxScaler((-NEAR, NEAR), clip=True)
    return FeatureUnion([("within", within), ("above", tail(0, FAR)), ("below", tail(-FAR, 0))])


def _set_range(scaler: MinMaxScaler, low: float, high: float) -> None:
    """That of the data which becomes the range of the scaler."""
    to_low, to_high = scaler.feature_range
    n = scaler.n_features_in_
    scaler.data_min_, scaler.data_max_ = np.full(n, low), np.full(n, high)
    scaler.data_range_ = scaler.data_max_ - scaler.data_min_
    scaler.scale_ = (to_high - to_low) / scaler.data_range_
    scaler.min_ = to_low - scaler.data_min_ * scaler.scale_
