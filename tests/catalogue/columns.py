"""Scalings of the columns, and kinds of columns.

A new one is one entry.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class ColumnCase:
    """Values of a column "c", the classes that read and that encode it, and what it becomes."""

    values: Sequence[Any]
    read_by: str
    encoded_by: str
    names: Sequence[str]


#: Rows of each column.
N_ROWS = 80

_NUMBERS = np.sin(np.arange(N_ROWS)) * 3.0
_DAYS = np.datetime64("2024-01-01") + np.arange(N_ROWS).astype("m8[D]")
_PARTS = ["week", "week / 2", "week / 3", "year", "year / 2", "year / 3", "year / 4"]
_OF_DAYS = [f"c: {wave} of {part}" for part in _PARTS for wave in ("sin", "cos")]
_LEVELS = [f"level{j % 40:02d}" for j in range(N_ROWS)]

#: They have to do with the targets of the tests, cos(j).
_NAMES = [
    f"{'Anna' if math.cos(j) > 0 else 'Bert'} {['York', 'Kent', 'Essex'][j % 3]}, {j}"
    if j % 8
    else None
    for j in range(N_ROWS)
]

#: Each class that reads a column, and each that encodes it, at least once.
COLUMN_KINDS = {
    "numbers": ColumnCase(_NUMBERS, "NumberColumn", "Numbers", ["c"]),
    "numbers with gaps": ColumnCase(
        np.where(_NUMBERS > 2.0, np.nan, _NUMBERS), "NumberColumn", "Numbers", ["c", "c missing"]
    ),
    "dates": ColumnCase(_DAYS, "DateColumn", "Dates", ["c", *_OF_DAYS]),
    "text of numbers": ColumnCase(
        [f"{1000 * x:,.2f}€" if x < 2.5 else "n/a" for x in _NUMBERS],
        "SpelledNumberColumn",
        "Numbers",
        ["c", "c missing"],
    ),
    "text of dates": ColumnCase(
        [f"{day:%d/%m/%Y}" for day in _DAYS.tolist()],
        "SpelledDateColumn",
        "Dates",
        ["c", *_OF_DAYS],
    ),
    "yes and no": ColumnCase(
        ["Yes", "No", "yes", "NO"] * (N_ROWS // 4), "YesNoColumn", "Binary", ["c=Yes"]
    ),
    "nothing": ColumnCase([None] * N_ROWS, "EmptyColumn", "Constant", ["c"]),
    "one level": ColumnCase(["a"] * N_ROWS, "CategoryColumn", "Constant", ["c"]),
    "two levels": ColumnCase(["a", "b"] * (N_ROWS // 2), "CategoryColumn", "Binary", ["c=b"]),
    "a level and gaps": ColumnCase(
        ["a", None] * (N_ROWS // 2), "CategoryColumn", "OneHot", ["c=a", "c missing"]
    ),
    "free text": ColumnCase(
        _NAMES,
        "FreeTextColumn",
        "Texts",
        [*(f"c: text {i}" for i in range(7)), "c missing"],
    ),
    "many levels": ColumnCase(_LEVELS, "CategoryColumn", "Embedded", [f"c[{i}]" for i in range(7)]),
}
