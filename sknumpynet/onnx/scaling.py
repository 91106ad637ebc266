"""Scalings of numeric columns as nodes.

In: a scaling and columns (B, F) in float64, NaN where missing. Out: scaled columns in the network's
dtype, with the roundings of the scaling itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..encoding.bound import BOUND, NEAR
from ..encoding.scaling import Robust, Scaling, Standard, ToNormal
from .builder import DOUBLE, Graph, Value
from .search import MOST_COMPARED, count_up_to
from .table import exporter, exporter_of


def scaled_graph(scaling: Scaling, g: Graph, x: Value, dtype: np.dtype) -> Value:
    """The scaled columns."""
    return exporter_of(scaling)(scaling, g, x, dtype)


@exporter(Scaling)
def as_it_is(scaling: Scaling, g: Graph, x: Value, dtype: np.dtype) -> Value:
    """``x``, the mean where it is missing."""
    mean = scaling._mean.astype(dtype)
    x = g.cast(x, dtype)
    return g.where(g.is_nan(x), mean, x)


@exporter(Standard)
@exporter(Robust)
def affine(scaling: Any, g: Graph, x: Value, dtype: np.dtype) -> Value:
    """``bound((x - center) / spread)``."""
    if scaling._extreme:
        z = (x - scaling.center) / scaling._divisor
    else:
        # The difference is rounded to the dtype, and then the product.
        z = g.cast(x - scaling.center, dtype) * scaling.factor.astype(dtype)
    return g.cast(bound_graph(g, g.cast(z, DOUBLE), scaling._fill), dtype)


def bound_graph(g: Graph, z: Value, fill: np.ndarray) -> Value:
    """Within the bounds, and ``fill`` where z is missing."""
    size, width = g.op("Abs", z), BOUND - NEAR
    beyond = g.op("Sign", z) * (g.op("Tanh", (size - NEAR) / width) * width + NEAR)
    return g.where(g.is_nan(z), fill, g.where(size > NEAR, beyond, z))


@exporter(ToNormal)
def to_normal(scaling: ToNormal, g: Graph, x: Value, dtype: np.dtype) -> Value:
    """``Phi^-1(F(x))``, of some columns affine."""
    parts, order = [], []
    if len(scaling._linear):
        order += scaling._linear.tolist()
        parts.append(affine(scaling._affine, g, g.take(x, scaling._linear, 1), dtype))
    of_few = [j for j, (knots, _) in scaling._knots.items() if len(knots) <= MOST_COMPARED]
    of_many = [j for j in scaling._knots if j not in set(of_few)]
    for columns in filter(None, (of_few, of_many)):
        order += columns
        level = _level(scaling, g, g.take(x, columns, 1), columns)
        normal = inverse_normal(g, g.op("Clip", level, scaling.tail, 1.0 - scaling.tail))
        parts.append(g.cast(g.where(g.is_nan(level), 0.0, normal), dtype))
    found = g.concat(parts, 1)
    return found if order == sorted(order) else g.take(found, np.argsort(order), 1)


def _level(scaling: ToNormal, g: Graph, x: Value, columns: list[int]) -> Value:
    """The share of the rows below x: straight between the knots; NaN where x is missing."""
    of = [scaling._knots[j] for j in columns]
    most = max(len(knots) for knots, _ in of)
    first, last = (np.array([knots[end] for knots, _ in of]) for end in (0, -1))
    knots, levels = np.full((len(of), most), np.inf), np.zeros((len(of), most))
    slopes, starts = np.zeros((len(of), most)), np.empty((len(of), most))
    for j, (known, level) in enumerate(of):
        n = len(known)
        knots[j, :n], levels[j, :n] = known, level
        with np.errstate(over="ignore"):
            slopes[j, : n - 1] = np.diff(level) / np.diff(known)
        starts[j] = known[-1]
        starts[j, :n] = known
    inside = g.op("Min", g.op("Max", x, first), last)
    place = count_up_to(g, inside, knots[:, 1:]) if most > 1 else None
    if place is None:
        return inside * 0.0 + levels[:, 0]
    place = place + most * np.arange(len(of))
    slope, start, below = (
        g.take(g.constant(table.ravel()), place, 0) for table in (slopes, starts, levels)
    )
    return slope * (inside - start) + below


#: Of the ratios of two polynomials of degree 7, lowest power first: for |p - 1/2| <= 0.425 in
#: 0.180625 - (p - 1/2)^2, and beyond it in sqrt(-log(min(p, 1 - p))) - 1.6, where that is at most 5
#: (p > 1e-11).
CENTRAL = (
    (3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
     45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727),
    (1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
     21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610),
)  # fmt: skip
TAIL = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
     3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
     0.0227238449892691845833, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
     0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4,
     1.05075007164441684324e-9),
)  # fmt: skip


def inverse_normal(g: Graph, p: Value) -> Value:
    """The inverse of the normal distribution function for p in [1e-11, 1 - 1e-11], to 1e-15.

    Wichura (1988), "Algorithm AS 241: the percentage points of the normal distribution", Applied
    Statistics 37, 477-484, PPND16.
    """
    q = p - 0.5
    r = g.op("Sqrt", -g.op("Log", g.op("Min", p, 1.0 - p))) - 1.6
    # All four polynomials at once, by Horner's rule: (4, B, F).
    middle, beyond = (g.expand(v, 0) for v in (0.180625 - q * q, r))
    at = g.concat([middle, middle, beyond, beyond], 0)
    powers = np.array([*CENTRAL, *TAIL]).T[::-1, :, np.newaxis, np.newaxis]
    sums = at * powers[0]
    for coefficients in powers[1:-1]:
        sums = (sums + coefficients) * at
    sums = sums + powers[-1]
    above, below, above_tail, below_tail = (g.take(sums, i, 0) for i in range(4))
    central, tail = q * (above / below), g.op("Sign", q) * (above_tail / below_tail)
    return g.where(g.op("Abs", q) > 0.425, tail, central)
