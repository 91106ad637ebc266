"""Where numbers stand among sorted ones, for many columns at once.

In: values (B, F) and a rising row for each column. Out: whole numbers (B, F).
"""

from __future__ import annotations

import math

import numpy as np

from .builder import WHOLE, Graph, Value

#: Rows up to this long are compared one by one; of longer ones first some, then those between two
#: of these: 1,000 knots take 2 x 32 comparisons.
MOST_COMPARED = 64


def count_up_to(g: Graph, x: Value, rows: np.ndarray) -> Value:
    """How many numbers of its row (F, K) each x is not below; 0 of NaN.

    A row may be shorter than others: what is behind its end is infinite.
    """
    n_columns, n = rows.shape
    if n <= MOST_COMPARED:
        return _count(g, x, g.constant(rows, x.dtype))
    step = math.isqrt(n - 1) + 1
    filled = np.full((n_columns, step * step), np.inf, dtype=x.dtype)
    filled[:, :n] = rows
    blocks = filled.reshape(n_columns, step, step)
    # The block in which x is: 0 also where it is below the first.
    which = _count(g, x, g.constant(blocks[:, 1:, 0], x.dtype))
    places = which + step * np.arange(n_columns)
    found = g.take(g.constant(blocks.reshape(-1, step), x.dtype), places, 0)
    return _count(g, x, found) + which * step


def _count(g: Graph, x: Value, rows: Value) -> Value:
    # Not the axis -1: of no rows onnxruntime 1.20 keeps it.
    below = g.cast(g.expand(x, 2) >= rows, np.int32)
    return g.cast(g.reduce("ReduceSum", below, 2), WHOLE)
