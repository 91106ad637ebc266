"""Scaled values within bounds, and what is missing among them.

In: an array of scaled values, NaN for missing. Out: the same array, changed in place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

#: Scaled columns are bounded smoothly: unchanged to NEAR, never beyond BOUND. A test row at z = 193
#: can't be predicted 35 then where y <= 5. See DECISIONS: bound of a scaled column.
NEAR, BOUND = 4.0, 10.0


def fill_missing(z: np.ndarray, fill: Any = 0.0) -> float:
    """Put ``fill`` (a number, or one per column) for NaN in ``z``, in place; its maximum then."""
    most = z.max()
    # One missing value makes the maximum NaN.
    if math.isnan(most):
        np.copyto(z, fill, where=np.isnan(z), casting="same_kind")
        most = z.max()
    return float(most)


def bound(z: np.ndarray, fill: Any = 0.0) -> np.ndarray:
    """``z`` within ``[-NEAR, NEAR]``, beyond ``+-(NEAR + w tanh((|z| - NEAR) / w))``, in place.

    With ``w = BOUND - NEAR``: smooth, monotone, and never beyond BOUND. What is missing becomes
    ``fill``.
    """
    if z.size and (fill_missing(z, fill) > NEAR or z.min() < -NEAR):
        far = np.abs(z) > NEAR
        beyond, width = z[far], BOUND - NEAR
        z[far] = np.copysign(NEAR + width * np.tanh((np.abs(beyond) - NEAR) / width), beyond)
    return z
