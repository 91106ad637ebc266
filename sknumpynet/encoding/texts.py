"""Free text: its vectors, as a whole in one scale, and whether they have to do with the target.

In: columns of the table that are vectors of texts, NaN where one is missing. Out: the same about
their mean, 0 where missing, then a 0/1 column for each text that was missing in training.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import fdtrc

from ..matrix import Matrix
from ..rows import Rows, row_blocks
from .group import ColumnGroup, Options, Trained
from .scaling import bound
from .statistics import moments

#: Length of a vector about the mean, as root mean square over the rows. A column of numbers has 1,
#: and 30 of that size are learned by heart. See DECISIONS: free text.
SIZE = 0.15

#: Vectors smaller than this are all the same but for rounding.
NO_SIZE = 1e-6

#: Texts are left out if chance alone explains the target as well as often as this.
LEAST_CHANCE = 0.01

#: Of more classes these, the most frequent ones, are looked at.
MOST_CLASSES = 20


class Texts(ColumnGroup):
    """Vectors of all texts, then "missing" columns."""

    def __init__(self, columns: Sequence[Trained], options: Options) -> None:
        super().__init__(columns, options)
        self.missing_indicator = options.missing_indicator

    @staticmethod
    def takes(column: Trained, options: Options) -> bool:
        return column.kind == "text"

    def fit(
        self, X: Matrix, rows: Rows, columns: Sequence[Trained], y: np.ndarray | None = None
    ) -> Texts:
        self._center, spread, gaps = moments(self.of(X), rows)
        _, first, text = np.unique(
            [column.column.source for column in columns], return_index=True, return_inverse=True
        )
        size = np.sqrt(np.bincount(text, weights=spread**2))
        self._factor = (SIZE / np.where(size > NO_SIZE, size, np.inf))[text]
        self._missing = np.intersect1d(first, gaps) if self.missing_indicator else gaps[:0]
        numbers = np.arange(len(columns)) - first[text]
        self.names = [
            f"{column.name}: text {i}" for column, i in zip(columns, numbers.tolist(), strict=True)
        ]
        self.names += [f"{columns[j].name} missing" for j in self._missing]
        self.sources = np.concatenate([self.index, self.index[self._missing]])
        self.n_columns = len(self.names)
        return self

    def becomes(self, place: int, n_inputs: int) -> str:
        return "free text"

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        x, n = self.of_block(block), len(self.index)
        out[:, n:] = np.isnan(x[:, self._missing])
        out[:, :n] = bound((x - self._center) * self._factor)


def unrelated(
    X: Matrix, rows: Rows, columns: Sequence[Trained], y: np.ndarray, options: Options
) -> set[int]:
    """Numbers of those columns that are of texts with nothing to say about the target.

    Each text alone is tried, by the F test of a linear fit. ``y`` are the encoded targets of all
    rows of X: numbers, or codes of classes.
    """
    found: set[int] = set()
    for source in dict.fromkeys(column.column.source for column in columns):
        own = [column for column in columns if column.column.source == source]
        text = Texts(own, options).fit(X, rows, own)
        if _chance(text, X, rows, y) > LEAST_CHANCE:
            found.update(text.index.tolist())
    return found


def _chance(text: Texts, X: Matrix, rows: Rows, y: np.ndarray) -> float:
    """The least p-value of the targets, times their number."""
    k = text.n_columns
    targets = _Targets(y, rows)
    products = np.zeros((1 + k + targets.n,) * 2)
    start = 0
    for block, weight in row_blocks(X, rows):
        index = rows.index[start : start + len(block)]
        all_of = np.ones((len(block), len(products)))
        text.encode(block, all_of[:, 1 : 1 + k])
        all_of[:, 1 + k :] = targets.of(index)
        products += (all_of.T * weight) @ all_of
        start += len(block)
    (products,) = rows.summed(products)
    # Sums of squares and products about the mean.
    total = products[0, 0]
    about = products[1:, 1:] - np.outer(products[0, 1:], products[0, 1:]) / total
    inner, cross, variances = about[:k, :k], about[:k, k:], np.diag(about[k:, k:])
    solution, _, rank, _ = np.linalg.lstsq(inner, cross, rcond=1e-9)
    explained = (solution * cross).sum(axis=0)
    # Weights below 1 count no rows.
    n_free = max(total, rows.n_rows) - rank - 1
    if rank == 0 or n_free <= 0:
        return 1.0
    varies = variances > 1e-12 * np.diag(products)[1 + k :]
    rest = np.maximum(variances - explained, 1e-12 * variances)[varies]
    chances = fdtrc(rank, n_free, np.maximum(explained[varies], 0.0) / rank / (rest / n_free))
    return float(chances.min(initial=1.0) * max(1, len(chances)))


class _Targets:
    """Targets as columns: numbers as they are, one of zeros and ones for each frequent class."""

    def __init__(self, y: np.ndarray, rows: Rows) -> None:
        self._y = y.reshape(len(y), -1)
        self._classes: list[tuple[int, int]] = []
        self.n = self._y.shape[1]
        if y.dtype.kind not in "iu":
            return
        for j, codes in enumerate(self._y[rows.index].T):
            n_codes = max(rows.each(int(codes.max(initial=0)))) + 1
            (counts,) = rows.summed(np.bincount(codes, minlength=n_codes))
            frequent = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
            self._classes += [(j, code) for code in frequent.tolist() if counts[code]]
        self.n = len(self._classes)

    def of(self, index: np.ndarray) -> np.ndarray:
        y = self._y[index]
        if not self._classes:
            return y
        return np.stack([y[:, j] == code for j, code in self._classes], axis=1)
