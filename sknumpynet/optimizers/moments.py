"""Decaying means in units that shrink with them, which takes one pass where two are needed.

In: the decay rate of a mean. Out: the units it is kept in from step to step, and the factors of
what is added to it.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

#: A mean is brought back to its first unit after at most this many steps, and before the unit has
#: shrunk by more than this factor.
MOST_STEPS, MOST_SHRINKING = 64, 1e6

#: First and second moments below these are set to 0 then. A unit whose gradient stays 0 sends its
#: moments into the denormal numbers within some hundred steps, and those are computed many times
#: slower. A step from such a moment is below lr * 1e-14, far below the rounding of theta; epsilon
#: bounds them, too.
TINY_FIRST, TINY_SECOND = 1e-22, 1e-30


@lru_cache(maxsize=64)
def shrinking_units(*betas: float) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The units of some means ``m <- beta m + (1 - beta) x``, kept as ``M = m / unit``.

    Where the unit shrinks as the mean decays, ``unit = (1 - beta) beta^k``, the two passes
    ``m <- beta m`` and ``m <- m + (1 - beta) x`` are one: ``M <- M + growth x``, with
    ``growth = beta^-k``. For Adam that is 7 passes instead of 9: 10.2 us for 8192 parameters in
    float32 instead of 13.0.

    Returns
    -------
    tuple of tuples of (unit, growth)
        At k = 0, 1, ... a pair for each beta. After the last k comes k = 0 again, for which M is
        brought to the first unit.
    """
    return tuple(
        tuple(((1.0 - beta) * beta**k, (1.0 - beta) / ((1.0 - beta) * beta**k)) for beta in betas)
        for k in range(_steps_in_one_unit(betas))
    )


def to_first_unit(M: np.ndarray, beta: float, n_steps: int, tiny: float) -> None:
    """Bring M to its first unit ``n_steps`` after it was there; entries below ``tiny`` become 0."""
    M *= beta**n_steps
    M[np.abs(M) < tiny] = 0


def _steps_in_one_unit(betas: tuple[float, ...]) -> int:
    """The largest k with beta^k >= 1 / MOST_SHRINKING for all betas, from 1 to MOST_STEPS."""
    if 0.0 in betas:
        return 1
    steps = (math.log(MOST_SHRINKING) / -math.log(beta) for beta in betas)
    return int(max(1, min(MOST_STEPS, *steps)))
