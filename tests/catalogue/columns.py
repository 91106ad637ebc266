"""Scalings of the columns.

A new one is one entry.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm


@dataclass(frozen=True)
class ScalingCase:
    """What the column (1, 2, 4, 8, 16) becomes; whether it is linear, whether it sorts columns."""

    encoded: Sequence[float]
    linear: bool = False
    sorts: bool = False


FEATURE_SCALINGS = {
    None: ScalingCase([1.0, 2.0, 4.0, 8.0, 16.0]),
    # Mean 31 / 5, mean square 341 / 5.
    "standard": ScalingCase(
        (np.array([1, 2, 4, 8, 16]) - 6.2) / math.sqrt(68.2 - 6.2**2), linear=True
    ),
    # Median 4, quartiles 2 and 8.
    "robust": ScalingCase([-1 / 2, -1 / 3, 0.0, 2 / 3, 2.0], linear=True, sorts=True),
    # Ten quantiles, of which each value has two, at (0, 1), (2, 3), ... ninths.
    "quantile": ScalingCase(norm.ppf(np.array([1, 5, 9, 13, 17]) / 18), sorts=True),
}
#: Those that do something, and of them those that are linear and those that sort.
SCALINGS = [name for name in FEATURE_SCALINGS if name]
LINEAR_SCALINGS = [name for name in SCALINGS if FEATURE_SCALINGS[name].linear]
SORTING_SCALINGS = [name for name in SCALINGS if FEATURE_SCALINGS[name].sorts]
