"""Marks that stand for a missing value, and how much else may be missing beside them.

In: distinct texts, and how many rows have each. Out: which of them are missing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...quoting import quoted

#: Folded by :func:`folded`. pandas reads half of them as missing, other programs write the rest.
MARKS = frozenset(
    {
        *("", "?", "??", "???", "-", "--", "---", "–", "—", ".", "..", "...", "*", "/", "_", "#"),
        *("na", "n/a", "n.a.", "n.a", "#n/a", "#na", "<na>", "#n/a n/a", "nat", "nd", "n/d"),
        *("nan", "-nan", "+nan", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind", "#value!", "#div/0!"),
        *("inf", "-inf", "+inf", "infinity", "-infinity", "#ref!", "#num!", "#name?", "#null!"),
        *("null", "(null)", "none", "nil", "\\n", "unknown", "unk", "missing", "(blank)", "blank"),
        *("0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "0000-00-00t00:00:00"),
        *("not available", "not applicable", "not known", "undefined", "tbd", "tba", "void"),
    }
)

#: Of the rows that are there, so many may be neither read nor one of the marks.
MOST_OTHERS = 0.05


def folded(text: str) -> str:
    """Without blanks around it, and without case."""
    return text.strip().casefold()


def are_marks(texts: Sequence[str]) -> np.ndarray:
    """Which of the texts stand for a missing value."""
    return np.array([len(text) < 30 and folded(text) in MARKS for text in texts], dtype=bool)


class Share:
    """How many rows of a column are read as something, and which are not.

    Parameters
    ----------
    texts : sequence of str
    counts : ndarray
        Rows of each.
    read : ndarray of bool
        Those that are read.
    beside : int
        Rows that hold no text, but what it is read as.
    """

    def __init__(
        self, texts: Sequence[str], counts: np.ndarray, read: np.ndarray, beside: int = 0
    ) -> None:
        self._texts, self._counts = texts, counts
        marks = are_marks(texts) & ~read
        self._others = ~read & ~marks
        self.n_read = int(counts[read].sum()) + beside
        self.n_others = int(counts[self._others].sum())
        self.n_unread = self.n_others + int(counts[marks].sum())

    @property
    def is_enough(self) -> bool:
        """Whether nearly all that is no missing mark is read."""
        return self.n_read > 0 and self.n_others <= MOST_OTHERS * (self.n_read + self.n_others)

    @property
    def told(self) -> str:
        """How many rows are read, in percent of those that hold no missing mark."""
        percent = 100.0 * self.n_read / max(self.n_read + self.n_others, 1)
        return "all of it" if not self.n_others else f"{min(percent, 99.9):.3g} %"

    @property
    def doubt(self) -> str:
        """What counts as missing though it is no known mark; "" if nothing does."""
        if not self.n_others:
            return ""
        most = np.argsort(-np.where(self._others, self._counts, 0), kind="stable")
        shown = [quoted(self._texts[i]) for i in most[:3].tolist() if self._others[i]]
        more = ", ..." if self._others.sum() > len(shown) else ""
        rows = "row counts" if self.n_others == 1 else "rows count"
        return f"{self.n_others} {rows} as missing: {', '.join(shown)}{more}"
