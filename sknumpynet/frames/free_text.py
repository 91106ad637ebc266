"""Free text: names, titles, descriptions, of which nearly every row has one of its own.

In: texts. Out: a vector for each row, NaN where the text is missing. Ids are no free text: they
have no words.
"""

from __future__ import annotations

import re

import numpy as np

from .families import Values
from .read_column import ReadColumn, ReadOptions
from .table_columns import TableColumn
from .text_vectors import MOST_LETTERS, TextVectors, evenly, learn_vectors

#: Letters alone, between blanks and marks: there is none in "A/5 21171" or "4f2a-00c1".
WORD = re.compile(r"\b[^\W\d_]{2,}\b")

#: Texts of a column that are looked at for words.
LOOKED_AT = 1000

#: Distinct texts for each number of a vector.
TEXTS_PER_NUMBER = 10

#: At least this part of the rows has a text that is rare.
LEAST_RARE = 0.9


class FreeTextColumn(ReadColumn):
    """A text becomes its vector."""

    kind = "text"
    why_left_out = "its text says nothing of y"
    is_small = True

    def __init__(self, name: str, values: Values, vectors: TextVectors, why: str = "") -> None:
        # Read as levels, which are text also where all of some rows spell numbers.
        super().__init__(name, values, True)
        self._vectors, self.width, self.why = vectors, vectors.width, why

    @classmethod
    def learned(
        cls,
        name: str,
        values: Values,
        category: bool | None,
        declared: bool,
        options: ReadOptions,
    ) -> FreeTextColumn | None:
        if category is not None or values.family != "text":
            return None
        n_components = min(options.text_components, len(values.data) // TEXTS_PER_NUMBER)
        rare = _share_of_rare(values, options.min_frequency)
        if n_components < 1 or rare <= LEAST_RARE:
            return None
        texts = values.data.tolist()
        vectors = learn_vectors(texts, n_components) if have_words(texts) else None
        why = f"free text: several words, rare in {100.0 * rare:.0f} % of the rows"
        return None if vectors is None else cls(name, values, vectors, why)

    @property
    def becomes(self) -> list[TableColumn]:
        return [TableColumn(self.name, self.kind)] * self.width

    def numbers(self, values: Values) -> np.ndarray:
        vectors = self._vectors.of(values.data.tolist())
        # The last one is for the place -1.
        missing = np.full((1, self.width), self.missing, dtype=vectors.dtype)
        found = np.concatenate([vectors, missing])[values.places]
        return found if self.width > 1 else found[:, 0]


def _share_of_rare(values: Values, min_frequency: float) -> float:
    """Of the rows that have a text, how many have one that fewer than ``min_frequency`` have."""
    counts = values.times
    return float(counts[counts < min_frequency].sum() / counts.sum())


def have_words(texts: list[str]) -> bool:
    """Whether at least half of the texts have two words."""
    some = evenly(texts, LOOKED_AT)
    return 2 * sum(_n_words(text[:MOST_LETTERS]) >= 2 for text in some) >= len(some)


def _n_words(text: str) -> int:
    """A script without capitals may write no blanks: two of its letters are a word."""
    words = WORD.findall(text)
    return sum(len(word) // 2 if word.upper() == word.lower() else 1 for word in words)
