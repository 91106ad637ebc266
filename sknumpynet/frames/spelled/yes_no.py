"""Text that says yes or no, however it is spelled.

In: the distinct texts of a column. Out: 1 for no, 2 for yes, the codes of a category of these two
levels in sorted order; 0 for anything else, which is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .marks import Share, folded

#: Words for no and yes that may stand in one column.
PAIRS = (
    (("no", "n"), ("yes", "y")),
    (("false", "f"), ("true", "t")),
    (("off",), ("on",)),
)


@dataclass(frozen=True)
class YesNo:
    """What says no and what says yes.

    Parameters
    ----------
    no, yes : tuple of str
        Folded.
    levels : tuple of str
        What most rows of fit have for no, and for yes.
    """

    no: tuple[str, ...]
    yes: tuple[str, ...]
    levels: tuple[str, str]

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """The codes of the texts."""
        codes = dict.fromkeys(self.no, 1.0) | dict.fromkeys(self.yes, 2.0)
        return np.array([codes.get(folded(text), 0.0) for text in texts])


def find_yes_no(texts: Sequence[str], counts: np.ndarray) -> tuple[YesNo, np.ndarray, Share] | None:
    """How the texts say yes and no, their codes, and how many do; None if they do not.

    All that is no missing mark must say it: a rare third level is a level.
    """
    if any(len(text) > LONGEST for text in texts[:LOOK]):
        return None
    for no, yes in PAIRS:
        codes = YesNo(no, yes, ("", "")).read(texts)
        if {1.0, 2.0} <= set(codes.tolist()):
            share = Share(texts, counts, codes > 0)
            if share.n_others:
                return None
            # Rows of each, and of texts that have as many the first in sorted order.
            levels = (_most(texts, counts, codes == 1), _most(texts, counts, codes == 2))
            return YesNo(no, yes, levels), codes, share
    return None


#: Texts that are looked at first, and the longest of them: "not available".
LOOK, LONGEST = 8, 30


def _most(texts: Sequence[str], counts: np.ndarray, mask: np.ndarray) -> str:
    places = np.flatnonzero(mask).tolist()
    return min((-counts[i], texts[i].strip()) for i in places)[1]
