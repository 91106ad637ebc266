"""Text that stays text though most of it spells numbers: what the user is told of it.

In: the distinct texts of a column that is not read as numbers. Out: what keeps it from that, units
or other texts; or nothing, where they are names.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...quoting import quoted_list
from .marks import Share, are_marks
from .names import FEW, rule_of_names
from .number_parts import Parts, parts_of
from .numbers import LOOK, MARKS, FoundNumbers, Numbers, are_addresses

#: At least this part of the rows spells numbers: of the Titanic's tickets, which are names, 0.74.
LEAST_NUMBERS = 0.8

#: Texts and units that are shown; words that are more than these are no units ("5 Smith Street").
MOST_SHOWN, MOST_UNITS = 3, 5


def nearly_numbers(texts: Sequence[str], counts: np.ndarray, name: str) -> str:
    """What keeps the text from being read as numbers, for a message; "" if it is no such text.

    Parameters
    ----------
    texts : sequence of str
        Distinct.
    counts : ndarray
        Rows of each.
    name : str
        Of the column.
    """
    look = texts[:LOOK]
    if len(texts) <= FEW or 2 * sum(parts_of(text) is not None for text in look) < len(look):
        return ""
    parts = [parts_of(text) for text in texts]
    if are_addresses(parts):
        return ""
    found = _numbers_of_any_unit(texts, counts, parts)
    n_read = found.share.n_read
    if n_read < LEAST_NUMBERS * (n_read + found.share.n_others):
        return ""
    units = {p.unit for p in parts if p is not None}
    if len(units) > MOST_UNITS or rule_of_names(found, counts, name):
        return ""
    return _what_keeps_it(texts, counts, found)


def _numbers_of_any_unit(
    texts: Sequence[str], counts: np.ndarray, parts: Sequence[Parts | None]
) -> FoundNumbers:
    """The numbers by the marks that read most, each with its own unit and currency."""
    bare = [None if p is None else p._replace(unit="", currency="") for p in parts]
    found = []
    for thousands, decimal in MARKS:
        by = Numbers(thousands, decimal)
        numbers = by.numbers(bare)
        found.append(FoundNumbers(by, numbers, parts, Share(texts, counts, ~np.isnan(numbers))))
    return max(found, key=lambda one: one.share.n_read)


def _what_keeps_it(texts: Sequence[str], counts: np.ndarray, found: FoundNumbers) -> str:
    read = ~np.isnan(found.numbers)
    there = [p for p, r in zip(found.parts, read.tolist(), strict=True) if r and p is not None]
    said = f"is left as text, though {found.share.told} spells numbers"
    for what, names in (
        ("units", [p.unit for p in there]),
        ("currencies", [p.currency for p in there]),
    ):
        several = sorted({name for name in names if name})
        if len(several) > 1:
            more = ", ..." if len(several) > MOST_SHOWN else ""
            shown = f"{quoted_list(several[:MOST_SHOWN])}{more}"
            return f"{said}, of several {what} ({shown}): convert it to numbers of one"
    others = np.where(read | are_marks(texts), 0, counts)
    most = np.argsort(-others, kind="stable")[:MOST_SHOWN].tolist()
    shown = quoted_list(texts[i] for i in most if others[i])
    if not shown:
        return f"{said}, with a unit in some rows and without in others: convert it to numbers"
    more = ", ..." if np.count_nonzero(others) > MOST_SHOWN else ""
    return f"{said}, and not {shown}{more}: convert it to numbers, with those as missing"
