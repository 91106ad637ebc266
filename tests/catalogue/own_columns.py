"""Kinds of columns that the package does not have, each as one class.

In: nothing. Out: classes for the tables of kinds, which tests put there, and a case for each as in
:mod:`.columns`.
"""

import zlib
from dataclasses import replace

import numpy as np

from sknumpynet.encoding import Change
from sknumpynet.encoding.categories import Coded
from sknumpynet.encoding.dates import Dates
from sknumpynet.encoding.numbers import Numbers
from sknumpynet.frames.columns import ReadColumn

from .columns import COLUMN_KINDS, N_ROWS, ColumnCase


class HashedText(ReadColumn):
    """Text of several words without commas: how often each of 64 hashes is among them."""

    width, missing, is_small = 64, 0.0, True

    @staticmethod
    def takes(values, category):
        letters = set("".join(values.data.tolist())) if values.family == "text" else set()
        return category is None and " " in letters and "," not in letters

    def numbers(self, values):
        counts = np.zeros((len(values.data) + 1, self.width), dtype=np.float32)
        for row, text in zip(counts, values.data.tolist(), strict=False):
            for word in text.split():
                row[zlib.crc32(word.encode()) % self.width] += 1.0
        return counts[values.places]


class Money(ReadColumn):
    """Text that spells sums of money."""

    @staticmethod
    def takes(values, category):
        dollars = values.family == "text" and all(v[0] == "$" for v in values.data.tolist())
        return category is None and dollars

    def numbers(self, values):
        sums = [float(text.lstrip("$").replace(",", "")) for text in values.data.tolist()]
        return np.array([*sums, np.nan])[values.places]


class Parts(ReadColumn):
    """Text that is three categories, one for each letter."""

    width, kind, missing, is_small = 3, "category", 0.0, True

    def __init__(self, name, values, category, declared):
        super().__init__(name, values, category, declared)
        self.levels = tuple(sorted({letter for text in values.data for letter in text}))

    @staticmethod
    def takes(values, category):
        return category is None and values.family == "text" and {3} == set(map(len, values.data))

    def numbers(self, values):
        codes = [[1 + self.levels.index(c) for c in text] for text in values.data.tolist()]
        return np.array([*codes, [0] * 3])[values.places]


WORDS = np.array(["red", "green", "blue", "warm", "cold", "old", "new"])
_TEXTS = [" ".join(WORDS[[j % 7, j % 5, j % 3]]) for j in range(N_ROWS)]
TEXT = ColumnCase(_TEXTS, "HashedText", "Numbers", [f"c[{i}]" for i in range(64)])
MONEY = ColumnCase([f"${j},234,567.89" for j in range(1, 81)], "Money", "Numbers", ["c"])
PARTS = ColumnCase(
    [["xax", "yax", "xby"][j % 3] for j in range(N_ROWS)],
    "Parts",
    "Binary",
    ["c[0]=y", "c[1]=b", "c[2]=y"],
)

#: Kinds that are read so, each with its case.
OWN_COLUMNS = {HashedText: TEXT, Money: MONEY, Parts: PARTS}


class Known(Change):
    """Training rows have what was computed for each of them."""

    def __init__(self, values):
        self.values = values

    def __call__(self, encoded, where):
        encoded[...] = self.values[where]


class TargetStatistics(Coded):
    """Each level becomes the mean of its targets; of training rows, of those of earlier ones.

    Ordered target statistics (Prokhorenkova et al. 2018), in a random order, with a row of the mean
    of all for a beginning.
    """

    def tabulate(self, column, table):
        table[column.kept] = np.arange(1, len(column.kept) + 1)
        self.names.append(f"{column.name} mean")

    @staticmethod
    def takes(column, options):
        return column.kind == "category" and len(column.kept) > 2

    def fit(self, X, rows, columns, y=None):
        self.n_levels, self.n_numbers = 1 + self._table.max(), self.n_columns
        self.mean = y[rows.index, 0].mean()
        self.means = np.empty((self.n_levels, self.n_columns))
        for j, codes in enumerate(self.look_up(X[rows.index]).T):
            sums = np.bincount(codes, y[rows.index, 0], self.n_levels)
            counts = np.bincount(codes, minlength=self.n_levels)
            self.means[:, j] = (sums + self.mean) / (counts + 1)
        return self

    def encode(self, block, out):
        out[...] = self.means[self.look_up(block), np.arange(self.n_columns)]

    def in_training(self, X, rows, y, generator):
        codes, order = self.look_up(X[rows.index]), generator().permutation(len(rows.index))
        values = np.empty(codes.shape)
        for j in range(self.n_columns):
            sums, counts = np.full(self.n_levels, self.mean), np.ones(self.n_levels)
            for i in order:
                code = codes[i, j]
                values[i, j] = sums[code] / counts[code]
                sums[code] += y[rows.index[i], 0]
                counts[code] += 1
        return Known(values)


class Noise(Change):
    """Training rows are each time somewhere else."""

    drawn = True

    def __init__(self, generator):
        self.generator = generator

    def __call__(self, encoded, where):
        encoded += self.generator.normal(0.0, 0.5, encoded.shape)


class NoisyNumbers(Numbers):
    """Numbers that have noise in training."""

    def in_training(self, X, rows, y, generator):
        return Noise(generator())


class Masked(Change):
    """Of training rows half the columns are at their centre."""

    drawn = True

    def __init__(self, generator):
        self.generator = generator

    def __call__(self, encoded, where):
        encoded *= self.generator.random(encoded.shape) < 0.5


class MaskedDates(Dates):
    """Dates that are at times not there in training."""

    def in_training(self, X, rows, y, generator):
        return Masked(generator())


STATISTICS = ColumnCase(
    COLUMN_KINDS["many levels"].values, "CategoryColumn", "TargetStatistics", ["c mean"]
)
NOISY = replace(COLUMN_KINDS["numbers with gaps"], encoded_by="NoisyNumbers")
MASKED = replace(COLUMN_KINDS["dates"], encoded_by="MaskedDates")

#: Kinds that are encoded otherwise in training.
OWN_GROUPS = {TargetStatistics: STATISTICS, NoisyNumbers: NOISY, MaskedDates: MASKED}
