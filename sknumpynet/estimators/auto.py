"""What "auto" means: defaults that depend on the number of rows.

In: the option and the table's size. Out: the number or the decision. Every such default is a
function here, with the figures that it was decided by.
"""

from __future__ import annotations

import math
from typing import Any

from ..optimizers import goes_through_batches

#: batch_size="auto": rows of a batch, fewer where an epoch would have fewer steps than this, but at
#: least so many. Geometric mean of the loss on 15 tables of 133 to 1,500 rows (100 units), beside
#: batches of all rows below 400: 0.96 with 8 steps, 0.98 with 16, 0.97 with 32 rows always.
BATCH, STEPS, LEAST_BATCH = 200, 8, 32

#: embedding_width="auto": columns that a number becomes, and most columns of all numbers together.
#: California with 8 members of 3 x 128, one seed: RMSE 0.421 with 24, 0.427 with 16.
EMBEDDING_WIDTH, EMBEDDED_COLUMNS = 24, 1500

#: early_stopping="auto" acts from this many distinct rows on. On 16 tables cut to 50 rows it lowers
#: the loss of the default network to 0.77 (geometric mean), to 0.75 with 80 rows and 0.73 with 200.
EARLY_STOPPING_FROM = 50


def rows_of_a_batch(batch_size: int | str, n_rows: int) -> int:
    """The option ``batch_size`` for ``n_rows`` training rows."""
    if not isinstance(batch_size, str):
        return min(int(batch_size), n_rows)
    # Equal batches: a short one at the end would make a whole step on a few rows.
    rows = max(LEAST_BATCH, min(BATCH, n_rows / STEPS))
    return math.ceil(n_rows / max(1, round(n_rows / rows)))


def width_of_embedding(embedding_width: int | str, n_numeric: int) -> int:
    """The option ``embedding_width`` for ``n_numeric`` columns; 1 if no embedding is worth it."""
    if not isinstance(embedding_width, str):
        return int(embedding_width)
    return max(1, min(EMBEDDING_WIDTH, EMBEDDED_COLUMNS // max(1, n_numeric)))


def stops_early(options: Any, n_rows: int, *, given: bool, incremental: bool) -> bool:
    """The option ``early_stopping``, for a table of ``n_rows`` rows, as if all were distinct.

    ``given``: rows to validate on were passed. ``incremental``: a part of a stream, which has
    nothing to stop early on.
    """
    if incremental:
        return False
    if options.early_stopping == "auto":
        return goes_through_batches(options.solver) and (given or n_rows >= EARLY_STOPPING_FROM)
    return bool(options.early_stopping)


def least_to_split(options: Any) -> int | None:
    """Distinct rows below which none are split off; None where a split was asked for.

    Equal rows stay together, so it is they that there must be enough of; and a row of weight 2 is
    that row twice here, too.
    """
    return EARLY_STOPPING_FROM if options.early_stopping == "auto" else None
