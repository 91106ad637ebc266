"""Kinds of columns that the package does not have, each as one class.

In: nothing. Out: classes for the tables of kinds, which tests put there, and a case for each as in
:mod:`.columns`.
"""

import zlib

import numpy as np

from sknumpynet.frames.columns import ReadColumn

from .columns import N_ROWS, ColumnCase


class HashedText(ReadColumn):
    """Text of several words: how often each of 64 hashes is among them."""

    width, missing, is_small = 64, 0.0, True

    @staticmethod
    def takes(values, category):
        several = values.family == "text" and " " in "".join(values.data.tolist())
        return category is None and several

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
