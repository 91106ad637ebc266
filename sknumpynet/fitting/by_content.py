"""Rows to validate on, told by their content alone: each rank finds those that it has.

In: the rows of one rank. Out: a part to train on, and one to validate on; or nothing, where these
would be too few. Which rows these are depends on nothing but a row and a seed: neither on the other
rows, nor on who has which.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from ..options import least_to_split
from ..rows import RowsOfRank, row_blocks, row_hashes
from ..training import Collective
from .share import Share


def split_by_content(
    table: Share, options: Any, seed: int, ranks: Collective
) -> tuple[Share, Share] | None:
    """Rows whose hash is in the first ``validation_fraction`` of all hashes are held out.

    So equal rows stay together. Classes are not shared out in proportion: of many rows each has
    about its share.
    """
    out = share_of_hashes(table, seed) < options.validation_fraction
    sides = [_of_rank(table, side, ranks) for side in (~out, out)]
    least = least_to_split(options)
    if min(side.rows.n_rows for side in sides) >= 2 and table.rows.n_rows >= (least or 0):
        return sides[0], sides[1]
    if least is not None:
        return None
    raise ValueError(
        f"The validation set is too small: validation_fraction={options.validation_fraction:g} of "
        f"n_samples = {table.rows.n_rows} rows leaves {sides[1].rows.n_rows} to validate on. "
        "Increase validation_fraction, or pass X_val and y_val."
    )


def _of_rank(table: Share, side: np.ndarray, ranks: Collective) -> Share:
    index, weight, *_ = table.rows
    rows = RowsOfRank(index[side], None if weight is None else weight[side], ranks)
    return table.only(rows, rows.n_rows)


def share_of_hashes(table: Share, seed: int) -> np.ndarray:
    """A number in [0, 1) for each row of the share, by the row, its target and the seed."""
    found, start = np.empty(len(table.rows.index)), 0
    for block, weight in row_blocks(table.X, table.rows):
        stop = start + len(weight)
        codes = table.codes[table.rows.index[start:stop]].reshape(stop - start, -1)
        beside = np.column_stack([codes, np.full(len(codes), seed)]).astype(np.float64)
        if sp.issparse(block):
            whole = sp.hstack([beside, block], format="csr")
        else:
            whole = np.hstack([beside, block])
        found[start:stop] = row_hashes(whole, np.arange(len(codes))) / 2.0**64
        start = stop
    return found
